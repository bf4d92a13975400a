//! The tables of a forecast: years, what moves them, ages, assumptions. Programs are given fen, people ten thousand yuan.

use domain::{Basis, Fen, Payer};
use microsim::forecast::{Forecast, Outlook, Range, Track};
use microsim::report::variant;
use serde_json::{Value, json};

use crate::output::{Column, Listing, column, hidden, shown};
use crate::session::Lang;

/// A year of a variant in a scenario.
const YEARS: &[Column] = &[
    hidden("variant"),
    shown("方案", "variant"),
    hidden("scenario"),
    shown("假设", "scenario"),
    column("year", "年", "year"),
    hidden("living"),
    hidden("born"),
    hidden("died"),
    column("enrolled", "参保人数", "enrolled"),
    hidden("personal_fen"),
    hidden("sponsored_fen"),
    hidden("unsplit_fen"),
    hidden("subsidy_fen"),
    hidden("central_fen"),
    hidden("province_fen"),
    hidden("local_fen"),
    hidden("interest_fen"),
    hidden("income_fen"),
    shown("收入", "income"),
    hidden("premium_fen"),
    hidden("spending_fen"),
    shown("支出", "spending"),
    hidden("balance_ratio"),
    hidden("balance_fen"),
    shown("累计结余", "balance"),
    hidden("balance_p10_fen"),
    hidden("balance_p50_fen"),
    hidden("balance_p90_fen"),
    hidden("advance_fen"),
    column("payable_months", "备付月数", "payable months"),
    hidden("months_p10"),
    hidden("months_p50"),
    hidden("months_p90"),
    shown("区间", "range"),
    hidden("income_p10_fen"),
    hidden("income_p90_fen"),
    hidden("spending_p10_fen"),
    hidden("spending_p90_fen"),
    hidden("below"),
    hidden("paths_below"),
    hidden("paths"),
    shown("预警", "warning"),
];

const FUNDS: &[Column] = &[
    column("variant", "方案", "variant"),
    column("scenario", "假设", "scenario"),
    column("year", "年", "year"),
    column("fund", "基金", "fund"),
    column("in_pot", "同一资金池", "in the pot"),
    column("paid_fen", "支付（分）", "paid, fen"),
];

const FACTORS: &[Column] = &[
    column("variant", "方案", "variant"),
    column("scenario", "假设", "scenario"),
    column("year", "年", "year"),
    column("factor", "因素", "factor"),
    column("income_fen", "收入增减（分）", "income, fen"),
    column("spending_fen", "支出增减（分）", "spending, fen"),
];

const AGES: &[Column] = &[
    column("variant", "方案", "variant"),
    column("scenario", "假设", "scenario"),
    column("year", "年", "year"),
    column("sex", "性别", "sex"),
    column("from_age", "年龄从", "from age"),
    column("to_age", "到", "to age"),
    column("enrolled", "参保人数", "enrolled"),
    column("spending_fen", "支出（分）", "spending, fen"),
];

const ASSUMPTIONS: &[Column] = &[
    column("figure", "假设", "figure"),
    column("value", "数值", "value"),
    column("basis", "依据", "basis"),
    column("source", "来源", "source"),
];

/// Names of the variants, the baseline first.
pub fn variants(made: &Forecast) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for track in &made.tracks {
        if !names.contains(&track.variant.as_str()) {
            names.push(&track.variant);
        }
    }
    names
}

/// The weakest basis, as people call it.
pub fn basis(made: &Forecast, lang: Lang) -> String {
    let basis = Basis::parse(&made.basis).unwrap_or(Basis::Illustrative);
    match lang {
        Lang::Zh => format!("{}（{}）", basis.name(), basis.code()),
        Lang::En => basis.code().to_owned(),
    }
}

/// Year by year.
pub fn outlook(made: &Forecast, lang: Lang) -> Listing<'static> {
    let rows = made.tracks.iter().flat_map(|track| track.years.iter().map(move |year| row(track, year, lang)));
    let title = match lang {
        Lang::Zh => format!("{} {} 年起的基金预测；金额单位万元", made.region_name, made.from_year),
        Lang::En => format!("{}: the fund from {} on; amounts in ten thousand yuan", made.region, made.from_year),
    };
    Listing { title, columns: YEARS, rows: rows.collect(), foot: foot(made, lang) }
}

fn row(track: &Track, year: &Outlook, lang: Lang) -> Vec<Value> {
    let ranged = year.range.below[1] > 0;
    let fen = |value: i64| if ranged { json!(value) } else { Value::Null };
    let month =
        |hundredths: i64| if ranged && hundredths < i64::MAX { json!(decimal(hundredths)) } else { Value::Null };
    let months = year.payable_months.map_or(Value::Null, |months| json!(decimal(months)));
    let ratio = year.balance_ratio_ppm.map(|ppm| domain::Rate::from_ppm(ppm).to_string());
    let range = year.range.payable_months;
    let shown_range = if ranged && range.p90 < i64::MAX {
        format!("{}～{}", decimal(range.p10), decimal(range.p90))
    } else {
        String::new()
    };
    vec![
        json!(track.variant),
        json!(variant(&track.variant).of(lang)),
        json!(track.scenario),
        json!(lang.of(&track.scenario_name, &track.scenario_english)),
        json!(year.year),
        json!(year.living),
        json!(year.born),
        json!(year.died),
        json!(year.enrolled),
        json!(year.personal_fen),
        json!(year.sponsored_fen),
        json!(year.unsplit_fen),
        json!(year.subsidy_fen),
        json!(year.central_fen),
        json!(year.province_fen),
        json!(year.local_fen),
        json!(year.interest_fen),
        json!(year.income_fen),
        json!(ten_thousand(year.income_fen)),
        json!(year.premium_fen),
        json!(year.spending_fen),
        json!(ten_thousand(year.spending_fen)),
        json!(ratio),
        json!(year.balance_fen),
        json!(ten_thousand(year.balance_fen)),
        fen(year.range.balance_fen.p10),
        fen(year.range.balance_fen.p50),
        fen(year.range.balance_fen.p90),
        json!(year.advance_fen),
        months,
        month(range.p10),
        month(range.p50),
        month(range.p90),
        json!(shown_range),
        fen(year.range.income_fen.p10),
        fen(year.range.income_fen.p90),
        fen(year.range.spending_fen.p10),
        fen(year.range.spending_fen.p90),
        json!(year.below),
        json!(year.range.below[0]),
        json!(year.range.below[1]),
        json!(warning(year, lang)),
    ]
}

/// What the warning says: of the year as assumed, and of how many paths.
fn warning(year: &Outlook, lang: Lang) -> String {
    let [below, paths] = year.range.below;
    let state = match (year.balance_fen < 0, year.below) {
        (true, _) => lang.of("亏空", "deficit"),
        (false, true) => lang.of("预警", "warning"),
        (false, false) => "",
    };
    let share = if paths > 0 { u64::from(below) * 100 / u64::from(paths) } else { 0 };
    match (state.is_empty(), share) {
        (_, 0) => state.to_owned(),
        (true, share) => format!("{share}%"),
        (false, share) => format!("{state} {share}%"),
    }
}

/// Under the table: what lasts how long, and what the figures are.
fn foot(made: &Forecast, lang: Lang) -> String {
    let mut foot = String::from("\n");
    let line = made.warning.months;
    for track in &made.tracks {
        let scenario = lang.of(&track.scenario_name, &track.scenario_english);
        let (below, negative) = (told(track.first_below, lang), told(track.first_negative, lang));
        let (below_range, negative_range) =
            (years(&track.first_below_range, track, lang), years(&track.first_negative_range, track, lang));
        let name = variant(&track.variant);
        let name = name.of(lang);
        foot.push_str(&match lang {
            Lang::Zh => format!(
                "{name} {scenario}：年末备付低于 {line} 个月：{below}{below_range}；累计结余为负：{negative}{negative_range}\n"
            ),
            Lang::En => format!(
                "{name} {scenario}: below {line} months at the end of the year: {below}{below_range}; negative balance: {negative}{negative_range}\n"
            ),
        });
    }
    let clauses = if made.warning.clauses.is_empty() {
        match lang {
            Lang::Zh => "假设，条款未定".to_owned(),
            Lang::En => "assumed: the terms have none".to_owned(),
        }
    } else {
        made.warning.clauses.join(lang.of("、", ", "))
    };
    let fund =
        |code: &String| Payer::parse(code).map_or(code.clone(), |fund| lang.of(fund.name(), fund.english()).to_owned());
    let pot = made.pot.iter().map(fund).collect::<Vec<_>>().join(lang.of("、", ", "));
    let opening = ten_thousand(made.opening_fen);
    foot.push_str(&match lang {
        Lang::Zh => format!(
            "预警线 {line} 个月（{clauses}）；“预警”栏的百分数是低于此线的随机路径。\n\
             一个资金池：{pot}；{} 年初结余 {opening} 万元。其他基金的支付在 forecast.csv、forecast.json。\n\
             居民多在上年第四季度缴下一年的费：账上年末余额还含这笔预收（advance_fen），备付月数里不算。\n\
             依据：{}\n",
            made.from_year,
            basis(made, lang)
        ),
        Lang::En => format!(
            "warning line {line} months ({clauses}); the percentage beside a warning is that of the random paths below it.\n\
             one pot: {pot}; it begins {} with {opening} ten thousand yuan. What other funds pay is in forecast.csv and forecast.json.\n\
             Residents pay for the next year in the last quarter: the cash of a year's end holds that as well (advance_fen); the payable months do not.\n\
             basis: {}\n",
            made.from_year,
            basis(made, lang)
        ),
    });
    foot
}

fn told(year: Option<i16>, lang: Lang) -> String {
    year.map_or_else(|| lang.of("期内没有", "not in these years").to_owned(), |year| year.to_string())
}

/// The range of a first year, where paths differ.
fn years(range: &Range<Option<i16>>, track: &Track, lang: Lang) -> String {
    let certain = track.years.iter().all(|year| year.range.below[1] == 0);
    if certain || range.p10 == range.p90 {
        return String::new();
    }
    let of = |year: Option<i16>| year.map_or_else(|| lang.of("期内没有", "never").to_owned(), |year| year.to_string());
    match lang {
        Lang::Zh => format!("（{}～{}）", of(range.p10), of(range.p90)),
        Lang::En => format!(" ({}～{})", of(range.p10), of(range.p90)),
    }
}

/// What each fund pays for care, in the pot or not.
pub fn funds(made: &Forecast) -> Listing<'static> {
    let of = |track: &Track| -> Vec<Vec<Value>> {
        let year = |year: &Outlook| -> Vec<Vec<Value>> {
            let paid = made.funds.iter().zip(&year.paid_fen);
            let row = |(fund, paid): (&String, &i64)| {
                let in_pot = made.pot.contains(fund);
                vec![
                    json!(track.variant),
                    json!(track.scenario),
                    json!(year.year),
                    json!(fund),
                    json!(in_pot),
                    json!(paid),
                ]
            };
            paid.map(row).collect()
        };
        track.years.iter().flat_map(year).collect()
    };
    plain(FUNDS, made.tracks.iter().flat_map(of).collect())
}

/// What moves income and spending.
pub fn factors(made: &Forecast) -> Listing<'static> {
    let of = |track: &Track| -> Vec<Vec<Value>> {
        let row = |part: &microsim::forecast::FactorPart| {
            vec![
                json!(track.variant),
                json!(track.scenario),
                json!(part.year),
                json!(part.factor),
                json!(part.income_fen),
                json!(part.spending_fen),
            ]
        };
        track.factors.iter().map(row).collect()
    };
    plain(FACTORS, made.tracks.iter().flat_map(of).collect())
}

/// Spending by sex and ages.
pub fn ages(made: &Forecast) -> Listing<'static> {
    let of = |track: &Track| -> Vec<Vec<Value>> {
        let row = |part: &microsim::forecast::AgePart| {
            vec![
                json!(track.variant),
                json!(track.scenario),
                json!(part.year),
                json!(part.sex),
                json!(part.from_age),
                json!(part.to_age),
                json!(part.enrolled),
                json!(part.spending_fen),
            ]
        };
        track.ages.iter().map(row).collect()
    };
    plain(AGES, made.tracks.iter().flat_map(of).collect())
}

/// What is assumed.
pub fn assumptions(made: &Forecast) -> Listing<'static> {
    let row = |told: &microsim::forecast::Told| {
        vec![json!(told.figure), json!(told.value), json!(told.basis), json!(told.source)]
    };
    plain(ASSUMPTIONS, made.assumptions.iter().map(row).collect())
}

fn plain(columns: &'static [Column], rows: Vec<Vec<Value>>) -> Listing<'static> {
    Listing { title: String::new(), columns, rows, foot: String::new() }
}

/// Fen as ten thousand yuan.
fn ten_thousand(fen: i64) -> String {
    Fen((fen + 5_000).div_euclid(10_000)).to_string()
}

/// Hundredths.
fn decimal(hundredths: i64) -> String {
    Fen(hundredths).to_string()
}
