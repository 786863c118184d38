//! Whose requests are answered.

use super::client::Client;
use super::program::Program;

/// The status of a GET under this name, and the sentence.
fn asked_as(program: &Program, host: &str, path: &str) -> (u16, String) {
    let mut client = Client::to(program.address);
    client.send(format!("GET {path} HTTP/1.1\r\n{host}\r\n"));
    let reply = client.reply().unwrap();
    (reply.status, reply.body)
}

/// A page of another site that has its own name lead to 127.0.0.1 (DNS rebinding).
#[test]
fn only_its_own_names_are_answered() {
    let program = Program::start();
    let port = program.address.port();
    for own in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        let (status, _) = asked_as(&program, &format!("Host: {own}:{port}\r\n"), "/");
        assert_eq!(status, 200, "{own}");
    }
    for other in [
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.:{port}"),
        format!("localhost:{port}@evil.example"),
        format!("evil@localhost:{port}"),
        format!("0.0.0.0:{port}"),
        "localhost".into(),
        "127.0.0.1".into(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("127.0.0.1:0{port}"),
        String::new(),
    ] {
        for path in ["/", "/api/view", "/favicon.ico", "/nowhere"] {
            let (status, sentence) = asked_as(&program, &format!("Host: {other}\r\n"), path);
            assert_eq!(status, 421, "{other} {path}");
            assert!(sentence.contains(&program.address.to_string()), "{sentence}");
        }
    }
}

/// A request that is answered because nobody said whom it is for, or because one of two names is right.
#[test]
fn a_request_names_its_server_once() {
    let program = Program::start();
    let (address, port) = (program.address, program.address.port());
    assert_eq!(asked_as(&program, "", "/").0, 400);
    let twice = format!("Host: {address}\r\nHost: evil.example:{port}\r\n");
    assert_eq!(asked_as(&program, &twice, "/").0, 400);
    let mut not_text = Client::to(address);
    not_text.send(b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n");
    assert_eq!(not_text.reply().unwrap().status, 400);
    let mut old = Client::to(address);
    old.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(old.reply().unwrap().status, 400);
}

/// A proxy's way of asking, by which a name could slip past `Host`.
#[test]
fn an_absolute_address_is_held_to_the_same_names() {
    let program = Program::start();
    let own = format!("Host: {}\r\n", program.address);
    assert_eq!(asked_as(&program, &own, &format!("http://{}/", program.address)).0, 200);
    for address in
        ["http://evil.example/", "http://evil.example:80/api/view", "http://127.0.0.1/", "https://a@b:1/"]
    {
        assert_eq!(asked_as(&program, &own, address).0, 421, "{address}");
    }
    let evil = "Host: evil.example\r\n";
    assert_eq!(asked_as(&program, evil, &format!("http://{}/", program.address)).0, 421);
}

/// A page of another site, or another port, that makes this machine compute.
#[test]
fn other_sites_get_no_views() {
    let program = Program::start();
    let mut client = Client::to(program.address);
    let (own, port) = (format!("http://{}", program.address), program.address.port());
    for headers in [
        vec![("Sec-Fetch-Site", "same-origin")],
        vec![("Sec-Fetch-Site", "none")],
        vec![("Sec-Fetch-Site", "same-origin"), ("Origin", &own)],
        vec![("Origin", &own)],
    ] {
        assert_eq!(client.get_with("/api/view?t=3", &headers).status, 200, "{headers:?}");
    }
    let (secure, named) = (format!("https://{}", program.address), format!("http://localhost:{port}"));
    let neighbour = format!("http://127.0.0.1:{}", port ^ 1);
    for headers in [
        vec![("Sec-Fetch-Site", "cross-site")],
        vec![("Sec-Fetch-Site", "same-site")],
        vec![("Sec-Fetch-Site", "")],
        vec![("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "cross-site")],
        vec![("Sec-Fetch-Site", "same-origin"), ("Origin", "http://evil.example")],
        vec![("Origin", "null")],
        vec![("Origin", &secure)],
        vec![("Origin", &named)],
        vec![("Origin", &neighbour)],
        vec![("Origin", "")],
    ] {
        assert_eq!(client.get_with("/api/view?t=3", &headers).status, 403, "{headers:?}");
    }
    // A link from elsewhere to the page is all right.
    assert_eq!(client.get_with("/", &[("Sec-Fetch-Site", "cross-site")]).status, 200);
}
