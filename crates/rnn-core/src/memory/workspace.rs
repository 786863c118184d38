//! The memory of a forward and a backward pass, which the caller owns and reuses.

use ndarray::{Array2, ArrayView3, ArrayViewMut3, ShapeBuilder};

use crate::Real;
use crate::kernel::Scratch;
use crate::memory::columns::fit;
use crate::memory::tape::{Keep, Tape};
use crate::network::extent::Extent;
use crate::network::joint::{Joint, clear_past_ends};
use crate::network::layer::Widths;
use crate::network::params::Params;
use crate::network::state::{LayerState, State};

/// Every state and every gradient of one run of a [`Stack`](crate::Stack).
///
/// A forward pass writes the states, a backward pass the gradients. Reuse it: buffers grow to the largest batch and the
/// longest sequence seen, and then no pass allocates. All views are `(batch, time, features)` over time-major memory.
///
/// The views of gradients are empty, (0, 0, width), until a backward pass follows the last forward pass. They never mix
/// the gradients of one pass with the states of another.
#[derive(Clone, Debug)]
pub struct Workspace<F> {
    pub(crate) extent: Extent,
    /// What the last forward pass left.
    pub(crate) keep: Keep,
    /// Whether the gradients of the states are those of that pass, and whether that of the input is.
    pub(crate) differentiated: bool,
    pub(crate) input_differentiated: bool,
    pub(crate) input: usize,
    /// The input, time-major.
    pub(crate) x: Vec<F>,
    pub(crate) d_x: Vec<F>,
    /// One for each layer and direction: those of a layer stand side by side.
    pub(crate) tapes: Vec<Tape<F>>,
    /// One for each layer.
    pub(crate) joints: Vec<Joint<F>>,
    pub(crate) gradients: Params<F>,
    pub(crate) scratch: Scratch<F>,
}

impl<F: Real> Workspace<F> {
    pub(crate) fn new(input: usize, tapes: Vec<Tape<F>>, directions: usize, gradients: Params<F>) -> Self {
        let joints = (0..tapes.len() / directions).map(|_| Joint::new(directions == 2)).collect();
        Self {
            extent: Extent::default(),
            keep: Keep::States,
            differentiated: false,
            input_differentiated: false,
            input,
            x: Vec::new(),
            d_x: Vec::new(),
            tapes,
            joints,
            gradients,
            scratch: Scratch::new(),
        }
    }

    pub(crate) fn resize(&mut self, keep: Keep) {
        self.keep = keep;
        let Extent { batch, time, .. } = self.extent;
        (self.differentiated, self.input_differentiated) = (false, false);
        fit(&mut self.x, batch * time * self.input);
        for tape in &mut self.tapes {
            tape.resize(batch, time, keep);
        }
    }

    /// Makes the buffers of a backward pass fit.
    pub(crate) fn resize_back(&mut self) {
        let Extent { batch, time, .. } = self.extent;
        fit(&mut self.d_x, batch * time * self.input);
        self.tapes.iter_mut().for_each(|tape| tape.resize_back(batch, time));
        self.joints.iter_mut().for_each(Joint::resize_back);
    }

    /// Nothing was run.
    pub(crate) fn forget(&mut self) {
        self.extent.set(0, 0, None);
        self.resize(Keep::States);
        let directions = self.directions();
        for (joint, tapes) in self.joints.iter_mut().zip(self.tapes.chunks_exact(directions)) {
            joint.resize(tapes, &self.extent, None);
        }
    }

    /// One or two.
    pub(crate) fn directions(&self) -> usize {
        self.tapes.len() / self.joints.len()
    }

    /// What layer `k`, of those of both directions, read.
    pub(crate) fn input_of(&self, k: usize) -> &[F] {
        let (directions, level) = (self.directions(), k / self.directions());
        if k % directions == 1 {
            &self.tapes[k].x
        } else if level == 0 {
            &self.x
        } else {
            let below = &self.tapes[(level - 1) * directions..level * directions];
            self.joints[level - 1].output(below, &self.extent)
        }
    }

    /// The output of the last level, time-major, and the extent.
    pub(crate) fn top_output(&self) -> (&[F], &Extent) {
        let top = self.tapes.len() - self.directions();
        let joint = self.joints.last().expect("a stack has a level");
        (joint.output(&self.tapes[top..], &self.extent), &self.extent)
    }

    /// The output of the last layer, time-major, where its gradient goes, room for products, and the extent.
    pub(crate) fn top(&mut self) -> (&[F], &mut [F], &mut Scratch<F>, &Extent) {
        let top = self.tapes.len() - self.directions();
        let joint = self.joints.last_mut().expect("a stack has a layer");
        let (h, d_h) = joint.both_ways(&mut self.tapes[top..], &self.extent);
        (h, d_h, &mut self.scratch, &self.extent)
    }

    /// What was given as a gradient of outputs past a sequence's end does not count.
    pub(crate) fn clear_past_ends(&mut self) {
        let top = self.tapes.len() - self.directions();
        let Self { extent, tapes, joints, .. } = self;
        if let Some(joint) = joints.last_mut() {
            clear_past_ends(joint.both_ways(&mut tapes[top..], extent).1, extent);
        }
    }

    /// How many bytes this workspace holds.
    ///
    /// With `time` T, `batch` B, `input` I and the widths of each layer, the part that grows with the
    /// sequences is, in numbers of the float type,
    ///
    /// ```text
    /// Σ_layers  T B (saved + gates + gates if split) + 2 (T + 1) B (hidden + cell) + 2 B gates     + 2 T B I
    /// ```
    ///
    /// that is for each unit, sequence and timestep 4 numbers in an Elman layer, 13 in an LSTM and 12 in a GRU. Beside that
    /// stand, where a network has them, the states of both directions and their gradients, side by side, the input from its
    /// end, and the masks of dropout and zoneout with what they are applied to. The rest does
    /// not grow with them: the gradient of every parameter, each weight packed twice, and room for products, of at most
    /// 2¹⁷ + 2¹⁴ numbers for each thread.
    pub fn bytes(&self) -> usize {
        let numbers = self.x.capacity()
            + self.d_x.capacity()
            + self.tapes.iter().map(Tape::capacity).sum::<usize>()
            + self.joints.iter().map(Joint::capacity).sum::<usize>()
            + self.gradients.len()
            + self.scratch.capacity();
        numbers * size_of::<F>()
    }

    /// How many layers were run.
    pub fn layers(&self) -> usize {
        self.joints.len()
    }

    /// The hidden states of the last layer, (batch, time, hidden): PyTorch's `output`.
    pub fn output(&self) -> ArrayView3<'_, F> {
        self.hidden(self.layers() - 1)
    }

    /// h_1 .. h_T of `layer`, (batch, time, hidden). With two directions the states of both stand side by side, the
    /// forward one's first, at the timestep that they belong to: the backward one's h_t has seen x_t .. x_T.
    ///
    /// # Panics
    /// If there is no such layer, as for all views by layer.
    pub fn hidden(&self, layer: usize) -> ArrayView3<'_, F> {
        self.view(layer, |widths| widths.output, |tape| &tape.h, |joint| &joint.h)
    }

    /// c_1 .. c_T of `layer`, (batch, time, cell), as [`hidden`](Self::hidden); 0 columns for a cell without c.
    pub fn cell(&self, layer: usize) -> ArrayView3<'_, F> {
        self.view(layer, |widths| widths.cell, |tape| &tape.c, |joint| &joint.c)
    }

    /// dL/dh_1 .. dL/dh_T of `layer`, as [`hidden`](Self::hidden): total derivatives, through the output at t and through
    /// every later step and every layer above.
    pub fn d_hidden(&self, layer: usize) -> ArrayView3<'_, F> {
        self.gradient_view(layer, |widths| widths.output, |tape| &tape.d_h, |joint| &joint.d_h)
    }

    /// dL/dc_1 .. dL/dc_T of `layer`, total, as [`cell`](Self::cell).
    pub fn d_cell(&self, layer: usize) -> ArrayView3<'_, F> {
        self.gradient_view(layer, |widths| widths.cell, |tape| &tape.d_c, |joint| &joint.d_c)
    }

    /// dL/dx, (batch, time, input); (0, 0, input) unless the last pass was a backward one that computed it, which training
    /// steps do not.
    pub fn d_input(&self) -> ArrayView3<'_, F> {
        if !self.input_differentiated {
            return view(&[], (0, 0, self.input));
        }
        view(&self.d_x, (self.extent.batch, self.extent.time, self.input))
    }

    /// How many timesteps each sequence of the last pass had, if they differed.
    pub fn lengths(&self) -> Option<&[usize]> {
        self.extent.lengths()
    }

    /// The gradient of every parameter, as the last backward pass left it; zeros before the first one.
    pub fn gradients(&self) -> &Params<F> {
        &self.gradients
    }

    /// The state after each sequence's last timestep: PyTorch's `h_n` and `c_n`.
    pub fn final_state(&self) -> State<F> {
        self.state(|b| self.extent.length(b), |tape| (&tape.h, &tape.c))
    }

    /// The state after the first `t` timesteps, of sequences that are that long; of the backward direction, after the last
    /// `t` ones.
    ///
    /// # Panics
    /// If the pass was shorter.
    pub fn state_after(&self, t: usize) -> State<F> {
        assert!(t <= self.extent.time, "the state after {t} of {} timesteps", self.extent.time);
        self.state(|_| t, |tape| (&tape.h, &tape.c))
    }

    /// dL/dh_0 and dL/dc_0 of every layer, after a backward pass.
    ///
    /// # Panics
    /// If the last pass was no backward pass.
    pub fn d_initial(&self) -> State<F> {
        assert!(self.differentiated, "dL/dh_0 needs a backward pass after the last forward pass");
        self.state(|_| 0, |tape| (&tape.d_h, &tape.d_c))
    }

    /// The row of each sequence `b` in block `t(b)` of the states or of their gradients.
    fn state(&self, t: impl Fn(usize) -> usize, of: impl Fn(&Tape<F>) -> (&Vec<F>, &Vec<F>)) -> State<F> {
        let batch = self.extent.batch;
        let layers = self.tapes.iter().map(|tape| {
            let (h, c) = of(tape);
            let rows = |buffer: &[F], width: usize| {
                Array2::from_shape_fn((batch, width), |(b, j)| buffer[(t(b) * batch + b) * width + j])
            };
            let c = (tape.widths.cell > 0).then(|| rows(c, tape.widths.cell));
            LayerState { h: rows(h, tape.widths.output), c }
        });
        State { layers: layers.collect() }
    }

    /// The gradients of the states of a level, or none of them, (0, 0, width), if there are none for the last forward pass.
    fn gradient_view<'a>(
        &'a self,
        level: usize,
        width: impl Fn(&Widths) -> usize,
        of_one: impl Fn(&'a Tape<F>) -> &'a [F],
        of_both: impl Fn(&'a Joint<F>) -> &'a [F],
    ) -> ArrayView3<'a, F> {
        if self.differentiated {
            return self.view(level, width, of_one, of_both);
        }
        let tape = &self.tapes[level * self.directions()];
        view(&[], (0, 0, self.directions() * width(&tape.widths)))
    }

    /// The states of a layer, or their gradients, in the order of time.
    fn view<'a>(
        &'a self,
        layer: usize,
        width: impl Fn(&Widths) -> usize,
        of_one: impl Fn(&'a Tape<F>) -> &'a [F],
        of_both: impl Fn(&'a Joint<F>) -> &'a [F],
    ) -> ArrayView3<'a, F> {
        let (directions, joint) = (self.directions(), &self.joints[layer]);
        let tape = &self.tapes[layer * directions];
        let Extent { batch, time, .. } = self.extent;
        let width = width(&tape.widths);
        if joint.both {
            return view(of_both(joint), (batch, time, directions * width));
        }
        view(of_one(tape).get(batch * width..).unwrap_or_default(), (batch, time, width))
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
