//! Carries the notices of this repository into the binary: every file of `policies/` that the library reads, as text.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = here.join("../../policies").canonicalize()?;
    // Cargo looks through the whole folder, so a new or changed file is carried by the next build.
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    gather(&root, "", &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for (path, file) in files {
        let _ = writeln!(list, "    ({path:?}, include_str!({:?})),", file.display().to_string());
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("notices.rs"), list)
}

fn gather(folder: &Path, above: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{name}/"), files)?;
        } else if name.ends_with(".toml") || name.ends_with("clauses.tsv") {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}
