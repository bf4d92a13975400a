//! Whether what a filing says is what its kind asks for, and what the terms allow.

use domain::{AgeBand, Date, Scheme};

use super::rule::{Rule, count, months, refused, step, unset};
use super::sheet::{Content, Filings, Kind};
use super::{key, number, place};
use crate::answer::{Refusal, Step, Stop};
use crate::desk::Desk;
use crate::people;
use crate::providers::{self, within};
use crate::sheets::{Books, Key};

/// What a kind of filing must say, and what it may say beside; each by its field.
fn takes(kind: Kind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        Kind::Referral => (&["from_provider", "until"], &["area", "provider", "from_bill", "disease"]),
        Kind::LongTerm => (&["area"], &["until"]),
        Kind::Temporary => (&["area", "until"], &[]),
        Kind::Emergency => (&["provider"], &["until"]),
        Kind::Special => (&["disease"], &["until", "provider", "expert", "identified_on", "centre", "certificate"]),
        Kind::TwoDisease => (&["disease"], &["until", "provider", "certificate"]),
        Kind::Chosen => (&["provider"], &["until", "care"]),
        Kind::Precise => (&["disease", "provider", "physician", "until"], &["certificate"]),
        Kind::Assistance => (&["matter"], &["until"]),
        Kind::Accident => (&["outcome", "condition"], &["provider", "certificate"]),
    }
}

/// Completes what a filing says by the terms, and checks it against the person, the providers and the person's other filings.
/// Gives the reasons.
pub(super) fn check(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    content: &mut Content,
    applied: Date,
    itself: Option<u32>,
) -> Result<Vec<Step>, Stop> {
    let rule = Rule::on(desk, content.kind.0, content.from)?;
    let mut steps = Vec::new();
    said(content, &["until"])?;
    steps.extend(term(desk, &rule, content)?);
    said(content, &[])?;
    steps.extend(back(desk, &rule, content, applied)?);
    steps.extend(papers(desk, &rule, content)?);
    places(desk, books, person, content)?;
    steps.extend(limit(desk, &rule, content.providers.len())?);
    steps.extend(alive_and_of_age(books, person, content, &rule, desk)?);
    steps.extend(identified(desk, books, &rule, content)?);
    steps.extend(accident(&rule, content)?);
    apart(books, person, content, itself)?;
    Ok(steps)
}

/// What a filing says, by field.
fn given(content: &Content) -> [(&'static str, bool); 15] {
    [
        ("area", content.area.is_some()),
        ("provider", !content.providers.is_empty()),
        ("care", !content.care.is_empty()),
        ("from_provider", content.from_provider.is_some()),
        ("from_bill", content.from_bill.is_some()),
        ("disease", content.disease.is_some()),
        ("physician", content.physician.is_some()),
        ("expert", content.identified.is_some()),
        ("identified_on", content.identified.is_some()),
        ("centre", content.identified.as_ref().is_some_and(|by| by.centre.is_some())),
        ("certificate", content.certificate.is_some()),
        ("outcome", content.outcome.is_some()),
        ("condition", !content.conditions.is_empty()),
        ("matter", content.matter.is_some()),
        ("until", content.until.is_some()),
    ]
}

/// Refuses what the kind does not ask for, and what is missing; some may be missing yet.
fn said(content: &Content, yet: &[&str]) -> Result<(), Refusal> {
    let kind = content.kind.0;
    let (must, may) = takes(kind);
    for (field, given) in given(content) {
        if given && !must.contains(&field) && !may.contains(&field) {
            let message = format!("{}备案没有 {field} 这一项", kind.name());
            let cure = format!("可写：{}", [must, may].concat().join("、"));
            return Err(Refusal::new("field-not-taken", message, cure));
        }
        if !given && must.contains(&field) && !yet.contains(&field) {
            let message = format!("{}备案缺少 {field}", kind.name());
            return Err(Refusal::new("missing-field", message, format!("写明 {field}")));
        }
    }
    let somewhere = !content.providers.is_empty() || content.area.is_some();
    if kind == Kind::Referral && !somewhere {
        return Err(Refusal::new("missing-field", "转诊没有写转往哪里", "写明转往的机构 provider 或地区 area"));
    }
    if content.until.is_some_and(|until| until < content.from) {
        let message = format!("截止日期在起始日期 {} 之前", content.from);
        return Err(Refusal::new("ends-before-it-starts", message, "核对两个日期；截止日期是最后一天"));
    }
    Ok(())
}

/// The last day, where the terms set it; and whether the filing holds long enough.
fn term(desk: &Desk<'_>, rule: &Rule<'_>, content: &mut Content) -> Result<Option<Step>, Refusal> {
    let Some(cited) = rule.part(desk, "term")? else { return Ok(None) };
    let last = |count: i64| months(content.from, count).yesterday().unwrap_or(content.from);
    if let Some(most) = count(cited, "months") {
        let end = last(most);
        if content.until.is_some_and(|until| until > end) {
            let message = format!("有效期 {most} 个月，到 {end} 为止");
            return Err(refused(cited, "holds-too-long", message, format!("截止日期不晚于 {end}，或不写")));
        }
        content.until.get_or_insert(end);
        return Ok(Some(step(cited, format!("有效期 {most} 个月，到 {}", content.until.unwrap_or(end)))));
    }
    let Some(least) = count(cited, "least_months") else { return Ok(None) };
    let end = last(least);
    match content.until {
        Some(until) if until < end => {
            let message = format!("有效期不少于 {least} 个月，应到 {end} 以后");
            Err(refused(cited, "holds-too-short", message, format!("截止日期不早于 {end}，或不写")))
        }
        None if takes(rule.kind).0.contains(&"until") => {
            content.until = Some(end);
            Ok(Some(step(cited, format!("有效期 {least} 个月，到 {end}"))))
        }
        _ => Ok(Some(step(cited, format!("有效期不少于 {least} 个月")))),
    }
}

/// Whether the filing may begin before it is filed.
fn back(desk: &Desk<'_>, rule: &Rule<'_>, content: &Content, applied: Date) -> Result<Option<Step>, Refusal> {
    // An accident, and a disease that was identified, are facts of an earlier day by nature.
    if content.from >= applied || rule.kind == Kind::Accident {
        return Ok(None);
    }
    let from = content.from;
    let Some(cited) = rule.part(desk, "back")? else {
        let message = format!("{}备案从 {from} 起，早于申请日 {applied}，没有通知写明可以补办", rule.kind.name());
        return Err(unset(&rule.terms, "back-dated", &rule.key("back"), message));
    };
    let days = count(cited, "days").unwrap_or(0);
    let span = i32::try_from(days).unwrap_or(i32::MAX);
    let earliest = applied.checked_sub(jiff::Span::new().days(span)).unwrap_or(Date::MIN);
    if from < earliest {
        let message = format!("补办可追溯 {days} 天，最早从 {earliest} 起");
        return Err(refused(cited, "back-dated", message, format!("起始日期不早于 {earliest}")));
    }
    Ok(Some(step(cited, format!("补办，可追溯 {days} 天"))))
}

/// Whether the documents that the terms ask for came with it.
fn papers(desk: &Desk<'_>, rule: &Rule<'_>, content: &Content) -> Result<Option<Step>, Refusal> {
    let Some(cited) = rule.part(desk, "papers")? else { return Ok(None) };
    let record = &cited.provision.record;
    let missing: Vec<&str> =
        record.texts("documents").into_iter().filter(|wanted| !content.documents.iter().any(|d| d == wanted)).collect();
    if !missing.is_empty() {
        let message = format!("缺少材料：{}", missing.join("、"));
        return Err(refused(cited, "missing-document", message, "补齐后写在 document 里，名称照通知"));
    }
    let declared = record.flag("declaration") == Some(true);
    Ok(declared.then(|| step(cited, "凭本人承诺备案，不收材料".to_owned())))
}

/// Whether the providers are on the register, and the area is one.
fn places(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, content: &mut Content) -> Result<(), Stop> {
    for code in content.providers.iter_mut().chain(&mut content.from_provider).chain(&mut content.by) {
        *code = providers::on(books, code, content.from)?.code;
    }
    let Some(area) = &content.area else { return Ok(()) };
    let area = providers::area(area)?;
    let home = place::home(desk, books, person)?;
    if within(&area, &home) || area.starts_with(&home) {
        let message = format!("{area} 在参保的统筹区内，就医不需要备案");
        return Err(Refusal::new("at-home", message, "在统筹区内直接就医；转往机构写 provider").into());
    }
    content.area = Some(area);
    Ok(())
}

/// Whether more providers are chosen than the terms allow.
pub(super) fn limit(desk: &Desk<'_>, rule: &Rule<'_>, chosen: usize) -> Result<Option<Step>, Refusal> {
    let Some(cited) = rule.part(desk, "changes")? else { return Ok(None) };
    let Some(most) = count(cited, "places") else { return Ok(None) };
    if usize::try_from(most).is_ok_and(|most| chosen > most) {
        let message = format!("选了 {chosen} 家，至多 {most} 家");
        return Err(refused(cited, "too-many-places", message, format!("至多写 {most} 家")));
    }
    Ok(Some(step(cited, format!("至多选 {most} 家"))))
}

/// Whether the person lives, and the disease is on the list of the day, for a person of that age.
fn alive_and_of_age(
    books: &mut Books<'_>,
    person: &Key,
    content: &mut Content,
    rule: &Rule<'_>,
    desk: &Desk<'_>,
) -> Result<Option<Step>, Stop> {
    let dossier = people::dossier(books, person)?;
    let from = content.from;
    if let Some(died) = dossier.died.filter(|died| *died < from) {
        return Err(Refusal::new("dead", format!("已于 {died} 死亡"), "核对人员和日期").into());
    }
    let born = dossier.born;
    let (Some(disease), Some(list)) = (&content.disease, list(rule.kind)) else { return Ok(None) };
    let family = format!("disease.{list}.");
    let mut listed = rule.terms.family(&family);
    let wanted = |(code, cited): &(&str, policy::Cited<'_>)| {
        code.eq_ignore_ascii_case(disease) || cited.provision.record.text("name") == Some(disease)
    };
    let Some((code, cited)) = listed.find(wanted) else {
        let key = format!("disease.{list}.{disease}");
        let message = format!("{disease} 不在 {from} 的{}病种目录里", rule.kind.name());
        let declared = format!("disease.{list}");
        let any = rule.terms.family(&family).next().is_some();
        let refusal = unset(&rule.terms, "disease-not-listed", if any { &key } else { &declared }, message);
        return Err(refusal.into());
    };
    desk.rules.accept(cited.provision.basis)?;
    let name = cited.provision.record.text("name").unwrap_or(code).to_owned();
    if let Some(ages) = cited.provision.record.text("ages").and_then(AgeBand::parse) {
        let age = born.filter(|born| *born <= from).map(|born| domain_age(born, from));
        if !age.is_some_and(|age| ages.contains(age)) {
            let message = format!("{name} 限 {ages} 岁");
            return Err(refused(cited, "wrong-age", message, "核对出生日期和病种").into());
        }
    }
    content.disease = Some(code.to_owned());
    Ok(Some(step(cited, format!("{code} {name} 在病种目录里"))))
}

/// The list that the disease of a filing must be on.
pub(super) fn list(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Special => Some("special"),
        Kind::TwoDisease => Some("two-disease"),
        _ => None,
    }
}

fn domain_age(born: Date, day: Date) -> u8 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    let years = i32::from(day.year()) - i32::from(born.year()) - i32::from(!had_birthday);
    u8::try_from(years).unwrap_or(u8::MAX)
}

/// Whether the disease was identified, by whom the terms name.
fn identified(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    rule: &Rule<'_>,
    content: &mut Content,
) -> Result<Option<Step>, Stop> {
    if let Some(centre) = content.identified.as_mut().and_then(|by| by.centre.as_mut()) {
        *centre = providers::on(books, centre, content.from)?.code;
    }
    let late = |on: Date| on > content.from;
    let Some(cited) = rule.part(desk, "identified")? else { return Ok(None) };
    let Some(by) = &content.identified else {
        let message = "没有鉴定结论：鉴定日期和专家".to_owned();
        let cure = "先经鉴定，写明 identified_on 和 expert；重点病种写鉴定中心 centre";
        return Err(refused(cited, "not-identified", message, cure).into());
    };
    if late(by.on) {
        let message = format!("{} 鉴定，待遇不能从 {} 起", by.on, content.from);
        return Err(refused(cited, "not-identified", message, "起始日期不早于鉴定日期").into());
    }
    let record = &cited.provision.record;
    let disease = content.disease.as_deref().unwrap_or_default();
    let centres = record.texts("centres");
    let known = by.centre.as_deref().is_some_and(|centre| centres.contains(&centre));
    if record.texts("diseases").contains(&disease) && !known {
        let message = format!("{disease} 由鉴定中心鉴定：{}", centres.join("、"));
        return Err(refused(cited, "wrong-centre", message, "到所列鉴定中心鉴定，写明 centre").into());
    }
    Ok(Some(step(cited, format!("{} 经 {} 鉴定", by.on, by.expert))))
}

/// Whether an accident is one of the add-on: its conditions and its outcome.
fn accident(rule: &Rule<'_>, content: &Content) -> Result<Vec<Step>, Refusal> {
    if rule.kind != Kind::Accident {
        return Ok(Vec::new());
    }
    let recorded: Vec<&str> = content.conditions.iter().map(String::as_str).collect();
    let outcome = content.outcome.as_deref().unwrap_or_default();
    let accident = enrolment::accident(&rule.terms, Scheme::Resident, &recorded, outcome)?;
    if accident.covered {
        return Ok(accident.steps.iter().map(Step::from).collect());
    }
    let why: Vec<&str> = accident.steps.iter().map(|step| step.text.as_str()).collect();
    let message = format!("不是意外伤害附加保险的案件：{}", why.join("；"));
    let refusal = Refusal::new("no-accident", message, "逐条核实后写在 condition 里；都不符合的按普通就医结算");
    Err(refusal.by(accident.steps.first().map(|step| step.clauses.clone()).unwrap_or_default()))
}

/// Whether the person already has such a filing for some of those days.
fn apart(books: &mut Books<'_>, person: &Key, content: &Content, itself: Option<u32>) -> Result<(), Stop> {
    let Some(filings) = books.find::<Filings>(&key(person))? else { return Ok(()) };
    let until = content.until.and_then(|until| until.tomorrow().ok());
    let days = domain::Period { from: content.from, end: until };
    let other = |filed: &&super::Filed| {
        Some(filed.number) != itself
            && Some(filed.number) != content.replaces
            && same_subject(&filed.content, content)
            && filed.period().is_some_and(|period| period.overlaps(&days))
    };
    let Some(other) = filings.filed.iter().find(other) else { return Ok(()) };
    let number = number(person, other.number);
    let message = format!("已有{} {number}（{}），日期重叠", content.kind.0.name(), other.state.0.name());
    let cure = "先用 filing end 终止原备案，或写 replaces 由新备案替换它；选点变动用 filing move";
    Err(Refusal::new("overlap", message, cure).into())
}

/// Whether two filings are about the same thing, so that only one can hold.
fn same_subject(a: &Content, b: &Content) -> bool {
    let places = || a.area == b.area && a.providers == b.providers;
    a.kind == b.kind
        && match a.kind.0 {
            Kind::LongTerm | Kind::Assistance => true,
            Kind::Temporary | Kind::Referral | Kind::Emergency => places(),
            Kind::Special | Kind::TwoDisease => a.disease == b.disease,
            Kind::Precise => a.disease == b.disease && a.providers == b.providers,
            Kind::Chosen => a.care.is_empty() || b.care.is_empty() || a.care.iter().any(|care| b.care.contains(care)),
            Kind::Accident => a.from == b.from,
        }
}
