//! Work shared among threads by rows, where there is enough of it to gain.
//!
//! Rows are shared out, never a sum: no bit of any result depends on the number of threads. The threads are those of
//! rayon's pool that the caller is in, so `RAYON_NUM_THREADS` and `ThreadPool::install` decide how many. Work that is
//! too small, the steps of every small network, never touches the pool.

/// Multiply-adds that a thread should have at least each time work is handed over: some ten microseconds, several times
/// what that costs between threads that are awake.
const GRAIN: usize = 1 << 20;

/// Multiply-adds that all of the work must have at least: waking the threads takes as long as a tenth of these.
const ALL: usize = 1 << 25;

/// Rows that a thread should have at least: with fewer, the product is slower for each.
const ROWS: usize = 8;

/// Something whose rows do not depend on each other.
pub(crate) trait Rows: Sized + Send {
    /// How many rows there are.
    fn rows(&self) -> usize;
    /// The rows before `row`, to be cut into `tasks` at most, and the others.
    fn split(self, row: usize, tasks: usize) -> (Self, Self);
    /// Works on all rows.
    fn run(self);
}

/// The multiply-adds of a product of these sizes, or as many as can be counted.
pub(crate) fn work(sizes: &[usize]) -> usize {
    sizes.iter().fold(1, |all: usize, &size| all.saturating_mul(size))
}

/// Into how many tasks to cut `rows` rows, which together take so many multiply-adds, `times` times one after the other.
pub(crate) fn tasks(rows: usize, multiply_adds: usize, times: usize) -> usize {
    let most = (rows / ROWS).min(multiply_adds / GRAIN);
    if most < 2 || multiply_adds.saturating_mul(times) < ALL { 1 } else { most.min(threads()) }
}

#[cfg(feature = "rayon")]
fn threads() -> usize {
    rayon::current_num_threads()
}

/// The caller's alone.
#[cfg(not(feature = "rayon"))]
fn threads() -> usize {
    1
}

/// Works on all rows, cut into so many tasks, or fewer: a step of a batch in which some sequences have ended has fewer rows
/// than were planned for, and none at all after the end of the last one.
pub(crate) fn run<T: Rows>(tasks: usize, work: T) {
    match work.rows() {
        0 => return,
        1..=ROWS => return work.run(),
        _ if tasks < 2 => return work.run(),
        _ => {}
    }
    let first = tasks / 2;
    let row = (work.rows() * first / tasks).next_multiple_of(ROWS).min(work.rows());
    let (a, b) = work.split(row, first);
    join(|| run(first, a), || run(tasks - first, b));
}

/// Runs `work` where handing over tasks is cheap: inside the pool, if it will be cut into several.
pub(crate) fn enter(tasks: usize, work: impl FnOnce() + Send) {
    if tasks < 2 { work() } else { join(work, || ()) }
}

#[cfg(feature = "rayon")]
fn join(a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    rayon::join(a, b);
}

#[cfg(not(feature = "rayon"))]
fn join(a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    a();
    b();
}
