//! The loop over all parameters that every optimizer's step is.

use pulp::NullaryFnOnce;

use crate::error::{Error, Place, Result};
use crate::kernel::lanes::LANES;
use crate::kernel::simd;
use crate::network::params::Params;
use crate::{Parameters, Real};

/// The arithmetic of one parameter with `N` moments.
///
/// It runs in the working type `W`: the float type of the parameters, but at least `f32`, because squares of gradients
/// underflow in narrower types, and so does ε.
pub(super) trait Rule<const N: usize>: Copy {
    /// The settings, rounded to the working type.
    type Rates<W: Real>: Copy;

    fn rates<W: Real>(self) -> Self::Rates<W>;

    /// The parameter and its moments after the step.
    fn next<W: Real>(rates: &Self::Rates<W>, theta: W, gradient: W, moments: [W; N]) -> (W, [W; N]);
}

/// One number for each parameter, block by block, zeros at first; in the working type.
#[derive(Clone, Debug)]
pub(super) enum Moments<F> {
    Own(Vec<Vec<F>>),
    Wide(Vec<Vec<f32>>),
}

impl<F: Real> Moments<F> {
    /// No step has needed any yet.
    pub(super) fn new() -> Self {
        if size_of::<F>() < size_of::<f32>() { Self::Wide(Vec::new()) } else { Self::Own(Vec::new()) }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Own(blocks) => blocks.is_empty(),
            Self::Wide(blocks) => blocks.is_empty(),
        }
    }

    /// In double precision, which holds every number of `f32` and `f64`.
    pub(super) fn to_f64(&self) -> Vec<Vec<f64>> {
        fn wide<W: Real>(blocks: &[Vec<W>]) -> Vec<Vec<f64>> {
            blocks
                .iter()
                .map(|block| block.iter().map(|x| x.to_f64().unwrap_or(f64::NAN)).collect())
                .collect()
        }
        match self {
            Self::Own(blocks) => wide(blocks),
            Self::Wide(blocks) => wide(blocks),
        }
    }

    pub(super) fn from_f64(blocks: &[Vec<f64>]) -> Self {
        fn rounded<W: Real>(blocks: &[Vec<f64>]) -> Vec<Vec<W>> {
            blocks.iter().map(|block| block.iter().map(|&x| W::of(x)).collect()).collect()
        }
        match Self::new() {
            Self::Own(_) => Self::Own(rounded(blocks)),
            Self::Wide(_) => Self::Wide(rounded(blocks)),
        }
    }

    /// Makes zeros for these parameters unless there are moments; an error if those are for other parameters.
    fn fit(&mut self, params: &impl Parameters<F>) -> Result<()> {
        fn fit<F: Real, W: Real>(blocks: &mut Vec<Vec<W>>, params: &impl Parameters<F>) -> Result<()> {
            if blocks.is_empty() {
                *blocks = params.blocks().map(|p| vec![W::zero(); p.len()]).collect();
            }
            if params.blocks().map(Params::len).eq(blocks.iter().map(Vec::len)) {
                return Ok(());
            }
            let (expected, found) = (params.parameter_count(), blocks.iter().map(Vec::len).sum());
            Err(Error::OtherNetwork { what: "the optimizer", expected, found })
        }
        match self {
            Self::Own(blocks) => fit(blocks, params),
            Self::Wide(blocks) => fit(blocks, params),
        }
    }
}

/// One step of every parameter by `rule`.
///
/// # Errors
/// [`Error::OtherNetwork`] if gradients or moments are for other parameters, and [`Error::NonFinite`] if a parameter or a
/// moment would not be finite after the step. Nothing has changed then.
pub(super) fn update<F: Real, R: Rule<N>, const N: usize>(
    rule: R,
    params: &mut impl Parameters<F>,
    gradients: &impl Parameters<F>,
    mut moments: [&mut Moments<F>; N],
) -> Result<()> {
    if !params.blocks().map(Params::len).eq(gradients.blocks().map(Params::len)) {
        let (expected, found) = (params.parameter_count(), gradients.parameter_count());
        return Err(Error::OtherNetwork { what: "the gradient", expected, found });
    }
    let new: [bool; N] = std::array::from_fn(|i| moments[i].is_empty());
    let outcome = moments.iter_mut().try_for_each(|moments| moments.fit(params)).and_then(|()| {
        if let Moments::Wide(_) = Moments::<F>::new() {
            let wide = moments.each_mut().map(|moments| match &mut **moments {
                Moments::Wide(blocks) => blocks.as_mut_slice(),
                Moments::Own(_) => unreachable!("the variant follows from the float type"),
            });
            let load = |x: F| x.to_f32().unwrap_or(f32::NAN);
            run(rule, params, gradients, wide, load, |x| F::of(f64::from(x)))
        } else {
            let own = moments.each_mut().map(|moments| match &mut **moments {
                Moments::Own(blocks) => blocks.as_mut_slice(),
                Moments::Wide(_) => unreachable!("the variant follows from the float type"),
            });
            run(rule, params, gradients, own, |x| x, |x| x)
        }
    });
    if outcome.is_err() {
        for (moments, new) in moments.into_iter().zip(new) {
            if new {
                *moments = Moments::new();
            }
        }
    }
    outcome
}

fn run<F: Real, W: Real, R: Rule<N>, const N: usize>(
    rule: R,
    params: &mut impl Parameters<F>,
    gradients: &impl Parameters<F>,
    mut moments: [&mut [Vec<W>]; N],
    load: impl Fn(F) -> W + Copy,
    store: impl Fn(W) -> F + Copy,
) -> Result<()> {
    let rates = &rule.rates::<W>();
    for (k, (p, g)) in params.blocks().zip(gradients.blocks()).enumerate() {
        let moments = moments.each_ref().map(|blocks| blocks[k].as_slice());
        let check = Check::<F, W, R, _, _, N> {
            rates,
            theta: p.as_slice(),
            gradient: g.as_slice(),
            moments,
            load,
            store,
        };
        if !simd::dispatch(check) {
            return Err(first_non_finite::<F, W, R, N>(rates, (p, g), moments, load, store));
        }
    }
    for (k, (p, g)) in params.blocks_mut().zip(gradients.blocks()).enumerate() {
        simd::dispatch(Apply::<F, W, R, _, _, N> {
            rates,
            theta: p.as_mut_slice(),
            gradient: g.as_slice(),
            moments: moments.each_mut().map(|blocks| blocks[k].as_mut_slice()),
            load,
            store,
        });
    }
    Ok(())
}

/// Whether all numbers are finite after the step, which is not taken.
struct Check<'a, F, W: Real, R: Rule<N>, L, S, const N: usize> {
    rates: &'a R::Rates<W>,
    theta: &'a [F],
    gradient: &'a [F],
    moments: [&'a [W]; N],
    load: L,
    store: S,
}

impl<F: Real, W: Real, R: Rule<N>, L: Fn(F) -> W, S: Fn(W) -> F, const N: usize> NullaryFnOnce
    for Check<'_, F, W, R, L, S, N>
{
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        let Self { rates, theta, gradient, moments, load, store } = self;
        // 0 · x is 0 for every finite x, and NaN otherwise.
        let mut sums = [F::zero(); LANES];
        let mut moment_sums = [W::zero(); LANES];
        let mut look = |lane: usize, theta: F, gradient: F, moments: [W; N]| {
            let (theta, moments) = R::next(rates, load(theta), load(gradient), moments);
            sums[lane] += F::zero() * store(theta);
            for moment in moments {
                moment_sums[lane] += W::zero() * moment;
            }
        };
        let ((theta, theta_rest), (gradient, gradient_rest)) =
            (theta.as_chunks::<LANES>(), gradient.as_chunks::<LANES>());
        let chunked = moments.map(|moments| moments.as_chunks::<LANES>());
        for (c, (theta, gradient)) in theta.iter().zip(gradient).enumerate() {
            let moments = chunked.map(|(chunks, _)| &chunks[c]);
            for lane in 0..LANES {
                look(lane, theta[lane], gradient[lane], moments.map(|moments| moments[lane]));
            }
        }
        for (lane, (&theta, &gradient)) in theta_rest.iter().zip(gradient_rest).enumerate() {
            look(lane, theta, gradient, chunked.map(|(_, rest)| rest[lane]));
        }
        sums.iter().all(|&sum| sum == F::zero()) && moment_sums.iter().all(|&sum| sum == W::zero())
    }
}

/// The step.
struct Apply<'a, F, W: Real, R: Rule<N>, L, S, const N: usize> {
    rates: &'a R::Rates<W>,
    theta: &'a mut [F],
    gradient: &'a [F],
    moments: [&'a mut [W]; N],
    load: L,
    store: S,
}

impl<F: Real, W: Real, R: Rule<N>, L: Fn(F) -> W, S: Fn(W) -> F, const N: usize> NullaryFnOnce
    for Apply<'_, F, W, R, L, S, N>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { rates, theta, gradient, moments, load, store } = self;
        // Copies, so that the compiler knows that no store changes them.
        let rates = *rates;
        let count = theta.len();
        let gradient = &gradient[..count];
        let mut moments = moments.map(|moments| &mut moments[..count]);
        for at in 0..count {
            let before = moments.each_ref().map(|moments| moments[at]);
            let (next, after) = R::next(&rates, load(theta[at]), load(gradient[at]), before);
            theta[at] = store(next);
            for (moments, after) in moments.iter_mut().zip(after) {
                moments[at] = after;
            }
        }
    }
}

/// The error for the first number of a block that would not be finite after the step.
fn first_non_finite<F: Real, W: Real, R: Rule<N>, const N: usize>(
    rates: &R::Rates<W>,
    (params, gradients): (&Params<F>, &Params<F>),
    moments: [&[W]; N],
    load: impl Fn(F) -> W,
    store: impl Fn(W) -> F,
) -> Error {
    let both = params.as_slice().iter().zip(gradients.as_slice());
    let bad = both.enumerate().find_map(|(at, (&theta, &gradient))| {
        let before = moments.map(|moments| moments[at]);
        let (theta, after) = R::next(rates, load(theta), load(gradient), before);
        if !store(theta).is_finite() {
            return Some((at, theta.to_string()));
        }
        after.into_iter().find(|moment| !moment.is_finite()).map(|moment| (at, moment.to_string()))
    });
    let (at, value) = bad.unwrap_or((0, "NaN".to_owned()));
    let (name, index) = params.place(at);
    Error::NonFinite { place: Place::Update { name, index }, value }
}
