//! Answers and their headers.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

/// An answer, all of it.
pub(crate) type Answer = Response<Full<Bytes>>;

/// What a page may do: what it brings along, and requests to where it came from.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                           connect-src 'self'; img-src data: blob:; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

/// What every answer says: not to be kept, not to be guessed at, not for pages of other origins.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// A sentence, for people.
pub(crate) fn text(status: StatusCode, sentence: impl Into<String>) -> Answer {
    with_body(status, "text/plain; charset=utf-8", sentence.into().into())
}

/// JSON that is written already.
pub(crate) fn json(status: StatusCode, json: Vec<u8>) -> Answer {
    with_body(status, "application/json; charset=utf-8", json.into())
}

/// The page.
pub(crate) fn page(html: Bytes) -> Answer {
    let mut answer = with_body(StatusCode::OK, "text/html; charset=utf-8", html);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    answer
}

/// Nothing, and no mistake.
pub(crate) fn nothing() -> Answer {
    bare(StatusCode::NO_CONTENT, Bytes::new())
}

fn with_body(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = bare(status, body);
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

fn bare(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = ALWAYS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    answer.headers_mut().extend(headers);
    answer
}
