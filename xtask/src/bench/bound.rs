//! The products alone: what a workload would take if it were nothing but its matrix products.
//!
//! They run in their order, on buffers of their sizes, weights packed beforehand, on the same threads. The products of
//! one timestep do not wait for those of the one before, as in a network they must.

mod buffers;

use anyhow::Result;
use rayon::prelude::*;
use rnn_core::Real;

use super::workloads::Work;
use crate::measure::products::Product;
use crate::measure::subject::Subject;
use buffers::Buffers;

/// Multiply-adds of a product from which on threads share it, one part each.
const GRAIN: usize = 1 << 20;

/// The products of one call; `None` where none are counted.
pub(super) fn subject(work: &Work) -> Option<Subject> {
    let products = work.products();
    if products.is_empty() {
        return None;
    }
    Some(match work {
        Work::Sweep(..) => every_point::<f64>(&products, work.points()),
        _ => in_order::<f32>(&products),
    })
}

/// The products of one pass, the large ones shared among the threads.
fn in_order<F: Real>(products: &[Product]) -> Subject {
    let threads = rayon::current_num_threads();
    let shares = |p: &Product| (p.m * p.k * p.n / GRAIN).clamp(1, threads);
    let shared = products.iter().any(|product| shares(product) > 1);
    let mut buffers: Vec<Buffers<F>> = products.iter().map(|p| Buffers::new(*p, shares(p))).collect();
    Box::new(move |calls| {
        let mut run = || {
            for _ in 0..calls {
                buffers.iter_mut().for_each(Buffers::run);
            }
        };
        // Inside the pool it costs little to hand work over; small products never leave this thread.
        if shared {
            rayon::join(run, || ());
        } else {
            run();
        }
        Ok(())
    })
}

/// The products of every point of a sweep, points shared among the threads.
fn every_point<F: Real>(products: &[Product], points: usize) -> Subject {
    let threads = rayon::current_num_threads();
    let new = || -> Vec<Buffers<F>> { products.iter().map(|p| Buffers::new(*p, 1)).collect() };
    let mut workers: Vec<Vec<Buffers<F>>> = (0..threads).map(|_| new()).collect();
    Box::new(move |calls| -> Result<()> {
        workers.par_iter_mut().with_max_len(1).enumerate().for_each(|(k, buffers)| {
            let share = points * (k + 1) / threads - points * k / threads;
            for _ in 0..calls * share {
                buffers.iter_mut().for_each(Buffers::run);
            }
        });
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::workloads::WORKLOADS;
    use super::*;

    #[test]
    fn every_workload_of_products_has_a_bound_that_runs() -> Result<()> {
        for workload in WORKLOADS {
            let small = matches!(workload.id, "W1" | "W2" | "W3" | "W4" | "I1" | "I4" | "I5");
            if small && let Some(mut subject) = subject(&workload.work) {
                subject(2)?;
            }
            assert_eq!(workload.work.flops().is_none(), workload.id == "R1" || workload.id.starts_with('O'));
        }
        Ok(())
    }
}
