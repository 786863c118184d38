//! How long and how many.

use std::time::Duration;

/// What keeps one client from taking the server away from the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How long the header of a request may take to arrive, and how long a connection may be idle.
    pub header: Duration,
    /// How long a view may take, its wait for a free core included.
    pub view: Duration,
    /// How long a training goes on before it says how far it is; the page then asks for the rest.
    pub shift: Duration,
    /// How long a training goes on for a client that has closed its side of the connection, before it says how far it is: the
    /// client may be waiting for the answer, or be gone.
    pub parting: Duration,
    /// How long a connection may live before it takes no more requests.
    pub connection: Duration,
    /// How long after that the answer to its last request may take; longer than a view.
    pub closing: Duration,
    /// How many connections there may be at once; further ones wait to be accepted.
    pub connections: usize,
    /// How long the server waits for requests in flight when it ends.
    pub goodbye: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(5),
            view: Duration::from_secs(10),
            shift: Duration::from_secs(1),
            parting: Duration::from_millis(200),
            connection: Duration::from_secs(60),
            closing: Duration::from_secs(15),
            connections: 256,
            goodbye: Duration::from_secs(2),
        }
    }
}
