//! A store that fails when told to: nothing is lost, nothing is done twice, and everybody is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{journal, made, person, setup};
use service::{Connect, Failure, Options, Service, Setup, Ticket, connect};
use store::{Answered, Balance, Batch, Counts, Each, Error, Key, Link, Posting, Record, Seal, Sheet, Store, Turn};

/// How a commit fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Breaks {
    Conflict,
    CutBefore,
    CutAfter,
}

/// What goes wrong, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// After so many batches, a commit fails so, once.
    Late(usize, Breaks),
    /// Another writer was first, so many times.
    Conflict(u32),
    /// The connection is cut before the commit.
    CutBefore,
    /// The connection is cut between the commit and its answer.
    CutAfter,
    /// The same, and from then on nothing connects.
    CutForGood,
    /// The connection is cut when a part of a long file is written.
    Torn,
    /// The disk is full.
    Full,
    /// Reading sheets fails.
    Unreadable,
    /// What is written cannot be, if this request is in it.
    Oversized(&'static str),
    /// The program fails over this request.
    Panic(&'static str),
    /// Nothing connects.
    Down,
}

type Plan = Arc<Mutex<Option<Fault>>>;

/// What the stores have seen.
#[derive(Default)]
struct Seen {
    /// Answers asked for by themselves: only who decides ahead does that.
    ahead: AtomicUsize,
    /// Batches written.
    written: AtomicUsize,
    /// Parts of long files written before.
    parts: AtomicUsize,
}

/// A store that follows a plan.
struct Faulty {
    store: Box<dyn Store>,
    plan: Plan,
    counts: Arc<Seen>,
}

impl Faulty {
    fn asked(&self, requests: &[&str]) {
        if let Some(Fault::Panic(_)) = self.due(|fault| matches!(fault, Fault::Panic(at) if requests.contains(&at))) {
            panic!("planted");
        }
    }

    /// The fault that is due here, which is used up unless it lasts.
    fn due(&self, wanted: impl Fn(Fault) -> bool) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        let fault = plan.filter(|fault| wanted(*fault))?;
        *plan = match fault {
            Fault::Conflict(count) if count > 1 => Some(Fault::Conflict(count - 1)),
            Fault::Oversized(_) | Fault::Panic(_) | Fault::Full => Some(fault),
            Fault::CutForGood => Some(Fault::Down),
            _ => None,
        };
        Some(fault)
    }
}

fn faulty(connect: Connect) -> (Connect, Plan, Arc<Seen>) {
    let (plan, counts) = (Plan::default(), Arc::<Seen>::default());
    let (own, seen) = (Arc::clone(&plan), Arc::clone(&counts));
    let connect: Connect = Arc::new(move || {
        if *own.lock().unwrap() == Some(Fault::Down) {
            return Err(Error::Gone("cut".to_owned()));
        }
        Ok(Box::new(Faulty { store: connect()?, plan: Arc::clone(&own), counts: Arc::clone(&seen) }))
    });
    (connect, plan, counts)
}

impl Store for Faulty {
    fn begin(&mut self) -> Result<(), Error> {
        self.store.begin()
    }
    fn begin_read(&mut self) -> Result<(), Error> {
        self.store.begin_read()
    }
    fn commit(&mut self) -> Result<(), Error> {
        self.store.commit()
    }
    fn rollback(&mut self) -> Result<(), Error> {
        self.store.rollback()
    }
    fn turn(&mut self, region: &str, requests: &[&str], streams: &[Key]) -> Result<Turn, Error> {
        self.asked(requests);
        self.store.turn(region, requests, streams)
    }
    fn answered(&mut self, region: &str, requests: &[&str]) -> Result<Vec<Answered>, Error> {
        self.asked(requests);
        self.counts.ahead.fetch_add(1, Ordering::SeqCst);
        self.store.answered(region, requests)
    }
    fn sheets(&mut self, region: &str, keys: &[Key]) -> Result<Vec<Sheet>, Error> {
        match self.due(|fault| fault == Fault::Unreadable) {
            Some(_) => Err(Error::Other("planted".to_owned())),
            None => self.store.sheets(region, keys),
        }
    }
    fn linked(&mut self, region: &str, names: &[(&str, &str)]) -> Result<Vec<Link>, Error> {
        self.store.linked(region, names)
    }
    fn names(&mut self, region: &str, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, Error> {
        self.store.names(region, kind, prefix, limit)
    }
    fn write(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        self.counts.parts.fetch_add(1, Ordering::SeqCst);
        match self.due(|fault| matches!(fault, Fault::Torn | Fault::Full)) {
            Some(Fault::Torn) => {
                self.store.rollback()?;
                Err(Error::Gone("planted".to_owned()))
            }
            Some(_) => Err(Error::Full("planted".to_owned())),
            None => self.store.write(region, batch),
        }
    }
    fn finish(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        let holds = |id: &str| batch.answers.iter().any(|answered| answered.request == id);
        let written = self.counts.written.fetch_add(1, Ordering::SeqCst);
        let here = |fault| match fault {
            Fault::Oversized(id) => holds(id),
            Fault::Late(nth, _) => written >= nth,
            fault => !matches!(fault, Fault::Unreadable | Fault::Panic(_) | Fault::Torn | Fault::Down),
        };
        match self.due(here) {
            Some(Fault::Late(_, Breaks::Conflict)) | Some(Fault::Conflict(_)) => {
                Err(Error::Conflict("planted".to_owned()))
            }
            Some(Fault::Full) => Err(Error::Full("planted".to_owned())),
            Some(Fault::Oversized(_)) => Err(Error::Other("planted".to_owned())),
            Some(Fault::Late(_, Breaks::CutBefore)) | Some(Fault::CutBefore) => {
                self.store.rollback()?;
                Err(Error::Gone("planted".to_owned()))
            }
            Some(Fault::Late(_, Breaks::CutAfter) | Fault::CutAfter | Fault::CutForGood) => {
                self.store.finish(region, batch)?;
                Err(Error::Gone("planted".to_owned()))
            }
            _ => self.store.finish(region, batch),
        }
    }
    fn load(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        self.store.load(region, batch)
    }
    fn history(&mut self, region: &str, subject: &str) -> Result<Vec<Record>, Error> {
        self.store.history(region, subject)
    }
    fn session(&mut self, region: &str, token: &store::Hash) -> Result<Option<store::Session>, Error> {
        self.store.session(region, token)
    }
    fn change_session(&mut self, region: &str, change: &store::SessionChange) -> Result<(), Error> {
        self.store.change_session(region, change)
    }
    fn scan(
        &mut self,
        region: &str,
        prefix: &str,
        year: Option<i16>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Sheet>, Error> {
        self.store.scan(region, prefix, year, after, limit)
    }
    fn journal(&mut self, region: &str, after: Option<(&Key, u32)>, limit: usize) -> Result<Vec<Record>, Error> {
        self.store.journal(region, after, limit)
    }
    fn postings(&mut self, region: &str, after: Option<(&Key, u32, u16)>, limit: usize) -> Result<Vec<Posting>, Error> {
        self.store.postings(region, after, limit)
    }
    fn links(&mut self, region: &str, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<Link>, Error> {
        self.store.links(region, after, limit)
    }
    fn answers(&mut self, region: &str, after: Option<&str>, limit: usize) -> Result<Vec<Answered>, Error> {
        self.store.answers(region, after, limit)
    }
    fn balances(&mut self, region: &str, year: Option<i16>) -> Result<Vec<Balance>, Error> {
        self.store.balances(region, year)
    }
    fn unbalanced(
        &mut self,
        region: &str,
        after: Option<(&Key, u32)>,
        limit: usize,
    ) -> Result<Vec<(Key, u32, i64)>, Error> {
        self.store.unbalanced(region, after, limit)
    }
    fn latest(&mut self, region: &str, from: i64) -> Result<Option<i64>, Error> {
        self.store.latest(region, from)
    }
    fn recorded(&mut self, region: &str, from: i64, before: i64, each: Each) -> Result<(), Error> {
        self.store.recorded(region, from, before, each)
    }
    fn last(
        &mut self,
        region: &str,
        during: std::ops::Range<i64>,
        without: &str,
        limit: usize,
    ) -> Result<Vec<Record>, Error> {
        self.store.last(region, during, without, limit)
    }
    fn counts(&mut self, region: &str) -> Result<Counts, Error> {
        self.store.counts(region)
    }
    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Error> {
        self.store.seals(region)
    }
    fn add_seal(&mut self, region: &str, seal: &Seal) -> Result<(), Error> {
        self.store.add_seal(region, seal)
    }
    fn runs(&mut self, region: &str) -> Result<Vec<store::Run>, Error> {
        self.store.runs(region)
    }
    fn keep_run(&mut self, region: &str, run: &store::Run) -> Result<(), Error> {
        self.store.keep_run(region, run)
    }
    fn regions(&mut self) -> Result<Vec<String>, Error> {
        self.store.regions()
    }
    fn open_region(&mut self, region: &str) -> Result<(), Error> {
        self.store.open_region(region)
    }
    fn note(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.store.note(name)
    }
    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.store.keep_note(name, text)
    }
    fn notes(&mut self, prefix: &str) -> Result<Vec<String>, Error> {
        self.store.notes(prefix)
    }
}

/// Books in a file, a service over them that fails by a plan, and the plan.
fn town() -> (tempfile::TempDir, Service, Plan) {
    let (folder, service, plan, _) = watched();
    (folder, service, plan)
}

/// The same, and what its stores see.
fn watched() -> (tempfile::TempDir, Service, Plan, Arc<Seen>) {
    patient(Duration::from_millis(200))
}

/// The same, that waits so long for a lost database.
fn patient(patience: Duration) -> (tempfile::TempDir, Service, Plan, Arc<Seen>) {
    let folder = tempfile::tempdir().unwrap();
    let (connect, plan, seen) = faulty(made(&folder.path().join("books.db").display().to_string()));
    let options = Options { patience, slow: u32::MAX, part: 8, ..Options::default() };
    let service = Service::open(Setup { options, ..setup(connect) }).unwrap();
    (folder, service, plan, seen)
}

fn plant(plan: &Plan, fault: Fault) {
    *plan.lock().unwrap() = Some(fault);
}

fn entries(folder: &tempfile::TempDir) -> usize {
    let url = folder.path().join("books.db").display().to_string();
    journal(connect(&url)().unwrap().as_mut()).len()
}

fn trouble(failure: Failure) -> service::Trouble {
    match failure {
        Failure::Operational(trouble) => trouble,
        Failure::Refused(refusal) => panic!("{refusal}"),
    }
}

#[test]
fn what_was_cut_or_met_another_writer_is_run_again_to_one_effect() {
    for fault in [Fault::Conflict(1), Fault::Conflict(5), Fault::CutBefore, Fault::CutAfter] {
        let (folder, service, plan) = town();
        plant(&plan, fault);
        let tickets: Vec<_> = (0..10).map(|n| service.send("person register", person(n), None, "a").unwrap()).collect();
        for ticket in tickets {
            ticket.wait().unwrap_or_else(|failure| panic!("{fault:?}: {failure}"));
        }
        assert_eq!(entries(&folder), 10, "{fault:?}");
    }
}

/// Many at once, so that some are decided while others are being written: where a commit fails, what was decided on top of it is
/// decided anew, and everybody is answered once by what then is true.
#[test]
fn what_was_decided_on_top_of_a_commit_that_failed_is_decided_anew() {
    for fault in [Breaks::Conflict, Breaks::CutBefore, Breaks::CutAfter] {
        let (folder, service, plan, seen) = watched();
        plant(&plan, Fault::Late(8, fault));
        // Everybody is registered four times, by two clients: once it is done, three times it is refused.
        let done = AtomicUsize::new(0);
        let ask = |client: u32| {
            let send = |n: u32| service.send("person register", person(n / 2 + 50 * (client / 2)), None, "a").unwrap();
            for part in 0..10 {
                let tickets: Vec<_> = (part * 10..part * 10 + 10).map(send).collect();
                for outcome in tickets.into_iter().map(Ticket::wait) {
                    match outcome {
                        Ok(_) => _ = done.fetch_add(1, Ordering::SeqCst),
                        Err(Failure::Refused(refusal)) => assert_eq!(refusal.code, "already-registered"),
                        Err(failure) => panic!("{fault:?}: {failure}"),
                    }
                }
            }
        };
        let ask = &ask;
        std::thread::scope(|scope| (0..16).for_each(|client| drop(scope.spawn(move || ask(client)))));
        assert_eq!(done.into_inner(), 400, "{fault:?}");
        assert_eq!(*plan.lock().unwrap(), None, "{fault:?} has taken place");
        assert!(seen.ahead.load(Ordering::SeqCst) > 0, "{fault:?}: nothing was decided ahead");
        drop(service);
        let url = folder.path().join("books.db").display().to_string();
        let mut store = connect(&url)().unwrap();
        let registered = journal(store.as_mut()).iter().filter(|record| record.kind == "registered").count();
        assert_eq!(registered, 400, "{fault:?}");
        let mut faults = Vec::new();
        store::check_chain(store.as_mut(), "town", &mut |found| faults.push(found)).unwrap();
        assert_eq!(faults, [], "{fault:?}");
    }
}

#[test]
fn when_the_database_stays_away_the_doubt_is_told_and_a_repeat_clears_it() {
    let (folder, service, plan) = town();
    let key = || Some("r-1".to_owned());
    plant(&plan, Fault::CutForGood);
    let trouble = trouble(service.submit("person register", person(1), key(), "a").unwrap_err());
    assert!(trouble.in_doubt && trouble.code == "database-gone", "{trouble:?}");
    *plan.lock().unwrap() = None;
    service.submit("person register", person(1), key(), "a").unwrap();
    assert_eq!(entries(&folder), 1);
}

#[test]
fn a_full_disk_acknowledges_nothing() {
    let (folder, service, plan) = town();
    plant(&plan, Fault::Full);
    let tickets: Vec<_> = (0..5).map(|n| service.send("person register", person(n), None, "a").unwrap()).collect();
    for ticket in tickets {
        let trouble = trouble(ticket.wait().unwrap_err());
        assert!(trouble.code == "database-full" && !trouble.in_doubt, "{trouble:?}");
    }
    assert_eq!(entries(&folder), 0);
    *plan.lock().unwrap() = None;
    service.submit("person register", person(1), None, "a").unwrap();
    assert_eq!(entries(&folder), 1);
}

/// Persons of a file that is more than two pages long.
const MANY: u32 = 2_100;

/// A file by which they come on the register, of more than a megabyte.
fn long_file() -> serde_json::Map<String, serde_json::Value> {
    let row = |n: u32| format!("{},某{n},990101,低保,2022-01-01\n", common::number(n));
    let rows: String = (0..MANY).map(row).collect();
    let text = format!("证件号码,姓名,区划,类别,起始日\n{rows}{}", "\n".repeat(1 << 20));
    common::fields(serde_json::json!({ "source": "甲", "reported": "2022-01-31", "register": true, "text": text }))
}

#[test]
fn a_long_file_that_was_cut_in_the_middle_is_run_again_to_one_effect_or_has_none() {
    for (fault, code) in [(Fault::Torn, None), (Fault::CutAfter, None), (Fault::Full, Some("database-full"))] {
        let (folder, service, plan, seen) = patient(Duration::from_secs(60));
        plant(&plan, fault);
        let outcome = service.submit("feed load", long_file(), Some("f".to_owned()), "a");
        assert_eq!(outcome.err().map(|failure| trouble(failure).code), code, "{fault:?}");
        // Two entries for each person, and one for the file.
        let all = 2 * MANY as usize + 1;
        assert_eq!(entries(&folder), if code.is_some() { 0 } else { all }, "{fault:?}");
        *plan.lock().unwrap() = None;
        service.submit("feed load", long_file(), Some("f".to_owned()), "a").unwrap();
        assert_eq!(entries(&folder), all, "{fault:?}");
        assert!(seen.parts.load(Ordering::SeqCst) > 2);
    }
}

/// Among many that wait a long file has a transaction of its own, and all see what those before them did.
#[test]
fn a_long_file_is_written_alone_and_in_parts_whoever_waits_beside_it() {
    let (folder, service, _, seen) = watched();
    let register = |n: u32| service.send("person register", person(n), None, "a").unwrap();
    let mut tickets: Vec<_> = (0..20).map(register).collect();
    tickets.push(service.send("feed load", long_file(), None, "a").unwrap());
    tickets.extend((MANY..MANY + 20).map(register));
    let refused = register(40);
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    assert!(matches!(refused.wait(), Err(Failure::Refused(refusal)) if refusal.code == "already-registered"));
    assert!(seen.parts.load(Ordering::SeqCst) > 2);
    drop(service);
    let mut store = connect(&folder.path().join("books.db").display().to_string())().unwrap();
    let mut faults = Vec::new();
    store::check_chain(store.as_mut(), "town", &mut |found| faults.push(found)).unwrap();
    assert_eq!(faults, []);
    assert_eq!(journal(store.as_mut()).iter().filter(|record| record.kind == "registered").count(), MANY as usize + 20);
}

#[test]
fn one_bad_request_takes_no_other_with_it() {
    for (fault, code) in [(Fault::Oversized("bad"), "database-error"), (Fault::Panic("bad"), "program-fault")] {
        let (folder, service, plan) = town();
        plant(&plan, fault);
        let ids = ["r-0", "r-1", "bad", "r-3"];
        let send = |(n, id): (u32, &str)| service.send("person register", person(n), Some(id.to_owned()), "a").unwrap();
        let tickets: Vec<_> = (0..).zip(ids).map(send).collect();
        for ticket in tickets {
            let (id, outcome) = (ticket.request.clone(), ticket.wait());
            match id.as_str() {
                "bad" => assert_eq!(trouble(outcome.unwrap_err()).code, code),
                _ => drop(outcome.unwrap_or_else(|failure| panic!("{fault:?}: {failure}"))),
            }
        }
        assert_eq!(entries(&folder), 3, "{fault:?}");
    }
}

#[test]
fn a_failed_read_fails_its_requests_and_no_more() {
    let (folder, service, plan) = town();
    plant(&plan, Fault::Unreadable);
    assert_eq!(trouble(service.submit("person register", person(1), None, "a").unwrap_err()).code, "database-error");
    service.submit("person register", person(1), None, "a").unwrap();
    assert_eq!(entries(&folder), 1);
}
