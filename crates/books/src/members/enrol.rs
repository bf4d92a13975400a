//! Enrolment in an insured year: who may join, as what, from when that would give benefits, and what is due.

use domain::{Date, Group};
use enrolment::{Asking, Cover, Due, Joining, RecordState};

use super::facts::Facts;
use super::insured::insured;
use super::membership::{Capacity, Channel, Membership, MembershipEntry, State};
use super::start::settle_start;
use crate::answer::{Answer, Refusal, Step, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::dues::{self, Bill, Choice};
use crate::sheets::{Books, Key};
use crate::{people, public};

command! {
    /// Enrol a person in an insured year
    Enrol = "member enrol", "参保登记" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Insured year, by the year it begins in
        year: i16 = "参保年度（学年写开始的那一年）",
        /// Tier of contribution, where the region has tiers
        tier: Option<String> = "缴费档次（分档的地区）",
        /// Population group; by course of study and age, if left out
        group: Option<Word<Group>> = "人群；不写按在读情况和年龄定",
        /// Day of enrolment; today, if left out
        on: Option<Date> = "登记日，不写为今天",
        /// By which way; the counter, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为窗口",
        /// Whether the person has an employer
        employed: bool = "是否有用人单位",
    }
}

impl UseCase for Enrol {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let application = Application {
            year: self.year,
            tier: self.tier.clone(),
            group: self.group.map(|group| group.0),
            on: self.on.unwrap_or_else(|| desk.today()),
            channel: self.channel.map_or(Channel::Counter, |channel| channel.0),
            employed: self.employed,
            number: None,
            carried: None,
        };
        Ok(enrol(desk, books, &person, &application)?.answer())
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let person = people::likely(desk, &self.person);
        person.map_or_else(Vec::new, |person| super::keys(&person, self.year))
    }
}

/// What somebody asks to be enrolled as.
#[derive(Clone, Debug)]
pub struct Application {
    /// Insured year, by the year it begins in.
    pub year: i16,
    /// The tier chosen.
    pub tier: Option<String>,
    /// The group, if not to be derived.
    pub group: Option<Group>,
    /// Day of enrolment.
    pub on: Date,
    /// By which way.
    pub channel: Channel,
    /// Whether the person has an employer.
    pub employed: bool,
    /// Tracking number of the matter.
    pub number: Option<String>,
    /// First day of unbroken cover that a transfer carries, and its number.
    pub carried: Option<(Date, String)>,
}

/// An enrolment made.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The person.
    pub person: Key,
    /// The year.
    pub year: i16,
    /// As what.
    pub capacity: Capacity,
    /// What is due, or why that cannot be told.
    pub due: Result<Due, Refusal>,
    /// The bill, or why there is none yet.
    pub bill: Result<Bill, Refusal>,
    /// Cover, if it is paid on the day of enrolment, or why that cannot be told.
    pub cover: Result<Cover, Refusal>,
    /// What the clerk should know.
    pub notes: Vec<String>,
}

/// Enrols a person.
///
/// # Errors
/// When the person may not join, is enrolled already, or must choose what is not chosen; or when the source fails.
pub fn enrol(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    application: &Application,
) -> Result<Enrolled, Stop> {
    let Application { year, on, .. } = *application;
    let facts = Facts::on(books, person, on)?;
    alive(desk, &facts, on)?;
    let group = application.group.unwrap_or_else(|| facts.group(on));
    let insured_year = desk.rules.year(group, year)?;
    let rules = desk.rules.terms(on.max(insured_year.period.from))?;
    let mut notes = Vec::new();
    secured_elsewhere(&rules, &facts.joining, &mut notes)?;
    already_enrolled(books, person, year, insured_year.academic, &rules)?;
    let resident = facts.person(domain::Scheme::Resident, application.tier.clone(), group);
    let (employed, states) = (application.employed, facts.joining.states.clone());
    let funding = public::funding(books, &facts.area, year, on)?;
    let asking = Asking { employed, states, funding, ..Asking::default() };
    let due = due(&insured_year, &resident, &asking, on)?;
    let (scheme, financed) = match &due {
        Ok(due) => (due.scheme, due.tier.clone()),
        Err(_) => (resident.scheme, None),
    };
    let tier = application.tier.clone().or(financed);
    if scheme == domain::Scheme::Resident {
        has_tier(&rules, tier.as_deref())?;
    }
    let joining = Joining { paid: Some(on), ..facts.joining.clone() };
    let cover = enrolment::cover(&insured_year, &domain::Person { scheme, ..resident }, &joining);
    let cover = may_join(&insured_year, cover)?;
    let capacity = Capacity {
        scheme: Word(scheme),
        group: Word(group),
        tier,
        academic: insured_year.academic,
        area: facts.area.clone(),
        states: facts.joining.states.iter().map(|state| state.code().to_owned()).collect(),
        employed: application.employed,
    };
    let (since, carried) = match &application.carried {
        Some((since, number)) => (Some(*since), Some(number.clone())),
        None => (unbroken(desk, books, person, insured_year.period.from)?, None),
    };
    let entry = MembershipEntry::Enrolled {
        on,
        capacity: capacity.clone(),
        channel: Word(application.channel),
        application: application.number.clone(),
        since,
        carried,
    };
    books.post::<Membership>(&super::key(person, year), &entry)?;
    let bill = bill(desk, books, person, year, &capacity)?;
    notes.extend(settle_start(desk, books, person, year)?);
    Ok(Enrolled { person: person.clone(), year, capacity, due, bill, cover, notes })
}

/// The contribution notice of a relation; where the terms cannot tell what is due, the enrolment stands without one.
pub(super) fn bill(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    capacity: &Capacity,
) -> Result<Result<Bill, Refusal>, Stop> {
    let choice = Choice {
        tier: capacity.tier.clone(),
        group: Some(capacity.group),
        states: capacity.states.clone(),
        employed: capacity.employed,
    };
    match dues::bill(desk, books, person, year, &choice) {
        Ok(billed) => Ok(Ok(billed.bill)),
        Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
        Err(stop) => Err(stop),
    }
}

fn alive(desk: &Desk<'_>, facts: &Facts, on: Date) -> Result<(), Refusal> {
    if let Some(died) = facts.died {
        return Err(Refusal::new("dead", format!("该人已于 {died} 死亡，不能参保"), "核对人员；死亡登记有误先更正"));
    }
    if on > desk.today() {
        return Err(Refusal::new("future-day", format!("登记日 {on} 在今天之后"), "写今天或以前的日子"));
    }
    if facts.born.is_some_and(|born| born > on) {
        return Err(Refusal::new("future-day", format!("登记日 {on} 在出生日之前"), "核对出生日期和登记日"));
    }
    Ok(())
}

/// Refuses who is secured by another arrangement, by its name; where no rule bars it, the clerk is told.
fn secured_elsewhere(rules: &policy::Terms<'_>, joining: &Joining, notes: &mut Vec<String>) -> Result<(), Refusal> {
    let Some(other) = &joining.other_scheme else { return Ok(()) };
    match bar(rules, RecordState::OtherScheme) {
        Some(clauses) => {
            let cure = "先终止该项保障，再办居民参保";
            Err(Refusal::new("other-arrangement", format!("已有{other}，不予参保"), cure).by(clauses))
        }
        None => {
            notes.push(format!("另有{other}，列入重复参保核查"));
            Ok(())
        }
    }
}

/// The clauses of the rule that bars a state of the record.
pub(super) fn bar(rules: &policy::Terms<'_>, state: RecordState) -> Option<Vec<String>> {
    let barred = rules.family("enrolment.bar.").map(|(_, cited)| cited.provision);
    let found = barred.into_iter().find(|p| p.record.text("reason") == Some(state.code()));
    found.map(|provision| provision.clauses.clone())
}

/// Refuses a second relation over the same days that has not ended.
pub(super) fn already_enrolled(
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    academic: bool,
    rules: &policy::Terms<'_>,
) -> Result<(), Stop> {
    // A student who leaves joins the calendar year with September, when the academic year is over; one who begins comes
    // from the calendar year: of the years that overlap, only those that begin before this one and reach into it bar it.
    let overlapping = if academic { vec![(year, true)] } else { vec![(year, false), (year.saturating_sub(1), true)] };
    for (of, is_academic) in overlapping {
        let Some(membership) = books.find::<Membership>(&super::key(person, of))? else { continue };
        let Some(relation) = membership.open(is_academic).and_then(|number| membership.relation(number)) else {
            continue;
        };
        if of != year && rules.day >= super::ends(of, is_academic) {
            continue;
        }
        let days = if is_academic { "学年" } else { "年度" };
        let message = format!("{of}{days}已有参保关系（{} 登记），不能再参保", relation.enrolled);
        let cure = "用原有的参保关系；确须另办的，先终止原有关系（member end）";
        let clauses = bar(rules, RecordState::Duplicate).unwrap_or_default();
        return Err(Refusal::new("already-enrolled", message, cure).by(clauses).into());
    }
    Ok(())
}

/// What is due; a rule that forbids this way of joining refuses, a figure that is missing is told.
fn due(
    year: &enrolment::InsuredYear<'_>,
    person: &domain::Person,
    asking: &Asking,
    on: Date,
) -> Result<Result<Due, Refusal>, Refusal> {
    let at_first = enrolment::due(year, person, asking);
    // Who pays follows the rules of the day, once it is collected.
    let collected = at_first.as_ref().ok().is_some_and(|due| due.collected_from.is_none_or(|from| from <= on));
    let due = if collected {
        enrolment::due(year, person, &Asking { paid_on: Some(on), ..asking.clone() })
    } else {
        at_first
    };
    match due {
        Err(refusal) if refusal.key.starts_with("contribution.collect.") || refusal.key == "tier" => {
            Err(refusal.into())
        }
        Err(refusal) if refusal.key.starts_with("enrolment.") => Err(refusal.into()),
        other => Ok(other.map_err(Refusal::from)),
    }
}

/// Refuses a person without a tier where the region has tiers.
pub(super) fn has_tier(rules: &policy::Terms<'_>, tier: Option<&str>) -> Result<(), Refusal> {
    let tiers = rules.library.tiers(rules.region);
    let known = |id: &str| tiers.iter().any(|(known, _)| known == id);
    if tiers.is_empty() || tier.is_some_and(known) {
        return Ok(());
    }
    let list: Vec<String> = tiers.iter().map(|(id, name)| format!("{id}（{name}）")).collect();
    let message = tier.map_or_else(|| "没有选定缴费档次".to_owned(), |tier| format!("没有叫 “{tier}” 的档次"));
    Err(Refusal::new("tier", message, format!("选定档次：{}", list.join("、"))))
}

/// A bar refuses, and so does a year whose period has not begun; how long one waits may be unknown until it is paid.
fn may_join(
    year: &enrolment::InsuredYear<'_>,
    cover: Result<Cover, enrolment::Refusal>,
) -> Result<Result<Cover, Refusal>, Refusal> {
    let Err(refusal) = cover else { return Ok(cover.map_err(Refusal::from)) };
    let stated = year.terms.get("enrolment.window").is_ok();
    let later = refusal.key == "enrolment.waiting" || (refusal.key == "enrolment.window" && !stated);
    if later { Ok(Err(refusal.into())) } else { Err(refusal.into()) }
}

/// First day of unbroken cover up to the beginning of a year: that of the day before, if it is covered.
pub(super) fn unbroken(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    begins: Date,
) -> Result<Option<Date>, Stop> {
    let Ok(before) = begins.yesterday() else { return Ok(None) };
    match insured(desk, books, person, before) {
        Ok(insured) => Ok(insured.person.insured_since),
        Err(Stop::Refused(_)) => Ok(None),
        Err(stop) => Err(stop),
    }
}

impl Enrolled {
    /// The answer to who asked.
    pub fn answer(&self) -> Answer {
        let Capacity { scheme, group, tier, academic, .. } = &self.capacity;
        let name = format!("{}{}", self.year, if *academic { "学年" } else { "年度" });
        let mut says = format!("已登记{name}{}（{}）", scheme.0.name(), group.0.name());
        let mut answer = Answer::default()
            .with("person", super::id(&self.person))
            .with("year", self.year)
            .with("academic", *academic)
            .with("state", State::New.code())
            .with("scheme", scheme.0.code())
            .with("group", group.0.code())
            .with("tier", tier.clone());
        match &self.cover {
            Ok(cover) => {
                let text = |day: Option<Date>| day.map(|day| day.to_string());
                answer = answer
                    .with("cover_from", text(cover.benefits_from))
                    .with("waiting_until", text(cover.waiting_until));
                if let Some(from) = cover.benefits_from {
                    says += &format!("；当日缴费的，待遇从 {from} 起");
                }
                answer = answer.because(cover.steps.iter().map(Step::from));
            }
            Err(refusal) => {
                answer = answer.with("cover_open", refusal.code.clone());
                says += &format!("；待遇起始日还定不了：{}", refusal.message);
            }
        }
        match &self.due {
            Ok(due) => {
                answer = answer.with("personal", due.personal.to_string());
                if let Ok(total) = &due.total {
                    answer = answer.with("total", total.to_string());
                }
                let payers: Vec<&str> = due.sponsored.iter().map(|s| s.payer.as_str()).collect();
                answer =
                    answer.with("payers", payers).with("collected_from", due.collected_from.map(|d| d.to_string()));
                says += &format!("；个人应缴 {} 元", due.personal);
                answer = answer.because(due.steps.iter().map(Step::from));
            }
            Err(refusal) => {
                answer = answer.with("due_open", refusal.code.clone());
                says += &format!("；应缴数额还定不了：{}", refusal.message);
            }
        }
        match &self.bill {
            Ok(bill) => {
                answer = answer.with("bill", bill.number.clone());
                says += &format!("；缴费单 {}", bill.number);
            }
            Err(refusal) => answer = answer.with("bill_open", refusal.code.clone()),
        }
        for note in &self.notes {
            says += &format!("；{note}");
        }
        let english = format!("enrolled in the {} scheme for {}", scheme.0.code(), self.year);
        Answer { says, english, ..answer }
    }
}
