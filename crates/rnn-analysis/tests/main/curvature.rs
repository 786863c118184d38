//! Second derivatives against differences of gradients and closed forms.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array1, Array3, array};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Curvature, Dual, Error, LargestCurvature, hessian_vector, largest_curvature};
use rnn_core::{
    Batch, Bias, Cell, CrossEntropy, Elman, Lstm, Model, Mse, Options, Parameters, Params, Random, Real,
    Timesteps,
};

fn normal(shape: (usize, usize, usize), rng: &mut Pcg64Dxsm) -> Array3<f64> {
    let mut array = Array3::zeros(shape);
    rng.fill_normal(array.as_slice_mut().unwrap());
    array
}

fn model(cell: impl Into<Cell<f64>>, hidden: &[usize], outputs: usize, seed: u64) -> Model<f64> {
    let mut rng = Pcg64Dxsm::seed_from_u64(seed);
    Model::new(cell, hidden[0], hidden, outputs, Bias::Double, &mut rng).unwrap()
}

fn gradient(model: &Model<f64>, batch: &Batch<f64>) -> Vec<f64> {
    let mut ws = model.workspace();
    model.loss_and_gradients(batch.run(), batch.target(), &Mse, &mut ws).unwrap();
    ws.blocks().flat_map(Params::as_slice).copied().collect()
}

fn moved(model: &Model<f64>, v: &[f64], by: f64) -> Model<f64> {
    let mut moved = model.clone();
    moved.blocks_mut().flat_map(Params::as_mut_slice).zip(v).for_each(|(theta, v)| *theta += by * v);
    moved
}

/// (g(θ + h v) − g(θ − h v)) / 2h has an error of order h² ‖v‖³ beside rounding of order ε / h.
#[test]
fn products_are_differences_of_gradients() {
    for cell in Cell::<f64>::all() {
        let name = cell.to_string();
        let model = model(cell, &[3, 3], 2, 1);
        let mut rng = Pcg64Dxsm::seed_from_u64(2);
        let batch = Batch::new(normal((2, 7, 3), &mut rng), normal((2, 7, 2), &mut rng));
        let mut v = vec![0.0; model.parameter_count()];
        rng.fill_normal(&mut v);
        let got = hessian_vector(&model, &batch, Mse, &v).unwrap();
        let h = 1e-5;
        let [up, down] = [h, -h].map(|h| gradient(&moved(&model, &v, h), &batch));
        let scale = got.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        for (k, got) in got.iter().enumerate() {
            let want = (up[k] - down[k]) / (2.0 * h);
            assert!((got - want).abs() < 2e-7 * scale.max(1.0), "{name}, {k}: {got} {want}");
        }
        let mut curvature = Curvature::new(&model, &batch, Mse).unwrap();
        for (a, b) in curvature.gradient().unwrap().iter().zip(gradient(&model, &batch)) {
            assert!((a - b).abs() < 1e-13, "{name}");
        }
    }
}

/// A model that is linear in its head alone: the Hessian of the mean squared error with respect to the head is 2 E[h hᵀ],
/// known exactly, and with W_ih = W_hh = 0 nothing else is curved.
#[test]
fn the_largest_curvature_is_the_largest_eigenvalue() {
    // h_t = b for ever; parameters W_ih, W_hh, b, head.weight, head.bias.
    let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[2], 1, Bias::Single).unwrap();
    model.rnn.set_parameter("bias_l0", array![3.0, 4.0].view().into_dyn()).unwrap();
    let batch = Batch::new(Array3::zeros((1, 5, 1)), Array3::zeros((1, 5, 1)));
    // L = (w·b + c)²: in (w, c) the Hessian is 2 (b, 1)(b, 1)ᵀ, with the eigenvalue 2 (25 + 1); w = 0 leaves the rest flat.
    let found = largest_curvature(&model, &batch, Mse).unwrap();
    assert!((found.value - 52.0).abs() < 1e-10, "{}", found.value);
    assert!(found.residual < 1e-10);
    assert!((found.largest_stable_rate() - 2.0 / 52.0).abs() < 1e-12);

    // Against all eigenvalues of the whole matrix, which has negative ones.
    let model = self::model(Lstm, &[3], 2, 4);
    let mut rng = Pcg64Dxsm::seed_from_u64(5);
    let batch = Batch::new(normal((2, 6, 3), &mut rng), normal((2, 6, 2), &mut rng));
    let mut curvature = Curvature::new(&model, &batch, Mse).unwrap();
    let n = curvature.parameters();
    let rows: Vec<f64> = (0..n)
        .flat_map(|i| {
            let unit: Vec<f64> = (0..n).map(|j| f64::from(u8::from(i == j))).collect();
            curvature.hessian_vector(&unit).unwrap()
        })
        .collect();
    let hessian = ndarray::Array2::from_shape_vec((n, n), rows).unwrap();
    let real = rnn_analysis::eigenvalues(hessian.view()).unwrap();
    let want = real.iter().map(|z| z.re).fold(f64::NEG_INFINITY, f64::max);
    let found = curvature.largest(100, 1e-8).unwrap();
    assert!((found.value - want).abs() < 1e-9 * want, "{} {want}", found.value);
    assert!(found.residual <= 1e-7 * want && found.products < 60, "{found:?}");
    let few = curvature.largest(3, 1e-8).unwrap();
    assert!(few.value <= want && few.residual > 0.0 && few.products == 4);
}

#[test]
fn batches_of_every_kind_are_lifted() {
    let mut rng = Pcg64Dxsm::seed_from_u64(6);
    let model = model(Elman::tanh(), &[3], 3, 7);
    let x = normal((2, 5, 3), &mut rng);
    let v = vec![1.0; model.parameter_count()];
    let labels = Batch::new(x.clone(), vec![2, 0]).with_lengths(vec![5, 3]);
    let product = hessian_vector(&model, &labels, CrossEntropy, &v).unwrap();
    assert!(product.iter().any(|&x| x != 0.0));
    // The loss at the last timestep alone is that of a mask there.
    let values = normal((2, 5, 3), &mut rng);
    let last = Batch::new(x.clone(), values.clone()).counting(Timesteps::Last);
    let mask = ndarray::Array2::from_shape_fn((2, 5), |(_, t)| t == 4);
    let masked = Batch::new(x, values).with_mask(mask);
    let [a, b] = [last, masked].map(|batch| hessian_vector(&model, &batch, Mse, &v).unwrap());
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-14));
}

#[test]
fn a_cell_that_is_not_built_in_is_given_twice() {
    use rnn_core::cell::{Form, Gate, Gradient, Name};

    #[derive(Clone, Copy)]
    struct Cubic;

    impl<F: Real> rnn_core::Unit<F> for Cubic {
        type Gates = [F; 1];
        type State = [F; 1];
        type Saved = [F; 1];
        type Own = [F; 0];
        const FORM: Form = Form::new(&[Gate::new("h")]).ignores_h();

        fn name(&self) -> Name {
            Name::new("cubic")
        }

        fn forward(&self, _: [F; 0], [a]: [F; 1], [u]: [F; 1], _: [F; 1]) -> ([F; 1], [F; 1]) {
            ([(a + u).powi(3)], [a + u])
        }

        fn backward(
            &self,
            _: [F; 0],
            [z]: [F; 1],
            _: [F; 1],
            [d]: [F; 1],
        ) -> Gradient<[F; 1], [F; 1], [F; 0]> {
            let d = d * F::of(3.0) * z * z;
            Gradient { a: [d], u: [d], previous: [F::zero()], own: [] }
        }
    }

    // L = (w x)⁶ at x = 1, and nothing else: ∂²L/∂w² = 30 w⁴.
    let mut model = Model::<f64>::zeros(Cubic, 1, &[1], 1, Options::from(Bias::None)).unwrap();
    model.rnn.set_parameter("weight_ih_l0", array![[0.7]].view().into_dyn()).unwrap();
    model.head.set_parameter("head.weight", array![[1.0]].view().into_dyn()).unwrap();
    let batch = Batch::new(Array3::ones((1, 1, 1)), Array3::zeros((1, 1, 1)));
    let error = Curvature::new(&model, &batch, Mse).unwrap_err();
    assert_eq!(error, Error::NoDualCell { cell: "cubic".to_owned() });
    let mut curvature = Curvature::with_cell(&model, Cubic, &batch, Mse).unwrap();
    let product = curvature.hessian_vector(&[1.0, 0.0, 0.0, 0.0]).unwrap();
    assert!((product[0] - 30.0 * 0.7f64.powi(4)).abs() < 1e-13);
    assert!(Curvature::with_cell(&model, Lstm, &batch, Mse).is_err());
    let wrong = curvature.hessian_vector(&[1.0]).unwrap_err();
    assert!(wrong.to_string().contains("expected [4]"), "{wrong}");
}

#[test]
fn nothing_that_is_flat_limits_the_learning_rate() {
    let flat = LargestCurvature { value: -1.0, direction: vec![1.0], residual: 0.0, products: 1 };
    assert_eq!(flat.largest_stable_rate(), f64::INFINITY);
}

/// Every function of a dual number against differences of its values.
#[test]
fn the_functions_of_a_dual_number_are_right() {
    use num_traits::Float;
    type Function = fn(Dual) -> Dual;
    type OfTwo = fn(Dual, Dual) -> Dual;
    let functions: [(&str, Function, f64); 25] = [
        ("exp", Float::exp, 0.7),
        ("exp2", Float::exp2, 0.7),
        ("exp_m1", Float::exp_m1, 0.7),
        ("ln", Float::ln, 0.7),
        ("log2", Float::log2, 0.7),
        ("log10", Float::log10, 0.7),
        ("ln_1p", Float::ln_1p, 0.7),
        ("sqrt", Float::sqrt, 0.7),
        ("cbrt", Float::cbrt, 0.7),
        ("sin", Float::sin, 0.7),
        ("cos", Float::cos, 0.7),
        ("tan", Float::tan, 0.7),
        ("asin", Float::asin, 0.7),
        ("acos", Float::acos, 0.7),
        ("atan", Float::atan, 0.7),
        ("sinh", Float::sinh, 0.7),
        ("cosh", Float::cosh, 0.7),
        ("tanh", Float::tanh, 0.7),
        ("asinh", Float::asinh, 0.7),
        ("acosh", Float::acosh, 1.7),
        ("atanh", Float::atanh, 0.7),
        ("recip", Float::recip, 0.7),
        ("fract", Float::fract, 1.7),
        ("abs", Float::abs, -0.7),
        ("powi", |x| x.powi(-3), 0.7),
    ];
    for (name, f, at) in functions {
        let h = 1e-6;
        let value = |x: f64| f(Dual::constant(x)).value;
        let want = (value(at + h) - value(at - h)) / (2.0 * h);
        let got = f(Dual::new(at, 1.0)).tangent;
        assert!((got - want).abs() < 1e-8 * want.abs().max(1.0), "{name}: {got} {want}");
    }
    let two: [(&str, OfTwo); 7] = [
        ("powf", Float::powf),
        ("hypot", Float::hypot),
        ("atan2", Float::atan2),
        ("log", Float::log),
        ("rem", |a, b| a % b),
        ("div", |a, b| a / b),
        ("mul_add", |a, b| a.mul_add(b, a)),
    ];
    for (name, f) in two {
        let h = 1e-6;
        let value = |s: f64| f(Dual::constant(1.3 + s), Dual::constant(0.6 - 2.0 * s)).value;
        let want = (value(h) - value(-h)) / (2.0 * h);
        let got = f(Dual::new(1.3, 1.0), Dual::new(0.6, -2.0)).tangent;
        assert!((got - want).abs() < 1e-8 * want.abs().max(1.0), "{name}: {got} {want}");
    }
    let all = Array1::from_vec(vec![Dual::new(1.0, 2.0), Dual::new(3.0, 4.0)]);
    assert_eq!(all.sum().tangent, 6.0);
}
