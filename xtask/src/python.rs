//! `python`: the Python package, built as a wheel, installed, and tested from Python beside the command line.
//!
//! Its types are checked by mypy, and its stubs against what is there. The guide's pages on it are run. The tools come from PyPI
//! (PySpark among them, which brings Spark, and Sail in an environment of its own); where they cannot be had, that is said and
//! passed over. Spark needs a Java.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{run, venv, workspace};

#[derive(clap::Args, Default)]
pub struct Args {
    /// Words for pytest, as `-k spark`
    #[arg(last = true)]
    words: Vec<String>,
}

/// Builds, installs, checks and tests.
pub fn run(args: &Args) -> Result<()> {
    let (source, target) = (run::root()?.join("crates/python"), workspace::metadata()?.target_directory);
    let folder = target.join("python");
    fs::create_dir_all(&folder)?;
    let Some(tools) = tools(&folder.join("venv"), &source.join("tests/requirements.txt"))? else { return Ok(()) };
    run::program()?;
    let wheel = wheel(&tools, &source, &folder.join("wheels"))?;
    install(&tools, &wheel)?;
    types(&tools, &source, &folder)?;
    let tests = source.join("tests");
    let mut words = vec![format!("--ignore={}", tests.join("sail").display())];
    words.extend(args.words.iter().cloned());
    run::go(pytest(&tools, &target, &tests, &words))?;
    let Some(sail) = tools_of_sail(&folder, &tests)? else { return Ok(()) };
    install(&sail, &wheel)?;
    run::go(pytest(&sail, &target, &tests.join("sail"), &[]))
}

fn tools_of_sail(folder: &Path, tests: &Path) -> Result<Option<PathBuf>> {
    tools(&folder.join("sail"), &tests.join("sail/requirements.txt"))
}

fn tools(venv: &Path, requirements: &Path) -> Result<Option<PathBuf>> {
    let text = fs::read_to_string(requirements)?;
    let packages: Vec<String> = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let tools = venv::with(venv, &packages)?;
    if tools.is_none() {
        eprintln!(
            "passed over: what the Python package is tested with is not here (cure: python3 with venv, and PyPI)"
        );
    }
    Ok(tools)
}

/// Builds the wheel into a folder of its own.
fn wheel(tools: &Path, source: &Path, wheels: &Path) -> Result<PathBuf> {
    _ = fs::remove_dir_all(wheels);
    let mut build = Command::new(tools.join("maturin"));
    build.args(["build", "--quiet", "--out"]).arg(wheels).arg("--interpreter").arg(tools.join("python"));
    // What `cargo run` tells its child about xtask is not true of the package.
    build.current_dir(source).env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    run::go(build)?;
    Ok(fs::read_dir(wheels)?.next().context("maturin made a wheel")??.path())
}

fn install(tools: &Path, wheel: &Path) -> Result<()> {
    let mut pip = Command::new(tools.join("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps"]).arg(wheel);
    run::go(pip)
}

/// What the package says of its types, against itself and against what is there.
fn types(tools: &Path, source: &Path, folder: &Path) -> Result<()> {
    let settings = source.join("pyproject.toml");
    let mut checked = Command::new(tools.join("mypy"));
    checked.args(["--strict", "--package", "tongchou", "--cache-dir"]).arg(folder.join("mypy"));
    run::go({
        checked.arg("--config-file").arg(&settings);
        checked
    })?;
    let mut stubs = Command::new(tools.join("stubtest"));
    stubs.args(["--concise", "--ignore-missing-stub", "tongchou", "--mypy-config-file"]).arg(settings);
    run::go(stubs)
}

fn pytest(tools: &Path, target: &Path, tests: &Path, words: &[String]) -> Command {
    let mut pytest = Command::new(tools.join("pytest"));
    pytest.args(["--quiet", "-rs", "-p", "no:cacheprovider"]).arg(tests).args(words);
    pytest.env("TONGCHOU", target.join("debug/tongchou")).env("PROVINCES", target.join("python/provinces"));
    pytest.env("PYTHONDONTWRITEBYTECODE", "1");
    pytest
}
