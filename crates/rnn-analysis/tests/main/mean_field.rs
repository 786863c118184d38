//! Mean-field theory against other ways to compute the same numbers.

use rnn_analysis::{Error, MeanField, gaussian_ln_determinant, gaussian_mean};

/// E f(√q ξ) by Simpson's rule on a fine grid, which has nothing in common with the trapezoidal rule but its points.
fn simpson(q: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (n, reach) = (40_000, 12.0);
    let h = 2.0 * reach / f64::from(n);
    let value = |k: i32| {
        let x = -reach + f64::from(k) * h;
        (-0.5 * x * x).exp() * f(q.sqrt() * x)
    };
    let weight = |k: i32| {
        if k == 0 || k == n {
            1.0
        } else if k % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    (0..=n).map(|k| weight(k) * value(k)).sum::<f64>() * h / 3.0 / std::f64::consts::TAU.sqrt()
}

/// Would catch: a step that does not follow the poles, and a root that is not one.
#[test]
fn its_equations_hold() {
    let slope = |z: f64| 1.0 / z.cosh().powi(2);
    for (gain, input) in
        [(0.5, 0.1), (1.0, 0.3), (1.01, 0.0), (1.2, 1.0), (2.0, 0.0), (2.5, 0.5), (5.0, 0.0), (30.0, 2.0)]
    {
        let field = MeanField::tanh(gain, input).unwrap();
        let q = field.variance;
        let mean_square = simpson(q, |z| z.tanh().powi(2));
        assert!((gain * gain * mean_square + input * input - q).abs() < 1e-11 * (1.0 + q), "{field:?}");
        assert!((field.mean_square - mean_square).abs() < 1e-12, "{field:?}");
        assert!((field.mean_slope - simpson(q, slope)).abs() < 1e-12, "{field:?}");
        let chi = gain * gain * simpson(q, |z| slope(z).powi(2));
        assert!((field.chi - chi).abs() < 1e-11 * chi, "{field:?} {chi}");
        let ln = simpson(q, |z| -2.0 * (z.abs() + (-2.0 * z.abs()).exp().ln_1p() - 2f64.ln()));
        assert!((field.mean_ln_slope - ln).abs() < 1e-7 * ln.abs().max(1.0), "{field:?} {ln}");
    }
}

/// Without input: at rest up to g = 1, where every number is known, and the small q just above: q ≈ (g² − 1) / (2 g⁴) to first order.
#[test]
fn the_edge_of_chaos_is_at_one() {
    for gain in [0.0, 0.5, 1.0] {
        let field = MeanField::tanh(gain, 0.0).unwrap();
        assert!(field.variance == 0.0 && (field.mean_slope - 1.0).abs() < 1e-14);
        assert!((field.chi - gain * gain).abs() < 1e-14);
        assert_eq!(field.participation(), None);
    }
    let gain: f64 = 1.001;
    let field = MeanField::tanh(gain, 0.0).unwrap();
    let first = (gain * gain - 1.0) / (2.0 * gain * gain);
    assert!((field.variance / first - 1.0).abs() < 0.01, "{field:?} {first}");
    assert!(field.largest_exponent() > -1e-9 && field.largest_exponent() < 1e-3);
}

/// Numbers of the literature and of a computation in another language.
#[test]
fn known_values() {
    for (gain, exponent) in [(2.0, 0.1547), (3.0, 0.3102), (5.0, 0.5324)] {
        assert!((MeanField::tanh(gain, 0.0).unwrap().largest_exponent() - exponent).abs() < 5e-5);
    }
    for (gain, ratios) in [(2.0, [0.2217, 0.1815]), (3.0, [0.3491, 0.2588]), (5.0, [0.4527, 0.3116])] {
        let got = MeanField::tanh(gain, 0.0).unwrap().participation().unwrap();
        assert!(got.iter().zip(ratios).all(|(a, b)| (a - b).abs() < 6e-5), "{gain} {got:?}");
    }
    for ((gain, input), ln_chi) in
        [((1.0, 0.3), -0.356), ((1.2, 1.0), -0.619), ((1.6, 0.3), 0.110), ((2.5, 0.5), 0.438)]
    {
        let field = MeanField::tanh(gain, input).unwrap();
        assert!((field.chi.ln() - ln_chi).abs() < 6e-4, "{field:?}");
        assert_eq!(field.correlation_length().is_some(), ln_chi < 0.0);
    }
    let field = MeanField::tanh(1.0, 0.3).unwrap();
    assert!((field.correlation_length().unwrap() + 1.0 / field.chi.ln()).abs() < 1e-12);
}

#[test]
fn determinants_of_gaussian_matrices() {
    // n = 2: E ln |det| = ½ (ψ(1/2) + ψ(1)) + ln 2, half of it per dimension, plus ln g − ½ ln 2.
    let euler = 0.577_215_664_901_532_9;
    let psi = [-euler - 2.0 * 2f64.ln(), -euler];
    let want = 0.25 * (psi[0] + psi[1] + 2.0 * 2f64.ln()) + 3f64.ln() - 0.5 * 2f64.ln();
    assert!((gaussian_ln_determinant(2, 3.0)[0] - want).abs() < 1e-14);
    let [mean, deviation] = gaussian_ln_determinant(256, 1.0);
    assert!((mean + 0.5057).abs() < 5e-5, "{mean}");
    // The limits: −½, and a variance of ln |det| that grows like ½ ln n.
    let [large, spread] = gaussian_ln_determinant(65_536, 1.0);
    assert!((large + 0.5).abs() < 1e-4);
    let growth = (spread * 65_536.0).powi(2) - (deviation * 256.0).powi(2);
    assert!((growth - 0.5 * 256f64.ln()).abs() < 0.01, "{growth}");
}

#[test]
fn moments_of_the_normal_distribution() {
    for (power, moment) in [(0, 1.0), (1, 0.0), (2, 1.0), (4, 3.0), (8, 105.0), (12, 10_395.0)] {
        let got = gaussian_mean(0.2, |x| x.powi(power));
        assert!((got - moment).abs() < 1e-11 * moment.max(1.0), "{power}: {got}");
    }
}

#[test]
fn scales_out_of_range_are_refused() {
    for (gain, input) in [(-1.0, 0.0), (f64::NAN, 0.0), (1.0, -0.1), (1.0, f64::INFINITY), (1e4, 0.0)] {
        assert!(matches!(MeanField::tanh(gain, input), Err(Error::OutOfRange { .. })));
    }
}
