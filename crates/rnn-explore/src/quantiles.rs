//! The least, the median and the greatest of some numbers.

/// The least, the median and the greatest of at least one number. NaN comes after all others.
pub(crate) fn quantiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    [values[0], f64::midpoint(values[(n - 1) / 2], values[n / 2]), values[n - 1]]
}
