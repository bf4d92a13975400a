//! A server over a region to play with, and somebody signed in in each role.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use books::Vault;
use jiff::civil::date;
use serde_json::{Value, json};
use server::access::{Access, First, Roles};
use server::{App, Bridge, Limits, Patience, Settings, bind, router};
use service::demo::{Demo, Made, fill, season};
use service::{Connect, Options, Policies, Service, SetClock, Setup, connect, open_region};
use tokio::sync::oneshot;

use crate::client::{Answered, request, send};

/// A password of whoever is made here.
pub const PASSWORD: &str = "一个够长的密码不外传";

/// A server, until it is dropped.
pub struct Town {
    pub to: SocketAddr,
    pub made: Made,
    /// The token of the first administrator.
    pub first: String,
    stop: Option<oneshot::Sender<()>>,
    running: Option<std::thread::JoinHandle<()>>,
    url: String,
    _folder: tempfile::TempDir,
}

/// How patient a test's server is: little.
pub fn impatient() -> Patience {
    let second = Duration::from_secs(3);
    Patience { head: second, handshake: second, stop: Duration::from_secs(20), connections: 64 }
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
        let policies = Policies::read(testkit::policies::files());
        let season = season(&policies, "chongqing", date(2026, 11, 22)).unwrap();
        let vault = Vault::new(&[7; 32]);
        let mut store = store::open(url).unwrap();
        open_region(store.as_mut(), &policies, "chongqing", &vault, Some(season.today)).unwrap();
        drop(store);
        let clock = Arc::new(SetClock::at(season.paid, 1));
        let options = Options { patience: Duration::from_millis(300), ..Options::default() };
        let setup =
            Setup { clock: Arc::clone(&clock) as _, options, ..Setup::new(connect, policies, "chongqing", vault) };
        let service = Service::open(setup).unwrap();
        let made = fill(&service, &clock, &season, Demo { people: 40, seed: 1 }, &mut |_, _| {}).unwrap();
        let (first, token) = First::token().unwrap();
        let access = Access::new(Roles::carried().unwrap(), first);
        let settings = Settings { arrival: Duration::from_secs(1), ..Settings::default() };
        let app = App::new(Bridge::new(service, Limits::default()), access, settings);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let running = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listening = bind("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
                tell.send(listening.address).unwrap();
                listening.serve(router(&app), impatient(), async { _ = stopped.await }).await;
            });
        });
        let to = told.recv().unwrap();
        Town { to, made, first: token, stop: Some(stop), running: Some(running), url: url.to_owned(), _folder: folder }
    }

    /// Tells the server to stop, and waits until it has.
    pub fn stop(&mut self) {
        _ = self.stop.take().map(|stop| stop.send(()));
        _ = self.running.take().map(std::thread::JoinHandle::join);
    }

    /// How many visits whose numbers begin so are settled in the books.
    pub fn settled_visits(&self, prefix: &str) -> usize {
        let mut store = store::open_existing(&self.url).unwrap();
        let (person, _) = self.person();
        let history = store.history("chongqing", &format!("care/{person}")).unwrap();
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
