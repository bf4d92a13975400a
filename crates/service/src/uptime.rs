//! When a server was up: it gives a sign of life twice a minute, kept beside the books, and says when it stops in order.
//!
//! What counts as up is a server that reaches its database. Whoever is killed, is frozen or loses the database gives no sign, and
//! what began again after that is another time. The clock is the machine's, also where the books live on a made-up day.

mod months;

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use store::{Error, Run, Store};
use tracing::warn;

use crate::clock::{Clock as _, SystemClock};
use crate::service::{Connect, request_id};

pub use months::{Month, Now, Uptime};

/// How often a sign of life is given.
const EVERY: Duration = Duration::from_secs(30);

/// After so long without one a server counts as dead, microseconds.
const SILENCE: i64 = 90_000_000;

/// Who is told of the month at hand after each sign of life that was kept.
pub type Tell = Box<dyn Fn(&Month) + Send>;

/// Gives signs of life, until it is stopped.
pub struct Watch {
    stop: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    /// Begins, on a thread and a connection of its own; there is none where the system gives no thread.
    pub fn begin(connect: Connect, region: &str, tell: Tell) -> Option<Watch> {
        Watch::every(EVERY, connect, region, tell)
    }

    fn every(pause: Duration, connect: Connect, region: &str, tell: Tell) -> Option<Watch> {
        let (stop, told) = sync_channel(1);
        let mut signs = Signs { connect, store: None, region: region.to_owned(), run: begun(), alive: 0, tell };
        let work = move || {
            loop {
                signs.give(SystemClock.now());
                match told.recv_timeout(pause) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) => return signs.end(SystemClock.now()),
                    // Let go without a word: the program did not come to its orderly end.
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        let thread = Builder::new().name("uptime".to_owned()).spawn(work).ok()?;
        Some(Watch { stop, thread })
    }

    /// The server stops in order.
    pub fn stop(self) {
        _ = self.stop.send(());
        _ = self.thread.join();
    }
}

struct Signs {
    connect: Connect,
    store: Option<Box<dyn Store>>,
    region: String,
    run: Run,
    /// When the database was last reached.
    alive: i64,
    tell: Tell,
}

fn begun() -> Run {
    let now = SystemClock.now();
    Run { id: request_id(), begun: now, seen: now, stopped: false }
}

impl Signs {
    fn give(&mut self, now: i64) {
        if self.alive > 0 && now - self.alive > SILENCE {
            self.run = begun();
        }
        self.run.seen = now;
        self.keep(now);
    }

    fn end(mut self, now: i64) {
        self.give(now);
        self.run.stopped = true;
        self.keep(now);
    }

    fn keep(&mut self, now: i64) {
        match self.try_keep().and_then(|()| self.month(now)) {
            Ok(month) => {
                self.alive = now;
                month.iter().for_each(&self.tell);
            }
            // A file has one writer at a time, and a long file may keep its place for minutes: the database is there.
            Err(Error::Conflict(_)) => self.alive = now,
            Err(error) => {
                warn!(%error, "no sign of life kept");
                self.store = None;
            }
        }
    }

    /// The month at hand; nothing, where the connection did not last.
    fn month(&mut self, now: i64) -> Result<Option<Month>, Error> {
        let Some(store) = &mut self.store else { return Ok(None) };
        let runs = store.runs(&self.region)?;
        Ok(Uptime::of(&runs, now).and_then(|mut uptime| uptime.months.pop()))
    }

    fn try_keep(&mut self) -> Result<(), Error> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => (self.connect)()?,
        };
        let kept = store.begin().and_then(|()| store.keep_run(&self.region, &self.run)).and_then(|()| store.commit());
        if kept.is_ok() || store.rollback().is_ok() {
            self.store = Some(store);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    const MINUTE: i64 = 60_000_000;

    fn nobody() -> Tell {
        Box::new(|_| {})
    }

    fn region(folder: &tempfile::TempDir) -> Connect {
        let url = folder.path().join("books.db").display().to_string();
        let mut store = store::open(&url).unwrap();
        store.begin().unwrap();
        store.open_region("town").unwrap();
        store.commit().unwrap();
        crate::connect(&url)
    }

    #[test]
    fn who_stops_in_order_says_so_and_who_is_let_go_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let connect = region(&folder);
        Watch::every(Duration::from_millis(5), Arc::clone(&connect), "town", nobody()).unwrap().stop();
        let dropped = Watch::every(Duration::from_millis(5), Arc::clone(&connect), "town", nobody()).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        drop(dropped.stop);
        dropped.thread.join().unwrap();
        let runs = connect().unwrap().runs("town").unwrap();
        assert_eq!(runs.iter().map(|run| run.stopped).collect::<Vec<_>>(), [true, false]);
        assert!(runs[1].seen > runs[1].begun, "seen again and again: {runs:?}");
    }

    #[test]
    fn a_time_ends_where_the_database_is_lost_and_not_where_it_is_busy() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, away) = (region(&folder), Arc::new(AtomicBool::new(false)));
        let (own, inner) = (Arc::clone(&away), Arc::clone(&plain));
        let connect: Connect = Arc::new(move || match own.load(Ordering::SeqCst) {
            true => Err(Error::Gone("planted".to_owned())),
            false => inner(),
        });
        let run = Run { id: "a".to_owned(), begun: 0, seen: 0, stopped: false };
        let mut signs = Signs { connect, store: None, region: "town".to_owned(), run, alive: 0, tell: nobody() };
        signs.give(MINUTE);
        signs.give(2 * MINUTE);
        away.store(true, Ordering::SeqCst);
        signs.store = None;
        (3..9).for_each(|minute| signs.give(minute * MINUTE));
        away.store(false, Ordering::SeqCst);
        signs.give(9 * MINUTE);
        let runs = plain().unwrap().runs("town").unwrap();
        assert_eq!((runs.len(), runs[0].seen), (2, 2 * MINUTE), "{runs:?}");
        // Busy for as long: one and the same time.
        signs.alive = 12 * MINUTE;
        signs.give(13 * MINUTE);
        assert_eq!(plain().unwrap().runs("town").unwrap().len(), 2);
    }

    #[test]
    fn each_sign_that_was_kept_tells_of_the_month_at_hand() {
        let folder = tempfile::tempdir().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let tell = Box::new(move |month: &Month| tell.send((month.up, month.died, month.deaths)).unwrap());
        let run = |id: &str, begun| Run { id: id.to_owned(), begun, seen: begun, stopped: false };
        let mut signs = Signs {
            connect: region(&folder),
            store: None,
            region: "town".to_owned(),
            run: run("a", 0),
            alive: 0,
            tell,
        };
        signs.give(5 * MINUTE);
        (signs.run, signs.alive) = (run("b", 9 * MINUTE), 9 * MINUTE);
        signs.give(9 * MINUTE);
        signs.give(10 * MINUTE);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [(5, 0, 0), (5, 4, 1), (6, 4, 1)]);
    }
}
