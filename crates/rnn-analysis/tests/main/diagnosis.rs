//! Networks made sick on purpose, and healthy ones.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array2, Array3, Axis, Slice};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Condition, DiagnoseOptions, Error, Remedy, diagnose};
use rnn_core::{
    Batch, Bias, Cell, Elman, Init, Lstm, Model, Mse, Options, Parameters, Random, Readout, SATURATED,
    Timesteps,
};

/// A network and a batch of normal inputs and targets.
struct Patient {
    cell: &'static str,
    model: Model<f64>,
    batch: Batch<f64>,
    options: DiagnoseOptions,
}

impl Patient {
    fn new(cell: &'static str, time: usize, seed: u64) -> Self {
        Self::sized(cell, 8 + 4 * (seed as usize % 3), time, seed)
    }

    fn sized(cell: &'static str, hidden: usize, time: usize, seed: u64) -> Self {
        let mut rng = Pcg64Dxsm::seed_from_u64(seed);
        let features = if cell == "linear-unit" { 2 } else { 1 + seed as usize % 2 };
        let made: Cell<f64> = cell.parse().unwrap();
        let model = Model::new(made, features, &[hidden], 1, Bias::Single, &mut rng).unwrap();
        let (mut x, mut y) = (Array3::zeros((5, time, features)), Array3::zeros((5, time, 1)));
        rng.fill_normal(x.as_slice_mut().unwrap());
        rng.fill_normal(y.as_slice_mut().unwrap());
        Self { cell, model, batch: Batch::new(x, y), options: DiagnoseOptions::default() }
    }

    fn init(mut self, init: Init) -> Self {
        self.model.rnn.initialize(init, &mut Pcg64Dxsm::seed_from_u64(7)).unwrap();
        self
    }

    /// Multiplies the parameters of the first layer whose names begin so.
    fn times(mut self, name: &str, factor: f64) -> Self {
        for (known, mut array) in self.model.rnn.params_mut().iter_mut() {
            if known.starts_with(name) {
                array.mapv_inplace(|x| factor * x);
            }
        }
        self
    }

    fn set(mut self, name: &str, value: f64) -> Self {
        self.model.rnn.params_mut().get_mut(name).unwrap().fill(value);
        self
    }

    /// Sets the bias of one gate.
    fn gate(mut self, gate: &str, value: f64) -> Self {
        let layer = &self.model.rnn.layers()[0];
        let (hidden, gates) = (layer.hidden, layer.cell.form().gates);
        let at = gates.iter().position(|known| known.name == gate).unwrap();
        let mut bias = self.model.rnn.params_mut().get_mut("bias_l0").unwrap();
        bias.slice_axis_mut(Axis(0), Slice::from(at * hidden..(at + 1) * hidden)).fill(value);
        self
    }

    /// W_hh with 0.7 on the diagonal and `off` above it.
    fn chain(mut self, off: f64) -> Self {
        let n = self.model.rnn.layers()[0].hidden;
        let w = Array2::from_shape_fn((n, n), |(i, j)| match j.wrapping_sub(i) {
            0 => 0.7,
            1 => off,
            _ => 0.0,
        });
        self.model.set_parameter("weight_hh_l0", w.view().into_dyn()).unwrap();
        self
    }

    fn rate(mut self, rate: f64) -> Self {
        self.options = self.options.rate(rate);
        self
    }
}

/// A network with this sickness.
fn sick(condition: Condition, at: usize, seed: u64) -> Patient {
    let of = |cells: &[&'static str]| cells[at % cells.len()];
    let time = 30 + 5 * (at % 3);
    match condition {
        Condition::Exploding => {
            let cell = of(&["rnn-identity", "rnn-relu", "indrnn(activation=relu)"]);
            let patient = Patient::new(cell, time, seed);
            match cell {
                "rnn-identity" => patient.init(Init::Critical { radius: 1.4 }),
                "rnn-relu" => patient.init(Init::Identity { scale: 1.3 }),
                _ => patient.set("weight_h_l0", 1.3),
            }
        }
        Condition::Chaotic => {
            let cell = of(&["rnn-tanh", "gru", "lstm", "leaky(alpha=0.5, activation=tanh)"]);
            // Chaos needs many units, and inputs suppress it.
            let patient = Patient::sized(cell, 32 + 8 * (at % 2), time, seed).times("weight_ih", 0.1);
            match cell {
                "rnn-tanh" => patient.init(Init::Critical { radius: 3.0 }),
                "gru" | "lstm" => patient.times("weight_hh", 15.0),
                _ => patient.init(Init::Critical { radius: 8.0 }),
            }
        }
        Condition::Dead => {
            let cell = of(&["rnn-relu", "indrnn(activation=relu)"]);
            Patient::new(cell, time, seed).set("bias_l0", -10.0)
        }
        Condition::Saturated => {
            let cell = of(&["rnn-tanh", "gru", "lstm", "rnn-sigmoid", "lstm-peephole"]);
            Patient::new(cell, time, seed).times("weight_ih", 300.0)
        }
        Condition::TransientGrowth => {
            let cell = of(&["rnn-identity", "rnn-tanh"]);
            Patient::new(cell, time, seed).chain(0.9).times("weight_ih", 1e-4).times("bias", 0.0)
        }
        Condition::Forgetting => {
            let cells =
                ["lstm", "gru", "minimal-gated", "lstm-coupled", "min-gru", "gru-reset-before", "min-lstm"];
            let cell = of(&cells);
            let patient = Patient::new(cell, time, seed);
            match cell {
                "lstm" => patient.gate("f", -4.0),
                "gru" | "gru-reset-before" => patient.gate("z", -4.0),
                "minimal-gated" => patient.gate("f", 4.0),
                "lstm-coupled" => patient.gate("i", 4.0),
                "min-lstm" => patient.gate("f", -4.0).gate("i", 2.0),
                _ => patient.gate("z", 4.0),
            }
        }
        Condition::Vanishing => {
            let cell = of(&["rnn-tanh", "rnn-relu", "rnn-identity", "rnn-sigmoid"]);
            Patient::new(cell, time, seed).init(Init::Critical { radius: 0.2 })
        }
        _ => {
            let cell = of(&["rnn-tanh", "gru", "lstm", "linear-unit"]);
            let patient = Patient::new(cell, 10, seed).rate(50.0);
            if cell == "rnn-tanh" { patient.init(Init::Orthogonal { gain: 1.0 }) } else { patient }
        }
    }
}

/// Would catch: a threshold that misses a sickness, one sickness taken for another.
#[test]
fn sixty_four_sick_networks() {
    let (mut right, mut cured, mut missed) = (0, 0, Vec::new());
    for condition in Condition::ALL {
        for at in 0..8 {
            let Patient { cell, model, batch, options } = sick(condition, at, 100 + at as u64);
            let found = diagnose(&model, &batch, &Mse, &options).unwrap();
            if found.condition() == Some(condition) {
                right += 1;
                cured += usize::from(found.symptoms[0].remedy.is_some());
            } else {
                missed.push(format!("{condition} {cell} {at}: {:?} {:?}", found.condition(), found.evidence));
            }
        }
    }
    assert!(right >= 58, "{right} of 64; {}", missed.join("\n"));
    assert!(cured >= 55, "{cured} of {right}");
}

fn healthy(at: usize) -> Patient {
    let seed = 500 + at as u64;
    let chrono = Init::Chrono { t_max: 40.0 };
    match at {
        0..3 => Patient::new("rnn-tanh", 10, seed),
        3..5 => Patient::new("lstm", 12, seed),
        5..7 => Patient::new("gru", 12, seed),
        7..9 => Patient::new("rnn-tanh", 30, seed).init(Init::Orthogonal { gain: 1.0 }),
        9 => Patient::new("rnn-relu", 50, seed).init(Init::Identity { scale: 1.0 }),
        10..12 => Patient::new("lstm", 40, seed).init(Init::ForgetBias(2.0)),
        12 => Patient::new("lstm", 40, seed).init(chrono),
        13 => Patient::new("gru", 40, seed).init(chrono),
        14 => Patient::new("linear-unit", 30, seed),
        15 => Patient::new("antisymmetric(epsilon=0.1, gamma=0.01, activation=tanh)", 30, seed),
        16 => Patient::new("leaky(alpha=0.5, activation=tanh)", 12, seed),
        17 => Patient::new("rnn-identity", 40, seed).init(Init::Orthogonal { gain: 1.0 }),
        18 => Patient::new("min-gru", 10, seed),
        _ => Patient::new("lstm-peephole", 12, seed),
    }
}

/// Would catch: a threshold that accuses what is usual.
#[test]
fn twenty_healthy_networks() {
    for at in 0..20 {
        let Patient { cell, model, batch, options } = healthy(at).rate(1e-3);
        let found = diagnose(&model, &batch, &Mse, &options).unwrap();
        assert!(found.is_healthy(), "{at} {cell}: {found:?}");
    }
}

/// Would catch: a layer that is not looked at, or another index than its own.
#[test]
fn the_layer_is_named() {
    let mut rng = Pcg64Dxsm::seed_from_u64(1);
    let mut model = Model::<f32>::new(Elman::tanh(), 1, &[6, 8], 2, Bias::Double, &mut rng).unwrap();
    model.rnn.params_mut().get_mut("weight_ih_l1").unwrap().fill(300.0);
    let mut x = Array3::<f32>::zeros((3, 12, 1));
    rng.fill_normal(x.as_slice_mut().unwrap());
    let batch =
        Batch::new(x, Array3::zeros((3, 12, 2))).with_lengths(vec![12, 5, 9]).counting(Timesteps::Last);
    let found = diagnose(&model, &batch, &Mse, &DiagnoseOptions::default()).unwrap();
    let first = &found.symptoms[0];
    assert_eq!((first.condition, first.layer), (Condition::Saturated, Some(1)));
    assert!(first.evidence[0].value > 0.7 && SATURATED < 0.1);
    assert!(matches!(first.remedy, Some(Remedy::Scale { layer: 1, factor }) if factor < 1.0));
}

/// Would catch: a cell or a readout that a measurement does not work for.
#[test]
fn every_cell_and_readout() {
    for cell in Cell::<f64>::all() {
        let mut rng = Pcg64Dxsm::seed_from_u64(2);
        let features = if cell.to_string().starts_with("linear") { 4 } else { 2 };
        let model = Model::new(cell.clone(), features, &[4, 4], 1, Bias::Single, &mut rng).unwrap();
        for readout in [Readout::EveryTimestep, Readout::FinalStates] {
            let time = if readout == Readout::EveryTimestep { 9 } else { 1 };
            let batch = Batch::new(Array3::ones((2, 9, features)), Array3::zeros((2, time, 1)));
            let model = model.clone().with_readout(readout);
            let found = diagnose(&model, &batch, &Mse, &DiagnoseOptions::default().rate(1e-3)).unwrap();
            assert_eq!(found.evidence.layers.len(), 2, "{cell}");
        }
    }
}

#[test]
fn what_has_no_diagnosis() {
    let mut rng = Pcg64Dxsm::seed_from_u64(3);
    let batch = |time| Batch::new(Array3::<f64>::ones((2, time, 1)), Array3::zeros((2, time, 1)));
    for options in [Options::default().bidirectional(true), Options::default().zoneout(0.1, 0.0)] {
        let model = Model::<f64>::new(Lstm, 1, &[3], 1, options, &mut rng).unwrap();
        let error = diagnose(&model, &batch(9), &Mse, &DiagnoseOptions::default()).unwrap_err();
        assert!(matches!(error, Error::NoDiagnosis { .. }), "{error}");
    }
    let model = Model::<f64>::new(Lstm, 1, &[3], 1, Bias::Double, &mut rng).unwrap();
    let error = diagnose(&model, &batch(1), &Mse, &DiagnoseOptions::default()).unwrap_err();
    assert!(matches!(error, Error::NoDiagnosis { .. }), "{error}");
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = diagnose(&model, &batch(9), &Mse, &DiagnoseOptions::default().rate(rate)).unwrap_err();
        assert!(matches!(error, Error::Rate { .. }), "{error}");
    }
}

/// Would catch: a pass that overflows and gives an error instead of a diagnosis.
#[test]
fn a_pass_that_overflows() {
    let patient = Patient::new("rnn-identity", 40, 4).init(Init::Critical { radius: 1e12 });
    let found = diagnose(&patient.model, &patient.batch, &Mse, &patient.options).unwrap();
    assert_eq!(found.condition(), Some(Condition::Exploding));
    assert!(found.evidence.loss.is_nan() && found.symptoms[0].remedy.is_some());
}

/// Would catch: a Hessian that is not that of the loss.
#[test]
fn the_curvature_of_a_linear_model() {
    let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None).unwrap();
    let batch = Batch::new(Array3::ones((1, 2, 1)), Array3::zeros((1, 2, 1)));
    let curvature = |model: &Model<f64>| {
        let found = diagnose(model, &batch, &Mse, &DiagnoseOptions::default().rate(0.1)).unwrap();
        found.evidence.descent.unwrap().curvature
    };
    // With all weights at 0 only the bias of the head has a second derivative: 2.
    assert!((curvature(&model) - 2.0).abs() < 1e-4);
    // h = 3: the loss is (3 w + b)² in the weight w and the bias b of the head, and at w = b = 0 it has no other second derivatives.
    model.set_parameter("weight_ih_l0", ndarray::array![[3.0]].view().into_dyn()).unwrap();
    assert!((curvature(&model) - 20.0).abs() < 1e-3);
}
