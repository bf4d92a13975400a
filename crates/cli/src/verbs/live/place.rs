//! Where the books are, and opening them: database, region, key, clock, who asks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use domain::Date;
use policy::Region;
use service::{Clock, Failure, Key, Policies, Service, Setup, ShiftedClock, SystemClock, Trouble};
use store::Store;

use crate::session::{Lang, Session};
use crate::stop::Stop;
use crate::verbs::policy::day;
use crate::{english, help};

/// Where the books are: enough for what reads or copies them as they lie there.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// Database: a file, or postgres://USER@HOST/DATABASE; TONGCHOU_DB if left out
    #[arg(long, value_name = "FILE|URL")]
    db: Option<String>,
    /// Region whose books are meant, where the database holds several
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

/// Where the books are, and who works with them on what day.
#[derive(Clone, Debug, clap::Args)]
pub struct At {
    #[command(flatten)]
    pub place: Place,
    /// File with the key; TONGCHOU_KEY_FILE, TONGCHOU_KEY or the .key beside the database if left out
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Who asks, for the journal; the user of the system if left out
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    #[command(flatten)]
    day: Day,
}

/// The day it is for the books.
#[derive(Clone, Debug, clap::Args)]
pub struct Day {
    /// The day it is, in made-up books alone
    #[arg(long, value_name = "DAY", value_parser = day)]
    today: Option<Date>,
}

/// A region's books, open.
pub struct Live {
    /// The service.
    pub service: Service,
    /// Who asks.
    pub actor: String,
}

impl At {
    /// Opens the books.
    ///
    /// # Errors
    /// When the command line does not say where they are, or they cannot be used.
    pub fn open(&self, session: &Session) -> anyhow::Result<Live> {
        self.open_with(session, service::Options::default())
    }

    /// Opens the books, to work in a way of one's own.
    ///
    /// # Errors
    /// As [`At::open`].
    pub fn open_with(&self, session: &Session, options: service::Options) -> anyhow::Result<Live> {
        session.library()?;
        let url = self.place.url()?;
        let key = self.key(&url)?;
        let mut store = self.place.existing(&url)?;
        let region = self.place.region_of(session, store.as_mut())?;
        let clock = self.day.clock(store.as_mut())?;
        drop(store);
        let policies = policies(session);
        let setup = Setup { clock, options, ..Setup::new(service::connect(&url), policies, &region, key.vault()) };
        Ok(Live { service: Service::open(setup).map_err(stopped)?, actor: self.actor() })
    }

    /// The same place, for a region.
    pub fn of_region(&self, slug: &str) -> At {
        let place = Place { region: Some(slug.to_owned()), ..self.place.clone() };
        At { place, ..self.clone() }
    }

    /// The same place, in a database.
    pub fn in_database(&self, url: &str) -> At {
        let place = Place { db: Some(url.to_owned()), ..self.place.clone() };
        At { place, ..self.clone() }
    }

    /// The key: as given, or beside the database file.
    pub fn key(&self, url: &str) -> anyhow::Result<Key> {
        self.key_given(url)?.map_or_else(
            || {
                let cure = "用 --key 文件 给出建库时的密钥，或设环境变量 TONGCHOU_KEY_FILE、TONGCHOU_KEY";
                Err(stopped(Trouble::new("no-key", "没有密钥 (no key)", cure).into()))
            },
            Ok,
        )
    }

    /// The key as given on the command line, in the environment or beside the database file; none, if nowhere.
    pub fn key_given(&self, url: &str) -> anyhow::Result<Option<Key>> {
        let file = self.key.clone().or_else(|| setting("TONGCHOU_KEY_FILE").map(PathBuf::from));
        if let Some(file) = file {
            return Key::read(&file).map(Some).map_err(|trouble| stopped(trouble.into()));
        }
        if let Some(text) = setting("TONGCHOU_KEY") {
            return Key::parse(&text, "TONGCHOU_KEY").map(Some).map_err(|trouble| stopped(trouble.into()));
        }
        match key_beside(url).filter(|file| file.exists()) {
            Some(file) => Key::read(&file).map(Some).map_err(|trouble| stopped(trouble.into())),
            None => Ok(None),
        }
    }

    /// Who asks.
    pub fn actor(&self) -> String {
        let user = || whoami::username().unwrap_or_else(|_| "unknown".to_owned());
        self.actor.clone().unwrap_or_else(user)
    }
}

impl Place {
    /// The region that was named, if one was.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The database that is meant.
    pub fn url(&self) -> Result<String, Stop> {
        self.db.clone().or_else(|| setting("TONGCHOU_DB")).ok_or_else(|| {
            let cure =
                "写 --db 文件 或 --db postgres://用户@主机/库，或设环境变量 TONGCHOU_DB；新库先用 tongchou open 建账";
            Stop::usage("没有说用哪个数据库 (no database)", cure)
        })
    }

    /// A connection to books that are there already.
    pub fn existing(&self, url: &str) -> anyhow::Result<Box<dyn Store>> {
        store::open_existing(url).map_err(|error| stopped(Failure::from(error)))
    }

    /// Slug of the region whose books are meant.
    pub fn region_of(&self, session: &Session, store: &mut dyn Store) -> anyhow::Result<String> {
        if let Some(name) = &self.region {
            return Ok(self.known(session, name)?.slug.clone());
        }
        let mut here = service::regions(store).map_err(stopped)?;
        match (here.len(), here.pop()) {
            (1, Some(one)) => Ok(one),
            (0, _) => {
                let cure = "先用 tongchou open 地区 建账，或核对 --db";
                Err(stopped(Trouble::new("no-books", "这个数据库里还没有账套 (no books)", cure).into()))
            }
            (_, last) => {
                here.extend(last);
                Err(Stop::usage("库里有几个统筹区 (several regions)", format!("用 --region 写明：{}", here.join("、")))
                    .into())
            }
        }
    }

    /// Slugs of the regions meant: the one named, or all that are here.
    pub fn regions_of(&self, session: &Session, store: &mut dyn Store) -> anyhow::Result<Vec<String>> {
        match self.region_slug(session)? {
            Some(slug) => Ok(vec![slug]),
            None => service::regions(store).map_err(stopped),
        }
    }

    /// Slug of the region that was named.
    pub fn region_slug(&self, session: &Session) -> anyhow::Result<Option<String>> {
        let slug = |name: &String| Ok(self.known(session, name)?.slug.clone());
        self.region.as_ref().map(slug).transpose()
    }

    /// A region of the policies, by any of its names.
    pub fn known<'s>(&self, session: &'s Session, name: &str) -> Result<&'s Region, Stop> {
        session.region(session.library()?, name)
    }
}

impl Day {
    /// The machine's clock, or that of made-up books.
    pub fn clock(&self, store: &mut dyn Store) -> anyhow::Result<Arc<dyn Clock>> {
        let own = service::today_note(store).map_err(stopped)?;
        match (own, self.today) {
            (None, None) => Ok(Arc::new(SystemClock)),
            (None, Some(_)) => Err(Stop::usage(
                "真实的账套只认当天 (--today is for made-up books)",
                "去掉 --today；演示用的库由 tongchou demo 生成",
            )
            .into()),
            (Some(own), asked) => Ok(Arc::new(ShiftedClock::on(asked.unwrap_or(own)))),
        }
    }
}

/// The policy files of a session, for the service.
pub fn policies(session: &Session) -> Policies {
    Policies { library: Arc::clone(&session.shelf.library), files: session.shelf.files.clone().into() }
}

/// The key file beside a database file; a server has no such place.
pub fn key_beside(url: &str) -> Option<PathBuf> {
    let file = !url.contains("://") && url != ":memory:";
    file.then(|| PathBuf::from(format!("{url}.key")))
}

/// Makes a key beside a new database file.
pub fn make_key(url: &str) -> anyhow::Result<(Key, PathBuf)> {
    let path = key_beside(url).with_context(
        || "PostgreSQL 的库要给出密钥：--key 文件（`head -c 32 /dev/urandom | base64 > 文件; chmod 600 文件` 可生成）",
    )?;
    let key = Key::make(Path::new(&path)).map_err(|trouble| stopped(trouble.into()))?;
    Ok((key, path))
}

/// A failure of the machine as the command line tells it.
pub fn stopped(failure: Failure) -> anyhow::Error {
    let (code, message, cure) = match &failure {
        Failure::Refused(refusal) => (refusal.code.as_str(), refusal.to_string(), &refusal.cure),
        Failure::Operational(trouble) => {
            (trouble.code, format!("{} [{}]", trouble.message, trouble.code), &trouble.cure)
        }
    };
    let (what, mut cure) = english::refusal(help::language(), code, &message, cure);
    if help::language() == Lang::En && matches!(&failure, Failure::Operational(trouble) if trouble.in_doubt) {
        "it may have been recorded: send it again under the same --request when the database is back"
            .clone_into(&mut cure);
    }
    Stop::Refused(format!("{what}\n  = {cure}")).into()
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
