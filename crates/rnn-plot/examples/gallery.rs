//! Writes one picture of each kind, and the hard cases, into a folder: `target/gallery` or the first argument.

use std::error::Error;
use std::f64::consts::PI;
use std::path::PathBuf;
use std::time::Instant;

use rnn_plot::{Axis, ComplexPlane, Figure, Grid, Heatmap, Line, LinePlot, Marker};

#[expect(clippy::print_stdout, reason = "an example reports what it wrote")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/gallery"), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let pictures = [
        ("loss", Figure::untitled().panel(loss())),
        ("gradients", Figure::untitled().panel(gradients())),
        ("heatmap", Figure::untitled().panel_size(560, 440).panel(heatmap())),
        ("spectrum", spectrum()),
        ("four_panels", four_panels()),
        ("hard_cases", hard_cases()),
        ("colors_and_markers", Figure::untitled().panel(colors_and_markers())),
    ];
    for (name, figure) in pictures {
        let start = Instant::now();
        let bytes = figure.png()?;
        let drawn = start.elapsed();
        figure.write_png(folder.join(name).with_extension("png"))?;
        println!("{name:20} {:6.1} ms {:5} KB", drawn.as_secs_f64() * 1e3, bytes.len() / 1024);
    }
    Ok(())
}

/// Numbers in -1..1 that look random and are the same everywhere.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

fn range(n: u32) -> Vec<f64> {
    (0..n).map(f64::from).collect()
}

/// A noisy curve of 5000 points behind its running mean, on a logarithmic axis.
fn loss() -> LinePlot {
    let steps = range(5000);
    let mut plot =
        LinePlot::new("Loss while training", Axis::linear("training step"), Axis::log("mean squared error"));
    for (color, (label, rate, floor)) in
        [("Elman", 900.0, 2e-2), ("LSTM", 500.0, 1e-3)].into_iter().enumerate()
    {
        let mut noise = noise(color as u64 + 1);
        let raw: Vec<f64> = steps
            .iter()
            .map(|t| (0.3 * (-t / rate).exp() + floor) * (0.9 * noise() + 0.3 * noise()).exp())
            .collect();
        let mut mean = raw[0];
        let smooth: Vec<f64> = raw
            .iter()
            .map(|value| {
                mean += 0.02 * (value - mean);
                mean
            })
            .collect();
        plot = plot
            .line(Line::new(label, &steps, raw).color(color).faint().unlabelled())
            .line(Line::new(label, &steps, smooth).color(color));
    }
    plot.horizontal("predict zero", 0.2929).vertical("rate halved", 2500.0)
}

/// Nine lines over twelve decades.
fn gradients() -> LinePlot {
    let t = range(101);
    let title = "Gradient of the loss with respect to the hidden state";
    LinePlot::new(title, Axis::linear("timestep t"), Axis::log("‖∂L/∂h_t‖")).lines((0..9).map(|i| {
        let scale = 0.6 + 0.1 * f64::from(i);
        let norm: Vec<f64> = t
            .iter()
            .map(|t| 1e-2 * (0.4 * (0.8 * t).sin() + (100.0 - t) * (scale - 1.0) * 0.6).exp())
            .collect();
        Line::new(format!("scale {scale:.1}"), &t, norm).shade(f64::from(i) / 8.0)
    }))
}

/// Ratios over -5..5 in both directions, some cells without a value.
fn heatmap() -> Heatmap {
    let at = |i: usize| -5.0 + 0.1 * i as f64;
    let ratio = |x: f64, y: f64| {
        if (x - 3.0).hypot(y - 3.0) < 0.7 {
            f64::NAN
        } else {
            10_f64.powf(3.0 * (0.7 * x).sin() * (0.5 * y).cos() - 0.3 * x)
        }
    };
    let values: Vec<f64> =
        (0..101).flat_map(|row| (0..101).map(move |column| ratio(at(column), at(row)))).collect();
    Heatmap::new(
        "Growth of the gradient through time",
        Axis::linear("weight scale"),
        Axis::linear("bias scale"),
        "‖∂L/∂h_1‖ / ‖∂L/∂h_T‖",
        Grid::new(values, (101, 101), (-5.0, 5.0), (-5.0, 5.0)),
    )
    .log()
    .diverging(1.0)
}

fn cloud(radius: f64, n: u32, seed: u64) -> Vec<(f64, f64)> {
    let mut noise = noise(seed);
    (0..n)
        .map(|_| {
            let (r, angle) = (radius * noise().abs().sqrt(), PI * noise());
            (r * angle.cos(), r * angle.sin())
        })
        .collect()
}

fn spectrum() -> Figure {
    Figure::new("Eigenvalues of W_{hh}").columns(3).panel_size(380, 400).panels([
        ComplexPlane::new("before and after training", cloud(0.97, 64, 1))
            .label("at the start")
            .points("trained", cloud(1.15, 64, 2)),
        ComplexPlane::new("radius 5", cloud(5.0, 128, 3)).circle("|λ| = 5", 5.0),
        ComplexPlane::new("radius 0.1", cloud(0.1, 32, 4)),
    ])
}

/// One legend for four panels.
fn four_panels() -> Figure {
    let t = range(200);
    let panel = |title: &str, power: i32| {
        let y = Axis::linear(format!("h_t^{{{power}}}"));
        LinePlot::new(title, Axis::linear("timestep t"), y).lines((1..=4).map(|i| {
            let line = t
                .iter()
                .map(|t| ((0.02 * t * f64::from(i)).sin() * (-0.005 * t).exp()).powi(power))
                .collect::<Vec<_>>();
            Line::new(format!("unit {i}"), &t, line)
        }))
    };
    Figure::new("Hidden state over time")
        .columns(2)
        .panel_size(440, 280)
        .panel(panel("states", 1))
        .panel(panel("squares", 2))
        .panel(panel("cubes", 3).horizontal("zero", 0.0))
        .panel(panel("fourth powers", 4))
        .shared_legend()
}

fn hard_cases() -> Figure {
    let x = range(50);
    let panel = |title: &str, y: Axis, f: &dyn Fn(f64) -> f64| {
        LinePlot::new(title, Axis::linear("x"), y).line(Line::new(
            "",
            &x,
            x.iter().map(|&x| f(x)).collect::<Vec<_>>(),
        ))
    };
    let holes = |x: f64| if (x as u32).is_multiple_of(7) { f64::NAN } else { (0.2 * x).sin() };
    let constant = Grid::new(vec![1.0; 12], (3, 4), (1e-4, 1e-1), (1.0, 3.0));
    Figure::new("Hard cases")
        .columns(3)
        .panel_size(400, 280)
        .panel(panel("values of 1e-300", Axis::linear("y"), &|x| x * 1e-300))
        .panel(panel("from 1e-300 to 1", Axis::log("y"), &|x| 10_f64.powf(-6.1 * x)))
        .panel(panel("all equal", Axis::linear("y"), &|_| 0.2929))
        .panel(panel("constant zero", Axis::linear("y"), &|_| 0.0).horizontal("bound", 0.5))
        .panel(panel("0.2928 to 0.2930", Axis::log("y"), &|x| 0.2928 + 2e-4 * (0.5 + 0.5 * (0.3 * x).sin())))
        .panel(panel("never positive", Axis::log("y"), &|x| -x))
        .panel(panel("with holes", Axis::linear("y"), &holes).vertical("first", 8.0).vertical("second", 10.0))
        .panel(panel("cut off, millions", Axis::linear("y").range(-2e6, 2e6), &|x| 3e6 * (0.3 * x).sin()))
        .panel(Heatmap::new(
            "all cells equal",
            Axis::log("learning rate"),
            Axis::linear("layers"),
            "loss",
            constant,
        ))
}

fn colors_and_markers() -> LinePlot {
    let x: Vec<f64> = range(12).iter().map(|i| 2_f64.powf(*i)).collect();
    let line = |label: &str, offset: f64| {
        Line::new(label, &x, x.iter().map(|x| x.log2().sqrt() + offset).collect::<Vec<_>>())
    };
    LinePlot::new("Colors, dashes and markers", Axis::log("hidden units"), Axis::linear("score"))
        .line(line("circle", 0.0).marker(Marker::Circle))
        .line(line("square, dashed", 0.5).marker(Marker::Square).dashed())
        .line(line("triangle, dotted", 1.0).marker(Marker::Triangle).dotted())
        .line(line("diamond, dash-dotted", 1.5).marker(Marker::Diamond).dash_dotted())
        .line(line("cross", 2.0).marker(Marker::Cross))
        .line(line("plus, no line", 2.5).marker(Marker::Plus).unconnected())
        .lines((3..9).map(|i| line(&format!("line {}", i + 4), f64::from(i))))
}
