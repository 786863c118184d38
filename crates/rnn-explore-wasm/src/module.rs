//! What the functions of the module do, without their names and addresses.

use std::cell::Cell;

use rnn_explore::{Error, Explorer, GradientMap, Query, Settings, View};
use serde::Serialize;

/// An explorer that remembers the networks it has trained.
#[derive(Debug, Default)]
pub struct Module {
    explorer: Explorer,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Outcome {
    /// The answer is there.
    Found = 0,
    /// The training needs more steps than were allowed; those taken are kept, and the same request goes on from there.
    Unfinished = 1,
    /// The query cannot be answered.
    Refused = 2,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How the request ended.
    pub outcome: Outcome,
    /// If found, what was asked for; if unfinished, `{interrupted: {steps, wanted}}`; if refused, `{message}`.
    pub json: Vec<u8>,
}

#[derive(Serialize)]
struct Found {
    view: View,
    notices: Vec<String>,
}

#[derive(Serialize)]
struct FoundMap {
    map: GradientMap,
}

#[derive(Serialize)]
struct Unfinished {
    interrupted: Progress,
}

#[derive(Serialize)]
struct Progress {
    steps: usize,
    wanted: usize,
}

#[derive(Serialize)]
struct Refused {
    message: String,
}

impl Module {
    /// An explorer that has trained nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// `{view, notices}` of a query, with at most `steps` further training steps.
    ///
    /// ```
    /// use rnn_explore_wasm::{Module, Outcome};
    ///
    /// let module = Module::new();
    /// let answer = module.view("v=1&k=3", 2);
    /// assert_eq!(answer.outcome, Outcome::Unfinished);
    /// assert_eq!(answer.json, br#"{"interrupted":{"steps":2,"wanted":3}}"#);
    /// assert_eq!(module.view("v=1&k=3", 2).outcome, Outcome::Found);
    /// ```
    pub fn view(&self, query: &str, steps: u32) -> Answer {
        ask(query, steps, |settings, notices, go_on| {
            let view = self.explorer.view(settings, go_on)?;
            Ok(Found { view, notices })
        })
    }

    /// `{map}` of a query, with at most `steps` further training steps.
    ///
    /// ```
    /// use rnn_explore_wasm::{Module, Outcome};
    ///
    /// let answer = Module::new().map("v=1&n=2", 0);
    /// assert_eq!(answer.outcome, Outcome::Found);
    /// assert!(answer.json.starts_with(br#"{"map":{"weights":[-5.0,"#));
    /// ```
    pub fn map(&self, query: &str, steps: u32) -> Answer {
        ask(query, steps, |settings, _, go_on| {
            let map = self.explorer.map(settings, go_on)?;
            Ok(FoundMap { map })
        })
    }
}

/// What `find` finds for a query, with at most `steps` training steps.
fn ask<T: Serialize>(
    query: &str,
    steps: u32,
    find: impl FnOnce(&Settings, Vec<String>, &dyn Fn() -> bool) -> Result<T, Error>,
) -> Answer {
    let Query { settings, notices } = match query.parse() {
        Ok(query) => query,
        Err(error) => return refused(&error),
    };
    let left = Cell::new(steps);
    let go_on = || match left.get().checked_sub(1) {
        Some(fewer) => {
            left.set(fewer);
            true
        }
        None => false,
    };
    match find(&settings, notices, &go_on) {
        Ok(found) => answer(Outcome::Found, &found),
        Err(Error::Interrupted { steps, wanted }) => {
            answer(Outcome::Unfinished, &Unfinished { interrupted: Progress { steps, wanted } })
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &impl ToString) -> Answer {
    answer(Outcome::Refused, &Refused { message: error.to_string() })
}

fn answer(outcome: Outcome, value: &impl Serialize) -> Answer {
    let json = serde_json::to_vec(value).expect("numbers and words, which JSON has");
    Answer { outcome, json }
}

#[cfg(test)]
mod tests {
    use rnn_explore::Explorer;
    use serde_json::{Value, json};

    use super::*;

    fn read(answer: &Answer) -> Value {
        serde_json::from_slice(&answer.json).unwrap()
    }

    /// Would catch: steps that are lost or taken twice between two slices of a training.
    #[test]
    fn slices_of_a_training_add_up() {
        let (module, query) = (Module::new(), "v=1&n=4&k=7");
        for steps in [0, 3, 6] {
            let answer = module.view(query, if steps == 0 { 0 } else { 3 });
            assert_eq!(answer.outcome, Outcome::Unfinished);
            assert_eq!(read(&answer), json!({ "interrupted": { "steps": steps, "wanted": 7 } }));
        }
        let answer = module.view(query, 3);
        assert_eq!(answer.outcome, Outcome::Found);
        let Query { settings, notices } = query.parse().unwrap();
        let view = Explorer::new().view(&settings, &|| true).unwrap();
        assert_eq!(read(&answer), json!({ "view": view, "notices": notices }));
    }

    /// Would catch: a panic, which ends a module, where the query is at fault.
    #[test]
    fn wrong_queries_are_refused_with_a_sentence() {
        for (query, part) in [("w=9", "weight scale"), ("v=2", "version"), ("c=nothing", "cell")] {
            let answer = Module::new().view(query, 1);
            assert_eq!(answer.outcome, Outcome::Refused);
            let message = read(&answer)["message"].to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
