//! What is wrong with a model on a batch, and what to do about it.
//!
//! Numbers are measured once (`evidence`), held against thresholds (`symptoms`), and each symptom is given a change of the
//! model that was tried (`remedy`).

mod curvature;
mod evidence;
mod remedy;
mod symptoms;

use std::fmt;

pub use curvature::Descent;
pub use evidence::{Evidence, LayerEvidence};
pub use remedy::Remedy;
use rnn_core::{Batch, Loss, Model, Real, Zoneout};

use crate::error::{Error, Result};

/// What can be wrong with a recurrent network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// The states and the gradients grow without bound.
    Exploding,
    /// The states stay bounded, but small differences between them grow: gradients explode, and what the network answers depends
    /// on the last digit of its state.
    Chaotic,
    /// Units give 0 at every timestep of every sequence, and no gradient passes them.
    Dead,
    /// Units are at the flat ends of their activation, and little gradient passes them.
    Saturated,
    /// In the long run gradients vanish, but before that they grow.
    TransientGrowth,
    /// The gates, the leak or the eigenvalues of the units drop the state within a few timesteps, so that gradients vanish.
    Forgetting,
    /// Gradients vanish on their way back through the recurrent weights.
    Vanishing,
    /// Gradient descent at the given learning rate leads away from a minimum.
    LearningRate,
}

impl Condition {
    /// All conditions, causes before what follows from them.
    pub const ALL: [Self; 8] = [
        Self::Exploding,
        Self::Chaotic,
        Self::Dead,
        Self::Saturated,
        Self::TransientGrowth,
        Self::Forgetting,
        Self::Vanishing,
        Self::LearningRate,
    ];

    /// The name, in lower case: `transient growth`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exploding => "exploding",
            Self::Chaotic => "chaotic",
            Self::Dead => "dead",
            Self::Saturated => "saturated",
            Self::TransientGrowth => "transient growth",
            Self::Forgetting => "forgetting",
            Self::Vanishing => "vanishing",
            Self::LearningRate => "learning rate too large",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A measured number and the threshold that it has crossed.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossed {
    /// What was measured.
    pub what: &'static str,
    /// The number.
    pub value: f64,
    /// The threshold.
    pub threshold: f64,
    /// Whether the number is above the threshold, or else below it.
    pub above: bool,
}

impl fmt::Display for Crossed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, value, threshold, above } = self;
        let side = if *above { "above" } else { "below" };
        write!(f, "{what} is {value:.3e}, {side} {threshold:.3e}")
    }
}

/// Something that is wrong, how that is known, and what helps.
#[derive(Clone, Debug, PartialEq)]
pub struct Symptom {
    /// What is wrong.
    pub condition: Condition,
    /// In which layer, an index of [`Stack::layers`](rnn_core::Stack::layers); `None` for what concerns the whole model.
    pub layer: Option<usize>,
    /// The numbers that say so.
    pub evidence: Vec<Crossed>,
    /// A change after which the symptom is gone: it was made on a copy of the model and measured again. `None` if none of those that
    /// were tried removes the symptom.
    pub remedy: Option<Remedy>,
}

/// The result of [`diagnose`].
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// What is wrong, causes before what follows from them; empty for a healthy model.
    pub symptoms: Vec<Symptom>,
    /// Everything that was measured.
    pub evidence: Evidence,
}

impl Diagnosis {
    /// The first symptom's condition, which the others may follow from; `None` for a healthy model.
    pub fn condition(&self) -> Option<Condition> {
        self.symptoms.first().map(|symptom| symptom.condition)
    }

    /// Whether nothing is wrong.
    pub fn is_healthy(&self) -> bool {
        self.symptoms.is_empty()
    }
}

/// What [`diagnose`] is told beside the model and the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DiagnoseOptions {
    /// The learning rate of plain gradient descent that is to be judged; by default none is.
    pub rate: Option<f64>,
}

impl DiagnoseOptions {
    /// Sets [`rate`](Self#structfield.rate).
    #[must_use]
    pub fn rate(self, rate: f64) -> Self {
        Self { rate: Some(rate) }
    }
}

/// Names what is wrong with a model on a batch, with the numbers that say so and a remedy that was tried.
///
/// | condition | signature |
/// |---|---|
/// | [`Exploding`](Condition::Exploding) | the pass overflows; or the exponent λ is above 0, the states grow at least half as fast, and the gain over the sequence is above 10 |
/// | [`Chaotic`](Condition::Chaotic) | λ is above 0.01 and the states do not grow |
/// | [`Dead`](Condition::Dead) | at least half of the units give 0 with slope 0 at every timestep of every sequence |
/// | [`Saturated`](Condition::Saturated) | at least 70% of the activations of a gate that neither keeps nor admits the state have a slope below [`SATURATED`](rnn_core::SATURATED) |
/// | [`TransientGrowth`](Condition::TransientGrowth) | λ is below 0, but the gain over some lag is above 10 |
/// | [`Forgetting`](Condition::Forgetting) | the gain over the whole sequence is below 1.2e-7, in a layer whose state has an elementwise path from step to step |
/// | [`Vanishing`](Condition::Vanishing) | the same in a layer without such a path |
/// | [`LearningRate`](Condition::LearningRate) | η times the largest curvature is above 2, and ten steps of gradient descent raise the loss |
///
/// The *gain* over a lag k is the largest singular value of ∂s_T/∂s_{T−k}: no gradient of the last state is longer than that times its
/// own length after k steps back. The *exponent* λ is its growth per step in the long run, over 1000 steps or more that read the
/// sequences of the batch one after the other; three standard errors are taken off before it is held against a threshold. 1.2e-7 is
/// the unit roundoff of single precision: a gradient that arrives with less of its length is lost when the gradient of the last
/// step is added to it. The other thresholds are choices.
///
/// All sequences of the batch are looked at for the activations, the first four for the gains, or the first alone if a state has
/// more than 64 numbers. The time that this takes grows with the third power of that size; a remedy that is looked for takes it again
/// for each change that is tried.
///
/// ```
/// use ndarray::Array3;
/// use rand::SeedableRng;
/// use rnn_analysis::{Condition, DiagnoseOptions, diagnose};
/// use rnn_core::{Batch, Bias, Lstm, Init, Model, Mse, Random};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let mut model = Model::<f64>::new(Lstm, 1, &[8], 1, Bias::Single, &mut rng)?;
/// let (mut x, y) = (Array3::zeros((4, 40, 1)), Array3::zeros((4, 40, 1)));
/// rng.fill_normal(x.as_slice_mut().unwrap());
/// let batch = Batch::new(x, y);
/// model.initialize(Init::ForgetBias(2.0), &mut rng)?;
/// assert!(diagnose(&model, &batch, &Mse, &DiagnoseOptions::default())?.is_healthy());
///
/// model.initialize(Init::ForgetBias(-4.0), &mut rng)?;
/// let diagnosis = diagnose(&model, &batch, &Mse, &DiagnoseOptions::default())?;
/// assert_eq!(diagnosis.condition(), Some(Condition::Forgetting));
/// diagnosis.symptoms[0].remedy.as_ref().unwrap().apply(&mut model)?;
/// assert!(diagnose(&model, &batch, &Mse, &DiagnoseOptions::default())?.is_healthy());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NoDiagnosis`] for a network with two directions, whose later states are not functions of earlier ones, with zoneout, whose
/// gates are not recorded, and for a batch whose first sequence has fewer than two timesteps. [`Error::Rate`] for a rate that is not positive and finite. As
/// [`pass`](crate::pass()) and [`fan`](crate::fan()).
pub fn diagnose<F: Real, L: Loss<F>>(
    model: &Model<F>,
    batch: &Batch<F>,
    loss: &L,
    options: &DiagnoseOptions,
) -> Result<Diagnosis> {
    check(model, batch, options)?;
    let mut evidence = Evidence::measure(model, batch, loss)?;
    if let Some(rate) = options.rate
        && evidence.overflow.is_none()
    {
        evidence.descent = Some(Descent::measure(model, batch, loss, rate)?);
    }
    let mut symptoms = symptoms::symptoms(&evidence);
    let known = symptoms.clone();
    for symptom in &mut symptoms {
        symptom.remedy = remedy::find(model, batch, loss, &evidence, &known, symptom)?;
    }
    Ok(Diagnosis { symptoms, evidence })
}

fn check<F: Real>(model: &Model<F>, batch: &Batch<F>, options: &DiagnoseOptions) -> Result<()> {
    let set = model.rnn.options();
    let no = |why| Err(Error::NoDiagnosis { why });
    if set.bidirectional {
        return no("the network has one direction");
    }
    if set.zoneout != Zoneout::default() {
        return no("the network has no zoneout");
    }
    let first = batch.lengths.as_ref().and_then(|lengths| lengths.first().copied());
    if first.unwrap_or(batch.x.dim().1) < 2 {
        return no("its first sequence has at least two timesteps");
    }
    match options.rate {
        Some(rate) if !(rate > 0.0 && rate.is_finite()) => Err(Error::Rate { rate }),
        _ => Ok(()),
    }
}
