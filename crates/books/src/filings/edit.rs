//! A filing is moved to other places, corrected, ended or cancelled.

use domain::{Care, Date};

use super::check::{check, limit};
use super::rule::{Rule, count, months, refused};
use super::sheet::{Filed, Filings, FilingsEntry, Kind, Moved, State};
use super::{filed, followed, key, number, open, place};
use crate::answer::{Answer, Refusal, Stop};
use crate::care;
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::providers::{self, within};
use crate::sheets::{Books, Key};

command! {
    /// Choose other providers, or another area, for a filing, from a day on
    Move = "filing move", "变更备案的机构或地区" {
        /// Number of the filing
        filing: String = "备案编号",
        /// First day; today, if left out
        from: Option<Date> = "起始日期，不写为今天",
        /// Codes of all providers from then on
        provider: Vec<String> = "此后的机构编码（全部）",
        /// Code of the area from then on
        area: Option<String> = "此后的地区区划代码",
        /// Why
        reason: String = "原因",
    }
}

command! {
    /// Correct what a filing said, from its beginning; what is left out stays as it is
    Correct = "filing correct", "更正备案" {
        /// Number of the filing
        filing: String = "备案编号",
        /// First day
        from: Option<Date> = "起始日期",
        /// Last day
        until: Option<Date> = "截止日期",
        /// It has no last day
        no_end: bool = "没有截止日期",
        /// Code of the area it is for
        area: Option<String> = "前往地区的区划代码",
        /// Codes of all providers it is for
        provider: Vec<String> = "前往或选定的机构编码（全部）",
        /// All kinds of care for which the providers are chosen
        care: Vec<Word<Care>> = "选定机构的医疗类别（全部）",
        /// Code of the provider that refers
        from_provider: Option<String> = "转出机构编码",
        /// The bill that the care continues
        from_bill: Option<String> = "转出机构的单据号",
        /// Code or name of the disease
        disease: Option<String> = "病种代码或名称",
        /// The physician
        physician: Option<String> = "医师编码",
        /// Day of the identification
        identified_on: Option<Date> = "鉴定日期",
        /// Expert of the identification
        expert: Option<String> = "鉴定专家",
        /// Code of the centre that identified it
        centre: Option<String> = "鉴定中心的机构编码",
        /// Number of the certificate
        certificate: Option<String> = "证明编号",
        /// Why
        reason: String = "原因",
    }
}

command! {
    /// End a filing, or cancel one that is not decided
    End = "filing end", "终止或撤销备案" {
        /// Number of the filing
        filing: String = "备案编号",
        /// Last day on which it holds; today, if left out
        last: Option<Date> = "最后一天，不写为今天",
        /// Why
        reason: String = "原因",
    }
}

command! {
    /// Take back a filing that nobody has decided yet: for who filed it
    Retract = "filing retract", "撤回未审核的备案" {
        /// Number of the filing
        filing: String = "备案编号",
        /// The person: document number or person's number
        person: String = "证件号码或个人编号",
        /// Code of the provider that filed it for the person; the person, if left out
        by: Option<String> = "代为申报的机构编码，不写为本人",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for Move {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (person, filed) = filed(books, &self.filing)?;
        approved(&self.filing, &filed)?;
        let today = desk.today();
        let from = self.from.unwrap_or(today);
        let rule = Rule::on(desk, filed.content.kind.0, from)?;
        self.fits(&filed, from, today)?;
        let mut chosen = Vec::new();
        for code in &self.provider {
            chosen.push(providers::on(books, code, from)?.code);
        }
        let area = self.area.as_deref().map(providers::area).transpose()?;
        if let Some(area) = &area {
            let home = place::home(desk, books, &person)?;
            if within(area, &home) || area.starts_with(&home) {
                let message = format!("{area} 在参保的统筹区内，就医不需要备案");
                return Err(Refusal::new("at-home", message, "回到统筹区用 filing end 终止备案").into());
            }
        }
        let mut steps: Vec<_> = limit(desk, &rule, chosen.len())?.into_iter().collect();
        steps.extend(often(desk, &rule, &filed, from)?);
        let moved = Moved { from, providers: chosen, area, reason: self.reason.clone() };
        let entry = FilingsEntry::Moved { filing: filed.number, on: today, moved };
        books.post::<Filings>(&key(&person), &entry)?;
        let answer = Answer::new(
            format!("备案 {} 自 {from} 起变更", self.filing),
            format!("filing {} moved from {from}", self.filing),
        );
        Ok(answer.with("filing", self.filing.clone()).with("from", from.to_string()).because(steps))
    }
}

impl Move {
    fn fits(&self, filed: &Filed, from: Date, today: Date) -> Result<(), Refusal> {
        let kind = filed.content.kind.0;
        let by_area = matches!(kind, Kind::LongTerm | Kind::Temporary);
        let by_provider = matches!(kind, Kind::Special | Kind::TwoDisease | Kind::Chosen);
        if by_area && self.area.is_some() && self.provider.is_empty()
            || by_provider && self.area.is_none() && !self.provider.is_empty()
        {
            let days = filed.period().filter(|period| period.contains(from) && from >= period.from);
            if days.is_none() || from < today {
                let message = format!("不能从 {from} 起变更：只从今天或以后、备案有效的日子起");
                return Err(Refusal::new("impossible-date", message, "写错的用 filing correct 更正"));
            }
            return Ok(());
        }
        let message = format!("{}的机构或地区不这样变更", kind.name());
        Err(Refusal::new("cannot-move", message, "异地备案写 area；慢特病、选定定点写 provider；其他重新申请"))
    }
}

/// Whether the places may change again on a day.
fn often(desk: &Desk<'_>, rule: &Rule<'_>, filed: &Filed, from: Date) -> Result<Option<crate::answer::Step>, Refusal> {
    let Some(cited) = rule.part(desk, "changes")? else { return Ok(None) };
    if let Some(most) = count(cited, "per_year") {
        let made = filed.moves.iter().filter(|moved| moved.from.year() == from.year()).count();
        if i64::try_from(made).unwrap_or(i64::MAX) >= most {
            let message = format!("{} 年已变更 {made} 次，一年至多 {most} 次", from.year());
            return Err(refused(cited, "too-many-changes", message, "下一年度再变更"));
        }
    }
    if let Some(least) = count(cited, "months_between") {
        let last = filed.moves.iter().map(|moved| moved.from).max().unwrap_or(filed.content.from);
        let earliest = months(last, least);
        if from < earliest {
            let message = format!("{least} 个月以后才能变更，最早 {earliest}");
            return Err(refused(cited, "too-soon", message, format!("从 {earliest} 起变更")));
        }
    }
    Ok(Some(super::rule::step(cited, format!("{from} 起变更，在规定的次数和间隔之内"))))
}

impl UseCase for Correct {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (person, filed) = filed(books, &self.filing)?;
        if matches!(filed.state.0, State::Refused | State::Cancelled) {
            let message = format!("备案 {} {}", self.filing, filed.state.0.name());
            return Err(Refusal::new("not-in-force", message, "重新申请").into());
        }
        let mut content = filed.content.clone();
        let put = |field: &mut Option<String>, given: &Option<String>| {
            if given.is_some() {
                field.clone_from(given);
            }
        };
        content.from = self.from.unwrap_or(content.from);
        content.until = if self.no_end { None } else { self.until.or(content.until) };
        put(&mut content.area, &self.area);
        put(&mut content.from_provider, &self.from_provider);
        put(&mut content.from_bill, &self.from_bill);
        put(&mut content.disease, &self.disease);
        put(&mut content.physician, &self.physician);
        put(&mut content.certificate, &self.certificate);
        if !self.provider.is_empty() {
            content.providers.clone_from(&self.provider);
        }
        if !self.care.is_empty() {
            content.care.clone_from(&self.care);
        }
        let centre = self.centre.as_deref();
        content.identified =
            open::identification(self.identified_on, self.expert.as_deref(), centre)?.or(content.identified);
        let steps = check(desk, books, &person, &mut content, filed.applied, Some(filed.number))?;
        if content == filed.content {
            return Ok(open::answer(&person, filed.number, &content, filed.state.0).with("changed", false));
        }
        let (on, reason) = (desk.today(), self.reason.clone());
        let entry = FilingsEntry::Corrected { filing: filed.number, on, content: content.clone(), reason };
        books.post::<Filings>(&key(&person), &entry)?;
        let answer = open::answer(&person, filed.number, &content, filed.state.0).with("changed", true).because(steps);
        if filed.state.0 == State::Applied {
            return Ok(answer);
        }
        followed(desk, books, &person, content.from.min(filed.content.from), answer)
    }
}

impl UseCase for End {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (person, filed) = filed(books, &self.filing)?;
        let today = desk.today();
        let (state, last) = match filed.state.0 {
            State::Applied => (State::Cancelled, None),
            State::Approved => (State::Ended, Some(self.last.unwrap_or(today))),
            State::Ended if filed.last == self.last.or(filed.last) => {
                return Ok(open::answer(&person, filed.number, &filed.content, State::Ended));
            }
            State::Ended => (State::Ended, self.last),
            other => {
                let message = format!("备案 {} {}", self.filing, other.name());
                return Err(Refusal::new("not-in-force", message, "没有可终止的").into());
            }
        };
        if let Some(last) = last {
            let before = filed.content.from.yesterday().unwrap_or(filed.content.from);
            if last < before || filed.content.until.is_some_and(|until| last > until) {
                let message = format!("{last} 不在备案的有效期里");
                return Err(
                    Refusal::new("impossible-date", message, "最后一天在有效期内；自始无效的写起始日的前一天").into()
                );
            }
        }
        let reason = self.reason.clone();
        let entry = FilingsEntry::Closed { filing: filed.number, on: today, last, state: Word(state), reason };
        books.post::<Filings>(&key(&person), &entry)?;
        let number = number(&person, filed.number);
        let answer =
            Answer::new(format!("备案 {number} {}", state.name()), format!("filing {number} {}", state.english()));
        let answer = answer.with("filing", number).with("state", state.code());
        let answer = answer.with("last", last.map(|last| last.to_string()));
        match last {
            None => Ok(answer),
            Some(last) => {
                let answer = answer.with("later_claims", later_claims(books, &person, &filed, last)?);
                let days = [Some(last), filed.last].into_iter().flatten().min().unwrap_or(last);
                followed(desk, books, &person, days.tomorrow().unwrap_or(days), answer)
            }
        }
    }
}

impl UseCase for Retract {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (person, filed) = filed(books, &self.filing)?;
        let by = self.by.as_deref().map(providers::code);
        // Whose another filing is, is not told.
        if people::find(desk, books, &self.person)? != person || filed.content.by != by {
            return Err(super::unknown(&self.filing).into());
        }
        let number = number(&person, filed.number);
        let state = match filed.state.0 {
            State::Applied => State::Cancelled,
            State::Cancelled => return Ok(open::answer(&person, filed.number, &filed.content, State::Cancelled)),
            other => {
                let message = format!("备案 {number} {}，不能再撤回", other.name());
                return Err(Refusal::new("already-decided", message, "请参保人或经办机构办理终止").into());
            }
        };
        let (on, reason) = (desk.today(), people::reason(&self.reason)?);
        let entry = FilingsEntry::Closed { filing: filed.number, on, last: None, state: Word(state), reason };
        books.post::<Filings>(&key(&person), &entry)?;
        Ok(open::answer(&person, filed.number, &filed.content, state))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let person = people::likely(desk, &self.person);
        person.into_iter().flat_map(|person| [key(&person), person]).collect()
    }
}

/// The settlements of a special disease after its last day: whether they are taken back is decided one by one.
fn later_claims(books: &mut Books<'_>, person: &Key, filed: &Filed, last: Date) -> Result<Vec<String>, Stop> {
    let care = match filed.content.kind.0 {
        Kind::Special => Care::Special,
        Kind::TwoDisease => Care::TwoDisease,
        _ => return Ok(Vec::new()),
    };
    let since = last.tomorrow().unwrap_or(last);
    let standing = care::active(books, person, since.year())?;
    let later = standing
        .into_iter()
        .filter(|one| one.bill.date >= since && one.bill.care.0 == care && one.bill.disease == filed.content.disease);
    Ok(later.map(|one| care::settlement_number(person, one.year, one.number)).collect())
}

fn approved(number: &str, filed: &Filed) -> Result<(), Refusal> {
    if filed.state.0 == State::Approved {
        return Ok(());
    }
    let message = format!("备案 {number} {}", filed.state.0.name());
    Err(Refusal::new("not-in-force", message, "只有已生效的备案才能变更"))
}
