//! Where training data comes from.

use std::ops::ControlFlow;

use crate::Real;
use crate::error::Error;
use crate::training::train::Batch;

/// Anything that gives one batch after another.
///
/// Every closure from `&mut Batch<F>` to `bool`, or to `Result<bool, E>` with an error of your own, is a source.
/// [`BatchIter`] makes one of an iterator.
pub trait BatchSource<F: Real> {
    /// What can go wrong with the data.
    type Error;

    /// Overwrites `batch` with the next one, reusing its memory; `false` when there is none.
    ///
    /// # Errors
    /// Whatever keeps the source from giving the next batch.
    fn next_batch(&mut self, batch: &mut Batch<F>) -> Result<bool, Self::Error>;
}

impl<F: Real, R: Fallible<Value = bool>, S: FnMut(&mut Batch<F>) -> R> BatchSource<F> for S {
    type Error = R::Error;

    fn next_batch(&mut self, batch: &mut Batch<F>) -> Result<bool, R::Error> {
        self(batch).into_result()
    }
}

/// The batches of an iterator over [`Batch<F>`](Batch), or over `Result<Batch<F>, E>` with an error of your own.
#[derive(Clone, Debug)]
pub struct BatchIter<I>(pub I);

impl<F: Real, I: Iterator> BatchSource<F> for BatchIter<I>
where
    I::Item: Fallible<Value = Batch<F>>,
{
    type Error = <I::Item as Fallible>::Error;

    fn next_batch(&mut self, batch: &mut Batch<F>) -> Result<bool, Self::Error> {
        let Some(next) = self.0.next() else { return Ok(false) };
        *batch = next.into_result()?;
        Ok(true)
    }
}

/// A value, or a `Result` with an error of the caller's: what sources and callbacks return.
pub trait Fallible {
    /// The value.
    type Value;
    /// The error; this crate's for a plain value, which is none.
    type Error;

    /// The value or the error.
    ///
    /// # Errors
    /// The error, if this is one.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}

macro_rules! never_fails {
    ($($value:ty $(, $float:ident)?;)*) => {$(
        impl$(<$float>)? Fallible for $value {
            type Value = Self;
            type Error = Error;

            fn into_result(self) -> Result<Self, Error> {
                Ok(self)
            }
        }
    )*};
}

never_fails! {
    bool;
    ControlFlow<()>;
    Batch<F>, F;
}
