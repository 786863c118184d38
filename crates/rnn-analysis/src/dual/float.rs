//! The functions of a float, by the chain rule.

use std::num::FpCategory;

use num_traits::Float;

use super::Dual;

/// Constants and properties are those of the value; functions with steps do not move.
macro_rules! of_value {
    (constants: $($constant:ident)*; questions: $($question:ident -> $answer:ty)*; steps: $($step:ident)*) => {
        $(fn $constant() -> Self { Self::constant(<f64 as Float>::$constant()) })*
        $(fn $question(self) -> $answer { <f64 as Float>::$question(self.value) })*
        $(fn $step(self) -> Self { Self::constant(<f64 as Float>::$step(self.value)) })*
    };
}

/// f, with its value and its slope as functions of x and, for the slope, of y = f(x).
macro_rules! functions {
    ($($name:ident: $f:path, |$x:ident, $y:ident| $slope:expr;)*) => {$(
        #[inline]
        fn $name(self) -> Self {
            let $x = self.value;
            let $y = $f($x);
            self.chain($y, $slope)
        }
    )*};
}

impl Float for Dual {
    of_value! {
        constants: nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon;
        questions: is_nan -> bool is_infinite -> bool is_finite -> bool is_normal -> bool classify -> FpCategory
            is_sign_positive -> bool is_sign_negative -> bool integer_decode -> (u64, i16, i8);
        steps: floor ceil round trunc signum
    }

    functions! {
        exp: libm::exp, |_x, y| y;
        exp2: libm::exp2, |_x, y| y * std::f64::consts::LN_2;
        exp_m1: libm::expm1, |_x, y| y + 1.0;
        ln: libm::log, |x, _y| 1.0 / x;
        log2: libm::log2, |x, _y| 1.0 / (x * std::f64::consts::LN_2);
        log10: libm::log10, |x, _y| 1.0 / (x * std::f64::consts::LN_10);
        ln_1p: libm::log1p, |x, _y| 1.0 / (1.0 + x);
        sqrt: f64::sqrt, |_x, y| 0.5 / y;
        cbrt: libm::cbrt, |_x, y| 1.0 / (3.0 * y * y);
        sin: libm::sin, |x, _y| libm::cos(x);
        cos: libm::cos, |x, _y| -libm::sin(x);
        tan: libm::tan, |_x, y| 1.0 + y * y;
        asin: libm::asin, |x, _y| 1.0 / (1.0 - x * x).sqrt();
        acos: libm::acos, |x, _y| -1.0 / (1.0 - x * x).sqrt();
        atan: libm::atan, |x, _y| 1.0 / (1.0 + x * x);
        sinh: libm::sinh, |x, _y| libm::cosh(x);
        cosh: libm::cosh, |x, _y| libm::sinh(x);
        tanh: libm::tanh, |_x, y| 1.0 - y * y;
        asinh: libm::asinh, |x, _y| 1.0 / (x * x + 1.0).sqrt();
        acosh: libm::acosh, |x, _y| 1.0 / (x * x - 1.0).sqrt();
        atanh: libm::atanh, |x, _y| 1.0 / (1.0 - x * x);
    }

    fn fract(self) -> Self {
        Self::new(<f64 as Float>::fract(self.value), self.tangent)
    }
    fn abs(self) -> Self {
        if self.value < 0.0 { -self } else { self }
    }
    fn recip(self) -> Self {
        Self::constant(1.0) / self
    }
    fn powi(self, n: i32) -> Self {
        let power = |n: i32| libm::pow(self.value, f64::from(n));
        let slope = if n == 0 { 0.0 } else { f64::from(n) * power(n - 1) };
        self.chain(power(n), slope)
    }
    fn powf(self, n: Self) -> Self {
        let y = libm::pow(self.value, n.value);
        let base =
            if n.value == 0.0 { 0.0 } else { n.value * libm::pow(self.value, n.value - 1.0) * self.tangent };
        let exponent = if n.tangent == 0.0 { 0.0 } else { y * libm::log(self.value) * n.tangent };
        Self::new(y, base + exponent)
    }
    fn log(self, base: Self) -> Self {
        self.ln() / base.ln()
    }
    fn max(self, o: Self) -> Self {
        if self.value >= o.value || o.value.is_nan() { self } else { o }
    }
    fn min(self, o: Self) -> Self {
        if self.value <= o.value || o.value.is_nan() { self } else { o }
    }
    fn abs_sub(self, o: Self) -> Self {
        if self.value <= o.value { Self::constant(0.0) } else { self - o }
    }
    #[inline]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }
    fn hypot(self, o: Self) -> Self {
        let y = libm::hypot(self.value, o.value);
        let slope = |x: f64| if y == 0.0 { 0.0 } else { x / y };
        Self::new(y, slope(self.value) * self.tangent + slope(o.value) * o.tangent)
    }
    fn atan2(self, o: Self) -> Self {
        let square = self.value * self.value + o.value * o.value;
        let tangent = (self.tangent * o.value - self.value * o.tangent) / square;
        Self::new(libm::atan2(self.value, o.value), tangent)
    }
    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
}
