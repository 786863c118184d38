//! Named parameters in one contiguous block: also the type of their own gradient.

use std::sync::Arc;

use ndarray::{ArrayViewD, ArrayViewMutD, Dimension, IxDyn};

use crate::Real;
use crate::error::{Error, Place, Result, check_shape};
use crate::kernel::reduce;

/// Names and shapes of parameters, in the order in which they lie in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    offset: usize,
}

impl Entry {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// How many numbers there are in this entry and before it, if that can be counted.
    fn end(&self) -> Option<usize> {
        self.shape.iter().try_fold(1, |len: usize, &size| len.checked_mul(size))?.checked_add(self.offset)
    }

    fn view<'a, F>(&self, array: &'a [F]) -> ArrayViewD<'a, F> {
        ArrayViewD::from_shape(IxDyn(&self.shape), array).expect("as many numbers as the shape says")
    }

    fn view_mut<'a, F>(&self, array: &'a mut [F]) -> ArrayViewMutD<'a, F> {
        ArrayViewMutD::from_shape(IxDyn(&self.shape), array).expect("as many numbers as the shape says")
    }
}

/// Arrays with names, one after the other in one block of memory.
///
/// The parameters of a [`Stack`](crate::Stack) or of a [`Linear`](crate::Linear) head, and their gradients, are of
/// this type; optimizers and norms see nothing but the block, and every array in it can be read and written by its
/// PyTorch name.
///
/// ```
/// use rnn_core::{Bias, Elman, Stack, Parameters};
/// let rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[3], Bias::Single)?;
/// let names: Vec<_> = rnn.params().iter().map(|(name, array)| (name, array.shape().to_vec())).collect();
/// assert_eq!(names, [("weight_ih_l0", vec![3, 2]), ("weight_hh_l0", vec![3, 3]), ("bias_l0", vec![3])]);
/// assert_eq!(rnn.parameter_count(), 18);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Params<F> {
    entries: Arc<[Entry]>,
    values: Vec<F>,
}

impl<F: Real> Params<F> {
    /// Zeros of these names and shapes, or `None` if there is no memory for so many.
    pub(crate) fn zeros(shapes: impl IntoIterator<Item = (String, Vec<usize>)>) -> Option<Self> {
        let (mut offset, mut entries) = (0, Vec::new());
        for (name, shape) in shapes {
            let entry = Entry { name, shape, offset };
            offset = entry.end()?;
            entries.push(entry);
        }
        // Asked for first, because an allocation that fails ends the process; then as zeros, which costs less than to
        // write them.
        Vec::<F>::new().try_reserve_exact(offset).ok()?;
        Some(Self { entries: entries.into(), values: vec![F::zero(); offset] })
    }

    /// Zeros of the same names and shapes.
    #[must_use]
    pub fn zeros_like(&self) -> Self {
        Self { entries: Arc::clone(&self.entries), values: vec![F::zero(); self.values.len()] }
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All numbers, in the order of [`iter`](Self::iter), each array row by row.
    pub fn as_slice(&self) -> &[F] {
        &self.values
    }

    /// All numbers, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// Every array with its name, in PyTorch's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ArrayViewD<'_, F>)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), self.view(entry)))
    }

    /// Every array with its name, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, ArrayViewMutD<'_, F>)> {
        let mut rest = self.values.as_mut_slice();
        self.entries.iter().map(move |entry| {
            let (array, tail) = std::mem::take(&mut rest).split_at_mut(entry.len());
            rest = tail;
            (entry.name.as_str(), entry.view_mut(array))
        })
    }

    /// The array of this name.
    pub fn get(&self, name: &str) -> Option<ArrayViewD<'_, F>> {
        self.entries.iter().find(|entry| entry.name == name).map(|entry| self.view(entry))
    }

    /// The array of this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<ArrayViewMutD<'_, F>> {
        self.iter_mut().find(|(known, _)| *known == name).map(|(_, array)| array)
    }

    /// Copies `value` into the array of this name.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`] and [`Error::Shape`]; [`Error::NonFinite`] if `value` holds NaN or an infinity.
    pub fn set<'v>(&mut self, name: &str, value: impl Into<ArrayViewD<'v, F>>) -> Result<()> {
        let value = value.into();
        let Some(mut array) = self.get_mut(name) else {
            let known = self.entries.iter().map(|entry| entry.name.clone()).collect();
            return Err(Error::UnknownParameter { name: name.to_owned(), known });
        };
        check_shape(name, array.shape(), value.shape())?;
        if let Some((index, bad)) = value.indexed_iter().find(|(_, x)| !x.is_finite()) {
            let place = Place::Parameter { name: name.to_owned(), index: index.slice().to_vec() };
            return Err(Error::NonFinite { place, value: bad.to_string() });
        }
        array.assign(&value);
        Ok(())
    }

    /// Whether names and shapes are the same.
    pub(crate) fn same_layout(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.entries, &other.entries) || self.entries == other.entries
    }

    /// Name, index and value of the first number that is NaN or infinite.
    pub(crate) fn first_non_finite(&self) -> Option<(String, Vec<usize>, F)> {
        if reduce::all_finite(&self.values) {
            return None;
        }
        self.iter().find_map(|(name, array)| {
            let (index, value) = array.indexed_iter().find(|(_, x)| !x.is_finite())?;
            Some((name.to_owned(), index.slice().to_vec(), *value))
        })
    }

    /// Name and index of the number at `at` in [`as_slice`](Self::as_slice).
    pub(crate) fn place(&self, at: usize) -> (String, Vec<usize>) {
        let within = |entry: &&Entry| (entry.offset..entry.offset + entry.len()).contains(&at);
        let Some(entry) = self.entries.iter().find(within) else { return (String::new(), vec![at]) };
        let mut rest = at - entry.offset;
        let mut index: Vec<usize> =
            entry.shape.iter().rev().map(|&size| (rest % size, rest /= size).0).collect();
        index.reverse();
        (entry.name.clone(), index)
    }

    fn view(&self, entry: &Entry) -> ArrayViewD<'_, F> {
        entry.view(&self.values[entry.offset..][..entry.len()])
    }
}

/// Anything made of [`Params`]: a network, a head, a whole model, and the gradient of each.
pub trait Parameters<F: Real> {
    /// The blocks, always in the same order.
    fn blocks(&self) -> impl Iterator<Item = &Params<F>>;

    /// The blocks, to be changed.
    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Params<F>>;

    /// How many numbers there are in all blocks.
    fn parameter_count(&self) -> usize {
        self.blocks().map(Params::len).sum()
    }

    /// Every array with its name, block after block.
    fn named<'a>(&'a self) -> impl Iterator<Item = (&'a str, ArrayViewD<'a, F>)>
    where
        F: 'a,
    {
        self.blocks().flat_map(Params::iter)
    }

    /// The array of this name in whichever block has it.
    fn parameter(&self, name: &str) -> Option<ArrayViewD<'_, F>> {
        self.blocks().find_map(|block| block.get(name))
    }

    /// Copies `value` into the array of this name.
    ///
    /// # Errors
    /// As [`Params::set`].
    fn set_parameter<'v>(&mut self, name: &str, value: impl Into<ArrayViewD<'v, F>>) -> Result<()> {
        if let Some(block) = self.blocks_mut().find(|block| block.get(name).is_some()) {
            return block.set(name, value);
        }
        let known = self.named().map(|(name, _)| name.to_owned()).collect();
        Err(Error::UnknownParameter { name: name.to_owned(), known })
    }

    /// Sets every number to `value`.
    fn fill(&mut self, value: F) {
        for block in self.blocks_mut() {
            block.as_mut_slice().fill(value);
        }
    }
}

impl<F: Real> Parameters<F> for Params<F> {
    fn blocks(&self) -> impl Iterator<Item = &Params<F>> {
        std::iter::once(self)
    }

    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Params<F>> {
        std::iter::once(self)
    }
}
