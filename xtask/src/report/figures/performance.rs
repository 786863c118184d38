//! How the time of a training step grows.

use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::Sketch;
use super::training::look;
use crate::measure::network::Kind;
use crate::report::performance::{Curve, Growth, Performance, Variable};

/// The name of the figure.
pub(in crate::report) const NAME: &str = "performance";

pub(super) fn sketch(performance: &Performance) -> Sketch {
    let figure = Figure::new("Time of a training step")
        .columns(2)
        .panel_size(420, 290)
        .panels(performance.growths.iter().map(panel))
        .shared_legend();
    Sketch {
        name: NAME.to_owned(),
        caption: "The fastest training step as one size doubles and the others stay at the notebook’s: T = 10 timesteps, \
                  H = 32 units, B = 32 sequences, L = 1 layer. Both axes are logarithmic: a power law is a straight line, and \
                  its slope the power. Grey: slopes 1 and, for H, 2."
            .to_owned(),
        figure,
        measured: true,
    }
}

fn panel(growth: &Growth) -> LinePlot {
    let Growth { variable, curves, .. } = growth;
    let label = format!("{} {}", variable.name(), variable.symbol());
    let plot = LinePlot::new("", Axis::log(label), Axis::log("microseconds"))
        .line(slope(curves, 1).dashed())
        .lines(curves.iter().map(line));
    if *variable == Variable::Hidden { plot.line(slope(curves, 2).dotted()) } else { plot }
}

fn line(curve: &Curve) -> Line {
    let microseconds: Vec<f64> = curve.seconds.iter().map(|seconds| 1e6 * seconds).collect();
    let model = match curve.cell {
        Kind::Rnn => 0,
        Kind::Lstm => 2,
        Kind::Gru => 3,
    };
    look(model, Line::new(curve.cell.name(), &curve.sizes, microseconds)).marker(Marker::Circle)
}

/// The highest power law that stays clear of all curves, below them.
fn slope(curves: &[Curve], power: i32) -> Line {
    let sizes = curves.first().map_or(&[][..], |curve| &curve.sizes);
    let points = curves.iter().flat_map(|curve| curve.sizes.iter().zip(&curve.seconds));
    let factor = points.map(|(size, seconds)| seconds / size.powi(power)).fold(f64::INFINITY, f64::min);
    let law: Vec<f64> = sizes.iter().map(|size| 0.6e6 * factor * size.powi(power)).collect();
    Line::new(format!("slope {power}"), sizes, law).color(6).faint().width(1.2)
}
