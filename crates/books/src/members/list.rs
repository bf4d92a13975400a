//! Members as lists, masked.

use domain::Date;
use serde_json::{Value, json};

use super::insured::{Insured, insured};
use super::membership::{Membership, Relation, State};
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::dues::paid_on;
use crate::people::{self, Dossier, masked, masked_name};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// List the members of an insured year
    ListMembers = "member list", "列出一个年度的参保人" {
        /// Insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
        /// State
        state: Option<Word<State>> = "参保状态",
        /// Tier
        tier: Option<String> = "档次",
        /// The day that the state is of; today, or the last day of a year gone by, if left out
        on: Option<Date> = "哪一日的状态，不写为今天（已过的年度为年末）",
    }
}

command! {
    /// Show a person's relations of insurance, year by year
    ShowMember = "member show", "查看一个人的参保关系" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Insured year; all, if left out
        year: Option<i16> = "参保年度，不写为全部",
    }
}

const COLUMNS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("year", "年度", "year"),
    col("state", "状态", "state"),
    col("group", "人群", "group"),
    col("tier", "档次", "tier"),
    col("scheme", "险种", "scheme"),
    col("area", "区划", "area"),
    col("enrolled", "登记日", "enrolled"),
    col("paid", "缴清日", "paid"),
    col("benefits_from", "待遇起始日", "benefits from"),
    col("insured_since", "连续参保起始日", "unbroken since"),
    col("cause", "变动原因", "cause"),
];

/// A relation of a year, with what is needed to judge it.
pub(super) struct Row {
    pub person: Key,
    pub year: i16,
    pub relation: Relation,
    pub paid: Option<Date>,
}

impl Row {
    pub fn state_on(&self, day: Date) -> State {
        self.relation.state_on(day, self.paid)
    }
}

/// The relations of a year, one for each person: the one that matters most.
pub(super) fn relations(desk: &Desk<'_>, books: &mut Books<'_>, year: i16) -> Result<Vec<Row>, Stop> {
    let mut rows = Vec::new();
    books.each::<Membership>(Some(year), |key, membership| {
        if let Some((_, relation)) = membership.latest() {
            let id = key.subject.strip_prefix("member/").unwrap_or(&key.subject);
            let person = Key::of(format!("person/{id}"));
            rows.push(Row { person, year, relation: relation.clone(), paid: None });
        }
        Ok(())
    })?;
    for page in rows.chunks_mut(PAGE) {
        books.preload(page.iter().map(|row| crate::dues::dues_key(&row.person, year)))?;
        for row in page {
            row.paid = paid_on(desk, books, &row.person, year)?;
        }
    }
    Ok(rows)
}

/// How many sheets are read at once.
pub(super) const PAGE: usize = 500;

/// The day that the states of a year are told for: today, or the last day of a year gone by.
pub(super) fn day_of(desk: &Desk<'_>, year: i16, on: Option<Date>) -> Date {
    let last = super::ends(year, false).yesterday().unwrap_or(Date::MAX);
    on.unwrap_or_else(|| desk.today().min(last))
}

impl Question for ListMembers {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = day_of(desk, self.year, self.on);
        let wanted = |row: &Row| {
            let capacity = &row.relation.capacity;
            self.area.as_ref().is_none_or(|area| capacity.area.starts_with(area))
                && self.state.is_none_or(|state| row.state_on(day) == state.0)
                && self.tier.as_ref().is_none_or(|tier| capacity.tier.as_ref() == Some(tier))
                && row.relation.enrolled <= day
        };
        let found: Vec<Row> = relations(desk, books, self.year)?.into_iter().filter(wanted).collect();
        let mut rows = Vec::new();
        for row in &found {
            rows.push(line(desk, books, row, day)?);
        }
        let foot = format!("{} 人（{day} 的状态）", rows.len());
        Ok(Table { title: format!("{}年度参保人", self.year), columns: COLUMNS, rows, foot })
    }
}

impl Question for ShowMember {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let born = people::dossier(books, &person)?.born.map_or(FIRST, |born| born.year());
        let years = match self.year {
            Some(year) => year..=year,
            None => born.max(FIRST)..=desk.today().year().saturating_add(1),
        };
        books.preload(years.clone().map(|year| super::key(&person, year)))?;
        let mut rows = Vec::new();
        for year in years {
            let Some(membership) = books.find::<Membership>(&super::key(&person, year))?.cloned() else { continue };
            let paid = paid_on(desk, books, &person, year)?;
            for relation in membership.relations {
                let day = day_of(desk, year.saturating_add(i16::from(relation.capacity.academic)), None);
                let row = Row { person: person.clone(), year, relation, paid };
                rows.push(line(desk, books, &row, day)?);
            }
        }
        let foot = if rows.is_empty() { "未参保".to_owned() } else { String::new() };
        Ok(Table { title: "参保关系".to_owned(), columns: COLUMNS, rows, foot })
    }
}

/// No insured year of residents was earlier (新农合 began in 2003).
const FIRST: i16 = 2003;

fn line(desk: &Desk<'_>, books: &mut Books<'_>, row: &Row, day: Date) -> Result<Vec<Value>, Stop> {
    let Row { person, year, relation, paid } = row;
    let (name, number) = shown(desk, books, person)?;
    let text = |day: Option<Date>| json!(day.map(|day| day.to_string()));
    let start = relation.start.as_ref().filter(|start| Some(start.paid) == *paid);
    let from = start.map(|start| start.from);
    let since = relation.since.or(from);
    Ok(vec![
        json!(super::id(person)),
        json!(name),
        json!(number),
        json!(year),
        json!(row.state_on(day).code()),
        json!(relation.capacity.group.0.code()),
        json!(relation.capacity.tier),
        json!(relation.capacity.scheme.0.code()),
        json!(relation.capacity.area),
        text(Some(relation.enrolled)),
        text(*paid),
        text(from),
        text(since),
        json!(relation.moved_by(day).map(|step| step.cause.0.name())),
    ])
}

/// Name and number of a person, masked.
pub(super) fn shown(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
) -> Result<(Option<String>, Option<String>), Stop> {
    let Some(dossier) = books.find::<Dossier>(person)? else { return Ok((None, None)) };
    let name = dossier.name.as_ref().map(|sealed| people::open(desk, "name", sealed)).transpose()?;
    let number = dossier.document().map(|d| people::open(desk, "number", &d.number)).transpose()?;
    Ok((name.map(|name| masked_name(&name)), number.map(|number| masked(&number))))
}

command! {
    /// Tell whether a person is covered on a day, by which scheme and tier, from when, and why or why not
    CoverOn = "member cover", "某人某日是否在保、为什么" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// The day; today, if left out
        on: Option<Date> = "哪一日，不写为今天",
    }
}

const COVER: &[Column] = &[
    col("covered", "在保", "covered"),
    col("scheme", "险种", "scheme"),
    col("tier", "档次", "tier"),
    col("group", "人群", "group"),
    col("from", "待遇起始日", "benefits from"),
    col("until", "保障期最后一日", "last day"),
    col("since", "连续参保起始日", "unbroken since"),
    col("code", "不在保的原因代码", "refusal"),
    col("why", "依据", "why"),
    col("clauses", "条款", "clauses"),
];

impl Question for CoverOn {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let day = self.on.unwrap_or_else(|| desk.today());
        let text = |day: Option<Date>| json!(day.map(|day| day.to_string()));
        let row = match insured(desk, books, &person, day) {
            Ok(Insured { person, cover, .. }) => {
                let why: Vec<&str> = cover.steps.iter().map(|step| step.text.as_str()).collect();
                let clauses: Vec<&String> = cover.steps.iter().flat_map(|step| &step.clauses).collect();
                vec![
                    json!(true),
                    json!(person.scheme.code()),
                    json!(person.tier),
                    json!(person.group.code()),
                    text(cover.benefits_from),
                    text(cover.ends.yesterday().ok()),
                    text(person.insured_since),
                    json!(null),
                    json!(why.join("；")),
                    json!(clauses),
                ]
            }
            Err(Stop::Refused(refusal)) => {
                let mut row = vec![json!(false)];
                row.resize(7, json!(null));
                row.extend([json!(refusal.code), json!(refusal.message), json!(refusal.clauses)]);
                row
            }
            Err(stop) => return Err(stop),
        };
        Ok(Table { title: format!("{day} 的保障"), columns: COVER, rows: vec![row], foot: String::new() })
    }
}
