//! The report of a day, for people in two languages and for programs.

mod text;

use serde_json::{Value, json};
use wire::amount;

use crate::day::Day;
use crate::reconcile::Balance;
use crate::tally::Figures;

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
        for moved in day.ledger.borrow().all().flat_map(|settled| settled.moves()).flatten() {
            figures.turnover.0 += moved.total;
            figures.turnover.1 += moved.funds;
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
            "settled": figures.settled, "unsettled": figures.unsettled, "uninsured": figures.uninsured, "absent": figures.absent,
            "overnight": figures.overnight, "yesterday": figures.yesterday,
            "seconds": number(figures.span.as_millis(), 3), "settled_per_second": number(self.per_thousand_seconds(), 3),
            "total": amount::text(figures.turnover.0), "funds": amount::text(figures.turnover.1), "checks": figures.checks,
            "transactions": kinds.collect::<Vec<_>>(), "refusals": refusals.collect::<Vec<_>>(), "failures": figures.failures,
            "faults": figures.faults, "broken": figures.broken, "examples": figures.examples, "balance": balance.collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn text(&self, chinese: bool) -> String {
        text::written(self, chinese)
    }
}

/// Microseconds as milliseconds.
fn millis(micros: u32) -> Value {
    number(u128::from(micros), 3)
}

/// A number of so many decimals as JSON, without a binary fraction on the way.
fn number(digits: u128, decimals: u32) -> Value {
    let scale = 10_u128.pow(decimals);
    let text = format!("{}.{:0width$}", digits / scale, digits % scale, width = decimals as usize);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
