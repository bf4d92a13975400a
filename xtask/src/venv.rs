//! Python's tools, from PyPI into a folder below `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

/// The folder of the programs of a virtual environment with these packages, as pip is told them; none, where it cannot be had.
pub fn with(venv: &Path, packages: &[String]) -> Result<Option<PathBuf>> {
    let done = venv.join("made-of.txt");
    let wanted = packages.join("\n");
    if fs::read_to_string(&done).is_ok_and(|made_of| made_of == wanted) {
        return Ok(Some(venv.join("bin")));
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(venv).status().is_ok_and(|status| status.success());
    let mut pip = Command::new(venv.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages);
    if !made || !pip.status()?.success() {
        return Ok(None);
    }
    fs::write(done, wanted)?;
    Ok(Some(venv.join("bin")))
}
