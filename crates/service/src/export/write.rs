//! An export as it is written: a folder beside the one that is wanted, which gets its name when all is on the disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use store::{Batch, Copied, Counts, Part, Progress, Store};

use super::manifest::{self, LastSeal, MANIFEST, Manifest, NOTES, Region, SEALS, UPTIME};
use super::rows::{Hex, LONGEST, Row};
use crate::failure::{Failure, Trouble};

/// An export that is being written. Dropped before it is whole, it is gone again.
pub struct Draft {
    folder: PathBuf,
    part: PathBuf,
    manifest: Manifest,
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After it got its name there is nothing here any more.
        let _ = fs::remove_dir_all(&self.part);
    }
}

impl Draft {
    /// Makes the folder that will be the export.
    pub fn begin(folder: &Path) -> Result<Draft, Trouble> {
        if folder.exists() {
            let message = format!("{} 已经有了 (there is such a folder)", folder.display());
            return Err(Trouble::new("export-there", message, "换一个文件夹名；导出不覆盖已有的"));
        }
        let Some(name) = folder.file_name() else {
            let message = format!("“{}” 不是文件夹名 (no name of a folder)", folder.display());
            return Err(Trouble::new("export-there", message, "写一个新的文件夹名"));
        };
        let mut part = name.to_owned();
        part.push(".partial");
        let part = folder.with_file_name(part);
        if part.exists() {
            let message = format!("{} 是上次没有写完的导出 (left by an export that was broken off)", part.display());
            return Err(Trouble::new("export-broken-off", message, "没有别的导出正在进行时，删掉它再导出"));
        }
        new_folder(&part)?;
        Ok(Draft { folder: folder.to_owned(), part, manifest: Manifest::new() })
    }

    /// Writes all files of a region, or of all.
    pub fn fill(
        &mut self,
        from: &mut dyn Store,
        region: Option<&str>,
        told: &mut dyn FnMut(Progress),
    ) -> Result<Copied, Failure> {
        let mut copied = Copied { notes: self.notes(from)?, ..Copied::default() };
        for name in from.regions()? {
            if region.is_none_or(|region| region == name) {
                let counts = self.region(from, &name, told)?;
                copied.regions.push((name, counts));
            }
        }
        match region.filter(|_| copied.regions.is_empty()) {
            Some(region) => {
                let message = format!("库里没有 {region} 的账套 (no books of this region)");
                Err(Trouble::new("no-books", message, "核对 --region 和 --db").into())
            }
            None => Ok(copied),
        }
    }

    fn notes(&mut self, from: &mut dyn Store) -> Result<u64, Failure> {
        let mut lines = Lines::begin(&self.part, NOTES.to_owned())?;
        for name in from.notes("")? {
            if let Some(text) = from.note(&name)? {
                lines.add(&(name, text))?;
            }
        }
        self.end(lines)
    }

    fn region(&mut self, from: &mut dyn Store, name: &str, told: &mut dyn FnMut(Progress)) -> Result<Counts, Failure> {
        new_folder(&self.part.join(name))?;
        let counts = from.counts(name)?;
        for part in Part::ALL {
            let mut lines = Lines::begin(&self.part, manifest::path(name, manifest::table(part)))?;
            store::pages::<Failure>(from, name, part, &mut |page| {
                lines.page(page)?;
                told(Progress { region: name, part, done: lines.entry.rows, total: part.of(&counts) });
                Ok(())
            })?;
            self.end(lines)?;
        }
        let seals = from.seals(name)?;
        self.table(name, SEALS, &seals)?;
        self.table(name, UPTIME, &from.runs(name)?)?;
        let seal = seals.last().map(|last| LastSeal { number: last.number, hash: Hex(last.hash) });
        self.manifest.regions.push(Region { region: name.to_owned(), seal });
        Ok(counts)
    }

    fn table<R: Row>(&mut self, region: &str, table: &str, rows: &[R]) -> Result<(), Failure> {
        let mut lines = Lines::begin(&self.part, manifest::path(region, table))?;
        lines.all(rows)?;
        self.end(lines).map(|_| ())
    }

    /// Gives how many rows there were.
    fn end(&mut self, lines: Lines) -> Result<u64, Failure> {
        let entry = lines.end()?;
        let rows = entry.rows;
        self.manifest.files.push(entry);
        Ok(rows)
    }

    /// Writes the manifest, and gives the folder its name.
    pub fn finish(self) -> Result<(), Trouble> {
        let text = serde_json::to_string_pretty(&self.manifest).map_err(|error| unwritable(&self.part, error))?;
        let path = self.part.join(MANIFEST);
        let write = |mut file: File| file.write_all(format!("{text}\n").as_bytes()).and_then(|()| file.sync_all());
        new_file(&path).and_then(write).map_err(|error| unwritable(&path, error))?;
        for of in &self.manifest.regions {
            sync(&self.part.join(&of.region))?;
        }
        sync(&self.part)?;
        fs::rename(&self.part, &self.folder).map_err(|error| unwritable(&self.folder, error))?;
        let above = self.folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // It is there and whole; a system that cannot sync the folder above takes nothing from that.
        _ = sync(above);
        Ok(())
    }
}

/// A file of rows, with its entry of the manifest as far as it has come.
struct Lines {
    path: PathBuf,
    out: BufWriter<File>,
    hash: Sha256,
    line: Vec<u8>,
    entry: manifest::File,
}

impl Lines {
    fn begin(folder: &Path, name: String) -> Result<Lines, Trouble> {
        let path = folder.join(&name);
        let out = BufWriter::new(new_file(&path).map_err(|error| unwritable(&path, error))?);
        let entry = manifest::File { path: name, rows: 0, bytes: 0, sha256: Hex([0; 32]) };
        Ok(Lines { path, out, hash: Sha256::new(), line: Vec::new(), entry })
    }

    fn page(&mut self, page: &Batch) -> Result<(), Trouble> {
        let Batch { records, sheets, postings, links, answers } = page;
        self.all(records)?;
        self.all(sheets)?;
        self.all(postings)?;
        self.all(links)?;
        self.all(answers)
    }

    fn all<R: Row>(&mut self, rows: &[R]) -> Result<(), Trouble> {
        rows.iter().try_for_each(|row| self.add(row))
    }

    fn add<R: Row>(&mut self, row: &R) -> Result<(), Trouble> {
        let line = row.line().ok_or_else(|| self.no_json())?;
        self.line.clear();
        serde_json::to_writer(&mut self.line, &line).map_err(|error| unwritable(&self.path, error))?;
        self.line.push(b'\n');
        if self.line.len() > LONGEST {
            return Err(self.too_long());
        }
        self.out.write_all(&self.line).map_err(|error| unwritable(&self.path, error))?;
        self.hash.update(&self.line);
        self.entry.bytes += self.line.len() as u64;
        self.entry.rows += 1;
        Ok(())
    }

    fn no_json(&self) -> Trouble {
        let (file, row) = (&self.entry.path, self.entry.rows + 1);
        let message = format!("{file} 第 {row} 行的内容不是 JSON，导不出 (no JSON)");
        Trouble::new("export-no-json", message, "先运行 tongchou verify，看这个库哪里坏了")
    }

    /// What no import would take is not written.
    fn too_long(&self) -> Trouble {
        let (file, row) = (&self.entry.path, self.entry.rows + 1);
        let message = format!("{file} 第 {row} 行超过 {LONGEST} 字节，导不出 (too long)");
        Trouble::new("export-too-long", message, "改用 tongchou backup 或 tongchou move，它们不限一条的长度")
    }

    /// The file is on the disk.
    fn end(self) -> Result<manifest::File, Trouble> {
        let Lines { path, out, hash, entry, .. } = self;
        let whole = out.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|file| file.sync_all());
        whole.map_err(|error| unwritable(&path, error))?;
        Ok(manifest::File { sha256: Hex(hash.finalize().into()), ..entry })
    }
}

/// A file that nobody but its owner may read.
fn new_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn new_folder(path: &Path) -> Result<(), Trouble> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| unwritable(path, error))
}

/// The names in a folder are on the disk too.
fn sync(folder: &Path) -> Result<(), Trouble> {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| unwritable(folder, error))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: impl std::fmt::Display) -> Trouble {
    let message = format!("写不了 {}：{error}", path.display());
    Trouble::new("export-unwritable", message, "核对磁盘空间和文件夹的权限；没有写完的已删去")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_no_import_would_take_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = Lines::begin(folder.path(), NOTES.to_owned()).unwrap();
        let text = |bytes: usize| ("n".to_owned(), "x".repeat(bytes));
        let around = "{\"name\":\"n\",\"text\":\"\"}\n".len();
        lines.add(&text(LONGEST - around)).unwrap();
        let refused = lines.add(&text(LONGEST - around + 1)).unwrap_err();
        assert_eq!(refused.code, "export-too-long");
        assert!(refused.message.contains("notes.jsonl 第 2 行"), "{}", refused.message);
    }
}
