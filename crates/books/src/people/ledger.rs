//! The ledger of needy persons' enrolment (参保台账), and how many of them are insured, town by town (应保尽保).
//!
//! Who counts as needy is for the one who asks: by categories, or all who hold any. Insured is who is an active member, or secured
//! by the employee scheme or the resident scheme of another region; who is enrolled and has not paid is not.

use std::collections::BTreeMap;

use domain::{Categories, Category, Date, Fen};
use serde_json::{Value, json};

use super::dossier::Dossier;
use super::list::{identity, within};
use super::record::Arrangement;
use super::told;
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::dues::{Dues, dues_key};
use crate::members::{self, Membership, Relation, State};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// The ledger of needy persons' enrolment: identity, enrolled or not, who pays, dates
    NeedyLedger = "needy ledger", "困难人员参保台账" {
        /// Insured year
        year: i16 = "参保年度",
        /// Categories; all, if left out
        category: Vec<Word<Category>> = "人员类别，不写为所有类别",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
        /// On which day; today, if left out
        on: Option<Date> = "在哪一日，不写为今天",
        /// Only who is not insured
        missing: bool = "只列未参保的",
    }
}

command! {
    /// How many needy persons are insured, town by town, and who is not
    NeedyCoverage = "needy coverage", "困难人员参保率，按乡镇" {
        /// Insured year
        year: i16 = "参保年度",
        /// Categories; all, if left out
        category: Vec<Word<Category>> = "人员类别，不写为所有类别",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
        /// On which day; today, if left out
        on: Option<Date> = "在哪一日，不写为今天",
    }
}

const LEDGER: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("area", "区划", "area"),
    col("categories", "人员类别", "categories"),
    col("from", "类别起始", "from"),
    col("end", "类别终止", "end"),
    col("insured", "已参保", "insured"),
    col("by", "参保方式", "insured by"),
    col("enrolled", "登记日", "enrolled"),
    col("tier", "档次", "tier"),
    col("personal", "个人缴费", "own part"),
    col("sponsored", "资助金额", "sponsored"),
    col("sponsor", "资助来源", "sponsor"),
    col("paid", "缴清日", "paid"),
];

const COVERAGE: &[Column] = &[
    col("town", "乡镇", "town"),
    col("registered", "应参保", "registered"),
    col("insured", "已参保", "insured"),
    col("rate", "参保率", "rate"),
    col("missing", "未参保人员", "missing"),
];

/// Length of a town's code.
const TOWN: usize = 9;

/// A needy person.
struct Needy {
    person: Key,
    name: String,
    number: String,
    area: String,
    categories: Vec<&'static str>,
    from: Option<Date>,
    end: Option<Date>,
    elsewhere: Option<String>,
}

/// How a needy person stands.
struct Standing {
    relation: Option<Relation>,
    dues: Dues,
    /// By what the person is insured.
    by: Option<String>,
}

/// Whom to look for.
struct Wanted<'w> {
    category: &'w [Word<Category>],
    area: &'w Option<String>,
    on: Date,
}

impl Wanted<'_> {
    /// The needy persons, by area.
    fn find(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Vec<Needy>, Stop> {
        let wanted: Categories = self.category.iter().map(|word| word.0).collect();
        let mut found = Vec::new();
        books.each::<Dossier>(None, |key, dossier| {
            let mut held = dossier
                .holdings_on(self.on)
                .filter(|h| wanted == Categories::NONE || wanted.has(h.category.0))
                .peekable();
            if held.peek().is_none() || !within(&dossier.area, self.area) {
                return Ok(());
            }
            let held: Vec<_> = held.collect();
            let mut categories: Vec<&str> = held.iter().map(|holding| holding.category.0.name()).collect();
            categories.sort_unstable();
            categories.dedup();
            let days = || held.iter().filter_map(|holding| dossier.days_of(holding));
            // Open as long as one of them is.
            let end =
                if days().any(|days| days.end.is_none()) { None } else { days().filter_map(|days| days.end).max() };
            let elsewhere = dossier.secured_on(self.on).filter(|s| s.kind.0 != Arrangement::Other);
            let (name, number) = identity(desk, dossier)?;
            found.push(Needy {
                person: key.clone(),
                name,
                number,
                area: dossier.area.clone(),
                categories,
                from: days().map(|days| days.from).min(),
                end,
                elsewhere: elsewhere.map(|secured| secured.name.clone()),
            });
            Ok(())
        })?;
        found.sort_by(|a, b| (&a.area, &a.person).cmp(&(&b.area, &b.person)));
        Ok(found)
    }
}

impl Needy {
    fn standing(&self, books: &mut Books<'_>, year: i16, on: Date) -> Result<Standing, Stop> {
        let dues = books.find::<Dues>(&dues_key(&self.person, year))?.cloned().unwrap_or_default();
        let membership = books.find::<Membership>(&members::key(&self.person, year))?;
        let relation = membership.and_then(Membership::latest).map(|(_, relation)| relation.clone());
        let relation = relation.filter(|relation| relation.enrolled <= on);
        let active = relation.as_ref().is_some_and(|relation| relation.state_on(on, dues.paid_on()) == State::Active);
        let by = if active { relation.as_ref().map(|r| r.capacity.scheme.0.name().to_owned()) } else { None };
        Ok(Standing { relation, dues, by: by.or_else(|| self.elsewhere.clone()) })
    }

    fn town(&self) -> &str {
        self.area.get(..TOWN).unwrap_or(&self.area)
    }

    fn row(&self, standing: &Standing) -> Vec<Value> {
        let day = |day: Option<Date>| json!(day.map(|day| day.to_string()));
        let Standing { relation, dues, by } = standing;
        let bill = dues.standing().map(|billing| &billing.bill);
        let sponsored: Option<Fen> = bill.map(|bill| bill.sponsored.iter().filter_map(|s| s.amount).map(|a| a.0).sum());
        let sponsors: Vec<&str> = bill.into_iter().flat_map(|bill| &bill.sponsored).map(|s| s.payer.as_str()).collect();
        vec![
            json!(told(&self.person)),
            json!(self.name),
            json!(self.number),
            json!(self.area),
            json!(self.categories.join("、")),
            day(self.from),
            day(self.end),
            json!(by.is_some()),
            json!(by),
            day(relation.as_ref().map(|relation| relation.enrolled)),
            json!(relation.as_ref().and_then(|relation| relation.capacity.tier.clone())),
            json!(bill.map(|bill| bill.personal.to_string())),
            json!(sponsored.map(|amount| amount.to_string())),
            json!(sponsors.join("、")),
            day(dues.paid_on()),
        ]
    }
}

/// A share of a whole, in hundredths of a percent, rounded half up: `99.50%`.
pub(crate) fn share(part: usize, whole: usize) -> Option<String> {
    let points = (part * 20_000 + whole).checked_div(whole * 2)?;
    Some(format!("{}.{:02}%", points / 100, points % 100))
}

impl Question for NeedyLedger {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or(desk.today());
        let found = Wanted { category: &self.category, area: &self.area, on }.find(desk, books)?;
        let (mut rows, mut insured) = (Vec::new(), 0);
        for needy in &found {
            let standing = needy.standing(books, self.year, on)?;
            insured += usize::from(standing.by.is_some());
            if standing.by.is_none() || !self.missing {
                rows.push(needy.row(&standing));
            }
        }
        let rate = share(insured, found.len()).unwrap_or_else(|| "无".to_owned());
        let foot = format!("应参保 {} 人，已参保 {insured} 人，参保率 {rate}", found.len());
        Ok(Table {
            title: format!("{}年度困难人员参保台账（{on}）", self.year), columns: LEDGER, rows, foot
        })
    }
}

impl Question for NeedyCoverage {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or(desk.today());
        let found = Wanted { category: &self.category, area: &self.area, on }.find(desk, books)?;
        let mut towns: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
        for needy in &found {
            let insured = needy.standing(books, self.year, on)?.by.is_some();
            let (registered, missing) = towns.entry(needy.town()).or_default();
            *registered += 1;
            if !insured {
                missing.push(told(&needy.person));
            }
        }
        let missing: usize = towns.values().map(|(_, missing)| missing.len()).sum();
        let insured = found.len() - missing;
        let rows = towns.into_iter().map(|(town, (registered, missing))| {
            let insured = registered - missing.len();
            vec![
                json!(town),
                json!(registered),
                json!(insured),
                json!(share(insured, registered)),
                json!(missing.join("、")),
            ]
        });
        let rows = rows.collect();
        let rate = share(insured, found.len()).unwrap_or_else(|| "无".to_owned());
        let foot = format!("应参保 {} 人，已参保 {insured} 人，参保率 {rate}，未参保 {missing} 人", found.len());
        Ok(Table {
            title: format!("{}年度困难人员参保率（{on}）", self.year), columns: COVERAGE, rows, foot
        })
    }
}
