//! What a job computes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Named lists of finite numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Numbers(BTreeMap<String, Vec<f64>>);

impl Numbers {
    /// No numbers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The numbers with one more list.
    #[must_use]
    pub fn with(mut self, name: &str, values: impl Into<Vec<f64>>) -> Self {
        self.0.insert(name.to_owned(), values.into());
        self
    }

    /// The numbers with one more list of one number.
    #[must_use]
    pub fn value(self, name: &str, value: f64) -> Self {
        self.with(name, [value])
    }

    /// The list of this name.
    ///
    /// # Errors
    /// [`Error::NoNumber`] if there is none.
    pub fn list(&self, name: &str) -> Result<&[f64]> {
        let found = self.0.get(name).map(Vec::as_slice);
        found.ok_or_else(|| Error::NoNumber { name: name.to_owned() })
    }

    /// The number of this name.
    ///
    /// # Errors
    /// [`Error::NoNumber`] if there is none, or a list of another length.
    pub fn get(&self, name: &str) -> Result<f64> {
        match self.list(name)? {
            &[value] => Ok(value),
            _ => Err(Error::NoNumber { name: name.to_owned() }),
        }
    }

    /// # Errors
    /// [`Error::NonFinite`] with the first number that is NaN or infinite.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, values) in &self.0 {
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NonFinite { name: name.clone(), index, value: values[index] });
            }
        }
        Ok(())
    }
}
