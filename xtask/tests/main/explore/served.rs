//! What is served: the page, and views that are what the library computes.

use serde_json::Value;

use super::client::Client;
use super::expected;
use super::program::Program;

/// A header that is forgotten: a page that other origins embed, a browser that guesses or keeps what it got.
#[test]
fn the_page_comes_with_its_headers() {
    let program = Program::start();
    for path in ["/", "/?v=1&w=2.5"] {
        let reply = program.get(path);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.body, rnn_explore::page::page(rnn_explore::page::Source::Server));
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(
            reply.header("content-security-policy"),
            Some(
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                 img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
        );
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
    }
}

/// HEAD with a body would put every later answer on the connection out of step.
#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let program = Program::start();
    let mut client = Client::to(program.address);
    for path in ["/", "/api/view?t=3"] {
        let request = client.request("HEAD", path, &[]);
        client.send(request);
        let head = client.head().unwrap();
        let whole = client.get(path);
        assert_eq!((head.status, whole.status), (200, 200));
        for name in ["content-type", "content-length", "cache-control"] {
            assert_eq!(head.header(name), whole.header(name), "{name}");
        }
    }
}

/// Numbers that a server rounds, caches under a wrong key, or mixes up; training that its memory changes.
#[test]
fn a_view_has_the_numbers_of_the_library() {
    let program = Program::start();
    let mut client = Client::to(program.address);
    for query in [
        "",
        "v=1",
        "v=1&w=2.5&b=-1",
        "c=lstm&n=8&t=20&l=2&f=3&o=all",
        "c=gru&i=orthogonal&g=1.5&s=7&y=1&j=2",
        "a=relu&k=40",
        "a=relu&k=10",
        "a=relu&k=60",
        "task=copy&t=30&n=4",
        "w=-5&a=identity&t=200&n=64",
        "w=%32",
        "j=200",
    ] {
        let reply = client.get(&format!("/api/view?{query}"));
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);
        assert!(reply.body == expected(query), "{query}");
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let timing = reply.header("server-timing").and_then(|value| value.strip_prefix("view;dur="));
        assert!(timing.unwrap().parse::<f64>().unwrap() > 0.0, "{timing:?}");
    }
    assert_eq!(client.get("/api/view").body, expected(""));
}

/// Notices that do not reach the page.
#[test]
fn an_unknown_setting_is_noticed_and_ignored() {
    let program = Program::start();
    let reply = program.get("/api/view?t=4&volume=11");
    let json: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(json["view"]["settings"]["time"], 4);
    let notices = json["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].as_str().unwrap().contains("volume"), "{json}");
}

/// A browser asks for the icon of every page; an error would show in its console.
#[test]
fn there_is_no_icon_and_that_is_no_error() {
    let reply = Program::start().get("/favicon.ico");
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
}

/// Answers in the order in which they are ready rather than asked for.
#[test]
fn requests_that_do_not_wait_are_answered_in_their_order() {
    let program = Program::start();
    let mut client = Client::to(program.address);
    let paths = ["/api/view?k=30&n=32", "/", "/nowhere", "/api/view?w=9", "/api/view?t=3"];
    let requests: String = paths.iter().map(|path| client.request("GET", path, &[])).collect();
    assert!(client.send(requests));
    let replies: Vec<_> = paths.iter().map(|_| client.reply().unwrap()).collect();
    assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), [200, 200, 404, 400, 200]);
    assert!(replies[0].body == expected("k=30&n=32") && replies[4].body == expected("t=3"));
}

/// Clients that are older than keep-alive would wait for ever.
#[test]
fn http_1_0_is_answered_and_the_connection_closed() {
    let program = Program::start();
    let mut client = Client::to(program.address);
    client.send(format!("GET /api/view?t=3 HTTP/1.0\r\nHost: {}\r\n\r\n", program.address));
    let reply = client.reply().unwrap();
    assert_eq!((reply.status, reply.body), (200, expected("t=3")));
    assert!(client.is_closed());
}
