//! Many clients at once, and slow ones.

use std::thread;
use std::time::{Duration, Instant};

use super::client::Client;
use super::program::Program;
use super::{HANG, expected};

/// Answers that go to the wrong client; a memory of networks that threads spoil for each other.
#[test]
fn sixty_four_at_once_each_get_their_own_view() {
    let program = Program::start();
    let address = program.address;
    thread::scope(|scope| {
        for i in 0..64 {
            scope.spawn(move || {
                let (seed, scale) = (i % 5, f64::from(i) / 16.0);
                let query = format!("s={seed}&w={scale}&n={}&t={}&k={}", 4 + i % 3, 5 + i % 7, i % 4);
                let reply = Client::to(address).get(&format!("/api/view?{query}"));
                assert_eq!(reply.status, 200, "{query}: {}", reply.body);
                assert!(reply.body == expected(&query), "{query}");
            });
        }
    });
}

/// A thread for each connection, or a lock over all of them: whoever only connects would take the server.
#[test]
fn clients_that_say_nothing_do_not_keep_others_waiting() {
    let program = Program::start();
    let idle: Vec<_> = (0..64).map(|_| Client::to(program.address)).collect();
    let mut halfway: Vec<_> = (0..16).map(|_| Client::to(program.address)).collect();
    for client in &mut halfway {
        client.send("GET / HTTP/1.1\r\nHo");
    }
    assert_eq!(program.get("/api/view?t=3").body, expected("t=3"));
    drop((idle, halfway));
}

/// A header that never ends, a byte now and then (Slowloris): connections that are never closed.
#[test]
fn slow_clients_are_cut_off() {
    let program = Program::start();
    let address = program.address;
    thread::scope(|scope| {
        let trickle = scope.spawn(move || {
            let mut client = Client::to(address);
            client.send(format!("GET / HTTP/1.1\r\nHost: {address}\r\nX: "));
            let start = Instant::now();
            while client.send("a") {
                assert!(start.elapsed() < HANG, "a client may take for ever");
                thread::sleep(Duration::from_millis(500));
            }
        });
        for start in ["", "GET / HTTP/1.1\r\n", "\r\n"] {
            scope.spawn(move || {
                let mut client = Client::to(address);
                client.send(start);
                assert!(client.is_closed(), "{start:?} is answered");
            });
        }
        while !trickle.is_finished() {
            assert_eq!(Client::to(address).get("/api/view?t=3").status, 200);
            thread::sleep(Duration::from_millis(500));
        }
    });
}
