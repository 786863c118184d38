//! The equations of a unit, applied to whole batches: what a layer knows of its cell.

use std::marker::PhantomData;

use crate::Real;
use crate::cell::loops::{
    At, In, InOut, Load, Map, Out, Own, Save, StateIn, StateInOut, StateOut, each, each_slowly,
};
use crate::cell::single::{self, SingleStep, SingleWeights};
use crate::cell::{Form, GateLook, Loops, Name, Seen, Unit};
use crate::kernel::lanes::Lanes;
use crate::kernel::simd;

/// How many numbers a unit has of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) gates: usize,
    /// h and the entries of c.
    pub(crate) state: usize,
    pub(crate) saved: usize,
    pub(crate) own: usize,
}

/// The size of a batch of units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
    /// Whether the first block of c holds the h that a projection reads.
    pub(crate) carried: bool,
}

/// The arguments of [`Units::forward`]. Every array is (batch, width), row by row.
pub(crate) struct Forward<'a, F> {
    pub(crate) a: &'a [F],
    pub(crate) u: &'a [F],
    /// h_{t−1}; empty if the unit does not use it or c carries it.
    pub(crate) h_prev: &'a [F],
    pub(crate) c_prev: &'a [F],
    /// Out: h_t.
    pub(crate) h: &'a mut [F],
    /// Out: c_t.
    pub(crate) c: &'a mut [F],
    /// Out: what the unit keeps.
    pub(crate) saved: &'a mut [F],
}

/// The arguments of [`Units::backward`].
pub(crate) struct Backward<'a, F> {
    pub(crate) saved: &'a [F],
    pub(crate) h_prev: &'a [F],
    pub(crate) c_prev: &'a [F],
    /// dL/dh_t of the units, before a projection.
    pub(crate) d_h: &'a [F],
    /// Whether dL/dc_t lacks the path through h_t.
    pub(crate) reads: bool,
    /// In and out: dL/dc_t, which comes back with the path through h_t.
    pub(crate) d_c: &'a mut [F],
    /// Out: dL/da_t.
    pub(crate) d_a: &'a mut [F],
    /// Out: dL/du_t where the unit splits; else empty.
    pub(crate) d_u: &'a mut [F],
    /// To be added to: the parts of dL/dh_{t−1} and dL/dc_{t−1} that go through no product. `d_h_prev` is empty if c carries
    /// h or the unit does not use it.
    pub(crate) d_h_prev: &'a mut [F],
    pub(crate) d_c_prev: &'a mut [F],
    /// Out: the terms of the own parameters.
    pub(crate) d_own: &'a mut [F],
}

/// The arguments of [`Units::look`].
pub(crate) struct Looks<'a, F> {
    pub(crate) saved: &'a [F],
    pub(crate) h_prev: &'a [F],
    pub(crate) c_prev: &'a [F],
    pub(crate) h: &'a [F],
    pub(crate) c: &'a [F],
    pub(crate) d_h: &'a [F],
    pub(crate) d_c: &'a [F],
    /// With a gated recurrence, what the gate read and dL/dm; else empty.
    pub(crate) h_read: &'a [F],
    pub(crate) d_m: &'a [F],
    /// Out: three arrays of (batch, gates).
    pub(crate) value: &'a mut [F],
    pub(crate) slope: &'a mut [F],
    pub(crate) gradient: &'a mut [F],
}

/// The functions of a [`Unit`] over all units of a batch of rows. `own` holds the unit's own parameters, (own, hidden).
pub(crate) trait Units<F: Real>: Send + Sync {
    fn name(&self) -> Name;
    fn form(&self) -> Form;
    fn counts(&self) -> Counts;
    /// Whether [`single`](Self::single) may be called.
    fn has_single(&self) -> bool;
    /// [`Unit::forward`], and [`Unit::read`] where h is read from c.
    fn forward(&self, size: Size, own: &[F], step: Forward<'_, F>);
    /// [`Unit::read`]: h from c.
    fn read(&self, size: Size, own: &[F], c: &[F], saved: &mut [F], h: &mut [F]);
    /// [`Unit::backward`], after [`Unit::read_back`] if asked for.
    fn backward(&self, size: Size, own: &[F], step: Backward<'_, F>);
    /// [`Unit::read_back`]: adds to dL/dc, or sets it.
    fn read_back(&self, size: Size, own: &[F], saved: &[F], d_h: &[F], d_c: &mut [F], add: bool);
    /// [`Unit::gate`]: the gates take the place of their pre-activations in `a`, m goes to `m`.
    fn gate(&self, size: Size, a: &mut [F], u: &[F], h: &[F], m: &mut [F]);
    /// [`Unit::gate_back`]: adds to dL/da, to dL/du where that is another array, and to dL/dh.
    fn gate_back(&self, size: Size, saved: &[F], h: &[F], d_m: &[F], d: [&mut [F]; 3]);
    /// [`Unit::look`]. `false` if the unit does not tell.
    fn look(&self, size: Size, own: &[F], looks: Looks<'_, F>) -> bool;
    /// A step of one sequence from gathered weights. `false` if a number of the new state may not be finite.
    fn single(&self, theta: &SingleWeights<F>, step: SingleStep<'_, F>) -> bool;
}

struct ForwardMap<U, F>(U, PhantomData<F>);

impl<F: Real, U: Unit<F>> Map for ForwardMap<U, F> {
    type In = ((U::Own, U::Gates, U::Gates, U::State), ());
    type Out = ((), (U::State, U::Saved));

    #[inline(always)]
    fn map(&self, ((own, a, u, previous), ()): Self::In) -> Self::Out {
        let (state, saved) = self.0.forward(own, a, u, previous);
        ((), if U::FORM.reads_cell { self.0.read(own, state, saved) } else { (state, saved) })
    }
}

struct ReadMap<U, F>(U, PhantomData<F>);

impl<F: Real, U: Unit<F>> Map for ReadMap<U, F> {
    type In = ((U::Own, U::State), U::Saved);
    type Out = (U::Saved, U::State);

    #[inline(always)]
    fn map(&self, ((own, state), saved): Self::In) -> Self::Out {
        let (state, saved) = self.0.read(own, state, saved);
        (saved, state)
    }
}

struct BackwardMap<U, F> {
    unit: U,
    reads: bool,
    of: PhantomData<F>,
}

impl<F: Real, U: Unit<F>> Map for BackwardMap<U, F> {
    type In = ((U::Own, U::Saved, U::State), U::State);
    type Out = (U::State, (U::Gates, U::Gates, U::State, U::Own));

    #[inline(always)]
    fn map(&self, ((own, saved, previous), d): Self::In) -> Self::Out {
        let d = if U::FORM.reads_cell && self.reads { self.total(own, saved, d) } else { d };
        let gradient = self.unit.backward(own, saved, previous, d);
        (d, (gradient.a, gradient.u, gradient.previous, gradient.own))
    }
}

impl<F: Real, U: Unit<F>> BackwardMap<U, F> {
    /// dL/ds_t with the path from h_t to c_t.
    #[inline(always)]
    fn total(&self, own: U::Own, saved: U::Saved, d: U::State) -> U::State {
        let through_h = self.unit.read_back(own, saved, d.at(0));
        let mut total = d;
        for n in 1..U::State::N {
            *total.at_mut(n) += through_h.at(n);
        }
        total
    }
}

/// dL/du of a unit that splits; for others not even the room in registers is taken.
struct SplitOut<'a, F, U>(&'a mut [F], PhantomData<U>);

impl<F: Real, U: Unit<F>> Save<F> for SplitOut<'_, F, U> {
    type Item = U::Gates;
    type Block = <U::Gates as Lanes<F>>::Block;

    #[inline(always)]
    fn zeros() -> Self::Block {
        U::Gates::zeros()
    }

    #[inline(always)]
    fn set(item: U::Gates, block: &mut Self::Block, lane: usize) {
        if const { U::FORM.split } {
            item.set(block, lane);
        }
    }

    #[inline(always)]
    fn save(&mut self, block: &Self::Block, at: At, width: usize) {
        if const { U::FORM.split } {
            Out::<F, U::Gates>::all(self.0).save(block, at, width);
        }
    }
}

struct ReadBackMap<U, F>(U, PhantomData<F>);

impl<F: Real, U: Unit<F>> Map for ReadBackMap<U, F> {
    type In = ((U::Own, U::Saved, [F; 1]), ());
    type Out = ((), U::State);

    #[inline(always)]
    fn map(&self, ((own, saved, [d_h]), ()): Self::In) -> Self::Out {
        ((), self.0.read_back(own, saved, d_h))
    }
}

struct GateMap<U, F>(U, PhantomData<F>);

impl<F: Real, U: Unit<F>> Map for GateMap<U, F> {
    type In = ((U::Gates, [F; 1]), U::Gates);
    type Out = (U::Gates, [F; 1]);

    #[inline(always)]
    fn map(&self, ((u, [h]), a): Self::In) -> Self::Out {
        let (gates, m) = self.0.gate(a, u, h);
        (gates, [m])
    }
}

struct GateBackMap<U, F>(U, PhantomData<F>);

impl<F: Real, U: Unit<F>> Map for GateBackMap<U, F> {
    type In = ((U::Saved, [F; 1], [F; 1]), ());
    type Out = ((), (U::Gates, U::Gates, [F; 1]));

    #[inline(always)]
    fn map(&self, ((saved, [h], [d_m]), ()): Self::In) -> Self::Out {
        let (d_a, d_h) = self.0.gate_back(saved, h, d_m);
        ((), (d_a, d_a, [d_h]))
    }
}

struct LookMap<U, F>(U, PhantomData<F>);

impl<F: Real, U: Unit<F>> Map for LookMap<U, F> {
    type In = ((U::Own, U::Saved, (U::State, U::State, U::State), [F; 1], [F; 1]), ());
    type Out = ((), (U::Gates, U::Gates, U::Gates));

    #[inline(always)]
    fn map(&self, ((own, saved, (previous, state, d), [h_read], [d_m]), ()): Self::In) -> Self::Out {
        let seen = self.0.look(Seen { own, saved, previous, state, d, h_read, d_m });
        let nothing = U::Gates::splat(F::nan());
        let GateLook { value, slope, gradient } =
            seen.unwrap_or(GateLook { value: nothing, slope: nothing, gradient: nothing });
        ((), (value, slope, gradient))
    }
}

/// A unit whose loops are compiled with this crate, or where they are used.
pub(super) struct Compiled<U, const HERE: bool>(pub(super) U);

impl<U, const HERE: bool> Compiled<U, HERE> {
    /// Whether the loops are made of vector instructions.
    const fn vectorized<F: Real>() -> bool
    where
        U: Unit<F>,
    {
        // A type of the size of f32 or f64 that is neither runs through the same loops.
        matches!(size_of::<F>(), 4 | 8)
            && match U::LOOPS {
                Loops::Vectorized => true,
                Loops::Plain => false,
                // Unit tests, which compile this crate once more, do without.
                Loops::BuiltIn => HERE && !cfg!(test),
            }
    }

    fn each<F, M, A, I, O, P>(size: Size, map: M, load: I, update: O, save: P)
    where
        F: Real,
        U: Unit<F>,
        M: Map<In = (I::Item, A), Out = (A, P::Item)>,
        I: Load<F>,
        O: Load<F, Item = A> + Save<F, Item = A>,
        P: Save<F>,
    {
        if const { Self::vectorized::<F>() } {
            each((size.batch, size.hidden), map, load, update, save);
        } else {
            each_slowly((size.batch, size.hidden), map, load, update, save);
        }
    }
}

impl<F: Real, U: Unit<F>, const HERE: bool> Units<F> for Compiled<U, HERE> {
    fn name(&self) -> Name {
        self.0.name()
    }

    fn form(&self) -> Form {
        U::FORM
    }

    fn counts(&self) -> Counts {
        Counts { gates: U::Gates::N, state: U::State::N, saved: U::Saved::N, own: U::Own::N }
    }

    fn has_single(&self) -> bool {
        Self::vectorized::<F>() && simd::vectors()
    }

    fn forward(&self, size: Size, own: &[F], step: Forward<'_, F>) {
        let Forward { a, u, h_prev, c_prev, h, c, saved } = step;
        let previous = StateIn::<F, U::State>::new(h_prev, c_prev, size.carried);
        let load = (Own::<F, U::Own>(own, PhantomData), In::all(a), In::all(u), previous);
        let save = (StateOut::<F, U::State>::set(h, c, size.carried), Out::<F, U::Saved>::all(saved));
        Self::each(size, ForwardMap(self.0, PhantomData), load, (), save);
    }

    fn read(&self, size: Size, own: &[F], c: &[F], saved: &mut [F], h: &mut [F]) {
        // Inline constants, so that loops that a unit does not need are not even compiled.
        if const { !U::FORM.reads_cell } {
            return;
        }
        let load = (Own::<F, U::Own>(own, PhantomData), StateIn::<F, U::State>::new(&[], c, size.carried));
        let save = StateOut::<F, U::State>::set(h, &mut [], false);
        let update = InOut::<F, U::Saved>(saved, PhantomData);
        Self::each(size, ReadMap(self.0, PhantomData), load, update, save);
    }

    fn backward(&self, size: Size, own: &[F], step: Backward<'_, F>) {
        let Backward { saved, h_prev, c_prev, d_h, reads, d_c, d_a, d_u, d_h_prev, d_c_prev, d_own } = step;
        let previous = StateIn::<F, U::State>::new(h_prev, c_prev, size.carried);
        let load = (Own::<F, U::Own>(own, PhantomData), In::all(saved), previous);
        let update = StateInOut::<F, U::State>::new(d_h, d_c, size.carried);
        let save = (
            Out::<F, U::Gates>::all(d_a),
            SplitOut::<F, U>(d_u, PhantomData),
            StateOut::<F, U::State>::add(d_h_prev, d_c_prev, size.carried),
            Out::<F, U::Own>::all(d_own),
        );
        let map = BackwardMap { unit: self.0, reads, of: PhantomData };
        Self::each(size, map, load, update, save);
    }

    fn read_back(&self, size: Size, own: &[F], saved: &[F], d_h: &[F], d_c: &mut [F], add: bool) {
        if const { !U::FORM.reads_cell } {
            return;
        }
        let load = (Own::<F, U::Own>(own, PhantomData), In::all(saved), In::all(d_h));
        let save = if add {
            StateOut::<F, U::State>::add(&mut [], d_c, size.carried)
        } else {
            StateOut::<F, U::State>::set(&mut [], d_c, size.carried)
        };
        Self::each(size, ReadBackMap(self.0, PhantomData), load, (), save);
    }

    fn gate(&self, size: Size, a: &mut [F], u: &[F], h: &[F], m: &mut [F]) {
        if const { !U::FORM.gated() } {
            return;
        }
        let load = (In::all(u), In::all(h));
        let update = InOut::<F, U::Gates>(a, PhantomData);
        Self::each(size, GateMap(self.0, PhantomData), load, update, Out::<F, [F; 1]>::all(m));
    }

    fn gate_back(&self, size: Size, saved: &[F], h: &[F], d_m: &[F], d: [&mut [F]; 3]) {
        if const { !U::FORM.gated() } {
            return;
        }
        let [d_a, d_u, d_h] = d;
        let load = (In::all(saved), In::all(h), In::all(d_m));
        let save = (Out::<F, U::Gates>::add(d_a), Out::<F, U::Gates>::add(d_u), Out::<F, [F; 1]>::add(d_h));
        Self::each(size, GateBackMap(self.0, PhantomData), load, (), save);
    }

    fn look(&self, size: Size, own: &[F], looks: Looks<'_, F>) -> bool {
        let Looks { saved, h_prev, c_prev, h, c, d_h, d_c, h_read, d_m, value, slope, gradient } = looks;
        let state = |h, c| StateIn::<F, U::State>::new(h, c, size.carried);
        let load = (
            Own::<F, U::Own>(own, PhantomData),
            In::all(saved),
            (state(h_prev, c_prev), state(h, c), state(d_h, d_c)),
            In::all(h_read),
            In::all(d_m),
        );
        let save = (
            Out::<F, U::Gates>::all(&mut *value),
            Out::<F, U::Gates>::all(slope),
            Out::<F, U::Gates>::all(gradient),
        );
        each_slowly((size.batch, size.hidden), LookMap(self.0, PhantomData), load, (), save);
        value.iter().any(|value| !value.is_nan())
    }

    fn single(&self, theta: &SingleWeights<F>, step: SingleStep<'_, F>) -> bool {
        if const { Self::vectorized::<F>() } {
            single::step(&self.0, theta, step)
        } else {
            unreachable!("a unit that is not vectorized takes the steps of batches")
        }
    }
}
