//! A JSON object that remembers which of its keys were read.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::conformance::outcome::Stop;

/// The largest size that a fixture may ask for: far more than any needs, and little enough that products of a few sizes
/// stay within 64 bits.
const MAX_SIZE: u64 = 1 << 20;

/// Keys that explain a case and change nothing about it.
const NOTES: [&str; 6] = ["name", "note", "notes", "description", "seed", "torch"];

/// A JSON object, read key by key. What is left unread at the end was not understood.
#[derive(Debug)]
pub(super) struct Keys {
    entries: Map<String, Value>,
    read: RefCell<BTreeSet<String>>,
}

impl Keys {
    /// The object that `json` is.
    pub(super) fn parse(json: &str) -> Result<Self, Stop> {
        let entries = serde_json::from_str(json).map_err(|error| {
            Stop::broken(format!(
                "its metadata entry \"case\" is not a JSON object ({error}); generate it again"
            ))
        })?;
        Ok(Self::new(entries))
    }

    fn new(entries: Map<String, Value>) -> Self {
        Self { entries, read: RefCell::default() }
    }

    /// The same object with `value` for a key that it lacks: what a whole family leaves unsaid.
    pub(super) fn or(&self, key: &str, value: impl Into<Value>) -> Self {
        let mut entries = self.entries.clone();
        entries.entry(key).or_insert_with(|| value.into());
        Self { entries, read: self.read.clone() }
    }

    /// The value of `key`, unless it is absent or null.
    fn get(&self, key: &str) -> Option<&Value> {
        self.read.borrow_mut().insert(key.to_owned());
        self.entries.get(key).filter(|value| !value.is_null())
    }

    /// `key` as `what` it should be, if it is there.
    fn as_what<'v, T>(
        &'v self,
        key: &str,
        what: &str,
        as_type: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Result<Option<T>, Stop> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let wrong = || Stop::broken(format!("its case has {key} = {value}, which must be {what}"));
        as_type(value).map(Some).ok_or_else(wrong)
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, Stop> {
        self.as_what(key, "a text", Value::as_str)
    }

    /// A list of texts; empty if it is absent.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<&str>, Stop> {
        let list = self.as_what(key, "a list of texts", |value| {
            value.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()
        });
        Ok(list?.unwrap_or_default())
    }

    /// A truth value; false if it is absent.
    pub(super) fn flag(&self, key: &str) -> Result<bool, Stop> {
        Ok(self.as_what(key, "true or false", Value::as_bool)?.unwrap_or(false))
    }

    /// A number.
    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, Stop> {
        self.as_what(key, "a number", Value::as_f64)
    }

    /// Two numbers.
    pub(super) fn pair(&self, key: &str) -> Result<Option<(f64, f64)>, Stop> {
        let pair = |value: &Value| match value.as_array()?.as_slice() {
            [first, second] => Some((first.as_f64()?, second.as_f64()?)),
            _ => None,
        };
        self.as_what(key, "a list of two numbers", pair)
    }

    /// A size, at least 1, if it is there.
    pub(super) fn size(&self, key: &str) -> Result<Option<usize>, Stop> {
        let what = format!("a whole number from 1 to {MAX_SIZE}");
        let size = |value: &Value| {
            let size = value.as_u64().filter(|size| (1..=MAX_SIZE).contains(size))?;
            usize::try_from(size).ok()
        };
        self.as_what(key, &what, size)
    }

    /// An object of its own; empty if it is absent.
    pub(super) fn object(&self, key: &str) -> Result<Self, Stop> {
        let object = self.as_what(key, "an object", Value::as_object)?;
        Ok(Self::new(object.cloned().unwrap_or_default()))
    }

    /// An error that names every key that was not read: nobody knows what it would have changed.
    pub(super) fn all_read(&self, what: &str) -> Result<(), Stop> {
        let read = self.read.borrow();
        let unknown: Vec<String> = self
            .entries
            .iter()
            .filter(|(key, _)| !read.contains(*key) && !NOTES.contains(&key.as_str()))
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(Stop::unsupported(format!("unknown {what} {}", unknown.join(", "))))
    }
}

/// The value of a key that a case cannot do without.
pub(super) fn required<T>(key: &str, value: Option<T>) -> Result<T, Stop> {
    value.ok_or_else(|| Stop::broken(format!("its case has no {key}; generate it again")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_named() {
        let keys = Keys::parse(r#"{"lr": 0.1, "maximize": true, "note": "x", "zoneout": null}"#).unwrap();
        assert_eq!(keys.number("lr").unwrap(), Some(0.1));
        let stop = keys.all_read("option").unwrap_err();
        assert_eq!(stop, Stop::unsupported("unknown option maximize = true, zoneout = null"));
    }

    #[test]
    fn a_default_gives_way_to_what_is_said() {
        let keys = Keys::parse(r#"{"cell": "gru"}"#).unwrap().or("cell", "rnn").or("steps", 3);
        assert_eq!((keys.text("cell").unwrap(), keys.size("steps").unwrap()), (Some("gru"), Some(3)));
    }

    #[test]
    fn sizes_are_bounded() {
        for bad in ["0", "-1", "1.5", "1e3", "1048577", "18446744073709551615", "\"3\"", "[3]"] {
            let keys = Keys::parse(&format!(r#"{{"hidden_size": {bad}}}"#)).unwrap();
            assert!(matches!(keys.size("hidden_size"), Err(Stop::Broken(_))), "{bad}");
        }
        let keys = Keys::parse(r#"{"hidden_size": 1048576, "batch": null}"#).unwrap();
        assert_eq!((keys.size("hidden_size").unwrap(), keys.size("batch").unwrap()), (Some(1 << 20), None));
    }

    #[test]
    fn wrong_types_are_named() {
        let keys =
            Keys::parse(r#"{"lr": "fast", "betas": [0.9], "bias": 1, "last": "no", "losses": [1]}"#).unwrap();
        assert!(matches!(keys.number("lr"), Err(Stop::Broken(why)) if why.contains("lr = \"fast\"")));
        assert!(keys.pair("betas").is_err() && keys.text("bias").is_err());
        assert!(keys.flag("last").is_err() && keys.texts("losses").is_err() && keys.object("lr").is_err());
        assert!(matches!(Keys::parse("[1]"), Err(Stop::Broken(_))));
        assert!(matches!(Keys::parse("{"), Err(Stop::Broken(_))));
    }
}
