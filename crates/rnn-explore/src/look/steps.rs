//! Each step back, split into its factors.

use super::scene::Scene;
use crate::error::Error;
use crate::view::Steps;

pub(super) fn steps(_: &Scene<'_>) -> Result<Steps, Error> {
    Ok(Steps::default())
}
