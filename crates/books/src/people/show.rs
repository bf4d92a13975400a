//! Everything that is known of a person: masked for anybody who asks, in clear as an audited act.

use domain::Date;
use serde_json::{Value, json};

use super::access::{Ground, Look, looked};
use super::documents::masked;
use super::dossier::{Dossier, DossierEntry};
use super::list::masked_name;
use super::{dossier, find, likely, open, reason, told};
use crate::answer::{Answer, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::matters::rights::{Right, require};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Show what is known of a person, masked
    ShowPerson = "person show", "查看人员信息（脱敏）" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
    }
}

command! {
    /// Show what is known of a person in clear; who looks needs a right and a reason, and both are recorded
    ViewPerson = "person view", "查看人员完整信息（留痕）" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Why
        reason: String = "原因",
    }
}

const COLUMNS: &[Column] = &[
    col("item", "项目", "item"),
    col("value", "内容", "value"),
    col("from", "起始", "from"),
    col("end", "终止", "end"),
    col("source", "来源", "source"),
];

impl Question for ShowPerson {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let key = find(desk, books, &self.person)?;
        let facts = facts(desk, dossier(books, &key)?, false)?;
        let day = |day: Option<Date>| json!(day.map(|day| day.to_string()));
        let row = |fact: Fact| {
            let Fact { item, value, from, end, source } = fact;
            vec![json!(item), json!(value), day(from), day(end), json!(source)]
        };
        let rows = facts.into_iter().map(row).collect();
        let foot = "终止日当日起不再有效；完整信息用 person view，须写明原因并留痕".to_owned();
        Ok(Table { title: format!("个人编号 {}", told(&key)), columns: COLUMNS, rows, foot })
    }
}

impl UseCase for ViewPerson {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let reason = reason(&self.reason)?;
        require(desk, books, Right::ReadIdentity)?;
        let facts = facts(desk, dossier(books, &key)?, true)?;
        books.post::<Dossier>(&key, &DossierEntry::Viewed { reason: reason.clone() })?;
        let (on, ground) = (desk.today(), Word(Ground::Right));
        looked(desk, books, &key, Look { on, ground, reason, through: String::new(), provider: None })?;
        let mut answer = Answer::new("完整信息如下，本次查看已留痕", "the full record, and that it was looked at")
            .with("person", told(&key));
        answer.shown.insert("facts".to_owned(), facts.iter().map(Fact::json).collect());
        Ok(answer)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// A line of what is known.
struct Fact {
    item: &'static str,
    value: String,
    from: Option<Date>,
    end: Option<Date>,
    source: String,
}

impl Fact {
    fn plain(item: &'static str, value: impl Into<String>) -> Fact {
        Fact { item, value: value.into(), from: None, end: None, source: String::new() }
    }

    fn json(&self) -> Value {
        let mut fact = json!({ "item": self.item, "value": self.value });
        for (name, day) in [("from", self.from), ("end", self.end)] {
            if let Some(day) = day {
                fact[name] = json!(day.to_string());
            }
        }
        if !self.source.is_empty() {
            fact["source"] = json!(self.source);
        }
        fact
    }
}

fn facts(desk: &Desk<'_>, known: &Dossier, clear: bool) -> Result<Vec<Fact>, Stop> {
    let mut facts = Vec::new();
    if let Some(name) = &known.name {
        let name = open(desk, "name", name)?;
        facts.push(Fact::plain("姓名", if clear { name } else { masked_name(&name) }));
    }
    for document in &known.documents {
        let number = open(desk, "number", &document.number)?;
        let end = document.valid_until.and_then(|day| day.tomorrow().ok());
        let number = if clear { number } else { masked(&number) };
        facts.push(Fact { end, ..Fact::plain(document.kind.0.name(), number) });
    }
    if let Some(phone) = &known.phone {
        let phone = open(desk, "phone", phone)?;
        facts.push(Fact::plain("联系电话", if clear { phone } else { masked(&phone) }));
    }
    facts.extend(known.sex.map(|sex| Fact::plain("性别", sex.0.name())));
    facts.extend(known.born.map(|born| Fact::plain("出生日期", born.to_string())));
    facts.extend(known.died.map(|died| Fact::plain("死亡日期", died.to_string())));
    facts.push(Fact::plain("区划", known.area.as_str()));
    facts.extend(known.registration.map(|at| Fact::plain("户籍", at.0.name())));
    facts.extend(known.work.map(|work| Fact::plain("就业形式", work.0.name())));
    if let Some(code) = &known.ethnicity {
        let code = if clear { open(desk, "ethnicity", code)? } else { "**".to_owned() };
        facts.push(Fact::plain("民族代码", code));
    }
    if let Some(name) = &known.employer {
        let name = open(desk, "employer", name)?;
        facts.push(Fact::plain("工作单位", if clear { name } else { masked_name(&name) }));
    }
    facts.extend(dated(known));
    Ok(facts)
}

/// What holds from a day to a day.
fn dated(known: &Dossier) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(known.permits.iter().map(|permit| Fact {
        from: Some(permit.from),
        end: permit.valid_until.tomorrow().ok(),
        ..Fact::plain("居住证", "")
    }));
    facts.extend(known.households.iter().map(|time| Fact {
        from: Some(time.from),
        end: time.end,
        ..Fact::plain("家庭", [time.household.as_str(), &time.role].join(" ").trim())
    }));
    facts.extend(known.categories.iter().filter_map(|holding| {
        let days = known.days_of(holding)?;
        let value = [holding.category.0.name(), holding.grade.as_deref().unwrap_or_default()].join(" ");
        let source = holding.source.clone();
        Some(Fact {
            item: "人员类别", value: value.trim().to_owned(), from: Some(days.from), end: days.end, source
        })
    }));
    facts.extend(known.studies.iter().filter(|study| !study.withdrawn).map(|study| Fact {
        item: "在校",
        value: study.school.clone(),
        from: Some(study.from),
        end: study.end,
        source: study.source.clone(),
    }));
    facts.extend(known.loans.iter().map(|loan| Fact {
        from: Some(loan.submitted),
        source: loan.by.clone(),
        ..Fact::plain("助学贷款", format!("{} {} 学年 {}", loan.school, loan.year, loan.state()))
    }));
    facts.extend(known.secured.iter().filter(|secured| !secured.withdrawn).map(|secured| Fact {
        item: "其他医疗保障",
        value: secured.name.clone(),
        from: Some(secured.from),
        end: secured.end,
        source: secured.source.clone(),
    }));
    facts
}
