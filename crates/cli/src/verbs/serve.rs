//! `serve`: the books over HTTP, and pages for people. Started on nothing, it makes a region to play with.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use books::users::any_user;
use pages::Pages;
use pages::simulate::Simulations;
use server::access::{Access, First, Oidc, OidcSettings, Roles};
use server::{
    App, Bridge, Limits, Listening, Patience, Settings, Signing, bind, metrics_router, read_tls, router_with,
};
use service::demo::Demo;
use service::uptime::Watch;
use service::{Options, Service};
use wire::Profile;
use wire::cipher::{SM2_USER, SoftwareKey};

use super::live::demo;
use super::live::place::{At, key_beside, stopped};
use crate::said::Said;
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;

/// The database that is served where none is named.
const DEMO: &str = "tongchou-demo.db";

/// Persons of a region to play with.
const PEOPLE: u32 = 300;

/// Which books, where, to whom.
#[derive(clap::Args)]
pub struct Args {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Log as text or json, on standard error
    #[arg(long, value_enum, default_value_t)]
    log: Log,
    /// Roles of your own, in place of those the program carries
    #[arg(long, value_name = "FILE")]
    roles: Option<PathBuf>,
    /// Settings of an identity provider by which users sign in (OpenID Connect), TOML
    #[arg(long, value_name = "FILE")]
    oidc: Option<PathBuf>,
    /// Serve /metrics on this address and port, apart from all else; nowhere, if left out
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Profile of the national interface: a name the program carries, or a file; that of the region, if left out
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// The platform's own SM2 key for the national interface, PKCS#8 PEM: for trials, production signs in certified hardware
    #[arg(long, value_name = "FILE")]
    sm2_key: Option<PathBuf>,
    /// Chain of certificates, PEM: serve over TLS
    #[arg(long, value_name = "FILE", requires = "private_key")]
    cert: Option<PathBuf>,
    /// Private key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    private_key: Option<PathBuf>,
    /// Folder for runs of simulations and their made-up people; beside the database file, if left out
    #[arg(long, value_name = "DIR")]
    simulations: Option<PathBuf>,
    /// Listen beyond this machine without TLS: a proxy in front encrypts
    #[arg(long)]
    allow_plain_http: bool,
    #[command(flatten)]
    at: At,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Log {
    #[default]
    Text,
    Json,
}

impl Args {
    /// Serves until it is told to stop.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let mut plain = self.cert.is_none().then_some(&self.listen).into_iter().chain(&self.metrics);
        if let Some(address) = plain.find(|address| !address.ip().is_loopback() && !self.allow_plain_http) {
            let what = format!("{address} 不是本机地址，而没有 TLS (no TLS beyond this machine)");
            let cure = "给出 --cert 和 --private-key；由前面的代理加密的，或 --metrics 只有采集程序够得到的，写明 --allow-plain-http";
            return Err(Stop::usage(what, cure).into());
        }
        let tls = match (&self.cert, &self.private_key) {
            (Some(cert), Some(key)) => Some(read_tls(cert, key).map_err(|trouble| stopped(trouble.into()))?),
            _ => None,
        };
        let roles = self.roles()?;
        let oidc =
            self.oidc.as_deref().map(OidcSettings::read).transpose().and_then(|read| read.map(Oidc::new).transpose());
        let oidc = oidc.map_err(|trouble| stopped(trouble.into()))?;
        let (profile, signing) = (self.profile()?, self.signing()?);
        let at = self.database(session)?;
        // Not before: making a region to play with is some two thousand requests, and nobody's.
        self.log.begin();
        // A client waits for its answer: a lost database is told soon, and the request is sent again under its key.
        let options = Options { patience: Duration::from_secs(5), ..Options::default() };
        let service = at.open_with(session, options)?.service;
        let (first, token) = first(&service)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let access = Access::new(roles, first).with_oidc(oidc);
        let app = App::new(Bridge::new(service, Limits::default()), access, Settings::default());
        app.national.choose(profile, signing);
        // Beyond this machine it is TLS, here or at the proxy in front: cookies are kept to it.
        let secure = tls.is_some() || !self.listen.ip().is_loopback();
        session.library()?;
        let simulations = self.simulations(session, &at.place.url()?)?;
        let files = session.shelf.files.iter().cloned();
        let pages = Pages::new(Arc::clone(&session.shelf.library), files, Box::new(Said), secure, simulations);
        app.land(pages::landing(Arc::clone(&pages)));
        let watch = runtime.block_on(async {
            let stop = stop()?;
            let listening = bind(self.listen, tls).await.map_err(|error| taken(self.listen, &error))?;
            let metrics = match self.metrics {
                Some(address) => Some(bind(address, None).await.map_err(|error| taken(address, &error))?),
                None => None,
            };
            // Not before it can be reached.
            let watch = Watch::begin(service::connect(&at.place.url()?), app.bridge.region(), app.uptime());
            tell(&says(session, &listening, app.bridge.region(), token.as_deref()));
            if let Some(metrics) = metrics {
                tell(&format!("http://{}/metrics", metrics.address));
                // It ends with the program.
                tokio::spawn(metrics.serve(metrics_router(&app), Patience::default(), std::future::pending()));
            }
            let stop = async {
                stop.await;
                app.bridge.close();
            };
            listening.serve(router_with(&app, pages::routes(pages)), Patience::default(), stop).await;
            anyhow::Ok(watch)
        })?;
        // What was handed in is carried out before the program ends.
        runtime.shutdown_timeout(Duration::from_secs(5));
        drop(app);
        if let Some(watch) = watch {
            watch.stop();
        }
        Ok(Verdict::Good)
    }

    fn roles(&self) -> anyhow::Result<Roles> {
        let roles = match &self.roles {
            Some(file) => {
                let text = std::fs::read_to_string(file).with_context(|| format!("读不了 {}", file.display()))?;
                Roles::read(&text)
            }
            None => Roles::carried(),
        };
        roles.map_err(|trouble| stopped(trouble.into()))
    }

    /// Who runs simulations, in builds that have the engine of populations.
    #[cfg(feature = "parquet")]
    fn simulations(&self, session: &Session, url: &str) -> anyhow::Result<Option<Arc<dyn Simulations>>> {
        let beside =
            || if url.contains("://") { "tongchou.simulations".to_owned() } else { format!("{url}.simulations") };
        let folder = self.simulations.clone().unwrap_or_else(|| beside().into());
        Ok(Some(Arc::new(crate::simulations::Simulations::new(&session.shelf, folder)?)))
    }

    /// Nobody runs simulations in a build without Parquet.
    #[cfg(not(feature = "parquet"))]
    fn simulations(&self, session: &Session, _: &str) -> anyhow::Result<Option<Arc<dyn Simulations>>> {
        if self.simulations.is_some() {
            return Err(Stop::without_parquet(session.lang).into());
        }
        Ok(None)
    }

    /// The profile of the national interface that was asked for.
    fn profile(&self) -> anyhow::Result<Option<Profile>> {
        let Some(asked) = &self.profile else { return Ok(None) };
        let read = match Profile::named(asked) {
            Some(carried) => carried,
            None => {
                let text = std::fs::read_to_string(asked)
                    .with_context(|| format!("没有接口配置 {asked}，也读不到这个文件"))?;
                Profile::parse(&text)
            }
        };
        read.map(Some).map_err(|error| Stop::usage(error.to_string(), "docs/guide/national.md 说明接口配置").into())
    }

    /// The platform's SM2 key.
    fn signing(&self) -> anyhow::Result<Option<Signing>> {
        let Some(file) = &self.sm2_key else { return Ok(None) };
        let pem = std::fs::read_to_string(file).with_context(|| format!("读不了 {}", file.display()))?;
        let key = SoftwareKey::from_pem(&pem, SM2_USER)
            .map_err(|error| Stop::usage(error.to_string(), "写 PKCS#8 PEM，如 openssl genpkey -algorithm SM2 所得"))?;
        Ok(Some(Arc::new(key)))
    }

    /// Where the books are; made, if there is no such file yet.
    fn database(&self, session: &Session) -> anyhow::Result<At> {
        let url = self.at.place.url().unwrap_or_else(|_| DEMO.to_owned());
        if !url.contains("://") && !Path::new(&url).exists() {
            let slug = &session.region(session.library()?, self.at.place.region().unwrap_or("chongqing"))?.slug;
            make(session, slug, &url)?;
        }
        Ok(self.at.in_database(&url))
    }
}

/// Makes a region to play with: beside, and put in its place when it is whole.
fn make(session: &Session, slug: &str, url: &str) -> anyhow::Result<()> {
    let part = format!("{url}.part");
    for left in [part.clone(), format!("{part}-wal"), format!("{part}-shm"), format!("{part}.key")] {
        if Path::new(&left).exists() {
            std::fs::remove_file(&left).with_context(|| format!("删不掉 {left}"))?;
        }
    }
    let (season, made) = demo::make(session, slug, &part, Demo { people: PEOPLE, seed: 1 })?;
    if let (Some(from), Some(to)) = (key_beside(&part), key_beside(url)) {
        std::fs::rename(&from, &to).with_context(|| format!("写不了 {}", to.display()))?;
    }
    std::fs::rename(&part, url).with_context(|| format!("写不了 {url}"))?;
    let (people, settlements, today) = (made.people, made.settlements, season.today);
    tell(&match session.lang {
        Lang::Zh => {
            format!("已建演示账套 {url}：{slug}，{people} 人、{settlements} 笔结算，全部是编造的；账套停在 {today}")
        }
        Lang::En => format!(
            "made the region {slug} in {url}: {people} persons, {settlements} settlements, all made up; its books live on {today}"
        ),
    });
    Ok(())
}

/// Says something on standard output. Whoever started the program may not listen any more; it serves all the same.
fn tell(text: &str) {
    _ = writeln!(std::io::stdout(), "{text}");
}

/// The token of the first administrator, where there are no users.
fn first(service: &Service) -> anyhow::Result<(First, Option<String>)> {
    if service.look("server", |_, books| any_user(books)).map_err(stopped)? {
        return Ok((First::none(), None));
    }
    let (first, token) = First::token().map_err(|trouble| stopped(trouble.into()))?;
    Ok((first, Some(token)))
}

fn says(session: &Session, listening: &Listening, region: &str, token: Option<&str>) -> String {
    let scheme = if listening.is_secure() { "https" } else { "http" };
    let address = format!("{scheme}://{}", listening.address);
    let lang = session.lang;
    let mut says = format!("{} {address}  ({region})", lang.of("已就绪：", "ready:"));
    if let Some(token) = token {
        let what = lang.of(
            "还没有用户。用这个一次性口令设第一位管理员（24 小时内有效）：",
            "no users yet. Make the first administrator with this one-time token (good for 24 hours):",
        );
        let body = format!("'{{\"token\":\"{token}\",\"name\":\"admin\",\"password\":\"…\"}}'");
        says.push_str(&format!(
            "\n{what}\n  {token}\n  curl -X POST {address}/v1/sign-in/first -H 'Content-Type: application/json' -d {body}"
        ));
    }
    says
}

fn taken(address: SocketAddr, error: &std::io::Error) -> anyhow::Error {
    let cure = "换一个端口：--listen 127.0.0.1:端口，端口写 0 由系统挑选";
    Stop::usage(format!("听不了 {address}：{error}"), cure).into()
}

/// Comes when the program is told to stop.
#[cfg(unix)]
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(std::future::poll_fn(move |task| {
        if terminate.poll_recv(task).is_ready() {
            std::task::Poll::Ready(())
        } else {
            interrupt.poll_recv(task).map(drop)
        }
    }))
}

/// Comes when the program is told to stop.
#[cfg(not(unix))]
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { _ = tokio::signal::ctrl_c().await })
}

impl Log {
    /// Begins to log, at the level that TONGCHOU_LOG asks for; info, if it does not.
    fn begin(self) {
        let asked = std::env::var("TONGCHOU_LOG").ok().and_then(|level| level.parse::<tracing::Level>().ok());
        let log = tracing_subscriber::fmt().with_max_level(asked.unwrap_or(tracing::Level::INFO));
        let log = log.with_writer(std::io::stderr).with_ansi(false);
        match self {
            Log::Text => log.init(),
            Log::Json => log.json().flatten_event(true).init(),
        }
    }
}
