//! A text as numbers: each character is the number of its place in an alphabet.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The characters that a text has, in Unicode's order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub(crate) struct Alphabet(Vec<char>);

impl From<String> for Alphabet {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

impl From<Alphabet> for String {
    fn from(alphabet: Alphabet) -> Self {
        alphabet.0.into_iter().collect()
    }
}

/// A character that the text does not have.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is not in the text, so that the network cannot read it")]
pub(crate) struct Unknown(pub(crate) char);

impl Alphabet {
    pub(crate) fn of(text: &str) -> Self {
        Self(text.chars().collect::<BTreeSet<_>>().into_iter().collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn encode(&self, text: &str) -> Result<Vec<usize>, Unknown> {
        text.chars().map(|c| self.0.binary_search(&c).map_err(|_| Unknown(c))).collect()
    }

    pub(crate) fn decode(&self, codes: &[usize]) -> String {
        codes.iter().map(|&code| self.0[code]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_places_in_the_alphabet_of_any_script() {
        let text = "naïve ж\n日本 naïve";
        let alphabet = Alphabet::of(text);
        assert_eq!(alphabet.len(), 10);
        let codes = alphabet.encode(text).unwrap();
        assert_eq!(codes[..3], [4, 2, 6], "after the line's end and the space come a, e, n, v, ï");
        assert_eq!(alphabet.decode(&codes), text);
        assert_eq!(alphabet.encode("x"), Err(Unknown('x')));
    }
}
