//! The process under torture: clients that send requests one after the other and say what was acknowledged.
//!
//! What a client sends as its n-th request follows from seed, client and n alone, so that any worker can send it again.

use std::io::Write;
use std::sync::Mutex;
use std::time::Duration;

use books::Answer;
use serde_json::{Map, Value, json};
use service::{Failure, Options, Service, ShiftedClock};
use testkit::random::Random;

use crate::common::{fields, number, setup, today, visit};

/// How many clients a worker has.
pub const CLIENTS: u64 = 8;
/// How many persons they share.
pub const PERSONS: u32 = 30;

/// The variables by which a harness says what to do: the database, the seed, and where each client begins.
pub const URL: &str = "TORTURE_URL";
/// See [`URL`].
pub const WORKER_SEED: &str = "TORTURE_WORKER_SEED";
/// See [`URL`]: the next request of each client, by commas; with `=last` the request after which the client stops.
pub const FROM: &str = "TORTURE_FROM";

/// The idempotency key of a client's request.
pub fn key(client: u64, nth: u64) -> String {
    format!("c{client}-{nth}")
}

pub fn run_if_asked() {
    let Ok(url) = std::env::var(URL) else { return };
    let seed: u64 = std::env::var(WORKER_SEED).unwrap().parse().unwrap();
    let from = std::env::var(FROM).unwrap();
    let plan: Vec<(u64, u64)> = from
        .split(',')
        .map(|client| {
            let (from, last) = client.split_once('=').unwrap_or((client, ""));
            (from.parse().unwrap(), last.parse().unwrap_or(u64::MAX))
        })
        .collect();
    let clock = std::sync::Arc::new(ShiftedClock::on(today()));
    let options = Options { patience: Duration::from_secs(60), ..Options::default() };
    let service = loop {
        // A server that is just coming back.
        match Service::open(service::Setup { clock: clock.clone(), options, ..setup(service::connect(&url)) }) {
            Ok(service) => break service,
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    let said = Mutex::new(std::io::stdout());
    std::thread::scope(|scope| {
        for (client, (from, last)) in plan.into_iter().enumerate() {
            let (service, said) = (&service, &said);
            scope.spawn(move || Client { service, said, seed, client: client as u64 }.send(from, last));
        }
    });
}

struct Client<'w> {
    service: &'w Service,
    said: &'w Mutex<std::io::Stdout>,
    seed: u64,
    client: u64,
}

impl Client<'_> {
    fn send(&self, from: u64, last: u64) {
        let mut nth = from;
        while nth <= last {
            match self.ask(nth) {
                Ok(outcome) => {
                    self.say(&format!("ack {} {nth} {outcome}", self.client));
                    nth += 1;
                }
                Err(trouble) => {
                    self.say(&format!("trouble {} {nth} {trouble}", self.client));
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }

    /// Asks, and gives the outcome in a word: the answer, or why it is refused.
    fn ask(&self, nth: u64) -> Result<String, String> {
        let (verb, fields) = self.request(nth)?;
        match self.service.submit(verb, fields, Some(key(self.client, nth)), &format!("client {}", self.client)) {
            Ok(answer) => Ok(word(&answer)),
            Err(Failure::Refused(refusal)) => Ok(format!("refused:{}", refusal.code)),
            Err(Failure::Operational(trouble)) => Err(trouble.code.to_owned()),
        }
    }

    fn request(&self, nth: u64) -> Result<(&'static str, Map<String, Value>), String> {
        let mut random = Random::new(self.seed ^ (self.client << 40) ^ nth);
        let running = random.below(u64::from(PERSONS)) as u32;
        Ok(match random.below(10) {
            0 => {
                let from = format!("2022-0{}-01", random.between(1, 2));
                let held = json!({ "person": number(running), "category": "minimum-allowance", "from": from, "reason": "核对" });
                ("category assert", fields(held))
            }
            1 | 2 if nth > 1 => match self.settled_before(nth)? {
                Some(settlement) => ("care reverse", fields(json!({ "settlement": settlement, "reason": "误结" }))),
                None => self.visit(running, nth),
            },
            _ => self.visit(running, nth),
        })
    }

    /// A visit of its own, so that no other request settles it.
    fn visit(&self, running: u32, nth: u64) -> (&'static str, Map<String, Value>) {
        let amount = 100 + (nth as i64 * 37) % 900;
        ("care settle", visit(running, &format!("{}-{nth}", self.client), amount))
    }

    /// The settlement of the request before, which its key tells again.
    fn settled_before(&self, nth: u64) -> Result<Option<String>, String> {
        let (verb, fields) = self.request(nth - 1)?;
        if verb != "care settle" {
            return Ok(None);
        }
        let before =
            self.service.submit(verb, fields, Some(key(self.client, nth - 1)), &format!("client {}", self.client));
        match before {
            Ok(answer) => Ok(answer.fields.get("settlement").and_then(Value::as_str).map(str::to_owned)),
            Err(Failure::Refused(_)) => Ok(None),
            Err(Failure::Operational(trouble)) => Err(trouble.code.to_owned()),
        }
    }

    fn say(&self, line: &str) {
        let mut out = self.said.lock().unwrap();
        // A harness that is gone needs no answer.
        _ = writeln!(out, "\n{line}").and_then(|()| out.flush());
    }
}

/// An answer as one word.
fn word(answer: &Answer) -> String {
    let text = serde_json::to_string(answer).unwrap();
    books::Vault::new(&[0; 32]).index("answer", &text)
}
