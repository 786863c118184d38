//! The memory of a forward and a backward pass, which the caller owns and reuses.

use ndarray::{ArrayView2, ArrayView3, ArrayViewMut3, ShapeBuilder};

use crate::Real;
use crate::kernel::Scratch;
use crate::params::Params;
use crate::state::{LayerState, State};
use crate::tape::{Keep, Tape, fit};

/// Every state and every gradient of one run of a [`Stack`](crate::Stack).
///
/// A forward pass writes the states, a backward pass the gradients. Reuse it: buffers grow to the largest batch and the
/// longest sequence seen, and then no pass allocates. All views are `(batch, time, features)` over time-major memory.
///
/// The views of gradients hold what the last backward pass wrote.
#[derive(Clone, Debug)]
pub struct Workspace<F> {
    pub(crate) batch: usize,
    pub(crate) time: usize,
    /// What the last forward pass left.
    pub(crate) keep: Keep,
    pub(crate) input: usize,
    /// The input, time-major.
    pub(crate) x: Vec<F>,
    pub(crate) d_x: Vec<F>,
    pub(crate) tapes: Vec<Tape<F>>,
    pub(crate) gradients: Params<F>,
    pub(crate) scratch: Scratch<F>,
}

impl<F: Real> Workspace<F> {
    pub(crate) fn new(input: usize, tapes: Vec<Tape<F>>, gradients: Params<F>) -> Self {
        Self {
            batch: 0,
            keep: Keep::States,
            time: 0,
            input,
            x: Vec::new(),
            d_x: Vec::new(),
            tapes,
            gradients,
            scratch: Scratch::new(),
        }
    }

    pub(crate) fn resize(&mut self, batch: usize, time: usize, keep: Keep) {
        (self.batch, self.time, self.keep) = (batch, time, keep);
        fit(&mut self.x, batch * time * self.input);
        fit(&mut self.d_x, batch * time * self.input);
        for tape in &mut self.tapes {
            tape.resize(batch, time, keep);
        }
    }

    /// h_1 .. h_T of the last layer, time-major, where their gradients go, and room for products.
    pub(crate) fn top(&mut self) -> (&[F], &mut [F], &mut Scratch<F>) {
        let top = self.tapes.len() - 1;
        let Tape { widths, h, d_h, .. } = &mut self.tapes[top];
        let output = self.batch * widths.hidden;
        (&h[output..], &mut d_h[output..], &mut self.scratch)
    }

    /// How many bytes this workspace holds.
    ///
    /// With `time` T, `batch` B, `input` I and the [widths](crate::cell::Widths) of each layer, the part that grows with the
    /// sequences is, in numbers of the float type,
    ///
    /// ```text
    /// Σ_layers  T B (saved + gates + gates if split) + 2 (T + 1) B (hidden + cell) + 2 B gates     + 2 T B I
    /// ```
    ///
    /// that is for each unit, sequence and timestep 4 numbers in an Elman layer, 13 in an LSTM and 12 in a GRU. The rest does
    /// not grow with them: the gradient of every parameter, each weight packed twice, and room for products, of at most
    /// 2¹⁷ + 2¹⁴ numbers for each thread.
    pub fn bytes(&self) -> usize {
        let numbers = self.x.capacity()
            + self.d_x.capacity()
            + self.tapes.iter().map(Tape::capacity).sum::<usize>()
            + self.gradients.len()
            + self.scratch.capacity();
        numbers * size_of::<F>()
    }

    /// How many layers were run.
    pub fn layers(&self) -> usize {
        self.tapes.len()
    }

    /// The hidden states of the last layer, (batch, time, hidden): PyTorch's `output`.
    pub fn output(&self) -> ArrayView3<'_, F> {
        self.hidden(self.tapes.len() - 1)
    }

    /// h_1 .. h_T of `layer`, (batch, time, hidden).
    ///
    /// # Panics
    /// If there is no such layer, as for all views by layer.
    pub fn hidden(&self, layer: usize) -> ArrayView3<'_, F> {
        self.view(&self.tapes[layer].h, self.tapes[layer].widths.hidden)
    }

    /// c_1 .. c_T of `layer`, (batch, time, cell); 0 columns for a cell without c.
    pub fn cell(&self, layer: usize) -> ArrayView3<'_, F> {
        self.view(&self.tapes[layer].c, self.tapes[layer].widths.cell)
    }

    /// dL/dh_1 .. dL/dh_T of `layer`, (batch, time, hidden): total derivatives, through the output at t and through
    /// every later step and every layer above.
    pub fn d_hidden(&self, layer: usize) -> ArrayView3<'_, F> {
        self.view(&self.tapes[layer].d_h, self.tapes[layer].widths.hidden)
    }

    /// dL/dc_1 .. dL/dc_T of `layer`, (batch, time, cell), total; 0 columns for a cell without c.
    pub fn d_cell(&self, layer: usize) -> ArrayView3<'_, F> {
        self.view(&self.tapes[layer].d_c, self.tapes[layer].widths.cell)
    }

    /// dL/dx, (batch, time, input), which training steps do not compute.
    pub fn d_input(&self) -> ArrayView3<'_, F> {
        view(&self.d_x, (self.batch, self.time, self.input))
    }

    /// The gradient of every parameter.
    pub fn gradients(&self) -> &Params<F> {
        &self.gradients
    }

    /// The state after the last timestep: PyTorch's `h_n` and `c_n`.
    pub fn final_state(&self) -> State<F> {
        self.state(self.time, |tape| (&tape.h, &tape.c))
    }

    /// dL/dh_0 and dL/dc_0 of every layer.
    pub fn d_initial(&self) -> State<F> {
        self.state(0, |tape| (&tape.d_h, &tape.d_c))
    }

    /// Block `t` of the states or of their gradients.
    fn state(&self, t: usize, of: impl Fn(&Tape<F>) -> (&Vec<F>, &Vec<F>)) -> State<F> {
        let layers = self.tapes.iter().map(|tape| {
            let (h, c) = of(tape);
            let rows = |buffer: &'_ [F], width: usize| {
                ArrayView2::from_shape(
                    (self.batch, width),
                    &buffer[t * self.batch * width..][..self.batch * width],
                )
                .expect("a block has a row for each sequence")
                .to_owned()
            };
            let c = (tape.widths.cell > 0).then(|| rows(c, tape.widths.cell));
            LayerState { h: rows(h, tape.widths.hidden), c }
        });
        State { layers: layers.collect() }
    }

    /// Blocks 1 .. T of a buffer of states.
    fn view<'a>(&self, states: &'a [F], width: usize) -> ArrayView3<'a, F> {
        view(states.get(self.batch * width..).unwrap_or_default(), (self.batch, self.time, width))
    }
}

/// `(batch, time, width)` over time-major memory.
pub(crate) fn view<F>(rows: &[F], (batch, time, width): (usize, usize, usize)) -> ArrayView3<'_, F> {
    let shape = (batch, time, width);
    // Nothing was run yet: strides into no memory at all are refused.
    let strides = if rows.is_empty() { (0, 0, 0) } else { (width, batch * width, 1) };
    ArrayView3::from_shape(shape.strides(strides), rows)
        .expect("a buffer holds a row for each timestep and sequence")
}

/// `(batch, time, width)` over time-major memory, to be changed.
pub(crate) fn view_mut<F>(
    rows: &mut [F],
    (batch, time, width): (usize, usize, usize),
) -> ArrayViewMut3<'_, F> {
    ArrayViewMut3::from_shape((batch, time, width).strides((width, batch * width, 1)), rows)
        .expect("a buffer holds a row for each timestep and sequence")
}
