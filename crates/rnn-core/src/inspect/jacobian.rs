//! The Jacobian of one recurrent step, of any cell, row by row from the cell's own chain rule.

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::cell::StateKind;
use crate::error::{Error, Place, Result, check_shape};
use crate::kernel::parallel::Rows;
use crate::memory::tape::{Keep, Tape};
use crate::memory::workspace::Workspace;
use crate::network::layer::{Backward, Given, Layer, Widths};
use crate::{Real, Stack};

/// The step Jacobians ∂s_t/∂s_{t−1}, t = 1 .. T, of one layer and one sequence of a recorded run.
///
/// The state s of a layer is what everything later depends on ([`StateKind`]): h for an Elman cell or a GRU; h and c for an
/// LSTM, one after the other; c alone where h_t is a function of c_t, as in a leaky unit. For h and c, blocks lie as
///
/// ```text
///           h_{t−1}            c_{t−1}
/// h_t   ∂h_t/∂h_{t−1}      ∂h_t/∂c_{t−1}
/// c_t   ∂c_t/∂h_{t−1}      ∂c_t/∂c_{t−1}
/// ```
///
/// Element (i, j) is how entry i of s_t moves with entry j of s_{t−1}, the layer's input x_t and all masks being held.
/// In a backward direction t counts from the end of the sequence. Row i is what a step back makes of the unit vector e_i in
/// place of dL/ds_t, for any cell, at the cost of one step back of a batch of n.
///
/// Where units saturate, slopes are rounded as in a pass back; those of [`Stack::with_fine_slopes`] keep their digits.
///
/// Made by [`Stack::step_jacobians`]. After its first call, [`at`](Self::at) allocates nothing, unless the state is c alone.
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
    theta: &'a [F],
    /// Number of the layer.
    index: usize,
    sequence: usize,
    batch: usize,
    time: usize,
    /// A tape of one timestep and n sequences, all of which are the one that is looked at.
    rows: Tape<F>,
    /// (n, n).
    jacobian: Array2<F>,
    /// Room for a product with one.
    product: Vec<F>,
}

impl<F: Real> StepJacobians<'_, F> {
    /// How many timesteps there are.
    pub fn time(&self) -> usize {
        self.time
    }

    /// How many numbers a state has: n.
    pub fn state(&self) -> usize {
        self.jacobian.nrows()
    }

    /// ∂s_t/∂s_{t−1}, (n, n), at `timestep` t, from 1 to T.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there is no such timestep, and [`Error::NonFinite`] if an element is not finite.
    pub fn at(&mut self, timestep: usize) -> Result<ArrayView2<'_, F>> {
        check_index("timestep", timestep, 1, self.time)?;
        let n = self.jacobian.nrows();
        self.record(timestep - 1, n);
        let Self { layer, rows, .. } = self;
        for i in 0..n {
            unit_vector(&layer.widths, rows, n, i);
        }
        self.mix(timestep - 1, n);
        self.step_back(n);
        for (i, mut row) in self.jacobian.rows_mut().into_iter().enumerate() {
            row.iter_mut().zip(entries(&self.layer.widths, &self.rows, i)).for_each(|(to, &from)| *to = from);
        }
        if let Some(((row, column), value)) = self.jacobian.indexed_iter().find(|(_, x)| !x.is_finite()) {
            let (layer, batch) = (self.index, self.sequence);
            let place = Place::StepJacobian { layer, timestep, batch, row, column };
            return Err(Error::NonFinite { place, value: value.to_string() });
        }
        Ok(self.jacobian.view())
    }

    /// Jᵀ d with the Jacobian J at `timestep` t, from 1 to T: what a gradient `d` of s_t makes of that of s_{t−1}, at the cost of
    /// one step back of one sequence.
    ///
    /// Where the state is h and c, the entries of `d` for c are dL/dc_t at a fixed h_t. Where it is c alone, they are total.
    ///
    /// ```
    /// use ndarray::{Array3, array};
    /// use rnn_core::{Bias, Elman, Parameters, Stack};
    ///
    /// let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[2], Bias::None)?;
    /// rnn.set_parameter("weight_hh_l0", array![[0.5, -1.0], [0.0, 2.0]].view().into_dyn())?;
    /// let mut ws = rnn.workspace();
    /// rnn.forward(Array3::ones((1, 3, 1)).view(), &mut ws)?;
    /// let mut jacobians = rnn.step_jacobians(&ws, 0, 0)?;
    /// assert_eq!(jacobians.transposed_times(3, array![1.0, 1.0].view())?, array![0.5, 1.0]);
    /// # Ok::<(), rnn_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`at`](Self::at), and [`Error::Shape`] if `d` does not have n numbers.
    pub fn transposed_times(&mut self, timestep: usize, d: ArrayView1<'_, F>) -> Result<ArrayView1<'_, F>> {
        check_index("timestep", timestep, 1, self.time)?;
        check_shape("the gradient of the state", &[self.state()], d.shape())?;
        self.record(timestep - 1, 1);
        let widths = self.layer.widths;
        let in_h = if widths.state == StateKind::Cell { 0 } else { widths.output };
        for (j, &d) in d.iter().enumerate() {
            match j.checked_sub(in_h) {
                None => self.rows.d_h[widths.output + j] = d,
                Some(j) => self.rows.d_c[widths.cell + j] = d,
            }
        }
        self.mix(timestep - 1, 1);
        self.step_back(1);
        self.product.clear();
        self.product.extend(entries(&widths, &self.rows, 0));
        if let Some(at) = self.product.iter().position(|x| !x.is_finite()) {
            let (cell, unit) = at.checked_sub(in_h).map_or((false, at), |unit| (true, unit));
            let (layer, batch, timestep) = (self.index, self.sequence, timestep - 1);
            let place = Place::StateGradient { layer, timestep, batch, unit, cell };
            return Err(Error::NonFinite { place, value: self.product[at].to_string() });
        }
        Ok(ArrayView1::from(&self.product))
    }

    /// Copies timestep `t`, from 0, of the sequence into the first `n` rows, and clears all gradients.
    fn record(&mut self, t: usize, n: usize) {
        let Self { layer, tape, sequence, batch, rows, .. } = self;
        let (widths, row) = (layer.widths, t * *batch + *sequence);
        rows.record.repeat(&tape.record, &widths, row, n);
        repeat(&mut rows.h[..n * widths.output], &tape.h, widths.output, row);
        repeat(&mut rows.c[..n * widths.cell], &tape.c, widths.cell, row);
        rows.d_h[..2 * n * widths.output].fill(F::zero());
        rows.d_c[..2 * n * widths.cell].fill(F::zero());
    }

    /// Where a state is mixed with the one before (zoneout), the gradients of the first `n` rows are shared out.
    fn mix(&mut self, t: usize, n: usize) {
        let Self { layer, tape, sequence, batch, rows, .. } = self;
        let (widths, row) = (layer.widths, t * *batch + *sequence);
        let (z_h, z_c) = tape.zones.at(row, [widths.output, widths.cell]);
        for (z, d, width) in [(z_h, &mut rows.d_h, widths.output), (z_c, &mut rows.d_c, widths.cell)] {
            let Some(z) = z else { continue };
            let (before, now) = d.split_at_mut(n * width);
            for (before, now) in before.chunks_exact_mut(width).zip(now.chunks_exact_mut(width)) {
                for ((before, now), &z) in before.iter_mut().zip(now).zip(z) {
                    (*before, *now) = (z * *now, (F::one() - z) * *now);
                }
            }
        }
    }

    /// One step back of the first `n` rows.
    fn step_back(&mut self, n: usize) {
        let Self { layer, tape, sequence, batch, theta, rows, .. } = self;
        let widths = layer.widths;
        let Tape { packed_back, record, adjoint, h, c, d_h, d_c, x: h_read, d_x: d_h_read, .. } = rows;
        let step = Backward { layer, packed: packed_back, p: layer.split(theta) };
        let [in_h, in_c] = [widths.output, widths.cell].map(|width| n * width);
        let (d_h_prev, d_h) = d_h[..2 * in_h].split_at_mut(in_h);
        let (d_c_prev, d_c) = d_c[..2 * in_c].split_at_mut(in_c);
        let (h_prev, c_prev) = (&h[..in_h], &c[..in_c]);
        // With dropout on the recurrence, W_hh read the state under the sequence's mask.
        let mask = tape.dropped.mask(*sequence, widths.output);
        debug_assert!(*sequence < *batch);
        let read: &[F] = match mask {
            None => h_prev,
            Some(mask) => {
                h_read.clear();
                h_read.extend(
                    h_prev.chunks_exact(mask.len()).flat_map(|h| h.iter().zip(mask).map(|(&h, &m)| m * h)),
                );
                d_h_read.clear();
                d_h_read.resize(h_prev.len(), F::zero());
                h_read
            }
        };
        let given = Given {
            rows: n,
            record: record.view(&widths, n, 0, n),
            h_read: read,
            h_prev,
            c_prev,
            d_h,
            d_c,
            d_h_prev: &mut *d_h_prev,
            d_c_prev: &mut *d_c_prev,
            d_h_read: if mask.is_some() { &mut *d_h_read } else { &mut [] },
            adjoint: adjoint.rows(&widths, n, 0, n),
        };
        step.on(given).run();
        if let Some(mask) = mask {
            for (to, from) in d_h_prev.chunks_exact_mut(mask.len()).zip(d_h_read.chunks_exact(mask.len())) {
                to.iter_mut().zip(from.iter().zip(mask)).for_each(|(to, (&d, &mask))| *to += mask * d);
            }
        }
        if widths.state == StateKind::Cell {
            step.through_h(n, c_prev, d_h_prev, d_c_prev);
        }
    }
}

/// Places the unit vector e_i of the state in row i of the gradients of `n` rows.
fn unit_vector<F: Real>(widths: &Widths, rows: &mut Tape<F>, n: usize, i: usize) {
    let in_h = if widths.state == StateKind::Cell { 0 } else { widths.output };
    match i.checked_sub(in_h) {
        None => rows.d_h[(n + i) * widths.output + i] = F::one(),
        Some(j) => rows.d_c[(n + i) * widths.cell + j] = F::one(),
    }
}

/// The gradient of s_{t−1} in row `i`.
fn entries<'a, F: Real>(widths: &Widths, rows: &'a Tape<F>, i: usize) -> impl Iterator<Item = &'a F> {
    let h = &rows.d_h[i * widths.output..][..widths.output];
    let c = &rows.d_c[i * widths.cell..][..widths.cell];
    match widths.state {
        StateKind::Hidden => h.iter().chain(&[]),
        StateKind::Cell => c.iter().chain(&[]),
        StateKind::Both => h.iter().chain(c),
    }
}

/// Copies row `row` of `from` into every row of `to`.
fn repeat<F: Copy>(to: &mut [F], from: &[F], width: usize, row: usize) {
    if width > 0 {
        let from = &from[row * width..][..width];
        to.chunks_exact_mut(width).for_each(|to| to.copy_from_slice(from));
    }
}

impl<F: Real> Stack<F> {
    /// A copy of this network for the step Jacobians of saturated units: its forward pass computes the same states, to the bit,
    /// and records slopes that do not round to 0.
    ///
    /// Where |z| is large, the slope 1 − y² of tanh, computed from y = tanh z, loses its digits, and from |z| = 19 on (9 for
    /// `f32`) it is exactly 0. That does no harm to training, but a Jacobian then says that a direction vanishes that
    /// only fades fast. In the copy, slopes of activations and differences such as the 1 − z of a gate are computed from the
    /// pre-activations and have the relative accuracy of the float type. It is slower, and its passes and
    /// [`StepJacobians::at`] allocate.
    ///
    /// A cell that is not built in keeps the slopes that its unit computes.
    ///
    /// ```
    /// use ndarray::Array3;
    /// use rnn_core::{Bias, Elman, Parameters, Stack};
    ///
    /// let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 1, &[1], Bias::None)?;
    /// rnn.fill(1.0);
    /// let x = Array3::from_elem((1, 1, 1), 100.0);
    /// let slope = |rnn: &Stack<f64>| {
    ///     let mut ws = rnn.workspace();
    ///     rnn.forward(x.view(), &mut ws)?;
    ///     Ok::<f64, rnn_core::Error>(rnn.step_jacobian(&ws, 0, 0, 1)?[[0, 0]])
    /// };
    /// assert_eq!(slope(&rnn)?, 0.0);
    /// let exact = 4.0 * f64::exp(-200.0);
    /// assert!((slope(&rnn.with_fine_slopes())? / exact - 1.0).abs() < 1e-14);
    /// # Ok::<(), rnn_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_fine_slopes(&self) -> Self {
        let mut fine = self.clone();
        fine.layers_mut().iter_mut().for_each(Layer::refine);
        fine
    }

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
        let widths = layer.widths;
        let n = widths.state_width();
        let mut rows = Tape::new(widths);
        rows.resize(n, 1, Keep::Everything);
        rows.resize_back(n, 1);
        layer.pack_back(theta, &mut rows.effective, &mut rows.packed_back);
        let time = ws.extent.length(sequence);
        let jacobian = Array2::zeros((n, n));
        let product = Vec::with_capacity(n);
        Ok(StepJacobians { layer, tape, theta, index, sequence, batch, time, rows, jacobian, product })
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
