//! What stands where there is no value.

/// Codes of missing values, in lower case.
const CODES: [&str; 27] = [
    "", "?", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "-nan", "null", "(null)", "none", "nil",
    "\\n", "-", "--", "---", ".", "..", "...", "*", "m", "missing", "#value!", "#div/0!", "#ref!",
];

/// Whether a field says that there is no value.
pub(super) fn is_code(field: &str) -> bool {
    CODES.contains(&field.trim().to_lowercase().as_str())
}

/// Values in place of those that are missing, on the straight line between the neighbours that are there. There must be one at
/// either end.
pub(super) fn interpolate(values: &[Option<f64>]) -> Vec<f64> {
    let mut filled = Vec::with_capacity(values.len());
    let mut last = 0.0;
    let mut at = 0;
    while at < values.len() {
        if let Some(value) = values[at] {
            filled.push(value);
            last = value;
            at += 1;
            continue;
        }
        let gap = values[at..].iter().take_while(|value| value.is_none()).count();
        let next = values.get(at + gap).copied().flatten().unwrap_or(last);
        let part = |k: usize| k as f64 / (gap + 1) as f64;
        filled.extend((1..=gap).map(|k| last * (1.0 - part(k)) + next * part(k)));
        at += gap;
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_on_a_line() {
        let values = [Some(1.0), None, None, Some(4.0), None, Some(2.0)];
        assert_eq!(interpolate(&values), [1.0, 2.0, 3.0, 4.0, 3.0, 2.0]);
        assert!(is_code(" #N/A ") && is_code("?") && is_code("") && is_code("M") && !is_code("0"));
    }
}
