//! The linear head.

use ndarray::{Array2, ArrayView2};

use crate::Real;
use crate::error::{Error, Result, check_size};
use crate::init::{self, Init};
use crate::kernel::product::rows_times_vector;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Panels, Scratch, Store, multiply, product};
use crate::network::params::{Parameters, Params};
use crate::random::Random;

/// A linear map of every row, y = W h + b, or y = W h without a bias, as `torch.nn.Linear`.
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
    /// [`Error::ZeroSize`](crate::Error::ZeroSize) and [`Error::TooLarge`](crate::Error::TooLarge).
    pub fn zeros(input: usize, output: usize) -> Result<Self> {
        Self::of_shapes(input, output, [Self::weight_shape(input, output), ("head.bias", vec![output])])
    }

    /// Zero `head.weight`, (output, input), and no bias: `torch.nn.Linear(..., bias=False)`.
    ///
    /// ```
    /// use rnn_core::{Linear, Parameters};
    ///
    /// let head = Linear::<f64>::zeros_without_bias(3, 2)?;
    /// assert_eq!(head.parameter_count(), 6);
    /// assert!(!head.has_bias());
    /// # Ok::<(), rnn_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize) and [`Error::TooLarge`](crate::Error::TooLarge).
    pub fn zeros_without_bias(input: usize, output: usize) -> Result<Self> {
        Self::of_shapes(input, output, [Self::weight_shape(input, output)])
    }

    fn weight_shape(input: usize, output: usize) -> (&'static str, Vec<usize>) {
        ("head.weight", vec![output, input])
    }

    fn of_shapes<const N: usize>(
        input: usize,
        output: usize,
        shapes: [(&str, Vec<usize>); N],
    ) -> Result<Self> {
        check_size("the input size of the head", input)?;
        check_size("the output size", output)?;
        let params = Params::zeros(shapes.map(|(name, shape)| (name.to_owned(), shape)));
        let params = params.ok_or(Error::TooLarge { input, units: output })?;
        Ok(Self { input, output, params })
    }

    /// Features of the input.
    pub fn input(&self) -> usize {
        self.input
    }

    /// Features of the output.
    pub fn output(&self) -> usize {
        self.output
    }

    /// Whether there is a bias b.
    pub fn has_bias(&self) -> bool {
        self.params.len() > self.input * self.output
    }

    /// `head.weight`, and `head.bias` if there is a bias.
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

    /// W and b, which is empty for a head without a bias.
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
        let store = || if bias.is_empty() { Store::Set } else { Store::Bias(bias) };
        let h = Matrix::rows_of(h, rows, self.input);
        if self.output == 1 {
            // One dot product a row: nearly all columns of a panel would be padding.
            return rows_times_vector(y, store(), h, weight.t());
        }
        multiply(y, store(), h, weight_t);
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

    /// dL/dh of rows of dL/dy alone, with the bits of [`backward`](Self::backward).
    pub(crate) fn back(&self, d_y: ArrayView2<'_, F>) -> Array2<F> {
        let rows = d_y.nrows();
        let d_y: Vec<F> = d_y.iter().copied().collect();
        let mut d_h = Array2::zeros((rows, self.input));
        if let Some(d_h) = d_h.as_slice_mut() {
            let (weight, _) = self.weight_and_bias();
            let d_y = Matrix::rows_of(&d_y, rows, self.output);
            product(d_h, Store::Set, d_y, weight, &mut Scratch::new());
        }
        d_h
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

#[cfg(test)]
mod tests {
    use ndarray::{Array3, s};
    use rand::SeedableRng;
    use rand_pcg::Pcg64Dxsm;

    use super::*;
    use crate::{Bias, Gru, Model, Mse};

    /// A head without a bias computes, sends back and draws what one with a bias of zeros does.
    #[test]
    fn no_bias_is_a_bias_of_zeros() -> Result<()> {
        for outputs in [1, 3] {
            let mut rng = Pcg64Dxsm::seed_from_u64(0);
            let mut with = Model::<f64>::new(Gru, 2, &[4], outputs, Bias::Double, &mut rng)?;
            with.head.params.get_mut("head.bias").expect("a bias").fill(0.0);
            let mut head = Linear::<f64>::zeros_without_bias(4, outputs)?;
            head.initialize(Init::PyTorch, &mut rng)?;
            assert!(head.params.as_slice().iter().all(|w| w.abs() <= 0.5));
            head.params.as_mut_slice().copy_from_slice(&with.head.params.as_slice()[..4 * outputs]);
            let mut without = with.clone();
            without.head = head;

            let x = Array3::from_shape_fn((2, 3, 2), |(b, t, k)| (b + 2 * t + 5 * k) as f64 / 7.0);
            let y = Array3::ones((2, 3, outputs));
            let (mut ws, mut ws_without) = (with.workspace(), without.workspace());
            let loss = with.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws)?;
            assert_eq!(
                without.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws_without)?,
                loss,
                "the same bits"
            );
            assert_eq!(ws_without.parameter("head.weight"), ws.parameter("head.weight"));
            assert_eq!(ws_without.parameter("weight_hh_l0"), ws.parameter("weight_hh_l0"));
            let stream = without.stream()?;
            let mut state = stream.state(2);
            let first: Vec<f64> = x.slice(s![.., 0, ..]).iter().copied().collect();
            let expected = with.predict(x.view())?.slice(s![.., 0, ..]).iter().copied().collect::<Vec<_>>();
            assert_eq!(stream.step(&first, &mut state)?, expected);
        }
        Ok(())
    }
}
