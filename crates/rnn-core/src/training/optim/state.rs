//! All that an optimizer is, as plain data, for checkpoints.

use std::collections::BTreeMap;

use crate::Real;
use crate::error::{Error, Result, StateFault, check_option};
use crate::training::optim::Moments;

/// All that an optimizer is: its settings and what it remembers of the steps so far.
///
/// Made by [`Optimizer::snapshot`](crate::Optimizer::snapshot), checked by
/// [`Optimizer::restore`](crate::Optimizer::restore). An optimizer that was restored goes on with the same bits.
///
/// ```
/// use rnn_core::{Error, Optimizer, RmsProp, Sgd};
///
/// let mut rms_prop = RmsProp::<f64>::new(0.01);
/// rms_prop.centered = true;
/// let state = rms_prop.snapshot();
/// assert_eq!((state.kind.as_str(), state.settings["centered"], state.steps), ("RMSprop", 1.0, 0));
/// let error = Sgd::new(0.1).restore(state).unwrap_err();
/// assert_eq!(error.to_string(), "the state of SGD: it is that of RMSprop");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState<F> {
    /// PyTorch's name of the optimizer: `SGD`, `Adam`, `AdamW`, `RMSprop`.
    pub kind: String,
    /// Every setting by name; a flag is 0 or 1.
    pub settings: BTreeMap<String, f64>,
    /// How many steps were taken.
    pub steps: u64,
    /// Moments by name: one number for each parameter, block by block. A buffer appears with the step that first needs
    /// it.
    pub buffers: BTreeMap<String, Vec<Vec<F>>>,
}

impl<F: Real> OptimizerState<F> {
    pub(super) fn new<'a>(
        kind: &str,
        steps: u64,
        settings: impl IntoIterator<Item = (&'static str, f64)>,
        buffers: impl IntoIterator<Item = (&'static str, &'a Moments<F>)>,
    ) -> Self {
        let there = buffers.into_iter().filter(|(_, moments)| !moments.is_empty());
        Self {
            kind: kind.to_owned(),
            settings: settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            steps,
            buffers: there.map(|(name, moments)| (name.to_owned(), moments.clone())).collect(),
        }
    }
}

/// Takes a state apart, piece by piece, and knows what is left at the end.
pub(super) struct Reader<F> {
    optimizer: &'static str,
    state: OptimizerState<F>,
    /// How many numbers each block of the buffers so far has.
    sizes: Option<Vec<usize>>,
}

impl<F: Real> Reader<F> {
    /// An error unless the state is that of `optimizer`.
    pub(super) fn new(optimizer: &'static str, state: OptimizerState<F>) -> Result<Self> {
        let reader = Self { optimizer, state, sizes: None };
        if reader.state.kind == optimizer {
            return Ok(reader);
        }
        Err(reader.fault(StateFault::Kind(reader.state.kind.clone())))
    }

    pub(super) fn steps(&self) -> u64 {
        self.state.steps
    }

    /// A setting. Whether it lies in its range is for the optimizer to say.
    pub(super) fn number(&mut self, name: &'static str) -> Result<f64> {
        self.state.settings.remove(name).ok_or_else(|| self.fault(StateFault::Missing(name)))
    }

    /// A setting that is on or off.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool> {
        let value = self.number(name)?;
        check_option(name, value, value == 0.0 || value == 1.0, "it must be 0 or 1")?;
        Ok(value == 1.0)
    }

    /// A buffer; empty if it is absent and not `needed`, or no step was taken.
    pub(super) fn buffer(&mut self, name: &'static str, needed: bool) -> Result<Moments<F>> {
        self.take(name, needed, |x| !x.is_nan())
    }

    /// A buffer of averages of squares.
    pub(super) fn squares(&mut self, name: &'static str, needed: bool) -> Result<Moments<F>> {
        self.take(name, needed, |x| x >= F::zero())
    }

    fn take(&mut self, name: &'static str, needed: bool, possible: impl Fn(F) -> bool) -> Result<Moments<F>> {
        let steps = self.steps();
        let given = self.state.buffers.remove(name).filter(|moments| !moments.is_empty());
        let Some(moments) = given else {
            let missing = needed && steps > 0;
            return if missing { Err(self.fault(StateFault::Missing(name))) } else { Ok(Moments::new()) };
        };
        let found: Vec<usize> = moments.iter().map(Vec::len).collect();
        // Before the first step there is nothing; after it, whatever is there is for the same parameters.
        let expected = if steps == 0 { Vec::new() } else { self.sizes.clone().unwrap_or(found.clone()) };
        if found != expected {
            return Err(self.fault(StateFault::BufferSizes { buffer: name, steps, expected, found }));
        }
        self.sizes = Some(found);
        for (block, values) in moments.iter().enumerate() {
            if let Some(index) = values.iter().position(|&x| !possible(x)) {
                let value = values[index].to_string();
                return Err(self.fault(StateFault::BufferValue { buffer: name, block, index, value }));
            }
        }
        Ok(moments)
    }

    /// An error if anything is left.
    pub(super) fn finish(self) -> Result<()> {
        match self.state.settings.keys().chain(self.state.buffers.keys()).next() {
            None => Ok(()),
            Some(name) => Err(self.fault(StateFault::Unknown(name.clone()))),
        }
    }

    fn fault(&self, fault: StateFault) -> Error {
        Error::OptimizerState { optimizer: self.optimizer, fault }
    }
}
