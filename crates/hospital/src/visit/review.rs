//! A case put to the platform's review, before care (3101) or during it (3102), and what the physician then did (3103).
//!
//! Every row of an answer is a suspicion with its rule and amount; there is none that says that nothing was reviewed. A platform
//! without rules can say so in the words of its warning alone.

use serde_json::{Value, json};
use wire::amount;
use wire::dictionary::rows;

use super::Card;
use crate::catalogue::Term;
use crate::draw::Charge;
use crate::seat::{No, Seat, text};

/// What is put to review.
pub struct Case<'c> {
    /// The patient.
    pub card: &'c Card,
    /// The platform's number of the visit.
    pub mdtrt_id: &'c str,
    /// Kind of care.
    pub med_type: &'c str,
    /// First day of the visit.
    pub begun: String,
    /// Why the patient came.
    pub diagnosis: &'c Term,
    /// What is ordered.
    pub orders: &'c [Charge],
}

impl Case<'_> {
    /// Asks (3101, 3102); each hint is answered: it is carried on with (3103).
    pub async fn review(&self, seat: &mut Seat, infno: &'static str) -> Result<(), No> {
        let institution = seat.day.plan.institution.clone();
        let today = seat.day.stamps.local().date().to_string();
        let (_, output) =
            seat.ask(infno, self.written(&institution.code, &institution.name, institution.area(), &today)).await?;
        let hints = rows(&output, "result").into_iter().map(|hint| text(hint, "jr_id"));
        let hints = hints.map(|id| json!({ "warn_rslt_id": id, "dspo_way": "1", "dspo_way_rea": "病情需要" }));
        let hints: Vec<Value> = hints.collect();
        if hints.is_empty() {
            return Ok(());
        }
        seat.ask("3103", json!({ "data": hints })).await.map(drop)
    }

    fn written(&self, code: &str, name: &str, area: &str, today: &str) -> Value {
        let card = self.card;
        let total: i64 = self.orders.iter().map(Charge::amount).sum();
        let orders = self.orders.iter().enumerate().map(|(nth, order)| {
            json!({
                "rx_id": format!("{}-{nth}", self.mdtrt_id), "rxno": (nth + 1).to_string(), "long_drord_flag": "0",
                "hilist_type": order.item.list, "chrg_type": "1", "drord_bhvr": "1", "hilist_code": order.item.code,
                "hilist_name": order.item.name, "hilist_lv": "0", "hilist_pric": amount::yuan(order.price),
                "hosplist_code": short(&order.item.own), "hosplist_name": order.item.name, "cnt": order.count,
                "pric": amount::yuan(order.price), "sumamt": amount::yuan(order.amount()), "ownpay_amt": 0, "selfpay_amt": 0,
                "spec": "不详", "drord_begn_date": today, "drord_dr_codg": "D990100000001", "drord_dr_profttl": "1", "curr_drord_flag": "1",
            })
        });
        let encounter = json!({
            "mdtrt_id": self.mdtrt_id, "medins_id": code, "medins_name": name, "medins_admdvs": area, "medins_type": "1", "medins_lv": "3",
            "adm_date": self.begun, "dscg_date": today, "dscg_main_dise_codg": self.diagnosis.code,
            "dscg_main_dise_name": self.diagnosis.name, "dr_codg": "D990100000001", "adm_dept_codg": "A03", "adm_dept_name": "内科",
            "dscg_dept_codg": "A03", "dscg_dept_name": "内科", "med_mdtrt_type": "1", "med_type": self.med_type, "matn_stas": "0",
            "medfee_sumamt": amount::yuan(total), "ownpay_amt": 0, "selfpay_amt": 0, "setl_totlnum": 1, "insutype": card.insutype,
            "reim_flag": "0", "out_setl_flag": "0", "fsi_order_dtos": orders.collect::<Vec<_>>(),
            "fsi_diagnose_dtos": [{ "diag_code": self.diagnosis.code, "diag_name": self.diagnosis.name }],
        });
        json!({ "data": {
            "syscode": "tongchou",
            "patient_dtos": [{
                "patn_id": card.psn_no, "patn_name": card.name, "gend": card.gend, "brdy": card.born, "poolarea": card.insuplc,
                "curr_mdtrt_id": self.mdtrt_id, "fsi_encounter_dtos": [encounter],
            }],
        } })
    }
}

/// A code of the hospital's own as the review takes it: its end, for it has room for fewer characters than charges have.
fn short(own: &str) -> &str {
    let from = own.char_indices().rev().nth(19).map_or(0, |(at, _)| at);
    &own[from..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Items;
    use wire::dictionary::check_input;

    #[test]
    fn a_case_is_whole_by_the_dictionary() {
        let items = Items::read("code,name,list,limit\nXJ01CAA001A001010100000,药,101,10\n").unwrap();
        let item = items.all()[0].clone();
        let orders = [Charge { price: item.price, item, count: 2, appr: "0" }];
        let card = Card {
            psn_no: "P1".to_owned(),
            name: "某甲".to_owned(),
            born: "1949-12-31".to_owned(),
            gend: "2".to_owned(),
            insutype: "390".to_owned(),
            insuplc: "500000".to_owned(),
            ..Card::default()
        };
        let diagnosis = Term { code: "J18.900".to_owned(), name: "肺炎".to_owned() };
        let begun = "2022-02-25".to_owned();
        let case = Case {
            card: &card,
            mdtrt_id: "123456789012345678901234567890",
            med_type: "21",
            begun,
            diagnosis: &diagnosis,
            orders: &orders,
        };
        let written = case.written("H50000100001", "某医院", "500001", "2022-03-01");
        for infno in ["3101", "3102"] {
            assert_eq!(check_input(infno, &written), Vec::new());
        }
    }
}
