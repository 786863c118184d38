//! What sets the units of one cell apart, beside their equations: gates, state, products, parameters.

/// The constant facts of a [`Unit`](crate::Unit).
///
/// A form starts from the names of the gates and says what is special with one method each:
///
/// ```
/// use rnn_core::cell::{Form, Gate};
///
/// const LSTM: Form =
///     Form::new(&[Gate::admits("i"), Gate::keeps("f"), Gate::new("g"), Gate::new("o")]).reads_cell();
/// assert_eq!(LSTM.gates[1].name, "f");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Form {
    /// The gates, in the order of their blocks of rows in W_ih and W_hh.
    pub gates: &'static [Gate],
    /// The parameters that the unit has of its own, one number for each unit, in the order in which they lie.
    pub own: &'static [OwnParameter],
    /// The product that gives a_t.
    pub input: InputProduct,
    /// The product that gives u_t.
    pub recurrence: Recurrence,
    /// Whether ∂L/∂u_t differs from ∂L/∂a_t. It does not where the unit only uses the sum a_t + u_t.
    pub split: bool,
    /// Whether h_t is read from c_t by [`Unit::read`](crate::Unit::read).
    pub reads_cell: bool,
    /// What the state is: the numbers on which everything later depends.
    pub state: StateKind,
    /// Whether the unit may use h_{t−1} other than through W_hh. A unit that does not needs less memory in a layer with a
    /// projection.
    pub uses_h: bool,
}

/// One gate of a unit: one block of rows of W_ih and W_hh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The name, as in the literature.
    pub name: &'static str,
    /// What the gate does to the state; initializations of gates go by it.
    pub role: GateRole,
}

/// What a gate does to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateRole {
    /// The old state is multiplied by the gate: the forget gate f of an LSTM, the update gate z of a GRU.
    Keeps,
    /// The new state is multiplied by the gate: the input gate i of an LSTM. Where no gate [`Keeps`](Self::Keeps), the old
    /// state is multiplied by 1 minus this gate, as in the minimal gated unit.
    Admits,
    /// Anything else.
    Other,
}

impl Gate {
    /// A gate or a candidate that neither keeps the old state nor admits the new one.
    pub const fn new(name: &'static str) -> Self {
        Self { name, role: GateRole::Other }
    }

    /// A gate with which the old state is multiplied.
    pub const fn keeps(name: &'static str) -> Self {
        Self { name, role: GateRole::Keeps }
    }

    /// A gate with which the new state is multiplied.
    pub const fn admits(name: &'static str) -> Self {
        Self { name, role: GateRole::Admits }
    }
}

/// A parameter with one number for each unit, beside W_ih, W_hh and the biases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnParameter {
    /// The name without the layer's number: `weight_ci`.
    pub name: &'static str,
    /// How [`Init::PyTorch`](crate::Init::PyTorch) and [`Init::Linear`](crate::Init::Linear) set the parameter.
    pub start: OwnStart,
}

/// The initial value of a parameter of a unit's own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum OwnStart {
    /// As W_hh: uniform between ±1/√hidden.
    Drawn,
    /// Uniform between these two numbers.
    Uniform(f64, f64),
    /// This number.
    Constant(f64),
}

/// How the input x_t becomes a_t.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputProduct {
    /// a_t = W_ih x_t + b_ih.
    Full,
    /// a_t = x_t for every gate: the layer has no W_ih and no b_ih, and as many inputs as units.
    Identity,
}

/// How h_{t−1} becomes u_t.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recurrence {
    /// u_t = W_hh h_{t−1} + b_hh.
    Full,
    /// u_t = (W_hh − W_hhᵀ) h_{t−1} + b_hh, for each gate's block of W_hh: all eigenvalues are imaginary.
    Antisymmetric,
    /// As [`Full`](Self::Full), but the last gate's block is multiplied with [`Unit::gate`](crate::Unit::gate) of h_{t−1},
    /// which depends on the other gates: u_t of the last gate is W_hn m_t + b_hn.
    Gated,
    /// The layer has no W_hh and no b_hh; u_t is 0.
    None,
}

/// The numbers on which everything later depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// h alone: the unit has no c.
    Hidden,
    /// c alone: h_t is a function of c_t and the parameters.
    Cell,
    /// h and c: h_t also depends on a gate.
    Both,
}

impl Form {
    /// A unit with these gates, the last of which is the candidate if there is one. Both products are full, only a_t + u_t
    /// matters, and the state is h and whatever else [`Unit::State`](crate::Unit::State) holds.
    pub const fn new(gates: &'static [Gate]) -> Self {
        Self {
            gates,
            own: &[],
            input: InputProduct::Full,
            recurrence: Recurrence::Full,
            split: false,
            reads_cell: false,
            state: StateKind::Hidden,
            uses_h: true,
        }
    }

    /// a_t and u_t act apart: [`Gradient::u`](crate::cell::Gradient::u) is read.
    #[must_use]
    pub const fn split(self) -> Self {
        Self { split: true, ..self }
    }

    /// The unit has these parameters of its own.
    #[must_use]
    pub const fn own(self, own: &'static [OwnParameter]) -> Self {
        Self { own, ..self }
    }

    /// How a_t follows from x_t.
    #[must_use]
    pub const fn input(self, input: InputProduct) -> Self {
        Self { input, ..self }
    }

    /// How u_t follows from h_{t−1}.
    #[must_use]
    pub const fn recurrence(self, recurrence: Recurrence) -> Self {
        Self { recurrence, ..self }
    }

    /// h_t is read from c_t and gates, as in an LSTM; h and c are the state.
    #[must_use]
    pub const fn reads_cell(self) -> Self {
        Self { reads_cell: true, state: StateKind::Both, ..self }
    }

    /// h_t is a function of c_t and the unit's own parameters alone; c is the state.
    #[must_use]
    pub const fn state_is_cell(self) -> Self {
        Self { reads_cell: true, state: StateKind::Cell, ..self }
    }

    /// Only W_hh reads h_{t−1}: the first entry of the previous state is not used, and its gradient is 0.
    #[must_use]
    pub const fn ignores_h(self) -> Self {
        Self { uses_h: false, ..self }
    }

    /// Fails, at compile time, unless the form describes units with so many gates, entries of the state and own parameters.
    pub(crate) const fn check(&self, gates: usize, state: usize, own: usize) {
        assert!(self.gates.len() == gates, "`Unit::FORM` must name as many gates as `Unit::Gates` has");
        assert!(gates > 0, "`Unit::Gates` must have at least one gate");
        assert!(state > 0, "`Unit::State` must have h");
        assert!(self.own.len() == own, "`Unit::FORM` must name as many parameters as `Unit::Own` has");
        let has_c = self.reads_cell || matches!(self.state, StateKind::Cell | StateKind::Both);
        assert!(
            !has_c || state > 1,
            "`Unit::State` must have c where `Unit::FORM` says that h is read from c"
        );
        let mut n = 0;
        while n < own {
            let mut known = 0;
            while known < LAYERS.len() {
                let taken = same(self.own[n].name, LAYERS[known]);
                assert!(!taken, "a parameter of `Unit::FORM` has a name that layers use for one of theirs");
                known += 1;
            }
            let mut other = 0;
            while other < n {
                let twice = same(self.own[n].name, self.own[other].name);
                assert!(!twice, "two parameters of `Unit::FORM` have one name");
                other += 1;
            }
            n += 1;
        }
    }

    /// Whether one product of the step reads what another one has made.
    pub(crate) const fn gated(&self) -> bool {
        matches!(self.recurrence, Recurrence::Gated)
    }

    /// Whether the layer has W_hh and b_hh.
    pub(crate) const fn recurrent(&self) -> bool {
        !matches!(self.recurrence, Recurrence::None)
    }
}

/// The names of the parameters that any layer may have.
const LAYERS: [&str; 14] = [
    "weight_ih",
    "weight_hh",
    "weight_hr",
    "bias",
    "bias_ih",
    "bias_hh",
    "gain_ih",
    "gain_hh",
    "gain_c",
    "offset_ih",
    "offset_hh",
    "offset_c",
    "initial_h",
    "initial_c",
];

/// Whether two texts are the same, at compile time.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut n = 0;
    while n < a.len() && n < b.len() && a[n] == b[n] {
        n += 1;
    }
    n == a.len() && n == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `Cell::from` makes an error of the compiler.
    #[track_caller]
    fn contradicts(form: Form, [gates, state, own]: [usize; 3], part: &str) {
        let check = std::panic::catch_unwind(|| form.check(gates, state, own));
        let payload = check.expect_err("a contradiction");
        let text = payload.downcast_ref::<&str>().expect("a message");
        assert!(text.contains(part), "{text}");
    }

    #[test]
    fn a_form_that_contradicts_the_types_of_its_unit_is_refused() {
        const PEEPHOLE: OwnParameter = OwnParameter { name: "weight_ci", start: OwnStart::Drawn };
        const BIAS: OwnParameter = OwnParameter { name: "bias", start: OwnStart::Drawn };
        const GATES: &[Gate] = &[Gate::new("a"), Gate::keeps("f")];
        let form = Form::new(GATES);
        form.check(2, 1, 0);
        form.reads_cell().own(&[PEEPHOLE]).check(2, 2, 1);
        contradicts(form, [1, 1, 0], "as many gates");
        contradicts(form, [3, 1, 0], "as many gates");
        contradicts(Form::new(&[]), [0, 1, 0], "at least one gate");
        contradicts(form, [2, 0, 0], "must have h");
        contradicts(form.reads_cell(), [2, 1, 0], "must have c");
        contradicts(form.state_is_cell(), [2, 1, 0], "must have c");
        contradicts(form, [2, 1, 1], "as many parameters");
        contradicts(form.own(&[PEEPHOLE]), [2, 1, 0], "as many parameters");
        contradicts(form.own(&[PEEPHOLE, BIAS]), [2, 1, 2], "layers use");
        contradicts(form.own(&[PEEPHOLE, PEEPHOLE]), [2, 1, 2], "one name");
    }
}
