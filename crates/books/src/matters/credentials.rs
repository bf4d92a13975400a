//! The card and the electronic credential: when each was given out or activated, by which channel, and where it identified the
//! person (TJ22-09d,e, JS22-09.2g). What is accepted for care is the notice's: the card alone in 2016 (TJ16-24a).
//!
//! The number of a token, where it was recorded, leads to its person; only a keyed hash of it is kept. What an electronic
//! credential shows anew each time is turned into its number by the national platform, not here.

use std::collections::BTreeMap;

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::relief::step;
use crate::answer::{Answer, Refusal, Step, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::members::Membership;
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// How many sheets are read at once.
const PAGE: usize = 500;

vocabulary! {
    /// By what a person is identified for care.
    Token {
        Card = "card", "社会保障卡", "social security card";
        Electronic = "e-credential", "医保电子凭证", "electronic credential";
    }
}

/// A token that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which.
    pub token: Word<Token>,
    /// By which channel it was given out or activated.
    pub channel: String,
    /// The day.
    pub on: Date,
    /// First day on which it is no longer good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Index of its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// What can be recorded of a person's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum CredentialEntry {
    /// Given out, or activated.
    Activated {
        /// Which.
        token: Word<Token>,
        /// By which channel.
        channel: String,
        /// The day.
        on: Date,
        /// Index of its number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    /// No longer good: lost, cancelled.
    Ended {
        /// Which.
        token: Word<Token>,
        /// The first day.
        on: Date,
        /// Why.
        reason: String,
    },
    /// Identified the person at a provider.
    Used {
        /// Which.
        token: Word<Token>,
        /// Where.
        provider: String,
        /// The day.
        on: Date,
    },
}

/// A person's tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Those there were, in order.
    pub held: Vec<Held>,
    /// How often each identified the person, by provider and token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub used: BTreeMap<String, BTreeMap<Word<Token>, u32>>,
}

impl Held {
    /// Whether it is good on a day.
    fn is_good(&self, day: Date) -> bool {
        self.on <= day && self.end.is_none_or(|end| day < end)
    }
}

impl Credentials {
    /// The token as it is good on a day.
    pub fn on(&self, token: Token, day: Date) -> Option<&Held> {
        self.held.iter().find(|held| held.token.0 == token && held.is_good(day))
    }
}

impl Fold for Credentials {
    type Entry = CredentialEntry;
    const KIND: &'static str = "credential";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &CredentialEntry) {
        match entry {
            CredentialEntry::Activated { token, channel, on, number } => {
                let (channel, number) = (channel.clone(), number.clone());
                self.held.push(Held { token: *token, channel, on: *on, end: None, number });
            }
            CredentialEntry::Ended { token, on, .. } => {
                for held in self.held.iter_mut().filter(|held| held.token == *token && held.end.is_none()) {
                    held.end = Some(*on);
                }
            }
            CredentialEntry::Used { token, provider, .. } => {
                *self.used.entry(provider.clone()).or_default().entry(*token).or_default() += 1;
            }
        }
    }
}

/// The stream of a person's tokens.
pub fn key(person: &Key) -> Key {
    Key::of(format!("credential/{}", person.subject.trim_start_matches("person/")))
}

/// Index of a token's number.
fn index(desk: &Desk<'_>, token: Token, number: &str) -> String {
    desk.vault.index(token.code(), &number.trim().to_ascii_uppercase())
}

/// The person whom the number of a token leads to, whether or not it is still good.
///
/// # Errors
/// When the source fails.
pub fn owner(desk: &Desk<'_>, books: &mut Books<'_>, token: Token, number: &str) -> Result<Option<Key>, Stop> {
    Ok(books.linked("credential", &index(desk, token, number))?.map(Key::of))
}

/// The person who is identified by the number of a token that is good on a day.
///
/// # Errors
/// When no token of this number is on record, or it is no longer good.
pub fn shown(desk: &Desk<'_>, books: &mut Books<'_>, token: Token, number: &str, day: Date) -> Result<Key, Stop> {
    let cure = "核对号码；没有登记过号码的，凭身份证办理，或由经办机构登记";
    let Some(person) = owner(desk, books, token, number)? else {
        let message = format!("登记册上没有这个号码的{}", token.name());
        return Err(Refusal::new("unknown-credential", message, cure).into());
    };
    let index = index(desk, token, number);
    let good = |held: &Held| held.number.as_ref() == Some(&index) && held.is_good(day);
    if books.find::<Credentials>(&key(&person))?.is_none_or(|known| !known.held.iter().any(good)) {
        let message = format!("这个号码的{}在 {day} 没有启用或已停用", token.name());
        return Err(Refusal::new("credential-not-good", message, "出示现在有效的凭证，或凭身份证办理").into());
    }
    Ok(person)
}

/// Whether a person may be identified so on a day: by a token that the terms accept and that is good. Where no notice says what is
/// accepted, nothing is asked.
///
/// # Errors
/// When no token is given, it is not accepted, or it is not good on the day.
pub fn accepted(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    token: Option<Token>,
    day: Date,
) -> Result<Option<Step>, Stop> {
    let terms = desk.rules.terms(day)?;
    let Ok(cited) = terms.get("credential.accepted") else { return Ok(None) };
    let tokens = cited.provision.record.texts("tokens");
    let names: Vec<&str> = tokens.iter().filter_map(|code| Token::parse(code)).map(Token::name).collect();
    let no = |code: &str, message: String| {
        Refusal::new(code, message, format!("出示{}", names.join("或"))).by(cited.provision.clauses.clone())
    };
    let Some(token) = token else { return Err(no("no-credential", "没有出示就医凭证".to_owned()).into()) };
    if !tokens.contains(&token.code()) {
        return Err(no("credential-not-accepted", format!("{day} {}不是就医凭证", token.name())).into());
    }
    if books.find::<Credentials>(&key(person))?.and_then(|held| held.on(token, day)).is_none() {
        return Err(no("credential-not-good", format!("{}在 {day} 没有发放、激活或已失效", token.name())).into());
    }
    Ok(Some(step(cited, cited.provision.basis, format!("{day} 凭{}就医", token.name()))))
}

/// Records that a token identified a person at a provider.
///
/// # Errors
/// When the source fails.
pub fn used(books: &mut Books<'_>, person: &Key, token: Token, provider: &str, on: Date) -> Result<(), Stop> {
    let entry = CredentialEntry::Used { token: Word(token), provider: provider.to_owned(), on };
    books.post::<Credentials>(&key(person), &entry)?;
    Ok(())
}

command! {
    /// Record that a card was given out or an electronic credential activated
    Activate = "credential activate", "发放或激活就医凭证" {
        /// Number of a document or of the person
        person: String = "证件号码或个人编号",
        /// Which token
        token: Word<Token> = "凭证",
        /// By which channel: an application, a bank, a counter
        channel: String = "渠道",
        /// The day; today, if left out
        on: Option<Date> = "日期，不写为今天",
        /// Its number, by which the person can be found; only a keyed hash of it is kept
        number: Option<String> = "卡号或凭证号，凭它可查到本人；只留加密散列",
    }
}

impl UseCase for Activate {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let (key, token) = (key(&person), self.token.0);
        let number = self.number.as_deref().filter(|number| !number.trim().is_empty());
        if let Some(number) = number
            && owner(desk, books, token, number)?.is_some_and(|owner| owner != person)
        {
            let message = format!("这个号码的{}是别人的", token.name());
            return Err(Refusal::new("credential-taken", message, "核对号码和人员").into());
        }
        let on = self.on.unwrap_or(desk.today());
        if on > desk.today() {
            return Err(Refusal::new("impossible-date", format!("{on} 还没有到"), "写今天或以前的日期").into());
        }
        let number = number.map(|number| index(desk, token, number));
        let known = books.find::<Credentials>(&key)?.and_then(|known| known.on(token, on));
        if known.is_some_and(|held| number.is_none() || held.number == number) {
            return Ok(Answer::new(format!("{}已激活", token.name()), "activated already"));
        }
        if known.is_some_and(|held| held.number.is_some()) {
            let message = format!("本人已有另一个号码的{}", token.name());
            return Err(Refusal::new("credential-held", message, "换号的先停用原来的（credential end）").into());
        }
        if let Some(number) = &number {
            books.link("credential", number, &person.subject)?;
        }
        let entry = CredentialEntry::Activated { token: self.token, channel: self.channel.clone(), on, number };
        books.post::<Credentials>(&key, &entry)?;
        Ok(Answer::new(
            format!("{}自 {on} 起可用，渠道 {}", token.name(), self.channel),
            format!("{} is good from {on}", token.english()),
        )
        .with("token", token.code())
        .with("on", on.to_string()))
    }
}

command! {
    /// Record that a token is no longer good
    End = "credential end", "停用就医凭证" {
        /// Number of a document or of the person
        person: String = "证件号码或个人编号",
        /// Which token
        token: Word<Token> = "凭证",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for End {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let (key, token, today) = (key(&person), self.token.0, desk.today());
        if books.find::<Credentials>(&key)?.is_none_or(|held| held.on(token, today).is_none()) {
            return Err(Refusal::new("credential-not-good", format!("没有可用的{}", token.name()), "核对凭证").into());
        }
        let entry = CredentialEntry::Ended { token: self.token, on: today, reason: self.reason.clone() };
        books.post::<Credentials>(&key, &entry)?;
        Ok(Answer::new(format!("{}自 {today} 起停用", token.name()), format!("{} ends", token.english())))
    }
}

command! {
    /// Identify a person who comes for care by a token, or refuse
    Identify = "credential check", "就医时核验凭证" {
        /// Number of a document or of the person
        person: String = "证件号码或个人编号",
        /// What is shown; nothing, if left out
        token: Option<Word<Token>> = "出示的凭证",
        /// Code of the provider
        provider: String = "定点机构编码",
    }
}

impl UseCase for Identify {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let token = self.token.map(|token| token.0);
        let reason = accepted(desk, books, &person, token, desk.today())?;
        if let Some(token) = token {
            used(books, &person, token, &self.provider, desk.today())?;
        }
        Ok(Answer::new("凭证有效", "identified").because(reason))
    }
}

command! {
    /// Count activated electronic credentials by channel
    Channels = "credential channels", "按渠道统计电子凭证激活" {
    }
}

const CHANNELS: &[Column] = &[col("channel", "渠道", "channel"), col("activated", "激活数", "activated")];

impl Question for Channels {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let today = desk.today();
        let mut channels: BTreeMap<String, u32> = BTreeMap::new();
        books.each::<Credentials>(None, |_, held| {
            if let Some(held) = held.on(Token::Electronic, today) {
                *channels.entry(held.channel.clone()).or_default() += 1;
            }
            Ok(())
        })?;
        let all: u32 = channels.values().sum();
        let rows = channels.into_iter().map(|(channel, count)| vec![json!(channel), json!(count)]).collect();
        let foot = format!("{all} 个");
        Ok(Table { title: "电子凭证激活渠道".to_owned(), columns: CHANNELS, rows, foot })
    }
}

command! {
    /// What share of the members has activated the electronic credential, by county and in all
    Rates = "credential rates", "电子凭证激活率" {
    }
}

const RATES: &[Column] = &[
    col("area", "区县", "county"),
    col("enrolled", "参保人数", "members"),
    col("activated", "激活数", "activated"),
    col("rate", "激活率", "rate"),
];

impl Question for Rates {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let today = desk.today();
        let mut members: Vec<(String, Key)> = Vec::new();
        books.each::<Membership>(Some(today.year()), |at, membership| {
            if let Some((_, relation)) = membership.latest()
                && relation.is_open()
                && relation.enrolled <= today
            {
                let id = at.subject.trim_start_matches("member/");
                let area = relation.capacity.area.get(..6).unwrap_or(&relation.capacity.area).to_owned();
                members.push((area, Key::of(format!("credential/{id}"))));
            }
            Ok(())
        })?;
        let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let (mut enrolled, mut activated) = (0, 0);
        for page in members.chunks(PAGE) {
            books.preload(page.iter().map(|(_, credential)| credential.clone()))?;
            for (area, key) in page {
                let good = books.find::<Credentials>(key)?.is_some_and(|c| c.on(Token::Electronic, today).is_some());
                let count = counts.entry(area.clone()).or_default();
                count.0 += 1;
                count.1 += u64::from(good);
                (enrolled, activated) = (enrolled + 1, activated + u64::from(good));
            }
        }
        let row = |(area, (enrolled, activated)): (String, (u64, u64))| {
            vec![json!(area), json!(enrolled), json!(activated), json!(percent(activated, enrolled))]
        };
        let rows = counts.into_iter().map(row).collect();
        let foot = format!("参保 {enrolled} 人，激活 {activated} 个，激活率 {}", percent(activated, enrolled));
        Ok(Table { title: format!("{today} 电子凭证激活率"), columns: RATES, rows, foot })
    }
}

command! {
    /// What share of identifications each provider made by the electronic credential
    Shares = "credential shares", "各机构电子凭证使用占比" {
    }
}

const SHARES: &[Column] = &[
    col("provider", "定点机构", "provider"),
    col("electronic", "电子凭证", "by e-credential"),
    col("all", "全部", "all"),
    col("share", "占比", "share"),
];

impl Question for Shares {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut providers: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        books.each::<Credentials>(None, |_, held| {
            for (provider, tokens) in &held.used {
                let (electronic, all) = providers.entry(provider.clone()).or_default();
                *electronic += tokens.get(&Word(Token::Electronic)).copied().unwrap_or(0);
                *all += tokens.values().sum::<u32>();
            }
            Ok(())
        })?;
        let row = |(provider, (electronic, all)): (String, (u32, u32))| {
            vec![json!(provider), json!(electronic), json!(all), json!(percent(electronic.into(), all.into()))]
        };
        let rows = providers.into_iter().map(row).collect();
        Ok(Table { title: "电子凭证使用占比".to_owned(), columns: SHARES, rows, foot: String::new() })
    }
}

/// A share with one decimal, rounded half up, as `80.0%`; empty where there is nothing to share.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let thousandths = (part * 2_000 + whole) / (whole * 2);
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}
