//! A function of the numbers of one unit, applied to every unit of every row of a batch, sixteen units at a time.

use std::marker::PhantomData;

use pulp::NullaryFnOnce;

use crate::Real;
use crate::kernel::lanes::{LANES, Lanes, copy};
use crate::kernel::simd;

/// A function of the numbers of one unit. A trait and not a closure, because `map` must be inlined into the loop, which is
/// compiled once for each instruction set.
pub(super) trait Map {
    /// What the function takes.
    type In;
    /// What the function returns.
    type Out;
    /// The function; always `#[inline(always)]`.
    fn map(&self, input: Self::In) -> Self::Out;
}

/// Applies `map` to every unit of `batch` rows of `hidden` units: `load` says where its first argument lies, `update` where
/// its second one lies, which the first result overwrites, and `save` where its second result goes. Sixteen units at a time
/// where the processor has vector instructions for them.
pub(super) fn each<F, M, A, I, U, O>(size: (usize, usize), map: M, load: I, update: U, save: O)
where
    F: Real,
    M: Map<In = (I::Item, A), Out = (A, O::Item)>,
    I: Load<F>,
    U: Load<F, Item = A> + Save<F, Item = A>,
    O: Save<F>,
{
    let mut each = Each { size, map, load, update, save, of: PhantomData::<F> };
    simd::dispatch_or(Blocks(&mut each), |Blocks(each)| each.one_by_one());
    if !size.1.is_multiple_of(LANES) {
        simd::dispatch_or(Rest(&mut each), |_| ());
    }
}

/// As [`each`], without a copy for each instruction set: for what need not be fast.
pub(super) fn each_slowly<F, M, A, I, U, O>(size: (usize, usize), map: M, load: I, update: U, save: O)
where
    F: Real,
    M: Map<In = (I::Item, A), Out = (A, O::Item)>,
    I: Load<F>,
    U: Load<F, Item = A> + Save<F, Item = A>,
    O: Save<F>,
{
    Each { size, map, load, update, save, of: PhantomData::<F> }.one_by_one();
}

struct Each<F, M, I, U, O> {
    /// (batch, hidden)
    size: (usize, usize),
    map: M,
    load: I,
    update: U,
    save: O,
    of: PhantomData<F>,
}

/// What is done to some units of a row.
trait Blockwise {
    /// (batch, hidden)
    fn size(&self) -> (usize, usize);
    /// Does it to `width` units. Vectorized where `width` is a constant; always `#[inline(always)]`.
    fn block(&mut self, at: At, width: usize);

    /// Does it to all units, one at a time.
    fn one_by_one(&mut self) {
        let (batch, hidden) = self.size();
        for row in 0..batch {
            for j in 0..hidden {
                self.block(At { hidden, row, j }, 1);
            }
        }
    }
}

/// The units that fill blocks of sixteen.
struct Blocks<'a, T>(&'a mut T);

impl<T: Blockwise> NullaryFnOnce for Blocks<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (batch, hidden) = self.0.size();
        for row in 0..batch {
            for j in (0..hidden - hidden % LANES).step_by(LANES) {
                self.0.block(At { hidden, row, j }, LANES);
            }
        }
    }
}

/// The units of each row that are left, in powers of two. A function of its own, so that the other one stays small.
struct Rest<'a, T>(&'a mut T);

impl<T: Blockwise> NullaryFnOnce for Rest<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        const { assert!(LANES == 16) };
        let (batch, hidden) = self.0.size();
        for row in 0..batch {
            let mut at = At { hidden, row, j: hidden - hidden % LANES };
            if hidden & 8 != 0 {
                self.0.block(at, 8);
                at.j += 8;
            }
            if hidden & 4 != 0 {
                self.0.block(at, 4);
                at.j += 4;
            }
            if hidden & 2 != 0 {
                self.0.block(at, 2);
                at.j += 2;
            }
            if hidden & 1 != 0 {
                self.0.block(at, 1);
            }
        }
    }
}

impl<F, M, A, I, U, O> Blockwise for Each<F, M, I, U, O>
where
    F: Real,
    M: Map<In = (I::Item, A), Out = (A, O::Item)>,
    I: Load<F>,
    U: Load<F, Item = A> + Save<F, Item = A>,
    O: Save<F>,
{
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        self.size
    }

    #[inline(always)]
    fn block(&mut self, at: At, width: usize) {
        let (from, old) = (self.load.load(at, width), self.update.load(at, width));
        let (mut new, mut to) = (<U as Save<F>>::zeros(), O::zeros());
        for lane in 0..width {
            let (a, b) = self.map.map((I::get(&from, lane), <U as Load<F>>::get(&old, lane)));
            U::set(a, &mut new, lane);
            O::set(b, &mut to, lane);
        }
        self.update.save(&new, at, width);
        self.save.save(&to, at, width);
    }
}

/// Unit `j` of row `row`, and those after it.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) hidden: usize,
    pub(super) row: usize,
    pub(super) j: usize,
}

impl At {
    /// Where entry `n` begins in a buffer with `of` numbers for each unit.
    #[inline(always)]
    fn entry(self, n: usize, of: usize) -> usize {
        (self.row * of + n) * self.hidden + self.j
    }
}

/// Where the arguments of a [`Map`] lie.
pub(super) trait Load<F: Real> {
    type Item;
    type Block;
    fn load(&self, at: At, width: usize) -> Self::Block;
    fn get(block: &Self::Block, lane: usize) -> Self::Item;
}

/// Where the results of a [`Map`] go.
pub(super) trait Save<F: Real> {
    type Item;
    type Block;
    fn zeros() -> Self::Block;
    fn set(item: Self::Item, block: &mut Self::Block, lane: usize);
    fn save(&mut self, block: &Self::Block, at: At, width: usize);
}

/// A buffer that holds nothing but `L`; zeros if the buffer is empty.
#[derive(Clone, Copy)]
pub(super) struct In<'a, F, L> {
    data: &'a [F],
    lanes: PhantomData<L>,
}

impl<'a, F: Real, L: Lanes<F>> In<'a, F, L> {
    pub(super) fn all(data: &'a [F]) -> Self {
        Self { data, lanes: PhantomData }
    }
}

impl<F: Real, L: Lanes<F>> Load<F> for In<'_, F, L> {
    type Item = L;
    type Block = L::Block;

    #[inline(always)]
    fn load(&self, at: At, width: usize) -> L::Block {
        let mut block = L::zeros();
        if !self.data.is_empty() {
            for n in 0..L::N {
                copy(L::entry_mut(&mut block, n), &self.data[at.entry(n, L::N)..], width);
            }
        }
        block
    }

    #[inline(always)]
    fn get(block: &L::Block, lane: usize) -> L {
        L::get(block, lane)
    }
}

/// The unit's own parameters, which are the same for every row.
#[derive(Clone, Copy)]
pub(super) struct Own<'a, F, L>(pub(super) &'a [F], pub(super) PhantomData<L>);

impl<F: Real, L: Lanes<F>> Load<F> for Own<'_, F, L> {
    type Item = L;
    type Block = L::Block;

    #[inline(always)]
    fn load(&self, at: At, width: usize) -> L::Block {
        In::<F, L>::all(self.0).load(At { row: 0, ..at }, width)
    }

    #[inline(always)]
    fn get(block: &L::Block, lane: usize) -> L {
        L::get(block, lane)
    }
}

/// A state: its first entry lies in the buffer of h, the others in that of c, from block `shift` on.
#[derive(Clone, Copy)]
pub(super) struct StateIn<'a, F, S> {
    h: &'a [F],
    c: &'a [F],
    shift: usize,
    lanes: PhantomData<S>,
}

impl<'a, F: Real, S: Lanes<F>> StateIn<'a, F, S> {
    /// With `carried`, the first block of c takes the place of h: with a projection, it holds what was projected. An empty
    /// `h` stands for one that the unit does not use: the unit gets NaN.
    pub(super) fn new(h: &'a [F], c: &'a [F], carried: bool) -> Self {
        Self { h, c, shift: usize::from(carried), lanes: PhantomData }
    }
}

impl<F: Real, S: Lanes<F>> Load<F> for StateIn<'_, F, S> {
    type Item = S;
    type Block = S::Block;

    #[inline(always)]
    fn load(&self, at: At, width: usize) -> S::Block {
        let mut block = S::zeros();
        let of = S::N - 1 + self.shift;
        if self.shift == 1 {
            copy(S::entry_mut(&mut block, 0), &self.c[at.entry(0, of)..], width);
        } else if self.h.is_empty() {
            *S::entry_mut(&mut block, 0) = [F::nan(); LANES];
        } else {
            copy(S::entry_mut(&mut block, 0), &self.h[at.entry(0, 1)..], width);
        }
        for n in 1..S::N {
            copy(S::entry_mut(&mut block, n), &self.c[at.entry(n - 1 + self.shift, of)..], width);
        }
        block
    }

    #[inline(always)]
    fn get(block: &S::Block, lane: usize) -> S {
        S::get(block, lane)
    }
}

/// A buffer that holds nothing but `L`, to be set or added to; nothing is saved if the buffer is empty.
pub(super) struct Out<'a, F, L> {
    data: &'a mut [F],
    add: bool,
    lanes: PhantomData<L>,
}

impl<'a, F: Real, L: Lanes<F>> Out<'a, F, L> {
    /// A buffer to be set.
    pub(super) fn all(data: &'a mut [F]) -> Self {
        Self { data, add: false, lanes: PhantomData }
    }

    /// As [`all`](Self::all), but the results are added to the buffer.
    pub(super) fn add(data: &'a mut [F]) -> Self {
        Self { add: true, ..Self::all(data) }
    }
}

/// Writes `width` numbers over the beginning of `to`, or adds them.
#[inline(always)]
fn put<F: Real>(to: &mut [F], from: &[F; LANES], width: usize, add: bool) {
    if add {
        for (to, &from) in to[..width].iter_mut().zip(from) {
            *to += from;
        }
    } else {
        copy(to, from, width);
    }
}

impl<F: Real, L: Lanes<F>> Save<F> for Out<'_, F, L> {
    type Item = L;
    type Block = L::Block;

    #[inline(always)]
    fn zeros() -> L::Block {
        L::zeros()
    }

    #[inline(always)]
    fn set(item: L, block: &mut L::Block, lane: usize) {
        item.set(block, lane);
    }

    #[inline(always)]
    fn save(&mut self, block: &L::Block, at: At, width: usize) {
        if !self.data.is_empty() {
            for n in 0..L::N {
                let to = &mut self.data[at.entry(n, L::N)..];
                put(to, L::entry(block, n), width, self.add);
            }
        }
    }
}

/// Where a state goes, as [`StateIn`]. Buffers that are empty are left out.
pub(super) struct StateOut<'a, F, S> {
    h: &'a mut [F],
    c: &'a mut [F],
    shift: usize,
    add: bool,
    lanes: PhantomData<S>,
}

impl<'a, F: Real, S: Lanes<F>> StateOut<'a, F, S> {
    /// With `carried`, the first entry also goes to the first block of c.
    pub(super) fn set(h: &'a mut [F], c: &'a mut [F], carried: bool) -> Self {
        Self { h, c, shift: usize::from(carried), add: false, lanes: PhantomData }
    }

    /// As [`set`](Self::set), but the state is added to what is there.
    pub(super) fn add(h: &'a mut [F], c: &'a mut [F], carried: bool) -> Self {
        Self { add: true, ..Self::set(h, c, carried) }
    }
}

impl<F: Real, S: Lanes<F>> Save<F> for StateOut<'_, F, S> {
    type Item = S;
    type Block = S::Block;

    #[inline(always)]
    fn zeros() -> S::Block {
        S::zeros()
    }

    #[inline(always)]
    fn set(item: S, block: &mut S::Block, lane: usize) {
        item.set(block, lane);
    }

    #[inline(always)]
    fn save(&mut self, block: &S::Block, at: At, width: usize) {
        let of = S::N - 1 + self.shift;
        if !self.h.is_empty() {
            put(&mut self.h[at.entry(0, 1)..], S::entry(block, 0), width, self.add);
        }
        if self.c.is_empty() {
            return;
        }
        if self.shift == 1 {
            put(&mut self.c[at.entry(0, of)..], S::entry(block, 0), width, self.add);
        }
        for n in 1..S::N {
            put(&mut self.c[at.entry(n - 1 + self.shift, of)..], S::entry(block, n), width, self.add);
        }
    }
}

/// A buffer that holds nothing but `L`, to be updated in place.
pub(super) struct InOut<'a, F, L>(pub(super) &'a mut [F], pub(super) PhantomData<L>);

impl<F: Real, L: Lanes<F>> Load<F> for InOut<'_, F, L> {
    type Item = L;
    type Block = L::Block;

    #[inline(always)]
    fn load(&self, at: At, width: usize) -> L::Block {
        In::<F, L>::all(self.0).load(at, width)
    }

    #[inline(always)]
    fn get(block: &L::Block, lane: usize) -> L {
        L::get(block, lane)
    }
}

impl<F: Real, L: Lanes<F>> Save<F> for InOut<'_, F, L> {
    type Item = L;
    type Block = L::Block;

    #[inline(always)]
    fn zeros() -> L::Block {
        L::zeros()
    }

    #[inline(always)]
    fn set(item: L, block: &mut L::Block, lane: usize) {
        item.set(block, lane);
    }

    #[inline(always)]
    fn save(&mut self, block: &L::Block, at: At, width: usize) {
        Out::<F, L>::all(self.0).save(block, at, width);
    }
}

/// A state of which h is read and c is updated in place.
pub(super) struct StateInOut<'a, F, S> {
    h: &'a [F],
    c: &'a mut [F],
    carried: bool,
    lanes: PhantomData<S>,
}

impl<'a, F: Real, S: Lanes<F>> StateInOut<'a, F, S> {
    pub(super) fn new(h: &'a [F], c: &'a mut [F], carried: bool) -> Self {
        Self { h, c, carried, lanes: PhantomData }
    }
}

impl<F: Real, S: Lanes<F>> Load<F> for StateInOut<'_, F, S> {
    type Item = S;
    type Block = S::Block;

    #[inline(always)]
    fn load(&self, at: At, width: usize) -> S::Block {
        StateIn::<F, S>::new(self.h, self.c, self.carried).load(at, width)
    }

    #[inline(always)]
    fn get(block: &S::Block, lane: usize) -> S {
        S::get(block, lane)
    }
}

impl<F: Real, S: Lanes<F>> Save<F> for StateInOut<'_, F, S> {
    type Item = S;
    type Block = S::Block;

    #[inline(always)]
    fn zeros() -> S::Block {
        S::zeros()
    }

    #[inline(always)]
    fn set(item: S, block: &mut S::Block, lane: usize) {
        item.set(block, lane);
    }

    #[inline(always)]
    fn save(&mut self, block: &S::Block, at: At, width: usize) {
        StateOut::<F, S>::set(&mut [], self.c, self.carried).save(block, at, width);
    }
}

/// Nothing to update.
impl<F: Real> Load<F> for () {
    type Item = ();
    type Block = ();

    #[inline(always)]
    fn load(&self, _: At, _: usize) {}

    #[inline(always)]
    fn get((): &(), _: usize) {}
}

impl<F: Real> Save<F> for () {
    type Item = ();
    type Block = ();

    #[inline(always)]
    fn zeros() {}

    #[inline(always)]
    fn set((): (), (): &mut (), _: usize) {}

    #[inline(always)]
    fn save(&mut self, (): &(), _: At, _: usize) {}
}

macro_rules! tuples {
    ($(($($name:ident $n:tt),*))*) => {$(
        impl<F: Real, $($name: Load<F>),*> Load<F> for ($($name,)*) {
            type Item = ($($name::Item,)*);
            type Block = ($($name::Block,)*);

            #[inline(always)]
            fn load(&self, at: At, width: usize) -> Self::Block {
                ($(self.$n.load(at, width),)*)
            }

            #[inline(always)]
            fn get(block: &Self::Block, lane: usize) -> Self::Item {
                ($($name::get(&block.$n, lane),)*)
            }
        }

        impl<F: Real, $($name: Save<F>),*> Save<F> for ($($name,)*) {
            type Item = ($($name::Item,)*);
            type Block = ($($name::Block,)*);

            #[inline(always)]
            fn zeros() -> Self::Block {
                ($($name::zeros(),)*)
            }

            #[inline(always)]
            fn set(item: Self::Item, block: &mut Self::Block, lane: usize) {
                $($name::set(item.$n, &mut block.$n, lane);)*
            }

            #[inline(always)]
            fn save(&mut self, block: &Self::Block, at: At, width: usize) {
                $(self.$n.save(&block.$n, at, width);)*
            }
        }
    )*};
}

tuples! {
(A 0)
(A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) }
