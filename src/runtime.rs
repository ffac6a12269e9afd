//! What the process needs before its first thread: how many threads compute, and an allocator that
//! keeps what it has.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;

/// Prepares the process for training. `threads` is the number of threads that compute; `None` takes
/// one per physical core that this process may use.
///
/// Must be called once, first thing in `main`: it sets environment variables that the tensor engine
/// reads, which is only safe while there is a single thread.
pub fn prepare(threads: Option<usize>) {
    let threads = threads
        .filter(|&threads| threads > 0)
        .unwrap_or_else(default_threads);
    // SAFETY: no other thread exists yet, so nobody reads the environment at the same time.
    unsafe {
        // Without it candle reads /proc/cpuinfo at every matrix product.
        std::env::set_var("RAYON_NUM_THREADS", threads.to_string());
        // Its second pool would spin beside ours.
        std::env::set_var("CANDLE_NUM_THREADS", "1");
    }
    keep_freed_memory();
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        // Dropping a long graph recurses.
        .stack_size(64 << 20)
        .thread_name(|i| format!("compute-{i}"));
    // Fails only when the pool exists already; then its size was chosen elsewhere.
    pool.build_global().ok();
}

/// Runs `work` on a thread of the pool. What it shares out is then begun at once by that thread
/// itself, where a thread from outside would wake another and sleep, hundreds of times a step.
///
/// The other threads of the pool stay awake meanwhile and look for work without a pause: a pass
/// shares out something every few hundred microseconds, and a thread that has fallen asleep takes
/// tens of them to come back.
pub fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| {
        let _awake = Awake::begin();
        work()
    })
}

/// How often a pass has begun or ended. While it stands still, one pass runs.
static TURNS: AtomicUsize = AtomicUsize::new(0);

/// While this lives, the threads of the pool do not fall asleep, unless another pass begins or ends
/// beside it.
struct Awake;

impl Awake {
    /// Called on a thread of the pool, which is the one that is not kept.
    fn begin() -> Self {
        let turn = TURNS.fetch_add(1, Ordering::AcqRel) + 1;
        let here = rayon::current_thread_index();
        rayon::spawn_broadcast(move |thread| {
            if Some(thread.index()) != here {
                look_for_work_during(turn);
            }
        });
        Self
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        TURNS.fetch_add(1, Ordering::AcqRel);
    }
}

/// How long a thread is kept awake while there is nothing to do: longer than any stretch of a pass
/// that one thread does alone.
const PATIENCE: Duration = Duration::from_millis(5);

/// Patience must end and so must this: a thread may come here while a piece of that very pass lies
/// half done below on its stack, waiting for a part that another thread took. The pass then waits
/// for the piece, and the piece for the return from here.
fn look_for_work_during(turn: usize) {
    let mut found = Instant::now();
    while TURNS.load(Ordering::Acquire) == turn && found.elapsed() < PATIENCE {
        if rayon::yield_now() == Some(rayon::Yield::Idle) {
            // Whoever else wants the core gets it.
            std::thread::yield_now();
        } else {
            found = Instant::now();
        }
    }
}

/// One thread per core that this process may use.
pub fn default_threads() -> usize {
    let allowed = std::thread::available_parallelism().map_or(1, usize::from);
    // Two hyperthreads share one set of multipliers: a thread for each only makes them queue.
    allowed.min(num_cpus::get_physical()).max(1)
}

/// A training step frees and asks for the same large buffers again and again. By default glibc
/// hands each back to the kernel, and every step pays for fresh zeroed pages: about a third of it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keep_freed_memory() {
    // SAFETY: mallopt only sets numbers of the allocator; it is called before any other thread.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_freed_memory() {}

/// Hands freed memory back to the system: once, when a model and its optimiser have been dropped.
pub fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim looks at the allocator's own free lists only, under its locks.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The most memory that this process has held so far, in bytes, where the platform tells.
#[cfg(unix)]
pub fn peak_memory() -> Option<u64> {
    // SAFETY: getrusage fills the structure that it is given, for which all zeros are valid.
    let (outcome, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::getrusage(libc::RUSAGE_SELF, &raw mut usage), usage)
    };
    // macOS counts bytes, everyone else kibibytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    (outcome == 0).then_some(usage.ru_maxrss as u64 * unit)
}

/// The most memory that this process has held so far, in bytes, where the platform tells.
#[cfg(not(unix))]
pub fn peak_memory() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    /// Looks at `flag` without a pause, for at most ten seconds.
    fn comes(flag: &AtomicBool) -> bool {
        let since = Instant::now();
        while !flag.load(Ordering::Acquire) && since.elapsed() < Duration::from_secs(10) {
            std::hint::spin_loop();
        }
        flag.load(Ordering::Acquire)
    }

    #[test]
    fn a_pass_never_waits_for_a_thread_that_it_keeps_awake() {
        let [taken, begun, done] = [const { AtomicBool::new(false) }; 3];
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let pass =
            || comes(&taken) && in_pool(|| (begun.store(true, Ordering::Release), comes(&done)).1);
        // A piece of work that looks for more, as one does that waits for its own parts, finds
        // that it should keep awake.
        let piece = || {
            taken.store(true, Ordering::Release);
            comes(&begun);
            while rayon::yield_now() == Some(rayon::Yield::Executed) {}
            done.store(true, Ordering::Release);
        };
        let (ended, ()) = pool.install(|| rayon::join(pass, piece));
        assert!(
            ended,
            "the pass waited for its piece, and the piece for the pass"
        );
    }
}
