//! Opening a matter: only an item on the list, by a way and at a place that the item allows, under one tracking number.

use std::collections::BTreeMap;

use domain::Date;
use policy::Terms;
use sha2::{Digest, Sha256};

use super::items::{self, Decides, Item, Way};
use super::points;
use super::sheet::{Agent, Matter, MatterEntry, Opening};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people::{self, Dossier};
use crate::providers;
use crate::sheets::{Books, Key};

command! {
    /// Open a service item on the list for somebody
    Open = "matter open", "受理经办事项" {
        /// Id, code or Chinese name of the item
        item: String = "事项（编号、编码或名称）",
        /// Number of a document or of the person it is about
        person: Option<String> = "申请人的证件号码或个人编号",
        /// The organisation that asks
        organisation: Option<String> = "申请单位",
        /// Who asks, where the item keeps that under seal
        identity: Option<String> = "须保密的申请人身份",
        /// The way it is brought forward; at the counter, if left out
        way: Option<Word<Way>> = "办理方式，不写为窗口",
        /// The day arranged for a visit, a booking or the post
        date: Option<Date> = "预约、上门或邮寄的日期",
        /// Who brings it forward for the applicant
        agent: Option<String> = "代办人",
        /// By which authority the agent acts
        authority: Option<String> = "代办依据，如委托书编号",
        /// Where it is taken in: code of an area, or of a point
        at: String = "受理处：经办机构区划代码或受理点编号",
        /// The partner that decides, where the item is decided elsewhere: a region's code, a body's name
        partner: Option<String> = "决定的一方（送外地或外单位的事项）",
        /// The day by which the partner is asked to answer, where the list sets none
        due: Option<Date> = "请对方答复的期限（清单没有时限的）",
        /// What is recorded with it, as name=value
        fact: Vec<String> = "记载事项，写成 名称=内容",
        /// An amount asked for
        amount: Option<Yuan> = "申请金额",
    }
}

impl UseCase for Open {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let asked = Asked {
            item: self.item.clone(),
            person: self.person.as_deref().map(|person| people::find(desk, books, person)).transpose()?,
            organisation: self.organisation.clone(),
            identity: self.identity.clone(),
            way: self.way.map_or(Way::Counter, |way| way.0),
            date: self.date,
            agent: self.agent.clone().zip(self.authority.clone()),
            at: self.at.clone(),
            partner: self.partner.clone(),
            due: self.due,
            facts: facts(&self.fact)?,
            amount: self.amount,
        };
        if self.agent.is_some() != self.authority.is_some() {
            let message = "代办要写明代办人和代办依据";
            return Err(Refusal::new("no-authority", message, "agent 和 authority 一起写").into());
        }
        opened(desk, books, &asked)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        self.person.as_deref().and_then(|person| people::likely(desk, person)).into_iter().collect()
    }
}

/// What is asked for when a matter is opened.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Id, code or Chinese name of the item.
    pub item: String,
    /// The person it is about.
    pub person: Option<Key>,
    /// The organisation that asks.
    pub organisation: Option<String>,
    /// Who asks, to be kept under seal.
    pub identity: Option<String>,
    /// By which way.
    pub way: Way,
    /// The day arranged for.
    pub date: Option<Date>,
    /// Who brings it forward, and by which authority.
    pub agent: Option<(String, String)>,
    /// Where it is taken in.
    pub at: String,
    /// The partner that decides.
    pub partner: Option<String>,
    /// The day by which the partner is asked to answer.
    pub due: Option<Date>,
    /// What is recorded with it.
    pub facts: BTreeMap<String, String>,
    /// An amount asked for.
    pub amount: Option<Yuan>,
}

impl Asked {
    /// An item for a person, at the counter of an agency.
    pub fn of(item: &str, person: &Key, at: &str) -> Asked {
        Asked { item: item.to_owned(), person: Some(person.clone()), at: at.to_owned(), ..Asked::nobody() }
    }

    /// Nobody asks, for nothing yet: to be filled in.
    pub fn nobody() -> Asked {
        Asked {
            item: String::new(),
            person: None,
            organisation: None,
            identity: None,
            way: Way::Counter,
            date: None,
            agent: None,
            at: String::new(),
            partner: None,
            due: None,
            facts: BTreeMap::new(),
            amount: None,
        }
    }
}

/// Opens a matter for another use case that needs a tracking number, and gives the number.
///
/// # Errors
/// As the command `matter open`.
pub fn open(desk: &Desk<'_>, books: &mut Books<'_>, asked: &Asked) -> Result<String, Stop> {
    let answer = opened(desk, books, asked)?;
    Ok(answer.fields.get("matter").and_then(|number| number.as_str()).unwrap_or_default().to_owned())
}

fn opened(desk: &Desk<'_>, books: &mut Books<'_>, asked: &Asked) -> Result<Answer, Stop> {
    let today = desk.today();
    let terms = desk.rules.terms(today)?;
    let item = items::named(&terms, &asked.item)?;
    let taken = points::place(books, &asked.at, today)?;
    if !item.points().contains(&taken.kind.0) {
        let kinds: Vec<&str> = item.points().into_iter().map(|kind| kind.name()).collect();
        let message = format!("“{}”不在{}受理点的清单里", item.name(), taken.kind.0.name());
        let cure = format!("到这些地方办理：{}", kinds.join("、"));
        return Err(by_item(&item, Refusal::new("off-point-list", message, cure)).into());
    }
    allowed(&item, asked)?;
    let decides = match item.decides() {
        Decides::Here => taken.agency.clone(),
        Decides::Home => home(books, &item, asked)?.unwrap_or_else(|| taken.agency.clone()),
        Decides::Partner => asked.partner.clone().ok_or_else(|| {
            let message = format!("“{}”要写明送往哪一方", item.name());
            by_item(&item, Refusal::new("no-partner", message, "写 partner：外地的区划代码，或单位名称"))
        })?,
    };
    payable(books, &item, asked, &decides, (&terms.region.code, today))?;
    let Some(opening) = item.opening() else {
        return Err(
            Refusal::new("no-opening", format!("“{}”没有起始环节", item.name()), "改正 [[matter.*]] 的 flow").into()
        );
    };
    let due = item.due(desk, today).or_else(|| {
        let asked = asked.due?;
        Some((asked, item.step(format!("请对方于 {asked} 前答复"))))
    });
    let number = number(books, &terms, today)?;
    let clauses = item.cited.provision.clauses.clone();
    let sealed = asked.identity.as_deref().map(|identity| desk.vault.seal("matter", identity));
    let agent = asked
        .agent
        .as_ref()
        .map(|(name, authority)| Agent { name: desk.vault.seal("name", name), authority: authority.clone() });
    let entry = MatterEntry::Opened(Box::new(Opening {
        item: item.id.to_owned(),
        name: item.name().to_owned(),
        state: opening.state.clone(),
        on: today,
        due: due.as_ref().map(|(due, _)| *due),
        person: asked.person.as_ref().map(|key| key.subject.clone()),
        organisation: asked.organisation.clone(),
        sealed,
        way: Word(asked.way),
        date: asked.date,
        agent,
        taken: taken.clone(),
        decides: decides.clone(),
        facts: asked.facts.clone(),
        amount: asked.amount,
        clauses,
    }));
    books.post::<Matter>(&key(&number), &entry)?;
    let until = due.as_ref().map_or_else(|| "没有来源写明时限".to_owned(), |(due, _)| format!("{due} 前办结"));
    let answer = Answer::new(
        format!("已受理“{}”，受理号 {number}，由 {decides} 办理，{until}", item.name()),
        format!("opened {} as {number}, decided by {decides}", item.id),
    );
    let listed = item.step(format!("“{}”在经办事项清单里", item.name()));
    let mut answer = answer
        .with("matter", number)
        .with("item", item.id)
        .with("state", opening.state)
        .with("taken", taken.agency)
        .with("decides", decides)
        .with("way", asked.way.code())
        .because([listed]);
    if let Some(code) = item.code() {
        answer = answer.with("code", code);
    }
    if let Some((due, step)) = due {
        answer = answer.with("due", due.to_string()).because([step]);
    }
    Ok(answer)
}

/// What the item asks of who asks and how.
fn allowed(item: &Item<'_>, asked: &Asked) -> Result<(), Refusal> {
    let no = |code: &str, message: String, cure: &str| Err(by_item(item, Refusal::new(code, message, cure)));
    let name = item.name();
    if !item.by_way(asked.way) {
        return no("wrong-way", format!("“{name}”不能以{}方式办理", asked.way.name()), "matter items 列出各事项的方式");
    }
    if matches!(asked.way, Way::Visit | Way::Booking | Way::Mail) && asked.date.is_none() {
        return no("missing-date", format!("{}办理要写日期", asked.way.name()), "写 date");
    }
    if (asked.way == Way::Agent) != asked.agent.is_some() {
        return no("no-authority", "代办要写明代办人和代办依据".to_owned(), "way 写 agent，并写 agent 和 authority");
    }
    let who = (asked.person.is_some(), asked.organisation.is_some());
    let fits = match item.applicant() {
        "person" => who == (true, false),
        "organisation" => who == (false, true),
        "none" => who == (false, false),
        _ => true,
    };
    if !fits {
        return no("wrong-applicant", format!("“{name}”的申请人不对"), "个人事项写 person，单位事项写 organisation");
    }
    if item.sealed() && (who != (false, false)) {
        return no("not-sealed", format!("“{name}”的申请人身份要密封"), "身份写在 identity，不写 person、organisation");
    }
    if !item.sealed() && asked.identity.is_some() {
        return no("not-sealed", format!("“{name}”不密封申请人身份"), "写 person 或 organisation");
    }
    if asked.due.is_some() && (item.decides() != Decides::Partner || item.days().is_some()) {
        return no("due-by-list", format!("“{name}”的时限由清单定"), "不写 due");
    }
    match item.needs().into_iter().find(|need| !asked.facts.contains_key(*need)) {
        Some(need) => no("missing-fact", format!("“{name}”要记载 {need}"), "写进 fact：名称=内容"),
        None => Ok(()),
    }
}

/// A provider that the fund will pay is on the register and designated on the day.
fn payable(
    books: &mut Books<'_>,
    item: &Item<'_>,
    asked: &Asked,
    decides: &str,
    (region, today): (&str, Date),
) -> Result<(), Stop> {
    if !item.payer().is_some_and(|(_, provider)| provider) {
        return Ok(());
    }
    let sent = (item.decides() == Decides::Partner).then_some(decides);
    let Some(code) = asked.facts.get("provider").map(String::as_str).or(sent) else { return Ok(()) };
    let refused = match providers::on(books, code, today) {
        Ok(facts) if facts.designated_by(region).is_some() => return Ok(()),
        Ok(facts) => Refusal::new("not-designated", format!("{} 在 {today} 没有定点协议", facts.name), "找定点机构"),
        Err(Stop::Refused(refusal)) => refusal,
        Err(source) => return Err(source),
    };
    Err(by_item(item, refused).into())
}

/// The agency of the person's area.
fn home(books: &mut Books<'_>, item: &Item<'_>, asked: &Asked) -> Result<Option<String>, Stop> {
    let Some(person) = &asked.person else { return Ok(None) };
    let Some(dossier) = books.find::<Dossier>(person)? else {
        return Err(
            by_item(item, Refusal::new("unknown-person", "登记册上没有这个人", "先用 person register 登记")).into()
        );
    };
    Ok(Some(points::agency(&dossier.area)?))
}

/// A tracking number: code of the region, the day, six digits. It is good in other regions too (TJ22-08f), and tells nothing.
fn number(books: &mut Books<'_>, terms: &Terms<'_>, today: Date) -> Result<String, Stop> {
    let mut salt = 0_u32;
    loop {
        let hash = Sha256::digest(format!("{} {today} {salt}", books.request()).as_bytes());
        let serial = hash.iter().take(4).fold(0_u32, |all, byte| (all << 8) | u32::from(*byte)) % 1_000_000;
        let number = format!("{}{}{serial:06}", terms.region.code, today.strftime("%Y%m%d"));
        if books.entries(&key(&number))? == 0 {
            return Ok(number);
        }
        salt += 1;
    }
}

/// The stream of a matter.
pub fn key(number: &str) -> Key {
    Key::of(format!("matter/{number}"))
}

/// A refusal with the clauses behind the item.
pub(super) fn by_item(item: &Item<'_>, refusal: Refusal) -> Refusal {
    refusal.by(item.cited.provision.clauses.clone())
}

/// Facts written as `name=value`. A number of an identity document has no place in them: they are kept in clear.
///
/// # Errors
/// When one is not written so.
pub(super) fn facts(written: &[String]) -> Result<BTreeMap<String, String>, Refusal> {
    let fact = |text: &String| match text.split_once('=') {
        Some((_, value)) if people::recognise(value).is_ok() => {
            let message = "记载事项里不写证件号码：它不加密";
            Err(Refusal::new("personal-data", message, "写个人编号（person find 查得）"))
        }
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(Refusal::new("bad-fact", format!("“{text}” 不是 名称=内容"), "写成 名称=内容")),
    };
    written.iter().map(fact).collect()
}
