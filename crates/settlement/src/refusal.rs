//! Why a bill is not settled: a value with the key and clause concerned, never a guess.

use std::fmt;

use domain::{Care, Date};
use policy::Missing;

/// A bill that the terms do not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No stage of the basic layer covers such a bill.
    NotCovered {
        /// The kind of care.
        care: Care,
        /// What the nearest stage asks for that the bill does not have.
        why: String,
    },
    /// A rule refuses such bills by name.
    Barred {
        /// Key of the rule, as `settlement.refuse.online`.
        key: String,
        /// The reason in its words.
        says: String,
        /// Its clauses.
        clauses: Vec<String>,
    },
    /// A figure that the bill needs is missing.
    Open {
        /// Key of the provision, as `stage.inpatient.bands`.
        key: String,
        /// Clauses that leave it open, if any.
        clauses: Vec<String>,
        /// Why it is missing.
        missing: Missing,
    },
    /// The table has no row for the bill.
    Gap {
        /// Key of the table.
        key: String,
        /// The bill's facts in words.
        facts: String,
    },
    /// A strict run, and a figure rests on less than a stated rule and a published statistic.
    Weak {
        /// Key of the provision.
        key: String,
        /// Its basis.
        basis: domain::Basis,
    },
    /// The region has no terms for the day at all.
    NoTerms {
        /// The day.
        day: Date,
        /// Title of the notice that ended last, and the day from which it holds no more.
        ended: Option<(String, Date)>,
    },
    /// Terms depend on age and the bill has no date of birth.
    AgeUnknown,
    /// The bill's tier is not one of the region's.
    UnknownTier(String),
    /// The region's terms are larger than a plan holds.
    BeyondLimits(String),
    /// The bill would take the year's amounts beyond what is computed exactly.
    TooLarge,
}

impl Refusal {
    /// The stable word for the kind of refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotCovered { .. } => "not-covered",
            Refusal::Barred { .. } => "barred",
            Refusal::Open { missing: Missing::Ended(_), .. } => "expired",
            Refusal::Open { .. } => "open-figure",
            Refusal::Gap { .. } => "gap",
            Refusal::Weak { .. } => "weak-basis",
            Refusal::NoTerms { .. } => "no-terms",
            Refusal::AgeUnknown => "age-unknown",
            Refusal::UnknownTier(_) => "unknown-tier",
            Refusal::BeyondLimits(_) => "beyond-limits",
            Refusal::TooLarge => "too-large",
        }
    }

    /// What to do about it.
    pub fn cure(&self) -> String {
        match self {
            Refusal::NotCovered { .. } => "核对就医类型、机构级别和标记，或为此情形写一个支付环节".to_owned(),
            Refusal::Barred { .. } => "按所说的办；账单的标记、级别、病种有误的先改正".to_owned(),
            Refusal::Open { key, missing: Missing::Ended(_), .. } => {
                format!("载入接续 `{key}` 的通知，其 from 不早于失效日")
            }
            Refusal::Open { key, .. } => format!("载入给出 `{key}` 的文件，或在补充文件中写明依据"),
            Refusal::Gap { key, .. } => format!("给 `{key}` 补上这一行"),
            Refusal::Weak { .. } => "去掉 --strict 可按此依据试算".to_owned(),
            Refusal::NoTerms { .. } => "载入当日有效的通知".to_owned(),
            Refusal::AgeUnknown => "填 birth（出生日期）".to_owned(),
            Refusal::UnknownTier(_) => "写 region.toml 里的档次".to_owned(),
            Refusal::BeyondLimits(_) => "把环节、额度池或结转规则减到限度以内".to_owned(),
            Refusal::TooLarge => "核对金额；单人年度累计须小于 9 亿元".to_owned(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotCovered { care, why } if why.is_empty() => {
                write!(f, "当日没有支付{}的环节 (not covered)", care.name())
            }
            Refusal::NotCovered { care, why } => write!(f, "不在{}支付范围：{why} (not covered)", care.name()),
            Refusal::Barred { key, says, clauses } if clauses.is_empty() => write!(f, "{says}（`{key}`）(barred)"),
            Refusal::Barred { key, says, clauses } => write!(f, "{says}（`{key}`）(barred) [{}]", clauses.join("、")),
            Refusal::Open { key, clauses, missing } => {
                match missing {
                    Missing::Absent => write!(f, "没有文件给出 `{key}` (no notice sets it)")?,
                    Missing::Open => write!(f, "`{key}` 由另行文件规定，尚未载入 (open figure)")?,
                    Missing::Ended(on) => write!(f, "`{key}` 已于 {on} 失效 (expired)")?,
                    Missing::Statistic(id, year) => {
                        write!(f, "`{key}` 要用 {year} 年统计数 {id}，尚未载入或公布 (missing statistic)")?
                    }
                }
                if clauses.is_empty() { Ok(()) } else { write!(f, " [{}]", clauses.join("、")) }
            }
            Refusal::Gap { key, facts } => write!(f, "`{key}` 没有对应的行：{facts} (gap)"),
            Refusal::Weak { key, basis } => write!(f, "严格模式：`{key}` 的依据只是{} (basis {basis})", basis.name()),
            Refusal::NoTerms { day, ended } => {
                write!(f, "{day} 当日没有任何有效条款 (no terms in force)")?;
                match ended {
                    Some((title, on)) => write!(f, "：《{title}》自 {on} 起失效 (ended)"),
                    None => Ok(()),
                }
            }
            Refusal::AgeUnknown => f.write_str("条款按年龄区分，而账单没有出生日期 (age unknown)"),
            Refusal::UnknownTier(tier) => write!(f, "本地区没有档次 “{tier}” (unknown tier)"),
            Refusal::BeyondLimits(what) => write!(f, "条款超过程序限度：{what} (beyond limits)"),
            Refusal::TooLarge => f.write_str("年度累计金额过大 (amount too large)"),
        }
    }
}
