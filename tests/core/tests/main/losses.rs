//! Losses against PyTorch's values, against finite differences, and against themselves with what does not count left out.

use ndarray::{Array2, Array3, ArrayView3, Axis, array};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{
    Bias, BinaryCrossEntropy, Counted, CrossEntropy, Elman, Evaluation, Huber, L1, Loss, Model, Mse,
    Parameters, Random, Real, Run, Target, TargetKind, Timesteps, Truth,
};

const KINDS: usize = 5;
const DELTA: f64 = 0.7;

fn loss<F: Real>(kind: usize) -> Box<dyn Loss<F>> {
    match kind {
        0 => Box::new(Mse),
        1 => Box::new(L1),
        2 => Box::new(Huber { delta: DELTA }),
        3 => Box::new(CrossEntropy),
        _ => Box::new(BinaryCrossEntropy),
    }
}

/// Predictions, targets, and what may count.
#[derive(Clone, Debug)]
struct Case {
    kind: usize,
    over: Timesteps,
    prediction: Array3<f64>,
    target: Array3<f64>,
    lengths: Option<Vec<usize>>,
    mask: Option<Array2<bool>>,
}

impl Case {
    fn counted(&self) -> Counted<'_> {
        let counted = Counted::new(self.over);
        let counted = self.lengths.as_ref().map_or(counted, |lengths| counted.lengths(lengths));
        self.mask.as_ref().map_or(counted, |mask| counted.mask(mask.view()))
    }

    fn evaluate(&self, counted: &Counted<'_>) -> (f64, Array3<f64>) {
        evaluate(self.kind, self.prediction.view(), self.target.view(), counted)
    }

    /// Whether a timestep counts, said once more.
    fn counts(&self, b: usize, t: usize) -> bool {
        let length = self.lengths.as_ref().map_or(self.prediction.len_of(Axis(1)), |lengths| lengths[b]);
        let unmasked = self.mask.as_ref().is_none_or(|mask| mask[[b, t]]);
        let last = self.over == Timesteps::Last;
        unmasked && if last { t == length - 1 } else { t < length }
    }
}

/// Targets are floats here; those of a loss of classes are whole numbers.
fn evaluate<F: Real>(
    kind: usize,
    prediction: ArrayView3<'_, F>,
    target: ArrayView3<'_, F>,
    counted: &Counted<'_>,
) -> (F, Array3<F>) {
    let loss = loss::<F>(kind);
    let classes = target.index_axis(Axis(2), 0).mapv(|class| class.to_usize().unwrap_or(usize::MAX));
    let truth = match loss.target_kind() {
        TargetKind::Values => Truth::Values(target),
        TargetKind::Classes => Truth::Classes(classes.view()),
    };
    loss.check_target(truth, prediction.len_of(Axis(2)), counted).expect("possible targets");
    let mut d = Array3::from_elem(prediction.dim(), F::nan());
    let value = loss.evaluate(prediction, truth, counted, d.view_mut());
    (value, d)
}

prop_compose! {
    fn case()(
        kind in 0..KINDS,
        last: bool,
        (batch, time, outputs) in (1..5_usize, 1..6_usize, 1..4_usize),
        seed: u64,
        (with_lengths, with_mask) in (any::<bool>(), any::<bool>()),
    ) -> Case {
        let mut rng = Pcg64Dxsm::seed_from_u64(seed);
        let mut draw = |shape: (usize, usize, usize)| {
            let mut array = Array3::zeros(shape);
            rng.fill_normal(array.as_slice_mut().expect("contiguous"));
            array
        };
        let mut prediction = draw((batch, time, outputs));
        let target = draw((batch, time, outputs));
        let target = match kind {
            3 => draw((batch, time, 1)).mapv(|x: f64| (x.abs() * 10.0).floor() % outputs as f64),
            4 => target.mapv(|x: f64| (x.abs() / 2.0).min(1.0)),
            _ => {
                // Errors keep their distance from 0 and ±δ, where slopes jump.
                prediction.zip_mut_with(&target, |p, &y| {
                    let error = (*p - y).abs();
                    if error < 0.01 || (error - DELTA).abs() < 0.01 {
                        *p += 0.05;
                    }
                });
                target
            }
        };
        let lengths: Vec<usize> =
            draw((batch, 1, 1)).iter().map(|x: &f64| 1 + (x.abs() * 10.0) as usize % time).collect();
        let mask = draw((batch, time, 1)).index_axis_move(Axis(2), 0).mapv(|x: f64| x > -0.5);
        let over = if last { Timesteps::Last } else { Timesteps::All };
        let (lengths, mask) = (with_lengths.then_some(lengths), with_mask.then_some(mask));
        Case { kind, over, prediction, target, lengths, mask }
    }
}

proptest! {
    /// A wrong mean, a slope that is not that of the value, a timestep counted that should not be.
    #[test]
    fn gradients_are_those_of_the_value(case in case()) {
        let (value, d) = case.evaluate(&case.counted());
        let (batch, time, _) = case.prediction.dim();
        let at = (0..batch).flat_map(|b| (0..time).map(move |t| (b, t)));
        let counts = at.filter(|&(b, t)| case.counts(b, t)).count();
        prop_assert_eq!(case.counted().timesteps(batch, time), counts);
        if counts == 0 {
            prop_assert!(value.is_nan() && d.iter().all(|&d| d == 0.0));
            return Ok(());
        }
        for (at, &d) in d.indexed_iter() {
            if !case.counts(at.0, at.1) {
                prop_assert_eq!(d, 0.0);
            }
            let shifted = |by| {
                let mut case = case.clone();
                case.prediction[at] += by;
                case.evaluate(&case.counted()).0
            };
            let found = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            prop_assert!((d - found).abs() < 1e-8, "{at:?}: claimed {d:e}, found {found:e}");
        }
    }

    /// Whatever stands where nothing counts.
    #[test]
    fn what_does_not_count_is_not_looked_at(case in case()) {
        let mut other = case.clone();
        for ((b, t, _), p) in other.prediction.indexed_iter_mut() {
            if !case.counts(b, t) {
                *p = f64::NAN;
            }
        }
        for ((b, t, _), y) in other.target.indexed_iter_mut() {
            if !case.counts(b, t) {
                *y = -7.5; // no class, no probability
            }
        }
        let ((value, d), (other_value, other_d)) = (case.evaluate(&case.counted()), other.evaluate(&case.counted()));
        prop_assert_eq!((value.to_bits(), d), (other_value.to_bits(), other_d));
    }

    /// Nothing left out by a mask, by lengths, by a mask that says the lengths: the same bits. So with any layout.
    #[test]
    fn ways_to_say_the_same(case in case()) {
        let (batch, time, _) = case.prediction.dim();
        let same = |a: &Counted<'_>, b: &Counted<'_>| {
            let (a, b) = (case.evaluate(a), case.evaluate(b));
            a.0.to_bits() == b.0.to_bits() && a.1 == b.1
        };
        let everything = Counted::new(case.over);
        let (all, longest) = (Array2::from_elem((batch, time), true), vec![time; batch]);
        let (masked, full) = (everything.mask(all.view()), everything.lengths(&longest));
        prop_assert!(same(&everything, &masked) && same(&everything, &full));
        if let (Some(lengths), Timesteps::All) = (&case.lengths, case.over) {
            let within = Array2::from_shape_fn((batch, time), |(b, t)| t < lengths[b]);
            prop_assert!(same(&everything.lengths(lengths), &everything.mask(within.view())));
        }

        let swap = |array: &Array3<f64>, axes: [usize; 3]| {
            let copy = array.view().permuted_axes(axes).as_standard_layout().into_owned();
            let mut back = [0; 3];
            axes.into_iter().enumerate().for_each(|(i, axis)| back[axis] = i);
            copy.permuted_axes(back)
        };
        let (value, d) = case.evaluate(&case.counted());
        for axes in [[1, 0, 2], [2, 1, 0], [2, 0, 1]] {
            let mut other = case.clone();
            other.prediction = swap(&case.prediction, axes);
            other.target = swap(&case.target, [axes[0], axes[2], axes[1]]);
            let (other_value, other_d) = other.evaluate(&case.counted());
            prop_assert_eq!((value.to_bits(), &d), (other_value.to_bits(), &other_d));
        }
    }

    #[test]
    fn single_precision_follows(case in case()) {
        let (value, d) = case.evaluate(&case.counted());
        let single = |array: &Array3<f64>| array.mapv(|x| x as f32);
        let (prediction, target) = (single(&case.prediction), single(&case.target));
        let (value_32, d_32) = evaluate(case.kind, prediction.view(), target.view(), &case.counted());
        prop_assert_eq!(value.is_nan(), value_32.is_nan());
        prop_assert!(value.is_nan() || (value - f64::from(value_32)).abs() < 1e-5 * value.max(1.0));
        prop_assert!(d.iter().zip(&d_32).all(|(d, &d_32)| (d - f64::from(d_32)).abs() < 1e-6));
    }
}

/// ```python
/// import torch; from torch.nn import functional as F
/// torch.set_default_dtype(torch.float64)
/// p = torch.tensor([[.3, -1.2, 2.], [.1, .1, -3.]], requires_grad=True)
/// y = torch.tensor([[.5, -1.2, -1.], [1., 0., .25]]); b = torch.tensor([[.5, 0, 1], [1, .25, 0.]])
/// for loss in (F.mse_loss(p, y), F.l1_loss(p, y), F.huber_loss(p, y, delta=.7),
///              F.cross_entropy(p, torch.tensor([2, 0])), F.binary_cross_entropy_with_logits(p, b)):
///     print(loss.item(), torch.autograd.grad(loss, p)[0].flatten().tolist())
/// ```
#[test]
fn values_of_pytorch() {
    let prediction = array![[[0.3, -1.2, 2.0]], [[0.1, 0.1, -3.0]]];
    let real = array![[[0.5, -1.2, -1.0]], [[1.0, 0.0, 0.25]]];
    let probability = array![[[0.5, 0.0, 1.0]], [[1.0, 0.25, 0.0]]];
    let class = array![[[2.0]], [[0.0]]];
    let targets = [&real, &real, &real, &class, &probability];
    let values: [f64; KINDS] = [
        3.403_75,
        1.241_666_666_666_667,
        0.715_833_333_333_333_2,
        0.458_546_547_004_136_2,
        0.417_824_399_095_069_13,
    ];
    let gradients: [[f64; 6]; KINDS] = [
        [-0.066_666_666_666_666_67, 0.0, 1.0, -0.3, 0.033_333_333_333_333_33, -1.083_333_333_333_333_3],
        [-1.0 / 6.0, 0.0, 1.0 / 6.0, -1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [
            -0.033_333_333_333_333_33,
            0.0,
            0.116_666_666_666_666_65,
            -0.116_666_666_666_666_65,
            0.016_666_666_666_666_666,
            -0.116_666_666_666_666_65,
        ],
        [
            0.074_659_431_091_695_6,
            0.016_658_770_816_080_696,
            -0.091_318_201_907_776_29,
            -0.255_507_104_956_305_13,
            0.244_492_895_043_694_9,
            0.011_014_209_912_610_295,
        ],
        [
            0.012_407_086_135_276_505,
            0.038_579_202_750_163_73,
            -0.019_867_153_670_352_95,
            -0.079_170_135_420_176_66,
            0.045_829_864_579_823_33,
            0.007_904_312_196_261_13,
        ],
    ];
    for kind in 0..KINDS {
        let (value, d) = evaluate(kind, prediction.view(), targets[kind].view(), &Counted::all());
        assert!((value - values[kind]).abs() < 1e-15, "{kind}: {value}");
        for (d, want) in d.iter().zip(gradients[kind]) {
            assert!((d - want).abs() < 2e-16, "{kind}: {d:e}, not {want:e}");
        }
    }
}

/// e^1000 is infinite, e^−1000 is 0, and neither a loss nor a slope is lost on them.
#[test]
fn large_logits() {
    let logits = array![[[1000.0, -1000.0]]];
    let all = Counted::all();
    let (value, d) = evaluate(3, logits.view(), array![[[1.0]]].view(), &all);
    assert_eq!((value, d), (2000.0, array![[[1.0, -1.0]]]));
    let (value, d) = evaluate(4, logits.view(), array![[[0.0, 1.0]]].view(), &all);
    assert_eq!((value, d), (1000.0, array![[[0.5, -0.5]]]));
    // log(1 + e⁻⁴⁰) is e⁻⁴⁰, though 1 + e⁻⁴⁰ is 1.
    let (value, _) = evaluate(4, array![[[40.0]]].view(), array![[[1.0]]].view(), &all);
    assert!((value / (-40.0_f64).exp() - 1.0).abs() < 1e-15, "{value:e}");
}

/// 2 sequences of 3 timesteps, 3 outputs.
fn model() -> (Model<f64>, Array3<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(0);
    let model = Model::new(Elman::tanh(), 1, &[4], 3, Bias::Double, &mut rng).expect("valid");
    (model, Array3::from_shape_fn((2, 3, 1), |(b, t, _)| b as f64 - 0.3 * t as f64))
}

fn error<'a>(target: impl Into<Target<'a, f64>>, loss: &impl Loss<f64>) -> String {
    let (model, x) = model();
    model.loss(x.view(), target, loss, &mut model.workspace()).expect_err("an impossible target").to_string()
}

#[test]
fn impossible_targets_are_named() {
    let mut classes = Array2::zeros((2, 3));
    classes[[1, 0]] = 3;
    let must = "it must be a class, from 0 to 2";
    assert_eq!(error(classes.view(), &CrossEntropy), format!("y[1, 0] = 3: {must}"));
    assert_eq!(error(&[0, 7][..], &CrossEntropy), format!("y[1] = 7: {must}"));
    for bad in [-0.1, 1.1] {
        let mut y = Array3::zeros((2, 3, 3));
        y[[1, 0, 2]] = bad;
        let want = format!("y[1, 0, 2] = {bad}: it must be a probability, from 0 to 1");
        assert_eq!(error(y.view(), &BinaryCrossEntropy), want);
    }
    for bad in [f64::NAN, f64::INFINITY] {
        let mut y = Array3::zeros((2, 3, 3));
        y[[1, 2, 0]] = bad;
        for loss in 0..3 {
            let message = match loss {
                0 => error(y.view(), &Mse),
                1 => error(Target::values(y.view()).last(), &L1),
                _ => error(Target::values(y.view()).last(), &BinaryCrossEntropy),
            };
            assert_eq!(message, format!("{bad} in y[1, 2, 0]"));
        }
        let whole = array![[0.0, 0.0, 0.0], [0.0, bad, 0.0]];
        assert_eq!(error(Target::sequence_values(whole.view()), &Mse), format!("{bad} in y[1, 1]"));
    }
    let y = Array3::zeros((2, 3, 3));
    for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let message = error(y.view(), &Huber::new(delta));
        assert!(message.starts_with(&format!("delta = {delta}")), "{message}");
    }
}

#[test]
fn a_target_of_the_wrong_kind_or_shape_is_named() {
    let (values, classes) = (Array3::zeros((2, 3, 3)), Array2::zeros((2, 3)));
    assert!(error(values.view(), &CrossEntropy).contains("compares with classes"));
    assert!(error(classes.view(), &Mse).contains("compares with values"));
    assert_eq!(error(&[0, 1, 2][..], &CrossEntropy), "y (batch) has shape [3], expected [2]");
    let column = Array2::zeros((2, 1));
    assert_eq!(error(column.view(), &CrossEntropy), "y (batch, time) has shape [2, 1], expected [2, 3]");
    let narrow = Array3::zeros((2, 3, 1));
    assert_eq!(
        error(narrow.view(), &Mse),
        "y (batch, time, outputs) has shape [2, 3, 1], expected [2, 3, 3]"
    );
    let mask = Array2::from_elem((2, 3), false);
    let message = error(Target::values(values.view()).mask(mask.view()), &Mse);
    assert!(message.contains("no timestep counts"), "{message}");
    // The last timesteps are masked: nothing is left, though the mask leaves something.
    let mask = array![[true, true, false], [true, true, false]];
    let message = error(Target::values(values.view()).last().mask(mask.view()), &Mse);
    assert!(message.contains("no timestep counts"), "{message}");
}

/// Every loss: NaN, classes that there are not, improbable probabilities.
#[test]
fn what_does_not_count_may_be_anything() {
    let (model, x) = model();
    let mut ws = model.workspace();
    let clean = Array3::from_elem((2, 3, 3), 0.5);
    let mut dirty = Array3::from_elem((2, 3, 3), f64::NAN);
    for t in 0..2 {
        dirty.index_axis_mut(Axis(1), t).fill(if t == 0 { f64::NAN } else { -7.5 });
    }
    dirty.index_axis_mut(Axis(1), 2).fill(0.5);
    let dirty_classes = array![[9, usize::MAX, 1], [3, 4, 2]];
    let mask = array![[false, false, true], [false, false, true]];
    let mut loss = |target: Target<'_, f64>, kind: usize| -> f64 {
        let value = match kind {
            0 => model.loss_and_gradients(x.view(), target, &Mse, &mut ws),
            1 => model.loss_and_gradients(x.view(), target, &L1, &mut ws),
            2 => model.loss_and_gradients(x.view(), target, &Huber::default(), &mut ws),
            3 => model.loss_and_gradients(x.view(), target, &CrossEntropy, &mut ws),
            _ => model.loss_and_gradients(x.view(), target, &BinaryCrossEntropy, &mut ws),
        };
        value.expect("what counts is fine")
    };
    for kind in [0, 1, 2, 4] {
        let want = loss(Target::values(clean.view()).last(), kind);
        assert_eq!(loss(Target::values(dirty.view()).last(), kind), want);
        assert_eq!(loss(Target::values(dirty.view()).mask(mask.view()), kind), want);
        let whole = Array2::from_elem((2, 3), 0.5);
        assert_eq!(loss(Target::sequence_values(whole.view()), kind), want);
    }
    let want = loss((&[1, 2][..]).into(), 3);
    assert_eq!(loss(Target::classes(dirty_classes.view()).last(), 3), want);
    assert_eq!(loss(Target::classes(dirty_classes.view()).mask(mask.view()), 3), want);
}

/// A count above 65504 is infinite in `f16`: the mean was 0 then, and so was its gradient.
#[test]
fn a_mean_over_more_elements_than_half_precision_counts_to() {
    use half::f16;
    let prediction = Array3::from_elem((300, 300, 1), f16::from_f32(0.5));
    let target = Array3::from_elem((300, 300, 1), f16::from_f32(-0.5));
    let mut d = Array3::zeros((300, 300, 1));
    let value = Mse.evaluate(prediction.view(), Truth::Values(target.view()), &Counted::all(), d.view_mut());
    assert_eq!(value, f16::ONE);
    assert!(d.iter().all(|&d| d == f16::from_f64(2.0 / 90_000.0)));
    let classes = Array2::zeros((300, 300));
    let logits = Array3::zeros((300, 300, 2));
    let mut d = Array3::from_elem((300, 300, 2), f16::ZERO);
    let truth = Truth::Classes(classes.view());
    let value = CrossEntropy.evaluate(logits.view(), truth, &Counted::all(), d.view_mut());
    assert!((f64::from(value) - 2.0_f64.ln()).abs() < 1e-3 && d[[0, 0, 0]] < f16::ZERO);
}

#[test]
fn accuracy_is_the_share_of_what_counts() {
    let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[2], 3, Bias::Double).unwrap();
    model.set_parameter("head.bias", array![0.0, 2.0, 1.0].view().into_dyn()).unwrap(); // always class 1
    let (x, mut ws) = (Array3::zeros((2, 3, 1)), model.workspace());
    let classes = array![[1, 1, 0], [2, 1, 0]];
    let evaluation = model.evaluate(x.view(), classes.view(), &CrossEntropy, &mut ws).unwrap();
    assert_eq!((evaluation.accuracy, evaluation.counted), (Some(0.5), 6));
    let run = Run::over(x.view()).lengths(&[2, 1]);
    let last = model.evaluate(run, Target::classes(classes.view()).last(), &CrossEntropy, &mut ws).unwrap();
    assert_eq!((last.accuracy, last.counted), (Some(0.5), 2));
    let values = model.evaluate(x.view(), Array3::zeros((2, 3, 3)).view(), &Mse, &mut ws).unwrap();
    assert_eq!((values.accuracy, values.loss), (None, 5.0 / 3.0));
    let both = Evaluation::of_all([evaluation, last]).unwrap();
    assert_eq!((both.accuracy, both.counted), (Some(0.5), 8));
}
