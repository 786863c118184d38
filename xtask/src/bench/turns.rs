//! Who is measured when: everybody a little at a time, so that a minute in which the machine is busy hits all alike.

use anyhow::{Context, Result};

use super::peak::Peak;
use super::peers::{Answer, Peer};
use super::results::{Outcome, Row, Timing};
use super::workloads::Workload;
use super::{bound, subjects};
use crate::measure::sampler::Sampler;
use crate::progress::Progress;

/// The products alone get this share of a workload's time.
const BOUND: f64 = 0.25;

/// How long, and in how many parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Seconds of samples of each workload, and of each peer.
    pub(super) seconds: f64,
    /// Parts.
    pub(super) rounds: u16,
}

impl Plan {
    /// Units of progress of [`take`].
    pub(super) fn work(&self, workloads: &[Workload]) -> u64 {
        workloads.len() as u64 * u64::from(self.rounds)
    }
}

/// Measures all of it, and the peak just before every part. Without peers, every round goes through all workloads; with
/// peers, which are slow to change the subject, through ourselves and each peer, one workload after the other.
pub(super) fn take(
    workloads: &[Workload],
    plan: Plan,
    peak: &mut Peak,
    peers: &mut [Peer],
    progress: &Progress,
) -> Result<Vec<Row>> {
    let entry = |workload: &Workload| Entry::new(*workload, plan, peers.len());
    if peers.is_empty() {
        let mut entries = workloads.iter().map(entry).collect::<Result<Vec<_>>>()?;
        for round in 1..=plan.rounds {
            entries.iter_mut().try_for_each(|entry| entry.turn(round, peak, &mut [], progress))?;
        }
        return entries.into_iter().map(Entry::finish).collect();
    }
    let one = |workload: &Workload| {
        let mut entry = Entry::new(*workload, plan, peers.len())?;
        (1..=plan.rounds).try_for_each(|round| entry.turn(round, peak, peers, progress))?;
        entry.finish()
    };
    workloads.iter().map(one).collect()
}

/// A workload, and what is known of it so far.
struct Entry {
    workload: Workload,
    plan: Plan,
    ours: Sampler,
    bound: Option<Sampler>,
    peers: Vec<Answer>,
}

impl Entry {
    fn new(workload: Workload, plan: Plan, peers: usize) -> Result<Self> {
        let subject = subjects::of(&workload.work).with_context(|| format!("workload {}", workload.id))?;
        let ours = Sampler::new(subject, plan.seconds);
        let bound = bound::subject(&workload.work).map(|subject| Sampler::new(subject, BOUND * plan.seconds));
        let nothing = if workload.work.has_peers() {
            Answer::Variants(Vec::new())
        } else {
            Answer::Unsupported("not compared".to_owned())
        };
        Ok(Self { workload, plan, ours, bound, peers: vec![nothing; peers] })
    }

    /// Part `round` of the time, from 1 on.
    fn turn(&mut self, round: u16, peak: &mut Peak, peers: &mut [Peer], progress: &Progress) -> Result<()> {
        let id = self.workload.id;
        let share = f64::from(round) / f64::from(self.plan.rounds);
        progress.stage(id);
        peak.look();
        self.ours.run_to(share).with_context(|| format!("workload {id}"))?;
        if let Some(bound) = &mut self.bound {
            bound.run_to(share)?;
        }
        for (peer, known) in peers.iter_mut().zip(&mut self.peers) {
            if let Answer::Variants(variants) = known {
                progress.stage(format!("{id} {}", peer.identity.name));
                match peer.ask(id, self.plan.seconds / f64::from(self.plan.rounds)) {
                    Answer::Variants(more) => variants.extend(more),
                    other => *known = other,
                }
            }
        }
        progress.advance(1);
        Ok(())
    }

    fn finish(self) -> Result<Row> {
        let timing = |sampler: &Sampler| -> Result<Timing> {
            Ok(Timing { samples: sampler.samples()?, calls_per_sample: sampler.calls() })
        };
        Ok(Row {
            workload: self.workload,
            ours: timing(&self.ours)?,
            bound: self.bound.as_ref().map(timing).transpose()?,
            peers: self.peers.into_iter().map(Outcome::of).collect(),
        })
    }
}
