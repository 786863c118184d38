//! Lyapunov exponents block by block, for error bars and for their change over time.

use ndarray::{Array2, ArrayView2, Axis};
use rnn_core::{Error as NetworkError, Layer, Random, Real, Stack, State};

use super::{BurnIn, Directions};
use crate::dynamics::trajectory::{Input, follow};
use crate::error::Result;
use crate::interval::{Interval, block_bootstrap};

/// How a run is cut into blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// The steps before the first block.
    pub burn_in: BurnIn,
    /// How many blocks there are.
    pub count: usize,
    /// The steps of each block.
    pub steps: usize,
    /// How many directions are followed: those that grow fastest. `None` for all. Fewer directions take less time.
    pub leading: Option<usize>,
}

/// The Lyapunov exponents of one layer over each block of a run: natural logarithms per step.
///
/// The directions go on from block to block, so the mean over blocks is the exponent of the whole run. A block's numbers are its
/// finite-time exponents along these directions.
#[derive(Clone, Debug, PartialEq)]
pub struct LyapunovBlocks {
    /// (blocks, directions), in the order of the columns of Q, as
    /// [`LyapunovSpectrum::by_column`](crate::LyapunovSpectrum#structfield.by_column).
    pub by_block: Array2<f64>,
    /// The steps of each block.
    pub steps: usize,
}

impl LyapunovBlocks {
    /// The exponents of the whole run, largest first.
    pub fn sorted(&self) -> Vec<f64> {
        super::sorted(&self.by_block.mean_axis(Axis(0)).map_or(Vec::new(), |mean| mean.to_vec()))
    }

    /// The exponents with confidence intervals of this level, largest mean first, by [`block_bootstrap`]. The intervals hold if a
    /// block is so long that the exponents of different blocks are independent; they say nothing about an error that is common
    /// to all, such as a burn-in that is too short.
    ///
    /// # Errors
    /// As [`block_bootstrap`]: there must be at least 8 blocks.
    pub fn intervals(&self, level: f64, rng: &mut (impl Random<f64> + ?Sized)) -> Result<Vec<Interval>> {
        let mut intervals = block_bootstrap(self.by_block.view(), level, rng)?;
        intervals.sort_by(|a, b| b.mean.total_cmp(&a.mean));
        Ok(intervals)
    }
}

/// The Lyapunov exponents of each layer of an autonomous network, as [`lyapunov_exponents`](crate::lyapunov_exponents), block by
/// block.
///
/// # Errors
/// As [`lyapunov_exponents`](crate::lyapunov_exponents); also if there are no blocks, a block has no steps, or no direction is followed.
/// If more directions are asked for than a layer has numbers in its state, all of them are followed.
///
/// ```
/// use ndarray::array;
/// use rand::SeedableRng;
/// use rnn_analysis::{Blocks, BurnIn, lyapunov_blocks};
/// use rnn_core::{Bias, Elman, LayerState, Parameters, Stack, State};
///
/// // h_t = tanh(W h_{t−1}) with a W that makes it chaotic.
/// let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 1, &[3], Bias::None)?;
/// let w = array![[5.0, -4.0, 1.0], [3.0, 4.0, -6.0], [-7.0, 2.0, 5.0]];
/// rnn.set_parameter("weight_hh_l0", w.view().into_dyn())?;
/// let start = State { layers: vec![LayerState { h: array![[0.1, 0.2, -0.3]], c: None }] };
/// let plan =
///     Blocks { burn_in: BurnIn { state: 100, directions: 100 }, count: 20, steps: 100, leading: Some(1) };
/// let blocks = &lyapunov_blocks(&rnn, Some(&start), plan)?[0];
/// let largest = blocks.intervals(0.95, &mut rand_pcg::Pcg64Dxsm::seed_from_u64(0))?[0];
/// assert!(largest.covers(blocks.sorted()[0]));
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn lyapunov_blocks<F: Real>(
    stack: &Stack<F>,
    initial: Option<&State<F>>,
    plan: Blocks,
) -> Result<Vec<LyapunovBlocks>> {
    run(stack, Input::Zeros, initial, plan)
}

/// The Lyapunov exponents of each layer of a network that reads `x`, (time, features), as
/// [`driven_lyapunov_exponents`](crate::driven_lyapunov_exponents), block by block. What `x` holds after the last block is not read.
///
/// # Errors
/// As [`lyapunov_blocks`], and if `x` is shorter than the burn-in and all blocks together.
pub fn driven_lyapunov_blocks<F: Real>(
    stack: &Stack<F>,
    x: ArrayView2<'_, F>,
    initial: Option<&State<F>>,
    plan: Blocks,
) -> Result<Vec<LyapunovBlocks>> {
    let needed = plan.count.saturating_mul(plan.steps).saturating_add(plan.burn_in.directions);
    let needed = needed.saturating_add(plan.burn_in.state);
    if x.nrows() < needed {
        return Err(crate::Error::TooFew { what: "timesteps of x", count: x.nrows(), least: needed });
    }
    run(stack, Input::Given(x), initial, plan)
}

fn run<F: Real>(
    stack: &Stack<F>,
    input: Input<'_, F>,
    initial: Option<&State<F>>,
    plan: Blocks,
) -> Result<Vec<LyapunovBlocks>> {
    let Blocks { burn_in: BurnIn { state, directions }, count, steps, leading } = plan;
    for (what, size) in [
        ("the number of blocks", count),
        ("the number of steps of a block", steps),
        ("the number of directions", leading.unwrap_or(1)),
    ] {
        if size == 0 {
            return Err(NetworkError::ZeroSize { what }.into());
        }
    }
    let mut layers: Vec<(Directions, Vec<f64>)> = stack
        .layers()
        .iter()
        .map(Layer::state_width)
        .map(|n| (Directions::new(leading.map_or(n, |k| k.min(n)), n, directions), Vec::new()))
        .collect();
    let taken = directions.saturating_add(count.saturating_mul(steps));
    follow(stack, input, initial, [state, taken], |layer, jacobian| {
        let (own, blocks) = &mut layers[layer];
        own.step(jacobian);
        if own.taken > directions && (own.taken - directions).is_multiple_of(steps) {
            blocks.extend(own.sums.iter().map(|sum| sum / steps as f64));
            own.sums.fill(0.0);
        }
    })?;
    let collected = |(own, blocks): (Directions, Vec<f64>)| {
        let by_block = Array2::from_shape_vec((count, own.sums.len()), blocks).expect("a row for each block");
        LyapunovBlocks { by_block, steps }
    };
    Ok(layers.into_iter().map(collected).collect())
}
