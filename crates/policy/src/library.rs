//! Everything that was read: regions, notices, statistics and the register, linked and checked against each other.
//!
//! The library is given texts, not paths to open: the binary hands it the notices it carries, and the user's folder on top.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Diagnostic, Place, Severity};

use crate::conditions::{Conditions, Names};
use crate::links;
use crate::notice::{self, Adoption, Notice, NoticeFile, NoticeKind, Provision};
use crate::reader::nearest;
use crate::region::{Region, Statistic};
use crate::register::Register;
use crate::registry;
use crate::tables;
use crate::value::{Amount, Derivation, Record, Value};

/// One file of a policies folder.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path below the policies folder, with `/`, as `500000-chongqing/region.toml`.
    pub path: String,
    /// How the user knows the file, for findings.
    pub shown: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// Slug of the region whose folder it lies in; nothing, if it lies in none.
    pub fn region(&self) -> Option<&str> {
        let folder = self.path.split_once('/')?.0;
        Some(folder.split_once('-').map_or(folder, |(_, slug)| slug))
    }
}

/// A case file, kept for the deck.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// Slug of the region whose folder it lies in.
    pub region: String,
    /// How the user knows the file.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// Figures that are no provisions, kept for who computes with them.
#[derive(Clone, Debug)]
pub struct FiguresFile {
    /// Slug of the region whose folder it lies in.
    pub region: String,
    /// How the user knows the file.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// Everything read.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Regions, by slug.
    pub regions: BTreeMap<String, Region>,
    /// Notices, by day of issue.
    pub notices: Vec<Notice>,
    /// Adoptions of drafts.
    pub adoptions: Vec<Adoption>,
    /// Statistics.
    pub statistics: Vec<Statistic>,
    /// The clause register.
    pub register: Register,
    /// Case files.
    pub cases: Vec<CaseFile>,
    /// Figures of made-up populations; what they mean is not known here.
    pub populations: Vec<FiguresFile>,
    /// Assumptions of forecasts; what they mean is not known here.
    pub projections: Vec<FiguresFile>,
    /// What is wrong with the files.
    pub findings: Vec<Diagnostic>,
}

impl Library {
    /// Reads and links files; a later file of the same path replaces an earlier one (the user's folder on top).
    pub fn read(files: impl IntoIterator<Item = SourceFile>) -> Library {
        let mut latest: BTreeMap<String, SourceFile> = BTreeMap::new();
        for file in files {
            latest.insert(file.path.clone(), file);
        }
        let mut library = Library::default();
        for file in latest.values() {
            library.add(file);
        }
        library.notices.sort_by(|a, b| (a.issued, &a.id).cmp(&(b.issued, &b.id)));
        library.link();
        library
    }

    fn add(&mut self, file: &SourceFile) {
        if file.path.ends_with("clauses.tsv") {
            let (register, findings) = Register::read(&file.shown, &file.text);
            self.register.extend(register);
            self.findings.extend(findings);
            return;
        }
        let ending = file.path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let within = file.path.split_once('/').map(|(_, name)| name).zip(file.region());
        let Some((name, slug)) = within.filter(|_| ending == "toml") else {
            if ending.eq_ignore_ascii_case("toml") {
                let cure = "放进地区的文件夹，文件名以小写 .toml 结尾";
                let place = Place { file: file.shown.clone(), line: 1, column: 1, span: (0, 0) };
                self.findings.push(Diagnostic::warning("not-read", place, "这个文件没有读 (not read)", cure));
            }
            return;
        };
        match name {
            "region.toml" => {
                let (region, findings) = Region::read(&file.shown, &file.text);
                self.findings.extend(findings);
                let Some(region) = region else { return };
                if let Some(first) = self.regions.get(&region.slug) {
                    let message = format!("slug “{}” 已在 {} 用过 (used twice)", region.slug, first.place);
                    self.findings.push(Diagnostic::error("duplicate", region.place, message, "换一个唯一的 slug"));
                } else {
                    self.regions.insert(region.slug.clone(), region);
                }
            }
            "statistics.toml" => {
                let (statistics, findings) = Statistic::read(&file.shown, &file.text, slug);
                self.statistics.extend(statistics);
                self.findings.extend(findings);
            }
            "population.toml" | "projection.toml" => {
                let kept = if name == "population.toml" { &mut self.populations } else { &mut self.projections };
                kept.push(FiguresFile { region: slug.to_owned(), shown: file.shown.clone(), text: file.text.clone() });
            }
            case if case.starts_with("cases/") => self.cases.push(CaseFile {
                region: slug.to_owned(),
                shown: file.shown.clone(),
                text: file.text.clone(),
            }),
            _ => {
                let read = NoticeFile::read(&file.shown, &file.text, slug);
                self.notices.extend(read.notice);
                self.adoptions.extend(read.adoptions);
                self.findings.extend(read.findings);
            }
        }
    }

    /// The region that a slug, a code, a Chinese name or an alias names.
    ///
    /// # Errors
    /// The nearest names, when nothing is called so.
    pub fn region(&self, name: &str) -> Result<&Region, String> {
        if let Some(region) = self.regions.values().find(|region| region.is_called(name)) {
            return Ok(region);
        }
        let slugs: Vec<&str> = self.regions.keys().map(String::as_str).collect();
        let near = nearest(name, &slugs).map_or(String::new(), |near| format!("是否要写 {near}？"));
        Err(format!("没有叫“{name}”的统筹区 (unknown region)。{near}可用：{}", slugs.join("、")))
    }

    /// A region and the regions above it, nearest first.
    pub fn chain<'l>(&'l self, region: &'l Region) -> Vec<&'l Region> {
        let mut chain = vec![region];
        while let Some(parent) = chain.last().and_then(|r| r.parent.as_deref()).and_then(|slug| self.regions.get(slug))
        {
            if chain.iter().any(|seen| seen.slug == parent.slug) {
                break;
            }
            chain.push(parent);
        }
        chain
    }

    /// The notices made for a region or one above it, oldest first.
    pub fn notices_of<'l>(&'l self, region: &'l Region) -> Vec<&'l Notice> {
        let chain = self.chain(region);
        self.notices.iter().filter(|notice| chain.iter().any(|r| r.slug == notice.region)).collect()
    }

    /// The tiers of a region: its own, or those of the nearest region above that has some.
    pub fn tiers<'l>(&'l self, region: &'l Region) -> &'l [(String, String)] {
        self.chain(region).into_iter().map(|r| r.tiers.as_slice()).find(|tiers| !tiers.is_empty()).unwrap_or(&[])
    }

    /// The names that conditions of a region may use.
    pub fn names(&self, region: &Region, extra: Option<&Notice>) -> Names {
        let notices = self.notices_of(region);
        let keys =
            || notices.iter().copied().chain(extra).flat_map(|notice| &notice.provisions).map(|p| p.key.as_str());
        let collect = |family: &str| -> Vec<String> {
            let names = keys().filter_map(|key| key.strip_prefix(family)?.split('.').next());
            names.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
        };
        Names {
            tiers: self.tiers(region).iter().map(|(id, _)| id.clone()).collect(),
            diseases: collect("disease."),
            carries: collect("carry."),
        }
    }

    /// A notice by id.
    pub fn notice(&self, id: &str) -> Option<&Notice> {
        self.notices.iter().find(|notice| notice.id == id)
    }

    /// Whether anything read is wrong enough that it may not be used.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn link(&mut self) {
        let mut findings = Vec::new();
        self.link_headers(&mut findings);
        links::check(self, &mut findings);
        for notice in &self.notices {
            let Some(region) = self.regions.get(&notice.region) else { continue };
            findings.extend(self.check_provisions(region, notice, None));
        }
        self.two_values_for_one_day(&mut findings);
        self.findings.extend(findings);
        self.findings.sort_by(|a, b| a.place.cmp(&b.place));
    }

    fn link_headers(&self, findings: &mut Vec<Diagnostic>) {
        for region in self.regions.values() {
            if let Some(parent) = region.parent.as_ref().filter(|parent| !self.regions.contains_key(*parent)) {
                let cure = "写已有的地区 slug，或先建上级地区";
                findings.push(Diagnostic::error(
                    "dangling",
                    region.place.clone(),
                    format!("没有上级地区 “{parent}”"),
                    cure,
                ));
            }
        }
        let mut seen: BTreeMap<&str, &Notice> = BTreeMap::new();
        for notice in &self.notices {
            if !self.regions.contains_key(&notice.region) {
                let message = format!("文件夹所属地区 “{}” 没有 region.toml", notice.region);
                findings.push(Diagnostic::error("dangling", notice.place.clone(), message, "在该文件夹加 region.toml"));
            }
            if let Some(first) = seen.insert(&notice.id, notice) {
                let message = format!("通知编号 “{}” 已在 {} 用过", notice.id, first.place);
                findings.push(Diagnostic::error("duplicate", notice.place.clone(), message, "换一个唯一的 id"));
            }
            if notice.expires.is_some_and(|end| end <= notice.effective) {
                findings.push(Diagnostic::error(
                    "empty-period",
                    notice.place.clone(),
                    "失效日不晚于施行日",
                    "改正 effective、expires 或 valid_years",
                ));
            }
        }
        for notice in &self.notices {
            if let Some(id) =
                notice.accompanies.as_ref().filter(|id| self.notice(id).is_none_or(|n| n.kind != NoticeKind::Draft))
            {
                let message = format!("没有编号为 “{id}” 的征求意见稿");
                findings.push(Diagnostic::error(
                    "dangling",
                    notice.place.clone(),
                    message,
                    "accompanies 写草案文件 [notice] 的 id",
                ));
            }
        }
        for adoption in &self.adoptions {
            let known = self.notice(&adoption.notice).is_some_and(|n| n.kind == NoticeKind::Draft);
            if !known {
                let message = format!("没有编号为 “{}” 的征求意见稿", adoption.notice);
                findings.push(Diagnostic::error(
                    "dangling",
                    adoption.place.clone(),
                    message,
                    "写草案文件 [notice] 的 id",
                ));
            }
        }
    }

    /// Checks provisions of a notice (or of a test's overlay) for names, clauses and tables.
    pub fn check_provisions(&self, region: &Region, notice: &Notice, overlay: Option<&Notice>) -> Vec<Diagnostic> {
        let names = self.names(region, overlay);
        let mut stages = self.stages_of(region, overlay);
        let mut findings = Vec::new();
        for provision in &notice.provisions {
            self.check_clauses(provision, &mut findings);
            self.check_references(region, provision, &names, &stages.named, &mut findings);
            stages.check_shape(provision, &mut findings);
            tables::check(provision, &names, &mut findings);
        }
        findings
    }

    /// The stages of which a region's notices give the shape.
    pub(crate) fn shapes<'l>(&'l self, region: &'l Region) -> BTreeSet<&'l str> {
        let keys = self.notices_of(region).into_iter().flat_map(|notice| &notice.provisions);
        keys.filter_map(|p| p.key.strip_prefix("stage.")?.strip_suffix(".shape")).collect()
    }

    fn stages_of(&self, region: &Region, overlay: Option<&Notice>) -> Stages {
        // A province may state parts of a stage whose shape its cities give, so look below as well as above.
        let below = self.regions.values().filter(|r| self.chain(r).iter().any(|above| above.slug == region.slug));
        let notices = below.flat_map(|r| self.notices_of(r));
        let mut stages = Stages::default();
        for provision in notices.chain(overlay).flat_map(|notice| &notice.provisions) {
            let Some((id, part)) = provision.key.strip_prefix("stage.").and_then(|rest| rest.split_once('.')) else {
                continue;
            };
            stages.named.insert(id.to_owned());
            if part == "shape" {
                stages.shaped.insert(id.to_owned());
            }
        }
        stages
    }

    fn check_clauses(&self, provision: &Provision, findings: &mut Vec<Diagnostic>) {
        for clause in &provision.clauses {
            if self.register.get(clause).is_none() {
                let ids: Vec<&str> = self.register.iter().map(|c| c.id.as_str()).collect();
                let near = nearest(clause, &ids)
                    .map_or("查 policies/clauses.tsv".to_owned(), |near| format!("是否要写 {near}？"));
                let message = format!("登记表里没有条款 {clause} (unknown clause)");
                findings.push(
                    Diagnostic::error("unknown-clause", provision.place.clone(), message, near).citing(clause.clone()),
                );
            }
        }
    }

    fn check_references(
        &self,
        region: &Region,
        provision: &Provision,
        names: &Names,
        stages: &BTreeSet<String>,
        findings: &mut Vec<Diagnostic>,
    ) {
        let mut dangling = |what: &str, name: &str, known: &[&str]| {
            let cure = match nearest(name, known) {
                Some(near) => format!("是否要写 “{near}”？"),
                None if known.is_empty() => format!("先写出这个{what}"),
                None => format!("可用：{}", known.join("、")),
            };
            let message = format!("`{}` 用到没有的{what} “{name}” (dangling reference)", provision.key);
            findings.push(Diagnostic::error("dangling", provision.place.clone(), message, cure));
        };
        let tiers: Vec<&str> = names.tiers.iter().map(String::as_str).collect();
        let carries: Vec<&str> = names.carries.iter().map(String::as_str).collect();
        let stage_ids: Vec<&str> = stages.iter().map(String::as_str).collect();
        for when in conditions(&provision.record) {
            if let Err((kind, name)) = when.test(names) {
                let (what, known): (&str, Vec<&str>) = match kind {
                    "tier" => ("档次", tiers.clone()),
                    "disease" => ("病种目录", names.diseases.iter().map(String::as_str).collect()),
                    _ => ("结转规则", carries.clone()),
                };
                dangling(what, &name, &known);
            }
        }
        for field in ["minus_carry", "plus_carry"] {
            if let Some(name) = provision.record.text(field).filter(|name| !carries.contains(name)) {
                dangling("结转规则", name, &carries);
            }
        }
        if let Some(name) = provision.record.text("stage").filter(|name| !stages.contains(*name)) {
            dangling("支付环节", name, &stage_ids);
        }
        let about = provision.key.starts_with("check.") || provision.key.starts_with("open.");
        if let Some(what) = provision.record.text("what").filter(|_| about) {
            let stage = what.strip_prefix("stage.").and_then(|rest| rest.split('.').next());
            // A notice may leave a whole stage or a whole list to another text, which then is written nowhere.
            let family = stage.is_some_and(|id| what == format!("stage.{id}"))
                || registry::part(&format!("{what}.any")).is_some();
            let whole = provision.key.starts_with("open.") && family;
            if registry::part(what).is_none() && !whole {
                let near = notice::nearest_key(what);
                dangling("条款", what, &near.iter().map(String::as_str).collect::<Vec<_>>());
            } else if let Some(id) = stage.filter(|id| !whole && !stages.contains(*id)) {
                dangling("支付环节", id, &stage_ids);
            }
        }
        for row in provision.record.rows("rows") {
            if let Some(tier) = row.values.text("becomes").filter(|tier| !tiers.contains(tier)) {
                dangling("档次", tier, &tiers);
            }
        }
        for rule in derivations(&provision.record) {
            let of_region = rule.region.as_deref().map_or(Ok(region), |name| self.region(name));
            let known = of_region.is_ok_and(|r| {
                let chain = self.chain(r);
                self.statistics.iter().any(|s| s.id == rule.of && chain.iter().any(|c| c.slug == s.region))
            });
            if !known && !self.regions.values().any(|r| r.parent.as_deref() == Some(&region.slug)) {
                dangling("统计数", &rule.of, &[]);
            }
        }
    }

    /// Two provisions of equal rank that start on the same day for the same key.
    fn two_values_for_one_day(&self, findings: &mut Vec<Diagnostic>) {
        let mut seen = BTreeMap::new();
        for notice in &self.notices {
            for provision in &notice.provisions {
                let key = (links::folding(notice), provision.key.as_str(), provision.period.from);
                if let Some(first) = seen.insert(key, provision) {
                    let message = format!(
                        "`{}` 从 {} 起有两个值，另一处在 {}",
                        provision.key, provision.period.from, first.place
                    );
                    let cure = "留下一个；若前者到期，给它写 until，后者写 from";
                    findings.push(Diagnostic::error("two-values", provision.place.clone(), message, cure));
                }
            }
        }
    }
}

/// The stages that notices speak of, and those that have a shape.
#[derive(Default)]
struct Stages {
    named: BTreeSet<String>,
    shaped: BTreeSet<String>,
}

impl Stages {
    /// Warns, once a notice, of parts of a stage that no file gives a shape: nobody is ever paid by them.
    fn check_shape(&mut self, provision: &Provision, findings: &mut Vec<Diagnostic>) {
        let Some(id) = provision.key.strip_prefix("stage.").and_then(|rest| rest.split('.').next()) else { return };
        if self.shaped.insert(id.to_owned()) {
            let message = format!("`{}`：没有 [[stage.{id}.shape]]，这个环节不会支付 (no shape)", provision.key);
            let cure = format!("写 [[stage.{id}.shape]]，或改正环节名");
            findings.push(Diagnostic::warning("dangling", provision.place.clone(), message, cure));
        }
    }
}

/// All conditions in a record, those of rows included.
pub fn conditions(record: &Record) -> Vec<&Conditions> {
    let mut found = Vec::new();
    for (_, value) in record.iter() {
        match value {
            Value::When(when) => found.push(when),
            Value::Rows(rows) => {
                for row in rows {
                    found.push(&row.when);
                    found.extend(conditions(&row.values));
                }
            }
            _ => {}
        }
    }
    found
}

/// All rules on statistics in a record, those of rows included.
pub(crate) fn derivations(record: &Record) -> Vec<&Derivation> {
    let mut found = Vec::new();
    for (_, value) in record.iter() {
        match value {
            Value::Rule(rule) | Value::Amount(Amount::Derived(rule)) => found.push(rule),
            Value::Rows(rows) => found.extend(rows.iter().flat_map(|row| derivations(&row.values))),
            _ => {}
        }
    }
    found
}
