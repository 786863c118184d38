//! The error type.

use thiserror::Error;

/// Errors of this crate.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Only square matrices have eigenvalues.
    #[error("a {rows} x {columns} matrix has no eigenvalues; it must be square")]
    NotSquare {
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        columns: usize,
    },
    /// A matrix holds NaN or an infinity.
    #[error("entry ({row}, {column}) of the matrix is {value}")]
    NonFinite {
        /// Row of the first such entry, from 0.
        row: usize,
        /// Its column.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// A Jacobian has another size than the product that it is multiplied with.
    #[error("a {rows} x {columns} Jacobian does not fit states of {state} numbers")]
    StateSize {
        /// Numbers in a state.
        state: usize,
        /// Rows of the Jacobian.
        rows: usize,
        /// Columns of the Jacobian.
        columns: usize,
    },
    /// The iteration did not converge.
    #[error("the {what} of this {rows} x {columns} matrix did not converge")]
    NoConvergence {
        /// What was computed.
        what: &'static str,
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        columns: usize,
    },
    /// The steps of a layer are not slopes times W_hh.
    #[error(
        "layer {layer} has no factors of its steps: they need h_t = φ(W_ih x_t + W_hh h_(t−1) + b), in one direction"
    )]
    NoStepFactors {
        /// The layer, an index of [`Stack::layers`](rnn_core::Stack::layers).
        layer: usize,
    },
    /// Fixed points are those of one layer, whose state is known from its outputs.
    #[error("this network has no fixed points to look for; they need that {why}")]
    NoFixedPoints {
        /// What does not hold.
        why: &'static str,
    },
    /// A window of truncated back-propagation has at least one timestep.
    #[error("a window of truncated back-propagation has at least one timestep")]
    NoWindow,
    /// The gradients of a layer have no single elementwise path.
    #[error("the gradients of layer {layer} are not split by path: they need one direction, and no zoneout")]
    NoPaths {
        /// The layer, an index of [`Stack::layers`](rnn_core::Stack::layers).
        layer: usize,
    },
    /// A number that was given lies outside of its range.
    #[error("{what} is {value}; it must be {range}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
        /// Where it must lie, in words.
        range: &'static str,
    },
    /// An input has another number of features than the network reads.
    #[error("the input has {given} features, but the network reads {features}")]
    InputSize {
        /// Features that the network reads.
        features: usize,
        /// Features of the input.
        given: usize,
    },
    /// There are too few samples.
    #[error("{count} {what} are too few; {least} are the least")]
    TooFew {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many are needed.
        least: usize,
    },
    /// The cell is not of the kind that a method is made for.
    #[error("{cell} does not suit {what}, which needs {needs}")]
    UnsuitedCell {
        /// The name of the cell.
        cell: String,
        /// The method.
        what: &'static str,
        /// What the method needs.
        needs: &'static str,
    },
    /// An exhaustive search would take too long.
    #[error(
        "the search for cycles of length {length} of {units} units has looked at {limit} inequalities and is not done; look \
         for shorter cycles or in a smaller network, or raise the limit"
    )]
    TooManyItineraries {
        /// The length of the cycles.
        length: usize,
        /// The units of the network.
        units: usize,
        /// How many inequalities are looked at.
        limit: usize,
    },
    /// A linear network without a stationary state.
    #[error("the spectral radius of W is {radius}; a memory in closed form needs one below 1 - 1e-4")]
    Unstable {
        /// The spectral radius.
        radius: f64,
    },
    /// A cell that is not built in has to be given over dual numbers.
    #[error("no built-in cell is called {cell}: give the cell over dual numbers as well")]
    NoDualCell {
        /// The cell's name.
        cell: String,
    },
    /// A derivative is NaN or infinite.
    #[error("number {index} of {what} is {value}")]
    NonFiniteDerivative {
        /// Derivative of what.
        what: &'static str,
        /// The place in the list of parameters, from 0.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A direction that is mapped to zero has a Lyapunov exponent of minus infinity, which has no gradient.
    #[error(
        "column {column} vanishes at timestep {timestep}: its Lyapunov exponent has no gradient; ask for fewer exponents"
    )]
    VanishedDirection {
        /// The timestep, from 1.
        timestep: usize,
        /// The column of Q, from 0.
        column: usize,
    },
    /// A batch has targets of a kind that this crate does not know.
    #[error("the targets of the batch are of a kind that is not known here")]
    UnknownTargets,
    /// A network of this kind, or on this batch, has no diagnosis.
    #[error("there is no diagnosis of this network on this batch; it needs that {why}")]
    NoDiagnosis {
        /// What does not hold.
        why: &'static str,
    },
    /// A learning rate is positive and finite.
    #[error("the learning rate is {rate}; it must be positive and finite")]
    Rate {
        /// The rate.
        rate: f64,
    },
    /// The network could not be run.
    #[error(transparent)]
    Network(#[from] rnn_core::Error),
}

/// A result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
