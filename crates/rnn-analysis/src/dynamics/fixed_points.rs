//! Fixed points of a network with a constant input, by Newton's method.

use faer::Mat;
use faer::linalg::solvers::Solve;
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3, Axis};
use num_complex::Complex64;
use rnn_core::{LayerState, Real, Run, Stack, State, Workspace};

use crate::error::{Error, Result};
use crate::flow::{norm, number};
use crate::spectrum::{eigenvalues, singular_values};

/// The most Newton steps from one start, each of which may be halved.
const STEPS: usize = 200;

/// A step that does not lead to a smaller residual is halved so many times.
const HALVINGS: i32 = 12;

/// States beyond this are not followed.
const FAR: f64 = 1e100;

/// A state s with F(s) = s, where F is one step of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedPoint {
    /// s: h, or h and c, one after the other.
    pub state: Array1<f64>,
    /// The eigenvalues of ∂F/∂s, largest magnitude first.
    pub eigenvalues: Vec<Complex64>,
}

impl FixedPoint {
    /// Whether states near this one come ever nearer: every eigenvalue is inside the unit circle.
    pub fn is_stable(&self) -> bool {
        self.eigenvalues.iter().all(|z| z.norm() < 1.0)
    }
}

/// The fixed points of a network of one layer that reads `x`, (features), at every timestep: those that Newton's method finds
/// from `starts`, (starts, n), states of n numbers. Each is listed once, in the order in which the starts found them.
///
/// A start need not be near a fixed point: a step that does not lead to a smaller ‖F(s) − s‖ is halved. From some starts
/// the method ends elsewhere, in a minimum of that norm, and finds nothing. A fixed point is left out if I − ∂F/∂s is singular
/// up to rounding, since it then may be one of a continuum, as every state on an axis of a linear network with an
/// eigenvalue of 1.
///
/// # Errors
/// [`Error::NoFixedPoints`] for a network of several layers or with two directions, and for a cell whose h is a function of c
/// alone, such as the leaky unit. If `x` or `starts` does not fit or is not finite.
///
/// # Reference
/// Sussillo and Barak 2013, *Opening the black box: low-dimensional dynamics in high-dimensional recurrent neural networks*,
/// Neural Computation 25(3). Golub and Sussillo 2018, *FixedPointFinder*, Journal of Open Source Software 3(31).
///
/// ```
/// use ndarray::{Array1, array};
/// use rnn_analysis::fixed_points;
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // h = tanh(2 h): 0 is not stable, ±0.9575 are.
/// let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 1, &[1], Bias::None)?;
/// rnn.set_parameter("weight_hh_l0", array![[2.0]].view().into_dyn())?;
/// let points = fixed_points(&rnn, Array1::zeros(1).view(), array![[-1.0], [0.1], [1.0]].view())?;
/// assert_eq!(points.len(), 3);
/// for point in points {
///     let h = point.state[0];
///     assert!((h - (2.0 * h).tanh()).abs() < 1e-15);
///     assert_eq!(point.is_stable(), h.abs() > 0.5);
/// }
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn fixed_points<F: Real>(
    stack: &Stack<F>,
    x: ArrayView1<'_, F>,
    starts: ArrayView2<'_, F>,
) -> Result<Vec<FixedPoint>> {
    let map = Map::new(stack, x, starts.nrows())?;
    let n = map.parts.iter().sum::<usize>();
    if starts.ncols() != n {
        return Err(Error::StateSize { state: n, rows: starts.nrows(), columns: starts.ncols() });
    }
    let mut ws = stack.workspace();
    let mut searches: Vec<Search> = starts.rows().into_iter().map(Search::from).collect();
    for _ in 0..STEPS {
        if searches.iter().all(Search::is_over) || searches.is_empty() {
            break;
        }
        map.step(&searches, &mut ws)?;
        for (b, search) in searches.iter_mut().enumerate().filter(|(_, search)| !search.is_over()) {
            let next = state_after(&ws, b);
            if search.look(next) {
                search.turn(stack.step_jacobian(&ws, 0, b, 1)?.view());
            }
        }
    }
    let loose = libm::pow(F::epsilon().to_f64().unwrap_or(f64::EPSILON), 0.4);
    let mut found: Vec<FixedPoint> = Vec::new();
    for Search { state, .. } in searches.into_iter().filter(Search::is_near::<F>) {
        let near = |other: &FixedPoint| {
            norm((&other.state - &state).iter().copied()) <= loose * (1.0 + norm(state.iter().copied()))
        };
        if found.iter().any(near) {
            continue;
        }
        let one = [Search::from(state.mapv(F::of).view())];
        Map { batch: 1, ..map.clone() }.step(&one, &mut ws)?;
        let jacobian = stack.step_jacobian(&ws, 0, 0, 1)?.mapv(number);
        let sigma = singular_values::<f64>((&Array2::eye(n) - &jacobian).view())?;
        let isolated = sigma.last().zip(sigma.first()).is_some_and(|(least, most)| *least > loose * most);
        if isolated {
            found.push(FixedPoint { state, eigenvalues: eigenvalues(jacobian.view())? });
        }
    }
    Ok(found)
}

/// One step of many states at once, with a constant input.
#[derive(Clone)]
struct Map<'a, F: Real> {
    stack: &'a Stack<F>,
    x: ArrayView1<'a, F>,
    batch: usize,
    /// How many numbers of a state are h, and how many are c.
    parts: [usize; 2],
}

impl<'a, F: Real> Map<'a, F> {
    fn new(stack: &'a Stack<F>, x: ArrayView1<'a, F>, batch: usize) -> Result<Self> {
        let [layer] = stack.layers() else {
            return Err(Error::NoFixedPoints { why: "the network has one layer and one direction" });
        };
        let parts = [layer.output(), layer.cell_width()];
        if layer.state_width() != parts.iter().sum() {
            return Err(Error::NoFixedPoints { why: "the state is h, or h and c" });
        }
        Ok(Self { stack, x, batch, parts })
    }

    /// Records a step from the place where each search is.
    fn step(&self, searches: &[Search], ws: &mut Workspace<F>) -> Result<()> {
        let [h, c] = self.parts;
        let of = |first: usize, width: usize| {
            Array2::from_shape_fn((self.batch, width), |(b, j)| F::of(searches[b].place()[first + j]))
        };
        let state = State { layers: vec![LayerState { h: of(0, h), c: (c > 0).then(|| of(h, c)) }] };
        let x = Array3::from_shape_fn((self.batch, 1, self.x.len()), |(_, _, j)| self.x[j]);
        Ok(self.stack.forward(Run::over(x.view()).from_state(&state), ws)?)
    }
}

/// The state of one search after that step.
fn state_after<F: Real>(ws: &Workspace<F>, b: usize) -> Array1<f64> {
    let (h, c) = (ws.hidden(0), ws.cell(0));
    let own = |states: ArrayView3<'_, F>| states.index_axis(Axis(0), b).index_axis(Axis(0), 0).to_vec();
    own(h).into_iter().chain(own(c)).map(number).collect()
}

/// Newton's method from one start.
struct Search {
    /// The best state so far, once there is a residual.
    state: Array1<f64>,
    /// ‖F(s) − s‖ there.
    residual: f64,
    /// The Newton step from there.
    step: Array1<f64>,
    /// How often that step was halved.
    halved: i32,
    /// The state that is tried next.
    trial: Array1<f64>,
    /// Its F(s) − s.
    off: Array1<f64>,
    over: bool,
}

impl Search {
    fn from<F: Real>(start: ArrayView1<'_, F>) -> Self {
        let trial = start.mapv(number);
        Self {
            state: trial.clone(),
            residual: f64::INFINITY,
            step: Array1::zeros(trial.len()),
            halved: 0,
            off: Array1::zeros(trial.len()),
            trial,
            over: false,
        }
    }

    fn is_over(&self) -> bool {
        self.over
    }

    /// The state to look at.
    fn place(&self) -> &Array1<f64> {
        if self.over { &self.state } else { &self.trial }
    }

    /// Takes the state that was tried, if F(s), which is `next`, is nearer to it than at the last one, and halves the step
    /// otherwise. Returns whether a new step is wanted.
    fn look(&mut self, next: Array1<f64>) -> bool {
        self.off = next - &self.trial;
        let residual = norm(self.off.iter().copied());
        if residual < self.residual {
            (self.residual, self.halved) = (residual, 0);
            self.state.assign(&self.trial);
            self.over = residual == 0.0;
            return !self.over;
        }
        self.halved += 1;
        self.over = self.halved > HALVINGS;
        self.trial = &self.state + &(&self.step * 0.5f64.powi(self.halved));
        false
    }

    /// (∂F/∂s − I) Δ = s − F(s).
    fn turn<F: Real>(&mut self, jacobian: ArrayView2<'_, F>) {
        let n = self.trial.len();
        let entry = |i: usize, j: usize| number(jacobian[[i, j]]) - f64::from(u8::from(i == j));
        let step = Mat::from_fn(n, n, entry).partial_piv_lu().solve(Mat::from_fn(n, 1, |i, _| -self.off[i]));
        self.step = Array1::from_shape_fn(n, |i| step[(i, 0)]);
        self.trial = &self.state + &self.step;
        self.over = !self.trial.iter().all(|x| x.abs() < FAR);
    }

    /// Whether F(s) = s to rounding.
    fn is_near<F: Real>(&self) -> bool {
        let epsilon = F::epsilon().to_f64().unwrap_or(f64::EPSILON);
        self.residual <= 1e3 * epsilon * (1.0 + norm(self.state.iter().copied()))
    }
}
