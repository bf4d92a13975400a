//! An export as it is read: held against its manifest first, file by file, then row by row.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use store::{Batch, Counts, EachNote, Part, Run, Seal, Source, Store};

use super::manifest::{self, FORMAT, Head, MANIFEST, Manifest, NOTES, SEALS, UPTIME, VERSION};
use super::rows::{Hex, LONGEST, Row};
use crate::failure::{Failure, Trouble};

/// Rows held at a time.
const PAGE: usize = 1000;
/// Bytes of rows from which on no more are held beside them.
const HELD: usize = 8 * 1024 * 1024;

/// What to do about a folder that is not as it was written.
const AGAIN: &str = "什么也没有导入；重新拷贝，或从原库重新导出";

/// An export whose files are what its manifest says.
pub struct Import {
    folder: PathBuf,
    manifest: Manifest,
}

impl Import {
    /// Reads the manifest, and holds every file against it.
    pub fn open(folder: &Path) -> Result<Import, Trouble> {
        let import = Import { folder: folder.to_owned(), manifest: read_manifest(&folder.join(MANIFEST))? };
        import.manifest.files.iter().try_for_each(|file| import.compare(file))?;
        Ok(import)
    }

    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.manifest.regions.iter().map(|of| of.region.as_str())
    }

    /// How many entries of the journal there are.
    pub fn entries(&self, region: Option<&str>) -> u64 {
        let meant = self.manifest.regions.iter().filter(|of| region.is_none_or(|region| region == of.region));
        meant.map(|of| self.counts(&of.region).records).sum()
    }

    fn counts(&self, region: &str) -> Counts {
        let rows = |table| self.manifest.rows(&manifest::path(region, table));
        let of = |part| rows(manifest::table(part));
        Counts {
            records: of(Part::Records),
            sheets: of(Part::Sheets),
            postings: of(Part::Postings),
            links: of(Part::Links),
            answers: of(Part::Answers),
            seals: rows(SEALS),
        }
    }

    fn compare(&self, named: &manifest::File) -> Result<(), Trouble> {
        let path = self.folder.join(&named.path);
        // What has no size is no file, and may have no end.
        let size = path.metadata().map_err(|error| unreadable(&path, &error))?;
        if !size.is_file() || size.len() != named.bytes {
            return Err(damaged(&path, format!("有 {} 字节，清单写 {} 字节 (bytes)", size.len(), named.bytes)));
        }
        let mut file = BufReader::new(File::open(&path).map_err(|error| unreadable(&path, &error))?);
        let (mut hash, mut rows) = (Sha256::new(), 0_u64);
        loop {
            let piece = file.fill_buf().map_err(|error| unreadable(&path, &error))?;
            if piece.is_empty() {
                break;
            }
            hash.update(piece);
            rows += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
            let read = piece.len();
            file.consume(read);
        }
        let what = if Hex(hash.finalize().into()) != named.sha256 {
            "与清单上的校验和不符 (SHA-256)".to_owned()
        } else if rows != named.rows {
            format!("有 {rows} 行，清单写 {} 行 (rows)", named.rows)
        } else {
            return Ok(());
        };
        Err(damaged(&path, what))
    }

    /// Gives all rows of a file, some at a time.
    fn rows<R: Row>(&self, name: &str, each: &mut dyn FnMut(Vec<R>) -> Result<(), Failure>) -> Result<(), Failure> {
        let path = self.folder.join(name);
        let mut file = BufReader::new(File::open(&path).map_err(|error| unreadable(&path, &error))?);
        let (mut line, mut page, mut held, mut number) = (Vec::new(), Vec::new(), 0, 0_u64);
        while next(&mut file, &mut line).map_err(|error| unreadable(&path, &error))? {
            number += 1;
            if line.len() > LONGEST {
                return Err(damaged(&path, format!("第 {number} 行超过 {LONGEST} 字节 (row too long)")).into());
            }
            let row = serde_json::from_slice(&line)
                .map_err(|error| damaged(&path, format!("第 {number} 行不合格式 (row)：{error}")))?;
            page.push(R::of(row));
            held += line.len();
            if page.len() == PAGE || held >= HELD {
                each(std::mem::take(&mut page))?;
                held = 0;
            }
        }
        if page.is_empty() { Ok(()) } else { each(page) }
    }

    fn all<R: Row>(&self, region: &str, table: &str) -> Result<Vec<R>, Failure> {
        let mut all = Vec::new();
        self.rows(&manifest::path(region, table), &mut |page| {
            all.extend(page);
            Ok(())
        })?;
        Ok(all)
    }
}

impl Source for Import {
    type Error = Failure;

    fn regions(&mut self) -> Result<Vec<(String, Counts)>, Failure> {
        Ok(self.manifest.regions.iter().map(|of| (of.region.clone(), self.counts(&of.region))).collect())
    }

    fn notes(&mut self, each: EachNote<Failure>) -> Result<(), Failure> {
        self.rows(NOTES, &mut |page: Vec<(String, String)>| page.iter().try_for_each(|(name, text)| each(name, text)))
    }

    fn pages(
        &mut self,
        region: &str,
        part: Part,
        each: &mut dyn FnMut(&Batch) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let path = manifest::path(region, manifest::table(part));
        let none = Batch::default;
        match part {
            Part::Records => self.rows(&path, &mut |records| each(&Batch { records, ..none() })),
            Part::Sheets => self.rows(&path, &mut |sheets| each(&Batch { sheets, ..none() })),
            Part::Postings => self.rows(&path, &mut |postings| each(&Batch { postings, ..none() })),
            Part::Links => self.rows(&path, &mut |links| each(&Batch { links, ..none() })),
            Part::Answers => self.rows(&path, &mut |answers| each(&Batch { answers, ..none() })),
        }
    }

    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Failure> {
        self.all(region, SEALS)
    }

    fn runs(&mut self, region: &str) -> Result<Vec<Run>, Failure> {
        self.all(region, UPTIME)
    }

    /// The last seal of the manifest is among the books, and these hold together. Who changes entries and makes all hashes anew
    /// is found out only by the hash of a seal that is kept elsewhere.
    fn arrived(&mut self, region: &str, to: &mut dyn Store) -> Result<(), Failure> {
        let named = self.manifest.regions.iter().find(|of| of.region == region).and_then(|of| of.seal.as_ref());
        let last = to.seals(region)?.pop().map(|last| (last.number, Hex(last.hash)));
        if last != named.map(|seal| (seal.number, seal.hash)) {
            return Err(damaged(&self.folder.join(MANIFEST), format!("不是 {region} 的最后一次封存 (seal)")).into());
        }
        let mut first = None;
        let mut tell = |fault| _ = first.get_or_insert(fault);
        store::check_chain(to, region, &mut tell)?;
        store::check_balance(to, region, &mut tell)?;
        match first {
            Some(fault) => Err(damaged(&self.folder.join(region), format!("账不相连 (chain)：{fault}")).into()),
            None => Ok(()),
        }
    }
}

/// The next line in place of the one before, as far as it is not longer than any may be; whether there is one.
fn next(file: &mut BufReader<File>, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    Ok(file.take(LONGEST as u64 + 1).read_until(b'\n', line)? > 0)
}

fn read_manifest(path: &Path) -> Result<Manifest, Trouble> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST as u64).read_to_string(&mut text))
        .map_err(|error| unreadable(path, &error))?;
    let wrong = |error: serde_json::Error| damaged(path, format!("读不懂 (manifest)：{error}"));
    let head: Head = serde_json::from_str(&text).map_err(wrong)?;
    if head.format != FORMAT {
        let message = format!("{} 不是账套的导出，而是 {} (another format)", path.display(), head.format);
        return Err(Trouble::new("import-foreign", message, "给出 tongchou export 写的文件夹"));
    }
    if head.version > VERSION {
        let message =
            format!("{} 是第 {} 版格式，本程序只懂到第 {VERSION} 版 (a newer version)", path.display(), head.version);
        return Err(Trouble::new("import-newer", message, "用写它的那个版本的程序，或更新的程序导入"));
    }
    let manifest: Manifest = serde_json::from_str(&text).map_err(wrong)?;
    if !manifest.is_sound() {
        return Err(damaged(path, "列出的文件不是各统筹区应有的那些 (files)"));
    }
    Ok(manifest)
}

fn damaged(path: &Path, what: impl std::fmt::Display) -> Trouble {
    Trouble::new("import-damaged", format!("{} 已损坏或被改动：{what}", path.display()), AGAIN)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Trouble {
    let message = format!("读不了 {}：{error}", path.display());
    Trouble::new("import-unreadable", message, "核对路径和读取权限；要给出整个导出的文件夹")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    type Note = (String, String);

    /// What is read of a file of notes, in the pages that are held.
    fn read(fill: impl FnOnce(&File)) -> Result<Vec<Vec<Note>>, Failure> {
        let folder = tempfile::tempdir().unwrap();
        fill(&File::create(folder.path().join(NOTES)).unwrap());
        let import = Import { folder: folder.path().to_owned(), manifest: Manifest::new() };
        let mut pages = Vec::new();
        import.rows::<Note>(NOTES, &mut |page| {
            pages.push(page);
            Ok(())
        })?;
        Ok(pages)
    }

    #[test]
    fn a_line_without_end_is_refused_by_file_and_line() {
        let Err(Failure::Operational(refused)) = read(|mut file| {
            file.write_all(b"{\"name\":\"n\",\"text\":\"t\"}\n").unwrap();
            // Nothing but zeros, of which the disk holds none.
            file.set_len(4 * LONGEST as u64).unwrap();
        }) else {
            panic!("it was taken");
        };
        assert_eq!(refused.code, "import-damaged");
        let names = ["notes.jsonl", "第 2 行", "268435456", "(row too long)"];
        assert!(names.iter().all(|name| refused.message.contains(name)), "{}", refused.message);
    }

    #[test]
    fn of_long_lines_few_are_held_at_a_time() {
        let text = "x".repeat(HELD / 4);
        let pages = read(|mut file| {
            for name in 0..10 {
                writeln!(file, "{{\"name\":\"{name}\",\"text\":\"{text}\"}}").unwrap();
            }
        });
        let pages = pages.unwrap();
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
        assert!(pages.concat().iter().map(|(name, _)| name.as_str()).eq((0..10).map(|n| n.to_string())));
    }
}
