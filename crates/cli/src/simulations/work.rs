//! The one thread that runs simulations.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::thread::available_parallelism;

use anyhow::Context as _;
use microsim::generate::{Asked as People, Figures, Manifest, generate};
use microsim::run::{Asked, simulate};
use microsim::{Refused, Stopped};
use pages::simulate::Order;
use policy::{Library, Region, View};

use super::plans::Plans;
use super::watch::Watching;
use super::{Hall, keep, told};

/// Runs what waits, one after another, until the hall is closed. What the program left half made when it ended goes first.
pub fn go_on(hall: &Hall) {
    quieten();
    if let Err(error) = hall.kept.forget_half_made() {
        tracing::error!("simulations: {error:#}");
    }
    while let Some((id, watch)) = next(hall) {
        // A fault of the engine ends the run, and not all runs after it.
        let ran = catch_unwind(AssertUnwindSafe(|| run(hall, id, &watch)));
        let over = ran.unwrap_or_else(|_| Err(anyhow::anyhow!("程序内部出错 (internal error)")));
        let kept = over.or_else(|error| if error.is::<Stopped>() { Ok(()) } else { failed(hall, id, error) });
        let ended = if leave(hall, &watch) { kept } else { kept.and(clear(hall, id)) };
        if let Err(error) = ended {
            tracing::error!("simulation {id}: {error:#}");
        }
    }
}

/// Leaves a run that is over, unless nothing of it is to stay. What was stopped by a server that ends stays as interrupted.
fn leave(hall: &Hall, watch: &Watching) -> bool {
    let mut desk = hall.desk();
    let stays = desk.closed || !watch.is_stopped();
    if stays {
        desk.running = None;
    }
    stays
}

/// Clears a run away that was cancelled, with the population that it was making. It is no run for who looks at the desk meanwhile.
fn clear(hall: &Hall, id: u32) -> anyhow::Result<()> {
    let people = hall.kept.forget_half_made();
    let run = hall.kept.forget(id);
    hall.desk().running = None;
    run.and(people)
}

/// The next that waits; none, when the hall is closed.
fn next(hall: &Hall) -> Option<(u32, Arc<Watching>)> {
    let mut desk = hall.desk();
    loop {
        if desk.closed {
            return None;
        }
        if let Some(id) = desk.waiting.pop_front() {
            let running = (id, Arc::new(Watching::new()));
            desk.running = Some(running.clone());
            return Some(running);
        }
        desk = hall.wake.wait(desk).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Keeps why a run came to nothing, and nothing else of it.
fn failed(hall: &Hall, id: u32, error: anyhow::Error) -> anyhow::Result<()> {
    let Refused { what, cure } = error.downcast::<Refused>().unwrap_or_else(|error| {
        tracing::error!("simulation {id}: {error:#}");
        Refused::new(format!("{error:#}"), "请管理员查看服务器的日志、测算文件夹的权限和空间")
    });
    hall.kept.failed(id, what, cure).and(hall.kept.forget_half_made())
}

fn run(hall: &Hall, id: u32, watch: &Watching) -> anyhow::Result<()> {
    let order = hall.kept.order(id).context("order.json")?;
    let plans = Plans::of(hall, &order).map_err(|faults| {
        let first = faults.into_iter().next();
        first.map_or_else(|| Refused::new("", ""), |fault| Refused::new(fault.what, fault.cure))
    })?;
    // The people are those of the terms as they are, whatever is laid over them.
    let region = hall.library.region(&order.region).map_err(|what| Refused::new(what, ""))?;
    let (province, made) = people(hall, region, &order, watch)?;
    watch.settling(Manifest::read(&province)?.count(), made);
    let asked = Asked {
        library: &plans.library,
        region: plans.library.region(&order.region).map_err(|what| Refused::new(what, ""))?,
        year: order.year,
        variants: plans.variants(),
        threads: threads(),
        keep_going: false,
    };
    let outcome = simulate(&asked, &province, &hall.kept.outcome(id), watch)?;
    hall.kept.done(id, &told::headlines(&outcome))
}

/// The population of an order, and whether it had to be made.
fn people(hall: &Hall, region: &Region, order: &Order, watch: &Watching) -> anyhow::Result<(PathBuf, bool)> {
    let folder = hall.kept.people(order)?;
    let is_whole = Manifest::path(&folder).is_file();
    watch.making(order.people * (i64::from(order.before) + 1));
    let made = make(&hall.library, region, order, &folder, watch);
    // Made by other files or another version of the program: it is made anew.
    let stale = made.as_ref().is_err_and(|error| error.is::<Refused>()) && folder.is_dir();
    if stale {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        make(&hall.library, region, order, &folder, watch)?;
    } else {
        made?;
    }
    keep::use_now(&folder)?;
    Ok((folder, stale || !is_whole))
}

fn make(
    library: &Library,
    region: &Region,
    order: &Order,
    folder: &std::path::Path,
    watch: &Watching,
) -> anyhow::Result<Manifest> {
    let asked = People {
        library,
        region,
        view: View::default(),
        figures: &Figures::of_region(library, region, None)?,
        people: order.people,
        year: order.year - order.before,
        years: order.before + 1,
        seed: order.seed,
        lines: false,
        anomalies: false,
        threads: threads(),
    };
    generate(&asked, folder, watch)
}

/// Half of the processors: the others are the counter's.
fn threads() -> usize {
    available_parallelism().map_or(1, |all| (all.get() / 2).max(1))
}

/// This thread and those it begins give way to all others.
#[cfg(target_os = "linux")]
fn quieten() {
    // Who may not be nice runs as others do. On Linux it is a matter of the thread.
    _ = rustix::process::nice(19);
}

#[cfg(not(target_os = "linux"))]
fn quieten() {}
