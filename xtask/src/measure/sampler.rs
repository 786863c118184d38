//! Times a subject, a little at a time.

use std::time::Instant;

use anyhow::{Result, anyhow};

use super::samples::Samples;
use super::subject::Subject;

/// The clock is read at most this often, in seconds: reading it and the loop around the call must not count.
const SHORTEST: f64 = 50e-6;

/// The share of the time that goes to warming up: caches, branch predictors, memory that is touched first, clocks.
const WARM_UP: f64 = 0.1;

/// A call that takes so many times all the time there is gets no warm-up.
const PATIENCE: f64 = 2.0;

/// A subject and its samples so far.
pub(crate) struct Sampler {
    subject: Subject,
    /// How many calls make a sample.
    calls: usize,
    /// Seconds of samples wanted in all.
    total: f64,
    /// Seconds that warming up still takes.
    cold: f64,
    spent: f64,
    samples: Vec<f64>,
}

impl Sampler {
    /// For about `total` seconds, in one round or more.
    pub(crate) fn new(subject: Subject, total: f64) -> Self {
        Self { subject, calls: 1, total, cold: WARM_UP * total, spent: 0.0, samples: Vec::new() }
    }

    /// Samples until `share`, from 0 to 1, of the time is used up, and takes at least one sample in all.
    ///
    /// What is warm-up does not count.
    pub(crate) fn run_to(&mut self, share: f64) -> Result<()> {
        while self.samples.is_empty() || self.spent < share * self.total {
            let start = Instant::now();
            (self.subject)(self.calls)?;
            let seconds = start.elapsed().as_secs_f64();
            if seconds < SHORTEST {
                self.cold -= seconds;
                self.calls *= 2;
            } else if self.cold > 0.0 && seconds < PATIENCE * self.total {
                self.cold -= seconds;
            } else {
                self.spent += seconds;
                self.samples.push(seconds / self.calls as f64);
            }
        }
        Ok(())
    }

    /// Calls of the last sample.
    pub(crate) fn calls(&self) -> usize {
        self.calls
    }

    pub(crate) fn samples(&self) -> Result<Samples> {
        Samples::new(self.samples.clone()).ok_or_else(|| anyhow!("there is no sample"))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hint::black_box;
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn short_calls_are_repeated_and_long_ones_are_not() -> Result<()> {
        let called = Rc::new(Cell::new(0));
        let count = Rc::clone(&called);
        let mut short = Sampler::new(
            Box::new(move |calls| {
                (0..calls).for_each(|_| count.set(black_box(count.get() + 1)));
                Ok(())
            }),
            0.002,
        );
        short.run_to(0.5)?;
        let half = short.samples()?.count();
        short.run_to(0.5)?;
        assert_eq!(short.samples()?.count(), half, "the time is used up");
        short.run_to(1.0)?;
        assert!(short.calls() > 1 && called.get() > short.calls());

        let sleep = |calls: usize| {
            std::thread::sleep(Duration::from_millis(2) * calls as u32);
            Ok(())
        };
        let mut long = Sampler::new(Box::new(sleep), 1e-4);
        long.run_to(1.0)?;
        assert_eq!((long.calls(), long.samples()?.count()), (1, 1));
        Ok(())
    }
}
