//! One transaction: requests that waited together, run one after the other over one working set, and written as one batch.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use books::{Answer, Books, Desk, Key, Leaf, Refusal, Request, Rules, Shelf, Stop};
use store::{Answered, Batch, Hash, Store, Turn};

use crate::clock::{Moments, day_of};
use crate::edition::Edition;
use crate::failure::{Failure, Trouble};
use crate::kept::Kept;
use crate::ledger::{self, Ledger};
use crate::rules::region_key;
use crate::scribe::Flight;
use crate::service::Shared;

/// What a request comes to.
pub(crate) type Outcome = Result<Answer, Failure>;

/// A request that waits.
pub(crate) struct Job {
    /// What is asked.
    pub request: Request,
    /// Keyed hash of it.
    pub input: Hash,
    /// Who asks.
    pub actor: String,
    /// The streams that it will read, as far as who handed it in could tell; none, where he could not.
    pub keys: Vec<Key>,
    /// It brings a file that may come to more than is held until a transaction ends: it has one of its own, in which parts of it
    /// are written.
    pub alone: bool,
}

/// What came of a transaction.
pub(crate) struct Done {
    /// Of the first requests, in order; what is left over is to be run in the next transaction.
    pub outcomes: Vec<Outcome>,
    /// What is to be written; nothing, where nobody had any effect.
    pub batch: Option<Batch>,
}

/// Runs requests inside a transaction that has begun, up to one that changes how the region's books are run. A request that is
/// alone in it writes what it posts in parts, where that is much; without a batch the transaction is to be rolled back.
///
/// Each is recorded at a moment of its own. The moments are taken when it is our turn, so that they come after those of other
/// writers. It works on the sheets `kept` from the last transaction, as far as they still hold, and leaves them as they are if
/// the batch is committed.
pub(crate) fn run(
    store: &mut dyn Store,
    shared: &Shared,
    kept: &mut Kept,
    moments: &mut Moments,
    jobs: &[&Job],
) -> Result<Done, store::Error> {
    let region = shared.region.as_str();
    kept.begin(shared.options.kept);
    let wanted = wanted(kept, jobs);
    let mut turn = store.turn(region, &ids(jobs), &wanted)?;
    turn.unchanged &= kept.held;
    if !turn.unchanged {
        *kept = Kept::default();
        moments.follow(store.latest(region, shared.clock.about())?);
    }
    kept.held = true;
    let failed = RefCell::new(None);
    let ledger = Ledger::new(store, region, &failed).in_parts((jobs.len() == 1).then_some(shared.options.part));
    decide(ledger, &failed, shared, kept, moments, jobs, (wanted, turn))
}

/// Runs requests as [`run`] does, on top of what is still being written and on a connection beside it. It holds if that stands,
/// and if nobody else has written by the time of the next turn.
pub(crate) fn run_ahead(
    store: &mut dyn Store,
    shared: &Shared,
    kept: &mut Kept,
    moments: &mut Moments,
    jobs: &[&Job],
    under: &mut Flight<'_>,
) -> Result<Done, store::Error> {
    let (region, ids) = (shared.region.as_str(), ids(jobs));
    kept.begin(shared.options.kept);
    let wanted = wanted(kept, jobs);
    let mut answered = store.answered(region, &ids)?;
    let under_way = under.batch().into_iter().flat_map(|batch| &batch.answers);
    answered.extend(under_way.filter(|answered| ids.contains(&answered.request.as_str())).cloned());
    let sheets = if wanted.is_empty() { Vec::new() } else { store.sheets(region, &wanted)? };
    let failed = RefCell::new(None);
    let ledger = Ledger::new(store, region, &failed).on(under);
    decide(ledger, &failed, shared, kept, moments, jobs, (wanted, Turn { unchanged: true, answered, sheets }))
}

fn ids<'j>(jobs: &[&'j Job]) -> Vec<&'j str> {
    jobs.iter().map(|job| job.request.id.as_str()).collect()
}

/// The sheets that are told to be needed and are not kept.
fn wanted(kept: &mut Kept, jobs: &[&Job]) -> Vec<store::Key> {
    let region_key = region_key();
    let keys = jobs.iter().flat_map(|job| &job.keys).chain([&region_key]);
    keys.filter(|key| kept.leaf(key).is_none()).cloned().map(ledger::store_key).collect()
}

/// Decides requests over what was read for them: the sheets that were wanted, and what the turn told.
fn decide(
    mut ledger: Ledger<'_, '_>,
    failed: &RefCell<Option<store::Error>>,
    shared: &Shared,
    kept: &mut Kept,
    moments: &mut Moments,
    jobs: &[&Job],
    (wanted, turn): (Vec<store::Key>, Turn),
) -> Result<Done, store::Error> {
    let Turn { unchanged, answered, sheets } = turn;
    let at = moments.next(shared.clock.as_ref(), jobs.len());
    for key in wanted {
        kept.put(ledger::books_key(key), Leaf::none());
    }
    for sheet in sheets {
        let (key, leaf) = Leaf::read(ledger::raw(sheet));
        kept.put(key, leaf);
    }
    let known = answered.into_iter().map(|answered| (answered.request.clone(), answered)).collect();
    let mut books = Books::on(&mut ledger, kept).telling(&shared.passed);
    let sound = || failed.borrow().is_none();
    let untold = |job: &&&Job| !unchanged || job.keys.is_empty();
    let rules = rules(&mut books, shared, jobs.iter().filter(untold), at);
    let (outcomes, answers) = match rules {
        Ok(rules) => run_all(&mut books, shared, &rules, jobs, &known, at, &sound),
        Err(failure) => (jobs.iter().map(|_| Err(failure.clone())).collect(), Vec::new()),
    };
    let done = books.finish();
    if let Some(error) = failed.take() {
        return Err(error);
    }
    let in_parts = done.in_parts;
    let batch = Batch { answers, ..ledger::batch(&shared.region, done, kept) };
    if in_parts {
        // If it was refused, what was written in parts goes; what was read since is of a time that never was.
        *kept = Kept::default();
    }
    Ok(Done { outcomes, batch: Some(batch).filter(|batch| !batch.answers.is_empty()) })
}

/// Keeps the edition of the policy files with the first batch that was decided by it.
pub(crate) fn keep_edition(store: &mut dyn Store, edition: &Edition) -> Result<(), store::Error> {
    let name = Edition::note(&edition.hash);
    if store.notes(&name)?.is_empty() { store.keep_note(&name, &edition.text) } else { Ok(()) }
}

fn run_all(
    books: &mut Books<'_>,
    shared: &Shared,
    rules: &Rules,
    jobs: &[&Job],
    known: &BTreeMap<String, Answered>,
    at: i64,
    sound: &dyn Fn() -> bool,
) -> (Vec<Outcome>, Vec<Answered>) {
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(jobs.len());
    let mut answers = Vec::new();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let settings = books.entries(&region_key());
    for ((index, job), at) in jobs.iter().enumerate().zip(at..) {
        let id = job.request.id.as_str();
        // The same key twice among those that wait: the second is a repeat of the first.
        let before = *first.entry(id).or_insert(index);
        let desk = Desk { rules, vault: &shared.vault, at, actor: &job.actor };
        let outcome = if before < index {
            if jobs[before].input == job.input { outcomes[before].clone() } else { Err(key_reused(id).into()) }
        } else if let Some(answered) = known.get(id) {
            let stands = job.request.still_stands(&desk, books).map_err(Failure::from_stop);
            stands.and_then(|()| repeated(answered, job))
        } else {
            let outcome = job.request.run(&desk, books).map_err(Failure::from_stop);
            if let Ok(answer) = &outcome {
                // The types of an answer are made of what JSON can say.
                let text = serde_json::to_string(answer).unwrap_or_default();
                answers.push(Answered { request: id.to_owned(), input: job.input, answer: text, at });
            }
            outcome
        };
        outcomes.push(outcome);
        // What follows is decided by other rules, if this one changed them: in a transaction of its own. And where the store
        // failed, the whole transaction is run again.
        if !sound() || books.entries(&region_key()) != settings {
            break;
        }
    }
    (outcomes, answers)
}

/// Makes sure of the rules, and reads the sheets that requests name which were not read with the turn: where somebody else has
/// written, and where who handed a request in could not tell them.
fn rules<'j>(
    books: &mut Books<'_>,
    shared: &Shared,
    untold: impl Iterator<Item = &'j &'j Job>,
    at: i64,
) -> Result<Arc<Rules>, Failure> {
    let settings = books::public::settings(books).map_err(Failure::from_stop)?;
    let rules = shared.rules.of(settings, day_of(at))?;
    let keys = untold.flat_map(|job| match job.keys.as_slice() {
        [] => job.request.keys(&Desk { rules: &rules, vault: &shared.vault, at, actor: &job.actor }),
        keys => keys.to_vec(),
    });
    books.preload(keys).map_err(Failure::from_stop)?;
    Ok(rules)
}

fn repeated(answered: &Answered, job: &Job) -> Outcome {
    if answered.input != job.input {
        return Err(key_reused(&job.request.id).into());
    }
    read_answer(answered)
}

/// An answer that is kept, as it was given.
pub(crate) fn read_answer(answered: &Answered) -> Outcome {
    serde_json::from_str(&answered.answer).map_err(|error| {
        let message = format!("请求 {} 已答复过，但所存的答复读不懂：{error}", answered.request);
        Trouble::new("answer-damaged", message, "运行 tongchou verify 查明损坏的范围").into()
    })
}

fn key_reused(id: &str) -> Refusal {
    Refusal::new(
        "key-reused",
        format!("请求号 {id} 已用于另一个内容不同的请求"),
        "新的请求用新的请求号；要重发原请求，内容须与原来完全一样",
    )
}

impl Failure {
    /// Of what the books stopped for.
    pub(crate) fn from_stop(stop: Stop) -> Failure {
        match stop {
            Stop::Refused(refusal) => refusal.into(),
            Stop::Source(what) => {
                Trouble::new("books-damaged", format!("账册读不懂：{what}"), "运行 tongchou verify 查明损坏的范围")
                    .into()
            }
        }
    }
}
