//! Numbers that know how far they are from a whole number.

use std::cmp::Ordering;
use std::fmt;
use std::num::FpCategory;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use num_traits::{Float, Num, NumCast, One, ToPrimitive, Zero};

/// whole + rest, each a double. The saturated value tanh 30 = 1 − 2 e⁻⁶⁰ + … is (1, −2 e⁻⁶⁰) with all digits of e⁻⁶⁰, and the
/// slope 1 − tanh² 30 comes out as 4 e⁻⁶⁰, where plain doubles have 1 and 0. `whole` is a small integer, on which doubles are
/// exact; `rest` is rounded relative to its own size.
///
/// A value that is not near a whole number has `whole` = 0 and behaves as a double. Comparisons compare the sums.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Anchored {
    pub(crate) whole: f64,
    pub(crate) rest: f64,
}

impl Anchored {
    pub(crate) fn new(whole: f64, rest: f64) -> Self {
        Self { whole, rest }
    }

    /// The number as a double.
    pub(crate) fn value(self) -> f64 {
        self.whole + self.rest
    }

    /// A number of which no more than its value is known.
    fn plain(rest: f64) -> Self {
        Self::new(0.0, rest)
    }
}

impl Add for Anchored {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self::new(self.whole + o.whole, self.rest + o.rest)
    }
}

impl Sub for Anchored {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self::new(self.whole - o.whole, self.rest - o.rest)
    }
}

impl Mul for Anchored {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        let crossed = self.whole * o.rest + self.rest * o.whole;
        Self::new(self.whole * o.whole, crossed + self.rest * o.rest)
    }
}

/// 1 / (1 + r) = 1 − r / (1 + r) for |r| < 1/2: the sigmoid's division keeps its distance from 1.
impl Div for Anchored {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let quotient = self.whole / o.whole;
        if quotient.fract() == 0.0 && o.rest.abs() < 0.5 * o.whole.abs() {
            return Self::new(quotient, (self.rest - quotient * o.rest) / o.value());
        }
        Self::plain(self.value() / o.value())
    }
}

impl Rem for Anchored {
    type Output = Self;
    fn rem(self, o: Self) -> Self {
        Self::plain(self.value() % o.value())
    }
}

impl Neg for Anchored {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.whole, -self.rest)
    }
}

macro_rules! assign {
    ($($trait:ident $method:ident $op:tt),*) => {$(
        impl $trait for Anchored {
            fn $method(&mut self, o: Self) {
                *self = *self $op o;
            }
        }
    )*};
}

assign!(AddAssign add_assign +, SubAssign sub_assign -, MulAssign mul_assign *, DivAssign div_assign /,
    RemAssign rem_assign %);

impl PartialEq for Anchored {
    fn eq(&self, o: &Self) -> bool {
        self.partial_cmp(o) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Anchored {
    fn partial_cmp(&self, o: &Self) -> Option<Ordering> {
        let difference = (*self - *o).value();
        if difference.is_nan() {
            return self.value().partial_cmp(&o.value());
        }
        difference.partial_cmp(&0.0)
    }
}

impl fmt::Display for Anchored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} + {}", self.whole, self.rest)
    }
}

impl Zero for Anchored {
    fn zero() -> Self {
        Self::plain(0.0)
    }
    fn is_zero(&self) -> bool {
        self.value() == 0.0
    }
}

impl One for Anchored {
    fn one() -> Self {
        Self::new(1.0, 0.0)
    }
}

impl Num for Anchored {
    type FromStrRadixErr = <f64 as Num>::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f64::from_str_radix(text, radix).map(Self::plain)
    }
}

impl ToPrimitive for Anchored {
    fn to_i64(&self) -> Option<i64> {
        self.value().to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.value().to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        Some(self.value())
    }
}

impl NumCast for Anchored {
    fn from<T: ToPrimitive>(n: T) -> Option<Self> {
        n.to_f64().map(Self::plain)
    }
}

/// What is known of the value alone.
macro_rules! of_value {
    (constants: $($constant:ident)*; questions: $($question:ident -> $answer:ty)*; one: $($one:ident)*; two: $($two:ident)*) => {
        $(fn $constant() -> Self { Self::plain(<f64 as Float>::$constant()) })*
        $(fn $question(self) -> $answer { <f64 as Float>::$question(self.value()) })*
        $(fn $one(self) -> Self { Self::plain(<f64 as Float>::$one(self.value())) })*
        $(fn $two(self, o: Self) -> Self { Self::plain(<f64 as Float>::$two(self.value(), o.value())) })*
    };
}

impl Float for Anchored {
    of_value! {
        constants: nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon;
        questions: is_nan -> bool is_infinite -> bool is_finite -> bool is_normal -> bool classify -> FpCategory
            is_sign_positive -> bool is_sign_negative -> bool integer_decode -> (u64, i16, i8);
        one: floor ceil round trunc fract signum recip sqrt exp exp2 ln log2 log10 cbrt sin cos tan asin acos atan exp_m1
            ln_1p sinh cosh asinh acosh atanh;
        two: powf log abs_sub hypot atan2
    }

    /// 1 − 2 / (e^{2|z|} + 1), with the sign of z; near 0 the plain value.
    fn tanh(self) -> Self {
        let z = self.value();
        if z.abs() < 0.5 {
            return Self::plain(z.tanh());
        }
        let sign = z.signum();
        Self::new(sign, -sign * 2.0 / ((2.0 * z.abs()).exp() + 1.0))
    }

    fn abs(self) -> Self {
        if self.value() < 0.0 { -self } else { self }
    }

    fn max(self, o: Self) -> Self {
        if self >= o || o.is_nan() { self } else { o }
    }

    fn min(self, o: Self) -> Self {
        if self <= o || o.is_nan() { self } else { o }
    }

    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }

    fn powi(self, n: i32) -> Self {
        Self::plain(self.value().powi(n))
    }

    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
}

#[cfg(test)]
mod tests {
    use num_traits::{Float, One};

    use super::Anchored;
    use crate::{sigmoid, tanh};

    fn close(got: Anchored, want: f64) {
        assert!((got.value() - want).abs() <= 4.0 * f64::EPSILON * want.abs(), "{got}, not {want}");
    }

    /// sech² z = 4 e^{−2|z|} / (1 + e^{−2|z|})² and σ(z) σ(−z) = e^{−|z|} / (1 + e^{−|z|})², neither with a difference.
    #[test]
    fn slopes_and_complements_do_not_cancel() {
        for k in -340..=340 {
            let z = f64::from(k) + 0.25;
            let x = Anchored::plain(z);
            let one = Anchored::one();
            let e = (-2.0 * z.abs()).exp();
            let y = tanh(x);
            close(y, z.tanh());
            close(one - y * y, 4.0 * e / (1.0 + e).powi(2));
            let e = (-z.abs()).exp();
            let y = sigmoid(x);
            close(y * (one - y), e / (1.0 + e).powi(2));
            close(one - y, 1.0 / (1.0 + z.exp()));
        }
    }

    #[test]
    fn numbers_that_round_to_the_same_double_are_still_ordered() {
        let (near, nearer) = (tanh(Anchored::plain(30.0)), tanh(Anchored::plain(31.0)));
        assert_eq!(near.value(), nearer.value());
        assert!(near < nearer && nearer < Anchored::one() && near != nearer);
        assert_eq!(Anchored::new(1.0, 0.0), Anchored::plain(1.0));
        assert!(Anchored::infinity() == Anchored::infinity() && Anchored::nan() != Anchored::nan());
    }
}
