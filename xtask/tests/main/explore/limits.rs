//! What is given up, cut off or kept waiting, with limits that a test can wait for.

use std::time::Duration;

use serde_json::Value;
use xtask::explore::Limits;

use super::client::Client;
use super::program::Within;
use super::{ENDLESS, expected};

const SOON: Duration = Duration::from_millis(200);

/// Longer than any test.
const NEVER: Duration = Duration::from_secs(600);

/// A long training that is lost when its time is up, so that the page never sees its end; or that is not the same in pieces.
#[test]
fn a_training_that_takes_too_long_goes_on_when_asked_again() {
    let server = Within::start(Limits { shift: SOON / 4, ..Limits::default() });
    let mut client = Client::to(server.address);
    let query = "c=lstm&n=32&t=60&k=200";
    let (mut before, mut pieces) = (0, 0);
    let last = loop {
        let reply = client.get(&format!("/api/view?{query}"));
        if reply.status != 503 {
            break reply;
        }
        assert_eq!(reply.header("retry-after"), Some("0"));
        let json: Value = serde_json::from_str(&reply.body).unwrap();
        assert!(json["message"].as_str().unwrap().contains("of 200"), "{json}");
        assert_eq!(json["interrupted"]["wanted"], 200);
        let steps = json["interrupted"]["steps"].as_u64().unwrap();
        assert!(steps >= before && steps < 200, "{steps} after {before}");
        (before, pieces) = (steps, pieces + 1);
        assert!(pieces < 1000);
    };
    assert_eq!(last.status, 200);
    assert!(pieces > 0, "200 steps in a twentieth of a second: train a larger network here");
    assert!(last.body == expected(query));
}

/// Training for a client who has left: a slider that is dragged would leave every core busy.
#[test]
fn a_client_who_leaves_takes_its_training_along() {
    let server = Within::start(Limits { view: NEVER, shift: NEVER, parting: SOON / 10, ..Limits::default() });
    let mut clients: Vec<_> = (0..8).map(|_| Client::to(server.address)).collect();
    for (seed, client) in clients.iter_mut().enumerate() {
        client.ask(&format!("/api/view?{ENDLESS}&s={seed}"));
    }
    std::thread::sleep(SOON);
    drop(clients);
    assert_eq!(Client::to(server.address).get("/api/view?t=3").body, expected("t=3"));
}

/// A client that says it will ask nothing more, and is taken for one who has left: it would wait for an answer in vain.
#[test]
fn a_client_that_has_asked_its_last_question_is_answered() {
    let server = Within::start(Limits { parting: SOON / 10, ..Limits::default() });
    for query in ["t=3", "c=lstm&n=8&t=40&o=all", "w=9", "k=3"] {
        for _ in 0..5 {
            let mut client = Client::to(server.address);
            client.ask(&format!("/api/view?{query}"));
            client.finish();
            let reply = client.reply().unwrap_or_else(|| panic!("no answer to {query}"));
            match query {
                "w=9" => assert_eq!(reply.status, 400),
                "k=3" if reply.status == 503 => assert!(reply.body.contains("of 3 training steps")),
                _ => assert!(reply.status == 200 && reply.body == expected(query), "{}", reply.body),
            }
            assert!(client.is_closed());
        }
    }
    // All at once, with questions that wait behind others.
    let mut clients: Vec<_> = (0..30).map(|_| Client::to(server.address)).collect();
    for client in &mut clients {
        let both = client.request("GET", "/", &[]) + &client.request("GET", "/api/view?t=9&n=2", &[]);
        assert!(client.send(both));
        client.finish();
    }
    for client in &mut clients {
        let replies = [client.reply().unwrap(), client.reply().unwrap()];
        assert_eq!(replies.map(|reply| reply.status), [200, 200]);
    }
    // Of a long training it hears how far it is.
    let mut client = Client::to(server.address);
    client.ask("/api/view?c=lstm&n=16&t=60&k=2000");
    client.finish();
    let reply = client.reply().unwrap();
    assert!(reply.status == 503 && reply.body.contains("of 2000 training steps are done"), "{}", reply.body);
}

/// A queue without an end: when all cores are busy, a request must be told so in time.
#[test]
fn waiting_counts_too() {
    let server = Within::start(Limits { view: 5 * SOON, ..Limits::default() });
    let mut clients: Vec<_> = (0..12).map(|_| Client::to(server.address)).collect();
    for client in &mut clients {
        client.ask(&format!("/api/view?{ENDLESS}"));
    }
    for client in &mut clients {
        let reply = client.reply().unwrap();
        assert_eq!(reply.status, 503);
        let json: Value = serde_json::from_str(&reply.body).unwrap();
        assert!(json["interrupted"]["wanted"] == 2000 && json["message"].is_string(), "{json}");
    }
}

/// Connections without number: each costs memory and a file.
#[test]
fn connections_beyond_the_limit_wait_until_one_is_closed() {
    let server = Within::start(Limits { connections: 2, header: NEVER, ..Limits::default() });
    let first = Client::to(server.address);
    let mut second = Client::to(server.address);
    assert_eq!(second.get("/").status, 200);
    let mut third = Client::to(server.address);
    third.ask("/");
    assert!(third.hears_nothing(SOON), "there are three connections");
    drop(first);
    assert_eq!(third.reply().unwrap().status, 200);
    assert_eq!(second.get("/").status, 200);
}

/// A connection for life, which is how one client keeps a place for ever.
#[test]
fn a_connection_ends_though_its_client_is_busy() {
    let server = Within::start(Limits { connection: SOON, ..Limits::default() });
    let mut client = Client::to(server.address);
    client.ask("/api/view?t=3");
    let mut answers = 0;
    while let Some(reply) = client.reply() {
        assert_eq!(reply.status, 200);
        answers += 1;
        let request = client.request("GET", "/api/view?t=3", &[]);
        client.send(request);
    }
    assert!(answers > 0);
    assert_eq!(Client::to(server.address).get("/").status, 200);
}

/// A client that asks for much and reads nothing: its answers would wait in memory for ever.
#[test]
fn a_client_that_does_not_read_is_cut_off() {
    let limits = Limits { connections: 1, connection: 5 * SOON, closing: SOON, ..Limits::default() };
    let server = Within::start(limits);
    let mut greedy = Client::to(server.address);
    for _ in 0..300 {
        greedy.ask("/api/view?t=200&n=1");
    }
    // There is one place, and it is taken until the server has had enough.
    assert_eq!(Client::to(server.address).get("/").status, 200);
    drop(greedy);
}

/// An answer that is cut in two by Ctrl-C.
#[test]
fn what_was_asked_for_is_answered_before_the_end() {
    let mut server = Within::start(Limits { goodbye: NEVER, shift: NEVER, ..Limits::default() });
    let mut client = Client::to(server.address);
    let query = "c=lstm&n=32&t=60&k=20";
    let both = client.request("GET", "/", &[]) + &client.request("GET", &format!("/api/view?{query}"), &[]);
    client.send(both);
    // Both came at once: when the first is answered, the second is on its way.
    assert_eq!(client.reply().unwrap().status, 200);
    server.stop();
    let reply = client.reply().unwrap();
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert!(reply.body == expected(query));
    assert!(client.is_closed());
}

/// An end that waits for a training, or for a client who never asks.
#[test]
fn the_end_does_not_wait_for_ever() {
    let limits = Limits {
        goodbye: SOON,
        view: NEVER,
        shift: NEVER,
        header: NEVER,
        closing: NEVER,
        ..Limits::default()
    };
    let mut server = Within::start(limits);
    let mut silent = Client::to(server.address);
    let mut client = Client::to(server.address);
    let training = client.request("GET", &format!("/api/view?{ENDLESS}"), &[]);
    let both = client.request("GET", "/", &[]) + &training;
    client.send(both);
    assert_eq!(client.reply().unwrap().status, 200);
    server.stop();
    assert!(client.is_closed() && silent.is_closed());
}
