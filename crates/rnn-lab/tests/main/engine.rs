//! Jobs on threads: what fails, what is left, which job comes first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rnn_lab::engine::{Settings, Shard, Summary, Task, Which, on_threads, plan};
use rnn_lab::{Folder, Job, State};

use super::toys::{bytes, draws, task};

const LIMIT: Duration = Duration::from_secs(10);

fn run(tasks: &[Task], folder: &Folder, threads: usize, limit: Duration) -> Summary {
    let planned = plan(tasks, folder, Which::Open, None);
    let settings = Settings { threads, limit };
    on_threads(tasks, &planned, folder, settings, &AtomicBool::new(false), &|_, _| {}).expect("a run")
}

#[test]
fn the_number_of_threads_does_not_change_a_byte() {
    let tasks: Vec<Task> = (0..12).map(|seed| task(draws(seed))).collect();
    let results = [1, 2, 4].map(|threads| {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(place.path()).expect("a folder");
        assert_eq!(run(&tasks, &folder, threads, LIMIT).done, 12);
        bytes(place.path())
    });
    assert_eq!(results[0].len(), 12, "a file for each job, and nothing else");
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn a_job_that_fails_is_recorded_and_stops_no_other() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let bad = ["panics", "fails", "nan"].map(|part| task(Job::new("toy", part)));
    let mut tasks = bad.to_vec();
    tasks.push(task(draws(1)));
    let summary = run(&tasks, &folder, 1, LIMIT);
    assert_eq!((summary.done, summary.failed), (1, 3));
    let reasons = bad.each_ref().map(|task| folder.failure(&task.job).expect("a note").reason);
    assert_eq!(reasons, ["panicked: on purpose", "broken", "number 1 of x is NaN"]);

    // They are left alone by a run of what is open, and run again by one of what has failed.
    assert!(plan(&tasks, &folder, Which::Open, None).is_empty());
    assert_eq!(plan(&tasks, &folder, Which::Failed, None), [0, 1, 2]);
}

#[test]
fn a_job_past_its_limit_has_failed() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let tasks = [task(Job::new("toy", "slow")), task(draws(1))];
    let start = Instant::now();
    let summary = run(&tasks, &folder, 1, Duration::from_millis(200));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!((summary.done, summary.failed), (1, 1));
    assert_eq!(folder.failure(&tasks[0].job).expect("a note").reason, "took longer than 200ms");
}

#[test]
fn a_run_that_is_asked_to_stop_drops_what_runs_and_starts_nothing() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let tasks = [task(Job::new("toy", "slow").cost(9.0)), task(draws(1))];
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let summary = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            stop.store(true, Ordering::Relaxed);
        });
        let settings = Settings { threads: 1, limit: LIMIT };
        on_threads(&tasks, &plan(&tasks, &folder, Which::Open, None), &folder, settings, &stop, &|_, _| {})
    });
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(summary.expect("a run").left, 2);
    assert!(tasks.iter().all(|task| folder.state(&task.job) == State::Open));
    assert!(bytes(place.path()).is_empty(), "no claim is left");
}

#[test]
fn the_longest_job_comes_first_and_shards_divide_all_of_them() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let tasks: Vec<Task> = (0..20).map(|seed| task(draws(seed))).collect();
    let all = plan(&tasks, &folder, Which::Open, None);
    assert!(all.is_sorted_by(|&a, &b| tasks[a].job.cost >= tasks[b].job.cost));
    let shard = |k| plan(&tasks, &folder, Which::Open, Some(Shard { k, n: 3 }));
    let mut together = [shard(1), shard(2), shard(3)].concat();
    together.sort_unstable();
    assert_eq!(together, (0..20).collect::<Vec<_>>());
}

#[test]
fn a_shard_is_written_as_two_numbers() {
    assert_eq!("2/8".parse(), Ok(Shard { k: 2, n: 8 }));
    for wrong in ["0/8", "9/8", "2", "a/b", "1/0", "-1/2"] {
        assert!(wrong.parse::<Shard>().is_err_and(|fault| fault.contains(wrong)), "{wrong}");
    }
}
