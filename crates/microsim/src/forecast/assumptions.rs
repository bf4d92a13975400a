//! What a forecast assumes: `projection.toml` of the national folder, overridden key by key by those of the regions down to the
//! one asked for, and by a file of the user's. Each figure has a basis and a source; the program has none of its own.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Basis, Fen, Payer, Rate};
use policy::{Library, Region};
use serde::{Deserialize, Serialize};

use crate::Refused;
use crate::generate::figures::{Figure, below};

/// A change, written as a percentage with or without a sign; parts per million.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Change(pub i64);

impl TryFrom<String> for Change {
    type Error = String;

    fn try_from(text: String) -> Result<Change, String> {
        Rate::parse_percent(&text).map(|rate| Change(rate.ppm())).map_err(|error| format!("“{text}”：{error}"))
    }
}

/// Months, written with at most four decimals; ten-thousandths of a month.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Months(pub i64);

impl TryFrom<String> for Months {
    type Error = String;

    fn try_from(text: String) -> Result<Months, String> {
        Rate::parse_points(&text).map(|points| Months(points.ppm())).map_err(|error| format!("“{text}”：{error}"))
    }
}

/// A combination of assumptions.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name on the command line and in files.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub english: String,
}

/// A quantile of how far a year is from what is assumed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    at: Change,
    by: Change,
}

/// How far years are from what is assumed, by quantiles, straight between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread(Vec<(i64, i64)>);

impl Spread {
    fn new(name: &str, rows: &[Deviation]) -> Result<Spread, Refused> {
        let knots: Vec<(i64, i64)> = rows.iter().map(|row| (row.at.0, row.by.0)).collect();
        let ascending = knots.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        let whole =
            knots.first().is_some_and(|knot| knot.0 == 0) && knots.last().is_some_and(|knot| knot.0 == 1_000_000);
        if ascending && whole {
            return Ok(Spread(knots));
        }
        let what = format!("`{name}` 的分位不是从 0% 到 100% 递增");
        Err(Refused::new(what, "按 at 递增写，by 不减，首尾是 0% 和 100%"))
    }

    /// What a rank, in parts of 2³², is off by; parts per million.
    pub fn at(&self, rank: u32) -> i64 {
        let rank = i64::try_from((u64::from(rank) * 1_000_000) >> 32).unwrap_or(0);
        let above = self.0.partition_point(|(at, _)| *at <= rank).clamp(1, self.0.len() - 1);
        let ((low, from), (high, to)) = (self.0[above - 1], self.0[above]);
        from + (to - from) * (rank - low) / (high - low)
    }
}

/// What a figure is, as output tells it.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Told {
    /// Its key.
    pub figure: String,
    /// Its value, as it is written.
    pub value: String,
    /// On what it rests.
    pub basis: String,
    /// Where it comes from.
    pub source: String,
}

/// By scenario.
type Each<T> = BTreeMap<String, T>;

/// Declares all assumptions: those that must be there, and those that only some regions have.
macro_rules! assumptions {
    (one { $($one:ident: $kind:ty,)* } optional { $($may:ident: $may_kind:ty,)* }) => {
        /// One file of assumptions.
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            $($one: Option<Figure<$kind>>,)*
            $($may: Option<Figure<$may_kind>>,)*
        }

        /// All assumptions of a region.
        #[derive(Clone, Debug)]
        #[expect(missing_docs, reason = "the assumptions are explained in projection.toml, where they are written")]
        pub struct Assumptions {
            $(pub $one: $kind,)*
            $(pub $may: Option<$may_kind>,)*
            /// Each with its value, basis and source.
            pub told: Vec<Told>,
            /// The weakest basis of them.
            pub basis: Basis,
        }

        impl File {
            /// What stands in the other file takes the place of what stands here.
            fn override_by(&mut self, other: File) {
                $(self.$one = other.$one.or(self.$one.take());)*
                $(self.$may = other.$may.or(self.$may.take());)*
            }

            fn sources(&self) -> Vec<(&'static str, Basis, &str)> {
                let mut sources = Vec::new();
                $(sources.extend(self.$one.as_ref().map(|f| (stringify!($one), f.basis, f.source.as_str())));)*
                $(sources.extend(self.$may.as_ref().map(|f| (stringify!($may), f.basis, f.source.as_str())));)*
                sources
            }

            fn assumptions(self, values: &BTreeMap<String, String>) -> Result<Assumptions, Refused> {
                let sources = self.sources();
                let basis = sources.iter().map(|(_, basis, _)| *basis).max().unwrap_or_default();
                let told = sources.iter().map(|(figure, basis, source)| Told {
                    figure: (*figure).to_owned(),
                    value: values.get(*figure).cloned().unwrap_or_default(),
                    basis: basis.code().to_owned(),
                    source: (*source).to_owned(),
                });
                let told = told.collect();
                Ok(Assumptions {
                    $($one: self.$one.ok_or_else(|| missing(stringify!($one)))?.value,)*
                    $($may: self.$may.map(|figure| figure.value),)*
                    told,
                    basis,
                })
            }
        }
    };
}

assumptions! {
    one {
        scenarios: Vec<Scenario>,
        pot: Vec<String>,
        warning_months: i64,
        cost_growth: Each<Change>,
        contribution_rise: Each<i64>,
        subsidy_rise: Each<i64>,
        enrolment_change: Each<Change>,
        mortality_change: Each<Change>,
        births_change: Each<Change>,
        cost_spread: Vec<Deviation>,
        enrolment_spread: Vec<Deviation>,
        births_spread: Vec<Deviation>,
    }
    optional {
        opening_months: Months,
        opening_balance: i64,
        interest: Each<Change>,
        contribution: i64,
        subsidy: i64,
    }
}

fn missing(name: &str) -> Refused {
    Refused::new(
        format!("预测的假设里没有 `{name}` (missing assumption)"),
        "照 policies/000000-national/projection.toml 补上，连同 basis 和 source",
    )
}

impl Assumptions {
    /// The assumptions of a region: the national ones, over them those of the regions down to this, over all a file of the
    /// user's.
    ///
    /// # Errors
    /// As [`Assumptions::read`].
    pub fn of_region(library: &Library, region: &Region, own: Option<(&str, &str)>) -> Result<Assumptions, Refused> {
        Assumptions::read(below(library, region, &library.projections).chain(own))
    }

    /// The assumptions of some files, each its name and text, the later over the earlier.
    ///
    /// # Errors
    /// When a text is not as it should be: with file, line and what to write.
    pub fn read<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Assumptions, Refused> {
        let (mut whole, mut values) = (File::default(), BTreeMap::new());
        for (name, text) in files {
            let wrong = |error: toml::de::Error| {
                Refused::new(format!("{name}：{error}"), "改正此处；每项都要有 basis、source 和 value")
            };
            let file: File = toml::from_str(text).map_err(wrong)?;
            for (figure, _, source) in file.sources() {
                if source.trim().is_empty() {
                    let what = format!("{name}：`{figure}` 的 source 是空的");
                    return Err(Refused::new(what, "写明这个数字从哪里来"));
                }
            }
            let table: toml::Table = toml::from_str(text).map_err(wrong)?;
            values.extend(table.iter().map(|(key, figure)| {
                (key.clone(), figure.get("value").map(toml::Value::to_string).unwrap_or_default())
            }));
            whole.override_by(file);
        }
        let assumptions = whole.assumptions(&values)?;
        assumptions.check()?;
        Ok(assumptions)
    }

    fn check(&self) -> Result<(), Refused> {
        let ids: BTreeSet<&str> = self.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
        if ids.is_empty() || ids.len() < self.scenarios.len() {
            return Err(Refused::new("`scenarios` 是空的，或有两个方案同名", "每个方案写一个不同的 id"));
        }
        let each = |name: &str, keys: BTreeSet<&str>| {
            let lacks: Vec<&str> = ids.symmetric_difference(&keys).copied().collect();
            let what = format!("`{name}` 与 `scenarios` 的方案不一致：{}", lacks.join("、"));
            if lacks.is_empty() { Ok(()) } else { Err(Refused::new(what, "每个方案写一个值，不多不少")) }
        };
        for (name, map) in [
            ("cost_growth", Some(&self.cost_growth)),
            ("enrolment_change", Some(&self.enrolment_change)),
            ("mortality_change", Some(&self.mortality_change)),
            ("births_change", Some(&self.births_change)),
            ("interest", self.interest.as_ref()),
        ] {
            let Some(map) = map else { continue };
            each(name, map.keys().map(String::as_str).collect())?;
            for (scenario, change) in map {
                let least = if name == "interest" { 0 } else { -990_000 };
                if !(least..=1_000_000).contains(&change.0) {
                    let what = format!("`{name}` 的 {scenario}：{} 超出范围", Rate::from_ppm(change.0));
                    return Err(Refused::new(what, format!("写在 {} 到 100% 之间", Rate::from_ppm(least))));
                }
            }
        }
        for (name, map) in [("contribution_rise", &self.contribution_rise), ("subsidy_rise", &self.subsidy_rise)] {
            each(name, map.keys().map(String::as_str).collect())?;
            within(name, map.values().copied(), -100_000, 100_000)?;
        }
        within("warning_months", [self.warning_months], 0, 120)?;
        within("opening_months", self.opening_months.iter().map(|months| months.0 / 10_000), -600, 600)?;
        within("opening_balance", self.opening_balance, -1_000_000_000_000, 1_000_000_000_000)?;
        within("contribution", self.contribution, 0, 100_000)?;
        within("subsidy", self.subsidy, 0, 100_000)?;
        if let Some(fund) = self.pot.iter().find(|code| Payer::ALL.iter().all(|payer| payer.code() != *code)) {
            let known: Vec<&str> = Payer::ALL.iter().map(|payer| payer.code()).collect();
            return Err(Refused::new(format!("`pot` 里不认识 “{fund}”"), format!("可用：{}", known.join("、"))));
        }
        [
            ("cost_spread", &self.cost_spread),
            ("enrolment_spread", &self.enrolment_spread),
            ("births_spread", &self.births_spread),
        ]
        .into_iter()
        .try_for_each(|(name, rows)| Spread::new(name, rows).map(drop))
    }

    /// How far costs, enrolment and births are off in a year.
    ///
    /// # Errors
    /// When quantiles do not ascend.
    pub fn spreads(&self) -> Result<[Spread; 3], Refused> {
        Ok([
            Spread::new("cost_spread", &self.cost_spread)?,
            Spread::new("enrolment_spread", &self.enrolment_spread)?,
            Spread::new("births_spread", &self.births_spread)?,
        ])
    }

    /// The balance that the first year begins with, of which this much is spent.
    ///
    /// # Errors
    /// When nothing says it.
    pub fn opening(&self, spending: Fen) -> Result<Fen, Refused> {
        if let Some(yuan) = self.opening_balance {
            return Ok(Fen::yuan(yuan));
        }
        let months = self.opening_months.ok_or_else(|| missing("opening_months"))?;
        let fen = i128::from(spending.0) * i128::from(months.0) / (12 * 10_000);
        Ok(Fen(i64::try_from(fen).unwrap_or(i64::MAX)))
    }
}

fn within(name: &str, values: impl IntoIterator<Item = i64>, least: i64, most: i64) -> Result<(), Refused> {
    match values.into_iter().find(|value| !(least..=most).contains(value)) {
        None => Ok(()),
        Some(value) => Err(Refused::new(format!("`{name}`：{value} 超出范围"), format!("写在 {least} 到 {most} 之间"))),
    }
}
