//! Programs that compute the same, to be compared with.
//!
//! A peer is a Python script, `tests/peers/*_peer.py`, in the environment that `tests/peers/setup.sh` makes. It runs all
//! the time, says first who it is, and answers one line of JSON to each line of JSON that it reads; `protocol` has the
//! words, `process` the pipes.

mod process;
mod protocol;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use process::Process;
pub(super) use protocol::{Answer, Variant};
use protocol::{Hello, Request};

/// How long a peer may take to load its libraries.
const HELLO: Duration = Duration::from_secs(180);

/// How long an answer may take beyond the seconds asked for: the first one compiles.
const ANSWER: Duration = Duration::from_secs(600);

/// Who a peer says it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) threads: Option<u64>,
    /// Whatever else it says.
    pub(super) details: serde_json::Value,
}

/// A running peer, or one that has failed.
pub(super) struct Peer {
    pub(super) identity: Identity,
    state: Result<Process, String>,
}

/// Starts every peer in `folder`, all of them on so many threads.
///
/// # Errors
/// If there is no environment, or no peer. A peer that does not come up is in the list, and answers with what is wrong.
pub(super) fn start(folder: &Path, threads: usize) -> Result<Vec<Peer>> {
    let python = folder.join(".venv/bin/python");
    if !python.exists() {
        let setup = folder.join("setup.sh");
        bail!("the peers are not installed; run\n  {}", setup.display());
    }
    let scripts = scripts(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    if scripts.is_empty() {
        bail!("there are no peers (*_peer.py) in {}", folder.display());
    }
    let started: Vec<(PathBuf, Result<Process, String>)> = scripts
        .into_iter()
        .map(|script| {
            let mut command = Command::new(&python);
            command.arg("-u").arg(&script).arg("--threads").arg(threads.to_string());
            (script, Process::start(command))
        })
        .collect();
    Ok(started.into_iter().map(|(script, process)| Peer::greet(&script, process, HELLO)).collect())
}

fn scripts(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let paths: std::io::Result<Vec<PathBuf>> = folder.read_dir()?.map(|entry| Ok(entry?.path())).collect();
    let is_peer =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("_peer.py"));
    let mut scripts: Vec<PathBuf> = paths?.into_iter().filter(is_peer).collect();
    scripts.sort();
    Ok(scripts)
}

impl Peer {
    /// Waits for its first line.
    fn greet(script: &Path, process: Result<Process, String>, limit: Duration) -> Self {
        let hello = process.and_then(|mut process| {
            let line = process.read(limit)?;
            match Hello::parse(&line) {
                Ok(hello) => Ok((hello, process)),
                Err(error) => Err(process.complain(&error)),
            }
        });
        match hello {
            Ok((Hello { peer: name, version, threads, details }, process)) => {
                Self { identity: Identity { name, version, threads, details }, state: Ok(process) }
            }
            Err(error) => {
                let stem = script.file_stem().unwrap_or_default().to_string_lossy();
                let name = stem.trim_end_matches("_peer").to_owned();
                let (version, details) = (String::new(), serde_json::Value::Null);
                Self { identity: Identity { name, version, threads: None, details }, state: Err(error) }
            }
        }
    }

    /// Has it measure a workload for so many seconds. Once it is dead or has answered what is no answer, that is what it
    /// answers ever after.
    pub(super) fn ask(&mut self, workload: &str, seconds: f64) -> Answer {
        let limit = ANSWER + Duration::from_secs_f64(2.0 * seconds);
        self.ask_within(workload, seconds, limit)
    }

    fn ask_within(&mut self, workload: &str, seconds: f64, limit: Duration) -> Answer {
        let process = match &mut self.state {
            Ok(process) => process,
            Err(error) => return Answer::Failed(error.clone()),
        };
        let request = Request { workload, seconds }.line();
        let reply = process.write(&request).and_then(|()| process.read(limit));
        let answer =
            reply.and_then(|line| Answer::parse(&line, workload).map_err(|error| process.complain(&error)));
        answer.unwrap_or_else(|error| {
            // What it may still say belongs to no question.
            self.state = Err(error.clone());
            Answer::Failed(error)
        })
    }
}

#[cfg(all(test, unix))]
mod tests;
