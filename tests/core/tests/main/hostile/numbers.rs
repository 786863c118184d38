//! Numbers that leave the range of the float type.

use half::f16;
use ndarray::{Array2, Array3, array};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::cell::{Form, Gate, GateLook, Gradient, Name, Seen};
use rnn_core::{
    Adam, AdamW, Bias, Counted, CrossEntropy, Elman, Error, Huber, Init, Loss, Lstm, Model, Mse, Optimizer,
    Options, Parameters, Place, Random, Real, RmsProp, Run, Sgd, Stack, Trainer, Training, Truth, Unit,
    clip_global_norm, global_norm,
};

use super::noise;

/// dL/dh_0 = W_hh dL/dh_1 and dL/dx_1 = W_ih dL/dh_1 meet no gradient of a parameter: those are all finite here.
#[test]
fn an_infinite_gradient_of_the_input_or_of_a_state_is_an_error() {
    let rnn = |input: f32, recurrent: f32| {
        let mut rnn = Stack::<f32>::zeros(Elman::identity(), 1, &[1], Bias::None).expect("sizes");
        rnn.set_parameter("weight_ih_l0", &array![[input]].into_dyn()).expect("finite");
        rnn.set_parameter("weight_hh_l0", &array![[recurrent]].into_dyn()).expect("finite");
        rnn
    };
    let (x, d) = (Array3::zeros((2, 1, 1)), array![[[0.0]], [[1e20]]]);
    let state = Place::StateGradient { layer: 0, timestep: 0, batch: 1, unit: 0, cell: false };
    let input = Place::InputGradient { index: vec![1, 0, 0] };
    for (rnn, place) in [(rnn(0.0, 1e30), state.clone()), (rnn(1e30, 0.0), input)] {
        let mut ws = rnn.workspace();
        rnn.forward(x.view(), &mut ws).expect("finite");
        let error = Error::NonFinite { place, value: "inf".to_owned() };
        assert_eq!(rnn.backward(d.view(), None, &mut ws), Err(error.clone()));
        rnn.forward(x.view(), &mut ws).expect("finite");
        assert_eq!(rnn.xray(d.view(), None, &mut ws).map(drop), Err(error.clone()));
        let head = Linear::of(1e10);
        let mut model = Model::from_parts(rnn, head).expect("they fit");
        let y = Array3::from_elem((2, 1, 1), -1e10_f32);
        let found = model.loss_and_gradients(x.view(), y.view(), &Mse, &mut model.workspace());
        let Err(Error::NonFinite { place, .. }) = found else { panic!("{found:?}") };
        assert!(
            matches!(place, Place::StateGradient { timestep: 0, .. } | Place::InputGradient { .. }),
            "{place}"
        );
        // A step of training computes no dL/dx, and shows dL/dh_0.
        let before = model.rnn.params().clone();
        let mut trainer = Trainer::new(&model, Training::new(Mse));
        let step = trainer.step(&mut model, x.view(), y.view(), &mut Sgd::new(1e-30));
        assert_eq!(step.is_err(), matches!(place, Place::StateGradient { .. }), "{step:?}");
        assert!(step.is_ok() || *model.rnn.params() == before);
    }
    let text = Error::NonFinite { place: state, value: "inf".to_owned() }.to_string();
    assert_eq!(text, "inf in the gradient of the hidden state of layer 0 at timestep 0, sequence 1, unit 0");
}

struct Linear;

impl Linear {
    /// A head of one number without a bias.
    fn of(weight: f32) -> rnn_core::Linear<f32> {
        let mut head = rnn_core::Linear::zeros_without_bias(1, 1).expect("sizes");
        head.set_parameter("head.weight", &array![[weight]].into_dyn()).expect("finite");
        head
    }
}

/// The units of a backward direction are counted after those of the forward one.
#[test]
fn an_infinite_gradient_of_a_backward_direction_is_named() {
    let options = Options::from(Bias::None).bidirectional(true);
    let mut rnn = Stack::<f32>::zeros(Elman::identity(), 1, &[2], options).expect("sizes");
    rnn.set_parameter("weight_hh_l0_reverse", &array![[0.0, 0.0], [0.0, 1e30]].into_dyn()).expect("finite");
    let (x, mut d, mut ws) = (Array3::zeros((2, 4, 1)), Array3::zeros((2, 4, 4)), rnn.workspace());
    rnn.forward(Run::over(x.view()).lengths(&[2, 4]), &mut ws).expect("finite");
    d[[0, 1, 3]] = 1e20; // where the direction begins to read sequence 0
    let error = rnn.backward(d.view(), None, &mut ws).expect_err("1e50");
    let place = Place::StateGradient { layer: 0, timestep: 0, batch: 0, unit: 3, cell: false };
    assert_eq!(error, Error::NonFinite { place, value: "inf".to_owned() });
}

/// A sweep back for one timestep's loss names the state at which it leaves the range, too: W_hh dL/dh_3 at timestep 2.
#[test]
fn a_reach_that_is_not_finite_is_named() {
    let mut rnn = Stack::<f32>::zeros(Elman::identity(), 1, &[1], Bias::None).expect("sizes");
    rnn.set_parameter("weight_hh_l0", &array![[1e30]].into_dyn()).expect("finite");
    let mut ws = rnn.workspace();
    rnn.forward(Array3::zeros((1, 3, 1)).view(), &mut ws).expect("finite");
    let error = rnn.reach(array![[[0.0], [0.0], [1e20]]].view(), &mut ws).expect_err("1e50");
    let place = Place::StateGradient { layer: 0, timestep: 2, batch: 0, unit: 0, cell: false };
    assert_eq!(error, Error::NonFinite { place, value: "inf".to_owned() });
}

/// An Elman unit that tells a gradient at its gate that is not finite.
#[derive(Clone, Copy)]
struct Boasting;

impl Unit<f64> for Boasting {
    type Gates = [f64; 1];
    type State = [f64; 1];
    type Saved = [f64; 0];
    type Own = [f64; 0];
    const FORM: Form = Form::new(&[Gate::new("h")]);

    fn name(&self) -> Name {
        Name::new("boasting")
    }

    fn forward(&self, _: [f64; 0], [a]: [f64; 1], [u]: [f64; 1], _: [f64; 1]) -> ([f64; 1], [f64; 0]) {
        ([a + u], [])
    }

    fn backward(
        &self,
        _: [f64; 0],
        _: [f64; 0],
        _: [f64; 1],
        d: [f64; 1],
    ) -> Gradient<[f64; 1], [f64; 1], [f64; 0]> {
        Gradient { a: d, u: d, previous: [0.0], own: [] }
    }

    fn look(&self, seen: Seen<f64, [f64; 1], [f64; 0], [f64; 0]>) -> Option<GateLook<[f64; 1]>> {
        Some(GateLook { value: seen.state, slope: [1.0], gradient: [seen.d[0] / 0.0] })
    }
}

#[test]
fn an_x_ray_holds_no_number_that_is_not_finite() {
    let rnn = Stack::<f64>::zeros(Boasting, 1, &[2], Bias::None).expect("sizes");
    let mut ws = rnn.workspace();
    rnn.forward(Array3::ones((1, 3, 1)).view(), &mut ws).expect("finite");
    let error = rnn.xray(Array3::ones((1, 3, 2)).view(), None, &mut ws).expect_err("1 / 0");
    let place = Place::Gate { layer: 0, gate: "h", timestep: 1, batch: 0, unit: 0 };
    assert_eq!(error, Error::NonFinite { place, value: "inf".to_owned() });
}

/// Rates and gradients for which a parameter leaves the range of its type: the step is refused, and nothing has changed.
#[test]
fn training_never_returns_parameters_that_are_not_finite() {
    fn refuses<F: Real>(name: &str, mut optimizer: impl Optimizer<F>) {
        let mut model = Model::<F>::zeros(Elman::tanh(), 1, &[2], 1, Bias::Double).expect("sizes");
        model.initialize(Init::PyTorch, &mut Pcg64Dxsm::seed_from_u64(1)).expect("a rule");
        let before = model.clone();
        let (x, y) = (noise::<F>((3, 4, 1), 1), noise::<F>((3, 4, 1), 2));
        let mut trainer = Trainer::new(&model, Training::new(Mse));
        let state = optimizer.snapshot();
        let error = trainer.step(&mut model, x.view(), y.view(), &mut optimizer).expect_err(name);
        assert!(matches!(error, Error::NonFinite { place: Place::Update { .. }, .. }), "{name}: {error}");
        assert!(model.named().eq(before.named()), "{name}");
        assert_eq!((optimizer.snapshot(), trainer.steps()), (state, 0), "{name}");
    }
    for lr in [1e39, 1e300] {
        refuses::<f32>("SGD", Sgd::new(lr));
        refuses::<f32>("Adam", Adam::new(lr));
        refuses::<f32>("AdamW", AdamW::new(lr));
        refuses::<f32>("RMSprop", RmsProp::new(lr));
        refuses::<f16>("SGD of f16", Sgd::new(lr));
        refuses::<f16>("Adam of f16", Adam::new(lr));
    }
    let (mut heavy, mut centered) = (Sgd::<f32>::new(1e39), RmsProp::<f32>::new(1e39));
    (heavy.momentum, heavy.nesterov, centered.centered, centered.momentum) = (0.9, true, true, 0.9);
    refuses("Nesterov", heavy);
    refuses("centered", centered);
    refuses::<f16>("65504 is the largest", Sgd::new(1e9));
}

/// Where ε is 0, a gradient that is exactly 0 is divided by 0.
#[test]
fn no_epsilon_and_no_gradient_is_no_step() {
    let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).expect("sizes");
    model.fill(1.0);
    let gradients = model.workspace();
    let (mut adam, mut rms_prop, mut momentum) = (Adam::new(0.1), RmsProp::new(0.1), RmsProp::new(0.1));
    (adam.eps, rms_prop.eps, momentum.eps, momentum.momentum) = (0.0, 0.0, 0.0, 0.5);
    adam.step(&mut model, &gradients).expect_err("0 / 0");
    rms_prop.step(&mut model, &gradients).expect_err("0 / 0");
    momentum.step(&mut model, &gradients).expect_err("0 / 0");
    assert!(model.blocks().all(|block| block.as_slice().iter().all(|&theta| theta == 1.0)));
}

/// A generator that gives anything.
struct Bad(f64);

impl Random<f64> for Bad {
    fn fill_uniform(&mut self, _: f64, _: f64, out: &mut [f64]) {
        out.fill(self.0);
    }

    fn fill_normal(&mut self, out: &mut [f64]) {
        out.fill(self.0);
    }
}

/// Finite settings can ask for what the type cannot hold, and a generator can give it; nothing has changed then.
#[test]
fn initial_parameters_are_finite() {
    let fresh =
        Model::<f64>::new(Lstm, 2, &[3], 1, Bias::Double, &mut Pcg64Dxsm::seed_from_u64(0)).expect("sizes");
    let mut model = fresh.clone();
    for init in [
        Init::XavierUniform { gain: 1.7e308 },
        Init::KaimingNormal { fan: rnn_core::Fan::Out, gain: 1.7e308 },
        Init::KaimingUniform { fan: rnn_core::Fan::In, gain: 1.7e308 },
    ] {
        let error =
            model.initialize(init, &mut Pcg64Dxsm::seed_from_u64(0)).expect_err("more than f64 holds");
        assert!(error.to_string().contains("in parameter "), "{init:?}: {error}");
        assert!(model.named().eq(fresh.named()), "{init:?}");
    }
    for bad in [f64::NAN, f64::INFINITY] {
        for init in
            [Init::PyTorch, Init::Linear, Init::XavierNormal { gain: 1.0 }, Init::Chrono { t_max: 9.0 }]
        {
            let error = model.initialize(init, &mut Bad(bad)).expect_err("not finite");
            assert!(
                matches!(error, Error::NonFinite { place: Place::Parameter { .. }, .. }),
                "{init:?}: {error}"
            );
            assert!(model.named().eq(fresh.named()), "{init:?}");
        }
        for init in [Init::Orthogonal { gain: 1.0 }, Init::Critical { radius: 1.0 }] {
            model.initialize(init, &mut Bad(bad)).expect_err("not finite");
            assert!(model.named().eq(fresh.named()), "{init:?}");
        }
        let mut head = model.head.clone();
        head.initialize(Init::PyTorch, &mut Bad(bad)).expect_err("not finite");
        assert_eq!(head, model.head);
    }
    // What is not finite already can be set again, array by array.
    model.fill(f64::NAN);
    model.initialize(Init::Identity { scale: 1.0 }, &mut Bad(0.0)).expect("the recurrent weights are finite");
}

/// Of `f16`, 2048 + 1 is 2048: a sum in the type itself stays there.
#[test]
fn long_sums_of_a_narrow_type_are_right() {
    let mut wide = Stack::<f16>::zeros(Elman::tanh(), 90, &[90], Bias::None).expect("sizes");
    for size in [1.0, 1e-3, 3e-5] {
        wide.fill(f16::from_f64(size));
        let (norm, want) =
            (f64::from(global_norm(&wide)), f64::from(f16::from_f64(size)) * 16_200_f64.sqrt());
        assert!((norm / want - 1.0).abs() < 2e-3, "{size}: {norm} is not {want}");
    }
    clip_global_norm(&mut wide, f16::from_f64(1e-3)).expect("a norm");

    let logits = Array3::from_elem((1, 1, 5000), f16::ZERO);
    let (class, mut d) = (Array2::zeros((1, 1)), Array3::from_elem((1, 1, 5000), f16::ZERO));
    let value =
        CrossEntropy.evaluate(logits.view(), Truth::Classes(class.view()), &Counted::all(), d.view_mut());
    assert!((f64::from(value) - 5000_f64.ln()).abs() < 0.01, "{value}");
    assert!((f64::from(d[[0, 0, 1]]) * 5000.0 - 1.0).abs() < 0.01);
}

/// δ = 1e-300 is 0 in `f32`: the loss would be 0 everywhere.
#[test]
fn a_setting_that_the_type_rounds_away_is_refused() {
    let model = Model::<f32>::zeros(Elman::tanh(), 1, &[2], 1, Bias::None).expect("sizes");
    let (x, y) = (noise::<f32>((1, 2, 1), 1), noise::<f32>((1, 2, 1), 2));
    for delta in [1e-300, 1e300] {
        let error =
            model.loss(x.view(), y.view(), &Huber::new(delta), &mut model.workspace()).expect_err("no δ");
        assert!(matches!(error, Error::InvalidOption { option: "delta", .. }), "{error}");
    }
    let mut ws = model.workspace();
    assert!(model.loss(x.view(), y.view(), &Huber::new(1e-30), &mut ws).expect("small") > 0.0);
}

/// As the documentation of `Random` says.
#[test]
fn a_uniform_draw_may_be_rounded_to_its_upper_bound() {
    struct Ones;
    impl rand::TryRng for Ones {
        type Error = std::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::MAX)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::MAX)
        }
        fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
            to.fill(u8::MAX);
            Ok(())
        }
    }
    let (mut single, mut double) = ([0_f32], [0_f64]);
    Ones.fill_uniform(0.0, 1.0, &mut single);
    Ones.fill_uniform(0.0, 1.0, &mut double);
    assert_eq!((single[0], double[0]), (1.0, 1.0 - f64::EPSILON / 2.0));
}
