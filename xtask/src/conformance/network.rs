//! From a case's words to a concrete network: [`Network::read`] is the one place that says which networks there are.

use rnn_core::{Bias, Cell, Elman, Gru, Lstm, Model, Options, Real, Stack, Timesteps};

use crate::conformance::fixture::Fixture;
use crate::conformance::keys::{Keys, required};
use crate::conformance::outcome::Stop;

/// The most gate activations that a case may need: far more than fixtures do, and about a gigabyte of states.
const MAX_ACTIVATIONS: usize = 1 << 25;

/// A network and the shape of its input, as a case describes them.
#[derive(Clone, Debug)]
pub(super) struct Network<F: Real> {
    pub(super) cell: Cell<F>,
    /// Rows of W_hh for each hidden unit.
    pub(super) gates: usize,
    /// Biases, directions and projection.
    pub(super) options: Options,
    /// Whether its sequences have different lengths.
    pub(super) packed: bool,
    /// Features of the input.
    pub(super) input: usize,
    /// Units of each layer.
    pub(super) hidden: usize,
    /// How many layers.
    pub(super) layers: usize,
    /// Sequences in a batch.
    pub(super) batch: usize,
    /// Timesteps of each sequence.
    pub(super) time: usize,
}

impl<F: Real> Network<F> {
    /// The network that a case describes. What the libraries cannot do yet is refused here, by name.
    pub(super) fn read(case: &Keys) -> Result<Self, Stop> {
        let mut missing = Vec::new();
        let projection = match case.number("proj_size")? {
            None | Some(0.0) => None,
            Some(_) => case.size("proj_size")?,
        };

        let kind = required("cell", case.text("cell")?)?;
        let nonlinearity = case.text("nonlinearity")?;
        let cell = match (kind, nonlinearity) {
            ("rnn", None | Some("tanh")) => Some((Elman::tanh().into(), 1)),
            ("rnn", Some("identity")) => Some((Elman::identity().into(), 1)),
            ("rnn", Some("relu")) => Some((Elman::relu().into(), 1)),
            ("rnn", Some("sigmoid")) => Some((Elman::sigmoid().into(), 1)),
            ("lstm", None) => Some((Lstm.into(), 4)),
            ("gru", None) => Some((Gru.into(), 3)),
            ("rnn" | "lstm" | "gru", Some(unknown)) => {
                missing.push(format!("nonlinearity {unknown:?} of cell {kind:?}"));
                None
            }
            _ => {
                missing.push(format!("cell {kind:?}"));
                None
            }
        };
        if let (Some(size), "rnn" | "gru") = (projection, kind) {
            missing.push(format!("proj_size {size} of cell {kind:?}"));
        }
        let bias = match required("bias", case.text("bias")?)? {
            "none" => Some(Bias::None),
            "single" => Some(Bias::Single),
            "double" => Some(Bias::Double),
            unknown => {
                missing.push(format!("bias {unknown:?}"));
                None
            }
        };
        let network = |((cell, gates), bias)| {
            let options = Options::from(bias).bidirectional(case.flag("bidirectional")?);
            Ok(Self {
                cell,
                gates,
                options: projection.map_or(options, |size| options.projection(size)),
                packed: case.flag("packed")?,
                input: case.size("input_size")?.unwrap_or(1),
                hidden: required("hidden_size", case.size("hidden_size")?)?,
                layers: case.size("num_layers")?.unwrap_or(1),
                batch: case.size("batch")?.unwrap_or(1),
                time: required("seq_len", case.size("seq_len")?)?,
            })
        };
        match cell.zip(bias) {
            Some(parts) if missing.is_empty() => network(parts),
            _ => Err(Stop::unsupported(missing.join(", "))),
        }
    }

    /// One or two.
    pub(super) fn directions(&self) -> usize {
        1 + usize::from(self.options.bidirectional)
    }

    /// Features of h_t.
    pub(super) fn output(&self) -> usize {
        self.options.projection.unwrap_or(self.hidden)
    }

    /// How many timesteps each sequence has, where they differ.
    pub(super) fn lengths(&self, fixture: &Fixture<'_>) -> Result<Option<Vec<usize>>, Stop> {
        if self.packed { fixture.lengths(self.batch, self.time).map(Some) } else { Ok(None) }
    }

    /// The recurrent layers with the parameters in the file.
    pub(super) fn stack(&self, fixture: &Fixture<'_>) -> Result<Stack<F>, Stop> {
        self.check_sizes(fixture, "")?;
        let hidden = vec![self.hidden; self.layers];
        let mut stack = Stack::zeros(self.cell.clone(), self.input, &hidden, self.options)?;
        fixture.fill("", &mut stack)?;
        Ok(stack)
    }

    /// The recurrent layers and a head, with the parameters in the file under their names after `prefix`.
    pub(super) fn model(
        &self,
        fixture: &Fixture<'_>,
        prefix: &str,
        outputs: usize,
    ) -> Result<Model<F>, Stop> {
        self.check_sizes(fixture, prefix)?;
        let output = self.output() * self.directions();
        fixture.expect_shape(&format!("{prefix}head.weight"), &[outputs, output])?;
        let hidden = vec![self.hidden; self.layers];
        let mut model = Model::zeros(self.cell.clone(), self.input, &hidden, outputs, self.options)?;
        fixture.fill(prefix, &mut model)?;
        Ok(model)
    }

    /// An error unless the file really holds matrices of the sizes that its case claims, and the states fit into
    /// memory: nothing may be allocated on the word of a case.
    fn check_sizes(&self, fixture: &Fixture<'_>, prefix: &str) -> Result<(), Stop> {
        let rows = self.gates * self.hidden;
        fixture.expect_shape(&format!("{prefix}weight_ih_l0"), &[rows, self.input])?;
        for layer in 0..self.layers {
            fixture.expect_shape(&format!("{prefix}weight_hh_l{layer}"), &[rows, self.output()])?;
        }
        let sizes = [self.batch, self.time, self.layers, self.directions(), rows];
        let activations = sizes.into_iter().fold(1, usize::saturating_mul);
        if activations <= MAX_ACTIVATIONS {
            return Ok(());
        }
        Err(Stop::broken(format!(
            "its case needs {activations} activations, more than {MAX_ACTIVATIONS}; make a smaller case"
        )))
    }
}

/// Which timesteps the mean squared error of a case of a model with a head counts.
pub(super) fn counted_timesteps(case: &Keys) -> Result<Timesteps, Stop> {
    match case.text("loss")? {
        None | Some("mean squared error") => {}
        Some(unknown) => return Err(Stop::unsupported(format!("loss {unknown:?}"))),
    }
    Ok(if case.flag("last_timestep_only")? { Timesteps::Last } else { Timesteps::All })
}
