//! A visit, or a part of it, is settled: its lines add up to a bill, and care settles the bill.

use std::collections::BTreeSet;

use domain::{Care, Date, Fen, Mark};

use super::book::{Part, Visit, VisitEntry};
use super::judge::Kept;
use super::receipt::Receipt;
use super::{Held, clear, held, is_stay, key};
use crate::answer::{Answer, Refusal, Stop};
use crate::care::{self, Told};
use crate::catalogue::Class;
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::{Desk, moment_of};
use crate::matters::burden;
use crate::people;
use crate::sheets::{Books, Key};
use crate::turnover::Clearing;

command! {
    /// Settle a visit: all its unsettled lines, or some charge batches; a stay after discharge, or midway
    Settle = "visit settle", "结算就诊：全部未结明细或指定批次；住院在出院后，或中途结算" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Charge batches; all unsettled lines, if left out
        batch: Vec<String> = "收费批次号，不写为全部未结算明细",
        /// Sum of the lines
        total: Yuan = "总费用，须等于明细合计",
        /// The stay goes on
        midway: bool = "中途结算",
        /// What the provider made to be out of scope
        out_of_scope: Option<Yuan> = "机构算得的全自费金额",
        /// What the provider made to be above price limits
        over_limit: Option<Yuan> = "机构算得的超限价金额",
        /// What the provider made to be first self-pay
        first_self_pay: Option<Yuan> = "机构算得的先行自付金额",
        /// What the provider made to be in scope
        in_scope: Option<Yuan> = "机构算得的政策范围内金额",
        /// Marks of the visit that no register tells
        mark: Vec<Word<Mark>> = "就诊标记（登记册说不出的）",
        /// The visit that this one continues by referral: code of the provider, a blank, number of the visit
        from_visit: Option<String> = "转诊自哪次就诊：机构代码 空格 就诊号",
        /// Numbers of the approvals or accident reports that the claim is made under
        under: Vec<String> = "所依据的核准或意外报案的备案编号",
        /// Emergency
        emergency: bool = "急诊",
        /// Number of the invoice
        invoice: Option<String> = "发票号",
        /// Tell who the person is, where opening the visit recorded it
        tell: bool = "带出人员信息（登记就诊时已留痕的）",
    }
}

impl UseCase for Settle {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = held(desk, books, &self.visit, &self.provider, self.person.as_deref())?;
        settle(desk, books, &held, self)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let today = desk.today();
        let mut keys = vec![key(&self.visit), crate::turnover::key(&self.provider, today)];
        if let Some(person) = self.person.as_deref().and_then(|person| people::likely(desk, person)) {
            keys.extend(person_keys(&person, &self.provider, today.year(), today.year()));
        }
        keys
    }

    fn recallable(&self) -> bool {
        true
    }
}

/// The streams that settling a bill of a year reads.
fn person_keys(person: &Key, provider: &str, year: i16, this_year: i16) -> Vec<Key> {
    let mut keys = care::keys(person, provider, year);
    keys.extend((year - 5..=this_year + 1).map(|year| care::care_key(person, year)));
    keys.push(person.clone());
    keys
}

/// Settles a visit, or a part of it.
pub(super) fn settle(desk: &Desk<'_>, books: &mut Books<'_>, held: &Held, asked: &Settle) -> Result<Answer, Stop> {
    let visit = books.find::<Visit>(&held.key)?.cloned().unwrap_or_default();
    let chosen = Chosen::of(&visit, asked);
    if chosen.lines.is_empty() {
        return again(desk, books, held, &visit, asked);
    }
    let stay = is_stay(held.opened.care.0);
    refuse_unready(&visit, stay, asked, &chosen)?;
    chosen.check(asked)?;
    let date = chosen.day(held.opened.begin.date(), &visit, asked.midway);
    books.preload(person_keys(&held.person, &held.opened.provider, date.year(), desk.today().year()))?;
    let told = told(held, &visit, &chosen, asked, (stay, date))?;
    let bill = care::compose(desk, books, &held.person, &told)?;
    let posted = care::post(desk, books, &held.person, &bill, false)?;
    let receipt = Receipt::of(&posted, &bill);
    let part = Part {
        settlement: care::settlement_number(&held.person, date.year(), posted.number),
        name: bill.visit.clone(),
        batches: asked.batch.clone(),
        total: receipt.paid.total,
        midway: asked.midway,
        reversed: false,
    };
    let entry = VisitEntry::Settled {
        part: part.clone(),
        lines: chosen.lines.iter().map(|(sn, _)| (*sn).clone()).collect(),
        receipt: receipt.clone(),
        invoice: clear("发票号", &asked.invoice)?,
        on: desk.today(),
    };
    books.post::<Visit>(&held.key, &entry)?;
    let stamp = (desk.at, books.request().to_owned());
    let mut answer = answered(desk, held, &part, &receipt, &stamp)?;
    if asked.tell && held.opened.through.is_some() {
        answer = people::tell(desk, books, &held.person, date, answer)?;
    }
    if let Some(differences) = posted.differences {
        answer = answer.with("differences", differences);
    }
    burden::follow(desk, books, &held.person, date, answer)
}

/// The lines that are to be settled, and what they add up to.
struct Chosen<'v> {
    lines: Vec<(&'v String, &'v Kept)>,
    /// Unsettled lines that are not among them.
    left: usize,
}

impl<'v> Chosen<'v> {
    fn of(visit: &'v Visit, asked: &Settle) -> Chosen<'v> {
        let wanted = |line: &Kept| asked.batch.is_empty() || asked.batch.contains(&line.batch);
        let (lines, left): (Vec<_>, Vec<_>) = visit.unsettled().partition(|(_, line)| wanted(line));
        Chosen { lines, left: left.len() }
    }

    fn sum(&self, amount: impl Fn(&Kept) -> Fen) -> Fen {
        self.lines.iter().map(|(_, line)| amount(line)).sum()
    }

    /// The bill's amounts must be what the provider says, each by name.
    fn check(&self, asked: &Settle) -> Result<(), Refusal> {
        let total = self.sum(|line| line.amount.0);
        if asked.total.0 != total {
            let message = format!("总费用 {} 与明细合计 {total} 不符，差 {}", asked.total, asked.total.0 - total);
            return Err(Refusal::new("total-differs", message, "核对有无漏传、重传的明细，再结算"));
        }
        let parts = [
            ("全自费", asked.out_of_scope, self.sum(|line| line.out_of_scope.0)),
            ("超限价", asked.over_limit, self.sum(|line| line.over_limit.0)),
            ("先行自付", asked.first_self_pay, self.sum(|line| line.first_self_pay.0)),
            ("政策范围内", asked.in_scope, self.sum(Kept::in_scope)),
        ];
        let differs = parts.iter().filter_map(|(what, said, is)| {
            let said = said.filter(|said| said.0 != *is)?;
            Some(format!("{what} 机构 {said}、中心 {is}"))
        });
        let differs: Vec<String> = differs.collect();
        if !differs.is_empty() {
            let message = format!("机构算得的范围金额与中心不符：{}", differs.join("；"));
            let cure = "用 visit lines 逐行核对等级、先行自付比例和限价，更新目录后重算";
            return Err(Refusal::new("scope-differs", message, cure));
        }
        Ok(())
    }

    /// The day whose terms apply: that of discharge, or of the last line.
    fn day(&self, begin: Date, visit: &Visit, midway: bool) -> Date {
        let end = visit.discharged.as_ref().filter(|_| !midway).map(|discharge| discharge.end.date());
        let last = self.lines.iter().map(|(_, line)| line.day).max();
        end.unwrap_or_else(|| last.unwrap_or(begin).max(begin))
    }

    /// Amounts by class: A, B, B's first self-pay, C, above limits. None may be negative.
    fn classes(&self) -> Result<[Fen; 5], Refusal> {
        let inside = |line: &Kept| line.amount.0 - line.out_of_scope.0 - line.over_limit.0;
        let of_b = |line: &Kept| line.terms.class.0 == Class::B;
        let first = self.sum(|line| line.first_self_pay.0);
        let classes = [
            self.sum(|line| if of_b(line) { Fen::ZERO } else { inside(line) }),
            self.sum(|line| if of_b(line) { inside(line) } else { Fen::ZERO }),
            first,
            self.sum(|line| line.out_of_scope.0),
            self.sum(|line| line.over_limit.0),
        ];
        if classes.iter().any(|amount| *amount < Fen::ZERO) || classes[1] < first {
            let message = "退费比同类费用多，合计为负";
            let cure = "连同所退的费用一起结算；所退的已结算的，先撤销那次结算";
            return Err(Refusal::new("negative-part", message, cure));
        }
        Ok(classes)
    }
}

/// Refuses what cannot be settled yet.
fn refuse_unready(visit: &Visit, stay: bool, asked: &Settle, chosen: &Chosen<'_>) -> Result<(), Refusal> {
    match (stay, asked.midway) {
        (false, true) => {
            return Err(Refusal::new("not-a-stay", "只有住院可以中途结算", "去掉 midway，按批次结算"));
        }
        (true, false) if visit.discharged.is_none() => {
            let cure = "先办出院（visit discharge）；住院中的写 midway 作中途结算";
            return Err(Refusal::new("not-discharged", "还没有办出院", cure));
        }
        (true, false) if chosen.left > 0 => {
            let message = format!("还有 {} 行明细不在这次结算里", chosen.left);
            return Err(Refusal::new("lines-left", message, "出院结算不写 batch，一次结清"));
        }
        (true, true) if visit.discharged.is_some() => {
            return Err(Refusal::new("discharged", "已办出院，不再中途结算", "去掉 midway 作出院结算"));
        }
        _ => {}
    }
    Ok(())
}

/// The visit as care is told it.
fn told(
    held: &Held,
    visit: &Visit,
    chosen: &Chosen<'_>,
    asked: &Settle,
    (stay, date): (bool, Date),
) -> Result<Told, Refusal> {
    let [a, b, first, c, over_limit] = chosen.classes()?;
    let opened = &held.opened;
    let number = visit.parts.len() + 1;
    let name = if number == 1 { asked.visit.trim().to_owned() } else { format!("{}-{number}", asked.visit.trim()) };
    let before = visit.standing().next_back().map(|part| format!("{} {}", opened.provider, part.name));
    let part = match (stay, before) {
        (true, Some(before)) => Some((domain::Part::Further, Some(before))),
        (true, None) if asked.midway => Some((domain::Part::First, None)),
        _ => None,
    };
    Ok(Told {
        provider: opened.provider.clone(),
        visit: name,
        from: Some(opened.begin.date()),
        care: opened.care.0,
        date,
        disease: visit.described.disease.clone(),
        a: Yuan(a),
        b: Yuan(b),
        b_share: None,
        b_self_pay: (first != Fen::ZERO || b != Fen::ZERO).then_some(Yuan(first)),
        c: Yuan(c),
        over_limit: Yuan(over_limit),
        marks: asked.mark.iter().map(|mark| mark.0).collect(),
        from_visit: asked.from_visit.clone(),
        part,
        under: asked.under.clone(),
        physician: opened.physician.clone(),
        emergency: asked.emergency || opened.care.0 == Care::Emergency,
        burden_only: false,
        by_hand: false,
        submitted: None,
    })
}

/// Nothing is left to settle: the settlement that stands is answered, if it is what is asked for.
fn again(desk: &Desk<'_>, books: &mut Books<'_>, held: &Held, visit: &Visit, asked: &Settle) -> Result<Answer, Stop> {
    let named: BTreeSet<&String> = asked.batch.iter().collect();
    let same = |part: &&Part| {
        part.total == asked.total
            && part.midway == asked.midway
            && (named.is_empty() || part.batches.iter().collect::<BTreeSet<_>>() == named)
    };
    if let Some(part) = visit.standing().rfind(same) {
        for (_, stamp, entry) in books.history::<Visit>(&held.key.subject)? {
            if let VisitEntry::Settled { part: settled, receipt, .. } = entry
                && settled.settlement == part.settlement
            {
                let answer = answered(desk, held, part, &receipt, &(stamp.at, stamp.request))?;
                return Ok(answer.with("already", true));
            }
        }
    }
    let settled: Vec<&str> = visit.standing().map(|part| part.settlement.as_str()).collect();
    let message = match settled.as_slice() {
        [] => "没有未结算的费用明细".to_owned(),
        settled => format!("没有未结算的费用明细；已结算 {}", settled.join("、")),
    };
    Err(Refusal::new("nothing-to-settle", message, "先上传费用明细（visit charge）；已结算的不必再结").into())
}

/// The settlement, with what is known of the visit: all but who the person is.
fn answered(
    desk: &Desk<'_>,
    held: &Held,
    part: &Part,
    receipt: &Receipt,
    (at, request): &(i64, String),
) -> Result<Answer, Refusal> {
    let opened = &held.opened;
    Ok(receipt
        .answer()
        .with("visit", held.key.subject.trim_start_matches("visit/"))
        .with("settlement", part.settlement.clone())
        .with("bill", part.name.clone())
        .with("midway", part.midway)
        .with("at", moment_of(*at).to_string())
        .with("request", request.clone())
        .with("who", opened.person.clone())
        .with("care", opened.care.0.code())
        .with("kind", opened.kind.clone())
        .with("insurance", opened.insurance.0.code())
        .with("certificate", opened.certificate.map(|shown| shown.0.code()))
        .with("clearing", Clearing::of(opened.care.0).code())
        .with("office", desk.rules.region()?.code.clone()))
}
