//! What the disk takes by itself while a load runs: a file written over and synced again and again, by nobody but this.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A page, as a database writes it.
const PAGE: usize = 8192;
/// Pages of the file, which is written before, so that a sync moves data and nothing else.
const PAGES: u64 = 128;
/// From one sync's beginning to the next.
const EVERY: Duration = Duration::from_millis(20);

/// A thread that syncs until it is told to stop.
pub struct Probe {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Duration>>,
}

impl Probe {
    /// Begins, with a file in a folder of the disk that is asked about.
    pub fn start(folder: &Path) -> Probe {
        let file = tempfile::tempfile_in(folder).unwrap();
        file.write_all_at(&vec![0; PAGE * PAGES as usize], 0).unwrap();
        file.sync_all().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        Probe { stop, thread: thread::spawn(move || sync(&file, &seen)) }
    }

    /// Ends. Gives the 99th percentile of what a sync took, in milliseconds, each moment alike: of a sync that kept others from
    /// beginning, those count too, as long as each would have waited.
    pub fn stop(self) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        let took = self.thread.join().unwrap();
        let waited = |took: Duration| std::iter::successors(Some(took), |left| left.checked_sub(EVERY));
        let mut waits: Vec<Duration> = took.into_iter().flat_map(waited).collect();
        waits.sort_unstable();
        waits[waits.len() * 99 / 100].as_secs_f64() * 1e3
    }
}

fn sync(file: &File, stop: &AtomicBool) -> Vec<Duration> {
    let mut took = Vec::new();
    for nth in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let begun = Instant::now();
        file.write_all_at(&[nth as u8; PAGE], nth % PAGES * PAGE as u64).unwrap();
        file.sync_data().unwrap();
        took.push(begun.elapsed());
        thread::sleep(EVERY.saturating_sub(begun.elapsed()));
    }
    took
}
