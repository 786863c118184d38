//! From settings to a view.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::look::look;
use crate::network::Network;
use crate::settings::{Query, Settings};
use crate::view::View;

/// How many networks are remembered.
const REMEMBERED: usize = 12;

/// What the page shows for these settings: a pure function, without a clock, a file or a thread of its own.
///
/// An [`Explorer`] gives the same numbers and remembers what it trained.
///
/// ```
/// use rnn_explore::{InitKind, Nonlinearity, Settings, explore};
///
/// // A linear network whose W_hh is orthogonal: the gradient keeps its length.
/// let settings = Settings {
///     nonlinearity: Nonlinearity::Identity,
///     init: InitKind::Orthogonal,
///     ..Settings::default()
/// };
/// let gradient = &explore(&settings)?.layers[0].gradient;
/// assert!((gradient[0] / gradient[9] - 1.0).abs() < 1e-12);
/// # Ok::<(), rnn_explore::Error>(())
/// ```
///
/// # Errors
/// If a setting is outside its limits, or a spectrum does not converge. A network that overflows is a view, too: it says where.
pub fn explore(settings: &Settings) -> Result<View, Error> {
    Explorer::new().view(settings, &|| true)
}

/// [`explore`] with a memory: networks that were built and trained for earlier views.
///
/// What it remembers never shows in the numbers. Threads may share one.
#[derive(Debug, Default)]
pub struct Explorer {
    /// The latest first.
    networks: Mutex<VecDeque<Arc<Network>>>,
}

impl Explorer {
    /// One that remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The view of these settings. `go_on` is asked before every step of training; once it says no, the view is given up, and
    /// what was trained so far is kept.
    ///
    /// # Errors
    /// As [`explore`], and [`Error::Interrupted`].
    pub fn view(&self, settings: &Settings, go_on: &dyn Fn() -> bool) -> Result<View, Error> {
        // Settings need not come from a query: they are held to the same limits.
        let settings = Query::write(settings).parse::<Query>()?.settings;
        look(&settings, &*self.network(&settings, go_on)?)
    }

    /// The network of these settings, from memory as far as it goes.
    fn network(&self, settings: &Settings, go_on: &dyn Fn() -> bool) -> Result<Arc<Network>, Error> {
        let nearest = self.nearest(settings);
        if let Some(network) = nearest.as_ref().filter(|network| network.is_ready(settings)) {
            return Ok(Arc::clone(network));
        }
        let mut network = nearest.map_or_else(|| Network::new(settings), |network| Ok((*network).clone()))?;
        let trained = network.train(settings, go_on);
        let network = Arc::new(network);
        self.remember(Arc::clone(&network));
        trained.map(|()| network)
    }

    /// The network in memory that lacks the fewest steps of training, brought to the front. One that was interrupted is taken
    /// out: what it becomes will be remembered in its place.
    fn nearest(&self, settings: &Settings) -> Option<Arc<Network>> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let known = networks.iter().enumerate().filter(|(_, network)| network.leads_to(settings));
        let (at, _) = known.max_by_key(|(_, network)| network.steps())?;
        let network = networks.remove(at)?;
        if !network.unfinished || network.is_ready(settings) {
            networks.push_front(Arc::clone(&network));
        }
        Some(network)
    }

    fn remember(&self, network: Arc<Network>) {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.truncate(REMEMBERED - 1);
        networks.push_front(network);
    }
}
