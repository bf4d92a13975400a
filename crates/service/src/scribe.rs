//! The scribe: a thread that writes what has been decided, while the writer decides what comes next on top of it.
//!
//! What is decided on top of a transaction that is still being written rests on two things: that it will stand, and that nobody
//! else has written since. Whoever decided learns the first by [`Flight::land`]; the second is asked with the turn, before
//! anything of it is written. Where either fails, what was decided is thrown away and decided anew. Nobody is answered before.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use store::{Batch, Error, Store};

use crate::writer::Broken;

/// What is to be written.
struct Order {
    store: Box<dyn Store>,
    region: String,
    /// Nothing, where nobody had any effect: then it is only asked whether that still holds.
    batch: Option<Arc<Batch>>,
    /// Whether the transaction has begun and has the region's turn.
    begun: bool,
}

/// What came of it.
pub(crate) struct Written {
    /// The connection it was written on.
    pub store: Box<dyn Store>,
    /// Whether it stands.
    pub outcome: Result<Wrote, Broken>,
    /// How long it took.
    pub took: Duration,
}

/// How writing ended, where nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrote {
    /// It is on the disk.
    Stands,
    /// Somebody else has written since it was decided: nothing of it was written.
    Stale,
}

/// The scribe's desk.
pub(crate) struct Scribe {
    orders: Option<SyncSender<Order>>,
    written: Receiver<Written>,
    thread: Option<JoinHandle<()>>,
}

impl Scribe {
    /// Starts the thread; there is none where the system gives none.
    pub fn start() -> Option<Scribe> {
        let (orders, asked) = sync_channel(1);
        let (done, written) = sync_channel(1);
        let thread = Builder::new().name("scribe".to_owned()).spawn(move || serve(&asked, &done)).ok()?;
        Some(Scribe { orders: Some(orders), written, thread: Some(thread) })
    }

    /// Hands something over to be written: in the transaction that the store is in, or in one of its own.
    pub fn write(&self, store: Box<dyn Store>, region: &str, batch: Option<Arc<Batch>>, begun: bool) -> Flight<'_> {
        let order = Order { store, region: region.to_owned(), batch: batch.clone(), begun };
        // Where the thread is gone, so is the other end of `written`.
        let handed = self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok());
        Flight { written: Some(&self.written).filter(|_| handed), landed: None, batch }
    }
}

impl Drop for Scribe {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

/// A batch on its way to the disk.
pub(crate) struct Flight<'s> {
    written: Option<&'s Receiver<Written>>,
    landed: Option<Written>,
    batch: Option<Arc<Batch>>,
}

impl Flight<'_> {
    /// What is on its way.
    pub fn batch(&self) -> Option<&Batch> {
        self.batch.as_deref()
    }

    /// Waits until it has been written. Gives whether it stands.
    pub fn land(&mut self) -> bool {
        if self.landed.is_none() {
            self.landed = self.written.take().and_then(|written| written.recv().ok());
        }
        self.landed.as_ref().is_some_and(|landed| matches!(landed.outcome, Ok(Wrote::Stands)))
    }

    /// What came of it; nothing, where the thread has ended.
    pub fn end(mut self) -> Option<Written> {
        self.land();
        self.landed
    }
}

fn serve(asked: &Receiver<Order>, done: &SyncSender<Written>) {
    for Order { mut store, region, batch, begun } in asked {
        let from = Instant::now();
        let ran = catch_unwind(AssertUnwindSafe(|| write(store.as_mut(), &region, batch.as_deref(), begun)));
        let outcome = ran.unwrap_or(Err(Broken::Panicked));
        if done.send(Written { store, outcome, took: from.elapsed() }).is_err() {
            return;
        }
    }
}

fn write(store: &mut dyn Store, region: &str, batch: Option<&Batch>, begun: bool) -> Result<Wrote, Broken> {
    if !begun {
        store.begin()?;
        if !store.turn(region, &[], &[])?.unchanged {
            store.rollback()?;
            return Ok(Wrote::Stale);
        }
    }
    match batch {
        Some(batch) => store.finish(region, batch).map_err(Broken::committing)?,
        None => store.rollback()?,
    }
    Ok(Wrote::Stands)
}

/// What is decided on top of a flight cannot be decided, because it did not land.
pub(crate) fn came_to_nothing() -> Error {
    Error::Conflict("what it rests on came to nothing".to_owned())
}
