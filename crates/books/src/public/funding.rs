//! By which standards a district funds the contributions of its needy classes, fixed before the concentrated period (CQ21-01.3c).
//!
//! A bill takes the standard of the day it is made: a standard that is fixed later does not reach back to it.

use domain::{Category, Date, Fen, Group, Person, Scheme};
use enrolment::cover::window;
use enrolment::due::is_sponsored;
use serde_json::json;

use super::area::{AreaEntry, AreaYear, Funding, key, sheet};
use super::arrears::{about, percent};
use super::region::listed;
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::dues::{self, Dues};
use crate::people::{self, Dossier};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Fix by how much a district funds the contribution of a needy class in an insured year
    Fix = "funding fix", "明确一个区县一个年度对一类困难人员的参保资助标准" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of the district
        area: String = "区划代码",
        /// The class
        class: Word<Category> = "人员类别",
        /// Per person and year
        amount: Yuan = "每人每年（元）",
        /// The document that fixes it
        document: String = "依据的文件",
    }
}

impl UseCase for Fix {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        if self.amount.0 < Fen::ZERO {
            return Err(
                Refusal::new("bad-amount", format!("资助标准 {} 元为负", self.amount), "写每人每年的金额").into()
            );
        }
        let on = desk.today();
        let funding = Funding { class: self.class, amount: self.amount, document: self.document.clone(), on };
        let known = sheet(books, &self.area, self.year)?;
        let before = known.standard(self.class.0, on).cloned();
        let already = before.as_ref().is_some_and(|b| (b.amount, &b.document) == (funding.amount, &funding.document));
        if !already {
            books.post::<AreaYear>(&key(&self.area, self.year), &AreaEntry::Funded(funding))?;
        }
        let class = self.class.0.name();
        let (year, amount) = (self.year, self.amount);
        let was = before.map(|before| before.amount.to_string());
        let since = was.as_ref().map_or(String::new(), |was| format!("，原为 {was} 元，已核定的账单不变"));
        let says = format!("{} {year} 年{class}资助标准 {amount} 元，自 {on} 起{since}", area.name);
        Ok(Answer::new(says, format!("{} is funded with {amount} from {on}", self.class))
            .with("amount", amount.to_string())
            .with("was", was)
            .with("already", already))
    }
}

/// What the district of an area had fixed for a year by a day, by class.
///
/// # Errors
/// When the source fails.
pub fn funding(books: &mut Books<'_>, area: &str, year: i16, day: Date) -> Result<Vec<(Category, Fen)>, Stop> {
    let district = area.get(..6).unwrap_or(area);
    let Some(of) = books.find::<AreaYear>(&key(district, year))? else { return Ok(Vec::new()) };
    let standard = |class: &Category| Some((*class, of.standard(*class, day)?.amount.0));
    Ok(Category::ALL.iter().filter_map(standard).collect())
}

command! {
    /// List the funding standards of districts and which were not fixed when the concentrated period began
    Standards = "funding list", "列出各区县分类资助标准；集中参保期开始时未明确的为逾期" {
        /// The insured year
        year: i16 = "参保年度",
        /// The day; today, if left out
        on: Option<Date> = "截至日，不写为今天",
        /// Only what is overdue
        overdue: bool = "只列逾期的",
    }
}

const COLUMNS: &[Column] = &[
    col("area", "区划", "area"),
    col("name", "名称", "name"),
    col("class", "类别", "class"),
    col("amount", "标准", "amount"),
    col("fixed_on", "明确日", "fixed on"),
    col("document", "文件", "document"),
    col("state", "状态", "state"),
];

impl Question for Standards {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or_else(|| desk.today());
        let year = desk.rules.year(Group::Adult, self.year)?;
        let opens = window(&year).map_err(Refusal::from)?.opens;
        let sponsors = year.terms.family("contribution.sponsor.");
        let classes = sponsors.fold(domain::Categories::NONE, |all, (_, cited)| {
            domain::Categories(all.0 | cited.provision.record.when("when").category.0)
        });
        let mut rows = Vec::new();
        for (code, area) in about(books, None)? {
            let known = sheet(books, &code, self.year)?;
            for class in classes.iter() {
                let first = known.funding.iter().find(|funding| funding.class == Word(class) && funding.on <= on);
                let holds = known.standard(class, on);
                let state = match first {
                    Some(first) if first.on < opens => "fixed",
                    Some(_) => "fixed-late",
                    None if on < opens => "awaited",
                    None => "overdue",
                };
                if self.overdue && state != "overdue" {
                    continue;
                }
                rows.push(vec![
                    json!(code),
                    json!(area.name),
                    json!(class.code()),
                    json!(holds.map(|funding| funding.amount)),
                    json!(first.map(|funding| funding.on.to_string())),
                    json!(holds.map(|funding| funding.document.clone())),
                    json!(state),
                ]);
            }
        }
        let overdue = rows.iter().filter(|row| row[6] == "overdue").count();
        let foot = format!("集中参保期自 {opens} 开始；截至 {on} 逾期 {overdue} 项");
        Ok(Table { title: format!("{} 年分类资助标准", self.year), columns: COLUMNS, rows, foot })
    }
}

command! {
    /// Hold who is funded against who is entitled to it, and name the others
    FundingCoverage = "funding coverage", "应资尽资：应资助与已资助之比，未资助的列名" {
        /// The insured year
        year: i16 = "参保年度",
        /// The day on which classes are held; today, if left out
        on: Option<Date> = "人员类别的截至日，不写为今天",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const MISSED: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("area", "区划", "area"),
    col("categories", "人员类别", "categories"),
    col("state", "情况", "state"),
    col("clauses", "条款", "clauses"),
];

/// Who is entitled to be funded.
struct Entitled {
    person: Key,
    name: Option<String>,
    area: String,
    categories: Vec<&'static str>,
    clauses: Vec<String>,
}

impl Question for FundingCoverage {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let entitled = self.entitled(desk, books)?;
        books.preload(entitled.iter().map(|one| dues::dues_key(&one.person, self.year)))?;
        let (mut rows, count) = (Vec::new(), entitled.len());
        for one in entitled {
            let bill = books.find::<Dues>(&dues::dues_key(&one.person, self.year))?.and_then(Dues::standing);
            let pays = |share: &dues::Share| share.amount.is_none_or(|amount| amount.0 > Fen::ZERO);
            let state = match bill {
                Some(billing) if billing.bill.sponsored.iter().any(pays) => continue,
                Some(_) => "billed-without",
                None => "not-billed",
            };
            let number = people::told(&one.person);
            let Entitled { name, area, categories, clauses, .. } = &one;
            rows.push(vec![json!(number), json!(name), json!(area), json!(categories), json!(state), json!(clauses)]);
        }
        let funded = count - rows.len();
        let rate = share(funded, count).unwrap_or_else(|| "—".to_owned());
        let foot = format!("应资助 {count} 人，已资助 {funded} 人，{rate}；未资助 {} 人", rows.len());
        Ok(Table { title: format!("{} 年应资尽资", self.year), columns: MISSED, rows, foot })
    }
}

impl FundingCoverage {
    /// Persons for whom a rule of the year has somebody else pay.
    fn entitled(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Vec<Entitled>, Stop> {
        let on = self.on.unwrap_or_else(|| desk.today());
        let year = desk.rules.year(Group::Adult, self.year)?;
        let terms = year.terms_on(on.max(year.period.from));
        let mut entitled = Vec::new();
        books.each::<Dossier>(None, |key, dossier| {
            let here = self.area.as_ref().is_none_or(|area| dossier.area.starts_with(area));
            let alive = dossier.died.is_none_or(|died| died > on);
            let categories = dossier.categories_on(on);
            if !here || !alive || categories == domain::Categories::NONE {
                return Ok(());
            }
            let (scheme, group) = (Scheme::Resident, Group::Adult);
            let person = Person { scheme, tier: None, group, categories, born: dossier.born, insured_since: None };
            if let Some(step) = is_sponsored(&terms, &person)? {
                let name = dossier.name.as_ref().map(|sealed| people::open(desk, "name", sealed)).transpose()?;
                entitled.push(Entitled {
                    person: key.clone(),
                    name: name.map(|name| people::masked_name(&name)),
                    area: dossier.area.clone(),
                    categories: categories.iter().map(Category::code).collect(),
                    clauses: step.clauses,
                });
            }
            Ok(())
        })?;
        Ok(entitled)
    }
}

/// So many of so many, in per cent.
fn share(part: usize, whole: usize) -> Option<String> {
    percent(Fen(i64::try_from(part).ok()?), Fen(i64::try_from(whole).ok()?))
}
