//! Service items (政务服务事项) as the terms have them: `matter.*` of the notices and of the national supplement.
//!
//! What is on the list can be opened; what is not cannot. One item has one code and one list of steps in the whole region
//! (CQ21-07.1f, JL22-06b): the terms are the region's, not a counter's. Days that no source gives are left open.

use domain::{Basis, Date, vocabulary};
use policy::{Cited, Record, Terms};

use crate::answer::{Refusal, Step};
use crate::desk::Desk;

vocabulary! {
    /// How a matter is brought forward.
    Way {
        Counter = "counter", "窗口", "at the counter";
        Web = "web", "网上", "by the web";
        Phone = "phone", "电话", "by telephone";
        Mail = "mail", "邮寄", "by mail";
        Visit = "visit", "上门", "by a visit at home";
        Booking = "booking", "预约", "by booking";
        Agent = "agent", "代办", "by an agent";
    }
}

vocabulary! {
    /// A place that takes matters in.
    PointKind {
        Agency = "agency", "经办机构", "agency";
        Town = "town", "乡镇街道", "town or sub-district";
        Village = "village", "村社区", "village or community";
        Pharmacy = "pharmacy", "药店", "pharmacy";
        Clinic = "clinic", "诊所和卫生院", "clinic";
        Bank = "bank", "银行", "bank";
        Firm = "firm", "商保机构", "insurance firm";
    }
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decides {
    /// The agency of the applicant's area.
    Home,
    /// The agency of the place where it is taken in.
    Here,
    /// The partner it is sent to.
    Partner,
}

/// A step of an item.
#[derive(Clone, Debug)]
pub struct ItemStep {
    /// The state it leads to.
    pub state: String,
    /// Its Chinese name.
    pub name: String,
    /// The states it may follow.
    pub after: Vec<String>,
    /// Which office takes it: accepting, deciding, either.
    pub by: String,
    /// Whether a reason must be recorded.
    pub reason: bool,
    /// Facts that must be recorded with it.
    pub needs: Vec<String>,
    /// Whether the fund owes from here on (`owes`), or pays (`pays`).
    pub money: Option<String>,
    /// Whether the matter ends here.
    pub ends: bool,
}

impl ItemStep {
    fn of(record: &Record) -> ItemStep {
        let texts = |name: &str| record.texts(name).into_iter().map(str::to_owned).collect();
        let text = |name: &str| record.text(name).unwrap_or_default().to_owned();
        ItemStep {
            state: text("step"),
            name: text("name"),
            after: texts("after"),
            by: record.text("by").unwrap_or("deciding").to_owned(),
            reason: record.flag("reason") == Some(true),
            needs: texts("needs"),
            money: record.text("money").map(str::to_owned),
            ends: record.flag("ends") == Some(true),
        }
    }
}

/// A service item.
#[derive(Clone, Debug)]
pub struct Item<'l> {
    /// Its id: the last part of its key.
    pub id: &'l str,
    /// Where it stands.
    pub cited: Cited<'l>,
}

impl<'l> Item<'l> {
    fn record(&self) -> &'l Record {
        &self.cited.provision.record
    }

    /// Its Chinese name.
    pub fn name(&self) -> &'l str {
        self.record().text("name").unwrap_or(self.id)
    }

    /// Its code, where it has one.
    pub fn code(&self) -> Option<&'l str> {
        self.record().text("code")
    }

    /// Who asks: person, organisation, any, none.
    pub fn applicant(&self) -> &'l str {
        self.record().text("applicant").unwrap_or("any")
    }

    /// Whether it may be asked for in this way.
    pub fn by_way(&self, way: Way) -> bool {
        let ways = self.record().texts("ways");
        ways.is_empty() || ways.contains(&way.code())
    }

    /// Where it may be taken in.
    pub fn points(&self) -> Vec<PointKind> {
        let points: Vec<PointKind> = self.record().texts("points").into_iter().filter_map(PointKind::parse).collect();
        if points.is_empty() { vec![PointKind::Agency] } else { points }
    }

    /// Who decides it.
    pub fn decides(&self) -> Decides {
        match self.record().text("decides") {
            Some("partner") => Decides::Partner,
            Some("here") => Decides::Here,
            Some(_) => Decides::Home,
            None if self.applicant() == "person" => Decides::Home,
            None => Decides::Here,
        }
    }

    /// Facts that must be recorded when it opens.
    pub fn needs(&self) -> Vec<&'l str> {
        self.record().texts("needs")
    }

    /// Whether who asks is kept under seal.
    pub fn sealed(&self) -> bool {
        self.record().flag("sealed") == Some(true)
    }

    /// The fund that pays, and whether it pays a provider.
    pub fn payer(&self) -> Option<(&'l str, bool)> {
        Some((self.record().text("payer")?, self.record().text("payee") == Some("provider")))
    }

    /// Its steps.
    pub fn steps(&self) -> Vec<ItemStep> {
        self.record().rows("flow").iter().map(|row| ItemStep::of(&row.values)).collect()
    }

    /// The state it opens in: the checker sees to it that there is one.
    pub fn opening(&self) -> Option<ItemStep> {
        self.steps().into_iter().find(|step| step.after.is_empty())
    }

    /// How many days it may take, and whether those are working days.
    pub fn days(&self) -> Option<(i64, bool)> {
        Some((self.record().integer("days")?, self.record().flag("working") == Some(true)))
    }

    /// On what the list entry rests.
    pub fn basis(&self) -> Basis {
        self.cited.provision.basis
    }

    /// The day by which a matter opened on a day is due, and why; none where no source gives the days, or where strict books do
    /// not use the source.
    pub fn due(&self, desk: &Desk<'_>, opened: Date) -> Option<(Date, Step)> {
        let (days, working) = self.days()?;
        desk.rules.accept(self.basis()).ok()?;
        let (due, kind) = match working {
            // Public holidays are not in the terms: what is shown is the earliest day it can be.
            true => (working_day(opened, days)?, "工作日（未计法定节假日和调休）"),
            false => (opened.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?, "日"),
        };
        let text = format!("{}：{days} 个{kind}内办结，至 {due}", self.name());
        Some((due, self.step(text)))
    }

    /// A reason that cites the entry of the list.
    pub fn step(&self, text: String) -> Step {
        let provision = self.cited.provision;
        let mut sources = provision.clauses.clone();
        sources.extend(provision.source().map(str::to_owned));
        Step { text, english: String::new(), sources, basis: self.basis().code().to_owned() }
    }
}

/// The day that is so many weekdays after a day.
fn working_day(from: Date, days: i64) -> Option<Date> {
    let mut day = from;
    let mut left = days;
    while left > 0 {
        day = day.tomorrow().ok()?;
        if day.weekday().to_monday_zero_offset() < 5 {
            left -= 1;
        }
    }
    Some(day)
}

/// The items in force, by id.
pub fn all<'l>(terms: &Terms<'l>) -> Vec<Item<'l>> {
    terms.family("matter.").map(|(id, cited)| Item { id, cited }).collect()
}

/// The item of an id, a code or a Chinese name.
///
/// # Errors
/// When it is not on the list, or its code is that of another too.
pub fn named<'l>(terms: &Terms<'l>, wanted: &str) -> Result<Item<'l>, Refusal> {
    let items = all(terms);
    let is = |item: &&Item<'l>| item.id == wanted || item.code() == Some(wanted) || item.name() == wanted;
    let Some(item) = items.iter().find(is) else {
        let message = format!("“{wanted}” 不在 {} {} 的经办事项清单里", terms.region.name, terms.day);
        let clauses = list_clauses(terms);
        return Err(Refusal::new(
            "off-list",
            message,
            "用 matter items 查清单；清单由通知或补充文件的 [[matter.*]] 写明",
        )
        .by(clauses));
    };
    if let Some(code) = item.code()
        && let Some(other) = items.iter().find(|other| other.id != item.id && other.code() == Some(code))
    {
        let message = format!("编码 {code} 用于两个事项：{}、{}", item.id, other.id);
        return Err(Refusal::new("duplicate-code", message, "同一事项同一编码：改正 [[matter.*]] 的 code"));
    }
    Ok(item.clone())
}

/// The clauses that ask for the list.
fn list_clauses(terms: &Terms<'_>) -> Vec<String> {
    terms.get("matters.list").map(|cited| cited.provision.clauses.clone()).unwrap_or_default()
}
