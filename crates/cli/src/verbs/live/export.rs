//! `export` and `import`: books as a folder of files that any program can read, and back (CQ21-06.2e).

use std::path::PathBuf;

use store::Copied;

use super::keep::{entries, open, shown, tell};
use super::place::{Place, stopped};
use crate::output::aside;
use crate::session::{Lang, Session, Verdict};

/// Where an export goes.
#[derive(clap::Args)]
pub struct Export {
    /// The folder to write; there must be none of this name
    folder: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Where books are taken from.
#[derive(clap::Args)]
pub struct Import {
    /// The folder of an export
    folder: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Export {
    /// Writes the books while they are in use, as of one moment.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let region = self.place.region_slug(session)?;
        let mut from = self.place.existing(&self.place.url()?)?;
        let total = entries(from.as_mut(), region.as_deref())?;
        let copied = shown("导出", total, |told| {
            service::export::export(from.as_mut(), &self.folder, region.as_deref(), told).map_err(stopped)
        })?;
        say(session.lang, &copied, &self.folder.display().to_string());
        aside(session.lang.of(
            "里面有个人信息，只有本人可读；证件号码和姓名仍是密文，密钥不在里面",
            "it holds personal data, and none but its owner may read it; numbers and names stay sealed, and the key is not in it",
        ));
        Ok(Verdict::Good)
    }
}

impl Import {
    /// Loads an export into a database that has nothing of the region yet.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let region = self.place.region_slug(session)?;
        let url = self.place.url()?;
        let export = service::export::check(&self.folder).map_err(|trouble| stopped(trouble.into()))?;
        // Nobody could open books of a region without policies.
        for name in export.regions().filter(|name| region.as_deref().is_none_or(|region| region == *name)) {
            self.place.known(session, name)?;
        }
        let mut to = open(&url)?;
        let total = export.entries(region.as_deref());
        let copied = shown("导入", total, |told| export.load(to.as_mut(), region.as_deref(), told).map_err(stopped))?;
        tell(session.lang, &copied, "--db");
        aside(session.lang.of(
            "再运行 tongchou verify；密钥是原来那把，用 --key 或环境变量给出",
            "now run `tongchou verify`; the key is that of the old books, given by --key or the environment",
        ));
        Ok(Verdict::Good)
    }
}

/// What was written, and where to.
fn say(lang: Lang, copied: &Copied, folder: &str) {
    for (region, counts) in &copied.regions {
        let (records, sheets) = (counts.records, counts.sheets);
        match lang {
            Lang::Zh => aside(format!("{region} → {folder}：{records} 条记录、{sheets} 个账页")),
            Lang::En => aside(format!("{region} -> {folder}: {records} entries, {sheets} sheets")),
        }
    }
}
