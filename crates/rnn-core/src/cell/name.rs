//! What a unit is called, and the settings that make it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of a unit and its settings, as files and messages write them: `lstm`, `leaky(alpha=0.5)`,
/// `lstm(gate=hard-sigmoid, candidate=tanh)`.
///
/// ```
/// use rnn_core::cell::Name;
///
/// let name = Name::new("leaky").with("alpha", 0.5);
/// assert_eq!(name.to_string(), "leaky(alpha=0.5)");
/// assert_eq!("leaky(alpha=0.5)".parse::<Name>()?, name);
/// assert_eq!(name.number("alpha")?, 0.5);
/// # Ok::<(), rnn_core::cell::NameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    base: String,
    settings: Vec<(String, String)>,
}

impl Name {
    /// The base of the name of what cannot be known by a name, as a closure.
    pub const UNNAMED: &'static str = "unnamed";

    /// A name without settings.
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into(), settings: Vec::new() }
    }

    /// The same name with one more setting. Numbers are written so that they read back as the same `f64`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.settings.push((key.to_owned(), value.to_string()));
        self
    }

    /// The name without its settings.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The settings, in the order in which they were given.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether a file can hold the name: nothing in it is unnamed.
    pub fn is_known(&self) -> bool {
        !self.to_string().contains(Self::UNNAMED)
    }

    /// The text of a setting, if the name has that setting.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.settings().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// A setting that is a finite number.
    ///
    /// # Errors
    /// [`NameError::Missing`] and [`NameError::Value`].
    pub fn number(&self, key: &str) -> Result<f64, NameError> {
        let text =
            self.get(key).ok_or_else(|| NameError::Missing { name: self.clone(), key: key.to_owned() })?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.wrong(key, "a finite number"))
    }

    /// The error for a setting whose value must be something else.
    pub fn wrong(&self, key: &str, must: &'static str) -> NameError {
        let value = self.get(key).unwrap_or_default().to_owned();
        NameError::Value { name: self.base.clone(), key: key.to_owned(), value, must }
    }

    /// An error unless every setting is one of these.
    ///
    /// # Errors
    /// [`NameError::Setting`].
    pub fn expect_settings(&self, keys: &[&str]) -> Result<(), NameError> {
        match self.settings().find(|(key, _)| !keys.contains(key)) {
            None => Ok(()),
            Some((key, _)) => Err(NameError::Setting { name: self.base.clone(), key: key.to_owned() }),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)?;
        for (n, (key, value)) in self.settings().enumerate() {
            write!(f, "{}{key}={value}", if n == 0 { "(" } else { ", " })?;
        }
        if self.settings.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let syntax = || NameError::Syntax { text: text.to_owned() };
        let valid = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c))
        };
        // The text of a setting is parsed in turn, so its depth is limited by the length.
        if text.len() > MOST {
            return Err(syntax());
        }
        let Some((base, rest)) = text.split_once('(') else {
            return if valid(text) { Ok(Self::new(text)) } else { Err(syntax()) };
        };
        let inner = rest.strip_suffix(')').filter(|_| valid(base)).ok_or_else(syntax)?;
        let mut name = Self::new(base);
        for setting in top_level(inner).ok_or_else(syntax)? {
            let (key, value) = setting.trim().split_once('=').ok_or_else(syntax)?;
            // A value is a word or a name with settings of its own.
            if !valid(key) || name.get(key).is_some() || value.parse::<Self>().is_err() {
                return Err(syntax());
            }
            name = name.with(key, value);
        }
        Ok(name)
    }
}

/// A name has at most so many bytes.
const MOST: usize = 1024;

/// The parts between commas that stand in no inner parentheses; `None` if the parentheses do not match.
fn top_level(text: &str) -> Option<Vec<&str>> {
    let (mut depth, mut from, mut parts) = (0usize, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    (depth == 0).then_some(parts)
}

/// What is wrong with the name of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// The text is no name.
    #[error(
        "{text:?} is no name of a cell: it must be a word, or a word and settings, as `leaky(alpha=0.5)`"
    )]
    Syntax {
        /// The text.
        text: String,
    },
    /// No cell is called so.
    #[error("no cell is called {name:?}; there are {}", known.join(", "))]
    Unknown {
        /// The name without settings.
        name: String,
        /// The names that are known.
        known: Vec<String>,
    },
    /// A setting that the cell needs is missing.
    #[error("the cell {name} needs the setting {key:?}")]
    Missing {
        /// The name.
        name: Name,
        /// The key of the setting.
        key: String,
    },
    /// The cell has no such setting.
    #[error("the cell {name} has no setting {key:?}")]
    Setting {
        /// The name without settings.
        name: String,
        /// The key of the setting.
        key: String,
    },
    /// A setting has a value that it cannot have.
    #[error("{key} = {value} of the cell {name}: it must be {must}")]
    Value {
        /// The name without settings.
        name: String,
        /// The key of the setting.
        key: String,
        /// The value, as text.
        value: String,
        /// What it must be.
        must: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_they_were_written() {
        for name in [
            Name::new("lstm"),
            Name::new("leaky").with("alpha", 0.1),
            Name::new("lstm").with("gate", "clip(of=sigmoid, limit=3)").with("candidate", "tanh"),
            Name::new("tiny").with("x", 5e-324).with("y", -1.0),
        ] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in
            ["", "a b", "a(", "a()", "a(b)", "a(b=)", "a(b=1", "a(b=1)c", "a(b=1,b=2)", "a(b=c(d=1)", "(b=1)"]
        {
            assert!(matches!(text.parse::<Name>(), Err(NameError::Syntax { .. })), "{text}");
        }
    }
}
