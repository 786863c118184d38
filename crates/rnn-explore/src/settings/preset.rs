//! Presets: settings that show one effect each.

use super::{CellKind, InitKind, LossOver, Nonlinearity, Settings, TaskKind};

/// Settings that show one effect clearly.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// The title on the page.
    pub title: &'static str,
    /// What the preset shows, for the reader.
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
            lesson: "Move both sliders and watch how far the gradient of the last loss reaches.",
            settings: notebook,
        },
        Preset {
            title: "Vanishing",
            lesson: "A spectral radius of 0.8: after 59 steps back almost nothing of the gradient is left.",
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
            lesson: "With the identity as W_hh, a relu unit that is on keeps its gradient exactly; here on the adding problem. Le, Jaitly and Hinton 2015.",
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
            lesson: "Forget gates near 1 carry the gradient along the cell state. Set the bias to 0 and compare.",
            settings: Settings { cell: CellKind::Lstm, forget_bias: Some(3.0), ..long.clone() },
        },
        Preset {
            title: "Non-normal",
            lesson: "Every eigenvalue is 0.9, yet the gradient grows over nine steps back before it vanishes.",
            settings: Settings { hidden: 2, init: InitKind::NonNormal, gain: 1.0, time: 100, ..linear },
        },
        Preset {
            title: "Saturated tanh",
            lesson: "The weights are so large that tanh saturates: W_hh stretches the gradient, and the slopes of tanh shrink it by more.",
            settings: Settings { weight_scale: 5.0, loss: LossOver::All, ..long },
        },
    ]
}
