//! Transfer of a relation of insurance between regions (转移接续): requested, answered, done or refused, traceable by one number in
//! both regions; afterwards there is exactly one relation, and the years go with it.
//!
//! Out: the other region, or the person, asks; we answer with since when and how long the person was insured, and end the
//! relation. In: we ask; the other region answers; we enrol with the years carried. What travels between the two regions is
//! the number and what `transfer answer` tells; the exchange itself is not here.

use domain::{Date, Group, vocabulary};
use serde::{Deserialize, Serialize};

use super::enrol::{Application, enrol};
use super::insured::insured;
use super::membership::{Cause, Channel, Membership, Move, State};
use super::moves::{after, find, shift};
use super::number::{TRACKING, tracking};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::people;
use crate::sheets::{Books, Key};

vocabulary! {
    /// Which way a relation goes.
    Direction {
        Out = "out", "转出", "out";
        In = "in", "转入", "in";
    }
}

vocabulary! {
    /// How far a transfer has come.
    Stage {
        Requested = "requested", "已申请", "requested";
        Answered = "answered", "已答复", "answered";
        Done = "done", "已办结", "done";
        Refused = "refused", "未予办理", "refused";
    }
}

/// What the region that is left tells of the relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// First day of unbroken cover.
    pub since: Date,
    /// Whole months of it.
    pub months: i64,
    /// First day on which the relation there is over.
    pub ended: Date,
}

/// What can be recorded of a transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TransferEntry {
    /// It is asked for.
    Requested {
        /// Which way.
        direction: Word<Direction>,
        /// Subject of the person's dossier.
        person: String,
        /// Code or name of the other region.
        region: String,
        /// Insured year.
        year: i16,
        /// The day.
        on: Date,
        /// By which way.
        channel: Word<Channel>,
    },
    /// The region that is left tells since when the person is insured there.
    Answered {
        /// The day.
        on: Date,
        /// What it tells.
        record: Record,
    },
    /// The relation has ended in the one region and begun in the other.
    Done {
        /// The day.
        on: Date,
    },
    /// It is not granted.
    Refused {
        /// The day.
        on: Date,
        /// Why.
        why: String,
    },
}

/// A transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Which way.
    pub direction: Option<Word<Direction>>,
    /// Subject of the person's dossier.
    pub person: String,
    /// Code or name of the other region.
    pub region: String,
    /// Insured year.
    pub year: i16,
    /// Day of the request.
    pub requested: Option<Date>,
    /// By which way it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Word<Channel>>,
    /// Day of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Date>,
    /// What the region that is left told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// Day on which it was done, or refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Date>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Transfer {
    /// How far it has come.
    pub fn stage(&self) -> Stage {
        match (self.closed, &self.why, &self.record) {
            (Some(_), Some(_), _) => Stage::Refused,
            (Some(_), None, _) => Stage::Done,
            (None, _, Some(_)) => Stage::Answered,
            (None, _, None) => Stage::Requested,
        }
    }

    /// Whether the person leaves.
    pub fn is_out(&self) -> bool {
        self.direction.is_some_and(|direction| direction.0 == Direction::Out)
    }
}

impl Fold for Transfer {
    type Entry = TransferEntry;
    const KIND: &'static str = "handover";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &TransferEntry) {
        match entry {
            TransferEntry::Requested { direction, person, region, year, on, channel } => {
                self.direction = Some(*direction);
                (self.person, self.region) = (person.clone(), region.clone());
                (self.year, self.requested, self.channel) = (*year, Some(*on), Some(*channel));
            }
            TransferEntry::Answered { on, record } => {
                (self.answered, self.record) = (Some(*on), Some(record.clone()));
            }
            TransferEntry::Done { on } => self.closed = Some(*on),
            TransferEntry::Refused { on, why } => (self.closed, self.why) = (Some(*on), Some(why.clone())),
        }
    }
}

/// The stream of a transfer.
pub fn transfer_key(number: &str) -> Key {
    Key::of(format!("{}/{number}", Transfer::KIND))
}

command! {
    /// Ask another region for the relation of a person who comes here
    TransferIn = "transfer in", "申请转入" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Code or name of the region the person comes from
        region: String = "转出地",
        /// Insured year in which the person joins here; the running one, if left out
        year: Option<i16> = "转入后的参保年度，不写为今年",
        /// By which way; the counter, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为窗口",
    }
}

impl UseCase for TransferIn {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let year = self.year.unwrap_or_else(|| desk.today().year());
        let open =
            books.find::<Membership>(&super::key(&person, year))?.and_then(|m| m.latest().map(|(_, r)| r.is_open()));
        if open == Some(true) {
            let message = format!("在本地已有{year}年度参保关系，不必转入");
            return Err(Refusal::new("already-enrolled", message, "核对转出地和参保年度").into());
        }
        let number = tracking(desk, books, "transfer", &person)?;
        let asked = Asked { person, region: &self.region, year, direction: Direction::In, channel: self.channel };
        request(desk, books, &number, &asked)
    }
}

command! {
    /// Take a request to hand a person's relation over to another region
    TransferOut = "transfer out", "申请转出" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// Code or name of the region the person goes to
        region: String = "转入地",
        /// The other region's tracking number, where it asks
        number: Option<String> = "转入地的受理号（对方发起的）",
        /// Insured year; the running one, if left out
        year: Option<i16> = "参保年度，不写为今年",
        /// By which way; from another province if it asks, else the counter
        channel: Option<Word<Channel>> = "办理渠道，对方发起的为跨省通办，否则为窗口",
    }
}

impl UseCase for TransferOut {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let year = self.year.unwrap_or_else(|| desk.today().year());
        let number = match &self.number {
            Some(number) => {
                let number = number.trim();
                if let Some(known) = books.find::<Transfer>(&transfer_key(number))?.cloned() {
                    if known.person == person.subject && known.is_out() {
                        let says = format!("转出申请 {number} 已受理，{}", known.stage().name());
                        return Ok(told(number, &known, says, "taken already").with("already", true));
                    }
                    let message = format!("受理号 {number} 已用于另一件转移");
                    return Err(Refusal::new("number-taken", message, "向对方核对受理号").into());
                }
                books.link(TRACKING, number, &person.subject)?;
                number.to_owned()
            }
            None => tracking(desk, books, "transfer", &person)?,
        };
        find(books, &person, Some(year), desk.today())?;
        let channel = self.channel.or(self.number.as_ref().map(|_| Word(Channel::Province)));
        let asked = Asked { person, region: &self.region, year, direction: Direction::Out, channel };
        request(desk, books, &number, &asked)
    }
}

struct Asked<'a> {
    person: Key,
    region: &'a str,
    year: i16,
    direction: Direction,
    channel: Option<Word<Channel>>,
}

fn request(desk: &Desk<'_>, books: &mut Books<'_>, number: &str, asked: &Asked<'_>) -> Result<Answer, Stop> {
    if people::dossier(books, &asked.person)?.died.is_some() {
        return Err(Refusal::new("dead", "该人已登记死亡，不能转移", "死亡登记有误的，先更正").into());
    }
    let entry = TransferEntry::Requested {
        direction: Word(asked.direction),
        person: asked.person.subject.clone(),
        region: asked.region.trim().to_owned(),
        year: asked.year,
        on: desk.today(),
        channel: asked.channel.unwrap_or(Word(Channel::Counter)),
    };
    books.post::<Transfer>(&transfer_key(number), &entry)?;
    let transfer = of(books, number)?;
    let says = format!("{}申请已受理，受理号 {number}", asked.direction.name());
    Ok(told(number, &transfer, says, "transfer requested"))
}

command! {
    /// Answer a transfer: to another region what we know of the person, or what the other region has told
    AnswerTransfer = "transfer answer", "答复转移" {
        /// Tracking number
        number: String = "受理号",
        /// First day on which the relation left is over; today, if left out
        ended: Option<Date> = "转出地参保关系终止之日，不写为今天",
        /// First day of unbroken cover there, as told (in only)
        since: Option<Date> = "在转出地连续参保的起始日（转入时照对方答复填）",
        /// Why it is not granted
        refuse: Option<String> = "不予办理的原因",
    }
}

impl UseCase for AnswerTransfer {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let transfer = of(books, &self.number)?;
        let at = transfer_key(self.number.trim());
        at_stage(&transfer, &self.number, Stage::Requested)?;
        let on = desk.today();
        if let Some(why) = &self.refuse {
            books.post::<Transfer>(&at, &TransferEntry::Refused { on, why: why.clone() })?;
            let transfer = of(books, &self.number)?;
            return Ok(told(&self.number, &transfer, format!("转移不予办理：{why}"), "transfer refused"));
        }
        let ended = self.ended.unwrap_or(on);
        let since = match (transfer.is_out(), self.since) {
            (true, _) => insured_here(desk, books, &Key::of(transfer.person.clone()), ended)?,
            (false, Some(since)) => since,
            (false, None) => {
                let message = "转入要填对方答复的连续参保起始日";
                return Err(Refusal::new("missing-field", message, "写 since").into());
            }
        };
        if since >= ended {
            let message = format!("连续参保起始日 {since} 不早于终止之日 {ended}");
            return Err(Refusal::new("ends-before-start", message, "核对对方的答复").into());
        }
        let record = Record { since, months: months(since, ended), ended };
        let says = format!("已答复：自 {since} 起连续参保 {} 个月，{ended} 起终止", record.months);
        books.post::<Transfer>(&at, &TransferEntry::Answered { on, record })?;
        Ok(told(&self.number, &of(books, &self.number)?, says, "transfer answered"))
    }
}

command! {
    /// Finish a transfer that is answered: end the relation here (out), or enrol with the years carried (in)
    FinishTransfer = "transfer finish", "办结转移" {
        /// Tracking number
        number: String = "受理号",
        /// Tier of contribution here (in only)
        tier: Option<String> = "本地缴费档次（转入时）",
        /// Population group (in only); by course of study and age, if left out
        group: Option<Word<Group>> = "人群（转入时），不写按在读情况和年龄定",
    }
}

impl UseCase for FinishTransfer {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let transfer = of(books, &self.number)?;
        at_stage(&transfer, &self.number, Stage::Answered)?;
        let Some(record) = transfer.record.clone() else { return Err(unknown(&self.number).into()) };
        let person = Key::of(transfer.person.clone());
        let on = desk.today();
        let (says, enrolled) = if transfer.is_out() {
            let found = find(books, &person, Some(transfer.year), on)?;
            let channel = transfer.channel.unwrap_or(Word(Channel::Counter));
            let step = Move { to: Word(State::Ended), on: record.ended, cause: Word(Cause::TransferOut), channel };
            shift(desk, books, &found, step)?;
            let mut says = format!("已转出至{}，{} 起终止本地参保关系", transfer.region, record.ended);
            for what in after(desk, books, &person, record.ended)? {
                says += &format!("；{what}");
            }
            (says, None)
        } else {
            if on < record.ended {
                let message = format!("转出地的参保关系 {} 才终止", record.ended);
                return Err(Refusal::new("still-insured-there", message, "到终止之日再办结").into());
            }
            let application = Application {
                year: transfer.year,
                tier: self.tier.clone(),
                group: self.group.map(|group| group.0),
                on,
                channel: transfer.channel.map_or(Channel::Counter, |channel| channel.0),
                employed: false,
                number: Some(self.number.trim().to_owned()),
                carried: Some((record.since, self.number.trim().to_owned())),
            };
            let answer = enrol(desk, books, &person, &application)?.answer();
            let says = format!("已由{}转入，连续参保自 {} 起算；{}", transfer.region, record.since, answer.says);
            (says, Some(answer))
        };
        books.post::<Transfer>(&transfer_key(self.number.trim()), &TransferEntry::Done { on })?;
        let done = told(&self.number, &of(books, &self.number)?, says, "transfer done");
        Ok(match enrolled {
            Some(answer) => {
                Answer { fields: answer.fields.into_iter().chain(done.fields).collect(), ..done }.because(answer.steps)
            }
            None => done,
        })
    }
}

/// Since when a person is insured here without a break, up to a day.
fn insured_here(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, ended: Date) -> Result<Date, Stop> {
    let last = ended.yesterday().unwrap_or(ended);
    let insured = insured(desk, books, person, last)?;
    Ok(insured.person.insured_since.unwrap_or(last))
}

/// Whole months from a day to another.
fn months(from: Date, end: Date) -> i64 {
    let whole = i64::from(end.year() - from.year()) * 12 + i64::from(end.month()) - i64::from(from.month());
    if end.day() < from.day() { whole - 1 } else { whole }
}

fn of(books: &mut Books<'_>, number: &str) -> Result<Transfer, Stop> {
    let known = books.find::<Transfer>(&transfer_key(number.trim()))?.cloned();
    known.ok_or_else(|| unknown(number).into())
}

fn unknown(number: &str) -> Refusal {
    Refusal::new("unknown-transfer", format!("没有受理号为 {number} 的转移"), "transfer list 列出各件")
}

fn at_stage(transfer: &Transfer, number: &str, wanted: Stage) -> Result<(), Refusal> {
    let stage = transfer.stage();
    if stage == wanted {
        return Ok(());
    }
    let message = format!("转移 {number} 现为“{}”，这一步要在“{}”时办", stage.name(), wanted.name());
    Err(Refusal::new("move-not-allowed", message, "transfer show 查看经过"))
}

fn told(number: &str, transfer: &Transfer, says: impl Into<String>, english: &str) -> Answer {
    let mut answer = Answer::new(says, english)
        .with("number", number.trim())
        .with("state", transfer.stage().code())
        .with("direction", transfer.direction.map(|direction| direction.0.code()))
        .with("person", transfer.person.trim_start_matches("person/"))
        .with("region", transfer.region.clone());
    if let Some(record) = &transfer.record {
        answer = answer
            .with("since", record.since.to_string())
            .with("months", record.months)
            .with("ended", record.ended.to_string());
    }
    answer
}
