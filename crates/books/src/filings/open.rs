//! A filing is applied for.

use domain::{Care, Date};

use super::check::check;
use super::rule::{Rule, count, months, refused};
use super::sheet::{Content, Filed, Filings, FilingsEntry, Identified, Kind, State};
use super::{decide, filed, followed, key, number};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::sheets::{Books, Key};

command! {
    /// File a referral, care elsewhere, a special disease, chosen providers, an approval, an accident
    Open = "filing open", "申请备案" {
        /// The person: document number or person's number
        person: String = "证件号码或个人编号",
        /// What it is for
        kind: Word<Kind> = "备案种类",
        /// First day; today, if left out
        from: Option<Date> = "起始日期，不写为今天",
        /// Last day
        until: Option<Date> = "截止日期",
        /// Code of the area it is for
        area: Option<String> = "前往地区的区划代码",
        /// Codes of the providers it is for
        provider: Vec<String> = "前往或选定的机构编码",
        /// Kinds of care for which the providers are chosen
        care: Vec<Word<Care>> = "选定机构的医疗类别",
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
        /// Outcome of the accident
        outcome: Option<String> = "意外后果",
        /// Conditions that are recorded, in the notice's words
        condition: Vec<String> = "已核实的条件，照通知的文字",
        /// Documents that came with it, in the notice's words
        document: Vec<String> = "所附材料，照通知的名称",
        /// Number of the matter it comes from
        matter: Option<String> = "来自的事项编号",
        /// Channel, as window, web, phone
        channel: Option<String> = "渠道，如窗口、网上、电话",
        /// Code of the provider that files it for the person
        by: Option<String> = "代为申报的机构编码",
        /// Number of the filing whose place it takes
        replaces: Option<String> = "所替换的备案编号",
    }
}

impl UseCase for Open {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let today = desk.today();
        let mut content = self.content(today)?;
        if let Some(old) = &self.replaces {
            content.replaces = Some(self.replaced(desk, books, &person, old, content.from)?);
        }
        let steps = check(desk, books, &person, &mut content, today, None)?;
        let at_once = at_once(desk, &content)?;
        let key = key(&person);
        let filing = books.post::<Filings>(&key, &FilingsEntry::Opened { on: today, content: content.clone() })?;
        if !at_once {
            return Ok(answer(&person, filing, &content, State::Applied).because(steps));
        }
        decide::approve(books, &person, filing, &content, today, None)?;
        let answer = answer(&person, filing, &content, State::Approved).because(steps);
        followed(desk, books, &person, content.from, answer)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let person = people::likely(desk, &self.person);
        person.into_iter().flat_map(|person| [key(&person), person]).collect()
    }
}

impl Open {
    fn content(&self, today: Date) -> Result<Content, Refusal> {
        Ok(Content {
            kind: self.kind,
            from: self.from.unwrap_or(today),
            until: self.until,
            area: self.area.clone(),
            providers: self.provider.clone(),
            care: self.care.clone(),
            from_provider: self.from_provider.clone(),
            from_bill: self.from_bill.clone(),
            disease: self.disease.as_deref().map(str::trim).map(str::to_owned),
            physician: self.physician.clone(),
            identified: identification(self.identified_on, self.expert.as_deref(), self.centre.as_deref())?,
            certificate: self.certificate.clone(),
            outcome: self.outcome.clone(),
            conditions: self.condition.clone(),
            documents: self.document.clone(),
            matter: self.matter.clone(),
            channel: self.channel.clone(),
            by: self.by.clone(),
            replaces: None,
        })
    }

    /// The filing whose place this one takes, if it may be changed yet.
    fn replaced(
        &self,
        desk: &Desk<'_>,
        books: &mut Books<'_>,
        person: &Key,
        old: &str,
        from: Date,
    ) -> Result<u32, Stop> {
        let (whose, old) = filed(books, old)?;
        let wrong = |what: &str| Refusal::new("cannot-replace", what, "核对所替换的备案编号；用 filing list 查看");
        if whose != *person || old.content.kind != self.kind {
            return Err(wrong("所替换的备案不是同一人的同一种备案").into());
        }
        if old.state.0 != State::Approved || old.content.from >= from {
            return Err(wrong(&format!("所替换的备案{}，不能从 {from} 起替换", old.state.0.name())).into());
        }
        stays(desk, &old, from)?;
        Ok(old.number)
    }
}

/// Refuses to change a filing before the terms let it change.
fn stays(desk: &Desk<'_>, old: &Filed, from: Date) -> Result<(), Refusal> {
    let rule = Rule::on(desk, old.content.kind.0, from)?;
    let Some(cited) = rule.part(desk, "changes")? else { return Ok(()) };
    let Some(least) = count(cited, "months_between") else { return Ok(()) };
    let earliest = months(old.content.from, least);
    if from >= earliest {
        return Ok(());
    }
    let message = format!("{least} 个月以后才能变更，最早 {earliest}");
    Err(refused(cited, "too-soon", message, format!("从 {earliest} 起变更")))
}

/// Whether a filing holds by the person's declaration.
fn at_once(desk: &Desk<'_>, content: &Content) -> Result<bool, Refusal> {
    let rule = Rule::on(desk, content.kind.0, content.from)?;
    let papers = rule.part(desk, "papers")?;
    Ok(papers.is_some_and(|cited| cited.provision.record.flag("declaration") == Some(true)))
}

/// An identification, if anything is said of one.
pub(super) fn identification(
    on: Option<Date>,
    expert: Option<&str>,
    centre: Option<&str>,
) -> Result<Option<Identified>, Refusal> {
    match (on, expert) {
        (None, None) if centre.is_none() => Ok(None),
        (Some(on), Some(expert)) => {
            Ok(Some(Identified { on, expert: expert.to_owned(), centre: centre.map(str::to_owned) }))
        }
        _ => {
            let cure = "鉴定日期 identified_on 和专家 expert 一起写";
            Err(Refusal::new("not-identified", "鉴定结论不完整", cure))
        }
    }
}

/// What is told of a filing.
pub(super) fn answer(person: &Key, filing: u32, content: &Content, state: State) -> Answer {
    let number = number(person, filing);
    let kind = content.kind.0;
    let until = content.until.map_or("长期有效".to_owned(), |until| format!("到 {until}"));
    Answer::new(
        format!("{} {number}：{}，{} 起{until}", kind.name(), state.name(), content.from),
        format!("{} {number}: {}", kind.english(), state.english()),
    )
    .with("filing", number)
    .with("kind", kind.code())
    .with("state", state.code())
    .with("from", content.from.to_string())
    .with("until", content.until.map(|until| until.to_string()))
}
