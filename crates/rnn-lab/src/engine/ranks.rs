//! The jobs on the ranks of a [`Link`].
//!
//! Rank 0 hands out the jobs, one at a time and the longest first, and stores every result; the other ranks need not see the
//! folder. Each rank runs one job at a time, rank 0 as well, on a second thread. There are only messages between rank 0 and one
//! other rank, so that a rank that is slow delays nobody.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::link::{LOOK, Link, wait};
use super::{Attempt, Summary, Task, attempt, stopped};
use crate::error::{Error, Result};
use crate::folder::{Claim, Folder};

/// From rank 0 to another.
#[derive(Debug, Serialize, Deserialize)]
enum Order {
    /// Run the job of this index.
    Run(usize),
    /// Nothing is left.
    End,
}

/// From a rank to rank 0. Each asks for the next job.
#[derive(Debug, Serialize, Deserialize)]
enum Report {
    /// Nothing was run yet.
    Ready,
    /// How the job of this index ended; `None` if it was dropped, because this rank was asked to stop.
    Ended(usize, Option<Attempt>),
}

/// Rank 0: has the jobs of `planned`, indices of `tasks`, run in that order by all ranks, and stores the results. `seen` is called
/// after each job.
///
/// `tasks` has to be the same list on every rank.
///
/// # Errors
/// If a result cannot be stored, or another rank sends what cannot be read. The other ranks are told to end first.
pub fn lead(
    link: &impl Link,
    tasks: &[Task],
    planned: &[usize],
    folder: &Folder,
    limit: Duration,
    stop: &AtomicBool,
    mut seen: impl FnMut(&Task, Option<&str>),
) -> Result<Summary> {
    let start = Instant::now();
    let mut desk = Desk {
        tasks,
        folder,
        stop,
        waiting: planned.iter().copied().collect(),
        claims: HashMap::new(),
        summary: Summary::default(),
        fault: None,
    };
    std::thread::scope(|scope| {
        let (orders, inbox): (Sender<Order>, Receiver<Order>) = channel();
        let (outbox, reports) = channel();
        scope.spawn(move || own_work(tasks, limit, stop, &inbox, &outbox));
        let mut working = link.size();
        while working > 0 {
            let mut idle = true;
            while let Ok(report) = reports.try_recv() {
                idle = false;
                let order = desk.next();
                working -= usize::from(matches!(order, Order::End));
                // The thread listens until it is told to end.
                let _ = orders.send(order);
                desk.store(report, &mut seen);
            }
            while let Some((from, message)) = link.receive() {
                idle = false;
                // The rank works on while its result is written.
                let order = desk.next();
                working -= usize::from(matches!(order, Order::End));
                link.send(from, &encode(&order));
                match serde_json::from_slice(&message) {
                    Ok(report) => desk.store(report, &mut seen),
                    Err(error) => desk.fail(Error::Other(format!("rank {from} sent no report: {error}"))),
                }
            }
            if idle {
                std::thread::sleep(LOOK);
            }
        }
    });
    if let Some(error) = desk.fault {
        return Err(error);
    }
    let mut summary = desk.summary;
    summary.left += desk.waiting.len();
    summary.present = start.elapsed().as_secs_f64() * link.size() as f64;
    Ok(summary)
}

/// Rank 0, if it cannot [`lead`]: tells every other rank that there is nothing to do. Each of them would wait for ever without it.
pub fn dismiss(link: &impl Link) {
    for _ in 1..link.size() {
        let (from, _) = wait(link);
        link.send(from, &encode(&Order::End));
    }
}

/// Every other rank: runs what rank 0 says, until that says that nothing is left.
///
/// # Errors
/// If rank 0 sends what cannot be read.
pub fn follow(link: &impl Link, tasks: &[Task], limit: Duration, stop: &AtomicBool) -> Result<()> {
    let mut report = Report::Ready;
    loop {
        link.send(0, &encode(&report));
        let (_, message) = wait(link);
        let order = serde_json::from_slice(&message);
        match order.map_err(|error| Error::Other(format!("rank 0 sent no order: {error}")))? {
            Order::End => return Ok(()),
            Order::Run(index) => report = run(tasks, index, limit, stop),
        }
    }
}

/// The jobs of rank 0 itself.
fn own_work(
    tasks: &[Task],
    limit: Duration,
    stop: &AtomicBool,
    inbox: &Receiver<Order>,
    outbox: &Sender<Report>,
) {
    let mut report = Report::Ready;
    while outbox.send(report).is_ok() {
        match inbox.recv() {
            Ok(Order::Run(index)) => report = run(tasks, index, limit, stop),
            Ok(Order::End) | Err(_) => return,
        }
    }
}

fn run(tasks: &[Task], index: usize, limit: Duration, stop: &AtomicBool) -> Report {
    let Some(task) = tasks.get(index) else {
        let reason = "this rank has no such job: all ranks need the same program";
        return Report::Ended(index, Some(Attempt { outcome: Err(reason.to_owned()), seconds: 0.0 }));
    };
    Report::Ended(index, attempt(task, limit, stop))
}

fn encode(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect("names and finite numbers")
}

/// What rank 0 knows.
struct Desk<'a> {
    tasks: &'a [Task],
    folder: &'a Folder,
    stop: &'a AtomicBool,
    /// The jobs that nobody has been given.
    waiting: std::collections::VecDeque<usize>,
    /// Those that somebody runs.
    claims: HashMap<usize, Claim>,
    summary: Summary,
    /// The first error. Nothing is handed out after it.
    fault: Option<Error>,
}

impl Desk<'_> {
    /// Hands out nothing more, because of this error, or of an earlier one.
    fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }

    /// Stores what a rank reports.
    fn store(&mut self, report: Report, seen: &mut impl FnMut(&Task, Option<&str>)) {
        self.try_store(report, seen).unwrap_or_else(|error| self.fail(error));
    }

    fn try_store(&mut self, report: Report, seen: &mut impl FnMut(&Task, Option<&str>)) -> Result<()> {
        let Report::Ended(index, attempt) = report else { return Ok(()) };
        // Free for others only once its result is there.
        let _claim = self.claims.remove(&index);
        self.summary.record(&self.tasks[index], attempt, self.folder, seen)
    }

    /// What a rank that asks is to do.
    fn next(&mut self) -> Order {
        if stopped(self.stop) || self.fault.is_some() {
            return Order::End;
        }
        while let Some(index) = self.waiting.pop_front() {
            match self.folder.claim(&self.tasks[index].job) {
                Ok(Some(claim)) => {
                    self.claims.insert(index, claim);
                    return Order::Run(index);
                }
                Ok(None) => self.summary.elsewhere += 1,
                Err(error) => {
                    self.fail(error);
                    break;
                }
            }
        }
        Order::End
    }
}
