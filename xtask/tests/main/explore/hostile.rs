//! What no browser sends. It is refused or cut off, and the server goes on.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use super::client::{Client, Reply};
use super::expected;
use super::program::Program;

/// Everything that the server says to these bytes until it closes the connection.
fn replies(address: SocketAddr, bytes: &[u8]) -> Vec<Reply> {
    let mut client = Client::to(address);
    client.send(bytes);
    let mut replies: Vec<_> = client.reply().into_iter().collect();
    client.finish();
    replies.extend(std::iter::from_fn(|| client.reply()));
    replies
}

fn assert_lives(program: &Program) {
    assert_eq!(program.get("/api/view?t=3").body, expected("t=3"));
}

/// A setting that is not held to its limits: memory and time without end.
#[test]
fn settings_beyond_their_limits_are_refused_by_name() {
    let program = Program::start();
    let mut client = Client::to(program.address);
    for query in
        ["n=65", "n=0", "t=201", "t=1", "w=5.05", "w=nan", "w=inf", "k=2001", "l=4", "n=99999999999999999999"]
    {
        let reply = client.get(&format!("/api/view?{query}"));
        assert_eq!(reply.status, 400, "{query}");
        assert!(
            reply.body.starts_with(&format!("{query}: ")) && reply.body.contains(" must be "),
            "{}",
            reply.body
        );
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        let error = query.parse::<rnn_explore::Query>().unwrap_err();
        assert_eq!(reply.body, error.to_string());
    }
    for query in ["v=2", "n=-1", "n=1e1", "n=%00", "c=%ff%fe", "w=<script>", "n=8&n=65"] {
        assert_eq!(program.get(&format!("/api/view?{query}")).status, 400, "{query}");
    }
    let long = client.get(&format!("/api/view?{}", "x".repeat(5000)));
    assert_eq!((long.status, long.body.contains("5000 bytes")), (400, true), "{}", long.body);
    assert_lives(&program);
}

/// A header or a body that is read into memory as long as it comes.
#[test]
fn what_is_too_large_is_refused() {
    let program = Program::start();
    let host = program.address;
    let filler = "x".repeat(64 * 1024);
    let many = "X: y\r\n".repeat(500);
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {filler}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nHost: {host}\r\n{many}\r\n"), 431),
        (format!("GET /{filler} HTTP/1.1\r\nHost: {host}\r\n\r\n"), 431),
        (format!("GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n", filler.repeat(8)), 431),
        (format!("{filler} / HTTP/1.1\r\nHost: {host}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 65536\r\n\r\n{filler}"), 413),
        (format!("GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"), 413),
        (
            format!(
                "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            ),
            413,
        ),
    ] {
        let replies = replies(program.address, request.as_bytes());
        let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
        assert_eq!(statuses, [status], "{}", &request[..60]);
    }
    assert_lives(&program);
}

/// A connection that is reset while the client still sends: it would never see what was wrong.
#[test]
fn a_client_that_is_still_sending_is_heard_out() {
    let program = Program::start();
    let mut client = Client::to(program.address);
    let piece = "x".repeat(20_000);
    client.send(format!("GET /{piece}"));
    assert_eq!(client.reply().unwrap().status, 431);
    for _ in 0..4 {
        assert!(client.send(&piece), "the connection is reset");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A method that does something; one that a proxy would take for leave to connect anywhere.
#[test]
fn only_reading_is_allowed() {
    let program = Program::start();
    let host = program.address;
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "get", "BREW"] {
        let mut client = Client::to(host);
        let request = client.request(method, "/api/view", &[]);
        client.send(request);
        let reply = client.reply().unwrap();
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    for line in ["OPTIONS *", &format!("CONNECT {host}"), "CONNECT evil.example:443", "GET *"] {
        let request = format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let replies = replies(program.address, request.as_bytes());
        assert!(!replies.is_empty() && replies.iter().all(Reply::is_refusal), "{line}: {replies:?}");
    }
    assert_lives(&program);
}

/// A path that leads to a file.
#[test]
fn no_path_leads_to_the_disk() {
    let program = Program::start();
    for path in [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/..\\..\\etc\\passwd",
        "//etc/passwd",
        "/etc/passwd",
        "/./",
        "//",
        "/%2f",
        "/api/view/",
        "/api/view/../../Cargo.toml",
        "/api//view",
        "/api/view%3ft=3",
        "/%61pi/view",
        "/API/VIEW",
        "/.%00",
        "/index.html",
        "/Cargo.toml",
        "../etc/passwd",
        "file:///etc/passwd",
        "http://evil.example/etc/passwd",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", program.address);
        let replies = replies(program.address, request.as_bytes());
        assert!(replies.len() == 1 && replies[0].is_refusal(), "{path}: {replies:?}");
    }
    assert_lives(&program);
}

/// A parser that guesses; a panic on bytes that are no text; one request read as two.
#[test]
fn what_is_not_http_is_refused_or_cut_off() {
    let program = Program::start();
    let host = format!("Host: {}\r\n", program.address);
    let get = |rest: &str| format!("GET / HTTP/1.1\r\n{host}{rest}").into_bytes();
    let smuggled = format!("GET /api/view?t=3 HTTP/1.1\r\n{host}\r\n");
    let mut attacks: Vec<Vec<u8>> = vec![
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a greeting in TLS \r\n\r\n".into(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(),
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n".into(),
        b"GET /\r\n\r\n".into(),
        b"GET / HTTP/9.9\r\n\r\n".into(),
        b"GET  /  HTTP/1.1\r\n\r\n".into(),
        b"GET / HTTP/1.1\r\nHost\r\n\r\n".into(),
        b"GET /\0 HTTP/1.1\r\n\r\n".into(),
        b"\r\n\r\n\r\n\r\n".into(),
        b"GET / HT".into(),
        vec![0; 4096],
        vec![0xff; 4096],
        (0..=255).cycle().take(40_000).collect(),
        get("X: a\0b\r\n\r\n"),
        get("X : a\r\n\r\n"),
        get(" folded\r\n\r\n"),
        get("Content-Length: -1\r\n\r\n"),
        get("Content-Length: +0\r\n\r\n"),
        get("Content-Length: 99999999999999999999999\r\n\r\n"),
        get("Content-Length: 0x10\r\n\r\n"),
        get("Content-Length: 4, 5\r\n\r\nabcde"),
        get("Transfer-Encoding: chunked\r\n\r\nno number\r\n"),
        get("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc"),
        get("Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n"),
        get("Transfer-Encoding: gzip, identity\r\n\r\nabc"),
    ];
    // Two lengths for one request: what the one leaves over, another server would take for a second request.
    for lengths in [
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Content-Length: 3\r\n\r\nabc",
    ] {
        attacks.push(get(&format!("{lengths}{smuggled}")));
    }
    // Some are kept waiting for their end, and all of them at once wait no longer.
    let address = program.address;
    thread::scope(|scope| {
        for bytes in &attacks {
            scope.spawn(move || {
                let replies = replies(address, bytes);
                let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]);
                assert!(
                    replies.len() <= 1 && replies.iter().all(Reply::is_refusal),
                    "{shown:?}: {replies:?}"
                );
            });
        }
    });
    assert_lives(&program);
}
