//! Terms of a region for some years, compiled once and used by any number of threads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Basis, Date, Payer, Severity};
use policy::set::{self, Set};
use policy::{Library, NoticeKind, SourceFile, View};
use pyo3::intern;
use pyo3::prelude::*;
use settlement::{Engine, Options};
use shelf::Shelf;

use crate::explain::{self, Explanation};
use crate::fault::Fault;
use crate::settle::{self, How};
use crate::table::{Input, Table};

/// A file laid over the carried ones: path below `policies/`, path as people know it, and text.
type Overlay = (String, String, String);

/// First day and hash of each plan.
type Plans = Vec<(String, String)>;

/// All that [`load`] takes.
type Loading = (String, i16, i16, Vec<String>, Option<String>, bool, Vec<String>, Vec<Overlay>, Vec<String>, String);

/// The terms of a region, ready to settle. Made by `tongchou.terms`.
#[pyclass(frozen, module = "tongchou")]
pub struct Terms {
    /// All that settling takes.
    pub made: Arc<Made>,
}

/// What terms are made of.
pub struct Made {
    /// Slug of the region.
    pub region: String,
    /// Its Chinese name.
    pub region_name: String,
    /// All that the region is called by: a bill may name it so.
    pub called: policy::Region,
    /// Tiers of contribution: id and Chinese name.
    pub tiers: Vec<(String, String)>,
    /// What they are called among others.
    pub name: String,
    /// First and last year.
    pub years: (i16, i16),
    /// The plans.
    pub engine: Engine,
    /// The funds that any plan pays from, in legal order.
    pub funds: Vec<Payer>,
    asked: Asked,
    overlays: Vec<Overlay>,
}

#[derive(Clone)]
struct Asked {
    drafts: Vec<String>,
    known_on: Option<Date>,
    strict: bool,
    set: Vec<Set>,
}

/// Loads terms. `overlays` are files that were read before, elsewhere; `policies` folders to read now.
#[pyfunction]
#[pyo3(name = "_load", signature = (region, first_year, last_year, drafts, known_on, strict, policies, overlays, set, name))]
#[expect(clippy::too_many_arguments, reason = "called by `tongchou.terms` alone, which names them")]
pub fn load(
    py: Python<'_>,
    region: String,
    first_year: i16,
    last_year: i16,
    drafts: Vec<String>,
    known_on: Option<String>,
    strict: bool,
    policies: Vec<PathBuf>,
    overlays: Vec<Overlay>,
    set: Vec<String>,
    name: Option<String>,
) -> PyResult<Terms> {
    let known_on = known_on.map(|day| parsed(&day)).transpose()?;
    let set = set.iter().map(|text| Set::parse(text).map_err(cure_apart)).collect::<Result<_, _>>()?;
    let asked = Asked { drafts, known_on, strict, set };
    let made = py.detach(|| {
        let mut overlays = overlays;
        let read = shelf::overlays(&policies).map_err(|no| Fault::usage(no.what, no.cure))?;
        overlays.extend(read.into_iter().map(|file| (file.path, file.shown, file.text)));
        Made::new(&region, (first_year, last_year), asked, overlays, name)
    });
    Ok(Terms { made: Arc::new(made?) })
}

/// Slug and Chinese name of every region that terms can be loaded for.
#[pyfunction]
pub fn regions(policies: Vec<PathBuf>) -> PyResult<Vec<(String, String)>> {
    let read = shelf::overlays(&policies).map_err(|no| Fault::usage(no.what, no.cure))?;
    let library = library(&read.into_iter().map(|file| (file.path, file.shown, file.text)).collect::<Vec<_>>())?;
    Ok(library.regions.values().map(|region| (region.slug.clone(), region.name.clone())).collect())
}

/// A text of what is wrong and, below, what to do.
fn cure_apart(text: String) -> Fault {
    let (what, cure) = text.split_once("\n  = ").unwrap_or((&text, ""));
    Fault::usage(what, cure)
}

fn parsed(day: &str) -> Result<Date, Fault> {
    day.parse().map_err(|_| Fault::usage(format!("“{day}”不是日期"), "日期写成 2022-01-31，或用 datetime.date"))
}

/// How many libraries are kept: reading one takes longer than settling a small table.
const KEPT: usize = 4;
static LIBRARIES: Mutex<Vec<(Vec<Overlay>, Arc<Library>)>> = Mutex::new(Vec::new());

/// The carried notices with files laid over them; the same one for the same files.
fn library(overlays: &[Overlay]) -> Result<Arc<Library>, Fault> {
    let mut kept = LIBRARIES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = kept.iter().find(|(known, _)| known == overlays).map(|(_, library)| library.clone());
    let library = known.unwrap_or_else(|| {
        let files = overlays.iter().cloned().map(|(path, shown, text)| SourceFile { path, shown, text });
        let library = Shelf::over(files).library;
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((overlays.to_vec(), library.clone()));
        library
    });
    if library.has_errors() {
        let errors = library.findings.iter().filter(|finding| finding.severity == Severity::Error);
        return Err(Fault::Policy(errors.cloned().collect()));
    }
    Ok(library)
}

impl Made {
    fn new(
        region: &str,
        years: (i16, i16),
        asked: Asked,
        overlays: Vec<Overlay>,
        name: Option<String>,
    ) -> Result<Made, Fault> {
        let library = library(&overlays)?;
        let found = library
            .region(region)
            .map_err(|what| Fault::usage(what, "tongchou.regions() 列出各地区；自己的地区用 policies=[目录] 加上"))?;
        let drafts: Vec<&str> =
            library.notices.iter().filter(|n| n.kind == NoticeKind::Draft).map(|n| n.id.as_str()).collect();
        if let Some(unknown) = asked.drafts.iter().find(|draft| !drafts.contains(&draft.as_str())) {
            let what = format!("没有征求意见稿 “{unknown}” (unknown draft)");
            return Err(Fault::usage(what, format!("可用：{}", drafts.join("、"))));
        }
        let day = |year, month, day| Date::new(year, month, day).ok().filter(|_| (1900..=2199).contains(&year));
        let span = day(years.0, 1, 1).zip(day(years.1, 12, 31)).filter(|(first, last)| first <= last);
        let Some((first, last)) = span else {
            let what = format!("年份 {} 至 {} 不成一段", years.0, years.1);
            return Err(Fault::usage(what, "year=2022，或 year=(2021, 2023)"));
        };
        let view = View { known_on: asked.known_on, drafts: asked.drafts.clone(), ..View::default() };
        let changed = (!asked.set.is_empty()).then(|| set::overlay(&library, found, &view, first, last, &asked.set));
        let changed = changed.transpose().map_err(Fault::Policy)?;
        let view = View { overlay: changed.as_ref(), ..view };
        let engine = Engine::compile(&library, found, &view, Options { strict: asked.strict }, first, last);
        let mut funds: Vec<Payer> =
            engine.plans().iter().flat_map(|plan| &plan.stages).map(|stage| stage.payer).collect();
        funds.sort_unstable();
        funds.dedup();
        let variant: Vec<&str> =
            asked.drafts.iter().map(String::as_str).chain(asked.set.iter().map(Set::text)).collect();
        let default = || if variant.is_empty() { "baseline".to_owned() } else { variant.join("+") };
        Ok(Made {
            region: found.slug.clone(),
            region_name: found.name.clone(),
            called: found.clone(),
            tiers: library.tiers(found).to_vec(),
            name: name.unwrap_or_else(default),
            years,
            engine,
            funds,
            asked,
            overlays,
        })
    }

    /// The weakest basis that any figure of the terms rests on.
    fn basis(&self) -> Basis {
        self.engine.plans().iter().flat_map(|plan| &plan.cites).map(|cite| cite.basis).max().unwrap_or_default()
    }
}

#[pymethods]
impl Terms {
    /// Slug of the region.
    #[getter]
    fn region(&self) -> &str {
        &self.made.region
    }

    /// Chinese name of the region.
    #[getter]
    fn region_name(&self) -> &str {
        &self.made.region_name
    }

    /// What they are called among others.
    #[getter]
    fn name(&self) -> &str {
        &self.made.name
    }

    /// First and last year.
    #[getter]
    fn years(&self) -> (i16, i16) {
        self.made.years
    }

    /// Codes of the funds that may pay, in legal order.
    #[getter]
    fn funds(&self) -> Vec<&'static str> {
        self.made.funds.iter().map(|fund| fund.code()).collect()
    }

    /// Of each span of days on which the terms stay the same, its first day and the hash of the terms.
    #[getter]
    fn hashes(&self) -> Plans {
        self.made.engine.plans().iter().map(|plan| (plan.from.to_string(), plan.hash.clone())).collect()
    }

    /// Code of the weakest basis that any figure of the terms rests on.
    #[getter]
    fn basis(&self) -> &'static str {
        self.made.basis().code()
    }

    /// Settles a table of bills.
    #[pyo3(signature = (table, *, keep_going = false, threads = None))]
    fn settle(&self, py: Python<'_>, table: Input, keep_going: bool, threads: Option<usize>) -> PyResult<Table> {
        let made = self.made.clone();
        let how = How { keep_going, threads, funds: made.funds.clone() };
        Ok(py.detach(move || settle::table(&made, &table, &how))?)
    }

    /// The same by one thread, with columns for the funds of other terms too.
    fn _settle_beside(&self, py: Python<'_>, table: Input, others: Vec<PyRef<'_, Terms>>) -> PyResult<Table> {
        let made = self.made.clone();
        let funds = settle::funds_of(others.iter().map(|terms| &*terms.made).chain([&*made]));
        let how = How { keep_going: false, threads: Some(1), funds };
        Ok(py.detach(move || settle::table(&made, &table, &how))?)
    }

    /// What is paid of one bill, a mapping with the columns of a file of bills, and why; after the person's earlier bills.
    #[pyo3(signature = (bill, *, before = None))]
    fn explain(
        &self,
        py: Python<'_>,
        bill: &Bound<'_, PyAny>,
        before: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Explanation> {
        let as_json = py.import(intern!(py, "tongchou._bill"))?.getattr(intern!(py, "as_json"))?;
        let bills: Vec<String> = as_json.call1((bill, before))?.extract()?;
        let made = self.made.clone();
        Ok(py.detach(move || explain::last(&made, &bills))?)
    }

    /// For another process to make the same terms, as Spark's workers do.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Plans, Loading))> {
        let Made { region, years, asked, overlays, name, .. } = &*self.made;
        let known_on = asked.known_on.map(|day| day.to_string());
        let (drafts, overlays, name) = (asked.drafts.clone(), overlays.clone(), name.clone());
        let set = asked.set.iter().map(|set| set.text().to_owned()).collect();
        let loading =
            (region.clone(), years.0, years.1, drafts, known_on, asked.strict, Vec::new(), overlays, set, name);
        Ok((py.import(intern!(py, "tongchou"))?.getattr(intern!(py, "_again"))?, (self.hashes(), loading)))
    }

    fn __repr__(&self) -> String {
        let Made { region_name, years, name, .. } = &*self.made;
        let years = if years.0 == years.1 { years.0.to_string() } else { format!("{}–{}", years.0, years.1) };
        format!("<tongchou.Terms {name}: {region_name} {years}, weakest basis {}>", self.made.basis().code())
    }
}
