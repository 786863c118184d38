//! HTTP by hand, so that it can be wrong.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::HANG;

/// One connection.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    /// A header, by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status)
    }
}

impl Client {
    pub(crate) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.set_write_timeout(Some(HANG)).unwrap();
        Self { stream: BufReader::new(stream), host: address.to_string() }
    }

    /// Sends these bytes, as many as the server takes.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.get_mut().write_all(bytes.as_ref()).is_ok()
    }

    /// A request with these headers beside `Host`.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        text + "\r\n"
    }

    /// Sends a GET, without waiting for its answer.
    pub(crate) fn ask(&mut self, path: &str) {
        let request = self.request("GET", path, &[]);
        assert!(self.send(request), "the connection is closed");
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = self.request("GET", path, headers);
        self.send(request);
        self.reply().unwrap_or_else(|| panic!("no answer to GET {path}"))
    }

    /// The next answer, or nothing if the server closes the connection.
    pub(crate) fn reply(&mut self) -> Option<Reply> {
        let mut reply = self.head()?;
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("the whole body");
        reply.body = String::from_utf8(body).expect("text");
        Some(reply)
    }

    /// The same without a body, as after HEAD.
    pub(crate) fn head(&mut self) -> Option<Reply> {
        let line = self.line()?;
        let status = line.strip_prefix("HTTP/1.").expect(&line)[2..5].parse().expect(&line);
        let mut headers = Vec::new();
        loop {
            let line = self.line().expect("the end of the header");
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        Some(Reply { status, headers, body: String::new() })
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
            Err(error) => {
                let kind = error.kind();
                let closed =
                    [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe];
                assert!(closed.contains(&kind), "the server hangs: {error}");
                None
            }
        }
    }

    /// Whether nothing comes from the server for a while.
    pub(crate) fn hears_nothing(&mut self, time: Duration) -> bool {
        self.stream.get_ref().set_read_timeout(Some(time)).unwrap();
        let outcome = self.stream.fill_buf().map(<[u8]>::len);
        self.stream.get_ref().set_read_timeout(Some(HANG)).unwrap();
        outcome.is_err_and(|error| [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()))
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&self) {
        // The server may have closed the connection.
        let _ = self.stream.get_ref().shutdown(Shutdown::Write);
    }

    /// Whether the server closes the connection without another word.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.reply().is_none()
    }
}
