//! Filings as lists: of a person, of a kind, for an area, running out soon; and how many there are.

use std::collections::BTreeMap;

use domain::Date;
use serde_json::json;

use super::sheet::{Content, Filed, Filings, Kind, State};
use super::{key, number};
use crate::answer::{Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::people;
use crate::providers::within;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// List filings
    ListFilings = "filing list", "列出备案" {
        /// The person: document number or person's number
        person: Option<String> = "证件号码或个人编号",
        /// What they are for
        kind: Option<Word<Kind>> = "备案种类",
        /// Where they stand
        state: Option<Word<State>> = "状态",
        /// Code of the area they are for
        area: Option<String> = "前往地区的区划代码",
        /// Code of the area the persons are registered in, or its beginning
        home_area: Option<String> = "参保人所在的区划代码，可只写开头",
        /// Only those that hold on this day
        on: Option<Date> = "只列这一天有效的",
        /// Only approved ones that run out from today up to this day
        expires_by: Option<Date> = "只列到这一天为止到期的",
    }
}

command! {
    /// Count the filings that hold on a day, by kind and area
    CountFilings = "filing count", "备案统计" {
        /// The day; today, if left out
        on: Option<Date> = "日期，不写为今天",
    }
}

const COLUMNS: &[Column] = &[
    col("filing", "备案编号", "filing"),
    col("person", "个人编号", "person"),
    col("kind", "种类", "kind"),
    col("state", "状态", "state"),
    col("from", "起始日期", "from"),
    col("until", "截止日期", "until"),
    col("area", "地区", "area"),
    col("providers", "机构", "providers"),
    col("disease", "病种", "disease"),
    col("channel", "渠道", "channel"),
    col("applied", "申请日期", "applied"),
    col("reason", "理由", "reason"),
    col("by", "申报机构", "filed by"),
    col("from_provider", "转出机构", "referring provider"),
    col("disease_name", "病种名称", "disease's name"),
];

impl Question for ListFilings {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let today = desk.today();
        if self.expires_by.is_some_and(|by| by < today) {
            return Err(Refusal::new("impossible-date", "到期日在今天之前", "写今天或以后的日子").into());
        }
        let mut found = Vec::new();
        let mut take = |person: &Key, filings: &Filings| {
            let wanted = filings.filed.iter().filter(|filed| self.wants(filed, today));
            found.extend(wanted.map(|filed| (Some(person.clone()), row(desk, person, filed))));
        };
        if let Some(person) = &self.person {
            let person = people::find(desk, books, person)?;
            if let Some(filings) = books.find::<Filings>(&key(&person))? {
                take(&person, filings);
            }
        } else {
            books.each::<Filings>(None, |key, filings| {
                take(&person_of(key), filings);
                Ok(())
            })?;
        }
        let rows = people::of_area(books, self.home_area.as_deref(), found)?;
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: "备案".to_owned(), columns: COLUMNS, rows, foot })
    }
}

impl ListFilings {
    fn wants(&self, filed: &Filed, today: Date) -> bool {
        let runs_out = |by: Date| {
            let end = filed.period().and_then(|period| period.end);
            let last = end.and_then(|end| end.yesterday().ok());
            filed.state.0 == State::Approved && last.is_some_and(|last| today <= last && last <= by)
        };
        let day = self.on.unwrap_or(today);
        self.kind.is_none_or(|kind| kind == filed.content.kind)
            && self.state.is_none_or(|state| state == filed.state)
            && self.area.as_ref().is_none_or(|area| filed.area(day).is_some_and(|to| within(to, area)))
            && self.on.is_none_or(|on| filed.holds(on))
            && self.expires_by.is_none_or(runs_out)
    }
}

fn row(desk: &Desk<'_>, person: &Key, filed: &Filed) -> Vec<serde_json::Value> {
    let (content, today) = (&filed.content, desk.today());
    let last = filed.last.or(content.until);
    vec![
        json!(number(person, filed.number)),
        json!(super::id(person)),
        json!(content.kind.0.code()),
        json!(filed.state.0.code()),
        json!(content.from.to_string()),
        json!(last.map(|last| last.to_string())),
        json!(filed.area(today)),
        json!(filed.providers(today).join(" ")),
        json!(content.disease),
        json!(content.channel),
        json!(filed.applied.to_string()),
        json!(filed.reason),
        json!(content.by),
        json!(content.from_provider),
        json!(disease_name(desk, content)),
    ]
}

/// What the list of the filing's first day calls its disease.
fn disease_name(desk: &Desk<'_>, content: &Content) -> Option<String> {
    let (disease, list) = (content.disease.as_deref()?, super::check::list(content.kind.0)?);
    let terms = desk.rules.terms(content.from).ok()?;
    let (_, cited) = terms.family(&format!("disease.{list}.")).find(|(code, _)| code.eq_ignore_ascii_case(disease))?;
    cited.provision.record.text("name").map(str::to_owned)
}

fn person_of(key: &Key) -> Key {
    Key::of(format!("person/{}", super::id(key)))
}

const COUNTS: &[Column] =
    &[col("kind", "种类", "kind"), col("area", "地区", "area"), col("filings", "备案数", "filings")];

impl Question for CountFilings {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = self.on.unwrap_or_else(|| desk.today());
        let mut counts: BTreeMap<(Kind, Option<String>), u64> = BTreeMap::new();
        books.each::<Filings>(None, |_, filings| {
            for filed in filings.filed.iter().filter(|filed| filed.holds(day)) {
                let area = filed.area(day).map(str::to_owned);
                *counts.entry((filed.content.kind.0, area)).or_default() += 1;
            }
            Ok(())
        })?;
        let total: u64 = counts.values().sum();
        let rows = counts.into_iter().map(|((kind, area), count)| vec![json!(kind.code()), json!(area), json!(count)]);
        let rows = rows.collect();
        Ok(Table { title: format!("{day} 有效的备案"), columns: COUNTS, rows, foot: format!("{total} 条") })
    }
}
