//! A sale at a pharmacy: estimated, settled in one go, sometimes taken back.

use serde_json::{Value, json};
use wire::dictionary::rows;
use wire::{amount, moment};

use super::bill::{Bill, PHARMACY, reverse, settled};
use super::{Card, End, invoice, number};
use crate::check;
use crate::draw::Visit;
use crate::seat::{No, Seat};

/// Sells.
pub async fn sell(seat: &mut Seat, visit: &mut Visit, card: &Card) -> Result<End, No> {
    let sale = number(seat, 'P', visit);
    let now = moment::spoken(seat.day.stamps.local());
    let charges = visit.charges(&seat.day.catalogue().items, 1..=4);
    let line = |(nth, charge): (usize, &crate::draw::Charge)| {
        let mut line = charge.line(&format!("{sale}A{nth}"), "", &card.psn_no, &now);
        line["rx_circ_flag"] = json!("0");
        line
    };
    let lines: Vec<Value> = charges.iter().enumerate().map(line).collect();
    let total: i64 = charges.iter().map(crate::draw::Charge::amount).sum();
    let input = json!({
        "druginfo": {
            "psn_no": card.psn_no, "mdtrt_cert_type": card.shows, "mdtrt_cert_no": card.number, "begntime": now,
            "medfee_sumamt": amount::yuan(total), "invono": invoice(&sale), "insutype": card.insutype, "acct_used_flag": "0", "med_type": "41",
        },
        "drugdetail": lines,
    });
    let (msgid, estimate) = seat.ask("2101", input.clone()).await?;
    let split = |output: &Value| Bill { lines: rows(output, "detlcutinfo").into_iter().cloned().collect() };
    let bill = split(&estimate);
    let rules = &seat.day.plan.platform.profile.identities;
    seat.held("2101", &msgid, check::settlement(rules, &estimate, &bill.lines));
    let (msgid, output) = seat.ask("2102", input).await?;
    let bill = split(&output);
    seat.held("2102", &msgid, check::split(&lines, &bill.lines));
    // The number of the visit is made by the sale itself.
    let asked = json!({ "psn_no": card.psn_no, "mdtrt_id": output["setlinfo"]["mdtrt_id"] });
    settled(seat, "2102", &msgid, (&estimate, &output), &asked, &bill, card);
    if !visit.happens(seat.day.plan.habits.reverse) {
        return Ok(End::Settled);
    }
    reverse(seat, PHARMACY, &output).await?;
    Ok(End::Unsettled)
}
