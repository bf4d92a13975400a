//! A stay: admitted some days ago, charged day by day, settled midway or not, discharged, settled; sometimes a line is struck or
//! returned, sometimes the settlement is taken back, the discharge too, and both are made again. Operations of a day, births,
//! referrals and deaths among them; some go on the next day.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::moment;

use super::bill::{Bill, INPATIENT, reverse, settle};
use super::review::Case;
use super::sheet::Sheet;
use super::{Card, End, asked, filing, invoice, number};
use crate::catalogue::Term;
use crate::draw::{Charge, Reason, Visit};
use crate::seat::{No, Seat, text};

/// How many of the women who may bear, and are admitted, do, in a hundred.
const BIRTHS: u8 = 30;

/// Ways of leaving, as the front page of a record has them: by order, to another hospital, dead.
const WAYS: [&str; 3] = ["1", "2", "5"];

/// Treats a patient.
pub async fn treat(seat: &mut Seat, visit: &mut Visit, card: &Card) -> Result<End, No> {
    let habits = seat.day.plan.habits;
    let days = if visit.reason == Reason::DaySurgery { 0 } else { visit.rng.i64(2..=7) };
    let mut stay = Stay::planned(seat, visit, card);
    stay.admit(seat, ago(seat.day.stamps.local(), days)).await?;
    if visit.happens(habits.cancel) {
        stay.cancel(seat).await?;
        return Ok(End::Unsettled);
    }
    let treated = stay.treated(seat, visit, days).await;
    if let Err(No::Refused(_)) = treated {
        stay.abandon(seat).await;
    }
    if let Ok(End::Overnight) = treated {
        seat.day.ward.borrow_mut().stays.push(stay);
    }
    treated
}

/// The same time of the day so many days before.
fn ago(now: DateTime, days: i64) -> DateTime {
    now.checked_sub(jiff::Span::new().days(days)).unwrap_or(now)
}

/// A stay on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stay {
    /// The patient.
    pub card: Card,
    /// The platform's number.
    pub mdtrt_id: String,
    ipt_no: String,
    med_type: String,
    diagnosis: Term,
    /// What is paid as one: an operation of a day.
    disease: Option<Term>,
    bill: Bill,
    /// Days charged so far.
    charged: i64,
}

impl Stay {
    fn planned(seat: &Seat, visit: &mut Visit, card: &Card) -> Stay {
        let catalogue = seat.day.catalogue();
        let disease = match visit.reason {
            Reason::DaySurgery => visit.one(&catalogue.day_surgery.iter().collect::<Vec<_>>()).cloned(),
            _ => None,
        };
        let birth = disease.is_none() && card.may_bear() && visit.happens(BIRTHS);
        let births: Vec<Term> =
            catalogue.diagnoses.iter().filter(|term| term.code.starts_with("O8")).cloned().collect();
        let (med_type, listed) = match (&disease, birth && !births.is_empty()) {
            (Some(_), _) => ("28", &catalogue.diagnoses),
            (None, true) => ("52", &births),
            (None, false) => ("21", &catalogue.diagnoses),
        };
        Stay {
            card: card.clone(),
            mdtrt_id: String::new(),
            ipt_no: number(seat, 'Z', visit),
            med_type: med_type.to_owned(),
            diagnosis: visit.diagnosis(listed, card),
            disease,
            bill: Bill::default(),
            charged: 0,
        }
    }

    /// What admission, change and discharge tell alike.
    fn told(&self) -> Value {
        let mut told = json!({ "psn_no": self.card.psn_no });
        if let Some(disease) = &self.disease {
            told["dise_codg"] = json!(disease.code);
            told["dise_name"] = json!(disease.name);
        }
        if self.med_type == "52" {
            told["matn_type"] = json!("1");
            told["latechb_flag"] = json!("0");
            told["geso_val"] = json!(39);
            told["fetus_cnt"] = json!(1);
            told["pret_flag"] = json!("0");
        }
        told
    }

    fn diagnoses(&self, at: &str) -> Value {
        json!([{
            "psn_no": self.card.psn_no, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1, "diag_code": self.diagnosis.code,
            "diag_name": self.diagnosis.name, "adm_cond": "一般", "diag_dept": "内科", "dise_dor_no": "D990100000001",
            "dise_dor_name": "医师甲", "diag_time": at,
        }])
    }

    /// What admission and change tell alike.
    fn admission(&self, begin: &str, bed: &str) -> Value {
        let mut told = self.told();
        let more = json!({
            "begntime": begin, "mdtrt_cert_type": self.card.shows, "med_type": self.med_type, "medrcdno": self.ipt_no,
            "atddr_no": "D990100000001", "chfpdr_name": "医师甲", "adm_diag_dscr": self.diagnosis.name, "adm_dept_codg": "A03",
            "adm_dept_name": "内科", "adm_bed": bed, "dscg_maindiag_code": self.diagnosis.code,
            "dscg_maindiag_name": self.diagnosis.name,
        });
        merge(&mut told, more);
        told
    }

    async fn admit(&mut self, seat: &mut Seat, begin: DateTime) -> Result<(), No> {
        let begin = moment::spoken(begin);
        let mut told = self.admission(&begin, "01");
        merge(
            &mut told,
            json!({ "insutype": self.card.insutype, "mdtrt_cert_no": self.card.number, "ipt_no": self.ipt_no }),
        );
        let input = json!({ "mdtrtinfo": told, "diseinfo": self.diagnoses(&begin) });
        let (_, output) = seat.ask("2401", input).await?;
        self.mdtrt_id = text(&output["result"], "mdtrt_id");
        seat.day.ledger.borrow_mut().opened(&self.mdtrt_id);
        Ok(())
    }

    /// Changes what was told at admission: another bed.
    async fn amend(&self, seat: &mut Seat, begin: DateTime) -> Result<(), No> {
        let begin = moment::spoken(begin);
        let mut told = self.admission(&begin, "02");
        merge(&mut told, json!({ "mdtrt_id": self.mdtrt_id, "ipt_otp_no": self.ipt_no }));
        seat.ask("2403", json!({ "adminfo": told, "diseinfo": self.diagnoses(&begin) })).await.map(drop)
    }

    async fn treated(&mut self, seat: &mut Seat, visit: &mut Visit, days: i64) -> Result<End, No> {
        let habits = seat.day.plan.habits;
        if visit.happens(habits.amend) {
            self.amend(seat, ago(seat.day.stamps.local(), days)).await?;
        }
        let midway = visit.happens(habits.midway).then_some((days - 1) / 2).filter(|_| days > 0);
        for day in 0..days.max(1) {
            let at = ago(seat.day.stamps.local(), days - day);
            self.charge(seat, visit, at).await?;
            if midway == Some(day) && self.bill.total() > 0 {
                self.settle(seat, true).await?;
                self.bill = Bill::default();
            }
        }
        // The draw is made in any case, so that the visits are the same with and without books of one's own.
        if visit.happens(habits.overnight) && seat.day.keeps_books() && days > 0 {
            return Ok(End::Overnight);
        }
        self.leave(seat, visit).await
    }

    /// A day's charges; sometimes one is struck again, or some of it given back.
    async fn charge(&mut self, seat: &mut Seat, visit: &mut Visit, at: DateTime) -> Result<(), No> {
        let at = moment::spoken(at);
        let strike = seat.day.plan.habits.strike;
        let charges = visit.charges(&seat.day.catalogue().items, 2..=6);
        if visit.happens(seat.day.plan.habits.review) {
            let begun = at.get(..10).unwrap_or_default().to_owned();
            let (mdtrt_id, diagnosis) = (&self.mdtrt_id, &self.diagnosis);
            let case =
                Case { card: &self.card, mdtrt_id, med_type: &self.med_type, begun, diagnosis, orders: &charges };
            case.review(seat, "3102").await?;
        }
        let day = self.charged;
        self.charged += 1;
        let lines = charges.iter().enumerate().map(|(nth, charge)| self.line(charge, &format!("{day}A{nth}"), &at));
        let lines = lines.collect();
        self.bill.charge(seat, "2301", lines).await?;
        if visit.happens(strike) {
            self.strike(seat).await?;
        }
        let last = charges.last().filter(|charge| charge.count > 1);
        if let Some(charge) = last.filter(|_| visit.happens(strike)) {
            self.give_back(seat, charge, (day, charges.len() - 1), &at).await?;
        }
        Ok(())
    }

    fn line(&self, charge: &Charge, sn: &str, at: &str) -> Value {
        let mut line = charge.line(&format!("{}{sn}", self.ipt_no), &self.mdtrt_id, &self.card.psn_no, at);
        line["med_type"] = json!(self.med_type);
        line
    }

    /// Strikes the first line of the bill, so that it no longer counts. A line of which some was given back stays: its return
    /// would hang in the air.
    async fn strike(&mut self, seat: &mut Seat) -> Result<(), No> {
        if self.bill.lines.len() < 2 {
            return Ok(());
        }
        let sn = text(&self.bill.lines[0], "feedetl_sn");
        let back = format!("{sn}R");
        if self.bill.lines.iter().any(|line| line["feedetl_sn"] == back.as_str()) {
            return Ok(());
        }
        self.take_off(seat, &sn).await?;
        self.bill.lines.remove(0);
        Ok(())
    }

    /// Takes a line off (2302), or, by "0000", all that are not settled.
    async fn take_off(&self, seat: &mut Seat, sn: &str) -> Result<(), No> {
        let input = json!({ "data": [{ "feedetl_sn": sn, "mdtrt_id": self.mdtrt_id, "psn_no": self.card.psn_no }] });
        seat.ask("2302", input).await.map(drop)
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

    async fn settle(&self, seat: &mut Seat, midway: bool) -> Result<Value, No> {
        let mut asked = asked(&self.card, &self.mdtrt_id, self.bill.total());
        asked["med_type"] = json!(self.med_type);
        asked["invono"] = json!(invoice(&self.ipt_no));
        asked["mid_setl_flag"] = json!(if midway { "1" } else { "0" });
        settle(seat, INPATIENT, &asked, &self.bill, &self.card).await
    }

    async fn discharge(&self, seat: &mut Seat, way: &str) -> Result<(), No> {
        let now = seat.day.stamps.local();
        let at = moment::spoken(now);
        let mut told = self.told();
        let more = json!({
            "mdtrt_id": self.mdtrt_id, "insutype": self.card.insutype, "endtime": at, "dscg_dept_codg": "A03",
            "dscg_dept_name": "内科", "dscg_bed": "01", "dscg_way": way,
        });
        merge(&mut told, more);
        if way == WAYS[2] {
            told["die_date"] = json!(now.date().to_string());
        }
        if self.med_type == "52" {
            told["birctrl_matn_date"] = json!(now.date().to_string());
        }
        seat.ask("2402", json!({ "dscginfo": told, "diseinfo": self.diagnoses(&at) })).await.map(drop)
    }

    async fn leave(&mut self, seat: &mut Seat, visit: &mut Visit) -> Result<End, No> {
        let habits = seat.day.plan.habits;
        let dies = self.med_type == "21" && visit.happens(habits.death);
        let refers = !dies && visit.happens(habits.refer);
        let way = match (dies, refers && filing::refer(seat, visit, &self.card, &self.diagnosis).await?) {
            (true, _) => WAYS[2],
            (_, true) => WAYS[1],
            _ => WAYS[0],
        };
        self.discharge(seat, way).await?;
        let mut settled = self.settle(seat, false).await?;
        if visit.happens(habits.reverse) {
            reverse(seat, INPATIENT, &settled).await?;
            if visit.happens(50) {
                self.visit_only(seat, "2405").await?;
                self.discharge(seat, way).await?;
            }
            settled = self.settle(seat, false).await?;
        }
        if visit.happens(habits.sheet) {
            let (card, diagnosis, bill) = (&self.card, &self.diagnosis, &self.bill);
            Sheet { card, ipt_no: &self.ipt_no, diagnosis, bill, settled: &settled }.send(seat).await?;
        }
        Ok(if dies { End::Died } else { End::Settled })
    }

    /// A day more of a stay that was left the day before: charged, and either settled or not over yet.
    pub async fn next_day(&mut self, seat: &mut Seat, visit: &mut Visit) -> Result<End, No> {
        seat.insuplc.clone_from(&self.card.insuplc);
        seat.day.ledger.borrow_mut().opened(&self.mdtrt_id);
        self.charge(seat, visit, seat.day.stamps.local()).await?;
        if visit.happens(seat.day.plan.habits.overnight) {
            return Ok(End::Overnight);
        }
        self.leave(seat, visit).await
    }

    async fn cancel(&self, seat: &mut Seat) -> Result<(), No> {
        self.visit_only(seat, "2404").await
    }

    async fn visit_only(&self, seat: &mut Seat, infno: &'static str) -> Result<(), No> {
        let input = json!({ "data": { "mdtrt_id": self.mdtrt_id, "psn_no": self.card.psn_no } });
        seat.ask(infno, input).await.map(drop)
    }

    /// What is refused on the way is taken back as far as it goes, so that the patient is not in hospital for ever.
    async fn abandon(&self, seat: &mut Seat) {
        _ = self.visit_only(seat, "2405").await;
        _ = self.take_off(seat, "0000").await;
        _ = self.cancel(seat).await;
    }
}

/// Puts fields into a node.
fn merge(node: &mut Value, more: Value) {
    if let (Value::Object(node), Value::Object(more)) = (node, more) {
        node.extend(more);
    }
}
