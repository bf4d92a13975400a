//! Taking a matter on: only to a step that may follow, by the office whose step it is, with what the step asks for.

use domain::{Date, Fen};

use super::items::{self, Decides, Item, ItemStep};
use super::open::{by_item, facts, key};
use super::sheet::{Matter, MatterEntry, Movement, Opening, Taken};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Take a matter to its next step
    Take = "matter step", "办理经办事项的下一环节" {
        /// Tracking number
        matter: String = "受理号",
        /// The state it goes to
        to: String = "到哪一环节",
        /// The office that takes the step: code of an agency or a point, or name of the partner
        at: String = "由谁办：经办机构区划代码、受理点编号或对方名称",
        /// Why, where the step asks for a reason
        reason: Option<String> = "理由",
        /// The amount, where the step moves money
        amount: Option<Yuan> = "金额",
        /// What is recorded with it, as name=value
        fact: Vec<String> = "记载事项，写成 名称=内容",
    }
}

impl UseCase for Take {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.matter);
        let Some(matter) = books.find::<Matter>(&key)?.cloned() else { return Err(unknown(&self.matter).into()) };
        let Some(opening) = &matter.opening else { return Err(unknown(&self.matter).into()) };
        // The steps are those of the day it was opened: a later list does not change what is under way.
        let terms = desk.rules.terms(opening.on)?;
        let item = items::named(&terms, &opening.item)?;
        let steps = item.steps();
        let step = next(&steps, &matter, &self.to).map_err(|refusal| by_item(&item, refusal))?;
        office(step, opening, &self.at).map_err(|refusal| by_item(&item, refusal))?;
        let facts = facts(&self.fact)?;
        if let Some(need) = step.needs.iter().find(|need| !facts.contains_key(*need)) {
            let message = format!("“{}”要记载 {need}", step.name);
            return Err(by_item(&item, Refusal::new("missing-fact", message, "写进 fact：名称=内容")).into());
        }
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if step.reason && reason.is_none() {
            let message = format!("“{}”要写理由", step.name);
            return Err(by_item(&item, Refusal::new("missing-reason", message, "写 reason")).into());
        }
        let money = money(step, &item, &matter, opening, self.amount).map_err(|refusal| by_item(&item, refusal))?;
        let today = desk.today();
        let paid = money.as_ref().map(|money| money.amount);
        let taken = Taken {
            to: step.state.clone(),
            name: step.name.clone(),
            on: today,
            at: self.at.clone(),
            reason: reason.map(str::to_owned),
            facts,
            money,
            ends: step.ends,
        };
        books.post::<Matter>(&key, &MatterEntry::Stepped(Box::new(taken)))?;
        let late = opening.due.filter(|due| step.ends && *due < today);
        let because = format!("{}：{} → {}", item.name(), matter.state, step.state);
        let mut answer = Answer::new(
            format!("{} 已{}{}", self.matter, step.name, late.map_or(String::new(), |due| format!("，超过时限 {due}"))),
            format!("{} is {}", self.matter, step.state),
        )
        .with("matter", self.matter.clone())
        .with("state", step.state.clone())
        .with("ended", step.ends)
        .with("late", late.is_some())
        .because([item.step(because)]);
        if let Some(amount) = paid {
            answer = answer.with("amount", amount.to_string());
        }
        Ok(answer)
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.matter)]
    }
}

pub(super) fn unknown(number: &str) -> Refusal {
    Refusal::new("unknown-matter", format!("没有受理号 {number}"), "核对受理号；matter list 列出经办事项")
}

/// The step to a state, if it may follow.
fn next<'s>(steps: &'s [ItemStep], matter: &Matter, to: &str) -> Result<&'s ItemStep, Refusal> {
    let name = |state: &str| steps.iter().find(|step| step.state == state).map_or(state.to_owned(), |s| s.name.clone());
    let Some(step) = steps.iter().find(|step| step.state == to || step.name == to) else {
        let known: Vec<&str> = steps.iter().map(|step| step.state.as_str()).collect();
        return Err(Refusal::new("unknown-step", format!("没有 {to} 这一环节"), format!("可用：{}", known.join("、"))));
    };
    if step.after.contains(&matter.state) {
        return Ok(step);
    }
    let follow: Vec<&str> =
        steps.iter().filter(|step| step.after.contains(&matter.state)).map(|step| step.state.as_str()).collect();
    let cure = if follow.is_empty() {
        "已经办结".to_owned()
    } else {
        format!("下一环节可以是：{}", follow.join("、"))
    };
    let message = format!("现为“{}”，不能到“{}”", name(&matter.state), step.name);
    Err(Refusal::new("wrong-step", message, cure))
}

/// Whether the step is this office's.
fn office(step: &ItemStep, opening: &Opening, at: &str) -> Result<(), Refusal> {
    let agency = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit()) && code.len() >= 6;
    // An agency acts for the whole county: a longer area code is the same office.
    let is = |office: &str| office == at || (agency(at) && agency(office) && at.get(..6) == office.get(..6));
    let accepting = is(&opening.taken.code) || is(&opening.taken.agency);
    let deciding = is(&opening.decides);
    let (may, whose) = match step.by.as_str() {
        "accepting" => (accepting, opening.taken.code.as_str()),
        "either" => (accepting || deciding, opening.decides.as_str()),
        _ => (deciding, opening.decides.as_str()),
    };
    if may {
        return Ok(());
    }
    let message = format!("“{}”由 {whose} 办，不由 {at} 办：受理处不改变审批权属", step.name);
    Err(Refusal::new("not-the-office", message, format!("由 {whose} 办理")))
}

/// What the step moves: an amount comes to be owed, or what is owed is paid, whole.
fn money(
    step: &ItemStep,
    item: &Item<'_>,
    matter: &Matter,
    opening: &Opening,
    amount: Option<Yuan>,
) -> Result<Option<Movement>, Refusal> {
    let (Some(kind), Some((payer, provider))) = (&step.money, item.payer()) else {
        return match amount {
            Some(_) => Err(Refusal::new("no-amount-here", format!("“{}”不动用资金", step.name), "去掉 amount")),
            None => Ok(None),
        };
    };
    if kind == "pays" {
        let Some(owed) = &matter.owed else {
            return Err(Refusal::new("nothing-owed", "没有应付的金额", "先办准予等核定金额的环节"));
        };
        if amount.is_some_and(|amount| amount != owed.amount) {
            let message = format!("应付 {} 元，不是 {} 元", owed.amount, amount.unwrap_or_default());
            return Err(Refusal::new("wrong-amount", message, "照核定金额支付；不写 amount 即照此"));
        }
        return Ok(Some(Movement { pays: true, ..owed.clone() }));
    }
    let Some(amount) = amount.filter(|amount| amount.0 > Fen::ZERO) else {
        return Err(Refusal::new("missing-amount", format!("“{}”要写核定金额", step.name), "写 amount，大于零"));
    };
    if let Some(asked) = opening.amount.filter(|asked| asked.0 < amount.0) {
        let message = format!("核定 {amount} 元，超过申请的 {asked} 元");
        return Err(Refusal::new("above-request", message, "核定不超过申请金额"));
    }
    let sent = (!provider || item.decides() == Decides::Partner).then(|| opening.decides.clone());
    let party = if provider { opening.facts.get("provider").cloned().or(sent) } else { sent };
    let Some(party) = party else {
        return Err(Refusal::new("missing-fact", "没有记载付给哪家机构", "受理时 fact 写 provider=机构编码"));
    };
    let payable = if provider { "payable/provider" } else { "payable/person" };
    Ok(Some(Movement { pays: false, payer: payer.to_owned(), payable: payable.to_owned(), party, amount }))
}

/// How many days lie between two days.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}
