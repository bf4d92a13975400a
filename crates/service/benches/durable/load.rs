//! A town under load, and what its settlements wrote.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::civil::date;
use serde_json::{Map, Value, json};
use service::{Service, SetClock, Setup};
use store::{Answered, Posting, Record, Sheet};
use testkit::random::Random;

use crate::common::{fields, made, number, policies, settling_in, today, visit};

/// Books with insured people.
pub struct Town {
    url: String,
    service: Service,
    /// The visit that every visit is like, of each person.
    like: Vec<Map<String, Value>>,
    visits: AtomicU64,
}

/// How long each of some requests took, and all together.
pub struct Measured {
    pub took: Vec<Duration>,
    pub span: Duration,
    pub p50: f64,
    pub p99: f64,
    /// Seconds of processor time each took, of all threads; nothing where the system does not tell.
    pub cpu: Option<f64>,
}

/// Processor time of this process so far, in seconds.
fn processor() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold blanks: the 12th and 13th field, in hundredths of a second.
    let fields: Vec<&str> = told.rsplit_once(')')?.1.split_whitespace().collect();
    Some((fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?) / 100.0)
}

impl Measured {
    pub fn of(took: Vec<Duration>, span: Duration) -> Measured {
        let mut measured = Measured { took, span, p50: 0.0, p99: 0.0, cpu: None };
        measured.took.sort();
        let at = |part: f64| measured.took[((measured.took.len() - 1) as f64 * part) as usize].as_secs_f64();
        let (p50, p99) = (at(0.50), at(0.99));
        Measured { p50, p99, ..measured }
    }

    /// A second.
    pub fn rate(&self) -> f64 {
        self.took.len() as f64 / self.span.as_secs_f64()
    }

    /// Seconds of the slowest but one in a hundred.
    pub fn p99(&self) -> f64 {
        self.p99
    }
}

/// What one settlement wrote.
pub struct Rows {
    /// Its entry, with the lines that it posts, and that in the turnover of the hospital's day; each with the sheet it leaves.
    pub entries: Vec<(Record, Sheet, Vec<Posting>)>,
    pub answer: Answered,
}

impl Town {
    /// Makes the books: a hospital, and so many persons insured for the year.
    pub fn make(url: &str, persons: u32) -> Town {
        let clock = Arc::new(SetClock::at(date(2021, 12, 10), 1));
        let vault = books::Vault::new(&[7; 32]);
        let setup = Setup { clock: Arc::clone(&clock) as _, ..Setup::new(made(url), policies(), "town", vault) };
        let service = Service::open(setup).unwrap();
        for part in settling_in(persons).chunks(512) {
            let sent = part.iter().map(|(verb, fields)| service.send(verb, fields.clone(), None, "bench").unwrap());
            for ticket in sent.collect::<Vec<_>>() {
                ticket.wait().unwrap();
            }
        }
        clock.set(today());
        let like = (0..persons).map(|running| visit(running, "", 0)).collect();
        Town { url: url.to_owned(), service, like, visits: AtomicU64::new(1) }
    }

    /// Copies the books.
    pub fn copy(&self, url: &str) {
        let (mut from, mut to) = (store::open_existing(&self.url).unwrap(), store::open(url).unwrap());
        store::copy(from.as_mut(), to.as_mut(), None, &mut |_| {}).unwrap();
    }

    /// Settles a visit of each person.
    pub fn visit_each(&self) {
        let settled = self.like.iter().map(|like| {
            let mut fields = like.clone();
            let number = self.visits.fetch_add(1, Ordering::Relaxed);
            fields.extend([("visit".to_owned(), number.to_string().into()), ("a".to_owned(), "2000".into())]);
            self.service.send("care settle", fields, None, "bench").unwrap()
        });
        settled.collect::<Vec<_>>().into_iter().for_each(|ticket| drop(ticket.wait().unwrap()));
    }

    /// Lets clients settle visits, each one after the other, each of a person drawn at random.
    pub fn load(&self, clients: usize, span: Duration) -> Measured {
        let (begun, before) = (Instant::now(), processor());
        let took: Vec<Vec<Duration>> = std::thread::scope(|scope| {
            let client = |nth: usize| {
                let mut random = Random::new(nth as u64 ^ self.visits.load(Ordering::Relaxed));
                let mut took = Vec::new();
                while begun.elapsed() < span {
                    let number = self.visits.fetch_add(1, Ordering::Relaxed);
                    let mut fields = self.like[random.below(self.like.len() as u64) as usize].clone();
                    fields.insert("visit".to_owned(), number.to_string().into());
                    fields.insert("a".to_owned(), (200 + number % 700).to_string().into());
                    let asked = Instant::now();
                    self.service.submit("care settle", fields, None, "bench").unwrap();
                    took.push(asked.elapsed());
                }
                took
            };
            let threads: Vec<_> = (0..clients).map(|nth| scope.spawn(move || client(nth))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let cpu = processor().zip(before).map(|(after, before)| after - before);
        let measured = Measured::of(took.into_iter().flatten().collect(), begun.elapsed());
        Measured { cpu: cpu.map(|cpu| cpu / measured.took.len() as f64), ..measured }
    }

    /// Loads a file that says of every person, who has had a visit, that he holds a category: each is settled anew.
    pub fn feed(&self) -> Measured {
        self.visit_each();
        let row = |running| format!("{},minimum-allowance,2022-01-01\n", number(running));
        let text = (0..self.like.len() as u32).map(row);
        let text = ["number,fact,from\n".to_owned()].into_iter().chain(text).collect::<String>();
        let feed = fields(json!({ "source": "民政局", "reported": "2022-02-20", "text": text }));
        let (begun, before) = (Instant::now(), processor());
        let answer = self.service.submit("feed load", feed, None, "bench").unwrap();
        assert_eq!(answer.fields["accepted"], self.like.len());
        let cpu = processor().zip(before).map(|(after, before)| after - before);
        Measured { cpu, ..Measured::of(vec![begun.elapsed()], begun.elapsed()) }
    }

    /// What the settlements so far wrote, in no order: as clients draw persons.
    pub fn rows(&self) -> Vec<Rows> {
        let mut store = store::open_existing(&self.url).unwrap();
        let mut postings: BTreeMap<(store::Key, u32), Vec<Posting>> = BTreeMap::new();
        for posting in crate::common::all_postings(store.as_mut()) {
            postings.entry((posting.key.clone(), posting.number)).or_default().push(posting);
        }
        let mut requests: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        for record in crate::common::journal(store.as_mut()) {
            requests.entry(record.request.clone()).or_default().push(record);
        }
        let settled = requests.into_iter().filter(|(_, records)| records.iter().any(|record| record.kind == "settled"));
        let rows = |(request, records): (String, Vec<Record>)| {
            let mut entry = |record: Record| {
                let sheet = store.sheets("town", std::slice::from_ref(&record.key)).unwrap().remove(0);
                let postings = postings.get(&(record.key.clone(), record.number)).cloned().unwrap_or_default();
                (record, sheet, postings)
            };
            let entries = records.into_iter().map(&mut entry).collect();
            Rows { entries, answer: store.answered("town", &[&request]).unwrap().remove(0) }
        };
        let mut rows: Vec<Rows> = settled.map(rows).collect();
        let mut random = Random::new(1);
        (1..rows.len()).rev().for_each(|last| rows.swap(last, random.below(last as u64 + 1) as usize));
        rows
    }
}
