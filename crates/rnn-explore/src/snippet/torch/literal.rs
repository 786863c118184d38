//! Numbers in Python, to the bit.

use std::fmt;

/// The digits of base64.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Characters of base64 in a line.
const LINE: usize = 88;

/// Numbers as a list, or as the base64 of their bytes, little-endian, whichever is shorter. A few numbers are always a list.
pub(super) struct Numbers(pub(super) Vec<f64>);

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list: Vec<String> = self.0.iter().map(|&x| number(x)).collect();
        let list = list.join(", ");
        let text = base64(&self.0);
        if self.0.len() <= 4 || list.len() <= text.len() {
            return write!(f, "[{list}]");
        }
        if text.len() <= LINE {
            return write!(f, "\"{text}\"");
        }
        // Neighbouring strings are one.
        for line in text.as_bytes().chunks(LINE) {
            write!(f, "\n    \"{}\"", String::from_utf8_lossy(line))?;
        }
        writeln!(f)
    }
}

/// The shortest text that is read back as the same number.
fn number(x: f64) -> String {
    let whole = x.fract() == 0.0 && x.abs() < 1e15 && !(x == 0.0 && x.is_sign_negative());
    if whole { format!("{x}") } else { format!("{x:?}") }
}

fn base64(numbers: &[f64]) -> String {
    let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0, |bits: u32, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            text.push(match digit {
                _ if digit > group.len() => '=',
                _ => char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]),
            });
        }
    }
    text
}

/// The arguments that say the shape of an array.
pub(super) fn shape(of: &[usize]) -> String {
    of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch: wrong padding, the wrong end first, a sign or a digit that is lost.
    #[test]
    fn numbers_are_written_to_the_bit() {
        assert_eq!(base64(&[1.0]), "AAAAAAAA8D8=");
        assert_eq!(base64(&[-2.5, 1e-300]), "AAAAAAAABMBZ8/jCH26lAQ==");
        assert_eq!(number(-0.0), "-0.0");
        assert_eq!(number(3.0), "3");
        assert_eq!(number(0.1), "0.1");
        assert_eq!(number(1e300), "1e300");
        assert_eq!(Numbers(vec![0.1, 2.0]).to_string(), "[0.1, 2]");
    }
}
