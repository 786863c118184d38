//! Where computations wait their turn.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

/// As many computations at once as there are cores, each on a thread where it may take its time.
#[derive(Debug)]
pub(crate) struct Desk {
    seats: Arc<Semaphore>,
    limit: Duration,
    shift: Duration,
}

/// Why a computation brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unserved {
    /// No seat was free in time.
    Busy,
    /// It panicked.
    Panicked,
}

impl Desk {
    /// Work that waits for a seat and is not done when `limit` is over is told to stop; so is work that has been going on
    /// for a `shift`.
    pub(crate) fn new(seats: usize, limit: Duration, shift: Duration) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), limit, shift }
    }

    /// Runs `work` once a seat is free. What `work` is given to ask says no once its time is over, once `hurry` is ready, and
    /// once the future is dropped, which is what happens when a connection breaks.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        hurry: impl Future<Output = ()>,
        work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T, Unserved> {
        let deadline = Instant::now() + self.limit;
        let stopped = Arc::new(AtomicBool::new(false));
        let guard = SetOnDrop(Arc::clone(&stopped));
        let served = async {
            let seat = timeout_at(deadline, Arc::clone(&self.seats).acquire_owned()).await;
            let Ok(Ok(seat)) = seat else { return Err(Unserved::Busy) };
            let end = deadline.min(Instant::now() + self.shift);
            let task = spawn_blocking(move || {
                // The seat is kept until the work is done, whether or not somebody waits for it.
                let _seat = seat;
                work(&|| !stopped.load(Ordering::Relaxed) && Instant::now() < end)
            });
            task.await.map_err(|_| Unserved::Panicked)
        };
        let mut served = pin!(served);
        tokio::select! {
            outcome = &mut served => return outcome,
            () = hurry => drop(guard),
        }
        served.await
    }
}

struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    use super::{Desk, Unserved};

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(20);

    fn in_runtime<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    fn until_told_not_to(go_on: &dyn Fn() -> bool) {
        while go_on() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// A seat that is lost with a panic, or a panic that ends the server.
    #[test]
    #[expect(clippy::panic, reason = "that is what is tested")]
    fn a_panic_leaves_the_seat_free() {
        in_runtime(async {
            let desk = Desk::new(1, LONG, LONG);
            let outcome = desk.run(pending(), |_| -> u32 { panic!("as it should, in this test") }).await;
            assert_eq!(outcome, Err(Unserved::Panicked));
            assert_eq!(desk.run(pending(), |_| 7).await, Ok(7));
        });
    }

    /// Work that goes on for a client who is gone; its seat would never be free.
    #[test]
    fn work_is_told_when_nobody_waits_for_it() {
        in_runtime(async {
            let desk = Desk::new(1, LONG, LONG);
            let (started, has_started) = mpsc::channel();
            let work = move |go_on: &dyn Fn() -> bool| {
                started.send(()).unwrap();
                until_told_not_to(go_on);
            };
            tokio::select! {
                _ = desk.run(pending(), work) => unreachable!("it does not end of itself"),
                () = async { while has_started.try_recv().is_err() { tokio::time::sleep(SHORT).await } } => {}
            }
            assert_eq!(desk.run(pending(), |go_on| go_on()).await, Ok(true));
        });
    }

    /// Work without an end; a wait that does not count.
    #[test]
    fn work_and_waiting_for_it_end_in_time() {
        in_runtime(async {
            let desk = Desk::new(1, SHORT, LONG);
            assert_eq!(desk.run(pending(), until_told_not_to).await, Ok(()));
            let (release, released) = mpsc::channel::<()>();
            let stubborn = desk.run(pending(), move |_| released.recv_timeout(LONG).is_ok());
            let late = async {
                let outcome = desk.run(pending(), |_| ()).await;
                // Nobody may be left to hear it.
                let _ = release.send(());
                outcome
            };
            assert_eq!(tokio::join!(stubborn, late), (Ok(true), Err(Unserved::Busy)));
        });
    }

    /// A long training that says nothing until the whole limit is over.
    #[test]
    fn work_ends_with_its_shift() {
        in_runtime(async {
            let desk = Desk::new(1, LONG, SHORT);
            assert_eq!(desk.run(pending(), until_told_not_to).await, Ok(()));
        });
    }

    /// Work that goes on, or is dropped without an answer, for a client who may be gone.
    #[test]
    fn work_that_is_to_hurry_ends_with_an_answer() {
        in_runtime(async {
            let desk = Desk::new(1, LONG, LONG);
            let hurry = || tokio::time::sleep(SHORT);
            assert_eq!(desk.run(hurry(), until_told_not_to).await, Ok(()));
            let (release, released) = mpsc::channel::<()>();
            let stubborn = desk.run(pending(), move |_| released.recv_timeout(LONG).is_ok());
            let waiting = desk.run(hurry(), |go_on| go_on());
            let later = async {
                tokio::time::sleep(4 * SHORT).await;
                release.send(()).unwrap();
            };
            assert_eq!(tokio::join!(stubborn, waiting, later), (Ok(true), Ok(false), ()));
        });
    }

    /// More work at once than there are seats: more threads than cores, each slower than it need be.
    #[test]
    fn one_seat_is_for_one_at_a_time() {
        in_runtime(async {
            let (desk, working) = (Desk::new(1, LONG, LONG), Arc::new(AtomicUsize::new(0)));
            let shift = || {
                let working = Arc::clone(&working);
                desk.run(pending(), move |_| {
                    let others = working.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(SHORT);
                    working.fetch_sub(1, Ordering::SeqCst);
                    others
                })
            };
            assert_eq!(tokio::join!(shift(), shift(), shift()), (Ok(0), Ok(0), Ok(0)));
        });
    }
}
