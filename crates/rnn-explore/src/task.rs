//! The tasks of rnn-data behind one type, each with its loss.

mod answers;

use ndarray::{ArrayView3, ArrayViewMut3};
use rnn_core::{Batch, Counted, CrossEntropy, Loss, Mse, Random, Real, TargetKind, Timesteps, Truth};
use rnn_data::{
    AddingProblem, CopyMemory, CumulativeAverage, DelayedRecall, Error, FlipFlop, SineMixture, Task,
    TemporalOrder,
};

pub(crate) use answers::{editable_feature, edited};

use crate::settings::{LossOver, Settings, TaskKind};

/// The fewest timesteps that a task can have.
pub(crate) fn least_time(kind: TaskKind) -> usize {
    match kind {
        TaskKind::CopyMemory => 2 * CopyMemory::LENGTH + 1,
        TaskKind::TemporalOrder => 10,
        _ => 2,
    }
}

/// One line for each task: its variant and its type.
macro_rules! tasks {
    ($($variant:ident($task:ty),)*) => {
        /// Any of the tasks.
        #[derive(Clone, Debug)]
        pub(crate) enum AnyTask {
            $($variant($task),)*
        }

        /// `$call` with `$inner` the task that `$any` is.
        macro_rules! delegate {
            ($any:expr, $inner:ident => $call:expr) => {
                match $any { $(AnyTask::$variant($inner) => $call,)* }
            };
        }
    };
}

tasks! {
    CumulativeAverage(CumulativeAverage),
    AddingProblem(AddingProblem),
    CopyMemory(CopyMemory),
    TemporalOrder(TemporalOrder),
    DelayedRecall(DelayedRecall),
    FlipFlop(FlipFlop),
    SineMixture(SineMixture),
}

impl AnyTask {
    /// The task of these settings.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Error> {
        let time = settings.time;
        Ok(match settings.task {
            TaskKind::CumulativeAverage => Self::CumulativeAverage(CumulativeAverage::new(time)?),
            TaskKind::AddingProblem => Self::AddingProblem(AddingProblem::new(time)?),
            TaskKind::CopyMemory => {
                Self::CopyMemory(CopyMemory::new(time.saturating_sub(2 * CopyMemory::LENGTH))?)
            }
            TaskKind::TemporalOrder => Self::TemporalOrder(TemporalOrder::new(time)?),
            TaskKind::DelayedRecall => Self::DelayedRecall(DelayedRecall::new(time, time / 2)?.masked()),
            TaskKind::FlipFlop => Self::FlipFlop(FlipFlop::new(time, 3, 0.25)?),
            TaskKind::SineMixture => Self::SineMixture(SineMixture::new(time, 2, 0.2..=0.7)?),
        })
    }

    /// The loss of the task.
    pub(crate) fn loss(&self) -> AnyLoss {
        match self.target_kind() {
            TargetKind::Classes => AnyLoss::CrossEntropy(CrossEntropy),
            TargetKind::Values => AnyLoss::Mse(Mse),
        }
    }
}

/// The timesteps that a loss counts, as a type of rnn-core.
pub(crate) fn timesteps(over: LossOver) -> Timesteps {
    match over {
        LossOver::All => Timesteps::All,
        LossOver::Last => Timesteps::Last,
    }
}

impl Task for AnyTask {
    fn time(&self) -> usize {
        delegate!(self, task => task.time())
    }

    fn features(&self) -> usize {
        delegate!(self, task => task.features())
    }

    fn outputs(&self) -> usize {
        delegate!(self, task => task.outputs())
    }

    fn target_kind(&self) -> TargetKind {
        delegate!(self, task => task.target_kind())
    }

    fn is_masked(&self) -> bool {
        delegate!(self, task => task.is_masked())
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        delegate!(self, task => task.fill(rng, batch));
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        delegate!(self, task => task.baseline(over))
    }
}

/// The loss of a task.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AnyLoss {
    Mse(Mse),
    CrossEntropy(CrossEntropy),
}

impl<F: Real> Loss<F> for AnyLoss {
    fn target_kind(&self) -> TargetKind {
        match self {
            Self::Mse(loss) => Loss::<F>::target_kind(loss),
            Self::CrossEntropy(loss) => Loss::<F>::target_kind(loss),
        }
    }

    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        truth: Truth<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        match self {
            Self::Mse(loss) => loss.evaluate(prediction, truth, counted, d_prediction),
            Self::CrossEntropy(loss) => loss.evaluate(prediction, truth, counted, d_prediction),
        }
    }
}
