//! Designation: suspended, taken up again, ended.

use domain::Date;

use super::register::ordered;
use super::sheet::{Agreement, Provider, ProviderEntry, Standing, State};
use super::{area, key, sheet};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::Books;

command! {
    /// Suspend a provider's designation from a day on: claims of those days are refused
    Suspend = "provider suspend", "中止机构协议" {
        /// Code of the provider
        provider: String = "机构编码",
        /// First day
        from: Date = "起始日期",
        /// Last day; until it is resumed, if left out
        until: Option<Date> = "截止日期，不写则到恢复为止",
        /// Why
        reason: String = "原因",
        /// Number of the decision
        number: Option<String> = "决定文号",
        /// Code of the authority; this region, if left out
        by: Option<String> = "作出决定的统筹区代码，不写为本统筹区",
    }
}

command! {
    /// Designate a provider from a day on: anew, after a suspension or an end, or by one more authority
    Resume = "provider resume", "恢复或新签机构协议" {
        /// Code of the provider
        provider: String = "机构编码",
        /// First day
        from: Date = "起始日期",
        /// Last day of the agreement
        until: Option<Date> = "协议截止日期",
        /// Number of the agreement
        agreement: Option<String> = "协议编号",
        /// Why
        reason: Option<String> = "依据",
        /// Code of the authority; this region, if left out
        by: Option<String> = "定点的统筹区代码，不写为本统筹区",
    }
}

command! {
    /// End a provider's designation
    End = "provider end", "解除机构协议" {
        /// Code of the provider
        provider: String = "机构编码",
        /// First day on which it is no longer designated
        from: Date = "解除日期",
        /// Why
        reason: String = "原因",
        /// Number of the decision
        number: Option<String> = "决定文号",
        /// Code of the authority; this region, if left out
        by: Option<String> = "作出决定的统筹区代码，不写为本统筹区",
    }
}

impl UseCase for Suspend {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        ordered(self.from, self.until)?;
        let decision = Decision::of(desk, books, &self.provider, self.by.as_deref(), self.from)?;
        match &decision.standing {
            Standing::Designated => {}
            Standing::Suspended(since, _) if *since == self.from => return Ok(decision.already()),
            other => return Err(decision.refused("suspend", other).into()),
        }
        let reason = Some(self.reason.clone());
        decision.post(books, State::Suspended, self.until, self.number.clone(), reason)
    }
}

impl UseCase for Resume {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        ordered(self.from, self.until)?;
        let decision = Decision::of(desk, books, &self.provider, self.by.as_deref(), self.from)?;
        let renews = self.until.is_some() || self.agreement.is_some();
        if decision.standing == Standing::Designated && !renews {
            return Ok(decision.already());
        }
        // What is only taken up again runs to the end that was agreed.
        let before = sheet(desk, books, &self.provider)?.designation(&decision.by, self.from).cloned();
        let suspended = matches!(decision.standing, Standing::Suspended(..));
        let (until, number) = match before {
            Some(before) if suspended && !renews => (before.until, before.number),
            _ => (self.until, self.agreement.clone()),
        };
        decision.post(books, State::Designated, until, number, self.reason.clone())
    }
}

impl UseCase for End {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let decision = Decision::of(desk, books, &self.provider, self.by.as_deref(), self.from)?;
        match &decision.standing {
            Standing::Designated | Standing::Suspended(..) => {}
            Standing::Ended(since, _) if *since == self.from => return Ok(decision.already()),
            other => return Err(decision.refused("end", other).into()),
        }
        decision.post(books, State::Ended, None, self.number.clone(), Some(self.reason.clone()))
    }
}

/// A decision about a provider, before it is recorded.
struct Decision {
    code: String,
    by: String,
    from: Date,
    standing: Standing,
}

impl Decision {
    fn of(desk: &Desk<'_>, books: &mut Books<'_>, code: &str, by: Option<&str>, from: Date) -> Result<Decision, Stop> {
        let by = match by {
            Some(by) => area(by)?,
            None => desk.rules.region()?.code.clone(),
        };
        let code = super::clean(code);
        let standing = sheet(desk, books, &code)?.standing(&by, from);
        Ok(Decision { code, by, from, standing })
    }

    fn post(
        self,
        books: &mut Books<'_>,
        state: State,
        until: Option<Date>,
        number: Option<String>,
        reason: Option<String>,
    ) -> Result<Answer, Stop> {
        let agreement = Agreement { state: Word(state), by: self.by, from: self.from, until, number, reason };
        books.post::<Provider>(&key(&self.code), &ProviderEntry::Agreed(agreement))?;
        Ok(Answer::new(
            format!("{} 自 {} 起{}", self.code, self.from, state.name()),
            format!("{} {} from {}", self.code, state.english(), self.from),
        )
        .with("provider", self.code)
        .with("state", state.code()))
    }

    fn already(&self) -> Answer {
        Answer::new(format!("{} 在 {} 已是如此", self.code, self.from), "already so")
            .with("provider", self.code.clone())
    }

    fn refused(&self, what: &str, standing: &Standing) -> Refusal {
        let how = super::in_words(standing);
        let code = match standing {
            Standing::Never => "not-designated",
            Standing::Designated => "already-designated",
            Standing::Suspended(..) => "already-suspended",
            Standing::Ended(..) => "already-ended",
        };
        let message = format!("{}：{} 在 {}（定点方 {}）{how}，不能 {what}", self.code, self.code, self.from, self.by);
        Refusal::new(code, message, "用 provider list 查看这一天的协议状态；核对日期和定点方")
    }
}
