//! `subsidy`: the fiscal subsidy of a year for an area, and which government pays which part.

use domain::Date;
use enrolment::{Claim, Split, Subsidy, subsidy};
use serde_json::json;

use super::policy::Seen;
use crate::answer::{Answer, Reply, refusal_record};
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;

/// Asks for the subsidy of a year.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    region: String,
    /// Year claimed for
    #[arg(long)]
    year: i16,
    /// Area by its id, Chinese name or a six-digit code; not needed where there is one
    #[arg(long)]
    area: Option<String>,
    /// Entries of the register
    #[arg(long, value_name = "N")]
    heads: i64,
    /// Persons a rule decides about, as duplicate=3: no-id, wrong-id, duplicate, residence-permit, permit-expired
    #[arg(long, value_name = "REASON=N", value_parser = excluded, value_delimiter = ',')]
    excluded: Vec<(String, i64)>,
    #[command(flatten)]
    seen: Seen,
    /// Leave supplements out: only what notices state or derive
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reply: Reply,
}

const REASONS: &[&str] = &["no-id", "wrong-id", "duplicate", "residence-permit", "permit-expired"];

fn excluded(text: &str) -> Result<(String, i64), String> {
    let read = || {
        let (reason, persons) = text.split_once('=')?;
        let persons = persons.parse().ok().filter(|persons| *persons >= 0)?;
        REASONS.contains(&reason).then(|| (reason.to_owned(), persons))
    };
    read().ok_or_else(|| format!("写成 duplicate=3；可用：{}", REASONS.join("、")))
}

impl Args {
    /// Answers.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let view = self.seen.strictly(library, self.strict)?;
        // A year is claimed for by the rules known at its end.
        let last = Date::new(self.year, 12, 31);
        let last = last.map_err(|_| Stop::usage(format!("没有 {} 年", self.year), "写四位数的年份"))?;
        let terms = library.terms(region, last, &view);
        let excluded: Vec<(&str, i64)> = self.excluded.iter().map(|(reason, n)| (reason.as_str(), *n)).collect();
        let claim = Claim { area: self.area.as_deref(), heads: self.heads, excluded: &excluded };
        let outcome = subsidy(&terms, &claim);
        let mut asked = vec![session.lang.of(&region.name, &region.slug).to_owned(), self.year.to_string()];
        asked.extend(self.area.clone());
        asked.push(format!("{}{}", self.heads, session.lang.of("人", " persons")));
        let answer = outcome.as_ref().map(|subsidy| Answer {
            asked: asked.clone(),
            says: says(subsidy, session.lang),
            fields: json!({
                "region": region.slug,
                "year": self.year,
                "area": self.area,
                "per_head": subsidy.per_head.to_string(),
                "floor": subsidy.floor,
                "heads": subsidy.heads,
                "total": subsidy.total.to_string(),
                "central": subsidy.split.as_ref().ok().map(|split| split.central.to_string()),
                "province": subsidy.split.as_ref().ok().map(|split| split.province.to_string()),
                "local": subsidy.split.as_ref().ok().map(|split| split.local.to_string()),
                "lacks": subsidy.split.as_ref().err().map(|refusal| refusal_record(refusal, library)),
            }),
            steps: &subsidy.steps,
            basis: subsidy.basis,
            lacks: subsidy.split.as_ref().err().into_iter().collect(),
        });
        self.reply.give(session, library, &asked, answer)
    }
}

fn says(subsidy: &Subsidy, lang: Lang) -> String {
    let at_least = if subsidy.floor { lang.of("不低于 ", "at least ") } else { "" };
    let total = format!("{}{at_least}{}", lang.of("补助 ", "subsidy "), subsidy.total);
    match &subsidy.split {
        Ok(Split { central, province, local }) => match lang {
            Lang::Zh => format!("{total}：中央 {central}，省级 {province}，市县 {local}"),
            Lang::En => format!("{total}: central {central}, province {province}, local {local}"),
        },
        Err(_) => format!("{total}{}", lang.of("，分担未定", ", split not known")),
    }
}
