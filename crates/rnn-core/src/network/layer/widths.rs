//! How many columns each of a layer's arrays has.

use crate::cell::units::Counts;
use crate::cell::{Form, StateKind};
use crate::error::{Error, Result};
use crate::network::layer::norm::INVERSES;
use crate::network::options::Options;

/// How many numbers each of a layer's arrays has for one sequence and one timestep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Widths {
    /// Of x_t.
    pub(crate) input: usize,
    /// Of h_t: the hidden units, or the size of the projection.
    pub(crate) output: usize,
    /// Of c_t.
    pub(crate) cell: usize,
    /// How much of c_t is the h̃ that the unit needs again and the projection reads.
    pub(crate) carried: usize,
    /// Of a_t.
    pub(crate) gates: usize,
    /// Of u_t; 0 without W_hh.
    pub(crate) gates_u: usize,
    /// Of dL/du_t where it is not dL/da_t; else 0.
    pub(crate) split: usize,
    /// Of what the unit keeps.
    pub(crate) saved: usize,
    /// Of the unit's own parameters.
    pub(crate) own: usize,
    /// The hidden units where there is a projection; else 0.
    pub(crate) raw: usize,
    /// The size of the projection; else 0.
    pub(crate) projected: usize,
    /// The hidden units where the recurrence is gated; else 0.
    pub(crate) gated: usize,
    /// Of the normalized a_t, u_t and c_t, and of the gradient of that of u_t; 0 where nothing is normalized.
    pub(crate) norm_a: usize,
    pub(crate) norm_u: usize,
    pub(crate) norm_u_split: usize,
    pub(crate) norm_c: usize,
    /// Of 1/σ of each.
    pub(crate) inverses: usize,
    /// What the state is in this layer.
    pub(crate) state: StateKind,
}

impl Widths {
    /// The widths of a layer, if no product of sizes overflows.
    pub(crate) fn new(
        form: &Form,
        counts: Counts,
        input: usize,
        hidden: usize,
        options: &Options,
    ) -> Result<Self> {
        let most = [counts.gates, counts.saved, counts.state + 1, counts.own].into_iter().max().unwrap_or(1);
        let largest =
            hidden.max(input).checked_mul(most).and_then(|rows| rows.checked_mul(hidden.max(input)));
        if largest.is_none_or(|numbers| numbers > isize::MAX as usize / 64) {
            return Err(Error::TooLarge { input, units: hidden });
        }
        let when = |on: bool, width: usize| if on { width } else { 0 };
        let projected = options.projection.unwrap_or(0);
        let carries = projected > 0 && form.uses_h;
        let norm = options.layer_norm.is_some();
        let (gates, carried) = (counts.gates * hidden, when(carries, hidden));
        let gates_u = when(form.recurrent(), gates);
        // With normalization, dL/du_t is not dL/da_t even where only their sum matters.
        let split = form.recurrent() && (form.split || norm);
        let reads_one = form.reads_cell && counts.state == 2;
        let mixes_h = options.zoneout.hidden > 0.0;
        let state = match form.state {
            StateKind::Cell if mixes_h => StateKind::Both,
            StateKind::Hidden if carries && !mixes_h => StateKind::Cell,
            StateKind::Hidden if carries || counts.state > 1 => StateKind::Both,
            kind => kind,
        };
        Ok(Self {
            input,
            output: if projected > 0 { projected } else { hidden },
            cell: (counts.state - 1) * hidden + carried,
            carried,
            gates,
            gates_u,
            split: when(split, gates),
            saved: counts.saved * hidden,
            own: counts.own * hidden,
            raw: when(projected > 0, hidden),
            projected,
            gated: when(form.gated(), hidden),
            norm_a: when(norm, gates),
            norm_u: when(norm, gates_u),
            norm_u_split: when(norm && form.split, gates_u),
            norm_c: when(norm && reads_one, hidden),
            inverses: when(norm, INVERSES),
            state,
        })
    }

    /// The width of the widest array.
    pub(crate) fn widest(&self) -> usize {
        let Self { input, output, cell, gates, saved, own, raw, .. } = *self;
        [input, output, cell, gates, saved, own, raw].into_iter().max().unwrap_or(0)
    }

    /// How many numbers the state has.
    pub(crate) fn state_width(&self) -> usize {
        match self.state {
            StateKind::Hidden => self.output,
            StateKind::Cell => self.cell,
            StateKind::Both => self.output + self.cell,
        }
    }
}
