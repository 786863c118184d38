//! Settings with a lesson.

use super::{CellKind, InitKind, LossOver, Nonlinearity, Settings, TaskKind};

/// Settings that show one thing well.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// Its name on the page.
    pub title: &'static str,
    /// What there is to see.
    pub lesson: &'static str,
    /// The settings.
    pub settings: Settings,
}

/// Every preset, in the order of the page.
pub fn presets() -> Vec<Preset> {
    let notebook = Settings::default();
    let long = Settings { time: 60, ..notebook.clone() };
    let linear = Settings { nonlinearity: Nonlinearity::Identity, bias_scale: 0.0, ..long.clone() };
    vec![
        Preset {
            title: "The notebook’s 1.D",
            lesson: "Move both sliders, and see where the gradient of the last loss goes.",
            settings: notebook,
        },
        Preset {
            title: "Vanishing",
            lesson: "A spectral radius of 0.8: after 59 steps back next to nothing is left.",
            settings: Settings { init: InitKind::Critical, gain: 0.8, ..linear.clone() },
        },
        Preset {
            title: "Exploding",
            lesson: "The same network with a spectral radius of 1.25.",
            settings: Settings { init: InitKind::Critical, gain: 1.25, ..linear.clone() },
        },
        Preset {
            title: "Critical",
            lesson: "An orthogonal W_hh: every singular value is 1, and the gradient keeps its length.",
            settings: Settings { init: InitKind::Orthogonal, gain: 1.0, ..linear.clone() },
        },
        Preset {
            title: "IRNN",
            lesson: "Relu units that start with the identity keep what they hold, here on the adding problem. Le, Jaitly and Hinton 2015.",
            settings: Settings {
                nonlinearity: Nonlinearity::Relu,
                init: InitKind::Identity,
                task: TaskKind::AddingProblem,
                bias_scale: 0.0,
                ..long.clone()
            },
        },
        Preset {
            title: "LSTM, forget bias 3",
            lesson: "Open forget gates carry the gradient of c. Set the bias to 0 and compare.",
            settings: Settings { cell: CellKind::Lstm, forget_bias: Some(3.0), ..long.clone() },
        },
        Preset {
            title: "Non-normal",
            lesson: "Every eigenvalue is 0.9, and yet the gradient grows for nine steps back before it vanishes.",
            settings: Settings { hidden: 2, init: InitKind::NonNormal, gain: 1.0, time: 100, ..linear },
        },
        Preset {
            title: "Saturated tanh",
            lesson: "Weights so large that tanh is flat: the spectral radius says explode, the slopes say vanish.",
            settings: Settings { weight_scale: 5.0, loss: LossOver::All, ..long },
        },
    ]
}
