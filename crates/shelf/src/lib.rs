//! The notices: those that a program carries in itself, and the user's own folders laid over them, read with the same checks.
//!
//! Whoever settles carries them through here, so that the command line and the Python package never know different law.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use policy::{Library, SourceFile};

/// Path below `policies/` and text of every file that is carried.
const CARRIED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/notices.rs"));

/// How the clause register is called, in the folder of policies or of a region.
const REGISTER: &str = "clauses.tsv";

/// A folder that is no folder of policies, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{what}\n  = {cure}")]
pub struct Unreadable {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

impl Unreadable {
    fn new(what: impl Into<String>, cure: impl Into<String>) -> Unreadable {
        Unreadable { what: what.into(), cure: cure.into() }
    }
}

/// What was read, and the texts it was read from.
pub struct Shelf {
    /// Everything read, linked and checked.
    pub library: Arc<Library>,
    /// The files it was read from; where two have the same path, the later holds.
    pub files: Vec<SourceFile>,
    /// Texts by the name that findings give, for drawing.
    pub texts: BTreeMap<String, String>,
    /// Slug of the region whose folder a file lies in, by the same name.
    pub regions: BTreeMap<String, String>,
}

impl Shelf {
    /// The carried notices, with the given folders laid over them in order.
    ///
    /// # Errors
    /// When a folder cannot be read, or is none of policies.
    pub fn read(folders: &[PathBuf]) -> Result<Shelf, Unreadable> {
        Ok(Shelf::over(overlays(folders)?))
    }

    /// The carried notices, with files laid over them that [`overlays`] has read, here or elsewhere.
    pub fn over(overlays: impl IntoIterator<Item = SourceFile>) -> Shelf {
        let carried = CARRIED.iter().map(|(path, text)| SourceFile {
            path: (*path).to_owned(),
            shown: format!("policies/{path}"),
            text: (*text).to_owned(),
        });
        let files: Vec<SourceFile> = carried.chain(overlays).collect();
        let texts = files.iter().map(|file| (file.shown.clone(), file.text.clone())).collect();
        let regions = files.iter().filter_map(|file| Some((file.shown.clone(), file.region()?.to_owned()))).collect();
        Shelf { library: Arc::new(Library::read(files.clone())), files, texts, regions }
    }
}

/// The files of folders of the user's, in order.
///
/// # Errors
/// As [`Shelf::read`].
pub fn overlays(folders: &[PathBuf]) -> Result<Vec<SourceFile>, Unreadable> {
    let mut files = Vec::new();
    for (at, folder) in folders.iter().enumerate() {
        files.extend(overlay(folder, at)?);
    }
    Ok(files)
}

/// The files of a user's folder.
fn overlay(folder: &Path, at: usize) -> Result<Vec<SourceFile>, Unreadable> {
    if folder.join("region.toml").is_file() {
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return Err(Unreadable::new(
            format!("--policies {} 是一个地区的文件夹", folder.display()),
            format!("写它上一层：--policies {}", above.display()),
        ));
    }
    let mut files = Vec::new();
    gather(folder, "", &mut files)?;
    if files.is_empty() {
        return Err(Unreadable::new(
            format!("--policies {} 里没有政策文件", folder.display()),
            "每个地区一个文件夹，内有 region.toml；`tongchou policy new` 写出样板",
        ));
    }
    for file in &mut files {
        // A register of the user's adds to the carried one; under the same path it would take its place.
        if file.path == REGISTER {
            file.path = format!("~{at}/{REGISTER}");
        }
    }
    Ok(files)
}

fn gather(folder: &Path, above: &str, files: &mut Vec<SourceFile>) -> Result<(), Unreadable> {
    let unreadable = |path: &Path, error: std::io::Error| {
        Unreadable::new(format!("读不了 {}：{error}", path.display()), "检查 --policies 的路径和权限")
    };
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')) else {
            continue;
        };
        // As a disk that knows no small letters calls it: `REGION.TOML` is `region.toml`.
        let lower = name.to_ascii_lowercase();
        let file = if name.ends_with(".toml") { name } else { &lower };
        if path.is_dir() {
            gather(&path, &format!("{above}{name}/"), files)?;
        } else if file.ends_with(".toml") || file == REGISTER {
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, error))?;
            let text = String::from_utf8(bytes)
                .map_err(|_| Unreadable::new(format!("{} 不是 UTF-8 文本", path.display()), "用编辑器另存为 UTF-8"))?;
            // Editors on Windows put a mark in front; it is not part of the text.
            let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
            files.push(SourceFile { path: format!("{above}{file}"), shown: path.display().to_string(), text });
        }
    }
    Ok(())
}
