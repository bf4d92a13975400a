//! Moves of a relation: paused, taken up again, ended, revived, another tier before payment (参保管理经办规程).

use domain::Date;

use super::enrol::{already_enrolled, bill, has_tier, unbroken};
use super::membership::{Capacity, Cause, Channel, Membership, MembershipEntry, Move, Relation, State};
use super::start::settle_start;
use crate::answer::{Answer, Refusal, Stop};
use crate::care;
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::dues::{self, paid_on};
use crate::people;
use crate::sheets::{Books, Key};

command! {
    /// Pause a person's relation of insurance: no benefits from the day on
    Pause = "member pause", "暂停参保" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Insured year; that of the day, if left out
        year: Option<i16> = "参保年度，不写为该日所在年度",
        /// First day of the pause; today, if left out
        on: Option<Date> = "自哪一日起，不写为今天",
        /// Why
        reason: Word<Cause> = "原因",
        /// By which way; the counter, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为窗口",
    }
}

command! {
    /// Take a paused relation of insurance up again
    Resume = "member resume", "恢复参保" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Insured year; that of the day, if left out
        year: Option<i16> = "参保年度，不写为该日所在年度",
        /// First day again; today, if left out
        on: Option<Date> = "自哪一日起，不写为今天",
        /// Why; the cause of the pause has gone, if left out
        reason: Option<Word<Cause>> = "原因，不写为原因消除",
        /// By which way; the counter, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为窗口",
    }
}

command! {
    /// End a person's relation of insurance: from the day on it is over
    End = "member end", "终止参保" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Insured year; that of the day, if left out
        year: Option<i16> = "参保年度，不写为该日所在年度",
        /// First day on which it is over; today, if left out
        on: Option<Date> = "自哪一日起终止，不写为今天",
        /// Why
        reason: Word<Cause> = "原因",
        /// By which way; the counter, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为窗口",
    }
}

command! {
    /// Take back the end of a relation of insurance, within its year
    Revive = "member revive", "撤销终止" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Insured year; that of the day, if left out
        year: Option<i16> = "参保年度，不写为该日所在年度",
        /// First day again; the day of the end, if left out
        on: Option<Date> = "自哪一日起恢复，不写为终止之日",
        /// Why; entered by mistake, if left out
        reason: Option<Word<Cause>> = "原因，不写为登记有误",
        /// By which way; the counter, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为窗口",
    }
}

command! {
    /// Choose another tier, before the contribution is paid
    ChangeTier = "member change-tier", "缴费前变更档次" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
        /// The tier
        tier: String = "新的档次",
    }
}

/// A relation of a person, found.
pub(super) struct Found {
    pub person: Key,
    pub year: i16,
    pub number: u8,
    pub relation: Relation,
}

/// The relation of a year that a question is about: the last open one, else the last. Without a year, that of a day.
pub(super) fn find(books: &mut Books<'_>, person: &Key, year: Option<i16>, on: Date) -> Result<Found, Stop> {
    let years = match year {
        Some(year) => vec![year],
        None if on.month() < super::ACADEMIC_MONTH => vec![on.year(), on.year().saturating_sub(1)],
        None => vec![on.year()],
    };
    let mut found: Option<Found> = None;
    for of in years {
        let Some(membership) = books.find::<Membership>(&super::key(person, of))? else { continue };
        let here = |r: &Relation| year.is_some() || on < super::ends(of, r.capacity.academic);
        let numbered = (0_u8..).zip(&membership.relations).filter(|(_, relation)| here(relation));
        let better = |relation: &Relation| {
            found.as_ref().is_none_or(|known: &Found| relation.is_open() && !known.relation.is_open())
        };
        let last = numbered.max_by_key(|(number, relation)| (relation.is_open(), *number));
        if let Some((number, relation)) = last.filter(|(_, relation)| better(relation)) {
            found = Some(Found { person: person.clone(), year: of, number, relation: relation.clone() });
        }
    }
    found.ok_or_else(|| {
        let of = year.map_or_else(|| on.to_string(), |year| format!("{year}年度"));
        Refusal::new("not-enrolled", format!("{of}没有参保关系"), "核对人员和参保年度；先用 member enrol 登记").into()
    })
}

/// Moves a relation to another state, and lets what hangs on it follow.
///
/// # Errors
/// When the move is not allowed from the state of the day, or the day lies before what is recorded.
pub(super) fn shift(desk: &Desk<'_>, books: &mut Books<'_>, found: &Found, step: Move) -> Result<Vec<String>, Stop> {
    let Found { person, year, number, relation } = found;
    let paid = paid_on(desk, books, person, *year)?;
    let from = relation.state_on(step.on, paid);
    let to = step.to.0;
    let last = relation.moves.last().map_or(relation.enrolled, |step| step.on);
    if step.on < last {
        let message = format!("{} 早于已登记的 {last}", step.on);
        return Err(Refusal::new("day-before-record", message, "日子不能早于上一次变动").into());
    }
    if !from.may_become(to) {
        let message = format!("{year}年度参保关系在 {} 为“{}”，不能变为“{}”", step.on, from.name(), to.name());
        return Err(Refusal::new("move-not-allowed", message, "用 member show 查看现在的状态").into());
    }
    books.post::<Membership>(&super::key(person, *year), &MembershipEntry::Moved { relation: *number, step })?;
    review_since(desk, books, person, year.saturating_add(1))
}

/// Lets bills and benefits follow a move that holds from a day on.
pub(super) fn after(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, on: Date) -> Result<Vec<String>, Stop> {
    let mut said = dues::follow(desk, books, person, on)?;
    said.extend(care::follow(desk, books, person, on)?);
    Ok(said)
}

/// Ends the relations of a year whose contribution goes back before benefits began, as of the day on which it was asked for:
/// nobody stays a member unpaid by way of a refund. Gives, in sentences, what ended and what followed.
///
/// # Errors
/// When the source fails.
pub fn end_refunded(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    cause: Cause,
    asked: Date,
) -> Result<Vec<String>, Stop> {
    let relations =
        books.find::<Membership>(&super::key(person, year))?.map(|m| m.relations.clone()).unwrap_or_default();
    let mut said = Vec::new();
    for (number, relation) in (0_u8..).zip(relations).filter(|(_, relation)| relation.is_open()) {
        let on = asked.max(relation.moves.last().map_or(relation.enrolled, |step| step.on));
        let step = Move { to: Word(State::Ended), on, cause: Word(cause), channel: Word(Channel::Automatic) };
        shift(desk, books, &Found { person: person.clone(), year, number, relation }, step)?;
        said.push(format!("{year}年度参保关系自 {on} 起终止（{}）", cause.name()));
        said.extend(care::follow(desk, books, person, on)?);
    }
    Ok(said)
}

/// Finds anew, after a change of the year before, since when the cover of a year is unbroken.
pub(super) fn review_since(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
) -> Result<Vec<String>, Stop> {
    let key = super::key(person, year);
    let Some(membership) = books.find::<Membership>(&key)?.cloned() else { return Ok(Vec::new()) };
    for (relation, known) in (0_u8..).zip(&membership.relations).filter(|(_, r)| r.is_open() && r.carried.is_none()) {
        let since = unbroken(desk, books, person, super::begins(year, known.capacity.academic))?;
        if since != known.since {
            books.post::<Membership>(&key, &MembershipEntry::Since { relation, since })?;
        }
    }
    Ok(Vec::new())
}

struct Asked<'a> {
    person: &'a str,
    year: Option<i16>,
    on: Option<Date>,
    to: State,
    cause: Cause,
    channel: Option<Word<Channel>>,
}

fn carry_out(desk: &Desk<'_>, books: &mut Books<'_>, asked: &Asked<'_>) -> Result<Answer, Stop> {
    let person = people::find(desk, books, asked.person)?;
    let day = asked.on.unwrap_or_else(|| desk.today());
    let found = find(books, &person, asked.year, day)?;
    let last = found.relation.moves.last();
    if last.is_some_and(|step| step.to.0 == asked.to && asked.to != State::Active) {
        let says = format!("{}年度参保关系已是“{}”，没有变动", found.year, asked.to.name());
        return Ok(answer(&found, asked.to, says, "already so"));
    }
    // The end is taken back as of its own day: nothing lies between.
    let on = match (asked.on, last) {
        (None, Some(last)) if last.to.0 == State::Ended => last.on,
        _ => day,
    };
    if asked.to == State::Active && found.relation.moved_by(on).is_some_and(|step| step.to.0 == State::Ended) {
        revivable(desk, books, &found)?;
    }
    let channel = asked.channel.unwrap_or(Word(Channel::Counter));
    let step = Move { to: Word(asked.to), on, cause: Word(asked.cause), channel };
    let mut followed = shift(desk, books, &found, step)?;
    if asked.to == State::Active {
        // The end may have taken the bill with it.
        bill(desk, books, &person, found.year, &found.relation.capacity)?.ok();
        followed.extend(settle_start(desk, books, &person, found.year)?);
    }
    followed.extend(after(desk, books, &person, on)?);
    let now = found.relation.state_after(asked.to, paid_on(desk, books, &person, found.year)?);
    let word = if asked.to == State::Active { "恢复参保" } else { asked.to.name() };
    let mut says = format!("{}年度参保关系自 {on} 起{word}（{}）", found.year, asked.cause.name());
    for what in followed {
        says += &format!("；{what}");
    }
    Ok(answer(&found, now, says, now.english()).with("on", on.to_string()))
}

/// Whether an ended relation may be taken up again: the person lives, the year lasts, and no other has taken its place.
fn revivable(desk: &Desk<'_>, books: &mut Books<'_>, found: &Found) -> Result<(), Stop> {
    let academic = found.relation.capacity.academic;
    if desk.today() >= super::ends(found.year, academic) {
        let message = format!("{}年度已经结束，不能撤销终止", found.year);
        return Err(Refusal::new("year-over", message, "登记新的参保年度").into());
    }
    if people::dossier(books, &found.person)?.died.is_some() {
        return Err(Refusal::new("dead", "该人已登记死亡，不能恢复参保", "死亡登记有误的，先更正").into());
    }
    let rules = desk.rules.terms(desk.today())?;
    already_enrolled(books, &found.person, found.year, academic, &rules)
}

fn answer(found: &Found, state: State, says: String, english: &str) -> Answer {
    Answer::new(says, format!("relation of {}: {english}", found.year))
        .with("person", super::id(&found.person))
        .with("year", found.year)
        .with("state", state.code())
}

impl UseCase for Pause {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let Pause { person, year, on, reason, channel } = self;
        let asked = Asked { person, year: *year, on: *on, to: State::Paused, cause: reason.0, channel: *channel };
        carry_out(desk, books, &asked)
    }
}

impl UseCase for Resume {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let found = find(books, &person, self.year, self.on.unwrap_or_else(|| desk.today()))?;
        if found.relation.moves.last().is_none_or(|step| step.to.0 != State::Paused) {
            let message = format!("{}年度参保关系没有暂停", found.year);
            return Err(Refusal::new("move-not-allowed", message, "已终止的用 member revive").into());
        }
        let cause = self.reason.map_or(Cause::Back, |reason| reason.0);
        let Resume { person, year, on, channel, .. } = self;
        carry_out(desk, books, &Asked { person, year: *year, on: *on, to: State::Active, cause, channel: *channel })
    }
}

impl UseCase for End {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let End { person, year, on, reason, channel } = self;
        carry_out(
            desk,
            books,
            &Asked { person, year: *year, on: *on, to: State::Ended, cause: reason.0, channel: *channel },
        )
    }
}

impl UseCase for Revive {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let found = find(books, &person, self.year, self.on.unwrap_or_else(|| desk.today()))?;
        if found.relation.is_open() {
            let message = format!("{}年度参保关系没有终止", found.year);
            return Err(Refusal::new("move-not-allowed", message, "暂停的用 member resume").into());
        }
        let cause = self.reason.map_or(Cause::Mistake, |reason| reason.0);
        let Revive { person, year, on, channel, .. } = self;
        carry_out(desk, books, &Asked { person, year: *year, on: *on, to: State::Active, cause, channel: *channel })
    }
}

impl UseCase for ChangeTier {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let today = desk.today();
        let found = find(books, &person, Some(self.year), today)?;
        if !found.relation.is_open() {
            let message = format!("{}年度参保关系已终止", self.year);
            return Err(Refusal::new("move-not-allowed", message, "先用 member revive 撤销终止").into());
        }
        has_tier(&desk.rules.terms(today)?, Some(&self.tier))?;
        if found.relation.capacity.tier.as_ref() == Some(&self.tier) {
            return Ok(answer(&found, State::New, format!("已是{}档，没有变动", self.tier), "already so"));
        }
        if let Some(paid) = paid_on(desk, books, &person, self.year)? {
            let message = format!("{}年度已于 {paid} 缴清，不能再变更档次", self.year);
            return Err(Refusal::new(
                "already-paid",
                message,
                "下一年度参保时另选；错缴的先办退费，再用 member revive 恢复后变更",
            )
            .into());
        }
        let entry = MembershipEntry::Tier { relation: found.number, tier: self.tier.clone(), on: today };
        books.post::<Membership>(&super::key(&person, self.year), &entry)?;
        let capacity = Capacity { tier: Some(self.tier.clone()), ..found.relation.capacity.clone() };
        let mut says = format!("{}年度改为{}档", self.year, self.tier);
        let bill = bill(desk, books, &person, self.year, &capacity)?;
        if let Ok(bill) = &bill {
            says += &format!("；个人应缴 {} 元", bill.personal);
        }
        settle_start(desk, books, &person, self.year)?;
        let answer = answer(&found, State::New, says, "another tier").with("tier", self.tier.clone());
        Ok(match bill {
            Ok(bill) => answer.with("personal", bill.personal.to_string()),
            Err(refusal) => answer.with("bill_open", refusal.code),
        })
    }
}
