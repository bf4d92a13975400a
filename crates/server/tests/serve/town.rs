//! A server over a region to play with, and somebody signed in in each role.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::response::IntoResponse as _;
use books::Vault;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use server::access::{Access, First, Roles};
use server::{App, Bridge, Limits, Patience, Reach, Settings, bind, metrics_router, router};
use service::demo::{Demo, Made, Season, fill, season};
use service::{Connect, Options, Policies, Service, SetClock, Setup, connect, open_region};
use tokio::sync::oneshot;

use crate::client::{Answered, request, send};

/// A password of whoever is made here.
pub const PASSWORD: &str = "一个够长的密码不外传";

fn vault() -> Vault {
    Vault::new(&[7; 32])
}

/// A server, until it is dropped.
pub struct Town {
    pub to: SocketAddr,
    /// Where its metrics are.
    pub metrics: SocketAddr,
    pub made: Made,
    /// The token of the first administrator.
    pub first: String,
    stop: Option<oneshot::Sender<()>>,
    running: Option<std::thread::JoinHandle<()>>,
    connect: Connect,
    clock: Arc<SetClock>,
    region: String,
    reach: Reach,
    app: Weak<App>,
    url: String,
    folder: tempfile::TempDir,
}

/// How patient a test's server is: little.
pub fn impatient() -> Patience {
    let second = Duration::from_secs(3);
    Patience { head: second, handshake: second, stop: Duration::from_secs(20), connections: 64 }
}

/// The roles that the program carries, with some words of theirs put otherwise.
pub fn roles(otherwise: &[(&str, &str)]) -> Roles {
    let carried = include_str!("../../src/access/roles.toml").to_owned();
    let put = |text: String, (from, to): &(&str, &str)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    };
    Roles::read(&otherwise.iter().fold(carried, put)).unwrap()
}

impl Town {
    /// Over a file, with the roles that the program carries.
    pub fn new() -> Town {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("t.db").display().to_string();
        Town::over(folder, &url, connect(&url))
    }

    /// Over a database.
    pub fn over(folder: tempfile::TempDir, url: &str, connect: Connect) -> Town {
        Town::made(("chongqing", roles(&[]), Reach::default()), folder, url, connect, |service, clock, season| {
            fill(service, clock, season, Demo { people: 40, seed: 1 }, &mut |_, _| {}).unwrap()
        })
    }

    /// Of a region in which nobody is yet, on a day on which dues are taken.
    pub fn empty(region: &str, roles: Roles) -> Town {
        Town::with(region, roles, Reach::default())
    }

    /// The same, looking back so far for what was done.
    pub fn with(region: &str, roles: Roles, reach: Reach) -> Town {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("t.db").display().to_string();
        Town::made((region, roles, reach), folder, &url, connect(&url), |_, _, _| Made::default())
    }

    fn made(
        (region, roles, reach): (&str, Roles, Reach),
        folder: tempfile::TempDir,
        url: &str,
        connect: Connect,
        fill: impl FnOnce(&Service, &SetClock, &Season) -> Made,
    ) -> Town {
        let policies = Policies::read(testkit::policies::files());
        let season = season(&policies, region, date(2026, 11, 22)).unwrap();
        let mut store = store::open(url).unwrap();
        open_region(store.as_mut(), &policies, region, &vault(), Some(season.today)).unwrap();
        drop(store);
        let nowhere = "127.0.0.1:0".parse().unwrap();
        let mut town = Town {
            to: nowhere,
            metrics: nowhere,
            made: Made::default(),
            first: String::new(),
            stop: None,
            running: None,
            connect,
            clock: Arc::new(SetClock::at(season.paid, 1)),
            region: region.to_owned(),
            reach,
            app: Weak::new(),
            url: url.to_owned(),
            folder,
        };
        let service = town.service();
        town.made = fill(&service, &town.clock, &season);
        let (first, token) = First::token().unwrap();
        town.first = token;
        town.run(service, Access::new(roles, first));
        town
    }

    /// Sets its clock to noon of another day.
    pub fn turn_to(&self, day: Date) {
        self.clock.set(day);
    }

    fn service(&self) -> Service {
        let policies = Policies::read(testkit::policies::files());
        let options = Options { patience: Duration::from_millis(300), ..Options::default() };
        let setup = Setup::new(Arc::clone(&self.connect), policies, &self.region, vault());
        Service::open(Setup { clock: Arc::clone(&self.clock) as _, options, ..setup }).unwrap()
    }

    fn run(&mut self, service: Service, access: Access) {
        let settings = Settings { arrival: Duration::from_secs(1), reach: self.reach, ..Settings::default() };
        let app = App::new(Bridge::new(service, Limits::default()), access, settings);
        self.app = Arc::downgrade(&app);
        app.land(Box::new(|_, outcome| match outcome {
            Ok((signed_in, to)) => format!("{} goes on to {to}", signed_in.name).into_response(),
            Err(problem) => format!("a page says {}", problem.refusal.code).into_response(),
        }));
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        // Where it was before, if it was: a client, or an identity provider, comes back there.
        let address = self.to;
        let running = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listening = bind(address, None).await.unwrap();
                let metrics = bind("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
                tell.send((listening.address, metrics.address)).unwrap();
                tokio::spawn(metrics.serve(metrics_router(&app), impatient(), std::future::pending()));
                listening.serve(router(&app), impatient(), async { _ = stopped.await }).await;
            });
        });
        (self.to, self.metrics) = told.recv().unwrap();
        (self.stop, self.running) = (Some(stop), Some(running));
    }

    /// Stops the server, and starts another over the same database.
    pub fn restart(&mut self, access: Access) {
        self.stop();
        self.run(self.service(), access);
    }

    /// The server's inside, as pages ask it.
    pub fn app(&self) -> Arc<App> {
        self.app.upgrade().unwrap()
    }

    /// Where the database is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The database, as another program opens it.
    pub fn store(&self) -> Box<dyn store::Store> {
        store::open_existing(&self.url).unwrap()
    }

    /// Tells the server to stop, and waits until it has.
    pub fn stop(&mut self) {
        _ = self.stop.take().map(|stop| stop.send(()));
        _ = self.running.take().map(std::thread::JoinHandle::join);
    }

    /// How many visits whose numbers begin so are settled in the books.
    pub fn settled_visits(&self, prefix: &str) -> usize {
        let mut store = self.store();
        let (person, _) = self.person();
        let history = store.history(&self.region, &format!("care/{person}")).unwrap();
        let visit = format!("\"visit\":\"{prefix}");
        history.iter().filter(|record| record.body.contains(&visit)).count()
    }

    pub fn send(&self, method: &str, path: &str, token: &str, headers: &str, body: &str) -> Answered {
        Answered::read(&send(self.to, request(method, path, token, headers, body).as_bytes()).unwrap())
    }

    pub fn get(&self, path: &str, token: &str) -> Answered {
        self.send("GET", path, token, "", "")
    }

    pub fn post(&self, path: &str, token: &str, body: &Value) -> Answered {
        self.send("POST", path, token, "", &body.to_string())
    }

    /// The first administrator, signed in.
    pub fn admin(&self) -> String {
        let body = json!({ "token": self.first, "name": "boss", "password": PASSWORD });
        self.post("/v1/sign-in/first", "", &body).good();
        self.sign_in("boss")
    }

    pub fn sign_in(&self, name: &str) -> String {
        let answer = self.post("/v1/sign-in", "", &json!({ "name": name, "password": PASSWORD })).good();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Adds a user with bounds, and signs in.
    pub fn user(&self, admin: &str, name: &str, role: &str, bounds: Value) -> String {
        let mut body = json!({ "name": name, "password": PASSWORD, "role": role });
        body.as_object_mut().unwrap().extend(bounds.as_object().cloned().unwrap_or_default());
        self.post("/v1/user/add", admin, &body).good();
        self.sign_in(name)
    }

    /// A key of a hospital.
    pub fn key(&self, admin: &str, id: &str, provider: &str) -> String {
        let body = json!({ "id": id, "provider": provider, "until": "2023-06-30" });
        let answer = self.post("/v1/key/issue", admin, &body).good();
        answer["shown"]["secret"].as_str().unwrap().to_owned()
    }

    /// The person with the most settlements, and one of these.
    pub fn person(&self) -> (String, String) {
        (self.made.person.clone().unwrap(), self.made.settlement.clone().unwrap())
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.stop();
    }
}
