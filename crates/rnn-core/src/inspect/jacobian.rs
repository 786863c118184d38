//! The Jacobian of one recurrent step, of any cell, row by row from the cell's own chain rule.

use ndarray::{Array2, ArrayView2};

use crate::cell::{Packed, Recurrent, StepBack, Weights, Widths};
use crate::error::{Error, Place, Result};
use crate::kernel::Matrix;
use crate::memory::tape::Tape;
use crate::memory::workspace::Workspace;
use crate::network::layer::Layer;
use crate::{Real, Stack};

/// The step Jacobians ∂s_t/∂s_{t−1}, t = 1 .. T, of one layer and one sequence of a recorded run.
///
/// The state s of a layer is h, or h and c one after the other, so n = hidden + cell numbers. Blocks lie as
///
/// ```text
///           h_{t−1}            c_{t−1}
/// h_t   ∂h_t/∂h_{t−1}      ∂h_t/∂c_{t−1}
/// c_t   ∂c_t/∂h_{t−1}      ∂c_t/∂c_{t−1}
/// ```
///
/// and element (i, j) is how entry i of s_t moves with entry j of s_{t−1}, the layer's input x_t and all masks being held.
/// In a backward direction t counts from the end of the sequence. Row i is
/// what [`Cell::step_back`] makes of the unit vector e_i in place of dL/ds_t: exact, for any cell, at the cost of one
/// step back of a batch of n.
///
/// Made by [`Stack::step_jacobians`]. All memory is taken then; [`at`](Self::at) allocates nothing.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // A linear network: the Jacobian is W_hh at every timestep.
/// let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[2], Bias::None)?;
/// let w = array![[0.5, -1.0], [0.0, 2.0]];
/// rnn.set_parameter("weight_hh_l0", w.view().into_dyn())?;
/// let mut ws = rnn.workspace();
/// rnn.forward(Array3::ones((1, 3, 1)).view(), &mut ws)?;
/// let mut jacobians = rnn.step_jacobians(&ws, 0, 0)?;
/// for t in 1..=3 {
///     assert_eq!(jacobians.at(t)?, w);
/// }
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StepJacobians<'a, F: Real> {
    layer: &'a Layer<F>,
    tape: &'a Tape<F>,
    /// Number of the layer.
    index: usize,
    sequence: usize,
    batch: usize,
    time: usize,
    b_hh: &'a [F],
    own: &'a [F],
    packed: Packed<F>,
    rows: Rows<F>,
    /// (n, n).
    jacobian: Array2<F>,
}

/// What a step back of n unit vectors reads and writes, each (n, width).
#[derive(Clone, Debug)]
struct Rows<F> {
    saved: Vec<F>,
    h_read: Vec<F>,
    h_prev: Vec<F>,
    c_prev: Vec<F>,
    d_h: Vec<F>,
    d_c: Vec<F>,
    d_a: Vec<F>,
    d_u: Vec<F>,
    d_h_prev: Vec<F>,
    d_c_prev: Vec<F>,
    d_h_read: Vec<F>,
    back: Vec<F>,
}

impl<F: Real> Rows<F> {
    fn new(Widths { gates, hidden, cell, saved, split, back }: Widths) -> Self {
        let zeros = |width| vec![F::zero(); (hidden + cell) * width];
        Self {
            saved: zeros(saved),
            h_read: zeros(hidden),
            h_prev: zeros(hidden),
            c_prev: zeros(cell),
            d_h: zeros(hidden),
            d_c: zeros(cell),
            d_a: zeros(gates),
            d_u: zeros(if split { gates } else { 0 }),
            d_h_prev: zeros(hidden),
            d_c_prev: zeros(cell),
            d_h_read: zeros(hidden),
            back: zeros(back),
        }
    }

    /// Row `b` of timestep `t`, from 0, of the tape, as often as there are unit vectors; the unit vectors; zeros to add to.
    /// Where a state is mixed with the one before (zoneout), a unit vector is, too.
    fn place(&mut self, tape: &Tape<F>, batch: usize, t: usize, b: usize) {
        let Widths { hidden, cell, saved, .. } = tape.widths;
        let row = t * batch + b;
        repeat(&mut self.saved, &tape.saved, saved, row);
        repeat(&mut self.h_prev, &tape.h, hidden, row);
        repeat(&mut self.h_read, tape.dropped.all_read().unwrap_or(&tape.h), hidden, row);
        repeat(&mut self.c_prev, &tape.c, cell, row);
        for buffer in
            [&mut self.d_h, &mut self.d_c, &mut self.d_h_prev, &mut self.d_c_prev, &mut self.d_h_read]
        {
            buffer.fill(F::zero());
        }
        let (z_h, z_c) = tape.zones.at(row, [hidden, cell]);
        let z = |z: Option<&[F]>, i: usize| z.map_or(F::zero(), |z| z[i]);
        for i in 0..hidden {
            self.d_h[i * hidden + i] = F::one() - z(z_h, i);
            self.d_h_prev[i * hidden + i] = z(z_h, i);
        }
        for i in 0..cell {
            self.d_c[(hidden + i) * cell + i] = F::one() - z(z_c, i);
            self.d_c_prev[(hidden + i) * cell + i] = z(z_c, i);
        }
    }

    /// The chain rule through dropout on the recurrence, whose mask of this sequence is given if there is one.
    fn add_read(&mut self, mask: Option<&[F]>) {
        let Some(mask) = mask else { return };
        for (to, from) in
            self.d_h_prev.chunks_exact_mut(mask.len()).zip(self.d_h_read.chunks_exact(mask.len()))
        {
            to.iter_mut().zip(from.iter().zip(mask)).for_each(|(to, (&d, &mask))| *to += mask * d);
        }
    }
}

/// Copies row `row` of `from` into every row of `to`.
fn repeat<F: Copy>(to: &mut [F], from: &[F], width: usize, row: usize) {
    if width > 0 {
        let from = &from[row * width..][..width];
        to.chunks_exact_mut(width).for_each(|to| to.copy_from_slice(from));
    }
}

impl<F: Real> StepJacobians<'_, F> {
    /// How many timesteps there are.
    pub fn time(&self) -> usize {
        self.time
    }

    /// How many numbers a state has: n = hidden + cell.
    pub fn state(&self) -> usize {
        self.tape.widths.hidden + self.tape.widths.cell
    }

    /// ∂s_t/∂s_{t−1}, (n, n), at `timestep` t, from 1 to T.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there is no such timestep, and [`Error::NonFinite`] if an element is not finite.
    pub fn at(&mut self, timestep: usize) -> Result<ArrayView2<'_, F>> {
        check_index("timestep", timestep, 1, self.time)?;
        let n = self.state();
        let hidden = self.tape.widths.hidden;
        self.rows.place(self.tape, self.batch, timestep - 1, self.sequence);
        let mask = self.tape.dropped.mask(self.sequence, hidden);
        let Rows { saved, h_read, h_prev, c_prev, d_h, d_c, d_a, d_u, d_h_prev, d_c_prev, d_h_read, back } =
            &mut self.rows;
        let theta = Recurrent { packed: &self.packed, b_hh: self.b_hh, own: self.own };
        let step = StepBack {
            batch: n,
            hidden: self.layer.hidden,
            saved,
            h_read,
            h_prev,
            c_prev,
            d_h,
            d_c,
            d_a,
            d_u,
            d_h_prev,
            d_c_prev,
            d_h_read: if mask.is_some() { d_h_read } else { &mut [] },
            back,
        };
        self.layer.cell.steps.step_back(&theta, step);
        self.rows.add_read(mask);

        for (i, mut row) in self.jacobian.rows_mut().into_iter().enumerate() {
            let (h, c) = (&self.rows.d_h_prev[i * hidden..], &self.rows.d_c_prev[i * (n - hidden)..]);
            let entries = h[..hidden].iter().chain(&c[..n - hidden]);
            row.iter_mut().zip(entries).for_each(|(to, &from)| *to = from);
        }
        if let Some(((row, column), value)) = self.jacobian.indexed_iter().find(|(_, x)| !x.is_finite()) {
            let (layer, batch) = (self.index, self.sequence);
            let place = Place::StepJacobian { layer, timestep, batch, row, column };
            return Err(Error::NonFinite { place, value: value.to_string() });
        }
        Ok(self.jacobian.view())
    }
}

impl<F: Real> Stack<F> {
    /// The step Jacobians of `layer`, an index of [`layers`](Self::layers), along the run of `sequence`, from 0, that [`forward`](Self::forward)
    /// recorded in this workspace. The parameters have to be those of that run.
    ///
    /// # Errors
    /// [`Error::NothingRecorded`] without a forward pass, [`Error::OutOfRange`] if there is no such layer or sequence,
    /// and [`Error::OtherNetwork`] if the workspace belongs to another network.
    pub fn step_jacobians<'a>(
        &'a self,
        ws: &'a Workspace<F>,
        layer: usize,
        sequence: usize,
    ) -> Result<StepJacobians<'a, F>> {
        self.check_recorded(ws)?;
        let batch = ws.extent.batch;
        check_index("sequence", sequence, 0, batch - 1)?;
        let index = layer;
        let mut layers = self.layers().iter().zip(self.layer_parameters()).zip(&ws.tapes);
        let Some(((layer, theta), tape)) = layers.nth(index) else {
            return Err(Error::OutOfRange { what: "layer", index, first: 0, last: self.layers().len() - 1 });
        };
        let p = layer.split(theta);
        let Widths { gates, hidden, cell, .. } = tape.widths;
        let mut packed = Packed::new();
        layer
            .cell
            .steps
            .pack_back(Weights { w_hh: Matrix::rows_of(p.w_hh, gates, hidden), own: p.own }, &mut packed);
        Ok(StepJacobians {
            layer,
            tape,
            index,
            sequence,
            batch,
            time: ws.extent.length(sequence),
            b_hh: if p.b_hh.is_empty() { &tape.no_bias } else { p.b_hh },
            own: p.own,
            packed,
            rows: Rows::new(tape.widths),
            jacobian: Array2::zeros((hidden + cell, hidden + cell)),
        })
    }

    /// One of the [`step_jacobians`](Self::step_jacobians): ∂s_t/∂s_{t−1}, (n, n), at `timestep` t, from 1 to T.
    ///
    /// # Errors
    /// As [`step_jacobians`](Self::step_jacobians) and [`StepJacobians::at`].
    pub fn step_jacobian(
        &self,
        ws: &Workspace<F>,
        layer: usize,
        sequence: usize,
        timestep: usize,
    ) -> Result<Array2<F>> {
        Ok(self.step_jacobians(ws, layer, sequence)?.at(timestep)?.to_owned())
    }
}

/// An error unless `first` ≤ `index` ≤ `last`.
fn check_index(what: &'static str, index: usize, first: usize, last: usize) -> Result<()> {
    if (first..=last).contains(&index) { Ok(()) } else { Err(Error::OutOfRange { what, index, first, last }) }
}
