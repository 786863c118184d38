//! `/api/view` and `/api/map`: one view or one map, as JSON.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER};
use rnn_explore::{Error, Explorer, GradientMap, Query, Settings, View};
use serde::Serialize;

use super::answer::{Answer, json, text};
use super::desk::{Desk, Unserved};

/// What is answered if all is well.
#[derive(Serialize)]
struct Found {
    view: View,
    notices: Vec<String>,
}

/// What is answered if all is well, and a map is asked for.
#[derive(Serialize)]
struct FoundMap {
    map: GradientMap,
}

/// What is answered if there was not time enough.
#[derive(Serialize)]
struct Unfinished {
    interrupted: Progress,
    message: String,
}

#[derive(Serialize)]
struct Progress {
    steps: usize,
    wanted: usize,
}

/// What a query asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    View,
    Map,
}

impl Asked {
    /// The answer as JSON.
    fn find(
        self,
        explorer: &Explorer,
        settings: &Settings,
        notices: Vec<String>,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>, Error> {
        Ok(match self {
            Self::View => encoded(&Found { view: explorer.view(settings, go_on)?, notices }),
            Self::Map => encoded(&FoundMap { map: explorer.map(settings, go_on)? }),
        })
    }
}

/// What a query asks for, or a sentence about why there is none. A training stops where it is once `hurry` is ready.
pub(crate) async fn answer(
    asked: Asked,
    query: &str,
    explorer: &Arc<Explorer>,
    desk: &Desk,
    hurry: impl Future<Output = ()>,
) -> Answer {
    let Query { settings, notices } = match query.parse::<Query>() {
        Ok(query) => query,
        Err(error) => return text(StatusCode::BAD_REQUEST, error.to_string()),
    };
    let wanted = settings.trained;
    let explorer = Arc::clone(explorer);
    let outcome = desk.run(hurry, move |go_on| {
        let start = Instant::now();
        let bytes = asked.find(&explorer, &settings, notices, go_on)?;
        Ok((bytes, start.elapsed()))
    });
    match outcome.await {
        Ok(Ok((bytes, took))) => found(bytes, took),
        Ok(Err(Error::Interrupted { steps, wanted })) => {
            let message =
                format!("{steps} of {wanted} training steps are done; ask again, and the rest follows.");
            unfinished(Progress { steps, wanted }, message, "0")
        }
        Ok(Err(error)) => text(StatusCode::BAD_REQUEST, error.to_string()),
        Err(Unserved::Busy) => {
            let message = "Other views keep every core busy; ask again.".to_owned();
            unfinished(Progress { steps: 0, wanted }, message, "1")
        }
        Err(Unserved::Panicked) => {
            let sentence =
                "This view fails because of a mistake in the program, which the terminal has the details of.";
            text(StatusCode::INTERNAL_SERVER_ERROR, sentence)
        }
    }
}

fn found(bytes: Vec<u8>, took: Duration) -> Answer {
    let mut answer = json(StatusCode::OK, bytes);
    let timing = format!("view;dur={:.3}", took.as_secs_f64() * 1e3);
    let timing = HeaderValue::try_from(timing).expect("digits and letters");
    answer.headers_mut().insert(HeaderName::from_static("server-timing"), timing);
    answer
}

fn unfinished(interrupted: Progress, message: String, retry_after: &'static str) -> Answer {
    let mut answer = json(StatusCode::SERVICE_UNAVAILABLE, encoded(&Unfinished { interrupted, message }));
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
    answer
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("numbers and words, which JSON has")
}
