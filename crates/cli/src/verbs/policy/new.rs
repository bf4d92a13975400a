//! `policy new`: the starter files of a region. They invent no figure: what must be filled in is open, and `policy open`
//! lists it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use domain::Date;
use policy::registry::{COMMON, Field, Kind, PARTS};

use super::day;
use crate::io::out::write_whole;
use crate::output::put;
use crate::reference;
use crate::session::{Lang, Session, Verdict, today};
use crate::stop::Stop;
use crate::words::label;

/// Asks for a starter region.
#[derive(clap::Args)]
pub struct Args {
    /// The folder to make, as policies/510100-chengdu
    folder: PathBuf,
    /// Administrative code, six digits; taken from the folder's name if left out
    #[arg(long)]
    code: Option<String>,
    /// Chinese name of the region
    #[arg(long)]
    name: Option<String>,
    /// Name in commands; taken from the folder's name if left out
    #[arg(long)]
    slug: Option<String>,
    /// Day of issue of the first notice; today if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    issued: Option<Date>,
}

impl Args {
    /// Writes them; what is there is never overwritten.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let region = self.region(session)?;
        let files = region.files();
        let there: Vec<String> = files
            .iter()
            .map(|(path, _)| path)
            .filter(|path| path.exists())
            .map(|path| path.display().to_string())
            .collect();
        if !there.is_empty() {
            let what = format!("已经有 {}，不覆盖 (never overwritten)", there.join("、"));
            return Err(Stop::usage(what, "换一个文件夹或 --issued 日期，或先移走这些文件").into());
        }
        for (path, text) in files.into_iter().chain(region.schemas()) {
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            write_whole(&path, &[], |out| Ok(out.write_all(text.as_bytes())?))?;
            put(&format!("{}\n", path.display()), None)?;
        }
        let (above, slug) = (region.above().display(), &region.slug);
        let next = [
            (format!("policy open {slug} --on {}", region.issued), "还要填哪些数字", "the figures to fill in"),
            (format!("policy check {slug}"), "写得对不对", "whether all is well written"),
        ];
        let mut says = format!("\n{}\n", session.lang.of("接下来：", "Next:"));
        for (words, zh, en) in next {
            says += &format!("  tongchou {words} --policies {above}    # {}\n", session.lang.of(zh, en));
        }
        put(&says, None)?;
        Ok(Verdict::Good)
    }

    fn region(&self, session: &Session) -> Result<Starter, Stop> {
        let last = self.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let digits = |text: &str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        let (code, slug) = match last.split_once('-') {
            Some((code, slug)) if digits(code) => (Some(code), slug),
            _ => (None, last),
        };
        let code = self.code.as_deref().or(code).filter(|code| digits(code));
        let code = code.ok_or_else(|| {
            Stop::usage(
                "缺少六位区划代码 (no administrative code)",
                "文件夹写作 policies/510100-chengdu，或加 --code 510100",
            )
        })?;
        let slug = self.slug.as_deref().unwrap_or(slug);
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !plain(slug) {
            return Err(Stop::usage(format!("“{slug}” 不能作 slug"), "用小写拼音、数字和连字符，如 chengdu"));
        }
        let regions = &session.shelf.library.regions;
        let taken = regions.values().find(|region| region.code == code || region.slug == slug);
        if let Some(region) = taken.filter(|region| region.code != code || region.slug != slug) {
            let what = format!("{}（{}-{}）已用了这个代码或 slug (taken)", region.name, region.code, region.slug);
            return Err(Stop::usage(what, "换代码和 slug；要给它加一份通知，文件夹写成同名"));
        }
        let name = taken.map(|region| region.name.clone()).or(self.name.clone()).unwrap_or_else(|| slug.to_owned());
        // The library takes the slug from the folder's name.
        let folder = self.folder.with_file_name(format!("{code}-{slug}"));
        let issued = self.issued.unwrap_or_else(today);
        Ok(Starter { folder, code: code.to_owned(), slug: slug.to_owned(), name, issued, known: taken.is_some() })
    }
}

struct Starter {
    folder: PathBuf,
    code: String,
    slug: String,
    name: String,
    issued: Date,
    /// The region is there already: only a notice is added.
    known: bool,
}

/// Folder beside the regions for the schemas that editors complete from. Hidden: it holds no policies.
const SCHEMAS: &str = ".schema";

impl Starter {
    fn above(&self) -> &Path {
        self.folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Whether a configuration of taplo above the folder says already which schema is meant.
    fn has_schemas(&self) -> bool {
        self.above().join("../.taplo.toml").exists()
    }

    fn files(&self) -> Vec<(PathBuf, String)> {
        let notice = format!("{}-notice.toml", self.issued);
        let mut files = vec![];
        if self.known {
            files.push((notice, "notice", include_str!("new/another.toml")));
        } else {
            files.push(("region.toml".to_owned(), "region", include_str!("new/region.toml")));
            files.push(("clauses.tsv".to_owned(), "", include_str!("new/clauses.tsv")));
            files.push(("statistics.toml".to_owned(), "statistics", include_str!("new/statistics.toml")));
            files.push((notice, "notice", include_str!("new/notice.toml")));
            files.push(("cases/first.toml".to_owned(), "case", include_str!("new/case.toml")));
        }
        let written = |(name, schema, text): (String, &str, &str)| {
            let mut text = self.fill(text);
            if schema == "notice" {
                text.push_str(&families());
            }
            if !schema.is_empty() && !self.has_schemas() {
                let up = "../".repeat(name.matches('/').count() + 1);
                text.insert_str(0, &format!("#:schema {up}{SCHEMAS}/{schema}.schema.json\n"));
            }
            (self.folder.join(name), text)
        };
        files.into_iter().map(written).collect()
    }

    /// The schemas that are not there yet.
    fn schemas(&self) -> Vec<(PathBuf, String)> {
        let folder = self.above().join(SCHEMAS);
        let schemas = reference::schemas().into_iter().map(|(name, text)| (folder.join(name), text));
        schemas.filter(|(path, _)| !self.has_schemas() && !path.exists()).collect()
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{code}", &self.code)
            .replace("{slug}", &self.slug)
            .replace("{name}", &self.name)
            .replace("{prefix}", &self.slug.to_uppercase())
            .replace("{issued}", &self.issued.to_string())
            .replace("{year}", &self.issued.year().to_string())
    }
}

/// Every kind of provision as a comment to copy, from the registry.
fn families() -> String {
    let mut text = String::from(
        "\n# ── 可写的条款 ──────────────────────────────────────\n# 每种一段；去掉行首的 # 即可用。每条还可写：\n",
    );
    for field in COMMON {
        let _ = writeln!(text, "#   {} {}", sample(field), field.doc);
    }
    for part in PARTS.iter().filter(|part| part.pattern != "statistic.*") {
        let _ = writeln!(text, "\n# {}：{}", part.name, part.doc);
        let _ = writeln!(text, "# [[{}]]\n# clause = \"…\"", part.pattern.replace('*', "name"));
        for field in part.fields {
            let need = if field.required { "" } else { "（可不写）" };
            let _ = writeln!(text, "# {:40} # {}{need}", sample(field), label(field.name, Lang::Zh));
        }
    }
    text
}

/// How a field is written.
fn sample(field: &Field) -> String {
    format!("{} = {}", field.name, shape(field.kind))
}

fn shape(kind: Kind) -> String {
    match kind {
        Kind::Text => "\"…\"".to_owned(),
        Kind::Texts => "[\"…\"]".to_owned(),
        Kind::Bool => "true".to_owned(),
        Kind::Integer => "1".to_owned(),
        Kind::Date => "2022-01-31".to_owned(),
        Kind::MonthDay => "\"10-01\"".to_owned(),
        Kind::Amount => "\"open\"".to_owned(),
        Kind::Amounts => "[\"open\"]".to_owned(),
        Kind::Rate | Kind::Factor => "\"…%\"".to_owned(),
        Kind::Points => "\"…\"".to_owned(),
        Kind::Rule => "{ of = \"disposable-income\", share = \"…%\", years_before = 2, round = \"yuan\" }".to_owned(),
        Kind::Word(words) => format!("\"{}\"", words.join("\" | \"")),
        Kind::Words(words) => format!("[\"{}\"]", words.join("\", \"")),
        Kind::When => "{ care = \"inpatient\" }".to_owned(),
        Kind::Table(fields) => inline(fields, ""),
        Kind::Rows(fields, conditions) => format!("[{}]", inline(fields, if conditions { "<条件>, " } else { "" })),
    }
}

fn inline(fields: &[Field], before: &str) -> String {
    let fields: Vec<String> = fields.iter().map(sample).collect();
    format!("{{ {before}{} }}", fields.join(", "))
}
