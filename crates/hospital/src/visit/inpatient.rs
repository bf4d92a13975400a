//! A stay: admitted some days ago, charged day by day, settled midway or not, discharged, settled; sometimes a line is
//! struck or returned, sometimes the settlement is taken back, the discharge too, and both are made again.

use jiff::civil::DateTime;
use serde_json::{Value, json};
use wire::moment;

use super::bill::{Bill, Kind, reverse, settle};
use super::{Card, End, asked, invoice, number};
use crate::draw::{Charge, Visit};
use crate::seat::{No, Seat, text};

const KIND: Kind = Kind { estimate: "2303", settle: "2304", reverse: "2305" };

/// Treats a patient.
pub async fn treat(seat: &mut Seat, visit: &mut Visit, card: &Card) -> Result<End, No> {
    let days = visit.rng.i64(2..=7);
    let begin = ago(seat.day.stamps.local(), days);
    let ipt_no = number(seat, 'Z', visit);
    let diagnosis = visit.diagnosis();
    let mdtrt_id = admit(seat, card, (&ipt_no, begin), diagnosis).await?;
    let mut stay = Stay { card, mdtrt_id, ipt_no, diagnosis, bill: Bill::default() };
    if visit.happens(seat.day.plan.habits.cancel) {
        let input = json!({ "data": { "mdtrt_id": stay.mdtrt_id, "psn_no": card.psn_no } });
        seat.ask("2404", input).await?;
        return Ok(End::Unsettled);
    }
    let midway = visit.happens(seat.day.plan.habits.midway).then_some((days - 1) / 2);
    for day in 0..days {
        let at = ago(seat.day.stamps.local(), days - day);
        stay.charge(seat, visit, day, at).await?;
        if midway == Some(day) && stay.bill.total() > 0 {
            stay.settle(seat, true).await?;
            stay.bill = Bill::default();
        }
    }
    stay.leave(seat, visit).await
}

/// The same time of the day so many days before; a minute later, so that a midnight is not crossed by it.
fn ago(now: DateTime, days: i64) -> DateTime {
    now.checked_sub(jiff::Span::new().days(days)).unwrap_or(now)
}

fn diagnoses(card: &Card, (code, name): (&str, &str), at: &str) -> Value {
    json!([{
        "psn_no": card.psn_no, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1, "diag_code": code, "diag_name": name,
        "adm_cond": "一般", "diag_dept": "内科", "dise_dor_no": "D990100000001", "dise_dor_name": "医师甲", "diag_time": at,
    }])
}

async fn admit(
    seat: &mut Seat,
    card: &Card,
    (ipt_no, begin): (&str, DateTime),
    (code, name): (&'static str, &'static str),
) -> Result<String, No> {
    let begin = moment::spoken(begin);
    let input = json!({
        "mdtrtinfo": {
            "psn_no": card.psn_no, "insutype": card.insutype, "begntime": begin, "mdtrt_cert_type": "02", "mdtrt_cert_no": card.number,
            "med_type": "21", "ipt_no": ipt_no, "atddr_no": "D990100000001", "chfpdr_name": "医师甲", "adm_diag_dscr": name,
            "adm_dept_codg": "A03", "adm_dept_name": "内科", "adm_bed": "01", "dscg_maindiag_code": code, "dscg_maindiag_name": name,
        },
        "diseinfo": diagnoses(card, (code, name), &begin),
    });
    let (_, output) = seat.ask("2401", input).await?;
    let mdtrt_id = text(&output["result"], "mdtrt_id");
    seat.day.ledger.borrow_mut().opened(&mdtrt_id);
    Ok(mdtrt_id)
}

/// A stay on its way.
struct Stay<'v> {
    card: &'v Card,
    mdtrt_id: String,
    ipt_no: String,
    diagnosis: (&'static str, &'static str),
    bill: Bill,
}

impl Stay<'_> {
    /// A day's charges; sometimes one is struck again, or some of it given back.
    async fn charge(&mut self, seat: &mut Seat, visit: &mut Visit, day: i64, at: DateTime) -> Result<(), No> {
        let at = moment::spoken(at);
        let charges = visit.charges(&seat.day.items, 2..=6);
        let lines = charges.iter().enumerate().map(|(nth, charge)| self.line(charge, &format!("{day}A{nth}"), &at));
        self.bill.charge(seat, "2301", lines.collect()).await?;
        if visit.happens(seat.day.plan.habits.strike) {
            self.strike(seat).await?;
        }
        let last = charges.last().filter(|charge| charge.count > 1);
        if let Some(charge) = last.filter(|_| visit.happens(seat.day.plan.habits.strike)) {
            self.give_back(seat, charge, (day, charges.len() - 1), &at).await?;
        }
        Ok(())
    }

    fn line(&self, charge: &Charge, sn: &str, at: &str) -> Value {
        let mut line = charge.line(&format!("{}{sn}", self.ipt_no), &self.mdtrt_id, &self.card.psn_no, at);
        line["med_type"] = json!("21");
        line
    }

    /// Strikes the first line of the bill, so that it no longer counts.
    async fn strike(&mut self, seat: &mut Seat) -> Result<(), No> {
        if self.bill.lines.len() < 2 {
            return Ok(());
        }
        let sn = self.bill.lines[0]["feedetl_sn"].clone();
        let given_back = self.bill.lines.iter().any(|line| {
            // A line of which some was given back stays: its return would hang in the air.
            line["feedetl_sn"]
                .as_str()
                .is_some_and(|other| Some(other) == sn.as_str().map(|sn| format!("{sn}R")).as_deref())
        });
        if given_back {
            return Ok(());
        }
        let input = json!({ "data": [{ "feedetl_sn": sn, "mdtrt_id": self.mdtrt_id, "psn_no": self.card.psn_no }] });
        seat.ask("2302", input).await?;
        self.bill.lines.remove(0);
        Ok(())
    }

    /// Gives one piece of a line back.
    async fn give_back(
        &mut self,
        seat: &mut Seat,
        charge: &Charge,
        (day, nth): (i64, usize),
        at: &str,
    ) -> Result<(), No> {
        let of = format!("{}{day}A{nth}", self.ipt_no);
        if !self.bill.lines.iter().any(|line| line["feedetl_sn"] == of.as_str()) {
            return Ok(());
        }
        let back = Charge { count: -1, ..charge.clone() };
        let mut line = self.line(&back, &format!("{day}A{nth}R"), at);
        line["init_feedetl_sn"] = json!(of);
        self.bill.charge(seat, "2301", vec![line]).await
    }

    async fn settle(&self, seat: &mut Seat, midway: bool) -> Result<super::bill::Standing, No> {
        let mut asked = asked(self.card, &self.mdtrt_id, self.bill.total());
        asked["med_type"] = json!("21");
        asked["invono"] = json!(invoice(&self.ipt_no));
        asked["mid_setl_flag"] = json!(if midway { "1" } else { "0" });
        settle(seat, KIND, &asked, &self.bill, self.card).await
    }

    async fn discharge(&self, seat: &mut Seat) -> Result<(), No> {
        let now = moment::spoken(seat.day.stamps.local());
        let input = json!({
            "dscginfo": {
                "mdtrt_id": self.mdtrt_id, "psn_no": self.card.psn_no, "insutype": self.card.insutype, "endtime": now,
                "dscg_dept_codg": "A03", "dscg_dept_name": "内科", "dscg_bed": "01", "dscg_way": "1",
            },
            "diseinfo": diagnoses(self.card, self.diagnosis, &now),
        });
        seat.ask("2402", input).await.map(drop)
    }

    async fn leave(&mut self, seat: &mut Seat, visit: &mut Visit) -> Result<End, No> {
        self.discharge(seat).await?;
        let standing = self.settle(seat, false).await?;
        if !visit.happens(seat.day.plan.habits.reverse) {
            return Ok(End::Settled);
        }
        reverse(seat, KIND, &standing).await?;
        if visit.happens(50) {
            let input = json!({ "data": { "mdtrt_id": self.mdtrt_id, "psn_no": self.card.psn_no } });
            seat.ask("2405", input).await?;
            self.discharge(seat).await?;
        }
        self.settle(seat, false).await?;
        Ok(End::Settled)
    }
}
