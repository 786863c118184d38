//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::limits::Limits;
use super::site::Site;

/// Room for the header of a request.
const HEADER_BYTES: usize = 16 * 1024;

/// How long to wait before looking again whether a client has closed its side.
const PAUSE: Duration = Duration::from_millis(100);

/// How long, and how far, a client that is still sending when all is said is listened to.
const LINGER: (Duration, u64) = (Duration::from_secs(1), 1 << 20);

/// Answers requests until the client has no more, breaks the protocol or takes too long, or the server ends.
pub(crate) async fn serve(
    mut stream: TcpStream,
    site: Arc<Site>,
    limits: Limits,
    ending: watch::Receiver<bool>,
) {
    // Small answers are not to wait for one another; without it they only take longer.
    let _ = stream.set_nodelay(true);
    converse(&mut stream, &site, &limits, ending).await;
    linger(&mut stream).await;
}

/// What went wrong in a conversation, the client knows best; there is nobody else to tell.
async fn converse(stream: &mut TcpStream, site: &Site, limits: &Limits, mut ending: watch::Receiver<bool>) {
    let twin = twin(stream).ok();
    let hurry = async || {
        closed(twin.as_ref()).await;
        sleep(limits.parting).await;
    };
    let service = service_fn(async |request| Ok::<_, Infallible>(site.answer(&request, hurry()).await));
    let connection = http1::Builder::new()
        .half_close(true)
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|ending| *ending) => {}
        () = sleep(limits.connection) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.closing, connection).await;
}

/// The same connection once more: the first one is taken while requests are answered.
fn twin(stream: &TcpStream) -> io::Result<TcpStream> {
    #[cfg(unix)]
    let twin = std::os::fd::AsFd::as_fd(stream).try_clone_to_owned()?;
    #[cfg(windows)]
    let twin = std::os::windows::io::AsSocket::as_socket(stream).try_clone_to_owned()?;
    TcpStream::from_std(twin.into())
}

/// Ready when the client has closed its side. It may still wait for an answer, or be gone: only what is sent to it would tell.
async fn closed(stream: Option<&TcpStream>) {
    let Some(stream) = stream else { return std::future::pending().await };
    while let Ok(1..) = stream.peek(&mut [0]).await {
        // The next request is here already and hides the end.
        sleep(PAUSE).await;
    }
}

/// Reads what is still on its way: closing a connection with unread bytes would reset it, and the client might never see
/// the answer that says what was wrong.
async fn linger(stream: &mut TcpStream) {
    let (time, bytes) = LINGER;
    let _ = timeout(time, async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(bytes), &mut tokio::io::sink()).await
    })
    .await;
}
