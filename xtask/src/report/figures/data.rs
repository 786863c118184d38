//! The notebook's eight plots of sequences, as two pictures.

use rnn_core::Timesteps;
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::Sketch;
use crate::report::data::{SHOWN, Sequences, TARGETS, timesteps};

pub(super) fn sketches(data: &Sequences) -> Vec<Sketch> {
    TARGETS.iter().map(|&(over, name)| sketch(data, over, name)).collect()
}

fn sketch(data: &Sequences, over: Timesteps, name: &str) -> Sketch {
    let (title, caption) = match over {
        Timesteps::All => (
            "Targets at all timesteps",
            "Four sequences of the task. The input xₜ is standard normal noise; the target yₜ is the mean of all \
             inputs so far, which calms down as t grows. When only the last prediction counts, the last square is the only \
             target.",
        ),
        Timesteps::Last => (
            "Target at the last timestep",
            "The same four sequences when only the last prediction counts: the target is the mean of the whole sequence.",
        ),
    };
    let panels = (0..SHOWN).map(|k| {
        LinePlot::new(format!("Sequence {}", k + 1), Axis::linear("timestep t"), Axis::linear("value"))
            .line(input(data, k))
            .line(target(data, k, over))
    });
    let figure = Figure::new(title).columns(2).panel_size(420, 260).panels(panels).shared_legend();
    Sketch { name: format!("data_{name}"), caption: caption.to_owned(), figure }
}

/// The inputs of a sequence, grey.
pub(super) fn input(data: &Sequences, k: usize) -> Line {
    Line::new("input x_t", timesteps(), data.x(k)).color(6).dotted().marker(Marker::Circle)
}

/// Its targets: a line, or one point at the end.
pub(super) fn target(data: &Sequences, k: usize, over: Timesteps) -> Line {
    let (mut t, mut y) = (timesteps(), data.y(k));
    if over == Timesteps::Last {
        (t, y) = (t.split_off(t.len() - 1), y.split_off(y.len() - 1));
    }
    Line::new("target y_t", t, y).color(1).marker(Marker::Square)
}
