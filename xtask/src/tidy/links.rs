//! Links between the pages of the repository lead somewhere. Links to the outside are not followed.

use std::collections::BTreeSet;

use crate::workspace::Source;

pub fn check(files: &[Source]) -> Vec<String> {
    let known: BTreeSet<&str> = files.iter().flat_map(|file| with_folders(&file.path)).collect();
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("md")) {
        for (index, line) in file.text.lines().enumerate() {
            for target in targets(line) {
                if !known.contains(resolved(&file.path, target).as_str()) {
                    findings.push(format!("{}:{}: `{target}` leads nowhere", file.path, index + 1));
                }
            }
        }
    }
    findings
}

/// The path itself and every folder above it.
fn with_folders(path: &str) -> impl Iterator<Item = &str> {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.chain([path])
}

/// What `](…)` names on this line, without anchors; links to the outside and to the same page are left out.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ', '#']).next()?;
        let inside = !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
        inside.then_some(target)
    })
}

fn resolved(page: &str, target: &str) -> String {
    let mut steps: Vec<&str> = page.split('/').collect();
    steps.pop();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            _ => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_named() {
        let page = |path: &str, text: &str| Source { path: path.to_string(), text: text.to_string() };
        let files = [
            page("README.md", "[a](docs/a.md#top), [b](docs/b.md) and [out](https://example.org/x)\n[here](#x)"),
            page("docs/a.md", "[up](../README.md), [folder](../docs/) ![picture](p.svg)"),
        ];
        assert_eq!(check(&files), ["README.md:1: `docs/b.md` leads nowhere", "docs/a.md:1: `p.svg` leads nowhere"]);
    }
}
