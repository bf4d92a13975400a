//! `settle`: a file of bills in, what every fund and the person pay out, each step with its clause.

mod book;
mod compare;
mod explained;
mod sheets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::{Bill, Date, Diagnostic, Severity};
use policy::{Library, Notice, NoticeKind, View, set};

pub use self::book::Asked;
use self::book::{Book, spans};
use self::compare::Compared;
use super::policy::{Seen, Sets, day};
use crate::io::bills::{self, Column, InputFormat, Loaded};
use crate::io::findings::{self, Texts};
use crate::io::out::{Format, Output, to_stdout, write_whole};
use crate::io::sheet::Sheet;
use crate::output::aside;
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;

/// Asks for bills to be settled.
#[derive(clap::Args)]
pub struct Args {
    /// Bills as CSV, JSON, JSON Lines or Parquet; `-` is standard input
    file: PathBuf,
    /// Format of the bills, where the file's name does not say it: csv, json, jsonl or parquet
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<InputFormat>,
    /// Region of bills that name none: slug, code or Chinese name
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Use the terms of this day for every bill
    #[arg(long, value_name = "DAY", value_parser = day)]
    as_of: Option<Date>,
    #[command(flatten)]
    seen: Seen,
    #[command(flatten)]
    sets: Sets,
    /// Refuse figures that rest on less than a stated rule and a published statistic
    #[arg(long)]
    strict: bool,
    /// Settle with and without this notice and compare, by fund and by person; `set`: with and without --set
    #[arg(long, value_name = "NOTICE")]
    compare: Option<String>,
    /// Show every step, with clause and basis
    #[arg(long)]
    explain: bool,
    /// Settle the good rows and list what was left out
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    output: Output,
}

impl Args {
    /// Settles them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let view = self.seen.view(library)?;
        let region = self.region.as_deref().map(|name| session.region(library, name)).transpose()?;
        let format = self.output.check(&[&self.file])?;
        self.check_explain(session, format)?;
        let mut loaded = bills::read(&self.file, self.from);
        let regions = regions_of(library, &mut loaded, region.map(|r| r.slug.as_str()), &self.file);
        let sets = match self.sets.is_empty() {
            true => BTreeMap::new(),
            false => self.set_otherwise(session, library, &view, &loaded.bills, &regions)?,
        };
        let asked = Asked { view, sets: &sets, as_of: self.as_of, strict: self.strict, steps: self.explain };
        if let Some(notice) = self.compare.as_ref().filter(|_| self.keep_going || !has_errors(&loaded.findings)) {
            return self.compared(session, library, &loaded, &regions, &asked, notice);
        }
        // Bills are settled even if the file has faults, so that every refusal is named at once with them.
        let book = Book::settle(library, &loaded.bills, &regions, &asked);
        let refusals = book.refusals(&self.file.display().to_string(), &loaded);
        let mut findings = loaded.findings.clone();
        findings.extend(refusals.iter().cloned());
        findings.sort_by_key(|finding| finding.place.line);
        tell(&findings, &loaded, &self.file, session.lang)?;
        if has_errors(&findings) && !self.keep_going {
            return Ok(Verdict::Findings);
        }
        self.write(session, &book, format)?;
        let left_out = loaded.left_out + refusals.len();
        if left_out == 0 {
            return Ok(Verdict::Good);
        }
        let lang = session.lang;
        aside(format!(
            "{}{left_out}{}",
            lang.of("未结算 ", "left out: "),
            lang.of(" 行，原因见上", " rows, see above")
        ));
        let mut incomplete = loaded.incomplete.clone();
        incomplete.extend(book.incomplete().map(str::to_owned));
        let persons: Vec<&str> = incomplete.iter().map(String::as_str).take(20).collect();
        let warning = lang.of("这些人员的年度累计不完整：", "the year of these persons is incomplete: ");
        let more = if incomplete.len() > persons.len() { " …" } else { "" };
        aside(format!("{warning}{}{more}", persons.join("、")));
        Ok(Verdict::Findings)
    }

    /// The figures set otherwise for each region of the bills, on their days.
    fn set_otherwise(
        &self,
        session: &Session,
        library: &Library,
        view: &View<'_>,
        bills: &[Bill],
        regions: &[String],
    ) -> Result<BTreeMap<String, Notice>, Stop> {
        let lang = session.lang;
        if self.compare.as_deref().is_some_and(|notice| notice != set::ID) {
            return Err(Stop::usage(
                lang.of(
                    "--set 时 --compare 只能写 set (--compare with --set)",
                    "with --set, only --compare set compares",
                ),
                lang.of(
                    "写 --compare set：改与不改各算一遍",
                    "write --compare set: settled with and without what is set",
                ),
            ));
        }
        let mut sets = BTreeMap::new();
        for (slug, days) in spans(bills, regions) {
            let Some(region) = library.regions.get(slug) else { continue };
            let days = self.as_of.map_or(days, |day| (day, day));
            sets.extend(self.sets.overlay(session, library, region, view, days)?.map(|set| (slug.to_owned(), set)));
        }
        Ok(sets)
    }

    /// Steps need a form with room for them: asked for in any other, they would be silently left out.
    fn check_explain(&self, session: &Session, format: Format) -> Result<(), Stop> {
        let lang = session.lang;
        if self.explain && self.compare.is_some() {
            return Err(Stop::usage(
                lang.of("--compare 不列步骤 (--explain with --compare)", "--compare shows no steps"),
                lang.of(
                    "去掉 --explain；要看步骤，分别结算：一次加 --draft，一次不加",
                    "leave --explain out; for the steps, settle with --draft and without",
                ),
            ));
        }
        if self.explain && matches!(format, Format::Csv | Format::Parquet) {
            return Err(Stop::usage(
                lang.of(
                    "CSV 和 Parquet 一行一张票据，放不下步骤 (no room for --explain)",
                    "CSV and Parquet have no room for the steps of --explain",
                ),
                lang.of("用 --format json、jsonl、xlsx 或 table", "use --format json, jsonl, xlsx or table"),
            ));
        }
        Ok(())
    }

    fn write(&self, session: &Session, book: &Book<'_>, format: Format) -> anyhow::Result<()> {
        let lang = session.lang;
        match format {
            Format::Json | Format::Jsonl => self.write_objects(book, format),
            Format::Table => {
                let mut sheets = vec![
                    sheets::bills(book, false, Some(lang), lang),
                    sheets::persons(book, lang),
                    sheets::funds(book, lang),
                ];
                if self.explain {
                    sheets.remove(0);
                }
                let blocks = if self.explain { explained::blocks(book, lang) } else { String::new() };
                let look = |terminal| crate::io::sheet::Look { terminal, bom: false };
                let fill = |terminal, out: &mut (dyn std::io::Write + Send)| {
                    out.write_all(blocks.as_bytes())?;
                    crate::io::sheet::write(&sheets, Format::Table, look(terminal), out)?;
                    let basis = book.basis();
                    let (zh, en) = basis.map_or(("无".to_owned(), "none".to_owned()), |basis| {
                        (format!("{}（{basis}）", basis.name()), basis.to_string())
                    });
                    let zh = format!("全部结果的最弱依据：{zh}");
                    writeln!(out, "{}", lang.of(&zh, &format!("weakest basis of all results: {en}")))?;
                    Ok(())
                };
                match &self.output.output {
                    Some(path) => write_whole(path, &[&self.file], |out| fill(None, out)),
                    None => to_stdout(|out| fill(crate::io::out::terminal_width(), out)),
                }
            }
            Format::Csv | Format::Xlsx | Format::Parquet => {
                let mut sheets: Vec<Sheet> =
                    vec![sheets::bills(book, true, (format == Format::Xlsx).then_some(lang), lang)];
                if format == Format::Xlsx {
                    sheets.extend([sheets::persons(book, lang), sheets::funds(book, lang)]);
                    if self.explain {
                        sheets.push(sheets::steps(book, lang));
                    }
                }
                self.output.write(&sheets, &[&self.file])
            }
        }
    }

    fn write_objects(&self, book: &Book<'_>, format: Format) -> anyhow::Result<()> {
        let fill = |out: &mut (dyn std::io::Write + Send)| {
            let array = format == Format::Json;
            for (at, line) in book.lines.iter().enumerate() {
                let before = if !array {
                    ""
                } else if at == 0 {
                    "[\n"
                } else {
                    ",\n"
                };
                let after = if array { "" } else { "\n" };
                write!(out, "{before}{}{after}", explained::object(book, line, self.explain))?;
            }
            if array {
                writeln!(out, "{}", if book.lines.is_empty() { "[]" } else { "\n]" })?;
            }
            Ok(())
        };
        match &self.output.output {
            Some(path) => write_whole(path, &[&self.file], fill),
            None => to_stdout(fill),
        }
    }

    fn compared(
        &self,
        session: &Session,
        library: &Library,
        loaded: &Loaded,
        regions: &[String],
        asked: &Asked<'_>,
        notice: &str,
    ) -> anyhow::Result<Verdict> {
        let sides = if self.sets.is_empty() {
            sides_of(library, asked, notice)?
        } else {
            (asked.view.clone(), asked.view.clone())
        };
        let none = BTreeMap::new();
        let settle =
            |view: View<'_>, sets| Book::settle(library, &loaded.bills, regions, &Asked { view, sets, ..*asked });
        let (without, with) = (settle(sides.0, &none), settle(sides.1, asked.sets));
        let mut findings = loaded.findings.clone();
        for (book, side) in [(&without, "不计此文件 (without)"), (&with, "计此文件 (with)")] {
            for mut refusal in book.refusals(&self.file.display().to_string(), loaded) {
                refusal.message = format!("{side}：{}", refusal.message);
                findings.push(refusal);
            }
        }
        findings.sort_by_key(|finding| finding.place.line);
        tell(&findings, loaded, &self.file, session.lang)?;
        if has_errors(&findings) && !self.keep_going {
            return Ok(Verdict::Findings);
        }
        let mut incomplete = loaded.incomplete.clone();
        incomplete.extend([&without, &with].into_iter().flat_map(Book::incomplete).map(str::to_owned));
        let compared = Compared::new(&without, &with, &incomplete);
        self.output.write(&compared.sheets(session.lang), &[&self.file])?;
        aside(compared.summary(session.lang));
        // As with every bill left out: what could be done is given, and the exit code says that it is not all.
        Ok(if has_errors(&findings) { Verdict::Findings } else { Verdict::Good })
    }
}

/// How the library looks without a notice and with it.
fn sides_of<'l>(library: &Library, asked: &Asked<'l>, notice: &str) -> Result<(View<'l>, View<'l>), Stop> {
    let Some(known) = library.notice(notice) else {
        let ids: Vec<&str> = library.notices.iter().map(|n| n.id.as_str()).collect();
        return Err(Stop::usage(format!("没有文件 “{notice}” (unknown notice)"), format!("可用：{}", ids.join("、"))));
    };
    let mut with = asked.view.clone();
    if known.kind == NoticeKind::Draft {
        with.drafts.push(notice.to_owned());
    }
    let mut without = asked.view.clone();
    without.drafts.retain(|draft| draft != notice);
    without.without.push(notice.to_owned());
    Ok((without, with))
}

/// The slug of each bill's region. Bills without one, or with one that does not exist, are taken out with a finding.
fn regions_of(library: &Library, loaded: &mut Loaded, default: Option<&str>, file: &Path) -> Vec<String> {
    let file = file.display().to_string();
    let mut regions = Vec::with_capacity(loaded.bills.len());
    let mut tier_ids = Vec::with_capacity(loaded.bills.len());
    let mut kept = Vec::with_capacity(loaded.bills.len());
    for (bill, origin) in loaded.bills.iter().zip(&loaded.origins) {
        let named = bill.region.as_deref().map(|name| library.region(name).map(|region| region.slug.clone()));
        let missing = "票据没有 region（统筹区），命令也没有 --region (no region)".to_owned();
        match named.or_else(|| default.map(|slug| Ok(slug.to_owned()))).unwrap_or(Err(missing)) {
            Ok(slug) => {
                tier_ids.push(tier_id(library, &slug, bill));
                regions.push(slug);
                kept.push(true);
            }
            Err(what) => {
                let place = origin.place(&file, Column::Region);
                let cure = "写地区的 slug、代码或中文名，或加 --region";
                loaded.incomplete.insert(bill.person_id.clone());
                loaded.findings.push(Diagnostic::error("region", place, format!("票据 {}：{what}", bill.id), cure));
                kept.push(false);
            }
        }
    }
    loaded.left_out += kept.iter().filter(|keep| !**keep).count();
    let mut keep = kept.iter();
    loaded.bills.retain(|_| keep.next().copied().unwrap_or(false));
    let mut keep = kept.iter();
    loaded.origins.retain(|_| keep.next().copied().unwrap_or(false));
    for (bill, tier) in loaded.bills.iter_mut().zip(tier_ids) {
        bill.person.tier = tier.or_else(|| bill.person.tier.take());
    }
    regions
}

/// The id of the tier that a bill names in words, if the region has one of that name.
fn tier_id(library: &Library, slug: &str, bill: &Bill) -> Option<String> {
    let tiers = library.tiers(library.regions.get(slug)?);
    let named = bill.person.tier.as_ref()?;
    tiers.iter().find(|(_, name)| name == named).map(|(id, _)| id.clone())
}

/// Says what was found, with the lines it is about.
fn tell(list: &[Diagnostic], loaded: &Loaded, file: &Path, lang: Lang) -> std::io::Result<()> {
    let text = loaded.text.iter().map(|text| (file.display().to_string(), text.clone()));
    findings::tell(list, &text.collect::<Texts>(), lang)
}

fn has_errors(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// One bill from a single object, settled and explained (the verb `explain`).
pub fn explain_one(
    session: &Session,
    loaded: &mut Loaded,
    slug: &str,
    asked: &Asked<'_>,
    output: &Output,
) -> anyhow::Result<Verdict> {
    let library = session.library()?;
    let regions: Vec<String> = loaded.bills.iter().map(|_| slug.to_owned()).collect();
    for bill in &mut loaded.bills {
        bill.person.tier = tier_id(library, slug, bill).or_else(|| bill.person.tier.take());
    }
    let loaded = &*loaded;
    let book = Book::settle(library, &loaded.bills, &regions, asked);
    let refusals = book.refusals("explain", loaded);
    tell(&refusals, loaded, Path::new("explain"), session.lang)?;
    if has_errors(&refusals) {
        return Ok(Verdict::Findings);
    }
    let format = output.check(&[])?;
    match format {
        Format::Table => to_stdout(|out| Ok(out.write_all(explained::blocks(&book, session.lang).as_bytes())?))?,
        Format::Json | Format::Jsonl => to_stdout(|out| {
            for line in &book.lines {
                writeln!(out, "{}", explained::object(&book, line, true))?;
            }
            Ok(())
        })?,
        Format::Csv | Format::Xlsx | Format::Parquet => output.write(&[sheets::steps(&book, session.lang)], &[])?,
    }
    Ok(Verdict::Good)
}
