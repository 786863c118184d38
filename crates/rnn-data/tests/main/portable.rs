//! What `PortableRng` promises about calls and float types.

use half::f16;
use proptest::prelude::*;
use rand::Rng;
use rnn_core::{Random, Real};
use rnn_data::PortableRng;

fn normals<F: Real>(rng: &mut PortableRng, n: usize) -> Vec<F> {
    let mut out = vec![F::nan(); n];
    rng.fill_normal(&mut out);
    out
}

/// Calls of any lengths, of several blocks and of nothing.
fn calls() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![0..4_usize, 0..80_usize, 0..1000_usize], 0..12)
}

proptest! {
    #[test]
    fn calls_do_not_matter(calls in calls(), seed: u64) {
        let total = calls.iter().sum();
        let (mut whole, mut parts) = (PortableRng::new(seed), PortableRng::new(seed));
        let want: Vec<f64> = normals(&mut whole, total);
        let got: Vec<f64> = calls.iter().flat_map(|&n| normals(&mut parts, n)).collect();
        prop_assert_eq!(got, want);
        prop_assert_eq!(&parts, &whole);

        let (mut whole, mut parts) = (PortableRng::new(seed), PortableRng::new(seed));
        let want: Vec<f32> = normals(&mut whole, total);
        let got: Vec<f32> = calls.iter().flat_map(|&n| normals(&mut parts, n)).collect();
        prop_assert_eq!(got, want);
        prop_assert_eq!(&parts, &whole);
    }

    /// Types by turns: each gets its own version of the numbers whose turn it is.
    #[test]
    fn float_types_share_one_sequence(calls in calls(), seed: u64) {
        let total = calls.iter().sum();
        let double: Vec<f64> = normals(&mut PortableRng::new(seed), total);
        let single: Vec<f32> = normals(&mut PortableRng::new(seed), total);
        let half: Vec<f16> = normals(&mut PortableRng::new(seed), total);
        prop_assert!(single.iter().zip(&double).all(|(s, d)| (f64::from(*s) - d).abs() < 1e-6));
        prop_assert_eq!(&half, &double.iter().map(|&x| f16::from_f64(x)).collect::<Vec<_>>());

        let mut rng = PortableRng::new(seed);
        let mut at = 0;
        for (call, n) in calls.into_iter().enumerate() {
            let now = at..at + n;
            match call % 3 {
                0 => prop_assert_eq!(normals::<f64>(&mut rng, n), &double[now]),
                1 => prop_assert_eq!(normals::<f32>(&mut rng, n), &single[now]),
                _ => prop_assert_eq!(normals::<f16>(&mut rng, n), &half[now]),
            }
            at += n;
        }
    }

    #[test]
    fn normals_take_half_a_word(n in 0..200_usize, seed: u64) {
        let (mut rng, mut words) = (PortableRng::new(seed), PortableRng::new(seed));
        normals::<f32>(&mut rng, n);
        (0..n.div_ceil(2)).for_each(|_| { words.as_rand().next_u64(); });
        prop_assert_eq!(rng.as_rand().next_u64(), words.as_rand().next_u64());
    }
}

#[test]
fn the_half_that_waits_outlives_uniform_numbers() {
    let (mut plain, mut mixed) = (PortableRng::new(3), PortableRng::new(3));
    let pair: Vec<f64> = normals(&mut plain, 2);
    assert_eq!(normals::<f64>(&mut mixed, 1), pair[..1]);
    let (mut x, mut y) = ([0.0_f64; 3], [0.0_f64; 3]);
    plain.fill_uniform(-1.0, 1.0, &mut x);
    mixed.fill_uniform(-1.0, 1.0, &mut y);
    mixed.fill_normal(&mut [0.0_f64; 0]);
    assert_eq!(x, y);
    assert_ne!(plain, mixed, "a half waits");
    assert_eq!(normals::<f64>(&mut mixed, 1), pair[1..]);
    assert_eq!(plain, mixed);
}

#[test]
fn uniform_numbers_are_the_same_in_every_float_type() {
    let (mut double, mut single) = ([0.0_f64; 100], [0.0_f32; 100]);
    PortableRng::new(5).fill_uniform(-2.0, 3.0, &mut double);
    PortableRng::new(5).fill_uniform(-2.0, 3.0, &mut single);
    assert_eq!(double.map(|x| x as f32), single);
}

/// Half of the numbers between 1 and the next `f32` are rounded up to that; in `f64` none is.
#[test]
fn a_uniform_number_may_be_rounded_to_its_bound() {
    let (low, high) = (1.0, 1.0 + f64::from(f32::EPSILON));
    let (mut single, mut double) = ([0.0_f32; 100], [0.0_f64; 100]);
    PortableRng::new(5).fill_uniform(low, high, &mut single);
    PortableRng::new(5).fill_uniform(low, high, &mut double);
    assert!(single.contains(&(high as f32)) && single.contains(&(low as f32)));
    assert!(double.iter().all(|x| (low..high).contains(x)));
}
