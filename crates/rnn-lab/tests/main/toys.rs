//! Experiments whose jobs are quick, slow or broken, and ranks that are threads of this process.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rnn_core::Random;
use rnn_lab::engine::{Link, Task};
use rnn_lab::{About, Conclusion, Error, Experiment, Job, Numbers, Result, Results, Scope};

/// Each part of it behaves in its own way.
#[derive(Debug)]
pub(crate) struct Toy;

impl Experiment for Toy {
    fn about(&self) -> About {
        About { id: "toy", name: "toy", question: "", why: "", setting: "", formula: "", sources: &[] }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        scope.seeds(12).map(draws).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        match job.part {
            "draws" => {
                std::thread::sleep(Duration::from_millis(job.count("ms") as u64));
                let mut drawn = vec![0.0f64; 4];
                job.rng().fill_normal(&mut drawn);
                Ok(Numbers::new().with("drawn", drawn))
            }
            "panics" => panic!("on purpose"),
            "fails" => Err(Error::Other("broken".to_owned())),
            "nan" => Ok(Numbers::new().with("x", [1.0, f64::NAN])),
            "slow" => {
                std::thread::sleep(Duration::from_secs(20));
                Ok(Numbers::new())
            }
            part => panic!("no part {part}"),
        }
    }

    fn conclude(&self, _: &Results) -> Result<Conclusion> {
        Ok(Conclusion { findings: Vec::new(), figure: None, text: Vec::new() })
    }
}

/// A job that sleeps for some milliseconds, which differ, and draws four numbers.
pub(crate) fn draws(seed: u64) -> Job {
    let ms = (seed * 7 % 11) as f64;
    Job::new("toy", "draws").with("ms", ms).seed(seed).cost(ms / 1000.0)
}

pub(crate) fn task(job: Job) -> Task {
    Task { experiment: &Toy, job }
}

/// The bytes of every file that does not depend on time, sorted by name.
pub(crate) fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return all };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(bytes(&path));
        } else if path.extension().is_none_or(|ending| ending != "seconds") {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            all.push((name, std::fs::read(&path).expect("a file")));
        }
    }
    all.sort();
    all
}

/// A rank that is a thread of this process.
pub(crate) struct Rank {
    rank: usize,
    inbox: RefCell<VecDeque<(usize, Vec<u8>)>>,
    from: Receiver<(usize, Vec<u8>)>,
    to: Vec<Sender<(usize, Vec<u8>)>>,
}

/// `size` ranks that can send each other messages.
pub(crate) fn ranks(size: usize) -> Vec<Rank> {
    let (to, from): (Vec<_>, Vec<_>) = (0..size).map(|_| channel()).unzip();
    let rank = |(rank, from)| Rank { rank, inbox: RefCell::default(), from, to: to.clone() };
    from.into_iter().enumerate().map(rank).collect()
}

impl Link for Rank {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn send(&self, to: usize, message: &[u8]) {
        self.to[to].send((self.rank, message.to_vec())).expect("the other rank listens");
    }

    fn receive(&self) -> Option<(usize, Vec<u8>)> {
        let mut inbox = self.inbox.borrow_mut();
        inbox.extend(self.from.try_iter());
        inbox.pop_front()
    }
}
