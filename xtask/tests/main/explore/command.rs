//! The command line: its errors, how it starts and how it ends.

use std::net::TcpListener;

use super::program::{Program, output};

/// A port that is taken: which one, and what to do.
#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = output(&["--port", &port]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(&format!("port {port}")) && stderr.contains("--port 0"), "{stderr}");
    assert!(output.stdout.is_empty());
}

/// A server that the whole network can reach, by a slip of the hand.
#[test]
fn only_addresses_of_this_machine_are_listened_to() {
    for host in ["0.0.0.0", "::", "192.168.1.1", "169.254.169.254", "::ffff:127.0.0.1", "2130706433"] {
        let output = output(&["--port", "0", "--host", host]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{host}: {stderr}");
        assert!(stderr.contains("--host") && stderr.contains(host), "{stderr}");
        let is_address = host != "2130706433";
        assert_eq!(stderr.contains("ssh -L"), is_address, "{stderr}");
    }
    for words in [["--port", "65536"], ["--port", "-1"], ["--port", "http"], ["--host", "evil.example"]] {
        assert_eq!(output(&words).status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn help_has_examples() {
    let output = output(&["--help"]);
    assert!(output.status.success());
    let stdout = String::from_utf8(output.stdout).unwrap();
    for word in ["--port", "8471", "--host", "--open", "Examples:", "ssh -t -L"] {
        assert!(stdout.contains(word), "{word}");
    }
}

/// A signal that is not listened for ends the program with another code, a client that stays never lets it end.
#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_0_whatever_clients_do() {
    use super::client::Client;
    use super::{ENDLESS, HANG};

    for name in ["INT", "TERM"] {
        let mut program = Program::start();
        let mut idle = Client::to(program.address);
        assert_eq!(idle.get("/").status, 200);
        let mut halfway = Client::to(program.address);
        halfway.send("GET / HTTP/1.1\r\n");
        let mut training = Client::to(program.address);
        training.ask(&format!("/api/view?{ENDLESS}"));
        let status = program.signal(name);
        assert_eq!(status.code(), Some(0), "SIG{name}");
        let goodbye = program.lines.recv_timeout(HANG).unwrap();
        assert!(goodbye.contains("ended"), "{goodbye}");
        assert!(program.complaints.recv_timeout(HANG).is_err());
    }
}

/// `--open` where there is no browser: an explorer that ends, or says nothing.
#[cfg(target_os = "linux")]
#[test]
fn without_a_browser_it_says_so_and_serves() {
    let program = Program::start_without_browser();
    let complaint = program.complaints.recv_timeout(super::HANG).unwrap();
    assert!(
        complaint.contains("no browser") && complaint.contains(&program.address.to_string()),
        "{complaint}"
    );
    assert_eq!(program.get("/").status, 200);
}
