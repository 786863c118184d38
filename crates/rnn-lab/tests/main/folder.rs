//! The folder of results: what is there is whole, belongs to its job, and is made by one process at a time.

use std::fs;

use rnn_lab::{Error, Folder, Job, Numbers, State};

use super::toys::draws;

fn numbers() -> Numbers {
    Numbers::new().with("x", [0.1, 1.0 / 3.0, 5e-324, 1.797e308]).value("y", -0.0)
}

#[test]
fn what_is_stored_is_read_to_the_last_bit() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let job = draws(3);
    assert_eq!(folder.state(&job), State::Open);
    folder.store(&job, &numbers(), 1.5).expect("stored");
    assert_eq!(folder.state(&job), State::Done);
    let read = folder.load(&job).expect("a result");
    let bits = |numbers: &Numbers| -> Vec<u64> {
        let lists = ["x", "y"].map(|name| numbers.list(name).expect("a list").to_vec());
        lists.concat().into_iter().map(f64::to_bits).collect()
    };
    assert_eq!(bits(&read), bits(&numbers()));
    assert_eq!(folder.seconds(&job), 1.5);
}

#[test]
fn every_change_of_a_job_changes_its_key() {
    let job = Job::new("E1", "part").with("n", 16.0).seed(2);
    let others = [
        Job::new("E2", "part").with("n", 16.0).seed(2),
        Job::new("E1", "other").with("n", 16.0).seed(2),
        Job::new("E1", "part").with("m", 16.0).seed(2),
        Job::new("E1", "part").with("n", 17.0).seed(2),
        Job::new("E1", "part").with("n", 16.0).seed(3),
    ];
    assert!(others.iter().all(|other| other.key() != job.key()));
    assert_eq!(job.clone().cost(77.0).key(), job.key(), "the estimate of its time is no part of a job");
}

#[test]
fn a_damaged_or_foreign_file_is_named() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let (job, other) = (draws(3), draws(4));
    for each in [&job, &other] {
        folder.store(each, &numbers(), 0.0).expect("stored");
    }
    let path = |job: &Job| place.path().join("jobs/toy").join(format!("{}.json", job.key()));
    let text = fs::read(path(&job)).expect("a file");

    fs::write(path(&job), &text[..text.len() / 2]).expect("written");
    assert!(matches!(folder.load(&job), Err(Error::Foreign { .. })));
    fs::copy(path(&other), path(&job)).expect("copied");
    let error = folder.load(&job).expect_err("another job's result");
    assert!(error.to_string().contains("remove the file"), "{error}");
}

#[test]
fn a_job_has_one_owner() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let job = draws(3);
    let claim = folder.claim(&job).expect("a folder").expect("nobody else");
    assert!(folder.claim(&job).expect("a folder").is_none());
    drop(claim);
    let claim = folder.claim(&job).expect("a folder").expect("free again");
    folder.store(&job, &numbers(), 0.0).expect("stored");
    drop(claim);
    assert!(folder.claim(&job).expect("a folder").is_none(), "it is done");
    assert_eq!(fs::read_dir(place.path().join("jobs/toy")).expect("a folder").count(), 2, "no claim is left");
}

#[test]
fn a_new_run_waits_for_nobody_and_removes_nothing_of_a_run_at_work() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(place.path()).expect("a folder");
    let job = draws(3);
    folder.store(&job, &numbers(), 0.0).expect("stored");
    let at_work = folder.join().expect("nobody else");
    let also = folder.join().expect("they share");
    assert!(matches!(folder.begin([&job]), Err(Error::Busy { .. })));
    assert_eq!(folder.state(&job), State::Done);
    drop((at_work, also));
    let _begun = folder.begin([&job]).expect("nobody at work");
    assert_eq!(folder.state(&job), State::Open);
    folder.join().expect("others may join once the old results are gone");
}

#[test]
fn an_error_says_its_cause_once() {
    let place = tempfile::tempdir().expect("a folder");
    fs::write(place.path().join("file"), "mine").expect("written");
    let error = Folder::open(place.path().join("file")).expect_err("a file");
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(error.to_string().contains("file") && !error.to_string().contains(&cause), "{error}: {cause}");
}
