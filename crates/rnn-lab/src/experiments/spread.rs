//! Samples over seeds: means, spreads, and lines through points.

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The middle one of the values, or the mean of the two in the middle; NaN for none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// The unbiased variance; 0 for a single number.
fn variance(values: &[f64]) -> f64 {
    let center = mean(values);
    let squares: f64 = values.iter().map(|x| (x - center) * (x - center)).sum();
    squares / (values.len() as f64 - 1.0).max(1.0)
}

/// The standard deviation of a sample; 0 for a single number.
pub(super) fn deviation(values: &[f64]) -> f64 {
    variance(values).sqrt()
}

/// The mean, and its standard error √(s² / n) with s² the unbiased variance; 0 for a single number.
pub(super) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    (mean(values), (variance(values) / values.len() as f64).sqrt())
}

/// The slope of the least-squares line through these points.
pub(super) fn slope(x: &[f64], y: &[f64]) -> f64 {
    let (mean_x, mean_y) = (mean(x), mean(y));
    let along: f64 = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    along / x.iter().map(|x| (x - mean_x) * (x - mean_x)).sum::<f64>()
}

/// The slope of the least-squares line through (0, y_0), (1, y_1), …
pub(super) fn slope_per_step(y: &[f64]) -> f64 {
    let steps: Vec<f64> = (0..y.len()).map(|k| k as f64).collect();
    slope(&steps, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_and_a_slope() {
        assert_eq!(mean_and_error(&[1.0, 2.0, 3.0]), (2.0, (1.0f64 / 3.0).sqrt()));
        assert_eq!(mean_and_error(&[5.0]), (5.0, 0.0));
        assert_eq!(slope(&[0.0, 1.0, 2.0], &[1.0, 3.0, 5.0]), 2.0);
        assert!((slope_per_step(&[1.0, 3.0, 5.0, 7.0]) - 2.0).abs() < 1e-15);
        assert_eq!((mean(&[1.0, 2.0, 3.0]), deviation(&[1.0, 2.0, 3.0]), deviation(&[4.0])), (2.0, 1.0, 0.0));
        assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 2.0, 3.0])), (2.0, 2.5));
    }
}
