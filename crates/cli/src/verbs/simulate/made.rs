//! The run itself, in builds that have Parquet.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::thread::available_parallelism;

use domain::{Fen, Payer};
use indicatif::ProgressBar;
use microsim::Refused;
use microsim::files::whole;
use microsim::generate::Manifest;
use microsim::outcome::{By, Group, Outcome, Patients, Variant};
use microsim::report;
use microsim::run::{Asked, Progress, Spoilt, simulate};
use serde_json::{Value, json};

use super::Args;
use super::variants::Plans;
use crate::io::out::Output;
use crate::io::progress;
use crate::output::{Column, Listing, column};
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;
use crate::words::yuan;

/// Settles it, writes the report, and tells the main sums.
pub fn make(args: &Args, session: &Session) -> anyhow::Result<Verdict> {
    let manifest = Manifest::read(&args.province).map_err(told)?;
    let library = session.library()?;
    let region = session.region(library, args.region.as_deref().unwrap_or(&manifest.region))?;
    let year = args.year.unwrap_or(manifest.year);
    let plans = Plans::of(args, session, region, year)?;
    let asked = Asked {
        library,
        region,
        year,
        variants: plans.variants(args),
        threads: args.threads.or_else(|| Some(available_parallelism().ok()?.get())).unwrap_or(1),
        keep_going: args.keep_going,
    };
    let telling =
        Telling { bar: progress::over_rows("测算", manifest.people.unsigned_abs()), spoilt: Mutex::default() };
    let outcome = simulate(&asked, &args.province, &args.output, &telling);
    telling.bar.finish_and_clear();
    let outcome = outcome.map_err(told)?;
    telling.write(&args.output)?;
    let lang = session.lang;
    let written = report::write(&outcome, &args.output, lang)?;
    let mut told = summary(&outcome, lang);
    if let Some(page) = written.first() {
        told.foot.push_str(&format!("\n{}{}", lang.of("报告：", "report: "), page.display()));
    }
    told.write(&Output::default(), lang)?;
    Ok(if outcome.left_out > 0 { Verdict::Findings } else { Verdict::Good })
}

/// A refusal of the run, as the command line tells it.
fn told(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Refused>() {
        Ok(Refused { what, cure }) => Stop::usage(what, cure).into(),
        Err(error) => error,
    }
}

/// A bar over the parts, and the rows that were left out.
struct Telling {
    bar: ProgressBar,
    spoilt: Mutex<Vec<Spoilt>>,
}

impl Progress for Telling {
    fn part(&self, parts: i64, _: i64) {
        self.bar.set_length(parts.unsigned_abs());
        self.bar.inc(1);
    }

    fn left_out(&self, rows: &[Spoilt]) {
        *self.spoilt.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = rows.to_vec();
    }
}

impl Telling {
    /// The rows that were left out, in the order of the files; no file where there are none.
    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join("left-out.csv");
        let rows = self.spoilt.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if rows.is_empty() {
            return if path.is_file() { Ok(fs::remove_file(&path)?) } else { Ok(()) };
        }
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["file", "row_group", "row", "column", "what", "cure"])?;
        for Spoilt { file, group, row, column, what, cure } in rows.iter() {
            let (group, row) = (group.to_string(), row.to_string());
            out.write_record([&file.display().to_string(), &group, &row, column, what, cure])?;
        }
        let bytes = out.into_inner().map_err(|error| anyhow::anyhow!("{error}"))?;
        whole(&path, |out| Ok(out.write_all(&bytes)?))
    }
}

const COLUMNS: &[Column] = &[
    column("variant", "方案", "variant"),
    column("bills", "结算票据", "bills settled"),
    column("total", "总费用", "total"),
    column("in_scope", "政策范围内", "in scope"),
    column("paid", "各基金支付", "paid by funds"),
    column("change", "比现行规定", "against baseline"),
    column("ratio", "范围内支付比例", "ratio in scope"),
    column("own", "个人负担", "persons' own"),
    column("winners", "受益人", "winners"),
    column("losers", "受损人", "losers"),
    column("refused", "拒结票据", "bills refused"),
];

fn summary(outcome: &Outcome, lang: Lang) -> Listing<'static> {
    let people = outcome.people.get(&all()).cloned().unwrap_or_default();
    let name = &outcome.region_name;
    let title = match lang {
        Lang::Zh => format!("{name} {} 年：参保 {} 人", outcome.year, people.enrolled),
        Lang::En => format!("{} in {}: {} enrolled", outcome.region, outcome.year, people.enrolled),
    };
    let baseline = outcome.variants.first().map(sums).unwrap_or_default();
    let rows = outcome.variants.iter().map(|variant| row(variant, &baseline, &outcome.funds, lang)).collect();
    let mut foot = lang.of("全部结果的依据：示意（illustrative）", "basis of all of it: illustrative").to_owned();
    if outcome.left_out > 0 {
        foot.push_str(&match lang {
            Lang::Zh => format!("\n略过读不了的 {} 行，见 left-out.csv", outcome.left_out),
            Lang::En => format!("\n{} rows could not be read and are left out: see left-out.csv", outcome.left_out),
        });
    }
    Listing { title, columns: COLUMNS, rows, foot }
}

fn all() -> Group {
    Group { by: By::All, value: String::new() }
}

fn sums(variant: &Variant) -> Patients {
    variant.groups.get(&all()).cloned().unwrap_or_default()
}

fn row(variant: &Variant, baseline: &Patients, funds: &[String], lang: Lang) -> Vec<Value> {
    let sums = sums(variant);
    let paid: i64 = sums.paid.iter().sum();
    let by_fund = funds.iter().zip(&sums.paid).filter(|(_, paid)| **paid != 0).map(|(fund, paid)| {
        let name = Payer::parse(fund).map_or(fund.as_str(), |fund| lang.of(fund.name(), fund.english()));
        format!("{name} {}", yuan(Fen(*paid), lang))
    });
    let change = paid - baseline.paid.iter().sum::<i64>();
    let refused: i64 = variant.refused.values().sum();
    vec![
        json!(report::variant(&variant.name).of(lang)),
        json!(sums.bills),
        json!(yuan(Fen(sums.total), lang)),
        json!(yuan(Fen(sums.in_scope), lang)),
        json!(by_fund.collect::<Vec<_>>()),
        json!(yuan(Fen(change), lang)),
        json!(percent(paid, sums.in_scope)),
        json!(yuan(Fen(sums.own), lang)),
        json!(sums.winners),
        json!(sums.losers),
        json!(refused),
    ]
}

/// A part of a whole, neither negative, in percent with two places, half up; nothing of nothing.
fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return String::new();
    }
    let hundredths = (i128::from(part) * 20_000 + i128::from(whole)) / (2 * i128::from(whole));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}
