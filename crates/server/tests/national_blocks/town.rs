//! A server over a region to play with, and a hospital's side of the wire.

use std::io::{Cursor, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use books::{Answer, Vault};
use domain::Date;
use jiff::civil::{DateTime, date};
use serde_json::{Value, json};
use server::access::{Access, First, Roles};
use server::{App, Bridge, Limits, Patience, Settings, bind, router};
use service::demo::{Demo, Made, fill, season};
use service::{Options, Policies, Service, SetClock, Setup, connect, open_region};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use wire::Profile;
use wire::dictionary::{Shape, transaction};

/// A server, until it is dropped.
pub struct Town {
    pub made: Made,
    pub today: Date,
    /// The hospital that sends the messages.
    pub hospital: String,
    pub admdvs: String,
    clock: Arc<SetClock>,
    app: Arc<App>,
    runtime: Option<Runtime>,
    to: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serial: AtomicU32,
    _folder: tempfile::TempDir,
}

impl Town {
    pub fn new() -> Town {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("t.db").display().to_string();
        let policies = Policies::read(testkit::policies::files());
        let season = season(&policies, "chongqing", date(2026, 11, 22)).unwrap();
        let vault = Vault::new(&[7; 32]);
        let mut store = store::open(&url).unwrap();
        open_region(store.as_mut(), &policies, "chongqing", &vault, Some(season.today)).unwrap();
        drop(store);
        let clock = Arc::new(SetClock::at(season.paid, 1));
        let options = Options { patience: Duration::from_millis(300), ..Options::default() };
        let setup = Setup {
            clock: Arc::clone(&clock) as _,
            options,
            ..Setup::new(connect(&url), policies, "chongqing", vault)
        };
        let service = Service::open(setup).unwrap();
        let made = fill(&service, &clock, &season, Demo { people: 40, seed: 1 }, &mut |_, _| {}).unwrap();
        let (first, _) = First::token().unwrap();
        let access = Access::new(Roles::carried().unwrap(), first);
        let app = App::new(Bridge::new(service, Limits::default()), access, Settings::default());
        app.national.choose(Some(Profile::named("default").unwrap().unwrap()), None);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (stop, stopped) = oneshot::channel();
        let listening = runtime.block_on(bind("127.0.0.1:0".parse().unwrap(), None)).unwrap();
        let to = listening.address;
        let routes = router(&app);
        runtime.spawn(listening.serve(routes, Patience::default(), async { _ = stopped.await }));
        let admdvs = "500000".to_owned();
        let (serial, runtime) = (AtomicU32::new(0), Some(runtime));
        let today = season.today;
        let hospital = String::new();
        let mut town =
            Town { made, today, hospital, admdvs, clock, app, runtime, to, stop: Some(stop), serial, _folder: folder };
        town.hospital = town.a_hospital();
        town
    }

    /// Lets another day begin.
    pub fn set(&mut self, day: Date) {
        self.clock.set(day);
        self.today = day;
    }

    /// A provider of the demo, of level 3, within the region.
    fn a_hospital(&self) -> String {
        let table = self.runtime().block_on(self.app.bridge.ask("provider list", object(json!({ "level": "3" })), "t"));
        let table = table.unwrap();
        let near = table.rows.iter().find(|row| row[2].as_str().unwrap().starts_with("50")).unwrap();
        near[0].as_str().unwrap().to_owned()
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().unwrap()
    }

    /// The person with the most settlements.
    pub fn person(&self) -> String {
        self.made.person.clone().unwrap()
    }

    /// Carries a command out at the counter.
    pub fn run(&self, verb: &'static str, fields: Value) -> Answer {
        let request = service::request_id();
        let work = self.app.bridge.submit(verb, object(fields), request, "counter");
        self.runtime().block_on(work).unwrap_or_else(|failure| panic!("{verb}: {failure:?}"))
    }

    /// Asks at the counter.
    pub fn rows(&self, verb: &'static str, fields: Value) -> Vec<Vec<Value>> {
        self.runtime().block_on(self.app.bridge.ask(verb, object(fields), "counter")).unwrap().rows
    }

    /// An envelope of the hospital around an input, with a new message id.
    pub fn envelope(&self, infno: &str, input: &Value) -> Value {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let now: DateTime = self.today.at(12, 0, 0, 0);
        json!({
            "infno": infno,
            "msgid": format!("{}{}{serial:04}", self.hospital, wire::moment::seconds(now)),
            "mdtrtarea_admvs": self.admdvs, "insuplc_admdvs": self.admdvs, "recer_sys_code": "T",
            "infver": "V1.0", "opter_type": "1", "opter": "001", "opter_name": "某操作员",
            "inf_time": wire::moment::spoken(now), "fixmedins_code": self.hospital, "fixmedins_name": "某医院",
            "sign_no": "", "input": input,
        })
    }

    /// Sends an envelope; the reply.
    pub fn send(&self, envelope: &Value) -> Value {
        let path = format!("/national/{}", envelope["infno"].as_str().unwrap());
        let body = envelope.to_string();
        let mut stream = TcpStream::connect(self.to).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        assert!(head.starts_with("HTTP/1.1 200"), "{text}");
        serde_json::from_str(body).unwrap()
    }

    /// A transaction that must go well: its output, with all that the dictionary asks of it.
    pub fn good(&self, infno: &str, input: Value) -> Value {
        self.warned(infno, input).0
    }

    /// The same, with the warning.
    pub fn warned(&self, infno: &str, input: Value) -> (Value, String) {
        let reply = self.send(&self.envelope(infno, &input));
        assert_eq!(reply["infcode"], json!(0), "{infno}: {reply}");
        complete(infno, &reply["output"]);
        (reply["output"].clone(), reply["warn_msg"].as_str().unwrap().to_owned())
    }

    /// A transaction that must be refused: what the clerk reads.
    pub fn refused(&self, infno: &str, input: Value) -> String {
        let reply = self.send(&self.envelope(infno, &input));
        assert_eq!(reply["infcode"], json!(-1), "{infno}: {reply}");
        let told = reply["err_msg"].as_str().unwrap().to_owned();
        assert!(told.chars().count() <= 200, "{told}");
        told
    }

    /// A file that waits: the text in its ZIP.
    pub fn fetched(&self, number: &Value, of: &str) -> String {
        let input = json!({ "file_qury_no": number, "filename": "x", "fixmedins_code": of });
        let output = self.good("9102", json!({ "fsDownloadIn": input }));
        let bytes = STANDARD.decode(output["fsDownloadOut"]["in"].as_str().unwrap()).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        zip.by_index(0).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// A text brought up as a file: its number.
    pub fn brought(&self, text: &str) -> Value {
        let input = json!({ "in": STANDARD.encode(text), "filename": "a.txt", "fixmedins_code": self.hospital });
        self.good("9101", json!({ "fsUploadIn": input }))["fsUploadOut"]["file_qury_no"].clone()
    }

    /// An outpatient visit of a person today, with one medicine, settled: visit and settlement.
    pub fn visited(&self, person: &str, number: &str) -> (String, String) {
        let text = |answer: &Answer, name: &str| answer.fields[name].as_str().unwrap().to_owned();
        let begin = format!("{} 09:00:00", self.today);
        let open = json!({ "person": person, "provider": self.hospital, "number": number, "care": "outpatient", "begin": begin });
        let visit = text(&self.run("visit open", open), "visit");
        let of = json!({ "visit": visit, "provider": self.hospital });
        let mut described = of.clone();
        described["diagnoses"] = json!([{ "code": "A09.000", "name": "感染性胃肠炎", "main": true }]);
        self.run("visit describe", described);
        let mut charged = of.clone();
        charged["lines"] = json!([{ "sn": "1", "at": begin, "code": "XJ01MAA003A003010100000", "own_code": "Y1", "count": "2", "price": "40", "amount": "80" }]);
        self.run("visit charge", charged);
        let mut settled = of;
        settled["total"] = json!("80");
        let settled = self.run("visit settle", settled);
        (visit, text(&settled, "settlement"))
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// Holds an output against the dictionary: what must be there is, and is not empty.
fn complete(infno: &str, output: &Value) {
    for node in transaction(infno).unwrap().output {
        if node.1.contains('.') {
            continue;
        }
        let found = &output[node.1];
        assert!(!node.must() || !found.is_null(), "{infno}: no {}", node.1);
        let rows = wire::dictionary::rows(output, node.1);
        assert!(node.0 != Shape::Many || !rows.is_empty(), "{infno}: {} is empty", node.1);
        for row in rows {
            for (field, must) in node.fields() {
                assert!(!must || !row[field.name].is_null(), "{infno}: {}.{} is missing: {row}", node.1, field.name);
            }
        }
    }
}
