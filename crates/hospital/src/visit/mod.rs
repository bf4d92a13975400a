//! What is done with a patient, from the card on the counter to the invoice.

mod bill;
mod filing;
mod inpatient;
mod outpatient;
mod pharmacy;
mod review;
mod sheet;

pub use bill::{INPATIENT, Kind, OUTPATIENT, PHARMACY, reverse};
pub use inpatient::Stay;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::dictionary::rows;
use wire::moment;

use crate::draw::{Reason, Visit};
use crate::seat::{No, Seat, text};
use crate::town::Patient;

/// What the platform told of a person (1101).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The number shown at the counter.
    pub number: String,
    /// The person's number at the platform.
    pub psn_no: String,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// Day of birth.
    #[serde(default)]
    pub born: String,
    /// Ethnic group, where it is told.
    #[serde(default)]
    pub naty: String,
    /// The insurance that runs.
    pub insutype: String,
    /// Where.
    pub insuplc: String,
    /// Sex, by its code.
    pub gend: String,
    /// Age in whole years.
    pub years: u32,
    /// What is shown: an electronic voucher (01), an identity card (02), a card (03).
    pub shows: String,
}

impl Card {
    /// Whether a woman of an age to bear.
    pub fn may_bear(&self) -> bool {
        self.gend == "2" && (18..=45).contains(&self.years)
    }
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Settled.
    Settled,
    /// Called off, or taken back for good.
    Unsettled,
    /// Goes on tomorrow.
    Overnight,
    /// Settled; the person died.
    Died,
}

/// Reads a person's card; none for who is not insured.
pub async fn read_card(seat: &mut Seat, patient: &Patient) -> Result<Option<Card>, No> {
    seat.insuplc.clear();
    let shows = patient.shows.as_deref().unwrap_or("02");
    let input = json!({ "data": {
        "mdtrt_cert_type": shows, "mdtrt_cert_no": patient.number, "card_sn": if shows == "03" { "1" } else { "" },
        "begntime": moment::spoken(seat.day.stamps.local()), "psn_cert_type": "01", "certno": patient.number, "psn_name": patient.name,
    } });
    let (_, output) = seat.ask("1101", input).await?;
    let runs =
        rows(&output, "insuinfo").into_iter().find(|row| matches!(text(row, "psn_insu_stas").as_str(), "" | "1"));
    let base = &output["baseinfo"];
    Ok(runs.map(|row| Card {
        number: patient.number.clone(),
        psn_no: text(base, "psn_no"),
        name: patient.name.clone(),
        born: text(base, "brdy"),
        naty: text(base, "naty"),
        insutype: text(row, "insutype"),
        insuplc: text(row, "insuplc_admdvs"),
        gend: text(base, "gend"),
        years: text(base, "age").split('.').next().and_then(|years| years.parse().ok()).unwrap_or_default(),
        shows: shows.to_owned(),
    }))
}

/// Treats a patient.
pub async fn treat(seat: &mut Seat, mut visit: Visit, card: &Card) -> Result<End, No> {
    seat.insuplc.clone_from(&card.insuplc);
    match visit.reason {
        Reason::Outpatient | Reason::Emergency | Reason::Special => outpatient::treat(seat, &mut visit, card).await,
        Reason::Inpatient | Reason::DaySurgery => inpatient::treat(seat, &mut visit, card).await,
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
        "psn_no": card.psn_no, "mdtrt_cert_type": card.shows, "mdtrt_cert_no": card.number, "medfee_sumamt": wire::amount::yuan(total),
        "psn_setlway": "01", "mdtrt_id": mdtrt_id, "acct_used_flag": "0", "insutype": card.insutype,
    })
}
