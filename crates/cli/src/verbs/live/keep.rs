//! `backup`, `restore` and `move`: everything from one database into another that has nothing of it yet.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use service::Failure;
use store::{Copied, Progress, Store};

use super::place::{Place, stopped};
use crate::io::progress;
use crate::output::aside;
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;

/// Where a backup goes.
#[derive(clap::Args)]
pub struct Backup {
    /// The file to write; there must be none of this name
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Where a backup is taken from.
#[derive(clap::Args)]
pub struct Restore {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Where books move to.
#[derive(clap::Args)]
pub struct Move {
    /// The new database: a file, or postgres://USER@HOST/DATABASE
    to: String,
    #[command(flatten)]
    place: Place,
}

impl Backup {
    /// Writes a backup while the books are in use: it is of one moment, and it has its name only when it is whole.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let shown = self.file.display().to_string();
        if self.file.exists() {
            let cure = "换一个文件名；备份不覆盖已有的文件";
            return Err(Stop::usage(format!("{shown} 已经有了 (there is such a file)"), cure).into());
        }
        let mut from = self.place.existing(&self.place.url()?)?;
        let part = PathBuf::from(format!("{shown}.partial"));
        remove(&part)?;
        let copied = open(&part.display().to_string())
            .and_then(|mut to| copy(from.as_mut(), to.as_mut(), self.place.region_slug(session)?.as_deref()));
        let copied = match copied {
            Ok(copied) => copied,
            Err(error) => {
                remove(&part)?;
                return Err(error);
            }
        };
        std::fs::rename(&part, &self.file).with_context(|| format!("写不了 {shown}"))?;
        sync_folder(&self.file)?;
        tell(session.lang, &copied, &shown);
        aside(session.lang.of(
            "密钥不在备份里：另处保存，没有它证件号码和姓名打不开",
            "the key is not in the backup: keep it elsewhere, nothing else opens numbers and names",
        ));
        Ok(Verdict::Good)
    }
}

impl Restore {
    /// Restores a backup into a database that has nothing of the region yet.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let url = self.place.url()?;
        let mut from = self.place.existing(&self.file.display().to_string())?;
        let mut to = open(&url)?;
        let copied = copy(from.as_mut(), to.as_mut(), self.place.region_slug(session)?.as_deref())?;
        tell(session.lang, &copied, "--db");
        Ok(Verdict::Good)
    }
}

impl Move {
    /// Moves the books; those that were there stay, to be put away when the new ones have been verified.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let mut from = self.place.existing(&self.place.url()?)?;
        let mut to = open(&self.to)?;
        let copied = copy(from.as_mut(), to.as_mut(), self.place.region_slug(session)?.as_deref())?;
        tell(session.lang, &copied, session.lang.of("新库", "the new database"));
        aside(session.lang.of(
            "原库未动：先对新库运行 tongchou verify，再停用原库；密钥不变，用 --key 或环境变量给出",
            "the old books stay: run `tongchou verify` on the new ones, then put the old away; the key is the same",
        ));
        Ok(Verdict::Good)
    }
}

/// Opens a database, and makes it where there is none.
pub fn open(url: &str) -> anyhow::Result<Box<dyn Store>> {
    store::open(url).map_err(|error| stopped(Failure::from(error)))
}

fn copy(from: &mut dyn Store, to: &mut dyn Store, region: Option<&str>) -> anyhow::Result<Copied> {
    let total = entries(from, region)?;
    shown("复制", total, |told| store::copy(from, to, region, told)).map_err(|error| stopped(Failure::from(error)))
}

/// Shows how many entries of the journal are done.
pub fn shown<T>(label: &'static str, total: u64, work: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    let bar = progress::over_rows(label, total);
    let mut before = 0;
    let done = work(&mut |progress| {
        if progress.part == store::Part::Records {
            bar.set_position(before + progress.done);
            if progress.done == progress.total {
                before += progress.done;
            }
        }
    });
    bar.finish_and_clear();
    done
}

/// How many entries of the journal a region has, or all.
pub fn entries(from: &mut dyn Store, region: Option<&str>) -> anyhow::Result<u64> {
    let regions = from.regions().map_err(|error| stopped(Failure::from(error)))?;
    let mut total = 0;
    for name in regions.iter().filter(|name| region.is_none_or(|region| region == name.as_str())) {
        total += from.counts(name).map_err(|error| stopped(Failure::from(error)))?.records;
    }
    Ok(total)
}

/// Says what was copied, and where to.
pub fn tell(lang: Lang, copied: &Copied, to: &str) {
    for (region, counts) in &copied.regions {
        let (records, sheets) = (counts.records, counts.sheets);
        match lang {
            Lang::Zh => aside(format!("{region} → {to}：{records} 条记录、{sheets} 个账页，已逐项核对")),
            Lang::En => aside(format!("{region} -> {to}: {records} entries, {sheets} sheets, compared one by one")),
        }
    }
}

/// Removes what an earlier run that was broken off has left.
fn remove(part: &Path) -> anyhow::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{}{ending}", part.display()));
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| format!("删不掉 {}", path.display()))?;
        }
    }
    Ok(())
}

/// The new name is on the disk too.
fn sync_folder(file: &Path) -> anyhow::Result<()> {
    if cfg!(unix) {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
