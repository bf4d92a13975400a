//! Coming on the register of providers.

use domain::{Care, Date, Level, Mark};

use super::identity::uscc;
use super::sheet::{Agreement, Change, Provider, ProviderEntry, State};
use super::{Grade, MARKS, area, checked, within};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Put a hospital or a pharmacy on the register, with the facts of its first day
    Register = "provider register", "登记定点医药机构" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Name
        name: String = "机构名称",
        /// Code of the area it lies in
        area: String = "所在区划代码",
        /// Level
        level: Word<Level> = "级别",
        /// Kinds of care it may settle
        care: Vec<Word<Care>> = "可结算的医疗类别",
        /// Marks: hospital under reform, dual channel
        mark: Vec<Word<Mark>> = "标记：公立医院改革、双通道",
        /// Kinds of care for which it is connected to settlement elsewhere
        connected: Vec<Word<Care>> = "已接入异地直接结算的医疗类别",
        /// Special diseases that it settles for persons from elsewhere; all, if left out
        disease: Vec<String> = "已开通异地联网的门诊慢特病病种，不写为不分病种",
        /// It settles online
        online: bool = "联网直接结算",
        /// First day
        from: Date = "起始日期",
        /// Last day of the agreement
        until: Option<Date> = "协议截止日期",
        /// Number of the agreement
        agreement: Option<String> = "协议编号",
        /// Code of the authority that designates it; this region, or, elsewhere, the area it lies in
        by: Option<String> = "定点的统筹区代码；本地为本统筹区，异地为所在区划",
        /// Social credit code
        uscc: Option<String> = "统一社会信用代码",
        /// Grade of accreditation
        grade: Option<Word<Grade>> = "医院等级（等次）",
    }
}

impl UseCase for Register {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let code = checked(&self.provider)?;
        let key = Key::of(format!("provider/{code}"));
        if books.find::<Provider>(&key)?.is_some() {
            let message = format!("机构 {code} 已在登记册上");
            return Err(Refusal::new("already-registered", message, "信息有变用 provider amend，写明起始日期").into());
        }
        let (change, agreement) = self.entries(desk)?;
        books.post::<Provider>(&key, &ProviderEntry::Changed(change))?;
        books.post::<Provider>(&key, &ProviderEntry::Agreed(agreement))?;
        Ok(Answer::new(
            format!("已登记 {}（{code}），{} 起定点", self.name.trim(), self.from),
            format!("registered {code}, designated from {}", self.from),
        )
        .with("provider", code))
    }
}

impl Register {
    /// What is recorded of a provider that is new.
    pub(super) fn entries(&self, desk: &Desk<'_>) -> Result<(Change, Agreement), Refusal> {
        let area = area(&self.area)?;
        let name = self.name.trim().to_owned();
        if name.is_empty() {
            return Err(Refusal::new("missing-field", "没有机构名称", "照执业许可证写名称"));
        }
        if self.care.is_empty() {
            let cure = "写明可结算的医疗类别，如 inpatient、outpatient";
            return Err(Refusal::new("missing-field", "没有可结算的医疗类别", cure));
        }
        marks(&self.mark)?;
        connection(&self.care, &self.connected)?;
        ordered(self.from, self.until)?;
        let own = &desk.rules.region()?.code;
        let by = match &self.by {
            Some(by) => super::area(by)?,
            None if within(&area, own) => own.clone(),
            None => area.clone(),
        };
        let change = Change {
            from: self.from,
            name: Some(name),
            area: Some(area),
            level: Some(self.level),
            care: Some(self.care.clone()),
            marks: some(&self.mark),
            connected: some(&self.connected),
            diseases: some(&self.disease),
            online: self.online.then_some(true),
            uscc: self.uscc.as_deref().map(uscc).transpose()?,
            grade: self.grade,
            reason: None,
        };
        let agreement = Agreement {
            state: Word(State::Designated),
            by,
            from: self.from,
            until: self.until,
            number: self.agreement.clone(),
            reason: None,
        };
        Ok((change, agreement))
    }
}

/// A list, if it says anything.
pub(super) fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

/// Refuses a mark that is no provider's.
pub(super) fn marks(marks: &[Word<Mark>]) -> Result<(), Refusal> {
    let Some(other) = marks.iter().find(|mark| !MARKS.contains(&mark.0)) else { return Ok(()) };
    let known: Vec<&str> = MARKS.iter().map(|mark| mark.code()).collect();
    let message = format!("“{}” 是账单的标记，不是机构的", other.0.name());
    Err(Refusal::new("not-a-provider-mark", message, format!("可用：{}", known.join("、"))))
}

/// Refuses a connection for care that the provider does not settle.
pub(super) fn connection(care: &[Word<Care>], connected: &[Word<Care>]) -> Result<(), Refusal> {
    let Some(other) = connected.iter().find(|kind| !care.contains(kind)) else { return Ok(()) };
    let message = format!("机构不结算{}，不能为它接入异地结算", other.0.name());
    Err(Refusal::new("care-not-settled", message, "先在 care 里加上这一类别"))
}

/// Refuses a last day before the first.
pub(super) fn ordered(from: Date, until: Option<Date>) -> Result<(), Refusal> {
    match until {
        Some(until) if until < from => Err(Refusal::new(
            "ends-before-it-starts",
            format!("截止日期 {until} 在起始日期 {from} 之前"),
            "核对两个日期；截止日期是最后一天",
        )),
        _ => Ok(()),
    }
}
