//! From an order to the variants of a run: the baseline, the draft that is loaded, the draft that was pasted, the figures changed.
//! Checked as the command line checks them, before anything is begun.

use std::sync::Arc;

use domain::{Date, Diagnostic, Severity};
use microsim::run::Variant;
use pages::simulate::{At, Fault, Order};
use policy::set::{Set, overlay};
use policy::{Library, Notice, NoticeKind, Region, SourceFile, View};

use super::{Hall, fault};

/// How findings call the draft that was pasted.
const PASTED: &str = "草案";
/// The name of the variant that the terms as they are make.
const BASELINE: &str = "baseline";

/// The variants of an order, with what they look at.
pub struct Plans {
    /// The notices, with the draft that was pasted.
    pub library: Arc<Library>,
    plans: Vec<Plan>,
}

/// A variant before it is a view.
struct Plan {
    name: String,
    drafts: Vec<String>,
    set: Vec<String>,
    overlay: Option<Notice>,
}

impl Plan {
    fn of(name: &str, drafts: Vec<String>) -> Plan {
        Plan { name: name.to_owned(), drafts, set: Vec::new(), overlay: None }
    }
}

impl Plans {
    /// Of an order.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn of(hall: &Hall, order: &Order) -> Result<Plans, Vec<Fault>> {
        let region = hall.library.region(&order.region).map_err(|what| fault(what, "从列出的地区里选"))?;
        let (library, pasted) = laid_over(hall, region, &order.text)?;
        let mut plans = vec![Plan::of(BASELINE, Vec::new())];
        if !order.draft.is_empty() {
            let known = library.notice(&order.draft).filter(|notice| notice.kind == NoticeKind::Draft);
            // One of another region would change nothing here.
            let chain = library.chain(region);
            let known = known.filter(|notice| chain.iter().any(|region| region.slug == notice.region));
            let wrong = || {
                let what = format!("没有征求意见稿 “{}” (unknown draft)", order.draft);
                vec![Fault { at: At::Draft, what, cure: "从列出的里选".to_owned() }]
            };
            let draft = known.ok_or_else(wrong)?;
            plans.push(Plan::of(&draft.id, vec![draft.id.clone()]));
        }
        plans.extend(pasted.iter().map(|id| Plan::of(id, vec![id.clone()])));
        if !order.set.is_empty() {
            plans.push(figures(&library, order)?);
        }
        Ok(Plans { library, plans })
    }

    /// As a run takes them.
    pub fn variants(&self) -> Vec<Variant<'_>> {
        let each = self.plans.iter().map(|plan| Variant {
            name: plan.name.clone(),
            view: View { drafts: plan.drafts.clone(), overlay: plan.overlay.as_ref(), ..View::default() },
            set: plan.set.clone(),
        });
        each.collect()
    }
}

/// The variant of the figures changed.
fn figures(library: &Library, order: &Order) -> Result<Plan, Vec<Fault>> {
    let wrong = |at: usize, told: &str| {
        let (what, cure) = told.split_once("\n  = ").unwrap_or((told, ""));
        Fault { at: At::Set(at), what: what.to_owned(), cure: cure.to_owned() }
    };
    let (mut places, mut sets, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (at, text) in order.set.iter().enumerate() {
        match Set::parse(text) {
            Ok(set) => {
                places.push(at);
                sets.push(set);
            }
            Err(told) => faults.push(wrong(at, &told)),
        }
    }
    let region = library.region(&order.region).map_err(|what| fault(what, ""))?;
    let day = |month, day| {
        Date::new(order.year, month, day).map_err(|_| fault(format!("年度 {} (no such year)", order.year), "核对年度"))
    };
    let told = |finding: Diagnostic| {
        // A line a change.
        let at = finding.place.line.checked_sub(1).and_then(|line| places.get(line));
        Fault { at: at.map_or(At::Whole, |at| At::Set(*at)), what: finding.message, cure: finding.cure }
    };
    let overlay = overlay(library, region, &View::default(), day(1, 1)?, day(12, 31)?, &sets);
    let overlay = overlay.map_err(|findings| faults.extend(findings.into_iter().map(told)));
    let Some(overlay) = overlay.ok().filter(|_| faults.is_empty()) else { return Err(faults) };
    Ok(Plan { name: order.set.join("; "), drafts: Vec::new(), set: order.set.clone(), overlay: Some(overlay) })
}

/// The notices with a draft that was pasted, if one was, and its id.
fn laid_over(hall: &Hall, region: &Region, text: &str) -> Result<(Arc<Library>, Option<String>), Vec<Fault>> {
    if text.trim().is_empty() {
        return Ok((Arc::clone(&hall.library), None));
    }
    let wrong = |what: String, cure: String| Fault { at: At::Text, what, cure };
    let folder = hall
        .files
        .iter()
        .filter(|file| file.region() == Some(region.slug.as_str()))
        .find_map(|file| file.path.strip_suffix("/region.toml"))
        .unwrap_or(&region.slug);
    let path = format!("{folder}/pasted-draft.toml");
    let pasted = SourceFile { path, shown: PASTED.to_owned(), text: text.replace("\r\n", "\n") };
    let library = Library::read(hall.files.iter().cloned().chain([pasted]));
    // Who tries a draft out has not entered its clauses into the register yet.
    let is_new = |finding: &Diagnostic| finding.code == "unknown-clause" && finding.place.file == PASTED;
    let errors: Vec<Fault> = library
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error && !is_new(finding))
        .map(|Diagnostic { place, message, cure, .. }| wrong(format!("{place}：{message}"), cure.clone()))
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let notice = library.notices.iter().find(|notice| notice.place.file == PASTED);
    match notice.filter(|notice| notice.kind == NoticeKind::Draft).map(|notice| notice.id.clone()) {
        Some(id) if id == BASELINE => {
            let what = format!("有两个方案都叫 “{id}” (variant named twice)");
            Err(vec![wrong(what, "改成唯一的编号".to_owned())])
        }
        Some(id) => Ok((Arc::new(library), Some(id))),
        None => {
            let what = "贴上的不是征求意见稿 (not a draft)".to_owned();
            Err(vec![wrong(what, "在 [notice] 里写 kind = \"draft\"".to_owned())])
        }
    }
}
