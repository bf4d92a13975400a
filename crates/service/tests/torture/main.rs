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

use std::time::Duration;

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

/// The disk fills up under load: nothing is acknowledged that is not there; when there is room again, all goes on.
#[test]
fn the_disk_is_full() {
    // Room for the log of all that is settled here before it is filled: it is carried over from 64 MB on.
    let Some(small) = disk::Small::mount(192) else {
        println!("no small disk can be mounted here (it takes root): the trial of a full disk is passed over");
        return;
    };
    let seed = seed();
    println!("seed {seed}");
    let mut trial = Trial::begin(&small.folder().join("books.db").display().to_string(), seed);
    for _ in 0..rounds().div_ceil(5) {
        trial.run_for(Duration::from_millis(300));
        let room = small.fill();
        let refused = trial.refused_while(|| std::thread::sleep(Duration::from_millis(700)));
        assert!(refused > 0, "a full disk is told");
        drop(room);
        trial.run_for(Duration::from_millis(300));
    }
    trial.end();
}
