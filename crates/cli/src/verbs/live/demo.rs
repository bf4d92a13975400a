//! `demo`: a region to play with, made in a new database from a seed.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use hospital::{Patient, Provider, Town};
use service::demo::{Demo, Made, Season, cast, fill, season};
use service::{Service, SetClock, Setup};

use super::place::{make_key, policies, stopped};
use crate::io::progress;
use crate::output::put;
use crate::session::{Lang, Session, Verdict, today};
use crate::stop::Stop;

/// Which region, how large, where.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias; Chongqing if left out
    #[arg(value_name = "REGION", default_value = "chongqing")]
    of: String,
    /// Database to make: a new file
    #[arg(long, value_name = "FILE")]
    db: String,
    /// How many persons
    #[arg(long, value_name = "N", default_value_t = 300)]
    people: u32,
    /// The same seed, the same region
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write who is in it to a file, for `tongchou hospital`: people, and providers to be played
    #[arg(long, value_name = "FILE")]
    town: Option<PathBuf>,
}

/// Who is in a demo, as the simulated hospital takes it.
pub fn town(session: &Session, slug: &str, demo: Demo) -> anyhow::Result<Town> {
    let season = season(&policies(session), slug, today())
        .map_err(|refusal| Stop::Refused(format!("{slug} 还不能演示：{refusal}\n  = {}", refusal.cure)))?;
    let cast = cast(&season, demo).map_err(|refusal| Stop::Refused(refusal.to_string()))?;
    let providers =
        |all: Vec<(String, String)>| all.into_iter().map(|(code, name)| Provider { code, name }).collect::<Vec<_>>();
    // As the interface has it: an electronic credential, a card.
    let shows = cast.token.map(|token| if token == "card" { "03" } else { "01" }.to_owned());
    let patient = |(number, name)| Patient { number, name, shows: shows.clone() };
    Ok(Town {
        people: cast.people.into_iter().map(patient).collect(),
        providers: providers(cast.quiet),
        elsewhere: providers(cast.far),
        region: cast.region,
    })
}

/// Makes a demo in a new file.
pub fn make(session: &Session, slug: &str, db: &str, demo: Demo) -> anyhow::Result<(Season, Made)> {
    let policies = policies(session);
    let season = season(&policies, slug, today())
        .map_err(|refusal| Stop::Refused(format!("{slug} 还不能演示：{refusal}\n  = {}", refusal.cure)))?;
    let (key, _) = make_key(db)?;
    let vault = key.vault();
    let mut store = store::open(db).map_err(|error| stopped(error.into()))?;
    service::open_region(store.as_mut(), &policies, slug, &vault, Some(season.today)).map_err(stopped)?;
    drop(store);
    let clock = Arc::new(SetClock::at(season.paid, 1));
    let setup = Setup { clock: Arc::clone(&clock) as _, ..Setup::new(service::connect(db), policies, slug, vault) };
    let service = Service::open(setup).map_err(stopped)?;
    let bar = progress::always(session.lang.of("演示", "demo"));
    let made = fill(&service, &clock, &season, demo, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok((season, made.map_err(stopped)?))
}

impl Args {
    /// Makes it, and says what to try.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let slug = session.region(session.library()?, &self.of)?.slug.clone();
        if self.db.contains("://") || std::path::Path::new(&self.db).exists() {
            let cure = "写一个还没有的文件名；演示库不与真实的账混在一起";
            return Err(Stop::usage(format!("{} 已存在，或不是文件", self.db), cure).into());
        }
        let demo = Demo { people: self.people, seed: self.seed };
        let (season, made) = make(session, &slug, &self.db, demo)?;
        if let Some(file) = &self.town {
            let text = serde_json::to_string_pretty(&town(session, &slug, demo)?)? + "\n";
            std::fs::write(file, text).with_context(|| format!("写不了 {}", file.display()))?;
        }
        put(&format!("{}\n", self.says(session, &slug, &season, &made)?), None)?;
        Ok(Verdict::Good)
    }

    fn says(&self, session: &Session, slug: &str, season: &Season, made: &Made) -> Result<String, Stop> {
        let name = session.lang.of(&session.region(session.library()?, slug)?.name, slug).to_owned();
        let Season { year, today, draft, .. } = season;
        let db = &self.db;
        let (person, settlement) =
            (made.person.clone().unwrap_or_default(), made.settlement.clone().unwrap_or_default());
        let refused: usize = made.refused.values().sum();
        let Made { people, insured, settlements, reversed, funds, .. } = made;
        Ok(match session.lang {
            Lang::Zh => {
                let adopted =
                    draft.as_ref().map_or(String::new(), |draft| format!("（假定征求意见稿 {draft} 已采纳）"));
                format!(
                    "{name} {year} 年{adopted}，账套停在 {today}：登记 {people} 人，参保到账 {insured} 人，结算 {settlements} 笔（撤销 {reversed} 笔），基金支付 {funds} 元；{refused} 件按条款不予办理\n\
                     全部是编造的人和数。接下来可以：\n  \
                     tongchou person list --db {db}\n  \
                     tongchou care statement --db {db} --person {person} --year {year}\n  \
                     tongchou care explain --db {db} --settlement {settlement}\n  \
                     tongchou care reverse --db {db} --settlement {settlement} --reason 录入有误\n  \
                     tongchou verify --db {db}"
                )
            }
            Lang::En => {
                let adopted =
                    draft.as_ref().map_or(String::new(), |draft| format!(" (draft {draft} taken as adopted)"));
                format!(
                    "{name} {year}{adopted}, its books live on {today}: {people} persons registered, {insured} insured, {settlements} settlements ({reversed} taken back), the funds paid {funds}; {refused} requests refused by the terms\n\
                     All persons and figures are made up. Try next:\n  \
                     tongchou person list --db {db}\n  \
                     tongchou care statement --db {db} --person {person} --year {year}\n  \
                     tongchou care explain --db {db} --settlement {settlement}\n  \
                     tongchou care reverse --db {db} --settlement {settlement} --reason mistaken\n  \
                     tongchou verify --db {db}"
                )
            }
        })
    }
}
