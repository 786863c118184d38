//! Numbers in sentences, and whether they are right.

/// A number as the page writes it at the start of `text`: 0.622, −5, 1.23 · 10⁻⁴, 62%, 2.1 · 10⁻⁹ of it.
pub(super) fn read(text: &str) -> f64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '−').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let digits = digits.trim_end_matches('.').replace('−', "-");
    let mut exponent = 0;
    if let Some(power) = rest.strip_prefix(" · 10") {
        let superscripts = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
        let negative = power.starts_with('⁻');
        for c in power.trim_start_matches('⁻').chars() {
            let Some(digit) = superscripts.iter().position(|&s| s == c) else { break };
            exponent = 10 * exponent + i32::try_from(digit).unwrap();
        }
        exponent *= if negative { -1 } else { 1 };
    }
    let scientific = format!("{digits}e{exponent}");
    let value: f64 = scientific.parse().unwrap_or_else(|_| panic!("no number at the start of {text:?}"));
    if rest.starts_with('%') { value / 100.0 } else { value }
}

/// The number right after the first `phrase`, if the text has it.
pub(super) fn after(text: &str, phrase: &str) -> Option<f64> {
    text.find(phrase).map(|at| read(&text[at + phrase.len()..]))
}

/// What stands between two phrases.
pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = &text[text.find(from)? + from.len()..];
    Some(&rest[..rest.find(to)?])
}

pub(super) fn close(claimed: f64, actual: f64, text: &str) {
    // Three digits, or two in percentages.
    let tolerance = if text.contains('%') { 0.051 } else { 5.1e-3 };
    let near = (claimed - actual).abs() <= tolerance * actual.abs().max(1e-300);
    assert!(near || claimed == actual, "{claimed} is not {actual}: {text}");
}

pub(super) fn geometric_mean(factors: &[f64]) -> f64 {
    (factors.iter().map(|factor| factor.ln()).sum::<f64>() / factors.len() as f64).exp()
}

/// Three significant digits of numbers that are not percentages.
pub(super) fn same(claimed: f64, actual: f64, text: &str) {
    assert!((claimed - actual).abs() <= 5.1e-3 * actual.abs(), "{claimed} is not {actual}: {text}");
}
