//! Numbers as people write them: with a decimal point or comma, groups of thousands, a unit before or after.

/// The mark before the decimals of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

impl Decimal {
    /// The mark itself.
    pub fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    fn group_mark(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
        }
    }
}

/// What a number may have before or after it: a currency or a percent sign.
const AFFIXES: [char; 6] = ['%', '$', '€', '£', '¥', '₹'];

/// The sign of [`AFFIXES`] that `text` begins or ends with.
pub(super) fn affix(text: &str) -> Option<char> {
    let text = text.trim();
    let unsigned = text.trim_start_matches(['-', '+', '−']);
    let known = |c: &char| AFFIXES.contains(c);
    unsigned.chars().next().filter(known).or_else(|| unsigned.chars().next_back().filter(known))
}

/// The number, or nothing if `text` is none in this notation. Digits before the decimal mark may stand in groups of three, with
/// the other mark, a space, an apostrophe or an underscore between them. `affix` is a sign that has to be there and is left
/// out.
pub(super) fn parse(text: &str, decimal: Decimal, affix: Option<char>) -> Option<f64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = match affix {
        Some(sign) => text.strip_prefix(sign).or_else(|| text.strip_suffix(sign))?.trim(),
        None => text,
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, "0"),
    };
    let (whole, decimals) = mantissa.split_once(decimal.mark()).unwrap_or((mantissa, ""));
    let whole = ungrouped(whole, decimal)?;
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if !is_digits(decimals) || whole.len() + decimals.len() == 0 || digits.is_empty() || !is_digits(digits) {
        return None;
    }
    let value: f64 = format!("{whole}.{decimals}e{exponent}").parse().ok()?;
    Some(if negative { -value } else { value })
}

/// The digits of a whole number without the marks between its groups.
fn ungrouped(whole: &str, decimal: Decimal) -> Option<String> {
    let is_mark =
        |c: char| c == decimal.group_mark() || [' ', '\u{a0}', '\u{202f}', '\'', '’', '_'].contains(&c);
    let Some(mark) = whole.chars().find(|&c| is_mark(c)) else {
        return whole.bytes().all(|b| b.is_ascii_digit()).then(|| whole.to_owned());
    };
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let is_group = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let fits = (1..=3).contains(&first.len()) && !first.starts_with('0') && is_group(first);
    (fits && groups.all(|group| group.len() == 3 && is_group(group))).then(|| whole.replace(mark, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_notations() {
        let point = |text| parse(text, Decimal::Point, None);
        let comma = |text| parse(text, Decimal::Comma, None);
        for (text, value) in [
            ("19.85", 19.85),
            ("-1,234.5", -1234.5),
            ("1 234 567", 1_234_567.0),
            ("+3e2", 300.0),
            ("−4", -4.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1'000.25", 1000.25),
            ("1e-3", 1e-3),
            ("0.1", 0.1),
            ("1.5E+2", 150.0),
        ] {
            assert_eq!(point(text), Some(value), "{text}");
        }
        for (text, value) in
            [("19,85", 19.85), ("1.234,5", 1234.5), ("1.234.567", 1_234_567.0), ("-0,5", -0.5)]
        {
            assert_eq!(comma(text), Some(value), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            "1,23",
            "0,123",
            "1,2345",
            "1,,234",
            "1.2.3",
            "12-3",
            "nan",
            "inf",
            "1e",
            "1e5.5",
            "0x10",
            "1,234 567",
        ] {
            assert_eq!(point(text), None, "{text}");
        }
        assert_eq!((comma("19.85"), comma("1.23,4")), (None, None));
    }

    #[test]
    fn a_sign_of_money_or_percent_is_left_out_if_it_is_expected() {
        assert_eq!((affix("-$1,200.50"), affix("12 %"), affix("12")), (Some('$'), Some('%'), None));
        assert_eq!(parse("-$1,200.50", Decimal::Point, Some('$')), Some(-1200.5));
        assert_eq!(parse("12 %", Decimal::Point, Some('%')), Some(12.0));
        assert_eq!(parse("12", Decimal::Point, Some('%')), None);
        assert_eq!(parse("12 %", Decimal::Point, None), None);
    }
}
