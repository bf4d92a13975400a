//! The writer: takes what waits, writes it in one transaction, and only then answers.
//!
//! A thread does this for all who wait. Who waits for an answer and finds nobody at it or before him does it himself, on his
//! own thread: handing a request over and its answer back takes as long as a quick disk's commit. Where many ask at once, the
//! [`scribe`](crate::scribe) writes one transaction while the next is decided on top of it.
//!
//! It survives whatever it meets: a conflict or a lost connection runs the same requests again, under the keys by which what
//! was committed after all is known; a request that nothing helps is answered by itself, so that it takes no other with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use store::{Error, Store};
use tracing::{debug, info, warn};

use crate::clock::Moments;
use crate::failure::{Failure, Trouble};
use crate::gate::Gate;
use crate::kept::Kept;
use crate::scribe::{Flight, Scribe, Written, Wrote};
use crate::service::Shared;
use crate::transact::{self, Done, Job, Outcome};

/// How often a transaction that met another writer is begun again.
const CONFLICTS: u32 = 10;
/// The shortest and the longest pause before something is tried again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(500));

/// How many transactions are written one after the other, once another writer has made untrue what was decided ahead.
const WARY: u32 = 64;

/// What is called with the outcome.
pub(crate) type Reply = Box<dyn FnOnce(Outcome) + Send>;

/// A request that waits, and who waits for it.
pub(crate) struct Waiting {
    pub job: Job,
    pub reply: Reply,
}

/// The writer's place: who has it writes.
pub(crate) struct Place {
    writer: Mutex<Writer>,
    /// How many requests are on their way to the thread, or wait for it.
    waiting: AtomicUsize,
}

impl Place {
    /// Of a writer that has not written yet.
    pub fn new(shared: Arc<Shared>) -> Place {
        Place { writer: Mutex::new(Writer::new(shared)), waiting: AtomicUsize::new(0) }
    }

    /// Carries a request out here and now, if nobody is at it or waits.
    pub fn at_once(&self, job: &Job) -> Option<Outcome> {
        if self.waiting.load(Ordering::Acquire) > 0 {
            return None;
        }
        let mut writer = match self.writer.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let outcome = writer.carry_out(&[job], false).pop()?;
        told(job, &outcome);
        Some(outcome)
    }

    /// Hands a request to the thread. Gives whether there still is one.
    pub fn hand_over(&self, queue: &SyncSender<Waiting>, waiting: Waiting) -> bool {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        queue.send(waiting).is_ok()
    }

    fn take(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works until nobody can ask any more, and everybody who asked has been answered.
pub(crate) fn work(place: &Place, queue: Receiver<Waiting>) {
    let mut gate = Gate::new(queue);
    let scribe = Scribe::start();
    while gate.wait() {
        let mut writer = place.take();
        let mut ahead: Option<Ahead> = None;
        loop {
            let most = writer.shared.options.group;
            if let Some(ahead) = ahead.take_if(|ahead| ahead.outcomes.len() < ahead.batch.len()) {
                // Those left over come before any who wait.
                place.answer(&mut gate, writer.land(ahead));
            }
            let flying = ahead.as_ref().map_or(0, |ahead| ahead.batch.len());
            let Some(batch) = gate.gather(most, flying, scribe.is_some() && writer.pays_in_halves()) else {
                let Some(ahead) = ahead.take() else { break };
                place.answer(&mut gate, writer.land(ahead));
                continue;
            };
            let together = flying + batch.len() > 1 && batch.iter().all(|waiting| !waiting.job.alone);
            let goes_ahead = scribe.as_ref().filter(|_| together && writer.may_go_ahead());
            if let Some(scribe) = goes_ahead {
                let (done, next) = writer.go_ahead(scribe, ahead.take(), batch);
                ahead = next;
                done.into_iter().for_each(|done| place.answer(&mut gate, done));
                continue;
            }
            if let Some(ahead) = ahead.take() {
                place.answer(&mut gate, writer.land(ahead));
            }
            let done = writer.carry_all_out(batch, false);
            if done.outcomes.len() == 1 && gate.is_empty() && done.batch.len() == 1 {
                // Who comes back finds the place free.
                drop(writer);
                place.answer(&mut gate, done);
                break;
            }
            place.answer(&mut gate, done);
        }
    }
}

/// Requests with their outcomes; the last ones, where there are more requests, are to be run with the next.
struct Carried {
    batch: Vec<Waiting>,
    outcomes: Vec<Outcome>,
    /// How long that took.
    took: Duration,
}

impl Place {
    fn answer(&self, gate: &mut Gate, carried: Carried) {
        let Carried { mut batch, outcomes, took } = carried;
        let later = batch.drain(outcomes.len().min(batch.len())..);
        gate.answered(outcomes.len(), took, later);
        self.waiting.fetch_sub(batch.len(), Ordering::AcqRel);
        batch.into_iter().zip(outcomes).for_each(|(waiting, outcome)| answer(waiting, outcome));
    }
}

/// Whatever who waits does with the answer, the next one is served.
fn answer(waiting: Waiting, outcome: Outcome) {
    told(&waiting.job, &outcome);
    if catch_unwind(AssertUnwindSafe(|| (waiting.reply)(outcome))).is_err() {
        warn!("a caller failed over its answer");
    }
}

fn told(job: &Job, outcome: &Outcome) {
    let (request, verb) = (job.request.id.as_str(), job.request.verb);
    match outcome {
        Ok(_) => info!(request, verb, "done"),
        Err(Failure::Refused(refusal)) => info!(request, verb, code = refusal.code.as_str(), "refused"),
        Err(Failure::Operational(trouble)) => warn!(request, verb, code = trouble.code, "failed"),
    }
}

struct Writer {
    shared: Arc<Shared>,
    /// The connection, as long as it is sound.
    store: Option<Box<dyn Store>>,
    /// Another, to read what is committed while that one writes.
    beside: Option<Box<dyn Store>>,
    /// Sheets as they are committed, or as what is being written leaves them.
    kept: Kept,
    moments: Moments,
    /// How long the last transaction took to be decided, and to be written.
    pace: (Duration, Duration),
    /// So many transactions are not decided ahead.
    wary: u32,
}

/// Requests that are decided, and whose effect is being written.
struct Ahead<'s> {
    batch: Vec<Waiting>,
    outcomes: Vec<Outcome>,
    flight: Flight<'s>,
}

/// Why a transaction did not come to its end.
pub(crate) enum Broken {
    /// The store failed.
    Store {
        /// How.
        error: Error,
        /// Whether it was the commit that failed: then it may have taken place.
        committing: bool,
    },
    /// A fault of the program itself.
    Panicked,
}

impl From<Error> for Broken {
    fn from(error: Error) -> Broken {
        Broken::Store { error, committing: false }
    }
}

impl Broken {
    /// Of a commit that failed.
    pub fn committing(error: Error) -> Broken {
        Broken::Store { error, committing: true }
    }
}

impl Writer {
    fn new(shared: Arc<Shared>) -> Writer {
        let (kept, moments, pace) = (Kept::default(), Moments::default(), (Duration::ZERO, Duration::ZERO));
        Writer { shared, store: None, beside: None, kept, moments, pace, wary: 0 }
    }

    fn carry_all_out(&mut self, batch: Vec<Waiting>, in_doubt: bool) -> Carried {
        let begun = Instant::now();
        let jobs: Vec<&Job> = batch.iter().map(|waiting| &waiting.job).collect();
        let outcomes = self.carry_out(&jobs, in_doubt);
        self.wary = self.wary.saturating_sub(1);
        Carried { batch, outcomes, took: begun.elapsed() }
    }

    /// Whether it pays to decide requests before what was decided last is written.
    fn may_go_ahead(&self) -> bool {
        let (deciding, writing) = self.pace;
        let Shared { options, edition_kept, .. } = &*self.shared;
        let pays = writing < deciding.saturating_mul(options.slow);
        pays && self.wary == 0 && self.kept.room(options.kept) && edition_kept.load(Ordering::Relaxed)
    }

    /// Whether it pays to write half of those who wait while the other half is decided. It spares up to the time of deciding half
    /// of them, and costs one more sync: not where writing takes so long that most of it is the sync.
    fn pays_in_halves(&self) -> bool {
        let (deciding, writing) = self.pace;
        writing < deciding * 2 && self.may_go_ahead()
    }

    /// Decides requests, on top of those that are being written if there are any, and hands over what they do once those stand.
    /// Gives who can be answered, and what is being written now.
    fn go_ahead<'s>(
        &mut self,
        scribe: &'s Scribe,
        mut under: Option<Ahead<'s>>,
        batch: Vec<Waiting>,
    ) -> (Vec<Carried>, Option<Ahead<'s>>) {
        let begun = Instant::now();
        let jobs: Vec<&Job> = batch.iter().map(|waiting| &waiting.job).collect();
        let decided = self.decide(&jobs, under.as_mut().map(|ahead| &mut ahead.flight));
        self.pace.0 = begun.elapsed();
        let on_top = under.is_some();
        let stands = under.as_mut().is_none_or(|ahead| ahead.flight.land());
        let mut done: Vec<Carried> = under.map(|ahead| self.land(ahead)).into_iter().collect();
        match (decided, self.store.take()) {
            (Ok(Done { outcomes, batch: written }), Some(store)) if stands => {
                let flight = scribe.write(store, &self.shared.region, written.map(Arc::new), !on_top);
                (done, Some(Ahead { batch, outcomes, flight }))
            }
            (_, store) => {
                (self.kept, self.store) = (Kept::default(), store);
                done.push(self.carry_all_out(batch, false));
                (done, None)
            }
        }
    }

    /// Decides requests without writing anything: in a transaction that has the turn, or on top of what is being written.
    fn decide(&mut self, jobs: &[&Job], under: Option<&mut Flight<'_>>) -> Result<Done, Broken> {
        let place = if under.is_some() { &mut self.beside } else { &mut self.store };
        let mut store = match place.take() {
            Some(store) => store,
            None => self.shared.connection()?,
        };
        let mut kept = std::mem::take(&mut self.kept);
        let (shared, moments) = (&*self.shared, &mut self.moments);
        let ahead = under.is_some();
        let ran = catch_unwind(AssertUnwindSafe(|| match under {
            Some(under) => Ok(transact::run_ahead(store.as_mut(), shared, &mut kept, moments, jobs, under)?),
            None => {
                store.begin()?;
                Ok(transact::run(store.as_mut(), shared, &mut kept, moments, jobs)?)
            }
        }));
        let decided = ran.unwrap_or(Err(Broken::Panicked))?;
        self.kept = kept;
        *(if ahead { &mut self.beside } else { &mut self.store }) = Some(store);
        Ok(decided)
    }

    /// Waits for what is being written. Where it does not stand, it is run again, one step after the other.
    fn land(&mut self, ahead: Ahead<'_>) -> Carried {
        let Ahead { batch, outcomes, flight } = ahead;
        // Where the scribe is gone, nobody knows how far it came.
        let mut in_doubt = true;
        if let Some(Written { mut store, outcome, took }) = flight.end() {
            if matches!(outcome, Ok(Wrote::Stands)) {
                (self.pace.1, self.store) = (took, Some(store));
                return Carried { batch, outcomes, took };
            }
            let gone = matches!(outcome, Err(Broken::Store { error: Error::Gone(_), .. }));
            in_doubt = gone && matches!(outcome, Err(Broken::Store { committing: true, .. }));
            self.wary = if outcome.is_ok() { WARY } else { self.wary };
            if !gone && store.rollback().is_ok() {
                self.store = Some(store);
            }
        }
        self.kept = Kept::default();
        self.carry_all_out(batch, in_doubt)
    }

    /// Carries requests out together, or each by itself where they cannot be together. Gives the outcomes of the first ones.
    fn carry_out(&mut self, jobs: &[&Job], in_doubt: bool) -> Vec<Outcome> {
        let (broken, in_doubt) = match self.persist(jobs, in_doubt) {
            Ok(outcomes) => return outcomes,
            Err(broken) => broken,
        };
        let by_one_of_them =
            matches!(broken, Broken::Panicked | Broken::Store { error: Error::Conflict(_) | Error::Other(_), .. });
        if jobs.len() > 1 && by_one_of_them {
            return jobs.iter().flat_map(|job| self.carry_out(&[job], in_doubt)).collect();
        }
        let trouble = match broken {
            Broken::Store { error, .. } => Trouble::of(&error),
            Broken::Panicked => Trouble::new(
                "program-fault",
                "程序自身出错 (a fault of the program)，这个请求没有记入",
                "把请求号、命令和版本交给维护人员；其他请求不受影响",
            ),
        };
        let trouble = if in_doubt { trouble.in_doubt() } else { trouble };
        jobs.iter().map(|_| Err(trouble.clone().into())).collect()
    }

    /// Runs the transaction until it has been committed, or nothing helps.
    fn persist(&mut self, jobs: &[&Job], mut in_doubt: bool) -> Result<Vec<Outcome>, (Broken, bool)> {
        let begun = Instant::now();
        let (mut conflicts, mut pause) = (0, PAUSE.0);
        loop {
            let broken = match self.attempt(jobs) {
                Ok(outcomes) => return Ok(outcomes),
                Err(broken) => broken,
            };
            let again = match &broken {
                Broken::Store { error: Error::Conflict(_), .. } => {
                    conflicts += 1;
                    conflicts < CONFLICTS
                }
                Broken::Store { error: Error::Gone(_), committing } => {
                    in_doubt |= *committing;
                    begun.elapsed() < self.shared.options.patience
                }
                _ => false,
            };
            if !again {
                return Err((broken, in_doubt));
            }
            if let Broken::Store { error, .. } = &broken {
                debug!(%error, requests = jobs.len(), "begun again");
            }
            thread::sleep(jittered(pause));
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// Runs the transaction once. A connection that is not sound afterwards is given up.
    fn attempt(&mut self, jobs: &[&Job]) -> Result<Vec<Outcome>, Broken> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => self.shared.connection()?,
        };
        // Where the transaction comes to nothing, so does what it left in them.
        let mut kept = std::mem::take(&mut self.kept);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            transaction(store.as_mut(), &self.shared, &mut kept, &mut self.moments, &mut self.pace, jobs)
        }));
        let outcome = ran.unwrap_or(Err(Broken::Panicked));
        let gone = matches!(outcome, Err(Broken::Store { error: Error::Gone(_), .. }));
        if outcome.is_ok() {
            self.kept = kept;
        }
        if outcome.is_ok() || (!gone && store.rollback().is_ok()) {
            self.store = Some(store);
        }
        outcome
    }
}

fn transaction(
    store: &mut dyn Store,
    shared: &Shared,
    kept: &mut Kept,
    moments: &mut Moments,
    pace: &mut (Duration, Duration),
    jobs: &[&Job],
) -> Result<Vec<Outcome>, Broken> {
    let begun = Instant::now();
    store.begin()?;
    let Done { outcomes, batch } = transact::run(store, shared, kept, moments, jobs)?;
    let Some(batch) = batch else {
        store.rollback()?;
        return Ok(outcomes);
    };
    let edition_kept = shared.edition_kept.load(Ordering::Relaxed);
    if !edition_kept {
        transact::keep_edition(store, &shared.rules.edition)?;
    }
    debug!(requests = jobs.len(), entries = batch.records.len(), "writing");
    let decided = Instant::now();
    store.finish(&shared.region, &batch).map_err(Broken::committing)?;
    *pace = (decided - begun, decided.elapsed());
    shared.edition_kept.store(true, Ordering::Relaxed);
    Ok(outcomes)
}

/// A pause between half and all of a span: two writers that met do not meet again in step.
fn jittered(span: Duration) -> Duration {
    let part = getrandom::u32().unwrap_or(u32::MAX) % 1_000;
    span / 2 + span * part / 2_000
}
