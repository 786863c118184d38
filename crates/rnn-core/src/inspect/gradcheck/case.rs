//! A network and a run of it: sizes, options, and a seed for all the numbers in it.

use std::fmt;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Dxsm;

use crate::cell::{InputProduct, Recurrence, StateKind};
use crate::{Bias, Cell, Noise, Options, Readout, Zoneout};

/// A network to check, and the run to check it on. All numbers in both follow from the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// How many sequences.
    pub batch: usize,
    /// How many timesteps.
    pub time: usize,
    /// Features of the input.
    pub input: usize,
    /// Hidden units of each layer, the lowest first.
    pub hidden: Vec<usize>,
    /// Outputs of the head, where there is one.
    pub outputs: usize,
    /// What the head reads, where there is one.
    pub readout: Readout,
    /// How the stack is built.
    pub options: Options,
    /// The masks of dropout and zoneout: the same in every pass of a check.
    pub noise: Option<Noise>,
    /// How many timesteps each sequence has. To be changed when `batch` or `time` is.
    pub lengths: Option<Vec<usize>>,
    /// Whether the run starts from a given state, a random one.
    pub from_state: bool,
    /// The loss.
    pub objective: Objective,
    /// Of parameters, inputs, states and targets.
    pub seed: u64,
}

/// The loss L of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Objective {
    /// Mean squared error of a [`Model`](crate::Model) over all timesteps, or the loss that was given
    /// to the check.
    All,
    /// Mean squared error over the last timestep, or the loss that was given.
    Last,
    /// Σ w ∘ h_t + Σ w′ ∘ h_T + Σ w″ ∘ c_T with random weights, of a bare [`Stack`](crate::Stack): the loss reaches every
    /// output and every final state.
    States,
}

impl Case {
    /// A case drawn from all combinations of sizes and options: one to three layers, each of another size; any bias; one
    /// direction or two; both kinds of dropout and of zoneout, with noise and without; lengths in any order; a given, a
    /// learned or a zero initial state; each loss; a head that reads every timestep or the final states.
    pub fn random(seed: u64) -> Self {
        let mut draw = Draw(Pcg64Dxsm::seed_from_u64(seed));
        let (batch, time, input) = (draw.of(1..=4), draw.of(1..=6), draw.of(1..=4));
        let hidden = (0..draw.of(1..=3)).map(|_| draw.hidden()).collect();
        let options = Options {
            bias: draw.one_of([Bias::None, Bias::Single, Bias::Double]),
            bidirectional: draw.coin(),
            learned_initial: draw.coin(),
            dropout: draw.probability(),
            recurrent_dropout: draw.probability(),
            zoneout: Zoneout { hidden: draw.probability(), cell: draw.probability() },
            ..Options::default()
        };
        let mut case = Self {
            batch,
            time,
            input,
            hidden,
            outputs: draw.of(1..=3),
            readout: Readout::EveryTimestep,
            options,
            noise: draw.coin().then(|| Noise { seed: draw.0.next_u64(), step: draw.0.next_u64() }),
            lengths: draw.coin().then(|| (0..batch).map(|_| draw.of(1..=time)).collect()),
            from_state: draw.coin(),
            objective: draw.one_of([Objective::All, Objective::Last, Objective::States]),
            seed,
        };
        if draw.of(0..=5) == 0 {
            case.options.projection = Some(draw.of(1..=3));
        }
        if draw.of(0..=5) == 0 {
            case.options.layer_norm = Some(1e-5);
        }
        if draw.of(0..=2) == 0 {
            case.readout = Readout::FinalStates;
        }
        case
    }

    /// How many predictions the head makes of a sequence: targets are (batch, predictions, outputs).
    pub fn predictions(&self) -> usize {
        self.readout.predictions(self.time)
    }

    /// Changes sizes and options that layers of this cell cannot have, so that the network can be built.
    pub fn suit(&mut self, cell: &Cell<f64>) {
        let (form, options) = (cell.units.form(), &mut self.options);
        if matches!(form.recurrence, Recurrence::Gated | Recurrence::Antisymmetric)
            || (form.uses_h && form.state == StateKind::Cell)
        {
            options.projection = None;
        }
        if form.recurrence == Recurrence::None {
            options.recurrent_dropout = 0.0;
        }
        if options.layer_norm.is_some() {
            // Of a single unit nothing is left when its mean is taken away, and of few the fourth derivative is large. The
            // normalized W x of a single input is the same for every x: dL/dx is what ε and rounding leave.
            self.input = self.input.max(3);
            self.hidden.iter_mut().for_each(|hidden| *hidden = (*hidden).max(4));
            options.projection = options.projection.map(|size| size.max(3));
        }
        if let Some(size) = options.projection {
            self.hidden.iter_mut().for_each(|hidden| *hidden = (*hidden).max(size + 1));
        }
        if form.input == InputProduct::Identity {
            self.hidden.truncate(if options.bidirectional || options.projection.is_some() { 1 } else { 3 });
            self.input = self.hidden[0];
            self.hidden.fill(self.input);
        }
    }

    /// The same with something left out or made smaller, one thing in each: where to look for what is wrong.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let with = |change: &dyn Fn(&mut Self)| {
            let mut case = self.clone();
            change(&mut case);
            if let Some(lengths) = &mut case.lengths {
                lengths.truncate(case.batch);
                for length in lengths {
                    *length = (*length).min(case.time);
                }
            }
            case
        };
        let off = Options::default();
        let mut cases = vec![
            with(&|case| case.hidden.truncate(1)),
            with(&|case| case.hidden.truncate(2)),
            with(&|case| case.batch = 1),
            with(&|case| case.time = case.time.div_ceil(2)),
            with(&|case| case.time = case.time.max(2) - 1),
            with(&|case| case.lengths = None),
            with(&|case| case.noise = None),
            with(&|case| case.from_state = false),
            with(&|case| case.options.bidirectional = off.bidirectional),
            with(&|case| case.options.learned_initial = off.learned_initial),
            with(&|case| case.options.dropout = off.dropout),
            with(&|case| case.options.recurrent_dropout = off.recurrent_dropout),
            with(&|case| case.options.zoneout.hidden = off.zoneout.hidden),
            with(&|case| case.options.zoneout.cell = off.zoneout.cell),
            with(&|case| case.options.projection = None),
            with(&|case| case.options.layer_norm = None),
            with(&|case| case.options.bias = Bias::None),
            with(&|case| case.objective = Objective::All),
            with(&|case| case.readout = Readout::EveryTimestep),
            with(&|case| (case.input, case.outputs) = (1, 1)),
        ];
        for layer in 0..self.hidden.len() {
            cases.push(with(&|case| case.hidden[layer] = 1));
            cases.push(with(&|case| case.hidden[layer] = case.hidden[layer].div_ceil(2)));
        }
        cases.retain(|case| case != self);
        cases
    }
}

/// What is drawn. Every draw takes one word, so that a seed means the same everywhere.
struct Draw(Pcg64Dxsm);

impl Draw {
    fn of(&mut self, range: std::ops::RangeInclusive<usize>) -> usize {
        let choices = range.end() - range.start() + 1;
        range.start() + (self.0.next_u64() % choices as u64) as usize
    }

    fn one_of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.of(0..=N - 1)]
    }

    fn coin(&mut self) -> bool {
        self.of(0..=1) == 1
    }

    /// 0 half of the time.
    fn probability(&mut self) -> f64 {
        self.one_of([0.0, 0.0, 0.0, 0.2, 0.35, 0.6])
    }

    /// Units are worked on in blocks of sixteen: sizes below, at and above that, and one with two blocks and a rest.
    fn hidden(&mut self) -> usize {
        match self.of(0..=11) {
            0 => 15,
            1 => 16,
            2 => 17,
            3 => 33,
            _ => self.of(1..=5),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { batch, time, input, hidden, outputs, options, .. } = self;
        let Options {
            bias,
            bidirectional,
            learned_initial,
            dropout,
            recurrent_dropout,
            zoneout,
            projection,
            layer_norm,
        } = options;
        write!(f, "batch {batch}, time {time}, input {input}, hidden {hidden:?}, bias {bias:?}")?;
        for (name, on) in [("both directions", bidirectional), ("learned initial state", learned_initial)] {
            if *on {
                write!(f, ", {name}")?;
            }
        }
        for (name, p) in [
            ("dropout", dropout),
            ("recurrent dropout", recurrent_dropout),
            ("zoneout of h", &zoneout.hidden),
            ("zoneout of c", &zoneout.cell),
        ] {
            if *p != 0.0 {
                write!(f, ", {name} {p}")?;
            }
        }
        if let Some(size) = projection {
            write!(f, ", projection to {size}")?;
        }
        if let Some(eps) = layer_norm {
            write!(f, ", layer normalization with ε = {eps}")?;
        }
        if let Some(Noise { seed, step }) = self.noise {
            write!(f, ", noise ({seed}, {step})")?;
        }
        if let Some(lengths) = &self.lengths {
            write!(f, ", lengths {lengths:?}")?;
        }
        if self.from_state {
            write!(f, ", from a state")?;
        }
        match self.objective {
            Objective::All => write!(f, ", loss over all timesteps of {outputs} outputs")?,
            Objective::Last => write!(f, ", loss over the last timestep of {outputs} outputs")?,
            Objective::States => write!(f, ", loss of the states")?,
        }
        if self.readout == Readout::FinalStates && self.objective != Objective::States {
            write!(f, ", head of the final states")?;
        }
        write!(f, ", seed {}", self.seed)
    }
}
