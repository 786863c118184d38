//! Servers to be tested: the program, and the same server within a test, with limits of the test's own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;
use xtask::explore::{Limits, Server};

use super::HANG;
use super::client::{Client, Reply};

/// `cargo xtask explore` with these words, to its end.
pub(crate) fn output(words: &[&str]) -> Output {
    explore(words).output().expect("the program starts")
}

fn explore(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("explore").args(words);
    command
}

/// A running `cargo xtask explore --port 0`, ended when dropped.
pub(crate) struct Program {
    child: Child,
    /// What it prints after its address, line by line.
    #[cfg_attr(not(unix), allow(dead_code, reason = "read where signals are sent"))]
    pub(crate) lines: mpsc::Receiver<String>,
    /// What it complains about.
    #[cfg_attr(not(unix), allow(dead_code, reason = "read where signals are sent"))]
    pub(crate) complaints: mpsc::Receiver<String>,
    pub(crate) address: SocketAddr,
}

impl Program {
    pub(crate) fn start() -> Self {
        Self::from(explore(&["--port", "0"]))
    }

    /// With `--open`, where there is no browser.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_without_browser() -> Self {
        let mut command = explore(&["--port", "0", "--open"]);
        command.env("PATH", "").env_remove("BROWSER");
        Self::from(command)
    }

    fn from(mut command: Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let lines = line_by_line(child.stdout.take().unwrap());
        let complaints = line_by_line(child.stderr.take().unwrap());
        let line = lines.recv_timeout(HANG).expect("a line with the address");
        let (_, rest) = line.split_once("http://").expect("an address");
        let address = rest.split('/').next().unwrap().parse().expect("an address");
        assert!(line.contains("Ctrl-C"), "{line}");
        Self { child, lines, complaints, address }
    }

    /// The answer to GET of this path, on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Reply {
        Client::to(self.address).get(path)
    }

    /// As `kill -INT`, with this name of a signal; then waits for the end.
    #[cfg(unix)]
    pub(crate) fn signal(&mut self, name: &str) -> std::process::ExitStatus {
        use std::time::{Duration, Instant};

        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < HANG, "SIG{name} does not end it");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line_by_line(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let read = BufReader::new(pipe).lines().map_while(Result::ok);
        read.take_while(|line| sender.send(line.clone()).is_ok()).for_each(drop);
    });
    receiver
}

/// The server in a thread of the test, ended when dropped.
pub(crate) struct Within {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Within {
    pub(crate) fn start(limits: Limits) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (address, bound) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::bind("127.0.0.1:0".parse().unwrap(), limits).await.unwrap();
                address.send(server.address()).unwrap();
                server.serve(async { drop(stopped.await) }).await;
            });
            // A view that does not end when it should is seen by its test, which is not to wait for it.
            runtime.shutdown_background();
        });
        Self { address: bound.recv_timeout(HANG).unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    /// Tells it to end, as Ctrl-C does.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        self.stop();
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking());
    }
}
