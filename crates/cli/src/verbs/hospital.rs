//! `hospital`: a hospital that plays a day against the national interface.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hospital::{Address, Habits, Items, Keys, Plan, Platform, Provider, Report, Town, Trouble, Trust, play};
use service::demo::Demo;
use wire::Profile;

use super::live::demo::town;
use crate::io::progress;
use crate::output::put;
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;

/// Which platform, which hospital, what is played.
#[derive(clap::Args)]
pub struct Args {
    /// Address of the interface
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/national")]
    url: String,
    /// Code of the institution, 12 places, P… for a pharmacy; the first of the list if left out
    #[arg(long, value_name = "CODE")]
    institution: Option<String>,
    /// People: what `demo --town` wrote, or CSV with number,name; those of a demo if left out
    #[arg(long, value_name = "FILE")]
    patients: Option<PathBuf>,
    /// Region of the demo whose people come
    #[arg(long, value_name = "REGION", default_value = "chongqing", conflicts_with = "patients")]
    demo: String,
    /// How many persons that demo has
    #[arg(long, value_name = "N", default_value_t = 300)]
    demo_people: u32,
    /// Seed of that demo
    #[arg(long, value_name = "N", default_value_t = 1)]
    demo_seed: u64,
    /// Items: CSV with code,name,list,limit; those of the platform's lists (1301–1320) if left out
    #[arg(long, value_name = "FILE")]
    items: Option<PathBuf>,
    /// The same seed, the same visits
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many visits
    #[arg(long, value_name = "N", default_value_t = 100)]
    visits: usize,
    /// How many operators at once, each with a connection
    #[arg(long, value_name = "N", default_value_t = 1)]
    clients: usize,
    /// At most so many visits begin in a second; as fast as they are done, if left out
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// The hospital's own books from day to day: on the next day some of it is taken back, and who is in bed stays on
    #[arg(long, value_name = "FILE")]
    books: Option<PathBuf>,
    /// Write each transaction into this empty folder, with an index
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Leave identity numbers in the records as they are
    #[arg(long, requires = "record")]
    clear: bool,
    /// Go wrong on purpose: lose answers, break off, send twice, reuse ids, recall
    #[arg(long)]
    faults: bool,
    /// Only register, charge, estimate and settle: to measure load
    #[arg(long)]
    bare: bool,
    /// Profile of the interface, by name or file, as the platform has it; the region's if left out
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// Account at the gateway
    #[arg(long, value_name = "ID", requires = "secret")]
    account: Option<String>,
    /// File with the secret of the account
    #[arg(long, value_name = "FILE", requires = "account")]
    secret: Option<PathBuf>,
    /// File with the institution's SM2 key, PKCS#8 PEM: for trials, production signs in certified hardware
    #[arg(long, value_name = "FILE", requires = "platform_key")]
    sm2_key: Option<PathBuf>,
    /// File with the platform's public SM2 key, PEM
    #[arg(long, value_name = "FILE", requires = "sm2_key")]
    platform_key: Option<PathBuf>,
    /// For https: trust the certificates of this file (PEM), and not those that the machine trusts
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Text or json
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
}

impl Args {
    /// Plays the day; what does not hold is a finding.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let format = self.format;
        let plan = self.plan(session)?;
        let bar = progress::always(session.lang.of("就诊", "visits"));
        bar.set_length(plan.visits as u64);
        let report = play(plan, &|done| bar.set_position(done as u64));
        bar.finish_and_clear();
        let report: Report = report.map_err(refused)?;
        match format {
            Form::Text => put(&report.text(session.lang == Lang::Zh), None)?,
            Form::Json => put(&format!("{:#}\n", report.json()), None)?,
        }
        Ok(if report.is_good() { Verdict::Good } else { Verdict::Findings })
    }

    fn plan(self, session: &Session) -> anyhow::Result<Plan> {
        let town = match &self.patients {
            Some(file) => Town::read(&read(file)?).map_err(usage)?,
            None => town(session, &self.demo, Demo { people: self.demo_people, seed: self.demo_seed })?,
        };
        let items = match &self.items {
            Some(file) => Some(Items::read(&read(file)?).map_err(usage)?),
            None => None,
        };
        let institution = institution(self.institution.as_deref(), &town)?;
        let profile = profile(self.profile.as_deref(), &town.region)?;
        let address = Address::read(&self.url).map_err(usage)?;
        let trust = address.name.as_ref().map(|_| Trust::of(self.ca.as_deref())).transpose().map_err(usage)?;
        let platform = Platform { address, profile, keys: self.keys()?, trust };
        let habits = if self.bare { Habits::BARE } else { Habits::DAY };
        Ok(Plan {
            platform,
            institution,
            town,
            items,
            seed: self.seed,
            visits: self.visits,
            clients: self.clients.max(1),
            rate: self.rate,
            habits: Habits { faults: self.faults, ..habits },
            record: self.record,
            books: self.books,
            clear: self.clear,
        })
    }

    /// What the institution vouches for itself with; secrets come from files alone.
    fn keys(&self) -> anyhow::Result<Keys> {
        let mut keys = Keys::default();
        if let (Some(name), Some(file)) = (&self.account, &self.secret) {
            keys = keys.account(name, &read(file)?);
        }
        if let (Some(own), Some(platform)) = (&self.sm2_key, &self.platform_key) {
            keys = keys.sm2(&read(own)?, &read(platform)?).map_err(usage)?;
        }
        Ok(keys)
    }
}

fn institution(asked: Option<&str>, town: &Town) -> Result<Provider, Stop> {
    let code = asked.map(|code| code.trim().to_ascii_uppercase());
    let known = town.providers.iter().find(|provider| code.as_ref().is_none_or(|code| provider.code == *code));
    match (known, code) {
        (Some(known), _) => Ok(known.clone()),
        (None, Some(code)) if code.len() == 12 && code.is_ascii() => {
            Ok(Provider { name: format!("机构{code}"), code })
        }
        (None, Some(code)) => {
            Err(Stop::usage(format!("机构编号“{code}”不是 12 位 (institution)"), "写定点医药机构编号，如 H50000100009"))
        }
        (None, None) => Err(Stop::usage("没有说是哪家机构 (no institution)", "用 --institution 写定点医药机构编号")),
    }
}

/// A profile by its name or file; that of a region if not named, and the open one for a region without.
pub fn profile(asked: Option<&str>, region: &str) -> anyhow::Result<Profile> {
    let name = match asked {
        None => match Profile::of(region) {
            Some(profile) => return Ok(profile),
            None => "default",
        },
        Some(name) => name,
    };
    let read = match Profile::named(name) {
        Some(read) => read,
        None => Profile::parse(&read(Path::new(name))?),
    };
    read.map_err(|error| Stop::usage(format!("{name}: {error}"), "改正接口配置文件").into())
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("读不了 {}", file.display()))
}

fn usage(trouble: Trouble) -> Stop {
    Stop::usage(trouble.message, trouble.cure)
}

fn refused(trouble: Trouble) -> Stop {
    Stop::Refused(format!("{}\n  = {}", trouble.message, trouble.cure))
}
