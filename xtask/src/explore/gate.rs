//! Which requests are answered at all.

use hyper::body::Body;
use hyper::header::{ALLOW, AsHeaderName, CONNECTION, HOST, HeaderMap, HeaderValue, ORIGIN};
use hyper::{Method, Request, StatusCode};

use super::answer::{Answer, text};
use super::names::Names;

/// Why a request is not answered, as its answer.
pub(crate) type Refused = Box<Answer>;

/// Whether a request is meant for this server, reads, and has no body.
pub(crate) fn admit<B: Body>(request: &Request<B>, names: &Names) -> Result<(), Refused> {
    let Some(host) = only(request.headers(), &HOST) else {
        return refuse(StatusCode::BAD_REQUEST, "A request names the server once, in its Host header.");
    };
    let absolute = request.uri().authority();
    if !names.contain(host) || absolute.is_some_and(|authority| !names.contain(authority.as_str())) {
        let name = names.first();
        let sentence = format!(
            "This server is http://{name}/ and answers to no other name. Through ssh, keep the number of the port: \
             ssh -L {port}:{name} <machine>.",
            port = name.rsplit(':').next().unwrap_or_default(),
        );
        return refuse(StatusCode::MISDIRECTED_REQUEST, sentence);
    }
    if !request.body().is_end_stream() {
        let mut answer =
            text(StatusCode::PAYLOAD_TOO_LARGE, "Nothing here takes a body; settings go into the query.");
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        return Err(answer.into());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "Everything here is read only: GET or HEAD.");
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Err(answer.into());
    }
    Ok(())
}

/// Whether a request comes from this server's own page, or from no page: a page of another site is not to make this
/// machine compute.
pub(crate) fn admit_to_api<B>(request: &Request<B>) -> Result<(), Refused> {
    let headers = request.headers();
    let site_is_own = match headers.get("sec-fetch-site") {
        None => true,
        Some(_) => matches!(only(headers, "sec-fetch-site"), Some("same-origin" | "none")),
    };
    let origin_is_own = match headers.get(ORIGIN) {
        None => true,
        Some(_) => only(headers, &ORIGIN)
            .and_then(|origin| origin.strip_prefix("http://"))
            .zip(only(headers, &HOST))
            .is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host)),
    };
    if site_is_own && origin_is_own {
        return Ok(());
    }
    refuse(StatusCode::FORBIDDEN, "Only this server's own page may ask for views.")
}

fn refuse(status: StatusCode, sentence: impl Into<String>) -> Result<(), Refused> {
    Err(text(status, sentence).into())
}

/// The value of a header that is there exactly once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}
