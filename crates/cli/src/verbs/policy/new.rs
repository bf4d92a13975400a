//! `policy new`: the starter files of a region. They invent no figure: what must be filled in is open, and `policy open`
//! lists it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use domain::Date;
use policy::registry::{COMMON, Field, Kind, PARTS};

use super::day;
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
            .map(|(name, _)| region.folder.join(name))
            .filter(|f| f.exists())
            .map(|f| f.display().to_string())
            .collect();
        if !there.is_empty() {
            let what = format!("已经有 {}，不覆盖 (never overwritten)", there.join("、"));
            return Err(Stop::usage(what, "换一个文件夹，或先移走这些文件").into());
        }
        fs::create_dir_all(region.folder.join("cases"))?;
        for (name, text) in &files {
            let path = region.folder.join(name);
            fs::write(&path, text)?;
            println!("{}", path.display());
        }
        let above = region.folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (above, slug) = (above.display(), &region.slug);
        match session.lang {
            Lang::Zh => println!(
                "\n接下来：\n  tongchou policy open {slug} --on {0} --policies {above}    还要填哪些数字\n  \
                 tongchou policy check {slug} --policies {above}    写得对不对",
                region.issued
            ),
            Lang::En => println!(
                "\nNext:\n  tongchou policy open {slug} --on {0} --policies {above}    the figures to fill in\n  \
                 tongchou policy check {slug} --policies {above}    whether all is well written",
                region.issued
            ),
        }
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
        let taken = session.shelf.library.regions.values().find(|region| region.code == code || region.slug == slug);
        if let Some(region) = taken {
            let what = format!("已有地区 {}（{} {}）(taken)", region.name, region.code, region.slug);
            return Err(Stop::usage(what, "它的文件可直接在同名文件夹里补充；新地区换代码和 slug"));
        }
        let name = self.name.clone().unwrap_or_else(|| slug.to_owned());
        // The library takes the slug from the folder's name.
        let folder = self.folder.with_file_name(format!("{code}-{slug}"));
        let issued = self.issued.unwrap_or_else(today);
        Ok(Starter { folder, code: code.to_owned(), slug: slug.to_owned(), name, issued })
    }
}

struct Starter {
    folder: PathBuf,
    code: String,
    slug: String,
    name: String,
    issued: Date,
}

impl Starter {
    fn files(&self) -> Vec<(String, String)> {
        vec![
            ("region.toml".to_owned(), self.fill(include_str!("new/region.toml"))),
            ("clauses.tsv".to_owned(), self.fill(include_str!("new/clauses.tsv"))),
            ("statistics.toml".to_owned(), self.fill(include_str!("new/statistics.toml"))),
            (format!("{}-notice.toml", self.issued), self.fill(include_str!("new/notice.toml")) + &families()),
            ("cases/first.toml".to_owned(), self.fill(include_str!("new/case.toml"))),
        ]
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
        let _ = writeln!(text, "# [[{}]]\n# clause = \"…\"", part.pattern.replace('*', "名称"));
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
        Kind::Rate => "\"…%\"".to_owned(),
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
