//! Losses against PyTorch's values, against finite differences, and against themselves with what does not count left out.

use ndarray::{Array2, Array3, ArrayView3, Axis, array};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{
    BinaryCrossEntropy, Counted, CrossEntropy, Error, Huber, L1, Loss, Mse, Random, Real, Timesteps,
};

const KINDS: usize = 5;
const DELTA: f64 = 0.7;

fn loss<F: Real>(kind: usize, over: Timesteps) -> Box<dyn Loss<F>> {
    match kind {
        0 => Box::new(Mse { over }),
        1 => Box::new(L1 { over }),
        2 => Box::new(Huber { delta: DELTA, over }),
        3 => Box::new(CrossEntropy { over }),
        _ => Box::new(BinaryCrossEntropy { over }),
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
        Counted { lengths: self.lengths.as_deref(), mask: self.mask.as_ref().map(|mask| mask.view()) }
    }

    fn evaluate(&self, counted: &Counted<'_>) -> (f64, Array3<f64>) {
        evaluate(self.kind, self.over, self.prediction.view(), self.target.view(), counted)
    }

    /// Whether a timestep counts, said once more.
    fn counts(&self, b: usize, t: usize) -> bool {
        let length = self.lengths.as_ref().map_or(self.prediction.len_of(Axis(1)), |lengths| lengths[b]);
        let unmasked = self.mask.as_ref().is_none_or(|mask| mask[[b, t]]);
        let last = self.over == Timesteps::Last;
        unmasked && if last { t == length - 1 } else { t < length }
    }
}

fn evaluate<F: Real>(
    kind: usize,
    over: Timesteps,
    prediction: ArrayView3<'_, F>,
    target: ArrayView3<'_, F>,
    counted: &Counted<'_>,
) -> (F, Array3<F>) {
    let loss = loss::<F>(kind, over);
    let outputs = prediction.len_of(Axis(2));
    assert_eq!(loss.target_width(outputs), target.len_of(Axis(2)));
    loss.check_target(target, outputs, counted).expect("possible targets");
    let mut d = Array3::from_elem(prediction.dim(), F::nan());
    let value = loss.evaluate_counted(prediction, target, counted, d.view_mut());
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
        prop_assert_eq!(case.counted().timesteps(batch, time, case.over), counts);
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
        let everything = Counted::everything();
        let (all, longest) = (Array2::from_elem((batch, time), true), vec![time; batch]);
        let masked = Counted { mask: Some(all.view()), ..everything };
        let full = Counted { lengths: Some(&longest), ..everything };
        prop_assert!(same(&everything, &masked) && same(&everything, &full));
        if let (Some(lengths), Timesteps::All) = (&case.lengths, case.over) {
            let within = Array2::from_shape_fn((batch, time), |(b, t)| t < lengths[b]);
            let lengths = Counted { lengths: Some(lengths), ..everything };
            let masked = Counted { mask: Some(within.view()), ..everything };
            prop_assert!(same(&lengths, &masked));
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
        let (value_32, d_32) = evaluate(case.kind, case.over, prediction.view(), target.view(), &case.counted());
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
        let everything = Counted::everything();
        let (value, d) = evaluate(kind, Timesteps::All, prediction.view(), targets[kind].view(), &everything);
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
    let everything = Counted::everything();
    let (value, d) = evaluate(3, Timesteps::All, logits.view(), array![[[1.0]]].view(), &everything);
    assert_eq!((value, d), (2000.0, array![[[1.0, -1.0]]]));
    let (value, d) = evaluate(4, Timesteps::All, logits.view(), array![[[0.0, 1.0]]].view(), &everything);
    assert_eq!((value, d), (1000.0, array![[[0.5, -0.5]]]));
    // log(1 + e⁻⁴⁰) is e⁻⁴⁰, though 1 + e⁻⁴⁰ is 1.
    let (value, _) =
        evaluate(4, Timesteps::All, array![[[40.0]]].view(), array![[[1.0]]].view(), &everything);
    assert!((value / (-40.0_f64).exp() - 1.0).abs() < 1e-15, "{value:e}");
}

#[test]
fn impossible_targets_are_named() {
    let everything = Counted::everything();
    let message = |kind: usize, value: f64, outputs: usize, counted: &Counted<'_>| {
        let mut target = Array3::zeros((2, 2, if kind == 3 { 1 } else { outputs }));
        target[[1, 0, 0]] = value;
        let result = loss(kind, Timesteps::All).check_target(target.view(), outputs, counted);
        result.err().map(|error| error.to_string())
    };
    for bad in [0.5, -1.0, 3.0, 1e300, f64::NAN, f64::INFINITY] {
        let want = format!("y[1, 0, 0] = {bad}: it must be a class, a whole number from 0 to 2");
        assert_eq!(message(3, bad, 3, &everything), Some(want));
        // And its value is no number that could pass for a loss.
        let mut d = Array3::zeros((1, 1, 3));
        let target = array![[[bad]]];
        assert!(CrossEntropy::all().evaluate(d.clone().view(), target.view(), d.view_mut()).is_nan());
    }
    for bad in [-0.1, 1.1, f64::NAN] {
        let want = format!("y[1, 0, 0] = {bad}: it must be a probability, from 0 to 1");
        assert_eq!(message(4, bad, 2, &everything), Some(want));
    }
    assert_eq!([message(3, 2.0, 3, &everything), message(4, 1.0, 3, &everything)], [None, None]);
    // Where nothing counts, anything may stand.
    let mask = array![[true, true], [false, true]];
    let counted = Counted { mask: Some(mask.view()), ..everything };
    assert_eq!([message(3, 9.0, 3, &counted), message(4, 9.0, 3, &counted)], [None, None]);
    for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let y = Array3::<f64>::zeros((1, 1, 1));
        let error = Huber::all(delta).check_target(y.view(), 1, &everything).unwrap_err();
        assert!(matches!(error, Error::InvalidOption { option: "delta", .. }), "{error}");
    }
}
