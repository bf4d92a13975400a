//! Simulations that the pages of `serve` ask for: one at a time, in order, on a thread of their own that leaves the processors to
//! whoever waits at the counter. Each is a folder; it counts as done when its last file is there, so that nothing half written is
//! ever shown as whole.
//!
//! What is run, and by which checks, is that of `generate` and `simulate`: the same engine, the same names, the same bytes.

mod keep;
mod plans;
mod told;
mod watch;
mod work;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use domain::Lang;
use microsim::run::read;
use pages::simulate::{At, Broken, Fault, File, Order, Report, Run, State};
use policy::{Library, SourceFile};
use shelf::Shelf;

use self::keep::Kept;
use self::watch::Watching;

/// Runs that wait at most, beside the one that runs.
const WAITING: usize = 3;
/// Runs that are kept at most.
const KEPT: usize = 200;
/// People of a run at most: with years before, about a minute's work for one processor.
const MOST_PEOPLE: i64 = 1_000_000;

/// Runs simulations, until it is dropped.
pub struct Simulations {
    hall: Arc<Hall>,
    worker: Option<JoinHandle<()>>,
    colours: String,
}

/// What those who ask and who works share.
struct Hall {
    library: Arc<Library>,
    /// The files that the library was read from, for a draft that is laid over them.
    files: Vec<SourceFile>,
    kept: Kept,
    /// Held by who places an order: one is written at a time, and who only looks at the desk does not wait for the disk.
    placing: Mutex<()>,
    desk: Mutex<Desk>,
    wake: Condvar,
}

/// What waits, what runs.
#[derive(Default)]
struct Desk {
    /// The number of the last order that was taken.
    last: u32,
    waiting: VecDeque<u32>,
    running: Option<(u32, Arc<Watching>)>,
    /// Nothing more is begun.
    closed: bool,
}

impl Hall {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Simulations {
    /// Over the notices, in a folder that is made when it is needed.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(shelf: &Shelf, folder: PathBuf) -> std::io::Result<Simulations> {
        let kept = Kept::new(folder);
        let desk = Desk { last: kept.last(), ..Desk::default() };
        let hall = Arc::new(Hall {
            library: Arc::clone(&shelf.library),
            files: shelf.files.clone(),
            kept,
            placing: Mutex::new(()),
            desk: Mutex::new(desk),
            wake: Condvar::new(),
        });
        let own = Arc::clone(&hall);
        let worker = thread::Builder::new().name("simulations".to_owned()).spawn(move || work::go_on(&own))?;
        Ok(Simulations { hall, worker: Some(worker), colours: told::colours() })
    }
}

impl Drop for Simulations {
    /// What runs is stopped, and stays as what was interrupted.
    fn drop(&mut self) {
        let mut desk = self.hall.desk();
        desk.closed = true;
        if let Some((_, watch)) = &desk.running {
            watch.stop();
        }
        drop(desk);
        self.hall.wake.notify_all();
        if let Some(worker) = self.worker.take() {
            // A panic of it has been told on standard error.
            _ = worker.join();
        }
    }
}

impl Simulations {
    /// What cannot be read: nothing, where there is no such run or no result of it; otherwise the log tells why.
    fn unread<T>(&self, id: u32, error: &anyhow::Error) -> Result<Option<T>, Broken> {
        use pages::simulate::Simulations as _;
        if self.run(id).is_some_and(|run| matches!(run.state, State::Done(_))) {
            Err(broken(id, error))
        } else {
            Ok(None)
        }
    }
}

/// Tells the log what cannot be read or removed.
fn broken(id: u32, error: &anyhow::Error) -> Broken {
    tracing::error!("simulation {id}: {error:#}");
    Broken
}

fn fault(what: impl Into<String>, cure: impl Into<String>) -> Vec<Fault> {
    vec![Fault { at: At::Whole, what: what.into(), cure: cure.into() }]
}

impl pages::simulate::Simulations for Simulations {
    fn most_people(&self) -> i64 {
        MOST_PEOPLE
    }

    fn start(&self, order: Order) -> Result<u32, Vec<Fault>> {
        plans::Plans::of(&self.hall, &order)?;
        let _placing = self.hall.placing.lock().unwrap_or_else(PoisonError::into_inner);
        let (waiting, last) = {
            let desk = self.hall.desk();
            (desk.waiting.len(), desk.last)
        };
        if waiting >= WAITING {
            let what = format!("已有 {WAITING} 次测算在排队 (queue full)");
            return Err(fault(what, "等前面的算完，或在“历次测算”取消一次"));
        }
        if self.hall.kept.count() >= KEPT {
            let what = format!("已留有 {KEPT} 次测算 (too many kept)");
            return Err(fault(what, "在“历次测算”删去不用的"));
        }
        let id = last + 1;
        self.hall.kept.begin(id, &order).map_err(|error| {
            tracing::error!("simulation {id}: {error:#}");
            // Without the path, which is the administrator's.
            let why = error.root_cause();
            fault(format!("测算的文件夹写不了：{why}"), "请管理员查看权限和空间，或用 serve --simulations 换一个文件夹")
        })?;
        let mut desk = self.hall.desk();
        desk.last = id;
        desk.waiting.push_back(id);
        drop(desk);
        self.hall.wake.notify_all();
        Ok(id)
    }

    fn runs(&self) -> Vec<Run> {
        self.hall.kept.ids().into_iter().rev().filter_map(|id| self.run(id)).collect()
    }

    fn run(&self, id: u32) -> Option<Run> {
        let going = {
            let desk = self.hall.desk();
            if id > desk.last {
                return None;
            }
            let running = desk.running.as_ref().filter(|(running, _)| *running == id);
            match (desk.waiting.iter().position(|waiting| *waiting == id), running) {
                (Some(place), _) => Some(State::Waiting(place + usize::from(desk.running.is_some()))),
                // Nothing is kept of it.
                (_, Some((_, watch))) if watch.is_stopped() => return None,
                (_, Some((_, watch))) => Some(watch.state()),
                (None, None) => None,
            }
        };
        let state = going.unwrap_or_else(|| self.hall.kept.state(id));
        // The order goes first when a run is forgotten: while it is there, so was the rest.
        let order = self.hall.kept.order(id)?;
        Some(Run { id, order, state })
    }

    fn delete(&self, id: u32) -> Result<(), Broken> {
        {
            let mut desk = self.hall.desk();
            if id > desk.last {
                return Ok(());
            }
            desk.waiting.retain(|waiting| *waiting != id);
            if let Some((_, watch)) = desk.running.as_ref().filter(|(running, _)| *running == id) {
                // Who runs it clears it away.
                watch.stop();
                return Ok(());
            }
        }
        self.hall.kept.forget(id).map_err(|error| broken(id, &error))
    }

    fn report(&self, id: u32, lang: Lang) -> Result<Option<Report>, Broken> {
        let outcome = read(&self.hall.kept.outcome(id));
        outcome.map(|outcome| Some(told::report(&outcome, lang))).or_else(|error| self.unread(id, &error))
    }

    fn file(&self, id: u32, name: &str, lang: Lang) -> Result<Option<File>, Broken> {
        let file = read(&self.hall.kept.outcome(id)).and_then(|outcome| told::file(&outcome, name, lang));
        file.or_else(|error| self.unread(id, &error))
    }

    fn colours(&self) -> &str {
        &self.colours
    }
}

#[cfg(test)]
mod tests;
