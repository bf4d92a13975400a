//! One row of a feed against the dossier of its person.

use domain::{Category, Date};

use super::book::FeedBook;
use super::fact::Fact;
use super::judge::{Said, Verdict, judge};
use super::load::Feed;
use super::rows::Row;
use crate::answer::{Refusal, Stop};
use crate::codec::Word;
use crate::desk::Desk;
use crate::people::documents::masked;
use crate::people::list::masked_name;
use crate::people::register::{Register, clean_name, sealed_employer, sealed_ethnicity};
use crate::people::{
    Amendment, Arrangement, Dossier, DossierEntry, Holding, Loan, Secured, Study, StudyLevel, by_document, category,
    dossier, follow, life, open, secured, study,
};
use crate::sheets::{Books, Key};
use crate::vault::Sealed;

/// What a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Nothing: it is known.
    Nothing,
    /// Nothing: a later report overrides it.
    Superseded,
    /// Something new begins.
    Begins,
    /// Something known ends.
    Ends,
    /// Something known is told otherwise.
    Changes,
    /// Something known is taken back.
    Withdraws,
}

/// What became of a row.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whose it is.
    pub person: Key,
    /// What it does.
    pub does: Does,
    /// First day.
    pub from: Option<Date>,
    /// First day on which it no longer holds.
    pub end: Option<Date>,
    /// Whether the person came on the register by it.
    pub registered: bool,
    /// What another register says otherwise.
    pub conflict: Option<String>,
    /// What followed.
    pub followed: Vec<String>,
}

/// The file a row is of, and what its sender sent before.
pub(super) struct Sent<'f> {
    pub feed: &'f Feed<'f>,
    pub book: &'f FeedBook,
}

impl Sent<'_> {
    pub(super) fn reported(&self, row: &Row) -> Date {
        row.reported.unwrap_or(self.feed.reported)
    }

    fn judge(&self, row: &Row, known: &[Said], said: &Said) -> Result<Verdict, Refusal> {
        let verdict = judge(known, said, self.book.listed_after(row.fact, said.reported));
        if let Verdict::Contradiction(end) = verdict {
            let end = end.map_or("未终止".to_owned(), |end| format!("{end} 终止"));
            let message = format!("同一来源 {} 的数据已记为自 {} 起、{end}，与本行不一致", said.reported, said.from);
            return Err(Refusal::new("contradiction", message, "请来源单位核实后用新的报送日期重报，或用撤销行更正"));
        }
        Ok(verdict)
    }
}

/// Takes a row in: posts what is new, and lets the rest of the books follow.
pub(super) fn take(desk: &Desk<'_>, books: &mut Books<'_>, sent: &Sent<'_>, row: &Row) -> Result<Outcome, Stop> {
    let known = by_document(desk, books, &row.number)?;
    let registered = known.is_none();
    let person = match known {
        Some(person) => person,
        None if sent.feed.register => register(desk, books, row)?,
        None => return Err(super::unknown(&row.number).into()),
    };
    same_name(desk, dossier(books, &person)?, row)?;
    if !registered {
        fill(desk, books, sent, &person, row)?;
    }
    let mut outcome = Outcome {
        person,
        does: Does::Nothing,
        from: row.from,
        end: row.end,
        registered,
        conflict: None,
        followed: Vec::new(),
    };
    let since = match row.fact {
        Fact::Category(kind) => held(books, sent, row, kind, &mut outcome)?,
        Fact::Death => died(desk, books, sent, row, &mut outcome)?,
        Fact::Study(level) => studies(books, sent, row, level, &mut outcome)?,
        Fact::Secured(kind) => is_secured(books, sent, row, kind, &mut outcome)?,
    };
    if let Some(since) = since {
        outcome.followed = follow::changed(desk, books, &outcome.person, since)?;
    }
    Ok(outcome)
}

fn register(desk: &Desk<'_>, books: &mut Books<'_>, row: &Row) -> Result<Key, Stop> {
    let Some((name, area)) = row.name.clone().zip(row.area.clone()) else {
        let message = "登记册上没有这个人，行内又没有姓名和区划，不能登记";
        return Err(Refusal::new("unknown-person", message, "补上姓名和区划两列，或先用 person register 登记").into());
    };
    let command = Register {
        number: row.number.text.clone(),
        document: Some(Word(row.number.kind)),
        valid_until: None,
        name,
        born: None,
        sex: None,
        area,
        phone: row.phone.clone(),
        registration: None,
        work: None,
        ethnicity: row.ethnicity.clone(),
        employer: row.employer.clone(),
    };
    command.enter(desk, books, &row.number)
}

fn same_name(desk: &Desk<'_>, known: &Dossier, row: &Row) -> Result<(), Stop> {
    let Some(given) = &row.name else { return Ok(()) };
    let given = clean_name(given)?;
    let name = known.name.as_ref().map(|name| open(desk, "name", name)).transpose()?.unwrap_or_default();
    if name == given {
        return Ok(());
    }
    let (given, name) = (masked_name(given), masked_name(&name));
    let message = format!("{} 的姓名登记为 {name}，本行写 {given}，不一致", masked(&row.number.text));
    Err(Refusal::new("name-differs", message, "核对证件号码和姓名；登记有误的用 person amend 更正").into())
}

/// Puts what no rule asks about on the register, where it has nothing: what it has, only `person amend` changes.
fn fill(desk: &Desk<'_>, books: &mut Books<'_>, sent: &Sent<'_>, person: &Key, row: &Row) -> Result<(), Stop> {
    let known = dossier(books, person)?;
    let gap = |known: &Option<Sealed>, given: Option<Sealed>| given.filter(|_| known.is_none());
    let ethnicity = gap(&known.ethnicity, sealed_ethnicity(desk, row.ethnicity.as_deref())?);
    let employer = gap(&known.employer, sealed_employer(desk, row.employer.as_deref())?);
    if ethnicity.is_some() || employer.is_some() {
        let reason = format!("{} 报送", sent.feed.source);
        let amendment = Amendment { ethnicity, employer, reason, ..Amendment::default() };
        books.post::<Dossier>(person, &DossierEntry::Amended(amendment))?;
    }
    Ok(())
}

/// The first day of a row, which may be left out of a full list.
fn from(sent: &Sent<'_>, row: &Row, known: &[Said]) -> Result<Date, Refusal> {
    let reported = sent.reported(row);
    let open = || known.iter().filter(|said| !said.withdrawn && said.from <= reported && said.end.is_none());
    match row.from {
        Some(from) => Ok(from),
        None if sent.feed.complete => Ok(open().map(|said| said.from).max().unwrap_or(reported)),
        None => Err(Refusal::new("missing-from", "没有写起始日", "补上起始日一列")),
    }
}

/// What a verdict does beside what was known of the same beginning, and from which day on.
fn effect(verdict: &Verdict, was: Option<&Said>, said: &Said) -> (Does, Option<Date>) {
    let Verdict::Taken(end) = verdict else {
        return (if *verdict == Verdict::Superseded { Does::Superseded } else { Does::Nothing }, None);
    };
    match was.filter(|was| !was.withdrawn) {
        _ if said.withdrawn => (Does::Withdraws, Some(said.from)),
        None => (Does::Begins, Some(said.from)),
        Some(was) if was.rest == said.rest && was.end.is_none() && end.is_some() => (Does::Ends, *end),
        Some(was) if was.rest == said.rest => (Does::Changes, was.end.into_iter().chain(*end).min()),
        Some(_) => (Does::Changes, Some(said.from)),
    }
}

fn held(
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    row: &Row,
    kind: Category,
    outcome: &mut Outcome,
) -> Result<Option<Date>, Stop> {
    let person = outcome.person.clone();
    let dossier = dossier(books, &person)?;
    let source = &sent.feed.source;
    let same = |holding: &&Holding| holding.category.0 == kind && holding.source == *source;
    let known: Vec<Said> = dossier.categories.iter().filter(same).map(said_of).collect();
    let loan = (kind == Category::LoanStudent).then(|| study::complete(row.school.as_deref(), row.year)).transpose()?;
    let mut holding = match &loan {
        Some((school, year)) => study::holding(school, *year, source, sent.reported(row))?,
        None => Holding { end: row.end, ..Holding::new(kind, from(sent, row, &known)?, source) },
    };
    holding.reported = Some(sent.reported(row));
    holding.grade.clone_from(&row.grade);
    holding.withdrawn = row.withdrawn;
    let said = said_of(&holding);
    let verdict = sent.judge(row, &known, &said)?;
    let was = known.iter().find(|known| known.from == said.from);
    let (does, since) = effect(&verdict, was, &said);
    if let Verdict::Taken(end) = verdict {
        holding.end = end;
        if !holding.withdrawn {
            category::check(dossier, &holding)?;
        }
    }
    (outcome.does, outcome.from, outcome.end) = (does, Some(holding.from), holding.end);
    outcome.conflict = conflict(dossier, &holding);
    let confirmed = verdict == Verdict::Confirmed && !sent.feed.complete;
    if since.is_some() || confirmed {
        if let Some((school, year)) = loan.filter(|_| since.is_some() && !row.withdrawn) {
            let day = sent.reported(row);
            let loan = Loan { school, year, submitted: day, certified: Some(day), by: source.clone() };
            books.post::<Dossier>(&person, &DossierEntry::Loan(loan))?;
        }
        books.post::<Dossier>(&person, &DossierEntry::Category(holding))?;
    }
    Ok(since)
}

fn said_of(holding: &Holding) -> Said {
    Said {
        from: holding.from,
        end: holding.end,
        reported: holding.told_on(),
        withdrawn: holding.withdrawn,
        rest: holding.grade.clone().unwrap_or_default(),
    }
}

/// What another register says otherwise of the day of the report.
fn conflict(dossier: &Dossier, holding: &Holding) -> Option<String> {
    let day = holding.told_on();
    let others = || {
        dossier
            .categories
            .iter()
            .filter(|h| h.category == holding.category && h.source != holding.source && !h.withdrawn)
    };
    let holds = |h: &&Holding| dossier.days_of(h).is_some_and(|days| days.contains(day));
    let name = holding.category.0.name();
    let mut holding_others = others().filter(holds).peekable();
    if said_of(holding).holds(day) {
        if holding_others.peek().is_some() {
            return None;
        }
        let ended = others().filter_map(|h| Some((h, h.end.filter(|end| *end <= day)?))).max_by_key(|(_, end)| *end);
        return ended.map(|(h, end)| format!("{} 记{name}已于 {end} 终止", h.source));
    }
    let other = holding_others.next()?;
    Some(format!("{} 记{name}自 {} 起仍有效", other.source, other.from))
}

fn died(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    row: &Row,
    outcome: &mut Outcome,
) -> Result<Option<Date>, Stop> {
    let Some(on) = row.from else {
        return Err(Refusal::new("missing-from", "没有写死亡日期", "补上死亡日期一列").into());
    };
    let known = dossier(books, &outcome.person)?;
    let entry = if row.withdrawn {
        if known.died != Some(on) {
            return Ok(None);
        }
        outcome.does = Does::Withdraws;
        DossierEntry::Revived { reason: format!("{} 撤销死亡信息", sent.feed.source) }
    } else {
        if known.died == Some(on) {
            return Ok(None);
        }
        life::died_on(known, on, desk.today())?;
        outcome.does = Does::Begins;
        DossierEntry::Died { on, source: sent.feed.source.clone() }
    };
    books.post::<Dossier>(&outcome.person, &entry)?;
    Ok(Some(on))
}

fn studies(
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    row: &Row,
    level: StudyLevel,
    outcome: &mut Outcome,
) -> Result<Option<Date>, Stop> {
    let dossier = dossier(books, &outcome.person)?;
    let school = row.school.clone().unwrap_or_default();
    let said = |study: &Study| Said {
        from: study.from,
        end: study.end,
        reported: study.reported.unwrap_or(Date::MIN),
        withdrawn: study.withdrawn,
        rest: study.graduated.map_or(String::new(), |day| day.to_string()),
    };
    let known: Vec<Said> = dossier.studies.iter().filter(|study| study.school == school).map(said).collect();
    let mut study = Study {
        school,
        level: Word(level),
        from: from(sent, row, &known)?,
        end: row.end.or_else(|| row.graduated.and_then(|day| day.tomorrow().ok())),
        graduated: row.graduated,
        source: sent.feed.source.clone(),
        reported: Some(sent.reported(row)),
        withdrawn: row.withdrawn,
    };
    study::check(dossier, &study)?;
    let said = said(&study);
    let verdict = sent.judge(row, &known, &said)?;
    let (does, since) = effect(&verdict, known.iter().find(|known| known.from == said.from), &said);
    if let Verdict::Taken(end) = verdict {
        study.end = end;
    }
    (outcome.does, outcome.from, outcome.end) = (does, Some(study.from), study.end);
    if since.is_some() || verdict == Verdict::Confirmed && !sent.feed.complete {
        books.post::<Dossier>(&outcome.person, &DossierEntry::Study(study))?;
    }
    Ok(since)
}

fn is_secured(
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    row: &Row,
    kind: Arrangement,
    outcome: &mut Outcome,
) -> Result<Option<Date>, Stop> {
    let dossier = dossier(books, &outcome.person)?;
    let name = row.arrangement.clone().unwrap_or_else(|| kind.name().to_owned());
    let said = |secured: &Secured| Said {
        from: secured.from,
        end: secured.end,
        reported: secured.reported.unwrap_or(Date::MIN),
        withdrawn: secured.withdrawn,
        rest: format!("{:?}", (secured.last_paid, secured.wait_until, &secured.region)),
    };
    let same = |secured: &&Secured| secured.kind.0 == kind && secured.name == name;
    let known: Vec<Said> = dossier.secured.iter().filter(same).map(said).collect();
    let mut secured = Secured {
        kind: Word(kind),
        from: from(sent, row, &known)?,
        end: row.end,
        region: row.region.clone(),
        last_paid: row.last_paid,
        wait_until: row.wait_until,
        source: sent.feed.source.clone(),
        reported: Some(sent.reported(row)),
        withdrawn: row.withdrawn,
        name,
    };
    secured::check(dossier, &secured)?;
    let said = said(&secured);
    let verdict = sent.judge(row, &known, &said)?;
    let (does, since) = effect(&verdict, known.iter().find(|known| known.from == said.from), &said);
    if let Verdict::Taken(end) = verdict {
        secured.end = end;
    }
    (outcome.does, outcome.from, outcome.end) = (does, Some(secured.from), secured.end);
    if since.is_some() || verdict == Verdict::Confirmed && !sent.feed.complete {
        books.post::<Dossier>(&outcome.person, &DossierEntry::Secured(secured))?;
    }
    Ok(since)
}
