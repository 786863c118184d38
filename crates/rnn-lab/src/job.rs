//! The smallest piece of work.

use std::fmt::Write as _;

use rnn_data::PortableRng;
use sha2::{Digest, Sha256};

/// Results written by another version of the format are not read: the version is a part of every file name.
const FORMAT: u32 = 1;

/// One computation of an experiment: it depends on nothing but what is written here.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The experiment's name, as `E5`.
    pub experiment: &'static str,
    /// Which of the experiment's computations this is, as `train`.
    pub part: &'static str,
    /// The parameters by name, in the order in which the experiment gives them.
    pub parameters: Vec<(&'static str, f64)>,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// About how many seconds the job takes. The longest jobs are started first. This is no part of the job's name.
    pub cost: f64,
}

impl Job {
    /// A job without parameters, with seed 0, that takes about a second.
    pub fn new(experiment: &'static str, part: &'static str) -> Self {
        Self { experiment, part, parameters: Vec::new(), seed: 0, cost: 1.0 }
    }

    /// The job with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.parameters.push((name, value));
        self
    }

    /// The job with another seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The job with an estimate of the seconds that it takes.
    #[must_use]
    pub fn cost(mut self, seconds: f64) -> Self {
        self.cost = seconds;
        self
    }

    /// The value of a parameter.
    ///
    /// # Panics
    /// If the job has no such parameter, which is a fault of the experiment.
    pub fn get(&self, name: &str) -> f64 {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("{} {} has no parameter {name}", self.experiment, self.part)).1
    }

    /// The value of a parameter that counts something.
    ///
    /// # Panics
    /// As [`get`](Self::get), and if the value is no count.
    pub fn count(&self, name: &str) -> usize {
        let value = self.get(name);
        let count = value as usize;
        assert!(count as f64 == value, "{} {}: {name} is {value}, not a count", self.experiment, self.part);
        count
    }

    /// The job in words, as `E5 train n=16 seed=3`.
    pub fn words(&self) -> String {
        let mut words = format!("{} {}", self.experiment, self.part);
        for (name, value) in &self.parameters {
            let _ = write!(words, " {name}={value}");
        }
        words + &format!(" seed={}", self.seed)
    }

    /// 64 hexadecimal digits that follow from the job and from the version of the format of results.
    pub fn key(&self) -> String {
        self.digest().iter().fold(String::new(), |key, byte| key + &format!("{byte:02x}"))
    }

    /// A generator of random numbers that follows from the whole job: its experiment, part, parameters and seed.
    pub fn rng(&self) -> PortableRng {
        let digest = self.digest();
        PortableRng::new(digest[..8].iter().fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(format!("rnn-lab {FORMAT}\n{}", self.words())).into()
    }
}
