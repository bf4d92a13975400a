//! The quality of the register: how many records have a valid identity document, a name and a contact.

use std::collections::BTreeMap;

use domain::Date;
use serde_json::json;

use super::documents::normal;
use super::dossier::Dossier;
use super::ledger::share;
use super::list::{identity, within};
use super::{open, told};
use crate::answer::Stop;
use crate::command;
use crate::desk::Desk;
use crate::members::{self, Membership};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// The share of records with a valid document, a name and a contact, by county
    Quality = "person quality", "登记信息完整率，按县区" {
        /// Only members of this insured year
        year: Option<i16> = "只看这一年度的参保人",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

command! {
    /// List the records without a valid document, a name or a contact
    Gaps = "person gaps", "列出登记信息不完整的人" {
        /// Only members of this insured year
        year: Option<i16> = "只看这一年度的参保人",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const SHARES: &[Column] = &[
    col("county", "县区", "county"),
    col("records", "人数", "records"),
    col("valid_id", "证件有效", "valid document"),
    col("name", "有姓名", "name"),
    col("contact", "有联系电话", "contact"),
    col("complete", "三项齐全", "all three"),
    col("share", "完整率", "share"),
];

const GAPS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("area", "区划", "area"),
    col("missing", "缺什么", "missing"),
];

/// Length of a county's code.
const COUNTY: usize = 6;

/// What a record has.
#[derive(Clone, Copy)]
struct Has {
    document: bool,
    name: bool,
    contact: bool,
}

impl Has {
    /// Looks a living person's record through.
    fn of(desk: &Desk<'_>, dossier: &Dossier) -> Result<Has, Stop> {
        let today = desk.today();
        let mut document = false;
        for known in dossier.documents.iter().filter(|known| valid(known.valid_until, today)) {
            document |= normal(known.kind.0, &open(desk, "number", &known.number)?).is_ok();
        }
        let name = dossier.name.as_ref().map(|name| open(desk, "name", name)).transpose()?;
        Ok(Has { document, name: name.is_some_and(|name| !name.is_empty()), contact: dossier.phone.is_some() })
    }

    fn all(self) -> bool {
        self.document && self.name && self.contact
    }

    fn missing(self) -> String {
        let parts = [(self.document, "有效证件"), (self.name, "姓名"), (self.contact, "联系电话")];
        let missing: Vec<&str> = parts.into_iter().filter(|(has, _)| !has).map(|(_, what)| what).collect();
        missing.join("、")
    }
}

fn valid(until: Option<Date>, today: Date) -> bool {
    until.is_none_or(|until| today <= until)
}

/// The living persons asked about, with what their records have.
fn records(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    year: Option<i16>,
    area: &Option<String>,
    mut each: impl FnMut(&Key, &Dossier, Has) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut found: Vec<Key> = Vec::new();
    books.each::<Dossier>(None, |key, dossier| {
        if dossier.alive_on(desk.today()) && within(&dossier.area, area) {
            found.push(key.clone());
        }
        Ok(())
    })?;
    for key in found {
        if let Some(year) = year {
            let membership = books.find::<Membership>(&members::key(&key, year))?;
            if membership.and_then(Membership::latest).is_none() {
                continue;
            }
        }
        let Some(dossier) = books.find::<Dossier>(&key)? else { continue };
        each(&key, dossier, Has::of(desk, dossier)?)?;
    }
    Ok(())
}

impl Question for Quality {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut counties: BTreeMap<String, [usize; 5]> = BTreeMap::new();
        records(desk, books, self.year, &self.area, |_, dossier, has| {
            let county = dossier.area.get(..COUNTY).unwrap_or(&dossier.area);
            let counts = counties.entry(county.to_owned()).or_default();
            for (count, has) in counts.iter_mut().zip([true, has.document, has.name, has.contact, has.all()]) {
                *count += usize::from(has);
            }
            Ok(())
        })?;
        let sum = |at: usize| counties.values().map(|counts| counts[at]).sum::<usize>();
        let (all, complete) = (sum(0), sum(4));
        let foot =
            format!("{all} 人，三项齐全 {complete} 人，完整率 {}", share(complete, all).unwrap_or("无".to_owned()));
        let rows = counties.into_iter().map(|(county, [all, document, name, contact, complete])| {
            let share = share(complete, all);
            vec![json!(county), json!(all), json!(document), json!(name), json!(contact), json!(complete), json!(share)]
        });
        Ok(Table { title: "登记信息完整率".to_owned(), columns: SHARES, rows: rows.collect(), foot })
    }
}

impl Question for Gaps {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        records(desk, books, self.year, &self.area, |key, dossier, has| {
            if !has.all() {
                let (name, number) = identity(desk, dossier)?;
                rows.push(vec![
                    json!(told(key)),
                    json!(name),
                    json!(number),
                    json!(dossier.area),
                    json!(has.missing()),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 人", rows.len());
        Ok(Table { title: "登记信息不完整的人".to_owned(), columns: GAPS, rows, foot })
    }
}
