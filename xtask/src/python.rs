//! `python`: the Python package, built as a wheel, installed, and tested from Python beside the command line.
//!
//! Its types are checked by mypy, and its stubs against what is there. The guide's pages on it are run. The tools come from PyPI
//! (PySpark among them, which brings Spark); where they cannot be had, that is said and passed over. Spark needs a Java.

use std::fs;
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
    let (root, target) = (run::root()?, workspace::metadata()?.target_directory);
    let (crate_, folder) = (root.join("crates/python"), target.join("python"));
    fs::create_dir_all(&folder)?;
    let text = fs::read_to_string(crate_.join("tests/requirements.txt"))?;
    let packages: Vec<String> = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let Some(tools) = venv::with(&folder.join("venv"), &packages)? else {
        eprintln!(
            "passed over: what the Python package is tested with is not here (cure: python3 with venv, and PyPI)"
        );
        return Ok(());
    };
    run::go(run::cargo(&["build", "--quiet", "--package", "cli", "--features", "parquet"])?)?;
    let wheels = folder.join("wheels");
    _ = fs::remove_dir_all(&wheels);
    let tool = |name: &str, words: &[&str]| {
        let mut command = Command::new(tools.join(name));
        command.args(words).current_dir(&crate_).env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
        command
    };
    let mut build = tool("maturin", &["build", "--quiet", "--out"]);
    run::go({
        build.arg(&wheels).arg("--interpreter").arg(tools.join("python"));
        build
    })?;
    let wheel = fs::read_dir(&wheels)?.next().context("maturin made a wheel")??.path();
    let mut install =
        tool("pip", &["install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps"]);
    install.arg(wheel);
    run::go(install)?;
    types()?;
    package(&args.words)
}

fn tools() -> Result<std::path::PathBuf> {
    Ok(workspace::metadata()?.target_directory.join("python/venv/bin"))
}

/// What the package says of its types, against itself and against what is there.
fn types() -> Result<()> {
    let (tools, cache) = (tools()?, workspace::metadata()?.target_directory.join("python/mypy"));
    let mut checked = Command::new(tools.join("mypy"));
    let settings = run::root()?.join("crates/python/pyproject.toml");
    checked.args(["--strict", "--package", "tongchou", "--cache-dir"]).arg(cache).arg("--config-file").arg(&settings);
    run::go(checked)?;
    let mut stubs = Command::new(tools.join("stubtest"));
    stubs.args(["--concise", "--ignore-missing-stub", "tongchou", "--mypy-config-file"]).arg(settings);
    run::go(stubs)
}

fn package(words: &[String]) -> Result<()> {
    let target = workspace::metadata()?.target_directory;
    let mut pytest = Command::new(tools()?.join("pytest"));
    pytest.args(["--quiet", "-rs", "-p", "no:cacheprovider"]).arg(run::root()?.join("crates/python/tests"));
    pytest.env("TONGCHOU", target.join("debug/tongchou")).env("PROVINCES", target.join("python/provinces"));
    pytest.env("PYTHONDONTWRITEBYTECODE", "1").args(words);
    run::go(pytest)
}
