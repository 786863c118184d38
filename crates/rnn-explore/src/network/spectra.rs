//! The spectra of recurrent weights, whatever form they have.

use ndarray::{ArrayView2, Axis, Ix1, Ix2};
use rnn_analysis::{eigenvalues, singular_values};
use rnn_core::Stack;
use rnn_core::cell::Recurrence;

use crate::error::Error;
use crate::view::Matrix;

/// The name of the diagonal of a linear unit. The weight scale has no effect on it.
pub(crate) const LAMBDA: &str = "λ";

/// The name of the diagonal of an independently recurrent unit.
pub(crate) const DIAGONAL: &str = "w";

/// The name of what an antisymmetric unit multiplies h with.
pub(crate) const ANTISYMMETRIC: &str = "W_hh − W_hhᵀ";

/// The spectra of what `layer` multiplies its last state with: W_hh or the block of each gate, what an antisymmetric unit makes
/// of it, or the diagonal matrix of a unit that sees its own past only. None for a cell whose gates see the input alone.
pub(crate) fn of(rnn: &Stack<f64>, layer: usize) -> Result<Vec<Matrix>, Error> {
    let form = rnn.layers()[layer].cell.form();
    let named = |name: &str| rnn.params().get(&format!("{name}_l{layer}"));
    if matches!(form.recurrence, Recurrence::None) {
        let diagonal = |name: &str| named(name).and_then(|array| array.into_dimensionality::<Ix1>().ok());
        let weights = diagonal("weight_h").map(|w| (DIAGONAL, w.to_vec()));
        let lambdas = diagonal("nu").map(|nu| (LAMBDA, nu.mapv(rnn_core::tanh).to_vec()));
        return Ok(weights
            .into_iter()
            .chain(lambdas)
            .map(|(name, entries)| of_diagonal(name, entries))
            .collect());
    }
    let Some(w_hh) = named("weight_hh").and_then(|array| array.into_dimensionality::<Ix2>().ok()) else {
        return Ok(Vec::new());
    };
    if matches!(form.recurrence, Recurrence::Antisymmetric) {
        return Ok(vec![of_matrix(ANTISYMMETRIC.to_owned(), (&w_hh - &w_hh.t()).view())?]);
    }
    let name = |gate: &str| if form.gates.len() == 1 { "W_hh".to_owned() } else { format!("W_h{gate}") };
    let blocks = w_hh.axis_chunks_iter(Axis(0), rnn.layers()[layer].hidden);
    form.gates.iter().zip(blocks).map(|(gate, block)| of_matrix(name(gate.name), block)).collect()
}

fn of_matrix(name: String, matrix: ArrayView2<'_, f64>) -> Result<Matrix, Error> {
    let eigenvalues = eigenvalues(matrix)?.into_iter().map(|z| [z.re, z.im]).collect();
    let (singular_values, rank) = cut(singular_values(matrix)?);
    Ok(Matrix { name, eigenvalues, singular_values, rank })
}

fn of_diagonal(name: &str, mut entries: Vec<f64>) -> Matrix {
    entries.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
    let (singular_values, rank) = cut(entries.iter().map(|entry| entry.abs()).collect());
    let eigenvalues = entries.into_iter().map(|entry| [entry, 0.0]).collect();
    Matrix { name: name.to_owned(), eigenvalues, singular_values, rank }
}

/// Singular values, those that are rounding errors being 0, and how many are not: the rank of the matrix as far as it can be
/// known. A value below n ε σ_1 of n says nothing but that it is small.
pub(crate) fn cut(mut values: Vec<f64>) -> (Vec<f64>, usize) {
    let least = values.len() as f64 * f64::EPSILON * values.first().copied().unwrap_or(0.0);
    values.iter_mut().filter(|value| **value <= least).for_each(|value| *value = 0.0);
    let rank = values.iter().filter(|&&value| value > 0.0).count();
    (values, rank)
}
