//! What cargo says of this workspace: its members and what each depends on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::run;

#[derive(Debug, Deserialize)]
pub struct Metadata {
    /// The members of the workspace only.
    pub packages: Vec<Package>,
    pub target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
pub struct Package {
    pub name: String,
    pub manifest_path: PathBuf,
    pub dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub struct Dependency {
    pub name: String,
    /// None for an ordinary dependency, else "dev" or "build".
    pub kind: Option<String>,
    /// The folder, for a member of this workspace.
    pub path: Option<PathBuf>,
}

impl Dependency {
    pub fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

pub fn metadata() -> Result<Metadata> {
    let text = run::text(run::cargo(&["metadata", "--no-deps", "--format-version", "1"])?)?;
    serde_json::from_str(&text).context("cargo metadata")
}

/// A text file of the repository. What is no UTF-8 is left out.
pub struct Source {
    /// From the root, with forward slashes.
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn has_extension(&self, wanted: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == wanted)
    }
}

/// Every text file that git tracks or would track, by path.
pub fn sources() -> Result<Vec<Source>> {
    let root = run::root()?;
    let mut git = std::process::Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&root);
    let mut sources = Vec::new();
    for path in run::text(git)?.split_terminator('\0') {
        // A file that git still lists may be gone from the folder.
        let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source { path: path.to_string(), text });
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources.dedup_by(|a, b| a.path == b.path);
    Ok(sources)
}
