//! Lines of charges: each is judged by the catalogue of its day, at the level that the provider has on it.

use std::collections::BTreeMap;

use domain::{Date, Fen, Level, Rounding, vocabulary};
use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::book::{Visit, VisitEntry};
use super::judge::{Charged, Kept, Scope, Terms, is_product};
use super::{Held, clear, held, key, past};
use crate::answer::{Answer, Refusal, Stop};
use crate::catalogue::{self, Class, ItemFlag, Judged};
use crate::codec::{Decimal, Percent, Word, Yuan};
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::{command, matching, providers, record};

vocabulary! {
    /// What the provider decided of an item that is paid under conditions only: `hosp_appr_flag` of the interface.
    Approval {
        None = "0", "无须审批或未审批", "not judged";
        Approved = "1", "审批通过", "approved";
        Refused = "2", "审批不通过", "not approved";
    }
}

record! {
    /// A line of charges
    Line {
        /// Serial number at the provider
        sn: String = "费用明细流水号",
        /// When
        at: DateTime = "费用发生时间",
        /// Code of the item in the catalogue
        code: String = "医疗目录编码",
        /// Code of the item at the provider
        own_code: Option<String> = "医药机构目录编码",
        /// How many units; negative in a refund
        count: Decimal = "数量，退费为负",
        /// Price of a unit in yuan
        price: Decimal = "单价（元）",
        /// Amount; negative in a refund
        amount: Yuan = "金额，退费为负",
        /// What the provider decided of an item that is paid under conditions
        approval: Option<Word<Approval>> = "医院审批标志",
        /// Serial number of the line that this one refunds
        refund_of: Option<String> = "退费所退的明细流水号",
        /// Number of the prescription or order
        order: Option<String> = "处方号或医嘱号",
        /// Charge batch, where it is not that of the others
        batch: Option<String> = "收费批次号，与整批不同时写",
        /// Number of the visit, where it is not that of the others
        visit: Option<String> = "就诊号，与整批不同时写",
    }
}

command! {
    /// Charge lines to a visit: each is answered with class, first self-pay, limit and what is in scope
    Charge = "visit charge", "上传费用明细：逐行给出等级、先行自付、限价和范围内金额" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Charge batch; 0 if left out
        batch: Option<String> = "收费批次号，不写为 0",
        /// The lines
        lines: Vec<Line> = "费用明细",
        /// Take only lines whose own item is matched to the catalogue on their day
        matched: bool = "只收当日已有目录对照的明细",
    }
}

/// The batch that takes every unsettled line where it is named to be struck.
pub(super) const EVERY: &str = "0000";

impl UseCase for Charge {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        refuse_none(&self.lines)?;
        let mut answers = vec![Value::Null; self.lines.len()];
        let mut repeated = 0;
        for (visit, places) in self.by_visit() {
            let held = held(desk, books, visit, &self.provider, self.person.as_deref())?;
            let lines: Vec<&Line> = places.iter().map(|at| &self.lines[*at]).collect();
            let done = charge(desk, books, &held, self.batch.as_deref(), &lines, self.matched)?;
            places.into_iter().zip(done.answers).for_each(|(at, answer)| answers[at] = answer);
            repeated += done.repeated;
        }
        let (total, count): (Fen, _) = (self.lines.iter().map(|line| line.amount.0).sum(), self.lines.len() - repeated);
        let answer = Answer::new(format!("记费 {count} 行，合计 {total}"), format!("{count} lines charged, {total}"))
            .with("batch", named(self.batch.as_deref()))
            .with("total", total.to_string())
            .with("lines", answers);
        Ok(if repeated > 0 { answer.with("already", repeated) } else { answer })
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        let items = self.lines.iter().map(|line| catalogue::key(&line.code));
        let visits = self.lines.iter().filter_map(|line| line.visit.as_deref()).map(key);
        let matchings = matchings(&self.provider, &self.lines, self.matched);
        let first = [key(&self.visit), providers::key(&self.provider)];
        first.into_iter().chain(visits).chain(items).chain(matchings).collect()
    }

    fn recallable(&self) -> bool {
        true
    }
}

impl Charge {
    /// The visits, in the order in which they come, with the places of their lines.
    fn by_visit(&self) -> Vec<(&str, Vec<usize>)> {
        let mut visits: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let visit = line.visit.as_deref().unwrap_or(&self.visit).trim();
            match visits.iter_mut().find(|(known, _)| *known == visit) {
                Some((_, places)) => places.push(at),
                None => visits.push((visit, vec![at])),
            }
        }
        visits
    }
}

/// The matchings that lines are held against, where they must be matched.
pub(super) fn matchings<'l>(provider: &'l str, lines: &'l [Line], matched: bool) -> impl Iterator<Item = Key> + 'l {
    let own = lines.iter().filter(move |_| matched).filter_map(|line| line.own_code.as_deref());
    own.map(move |own| matching::key(&providers::code(provider), own.trim()))
}

/// Refuses a list without lines.
pub(super) fn refuse_none(lines: &[Line]) -> Result<(), Refusal> {
    if lines.is_empty() {
        Err(Refusal::new("no-lines", "没有费用明细", "写 lines，一行一条"))
    } else {
        Ok(())
    }
}

/// A batch by its name.
fn named(batch: Option<&str>) -> &str {
    batch.map(str::trim).filter(|batch| !batch.is_empty()).unwrap_or("0")
}

/// What charging the lines of a visit gave: each as it was judged, and how many were there before.
pub(super) struct Done {
    pub answers: Vec<Value>,
    pub repeated: usize,
}

/// Charges lines to a visit. Where they must be matched, each new one is, on its day, to the item it is charged as; a refund goes
/// by the line that it refunds.
pub(super) fn charge(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    held: &Held,
    batch: Option<&str>,
    lines: &[&Line],
    matched: bool,
) -> Result<Done, Stop> {
    let mut batches = lines.iter().map(|line| named(line.batch.as_deref().or(batch)));
    if batches.any(|batch| batch == EVERY) {
        let message = format!("收费批次号 {EVERY} 只用于撤销全部明细");
        return Err(Refusal::new("bad-batch", message, "换一个批次号").into());
    }
    books.preload(lines.iter().map(|line| catalogue::key(&line.code)))?;
    let known = books.find::<Visit>(&held.key)?.cloned().unwrap_or_default();
    if let Some(discharge) = &known.discharged {
        let message = format!("就诊已于 {} 出院，不能再记费", discharge.end);
        return Err(Refusal::new("discharged", message, "先撤销出院（visit reopen）").into());
    }
    let (provider, batch) = (&*held.opened.provider, named(batch));
    let mut judge = Judge { desk, provider, batch, lines: known.lines, levels: BTreeMap::new() };
    let (mut charged, mut answers) = (Vec::with_capacity(lines.len()), Vec::with_capacity(lines.len()));
    let mut repeated = 0;
    for line in lines {
        let (item, judged) = judge.line(books, line)?;
        match judge.lines.get(&judged.sn) {
            Some(kept) if same(kept, &judged.kept) => {
                repeated += 1;
                answers.push(answered(&Charged { kept: kept.clone(), ..judged }, &item));
            }
            Some(_) => return Err(taken(&judged.sn).into()),
            None => {
                if matched && judged.kept.refund_of.is_none() {
                    is_matched(books, provider, line, &judged)?;
                }
                answers.push(answered(&judged, &item));
                judge.lines.insert(judged.sn.clone(), judged.kept.clone());
                charged.push(judged);
            }
        }
    }
    if !charged.is_empty() {
        books.post::<Visit>(&held.key, &VisitEntry::Charged { lines: charged })?;
    }
    Ok(Done { answers, repeated })
}

/// Refuses a line whose own item is not matched to the item it is charged as, naming the line.
fn is_matched(books: &mut Books<'_>, provider: &str, line: &Line, judged: &Charged) -> Result<(), Stop> {
    let Some(own) = &judged.own_code else {
        let message = format!("明细 {}：没有写医药机构目录编码，无法核对目录对照", judged.sn);
        return Err(
            Refusal::new("not-matched", message, "写 own_code（medins_list_codg），并先上传对照（3301）").into()
        );
    };
    matching::require(books, provider, own, &line.code, judged.kept.day).map_err(|stop| match stop {
        Stop::Refused(refusal) => {
            Stop::Refused(Refusal { message: format!("明细 {}：{}", judged.sn, refusal.message), ..refusal })
        }
        other => other,
    })
}

/// What judging the lines of a batch needs.
struct Judge<'j, 'd> {
    desk: &'j Desk<'d>,
    provider: &'j str,
    /// The batch of lines that name none.
    batch: &'j str,
    /// Lines charged so far.
    lines: BTreeMap<String, Kept>,
    levels: BTreeMap<Date, Level>,
}

impl Judge<'_, '_> {
    /// A line with the item that it is judged by.
    fn line(&mut self, books: &mut Books<'_>, line: &Line) -> Result<(Judged, Charged), Stop> {
        let day = line.at.date();
        past(self.desk, "费用日期", day)?;
        let Some(sn) = clear("流水号", &Some(line.sn.clone()))? else {
            return Err(Refusal::new("bad-line", "费用明细没有流水号", "写 sn").into());
        };
        let wrong = |what: &str, cure: &str| Refusal::new("bad-line", format!("明细 {sn}：{what}"), cure);
        if !is_product(line.amount.0, line.count, line.price) {
            let what = format!("金额 {} 不等于数量 {} 乘单价 {}", line.amount, line.count, line.price);
            return Err(wrong(&what, "核对数量、单价和金额").into());
        }
        let level = self.level(books, day)?;
        let Some(item) = catalogue::judged(books, &line.code, day, level)? else {
            let message = format!("明细 {sn}：目录里没有 {}，或 {day} 不在有效期", line.code);
            return Err(Refusal::new("not-in-catalogue", message, "核对目录编码和对照；目录有更新的先载入").into());
        };
        self.desk.rules.accept(item.basis)?;
        let refund = line.amount.0 < Fen::ZERO || line.count < Decimal::default();
        let kept = match (&line.refund_of, refund) {
            (Some(of), true) => self.refund(of, line, day).map_err(|what| wrong(&what, "核对所退的明细和金额"))?,
            (None, false) => self.charged(line, day, &item),
            (None, true) => return Err(wrong("金额或数量为负", "退费写明所退的明细 refund_of").into()),
            (Some(_), false) => return Err(wrong("退费的金额和数量应为负", "写成负数").into()),
        };
        let charged = Charged {
            name: item.name.clone(),
            at: line.at,
            price: line.price,
            own_code: clear("机构目录编码", &line.own_code)?,
            order: clear("处方号", &line.order)?,
            sn,
            kept,
        };
        Ok((item, charged))
    }

    fn level(&mut self, books: &mut Books<'_>, day: Date) -> Result<Level, Stop> {
        if let Some(level) = self.levels.get(&day) {
            return Ok(*level);
        }
        let level = providers::on(books, self.provider, day)?.level;
        self.levels.insert(day, level);
        Ok(level)
    }

    fn rounding(&self, day: Date) -> Rounding {
        let engine = &self.desk.rules.engine;
        engine.plan_on(day).map_or(Rounding::default(), |at| engine.plan(at).rounding)
    }

    fn kept(&self, line: &Line, day: Date, terms: Terms) -> Kept {
        let nothing = Yuan::default();
        Kept {
            batch: named(line.batch.as_deref().or(Some(self.batch))).to_owned(),
            day,
            code: line.code.trim().to_ascii_uppercase(),
            count: line.count,
            amount: line.amount,
            terms,
            first_self_pay: nothing,
            out_of_scope: nothing,
            over_limit: nothing,
            refund_of: line.refund_of.clone(),
            settled: None,
        }
    }

    fn charged(&self, line: &Line, day: Date, item: &Judged) -> Kept {
        let approval = line.approval.map_or(Approval::None, |word| word.0);
        let own = if item.limited_use { approval != Approval::Approved } else { approval == Approval::Refused };
        let terms = Terms { class: Word(item.class), share: Percent(item.share), limit: item.limit.map(Yuan), own };
        let scope = terms.scope(line.count, line.amount.0, self.rounding(day));
        self.kept(line, day, terms).split(scope)
    }

    /// A refund of a line: what is left of the line, less what there was of it.
    fn refund(&self, of: &str, line: &Line, day: Date) -> Result<Kept, String> {
        let Some(original) = self.lines.get(of).filter(|original| original.refund_of.is_none()) else {
            return Err(format!("没有可退的明细 {of}"));
        };
        if !line.code.trim().eq_ignore_ascii_case(&original.code) {
            return Err(format!("与所退的明细 {of} 不是同一项目"));
        }
        let (mut amount, mut count) = (original.amount.0, original.count.millionths());
        // A refund that is repeated is not taken off twice.
        let others = self.lines.iter().filter(|(sn, _)| *sn != line.sn.trim());
        for (_, refund) in others.filter(|(_, other)| other.refund_of.as_deref() == Some(of)) {
            amount += refund.amount.0;
            count += refund.count.millionths();
        }
        let (amount_left, count_left) = (amount + line.amount.0, count + line.count.millionths());
        if amount_left < Fen::ZERO || count_left < 0 {
            return Err(format!("超过明细 {of} 剩余的 {amount}（{}）", Decimal::from_millionths(count)));
        }
        let rounding = self.rounding(original.day);
        let scope = |amount: Fen, count: i64| -> Scope {
            original.terms.scope(Decimal::from_millionths(count), amount, rounding)
        };
        let change = scope(amount_left, count_left).since(scope(amount, count));
        Ok(self.kept(line, day, original.terms.clone()).split(change))
    }
}

/// Whether a line says what one that is known says.
fn same(known: &Kept, line: &Kept) -> bool {
    let told = |line: &Kept| {
        (line.batch.clone(), line.day, line.code.clone(), line.count, line.amount, line.refund_of.clone())
    };
    told(known) == told(line)
}

fn taken(sn: &str) -> Refusal {
    let message = format!("明细流水号 {sn} 已用于内容不同的一行");
    Refusal::new("line-known", message, "换流水号；改错先撤销原明细（visit strike）")
}

fn answered(line: &Charged, item: &Judged) -> Value {
    let Charged { sn, name, kept, .. } = line;
    let share = if kept.terms.own || kept.terms.class.0 == Class::C {
        "100%".to_owned()
    } else {
        kept.terms.share.0.to_string()
    };
    json!({
        "sn": sn,
        "code": kept.code,
        "name": name,
        "list": item.list.code(),
        "charge": item.charge.code(),
        "class": kept.terms.class,
        "share": share,
        "limit": kept.terms.limit,
        "amount": kept.amount,
        "in_scope": Yuan(kept.in_scope()),
        "first_self_pay": kept.first_self_pay,
        "out_of_scope": kept.out_of_scope,
        "over_limit": kept.over_limit,
        "own": kept.terms.own,
        "limited": item.limited_use,
        "condition": item.condition,
        "flags": item.flags.iter().map(|flag: &ItemFlag| flag.code()).collect::<Vec<_>>(),
    })
}
