//! Which variants a run compares: the baseline, then one for each draft, each `--set` and each of a file.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use microsim::run::Variant;
use policy::{Library, Notice, NoticeKind, Region, View};
use serde::Deserialize;

use super::Args;
use crate::stop::Stop;

/// The variants, with the overlays that their figures stand in.
pub struct Plans {
    plans: Vec<Plan>,
}

/// A variant before it is a view.
struct Plan {
    name: String,
    drafts: Vec<String>,
    set: Vec<String>,
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
    pub fn of(args: &Args, library: &Library, region: &Region, year: i16) -> anyhow::Result<Plans> {
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
            let overlay = overlay(library, region, &view, year, &set)?;
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
            set: plan.set.clone(),
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

fn overlay(_: &Library, _: &Region, _: &View<'_>, _: i16, set: &[String]) -> anyhow::Result<Option<Notice>> {
    anyhow::ensure!(set.is_empty(), "pending");
    Ok(None)
}
