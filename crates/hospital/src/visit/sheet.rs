//! The settlement sheet of a stay (4101): what the hospital's record says of patient and diagnosis, what the settlement came to, and
//! its lines by class of charge; sometimes asked for again (4103).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wire::amount;
use wire::dictionary::rows;

use super::Card;
use super::bill::Bill;
use crate::catalogue::Term;
use crate::check::Found;
use crate::seat::{No, Seat, text};

/// What a sheet is made of.
pub struct Sheet<'s> {
    /// The patient.
    pub card: &'s Card,
    /// Number of the stay at the hospital.
    pub ipt_no: &'s str,
    /// Why the patient was in hospital.
    pub diagnosis: &'s Term,
    /// The lines that were settled.
    pub bill: &'s Bill,
    /// What they were settled to.
    pub settled: &'s Value,
}

impl Sheet<'_> {
    /// Sends the sheet, and asks for it again where settlements are asked for again.
    pub async fn send(&self, seat: &mut Seat) -> Result<(), No> {
        let institution = seat.day.plan.institution.clone();
        let sheet = self.written(&institution.code, &institution.name, &seat.day.stamps.local().date().to_string());
        seat.ask("4101", sheet.clone()).await?;
        if seat.looks() {
            let head = &sheet["setlinfo"];
            let input = json!({ "data": { "psn_no": head["psn_no"], "setl_id": head["setl_id"] } });
            let (msgid, told) = seat.ask("4103", input).await?;
            seat.held("4103", &msgid, same(&sheet, &told));
        }
        Ok(())
    }

    /// The message of a sheet that is filled in on a day.
    fn written(&self, code: &str, name: &str, day: &str) -> Value {
        let (head, card) = (&self.settled["setlinfo"], self.card);
        let fen = |name: &str| amount::field(head, name).unwrap_or_default();
        let own = fen("fulamt_ownpay_amt") + fen("overlmt_selfpay");
        let known = |told: &str, else_: &str| if told.is_empty() { else_.to_owned() } else { told.to_owned() };
        let setlinfo = json!({
            "mdtrt_id": head["mdtrt_id"], "setl_id": head["setl_id"], "psn_no": head["psn_no"], "fixmedins_code": code,
            "fixmedins_name": name, "medcasno": self.ipt_no, "psn_name": card.name, "gend": card.gend, "brdy": card.born,
            // What a made-up record says of somebody of whom the platform does not tell it.
            "naty": known(&card.naty, "01"), "ntly": "CHN", "prfs": "90", "patn_cert_type": "01", "certno": card.number,
            "coner_name": card.name, "patn_rlts": "1", "coner_addr": "不详", "coner_tel": "不详", "hi_type": card.insutype,
            "insuplc": card.insuplc, "ipt_med_type": "1", "adm_caty": "A03", "dscg_caty": "A03", "bill_code": self.ipt_no,
            "bill_no": self.ipt_no, "biz_sn": self.ipt_no, "setl_begn_date": day, "setl_end_date": day,
            "psn_selfpay": amount::yuan(fen("psn_part_amt") - own), "psn_ownpay": amount::yuan(own),
            "acct_pay": amount::yuan(fen("acct_pay")), "psn_cashpay": amount::yuan(fen("psn_part_amt") - fen("acct_pay")),
            "hi_paymtd": "1", "hsorg": "医保经办机构", "hsorg_opter": "经办", "medins_fill_dept": "医保办",
            "medins_fill_psn": "填报员甲",
        });
        let payments = rows(self.settled, "setldetail").into_iter();
        let payments =
            payments.map(|row| json!({ "fund_pay_type": row["fund_pay_type"], "fund_payamt": row["fund_payamt"] }));
        json!({
            "setlinfo": setlinfo,
            "payinfo": payments.collect::<Vec<_>>(),
            "diseinfo": [{
                "maindiag_flag": "1", "diag_type": "1", "diag_code": self.diagnosis.code, "diag_name": self.diagnosis.name,
            }],
            "iteminfo": classes(&self.bill.lines),
        })
    }
}

/// The lines by class of charge; of each class what is of class A, of class B, and the patient's own.
fn classes(lines: &[Value]) -> Vec<Value> {
    let mut classes: BTreeMap<String, [i64; 3]> = BTreeMap::new();
    for line in lines {
        let parts = classes.entry(text(line, "med_chrgitm_type")).or_default();
        let part = match text(line, "chrgitm_lv").as_str() {
            "01" => 0,
            "02" => 1,
            _ => 2,
        };
        parts[part] += amount::field(line, "det_item_fee_sumamt").unwrap_or_default();
    }
    let written = classes.into_iter().map(|(class, [a, b, own])| {
        json!({
            "med_chrgitm": class, "amt": amount::yuan(a + b + own), "claa_sumfee": amount::yuan(a), "clab_amt": amount::yuan(b),
            "fulamt_ownpay_amt": amount::yuan(own), "oth_amt": "0",
        })
    });
    written.collect()
}

/// Whether a sheet that is asked for is the one that was sent: its settlement, its diagnoses, its amounts by class.
fn same(sent: &Value, told: &Value) -> Vec<Found> {
    let head = |name: &str| (text(&sent["setlinfo"], name), text(&told["setlinfo"], name));
    let heads = ["setl_id", "medcasno", "psn_name"].into_iter().filter_map(|name| {
        let (was, is) = head(name);
        (was != is).then(|| format!("{name}: 上传 {was}, 查询 {is} (sent, told)"))
    });
    let of = |sheet: &Value, node: &str, key: &str, value: &str| -> Vec<(String, String)> {
        rows(sheet, node).into_iter().map(|row| (text(row, key), text(row, value))).collect()
    };
    let amounts = |sheet: &Value| -> Vec<(String, Option<i64>)> {
        rows(sheet, "iteminfo").into_iter().map(|row| (text(row, "med_chrgitm"), amount::field(row, "amt"))).collect()
    };
    let lists = [
        (
            "diseinfo",
            of(sent, "diseinfo", "diag_code", "maindiag_flag") == of(told, "diseinfo", "diag_code", "maindiag_flag"),
        ),
        ("iteminfo", amounts(sent) == amounts(told)),
    ];
    let lists = lists.into_iter().filter(|(_, same)| !same).map(|(node, _)| format!("{node}: 与上传的不同 (differs)"));
    heads.chain(lists).map(|what| ("sheet", what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::dictionary::check_input;

    fn line(class: &str, level: &str, yuan: &str) -> Value {
        json!({ "med_chrgitm_type": class, "chrgitm_lv": level, "det_item_fee_sumamt": yuan })
    }

    #[test]
    fn a_sheet_is_whole_by_the_dictionary_and_its_classes_are_the_bill() {
        let card = Card {
            number: "11010519491231002X".to_owned(),
            psn_no: "P1".to_owned(),
            name: "某甲".to_owned(),
            born: "1949-12-31".to_owned(),
            gend: "2".to_owned(),
            insutype: "390".to_owned(),
            insuplc: "500000".to_owned(),
            ..Card::default()
        };
        let bill = Bill {
            lines: vec![
                line("09", "01", "10"),
                line("09", "02", "5.5"),
                line("03", "03", "4"),
                line("09", "02", "-0.5"),
            ],
        };
        let settled = json!({
            "setlinfo": {
                "mdtrt_id": "v", "setl_id": "s", "psn_no": "P1", "medfee_sumamt": 19, "fulamt_ownpay_amt": 4, "overlmt_selfpay": 0,
                "psn_part_amt": "9", "acct_pay": 0,
            },
            "setldetail": [{ "fund_pay_type": "390100", "fund_payamt": 10 }],
        });
        let diagnosis = Term { code: "J18.900".to_owned(), name: "肺炎".to_owned() };
        let sheet = Sheet { card: &card, ipt_no: "Z1", diagnosis: &diagnosis, bill: &bill, settled: &settled };
        let written = sheet.written("H50000100001", "某医院", "2022-03-01");
        assert_eq!(check_input("4101", &written), Vec::new());
        let amounts: Vec<_> = rows(&written, "iteminfo")
            .into_iter()
            .map(|row| {
                ["amt", "claa_sumfee", "clab_amt", "fulamt_ownpay_amt"].map(|name| amount::field(row, name).unwrap())
            })
            .collect();
        assert_eq!(amounts, [[400, 0, 0, 400], [1_500, 1_000, 500, 0]]);
        let head = &written["setlinfo"];
        assert_eq!((amount::field(head, "psn_selfpay"), amount::field(head, "psn_ownpay")), (Some(500), Some(400)));
        assert_eq!(same(&written, &written), Vec::<Found>::new());
        let mut other = written.clone();
        other["iteminfo"][0]["amt"] = json!("4.01");
        other["setlinfo"]["medcasno"] = json!("Z2");
        assert_eq!(same(&written, &other).len(), 2);
    }
}
