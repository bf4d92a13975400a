//! Open figures: what the notices leave to other texts, and what else a bill would be refused for. Listed, never invented.

use std::collections::BTreeSet;

use domain::{Basis, Date, Place};

use crate::library::Library;
use crate::region::Region;
use crate::terms::{Cited, Held, Missing, Terms, View};
use crate::value::{Amount, Record, Value};

/// One open figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFigure {
    /// The key that lacks a figure, as `stage.inpatient.bands`.
    pub key: String,
    /// Why it lacks one.
    pub why: Missing,
    /// Clauses that leave it open.
    pub clauses: Vec<String>,
    /// What is missing.
    pub needs: String,
    /// Id of the notice that leaves it open.
    pub notice: String,
    /// Where that is written.
    pub place: Place,
    /// Another file that gives the figure meanwhile, and on what that rests.
    pub filled: Option<(String, Basis)>,
}

/// The open figures of a region on a day, by key: declared (`[[open.*]]`), written as open, following a statistic that is not
/// loaded, ended with nothing after, or a part that a stage must have and no file says.
pub fn open_figures(library: &Library, region: &Region, day: Date, view: &View<'_>) -> Vec<OpenFigure> {
    let terms = library.terms(region, day, view);
    // A supplement stands in for what a notice leaves open; the notice leaves it open all the same.
    let bare = library.terms(region, day, &View { without_supplements: true, ..view.clone() });
    let left_open = written(&bare).into_iter().filter(|figure| figure.why == Missing::Open);
    let mut found = declared(&terms);
    for figure in left_open.chain(written(&terms)).chain(stages(&terms)) {
        // Where a notice declares what is missing, that says it best.
        let told = found.iter().any(|known| (&known.key, &known.notice) == (&figure.key, &figure.notice));
        if !told {
            let filled = filled(&terms, &figure.key, &figure.notice);
            found.push(OpenFigure { filled, ..figure });
        }
    }
    found.sort_by(|a, b| (&a.key, &a.place).cmp(&(&b.key, &b.place)));
    found
}

/// Another file that gives a figure which a notice leaves open, and on what it rests.
fn filled(terms: &Terms<'_>, key: &str, notice: &str) -> Option<(String, Basis)> {
    let given = terms.get(key).ok().filter(|given| given.notice.id != notice && !given.provision.leaves_open())?;
    Some((given.notice.id.clone(), given.provision.basis))
}

fn figure(key: &str, why: Missing, by: Cited<'_>, needs: impl Into<String>) -> OpenFigure {
    let provision = by.provision;
    OpenFigure {
        key: key.to_owned(),
        why,
        clauses: provision.clauses.clone(),
        needs: needs.into(),
        notice: by.notice.id.clone(),
        place: provision.place.clone(),
        filled: None,
    }
}

fn declared(terms: &Terms<'_>) -> Vec<OpenFigure> {
    let open = terms.family("open.").filter_map(|(_, by)| {
        let key = by.provision.record.text("what")?;
        let needs = by.provision.record.text("needs").unwrap_or_default();
        let filled = filled(terms, key, &by.notice.id);
        Some(OpenFigure { filled, ..figure(key, Missing::Open, by, needs) })
    });
    open.collect()
}

/// Figures written as open, following a statistic that is not there, or ended.
fn written(terms: &Terms<'_>) -> Vec<OpenFigure> {
    let figures = terms.iter().filter(|(key, _)| !key.starts_with("check.") && !key.starts_with("open."));
    let open = figures.filter_map(|(key, held)| match held {
        Held::Ended(cited, on) => {
            Some(figure(key, Missing::Ended(on), cited, format!("原规定已于 {on} 失效，其后没有新的")))
        }
        Held::InForce(cited) if cited.provision.leaves_open() => {
            let note = cited.provision.record.text("note").unwrap_or("数额由另外的文件规定");
            Some(figure(key, Missing::Open, cited, note))
        }
        Held::InForce(cited) => {
            let why = no_statistic(terms, &cited.provision.record)?;
            let needs = match &why {
                Missing::Statistic(id, year) => format!("{year} 年的统计数 {id}"),
                _ => String::new(),
            };
            Some(figure(key, why, cited, needs))
        }
    });
    open.collect()
}

/// Parts that a stage must have and that no file says: what is left out is open, never none.
fn stages(terms: &Terms<'_>) -> Vec<OpenFigure> {
    const PARTS: [(&str, &str); 4] = [
        ("shape", "由谁支付、管哪些账单"),
        ("deductible", "起付标准（没有的写 0）"),
        ("bands", "支付比例"),
        ("cap", "最高支付限额（不设的写 \"none\"）"),
    ];
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (rest, first) in terms.family("stage.") {
        let Some(id) = rest.split('.').next().filter(|id| seen.insert(*id)) else { continue };
        let by = terms.get(&format!("stage.{id}.shape")).unwrap_or(first);
        let unsaid = PARTS.iter().map(|(part, needs)| (format!("stage.{id}.{part}"), needs));
        found.extend(
            unsaid
                .filter(|(key, _)| matches!(terms.get(key), Err(Missing::Absent)))
                .map(|(key, needs)| figure(&key, Missing::Absent, by, *needs)),
        );
    }
    found
}

/// The statistic that a figure of a record follows and that is not loaded.
fn no_statistic(terms: &Terms<'_>, record: &Record) -> Option<Missing> {
    record.iter().find_map(|(_, value)| match value {
        Value::Amount(Amount::Derived(rule)) => terms.derive(rule).err(),
        Value::Rows(rows) => rows.iter().find_map(|row| no_statistic(terms, &row.values)),
        Value::List(list) => list.iter().find_map(|one| match one {
            Value::Amount(Amount::Derived(rule)) => terms.derive(rule).err(),
            _ => None,
        }),
        _ => None,
    })
}

/// Why the figures of a provision in force cannot be had, if they cannot.
pub fn missing(terms: &Terms<'_>, cited: Cited<'_>) -> Option<Missing> {
    let open = cited.provision.leaves_open().then_some(Missing::Open);
    open.or_else(|| no_statistic(terms, &cited.provision.record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::SourceFile;
    use jiff::civil::date;

    #[test]
    fn what_is_left_to_other_texts_is_listed_with_its_clause() {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), shown: path.into(), text: text.into() };
        let header = "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n";
        let clauses: String = (1..=4).map(|n| format!("T-{n}\t一\tx\trule\tother\t-\t-\t-\t-\n")).collect();
        let library = Library::read([
            file("500000-town/region.toml", "[region]\ncode='500000'\nslug='town'\nname='某市'\n"),
            file("clauses.tsv", &format!("{header}{clauses}")),
            file(
                "500000-town/n.toml",
                "[notice]\nid='n'\nkind='notice'\ntitle='x'\nissued=2020-06-01\n
                [[stage.special.shape]]\nclause='T-1'\nname='特病'\npayer='basic'\nlayer='basic'\norder=1\nbase='in-scope'\nmeasure='year'
                [[stage.special.cap]]\nclause='T-2'\nper='year'\nrows=[{ amount='open' }]
                [[enrolment.waiting]]\nclause='T-3'\nopen=true
                [[open.ratio]]\nclause='T-4'\nwhat='stage.special.bands'\nneeds='比例'
                [[subsidy.standard]]\nclause='T-1'\namount='open'\n",
            ),
            file(
                "500000-town/s.toml",
                "[notice]\nid='s'\nkind='supplement'\ntitle='x'\nissued=2020-01-01\n
                [[stage.special.bands]]\nbasis='illustrative'\nsource='假设'\nrows=[{ ratio='70%' }]
                [[subsidy.standard]]\nbasis='secondary'\nsource='转述'\namount=610\n",
            ),
        ]);
        assert_eq!(library.findings, vec![]);
        let region = library.region("town").unwrap();
        let open = open_figures(&library, region, date(2022, 1, 1), &View::default());
        let keys: Vec<(&str, &str)> = open.iter().map(|f| (f.key.as_str(), f.clauses[0].as_str())).collect();
        let expected = [
            ("enrolment.waiting", "T-3"),
            ("stage.special.bands", "T-4"),
            ("stage.special.cap", "T-2"),
            ("stage.special.deductible", "T-1"),
            ("subsidy.standard", "T-1"),
        ];
        assert_eq!(keys, expected);
        let filled: Vec<Option<Basis>> = open.iter().map(|f| f.filled.as_ref().map(|(_, basis)| *basis)).collect();
        assert_eq!(filled, [None, Some(Basis::Illustrative), None, None, Some(Basis::Secondary)]);
    }
}
