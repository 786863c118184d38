//! Layer normalization of some columns of every row, and its chain rule.
//!
//! ```text
//! LN(x; α, β) = α ∘ x̂ + β      x̂ = (x − μ) / σ      μ = mean(x), σ² = mean((x − μ)²) + ε
//! dL/dx = (1/σ) (d − mean(d) − x̂ mean(d ∘ x̂))       d = α ∘ dL/dLN
//! ```
//!
//! μ and σ are those of one sequence at one timestep, over all gates at once. With a gated recurrence, the last gate's u_t
//! is normalized by itself, because it is not known before the other gates are. A state c is normalized where h is read
//! from one number c for each unit; c_t itself goes on as it is.
//!
//! # Reference
//! Ba, Kiros and Hinton 2016, *Layer normalization*, arXiv:1607.06450, with the variance of `torch.nn.LayerNorm`, over n
//! and not n − 1. Their LSTM is `Lstm` with normalization here. Their GRU, in the code that one of the authors published
//! (github.com/ryankiros/layer-norm), normalizes the products of the candidate n apart from those of r and z.

mod row;

use crate::Real;
pub(super) use row::{ColumnProducts, Columns};

/// Which columns of rows are normalized, and where 1/σ goes.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) rows: usize,
    /// How many columns.
    pub(super) width: usize,
    /// How many columns a row has.
    pub(super) of: usize,
    /// The first of the columns.
    pub(super) first: usize,
    /// The column of the inverses that belongs to the part.
    pub(super) inverse: usize,
}

/// How many inverses there are in a row: of a, of u, of the last gate's u of a gated recurrence, of c.
pub(super) const INVERSES: usize = 4;

/// Where x lies.
#[derive(Clone, Copy)]
pub(super) enum Source<'a, F> {
    /// Where LN(x) goes.
    InPlace,
    /// In these columns of another buffer.
    From { x: &'a [F], of: usize, first: usize },
}

/// Writes LN(x) to `y`, x̂ to the same columns of `hats`, and 1/σ to `inverses`.
pub(super) fn forward<F: Real>(
    part: Part,
    eps: Option<f64>,
    gain_and_offset: (&[F], &[F]),
    source: Source<'_, F>,
    y: &mut [F],
    hats: &mut [F],
    inverses: &mut [F],
) {
    let eps = F::of(eps.unwrap_or_default());
    for row in 0..part.rows {
        let at = row * part.of + part.first;
        let (y, hat) = (&mut y[at..][..part.width], &mut hats[at..][..part.width]);
        let inverse = match source {
            Source::InPlace => row::normalize(y, eps, hat),
            Source::From { x, of, first } => row::normalize(&x[row * of + first..][..part.width], eps, hat),
        };
        inverses[row * INVERSES + part.inverse] = inverse;
        row::scale(hat, gain_and_offset, y);
    }
}

/// The chain rule: from dL/dLN, `d_y`, in the columns of the part, to dL/dx in `width` columns of rows of `of` numbers, from
/// `first` on, which is set or added to.
pub(super) fn backward<F: Real>(
    part: Part,
    gain: &[F],
    (d_y, hats, inverses): (&[F], &[F], &[F]),
    (d_x, of, first): (&mut [F], usize, usize),
    add: bool,
) {
    for row in 0..part.rows {
        let at = row * part.of + part.first;
        let back = row::Back {
            d_y: &d_y[at..][..part.width],
            gain,
            hat: &hats[at..][..part.width],
            inverse: inverses[row * INVERSES + part.inverse],
        };
        back.run(&mut d_x[row * of + first..][..part.width], add);
    }
}
