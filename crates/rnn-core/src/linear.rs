//! The linear head.

use crate::Real;
use crate::error::{Result, check_size};
use crate::init::{self, Init};
use crate::kernel::matmul::{Into, Matrix, product, transpose};
use crate::kernel::reduce::column_sums;
use crate::params::{Parameters, Params};
use crate::random::Random;

/// A linear map of every row, y = W h + b, as `torch.nn.Linear`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear<F> {
    input: usize,
    output: usize,
    params: Params<F>,
}

impl<F: Real> Linear<F> {
    /// Zero `head.weight`, (output, input), and `head.bias`, (output).
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize).
    pub fn zeros(input: usize, output: usize) -> Result<Self> {
        check_size("the input size of the head", input)?;
        check_size("the output size", output)?;
        let shapes =
            [("head.weight".to_owned(), vec![output, input]), ("head.bias".to_owned(), vec![output])];
        Ok(Self { input, output, params: Params::zeros(shapes) })
    }

    /// Features of the input.
    pub fn input(&self) -> usize {
        self.input
    }

    /// Features of the output.
    pub fn output(&self) -> usize {
        self.output
    }

    /// `head.weight` and `head.bias`.
    pub fn params(&self) -> &Params<F> {
        &self.params
    }

    /// Sets all parameters.
    pub fn initialize(&mut self, init: Init, rng: &mut (impl Random<F> + ?Sized)) {
        match init {
            Init::Zeros => self.params.fill(F::zero()),
            Init::Constant(value) => self.params.fill(F::of(value)),
            Init::PyTorch | Init::Linear => {
                let draws = ["head.weight", "head.bias"].map(|name| (name.to_owned(), self.input));
                init::uniform(&mut self.params, rng, draws);
            }
        }
    }

    /// y = h Wᵀ + b for `rows` rows; `weight_t` is room for Wᵀ.
    pub(crate) fn forward(&self, rows: usize, h: &[F], weight_t: &mut [F], y: &mut [F]) {
        let (weight, bias) = self.params.as_slice().split_at(self.input * self.output);
        transpose(weight, self.output, self.input, weight_t);
        y.chunks_exact_mut(self.output).for_each(|row| row.copy_from_slice(bias));
        let weight_t = Matrix::rows_of(weight_t, self.input, self.output);
        product(y, Into::Add, Matrix::rows_of(h, rows, self.input), weight_t);
    }

    /// dL/dW = Σ (dL/dy)ᵀ h, dL/db = Σ dL/dy and dL/dh = dL/dy W, from dL/dy.
    pub(crate) fn backward(&self, rows: usize, h: &[F], d_y: &[F], d_params: &mut Params<F>, d_h: &mut [F]) {
        let weight = &self.params.as_slice()[..self.input * self.output];
        let (d_weight, d_bias) = d_params.as_mut_slice().split_at_mut(weight.len());
        let d_y_matrix = Matrix::rows_of(d_y, rows, self.output);
        product(d_weight, Into::Set, d_y_matrix.t(), Matrix::rows_of(h, rows, self.input));
        column_sums(d_y, d_bias);
        product(d_h, Into::Set, d_y_matrix, Matrix::rows_of(weight, self.output, self.input));
    }
}

impl<F: Real> Parameters<F> for Linear<F> {
    fn blocks(&self) -> impl Iterator<Item = &Params<F>> {
        std::iter::once(&self.params)
    }

    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Params<F>> {
        std::iter::once(&mut self.params)
    }
}
