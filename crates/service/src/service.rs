//! The service: what is asked of a region's books goes in here, and comes back when it stands.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use books::{Answer, Books, Command, Desk, Key, Query, Refusal, Request, Stop, Table, Vault};
use serde_json::{Map, Value};
use store::Store;

use crate::aside::Aside;
use crate::clock::{Clock, SystemClock, day_of};
use crate::edition::{Edition, Policies};
use crate::failure::{Failure, Trouble};
use crate::ledger::Ledger;
use crate::region::check_key;
use crate::rules::RuleShelf;
use crate::transact::{Job, Outcome};
use crate::writer::{self, Place, Reply, Waiting};

/// Makes a connection to the database.
pub type Connect = Arc<dyn Fn() -> Result<Box<dyn Store>, store::Error> + Send + Sync>;

/// Connections to books that are there already: a path or a `postgres://` URL.
pub fn connect(url: &str) -> Connect {
    let url = url.to_owned();
    Arc::new(move || store::open_existing(&url))
}

/// A new request key: unlike any other, and ordered by time.
pub fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// What is asked in more bytes than this is a file of many rows, and has a transaction of its own.
const LONG: usize = 1 << 20;

/// How the service works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many requests may wait; who comes after them waits to be let in.
    pub queue: usize,
    /// How many requests are written together at most.
    pub group: usize,
    /// How many sheets the writer keeps in memory between transactions at most. A visit asks for some fifteen.
    pub kept: usize,
    /// How many entries of a long file are held in memory before they are written, in the one transaction that the file is.
    pub part: usize,
    /// How long a lost database is waited for before its requests are told.
    pub patience: Duration,
    /// How many times as long as deciding it may take to write, so that the one is done beside the other. Groups are then half
    /// as large: on a slow disk it is better to have all in one.
    pub slow: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options { queue: 1_024, group: 128, kept: 500_000, part: 10_000, patience: Duration::from_secs(20), slow: 4 }
    }
}

/// What a service is made of.
pub struct Setup {
    /// The database.
    pub connect: Connect,
    /// The policy files.
    pub policies: Policies,
    /// Slug of the region.
    pub region: String,
    /// The key.
    pub vault: Vault,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How it works.
    pub options: Options,
}

impl Setup {
    /// With the clock of the machine and the usual options.
    pub fn new(connect: Connect, policies: Policies, region: &str, vault: Vault) -> Setup {
        let (region, clock) = (region.to_owned(), Arc::new(SystemClock));
        Setup { connect, policies, region, vault, clock, options: Options::default() }
    }
}

/// What the writer and the readers share.
pub(crate) struct Shared {
    pub region: String,
    pub vault: Vault,
    pub clock: Arc<dyn Clock>,
    pub rules: RuleShelf,
    pub options: Options,
    /// Whether the edition of the policy files is kept in the store already.
    pub edition_kept: AtomicBool,
    /// How many rows of its file the command that is being carried out has dealt with.
    pub passed: AtomicU64,
    connect: Connect,
    /// Connections that nobody uses now.
    idle: Mutex<Vec<Box<dyn Store>>>,
}

impl Shared {
    /// A connection: one that is idle, or a new one.
    pub fn connection(&self) -> Result<Box<dyn Store>, store::Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| (self.connect)(), Ok)
    }

    /// The streams that a request will read, as far as its fields tell. Which they are does not hang on the settings: the
    /// rules of the last time tell it well enough, and where there are none yet, the writer tells.
    fn keys(&self, request: &Request, actor: &str) -> Vec<Key> {
        let at = self.clock.about();
        let Some(rules) = self.rules.last(day_of(at)) else { return Vec::new() };
        request.keys(&Desk { rules: &rules, vault: &self.vault, at, actor })
    }

    pub fn put_back(&self, store: Box<dyn Store>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(store);
    }
}

/// A region's books in a database, open for requests and questions. Shared by as many threads as like; when it is dropped,
/// what waits is still carried out.
pub struct Service {
    pub(crate) shared: Arc<Shared>,
    place: Arc<Place>,
    queue: Option<SyncSender<Waiting>>,
    writer: Option<JoinHandle<()>>,
}

/// A request on its way.
pub struct Ticket {
    /// Its key.
    pub request: String,
    outcome: Receiver<Outcome>,
}

impl Ticket {
    /// Waits for the answer.
    ///
    /// # Errors
    /// When it is refused, or the machine could not carry it out.
    pub fn wait(self) -> Result<Answer, Failure> {
        self.outcome.recv().unwrap_or_else(|_| Err(stopped().in_doubt().into()))
    }
}

impl Service {
    /// Opens a region's books that are there already.
    ///
    /// # Errors
    /// When the region has no books here, the key is another one, or the database cannot be used.
    pub fn open(setup: Setup) -> Result<Service, Failure> {
        let Setup { connect, policies, region, vault, clock, options } = setup;
        let mut store = connect()?;
        check_key(store.as_mut(), &vault)?;
        if !store.regions()?.contains(&region) {
            let message = format!("这个数据库里没有 {region} 的账套 (no books)");
            return Err(
                Trouble::new("no-books", message, format!("先用 tongchou open {region} 建账，或核对 --db")).into()
            );
        }
        let rules = RuleShelf::new(policies, &region)?;
        let kept = !store.notes(&Edition::note(&rules.edition.hash))?.is_empty();
        let idle = Mutex::new(vec![store]);
        let edition_kept = AtomicBool::new(kept);
        let passed = AtomicU64::new(0);
        let shared = Arc::new(Shared { region, vault, clock, rules, options, edition_kept, passed, connect, idle });
        let (queue, waiting) = sync_channel(options.queue);
        let place = Arc::new(Place::new(Arc::clone(&shared)));
        let own = Arc::clone(&place);
        let writer = std::thread::Builder::new().name("books".to_owned()).spawn(move || writer::work(&own, waiting));
        let writer = writer.map_err(|error| {
            Trouble::new("no-thread", format!("起不了线程：{error}"), "放宽进程数限制 (ulimit -u) 后重试")
        })?;
        Ok(Service { shared, place, queue: Some(queue), writer: Some(writer) })
    }

    /// The region's slug.
    pub fn region(&self) -> &str {
        &self.shared.region
    }

    /// How many rows of its file the command that loads one has dealt with; for who shows it, and for nothing else.
    pub fn passed(&self) -> u64 {
        self.shared.passed.load(Ordering::Relaxed)
    }

    /// Now, by the clock of the books: microseconds since 1970, UTC.
    pub fn now(&self) -> i64 {
        self.shared.clock.now()
    }

    /// Carries a command out, and answers when what it did is on the disk. The same key with the same fields is the same
    /// request: it is carried out once, and answered the same each time. Without a key it is given a new one.
    ///
    /// # Errors
    /// When it is refused, or the machine could not carry it out.
    pub fn submit(
        &self,
        verb: &str,
        fields: Map<String, Value>,
        key: Option<String>,
        actor: &str,
    ) -> Result<Answer, Failure> {
        let job = self.job(verb, fields, key, actor)?;
        match self.place.at_once(&job) {
            Some(outcome) => outcome,
            None => self.hand_in(job)?.wait(),
        }
    }

    /// Hands a command in without waiting for its answer. Waits only to be let in, when too many wait already. Commands that one
    /// hands in one after the other are carried out in that order.
    ///
    /// # Errors
    /// When it cannot be read. Whether it is refused, the ticket tells.
    pub fn send(
        &self,
        verb: &str,
        fields: Map<String, Value>,
        key: Option<String>,
        actor: &str,
    ) -> Result<Ticket, Failure> {
        self.hand_in(self.job(verb, fields, key, actor)?)
    }

    fn hand_in(&self, job: Job) -> Result<Ticket, Failure> {
        let request = job.request.id.clone();
        let (answer, outcome) = sync_channel(1);
        let reply = move |outcome| {
            // Who no longer waits does not want to know.
            _ = answer.send(outcome);
        };
        self.queue_up(job, Box::new(reply))?;
        Ok(Ticket { request, outcome })
    }

    /// Hands a command in; the outcome is given to a function, which runs on the writer's thread and must be short.
    ///
    /// # Errors
    /// As [`Service::send`].
    pub fn call(
        &self,
        verb: &str,
        fields: Map<String, Value>,
        key: Option<String>,
        actor: &str,
        reply: Reply,
    ) -> Result<(), Failure> {
        self.queue_up(self.job(verb, fields, key, actor)?, reply)
    }

    fn job(&self, verb: &str, fields: Map<String, Value>, key: Option<String>, actor: &str) -> Result<Job, Failure> {
        let command = Command::named(verb).ok_or_else(|| unknown_verb(verb))?;
        let mut request = command.read(&key.unwrap_or_else(request_id), fields)?;
        // A file is held once, by its command.
        let text = std::mem::take(&mut request.input);
        let (input, alone) = (self.shared.vault.input(&text), text.len() > LONG);
        let keys = self.shared.keys(&request, actor);
        Ok(Job { request, input, actor: actor.to_owned(), keys, alone })
    }

    fn queue_up(&self, job: Job, reply: Reply) -> Result<(), Failure> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        let handed = self.place.hand_over(queue, Waiting { job, reply });
        if handed { Ok(()) } else { Err(stopped().into()) }
    }

    /// Answers a question from the books as they are.
    ///
    /// # Errors
    /// When it is refused, or the database cannot be read.
    pub fn ask(&self, verb: &str, fields: Map<String, Value>, actor: &str) -> Result<Table, Failure> {
        let query = Query::named(verb).ok_or_else(|| unknown_verb(verb))?;
        let question = query.read(fields)?;
        self.look(actor, |desk, books| question.ask(desk, books))
    }

    /// What a command would answer now. It has no effect.
    ///
    /// # Errors
    /// When it would be refused, or the database cannot be read.
    pub fn estimate(&self, verb: &str, fields: Map<String, Value>, actor: &str) -> Result<Answer, Failure> {
        let command = Command::named(verb).ok_or_else(|| unknown_verb(verb))?;
        let request = command.read(&request_id(), fields)?;
        self.look(actor, |desk, books| {
            books.preload(request.keys(desk))?;
            request.run(desk, books)
        })
    }

    /// Looks at the books as of one moment; whatever is posted is dropped. May be run twice, if the connection is lost.
    ///
    /// # Errors
    /// When it is refused, or the database cannot be read.
    pub fn look<T>(
        &self,
        actor: &str,
        mut read: impl FnMut(&Desk<'_>, &mut Books<'_>) -> Result<T, Stop>,
    ) -> Result<T, Failure> {
        match self.look_once(actor, &mut read) {
            // An idle connection may have been cut since it was last used.
            Err(Looked::Store(store::Error::Gone(_))) => self.look_once(actor, &mut read),
            outcome => outcome,
        }
        .map_err(|looked| match looked {
            Looked::Store(error) => error.into(),
            Looked::Stopped(failure) => failure,
        })
    }

    fn look_once<T>(
        &self,
        actor: &str,
        read: &mut impl FnMut(&Desk<'_>, &mut Books<'_>) -> Result<T, Stop>,
    ) -> Result<T, Looked> {
        let shared = &*self.shared;
        let mut store = shared.connection()?;
        store.begin_read()?;
        let failed = RefCell::new(None);
        let mut aside = Aside::new(Ledger::new(store.as_mut(), &shared.region, &failed), shared.options.part);
        let mut books = Books::new(&mut aside);
        let at = shared.clock.now();
        let outcome = books::public::settings(&mut books).map_err(Failure::from_stop).and_then(|settings| {
            let rules = shared.rules.of(settings, day_of(at))?;
            let desk = Desk { rules: &rules, vault: &shared.vault, at, actor };
            read(&desk, &mut books).map_err(Failure::from_stop)
        });
        drop(books);
        if let Some(error) = failed.take() {
            return Err(error.into());
        }
        if store.rollback().is_ok() {
            shared.put_back(store);
        }
        outcome.map_err(Looked::Stopped)
    }
}

/// Why a look came to nothing.
enum Looked {
    Store(store::Error),
    Stopped(Failure),
}

impl From<store::Error> for Looked {
    fn from(error: store::Error) -> Looked {
        Looked::Store(error)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Nobody can ask any more: the writer answers those who wait, and ends.
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            _ = writer.join();
        }
    }
}

fn stopped() -> Trouble {
    Trouble::new("writer-stopped", "记账线程已停 (the writer has stopped)", "重新启动程序后用同一请求号重发")
}

fn unknown_verb(verb: &str) -> Refusal {
    Refusal::new("unknown-verb", format!("没有命令“{verb}”"), "`tongchou --help` 列出各命令")
}
