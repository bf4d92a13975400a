//! Starting other programs: always from the root of the workspace, always said aloud.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the workspace: the folder above this crate, which `cargo run` names.
pub fn root() -> Result<PathBuf> {
    let own = env::var_os("CARGO_MANIFEST_DIR").context("start this through `cargo xtask`")?;
    let root = Path::new(&own).parent().context("xtask lies inside the workspace")?;
    Ok(root.to_path_buf())
}

/// The cargo that started us, so that a toolchain chosen with `cargo +name` is kept.
pub fn cargo(args: &[&str]) -> Result<Command> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root()?);
    // What `cargo run` tells its child about xtask itself is not true of the packages built below.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    Ok(command)
}

/// The program itself, with all features, which a user's build has too. It is built as the tests build it, so that nothing is
/// left to build after them, and lies where xtask does.
pub fn program() -> Result<PathBuf> {
    go(cargo(&["build", "--quiet", "--workspace", "--all-features", "--bins", "--tests"])?)?;
    let own = env::current_exe().context("where xtask lies")?;
    Ok(own.with_file_name(format!("tongchou{}", env::consts::EXE_SUFFIX)))
}

/// The program with arguments.
pub fn tongchou(args: &[&str]) -> Result<Command> {
    let mut command = Command::new(program()?);
    command.args(args).current_dir(root()?);
    Ok(command)
}

/// Whether `cargo <name>` can be called here (rustfmt, clippy, nextest and deny may be missing).
pub fn has_cargo(name: &str) -> Result<bool> {
    let status = cargo(&[name, "--version"])?.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    Ok(status.success())
}

/// Runs to the end; a failure is an error that names the command.
pub fn go(mut command: Command) -> Result<()> {
    say(&command);
    let status = command.status().with_context(|| format!("cannot start {}", shown(&command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(&command));
    }
    Ok(())
}

/// Runs to the end and gives what it printed; its errors go to the terminal.
pub fn text(mut command: Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {}", shown(&command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(&command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", shown(&command)))
}

/// Names the command on the error stream, which leaves the output to what it prints.
pub fn say(command: &Command) {
    eprintln!("$ {}", shown(command));
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let mut words = vec![program.to_string_lossy()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy()));
    words.join(" ")
}

/// A part of a verb, with its name.
pub type Step<'a> = (&'a str, fn() -> Result<()>);

/// Runs every step and then names those that failed, so that one call shows all that is wrong.
pub fn all(steps: &[Step]) -> Result<()> {
    let mut failed = Vec::new();
    for (name, step) in steps {
        eprintln!("== {name}");
        if let Err(error) = step() {
            eprintln!("{name}: {error:#}");
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
