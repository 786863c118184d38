//! An activation that is known only at run time.

use crate::Real;
use crate::cell::activation::Kind;
use crate::cell::{
    Activation, Clip, HardSigmoid, HardTanh, Identity, Name, NameError, Relu, Sigmoid, Softsign, Squash, Tanh,
};

/// A built-in activation, whichever it is: what the cells of files have where the usual types do not fit. It is chosen anew
/// for each number, so cells with it are slower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnySquash {
    /// `hard-sigmoid`
    HardSigmoid,
    /// `hard-tanh`
    HardTanh,
    /// `identity`
    Identity,
    /// `relu`
    Relu,
    /// `sigmoid`
    Sigmoid,
    /// `softsign`
    Softsign,
    /// `tanh`
    Tanh,
}

/// `$call` with `$squash` the activation that `$any` is.
macro_rules! delegate {
    ($any:expr, $squash:ident => $call:expr) => {
        match $any {
            AnySquash::HardSigmoid => {
                let $squash = HardSigmoid;
                $call
            }
            AnySquash::HardTanh => {
                let $squash = HardTanh;
                $call
            }
            AnySquash::Identity => {
                let $squash = Identity;
                $call
            }
            AnySquash::Relu => {
                let $squash = Relu;
                $call
            }
            AnySquash::Sigmoid => {
                let $squash = Sigmoid;
                $call
            }
            AnySquash::Softsign => {
                let $squash = Softsign;
                $call
            }
            AnySquash::Tanh => {
                let $squash = Tanh;
                $call
            }
        }
    };
}

impl AnySquash {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::HardSigmoid,
        Self::HardTanh,
        Self::Identity,
        Self::Relu,
        Self::Sigmoid,
        Self::Softsign,
        Self::Tanh,
    ];

    /// The activation of this name, perhaps within bounds.
    pub(in crate::cell) fn find(of: &Name, key: &str) -> Result<MaybeClipped, NameError> {
        let wrong = || of.wrong(key, "the name of an activation, as `tanh` or `clip(of=tanh, limit=3)`");
        let text = of.get(key).unwrap_or_default();
        let known = |text: &str| Self::ALL.into_iter().find(|squash| Squash::<f64>::name(squash) == text);
        if let Some(plain) = known(text) {
            return Ok(plain.into());
        }
        let name: Name = text.parse().map_err(|_| wrong())?;
        let plain = name.get("of").and_then(known).filter(|_| name.base() == "clip").ok_or_else(wrong)?;
        let limit = name.number("limit").ok().filter(|&limit| limit > 0.0).ok_or_else(wrong)?;
        Ok(MaybeClipped { of: plain, limit })
    }
}

impl<F: Real> Squash<F> for AnySquash {
    const KIND: Kind = Kind::Called;

    fn name(&self) -> String {
        delegate!(self, squash => Squash::<F>::name(&squash))
    }

    // Not inlined: the code of every activation in every place of a cell would be too much.
    #[inline(never)]
    fn value(&self, z: F) -> F {
        delegate!(self, squash => squash.value(z))
    }

    #[inline(never)]
    fn slope(&self, y: F) -> F {
        delegate!(self, squash => squash.slope(y))
    }

    #[inline(never)]
    fn back(&self, d: F, y: F) -> F {
        delegate!(self, squash => squash.back(d, y))
    }
}

/// An activation that may be held within bounds; an infinite limit is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cell) struct MaybeClipped {
    pub(in crate::cell) of: AnySquash,
    pub(in crate::cell) limit: f64,
}

impl From<AnySquash> for MaybeClipped {
    fn from(of: AnySquash) -> Self {
        Self { of, limit: f64::INFINITY }
    }
}

impl<F: Real> Squash<F> for MaybeClipped {
    const KIND: Kind = Kind::Called;

    fn name(&self) -> String {
        let Self { of, limit } = *self;
        if limit.is_finite() { Squash::<F>::name(&Clip { of, limit }) } else { Squash::<F>::name(&of) }
    }

    #[inline(never)]
    fn value(&self, z: F) -> F {
        let Self { of, limit } = *self;
        if limit.is_finite() { Clip { of, limit }.value(z) } else { of.value(z) }
    }

    #[inline(never)]
    fn slope(&self, y: F) -> F {
        let Self { of, limit } = *self;
        if limit.is_finite() { Clip { of, limit }.slope(y) } else { of.slope(y) }
    }

    #[inline(never)]
    fn back(&self, d: F, y: F) -> F {
        let Self { of, limit } = *self;
        if limit.is_finite() { Clip { of, limit }.back(d, y) } else { of.back(d, y) }
    }
}

impl<F: Real> Activation<F> for MaybeClipped {
    const KIND: Kind = Kind::Called;

    fn name(&self) -> String {
        Squash::<F>::name(self)
    }

    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        let y = self.value(z);
        (y, self.slope(y))
    }
}
