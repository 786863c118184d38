//! What listens.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connection;
use super::limits::Limits;
use super::site::Site;

/// How long to wait when no connection can be accepted, as when there are too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that has its port.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl Server {
    /// Takes the port; port 0 is any that is free.
    ///
    /// # Errors
    /// If it cannot be had.
    pub async fn bind(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, limits })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready, then finishes what was asked for, within [`Limits::goodbye`].
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let Self { listener, address, limits } = self;
        let site = Arc::new(Site::at(address, &limits));
        let ending = watch::Sender::new(false);
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection::serve(stream, Arc::clone(&site), limits, ending.subscribe()));
                    }
                    Err(_) => sleep(PAUSE).await,
                },
            }
        }
        drop(listener);
        ending.send_replace(true);
        let _ = timeout(limits.goodbye, async { while connections.join_next().await.is_some() {} }).await;
        connections.shutdown().await;
    }
}
