//! The gradient by path.

use super::scene::Scene;
use crate::error::Error;
use crate::view::Highway;

pub(super) fn highway(_: &Scene<'_>) -> Result<Option<Highway>, Error> {
    Ok(None)
}
