//! A recurrent cell of any kind.

use std::any::Any;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::Real;
use crate::cell::units::{Compiled, Units};
use crate::cell::{Form, Loops, Name, NameError, Unit, registry};
use crate::kernel::lanes::Lanes;

/// A recurrent cell of any kind: what a layer computes at each timestep, without its sizes and parameters.
///
/// Every [`Unit`] converts to a cell, so functions that take `impl Into<Cell<F>>` take a unit as it is. A built-in cell
/// can also be made from its name, which is what files do:
///
/// ```
/// use rnn_core::{Bias, Cell, Lstm, Stack};
///
/// let cell: Cell<f32> = "lstm".parse()?;
/// assert_eq!(cell, Cell::from(Lstm));
/// let rnn = Stack::zeros(cell, 2, &[3], Bias::Double)?;
/// assert_eq!(rnn.layers()[0].cell.to_string(), "lstm");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Two cells are equal if their names are.
///
/// A unit whose [form](Unit::FORM) contradicts its types is refused when the program is compiled: this one names two gates and
/// has one.
///
/// ```compile_fail
/// use rnn_core::cell::{Form, Gate, Gradient, Name};
/// use rnn_core::{Cell, Unit};
///
/// #[derive(Clone, Copy)]
/// struct TooManyNames;
///
/// impl Unit<f64> for TooManyNames {
///     type Gates = [f64; 1];
///     type State = [f64; 1];
///     type Saved = [f64; 0];
///     type Own = [f64; 0];
///     const FORM: Form = Form::new(&[Gate::new("h"), Gate::keeps("f")]); // with the first gate alone it compiles
///
///     fn name(&self) -> Name {
///         Name::new("too-many-names")
///     }
///
///     fn forward(&self, _: [f64; 0], [a]: [f64; 1], [u]: [f64; 1], _: [f64; 1]) -> ([f64; 1], [f64; 0]) {
///         ([a + u], [])
///     }
///
///     fn backward(&self, _: [f64; 0], _: [f64; 0], _: [f64; 1], d: [f64; 1]) -> Gradient<[f64; 1], [f64; 1], [f64; 0]> {
///         Gradient { a: d, u: d, previous: [0.0], own: [] }
///     }
/// }
///
/// let cell = Cell::<f64>::from(TooManyNames);
/// ```
pub struct Cell<F: Real> {
    pub(crate) units: Arc<dyn Units<F>>,
}

impl<F: Real> Cell<F> {
    pub(super) fn compiled<U: Unit<F>, const HERE: bool>(unit: U) -> Self {
        Self { units: Arc::new(Compiled::<U, HERE>(unit)) }
    }

    /// The name of the cell and its settings.
    pub fn name(&self) -> Name {
        self.units.name()
    }

    /// The constant facts of the cell's units: its gates, its products, its state.
    ///
    /// ```
    /// use rnn_core::{Cell, Gru};
    ///
    /// let gates = Cell::<f32>::from(Gru).form().gates;
    /// assert_eq!(gates.iter().map(|gate| gate.name).collect::<Vec<_>>(), ["r", "z", "n"]);
    /// ```
    pub fn form(&self) -> Form {
        self.units.form()
    }

    /// Every built-in cell with its usual settings, for any float type. [`Cell::<f32>::all`] and [`Cell::<f64>::all`] are
    /// the same and take less time to compile.
    pub fn all_of_any_float() -> Vec<Self> {
        registry::all::<F, false>()
    }

    /// A built-in cell by its name, for any float type, as [`all_of_any_float`](Self::all_of_any_float).
    ///
    /// # Errors
    /// [`NameError`] if no built-in cell is called so, or a setting is wrong.
    pub fn builtin_of_any_float(name: &Name) -> Result<Self, NameError> {
        registry::find::<F, false>(name)
    }
}

macro_rules! compiled_here {
    ($($float:ident)*) => {$(
        /// The built-in cells, compiled with this crate.
        impl Cell<$float> {
            /// Every built-in cell with its usual settings, in the order of the table of [`cell`](crate::cell).
            pub fn all() -> Vec<Self> {
                registry::all::<$float, true>()
            }

            /// A built-in cell by its name, with any settings that the cell has.
            ///
            /// # Errors
            /// [`NameError`] if no built-in cell is called so, or a setting is wrong.
            pub fn builtin(name: &Name) -> Result<Self, NameError> {
                registry::find::<$float, true>(name)
            }
        }

        /// A built-in cell by its name.
        impl FromStr for Cell<$float> {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::builtin(&text.parse()?)
            }
        }
    )*};
}

compiled_here!(f32 f64);

impl<F: Real, U: Unit<F>> From<U> for Cell<F> {
    fn from(unit: U) -> Self {
        const { U::FORM.check(U::Gates::N, U::State::N, U::Own::N) };
        // The loops of the other branch are plain ones: a built-in cell is not compiled anew where it is used.
        if let Loops::BuiltIn = U::LOOPS
            && let Some(cell) = compiled_here(&unit.name())
        {
            return cell;
        }
        Self::compiled::<_, false>(unit)
    }
}

/// A built-in cell for `f32` or `f64`.
fn compiled_here<F: Real>(name: &Name) -> Option<Cell<F>> {
    let mut found: Option<Cell<F>> = None;
    let place: &mut dyn Any = &mut found;
    if let Some(place) = place.downcast_mut::<Option<Cell<f32>>>() {
        *place = Cell::<f32>::builtin(name).ok();
    } else if let Some(place) = place.downcast_mut::<Option<Cell<f64>>>() {
        *place = Cell::<f64>::builtin(name).ok();
    }
    found
}

impl<F: Real> Clone for Cell<F> {
    fn clone(&self) -> Self {
        Self { units: Arc::clone(&self.units) }
    }
}

impl<F: Real> PartialEq for Cell<F> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl<F: Real> fmt::Display for Cell<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl<F: Real> fmt::Debug for Cell<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cell({self})")
    }
}
