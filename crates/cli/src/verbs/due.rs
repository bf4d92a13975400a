//! `due`: what is due for a person's insured year, and who pays it.

use domain::{Date, Fen};
use enrolment::{Asking, Due, InsuredYear, RecordState, due};
use serde_json::json;

use super::cover::state;
use super::person::About;
use super::policy::{Seen, day};
use crate::answer::{Answer, Reply, refusal_record};
use crate::session::{Lang, Session, Verdict};

/// Asks what is due.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    region: String,
    /// Insured year; of university students the year their academic year begins in
    #[arg(long)]
    year: i16,
    #[command(flatten)]
    about: About,
    /// Day of payment, where collection rules ask
    #[arg(long, value_name = "DAY", value_parser = day)]
    paid: Option<Date>,
    /// Withheld from an allowance
    #[arg(long)]
    withheld: bool,
    /// Has an employer
    #[arg(long)]
    employed: bool,
    /// State of the record: no-household, residence-permit, permit-expired, flexible-worker, other-scheme, duplicate
    #[arg(long, value_parser = state, value_delimiter = ',')]
    state: Vec<RecordState>,
    #[command(flatten)]
    seen: Seen,
    /// Leave supplements out: only what notices state or derive
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reply: Reply,
}

impl Args {
    /// Answers.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let person = self.about.person(library, region)?;
        let view = self.seen.strictly(library, self.strict)?;
        let asking = Asking {
            paid_on: self.paid,
            withheld: self.withheld,
            employed: self.employed,
            states: self.state.clone(),
            ..Asking::default()
        };
        let year = InsuredYear::of(library, region, &view, person.group, self.year);
        let outcome = year.as_ref().map_err(Clone::clone).and_then(|year| due(year, &person, &asking));
        let mut asked = vec![session.lang.of(&region.name, &region.slug).to_owned(), self.year.to_string()];
        asked.extend(self.about.words(session.lang));
        let answer = outcome.as_ref().map(|due| Answer {
            asked: asked.clone(),
            says: says(due, session.lang),
            fields: json!({
                "region": region.slug,
                "year": self.year,
                "scheme": due.scheme.code(),
                "from": due.period.from.to_string(),
                "until": super::policy::last_day(due.period.end).map(|day| day.to_string()),
                "tier": due.tier,
                "total": due.total.as_ref().ok().map(Fen::to_string),
                "personal": due.personal.to_string(),
                "sponsored": due.sponsored.iter().map(|sponsored| json!({
                    "payer": sponsored.payer,
                    "amount": sponsored.amount.map(|amount| amount.to_string()),
                    "clauses": sponsored.clauses,
                })).collect::<Vec<_>>(),
                "collected_from": due.collected_from.map(|day| day.to_string()),
                "yearly": due.yearly,
                "lacks": due.total.as_ref().err().map(|refusal| refusal_record(refusal, library)),
            }),
            steps: &due.steps,
            basis: due.basis,
            lacks: due.total.as_ref().err().into_iter().collect(),
        });
        self.reply.give(session, library, &asked, answer)
    }
}

fn says(due: &Due, lang: Lang) -> String {
    let open = || lang.of("待定", "open").to_owned();
    let mut words = vec![
        format!("{} {}", lang.of("应缴", "due"), due.total.as_ref().map_or_else(|_| open(), Fen::to_string)),
        format!("{} {}", lang.of("个人", "person"), due.personal),
    ];
    for sponsored in &due.sponsored {
        let payer = lang.of(enrolment::due::payer_name(&sponsored.payer), &sponsored.payer);
        words.push(format!("{payer} {}", sponsored.amount.map_or_else(open, |amount| amount.to_string())));
    }
    words.join(lang.of("，", ", "))
}
