//! `cover`: from which day a person who joins is covered, and by which scheme on a day.

use domain::Date;
use enrolment::{Cover, InsuredYear, Joining, RecordState, cover};
use serde_json::json;

use super::person::About;
use super::policy::{Seen, day, last_day};
use crate::answer::{Answer, Reply};
use crate::session::{Lang, Session, Verdict};

/// Asks from when a person is covered.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    region: String,
    /// Insured year; of university students the year their academic year begins in
    #[arg(long)]
    year: i16,
    #[command(flatten)]
    about: About,
    /// Day of payment; without one nothing is covered
    #[arg(long, value_name = "DAY", value_parser = day)]
    paid: Option<Date>,
    /// Day of enrolment; the day of payment if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    enrolled: Option<Date>,
    /// Last day paid for in the employee scheme
    #[arg(long, value_name = "DAY", value_parser = day)]
    employee_last_paid: Option<Date>,
    /// Day of graduation
    #[arg(long, value_name = "DAY", value_parser = day)]
    graduated: Option<Date>,
    /// Day of moving to the employee scheme
    #[arg(long, value_name = "DAY", value_parser = day)]
    moved_to_employee: Option<Date>,
    /// Last day of waiting for employee benefits
    #[arg(long, value_name = "DAY", value_parser = day)]
    employee_wait_until: Option<Date>,
    /// State of the record: no-household, residence-permit, permit-expired, flexible-worker, other-scheme, duplicate
    #[arg(long, value_parser = state, value_delimiter = ',')]
    state: Vec<RecordState>,
    /// Name of another scheme the person is in
    #[arg(long, value_name = "NAME")]
    other_scheme: Option<String>,
    /// The day asked about
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<Date>,
    #[command(flatten)]
    seen: Seen,
    /// Leave supplements out: only what notices state or derive
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reply: Reply,
}

/// Reads a state of the record.
pub(super) fn state(word: &str) -> Result<RecordState, String> {
    RecordState::parse(word).ok_or_else(|| {
        let words: Vec<String> = RecordState::ALL.iter().map(|(_, code, name)| format!("{code} {name}")).collect();
        format!("可用：{}", words.join("、"))
    })
}

impl Args {
    /// Answers.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let person = self.about.person(library, region)?;
        let view = self.seen.strictly(library, self.strict)?;
        let joining = Joining {
            enrolled: self.enrolled,
            paid: self.paid,
            employee_last_paid: self.employee_last_paid,
            graduated: self.graduated,
            moved_to_employee: self.moved_to_employee,
            employee_wait_until: self.employee_wait_until,
            states: self.state.clone(),
            other_scheme: self.other_scheme.clone(),
            on: self.on,
        };
        let year = InsuredYear::of(library, region, &view, person.group, self.year);
        let outcome = year.as_ref().map_err(Clone::clone).and_then(|year| cover(year, &person, &joining));
        let mut asked = vec![session.lang.of(&region.name, &region.slug).to_owned(), self.year.to_string()];
        asked.extend(self.about.words(session.lang));
        asked.extend(self.paid.map(|paid| format!("{paid}{}", session.lang.of(" 缴费", " paid"))));
        let text = |day: Option<Date>| day.map(|day| day.to_string());
        let answer = outcome.as_ref().map(|cover| Answer {
            asked: asked.clone(),
            says: says(cover, self.on, session.lang),
            fields: json!({
                "region": region.slug,
                "year": self.year,
                "benefits_from": text(cover.benefits_from),
                "benefits_until": text(cover.benefits_from.and(last_day(Some(cover.ends)))),
                "waiting_until": text(cover.waiting_until),
                "on": text(self.on),
                "covered": cover.covered,
                "scheme": cover.scheme.code(),
            }),
            steps: &cover.steps,
            basis: cover.basis,
            lacks: Vec::new(),
        });
        self.reply.give(session, library, &asked, answer)
    }
}

fn says(cover: &Cover, on: Option<Date>, lang: Lang) -> String {
    let mut words = vec![match cover.benefits_from {
        None => lang.of("没有待遇", "no benefits").to_owned(),
        Some(from) => {
            let until = last_day(Some(cover.ends)).unwrap_or(cover.ends);
            format!("{} {from} {} {until}", lang.of("待遇", "benefits"), lang.of("至", "to"))
        }
    }];
    if let (Some(on), Some(covered)) = (on, cover.covered) {
        let scheme = lang.of(cover.scheme.name(), cover.scheme.code());
        words.push(match covered {
            true => format!("{on} {}{scheme}", lang.of("享受", "covered by the ")),
            false => format!("{on} {}", lang.of("不享受待遇", "not covered")),
        });
    }
    words.join(lang.of("，", ", "))
}
