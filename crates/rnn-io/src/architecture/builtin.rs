//! Whether a cell is the built-in cell of its name.

use ndarray::Array3;
use rnn_core::{Bias, Cell, Model, Mse, Options, Parameters, Random};
use rnn_data::PortableRng;

use crate::element::Element;
use crate::error::Fault;

/// Whether a built-in cell has the name and the settings of this cell.
///
/// It is an error if that one computes something else. A file or a graph holds the name alone, so it would silently stand for
/// the built-in cell.
pub(crate) fn is_builtin<F: Element>(cell: &Cell<F>) -> Result<bool, Fault> {
    let Ok(builtin) = F::builtin(&cell.name()) else { return Ok(false) };
    // From linear to saturated.
    let same =
        [0.1, 1.0, 10.0, 100.0].iter().all(|&scale| computes(cell, scale) == computes(&builtin, scale));
    if same { Ok(true) } else { Err(Fault::NotBuiltin { name: cell.to_string() }) }
}

/// The names of the parameters, the predictions and the gradients of a small model with random parameters up to `scale`, or
/// `None` if they are not finite.
fn computes<F: Element>(cell: &Cell<F>, scale: f64) -> Option<(Vec<String>, Vec<F>)> {
    let mut rng = PortableRng::new(0);
    let options = Options::from(Bias::Double).learned_initial(true);
    // A cell without W_ih has as many inputs as units.
    let mut model = Model::zeros(cell.clone(), 3, &[3], 1, options).ok()?;
    for block in model.blocks_mut() {
        rng.fill_uniform(-scale, scale, block.as_mut_slice());
    }
    let (mut x, y) = (Array3::zeros((2, 5, 3)), Array3::zeros((2, 5, 1)));
    rng.fill_uniform(-1.0, 1.0, x.as_slice_mut()?);
    let mut ws = model.workspace();
    model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).ok()?;
    let gradients = ws.blocks().flat_map(|block| block.as_slice().iter().copied());
    let numbers = ws.prediction().iter().copied().chain(gradients).collect();
    Some((model.named().map(|(name, _)| name.to_owned()).collect(), numbers))
}
