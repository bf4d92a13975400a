//! The clause register: every clause of the notices, one a row, in our own words.

use std::collections::BTreeMap;

use domain::{Diagnostic, Place};

/// One clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Id, as `CQ21-02.1i`.
    pub id: String,
    /// Where it stands in the notice, as `二 para 1`.
    pub location: String,
    /// What it says.
    pub what: String,
    /// rule, parameter, process, record, indicator or exhortation.
    pub kind: String,
    /// The capability it belongs to.
    pub capability: String,
    /// What is missing to run it.
    pub needs: String,
    /// The behaviour that shows it works.
    pub done_when: String,
}

/// All clauses, by id.
#[derive(Clone, Debug, Default)]
pub struct Register {
    clauses: BTreeMap<String, Clause>,
}

impl Register {
    /// Reads the tab-separated register.
    pub fn read(file: &str, text: &str) -> (Register, Vec<Diagnostic>) {
        let mut register = Register::default();
        let mut findings = Vec::new();
        for (at, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()) {
            let cells: Vec<&str> = line.split('\t').collect();
            let place = Place { file: file.to_owned(), line: at + 1, column: 1, span: (0, 0) };
            let [id, location, what, kind, capability, _numbers, _effective, needs, done_when] = cells[..] else {
                findings.push(Diagnostic::error(
                    "register",
                    place,
                    format!("登记表此行有 {} 列，应为 9 列", cells.len()),
                    "补齐制表符分隔的列",
                ));
                continue;
            };
            let clause = Clause {
                id: id.to_owned(),
                location: location.to_owned(),
                what: what.to_owned(),
                kind: kind.to_owned(),
                capability: capability.to_owned(),
                needs: needs.to_owned(),
                done_when: done_when.to_owned(),
            };
            if register.clauses.insert(id.to_owned(), clause).is_some() {
                findings.push(Diagnostic::error("register", place, format!("条款编号 {id} 重复"), "改成唯一的编号"));
            }
        }
        (register, findings)
    }

    /// A clause by its id.
    pub fn get(&self, id: &str) -> Option<&Clause> {
        self.clauses.get(id)
    }

    /// All clauses, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.values()
    }

    /// Takes in another register; its rows win.
    pub fn extend(&mut self, other: Register) {
        self.clauses.extend(other.clauses);
    }
}
