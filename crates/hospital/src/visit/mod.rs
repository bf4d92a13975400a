//! What is done with a patient, from the card on the counter to the invoice.

mod bill;
mod inpatient;
mod outpatient;
mod pharmacy;

use serde_json::{Value, json};
use wire::dictionary::rows;
use wire::moment;

use crate::draw::{Reason, Visit};
use crate::seat::{No, Seat, text};
use crate::town::Patient;

/// What the platform told of a person (1101).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The number shown at the counter.
    pub number: String,
    /// The person's number at the platform.
    pub psn_no: String,
    /// The insurance that runs.
    pub insutype: String,
    /// Where.
    pub insuplc: String,
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Settled.
    Settled,
    /// Called off, or taken back for good.
    Unsettled,
}

/// Reads a person's card; none for who is not insured.
pub async fn read_card(seat: &mut Seat, patient: &Patient) -> Result<Option<Card>, No> {
    seat.insuplc.clear();
    let input = json!({ "data": {
        "mdtrt_cert_type": "02", "mdtrt_cert_no": patient.number, "card_sn": "", "begntime": moment::spoken(seat.day.stamps.local()),
        "psn_cert_type": "01", "certno": patient.number, "psn_name": patient.name,
    } });
    let (_, output) = seat.ask("1101", input).await?;
    let runs =
        rows(&output, "insuinfo").into_iter().find(|row| matches!(text(row, "psn_insu_stas").as_str(), "" | "1"));
    let psn_no = text(&output["baseinfo"], "psn_no");
    Ok(runs.map(|row| Card {
        number: patient.number.clone(),
        psn_no,
        insutype: text(row, "insutype"),
        insuplc: text(row, "insuplc_admdvs"),
    }))
}

/// Treats a patient.
pub async fn treat(seat: &mut Seat, mut visit: Visit, card: &Card) -> Result<End, No> {
    seat.insuplc.clone_from(&card.insuplc);
    match visit.reason {
        Reason::Outpatient => outpatient::treat(seat, &mut visit, card).await,
        Reason::Inpatient => inpatient::treat(seat, &mut visit, card).await,
        Reason::Pharmacy => pharmacy::sell(seat, &mut visit, card).await,
    }
}

/// A number of this hospital that no other visit has: a letter, when the day began, the visit.
fn number(seat: &Seat, letter: char, visit: &Visit) -> String {
    format!("{letter}{}{:06}", seat.day.begun(), visit.nth)
}

/// The number of an invoice, of at most 20 places: the day, the visit, the batch.
fn invoice(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits.get(2..).unwrap_or(&digits).to_owned()
}

/// The fields that every settlement asks with.
fn asked(card: &Card, mdtrt_id: &str, total: i64) -> Value {
    json!({
        "psn_no": card.psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": card.number, "medfee_sumamt": wire::amount::yuan(total),
        "psn_setlway": "01", "mdtrt_id": mdtrt_id, "acct_used_flag": "0", "insutype": card.insutype,
    })
}
