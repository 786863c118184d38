//! Which arrays of a network a rule sets.

use ndarray::{ArrayViewMut2, Axis};

use crate::Real;
use crate::cell::{Gate, OwnParameter, OwnStart};
use crate::error::{Error, Place, Result};
use crate::init::{Init, InitError, Weights, gates, matrix};
use crate::network::layer::Layer;
use crate::network::params::{Parameters, Params};
use crate::random::Random;

/// Initializes the layers of a stack, which come with their number and what their parameters' names end in: all that `init` is
/// about, or only its `only` matrices. After an error nothing has changed, but that numbers were drawn.
pub(crate) fn initialize_stack<'l, F: Real>(
    layers: impl Iterator<Item = (usize, &'static str, &'l Layer<F>)>,
    params: &mut Params<F>,
    init: Init,
    only: Option<Weights>,
    rng: &mut (impl Random<F> + ?Sized),
) -> Result<()> {
    init.check::<F>()?;
    if only.is_some() && init.is_of_gates() {
        return Err(InitError::NotForWeights { init }.into());
    }
    let mut theta = params.clone();
    for (index, suffix, layer) in layers {
        Part::of(index, suffix, layer).set(&mut theta, init, only, rng)?;
    }
    replace(params, theta)
}

/// The new parameters take the place of the old ones, unless one is not finite that was before: a rule may draw numbers that the
/// float type cannot hold, and a generator of the caller's may give anything.
fn replace<F: Real>(params: &mut Params<F>, new: Params<F>) -> Result<()> {
    if new.first_non_finite().is_some() {
        let pairs = params.as_slice().iter().zip(new.as_slice());
        if let Some((at, (_, value))) =
            pairs.enumerate().find(|(_, (old, new))| old.is_finite() && !new.is_finite())
        {
            let (name, index) = new.place(at);
            return Err(Error::NonFinite {
                place: Place::Parameter { name, index },
                value: value.to_string(),
            });
        }
    }
    *params = new;
    Ok(())
}

/// Initializes a linear head of `input` features, its weight as one block. After an error nothing has changed, but that numbers
/// were drawn.
pub(crate) fn initialize_head<F: Real>(
    input: usize,
    head: &mut Params<F>,
    init: Init,
    rng: &mut (impl Random<F> + ?Sized),
) -> Result<()> {
    const WEIGHT: &str = "head.weight";
    init.check::<F>()?;
    let mut theta = head.clone();
    let params = &mut theta;
    match init {
        Init::Zeros => params.fill(F::zero()),
        Init::Constant(value) => params.fill(F::of(value)),
        Init::PyTorch | Init::Linear => {
            uniform(params, WEIGHT, input, rng);
            if params.get("head.bias").is_some() {
                uniform(params, "head.bias", input, rng);
            }
        }
        Init::ForgetBias(_) | Init::Chrono { .. } => {
            gates::biases(init, || "the head".to_owned(), &[], 0, rng)?;
        }
        _ => matrix::set(init, WEIGHT, weight(params, WEIGHT), rng)?,
    }
    replace(head, theta)
}

/// What an array of a layer is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    WeightIh,
    WeightHh,
    BiasIh,
    BiasHh,
    /// The single bias.
    Bias,
    /// An array that only some layers have, and how it starts: a parameter of the unit's own, a projection, gains and
    /// offsets, a learned initial state. The rules for all parameters set it, the others do not.
    Own(OwnStart),
}

impl Role {
    /// From a name as `weight_ih_l0`. Names are taken apart nowhere else.
    fn of(name: &str, own: &[OwnParameter]) -> Self {
        let base = name.rsplit_once("_l").map_or(name, |(base, _)| base);
        match base {
            "weight_ih" => Self::WeightIh,
            "weight_hh" => Self::WeightHh,
            "bias_ih" => Self::BiasIh,
            "bias_hh" => Self::BiasHh,
            "bias" => Self::Bias,
            "weight_hr" => Self::Own(OwnStart::Drawn),
            "gain_ih" | "gain_hh" | "gain_c" => Self::Own(OwnStart::Constant(1.0)),
            // Offsets and initial states start at 0.
            _ => Self::Own(
                own.iter().find(|own| own.name == base).map_or(OwnStart::Constant(0.0), |own| own.start),
            ),
        }
    }

    fn is_one_of(self, weights: Weights) -> bool {
        match weights {
            Weights::Input => self == Self::WeightIh,
            Weights::Recurrent => self == Self::WeightHh,
            Weights::Both => self == Self::WeightIh || self == Self::WeightHh,
        }
    }
}

/// A layer, as far as its initialization needs to know it.
struct Part {
    index: usize,
    /// Columns of W_ih.
    input: usize,
    /// Rows of a gate's block.
    hidden: usize,
    /// Columns of W_hh.
    recurrent: usize,
    gates: &'static [Gate],
    /// The arrays, in the order in which they lie.
    arrays: Vec<(Role, String)>,
}

impl Part {
    fn of<F: Real>(index: usize, suffix: &'static str, layer: &Layer<F>) -> Self {
        let parameters = layer.parameters(index, suffix).into_iter();
        let arrays = parameters.map(|(name, _)| (Role::of(&name, layer.form.own), name)).collect();
        Self {
            index,
            input: layer.input,
            hidden: layer.hidden,
            recurrent: layer.output(),
            gates: layer.form.gates,
            arrays,
        }
    }

    fn set<F: Real>(
        &self,
        theta: &mut Params<F>,
        init: Init,
        only: Option<Weights>,
        rng: &mut (impl Random<F> + ?Sized),
    ) -> Result<()> {
        let target = only.or(init.weights());
        let wanted = || self.arrays.iter().filter(|(role, _)| target.is_none_or(|w| role.is_one_of(w)));
        match init {
            Init::Zeros => wanted().for_each(|(_, name)| array(theta, name).fill(F::zero())),
            Init::Constant(value) => wanted().for_each(|(_, name)| array(theta, name).fill(F::of(value))),
            Init::PyTorch => {
                for (role, name) in wanted() {
                    match role {
                        Role::Own(start) => self.start(theta, name, *start, rng),
                        _ => uniform(theta, name, self.hidden, rng),
                    }
                }
            }
            Init::Linear => {
                for (roles, n) in [
                    ([Role::WeightIh, Role::BiasIh, Role::Bias].as_slice(), self.input),
                    (&[Role::WeightHh, Role::BiasHh], self.recurrent),
                ] {
                    // The weight lies before the bias.
                    let part = wanted().filter(|(role, _)| roles.contains(role));
                    part.for_each(|(_, name)| uniform(theta, name, n, rng));
                }
                for (role, name) in wanted() {
                    if let Role::Own(start) = role {
                        self.start(theta, name, *start, rng);
                    }
                }
            }
            Init::ForgetBias(_) | Init::Chrono { .. } => self.set_biases(theta, init, rng)?,
            _ => {
                for (_, name) in wanted() {
                    for block in weight(theta, name).axis_chunks_iter_mut(Axis(0), self.hidden) {
                        matrix::set(init, name, block, rng)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A cell's own array.
    fn start<F: Real>(
        &self,
        theta: &mut Params<F>,
        name: &str,
        start: OwnStart,
        rng: &mut (impl Random<F> + ?Sized),
    ) {
        match start {
            OwnStart::Drawn => uniform(theta, name, self.hidden, rng),
            OwnStart::Uniform(low, high) => rng.fill_uniform(low, high, array(theta, name)),
            OwnStart::Constant(value) => array(theta, name).fill(F::of(value)),
        }
    }

    /// Biases of gates: the sum of b_ih and b_hh is what the rule says, the second being zero there.
    fn set_biases<F: Real>(
        &self,
        theta: &mut Params<F>,
        init: Init,
        rng: &mut (impl Random<F> + ?Sized),
    ) -> Result<()> {
        let biases = gates::biases(init, || format!("layer {}", self.index), self.gates, self.hidden, rng)?;
        let is_first = |role: &Role| matches!(role, Role::BiasIh | Role::Bias);
        if !self.arrays.iter().any(|(role, _)| is_first(role)) {
            return Err(InitError::NoBias { layer: self.index }.into());
        }
        for (gate, values) in biases {
            for (role, name) in &self.arrays {
                let units = gate * self.hidden..(gate + 1) * self.hidden;
                if is_first(role) {
                    array(theta, name)[units].copy_from_slice(&values);
                } else if *role == Role::BiasHh {
                    array(theta, name)[units].fill(F::zero());
                }
            }
        }
        Ok(())
    }
}

/// All of an array from U(−1/√n, 1/√n).
fn uniform<F: Real>(theta: &mut Params<F>, name: &str, n: usize, rng: &mut (impl Random<F> + ?Sized)) {
    let bound = 1.0 / (n as f64).sqrt();
    rng.fill_uniform(-bound, bound, array(theta, name));
}

/// The numbers of an array.
fn array<'p, F: Real>(theta: &'p mut Params<F>, name: &str) -> &'p mut [F] {
    let array = theta.get_mut(name).expect("a parameter of this network");
    array.into_slice().expect("parameters lie in one block")
}

/// A weight, (rows, columns).
fn weight<'p, F: Real>(theta: &'p mut Params<F>, name: &str) -> ArrayViewMut2<'p, F> {
    let array = theta.get_mut(name).expect("a parameter of this network");
    array.into_dimensionality().expect("a weight is a matrix")
}
