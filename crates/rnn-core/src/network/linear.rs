//! The linear head.

use ndarray::ArrayView2;

use crate::Real;
use crate::error::{Result, check_size};
use crate::init::{self, Init};
use crate::kernel::product::rows_times_vector;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Panels, Scratch, Store, multiply, product};
use crate::network::params::{Parameters, Params};
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

    /// Sets the parameters that `init` is about; a rule for matrices sets the weight, (output, input), and leaves the bias.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) and [`InitError`](crate::InitError): a head has no gates.
    pub fn initialize(&mut self, init: Init, rng: &mut (impl Random<F> + ?Sized)) -> Result<()> {
        init::initialize_head(self.input, &mut self.params, init, rng)
    }

    /// W, (output, input).
    pub(crate) fn weight(&self) -> ArrayView2<'_, F> {
        let weight = &self.params.as_slice()[..self.input * self.output];
        ArrayView2::from_shape((self.output, self.input), weight).expect("as many numbers as the shape says")
    }

    /// W and b.
    fn weight_and_bias(&self) -> (Matrix<'_, F>, &[F]) {
        let (weight, bias) = self.params.as_slice().split_at(self.input * self.output);
        (Matrix::rows_of(weight, self.output, self.input), bias)
    }

    /// Packs Wᵀ for [`forward`](Self::forward).
    pub(crate) fn pack(&self, weight_t: &mut Panels<F>) {
        weight_t.pack(self.weight_and_bias().0.t());
    }

    /// y = h Wᵀ + b for `rows` rows, with Wᵀ as [`pack`](Self::pack) left it.
    pub(crate) fn forward(&self, rows: usize, h: &[F], weight_t: &Panels<F>, y: &mut [F]) {
        let (weight, bias) = self.weight_and_bias();
        let h = Matrix::rows_of(h, rows, self.input);
        if self.output == 1 {
            // A dot product a row: a panel would be 31 parts padding.
            return rows_times_vector(y, Store::Bias(bias), h, weight.t());
        }
        multiply(y, Store::Bias(bias), h, weight_t);
    }

    /// dL/dW = Σ (dL/dy)ᵀ h, dL/db = Σ dL/dy and dL/dh = dL/dy W, from dL/dy.
    pub(crate) fn backward(
        &self,
        rows: usize,
        h: &[F],
        d_y: &[F],
        d_params: &mut Params<F>,
        d_h: &mut [F],
        scratch: &mut Scratch<F>,
    ) {
        let (weight, _) = self.weight_and_bias();
        let (d_weight, d_bias) = d_params.as_mut_slice().split_at_mut(self.input * self.output);
        let d_y_matrix = Matrix::rows_of(d_y, rows, self.output);
        product(d_weight, Store::Set, d_y_matrix.t(), Matrix::rows_of(h, rows, self.input), scratch);
        column_sums(d_y, d_bias);
        product(d_h, Store::Set, d_y_matrix, weight, scratch);
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
