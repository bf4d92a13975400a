//! What is acknowledged is there, exactly once, whatever happens to the process, the database, the connection or the disk.
//!
//! A harness keeps what a worker process acknowledged on its standard output, and kills the worker or pulls something from
//! under it. The next worker begins where each client was last acknowledged: it sends the last acknowledged request again,
//! which must be answered the same, and then the one that was never answered, which must complete. In the end the journal is
//! counted and verified.
//!
//! A short run is part of the tests; `cargo xtask torture` makes a long one. Seeds are printed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod disk;
mod harness;
mod proxy;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harness::Trial;
use testkit::postgres::Server;
use testkit::random::Random;

/// How many rounds, if `TORTURE_ROUNDS` does not say.
const ROUNDS: u64 = 5;

fn rounds() -> u64 {
    std::env::var("TORTURE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS)
}

fn seed() -> u64 {
    let seed = std::env::var("TORTURE_SEED").ok().and_then(|seed| seed.parse().ok());
    seed.unwrap_or_else(|| u64::from(std::process::id()) ^ std::time::UNIX_EPOCH.elapsed().unwrap().as_micros() as u64)
}

/// Not a test: the process that a harness starts and kills. It does nothing unless a harness says what.
#[test]
fn worker_process() {
    worker::run_if_asked();
}

/// Kills the worker at random points under load.
fn killed_at_random(url: &str) {
    let seed = seed();
    println!("seed {seed}, {} rounds", rounds());
    let mut random = Random::new(seed);
    let mut trial = Trial::begin(url, seed);
    for _ in 0..rounds() {
        trial.run_for(Duration::from_millis(30 + random.below(400)));
    }
    trial.end();
}

#[test]
fn killed_at_random_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    killed_at_random(&folder.path().join("books.db").display().to_string());
}

#[test]
fn killed_at_random_on_postgresql() {
    killed_at_random(&Server::shared().database());
}

/// The server goes down as by a power cut, and comes back; the worker lives on and its clients are answered.
#[test]
fn the_server_restarts_under_load() {
    let server = Server::start();
    let seed = seed();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let mut trial = Trial::begin(&server.database(), seed);
    for _ in 0..rounds().div_ceil(5) {
        let pauses = [random.below(300), random.below(300)].map(Duration::from_millis);
        let acknowledged = trial.while_running(|| {
            std::thread::sleep(Duration::from_millis(300) + pauses[0]);
            server.restart_immediate();
            std::thread::sleep(Duration::from_millis(1_500) + pauses[1]);
        });
        assert!(acknowledged > 0, "nothing is acknowledged around a restart\n{}", server.log());
    }
    trial.end();
}

/// The commit takes place, and its answer never arrives.
#[test]
fn the_connection_is_cut_between_commit_and_answer() {
    let server = Server::start();
    let seed = seed();
    println!("seed {seed}");
    let direct = server.tcp_url(&server.database());
    let cutter = proxy::Cutter::before(server.port(), seed);
    let mut trial = Trial::begin(&direct, seed);
    trial.through(&direct.replace(&format!(":{}/", server.port()), &format!(":{}/", cutter.port())));
    let acknowledged = trial.while_running(|| std::thread::sleep(Duration::from_millis(400 * rounds())));
    assert!(cutter.cuts() > 0 && acknowledged > 0, "{} cuts, {acknowledged} acknowledged", cutter.cuts());
    println!("{} commits whose answer was cut off", cutter.cuts());
    trial.through(&direct);
    trial.end();
}

/// How often the disk is filled.
fn fills() -> u64 {
    rounds().div_ceil(5).max(2)
}

/// The longest to wait for a worker to say something: to begin, and to tell of a full disk, which takes a while where the
/// database has room in files that it made before.
const SILENCE: Duration = Duration::from_secs(60);

/// Waits until a count has gone beyond a number; whether it has.
fn beyond(count: &AtomicU64, before: u64) -> bool {
    let begun = Instant::now();
    while count.load(Ordering::Relaxed) <= before {
        if begun.elapsed() > SILENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

/// The disk fills up under load: nothing is acknowledged that is not there; when there is room again, all goes on. `fill` says
/// whether clients are to be told of it, or wait as at a restart.
fn the_disk_is_full(url: &str, fill: impl Fn(u64) -> (disk::Ballast, bool), recover: impl Fn()) {
    let seed = seed();
    println!("seed {seed}, filled {} times", fills());
    let mut trial = Trial::begin(url, seed);
    for round in 0..fills() {
        let heard = trial.heard();
        let acknowledged = heard.acknowledged.load(Ordering::Relaxed);
        let (mut ballast, mut heard_of) = (None, false);
        trial.while_running(|| {
            // It has opened the books, and works.
            let works = beyond(&heard.acknowledged, acknowledged);
            std::thread::sleep(Duration::from_millis(200));
            let troubles = heard.troubles.load(Ordering::Relaxed);
            let (full, told) = fill(round);
            ballast = Some(full);
            heard_of = works && (!told || beyond(&heard.troubles, troubles));
            std::thread::sleep(Duration::from_millis(500));
        });
        assert!(heard_of, "a worker begins, and tells of a full disk");
        drop(ballast);
        recover();
        trial.run_for(Duration::from_millis(300));
        recover();
    }
    trial.end();
}

#[test]
fn the_disk_is_full_on_sqlite() {
    disk::on_a_small_one("the_disk_is_full_on_sqlite", 192 + 2 * fills(), |small| {
        let books = small.folder().join("books.db").display().to_string();
        // Closed in order, the books leave no log behind: one that a kill leaves has room for the whole of a round.
        let close = || drop(store::open_existing(&books).unwrap());
        the_disk_is_full(&books, |_| (small.fill(0), true), close);
    });
}

/// Data and log of the server are on one disk. In turn a page has no room, which is an error, and the log has none, at which
/// the server goes down until somebody makes room and starts it; clients wait for it as at any restart.
#[test]
fn the_disk_is_full_on_postgresql() {
    disk::on_a_small_one("the_disk_is_full_on_postgresql", 192 + 4 * fills(), |small| {
        // Each new file of the log, of 16 megabytes, has to be made: none lies ready.
        let server = Server::start_in(small.folder(), "wal_recycle = off\nmin_wal_size = 32MB\nmax_wal_size = 48MB");
        let url = server.database();
        let count = |what: &str| server.log().lines().filter(|line| line.contains(what)).count();
        let fill = |round: u64| match round % 2 {
            0 => (small.fill(0), true),
            _ => {
                let (before, begun) = (count("PANIC"), Instant::now());
                let room = small.fill(8);
                // The file of the log that is being written ends here, and those that may lie ready after it. What a
                // checkpoint makes room for meanwhile, by taking old ones away, is taken too.
                while count("PANIC") == before && begun.elapsed() < SILENCE {
                    server.try_sql(&url, "SELECT pg_logical_emit_message(false, 'full', ''), pg_switch_wal()");
                    room.fill(8);
                }
                (room, false)
            }
        };
        the_disk_is_full(&url, fill, || server.recover());
        let (pages, logs) = (count("could not extend file"), count("PANIC"));
        println!("no room for a page: {pages}; none for the log, and the server went down: {logs}");
        assert!(logs > 0, "the log found room\n{}", server.log());
    });
}
