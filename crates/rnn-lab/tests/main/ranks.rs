//! Jobs on ranks: the same bytes as on threads, and no rank waits for another.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rnn_lab::engine::{Summary, Task, Which, dismiss, follow, lead, plan};
use rnn_lab::{Folder, Job};

use super::toys::{bytes, draws, ranks, task};

const LIMIT: Duration = Duration::from_secs(10);

/// Runs on so many ranks.
fn run(tasks: &[Task], folder: &Folder, size: usize) -> Summary {
    let planned = plan(tasks, folder, Which::Open, None);
    let mut ranks = ranks(size).into_iter();
    let first = ranks.next().expect("rank 0");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for rank in ranks {
            let stop = &stop;
            scope.spawn(move || follow(&rank, tasks, LIMIT, stop).expect("orders"));
        }
        lead(&first, tasks, &planned, folder, LIMIT, &stop, |_, _| {}).expect("results")
    })
}

#[test]
fn the_number_of_ranks_does_not_change_a_byte() {
    let mut tasks: Vec<Task> = (0..30).map(|seed| task(draws(seed))).collect();
    tasks.push(task(Job::new("toy", "panics")));
    let results = [1, 2, 4].map(|size| {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(place.path()).expect("a folder");
        let summary = run(&tasks, &folder, size);
        assert_eq!((summary.done, summary.failed), (30, 1));
        bytes(place.path())
    });
    assert_eq!(results[0].len(), 31);
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn ranks_spend_their_time_in_jobs() {
    // 200 jobs of 0 to 200 milliseconds on 4 ranks. The jobs sleep, so that other work on the machine counts little.
    let job = |seed: u64| {
        let ms = (seed * 37 % 201) as f64;
        task(Job::new("toy", "draws").with("ms", ms).seed(seed).cost(ms))
    };
    let tasks: Vec<Task> = (0..200).map(job).collect();
    let place = tempfile::tempdir().expect("a folder");
    let summary = run(&tasks, &Folder::open(place.path()).expect("a folder"), 4);
    assert_eq!(summary.done, 200);
    assert!(summary.share() >= 0.95, "{summary:?}");
}

#[test]
fn ranks_without_work_end() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    assert_eq!(run(&[task(draws(1))], &folder, 4).done, 1);
    assert_eq!(run(&[task(draws(1))], &folder, 4).done, 0, "it is done");
}

#[test]
fn ranks_end_if_the_first_one_cannot_begin() {
    let tasks = [task(draws(1))];
    let mut ranks = ranks(3).into_iter();
    let first = ranks.next().expect("rank 0");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for rank in ranks {
            let (tasks, stop) = (&tasks, &stop);
            scope.spawn(move || follow(&rank, tasks, LIMIT, stop).expect("an order"));
        }
        dismiss(&first);
    });
}
