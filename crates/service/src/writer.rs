//! The writer: takes what waits, writes it in one transaction, and only then answers.
//!
//! A thread does this for all who wait. Who waits for an answer and finds nobody at it or before him does it himself, on his
//! own thread: handing a request over and its answer back takes as long as a quick disk's commit.
//!
//! It survives whatever it meets: a conflict or a lost connection runs the same requests again, under the keys by which what
//! was committed after all is known; a request that nothing helps is answered by itself, so that it takes no other with it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use store::{Error, Store};
use tracing::{debug, info, warn};

use crate::clock::Moments;
use crate::failure::{Failure, Trouble};
use crate::kept::Kept;
use crate::service::Shared;
use crate::transact::{self, Done, Job, Outcome};

/// How often a transaction that met another writer is begun again.
const CONFLICTS: u32 = 10;
/// The shortest and the longest pause before something is tried again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(500));

/// The longest that a transaction waits for those who are likely to ask again at once.
const PATIENCE: Duration = Duration::from_millis(5);

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
        let writer = Writer { shared, store: None, kept: Kept::default(), moments: Moments::default() };
        Place { writer: Mutex::new(writer), waiting: AtomicUsize::new(0) }
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
    let mut gate = Gate { queue, held: VecDeque::new(), last: 0, patience: Duration::ZERO };
    while gate.wait() {
        let mut writer = place.take();
        while let Some(mut batch) = gate.gather(writer.shared.options.group) {
            let jobs: Vec<&Job> = batch.iter().map(|waiting| &waiting.job).collect();
            let begun = Instant::now();
            let outcomes = writer.carry_out(&jobs, false);
            gate.patience = (begun.elapsed() / 4).min(PATIENCE);
            gate.last = outcomes.len();
            for later in batch.drain(outcomes.len().min(batch.len())..).rev() {
                gate.held.push_front(later);
            }
            place.waiting.fetch_sub(batch.len(), Ordering::AcqRel);
            let alone = outcomes.len() == 1 && gate.held.is_empty();
            let answered = batch.into_iter().zip(outcomes);
            if alone {
                // Who comes back finds the place free.
                drop(writer);
                answered.for_each(|(waiting, outcome)| answer(waiting, outcome));
                break;
            }
            answered.for_each(|(waiting, outcome)| answer(waiting, outcome));
        }
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

/// Where requests wait for the next transaction.
struct Gate {
    queue: Receiver<Waiting>,
    /// Taken from the queue, and left over by the last transaction.
    held: VecDeque<Waiting>,
    /// How many the last transaction answered: so many are likely to ask again at once.
    last: usize,
    /// How long that is worth waiting for: a part of what a transaction takes.
    patience: Duration,
}

impl Gate {
    /// Waits for a request. Gives whether there is one: none comes when nobody can ask any more.
    fn wait(&mut self) -> bool {
        if self.held.is_empty() {
            self.held.extend(self.queue.recv().ok());
        }
        !self.held.is_empty()
    }

    /// The next requests to run together, if there are any. Waits for others only as long as it pays: while fewer are here
    /// than were answered a moment ago.
    fn gather(&mut self, most: usize) -> Option<Vec<Waiting>> {
        let until = Instant::now() + self.patience;
        while self.held.len() < most {
            let next = match self.queue.try_recv() {
                Err(TryRecvError::Empty) if self.held.len() < self.last => {
                    self.queue.recv_timeout(until.saturating_duration_since(Instant::now()))
                }
                Err(TryRecvError::Empty) => Err(RecvTimeoutError::Timeout),
                Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
                Ok(waiting) => Ok(waiting),
            };
            let Ok(waiting) = next else { break };
            self.held.push_back(waiting);
        }
        let count = self.held.len().min(most);
        Some(self.held.drain(..count).collect()).filter(|batch: &Vec<Waiting>| !batch.is_empty())
    }
}

struct Writer {
    shared: Arc<Shared>,
    /// The connection, as long as it is sound.
    store: Option<Box<dyn Store>>,
    /// Sheets as they are committed.
    kept: Kept,
    moments: Moments,
}

/// Why a transaction did not come to its end.
enum Broken {
    Store {
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

impl Writer {
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
            transaction(store.as_mut(), &self.shared, &mut kept, &mut self.moments, jobs)
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
    jobs: &[&Job],
) -> Result<Vec<Outcome>, Broken> {
    store.begin()?;
    let Done { outcomes, batch } = transact::run(store, shared, kept, moments, jobs)?;
    let Some(batch) = batch else {
        store.rollback()?;
        return Ok(outcomes);
    };
    let kept = shared.edition_kept.load(Ordering::Relaxed);
    if !kept {
        transact::keep_edition(store, &shared.rules.edition)?;
    }
    debug!(requests = jobs.len(), entries = batch.records.len(), "writing");
    store.finish(&shared.region, &batch).map_err(|error| Broken::Store { error, committing: true })?;
    shared.edition_kept.store(true, Ordering::Relaxed);
    Ok(outcomes)
}

/// A pause between half and all of a span: two writers that met do not meet again in step.
fn jittered(span: Duration) -> Duration {
    let part = getrandom::u32().unwrap_or(u32::MAX) % 1_000;
    span / 2 + span * part / 2_000
}
