//! The forecast itself, in builds that have Parquet.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::Fen;
use microsim::Refused;
use microsim::forecast::{Asked, Assumptions, Forecast, Words, forecast, payable_months};
use microsim::generate::Figures;
use microsim::report;
use microsim::run::read;

use super::{Args, tables};
use crate::io::out::{Format, Output};
use crate::output::put;
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;

/// Makes it.
pub fn make(args: &Args, session: &Session) -> anyhow::Result<Verdict> {
    let lang = session.lang;
    if args.format.is_some_and(Format::is_binary) {
        let cure =
            lang.of("可用 table、json、jsonl、csv；另用 -o 目录", "use table, json, jsonl or csv; -o DIR beside");
        return Err(Stop::usage(lang.of("预测不写这种格式", "a forecast has no such format"), cure).into());
    }
    let library = session.library()?;
    let outcome = read(&args.run)
        .map_err(|error| error.downcast::<Refused>().map_or_else(|error| error, |refused| told(refused).into()))?;
    let region = session.region(library, &outcome.region)?;
    let own = args.assumptions.as_deref().map(text).transpose()?;
    let own = own.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    let parameters = args.parameters.as_deref().map(text).transpose()?;
    let parameters = parameters.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    let asked = Asked {
        library,
        region,
        outcome: &outcome,
        figures: &Figures::of_region(library, region, parameters).map_err(told)?,
        assumptions: &Assumptions::of_region(library, region, own).map_err(told)?,
        years: args.years,
        seeds: args.seeds,
        seed: args.seed,
        scenarios: &args.scenario,
        opening: args.opening_balance.as_deref().map(|text| yuan(text, lang)).transpose()?,
    };
    let made = forecast(&asked).map_err(told)?;
    if let Some(folder) = &args.output {
        write(&made, folder, lang)?;
    }
    let stdout = Output { output: None, format: args.format, bom: false };
    tables::outlook(&made, lang).write(&stdout, lang)?;
    Ok(Verdict::Good)
}

fn text(path: &Path) -> anyhow::Result<(String, String)> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| name.clone())?;
    Ok((name, text))
}

/// Yuan of any size, with at most two decimals.
fn yuan(text: &str, lang: Lang) -> Result<Fen, Stop> {
    let read = || {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 13 || rest.len() > 2 || !plain(whole) || !plain(rest) {
            return None;
        }
        let fen: i64 = format!("{whole}{rest:0<2}").parse().ok()?;
        Some(Fen(sign * fen))
    };
    read().ok_or_else(|| {
        let what = format!("--opening-balance “{text}” {}", lang.of("不是金额", "is no amount"));
        Stop::usage(what, lang.of("写元，如 1234567.89", "write yuan, as 1234567.89"))
    })
}

/// Everything, as files.
fn write(made: &Forecast, folder: &Path, lang: Lang) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let at = |name: &str| -> PathBuf { folder.join(name) };
    let csv = |name: &str| Output { output: Some(at(name)), format: Some(Format::Csv), bom: false };
    tables::outlook(made, lang).write(&csv("forecast.csv"), lang)?;
    tables::funds(made).write(&csv("funds.csv"), lang)?;
    tables::factors(made).write(&csv("factors.csv"), lang)?;
    tables::ages(made).write(&csv("ages.csv"), lang)?;
    tables::assumptions(made).write(&csv("assumptions.csv"), lang)?;
    put(&(serde_json::to_string_pretty(made)? + "\n"), Some(&at("forecast.json")))?;
    for (number, variant) in tables::variants(made).into_iter().enumerate() {
        let drawn = payable_months(made, variant, &words(made, variant, lang));
        put(&drawn, Some(&at(&format!("months-{number}.svg"))))?;
    }
    Ok(())
}

fn words(made: &Forecast, variant: &str, lang: Lang) -> Words {
    let name = report::variant(variant);
    let variant = name.of(lang);
    let months = made.warning.months;
    let basis = tables::basis(made, lang);
    match lang {
        Lang::Zh => Words {
            title: format!("{}（{variant}）：累计结余够付几个月", made.region_name),
            note: "线：照假设；带：每百条随机路径里有八十条在其中（各年第10到第90百分位）".to_owned(),
            warning: format!("预警线 {months} 个月"),
            source: format!("由 {} 年的模拟推算；依据：{basis}", made.from_year),
            lang,
        },
        Lang::En => Words {
            title: format!("{} ({variant}): months that the balance pays for", made.region),
            note: "line: as assumed; band: eight of ten random paths (10th to 90th percentile of each year)".to_owned(),
            warning: format!("warning line, {months} months"),
            source: format!("projected from a simulation of {}; basis: {basis}", made.from_year),
            lang,
        },
    }
}

fn told(refused: Refused) -> Stop {
    Stop::usage(refused.what, refused.cure)
}
