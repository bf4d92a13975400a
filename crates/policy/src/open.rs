//! Open figures: what the notices leave to other texts. Listed, never invented.

use domain::{Basis, Date, Place};

use crate::library::Library;
use crate::notice::Provision;
use crate::region::Region;
use crate::terms::{Cited, Missing, Terms, View};
use crate::value::{Amount, Record, Value};

/// One open figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFigure {
    /// The key that lacks a figure, as `stage.inpatient.bands`.
    pub key: String,
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

/// The open figures of a region on a day, by key: declared (`[[open.*]]`), written as open, or a stage without a deductible,
/// bands or a cap.
pub fn open_figures(library: &Library, region: &Region, day: Date, view: &View<'_>) -> Vec<OpenFigure> {
    let terms = library.terms(region, day, view);
    let mut found = declared(&terms);
    for figure in written(&terms).into_iter().chain(stages(&terms)) {
        // Where a notice declares what is missing, that says it best.
        let told = found.iter().any(|known| (&known.key, &known.notice) == (&figure.key, &figure.notice));
        if !told {
            found.push(figure);
        }
    }
    found.sort_by(|a, b| (&a.key, &a.place).cmp(&(&b.key, &b.place)));
    found
}

fn figure(key: &str, by: Cited<'_>, needs: impl Into<String>, filled: Option<(String, Basis)>) -> OpenFigure {
    let provision = by.provision;
    OpenFigure {
        key: key.to_owned(),
        clauses: provision.clauses.clone(),
        needs: needs.into(),
        notice: by.notice.id.clone(),
        place: provision.place.clone(),
        filled,
    }
}

fn declared(terms: &Terms<'_>) -> Vec<OpenFigure> {
    let open = terms.family("open.").filter_map(|(_, by)| {
        let key = by.provision.record.text("what")?;
        let needs = by.provision.record.text("needs").unwrap_or_default();
        let given = terms.get(key).ok().filter(|given| given.notice.id != by.notice.id && !is_open(given.provision));
        let filled = given.map(|given| (given.notice.id.clone(), given.provision.basis));
        Some(figure(key, by, needs, filled))
    });
    open.collect()
}

fn written(terms: &Terms<'_>) -> Vec<OpenFigure> {
    let open = terms.family("").filter(|(_, cited)| is_open(cited.provision));
    let words = |cited: &Cited<'_>| cited.provision.record.text("note").unwrap_or("数额由另外的文件规定").to_owned();
    open.map(|(key, cited)| figure(key, cited, words(&cited), None)).collect()
}

fn stages(terms: &Terms<'_>) -> Vec<OpenFigure> {
    let mut found = Vec::new();
    for (rest, shape) in terms.family("stage.") {
        let Some(id) = rest.strip_suffix(".shape") else { continue };
        for (part, name) in [("deductible", "起付标准"), ("bands", "支付比例"), ("cap", "最高支付限额")] {
            let key = format!("stage.{id}.{part}");
            match terms.get(&key) {
                Ok(_) => {}
                Err(Missing::Ended(on)) => {
                    found.push(figure(&key, shape, format!("{name}（原规定已于 {on} 失效）"), None))
                }
                Err(_) => found.push(figure(&key, shape, name, None)),
            }
        }
    }
    found
}

/// Whether a provision leaves a figure of its own open.
fn is_open(provision: &Provision) -> bool {
    fn open(record: &Record) -> bool {
        record.iter().any(|(name, value)| match value {
            Value::Amount(Amount::Open) => true,
            Value::Bool(true) => name == "open",
            Value::Rows(rows) => rows.iter().any(|row| open(&row.values)),
            _ => false,
        })
    }
    open(&provision.record)
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
                [[open.ratio]]\nclause='T-4'\nwhat='stage.special.bands'\nneeds='比例'\n",
            ),
            file(
                "500000-town/s.toml",
                "[notice]\nid='s'\nkind='supplement'\ntitle='x'\nissued=2020-01-01\n
                [[stage.special.bands]]\nbasis='illustrative'\nsource='假设'\nrows=[{ ratio='70%' }]\n",
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
        ];
        assert_eq!(keys, expected);
        assert_eq!(open[1].filled, Some(("s".to_owned(), Basis::Illustrative)));
    }
}
