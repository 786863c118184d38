//! All fixed points and cycles of a piecewise-linear network, by its linear regions.

use faer::Mat;
use faer::linalg::solvers::Solve;
use ndarray::{Array1, Array2, ArrayView1};
use num_complex::Complex64;
use rnn_core::{Real, Stack};

use super::affine::Affine;
use super::feasible::Inequalities;
use crate::error::{Error, Result};
use crate::spectrum::eigenvalues;

/// Inequalities that [`cycles`] looks at before it gives up, those of each beginning of an itinerary counted again, and
/// those of many units counted several times.
const LIMIT: usize = 1 << 26;

/// A z of this size, relative to the largest, may be 0.
const BORDER: f64 = 1e-10;

/// A linear system whose inverse has larger entries than this, relative to its own, counts as singular.
const SINGULAR: f64 = 1e11;

/// A cycle s_1 → s_2 → … → s_k → s_1 of a network with a constant input.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// The states, (k, n): h for an Elman cell, c for a leaky unit.
    pub states: Array2<f64>,
    /// Which units are active, that is, have a pre-activation or a c above 0, in each of these states, (k, n).
    pub active: Array2<bool>,
    /// The eigenvalues of the Jacobian of k steps, largest magnitude first.
    pub eigenvalues: Vec<Complex64>,
}

impl Cycle {
    /// k: 1 for a fixed point.
    pub fn length(&self) -> usize {
        self.states.nrows()
    }

    /// Whether states near the cycle come ever nearer: every eigenvalue is inside the unit circle.
    pub fn is_stable(&self) -> bool {
        self.eigenvalues.iter().all(|z| z.norm() < 1.0)
    }
}

/// All cycles of exactly `length` steps of a piecewise-linear network of one layer that reads `x`, (features), at every timestep; with
/// a length of 1, all its fixed points. Each is listed once.
///
/// The cells are the Elman cell with relu and the leaky unit with relu, which is the piecewise-linear network of Durstewitz. Both are
///
/// ```text
/// z_t = A z_{t−1} + W relu(z_{t−1}) + b        A = 0 or (1 − α) I
/// ```
///
/// and where the signs of z_1 .. z_k are known (the *itinerary*), k steps are one affine map, whose fixed point is the solution of a
/// linear system. The search goes through all itineraries, sign by sign, and leaves out those whose first part no z_1 can have,
/// which linear programming decides, and those that start elsewhere on the same cycle. So it finds every cycle, stable or not, however
/// small its basin.
///
/// # Limits
/// A cycle is left out if I minus its Jacobian is singular up to rounding: it may then be one of a continuum. A cycle on the border
/// of two regions, with an entry of z that is 0 up to rounding, is listed once, with the eigenvalues of one of them.
/// The number of itineraries is 2ⁿ for fixed points, and for cycles depends on how many of the 2ⁿᵏ are possible. A search that
/// looks at more than 2²⁶ inequalities, those of each beginning of an itinerary
/// counted again, is refused.
///
/// # Errors
/// [`Error::NoFixedPoints`] for several layers or two directions, [`Error::UnsuitedCell`] for another cell, [`Error::InputSize`],
/// [`Error::OutOfRange`] for a number that is not finite or a length of 0, and [`Error::TooManyItineraries`].
///
/// # Reference
/// Durstewitz 2017, *A state space approach for piecewise-linear recurrent neural networks*, PLOS Computational Biology 13(6); Eisenmann,
/// Monfared, Göring and Durstewitz 2023, *Bifurcations and loss jumps in RNN training*, NeurIPS, whose search is a heuristic for
/// larger networks.
///
/// ```
/// use ndarray::{Array1, array};
/// use rnn_analysis::cycles;
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // The tent map s ↦ 1 − 2 |s| with s = 1 − 2 (h_1 + h_2), h_1 = relu(s), h_2 = relu(−s).
/// let mut rnn = Stack::<f64>::zeros(Elman::relu(), 1, &[2], Bias::Single)?;
/// rnn.set_parameter("weight_hh_l0", array![[-2.0, -2.0], [2.0, 2.0]].view().into_dyn())?;
/// rnn.set_parameter("bias_l0", array![1.0, -1.0].view().into_dyn())?;
/// let x = Array1::zeros(1);
/// let counts = [1, 2, 3, 4, 5].map(|k| cycles(&rnn, x.view(), k).map(|found| found.len()));
/// assert_eq!(counts, [Ok(2), Ok(1), Ok(2), Ok(3), Ok(6)]);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn cycles<F: Real>(stack: &Stack<F>, x: ArrayView1<'_, F>, length: usize) -> Result<Vec<Cycle>> {
    cycles_within(stack, x, length, LIMIT)
}

/// As [`cycles`], but gives up after another number of inequalities: at 2²⁶, where [`cycles`] does, a search has taken from some ten seconds to a minute.
///
/// # Errors
/// As [`cycles`].
pub fn cycles_within<F: Real>(
    stack: &Stack<F>,
    x: ArrayView1<'_, F>,
    length: usize,
    limit: usize,
) -> Result<Vec<Cycle>> {
    const WHAT: &str = "the enumeration of cycles";
    const NEEDS: &str = "an Elman cell or a leaky unit with relu";
    if length == 0 {
        return Err(Error::OutOfRange { what: "the length of a cycle", value: 0.0, range: "1 or more" });
    }
    let affine = Affine::of(stack, x, WHAT, NEEDS)?;
    let name = stack.layers()[0].cell.name();
    let leaky = name.base() == "leaky" && name.get("activation") == Some("relu");
    let (keep, take) = match name.number("alpha") {
        _ if name.to_string() == "rnn-relu" => (0.0, 1.0),
        Ok(alpha) if leaky => (1.0 - alpha, alpha),
        _ => return Err(Error::UnsuitedCell { cell: name.to_string(), what: WHAT, needs: NEEDS }),
    };
    let map = PiecewiseLinear { keep, w: &affine.w * take, b: affine.offset() * take };
    let units = affine.units();
    let mut search = Search {
        inequalities: Inequalities::new(if keep == 0.0 { 2 * units } else { 3 * units }),
        signs: Vec::with_capacity(length * units),
        periods: Vec::with_capacity(length),
        length,
        looked: 0,
        limit,
        found: Vec::new(),
        map: &map,
    };
    search.step(&Composed::identity(units))?;
    let elman = keep == 0.0 && !leaky;
    let seen = |Orbit { z, active, jacobian }: Orbit| {
        let states = if elman { z.mapv(|z| z.max(0.0)) } else { z };
        Ok(Cycle { states, active, eigenvalues: eigenvalues(jacobian.view())? })
    };
    search.found.into_iter().map(seen).collect()
}

/// z ↦ keep z + W relu(z) + b.
struct PiecewiseLinear {
    keep: f64,
    w: Array2<f64>,
    b: Array1<f64>,
}

impl PiecewiseLinear {
    fn units(&self) -> usize {
        self.b.len()
    }

    /// The matrix of the step where these units are active.
    fn jacobian(&self, active: &[bool]) -> Array2<f64> {
        let n = self.units();
        Array2::from_shape_fn((n, n), |(i, j)| {
            let leak = if i == j { self.keep } else { 0.0 };
            leak + if active[j] { self.w[[i, j]] } else { 0.0 }
        })
    }
}

/// The affine map from z_1 to z_t: z_t = M z_1 + v.
struct Composed {
    matrix: Array2<f64>,
    offset: Array1<f64>,
}

impl Composed {
    fn identity(n: usize) -> Self {
        Self { matrix: Array2::eye(n), offset: Array1::zeros(n) }
    }

    fn then(&self, map: &PiecewiseLinear, active: &[bool]) -> Self {
        let step = map.jacobian(active);
        Self { matrix: step.dot(&self.matrix), offset: step.dot(&self.offset) + &map.b }
    }
}

struct Orbit {
    z: Array2<f64>,
    active: Array2<bool>,
    jacobian: Array2<f64>,
}

struct Search<'a> {
    map: &'a PiecewiseLinear,
    length: usize,
    /// What the signs so far say of y = |z_1| and of z_k, from which z_1 comes: of p = relu(z_k) and, if z is kept, of
    /// q = relu(−z_k), one after the other.
    inequalities: Inequalities,
    /// The signs so far: n for each step.
    signs: Vec<bool>,
    /// For each step so far, the length of the shortest word whose repetition the steps up to it begin.
    periods: Vec<usize>,
    looked: usize,
    limit: usize,
    found: Vec<Orbit>,
}

impl Search<'_> {
    /// Goes on with all signs of the next step, `map` being the map from z_1 to there.
    fn step(&mut self, map: &Composed) -> Result<()> {
        if self.periods.len() < self.length {
            return self.sign(map, 0);
        }
        // A word that is a repetition belongs to shorter cycles.
        if self.periods.last() == Some(&self.length) {
            self.solve(map);
        }
        Ok(())
    }

    /// Goes on with both signs of one unit of this step.
    fn sign(&mut self, map: &Composed, unit: usize) -> Result<()> {
        let n = self.map.units();
        if unit == n {
            return self.next(map);
        }
        self.looked += 1 + self.inequalities.rows() * (1 + self.inequalities.unknowns() / 16);
        if self.looked > self.limit {
            return Err(Error::TooManyItineraries { length: self.length, units: n, limit: self.limit });
        }
        for active in [false, true] {
            let known = self.inequalities.clone();
            self.signs.push(active);
            self.restrict(map, unit, active);
            if self.inequalities.may_hold() {
                self.sign(map, unit + 1)?;
            }
            self.inequalities = known;
            self.signs.pop();
        }
        Ok(())
    }

    /// What the sign of one unit of this step, the last one known, says.
    fn restrict(&mut self, map: &Composed, unit: usize, active: bool) {
        let Self { map: PiecewiseLinear { keep, w, b }, inequalities, signs, periods, length, .. } = self;
        let n = b.len();
        let unknowns = inequalities.unknowns();
        // z_1 = ±y; a unit whose sign is not known yet does not occur.
        let sign = |j: usize| signs.get(j).map_or(0.0, |&active| if active { 1.0 } else { -1.0 });
        // This entry of z_t as a function of y.
        let through = |factor: f64| {
            (0..unknowns).map(move |j| if j < n { factor * sign(j) * map.matrix[[unit, j]] } else { 0.0 })
        };
        let offset = map.offset[unit];
        if periods.is_empty() {
            // keep (p − q) + W p + b − z_1 = 0
            let row = |j: usize| match (j / n, j % n) {
                (0, j) => {
                    if j == unit {
                        -sign(j)
                    } else {
                        0.0
                    }
                }
                (1, j) => w[[unit, j]] + if j == unit { *keep } else { 0.0 },
                (_, j) => {
                    if j == unit {
                        -*keep
                    } else {
                        0.0
                    }
                }
            };
            inequalities.push_equal(b[unit], (0..unknowns).map(row));
        } else {
            let factor = if active { 1.0 } else { -1.0 };
            inequalities.push(factor * offset, through(factor));
        }
        if periods.len() + 1 == *length {
            // This is z_k: z_t − p = 0 where it is active and q = 0; −z_t − q = 0 and p = 0 where it is not.
            let factor = if active { 1.0 } else { -1.0 };
            let (own, other) = if active { (n, 2 * n) } else { (2 * n, n) };
            if own < unknowns {
                let row = through(factor).enumerate();
                let row = row.map(|(j, x)| if j == own + unit { -1.0 } else { x });
                inequalities.push_equal(factor * offset, row);
            }
            if other < unknowns {
                let row = (0..unknowns).map(|j| f64::from(u8::from(j == other + unit)));
                inequalities.push_equal(0.0, row);
            }
        }
    }

    /// All signs of a step are known. Of all rotations of a word only the one that comes first in the dictionary is looked at: the
    /// prefixes of such words are known by comparing with the step one period earlier (Fredricksen, Kessler and Maiorana).
    fn next(&mut self, map: &Composed) -> Result<()> {
        let n = self.map.units();
        let t = self.periods.len();
        let word = |at: usize| &self.signs[at * n..][..n];
        let period = match self.periods.last() {
            None => 1,
            Some(&period) => match word(t).cmp(word(t - period)) {
                std::cmp::Ordering::Less => return Ok(()),
                std::cmp::Ordering::Equal => period,
                std::cmp::Ordering::Greater => t + 1,
            },
        };
        let after = map.then(self.map, word(t));
        self.periods.push(period);
        self.step(&after)?;
        self.periods.pop();
        Ok(())
    }

    /// The cycle of this itinerary, if there is one: the solution of z_{t+1} = J_t z_t + b for all t at once, which is well conditioned
    /// even where the map from z_1 to z_k is not.
    fn solve(&mut self, map: &Composed) {
        let n = self.map.units();
        let all = self.length * n;
        let active =
            Array2::from_shape_vec((self.length, n), self.signs.clone()).expect("n signs for each step");
        let mut system = Array2::<f64>::eye(all);
        for (t, signs) in active.rows().into_iter().enumerate() {
            let after = (t + 1) % self.length;
            let step = self.map.jacobian(signs.as_slice().expect("rows in memory"));
            for ((i, j), entry) in step.indexed_iter() {
                system[[after * n + i, t * n + j]] -= entry;
            }
        }
        // The second column says whether the system is singular: if it is, almost every right-hand side has a huge solution.
        let right = |i: usize, column: usize| {
            if column == 0 { self.map.b[i % n] } else { 1.0 + (0.618_033_988_75 * i as f64).fract() }
        };
        let right = Mat::from_fn(all, 2, right);
        let solved = Mat::from_fn(all, all, |i, j| system[[i, j]]).partial_piv_lu().solve(right);
        let entry = system.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
        let isolated = (0..all).all(|i| solved[(i, 1)].abs() * entry < SINGULAR);
        self.looked += all * all / 8;
        let z = Array2::from_shape_fn((self.length, n), |(t, i)| solved[(t * n + i, 0)]);
        let size =
            z.iter().fold(1.0, |most: f64, z| if z.is_nan() { f64::INFINITY } else { most.max(z.abs()) });
        let outside =
            |(&z, &active): (&f64, &bool)| if active { z < -BORDER * size } else { z > BORDER * size };
        if !size.is_finite() || z.iter().zip(&active).any(outside) {
            return;
        }
        // On a border the signs of a point are not its own: the cycle may be shorter than its itinerary, and it may have been found from
        // the other side, perhaps from another of its states.
        let on_border = z.iter().any(|z| z.abs() <= BORDER * size);
        let same =
            |row: ArrayView1<'_, f64>| (&row - &z.row(0)).iter().all(|off| off.abs() <= 10.0 * BORDER * size);
        let known = on_border
            && (z.rows().into_iter().skip(1).any(same)
                || self.found.iter().any(|other| other.z.rows().into_iter().any(same)));
        if isolated && !known {
            self.found.push(Orbit { z, active, jacobian: map.matrix.clone() });
        }
    }
}
