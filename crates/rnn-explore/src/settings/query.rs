//! Settings as the query of an address: short, versioned, readable.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use thiserror::Error;

use super::{CellKind, InitKind, LossOver, Nonlinearity, OptimizerKind, Settings, TaskKind, edit, limits};

/// The version of the keys. Later versions of this program will still read version 1.
const VERSION: &str = "1";

/// The result of parsing a query: settings, and notices for the reader.
///
/// | key | means | | key | means |
/// |---|---|---|---|---|
/// | `v` | version of these keys, 1 | | `f` | forget-gate bias; absent: as drawn |
/// | `c` | cell | | `o` | loss over: `all`, `last` |
/// | `a` | nonlinearity | | `task` | task |
/// | `w`, `b` | weight scale, bias scale | | `s` | seed |
/// | `n` | hidden units | | `k` | training steps |
/// | `t` | timesteps | | `y` | layer shown in detail, 0: topmost |
/// | `l` | layers | | `j` | timestep shown, 0: last |
/// | `i`, `g` | initialization, its gain | | `m` | sequences, 1 or 32 |
/// | `q` | limit of the gradient's norm in training, or `off` | | `r` | timesteps of a truncated window, 0: all |
/// | `z` | a gate that is held, as `f1`; absent: none | | `p`, `e` | optimizer, its learning rate |
/// | `x` | changed inputs, as `3:0.5,7:-1`: timestep and value | | | |
///
/// An absent key has its default. An unknown key is ignored, with a notice.
///
/// ```
/// use rnn_explore::{CellKind, Query, Settings};
///
/// let Query { settings, notices } = "v=1&c=lstm&w=2.5".parse()?;
/// assert_eq!(settings, Settings { cell: CellKind::Lstm, weight_scale: 2.5, ..Settings::default() });
/// assert!(notices.is_empty());
/// assert_eq!(Query::write(&settings), "v=1&c=lstm&w=2.5");
/// assert_eq!(
///     "w=9".parse::<Query>().unwrap_err().to_string(),
///     "w=9: the weight scale must be a number from -5 to 5"
/// );
/// # Ok::<(), rnn_explore::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The settings, each within its limits, fitted to each other.
    pub settings: Settings,
    /// A sentence for each key that was ignored and each setting that was changed.
    pub notices: Vec<String>,
}

/// Why a query cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QueryError {
    /// A value is not a number, is out of range, or is not one of the choices.
    #[error("{key}={}: {what} must be {must}", shortened(value))]
    Value {
        /// The key.
        key: &'static str,
        /// The value that was given.
        value: String,
        /// What the key means.
        what: &'static str,
        /// The values that are allowed.
        must: String,
    },
    /// The version is one that this program does not know.
    #[error(
        "v={}: this program reads version {VERSION} of the address; it may be older than the link",
        shortened(value)
    )]
    Version {
        /// The version that was given.
        value: String,
    },
    /// The query is too long.
    #[error("the query has {bytes} bytes; at most {} are read", limits::QUERY_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

impl Query {
    /// The query of these settings: the version and every setting that is not at its default, always in the same order.
    pub fn write(settings: &Settings) -> String {
        let (pairs, defaults) = (settings.pairs(), Settings::default().pairs());
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_pair("v", VERSION);
        for ((key, value), (_, default)) in pairs.iter().zip(&defaults) {
            if value != default {
                text.append_pair(key, value);
            }
        }
        // Changed inputs stay readable: a query may hold these two as they are.
        text.finish().replace("%3A", ":").replace("%2C", ",")
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        if text.len() > limits::QUERY_BYTES {
            return Err(QueryError::TooLong { bytes: text.len() });
        }
        let (mut settings, mut notices) = (Settings::default(), Vec::new());
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            if key == "v" {
                if value != VERSION {
                    return Err(QueryError::Version { value: value.into_owned() });
                }
            } else if !settings.set(&key, &value)? {
                notices.push(format!("“{}” is not a setting of this page; it is ignored.", shortened(&key)));
            }
        }
        let (settings, more) = settings.fitted();
        notices.extend(more);
        Ok(Self { settings, notices })
    }
}

impl Settings {
    /// Sets the setting of this key; `false` if the key is unknown.
    fn set(&mut self, key: &str, value: &str) -> Result<bool, QueryError> {
        match key {
            "c" => self.cell = choice("c", value, "the cell", CellKind::ALL, CellKind::name)?,
            "a" => {
                let all = Nonlinearity::ALL;
                self.nonlinearity = choice("a", value, "the nonlinearity", all, Nonlinearity::name)?;
            }
            "w" => self.weight_scale = number("w", value, "the weight scale", limits::SCALE)?,
            "b" => self.bias_scale = number("b", value, "the bias scale", limits::SCALE)?,
            "n" => self.hidden = count("n", value, "the hidden size", limits::HIDDEN)?,
            "t" => self.time = count("t", value, "the number of timesteps", limits::TIME)?,
            "l" => self.layers = count("l", value, "the number of layers", limits::LAYERS)?,
            "i" => self.init = choice("i", value, "the initialization", InitKind::ALL, InitKind::name)?,
            "g" => self.gain = number("g", value, "the gain", limits::GAIN)?,
            "f" if value.is_empty() => self.forget_bias = None,
            "f" => self.forget_bias = Some(number("f", value, "the forget-gate bias", limits::FORGET_BIAS)?),
            "o" => self.loss = choice("o", value, "the loss", LossOver::ALL, LossOver::name)?,
            "task" => self.task = choice("task", value, "the task", TaskKind::ALL, TaskKind::name)?,
            "s" => self.seed = within("s", value, "the seed", "whole number", 0..=u64::MAX)?,
            "k" => self.trained = count("k", value, "the number of training steps", limits::TRAINED)?,
            "y" => self.layer = count("y", value, "the layer shown", 0..=*limits::LAYERS.end())?,
            "j" => self.timestep = count("j", value, "the timestep shown", 0..=*limits::TIME.end())?,
            "m" => {
                self.batch = count("m", value, "the number of sequences", 1..=limits::BAND)?;
                let must = || format!("1 or {}", limits::BAND);
                if self.batch != 1 && self.batch != limits::BAND {
                    return Err(invalid("m", value, "the number of sequences", must()));
                }
            }
            "q" if value == "off" => self.clip = None,
            "q" => self.clip = Some(number("q", value, "the limit of the gradient's norm", limits::CLIP)?),
            "r" => self.truncation = count("r", value, "the truncated window", limits::TRUNCATION)?,
            "z" if value.is_empty() => self.clamp = None,
            "z" => {
                let must = || "a gate and the value it is held at, as f1 or i0".to_owned();
                self.clamp = Some(value.parse().map_err(|_| invalid("z", value, "the held gate", must()))?);
            }
            "p" => {
                let all = OptimizerKind::ALL;
                self.optimizer = choice("p", value, "the optimizer", all, OptimizerKind::name)?;
            }
            "e" => self.rate = number("e", value, "the learning rate", limits::RATE)?,
            "x" => {
                self.edits = edit::read(value).ok_or_else(|| QueryError::Value {
                    key: "x",
                    value: value.into(),
                    what: "the changed inputs",
                    must: format!(
                        "at most {} times a timestep, a colon and a number from {} to {}, as 3:0.5,7:-1",
                        limits::EDITS,
                        limits::INPUT.start(),
                        limits::INPUT.end()
                    ),
                })?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Every key and its value.
    fn pairs(&self) -> [(&'static str, String); 23] {
        [
            ("c", self.cell.name().into()),
            ("a", self.nonlinearity.name().into()),
            ("w", self.weight_scale.to_string()),
            ("b", self.bias_scale.to_string()),
            ("n", self.hidden.to_string()),
            ("t", self.time.to_string()),
            ("l", self.layers.to_string()),
            ("i", self.init.name().into()),
            ("g", self.gain.to_string()),
            ("f", self.forget_bias.map_or(String::new(), |bias| bias.to_string())),
            ("o", self.loss.name().into()),
            ("task", self.task.name().into()),
            ("s", self.seed.to_string()),
            ("k", self.trained.to_string()),
            ("y", self.layer.to_string()),
            ("j", self.timestep.to_string()),
            ("m", self.batch.to_string()),
            ("q", self.clip.map_or("off".into(), |limit| limit.to_string())),
            ("r", self.truncation.to_string()),
            ("z", self.clamp.map_or(String::new(), |clamp| clamp.to_string())),
            ("p", self.optimizer.name().into()),
            ("e", self.rate.to_string()),
            ("x", edit::write(&self.edits)),
        ]
    }
}

fn choice<T: Copy>(
    key: &'static str,
    value: &str,
    what: &'static str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, QueryError> {
    all.iter().copied().find(|&one| name(one) == value).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|&one| name(one)).collect();
        QueryError::Value { key, value: value.into(), what, must: format!("one of {}", names.join(", ")) }
    })
}

fn number(
    key: &'static str,
    value: &str,
    what: &'static str,
    limits: RangeInclusive<f64>,
) -> Result<f64, QueryError> {
    // Turns −0 into 0, which is written differently.
    within(key, value, what, "number", limits).map(|number| number + 0.0)
}

fn count(
    key: &'static str,
    value: &str,
    what: &'static str,
    limits: RangeInclusive<usize>,
) -> Result<usize, QueryError> {
    within(key, value, what, "whole number", limits)
}

fn within<T: FromStr + PartialOrd + Display>(
    key: &'static str,
    value: &str,
    what: &'static str,
    kind: &str,
    limits: RangeInclusive<T>,
) -> Result<T, QueryError> {
    value.parse().ok().filter(|number| limits.contains(number)).ok_or_else(|| QueryError::Value {
        key,
        value: value.into(),
        what,
        must: format!("a {kind} from {} to {}", limits.start(), limits.end()),
    })
}

fn invalid(key: &'static str, value: &str, what: &'static str, must: String) -> QueryError {
    QueryError::Value { key, value: value.into(), what, must }
}

/// User input, shortened for an error message.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let mut short: String = text.chars().take(MOST).filter(|c| !c.is_control()).collect();
    if text.chars().count() > MOST {
        short.push('…');
    }
    short
}
