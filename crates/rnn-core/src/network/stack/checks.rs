//! What can be wrong with a pass through a stack, before it and after it.

use ndarray::ArrayView3;

use crate::error::{Error, Place, Result, check_shape};
use crate::kernel::reduce;
use crate::memory::tape::{Keep, Tape};
use crate::memory::workspace::Workspace;
use crate::network::extent::Extent;
use crate::network::layer::Widths;
use crate::network::params::{Parameters, Params};
use crate::network::state::State;
use crate::{Real, Stack};

/// What a state and its parts are called in errors.
#[derive(Clone, Copy)]
pub(crate) struct StateName {
    whole: &'static str,
    h: &'static str,
    c: &'static str,
}

impl StateName {
    pub(crate) const INITIAL: Self =
        Self { whole: "the initial state", h: "h of the initial state", c: "c of the initial state" };
    pub(super) const FINAL_GRADIENT: Self = Self {
        whole: "the gradient of the final state",
        h: "the gradient of the final h",
        c: "the gradient of the final c",
    };
}

impl<F: Real> Stack<F> {
    pub(crate) fn check_workspace(&self, ws: &Workspace<F>) -> Result<()> {
        let fits = ws.tapes.len() == self.layers.len()
            && ws.gradients.same_layout(&self.params)
            && ws.tapes.iter().zip(&self.layers).all(|(tape, layer)| tape.widths == layer.widths);
        if fits {
            return Ok(());
        }
        let (expected, found) = (self.params.len(), ws.gradients.len());
        Err(Error::OtherNetwork { what: "the workspace", expected, found })
    }

    /// An error if an array of a pass, with so many outputs of a head, would be larger than any memory. The input need not be: a
    /// view may repeat its numbers. No product of these sizes overflows after this.
    pub(crate) fn check_countable(&self, batch: usize, time: usize, outputs: usize) -> Result<()> {
        let widest = self.layers.iter().map(|layer| layer.widths.widest()).fold(outputs, usize::max);
        // The states of both directions, and the initial ones.
        let sizes = [time, batch, widest, size_of::<F>().max(1)];
        let bytes = sizes.iter().try_fold(4, |all: usize, &size| all.checked_mul(size));
        if bytes.is_some_and(|bytes| isize::try_from(bytes).is_ok()) {
            return Ok(());
        }
        Err(Error::TooLong { batch, time })
    }

    /// An error unless this workspace holds all of a forward pass of this stack.
    pub(crate) fn check_recorded(&self, ws: &Workspace<F>) -> Result<()> {
        self.check_workspace(ws)?;
        if ws.extent.batch == 0 || ws.keep == Keep::States { Err(Error::NothingRecorded) } else { Ok(()) }
    }

    /// An error that names the first parameter or, else, the first state that is not finite.
    ///
    /// The parameters are looked at even if every state is finite: an infinite one can hide behind a saturated unit.
    pub(super) fn first_non_finite(&self, ws: &Workspace<F>) -> Result<()> {
        if let Some((name, index, value)) = self.params.first_non_finite() {
            return Err(Error::NonFinite {
                place: Place::Parameter { name, index },
                value: value.to_string(),
            });
        }
        // In the order of cause and effect: by timestep, within one from the lowest layer up, c before h.
        // A backward direction has its own order of time, and its units are counted after the forward one's.
        let (batch, time) = (ws.extent.batch, ws.extent.time);
        let places = (0..=time).flat_map(|t| (0..ws.tapes.len()).map(move |tape| (t, tape)));
        for (step, k) in places {
            let Tape { widths, h, c, .. } = &ws.tapes[k];
            let (layer, backward) = (k / ws.directions(), k % ws.directions() == 1);
            let natural = |batch: usize| ws.extent.timestep(step, batch, backward);
            let before = |width: usize| if backward { width } else { 0 };
            let first = |states: &[F], width: usize| {
                let rows = &states[step * batch * width..][..batch * width];
                let at = rows.iter().position(|x| !x.is_finite())?;
                Some((at / width, at % width, rows[at].to_string()))
            };
            if let Some((batch, unit, value)) = first(c, widths.cell) {
                let (timestep, unit) = (natural(batch), before(widths.cell) + unit);
                return Err(Error::NonFinite {
                    place: Place::CellState { layer, timestep, batch, unit },
                    value,
                });
            }
            if let Some((batch, unit, value)) = first(h, widths.output) {
                let (timestep, unit) = (natural(batch), before(widths.output) + unit);
                return Err(Error::NonFinite {
                    place: Place::HiddenState { layer, timestep, batch, unit },
                    value,
                });
            }
        }
        Ok(())
    }
}

/// An error unless the state fits layers of these widths and is finite.
pub(crate) fn check_state<F: Real>(
    layers: impl ExactSizeIterator<Item = Widths>,
    name: StateName,
    state: &State<F>,
    batch: usize,
) -> Result<()> {
    let what = name.whole;
    if state.layers.len() != layers.len() {
        return Err(Error::LayerCount { what, expected: layers.len(), found: state.layers.len() });
    }
    for (k, (widths, state)) in layers.zip(&state.layers).enumerate() {
        check_shape(format_args!("h of layer {k} in {what}"), &[batch, widths.output], state.h.shape())?;
        if state.c.is_some() != (widths.cell > 0) {
            return Err(Error::CellState { layer: k, needed: widths.cell > 0 });
        }
        if let Some(c) = &state.c {
            check_shape(format_args!("c of layer {k} in {what}"), &[batch, widths.cell], c.shape())?;
        }
        for (array, x) in std::iter::once((name.h, &state.h)).chain(state.c.iter().map(|c| (name.c, c))) {
            if let Some(((b, unit), bad)) = x.indexed_iter().find(|(_, x)| !x.is_finite()) {
                let place = Place::Given { array, index: vec![k, b, unit] };
                return Err(Error::NonFinite { place, value: bad.to_string() });
            }
        }
    }
    Ok(())
}

/// The error for an array, (batch, time, features), that holds NaN or an infinity within a sequence.
pub(super) fn non_finite_within<F: Real>(
    array: &'static str,
    values: ArrayView3<'_, F>,
    extent: &Extent,
) -> Error {
    let found = values.indexed_iter().find(|((b, t, _), x)| !x.is_finite() && *t < extent.length(*b));
    let ((b, t, i), value) = found.map_or(((0, 0, 0), F::nan()), |(at, x)| (at, *x));
    Error::NonFinite { place: Place::Given { array, index: vec![b, t, i] }, value: value.to_string() }
}

/// An error if a gradient of the input or of a state is not finite, after the way back. The gradients of parameters need not show
/// that: the last step back, to the initial states, and dL/dx meet no parameter's gradient.
///
/// A step of training, which does not ask for dL/dx, looks at dL/dh_0 and dL/dc_0 only, not to read all gradients again.
pub(crate) fn check_state_gradients<F: Real>(ws: &Workspace<F>) -> Result<()> {
    if !ws.input_differentiated {
        return check_first_state_gradients(ws, 1);
    }
    check_first_state_gradients(ws, ws.extent.time + 1)?;
    if reduce::all_finite(&ws.d_x) {
        return Ok(());
    }
    let at = ws.d_x.iter().position(|d| !d.is_finite()).unwrap_or(0);
    let (row, feature) = (at / ws.input, at % ws.input);
    let place = Place::InputGradient { index: vec![row % ws.extent.batch, row / ws.extent.batch, feature] };
    Err(Error::NonFinite { place, value: ws.d_x[at].to_string() })
}

/// An error if the gradient of a state in one of the first blocks is not finite. It names the first one in the order of cause and
/// effect: from the last timestep back, within one from the highest layer down, h before c.
pub(crate) fn check_first_state_gradients<F: Real>(ws: &Workspace<F>, blocks: usize) -> Result<()> {
    let batch = ws.extent.batch;
    let finite = |d: &[F], width: usize| reduce::all_finite(&d[..blocks * batch * width]);
    if ws
        .tapes
        .iter()
        .all(|tape| finite(&tape.d_h, tape.widths.output) && finite(&tape.d_c, tape.widths.cell))
    {
        return Ok(());
    }
    for (block, k) in (0..blocks).rev().flat_map(|t| (0..ws.tapes.len()).rev().map(move |tape| (t, tape))) {
        let Tape { widths, d_h, d_c, .. } = &ws.tapes[k];
        let (layer, backward) = (k / ws.directions(), k % ws.directions() == 1);
        for (d, width, cell) in [(d_h, widths.output, false), (d_c, widths.cell, true)] {
            let rows = &d[block * batch * width..][..batch * width];
            if let Some(at) = rows.iter().position(|d| !d.is_finite()) {
                let (batch, unit) = (at / width, at % width + if backward { width } else { 0 });
                let timestep = ws.extent.timestep(block, batch, backward);
                let place = Place::StateGradient { layer, timestep, batch, unit, cell };
                return Err(Error::NonFinite { place, value: rows[at].to_string() });
            }
        }
    }
    Ok(())
}

/// An error if the gradient of a parameter is not finite.
pub(crate) fn check_gradients<F: Real>(gradients: &impl Parameters<F>) -> Result<()> {
    match gradients.blocks().find_map(Params::first_non_finite) {
        None => Ok(()),
        Some((name, index, value)) => {
            Err(Error::NonFinite { place: Place::Gradient { name, index }, value: value.to_string() })
        }
    }
}
