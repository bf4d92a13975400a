//! Why an outcome is what it is, and why there is none.

use std::fmt;

use domain::{Basis, Date, Fen};
use policy::{Amount, Cited, Missing, Terms};

/// One step of the reasoning: what was done, by which provision, and on what that rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Key of the provision, as `contribution.standard`.
    pub key: String,
    /// In plain Chinese.
    pub text: String,
    /// Clause ids.
    pub clauses: Vec<String>,
    /// Basis of the figures used.
    pub basis: Basis,
}

impl Step {
    /// A step by a provision.
    pub(crate) fn by(cited: Cited<'_>, text: impl Into<String>) -> Step {
        let provision = cited.provision;
        Step {
            key: provision.key.clone(),
            text: text.into(),
            clauses: provision.clauses.clone(),
            basis: provision.basis,
        }
    }

    /// A step that no provision is behind.
    pub(crate) fn plain(key: &str, text: impl Into<String>) -> Step {
        Step { key: key.to_owned(), text: text.into(), clauses: Vec::new(), basis: Basis::Stated }
    }

    /// The same step, resting on a basis at least as weak as this.
    pub(crate) fn on(mut self, basis: Basis) -> Step {
        self.basis = self.basis.max(basis);
        self
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if !self.clauses.is_empty() {
            write!(f, "（{}）", self.clauses.join("、"))?;
        }
        if self.basis > Basis::Stated {
            write!(f, "〔{}〕", self.basis.name())?;
        }
        Ok(())
    }
}

/// The weakest basis of some steps.
pub(crate) fn weakest(steps: &[Step]) -> Basis {
    steps.iter().map(|step| step.basis).max().unwrap_or_default()
}

/// A named refusal: what is missing or not allowed, by which clause, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The key concerned, as `contribution.sponsor.needy`.
    pub key: String,
    /// Clause ids, where a clause is behind it.
    pub clauses: Vec<String>,
    /// What is missing or not allowed.
    pub message: String,
    /// What to do about it.
    pub cure: String,
}

impl Refusal {
    pub(crate) fn new(key: impl Into<String>, message: impl Into<String>, cure: impl Into<String>) -> Refusal {
        Refusal { key: key.into(), clauses: Vec::new(), message: message.into(), cure: cure.into() }
    }

    /// A refusal by a provision.
    pub(crate) fn by(cited: Cited<'_>, message: impl Into<String>, cure: impl Into<String>) -> Refusal {
        let provision = cited.provision;
        Refusal { clauses: provision.clauses.clone(), ..Refusal::new(provision.key.clone(), message, cure) }
    }

    /// A figure that cannot be had. The clause that leaves it open is cited, if a notice declares one.
    pub(crate) fn missing(terms: &Terms<'_>, key: &str, why: &Missing) -> Refusal {
        let declared =
            terms.family("open.").map(|(_, cited)| cited.provision).find(|p| p.record.text("what") == Some(key));
        let held = terms.get(key).ok().map(|cited| cited.provision);
        let (day, name) = (terms.day, &terms.region.name);
        let message = match why {
            Missing::Absent => format!("{name} {day} 没有通知写明"),
            Missing::Open => "通知留给另外的文件规定，数额未录入".to_owned(),
            Missing::Ended(on) => format!("已于 {on} 失效，其后没有新的规定"),
            Missing::Statistic(id, year) => format!("缺少 {year} 年的统计数 {id}"),
        };
        let cure = match (why, declared.and_then(|p| p.record.text("needs"))) {
            (Missing::Statistic(..), _) => "在 statistics.toml 里补上这一年的统计数".to_owned(),
            (_, Some(needs)) => format!("需要：{needs}；补进 [[{key}]]，写明条款或来源"),
            (_, None) => format!("补上 [[{key}]]：写进通知文件，或写进补充文件并注明依据和来源"),
        };
        let clauses = declared.or(held).map_or(Vec::new(), |p| p.clauses.clone());
        Refusal { clauses, ..Refusal::new(key, message, cure) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)?;
        if !self.clauses.is_empty() {
            write!(f, "（{}）", self.clauses.join("、"))?;
        }
        write!(f, "；{}", self.cure)
    }
}

impl std::error::Error for Refusal {}

/// The provision in force for a key.
///
/// # Errors
/// The refusal that names the key, when nothing sets it.
pub fn held<'l>(terms: &Terms<'l>, key: &str) -> Result<Cited<'l>, Refusal> {
    terms.get(key).map_err(|why| Refusal::missing(terms, key, &why))
}

/// The first provision of a family whose field `reason` or the like has this word.
pub(crate) fn with_word<'l>(terms: &Terms<'l>, family: &str, field: &str, word: &str) -> Option<Cited<'l>> {
    terms.family(family).map(|(_, cited)| cited).find(|cited| cited.provision.record.text(field) == Some(word))
}

/// An amount of a provision in fen, with its basis.
///
/// # Errors
/// The refusal that names the provision, when the amount is absent or open.
pub fn fen(terms: &Terms<'_>, cited: Cited<'_>, amount: Option<&Amount>) -> Result<(Fen, Basis), Refusal> {
    let missing = |why: Missing| {
        let clauses = cited.provision.clauses.clone();
        Refusal { clauses, ..Refusal::missing(terms, &cited.provision.key, &why) }
    };
    let amount = amount.ok_or_else(|| missing(Missing::Open))?;
    terms.fen(amount, cited.provision.basis).map_err(missing)
}

/// First and last day, in words.
pub(crate) fn days(from: Date, end: Date) -> String {
    format!("{from} 至 {}", end.yesterday().unwrap_or(end))
}
