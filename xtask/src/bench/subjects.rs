//! Workloads as something to be timed.

use std::hint::black_box;

use anyhow::Result;
use rnn_analysis::{grid, scale_sweep};
use rnn_core::{Bias, Elman, Init, Model, Mse, Stack, Stream};
use rnn_data::{CumulativeAverage, PortableRng, Task};

use super::variants;
use super::workloads::Work;
use crate::measure::network::Network;
use crate::measure::subject::{Subject, forward_pass, training_step};
use crate::progress::Progress;
use crate::report;

/// What a workload runs.
pub(super) fn of(work: &Work) -> Result<Subject> {
    match work {
        Work::Training(network) => training_step(network),
        Work::Variant(variant, network) => variants::training_step(*variant, network),
        Work::Forward(network) => forward_pass(network),
        Work::Streaming(network) => streaming(network),
        Work::Sweep(network, side) => sweep(network, *side),
        Work::Report => Ok(Box::new(|calls| (0..calls).try_for_each(|_| whole_report()))),
    }
}

/// One timestep after the other, each on what the one before gave: no call can begin before the last has ended.
fn streaming(network: &Network) -> Result<Subject> {
    let mut rng = PortableRng::new(0);
    let (cell, input, hidden) = (network.cell.cell(), network.input, network.stack());
    let stream: Stream<f32> = if network.head {
        Model::new(cell, input, &hidden, 1, Bias::Double, &mut rng)?.stream()?
    } else {
        Stack::new(cell, input, &hidden, Bias::Double, &mut rng)?.stream()?
    };
    let mut state = stream.state(network.batch);
    let mut x = vec![1.0; network.batch * input];
    Ok(Box::new(move |calls| {
        for _ in 0..calls {
            let y = stream.step(&x, &mut state)?;
            x.copy_from_slice(black_box(&y[..input]));
        }
        Ok(())
    }))
}

/// The study of gradient flow in the report, on one sequence of the same task, between the same ends.
fn sweep(network: &Network, side: usize) -> Result<Subject> {
    let stream = PortableRng::new(0);
    let batch = CumulativeAverage::new(network.time)?.sample::<f64>(network.batch, &mut stream.stream(0))?;
    let mut model = Model::zeros(Elman::tanh(), network.input, &network.stack(), 1, Bias::Single)?;
    model.initialize(Init::Linear, &mut stream.stream(1))?;
    let sliders = report::sliders(side);
    let scales = grid(&sliders, &sliders);
    Ok(Box::new(move |calls| {
        for _ in 0..calls {
            black_box(scale_sweep(&model, batch.run(), batch.target(), &Mse, &scales)?);
        }
        Ok(())
    }))
}

/// Every study, figure and file, in a folder that goes away.
fn whole_report() -> Result<()> {
    let folder = tempfile::tempdir()?;
    report::write(report::Settings::default_in(folder.path())?, &Progress::hidden())?;
    Ok(())
}
