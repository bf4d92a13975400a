//! `province.toml`: what a province was made from, and what is in its parts. Until all parts are there it is called
//! `province.begun.toml`: by that the same command goes on, and another is refused.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::part::{PART, Paths};
use crate::Refused;
use crate::files;

/// Version of the files' form.
pub const FORMAT: u32 = 2;

/// What a province was made from: the same, and it is the same to the byte.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the files' form.
    pub format: u32,
    /// Version of the program, which may make another province of the same figures.
    pub program: String,
    /// Slug of the region.
    pub region: String,
    /// First year.
    pub year: i16,
    /// How many years.
    pub years: i16,
    /// People on the first day.
    pub living: i64,
    /// Rows of people in all: also those born in these years.
    pub people: i64,
    /// Seed.
    pub seed: u64,
    /// Whether bills have lines.
    pub lines: bool,
    /// Whether anomalies are planted.
    pub anomalies: bool,
    /// Drafts folded on top.
    #[serde(default)]
    pub drafts: Vec<String>,
    /// Only what was known on this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_on: Option<String>,
    /// Hash of the figures.
    pub parameters: String,
    /// Hash of the terms.
    pub terms: String,
    /// Persons of a part.
    pub people_per_part: i64,
    /// Kinds of care of which there are no bills, since the terms decide none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<Undecided>,
    /// The parts, by number.
    #[serde(default, rename = "part", skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// Kinds of care that no bill is for.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Undecided {
    /// From this day on, to the next that stands here.
    pub from: String,
    /// The kinds.
    pub care: Vec<String>,
}

/// Rows of a part; a number a year where there is a file a year.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its number.
    pub part: i64,
    /// People.
    pub people: i64,
    /// Enrolments.
    pub enrolment: Vec<i64>,
    /// Bills.
    pub bills: Vec<i64>,
    /// Lines, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<i64>,
}

impl Manifest {
    /// Where it stands.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join("province.toml")
    }

    fn begun(folder: &Path) -> PathBuf {
        folder.join("province.begun.toml")
    }

    /// Reads that of a finished province.
    ///
    /// # Errors
    /// When there is none, it is not finished, or of another form.
    pub fn read(folder: &Path) -> anyhow::Result<Manifest> {
        let path = Manifest::path(folder);
        if !path.is_file() {
            let what = format!("{} 里没有 province.toml (no province)", folder.display());
            return Err(Refused::new(what, "先用 tongchou generate 生成；没有生成完的，再运行同一命令").into());
        }
        Manifest::parse(&path)
    }

    fn parse(path: &Path) -> anyhow::Result<Manifest> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let manifest: Manifest = toml::from_str(&text).with_context(|| path.display().to_string())?;
        if manifest.format != FORMAT {
            let what = format!("{}：格式 {}，此程序只认 {FORMAT}", path.display(), manifest.format);
            return Err(Refused::new(what, "用生成它的那一版程序，或重新生成").into());
        }
        Ok(manifest)
    }

    /// How many parts there are.
    pub fn count(&self) -> i64 {
        (self.people + PART - 1) / PART
    }

    /// The years.
    pub fn each_year(&self) -> impl Iterator<Item = i16> + use<> {
        self.year..self.year + self.years
    }

    /// Begins a province in a folder, or goes on with the same one; whether it is finished already.
    ///
    /// # Errors
    /// When the folder holds another province, or something else.
    pub fn begin(&self, folder: &Path) -> anyhow::Result<bool> {
        let (finished, begun) = (Manifest::path(folder), Manifest::begun(folder));
        for path in [&finished, &begun] {
            if !path.is_file() {
                continue;
            }
            let there = Manifest { parts: Vec::new(), ..Manifest::parse(path)? };
            if there != *self {
                let what = format!("{} 里已有另一个合成地区：{}", folder.display(), there.differs(self));
                return Err(Refused::new(what, "换一个 -o 文件夹，或删去这个文件夹再生成").into());
            }
            return Ok(*path == finished);
        }
        let filled = fs::read_dir(folder).ok().and_then(|mut entries| entries.next()).is_some();
        if filled {
            let what = format!("{} 不是空的，也不是合成地区 (not empty)", folder.display());
            return Err(Refused::new(what, "换一个新的或空的文件夹").into());
        }
        self.write(&begun)?;
        Ok(false)
    }

    /// What is not the same, for people.
    fn differs(&self, other: &Manifest) -> String {
        let pairs = [
            ("region", self.region.clone(), other.region.clone()),
            ("year", self.year.to_string(), other.year.to_string()),
            ("years", self.years.to_string(), other.years.to_string()),
            ("people", self.living.to_string(), other.living.to_string()),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            ("lines", self.lines.to_string(), other.lines.to_string()),
            ("anomalies", self.anomalies.to_string(), other.anomalies.to_string()),
            ("draft", self.drafts.join(","), other.drafts.join(",")),
            ("known_on", format!("{:?}", self.known_on), format!("{:?}", other.known_on)),
            ("parameters", self.parameters.clone(), other.parameters.clone()),
            ("terms", self.terms.clone(), other.terms.clone()),
            ("program", self.program.clone(), other.program.clone()),
        ];
        let differing = pairs.into_iter().filter(|(_, there, asked)| there != asked);
        differing.map(|(name, there, asked)| format!("{name} 是 {there}，不是 {asked}")).collect::<Vec<_>>().join("；")
    }

    /// Counts the rows of all parts and gives the province its name.
    ///
    /// # Errors
    /// Of the disk.
    pub fn finish(&self, folder: &Path) -> anyhow::Result<Manifest> {
        let years = |paths: &Paths<'_>, what: &str| -> anyhow::Result<Vec<i64>> {
            self.each_year().map(|year| files::rows(&paths.yearly(what, year))).collect()
        };
        let part = |part: i64| -> anyhow::Result<Part> {
            let paths = Paths::of(folder, part);
            Ok(Part {
                part,
                people: files::rows(&paths.people())?,
                enrolment: years(&paths, "enrolment")?,
                bills: years(&paths, "bills")?,
                lines: if self.lines { years(&paths, "lines")? } else { Vec::new() },
            })
        };
        let parts = (0..self.count()).map(part).collect::<anyhow::Result<_>>()?;
        let whole = Manifest { parts, ..self.clone() };
        whole.write(&Manifest::path(folder))?;
        fs::remove_file(Manifest::begun(folder)).with_context(|| folder.display().to_string())?;
        Ok(whole)
    }

    fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = toml::to_string(self)?;
        files::whole(path, |out| Ok(std::io::Write::write_all(out, text.as_bytes())?))
    }
}
