//! The terms of a run: an engine for each variant, and what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Basis, Date, Payer};
use policy::Region;
use settlement::{Alike, Columns, Engine, MAX_FUNDS, Options, Unfit};

use super::{Asked, Variant, days};
use crate::Refused;
use crate::outcome::{self, Outcome};

/// The engines of a run.
pub struct Compiled<'a, 'l> {
    variants: &'a [Variant<'l>],
    terms: Vec<Terms>,
    /// Funds that any of them pays from, in legal order.
    pub funds: Vec<Payer>,
    /// First and last day of the bills that are read.
    pub span: (Date, Date),
    /// The year asked for.
    pub year: i16,
    /// First of the years whose bills count: earlier than the year asked for where something is carried over, or a deductible
    /// counts on in a bill that continues another.
    pub from_year: i16,
}

/// The terms of a variant.
pub struct Terms {
    /// From the first year that counts.
    pub engine: Engine,
    /// Hash of all that holds in these days.
    pub hash: String,
    /// Weakest basis of their figures.
    basis: Basis,
}

impl<'a, 'l> Compiled<'a, 'l> {
    /// Compiles all variants; `earliest` is the first year of which there are bills.
    ///
    /// # Errors
    /// When the terms of a variant decide nothing in the year, or there are more funds than can be counted.
    pub fn of(asked: &'a Asked<'l>, earliest: i16) -> Result<Compiled<'a, 'l>, Refused> {
        let year = days(asked.year, asked.year)?;
        let engines = |(first, last): (Date, Date)| -> Vec<Engine> {
            let compile = |variant: &Variant<'_>| {
                Engine::compile(asked.library, asked.region, &variant.view, Options::default(), first, last)
            };
            asked.variants.iter().map(compile).collect()
        };
        let mut compiled = engines(year);
        let (mut span, mut from_year) = (year, asked.year);
        if earliest < asked.year && compiled.iter().any(|engine| engine.carries() || engine.chains()) {
            (span, from_year) = (days(earliest, asked.year)?, earliest);
            compiled = engines(span);
        }
        let mut funds = BTreeSet::new();
        let mut terms = Vec::with_capacity(compiled.len());
        for (variant, engine) in asked.variants.iter().zip(compiled) {
            let plans = || engine.plans().iter();
            if plans().all(|plan| plan.stages.is_empty()) {
                return Err(undecided(asked.region, asked.year, variant));
            }
            funds.extend(plans().flat_map(|plan| &plan.stages).map(|stage| stage.payer));
            let hashes: Vec<&str> = plans().map(|plan| plan.hash.as_str()).collect();
            let hash = crate::generate::hash_of(&hashes.concat());
            let basis = plans().flat_map(|plan| &plan.cites).map(|cite| cite.basis).max().unwrap_or_default();
            terms.push(Terms { engine, hash, basis });
        }
        if funds.len() > MAX_FUNDS {
            let what = format!("这些条款共从 {} 个基金支付 (too many funds)", funds.len());
            return Err(Refused::new(what, format!("最多 {MAX_FUNDS} 个，分几次测算")));
        }
        Ok(Compiled {
            variants: &asked.variants,
            terms,
            funds: funds.into_iter().collect(),
            span,
            year: asked.year,
            from_year,
        })
    }

    /// The variants with their terms; the first is the baseline.
    pub fn each(&self) -> impl Iterator<Item = (&Variant<'l>, &Terms)> {
        self.variants.iter().zip(&self.terms)
    }

    /// Whether the terms of a variant are the baseline's, to the letter.
    pub fn same_as_baseline(&self, variant: usize) -> bool {
        self.terms[variant].hash == self.terms[0].hash
    }

    /// What no engine tells apart.
    pub fn alike(&self) -> Alike {
        Alike::under(self.terms.iter().map(|terms| &terms.engine))
    }

    /// Columns of all variants, without kinds.
    ///
    /// # Errors
    /// When the terms have more funds than columns take, which [`Compiled::of`] has refused before.
    pub fn columns(&self) -> Result<Vec<Columns<'_>>, Refused> {
        self.terms.iter().map(|terms| Columns::new(&terms.engine).map_err(unfit)).collect()
    }

    /// Where a fund stands among [`Compiled::funds`].
    pub fn fund(&self, payer: Payer) -> usize {
        self.funds.iter().position(|fund| *fund == payer).unwrap_or_default()
    }

    /// An outcome without bills.
    pub fn outcome(&self, asked: &Asked<'_>, province: &str) -> Outcome {
        let variant = |(variant, terms): (&Variant<'_>, &Terms)| outcome::Variant {
            name: variant.name.clone(),
            drafts: variant.view.drafts.clone(),
            set: variant.set.clone(),
            known_on: variant.view.known_on.map(|day| day.to_string()),
            terms: terms.hash.clone(),
            basis: terms.basis.code().to_owned(),
            ..outcome::Variant::default()
        };
        Outcome {
            region: asked.region.slug.clone(),
            region_name: asked.region.name.clone(),
            tiers: asked.library.tiers(asked.region).to_vec(),
            year: asked.year,
            from_year: self.from_year,
            province: province.to_owned(),
            funds: self.funds.iter().map(|fund| fund.code().to_owned()).collect(),
            people: BTreeMap::new(),
            variants: self.each().map(variant).collect(),
            left_out: 0,
        }
    }
}

fn undecided(region: &Region, year: i16, variant: &Variant<'_>) -> Refused {
    let what = format!("{} {year} 年没有可用的待遇条款：{} (no terms)", region.name, variant.name);
    Refused::new(what, "换一个年份，用 --draft 加上征求意见稿；`tongchou policy open` 列出缺什么")
}

pub fn unfit(unfit: Unfit) -> Refused {
    let what = match unfit {
        Unfit::TooVaried => "条款的情形太多，编不成列 (too varied)".to_owned(),
        Unfit::Refused(refusal) => refusal.to_string(),
        Unfit::Chained => "票据接续其他票据 (chained)".to_owned(),
    };
    Refused::new(what, "减少方案里的险种或基金")
}
