//! Dual numbers: floats that carry a derivative along.

mod float;

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use num_traits::{Num, NumCast, One, ToPrimitive, Zero};
use rnn_core::{Cell, Model, Parameters, Params, Real, Stack};

use crate::error::{Error, Result};
use crate::flow::number;

/// A dual number v + d ε with ε² = 0: a value and its derivative in one direction.
///
/// Arithmetic on dual numbers is the chain rule, f(v + d ε) = f(v) + f′(v) d ε, so a program that runs over them computes its
/// own derivative, forward, and exactly. `Dual` is a [`Real`](rnn_core::Real): networks can be built of it. The gradient that
/// back-propagation computes over dual numbers has tangents, and these are second derivatives: with a parameter vector
/// θ + v ε, the gradient is ∇L + (H v) ε, with the Hessian H. [`Curvature`](crate::Curvature) is made of this.
///
/// Two dual numbers are compared by their values, so a branch is taken as it would be without tangents; at a kink, such as that
/// of a rectifier at 0, the derivative is the one of the branch that is taken.
///
/// ```
/// use num_traits::Float;
/// use rnn_analysis::Dual;
///
/// // d/dx (x² tanh x) at x = 2.
/// let x = Dual::new(2.0, 1.0);
/// let y = x * x * x.tanh();
/// let tanh = 2f64.tanh();
/// assert!((y.tangent - (4.0 * tanh + 4.0 * (1.0 - tanh * tanh))).abs() < 1e-14);
/// ```
///
/// # Reference
/// Pearlmutter 1994, *Fast exact multiplication by the Hessian*, Neural Computation 6(1), whose operator R{·} is this
/// arithmetic applied to back-propagation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual {
    /// v.
    pub value: f64,
    /// d.
    pub tangent: f64,
}

impl Dual {
    /// v + d ε.
    pub fn new(value: f64, tangent: f64) -> Self {
        Self { value, tangent }
    }

    /// A number that does not move: d = 0.
    pub fn constant(value: f64) -> Self {
        Self { value, tangent: 0.0 }
    }

    /// f(v) + f′(v) d ε, from f(v) and f′(v).
    #[inline]
    fn chain(self, value: f64, slope: f64) -> Self {
        Self::new(value, slope * self.tangent)
    }
}

impl Add for Dual {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        Self::new(self.value + o.value, self.tangent + o.tangent)
    }
}

impl Sub for Dual {
    type Output = Self;
    #[inline]
    fn sub(self, o: Self) -> Self {
        Self::new(self.value - o.value, self.tangent - o.tangent)
    }
}

impl Mul for Dual {
    type Output = Self;
    #[inline]
    fn mul(self, o: Self) -> Self {
        Self::new(self.value * o.value, self.tangent * o.value + self.value * o.tangent)
    }
}

impl Div for Dual {
    type Output = Self;
    #[inline]
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
    #[inline]
    fn neg(self) -> Self {
        Self::new(-self.value, -self.tangent)
    }
}

macro_rules! assign {
    ($($trait:ident $method:ident $op:tt),*) => {$(
        impl $trait for Dual {
            #[inline]
            fn $method(&mut self, o: Self) {
                *self = *self $op o;
            }
        }
    )*};
}

assign!(AddAssign add_assign +, SubAssign sub_assign -, MulAssign mul_assign *, DivAssign div_assign /,
    RemAssign rem_assign %);

impl PartialEq for Dual {
    #[inline]
    fn eq(&self, o: &Self) -> bool {
        self.value == o.value
    }
}

impl PartialOrd for Dual {
    #[inline]
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
        Self::constant(0.0)
    }
    fn is_zero(&self) -> bool {
        self.value == 0.0
    }
}

impl One for Dual {
    fn one() -> Self {
        Self::constant(1.0)
    }
}

impl Num for Dual {
    type FromStrRadixErr = <f64 as Num>::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> std::result::Result<Self, Self::FromStrRadixErr> {
        f64::from_str_radix(text, radix).map(Self::constant)
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
        n.to_f64().map(Self::constant)
    }
}

/// The built-in cell of this network, over dual numbers.
pub(crate) fn dual_cell<F: Real>(stack: &Stack<F>) -> Result<Cell<Dual>> {
    let name = stack.layers()[0].cell.name();
    Cell::builtin_of_any_float(&name).map_err(|_| Error::NoDualCell { cell: name.to_string() })
}

/// The same recurrent layers over dual numbers, with tangents of 0.
pub(crate) fn dual_stack<F: Real>(stack: &Stack<F>, cell: Cell<Dual>) -> Result<Stack<Dual>> {
    let options = *stack.options();
    let mut dual = Stack::zeros(cell, stack.input(), &hidden(stack), options)?;
    let all = dual.params_mut().as_mut_slice().iter_mut().zip(stack.params().as_slice());
    all.for_each(|(to, &from)| *to = Dual::constant(number(from)));
    Ok(dual)
}

/// The same model over dual numbers, with tangents of 0.
pub(crate) fn dual_model<F: Real>(model: &Model<F>, cell: Cell<Dual>) -> Result<Model<Dual>> {
    let (stack, outputs) = (&model.rnn, model.head.output());
    let zeros = Model::zeros(cell, stack.input(), &hidden(stack), outputs, *stack.options())?;
    let mut dual = zeros.with_readout(model.readout());
    let to = dual.blocks_mut().flat_map(Params::as_mut_slice);
    let from = model.blocks().flat_map(Params::as_slice);
    to.zip(from).for_each(|(to, &from)| *to = Dual::constant(number(from)));
    Ok(dual)
}

/// The units of each level.
fn hidden<F: Real>(stack: &Stack<F>) -> Vec<usize> {
    let directions = if stack.options().bidirectional { 2 } else { 1 };
    stack.layers().iter().step_by(directions).map(|layer| layer.hidden).collect()
}
