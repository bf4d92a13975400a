//! Reminders in the concentrated period: one message for all residents, and in its last month a list of those who have not paid.
//!
//! The message states the last day, and none is sent after it. Sending itself is the gateway's: a campaign says to whom, takes in
//! what was sent and what failed, and shows no telephone number in clear.

use domain::Date;
use enrolment::cover::Window;
use jiff::Span;
use serde_json::json;

use super::campaign::{Campaign, CampaignEntry, Reach, Reminder, Scope, Sending};
use super::files::{self, FileLine, REJECTED, Report};
use super::sheet::Dues;
use super::{dues_key, number_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people::{self, Dossier};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

const NAME: &str = "campaign";

command! {
    /// Make a campaign of reminders for a year's concentrated period
    Remind = "remind make", "生成参保缴费提醒" {
        /// Insured year
        year: i16 = "参保年度",
        /// Whom it reaches; in the last month those who have not paid, before that all
        scope: Option<Word<Scope>> = "提醒对象；不写时，最后一个月为未缴费的，此前为全体",
        /// How; by text message, if left out
        reach: Option<Word<Reach>> = "方式，不写为短信",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

impl UseCase for Remind {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let today = desk.today();
        let insured = desk.rules.year(domain::Group::Adult, self.year)?;
        let window = enrolment::cover::window(&insured)?;
        inside(&window, today)?;
        let scope = self.scope.map_or_else(|| default_scope(&window, today), |scope| scope.0);
        let reach = self.reach.map_or(Reach::Sms, |reach| reach.0);
        let residents = self.residents(books, today)?;
        let looked_at = residents.len();
        let mut reminders = Vec::new();
        let mut lines = Vec::new();
        for (person, phone) in residents {
            let dues = books.find::<Dues>(&dues_key(&person, self.year))?;
            if scope == Scope::Unpaid && dues.is_some_and(|dues| dues.paid_on().is_some()) {
                continue;
            }
            let phone = phone.map(|sealed| people::open(desk, "phone", &sealed)).transpose()?;
            let number = number_of(&person).to_owned();
            let unreachable = reach == Reach::Sms && phone.is_none();
            let (state, why) =
                if unreachable { (Sending::Failed, "没有电话号码") } else { (Sending::Waiting, "") };
            if !unreachable {
                lines.push(vec![number.clone(), phone.map(|phone| masked_phone(&phone)).unwrap_or_default()]);
            }
            reminders.push(Reminder { person: number, state: Word(state), why: why.to_owned() });
        }
        let message = message(desk, self.year, scope, window.closes)?;
        let made = books.names(NAME, &format!("{}-", self.year), usize::MAX >> 1)?.len();
        let number = format!("{}-{:02}", self.year, made + 1);
        let campaign = Campaign {
            year: self.year,
            on: Some(today),
            scope: Some(Word(scope)),
            reach: Some(Word(reach)),
            last_day: Some(window.closes),
            message: message.clone(),
            residents: u32::try_from(looked_at).unwrap_or(u32::MAX),
            reminders,
            results: Vec::new(),
        };
        let subject = format!("campaign/{number}");
        books.link(NAME, &number, &subject)?;
        let (all, failed) = (campaign.reminders.len(), campaign.count(Sending::Failed));
        books.post::<Campaign>(&Key::of(subject), &CampaignEntry::Made(campaign))?;
        let file = files::write("reminders", &number, &["person", "phone"], &lines, domain::Fen::ZERO);
        let says = format!("提醒 {number}：{} {all} 人（居民 {looked_at} 人），无法送达 {failed} 人", scope.name());
        Ok(Answer::new(says, format!("{all} of {looked_at} residents"))
            .with("campaign", number)
            .with("scope", scope.code())
            .with("residents", looked_at)
            .with("targets", all)
            .with("unreachable", failed)
            .with("last_day", window.closes.to_string())
            .with("message", message)
            .with("file", file))
    }
}

impl Remind {
    /// Those on the register who live here, and are not secured elsewhere, with their sealed telephone numbers.
    fn residents(&self, books: &mut Books<'_>, today: Date) -> Result<Vec<(Key, Option<crate::Sealed>)>, Stop> {
        let mut residents = Vec::new();
        books.each::<Dossier>(None, |key, dossier| {
            let here = self.area.as_ref().is_none_or(|area| dossier.area.starts_with(area));
            if here && dossier.alive_on(today) && dossier.secured_on(today).is_none() {
                residents.push((key.clone(), dossier.phone.clone()));
            }
            Ok(())
        })?;
        books.preload(residents.iter().map(|(person, _)| dues_key(person, self.year)))?;
        Ok(residents)
    }
}

/// Refuses reminders before and after the period.
fn inside(window: &Window<'_>, today: Date) -> Result<(), Refusal> {
    let refused = |code: &str, what: &str, cure: &str| {
        let message = format!("{today} 集中参保期（{} 至 {}）{what}", window.opens, window.closes);
        Err(Refusal::new(code, message, cure).by(window.clauses().iter().cloned()))
    };
    if today < window.opens {
        return refused("before-window", "还未开始", "期内再提醒");
    }
    if today > window.closes {
        return refused("after-window", "已经结束，不再提醒", "期外参保按等待期的规定办理");
    }
    Ok(())
}

/// In the last month of the period those who have not paid, before that all.
fn default_scope(window: &Window<'_>, today: Date) -> Scope {
    if today >= last_month(window) { Scope::Unpaid } else { Scope::All }
}

/// First day of the last month of a period: that to 31 December begins on the 1st.
fn last_month(window: &Window<'_>) -> Date {
    let after = window.closes.tomorrow().unwrap_or(window.closes);
    after.checked_sub(Span::new().months(1)).unwrap_or(window.opens).max(window.opens)
}

fn message(desk: &Desk<'_>, year: i16, scope: Scope, last: Date) -> Result<String, Refusal> {
    let region = &desk.rules.region()?.name;
    let until = format!("{}年{}月{}日", last.year(), last.month(), last.day());
    Ok(match scope {
        Scope::All => format!("{region}{year}年度居民医保正在集中参保缴费，{until}截止，请在此前办理。"),
        Scope::Unpaid => {
            format!("您还未缴纳{region}{year}年度居民医保，集中参保缴费{until}截止，请在此前缴费；已缴费的请忽略。")
        }
    })
}

/// A telephone number as it is shown.
fn masked_phone(phone: &str) -> String {
    let count = phone.chars().count();
    let shown = |(at, c): (usize, char)| if at < 3 || at + 4 >= count { c } else { '*' };
    if count < 8 { "****".to_owned() } else { phone.chars().enumerate().map(shown).collect() }
}

command! {
    /// Load what was sent of a campaign, and what failed
    RemindResult = "remind result", "录入提醒发送结果" {
        /// Number of the campaign
        campaign: String = "提醒编号",
        /// Text of the result file: person, sent or failed, day, reason
        text: String = "结果文件全文：人员、sent 或 failed、日期、原因",
    }
}

impl UseCase for RemindResult {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (key, campaign) = of_number(books, &self.campaign)?;
        let hash = files::hash(&self.text);
        let again = campaign.results.contains(&hash);
        let mut report = Report::default();
        if !again {
            let file = files::read("reminder-result", &self.text)?;
            let mut reminders = Vec::new();
            for line in &file.lines {
                match result(desk, &campaign, line) {
                    Ok(reminder) => {
                        report.add(line, reminder.state.0.code(), domain::Fen::ZERO, &*reminder.why);
                        reminders.push(reminder);
                    }
                    Err(refusal) => report.add(line, REJECTED, domain::Fen::ZERO, refusal.message),
                }
            }
            books.post::<Campaign>(&key, &CampaignEntry::Results { hash, reminders })?;
        }
        let (_, campaign) = of_number(books, &self.campaign)?;
        let (sent, failed) = (campaign.count(Sending::Sent), campaign.count(Sending::Failed));
        let says =
            format!("提醒 {}：已发 {sent} 人，未送达 {failed} 人，居民 {} 人", self.campaign, campaign.residents);
        Ok(Answer::new(says, format!("{sent} sent, {failed} failed"))
            .with("sent", sent)
            .with("failed", failed)
            .with("waiting", campaign.count(Sending::Waiting))
            .with("residents", campaign.residents)
            .with("rejected", report.count(REJECTED).0)
            .with("state", if again { "already" } else { "loaded" })
            .with("report", report.file("reminder-report", &self.campaign)))
    }
}

fn result(desk: &Desk<'_>, campaign: &Campaign, line: &FileLine<'_>) -> Result<Reminder, Refusal> {
    let person = line.field(0);
    if !campaign.reminders.iter().any(|reminder| reminder.person == person) {
        return Err(Refusal::new("unknown-line", format!("提醒名单里没有 {person}"), "核对"));
    }
    let state = match line.field(1) {
        "sent" => Sending::Sent,
        "failed" => Sending::Failed,
        other => return Err(files::unreadable(&format!("结果 “{other}” 应为 sent 或 failed"))),
    };
    let on = line.day(2)?;
    let last = campaign.last_day.unwrap_or(on).min(desk.today());
    if on > last || campaign.on.is_some_and(|made| on < made) {
        return Err(files::unreadable(&format!("发送日 {on} 不在提醒生成之日至 {last} 之间")));
    }
    Ok(Reminder { person: person.to_owned(), state: Word(state), why: line.field(3).to_owned() })
}

fn of_number(books: &mut Books<'_>, number: &str) -> Result<(Key, Campaign), Stop> {
    let key = Key::of(format!("campaign/{number}"));
    let campaign = books.find::<Campaign>(&key)?.cloned();
    let campaign = campaign
        .ok_or_else(|| Refusal::new("unknown-campaign", format!("没有提醒 {number}"), "用 remind list 查看"))?;
    Ok((key, campaign))
}

command! {
    /// List the campaigns of reminders
    ListCampaigns = "remind list", "列出参保缴费提醒" {
        /// Insured year
        year: Option<i16> = "参保年度",
    }
}

const CAMPAIGNS: &[Column] = &[
    col("campaign", "编号", "campaign"),
    col("year", "年度", "year"),
    col("on", "日期", "made on"),
    col("scope", "对象", "scope"),
    col("reach", "方式", "by"),
    col("last_day", "截止日", "last day"),
    col("residents", "居民", "residents"),
    col("targets", "提醒", "targets"),
    col("sent", "已发", "sent"),
    col("failed", "未送达", "failed"),
];

impl Question for ListCampaigns {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<Campaign>(None, |key, campaign| {
            if self.year.is_none_or(|year| year == campaign.year) {
                rows.push(vec![
                    json!(key.subject.trim_start_matches("campaign/")),
                    json!(campaign.year),
                    json!(campaign.on.map(|day| day.to_string())),
                    json!(campaign.scope.map(|scope| scope.0.code())),
                    json!(campaign.reach.map(|reach| reach.0.code())),
                    json!(campaign.last_day.map(|day| day.to_string())),
                    json!(campaign.residents),
                    json!(campaign.reminders.len()),
                    json!(campaign.count(Sending::Sent)),
                    json!(campaign.count(Sending::Failed)),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 次", rows.len());
        Ok(Table { title: "参保缴费提醒".to_owned(), columns: CAMPAIGNS, rows, foot })
    }
}

command! {
    /// List the persons of a campaign
    ShowCampaign = "remind show", "列出提醒名单" {
        /// Number of the campaign
        campaign: String = "提醒编号",
        /// Only those in this state
        state: Option<Word<Sending>> = "只列此状态",
    }
}

const REMINDERS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("phone", "电话", "telephone"),
    col("state", "状态", "state"),
    col("why", "原因", "reason"),
];

impl Question for ShowCampaign {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let (_, campaign) = of_number(books, &self.campaign)?;
        let mut rows = Vec::new();
        for reminder in campaign.reminders.iter().filter(|r| self.state.is_none_or(|state| state == r.state)) {
            let key = Key::of(format!("person/{}", reminder.person));
            let phone = books.find::<Dossier>(&key)?.and_then(|dossier| dossier.phone.clone());
            let phone = phone.map(|sealed| people::open(desk, "phone", &sealed)).transpose()?;
            let phone = phone.map(|phone| masked_phone(&phone));
            let Reminder { person, state, why } = reminder;
            rows.push(vec![json!(person), json!(phone), json!(state.0.code()), json!(why)]);
        }
        let foot = format!("{} 人；{}", rows.len(), campaign.message);
        Ok(Table { title: format!("提醒 {}", self.campaign), columns: REMINDERS, rows, foot })
    }
}
