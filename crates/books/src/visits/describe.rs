//! What a visit is for, the end of a stay, and the end taken back.

use domain::Care;
use jiff::civil::DateTime;

use super::book::{Described, Diagnosis, Discharge, Opened, Visit, VisitEntry};
use super::open::unsettled;
use super::{clear, held, is_stay, key, past, sealed};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::{command, record};

record! {
    /// A diagnosis of a visit
    DiagnosisLine {
        /// 1 western, 2 Chinese main disease, 3 Chinese main syndrome
        kind: Option<String> = "诊断类别：1 西医、2 中医主病、3 中医主证",
        /// Place in the list, from 1
        order: Option<i64> = "排序号，从 1 起",
        /// Code
        code: String = "诊断代码",
        /// Name
        name: Option<String> = "诊断名称",
        /// The main one
        main: bool = "主诊断",
    }
}

command! {
    /// Describe a visit: kind of care, disease, diagnoses; takes the place of what was told before
    Describe = "visit describe", "上传就诊信息：就医类型、病种、诊断，替换以前所报" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Kind of care, where it is another than when the visit was opened
        care: Option<Word<Care>> = "就医类型（与登记时不同时）",
        /// Code of the kind of care, as the provider writes it
        kind: Option<String> = "医疗类别代码，照机构所写",
        /// Code of the chronic, special or single disease
        disease: Option<String> = "慢特病或单病种编码",
        /// The main condition in words
        condition: Option<String> = "主要病情描述",
        /// The diagnoses
        diagnoses: Vec<DiagnosisLine> = "诊断",
    }
}

impl UseCase for Describe {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = held(desk, books, &self.visit, &self.provider, self.person.as_deref())?;
        unsettled(books, &held.key, &self.visit)?;
        let care = self.care.unwrap_or(held.opened.care);
        if is_stay(care.0) != is_stay(held.opened.care.0) {
            let cure = "撤销登记（visit cancel）后按正确的类型重新登记";
            return Err(Refusal::new("other-care", "住院和门诊登记不能互改", cure).into());
        }
        let kind = clear("医疗类别", &self.kind)?;
        if care != held.opened.care || kind.is_some() && kind != held.opened.kind {
            let kind = kind.or(held.opened.kind.clone());
            let opened = Opened { care, kind, ..held.opened };
            books.post::<Visit>(&held.key, &VisitEntry::Opened(opened))?;
        }
        let described = described(desk, &self.disease, &self.diagnoses, &self.condition)?;
        let count = described.diagnoses.len();
        books.post::<Visit>(&held.key, &VisitEntry::Described(described))?;
        let answer = Answer::new(format!("就诊信息已记，诊断 {count} 条"), format!("described, {count} diagnoses"));
        Ok(answer.with("visit", self.visit.trim()).with("care", care.0.code()).with("diagnoses", count))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.visit)]
    }

    fn recallable(&self) -> bool {
        true
    }
}

/// What a visit is for, as it is kept.
pub(super) fn described(
    desk: &Desk<'_>,
    disease: &Option<String>,
    lines: &[DiagnosisLine],
    condition: &Option<String>,
) -> Result<Described, Refusal> {
    let disease = clear("病种", disease)?;
    Ok(Described { disease, diagnoses: diagnoses(lines)?, condition: sealed(desk, condition) })
}

/// Takes what is told of a visit along with something else: what is left out stays as it is.
pub(super) fn redescribe(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    key: &Key,
    (disease, lines, condition): (&Option<String>, &[DiagnosisLine], &Option<String>),
) -> Result<(), Stop> {
    let before = books.find::<Visit>(key)?.map(|visit| visit.described.clone()).unwrap_or_default();
    let told = described(desk, disease, lines, condition)?;
    let after = Described {
        disease: told.disease.or_else(|| before.disease.clone()),
        diagnoses: if lines.is_empty() { before.diagnoses.clone() } else { told.diagnoses },
        condition: told.condition.or_else(|| before.condition.clone()),
    };
    if after != before {
        books.post::<Visit>(key, &VisitEntry::Described(after))?;
    }
    Ok(())
}

/// The diagnoses as they are kept: places told once, at most one main one.
fn diagnoses(lines: &[DiagnosisLine]) -> Result<Vec<Diagnosis>, Refusal> {
    let mut kept: Vec<Diagnosis> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let Some(code) = clear("诊断代码", &Some(line.code.clone()))? else {
            return Err(Refusal::new("bad-diagnosis", format!("第 {} 条诊断没有代码", at + 1), "写 code"));
        };
        let kind = line.kind.clone().unwrap_or_else(|| "1".to_owned());
        if !["1", "2", "3"].contains(&kind.as_str()) {
            let message = format!("诊断 {code} 的类别“{kind}”不对");
            return Err(Refusal::new("bad-diagnosis", message, "写 1 西医、2 中医主病或 3 中医主证"));
        }
        let order = line.order.or(i64::try_from(at + 1).ok()).unwrap_or_default();
        if kept.iter().any(|known| known.kind == kind && known.order == order) {
            let message = format!("诊断排序号 {order} 重复");
            return Err(Refusal::new("bad-diagnosis", message, "同一类别的排序号各不相同"));
        }
        let name = clear("诊断名称", &line.name)?;
        kept.push(Diagnosis { kind, order, code, name, main: line.main });
    }
    if kept.iter().filter(|diagnosis| diagnosis.main).count() > 1 {
        return Err(Refusal::new("bad-diagnosis", "主诊断多于一个", "只在一条诊断上写 main"));
    }
    kept.sort_by(|one, other| (&one.kind, one.order).cmp(&(&other.kind, other.order)));
    Ok(kept)
}

command! {
    /// End a stay: nothing more is charged, and what is unsettled can be settled
    Discharged = "visit discharge", "办理出院：不再记费，可以结算" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// When
        end: DateTime = "出院时间",
        /// Code of the way of leaving
        way: Option<String> = "离院方式代码",
        /// Department
        department: Option<String> = "出院科室",
        /// Code of the chronic, special or single disease
        disease: Option<String> = "慢特病或单病种编码",
        /// The diagnoses at discharge; where there are any, they take the place of those before
        diagnoses: Vec<DiagnosisLine> = "出院诊断，写了的替换以前所报",
    }
}

impl UseCase for Discharged {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = held(desk, books, &self.visit, &self.provider, self.person.as_deref())?;
        let visit = self.visit.trim();
        if !is_stay(held.opened.care.0) {
            let message = format!("就诊 {visit} 不是住院");
            return Err(Refusal::new("not-a-stay", message, "门诊不办出院，直接结算").into());
        }
        past(desk, "出院日期", self.end.date())?;
        if self.end < held.opened.begin {
            let message = format!("出院时间 {} 在入院时间 {} 之前", self.end, held.opened.begin);
            return Err(Refusal::new("impossible-date", message, "核对出院时间").into());
        }
        let discharge = Discharge {
            end: self.end,
            way: clear("离院方式", &self.way)?,
            department: clear("科室", &self.department)?,
        };
        let answer = Answer::new(format!("{} 出院", self.end.date()), format!("discharged on {}", self.end.date()));
        let answer = answer.with("visit", visit).with("end", self.end.to_string());
        match books.find::<Visit>(&held.key)?.and_then(|visit| visit.discharged.clone()) {
            Some(known) if known == discharge => return Ok(answer.with("already", true)),
            Some(known) => {
                let message = format!("就诊 {visit} 已于 {} 出院", known.end);
                return Err(Refusal::new("discharged", message, "出院时间有误的先撤销出院（visit reopen）").into());
            }
            None => {}
        }
        redescribe(desk, books, &held.key, (&self.disease, &self.diagnoses, &None))?;
        books.post::<Visit>(&held.key, &VisitEntry::Discharged(discharge))?;
        Ok(answer)
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.visit)]
    }

    fn recallable(&self) -> bool {
        true
    }
}

command! {
    /// Take a discharge back
    Reopen = "visit reopen", "撤销出院" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Why
        reason: Option<String> = "原因",
    }
}

impl UseCase for Reopen {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = held(desk, books, &self.visit, &self.provider, self.person.as_deref())?;
        let reason = clear("原因", &self.reason)?.unwrap_or_default();
        reopen(books, &held.key, &self.visit, &reason)?;
        let says = format!("就诊 {} 的出院已撤销", self.visit);
        Ok(Answer::new(says, "discharge taken back").with("visit", self.visit.trim()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.visit)]
    }

    fn recallable(&self) -> bool {
        true
    }
}

/// Takes a discharge back.
pub(super) fn reopen(books: &mut Books<'_>, key: &Key, visit: &str, reason: &str) -> Result<(), Stop> {
    let found = books.find::<Visit>(key)?;
    if found.is_none_or(|visit| visit.discharged.is_none()) {
        let message = format!("就诊 {visit} 没有办过出院");
        return Err(Refusal::new("not-discharged", message, "核对就诊号").into());
    }
    if found.is_some_and(Visit::ended) {
        let message = format!("就诊 {visit} 已办出院结算");
        return Err(Refusal::new("visit-settled", message, "先撤销结算（visit reverse），再撤销出院").into());
    }
    books.post::<Visit>(key, &VisitEntry::Reopened { reason: reason.to_owned() })?;
    Ok(())
}
