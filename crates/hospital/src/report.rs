//! The report of a day, for people in two languages and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use wire::amount;
use wire::dictionary::transaction;

use crate::day::Day;
use crate::reconcile::Balance;
use crate::tally::{Figures, Kind};

/// What a day came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Code of the institution.
    pub institution: String,
    /// Clients at once.
    pub clients: usize,
    /// The seed.
    pub seed: u64,
    /// All that was counted.
    pub figures: Figures,
    /// The reconciliation.
    pub(crate) balance: Vec<Balance>,
}

impl Report {
    pub(crate) fn of(day: &Day, balance: Vec<Balance>) -> Report {
        let mut figures = day.figures.take();
        for settled in day.ledger.borrow().all().filter(|settled| !settled.undone) {
            figures.turnover.0 += settled.total;
            figures.turnover.1 += settled.funds;
        }
        Report {
            institution: day.plan.institution.code.clone(),
            clients: day.plan.clients,
            seed: day.plan.seed,
            figures,
            balance,
        }
    }

    /// Whether everything held and every message was answered.
    pub fn is_good(&self) -> bool {
        self.figures.broken.is_empty() && self.figures.failures.is_empty()
    }

    /// Settled visits in a thousand seconds.
    fn per_thousand_seconds(&self) -> u128 {
        self.figures.settled as u128 * 1_000_000 / self.figures.span.as_millis().max(1)
    }

    /// For programs: rates are settled visits a second, times are milliseconds, amounts are yuan as text.
    pub fn json(&self) -> Value {
        let figures = &self.figures;
        let kinds = figures.kinds.iter().map(|(infno, kind)| {
            let times = [500, 990].map(|per_mille| kind.within(per_mille).map(millis));
            json!({
                "infno": infno, "done": kind.done, "refused": kind.refused, "failed": kind.failed, "p50_ms": times[0], "p99_ms": times[1],
            })
        });
        let refusals = figures
            .refusals
            .iter()
            .map(|((infno, word), count)| json!({ "infno": infno, "word": word, "count": count }));
        let balance = self.balance.iter().map(|balance| {
            json!({
                "insutype": balance.group.insutype, "clr_type": balance.group.clr_type, "count": balance.own.count,
                "total": amount::text(balance.own.total), "funds": amount::text(balance.own.funds), "same": balance.same,
                "said": balance.said, "others": balance.others.count, "differences": balance.differences,
            })
        });
        json!({
            "institution": self.institution, "seed": self.seed, "clients": self.clients, "good": self.is_good(),
            "settled": figures.settled, "unsettled": figures.unsettled, "uninsured": figures.uninsured,
            "seconds": number(figures.span.as_millis(), 3), "settled_per_second": number(self.per_thousand_seconds(), 3),
            "total": amount::text(figures.turnover.0), "funds": amount::text(figures.turnover.1), "checks": figures.checks,
            "transactions": kinds.collect::<Vec<_>>(), "refusals": refusals.collect::<Vec<_>>(), "failures": figures.failures,
            "faults": figures.faults, "broken": figures.broken, "examples": figures.examples, "balance": balance.collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn text(&self, chinese: bool) -> String {
        let of = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
        let figures = &self.figures;
        let mut text = String::new();
        let (settled, rate) = (figures.settled, tenths(self.per_thousand_seconds()));
        let (unsettled, uninsured, clients) = (figures.unsettled, figures.uninsured, self.clients);
        let seconds = tenths(figures.span.as_millis());
        let (total, funds) = (amount::text(figures.turnover.0), amount::text(figures.turnover.1));
        let _ = match chinese {
            true => writeln!(
                text,
                "{}：结清 {settled} 次就诊，未结 {unsettled}，未参保 {uninsured}；{clients} 个终端，{seconds} 秒，每秒 {rate} 次；总费用 {total} 元，基金 {funds} 元",
                self.institution
            ),
            false => writeln!(
                text,
                "{}: {settled} visits settled, {unsettled} not, {uninsured} not insured; {clients} clients, {seconds} s, {rate} a second; total {total}, funds {funds}",
                self.institution
            ),
        };
        let _ = writeln!(
            text,
            "{:<6}{:>9}{:>9}{:>9}{:>10}{:>10}",
            of("交易", "infno"),
            of("成功", "done"),
            of("拒绝", "refused"),
            of("无应答", "failed"),
            "p50 ms",
            "p99 ms"
        );
        for (infno, kind) in &figures.kinds {
            row(&mut text, infno, kind, chinese);
        }
        self.lists(&mut text, chinese);
        let verdict = match (self.is_good(), figures.broken.values().sum::<usize>()) {
            (true, _) => format!("{} {}", figures.checks, of("次核对，全部相符", "checks, all hold")),
            (false, broken) => format!("{} {broken}", of("有问题：不相符", "not good: broken")),
        };
        text + &verdict + "\n"
    }

    fn lists(&self, text: &mut String, chinese: bool) {
        let of = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
        let figures = &self.figures;
        for ((infno, word), count) in &figures.refusals {
            let _ = writeln!(text, "{} {infno} {word}: {count}", of("拒绝", "refused"));
        }
        for (why, count) in &figures.failures {
            let _ = writeln!(text, "{} {why}: {count}", of("无应答", "failed"));
        }
        for (fault, count) in &figures.faults {
            let _ = writeln!(text, "{} {fault}: {count}", of("故障", "fault"));
        }
        for balance in &self.balance {
            let (group, own) = (&balance.group, &balance.own);
            let _ = writeln!(
                text,
                "{} {} {}: {} {}, {} ({} {}) {}",
                of("对账", "reconciled"),
                group.insutype,
                group.clr_type,
                own.count,
                of("笔", "settlements"),
                amount::text(own.total),
                of("基金", "funds"),
                amount::text(own.funds),
                if balance.same {
                    of("平", "same").to_owned()
                } else {
                    format!("{}: {}", of("不平", "differs"), balance.said)
                }
            );
            if balance.others.count != 0 {
                let what = of("笔是别处同日同机构的", "settlements of the same institution today are not from here");
                let _ = writeln!(text, "  {} {what}", balance.others.count);
            }
            for difference in &balance.differences {
                let _ = writeln!(text, "  {difference}");
            }
        }
        for (kind, count) in &figures.broken {
            let _ = writeln!(text, "{} {kind}: {count}", of("不相符", "broken"));
        }
        for broken in &figures.examples {
            let _ = writeln!(text, "  {} {} {}: {}", broken.kind, broken.infno, broken.msgid, broken.what);
        }
    }
}

fn row(text: &mut String, infno: &str, kind: &Kind, chinese: bool) {
    let name = transaction(infno).map_or("", |transaction| if chinese { transaction.zh } else { transaction.en });
    let [p50, p99] = [500, 990].map(|per_mille| kind.within(per_mille).map_or("-".to_owned(), shown));
    let Kind { done, refused, failed, .. } = kind;
    let _ = writeln!(text, "{infno:<8}{done:>10}{refused:>10}{failed:>10}{p50:>10}{p99:>10}  {name}");
}

/// Microseconds as milliseconds.
fn millis(micros: u32) -> Value {
    number(u128::from(micros), 3)
}

fn shown(micros: u32) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

/// Thousandths with one decimal.
fn tenths(thousandths: u128) -> String {
    format!("{}.{}", thousandths / 1_000, thousandths % 1_000 / 100)
}

/// A number of so many decimals as JSON, without a binary fraction on the way.
fn number(digits: u128, decimals: u32) -> Value {
    let scale = 10_u128.pow(decimals);
    let text = format!("{}.{:0width$}", digits / scale, digits % scale, width = decimals as usize);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
