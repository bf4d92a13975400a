//! An outpatient visit, an emergency, or one for a special disease: registered, described, charged in one batch or several,
//! each estimated and settled by itself. What is refused on the way is struck and called off.

use serde_json::{Value, json};
use wire::moment;

use super::bill::{Bill, OUTPATIENT, reverse, settle};
use super::review::Case;
use super::{Card, End, asked, filing, invoice, number};
use crate::catalogue::Term;
use crate::draw::{Charge, Reason, Visit};
use crate::seat::{No, Seat, text};

/// Treats a patient.
pub async fn treat(seat: &mut Seat, visit: &mut Visit, card: &Card) -> Result<End, No> {
    let habits = seat.day.plan.habits;
    let disease = match visit.reason {
        Reason::Special => filing::special(seat, visit, card).await?,
        _ => None,
    };
    let ipt_otp_no = number(seat, 'M', visit);
    let mdtrt_id = register(seat, card, &ipt_otp_no).await?;
    let mut call = Call { card, mdtrt_id, ipt_otp_no, med_type: "11", disease };
    if visit.happens(habits.cancel) {
        call.cancel(seat).await?;
        return Ok(End::Unsettled);
    }
    call.med_type = match visit.reason {
        Reason::Emergency => "13",
        _ if call.disease.is_some() => "14",
        _ => "11",
    };
    let treated = call.treated(seat, visit).await;
    if let Err(No::Refused(_)) = treated {
        // Nothing is left hanging: the platform refuses in turn where a batch is settled already.
        _ = call.strike(seat, "0000").await;
        _ = call.cancel(seat).await;
    }
    treated
}

async fn register(seat: &mut Seat, card: &Card, ipt_otp_no: &str) -> Result<String, No> {
    let input = json!({ "data": {
        "psn_no": card.psn_no, "insutype": card.insutype, "begntime": moment::spoken(seat.day.stamps.local()), "mdtrt_cert_type": card.shows,
        "mdtrt_cert_no": card.number, "ipt_otp_no": ipt_otp_no, "atddr_no": "D990100000001", "dr_name": "医师甲", "dept_code": "A03",
        "dept_name": "内科", "caty": "A03",
    } });
    let (_, output) = seat.ask("2201", input).await?;
    let mdtrt_id = text(&output["data"], "mdtrt_id");
    seat.day.ledger.borrow_mut().opened(&mdtrt_id);
    Ok(mdtrt_id)
}

/// A visit that is registered.
struct Call<'v> {
    card: &'v Card,
    mdtrt_id: String,
    ipt_otp_no: String,
    med_type: &'static str,
    /// The special disease it is for.
    disease: Option<Term>,
}

impl Call<'_> {
    async fn treated(&self, seat: &mut Seat, visit: &mut Visit) -> Result<End, No> {
        let habits = seat.day.plan.habits;
        if !habits.bare {
            self.describe(seat, visit).await?;
        }
        let mut batches = 1;
        while batches < 3 && visit.happens(habits.batches) {
            batches += 1;
        }
        let mut end = End::Settled;
        for batch in 1..=batches {
            end = self.batch(seat, visit, &format!("{}-{batch}", self.ipt_otp_no)).await?;
        }
        Ok(end)
    }

    async fn describe(&self, seat: &mut Seat, visit: &mut Visit) -> Result<(), No> {
        let Term { code, name } = visit.diagnosis(&seat.day.catalogue().diagnoses, self.card);
        let now = moment::spoken(seat.day.stamps.local());
        let mut input = json!({
            "mdtrtinfo": { "mdtrt_id": self.mdtrt_id, "psn_no": self.card.psn_no, "med_type": self.med_type, "begntime": now, "main_cond_dscr": name },
            "diseinfo": [{
                "diag_type": "1", "diag_srt_no": 1, "diag_code": code, "diag_name": name, "diag_dept": "内科",
                "dise_dor_no": "D990100000001", "dise_dor_name": "医师甲", "diag_time": now, "vali_flag": "1",
            }],
        });
        if let Some(disease) = &self.disease {
            input["mdtrtinfo"]["dise_codg"] = json!(disease.code);
            input["mdtrtinfo"]["dise_name"] = json!(disease.name);
        }
        seat.ask("2203", input).await.map(drop)
    }

    /// A batch of charges.
    async fn batch(&self, seat: &mut Seat, visit: &mut Visit, no: &str) -> Result<End, No> {
        let habits = seat.day.plan.habits;
        let charges = visit.charges(&seat.day.catalogue().items, 1..=5);
        if visit.happens(habits.review) {
            self.case(seat, visit, &charges).await?;
        }
        let mut bill = self.charge(seat, &charges, (no, "A")).await?;
        if visit.happens(habits.strike) {
            self.strike(seat, no).await?;
            bill = self.charge(seat, &charges, (no, "B")).await?;
        }
        let mut asked = asked(self.card, &self.mdtrt_id, bill.total());
        asked["med_type"] = json!(self.med_type);
        asked["chrg_bchno"] = json!(no);
        asked["invono"] = json!(invoice(no));
        let settled = settle(seat, OUTPATIENT, &asked, &bill, self.card).await?;
        if !visit.happens(habits.reverse) {
            return Ok(End::Settled);
        }
        reverse(seat, OUTPATIENT, &settled).await?;
        if visit.happens(50) {
            // "0000": all that is not settled.
            self.strike(seat, "0000").await?;
            return Ok(End::Unsettled);
        }
        settle(seat, OUTPATIENT, &asked, &bill, self.card).await?;
        Ok(End::Settled)
    }

    /// Puts what is ordered to review before it is charged.
    async fn case(&self, seat: &mut Seat, visit: &mut Visit, orders: &[Charge]) -> Result<(), No> {
        let diagnosis = visit.diagnosis(&seat.day.catalogue().diagnoses, self.card);
        let begun = seat.day.stamps.local().date().to_string();
        let (card, med_type) = (self.card, self.med_type);
        let case = Case { card, mdtrt_id: &self.mdtrt_id, med_type, begun, diagnosis: &diagnosis, orders };
        case.review(seat, "3101").await
    }

    async fn charge(&self, seat: &mut Seat, charges: &[Charge], (no, round): (&str, &str)) -> Result<Bill, No> {
        let now = moment::spoken(seat.day.stamps.local());
        let line = |(nth, charge): (usize, &Charge)| {
            let mut line = charge.line(&format!("{no}{round}{nth}"), &self.mdtrt_id, &self.card.psn_no, &now);
            line["chrg_bchno"] = json!(no);
            line["rx_circ_flag"] = json!("0");
            if let Some(disease) = &self.disease {
                line["dise_codg"] = json!(disease.code);
            }
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

    async fn cancel(&self, seat: &mut Seat) -> Result<(), No> {
        let input = json!({ "data": {
            "psn_no": self.card.psn_no, "mdtrt_id": self.mdtrt_id, "ipt_otp_no": self.ipt_otp_no,
        } });
        seat.ask("2202", input).await.map(drop)
    }
}
