//! All that an optimizer is, as plain data, for checkpoints.

use std::collections::BTreeMap;

use crate::Real;
use crate::error::{Error, Result, StateFault, check_option};
use crate::training::optim::update::Moments;

/// All that an optimizer is: its settings and what it remembers of the steps so far.
///
/// Made by [`Optimizer::snapshot`](crate::Optimizer::snapshot), checked by
/// [`Optimizer::restore`](crate::Optimizer::restore). An optimizer that was restored goes on with the same bits.
///
/// ```
/// use rnn_core::{Optimizer, RmsProp, Sgd};
///
/// let mut rms_prop = RmsProp::<f64>::new(0.01);
/// rms_prop.centered = true;
/// let state = rms_prop.snapshot();
/// assert_eq!((state.kind.as_str(), state.settings["centered"], state.steps), ("RMSprop", 1.0, 0));
/// let error = Sgd::<f64>::new(0.1).restore(state).unwrap_err();
/// assert_eq!(error.to_string(), "the state of SGD: it is that of RMSprop");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState {
    /// PyTorch's name of the optimizer: `SGD`, `Adam`, `AdamW`, `RMSprop`.
    pub kind: String,
    /// Every setting by name; a flag is 0 or 1.
    pub settings: BTreeMap<String, f64>,
    /// How many steps were taken.
    pub steps: u64,
    /// Moments by name: one number for each parameter, block by block, exactly as an optimizer in `f32` or `f64` has them. A
    /// buffer appears with the step that first needs it.
    pub buffers: BTreeMap<String, Vec<Vec<f64>>>,
}

/// Everything of an optimizer that its state holds, by name.
pub(super) struct Table<'a, F> {
    pub(super) kind: &'static str,
    pub(super) steps: &'a mut u64,
    pub(super) settings: Vec<(&'static str, Setting<'a>)>,
    pub(super) buffers: Vec<Buffer<'a, F>>,
}

/// A place for a setting.
pub(super) enum Setting<'a> {
    Number(&'a mut f64),
    Flag(&'a mut bool),
}

/// A place for moments.
pub(super) struct Buffer<'a, F> {
    name: &'static str,
    moments: &'a mut Moments<F>,
    /// Whether the first step makes it; others appear when an option is switched on.
    always: bool,
    /// Whether it holds averages of squares, which are not negative.
    squares: bool,
}

impl<'a, F: Real> Buffer<'a, F> {
    pub(super) fn new(name: &'static str, moments: &'a mut Moments<F>) -> Self {
        Self { name, moments, always: false, squares: false }
    }

    pub(super) fn always(self) -> Self {
        Self { always: true, ..self }
    }

    pub(super) fn squares(self) -> Self {
        Self { squares: true, ..self }
    }
}

impl<F: Real> Table<'_, F> {
    /// The state that the optimizer has.
    pub(super) fn snapshot(self) -> OptimizerState {
        let settings = self.settings.into_iter().map(|(name, setting)| {
            let value = match setting {
                Setting::Number(number) => *number,
                Setting::Flag(flag) => f64::from(u8::from(*flag)),
            };
            (name.to_owned(), value)
        });
        let there = self.buffers.into_iter().filter(|buffer| !buffer.moments.is_empty());
        OptimizerState {
            kind: self.kind.to_owned(),
            settings: settings.collect(),
            steps: *self.steps,
            buffers: there.map(|buffer| (buffer.name.to_owned(), buffer.moments.to_f64())).collect(),
        }
    }

    /// Takes every setting and buffer from `state`. Whether a setting lies in its range is for the optimizer to say.
    pub(super) fn restore(self, mut state: OptimizerState) -> Result<()> {
        let optimizer = self.kind;
        let fault = |fault| Error::OptimizerState { optimizer, fault };
        if state.kind != optimizer {
            return Err(fault(StateFault::Kind(state.kind)));
        }
        *self.steps = state.steps;
        for (name, setting) in self.settings {
            let value = state.settings.remove(name).ok_or_else(|| fault(StateFault::Missing(name)))?;
            match setting {
                Setting::Number(number) => *number = value,
                Setting::Flag(flag) => {
                    check_option(name, value, value == 0.0 || value == 1.0, "it must be 0 or 1")?;
                    *flag = value == 1.0;
                }
            }
        }
        // How many numbers each block has. Before the first step there is no buffer.
        let mut sizes = (state.steps == 0).then(Vec::new);
        for Buffer { name, moments, always, squares } in self.buffers {
            let Some(blocks) = state.buffers.remove(name).filter(|blocks| !blocks.is_empty()) else {
                if always && state.steps > 0 {
                    return Err(fault(StateFault::Missing(name)));
                }
                *moments = Moments::new();
                continue;
            };
            let found: Vec<usize> = blocks.iter().map(Vec::len).collect();
            let expected = sizes.get_or_insert_with(|| found.clone());
            if found != *expected {
                let (steps, expected) = (state.steps, expected.clone());
                return Err(fault(StateFault::BufferSizes { buffer: name, steps, expected, found }));
            }
            for (block, values) in blocks.iter().enumerate() {
                let impossible = |&x: &f64| !x.is_finite() || squares && x < 0.0;
                if let Some(index) = values.iter().position(impossible) {
                    let value = values[index].to_string();
                    return Err(fault(StateFault::BufferValue { buffer: name, block, index, value }));
                }
            }
            *moments = Moments::from_f64(&blocks);
        }
        match state.settings.keys().chain(state.buffers.keys()).next() {
            None => Ok(()),
            Some(name) => Err(fault(StateFault::Unknown(name.clone()))),
        }
    }
}
