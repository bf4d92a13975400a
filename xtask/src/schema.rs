//! `schema`: writes docs/reference (the pages on fields and diagnostics, and the JSON schema that editors complete from)
//! anew from the program's own registry of fields.
//!
//! Everything under docs/reference is generated. The pages are made in a folder of the build and laid over the old ones,
//! so that a page whose source is gone goes too, and `--check` can say what is stale without touching anything.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{run, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// Change nothing; fail when a page is stale
    #[arg(long)]
    pub check: bool,
}

/// Pages by their path below docs/reference.
type Pages = BTreeMap<String, Vec<u8>>;

pub fn run(args: &Args) -> Result<()> {
    let target = run::root()?.join("docs/reference");
    let wanted = generated()?;
    let present = pages_in(&target)?;
    let stale = differences(&wanted, &present);
    if args.check {
        if !stale.is_empty() {
            bail!("docs/reference is stale (cure: cargo xtask schema)\n  {}", stale.join("\n  "));
        }
        println!("docs/reference: {} pages, all up to date", wanted.len());
        return Ok(());
    }
    for name in present.keys().filter(|name| !wanted.contains_key(*name)) {
        fs::remove_file(target.join(name))?;
    }
    for (name, bytes) in &wanted {
        let path = target.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for line in &stale {
        println!("{line}");
    }
    println!("docs/reference: {} pages, {} changed", wanted.len(), stale.len());
    Ok(())
}

fn generated() -> Result<Pages> {
    let staging = workspace::metadata()?.target_directory.join("xtask/reference");
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    fs::create_dir_all(&staging)?;
    run::go(run::tongchou(&["reference", "--out", &staging.to_string_lossy()])?)?;
    let pages = pages_in(&staging)?;
    if pages.is_empty() {
        bail!("`tongchou reference` wrote nothing");
    }
    Ok(pages)
}

fn pages_in(folder: &Path) -> Result<Pages> {
    let mut pages = Pages::new();
    if folder.exists() {
        gather(folder, "", &mut pages)?;
    }
    Ok(pages)
}

fn gather(folder: &Path, above: &str, pages: &mut Pages) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{name}/"), pages)?;
        } else {
            pages.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn differences(wanted: &Pages, present: &Pages) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, bytes) in wanted {
        match present.get(name) {
            None => lines.push(format!("{name}: missing")),
            Some(old) if old != bytes => lines.push(format!("{name}: differs")),
            Some(_) => {}
        }
    }
    for name in present.keys().filter(|name| !wanted.contains_key(*name)) {
        lines.push(format!("{name}: no longer generated"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(list: &[(&str, &str)]) -> Pages {
        list.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn names_every_stale_page() {
        let wanted = pages(&[("a.md", "1"), ("b.md", "2"), ("c.md", "3")]);
        let present = pages(&[("a.md", "1"), ("b.md", "old"), ("d.md", "4")]);
        assert_eq!(differences(&wanted, &present), ["b.md: differs", "c.md: missing", "d.md: no longer generated"]);
        assert!(differences(&wanted, &wanted).is_empty());
    }
}
