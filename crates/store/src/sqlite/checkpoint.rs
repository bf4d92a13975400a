//! Carrying the log's pages into the file, beside the writer: a checkpoint inside a commit would keep answers waiting.
//!
//! A thread with a connection of its own carries pages over step by step as the log grows, and syncs the file after each
//! step: little at a time, since whoever commits while a disk takes in much waits behind it. When the log has grown long, it
//! does so in passes, each shorter than the one before. What the writer has added meanwhile may be a rest of about one
//! commit: the writer carries that over itself before it begins again, and the log starts anew. Where the writer is too fast
//! for that, the log grows on, and the thread tries again every second until there is a lull; only a very long log makes the
//! writer wait. (SQLite syncs the file only when the whole log is carried over, so that without the thread's own sync the
//! writer would wait for all of it there.)

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Result};

/// Pages in the log before it starts anew: 64 MB.
pub(super) const LONG: i32 = 16_000;

/// Steps in which a log of that length is carried over: of 1 MB each. A page changed often is carried over once a step, so that
/// longer ones write less; but whoever commits meanwhile waits for as long as a step is synced.
const STEPS: i32 = 64;

/// So many times that, before the writer waits until all is carried over: half a gigabyte.
const MOST: i32 = 8;

/// A rest that the writer carries over in about the time of a commit.
const REST: i64 = 500;

/// Passes before the rest is what it is: the writer is as fast as we are.
const PASSES: usize = 6;

/// How long the thread waits for a lull.
const PAUSE: Duration = Duration::from_secs(1);

/// Nothing to do; the thread is at work; it has left the rest to the writer.
const IDLE: u8 = 0;
const WORKING: u8 = 1;
const REST_LEFT: u8 = 2;

/// Watches the length of the log.
pub(super) struct Checkpoints {
    path: PathBuf,
    /// Length of the log at the last commit.
    pages: Arc<AtomicI32>,
    /// The length at which it starts anew, and at which the next step is due.
    long: i32,
    due: i32,
    /// The length at which the writer carries over what there is.
    most: i32,
    state: Arc<AtomicU8>,
    /// Told with each step whether it is the last: then only a rest is to be left.
    thread: Option<(Sender<bool>, JoinHandle<()>)>,
}

impl Checkpoints {
    /// Takes the place of SQLite's own checkpoints inside commits.
    pub fn watch(path: &str, connection: &mut Connection, long: i32) -> Result<Checkpoints> {
        let pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&pages);
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, length| {
            seen.store(length, Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Checkpoints {
            path: path.into(),
            pages,
            long,
            due: long / STEPS,
            most: MOST * long,
            state: Arc::new(AtomicU8::new(IDLE)),
            thread: None,
        })
    }

    /// Between two transactions of the writer. A checkpoint that fails loses nothing: the log still has it all, and the
    /// next one tries again.
    pub fn between(&mut self, connection: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        match self.state.load(Ordering::Acquire) {
            REST_LEFT => self.carry_rest(pages, connection),
            IDLE if pages > self.most => self.carry_rest(pages, connection),
            IDLE if pages > self.due => self.wake(pages),
            // It has started anew.
            IDLE if pages < self.due - self.step() => (self.due, self.most) = (self.step(), MOST * self.long),
            _ => {}
        }
    }

    fn step(&self) -> i32 {
        self.long / STEPS
    }

    fn carry_rest(&mut self, pages: i32, connection: &Connection) {
        // A reader of an older moment keeps the log as it is: not to try again with every transaction.
        let whole = pass(connection).is_ok_and(|passed| passed.rest == 0);
        let base = if whole { 0 } else { pages };
        (self.due, self.most) = (base.saturating_add(self.step()), base.saturating_add(MOST * self.long));
        self.state.store(IDLE, Ordering::Release);
    }

    fn wake(&mut self, pages: i32) {
        self.due = pages.saturating_add(self.step());
        let (path, state) = (&self.path, &self.state);
        let (wishes, _) = self.thread.get_or_insert_with(|| {
            let (wishes, asked) = channel();
            let (path, state) = (path.clone(), Arc::clone(state));
            (wishes, std::thread::spawn(move || serve(&path, &asked, &state)))
        });
        self.state.store(WORKING, Ordering::Release);
        let last = pages >= self.long;
        if wishes.send(last).is_err() {
            // The thread could not open the file: then the writer does it all.
            self.state.store(REST_LEFT, Ordering::Release);
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        if let Some((wishes, thread)) = self.thread.take() {
            drop(wishes);
            let _ = thread.join();
        }
    }
}

fn serve(path: &Path, asked: &Receiver<bool>, state: &AtomicU8) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(Duration::from_secs(1))?;
        connection.pragma_update(None, "synchronous", "full")?;
        Ok(connection)
    });
    let Ok(connection) = opened else { return state.store(REST_LEFT, Ordering::Release) };
    let mut waits_for_lull = false;
    loop {
        let asked =
            if waits_for_lull { asked.recv_timeout(PAUSE) } else { asked.recv().map_err(RecvTimeoutError::from) };
        let last = match asked {
            Ok(last) => last,
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let rest = passes(&connection, path, if last { PASSES } else { 1 });
        waits_for_lull = last && rest >= REST;
        state.store(if last && rest < REST { REST_LEFT } else { IDLE }, Ordering::Release);
    }
}

/// Gives the number of pages left.
fn passes(connection: &Connection, path: &Path, most: usize) -> i64 {
    let (mut rest, mut carried) = (i64::MAX, 0);
    for _ in 0..most {
        // Where one fails, SQLite's next one says so again.
        let Ok(passed) = pass(connection) else { break };
        rest = passed.rest;
        if passed.carried == carried {
            break;
        }
        carried = passed.carried;
        sync(path);
        if rest < REST {
            break;
        }
    }
    rest
}

struct Passed {
    /// Pages carried over since the log was begun, and pages left.
    carried: i64,
    rest: i64,
}

/// Carries over what can be without waiting for anybody.
fn pass(connection: &Connection) -> Result<Passed> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (busy, length, carried): (bool, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // Another checkpoint under way tells no lengths.
        Ok(if busy { Passed { carried: 0, rest: i64::MAX } } else { Passed { carried, rest: length - carried } })
    })
}

/// Syncs the file by a handle that is never closed: on Unix, closing any handle of a file drops the locks that SQLite
/// holds on it by another.
#[cfg(unix)]
fn sync(path: &Path) {
    use std::collections::BTreeMap;
    use std::fs::{File, OpenOptions};
    use std::os::unix::fs::MetadataExt;
    use std::sync::Mutex;

    static HANDLES: Mutex<BTreeMap<(u64, u64), &'static File>> = Mutex::new(BTreeMap::new());
    let (Ok(found), Ok(mut handles)) = (path.metadata(), HANDLES.lock()) else { return };
    let identity = (found.dev(), found.ino());
    if !handles.contains_key(&identity)
        && let Ok(file) = OpenOptions::new().write(true).open(path)
    {
        handles.insert(identity, Box::leak(Box::new(file)));
    }
    let handle = handles.get(&identity).copied();
    drop(handles);
    // Where this fails, SQLite's own sync is still to come, and says so.
    let _ = handle.map(File::sync_data);
}

#[cfg(not(unix))]
fn sync(_: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn wal_length(path: &Path) -> u64 {
        path.with_extension("db-wal").metadata().unwrap().len()
    }

    #[test]
    fn the_log_starts_anew_under_load_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.db");
        let mut connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)").unwrap();
        let mut checkpoints = Checkpoints::watch(path.to_str().unwrap(), &mut connection, 200).unwrap();
        let text = "x".repeat(20_000);
        let mut longest = 0;
        for n in 0..2_000 {
            checkpoints.between(&connection);
            connection.execute("INSERT INTO t VALUES (?1, ?2)", (n, &text)).unwrap();
            longest = longest.max(checkpoints.pages.load(Ordering::Relaxed));
        }
        // 2 000 commits of six pages each went through it.
        assert!(longest < 6_000, "{longest} pages");
        assert!(wal_length(&path) < 6_000 * 4_200, "{} bytes", wal_length(&path));
        drop(checkpoints);
        let count = "SELECT count(*), sum(length(text)) FROM t";
        let found: (i64, i64) = connection.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (2_000, 40_000_000));
        let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }

    #[test]
    fn a_reader_of_an_older_moment_does_not_make_it_try_with_every_transaction() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.db");
        let mut connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection.execute_batch("CREATE TABLE t (text TEXT)").unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        let mut checkpoints = Checkpoints::watch(path.to_str().unwrap(), &mut connection, 100 * STEPS).unwrap();
        let (mut worked, mut due) = (0, checkpoints.due);
        for _ in 0..1_000 {
            checkpoints.between(&connection);
            worked += usize::from(checkpoints.due != due);
            due = checkpoints.due;
            while checkpoints.state.load(Ordering::Acquire) == WORKING {
                std::thread::yield_now();
            }
            connection.execute("INSERT INTO t VALUES ('x')", ()).unwrap();
        }
        // 1 000 pages or more, a hundred of them at a time.
        assert!((5..=40).contains(&worked), "{worked} times");
    }
}
