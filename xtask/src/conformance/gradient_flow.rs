//! Family `gradient_flow`: the norms of states and gradients under scaled weights and biases.

use ndarray::{Array1, Array2, Ix2, Ix3};
use rnn_analysis::{SweepPoint, scale_sweep};
use rnn_core::{Mse, Real, Target};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::network::{Network, counted_timesteps};
use crate::conformance::outcome::Stop;

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let network = Network::<F>::read(&fixture.case)?;
    let over = counted_timesteps(&fixture.case)?;
    fixture.case.all_read("key of the case:")?;
    if network.layers > 1 {
        // The tensors of this family have no axis for layers.
        return Err(Stop::unsupported(format!("gradient_flow of {} layers", network.layers)));
    }

    let model = network.model(fixture, "", 1)?;
    let x = fixture.array::<F, Ix3, 3>("x", [network.batch, network.time, network.input])?;
    let y = fixture.array::<F, Ix3, 3>("y", [network.batch, network.time, 1])?;
    let points = fixture.numbers("scales")?.into_dimensionality::<Ix2>().ok();
    let points = points.filter(|points| points.ncols() == 2).ok_or_else(|| {
        Stop::broken("tensor \"scales\" must have the shape (points, 2); generate it again")
    })?;
    let scales: Vec<(f64, f64)> = points.outer_iter().map(|point| (point[0], point[1])).collect();

    let sweep = scale_sweep(&model, x.view(), Target::values(y.view()).over(over), &Mse, &scales)?;
    let by_time = |row: fn(&SweepPoint) -> &Array2<f64>| {
        Array2::from_shape_fn((sweep.len(), network.time), |(point, t)| row(&sweep[point])[[0, t]])
    };
    let hidden_norm = by_time(|point| &point.flow.hidden_norm);
    checks.compare_rows(fixture, "hidden_norm", hidden_norm.into_dyn().view())?;
    let grad_norm = by_time(|point| &point.flow.grad_norm);
    checks.compare_rows(fixture, "grad_norm", grad_norm.into_dyn().view())?;
    let loss: Array1<f64> = sweep.iter().map(|point| point.loss).collect();
    checks.compare_rows(fixture, "loss", loss.into_dyn().view())?;
    let radii: Option<Array1<f64>> = sweep.iter().map(|point| point.spectral_radius[0]).collect();
    match radii {
        Some(radii) => checks.compare_rows(fixture, "spectral_radius", radii.into_dyn().view()),
        None => Ok(()),
    }
}
