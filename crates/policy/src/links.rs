//! What regions and their files say against each other: names used twice, circles, and more names than a mask holds.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Date, Diagnostic};

use crate::library::Library;
use crate::notice::{Notice, NoticeKind};
use crate::region::Region;

/// Tiers are numbered in a mask of 32, of which the last says "none".
const TIERS: usize = 31;
/// Disease lists, carry rules and stages fill a mask of 32.
const MASKED: usize = 32;

/// Notes what is wrong between regions, statistics and notices.
pub(crate) fn check(library: &Library, findings: &mut Vec<Diagnostic>) {
    names(library, findings);
    for region in library.regions.values() {
        circle(library, region, findings);
        ids(region, findings);
        limits(library, region, findings);
        pools(library, region, findings);
    }
    statistics(library, findings);
    repeals(library, findings);
}

/// Every slug, code, name and alias names one region.
fn names(library: &Library, findings: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Region> = BTreeMap::new();
    for region in library.regions.values() {
        let own: BTreeSet<&str> =
            [&region.slug, &region.code, &region.name].into_iter().chain(&region.aliases).map(String::as_str).collect();
        for name in own {
            if let Some(first) = seen.insert(name, region) {
                let message = format!("“{name}” 已是 {} 的名称或代码（{}）(used twice)", first.name, first.place);
                findings.push(Diagnostic::error("duplicate", region.place.clone(), message, "换一个只指本地区的名称"));
            }
        }
    }
}

/// A region is not above itself.
fn circle(library: &Library, region: &Region, findings: &mut Vec<Diagnostic>) {
    let above = library.chain(region);
    let last = above.last().and_then(|top| top.parent.as_deref());
    if last == Some(region.slug.as_str()) {
        let message = format!("{} 的上级又回到 {} (a circle of parents)", region.name, region.name);
        findings.push(Diagnostic::error("parent-circle", region.place.clone(), message, "改正 parent"));
    }
}

fn ids(region: &Region, findings: &mut Vec<Diagnostic>) {
    let tiers: Vec<&str> = region.tiers.iter().map(|(id, _)| id.as_str()).collect();
    let areas: Vec<&str> = region.areas.iter().map(|area| area.id.as_str()).collect();
    for (what, ids) in [("档次", tiers), ("补助地区", areas)] {
        for (at, id) in ids.iter().enumerate().filter(|(at, id)| ids[..*at].contains(id)) {
            let message = format!("第 {} 个{what} “{id}” 与前面的同名 (duplicate id)", at + 1);
            findings.push(Diagnostic::error("duplicate", region.place.clone(), message, "换一个唯一的 id"));
        }
    }
}

fn limits(library: &Library, region: &Region, findings: &mut Vec<Diagnostic>) {
    let counts = |region: &Region| {
        let names = library.names(region, None);
        let stages = library.shapes(region).len();
        [
            ("档次", names.tiers.len(), TIERS),
            ("病种目录", names.diseases.len(), MASKED),
            ("结转规则", names.carries.len(), MASKED),
            ("支付环节", stages, MASKED),
        ]
    };
    let parent = library.chain(region).get(1).map(|parent| counts(parent));
    for (at, (what, count, most)) in counts(region).into_iter().enumerate() {
        // Said once, where the limit is passed.
        let above = parent.is_some_and(|parent| parent[at].1 > most);
        if count > most && !above {
            let message = format!("{} 有 {count} 个{what}，最多 {most} 个 (too many)", region.name);
            findings.push(Diagnostic::error("too-many", region.place.clone(), message, "合并或删去不用的"));
        }
    }
}

/// Caps of one pool are counted over the same time.
fn pools(library: &Library, region: &Region, findings: &mut Vec<Diagnostic>) {
    let mut pools: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    for notice in library.notices_of(region) {
        for provision in notice.provisions.iter().filter(|p| p.key.starts_with("stage.") && p.key.ends_with(".cap")) {
            let (Some(pool), Some(per)) = (provision.record.text("pool"), provision.record.text("per")) else {
                continue;
            };
            // Said in the region whose notice it is, or the first that mixes it with one from above.
            let own = notice.region == region.slug;
            match pools.get(pool) {
                Some((other, others_own)) if *other != per && (own || *others_own) => {
                    let message = format!("`{}` 的 pool “{pool}” 既按 {other} 又按 {per} 计", provision.key);
                    findings.push(Diagnostic::error("pool", provision.place.clone(), message, "分成两个 pool"));
                }
                Some(_) => {}
                None => {
                    pools.insert(pool, (per, own));
                }
            }
        }
    }
}

fn statistics(library: &Library, findings: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for statistic in &library.statistics {
        if let Some(first) = seen.insert((&statistic.region, &statistic.id, statistic.year), &statistic.place) {
            let message = format!("{} 年的 {} 有两个值，另一处在 {first}", statistic.year, statistic.id);
            findings.push(Diagnostic::error("two-values", statistic.place.clone(), message, "留下一个"));
        }
    }
}

/// A repeal that names neither a notice here nor a document number repeals nothing.
fn repeals(library: &Library, findings: &mut Vec<Diagnostic>) {
    for notice in &library.notices {
        let known = |name: &str| {
            let names_it = |other: &Notice| other.id == name || other.number.as_deref() == Some(name);
            library.notices.iter().any(names_it) || name.contains(['〔', '[', '号'])
        };
        for name in notice.repeals.iter().filter(|name| !known(name)) {
            let message = format!("repeals 的 “{name}” 不是这里的通知，也不像文号 (repeals nothing known)");
            let mut finding = Diagnostic::error("dangling", notice.place.clone(), message, "写通知的 id，或完整的文号");
            finding.severity = domain::Severity::Note;
            findings.push(finding);
        }
    }
}

/// Notices that may hold at the same time, so that two values of one day contradict each other: supplements among themselves,
/// notices among themselves, and a draft only within itself.
pub(crate) fn folding(notice: &Notice) -> (u8, &str, &str, Date) {
    let (class, alone) = match notice.kind {
        NoticeKind::Supplement => (0, ""),
        NoticeKind::Notice | NoticeKind::Overlay => (1, ""),
        NoticeKind::Draft => (2, notice.id.as_str()),
        NoticeKind::Frame => (3, ""),
    };
    (class, alone, notice.region.as_str(), notice.issued)
}
