//! A child process that is talked to in lines, and that never outlives this program's interest in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The child. Dropping it kills it; should this program end without that, by Ctrl-C say, the child gets the signal too,
/// and the end of its input.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    /// What it prints, line by line.
    lines: Receiver<String>,
    /// The last line that it wrote as an error, and the thread that listens for it.
    last_words: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Process {
    pub(super) fn start(mut command: Command) -> Result<Self, String> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("it cannot be started: {error}"))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            unreachable!("all three are piped");
        };
        let (send, lines) = mpsc::channel();
        thread::spawn(move || each_line(output, |line| send.send(line).is_ok()));
        let last_words = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&last_words);
        let listener = thread::spawn(move || {
            each_line(errors, |line| {
                if !line.trim().is_empty() {
                    line.trim().clone_into(&mut heard.lock().unwrap_or_else(PoisonError::into_inner));
                }
                true
            });
        });
        Ok(Self { child, input, lines, last_words, listener: Some(listener) })
    }

    pub(super) fn write(&mut self, line: &str) -> Result<(), String> {
        let sent = writeln!(self.input, "{line}").and_then(|()| self.input.flush());
        sent.map_err(|_| self.complain("it has ended"))
    }

    /// Its next line.
    pub(super) fn read(&mut self, limit: Duration) -> Result<String, String> {
        self.lines.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => {
                self.complain(&format!("it has not answered within {} seconds", limit.as_secs_f64()))
            }
            RecvTimeoutError::Disconnected => self.complain("it has ended"),
        })
    }

    /// Ends it. Returns what went wrong, and the last that it had to say about that.
    pub(super) fn complain(&mut self, what: &str) -> String {
        self.kill();
        let last = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_empty() { what.to_owned() } else { format!("{what}: {last}") }
    }

    fn kill(&mut self) {
        // One that has ended by itself is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The pipe closes with the last process that holds it, which may be a child of the child: do not wait for those.
        for _ in 0..20 {
            match &self.listener {
                Some(listener) if !listener.is_finished() => thread::sleep(Duration::from_millis(5)),
                _ => break,
            }
        }
        self.listener = None;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Hands on every line until `take` has enough; what is not UTF-8 in it is replaced.
fn each_line(from: impl Read, mut take: impl FnMut(String) -> bool) {
    for line in BufReader::new(from).split(b'\n') {
        let Ok(line) = line else { return };
        if !take(String::from_utf8_lossy(&line).trim_end().to_owned()) {
            return;
        }
    }
}
