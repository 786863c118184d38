//! Single steps of a network from given states: the state of all layers as one row of numbers.
//!
//! The row holds h of the first layer, its c if it has one, then those of the next layer. Where h is a function of c, as in a
//! leaky unit, both are in the row: h and c of a step are read apart by the next one, and the chain rule holds as it stands.

use ndarray::{Array2, Array3, ArrayView2, Axis};
use rnn_core::{Error as NetworkError, LayerState, Real, Run, Stack, State, Workspace};

use crate::error::Result;
use crate::flow::number;

/// How many numbers the state of one sequence has, h and c of every layer.
pub(crate) fn width<F: Real>(stack: &Stack<F>) -> usize {
    stack.layers().iter().map(|layer| layer.output() + layer.cell_width()).sum()
}

/// Where the h of the last layer, which is the output, begins in a row.
pub(crate) fn output_at<F: Real>(stack: &Stack<F>) -> usize {
    let last = stack.layers().len() - 1;
    stack.layers()[..last].iter().map(|layer| layer.output() + layer.cell_width()).sum()
}

/// The arrays of a state in the order of the row.
fn parts<F>(state: &State<F>) -> impl Iterator<Item = &Array2<F>> {
    state.layers.iter().flat_map(|LayerState { h, c }| std::iter::once(h).chain(c))
}

/// The state of each sequence as a row, (batch, width).
pub(crate) fn rows<F: Real>(state: &State<F>) -> Array2<F> {
    let views: Vec<ArrayView2<'_, F>> = parts(state).map(|part| part.view()).collect();
    ndarray::concatenate(Axis(1), &views).expect("all layers have the same sequences")
}

/// Sets a state from `entry(sequence, place in the row)`.
pub(crate) fn fill<F: Real>(state: &mut State<F>, entry: impl Fn(usize, usize) -> F) {
    let mut first = 0;
    for LayerState { h, c } in &mut state.layers {
        for part in std::iter::once(h).chain(c) {
            part.indexed_iter_mut().for_each(|((b, j), to)| *to = entry(b, first + j));
            first += part.ncols();
        }
    }
}

/// An error for a network with two directions, whose state does not follow from the timesteps so far.
pub(crate) fn check_one_direction<F: Real>(stack: &Stack<F>) -> Result<()> {
    if stack.options().bidirectional { Err(NetworkError::NoStream.into()) } else { Ok(()) }
}

/// An error unless these shapes are the same.
pub(crate) fn check_shape(what: &str, expected: &[usize], found: &[usize]) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (expected.to_vec(), found.to_vec());
    Err(NetworkError::Shape { what: what.to_owned(), expected, found }.into())
}

/// One step of a batch of independent states, and its derivatives.
#[derive(Clone, Debug)]
pub(crate) struct Steps<F: Real> {
    ws: Workspace<F>,
    seed: State<F>,
    zeros: Array3<F>,
    x: Array3<F>,
}

impl<F: Real> Steps<F> {
    /// For `batch` states.
    pub(crate) fn new(stack: &Stack<F>, batch: usize) -> Self {
        Self {
            ws: stack.workspace(),
            seed: stack.zero_state(batch),
            zeros: Array3::zeros((batch, 1, stack.output())),
            x: Array3::zeros((batch, 1, stack.input())),
        }
    }

    /// Takes the step from `states`, or from the initial state if none are given, with the inputs `x`, (batch, features).
    pub(crate) fn forward(
        &mut self,
        stack: &Stack<F>,
        x: ArrayView2<'_, F>,
        states: Option<&State<F>>,
    ) -> Result<()> {
        self.x.index_axis_mut(Axis(1), 0).assign(&x);
        let run = Run::over(self.x.view());
        Ok(stack.forward(states.map_or(run, |states| run.from_state(states)), &mut self.ws)?)
    }

    /// The states after the step.
    pub(crate) fn state(&self) -> State<F> {
        self.ws.final_state()
    }

    /// The way back through the step, from the derivative `d(sequence, place in the row)` with respect to the state after
    /// it; h and c are derived with respect to apart.
    pub(crate) fn backward(&mut self, stack: &Stack<F>, d: impl Fn(usize, usize) -> F) -> Result<()> {
        fill(&mut self.seed, d);
        Ok(stack.backward(self.zeros.view(), Some(&self.seed), &mut self.ws)?)
    }

    /// The derivatives with respect to the states before the step, (batch, width).
    pub(crate) fn d_before(&self) -> Array2<F> {
        rows(&self.ws.d_initial())
    }

    /// The derivatives with respect to the parameters, summed over the batch.
    pub(crate) fn gradients(&self) -> &[F] {
        self.ws.gradients().as_slice()
    }
}

/// The unit vector e_`i`, at place j.
pub(crate) fn unit<F: Real>(i: usize, j: usize) -> F {
    if i == j { F::one() } else { F::zero() }
}

/// The names of the parameters that hold a learned initial state, each with the place in the row where it begins.
pub(crate) fn initial_names<F: Real>(stack: &Stack<F>) -> Vec<(String, usize)> {
    let mut names = Vec::new();
    let mut first = 0;
    for (k, layer) in stack.layers().iter().enumerate() {
        for (name, width) in [("initial_h", layer.output()), ("initial_c", layer.cell_width())] {
            names.push((format!("{name}_l{k}"), first));
            first += width;
        }
    }
    names
}

/// A state whose rows are these numbers, (batch, width).
pub(crate) fn state_of<F: Real>(stack: &Stack<F>, values: ArrayView2<'_, f64>) -> State<F> {
    let mut state = stack.zero_state(values.nrows());
    fill(&mut state, |b, j| F::of(values[[b, j]]));
    state
}

/// The rows of a state in double precision.
pub(crate) fn numbers<F: Real>(state: &State<F>) -> Array2<f64> {
    rows(state).mapv(number)
}
