//! Which variants a run compares: the baseline, then one for each draft, each `--set` and each of a file.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use domain::Date;
use microsim::run::Variant;
use policy::{Notice, NoticeKind, Region, Set, View};
use serde::Deserialize;

use super::Args;
use crate::session::Session;
use crate::stop::Stop;
use crate::verbs::policy::over;

/// The variants, with the overlays that their figures stand in.
pub struct Plans {
    plans: Vec<Plan>,
}

/// A variant before it is a view.
struct Plan {
    name: String,
    drafts: Vec<String>,
    set: Vec<Set>,
    overlay: Option<Notice>,
}

/// A file of variants.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantFile {
    variant: Vec<Written>,
}

/// A variant of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default)]
    draft: Vec<String>,
    #[serde(default)]
    set: Vec<String>,
}

impl Plans {
    /// Of a command line.
    pub fn of(args: &Args, session: &Session, region: &Region, year: i16) -> anyhow::Result<Plans> {
        let library = session.library()?;
        let mut written = vec![Written { name: "baseline".to_owned(), draft: Vec::new(), set: Vec::new() }];
        let draft = |draft: &String| Written { name: draft.clone(), draft: vec![draft.clone()], set: Vec::new() };
        written.extend(args.draft.iter().map(draft));
        let set = |set: &String| {
            let set = set.split(';').map(|set| set.trim().to_owned()).filter(|set| !set.is_empty());
            Written { name: String::new(), draft: Vec::new(), set: set.collect() }
        };
        written.extend(args.set.iter().map(set).map(|written| Written { name: written.set.join("; "), ..written }));
        if let Some(path) = &args.variants {
            written.extend(read(path)?);
        }
        let known: Vec<&str> =
            library.notices.iter().filter(|n| n.kind == NoticeKind::Draft).map(|n| n.id.as_str()).collect();
        let mut plans: Vec<Plan> = Vec::new();
        for Written { name, draft, set } in written {
            if plans.iter().any(|plan| plan.name == name) {
                let what = format!("有两个方案都叫 “{name}” (variant named twice)");
                return Err(Stop::usage(what, "各取一个名字").into());
            }
            let drafts = [args.base.clone(), draft].concat();
            if let Some(unknown) = drafts.iter().find(|draft| !known.contains(&draft.as_str())) {
                let what = format!("没有征求意见稿 “{unknown}” (unknown draft)");
                return Err(Stop::usage(what, format!("可用：{}", known.join("、"))).into());
            }
            let view = View { known_on: args.known_on, drafts: drafts.clone(), ..View::default() };
            let set = set.iter().map(|set| Set::parse(set)).collect::<Result<Vec<Set>, String>>();
            let set = set.map_err(|told| unset(&name, &told))?;
            let overlay = over(session, library, region, &view, span(year)?, &set)?;
            plans.push(Plan { name, drafts, set, overlay });
        }
        Ok(Plans { plans })
    }

    /// As a run takes them.
    pub fn variants(&self, args: &Args) -> Vec<Variant<'_>> {
        let view = |plan: &Plan| View { known_on: args.known_on, drafts: plan.drafts.clone(), ..View::default() };
        let each = self.plans.iter().map(|plan| Variant {
            name: plan.name.clone(),
            view: View { overlay: plan.overlay.as_ref(), ..view(plan) },
            set: plan.set.iter().map(|set| set.text().to_owned()).collect(),
        });
        each.collect()
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<Written>> {
    let told = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(told)?;
    let file: VariantFile = toml::from_str(&text).map_err(|error| {
        Stop::usage(format!("{}：{error}", told()), "写作 [[variant]] name = \"…\"，draft = […]，set = […]")
    })?;
    Ok(file.variant)
}

/// A change that cannot be read: what, and what to do, which the library tells in two lines.
fn unset(variant: &str, told: &str) -> Stop {
    let (what, cure) = told.split_once("\n  = ").unwrap_or((told, ""));
    Stop::usage(format!("{variant}：{what}"), cure)
}

/// The days of a year.
fn span(year: i16) -> Result<(Date, Date), Stop> {
    let day = |month, day| Date::new(year, month, day);
    match (day(1, 1), day(12, 31)) {
        (Ok(first), Ok(last)) => Ok((first, last)),
        _ => Err(Stop::usage(format!("年度 {year} (no such year)"), "核对 --year")),
    }
}
