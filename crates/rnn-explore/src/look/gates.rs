//! Gates over time.

use ndarray::{ArrayView2, Axis};
use rnn_core::LayerXray;
use rnn_core::cell::GateRole;

use super::layers::over_time;
use super::scene::Scene;
use crate::error::Error;
use crate::quantiles::quantiles;
use crate::settings::CellKind;
use crate::view::{Gate, Keeps};

/// The gates of a cell that has them: a cell with one product has a candidate alone.
pub(super) fn gates(scene: &Scene<'_>) -> Result<Vec<Gate>, Error> {
    if scene.settings.cell.form().gates.len() == 1 {
        return Ok(Vec::new());
    }
    let seen = scene.model.rnn.gates(scene.layer, &scene.ws.rnn)?;
    let keeper = Keeper::of(scene.settings.cell);
    let one = |(gate, &name): (usize, &&'static str)| {
        let units = |t: usize| seen.activation.index_axis(Axis(0), gate).index_axis_move(Axis(1), t);
        let keeper = keeper.as_ref().filter(|keeper| keeper.gate == gate);
        Gate {
            name,
            mean: over_time(&seen, |t| units(t).mean().unwrap_or(f64::NAN)),
            least: over_time(&seen, |t| units(t).iter().copied().fold(f64::INFINITY, f64::min)),
            most: over_time(&seen, |t| units(t).iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            saturated: seen.saturation.row(gate).to_vec(),
            kept: keeper.map(|keeper| keeper.kept(&seen)),
            keeps: keeper.map(|keeper| Keeps { what: keeper.what.clone(), mean: keeper.mean(&seen) }),
        }
    };
    Ok(seen.gates.iter().enumerate().map(one).collect())
}

/// What a step multiplies the old state with.
struct Keeper {
    /// The gate that decides it.
    gate: usize,
    /// As in the equations of the cell.
    what: String,
    by: By,
}

/// How the factor follows from the gate.
enum By {
    Gate,
    OneMinusGate,
    /// The gate over the sum of it and another one.
    ShareWith(usize),
}

impl Keeper {
    /// By the roles of the gates; of the minLSTM, whose gates are divided by their sum, by its equations.
    fn of(cell: CellKind) -> Option<Self> {
        let form = cell.form();
        let with = |role: GateRole| form.gates.iter().position(|gate| gate.role == role);
        let name = |gate: usize| form.gates[gate].name;
        match (with(GateRole::Keeps), with(GateRole::Admits)) {
            (Some(f), Some(i)) if cell == CellKind::MinLstm => {
                let what = format!("{0} / ({0} + {1})", name(f), name(i));
                Some(Self { gate: f, what, by: By::ShareWith(i) })
            }
            (Some(gate), _) => Some(Self { gate, what: name(gate).to_owned(), by: By::Gate }),
            (None, Some(gate)) => {
                Some(Self { gate, what: format!("1 − {}", name(gate)), by: By::OneMinusGate })
            }
            (None, None) => None,
        }
    }

    /// The factor of a unit at a timestep, from 0.
    fn factor(&self, seen: &LayerXray<f64>, t: usize, unit: usize) -> f64 {
        let gate = |gate: usize| seen.activation[[gate, 0, t, unit]];
        match self.by {
            By::Gate => gate(self.gate),
            By::OneMinusGate => 1.0 - gate(self.gate),
            By::ShareWith(other) => gate(self.gate) / (gate(self.gate) + gate(other)),
        }
    }

    /// The mean over timesteps and units.
    fn mean(&self, seen: &LayerXray<f64>) -> f64 {
        let values = of_gate(seen, self.gate);
        let (time, units) = values.dim();
        let sum: f64 = (0..time)
            .flat_map(|t| (0..units).map(move |unit| (t, unit)))
            .map(|(t, unit)| self.factor(seen, t, unit))
            .sum();
        sum / values.len() as f64
    }

    /// The least, the median and the greatest over units of the product over t = 2 .. T.
    fn kept(&self, seen: &LayerXray<f64>) -> [f64; 3] {
        let (time, units) = of_gate(seen, self.gate).dim();
        let product = |unit: usize| (1..time).map(|t| self.factor(seen, t, unit)).product();
        quantiles((0..units).map(product).collect())
    }
}

/// The values of a gate, (time, unit).
fn of_gate(seen: &LayerXray<f64>, gate: usize) -> ArrayView2<'_, f64> {
    seen.activation.index_axis(Axis(0), gate).index_axis_move(Axis(0), 0)
}
