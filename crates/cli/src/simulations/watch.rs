//! How far a run is, for who looks at it; and that it is to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use microsim::Watch;
use microsim::run::{Progress, Spoilt};
use pages::simulate::{Stage, State};

/// Of a run whose population must be made, the thousandths that making it takes, as the guides have it for a million people.
const MAKING: u32 = 850;

/// How far it must be before the rest is estimated: sooner it would only be guessed.
const TOLD: (u32, Duration) = (30, Duration::from_millis(800));

/// A run as it is followed.
pub struct Watching {
    stop: AtomicBool,
    far: Mutex<Far>,
}

struct Far {
    began: Instant,
    stage: Stage,
    /// Thousandths of all that are done when the stage begins.
    before: u32,
    done: i64,
    all: i64,
}

impl Watching {
    /// A run that begins now.
    pub fn new() -> Watching {
        let far = Far { began: Instant::now(), stage: Stage::Making, before: 0, done: 0, all: 1 };
        Watching { stop: AtomicBool::new(false), far: Mutex::new(far) }
    }

    fn far(&self) -> MutexGuard<'_, Far> {
        self.far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks it to stop.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A population of so many persons and years is made now.
    pub fn making(&self, persons: i64) {
        self.begin(Stage::Making, 0, persons);
    }

    /// Its bills are settled now, in so many parts.
    pub fn settling(&self, parts: i64, made: bool) {
        self.begin(Stage::Settling, if made { MAKING } else { 0 }, parts);
    }

    fn begin(&self, stage: Stage, before: u32, all: i64) {
        let mut far = self.far();
        *far = Far { began: far.began, stage, before, done: 0, all: all.max(1) };
    }

    fn add(&self, done: i64) {
        let mut far = self.far();
        far.done = (far.done + done).min(far.all);
    }

    /// How far it is.
    pub fn state(&self) -> State {
        let far = self.far();
        let whole = if far.stage == Stage::Making { MAKING } else { 1_000 - far.before };
        let done = i64::from(whole) * far.done / far.all;
        let permille = far.before + u32::try_from(done).unwrap_or(0);
        let spent = far.began.elapsed();
        let left = (permille >= TOLD.0 && spent >= TOLD.1).then(|| spent * (1_000 - permille) / permille);
        State::Running { stage: far.stage, permille, left: left.map(|left| left.as_secs() + 1) }
    }
}

impl Watch for Watching {
    fn made(&self, persons: i64) {
        self.add(persons);
    }

    fn stopped(&self) -> bool {
        self.is_stopped()
    }
}

impl Progress for Watching {
    fn part(&self, _: i64, _: i64) {
        self.add(1);
    }

    fn left_out(&self, _: &[Spoilt]) {}

    fn stopped(&self) -> bool {
        self.is_stopped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permille(watch: &Watching) -> u32 {
        match watch.state() {
            State::Running { permille, .. } => permille,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn progress_only_rises_and_ends_at_all() {
        let watch = Watching::new();
        let mut seen = vec![permille(&watch)];
        watch.making(2_000);
        for _ in 0..3 {
            watch.made(1_000);
            seen.push(permille(&watch));
        }
        watch.settling(2, true);
        for _ in 0..2 {
            seen.push(permille(&watch));
            Progress::part(&watch, 2, 0);
        }
        seen.push(permille(&watch));
        assert_eq!(seen, [0, 425, 850, 850, 850, 925, 1_000]);
    }
}
