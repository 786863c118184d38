//! The gradient of a state by path: along the elementwise path from step to step, and along all others.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayViewMut1, Axis, Slice};
use rnn_core::{Error as NetworkError, Real, Stack, Workspace, Zoneout};

use crate::error::{Error, Result};
use crate::flow::{length, number};

/// The gradients of the states of one layer and one sequence by path.
///
/// The *elementwise path* leads from s_{t−1} to s_t while all recurrent products are held fixed: through the forget gate of an
/// LSTM, the update gate of a GRU, a leak, a skip, the one weight of an independently recurrent unit. The state s is c where
/// the layer has a c, and h elsewhere.
///
/// ```text
/// LSTM    dL/dc_t = f_{t+1} ∘ dL/dc_{t+1}  +  (through h_t: recurrent products, the layers above, the loss at t)
/// GRU     dL/dh_t = z_{t+1} ∘ dL/dh_{t+1}  +  (recurrent products, the layers above, the loss at t)
/// ```
///
/// Rows are timesteps, from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientPaths {
    /// Whether s is c, and not h.
    pub of_cell: bool,
    /// dL/ds_t, total, (time, n).
    pub gradient: Array2<f64>,
    /// What arrives at s_t along the elementwise path from s_{t+1}, (time, n); zeros in the last row.
    pub through: Array2<f64>,
    /// ∂s_T/∂s_t of each entry along the elementwise path alone, (time, n): a product over timesteps t + 1 .. T, of the
    /// forget gates in an LSTM. Ones in the last row.
    pub kept: Array2<f64>,
}

/// The factors of one step back from dL/ds_t to dL/ds_{t−1}, as natural logarithms. Their sum is ln ‖dL/ds_{t−1}‖ / ‖dL/ds_t‖.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathFactors {
    /// ln ‖Eᵀ dL/ds_t‖ / ‖dL/ds_t‖, where E is the elementwise path.
    pub elementwise: f64,
    /// ln ‖dL/ds_{t−1}‖ / ‖Eᵀ dL/ds_t‖: what arrives along all other paths.
    pub others: f64,
}

impl GradientPaths {
    /// The part of dL/ds_t that does not arrive along the elementwise path, (time, n). In the last row it is all of it.
    pub fn rest(&self) -> Array2<f64> {
        &self.gradient - &self.through
    }

    /// Each step back as a product of two factors: element t − 2 is the step from t to t − 1, t = 2 .. T. `None` where one of
    /// the three vectors is zero.
    pub fn factors(&self) -> Vec<Option<PathFactors>> {
        let step = |t: usize| {
            let [from, through, to] =
                [self.gradient.row(t + 1), self.through.row(t), self.gradient.row(t)].map(length);
            let defined = [from, through, to].iter().all(|&x| x > 0.0 && x.is_finite());
            let ln = |of: f64, over: f64| libm::log(of) - libm::log(over);
            defined.then(|| PathFactors { elementwise: ln(through, from), others: ln(to, through) })
        };
        (0..self.gradient.nrows() - 1).map(step).collect()
    }

    /// Those of the entries `from .. to` of the state alone, as the c of a cell whose state also holds other entries.
    ///
    /// # Panics
    /// If the state has fewer entries.
    #[must_use]
    pub fn entries(&self, from: usize, to: usize) -> Self {
        let part = |array: &Array2<f64>| array.slice_axis(Axis(1), Slice::from(from..to)).to_owned();
        Self {
            of_cell: self.of_cell,
            gradient: part(&self.gradient),
            through: part(&self.through),
            kept: part(&self.kept),
        }
    }
}

/// Splits the gradients of the states of `layer` in `sequence` by path.
///
/// `ws` holds the forward and the backward pass; no gradient of the final state may have been given to the latter. The
/// elementwise path is the step Jacobian of the same recorded steps with W_hh set to zero, so it is that of the cell's own chain
/// rule, for every cell.
///
/// ```
/// use ndarray::Array3;
/// use rand::SeedableRng;
/// use rnn_analysis::gradient_paths;
/// use rnn_core::{Bias, Lstm, Model, Mse, Target};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let model = Model::<f64>::new(Lstm, 1, &[4], 1, Bias::Double, &mut rng)?;
/// let (x, y) = (Array3::ones((1, 6, 1)), Array3::zeros((1, 6, 1)));
/// let mut ws = model.workspace();
/// model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?;
///
/// // What arrives at c_5 through the forget gate f_6.
/// let paths = gradient_paths(&model.rnn, &ws.rnn, 0, 0)?;
/// let gates = model.rnn.gates(0, &ws.rnn)?;
/// let f = gates.activation[[gates.gate("f").unwrap(), 0, 5, 2]];
/// assert!((paths.through[[4, 2]] - f * ws.rnn.d_cell(0)[[0, 5, 2]]).abs() < 1e-15);
/// assert_eq!(paths.kept[[4, 2]], f);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoPaths`] for a network with two directions, whose states are read side by side, or with zoneout, which mixes states
/// outside of the cell. If there is no such sequence or layer, there was no backward pass, or a gradient is not finite.
pub fn gradient_paths<F: Real>(
    stack: &Stack<F>,
    ws: &Workspace<F>,
    layer: usize,
    sequence: usize,
) -> Result<GradientPaths> {
    let options = stack.options();
    if options.bidirectional || options.zoneout != Zoneout::default() {
        return Err(Error::NoPaths { layer });
    }
    let mut elementwise = stack.clone();
    for (name, mut weights) in elementwise.params_mut().iter_mut() {
        if name.starts_with("weight_hh") {
            weights.fill(F::zero());
        }
    }
    let mut steps = elementwise.step_jacobians(ws, layer, sequence)?;
    let (d_h, d_c) = (ws.d_hidden(layer), ws.d_cell(layer));
    if d_h.is_empty() {
        return Err(NetworkError::NotDifferentiated.into());
    }
    let of_cell = d_c.len_of(Axis(2)) > 0;
    let [d_h, d_c] = [d_h, d_c].map(|d| d.index_axis_move(Axis(0), sequence));
    let total = if of_cell { &d_c } else { &d_h };
    let (time, n) = (steps.time(), total.ncols());
    // Where the state is h and c, its c is that at a fixed h: the step back adds what goes through h_t.
    let both = of_cell && steps.state() > n;
    let hidden = stack.layers()[layer].hidden;
    debug_assert!(steps.state() == n || both && steps.state() == n + d_h.ncols());

    let mut through = Array2::<F>::zeros((time, n));
    let mut kept = Array2::<f64>::ones((time, n));
    let mut d = Array1::<F>::zeros(steps.state());
    let first = steps.state() - n;
    for t in (1..time).rev() {
        if both {
            part(&mut d, 0..first).assign(&d_h.row(t));
            part(&mut d, first..first + n).assign(&through.row(t));
        } else {
            d.assign(&total.row(t));
        }
        let arrives = steps.transposed_times(t + 1, d.view())?;
        through.row_mut(t - 1).assign(&arrives.slice_axis(Axis(0), Slice::from(first..)));
        // Entries of one unit may depend on each other, those of different units do not.
        for block in (0..n).step_by(hidden) {
            let block = first + block..(first + block + hidden).min(first + n);
            d.fill(F::zero());
            part(&mut d, block.clone()).fill(F::one());
            let diagonal = steps.transposed_times(t + 1, d.view())?;
            for j in block {
                kept[[t - 1, j - first]] = kept[[t, j - first]] * number(diagonal[j]);
            }
        }
    }
    let gradient = total.slice_axis(Axis(0), Slice::from(..time)).mapv(number);
    Ok(GradientPaths { of_cell, gradient, through: through.mapv(number), kept })
}

fn part<F>(vector: &mut Array1<F>, range: Range<usize>) -> ArrayViewMut1<'_, F> {
    vector.slice_axis_mut(Axis(0), Slice::from(range))
}
