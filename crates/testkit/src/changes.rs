//! Other figures: each figure of a region's benefits lowered and raised.

use domain::Date;
use policy::set::{Set, overlay, settable};
use policy::{Library, Notice, View};

/// The most figures that are changed, spread over all there are.
const FIGURES: usize = 16;

/// Figures of a region's benefits in some days, each lowered and raised, that the notices' own checks let pass.
pub fn changes(library: &Library, region: &str, (first, last): (Date, Date)) -> Vec<Notice> {
    let (region, view) = (library.region(region).expect("a shipped region"), View::default());
    let figures = settable(&library.terms(region, last, &view));
    let figures: Vec<_> = figures.iter().filter(|one| one.path.starts_with("stage.") && one.is_figure()).collect();
    let every = figures.len().div_ceil(FIGURES).max(1);
    let mut changes = Vec::new();
    for one in figures.iter().step_by(every) {
        for factor in ["*0.6", "*1.3"] {
            let Ok(set) = Set::parse(&format!("{}={factor}", one.path)) else { continue };
            changes.extend(overlay(library, region, &view, first, last, &[set]));
        }
    }
    changes
}
