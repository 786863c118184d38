//! `TorchRng` against what PyTorch drew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use half::f16;
use rnn_core::{Init, Linear, Parameters, Random};
use rnn_data::TorchRng;
use serde_json::Value;

/// The worst that `f64` normals were measured to differ, in units in the last place: PyTorch takes its logarithm, sine and
/// cosine from the C library, we from `libm`.
const F64_ULP: u64 = 1;

/// The cases that have all of these entries, each with its seed.
fn cases(keys: &[&str]) -> Vec<(u64, Value)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/notebook/torch_rng.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let chosen =
        all["cases"].as_array().unwrap().iter().filter(|case| keys.iter().all(|key| case.get(key).is_some()));
    let found: Vec<_> = chosen.map(|case| (case["seed"].as_u64().unwrap(), case.clone())).collect();
    assert!(!found.is_empty(), "no case with {keys:?}");
    found
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|entry| entry.as_str().unwrap())
}

fn singles(list: &Value) -> Vec<f32> {
    strings(list).map(|hex| f32::from_bits(u32::from_str_radix(hex, 16).unwrap())).collect()
}

/// A number as Python's `float.hex` writes it, ±0x1.fffp±e.
fn from_hex(text: &str) -> f64 {
    let (mantissa, exponent) =
        text.trim_start_matches('-').trim_start_matches("0x1.").split_once('p').unwrap();
    let mantissa = u64::from_str_radix(mantissa, 16).unwrap() << (4 * (13 - mantissa.len()));
    let exponent = (exponent.parse::<i64>().unwrap() + 1023) as u64;
    let size = f64::from_bits(exponent << 52 | mantissa);
    if text.starts_with('-') { -size } else { size }
}

fn normals(rng: &mut TorchRng, n: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; n];
    rng.fill_normal(&mut out);
    out
}

fn uniforms(rng: &mut TorchRng, bound: f64, n: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; n];
    rng.fill_uniform(-bound, bound, &mut out);
    out
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn uniforms_are_exact() {
    for (seed, case) in cases(&["rand"]) {
        let want = singles(&case["rand"]);
        let mut got = vec![f32::NAN; want.len()];
        TorchRng::new(seed).fill_uniform(0.0, 1.0, &mut got);
        assert_eq!(bits(&got), bits(&want), "seed {seed}, n {}", want.len());
    }
}

#[test]
fn normals_are_exact() {
    for (seed, case) in cases(&["randn"]) {
        let want = singles(&case["randn"]);
        let got = normals(&mut TorchRng::new(seed), want.len());
        assert_eq!(bits(&got), bits(&want), "seed {seed}, n {}", want.len());
    }
}

/// Calls of 3, 16, 5, 1, 320 and 7: a spare normal must outlive the blocks, and be used only once.
#[test]
fn normals_in_a_row_are_exact() {
    for (seed, case) in cases(&["randn_in_a_row"]) {
        let mut rng = TorchRng::new(seed);
        for (call, want) in case["values"].as_array().unwrap().iter().enumerate() {
            let want = singles(want);
            assert_eq!(bits(&normals(&mut rng, want.len())), bits(&want), "seed {seed}, call {call}");
        }
    }
}

#[test]
fn doubles_are_within_their_libraries() {
    let mut worst = 0;
    for (seed, case) in cases(&["randn_f64"]) {
        let want: Vec<_> = strings(&case["randn_f64"]).map(from_hex).collect();
        let mut got = vec![f64::NAN; want.len()];
        TorchRng::new(seed).fill_normal(&mut got);
        for (got, want) in got.iter().zip(&want) {
            assert_eq!(got.is_sign_negative(), want.is_sign_negative());
            worst = worst.max(got.to_bits().abs_diff(want.to_bits()));
        }
    }
    assert!(worst <= F64_ULP, "{worst} units in the last place");
}

/// `nn.Linear(7, 5)` draws its weight, then its bias.
#[test]
fn linear_layers_are_exact() {
    for (seed, case) in cases(&["linear"]) {
        let (weight, bias) = (singles(&case["weight"]), singles(&case["bias"]));
        let mut rng = TorchRng::new(seed);
        let bound = 1.0 / 7.0_f64.sqrt();
        assert_eq!(bits(&uniforms(&mut rng, bound, 35)), bits(&weight), "seed {seed}");
        assert_eq!(bits(&uniforms(&mut rng, bound, 5)), bits(&bias), "seed {seed}");

        let mut linear = Linear::<f32>::zeros(7, 5).unwrap();
        linear.initialize(Init::Linear, &mut TorchRng::new(seed)).unwrap();
        let drawn = |name| linear.parameter(name).unwrap().iter().copied().collect::<Vec<_>>();
        assert_eq!(bits(&drawn("head.weight")), bits(&weight), "seed {seed}");
        assert_eq!(bits(&drawn("head.bias")), bits(&bias), "seed {seed}");
    }
}

#[test]
fn a_spare_normal_outlives_everything_else() {
    let (mut alone, mut mixed) = (TorchRng::new(3), TorchRng::new(3));
    let first = normals(&mut alone, 2);
    assert_eq!(normals(&mut mixed, 1), first[..1]);
    uniforms(&mut mixed, 1.0, 5);
    let mut block = [0.0_f64; 16];
    mixed.fill_normal(&mut block);
    assert_eq!(normals(&mut mixed, 1), first[1..]);
}

#[test]
fn every_other_type_rounds_doubles() {
    for n in [1, 15, 16, 21, 48] {
        let (mut double, mut half) = (vec![0.0_f64; n], vec![f16::ZERO; n]);
        let mut rngs = [TorchRng::new(5), TorchRng::new(5)];
        rngs[0].fill_normal(&mut double);
        rngs[1].fill_normal(&mut half);
        assert_eq!(double.iter().map(|&x| f16::from_f64(x)).collect::<Vec<_>>(), half);
        rngs[0].fill_uniform(-2.0, 3.0, &mut double);
        rngs[1].fill_uniform(-2.0, 3.0, &mut half);
        assert_eq!(double.iter().map(|&x| f16::from_f64(x)).collect::<Vec<_>>(), half);
        assert!(double.iter().all(|x| (-2.0..3.0).contains(x)));
    }
}

#[test]
fn only_the_low_half_of_a_seed_counts() {
    assert_eq!(normals(&mut TorchRng::new(1 << 32 | 9), 20), normals(&mut TorchRng::new(9), 20));
    assert_ne!(normals(&mut TorchRng::new(8), 20), normals(&mut TorchRng::new(9), 20));
}

#[test]
fn nothing_is_drawn_for_nothing() {
    let (mut plain, mut rng) = (TorchRng::new(1), TorchRng::new(1));
    rng.fill_normal(&mut [0.0_f32; 0]);
    rng.fill_uniform(0.0, 1.0, &mut [0.0_f64; 0]);
    assert_eq!(normals(&mut rng, 3), normals(&mut plain, 3));
}
