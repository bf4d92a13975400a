//! An outpatient visit: registered, described, charged in one batch or several, each estimated and settled by itself.

use serde_json::{Value, json};
use wire::moment;

use super::bill::{Bill, Kind, reverse, settle};
use super::{Card, End, asked, invoice, number};
use crate::draw::{Charge, Visit};
use crate::seat::{No, Seat, text};

const KIND: Kind = Kind { estimate: "2206", settle: "2207", reverse: "2208" };

/// Treats a patient.
pub async fn treat(seat: &mut Seat, visit: &mut Visit, card: &Card) -> Result<End, No> {
    let habits = seat.day.plan.habits;
    let ipt_otp_no = number(seat, 'M', visit);
    let mdtrt_id = register(seat, card, &ipt_otp_no).await?;
    if visit.happens(habits.cancel) {
        let input = json!({ "data": { "psn_no": card.psn_no, "mdtrt_id": mdtrt_id, "ipt_otp_no": ipt_otp_no } });
        seat.ask("2202", input).await?;
        return Ok(End::Unsettled);
    }
    if !habits.bare {
        describe(seat, visit, card, &mdtrt_id).await?;
    }
    let mut batches = 1;
    while batches < 3 && visit.happens(habits.batches) {
        batches += 1;
    }
    let mut end = End::Settled;
    for batch in 1..=batches {
        let batch = Batch { card, mdtrt_id: &mdtrt_id, no: format!("{ipt_otp_no}-{batch}") };
        end = batch.run(seat, visit).await?;
    }
    Ok(end)
}

async fn register(seat: &mut Seat, card: &Card, ipt_otp_no: &str) -> Result<String, No> {
    let input = json!({ "data": {
        "psn_no": card.psn_no, "insutype": card.insutype, "begntime": moment::spoken(seat.day.stamps.local()), "mdtrt_cert_type": "02",
        "mdtrt_cert_no": card.number, "ipt_otp_no": ipt_otp_no, "atddr_no": "D990100000001", "dr_name": "医师甲", "dept_code": "A03",
        "dept_name": "内科", "caty": "A03",
    } });
    let (_, output) = seat.ask("2201", input).await?;
    let mdtrt_id = text(&output["data"], "mdtrt_id");
    seat.day.ledger.borrow_mut().opened(&mdtrt_id);
    Ok(mdtrt_id)
}

async fn describe(seat: &mut Seat, visit: &mut Visit, card: &Card, mdtrt_id: &str) -> Result<(), No> {
    let (code, name) = visit.diagnosis();
    let now = moment::spoken(seat.day.stamps.local());
    let input = json!({
        "mdtrtinfo": { "mdtrt_id": mdtrt_id, "psn_no": card.psn_no, "med_type": "11", "begntime": now, "main_cond_dscr": name },
        "diseinfo": [{
            "diag_type": "1", "diag_srt_no": 1, "diag_code": code, "diag_name": name, "diag_dept": "内科",
            "dise_dor_no": "D990100000001", "dise_dor_name": "医师甲", "diag_time": now, "vali_flag": "1",
        }],
    });
    seat.ask("2203", input).await.map(drop)
}

/// A batch of charges of a visit.
struct Batch<'v> {
    card: &'v Card,
    mdtrt_id: &'v str,
    no: String,
}

impl Batch<'_> {
    async fn run(&self, seat: &mut Seat, visit: &mut Visit) -> Result<End, No> {
        let habits = seat.day.plan.habits;
        let charges = visit.charges(&seat.day.items, 1..=5);
        let mut bill = self.charge(seat, &charges, "A").await?;
        if visit.happens(habits.strike) {
            self.strike(seat, &self.no).await?;
            bill = self.charge(seat, &charges, "B").await?;
        }
        let mut asked = asked(self.card, self.mdtrt_id, bill.total());
        asked["med_type"] = json!("11");
        asked["chrg_bchno"] = json!(self.no);
        asked["invono"] = json!(invoice(&self.no));
        let standing = settle(seat, KIND, &asked, &bill, self.card).await?;
        if !visit.happens(habits.reverse) {
            return Ok(End::Settled);
        }
        reverse(seat, KIND, &standing).await?;
        if visit.happens(50) {
            // "0000": all that is not settled.
            self.strike(seat, "0000").await?;
            return Ok(End::Unsettled);
        }
        settle(seat, KIND, &asked, &bill, self.card).await?;
        Ok(End::Settled)
    }

    async fn charge(&self, seat: &mut Seat, charges: &[Charge], round: &str) -> Result<Bill, No> {
        let now = moment::spoken(seat.day.stamps.local());
        let line = |(nth, charge): (usize, &Charge)| {
            let sn = format!("{}{round}{nth}", self.no);
            let mut line = charge.line(&sn, self.mdtrt_id, &self.card.psn_no, &now);
            line["chrg_bchno"] = json!(self.no);
            line["rx_circ_flag"] = json!("0");
            line
        };
        let lines: Vec<Value> = charges.iter().enumerate().map(line).collect();
        let mut bill = Bill::default();
        bill.charge(seat, "2204", lines).await?;
        Ok(bill)
    }

    async fn strike(&self, seat: &mut Seat, batch: &str) -> Result<(), No> {
        let input = json!({ "data": { "mdtrt_id": self.mdtrt_id, "chrg_bchno": batch, "psn_no": self.card.psn_no } });
        seat.ask("2205", input).await.map(drop)
    }
}
