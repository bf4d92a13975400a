//! Checking an input by the dictionary: what must be there, its form, its length, its codes.
//!
//! Unknown fields and nodes pass: regions add their own. Nothing is changed or put right.

use std::collections::BTreeMap;

use serde_json::Value;

use super::codes::code_table;
use super::field::{Field, Kind};
use super::transaction::{Node, Shape};
use super::transactions::transaction;
use crate::fault::{Fault, FaultKind, Wanted};
use crate::{amount, moment};

/// What a region does differently: fields it does not insist on (`2204.feedetail.rx_circ_flag`), and codes of its own by
/// table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leave {
    /// Fields that may be left out, as `infno.node.field`.
    pub optional: Vec<String>,
    /// Further codes by table.
    pub codes: BTreeMap<String, Vec<String>>,
}

/// Checks an input by the dictionary alone; empty when nothing is wrong. An unknown transaction is a fault.
pub fn check_input(infno: &str, input: &Value) -> Vec<Fault> {
    check_input_by(&Leave::default(), infno, input)
}

/// Checks an input by the dictionary and what a region does differently.
pub fn check_input_by(leave: &Leave, infno: &str, input: &Value) -> Vec<Fault> {
    let Some(transaction) = transaction(infno) else {
        let kind = FaultKind::Wrong(infno.to_owned(), Wanted::Infno);
        return vec![Fault { path: "infno".to_owned(), name: "交易编号", english: "transaction", kind }];
    };
    let mut check = Check { infno, leave, faults: Vec::new() };
    for node in transaction.input {
        let fields: Vec<(&Field, bool)> = node.fields().collect();
        for (place, parent) in parents(input, node) {
            check.node(node, &fields, &place, parent);
        }
    }
    check.faults
}

/// The rows of a list node; one object alone is its only row.
pub fn rows<'a>(input: &'a Value, node: &str) -> Vec<&'a Value> {
    match input.get(node) {
        Some(Value::Array(rows)) => rows.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

/// A value in a message, cut short.
pub(crate) fn short(value: &Value) -> String {
    const MOST: usize = 40;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// The objects that a node stands in: the input itself, or each row of the nodes above it; with their places.
fn parents<'a>(input: &'a Value, node: &Node) -> Vec<(String, &'a Value)> {
    let mut found = vec![(String::new(), input)];
    let Some((above, _)) = node.1.rsplit_once('.') else { return found };
    for name in above.split('.') {
        found = found
            .into_iter()
            .flat_map(|(place, value)| {
                let listed = matches!(value.get(name), Some(Value::Array(_)));
                let below = rows(value, name).into_iter().enumerate();
                below.map(move |(row, value)| (format!("{}.", join(&place, name, listed.then_some(row))), value))
            })
            .collect();
    }
    found
}

/// The place of a node or row; rows count from 1.
fn join(place: &str, name: &str, row: Option<usize>) -> String {
    match row {
        Some(row) => format!("{place}{name}[{}]", row + 1),
        None => format!("{place}{name}"),
    }
}

struct Check<'a> {
    infno: &'a str,
    leave: &'a Leave,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn node(&mut self, node: &Node, fields: &[(&Field, bool)], place: &str, parent: &Value) {
        let name = node.name();
        match parent.get(name) {
            None | Some(Value::Null) => self.absent(node, place),
            Some(Value::Array(rows)) if rows.is_empty() => self.absent(node, place),
            Some(Value::Array(rows)) if node.list() => {
                for (row, value) in rows.iter().enumerate() {
                    self.row(node, fields, &join(place, name, Some(row)), value);
                }
            }
            Some(one) => self.row(node, fields, &join(place, name, None), one),
        }
    }

    fn absent(&mut self, node: &Node, place: &str) {
        if node.must() {
            self.node_fault(&join(place, node.name(), None), FaultKind::Missing(wanted(node)));
        }
    }

    fn row(&mut self, node: &Node, fields: &[(&Field, bool)], place: &str, row: &Value) {
        if !row.is_object() {
            self.node_fault(place, FaultKind::Wrong(short(row), wanted(node)));
            return;
        }
        for &(field, must) in fields {
            match row.get(field.name).filter(|value| !empty(value)) {
                Some(value) => self.value(field, place, value),
                None if must && !self.waived(node, field) => {
                    self.fault(field, place, FaultKind::Missing(field.kind.wanted()));
                }
                None => {}
            }
        }
    }

    fn waived(&self, node: &Node, field: &Field) -> bool {
        let full = format!("{}.{}.{}", self.infno, node.1, field.name);
        self.leave.optional.contains(&full)
    }

    fn value(&mut self, field: &Field, place: &str, value: &Value) {
        if let Err(kind) = self.held(field.kind, value) {
            self.fault(field, place, kind);
        }
    }

    fn held(&self, kind: Kind, value: &Value) -> Result<(), FaultKind> {
        let wrong = || FaultKind::Wrong(short(value), kind.wanted());
        let text = match value {
            _ if kind == Kind::Open => return Ok(()),
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return Err(wrong()),
        };
        let right = match kind {
            Kind::Open => true,
            Kind::Text(most) => return fits(&text, most),
            Kind::Code(most, table) => {
                fits(&text, most)?;
                return if self.coded(table, &text) { Ok(()) } else { Err(FaultKind::Code(text, table)) };
            }
            Kind::Number(all, decimals) => {
                amount::decimal(&text, usize::from(all - decimals), usize::from(decimals)).is_some()
            }
            Kind::Day | Kind::Time => moment::read_day(&text).is_some() || moment::read_spoken(&text).is_some(),
        };
        if right { Ok(()) } else { Err(wrong()) }
    }

    fn coded(&self, table: &str, word: &str) -> bool {
        let own = self.leave.codes.get(table).is_some_and(|codes| codes.iter().any(|code| code == word));
        own || code_table(table).is_none_or(|table| table.holds(word))
    }

    fn fault(&mut self, field: &Field, place: &str, kind: FaultKind) {
        let path = format!("{place}.{}", field.name);
        self.faults.push(Fault { path, name: field.zh, english: field.en, kind });
    }

    fn node_fault(&mut self, place: &str, kind: FaultKind) {
        self.faults.push(Fault { path: place.to_owned(), name: "节点", english: "node", kind });
    }
}

/// Null and empty text stand for nothing, as the interface itself writes it.
fn empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn fits(text: &str, most: usize) -> Result<(), FaultKind> {
    let found = text.chars().count();
    if found <= most { Ok(()) } else { Err(FaultKind::Long(found, most)) }
}

fn wanted(node: &Node) -> Wanted {
    match node.0 {
        Shape::One | Shape::MaybeOne => Wanted::Object,
        Shape::Many | Shape::AnyMany => Wanted::Rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn line() -> Value {
        json!({
            "feedetl_sn": "1", "mdtrt_id": "M1", "psn_no": "P1", "chrg_bchno": "B1", "rx_circ_flag": "0",
            "fee_ocur_time": "2023-01-02 03:04:05", "med_list_codg": "X1", "medins_list_codg": "Y1",
            "det_item_fee_sumamt": 12.5, "cnt": "2.0000", "pric": 6.25, "bilg_dept_codg": "01",
            "bilg_dept_name": "内科", "bilg_dr_codg": "D1", "bilg_dr_name": "乙", "hosp_appr_flag": "1", "own": [1],
        })
    }

    fn told(infno: &str, input: &Value) -> Vec<String> {
        check_input(infno, input).iter().map(Fault::zh).collect()
    }

    #[test]
    fn a_good_input_passes_with_fields_of_its_own() {
        assert_eq!(told("2204", &json!({"feedetail": [line(), line()], "extra": 1})), [""; 0]);
        assert_eq!(told("2204", &json!({"feedetail": line()})), [""; 0]);
    }

    #[test]
    fn each_fault_is_named_with_its_place_and_what_to_write() {
        let mut second = line();
        second["cnt"] = "两盒".into();
        second["pric"] = Value::Null;
        second["hosp_appr_flag"] = "3".into();
        second["bilg_dr_name"] = "名".repeat(51).into();
        second["fee_ocur_time"] = "2023/1/2".into();
        assert_eq!(
            told("2204", &json!({"feedetail": [line(), second]})),
            [
                "feedetail[2].fee_ocur_time（费用发生时间）的值“2023/1/2”不对：请按 yyyy-MM-dd HH:mm:ss 填写时间",
                "feedetail[2].cnt（数量）的值“两盒”不对：请填写数字，最多16位，其中小数最多4位",
                "feedetail[2].pric（单价）未填写：请填写数字，最多16位，其中小数最多6位",
                "feedetail[2].bilg_dr_name（开单医师姓名）有51个字符，太长：最多50个",
                "feedetail[2].hosp_appr_flag（医院审批标志）的代码“3”不在 hosp_appr_flag 代码表中：请用1901交易下载该字典核对",
            ]
        );
    }

    #[test]
    fn a_missing_node_and_an_unknown_transaction_are_named() {
        assert_eq!(told("2204", &json!({"feedetail": []})), ["feedetail（节点）未填写：请填写列表 [{…}]，至少一行"]);
        assert_eq!(told("2201", &json!({"data": [1]})), ["data（节点）的值“[1]”不对：请填写一个对象 {…}"]);
        assert_eq!(told("8888", &json!({})), ["infno（交易编号）的值“8888”不对：请填写交易编号，如 2207"]);
    }

    #[test]
    fn nodes_inside_nodes_are_checked_where_they_stand() {
        let input = json!({"data": {"syscode": "1", "patient_dtos": [{
            "patn_id": "1", "patn_name": "甲", "gend": "1", "brdy": "1980-01-01", "poolarea": "990100", "curr_mdtrt_id": "1",
            "fsi_encounter_dtos": [{"fsi_order_dtos": {"rx_id": "1"}}],
        }]}});
        let faults = check_input("3101", &input);
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert!(paths.contains(&"data.patient_dtos[1].fsi_encounter_dtos[1].mdtrt_id"));
        assert!(paths.contains(&"data.patient_dtos[1].fsi_encounter_dtos[1].fsi_order_dtos.rxno"));
    }

    #[test]
    fn a_region_waives_fields_and_adds_codes() {
        let mut odd = line();
        odd["rx_circ_flag"] = Value::Null;
        odd["hosp_appr_flag"] = "9".into();
        let leave = Leave {
            optional: vec!["2204.feedetail.rx_circ_flag".to_owned()],
            codes: BTreeMap::from([("hosp_appr_flag".to_owned(), vec!["9".to_owned()])]),
        };
        let input = json!({"feedetail": [odd]});
        assert_eq!(check_input("2204", &input).len(), 2);
        assert_eq!(check_input_by(&leave, "2204", &input), []);
    }

    #[test]
    fn every_field_that_must_be_there_is_asked_for() {
        for transaction in crate::dictionary::TRANSACTIONS.iter() {
            let top: Vec<&Node> = transaction.input.iter().filter(|node| !node.1.contains('.')).collect();
            let bare: Value =
                top.iter().map(|node| (node.1.to_owned(), json!({}))).collect::<serde_json::Map<_, _>>().into();
            let asked: Vec<String> =
                check_input(transaction.infno, &bare).into_iter().map(|fault| fault.path).collect();
            for node in top {
                for (field, must) in node.fields() {
                    let path = format!("{}.{}", node.1, field.name);
                    assert_eq!(asked.contains(&path), must, "{} {path}", transaction.infno);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_value_makes_it_stumble(text in "\\PC{0,60}", place in 0usize..60, kind in 0u8..5) {
            let value = match kind {
                0 => Value::String(text),
                1 => json!([text]),
                2 => json!({text: 1}),
                3 => json!(true),
                _ => json!(place),
            };
            let names: Vec<String> = line().as_object().unwrap().keys().cloned().collect();
            let mut odd = line();
            odd[names[place % names.len()].as_str()] = value;
            let _ = told("2204", &json!({"feedetail": [odd]}));
        }
    }
}
