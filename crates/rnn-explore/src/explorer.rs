//! From settings to a view.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::look::look;
use crate::map::{GradientMap, map as map_of};
use crate::network::{Network, key};
use crate::settings::{Query, Settings};
use crate::view::View;

/// How many networks the cache holds.
const REMEMBERED: usize = 12;

/// Computes what the page shows for these settings. It is a pure function: it reads no clock and no file and starts no thread.
///
/// An [`Explorer`] gives the same numbers and caches the networks that it trains.
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
/// If a setting is outside its limits, or a spectrum does not converge. A network that overflows is not an error: the view says
/// where it overflows.
pub fn explore(settings: &Settings) -> Result<View, Error> {
    Explorer::new().view(settings, &|| true)
}

/// What is left of the gradient at the first timestep, over the whole ranges of both sliders, which in `settings` do not matter.
///
/// ```
/// use rnn_explore::{Settings, explore, map};
///
/// let settings = Settings { hidden: 4, ..Settings::default() };
/// let map = map(&settings)?;
/// assert_eq!((map.weights[12], map.biases[12]), (1.0, 1.0));
/// assert!((map.ratio[12][12] / explore(&settings)?.layers[0].ratio - 1.0).abs() < 1e-12);
/// # Ok::<(), rnn_explore::Error>(())
/// ```
///
/// # Errors
/// As [`explore`].
pub fn map(settings: &Settings) -> Result<GradientMap, Error> {
    Explorer::new().map(settings, &|| true)
}

/// [`explore`] with a cache of the networks that were built and trained for earlier views.
///
/// The cache never affects the numbers. Threads may share an explorer.
#[derive(Debug, Default)]
pub struct Explorer {
    /// The most recently used first.
    networks: Mutex<VecDeque<Arc<Network>>>,
}

impl Explorer {
    /// An explorer with an empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// The view of these settings. `go_on` is called before every training step. Once it returns `false`, training is
    /// interrupted, and the steps taken so far are kept.
    ///
    /// # Errors
    /// As [`explore`], and [`Error::Interrupted`].
    pub fn view(&self, settings: &Settings, go_on: &dyn Fn() -> bool) -> Result<View, Error> {
        // Settings that do not come from a query have to keep the same limits.
        let settings = Query::write(settings).parse::<Query>()?.settings;
        look(&settings, &*self.network(&settings, go_on)?)
    }

    /// The [`map`] of these settings. `go_on` is called before every training step, as for [`view`](Self::view).
    ///
    /// # Errors
    /// As [`explore`], and [`Error::Interrupted`].
    pub fn map(&self, settings: &Settings, go_on: &dyn Fn() -> bool) -> Result<GradientMap, Error> {
        let settings = Query::write(settings).parse::<Query>()?.settings;
        map_of(&settings, &*self.network(&settings, go_on)?)
    }

    /// The network of these settings, trained on from the cached one that is nearest.
    fn network(&self, settings: &Settings, go_on: &dyn Fn() -> bool) -> Result<Arc<Network>, Error> {
        let nearest = self.nearest(settings);
        if let Some(network) = nearest.as_ref().filter(|network| network.is_ready(settings.trained)) {
            return Ok(Arc::clone(network));
        }
        let mut network = nearest.map_or_else(|| Network::new(settings), |network| Ok((*network).clone()))?;
        let trained = network.train(settings, go_on);
        let network = Arc::new(network);
        self.remember(Arc::clone(&network));
        trained.map(|()| network)
    }

    /// The cached network that needs the fewest further training steps, moved to the front. A network whose training was
    /// interrupted is removed instead: the further trained one will take its place.
    fn nearest(&self, settings: &Settings) -> Option<Arc<Network>> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, trained) = (key(settings), settings.trained);
        let known = networks.iter().enumerate().filter(|(_, network)| network.leads_to(&key, trained));
        let (at, _) = known.max_by_key(|(_, network)| network.steps())?;
        let network = networks.remove(at)?;
        if !network.unfinished || network.is_ready(trained) {
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
