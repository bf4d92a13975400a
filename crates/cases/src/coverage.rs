//! What of the clause register runs: a clause counts when a passing case names it, and never by being asserted. What no case
//! can show, since the deck has no network, counts by a test of the program, named in [`BY_TEST`].

use std::collections::{BTreeMap, BTreeSet};

use policy::{Clause, Library, NoticeKind};

use crate::{Deck, Outcome};

/// How a clause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A provision of a notice or draft cites it, and a passing case names it.
    Executed,
    /// A passing case names it.
    Shown,
    /// Neither yet.
    Open,
    /// No program can do what it asks.
    NotExecutable,
}

impl State {
    /// The word used in output.
    pub fn code(self) -> &'static str {
        match self {
            State::Executed => "executed",
            State::Shown => "shown",
            State::Open => "open",
            State::NotExecutable => "not_executable",
        }
    }
}

/// One clause of the register and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseCoverage {
    /// Clause id.
    pub clause: String,
    /// Prefix of its notice, as `TJ16`.
    pub notice: String,
    /// Its kind: rule, parameter, process, record, indicator or exhortation.
    pub kind: String,
    /// The capability it belongs to.
    pub capability: String,
    /// How it stands.
    pub state: State,
    /// Why it is open, or why no program can do it; empty for what runs.
    pub why: String,
    /// Names of the passing cases that show it.
    pub cases: Vec<String>,
}

/// How every clause of the register stands, in the order of ids.
pub fn coverage(library: &Library, deck: &Deck) -> Vec<ClauseCoverage> {
    let mut shown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in deck.cases.iter().filter(|case| case.outcome == Outcome::Passed) {
        for clause in &case.clauses {
            shown.entry(clause).or_default().push(&case.name);
        }
    }
    for (clause, (test, _)) in BY_TEST {
        shown.entry(clause).or_default().push(test);
    }
    let of_law = library.notices.iter().filter(|n| matches!(n.kind, NoticeKind::Notice | NoticeKind::Draft));
    let cited: BTreeSet<&str> =
        of_law.flat_map(|notice| &notice.provisions).flat_map(|p| &p.clauses).map(String::as_str).collect();
    let stand = |clause: &Clause| {
        let cases = shown.get(clause.id.as_str());
        let (state, why) = match (cases, cited.contains(clause.id.as_str())) {
            (Some(_), true) => (State::Executed, String::new()),
            (Some(_), false) => (State::Shown, String::new()),
            (None, cited) => why_not(clause, cited),
        };
        ClauseCoverage {
            clause: clause.id.clone(),
            notice: prefix(&clause.id).to_owned(),
            kind: clause.kind.clone(),
            capability: clause.capability.clone(),
            state,
            why,
            cases: cases.into_iter().flatten().map(|name| (*name).to_owned()).collect(),
        }
    };
    library.register.iter().map(stand).collect()
}

/// Clauses that a test of the program shows: the test and its file. That it is there `tests/deck.rs` holds, that it passes
/// `cargo xtask test`.
pub const BY_TEST: &[(&str, (&str, &str))] = &[
    ("TJ22-09g", ("a_request_without_a_valid_credential_is_refused_and_logged", "crates/cli/tests/serve.rs")),
    ("JS22-07.2g", ("the_same_inputs_give_the_same_forecast_and_each_factors_part_adds_up", FORECAST)),
    ("JS22-07.2k", ("a_balance_of_fewer_months_than_the_line_of_the_terms_warns", FORECAST)),
    ("CQ21-06.2e", ("books_exported_are_read_back_without_loss_on_either_engine", "crates/cli/tests/export.rs")),
    ("CQ21-06.3e", ("spending_is_told_by_age_group_and_the_groups_add_up", FORECAST)),
];

const FORECAST: &str = "crates/microsim/tests/forecast.rs";

fn prefix(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

fn why_not(clause: &Clause, cited: bool) -> (State, String) {
    if clause.kind == "exhortation" || clause.done_when.starts_with("none (not executable)") {
        return (State::NotExecutable, clause.done_when.clone());
    }
    if !in_this_part(&clause.capability) {
        return (State::Open, format!("属 {}，由后续部分实现 (comes with a later part)", clause.capability));
    }
    let later = LATER.iter().find(|(clauses, _)| clauses.contains(&clause.id.as_str()));
    if let Some((_, part)) = later {
        return (State::Open, format!("要有{part}，由后续部分实现 (comes with a later part)"));
    }
    let written = if cited { "条款已写，" } else { "" };
    let needs = match clause.needs.as_str() {
        "" | "-" => String::new(),
        needs => format!("；还需：{needs}"),
    };
    (State::Open, format!("{written}没有通过的案例 (no passing case){needs}"))
}

/// Clauses of these capabilities that ask for more than terms: what they wait for.
const LATER: &[(&[&str], &str)] = &[
    (&["JS22-08.2i", "JS22-09.3a", "JS22-09.3e"], "参保登记库"),
    (&["JS22-08.3c", "JS22-08.3d"], "异地就医备案"),
    (&["JS22-08.3h", "JL22-06g"], "基金清算和明细账"),
    (&["TJ16-25b", "TJ16-34d"], "定点机构和医嘱的登记"),
    (&["TJ22-04m"], "生育津贴的算法和职工工资登记"),
];

/// Whether the capability is one that the terms and the deck can show.
fn in_this_part(capability: &str) -> bool {
    const PART: &[&str] = &["contribution", "subsidy", "enrolment", "personal-account", "settlement", "cross-region"];
    PART.contains(&capability) || capability.starts_with("benefit-")
}

/// A line of the summary: a notice, or a kind of clause in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageRow {
    /// Prefix of the notice.
    pub notice: String,
    /// Kind of clause; `None` for the notice as a whole.
    pub kind: Option<String>,
    /// Clauses in all.
    pub clauses: usize,
    /// Executed.
    pub executed: usize,
    /// Shown.
    pub shown: usize,
    /// Open.
    pub open: usize,
    /// Not executable.
    pub not_executable: usize,
}

/// Counts by notice and kind, each notice's sum first.
pub fn summary(coverage: &[ClauseCoverage]) -> Vec<CoverageRow> {
    let mut rows: BTreeMap<(&str, Option<&str>), CoverageRow> = BTreeMap::new();
    for clause in coverage {
        for kind in [None, Some(clause.kind.as_str())] {
            let row = rows.entry((&clause.notice, kind)).or_default();
            row.notice = clause.notice.clone();
            row.kind = kind.map(str::to_owned);
            row.clauses += 1;
            match clause.state {
                State::Executed => row.executed += 1,
                State::Shown => row.shown += 1,
                State::Open => row.open += 1,
                State::NotExecutable => row.not_executable += 1,
            }
        }
    }
    rows.into_values().collect()
}
