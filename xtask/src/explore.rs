//! `cargo xtask explore`: the gradient explorer, a page with sliders, served to the browsers of this machine.
//!
//! What the page shows is computed by [`rnn_explore`]. Here is what listens (`server`), speaks HTTP/1.1 (`connection`), lets
//! in (`gate`) and answers (`site`, `view`); what is computed waits its turn at a `Desk`. Only the loopback address is
//! listened to, only this server's own names are answered, and no address reads a file.

#![expect(clippy::print_stderr, reason = "a browser that does not start is no reason to end")]

mod answer;
mod args;
mod connection;
mod desk;
mod gate;
mod limits;
mod names;
mod server;
mod site;
mod view;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

pub use args::Args;
pub use limits::Limits;
pub use server::Server;

use crate::signals;

/// How long a view that was given up may take to notice.
const LAST_STEP: Duration = Duration::from_secs(1);

/// Serves until Ctrl-C, or until the system asks the program to end.
///
/// # Errors
/// If the port cannot be had, or the address cannot be printed.
pub fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.context("no threads for a server can be started")?;
    let outcome = runtime.block_on(serve(args));
    runtime.shutdown_timeout(LAST_STEP);
    outcome
}

async fn serve(args: &Args) -> Result<()> {
    let address = SocketAddr::new(args.host, args.port);
    let server = Server::bind(address, Limits::default()).await.map_err(|error| refused(address, error))?;
    let stop = signals::stop().context("Ctrl-C cannot be waited for")?;
    let url = format!("http://{}/", server.address());
    say(&format!("The gradient explorer is at {url} until Ctrl-C.")).context("cannot print the address")?;
    if args.open {
        open_browser(url);
    }
    server.serve(stop).await;
    // If nobody reads that any more, the server has ended all the same.
    let _ = say("The gradient explorer has ended.");
    Ok(())
}

/// A line to whoever reads the output, at once, pipe or not.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Some browsers only return when they are closed: a thread waits for that, and the program does not wait for the thread.
fn open_browser(url: String) {
    thread::spawn(move || {
        if let Err(error) = open::that(&url) {
            eprintln!("no browser could be started ({error}); open {url} in one");
        }
    });
}

/// Why the server cannot listen, and what to do about it.
fn refused(address: SocketAddr, error: io::Error) -> anyhow::Error {
    let port = address.port();
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} of {} is taken, perhaps by another explorer; --port 0 takes any free one, --port {} another",
            address.ip(),
            if port == u16::MAX { port - 1 } else { port + 1 }
        ),
        io::ErrorKind::PermissionDenied => {
            format!("port {port} is not for everybody; --port 0 takes any free one, or choose one from 1024")
        }
        _ => format!("cannot listen on {address}"),
    };
    anyhow::Error::new(error).context(advice)
}
