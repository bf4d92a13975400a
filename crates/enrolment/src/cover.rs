//! From when a person who joins is covered, and by which scheme on a day.
//!
//! In order: who may join at all, the concentrated period, the cases that do not wait, the waiting period, and the bridge of
//! a resident who moves to the employee scheme. A person has *joined* on the day by which both enrolment and payment are
//! done. The rules are those of that day; the concentrated period is that of the insured year.

use domain::{Basis, Category, Date, Person, Scheme};
use jiff::Span;
use policy::{Cited, Terms};

use crate::reasons::{Refusal, Step, held, weakest, with_word};
use crate::year::InsuredYear;

/// The state of a person's record, where a rule on who may join asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// No household registration here, and no other ground.
    NoHousehold,
    /// A valid residence permit instead of registration.
    ResidencePermit,
    /// A residence permit that has expired.
    PermitExpired,
    /// Flexibly employed, without registration.
    FlexibleWorker,
    /// Secured by another arrangement.
    OtherScheme,
    /// Already enrolled.
    Duplicate,
}

impl RecordState {
    /// All, with the words used in files.
    pub const ALL: &'static [(RecordState, &'static str, &'static str)] = &[
        (RecordState::NoHousehold, "no-household", "无本地户籍"),
        (RecordState::ResidencePermit, "residence-permit", "持居住证"),
        (RecordState::PermitExpired, "permit-expired", "居住证已过期"),
        (RecordState::FlexibleWorker, "flexible-worker", "灵活就业"),
        (RecordState::OtherScheme, "other-scheme", "已有其他医疗保障"),
        (RecordState::Duplicate, "duplicate", "已有在保的参保关系"),
    ];

    /// The word used in files.
    pub fn code(self) -> &'static str {
        RecordState::ALL.iter().find(|(state, ..)| *state == self).map_or("", |(_, code, _)| code)
    }

    /// The Chinese words.
    pub fn name(self) -> &'static str {
        RecordState::ALL.iter().find(|(state, ..)| *state == self).map_or("", |(.., name)| name)
    }

    /// Reads the word used in files.
    pub fn parse(word: &str) -> Option<RecordState> {
        RecordState::ALL.iter().find(|(_, code, _)| *code == word).map(|(state, ..)| *state)
    }
}

/// What is known of a person's joining.
#[derive(Clone, Debug, Default)]
pub struct Joining {
    /// Day of enrolment; the day of payment, if not given.
    pub enrolled: Option<Date>,
    /// Day of payment; without one nothing is covered.
    pub paid: Option<Date>,
    /// Last day paid for in the employee scheme.
    pub employee_last_paid: Option<Date>,
    /// Day of graduation.
    pub graduated: Option<Date>,
    /// Day of moving to the employee scheme.
    pub moved_to_employee: Option<Date>,
    /// Last day of waiting for employee benefits.
    pub employee_wait_until: Option<Date>,
    /// States of the record that rules ask about.
    pub states: Vec<RecordState>,
    /// The name of another scheme the person is in.
    pub other_scheme: Option<String>,
    /// The day asked about.
    pub on: Option<Date>,
}

/// From when a person is covered, and the answer for the day asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// First day of benefits; `None` when nothing is paid.
    pub benefits_from: Option<Date>,
    /// Last day of waiting, if the person waits.
    pub waiting_until: Option<Date>,
    /// First day after the insured year.
    pub ends: Date,
    /// The scheme whose benefits the day has, or else the scheme joined.
    pub scheme: Scheme,
    /// Whether the day asked about is covered.
    pub covered: Option<bool>,
    /// The reasons, in order.
    pub steps: Vec<Step>,
    /// Weakest basis used.
    pub basis: Basis,
}

/// From when a person is covered in an insured year.
///
/// # Errors
/// When the person may not join, or the period, the waiting time or the day that decides is missing.
pub fn cover(year: &InsuredYear<'_>, person: &Person, joining: &Joining) -> Result<Cover, Refusal> {
    let joined = joining.paid.map(|paid| joining.enrolled.map_or(paid, |enrolled| paid.max(enrolled)));
    let asked_on = joined.or(joining.enrolled).unwrap_or(year.period.from).max(year.period.from);
    let rules = year.terms_on(asked_on);
    let mut steps = admission(&rules, &joining.states, joining.other_scheme.as_deref())?;
    let start = match joined {
        None => {
            steps.push(Step::plain("paid", format!("{}未缴费，不享受待遇", year.name())));
            None
        }
        Some(joined) => Some(benefits(year, &rules, person, joining, joined, &mut steps)?),
    };
    let (benefits_from, waiting_until) = match start {
        Some(Start { from, waiting_until }) => (Some(from), waiting_until),
        None => (None, None),
    };
    let (scheme, covered) = match joining.on {
        Some(on) => {
            let (scheme, covered) = on_day(year, person, joining, benefits_from, on, &mut steps)?;
            (scheme, Some(covered))
        }
        None => (person.scheme, None),
    };
    let basis = weakest(&steps);
    Ok(Cover { benefits_from, waiting_until, ends: year.end(), scheme, covered, steps, basis })
}

/// Whether the person may join: bars first, then household registration.
pub(crate) fn admission(
    rules: &Terms<'_>,
    states: &[RecordState],
    other_scheme: Option<&str>,
) -> Result<Vec<Step>, Refusal> {
    let mut steps = Vec::new();
    for state in states {
        if let Some(bar) = with_word(rules, "enrolment.bar.", "reason", state.code()) {
            let other = other_scheme.map_or(String::new(), |name| format!("（{name}）"));
            let cure = "先终止原有的参保关系或保障，再办参保";
            return Err(Refusal::by(bar, format!("{}{other}，不予参保", state.name()), cure));
        }
    }
    let without = [RecordState::NoHousehold, RecordState::PermitExpired];
    let grounds = [RecordState::ResidencePermit, RecordState::FlexibleWorker];
    let accepted = grounds
        .into_iter()
        .filter(|ground| states.contains(ground))
        .find_map(|ground| Some((ground, with_word(rules, "enrolment.accept.", "reason", ground.code())?)));
    if let Some((ground, cited)) = accepted {
        steps.push(Step::by(cited, format!("{}，参保不看户籍", ground.name())));
        return Ok(steps);
    }
    let refused = states.iter().find(|state| without.contains(state) || grounds.contains(state));
    if let Some(state) = refused {
        let permit = with_word(rules, "enrolment.accept.", "reason", "residence-permit");
        let message = format!("{}，又没有可以参保的其他身份", state.name());
        let cure = "凭本地户籍或有效的居住证参保";
        return Err(permit.map_or_else(
            || Refusal::new("enrolment.accept", &*message, cure),
            |cited| Refusal::by(cited, &*message, cure),
        ));
    }
    Ok(steps)
}

struct Start {
    from: Date,
    waiting_until: Option<Date>,
}

/// First day of benefits of a person who has joined.
fn benefits(
    year: &InsuredYear<'_>,
    rules: &Terms<'_>,
    person: &Person,
    joining: &Joining,
    joined: Date,
    steps: &mut Vec<Step>,
) -> Result<Start, Refusal> {
    if joined >= year.end() {
        let message = format!("{joined} 缴费时{}已经结束", year.name());
        return Err(Refusal::new("enrolment.window", message, "核对参保年度和缴费日"));
    }
    if year.academic {
        let cited = held(&year.terms, "contribution.academic")?;
        steps.push(Step::by(cited, format!("按学年缴费，保障 {}", crate::reasons::days(year.period.from, year.end()))));
        return Ok(Start { from: year.period.from, waiting_until: None });
    }
    let window = window(year);
    let mut starts = exempt(year, rules, person, joining, joined, &window)?;
    if let Ok(Window { opens, closes, benefits_from: Some(from), cited }) = &window
        && (*opens..=*closes).contains(&joined)
    {
        starts.push((*from, Step::by(*cited, format!("集中参保期（{opens} 至 {closes}）内缴费，待遇从 {from} 起"))));
    }
    // Of several cases the one that gives benefits first is the person's.
    if let Some((from, step)) = starts.into_iter().min_by_key(|(from, _)| *from) {
        steps.push(step);
        return Ok(Start { from, waiting_until: None });
    }
    wait(year, rules, joined, window?, steps)
}

/// The concentrated period of an insured year, both days included.
#[derive(Clone, Debug)]
pub struct Window<'l> {
    /// First day.
    pub opens: Date,
    /// Last day.
    pub closes: Date,
    /// First day of benefits of who pays in it.
    pub benefits_from: Option<Date>,
    cited: Cited<'l>,
}

impl Window<'_> {
    /// The clauses that set it.
    pub fn clauses(&self) -> &[String] {
        &self.cited.provision.clauses
    }
}

/// The concentrated period of an insured year.
///
/// # Errors
/// When no notice sets one, or its days are not all written.
pub fn window<'l>(year: &InsuredYear<'l>) -> Result<Window<'l>, Refusal> {
    let cited = held(&year.terms, "enrolment.window")?;
    let record = &cited.provision.record;
    let stated = record.date("opens").zip(record.date("closes"));
    let yearly = || {
        let in_year = i16::try_from(record.integer("in_year").unwrap_or(0)).ok()?;
        let first = year.year.checked_add(in_year)?;
        let opens = on_month_day(first, record.text("opens_day")?)?;
        let closes = on_month_day(first, record.text("closes_day")?)?;
        // A period that runs over New Year closes in the next year.
        let closes =
            if closes < opens { on_month_day(first.checked_add(1)?, record.text("closes_day")?)? } else { closes };
        Some((opens, closes))
    };
    let (opens, closes) = stated.or_else(yearly).ok_or_else(|| {
        Refusal::by(cited, "集中参保期的起止日没有写全", "写 opens、closes，或 opens_day、closes_day")
    })?;
    let benefits_from = record.text("benefits_from").and_then(|day| on_month_day(year.year, day));
    Ok(Window { opens, closes, benefits_from, cited })
}

fn on_month_day(year: i16, month_day: &str) -> Option<Date> {
    let (month, day) = month_day.split_once('-')?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The cases without waiting that the person is in, each with its first day of benefits.
fn exempt(
    year: &InsuredYear<'_>,
    rules: &Terms<'_>,
    person: &Person,
    joining: &Joining,
    joined: Date,
    window: &Result<Window<'_>, Refusal>,
) -> Result<Vec<(Date, Step)>, Refusal> {
    let mut starts = Vec::new();
    for (_, cited) in rules.family("enrolment.exempt.") {
        let record = &cited.provision.record;
        let why = match record.text("kind").unwrap_or_default() {
            "in-window" => in_window(window, joined),
            "after-employee-break" => {
                joining.employee_last_paid.and_then(|last| within(last, length(cited)?, joined, "职工医保最后缴到"))
            }
            "newborn" => person.born.and_then(|born| within(born, length(cited)?, joined, "出生于")),
            "graduate" => joining.graduated.and_then(|day| graduate(year, day, length(cited)?, joined)),
            "category" => held_category(cited, person),
            _ => None,
        };
        let Some(why) = why else { continue };
        let from = exempt_from(year, cited, person, joined).max(year.period.from);
        starts.push((from, Step::by(cited, format!("{why}，不设等待期，待遇从 {from} 起"))));
    }
    Ok(starts)
}

fn in_window(window: &Result<Window<'_>, Refusal>, joined: Date) -> Option<String> {
    let window = window.as_ref().ok()?;
    let inside = (window.opens..=window.closes).contains(&joined);
    inside.then(|| format!("集中参保期（{} 至 {}）内参保缴费", window.opens, window.closes))
}

/// The length that a rule gives.
fn length(cited: Cited<'_>) -> Option<Span> {
    let record = &cited.provision.record;
    match (record.integer("months"), record.integer("days")) {
        (Some(months), None) => Span::new().try_months(months).ok(),
        (None, Some(days)) => Span::new().try_days(days).ok(),
        _ => None,
    }
}

/// Joined from a day on, within a length of it: that day counts as day 0, and the last day is still inside.
fn within(from: Date, length: Span, joined: Date, what: &str) -> Option<String> {
    let last = from.checked_add(length).ok()?;
    (from..=last).contains(&joined).then(|| format!("{what} {from}，{joined} 参保未超过 {last}"))
}

/// Joined within months from 1 September of the graduation year: three months end on 30 November.
fn graduate(year: &InsuredYear<'_>, graduated: Date, length: Span, joined: Date) -> Option<String> {
    let september = Date::new(graduated.year(), 9, 1).ok()?;
    let end = september.checked_add(length).ok()?;
    let inside = year.period.contains(september) && september <= joined && joined < end;
    inside.then(|| {
        format!("{} 年毕业，{joined} 参保缴费在 {} 之内", graduated.year(), crate::reasons::days(september, end))
    })
}

fn held_category(cited: Cited<'_>, person: &Person) -> Option<String> {
    let wanted = cited.provision.record.texts("category");
    let category = person.categories.iter().find(|category: &Category| wanted.contains(&category.code()))?;
    Some(format!("属{}", category.name()))
}

/// First day of benefits by a case without waiting; the day of joining, where the rule names none.
fn exempt_from(year: &InsuredYear<'_>, cited: Cited<'_>, person: &Person, joined: Date) -> Date {
    let named = match cited.provision.record.text("benefits_from") {
        Some("year-start") => Some(year.period.from),
        Some("birth") => person.born,
        Some("september") => Date::new(year.year, 9, 1).ok(),
        _ => None,
    };
    named.unwrap_or(joined)
}

/// Who is in no exempt case waits; how long must be stated.
fn wait(
    year: &InsuredYear<'_>,
    rules: &Terms<'_>,
    joined: Date,
    window: Window<'_>,
    steps: &mut Vec<Step>,
) -> Result<Start, Refusal> {
    if joined < window.opens {
        let message =
            format!("{joined} 缴费时{}的集中参保期（{} 至 {}）还未开始", year.name(), window.opens, window.closes);
        return Err(Refusal::by(window.cited, message, "在集中参保期内缴费"));
    }
    steps.push(Step::by(window.cited, format!("{joined} 不在集中参保期（{} 至 {}）内", window.opens, window.closes)));
    let waiting = held(rules, "enrolment.waiting")?;
    let length = length(waiting).ok_or_else(|| {
        let message = "集中参保期外参保须等待，通知未写明等待多久";
        Refusal { message: message.to_owned(), ..Refusal::missing(rules, "enrolment.waiting", &policy::Missing::Open) }
    })?;
    let from = joined.checked_add(length).unwrap_or(Date::MAX);
    let until = from.yesterday().unwrap_or(from);
    steps.push(Step::by(waiting, format!("等待至 {until}，待遇从 {from} 起")));
    Ok(Start { from, waiting_until: Some(until) })
}

/// The scheme whose benefits a day has, and whether it has any.
fn on_day(
    year: &InsuredYear<'_>,
    person: &Person,
    joining: &Joining,
    benefits_from: Option<Date>,
    on: Date,
    steps: &mut Vec<Step>,
) -> Result<(Scheme, bool), Refusal> {
    if let Some(moved) = joining.moved_to_employee.filter(|moved| *moved <= on) {
        let Some(until) = joining.employee_wait_until else {
            let message = format!("{moved} 转入职工医保，其待遇等待到哪一日未给出");
            return Err(Refusal::new("employee_wait_until", message, "补上职工医保等待期的最后一日"));
        };
        if on > until {
            steps.push(Step::plain("enrolment.bridge", format!("职工医保等待期止于 {until}，{on} 由职工医保支付")));
            return Ok((Scheme::Employee, true));
        }
        // "Normal state" on moving: resident benefits were running on that day.
        let in_force = benefits_from.is_some_and(|from| from <= moved) && moved < year.end();
        let kept = bridge(&year.terms_on(moved.max(year.period.from)));
        let Some(kept) = kept.filter(|_| in_force) else {
            steps.push(Step::plain(
                "enrolment.bridge",
                format!("职工医保等待期（至 {until}）内，没有可以延续的居民待遇"),
            ));
            return Ok((Scheme::Employee, false));
        };
        steps.push(Step::by(kept, format!("职工医保等待期（至 {until}）内仍由居民医保支付")));
    }
    let covered = benefits_from.is_some_and(|from| from <= on) && on < year.end();
    let words = if covered { "在保" } else { "不在保" };
    steps.push(Step::plain("cover", format!("{on} {words}")));
    Ok((person.scheme, covered))
}

fn bridge<'l>(terms: &Terms<'l>) -> Option<Cited<'l>> {
    let cited = terms.get("enrolment.bridge").ok()?;
    (cited.provision.record.text("scheme") == Some(Scheme::Resident.code())).then_some(cited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{adult, town};
    use domain::{Group, Person};
    use jiff::civil::date;

    /// The rules of Chongqing's notice, whose waiting period is left open.
    const RULES: &str = "
        [[contribution.academic]]
        clause = 'T-1'
        year = 2021
        rows = [{ group = 'university', amount = 280 }]
        [[enrolment.window]]
        clause = 'T-2'
        year = 2022
        opens = 2021-12-01
        closes = 2022-02-28
        benefits_from = '01-01'
        [[enrolment.waiting]]
        clause = 'T-3'
        open = true
        [[enrolment.bridge]]
        clause = 'T-4'
        scheme = 'resident'
        [[enrolment.exempt.in-window]]
        clause = 'T-5'
        kind = 'in-window'
        benefits_from = 'year-start'
        [[enrolment.exempt.break]]
        clause = 'T-6'
        kind = 'after-employee-break'
        months = 3
        [[enrolment.exempt.newborn]]
        clause = 'T-7'
        kind = 'newborn'
        days = 90
        [[enrolment.exempt.poor]]
        clause = 'T-8'
        kind = 'category'
        category = ['rural-low-income']
        [[enrolment.exempt.graduate]]
        clause = 'T-9'
        kind = 'graduate'
        months = 3
        benefits_from = 'september'
        [[enrolment.bar.other]]
        clause = 'T-10'
        reason = 'other-scheme'
        [[enrolment.accept.permit]]
        clause = 'T-11'
        reason = 'residence-permit'
    ";

    fn ask(rules: &str, year: i16, person: &Person, joining: Joining) -> Result<Cover, Refusal> {
        let library = town(rules);
        let region = library.region("town").unwrap();
        let year = InsuredYear::of(&library, region, &policy::View::default(), person.group, year).unwrap();
        cover(&year, person, &joining)
    }

    fn joined(day: Date) -> Joining {
        Joining { enrolled: Some(day), paid: Some(day), ..Joining::default() }
    }

    /// First day of benefits of 2022, or the key that refuses.
    fn from(person: &Person, joining: Joining) -> Result<Date, String> {
        ask(RULES, 2022, person, joining).map(|cover| cover.benefits_from.unwrap()).map_err(|refusal| refusal.key)
    }

    fn waits() -> Result<Date, String> {
        Err("enrolment.waiting".to_owned())
    }

    #[test]
    fn the_window_closes_with_its_last_day() {
        assert_eq!(from(&adult(), joined(date(2022, 2, 28))), Ok(date(2022, 1, 1)));
        assert_eq!(from(&adult(), joined(date(2022, 3, 1))), waits());
        let enrolled_in_time_paid_late = Joining { enrolled: Some(date(2022, 2, 20)), ..joined(date(2022, 3, 2)) };
        assert_eq!(from(&adult(), enrolled_in_time_paid_late), waits());
        assert_eq!(from(&adult(), joined(date(2021, 11, 30))), Err("enrolment.window".to_owned()));
    }

    #[test]
    fn payment_in_the_window_covers_what_came_before_it() {
        let january = Joining { on: Some(date(2022, 1, 10)), ..joined(date(2022, 2, 20)) };
        assert_eq!(ask(RULES, 2022, &adult(), january).unwrap().covered, Some(true));
        let unpaid = Joining { paid: None, ..joined(date(2022, 2, 20)) };
        let unpaid = ask(RULES, 2022, &adult(), Joining { on: Some(date(2022, 1, 10)), ..unpaid }).unwrap();
        assert_eq!((unpaid.covered, unpaid.benefits_from), (Some(false), None));
    }

    #[test]
    fn three_months_after_an_employee_break_end_on_the_day_of_the_month() {
        let after = |day| Joining { employee_last_paid: Some(date(2022, 3, 31)), ..joined(day) };
        assert_eq!(from(&adult(), after(date(2022, 6, 30))), Ok(date(2022, 6, 30)));
        assert_eq!(from(&adult(), after(date(2022, 7, 1))), waits());
    }

    #[test]
    fn a_newborn_has_ninety_days_with_birth_as_day_zero() {
        let child = Person { group: Group::Minor, born: Some(date(2022, 1, 1)), ..adult() };
        assert_eq!(from(&child, joined(date(2022, 4, 1))), Ok(date(2022, 4, 1)));
        assert_eq!(from(&child, joined(date(2022, 4, 2))), waits());
    }

    #[test]
    fn a_favoured_category_has_benefits_at_once() {
        let poor = Person { categories: [Category::RuralLowIncome].into_iter().collect(), ..adult() };
        assert_eq!(from(&poor, joined(date(2022, 8, 1))), Ok(date(2022, 8, 1)));
        assert_eq!(from(&adult(), joined(date(2022, 8, 1))), waits());
    }

    #[test]
    fn a_graduate_has_september_to_november() {
        let graduate = |day| Joining { graduated: Some(date(2022, 6, 30)), ..joined(day) };
        assert_eq!(from(&adult(), graduate(date(2022, 11, 15))), Ok(date(2022, 9, 1)));
        assert_eq!(from(&adult(), graduate(date(2022, 11, 30))), Ok(date(2022, 9, 1)));
        assert_eq!(from(&adult(), graduate(date(2022, 12, 1))), waits());
        assert_eq!(from(&adult(), graduate(date(2022, 8, 31))), waits());
    }

    #[test]
    fn a_student_is_covered_for_the_academic_year() {
        let student = Person { group: Group::University, ..adult() };
        let cover = ask(RULES, 2021, &student, joined(date(2021, 12, 10))).unwrap();
        assert_eq!((cover.benefits_from, cover.ends), (Some(date(2021, 9, 1)), date(2022, 9, 1)));
    }

    #[test]
    fn resident_benefits_bridge_the_employee_wait() {
        let moved = Joining {
            moved_to_employee: Some(date(2022, 5, 1)),
            employee_wait_until: Some(date(2022, 10, 31)),
            ..joined(date(2022, 1, 10))
        };
        let on = |day| {
            let cover = ask(RULES, 2022, &adult(), Joining { on: Some(day), ..moved.clone() }).unwrap();
            (cover.scheme, cover.covered)
        };
        assert_eq!(on(date(2022, 4, 30)), (Scheme::Resident, Some(true)));
        assert_eq!(on(date(2022, 10, 31)), (Scheme::Resident, Some(true)));
        assert_eq!(on(date(2022, 11, 1)), (Scheme::Employee, Some(true)));
        let no_wait_known = Joining { employee_wait_until: None, on: Some(date(2022, 7, 1)), ..moved.clone() };
        assert_eq!(ask(RULES, 2022, &adult(), no_wait_known).unwrap_err().key, "employee_wait_until");
    }

    #[test]
    fn a_stated_wait_is_counted_from_joining() {
        let rules = RULES.replace("open = true", "months = 3");
        let cover =
            ask(&rules, 2022, &adult(), Joining { on: Some(date(2022, 5, 31)), ..joined(date(2022, 3, 1)) }).unwrap();
        assert_eq!((cover.benefits_from, cover.waiting_until), (Some(date(2022, 6, 1)), Some(date(2022, 5, 31))));
        assert_eq!(cover.covered, Some(false));
    }

    #[test]
    fn a_yearly_window_lies_in_the_year_before() {
        let rules = "
            [[enrolment.window]]
            clause = 'T-1'
            opens_day = '10-01'
            closes_day = '12-31'
            in_year = -1
            benefits_from = '01-01'
        ";
        let inside = ask(rules, 2023, &adult(), joined(date(2022, 12, 31))).unwrap();
        assert_eq!(inside.benefits_from, Some(date(2023, 1, 1)));
        assert_eq!(ask(rules, 2023, &adult(), joined(date(2023, 1, 1))).unwrap_err().key, "enrolment.waiting");
    }

    #[test]
    fn who_may_not_join_is_told_by_which_rule() {
        let state = |states: &[RecordState]| Joining {
            states: states.to_vec(),
            other_scheme: Some("军队医疗保障".to_owned()),
            ..joined(date(2022, 1, 10))
        };
        let refused = ask(RULES, 2022, &adult(), state(&[RecordState::OtherScheme])).unwrap_err();
        assert!(refused.key == "enrolment.bar.other" && refused.message.contains("军队医疗保障"));
        let permit = ask(RULES, 2022, &adult(), state(&[RecordState::ResidencePermit])).unwrap();
        assert_eq!(permit.steps[0].clauses, ["T-11"]);
        for state_of_record in [RecordState::PermitExpired, RecordState::NoHousehold, RecordState::FlexibleWorker] {
            let refused = ask(RULES, 2022, &adult(), state(&[state_of_record])).unwrap_err();
            assert_eq!(refused.key, "enrolment.accept.permit");
        }
    }
}
