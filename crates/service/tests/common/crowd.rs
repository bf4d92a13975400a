//! Many clients at once, and the proof that what came of it is what one client at a time would have come to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use books::{Answer, Command, Desk, Memory, Rules, Stop, Vault};
use serde_json::{Map, Value};
use service::{Failure, Service, request_id};
use store::Store;
use testkit::random::Random;

use super::{journal, policies, today};

/// A request and what came of it.
pub struct Served {
    pub verb: &'static str,
    pub fields: Map<String, Value>,
    pub request: String,
    pub outcome: Result<Answer, Failure>,
}

/// What a client asks for next, having been given these answers.
pub type Next = dyn Fn(&mut Random, &[Answer]) -> (&'static str, Map<String, Value>) + Sync;

/// Everything that was served, in the order in which the writer dealt with it.
#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Vec<Served>>>);

impl Record {
    /// Asks, and waits for the outcome, which the writer itself puts on record.
    pub fn ask(
        &self,
        service: &Service,
        verb: &'static str,
        fields: Map<String, Value>,
        actor: &str,
    ) -> Result<Answer, Failure> {
        let (done, wait) = std::sync::mpsc::channel();
        let (record, request, own) = (self.clone(), request_id(), fields.clone());
        let id = request.clone();
        let reply = move |outcome: Result<Answer, Failure>| {
            let served = Served { verb, fields: own, request: id, outcome: outcome.clone() };
            record.0.lock().unwrap().push(served);
            done.send(outcome).unwrap();
        };
        service.call(verb, fields, Some(request), actor, Box::new(reply)).unwrap();
        wait.recv().unwrap()
    }

    /// Lets clients ask at once, each one request after the other.
    pub fn crowd(&self, service: &Service, clients: u64, each: u32, seed: u64, next: &Next) {
        std::thread::scope(|scope| {
            for client in 0..clients {
                scope.spawn(move || {
                    let (mut random, mut answers) = (Random::new(seed ^ (client + 1)), Vec::new());
                    for _ in 0..each {
                        let (verb, fields) = next(&mut random, &answers);
                        answers.extend(self.ask(service, verb, fields, &format!("client {client}")));
                    }
                });
            }
        });
    }

    /// All of it.
    pub fn all(self) -> Vec<Served> {
        Arc::into_inner(self.0).unwrap().into_inner().unwrap()
    }
}

/// Runs the same requests one at a time on books in memory, and holds the outcomes and the journals of both against each
/// other. The sheets are the folds of the journals.
pub fn same_as_one_at_a_time(store: &mut dyn Store, served: &[Served]) {
    let editions = store.notes("edition/").unwrap();
    let edition = editions[0].trim_start_matches("edition/");
    let rules = Rules::new(policies().library, edition, "town", Vec::new(), false, today()).unwrap();
    let vault = Vault::new(&[7; 32]);
    let stored = journal(store);
    // When and by whom: as the journal has it. A refused request is in no journal; it was asked on the last day.
    let stamps: BTreeMap<&str, (i64, &str)> =
        stored.iter().map(|record| (record.request.as_str(), (record.at, record.actor.as_str()))).collect();
    let last = stored.iter().map(|record| record.at).max().unwrap_or_default();
    let mut memory = Memory::default();
    for one in served {
        let (at, actor) = stamps.get(one.request.as_str()).copied().unwrap_or((last, "nobody"));
        let desk = Desk { rules: &rules, vault: &vault, at, actor };
        let request = Command::named(one.verb).unwrap().read(&one.request, one.fields.clone()).unwrap();
        let alone = memory.run(&desk, &request).map_err(|stop| match stop {
            Stop::Refused(refusal) => Failure::Refused(refusal),
            Stop::Source(what) => panic!("{what}"),
        });
        assert_eq!(alone, one.outcome, "{} of request {}", one.verb, one.request);
    }
    let mut alone: Vec<_> = memory.journal.iter().map(|posted| (posted.key.clone(), posted.entry.clone())).collect();
    alone.sort_by_key(|(key, entry)| (key.clone(), entry.number));
    assert_eq!(alone.len(), stored.len());
    for ((key, entry), record) in alone.iter().zip(&stored) {
        assert_eq!((&key.subject, key.year, entry.number), (&record.key.subject, record.key.year, record.number));
        assert_eq!((&entry.body, &entry.request, entry.at), (&record.body, &record.request, record.at));
    }
}
