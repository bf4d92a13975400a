//! Starts workers, keeps what they acknowledge, kills them, and counts in the end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::civil::date;
use service::verify::{Difference, verify};
use service::{Service, SetClock, Setup};

use crate::common::{made, policies, settling_in};
use crate::worker::{CLIENTS, FROM, PERSONS, URL, WORKER_SEED, key};

/// Books under torture.
pub struct Trial {
    /// The database, as the harness sees it.
    url: String,
    /// The same, as workers see it.
    through: String,
    seed: u64,
    /// What was acknowledged of each client's requests.
    acknowledged: BTreeMap<(u64, u64), String>,
    kills: u64,
    heard: Arc<Heard>,
}

/// What workers have said, counted on while they run.
#[derive(Default)]
pub struct Heard {
    /// Requests acknowledged.
    pub acknowledged: AtomicU64,
    /// How often something went wrong.
    pub troubles: AtomicU64,
}

impl Trial {
    /// Makes books with insured people.
    pub fn begin(url: &str, seed: u64) -> Trial {
        let clock = Arc::new(SetClock::at(date(2021, 12, 10), 1_000));
        let vault = books::Vault::new(&[7; 32]);
        let setup = Setup { clock, ..Setup::new(made(url), policies(), "town", vault) };
        let service = Service::open(setup).unwrap();
        let sent =
            settling_in(PERSONS).into_iter().map(|(verb, fields)| service.send(verb, fields, None, "clerk").unwrap());
        for ticket in sent.collect::<Vec<_>>() {
            ticket.wait().unwrap();
        }
        Trial {
            url: url.to_owned(),
            through: url.to_owned(),
            seed,
            acknowledged: BTreeMap::new(),
            kills: 0,
            heard: Arc::default(),
        }
    }

    /// Lets workers reach the database another way.
    pub fn through(&mut self, url: &str) {
        self.through = url.to_owned();
    }

    /// Runs a worker for a while and kills it.
    pub fn run_for(&mut self, span: Duration) {
        self.while_running(|| std::thread::sleep(span));
    }

    /// Runs a worker while something happens, and kills it. Gives how many requests were acknowledged.
    pub fn while_running(&mut self, happens: impl FnOnce()) -> u64 {
        self.worker(u64::MAX, happens)
    }

    /// What workers say, counted on.
    pub fn heard(&self) -> Arc<Heard> {
        Arc::clone(&self.heard)
    }

    /// Lets every client finish what it was at, and counts.
    pub fn end(mut self) {
        let last = self.acknowledged.keys().map(|(_, nth)| *nth).max().unwrap_or(0) + 1;
        let (mut child, out) = self.start(last);
        self.listen(out);
        assert!(child.wait().unwrap().success());
        for client in 0..CLIENTS {
            assert!(self.acknowledged.contains_key(&(client, last)), "client {client} did not come to its end");
        }
        println!("{} requests acknowledged over {} kills", self.acknowledged.len(), self.kills);
        self.count();
    }

    fn worker(&mut self, last: u64, happens: impl FnOnce()) -> u64 {
        let (mut child, out) = self.start(last);
        let heard = std::thread::scope(|scope| {
            let listener = scope.spawn(|| self.listen(out));
            happens();
            // SIGKILL: the process has no say in it.
            child.kill().unwrap();
            listener.join().unwrap()
        });
        child.wait().unwrap();
        self.kills += 1;
        heard
    }

    /// Starts a worker whose clients begin with the last request that was acknowledged.
    fn start(&self, last: u64) -> (Child, ChildStdout) {
        let from = (0..CLIENTS).map(|client| {
            let known = self.acknowledged.range((client, 0)..=(client, u64::MAX)).next_back();
            let from = known.map_or(1, |((_, nth), _)| *nth);
            if last == u64::MAX { from.to_string() } else { format!("{from}={last}") }
        });
        let from: Vec<String> = from.collect();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "worker_process", "--nocapture", "--test-threads=1"])
            .env(URL, &self.through)
            .env(WORKER_SEED, self.seed.to_string())
            .env(FROM, from.join(","))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        (child, out)
    }

    /// Takes down what a worker says, to its last whole line. A repeat must be answered as the first time. Gives how many
    /// requests were acknowledged.
    fn listen(&mut self, out: ChildStdout) -> u64 {
        let mut acknowledged = 0;
        let mut lines = BufReader::new(out);
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap_or(0) > 0 {
            if line.ends_with('\n') {
                let words: Vec<&str> = line.split_whitespace().collect();
                match words.as_slice() {
                    ["ack", client, nth, outcome] => {
                        acknowledged += 1;
                        self.heard.acknowledged.fetch_add(1, Ordering::Relaxed);
                        let at = (client.parse().unwrap(), nth.parse().unwrap());
                        self.acknowledge(at, outcome);
                    }
                    ["trouble", ..] => _ = self.heard.troubles.fetch_add(1, Ordering::Relaxed),
                    _ => {}
                }
            }
            line.clear();
        }
        acknowledged
    }

    fn acknowledge(&mut self, at: (u64, u64), outcome: &str) {
        let before = self.acknowledged.insert(at, outcome.to_owned());
        // A refusal leaves nothing behind; what the request would now come to is for the books as they are now.
        let binding = before.filter(|before| !before.starts_with("refused:"));
        if let Some(before) = binding {
            assert_eq!(
                before,
                outcome,
                "{} was answered otherwise the second time (seed {})",
                key(at.0, at.1),
                self.seed
            );
        }
    }

    /// Every acknowledged request is in the journal once, no other more than once, and the books are sound.
    fn count(&self) {
        let mut store = store::open_existing(&self.url).unwrap();
        let mut effects: BTreeMap<String, usize> = BTreeMap::new();
        for record in crate::common::journal(store.as_mut()) {
            if ["settled", "reversed"].contains(&record.kind.as_str()) && record.key.subject.starts_with("care/") {
                *effects.entry(format!("{} {}", record.request, record.kind)).or_default() += 1;
            }
        }
        let mut answers = 0;
        for ((client, nth), outcome) in &self.acknowledged {
            let request = key(*client, *nth);
            let known = store.answered("town", &[&request]).unwrap().len();
            assert_eq!(known, usize::from(!outcome.starts_with("refused:")), "{request} ({outcome})");
            answers += known;
        }
        assert!(answers > 0);
        // One request settles one visit, and takes one settlement back.
        let settled = effects.iter().filter(|(of, _)| of.ends_with(" settled"));
        for (request, count) in settled {
            assert_eq!(*count, 1, "{request} took effect {count} times (seed {})", self.seed);
        }
        let mut found: Vec<Difference> = Vec::new();
        let compared = verify(store.as_mut(), "town", &mut |_| {}, &mut |one| found.push(one)).unwrap();
        assert_eq!(found, [], "seed {}", self.seed);
        println!("verified: {compared:?}");
    }
}
