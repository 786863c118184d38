//! Dual numbers, v + d ε with ε² = 0: a float that carries a derivative along.
//!
//! Arithmetic on them is the chain rule, so a program that runs over them computes its own derivative in one direction,
//! forward, by no formula of its author's. Only what a network calls is there.

use std::cmp::Ordering;
use std::fmt;
use std::num::FpCategory;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use num_traits::{Float, Num, NumCast, One, ToPrimitive, Zero};

/// v + d ε.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dual {
    pub(crate) value: f64,
    pub(crate) tangent: f64,
}

impl Dual {
    pub(crate) fn new(value: f64, tangent: f64) -> Self {
        Self { value, tangent }
    }

    /// f(v + d ε) = f(v) + f′(v) d ε.
    fn chain(self, value: f64, slope: f64) -> Self {
        Self::new(value, slope * self.tangent)
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self::new(self.value + o.value, self.tangent + o.tangent)
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self::new(self.value - o.value, self.tangent - o.tangent)
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Self::new(self.value * o.value, self.tangent * o.value + self.value * o.tangent)
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let quotient = self.value / o.value;
        Self::new(quotient, (self.tangent - quotient * o.tangent) / o.value)
    }
}

impl Rem for Dual {
    type Output = Self;
    fn rem(self, o: Self) -> Self {
        Self::new(self.value % o.value, self.tangent - (self.value / o.value).trunc() * o.tangent)
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.value, -self.tangent)
    }
}

macro_rules! assign {
    ($($trait:ident $method:ident $op:tt),*) => {$(
        impl $trait for Dual {
            fn $method(&mut self, o: Self) {
                *self = *self $op o;
            }
        }
    )*};
}

assign!(AddAssign add_assign +, SubAssign sub_assign -, MulAssign mul_assign *, DivAssign div_assign /,
    RemAssign rem_assign %);

/// Two duals are equal, or one is less, as their values are: a branch of a program is taken by values.
impl PartialEq for Dual {
    fn eq(&self, o: &Self) -> bool {
        self.value == o.value
    }
}

impl PartialOrd for Dual {
    fn partial_cmp(&self, o: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&o.value)
    }
}

impl fmt::Display for Dual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} + {} ε", self.value, self.tangent)
    }
}

impl Zero for Dual {
    fn zero() -> Self {
        Self::new(0.0, 0.0)
    }
    fn is_zero(&self) -> bool {
        self.value == 0.0
    }
}

impl One for Dual {
    fn one() -> Self {
        Self::new(1.0, 0.0)
    }
}

impl Num for Dual {
    type FromStrRadixErr = <f64 as Num>::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f64::from_str_radix(text, radix).map(|value| Self::new(value, 0.0))
    }
}

impl ToPrimitive for Dual {
    fn to_i64(&self) -> Option<i64> {
        self.value.to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.value.to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        Some(self.value)
    }
}

impl NumCast for Dual {
    fn from<T: ToPrimitive>(n: T) -> Option<Self> {
        n.to_f64().map(|value| Self::new(value, 0.0))
    }
}

/// Constants and properties of the value.
macro_rules! of_value {
    (constants: $($constant:ident)*; questions: $($question:ident -> $answer:ty)*; unused: $($unused:ident)*;
     unused2: $($unused2:ident)*) => {
        $(fn $constant() -> Self { Self::new(<f64 as Float>::$constant(), 0.0) })*
        $(fn $question(self) -> $answer { <f64 as Float>::$question(self.value) })*
        $(fn $unused(self) -> Self { unimplemented!("no network calls it") })*
        $(fn $unused2(self, _: Self) -> Self { unimplemented!("no network calls it") })*
    };
}

impl Float for Dual {
    of_value! {
        constants: nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon;
        questions: is_nan -> bool is_infinite -> bool is_finite -> bool is_normal -> bool classify -> FpCategory
            is_sign_positive -> bool is_sign_negative -> bool integer_decode -> (u64, i16, i8);
        unused: floor ceil round trunc fract signum recip exp2 ln log2 log10 cbrt sin cos tan asin acos atan exp_m1
            ln_1p sinh cosh asinh acosh atanh;
        unused2: powf log abs_sub hypot atan2
    }

    fn abs(self) -> Self {
        if self.value < 0.0 { -self } else { self }
    }
    fn exp(self) -> Self {
        let y = self.value.exp();
        self.chain(y, y)
    }
    fn tanh(self) -> Self {
        let y = self.value.tanh();
        self.chain(y, 1.0 - y * y)
    }
    fn sqrt(self) -> Self {
        let y = self.value.sqrt();
        self.chain(y, 0.5 / y)
    }
    fn max(self, o: Self) -> Self {
        if self.value >= o.value { self } else { o }
    }
    fn min(self, o: Self) -> Self {
        if self.value <= o.value { self } else { o }
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }
    fn powi(self, n: i32) -> Self {
        self.chain(self.value.powi(n), <f64 as From<i32>>::from(n) * self.value.powi(n - 1))
    }
    fn sin_cos(self) -> (Self, Self) {
        unimplemented!("no network calls it")
    }
}
