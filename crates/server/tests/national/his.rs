//! A hospital's system of a few lines, and a platform for it to talk to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use books::Vault;
use jiff::civil::{DateTime, date};
use serde_json::{Map, Value, json};
use server::access::{Access, First, Roles};
use server::{App, Bridge, Limits, Patience, Settings, Signing, bind, router};
use service::demo::{Demo, fill, season};
use service::{Options, Policies, Service, SetClock, Setup, connect, open_region};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use wire::dictionary::transaction;
use wire::{Profile, identities};

use crate::client::{Answered, send};

/// A hospital of the third level, and another.
pub const HOSPITAL: &str = "H50000100004";
pub const OTHER: &str = "H50000100003";
pub const PHARMACY: &str = "P50000100077";
/// Numbers of what the person shows: the voucher, the card, and a voucher that is no longer good.
pub const VOUCHER: &str = "E-0001";
pub const CARD: &str = "C-0001";
pub const ENDED: &str = "E-0000";
/// The secret of every account.
pub const SECRET: &str = "tck_his_a-secret-for-tests-only";

/// How patient the platform is: little.
const PATIENCE: Patience = Patience {
    head: Duration::from_secs(3),
    handshake: Duration::from_secs(3),
    stop: Duration::from_secs(20),
    connections: 64,
};

/// A platform, until it is dropped.
pub struct Platform {
    pub to: SocketAddr,
    pub now: DateTime,
    /// A person who is insured, and somebody else.
    pub person: String,
    pub other: String,
    pub profile: Profile,
    /// What was settled with the hospital for residents' outpatient care before the first message: count, bills, funds.
    pub before: (i64, i64, i64),
    serial: AtomicU32,
    stop: Option<oneshot::Sender<()>>,
    running: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Platform {
    /// With a carried profile, and an SM2 key where it signs by one; accounts have this public key.
    pub fn new(profile: &str, signing: Option<Signing>, public: Option<&str>) -> Platform {
        Platform::of("chongqing", profile, signing, public)
    }

    /// Of a region.
    pub fn of(region: &str, profile: &str, signing: Option<Signing>, public: Option<&str>) -> Platform {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("t.db").display().to_string();
        let profile = Profile::named(profile).unwrap().unwrap();
        Platform::over((folder, &url), (region, profile, signing, public))
    }

    /// With no gateway and no cipher, and a profile that says something else than the default one.
    pub fn changed(change: impl FnOnce(&mut Profile)) -> Platform {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("t.db").display().to_string();
        let mut profile = Profile::named("default").unwrap().unwrap();
        change(&mut profile);
        Platform::over((folder, &url), ("chongqing", profile, None, None))
    }

    /// With no gateway and no cipher, over a database.
    pub fn open_over(url: &str) -> Platform {
        let profile = Profile::named("default").unwrap().unwrap();
        Platform::over((tempfile::tempdir().unwrap(), url), ("chongqing", profile, None, None))
    }

    fn over(
        (folder, url): (tempfile::TempDir, &str),
        (region, profile, signing, public): (&str, Profile, Option<Signing>, Option<&str>),
    ) -> Platform {
        let policies = Policies::read(testkit::policies::files());
        let season = season(&policies, region, date(2026, 11, 22)).unwrap();
        let vault = Vault::new(&[7; 32]);
        let mut store = store::open(url).unwrap();
        open_region(store.as_mut(), &policies, region, &vault, Some(season.today)).unwrap();
        drop(store);
        let clock = Arc::new(SetClock::at(season.paid, 1));
        let options = Options { patience: Duration::from_millis(300), ..Options::default() };
        let setup =
            Setup { clock: Arc::clone(&clock) as _, options, ..Setup::new(connect(url), policies, region, vault) };
        let service = Service::open(setup).unwrap();
        let made = fill(&service, &clock, &season, Demo { people: 30, seed: 1 }, &mut |_, _| {}).unwrap();
        let area = format!("{}01", &season.rules.region().unwrap().code[..4]);
        prepare(&service, season.today, &area, public);
        let before = turnover(&service, season.today);
        let other = another(&service, made.person.as_deref().unwrap());
        for (token, number) in [("e-credential", ENDED), ("e-credential", VOUCHER), ("card", CARD)] {
            if number == VOUCHER {
                run(&service, "credential end", json!({ "person": made.person, "token": token, "reason": "换号" }));
            }
            let shown = json!({ "person": made.person, "token": token, "number": number, "channel": "测试" });
            run(&service, "credential activate", shown);
        }
        let facts = json!({ "person": made.person, "ethnicity": "03", "employer": "某某纺织厂", "reason": "本人来电" });
        run(&service, "person amend", facts);
        let (first, _) = First::token().unwrap();
        let app = App::new(
            Bridge::new(service, Limits::default()),
            Access::new(Roles::carried().unwrap(), first),
            Settings { arrival: Duration::from_secs(2), ..Settings::default() },
        );
        app.national.choose(Some(profile.clone()), signing);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let running = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listening = bind("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
                tell.send(listening.address).unwrap();
                listening.serve(router(&app), PATIENCE, async { _ = stopped.await }).await;
            });
        });
        Platform {
            to: told.recv().unwrap(),
            now: season.today.at(12, 0, 0, 0),
            person: made.person.unwrap(),
            other,
            before,
            profile,
            serial: AtomicU32::new(0),
            stop: Some(stop),
            running: Some(running),
            _folder: folder,
        }
    }

    /// With no gateway and no cipher.
    pub fn open() -> Platform {
        Platform::new("default", None, None)
    }

    /// A new message id of an institution.
    pub fn msgid(&self, institution: &str) -> String {
        wire::envelope::message_id(institution, self.now, self.serial.fetch_add(1, Ordering::Relaxed))
    }

    /// A message of the hospital.
    pub fn message(&self, infno: &str, input: Value) -> Value {
        self.message_of(HOSPITAL, infno, input)
    }

    pub fn message_of(&self, institution: &str, infno: &str, input: Value) -> Value {
        json!({
            "infno": infno, "msgid": self.msgid(institution), "mdtrtarea_admvs": "500000", "insuplc_admdvs": "500000",
            "recer_sys_code": "YBXT", "infver": "V1.0", "opter_type": "1", "opter": "0001", "opter_name": "收费员",
            "inf_time": wire::moment::spoken(self.now), "fixmedins_code": institution, "fixmedins_name": "演示医院",
            "sign_no": "", "input": input,
        })
    }

    /// Sends bytes to an address.
    pub fn post(&self, path: &str, headers: &str, body: &[u8]) -> Answered {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Answered::read(&send(self.to, &[head.as_bytes(), body].concat()).unwrap())
    }

    /// Sends a message; gives the reply.
    pub fn send(&self, message: &Value) -> Value {
        self.post("/national", "", message.to_string().as_bytes()).json()
    }

    /// Carries a transaction out, which must go well and keep the identities; gives its output.
    pub fn run(&self, infno: &str, input: Value) -> Value {
        self.run_of(HOSPITAL, infno, input)
    }

    pub fn run_of(&self, institution: &str, infno: &str, input: Value) -> Value {
        self.good(&self.message_of(institution, infno, input))
    }

    /// Sends a message that must go well.
    pub fn good(&self, message: &Value) -> Value {
        let reply = self.send(message);
        assert_eq!(reply["infcode"], 0, "{message} -> {reply}");
        self.holds(message["infno"].as_str().unwrap(), &reply["output"]);
        reply["output"].clone()
    }

    /// Sends a message that must be refused; gives the code at the end of `err_msg`.
    pub fn refused(&self, message: &Value) -> String {
        let reply = self.send(message);
        assert_eq!((&reply["infcode"], &reply["output"]), (&json!(-1), &Value::Null), "{message} -> {reply}");
        code(&reply)
    }

    /// What the dictionary and the identities ask of an output.
    fn holds(&self, infno: &str, output: &Value) {
        for node in transaction(infno).unwrap().output {
            if node.must() {
                assert!(output.get(node.1).is_some(), "{infno}: no {}: {output}", node.1);
            }
        }
        if output.get("setlinfo").is_some() {
            let details: Vec<&Value> = output["setldetail"].as_array().unwrap().iter().collect();
            let breaches = identities::settlement(&self.profile.identities, &output["setlinfo"], &details);
            assert!(breaches.is_empty(), "{infno}: {breaches:?}");
        }
        if let Some(lines) = output.get("detlcutinfo").and_then(Value::as_array) {
            let breaches = identities::lines(&output["setlinfo"], &lines.iter().collect::<Vec<_>>());
            assert!(breaches.is_empty(), "{infno}: {breaches:?}");
        }
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        _ = self.stop.take().map(|stop| stop.send(()));
        _ = self.running.take().map(std::thread::JoinHandle::join);
    }
}

/// The code at the end of a refusal, which is never too long.
pub fn code(reply: &Value) -> String {
    let text = reply["err_msg"].as_str().unwrap();
    assert!(text.chars().count() <= 200, "{text}");
    let (_, code) = text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")).unwrap_or_else(|| panic!("{text}"));
    code.to_owned()
}

fn run(service: &Service, verb: &str, fields: Value) {
    let Value::Object(fields) = fields else { panic!("{verb}") };
    let fields: Map<String, Value> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    service.submit(verb, fields, None, "test").unwrap_or_else(|failure| panic!("{verb}: {failure}"));
}

/// Count, bills and funds of a day's outpatient care at the hospital.
fn turnover(service: &Service, day: domain::Date) -> (i64, i64, i64) {
    let asked = json!({
        "provider": HOSPITAL, "from": day.to_string(), "to": day.to_string(), "scheme": "resident", "clearing": "outpatient",
    });
    let rows = service.ask("turnover totals", asked.as_object().unwrap().clone(), "test").unwrap().rows;
    let fen = |value: &Value| domain::Fen::parse_yuan(value.as_str().unwrap()).unwrap().0;
    rows.iter().fold((0, 0, 0), |(count, total, funds), row| {
        (count + row[3].as_i64().unwrap() - row[4].as_i64().unwrap(), total + fen(&row[5]), funds + fen(&row[6]))
    })
}

/// Somebody who is not the person.
fn another(service: &Service, person: &str) -> String {
    let table = service.ask("person list", Map::new(), "test").unwrap();
    let numbers = table.rows.iter().filter_map(|row| row[0].as_str());
    numbers.into_iter().find(|number| *number != person).unwrap().to_owned()
}

/// A pharmacy, vouchers of the person, and accounts at the gateway.
fn prepare(service: &Service, today: domain::Date, area: &str, public: Option<&str>) {
    let run = |verb: &str, fields: Value| run(service, verb, fields);
    run(
        "provider register",
        json!({
            "provider": PHARMACY, "name": "演示药店", "area": area, "level": "primary", "care": ["pharmacy"],
            "online": true, "from": "2020-01-01",
        }),
    );
    // A town that lies elsewhere has other hospitals.
    if area.starts_with("50") {
        let told =
            json!({ "provider": HOSPITAL, "from": today.to_string(), "uscc": "12000000000000000Q", "grade": "3A" });
        run("provider amend", told);
    }
    let hash: String = Sha256::digest(SECRET.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let until = today.checked_add(jiff::Span::new().months(6)).unwrap().to_string();
    for (id, provider) in [("his", HOSPITAL), ("other", OTHER)] {
        run(
            "key issue",
            json!({
                "id": id, "secret_hash": hash, "secret": SECRET, "gateway": true, "provider": provider, "until": until,
                "public_key": public,
            }),
        );
    }
}
