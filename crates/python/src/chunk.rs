//! Work on many pieces, by some threads; results in the order of the pieces.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the work on each piece. As many threads as there are processors, if not said otherwise; one works without any other.
pub fn each<P: Sync, R: Send>(pieces: &[P], threads: Option<usize>, work: impl Fn(&P) -> R + Sync) -> Vec<R> {
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
    let threads = threads.min(pieces.len());
    if threads <= 1 {
        return pieces.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let taken = || {
        let mut done = Vec::new();
        while let Some((at, piece)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, pieces.get(at)?)))
        {
            done.push((at, work(piece)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(taken)).collect();
        let ended =
            running.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|what| std::panic::resume_unwind(what)));
        ended.collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
