//! Optimizers against short sequences worked out by hand and against PyTorch, what can be stored of them, and clipping.

use rnn_core::{
    Adam, AdamW, Bias, Elman, Error, ModelWorkspace, Optimizer, OptimizerState, Parameters, Params, Real,
    Result, RmsProp, Sgd, clip_global_norm, clip_value, global_norm,
};

type Model = rnn_core::Model<f64>;

/// The smallest model: W_ih, W_hh, and the head's weight and bias, in two blocks of two numbers.
fn model(theta: f64) -> (Model, ModelWorkspace<f64>) {
    let mut model = Model::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).expect("no size is 0");
    model.fill(theta);
    let ws = model.workspace();
    (model, ws)
}

/// θ after each step from θ = 1 with the given gradients. All four numbers go the same way, or a block is forgotten.
fn run(mut optimizer: impl Optimizer<f64>, gradients: &[f64]) -> Vec<f64> {
    let (mut model, mut ws) = model(1.0);
    let step = |&g: &f64| {
        ws.fill(g);
        optimizer.step(&mut model, &ws).expect("valid options");
        let all: Vec<f64> = model.blocks().flat_map(|block| block.as_slice().iter().copied()).collect();
        assert_eq!(all, [all[0]; 4]);
        all[0]
    };
    gradients.iter().map(step).collect()
}

#[track_caller]
fn assert_close(found: &[f64], want: &[f64]) {
    let close = found.len() == want.len() && found.iter().zip(want).all(|(f, w)| (f - w).abs() < 1e-14);
    assert!(close, "{found:?}, not {want:?}");
}

fn sgd(change: impl FnOnce(&mut Sgd<f64>)) -> Sgd<f64> {
    let mut sgd = Sgd::new(0.1);
    change(&mut sgd);
    sgd
}

fn adam(change: impl FnOnce(&mut Adam<f64>)) -> Adam<f64> {
    let mut adam = Adam::new(0.1);
    change(&mut adam);
    adam
}

#[test]
fn plain_gradient_descent() {
    // 1 − 0.1 · 2, then + 0.1 · 1
    assert_close(&run(sgd(|_| ()), &[2.0, -1.0]), &[0.8, 0.9]);
}

#[test]
fn momentum() {
    // v = 2; 0.5 · 2 − 1 = 0; 0.5 · 0 + 4 = 4
    assert_close(&run(sgd(|sgd| sgd.momentum = 0.5), &[2.0, -1.0, 4.0]), &[0.8, 0.8, 0.4]);
}

/// The first step is not dampened: PyTorch starts the velocity at g, not at (1 − δ) g.
#[test]
fn dampening() {
    // v = 2; 0.5 · 2 + 0.75 · 4 = 4; 0.5 · 4 + 0.75 · 0 = 2
    let dampened = sgd(|sgd| (sgd.momentum, sgd.dampening) = (0.5, 0.25));
    assert_close(&run(dampened, &[2.0, 4.0, 0.0]), &[0.8, 0.4, 0.2]);
}

#[test]
fn nesterov() {
    // v = 2, step 2 + 0.5 · 2 = 3; v = 0.5 · 2 − 1 = 0, step −1 + 0 = −1
    let nesterov = sgd(|sgd| (sgd.momentum, sgd.nesterov) = (0.5, true));
    assert_close(&run(nesterov, &[2.0, -1.0]), &[0.7, 0.8]);
}

#[test]
fn weight_decay() {
    // g = 2 + 0.5 · 1 = 2.5, θ = 0.75; g = 0 + 0.5 · 0.75 = 0.375, θ = 0.7125
    assert_close(&run(sgd(|sgd| sgd.weight_decay = 0.5), &[2.0, 0.0]), &[0.75, 0.7125]);
    // The decay goes through the velocity: v = 2.5; 0.5 · 2.5 + 0.375 = 1.625
    let both = sgd(|sgd| (sgd.weight_decay, sgd.momentum) = (0.5, 0.5));
    assert_close(&run(both, &[2.0, 0.0]), &[0.75, 0.75 - 0.1625]);
}

/// β₁ = 0.5, β₂ = 0.75, ε = 0.01, g = 2 then −1:
///
/// ```text
/// m = 1           v = 0.25 · 4 = 1                    m / 0.5 = 2            √(v / 0.25) = 2
/// m = 0.5 − 0.5   v = 0.75 + 0.25 = 1                 m / 0.75 = 0
/// m = 1.5 (g = 3) v = 0.75 + 0.25 · 9 = 3             m / 0.875              √(v / (1 − 0.75³))
/// ```
#[test]
fn adam_by_hand() {
    let first = 1.0 - 0.1 * 2.0 / (2.0 + 0.01);
    let third = first - 0.1 * (1.5 / 0.875) / ((3.0f64 / (1.0 - 0.421_875)).sqrt() + 0.01);
    let by_hand = adam(|adam| (adam.betas, adam.eps) = ((0.5, 0.75), 0.01));
    assert_close(&run(by_hand, &[2.0, -1.0, 3.0]), &[first, first, third]);
}

/// Whatever the gradient's size, the first step is η: m̂ / √v̂ = g / |g|.
#[test]
fn adams_first_step_is_the_learning_rate() {
    let defaults = Adam::<f64>::new(0.1);
    assert_eq!((defaults.betas, defaults.eps, defaults.weight_decay), ((0.9, 0.999), 1e-8, 0.0));
    for g in [1e3, 1.0, -1e-2] {
        let theta = run(Adam::new(0.1), &[g])[0];
        assert!((theta - (1.0 - 0.1 * g.signum())).abs() < 1e-6);
    }
}

/// β₁ = 0 makes m = g. After g = 4 comes g = 1: v = 0.5 · 16 = 8, then 4 + 0.5 = 4.5 < 8. Adam divides by √4.5,
/// AMSGrad by √8, both corrected by √(1 − 0.5²).
#[test]
fn amsgrad_keeps_the_largest_second_moment() {
    let options = |amsgrad| adam(|adam| (adam.betas, adam.eps, adam.amsgrad) = ((0.0, 0.5), 0.0, amsgrad));
    let first = 1.0 - 0.1 * 4.0 / (8.0f64 / 0.5).sqrt();
    assert_close(&run(options(false), &[4.0, 1.0]), &[first, first - 0.1 / (4.5f64 / 0.75).sqrt()]);
    assert_close(&run(options(true), &[4.0, 1.0]), &[first, first - 0.1 / (8.0f64 / 0.75).sqrt()]);
}

/// L2 in the gradient, so that it goes through the moments; not AdamW's decay beside them. With β₁ = β₂ = 0 a step is
/// η g / (|g| + ε): g = −1 + 0.5 · 1 = −0.5, ε = 0.5 gives − 0.5 / 1.
#[test]
fn adams_weight_decay() {
    let decayed = adam(|adam| (adam.betas, adam.eps, adam.weight_decay) = ((0.0, 0.0), 0.5, 0.5));
    assert_close(&run(decayed, &[-1.0]), &[1.0 + 0.1 * 0.5]);
}

fn adam_w(change: impl FnOnce(&mut AdamW<f64>)) -> AdamW<f64> {
    let mut adam_w = AdamW::new(0.1);
    change(&mut adam_w);
    adam_w
}

fn rms_prop(change: impl FnOnce(&mut RmsProp<f64>)) -> RmsProp<f64> {
    let mut rms_prop = RmsProp::new(0.1);
    change(&mut rms_prop);
    rms_prop
}

/// Sets the four numbers of a model or a gradient.
fn set(to: &mut impl Parameters<f64>, values: [f64; 4]) {
    to.blocks_mut().flat_map(Params::as_mut_slice).zip(values).for_each(|(x, value)| *x = value);
}

fn all(of: &impl Parameters<f64>) -> Vec<f64> {
    of.blocks().flat_map(|block| block.as_slice().iter().copied()).collect()
}

/// Step k, from 1, on gradients of different sizes and signs.
fn step(k: i32, optimizer: &mut impl Optimizer<f64>, model: &mut Model) -> Result<()> {
    let mut gradient = model.workspace();
    let (k, sign) = (f64::from(k), if k % 2 == 0 { 1.0 } else { -1.0 });
    set(&mut gradient, [0.5 * k, -1.0 / k, 3.0 - k, 0.125 * sign]);
    optimizer.step(model, &gradient)
}

/// The model after four steps.
fn four_steps(mut optimizer: impl Optimizer<f64>) -> Vec<f64> {
    let (mut model, _) = model(0.0);
    set(&mut model, [1.0, -0.5, 0.25, 2.0]);
    (1..5).for_each(|k| step(k, &mut optimizer, &mut model).expect("valid options"));
    all(&model)
}

/// ```python
/// import torch
/// torch.set_default_dtype(torch.float64)
/// def run(name, **options):
///     p = torch.nn.Parameter(torch.tensor([1.0, -0.5, 0.25, 2.0])); o = getattr(torch.optim, name)([p], lr=.1, **options)
///     for k in range(1, 5):
///         p.grad = torch.tensor([0.5 * k, -1.0 / k, 3.0 - k, 0.125 * (-1) ** k]); o.step()
///     print(p.tolist())
/// run('SGD', momentum=.9, dampening=.3, weight_decay=.02)
/// run('SGD', momentum=.9, nesterov=True, weight_decay=.02)
/// run('Adam', betas=(.4, .7), eps=1e-3, weight_decay=.02, amsgrad=True)
/// run('AdamW', betas=(.8, .9))
/// run('AdamW', betas=(.4, .7), eps=1e-3, weight_decay=.2, amsgrad=True)
/// run('RMSprop', weight_decay=.02)
/// run('RMSprop', alpha=.8, eps=1e-3, centered=True)
/// run('RMSprop', alpha=.8, momentum=.6)
/// run('RMSprop', alpha=.3, eps=1e-2, momentum=.6, centered=True, weight_decay=.1)
/// ```
#[test]
fn steps_of_pytorch() {
    let sgd_with = |nesterov| {
        sgd(|o| {
            (o.momentum, o.weight_decay, o.nesterov) = (0.9, 0.02, nesterov);
            o.dampening = if nesterov { 0.0 } else { 0.3 };
        })
    };
    assert_close(
        &four_steps(sgd_with(false)),
        &[
            0.285_303_471_254_687_97,
            0.006_450_118_733_522_755,
            -0.558_275_904_321_827_9,
            1.997_631_731_300_676_2,
        ],
    );
    assert_close(
        &four_steps(sgd_with(true)),
        &[
            -0.354_130_986_505_046_43,
            0.226_029_111_889_929_97,
            -0.718_759_484_253_111_8,
            1.969_681_849_196_017,
        ],
    );
    let l2 = adam(|o| (o.betas, o.eps, o.weight_decay, o.amsgrad) = ((0.4, 0.7), 1e-3, 0.02, true));
    assert_close(
        &four_steps(l2),
        &[
            0.579_927_444_374_557_7,
            -0.198_041_075_554_087_1,
            0.066_742_623_001_313_96,
            1.979_564_239_256_228_5,
        ],
    );
    assert_close(
        &four_steps(adam_w(|o| o.betas = (0.8, 0.9))),
        &[
            0.606_055_366_017_153_5,
            -0.138_192_536_700_287_97,
            -0.031_433_733_040_803_33,
            2.103_904_075_118_210_8,
        ],
    );
    let decoupled = adam_w(|o| (o.betas, o.eps, o.weight_decay, o.amsgrad) = ((0.4, 0.7), 1e-3, 0.2, true));
    assert_close(
        &four_steps(decoupled),
        &[
            0.514_357_643_196_040_9,
            -0.170_806_323_408_150_36,
            0.057_490_942_442_777_915,
            1.902_122_874_450_839_6,
        ],
    );
    assert_close(
        &four_steps(rms_prop(|o| o.weight_decay = 0.02)),
        &[
            -2.414_498_114_938_474_8,
            1.402_996_771_773_288_7,
            -0.760_519_698_195_768_7,
            1.845_493_016_245_940_9,
        ],
    );
    assert_close(
        &four_steps(rms_prop(|o| (o.alpha, o.eps, o.centered) = (0.8, 1e-3, true))),
        &[
            0.006_847_868_217_995_739_5,
            0.061_811_722_681_203_65,
            -0.014_296_964_461_681_813,
            2.096_749_781_512_814_4,
        ],
    );
    assert_close(
        &four_steps(rms_prop(|o| (o.alpha, o.momentum) = (0.8, 0.6))),
        &[
            -0.360_685_230_340_558_16,
            0.384_311_401_393_551_2,
            -0.333_985_309_709_486_37,
            2.258_796_201_225_190_5,
        ],
    );
    let everything = rms_prop(|o| {
        (o.alpha, o.eps, o.momentum, o.centered, o.weight_decay) = (0.3, 1e-2, 0.6, true, 0.1);
    });
    assert_close(
        &four_steps(everything),
        &[
            -1.297_217_996_177_603,
            0.724_421_392_912_791_2,
            -0.422_933_116_361_597_36,
            0.900_333_180_869_738_5,
        ],
    );
}

/// A constant gradient is its own average: v − ḡ² is 0 but for rounding, which makes a NaN of it in PyTorch.
#[test]
fn centered_rms_prop_without_variance() {
    let mut optimizer = rms_prop(|o| (o.lr, o.alpha, o.eps, o.centered) = (1e-3, 0.5, 1e-3, true));
    let (mut model, mut ws) = model(1.0);
    ws.fill(0.7);
    for _ in 0..200 {
        optimizer.step(&mut model, &ws).unwrap();
    }
    assert!(all(&model).iter().all(|theta| theta.is_finite()));
}

/// Momentum that is switched on later starts with that gradient, as PyTorch's buffer does.
#[test]
fn momentum_from_the_second_step() {
    let (mut model, mut ws) = model(1.0);
    let mut late = sgd(|sgd| sgd.dampening = 0.75);
    ws.fill(2.0);
    late.step(&mut model, &ws).unwrap();
    late.momentum = 0.5;
    late.step(&mut model, &ws).unwrap();
    // 1 − 0.1 · 2 − 0.1 · 2: the velocity is g, not (1 − δ) g.
    assert_close(&all(&model), &[0.6; 4]);
}

#[test]
fn alpha_and_the_rest_of_rms_prop_are_checked() {
    let message = |optimizer: RmsProp<f64>| {
        let (mut model, ws) = model(1.0);
        let mut optimizer = optimizer;
        optimizer.step(&mut model, &ws).unwrap_err().to_string()
    };
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(message(rms_prop(|o| o.alpha = bad)).starts_with(&format!("alpha = {bad}:")));
        assert!(message(rms_prop(|o| o.lr = bad)).starts_with(&format!("lr = {bad}:")));
        assert!(message(rms_prop(|o| o.eps = bad)).starts_with(&format!("eps = {bad}:")));
        assert!(message(rms_prop(|o| o.momentum = bad)).starts_with(&format!("momentum = {bad}:")));
        assert!(message(rms_prop(|o| o.weight_decay = bad)).starts_with(&format!("weight_decay = {bad}:")));
    }
    assert!(message(rms_prop(|o| o.alpha = 1.1)).starts_with("alpha = 1.1:"));
}

/// A twin made of the state after two steps goes on with the same bits, and has the same state itself.
#[test]
fn a_restored_optimizer_goes_on() {
    fn goes_on<O: Optimizer<f64>>(mut optimizer: O, mut fresh: O) {
        let (mut model, _) = model(0.7);
        (1..3).for_each(|k| step(k, &mut optimizer, &mut model).unwrap());
        optimizer.set_lr(0.03);
        let state = optimizer.snapshot();
        assert_eq!((state.steps, state.settings["lr"]), (2, 0.03));
        fresh.restore(state.clone()).unwrap();
        assert_eq!((fresh.snapshot(), fresh.lr()), (state, 0.03));
        let mut twin = model.clone();
        (3..6).for_each(|k| step(k, &mut optimizer, &mut model).unwrap());
        (3..6).for_each(|k| step(k, &mut fresh, &mut twin).unwrap());
        assert_eq!(all(&model), all(&twin));
        assert_eq!(optimizer.snapshot(), fresh.snapshot());
    }
    goes_on(Sgd::new(0.1), Sgd::new(9.0));
    goes_on(sgd(|o| (o.momentum, o.dampening, o.weight_decay) = (0.9, 0.5, 0.1)), Sgd::new(9.0));
    goes_on(sgd(|o| (o.momentum, o.nesterov) = (0.9, true)), Sgd::new(9.0));
    goes_on(adam(|o| (o.amsgrad, o.weight_decay) = (true, 0.1)), Adam::new(9.0));
    goes_on(adam_w(|o| (o.betas, o.eps) = ((0.3, 0.4), 1e-2)), AdamW::new(9.0));
    goes_on(rms_prop(|o| (o.alpha, o.eps, o.weight_decay) = (0.7, 1e-3, 0.1)), RmsProp::new(9.0));
    goes_on(rms_prop(|o| (o.momentum, o.centered) = (0.9, true)), RmsProp::new(9.0));
}

#[test]
fn impossible_states_are_named() {
    #[track_caller]
    fn refused(change: impl FnOnce(&mut OptimizerState), message: &str) {
        let mut optimizer = adam(|o| o.amsgrad = true);
        let (mut model, _) = model(0.7);
        step(1, &mut optimizer, &mut model).unwrap();
        let before = optimizer.snapshot();
        let mut state = before.clone();
        change(&mut state);
        assert_eq!(optimizer.restore(state).unwrap_err().to_string(), message);
        assert_eq!(optimizer.snapshot(), before, "nothing changed");
    }
    fn buffer<'s>(state: &'s mut OptimizerState, name: &str) -> &'s mut Vec<Vec<f64>> {
        state.buffers.get_mut(name).unwrap()
    }
    let of = |what: &str| format!("the state of Adam: {what}");
    refused(|s| s.kind = "AdamW".to_owned(), &of("it is that of AdamW"));
    for name in ["lr", "beta_1", "beta_2", "eps", "weight_decay", "amsgrad"] {
        refused(|s| _ = s.settings.remove(name), &of(&format!("it has no {name}")));
    }
    for name in ["m", "v"] {
        refused(|s| _ = s.buffers.remove(name), &of(&format!("it has no {name}")));
    }
    refused(
        |s| _ = s.settings.insert("momentum".to_owned(), 0.0),
        &of("it has \"momentum\", which this optimizer does not have"),
    );
    refused(
        |s| _ = s.buffers.insert("w".to_owned(), vec![vec![0.0]]),
        &of("it has \"w\", which this optimizer does not have"),
    );
    refused(|s| _ = s.settings.insert("amsgrad".to_owned(), 0.5), "amsgrad = 0.5: it must be 0 or 1");
    refused(
        |s| _ = s.settings.insert("lr".to_owned(), f64::NAN),
        "lr = NaN: it must be finite and at least 0",
    );
    refused(
        |s| _ = buffer(s, "v")[0].pop(),
        &of("after 1 steps v has blocks of [1, 2] numbers, expected [2, 2]"),
    );
    refused(|s| buffer(s, "m").clear(), &of("it has no m"));
    refused(|s| s.steps = 0, &of("after 0 steps m has blocks of [2, 2] numbers, expected []"));
    refused(|s| buffer(s, "m")[1][0] = f64::NAN, &of("m[1][0] = NaN"));
    refused(|s| buffer(s, "v_max")[0][1] = -1.0, &of("v_max[0][1] = -1"));

    // Whether a state is for these parameters is for the next step to say.
    let mut sgd = sgd(|o| o.momentum = 0.5);
    let (mut model, _) = model(0.7);
    step(1, &mut sgd, &mut model).unwrap();
    let mut state = sgd.snapshot();
    state.buffers.insert("velocity".to_owned(), vec![vec![0.0; 3]]);
    sgd.restore(state).unwrap();
    let error = step(2, &mut sgd, &mut model).unwrap_err();
    assert!(matches!(error, Error::OtherNetwork { expected: 4, found: 3, .. }), "{error}");
}

/// An option that is switched on later has no buffer yet: its snapshot has none, and is restored as it is.
#[test]
fn an_option_switched_on_later_is_stored_and_restored() {
    fn goes_on<O: Optimizer<f64>>(mut optimizer: O, mut fresh: O, switch_on: impl FnOnce(&mut O)) {
        let (mut model, _) = model(0.7);
        step(1, &mut optimizer, &mut model).unwrap();
        switch_on(&mut optimizer);
        fresh.restore(optimizer.snapshot()).unwrap();
        let mut twin = model.clone();
        (2..5).for_each(|k| step(k, &mut optimizer, &mut model).unwrap());
        (2..5).for_each(|k| step(k, &mut fresh, &mut twin).unwrap());
        assert_eq!((all(&model), optimizer.snapshot()), (all(&twin), fresh.snapshot()));
    }
    goes_on(Sgd::new(0.1), Sgd::new(0.0), |o| o.momentum = 0.9);
    goes_on(Adam::new(0.1), Adam::new(0.0), |o| o.amsgrad = true);
    goes_on(RmsProp::new(0.1), RmsProp::new(0.0), |o| (o.centered, o.momentum) = (true, 0.5));
}

/// Model, gradient and optimizer are as before, and the error names the parameter.
fn refused<F: Real>(mut optimizer: impl Optimizer<F>, theta: f64, gradients: &[f64]) -> String {
    let mut model = rnn_core::Model::<F>::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).expect("valid");
    model.fill(F::of(theta));
    let mut ws = model.workspace();
    for (k, &g) in gradients.iter().enumerate() {
        ws.fill(F::of(1.0));
        // Block 1 overflows: block 0 must be as before all the same.
        ws.set_parameter("head.bias", ndarray::arr1(&[F::of(g)]).view().into_dyn()).expect("valid");
        let before = (model.head.params().clone(), model.rnn.params().clone(), optimizer.snapshot());
        if let Err(error) = optimizer.step(&mut model, &ws) {
            assert_eq!(k + 1, gradients.len());
            let after = (model.head.params().clone(), model.rnn.params().clone(), optimizer.snapshot());
            assert_eq!(after, before);
            return error.to_string();
        }
    }
    panic!("no error")
}

#[test]
fn a_step_to_what_is_not_finite_is_an_error_before_it() {
    let message = refused(Sgd::<f32>::new(1e38), 1.0, &[10.0]);
    assert!(message.contains("the update of head.bias[0]"), "{message}");
    refused(Sgd::<f32>::new(1e300), 1.0, &[1.0]);
    let mut heavy = Sgd::<f32>::new(1.0);
    heavy.momentum = 2.0;
    refused(heavy, 1.0, &[1e38, 1e38]);
    // 0 / 0 where ε is 0 and no gradient was seen.
    let mut adam = Adam::<f64>::new(0.1);
    adam.eps = 0.0;
    let message = refused(adam, 1.0, &[0.0]);
    assert!(message.starts_with("NaN in the update of head.bias[0]"), "{message}");
    let mut rms_prop = RmsProp::<f64>::new(0.1);
    rms_prop.eps = 0.0;
    refused(rms_prop, 1.0, &[0.0]);
    // The average of squares overflows, and every later step would be 0.
    refused(AdamW::<f32>::new(0.1), 1.0, &[1e30]);
}

/// ε = 1e-8 and the squares of small gradients are 0 in `f16`, which ruined parameters in silence.
#[test]
fn narrow_types_are_updated_in_single_precision() {
    use half::{bf16, f16};
    fn theta<F: Real>(mut optimizer: impl Optimizer<F>) -> Vec<f64> {
        let mut model = rnn_core::Model::<F>::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).unwrap();
        model.fill(F::one());
        let mut ws = model.workspace();
        for k in 0..50 {
            ws.fill(F::of(2e-3 * f64::from(k % 3)));
            optimizer.step(&mut model, &ws).unwrap();
        }
        model.blocks().flat_map(Params::as_slice).map(|theta| theta.to_f64().unwrap()).collect()
    }
    fn close<O: Optimizer<f16>, P: Optimizer<bf16>, S: Optimizer<f32>>(half: O, brain: P, single: S) {
        let want = theta::<f32>(single);
        assert!(theta::<f16>(half).iter().zip(&want).all(|(x, want)| (x - want).abs() < 0.02), "{want:?}");
        assert!(theta::<bf16>(brain).iter().zip(&want).all(|(x, want)| (x - want).abs() < 0.15), "{want:?}");
    }
    close(Adam::new(0.01), Adam::new(0.01), Adam::new(0.01));
    close(AdamW::new(0.01), AdamW::new(0.01), AdamW::new(0.01));
    close(RmsProp::new(0.01), RmsProp::new(0.01), RmsProp::new(0.01));
    let mut adam = Adam::<f16>::new(0.01);
    theta::<f16>(adam.clone());
    let (mut model, ws) = (rnn_core::Model::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).unwrap(), {
        let model = rnn_core::Model::<f16>::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).unwrap();
        let mut ws = model.workspace();
        ws.fill(f16::from_f32(1e-3));
        ws
    });
    adam.step(&mut model, &ws).unwrap();
    let mut fresh = Adam::<f16>::new(0.0);
    fresh.restore(adam.snapshot()).unwrap();
    assert_eq!(fresh.snapshot(), adam.snapshot());
    assert!(adam.snapshot().buffers["v"][0][0] > 0.0, "1e-9 is no number of f16, and is kept");
}

/// Squares of such gradients are 0 or infinite in `f32`.
#[test]
fn the_norm_of_tiny_and_huge_gradients() {
    let model = rnn_core::Model::<f32>::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).unwrap();
    let mut ws = model.workspace();
    for size in [1e-25_f32, 1e-30, 1e-19, 1.0, 1e18, 1e20, 1e37] {
        ws.fill(size);
        let norm = global_norm(&ws);
        assert!((norm / size - 2.0).abs() < 1e-6, "{size:e}: {norm:e}");
    }
    ws.fill(1e20);
    assert_eq!(clip_global_norm(&mut ws, 1.0).unwrap(), 2e20);
    assert!((global_norm(&ws) - 1.0).abs() < 1e-6);
    ws.fill(0.0);
    assert_eq!(global_norm(&ws), 0.0);
    ws.fill(f32::MAX);
    assert!(clip_global_norm(&mut ws, 1.0).unwrap_err().to_string().contains("the norm of the gradient"));
}

/// An optimizer is for whatever is made of parameters: a head alone, say.
#[test]
fn a_single_block() {
    let (model, mut ws) = model(1.0);
    let mut head = model.head.params().clone();
    ws.fill(1.0);
    let gradient = ws.blocks().nth(1).expect("the head comes second").clone();
    Sgd::new(0.5).step(&mut head, &gradient).unwrap();
    assert_eq!(head.as_slice(), [0.5, 0.5]);
}

#[test]
fn clipping() {
    let (_, mut ws) = model(1.0);
    set(&mut ws, [1.0, -4.0, 2.0, 2.0]);
    assert_eq!(global_norm(&ws), 5.0, "√(1 + 16 + 4 + 4), over both blocks");

    assert_eq!(clip_global_norm(&mut ws, 10.0).unwrap(), 5.0);
    assert_eq!(all(&ws), [1.0, -4.0, 2.0, 2.0], "a short gradient stays");

    assert_eq!(clip_global_norm(&mut ws, 0.5).unwrap(), 5.0, "the norm before");
    let scale = 0.5 / (5.0 + 1e-6); // PyTorch's guard against a norm of 0
    assert_close(&all(&ws), &[scale, -4.0 * scale, 2.0 * scale, 2.0 * scale]);

    ws.fill(0.0);
    assert_eq!(clip_global_norm(&mut ws, 0.5).unwrap(), 0.0);
    assert_eq!(all(&ws), [0.0; 4]);
}

#[test]
fn clipping_by_value() {
    let (_, mut ws) = model(1.0);
    set(&mut ws, [1.0, -4.0, 0.25, 2.0]);
    clip_value(&mut ws, 1.5).unwrap();
    assert_eq!(all(&ws), [1.0, -1.5, 0.25, 1.5]);
    clip_value(&mut ws, f64::INFINITY).unwrap();
    assert_eq!(all(&ws), [1.0, -1.5, 0.25, 1.5], "a bound that nothing exceeds");
    for bad in [0.0, -1.0, f64::NAN] {
        let error = clip_value(&mut ws, bad).unwrap_err().to_string();
        assert_eq!(error, format!("clip_value = {bad}: it must be positive"));
    }
    for bad in [f64::NAN, f64::INFINITY] {
        set(&mut ws, [1.0, -4.0, 9.0, bad]);
        let error = clip_value(&mut ws, 0.5).unwrap_err().to_string();
        assert_eq!(error, format!("{bad} in the gradient of head.bias[0]"));
        assert_eq!(all(&ws)[..3], [1.0, -4.0, 9.0], "nothing was clipped");
    }
}
