//! Cells whose chain rule does not lose what rounds away when a unit saturates.
//!
//! tanh z rounds to 1 for z > 19, so the slope 1 − y² that a pass computes from the value y is 0 there, and its last digits are
//! wrong long before. That is right for training, where such a gradient is nothing beside the others, and wrong for logarithms of
//! it. A fine cell evaluates the equations of the same unit, as they are, over numbers that know how far they are from 1
//! ([`Anchored`]): every slope and every 1 − z then has its own relative accuracy. Its states are those of the plain cell, to the bit.

mod anchored;

use std::sync::Arc;

use anchored::Anchored;
use num_traits::NumCast;

use crate::Real;
use crate::cell::single::{SingleStep, SingleWeights};
use crate::cell::units::{Backward, Counts, Forward, Looks, Size, Units};
use crate::cell::{Cell, Form, Name, registry};

/// Numbers for each that a plain unit saves: its own, and the whole and the rest of the anchored one.
const EACH: usize = 3;

/// A unit over `F`, and the same one over anchored numbers.
struct Fine<F: Real> {
    plain: Arc<dyn Units<F>>,
    fine: Arc<dyn Units<Anchored>>,
}

impl<F: Real> Cell<F> {
    /// The fine cell that has the states of this one. `None` for a cell that is not built in: it has the slopes that its unit
    /// computes.
    pub(crate) fn fine(&self) -> Option<Self> {
        let fine = registry::find::<Anchored, false>(&self.name()).ok()?;
        let units = Fine { plain: Arc::clone(&self.units), fine: fine.units };
        units.agree().then(|| Self { units: Arc::new(units) })
    }
}

impl<F: Real> Fine<F> {
    /// Whether both compute the same step. A unit of the caller's may have the name of a built-in one.
    fn agree(&self) -> bool {
        let Counts { gates, state, saved, own } = self.plain.counts();
        if self.fine.counts() != self.plain.counts() {
            return false;
        }
        let size = Size { batch: 3, hidden: 1, carried: false };
        let some = |count: usize, from: f64| -> Vec<F> {
            (0..3 * count).map(|k| F::of(from + 0.3 * ((k * k + 3 * k) as f64).sin())).collect()
        };
        let (a, u, own) = (some(gates, 0.1), some(gates, -0.2), some(own, 0.4));
        let (h_prev, c_prev) = (some(1, 0.2), some(state - 1, 0.8));
        let ([mut h, mut fine_h], [mut c, mut fine_c]) =
            ([(); 2].map(|()| some(1, 0.0)), [(); 2].map(|()| some(state - 1, 0.0)));
        let mut kept = some(saved, 0.0);
        let step = Forward {
            a: &a,
            u: &u,
            h_prev: &h_prev,
            c_prev: &c_prev,
            h: &mut h,
            c: &mut c,
            saved: &mut kept,
        };
        self.plain.forward(size, &own, step);
        let [a, u, h_prev, c_prev] = [a, u, h_prev, c_prev].map(|x| lift(&x));
        let [mut to_h, mut to_c, mut to_saved] = [&fine_h, &fine_c, &kept].map(|x| lift(x));
        let step = Forward {
            a: &a,
            u: &u,
            h_prev: &h_prev,
            c_prev: &c_prev,
            h: &mut to_h,
            c: &mut to_c,
            saved: &mut to_saved,
        };
        self.fine.forward(size, &lift(&own), step);
        lower(&to_h, &mut fine_h);
        lower(&to_c, &mut fine_c);
        let tolerance = F::epsilon().sqrt();
        let close = |(&x, &y): (&F, &F)| (x - y).abs() <= tolerance * (F::one() + y.abs());
        fine_h.iter().zip(&h).chain(fine_c.iter().zip(&c)).all(close)
    }
}

impl<F: Real> Units<F> for Fine<F> {
    fn name(&self) -> Name {
        self.plain.name()
    }

    fn form(&self) -> Form {
        self.plain.form()
    }

    fn counts(&self) -> Counts {
        let counts = self.plain.counts();
        Counts { saved: EACH * counts.saved, ..counts }
    }

    fn has_single(&self) -> bool {
        false
    }

    fn forward(&self, size: Size, own: &[F], step: Forward<'_, F>) {
        let Forward { a, u, h_prev, c_prev, h, c, saved } = step;
        // `gate` left pre-activations in place of gates, which it does not compute from h.
        let (mut gates, mut fine_a, fine_u) = (a.to_vec(), lift(a), lift(u));
        if self.form().gated() {
            let none = vec![F::zero(); size.batch * size.hidden];
            self.plain.gate(size, &mut gates, u, &none, &mut none.clone());
            self.fine.gate(size, &mut fine_a, &fine_u, &lift(&none), &mut lift(&none));
        }
        let mut fine_saved = vec![Anchored::default(); saved.len() / EACH];
        let step = Forward {
            a: &fine_a,
            u: &fine_u,
            h_prev: &lift(h_prev),
            c_prev: &lift(c_prev),
            h: &mut lift(h),
            c: &mut lift(c),
            saved: &mut fine_saved,
        };
        self.fine.forward(size, &lift(own), step);
        let mut plain_saved = plain_of(saved);
        let step = Forward { a: &gates, u, h_prev, c_prev, h, c, saved: &mut plain_saved };
        self.plain.forward(size, own, step);
        save(&plain_saved, &fine_saved, saved);
    }

    fn read(&self, size: Size, own: &[F], c: &[F], saved: &mut [F], h: &mut [F]) {
        let (mut plain_saved, mut fine_saved) = (plain_of(saved), fine_of(saved));
        self.fine.read(size, &lift(own), &lift(c), &mut fine_saved, &mut lift(h));
        self.plain.read(size, own, c, &mut plain_saved, h);
        save(&plain_saved, &fine_saved, saved);
    }

    fn backward(&self, size: Size, own: &[F], step: Backward<'_, F>) {
        let Backward { saved, h_prev, c_prev, d_h, reads, d_c, d_a, d_u, d_h_prev, d_c_prev, d_own } = step;
        let [mut to_c, mut to_a, mut to_u] = [&*d_c, &*d_a, &*d_u].map(lift);
        let [mut to_h_prev, mut to_c_prev, mut to_own] = [&*d_h_prev, &*d_c_prev, &*d_own].map(lift);
        let step = Backward {
            saved: &fine_of(saved),
            h_prev: &lift(h_prev),
            c_prev: &lift(c_prev),
            d_h: &lift(d_h),
            reads,
            d_c: &mut to_c,
            d_a: &mut to_a,
            d_u: &mut to_u,
            d_h_prev: &mut to_h_prev,
            d_c_prev: &mut to_c_prev,
            d_own: &mut to_own,
        };
        self.fine.backward(size, &lift(own), step);
        let from = [to_c, to_a, to_u, to_h_prev, to_c_prev, to_own];
        from.iter().zip([d_c, d_a, d_u, d_h_prev, d_c_prev, d_own]).for_each(|(from, to)| lower(from, to));
    }

    fn read_back(&self, size: Size, own: &[F], saved: &[F], d_h: &[F], d_c: &mut [F], add: bool) {
        let mut to = lift(d_c);
        self.fine.read_back(size, &lift(own), &fine_of(saved), &lift(d_h), &mut to, add);
        lower(&to, d_c);
    }

    /// m; `a` stays as it is, so that [`forward`](Self::forward) sees the pre-activations of the gates.
    fn gate(&self, size: Size, a: &mut [F], u: &[F], h: &[F], m: &mut [F]) {
        self.plain.gate(size, &mut a.to_vec(), u, h, m);
    }

    fn gate_back(&self, size: Size, saved: &[F], h: &[F], d_m: &[F], d: [&mut [F]; 3]) {
        let mut to = [&*d[0], &*d[1], &*d[2]].map(lift);
        let [to_a, to_u, to_h] = &mut to;
        self.fine.gate_back(size, &fine_of(saved), &lift(h), &lift(d_m), [to_a, to_u, to_h]);
        to.iter().zip(d).for_each(|(from, to)| lower(from, to));
    }

    fn look(&self, size: Size, own: &[F], looks: Looks<'_, F>) -> bool {
        self.plain.look(size, own, Looks { saved: &plain_of(looks.saved), ..looks })
    }

    fn single(&self, _: &SingleWeights<F>, _: SingleStep<'_, F>) -> bool {
        unreachable!("`has_single` says that there is none")
    }
}

fn lift<F: Real>(from: &[F]) -> Vec<Anchored> {
    from.iter().map(|&x| <Anchored as NumCast>::from(x).expect("a float has a value")).collect()
}

fn lower<F: Real>(from: &[Anchored], to: &mut [F]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = F::of(from.value()));
}

fn plain_of<F: Real>(saved: &[F]) -> Vec<F> {
    saved.iter().copied().step_by(EACH).collect()
}

fn fine_of<F: Real>(saved: &[F]) -> Vec<Anchored> {
    let double = |x: F| x.to_f64().expect("a float has a value");
    saved.chunks_exact(EACH).map(|each| Anchored::new(double(each[1]), double(each[2]))).collect()
}

fn save<F: Real>(plain: &[F], fine: &[Anchored], saved: &mut [F]) {
    for (to, (&plain, fine)) in saved.chunks_exact_mut(EACH).zip(plain.iter().zip(fine)) {
        to.copy_from_slice(&[plain, F::of(fine.whole), F::of(fine.rest)]);
    }
}
