//! From a request to its answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use hyper::body::{Body, Bytes};
use hyper::{Request, StatusCode};
use rnn_explore::{Explorer, page};

use super::answer::{self, Answer};
use super::desk::Desk;
use super::gate::{admit, admit_to_api};
use super::limits::Limits;
use super::names::Names;
use super::view::{self, Asked};

/// All that there is to be served.
#[derive(Debug)]
pub(crate) struct Site {
    names: Names,
    page: Bytes,
    explorer: Arc<Explorer>,
    desk: Desk,
}

impl Site {
    pub(crate) fn at(address: SocketAddr, limits: &Limits) -> Self {
        let cores = thread::available_parallelism().map_or(1, Into::into);
        Self {
            names: Names::of(address),
            page: page::page(page::Source::Server).into(),
            explorer: Arc::new(Explorer::new()),
            desk: Desk::new(cores, limits.view, limits.shift),
        }
    }

    /// The answer to one request. Of the address, the path is compared with four names, and read for nothing else. A training
    /// stops where it is once `hurry` is ready.
    pub(crate) async fn answer<B: Body>(
        &self,
        request: &Request<B>,
        hurry: impl Future<Output = ()>,
    ) -> Answer {
        if let Err(refused) = admit(request, &self.names) {
            return *refused;
        }
        match request.uri().path() {
            "/" => answer::page(self.page.clone()),
            "/favicon.ico" => answer::nothing(),
            path @ ("/api/view" | "/api/map") => match admit_to_api(request) {
                Ok(()) => {
                    let asked = if path == "/api/map" { Asked::Map } else { Asked::View };
                    let query = request.uri().query().unwrap_or_default();
                    view::answer(asked, query, &self.explorer, &self.desk, hurry).await
                }
                Err(refused) => *refused,
            },
            _ => answer::text(StatusCode::NOT_FOUND, "There is nothing here. The page is at /."),
        }
    }
}
