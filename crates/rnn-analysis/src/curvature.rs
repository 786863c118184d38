//! Second derivatives of a loss through time.

mod lanczos;

use rnn_core::{Batch, Cell, Loss, Model, ModelWorkspace, Parameters, Params, Real, Targets};

use crate::dual::{Dual, dual_cell, dual_model};
use crate::error::{Error, Result};
use crate::flow::number;
use crate::steps::check_shape;

use self::lanczos::{Lanczos, start};

/// The Hessian H of a loss with respect to all parameters of a model, as a map v ↦ H v.
///
/// A product costs one pass forward and one back over [dual numbers](Dual): no matrix is formed, and the result is exact but for
/// rounding. Parameters are in the order of the model's [`blocks`](Parameters::blocks), those of the layers first, then the head.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_analysis::Curvature;
/// use rnn_core::{Batch, Bias, Elman, Model, Mse, Parameters};
///
/// // One linear unit and one timestep: ŷ = u v x + b with v = u = 1, b = 0, x = 1 and y = 0. L = ŷ².
/// let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
/// model.rnn.set_parameter("weight_ih_l0", array![[1.0]].view().into_dyn())?;
/// model.head.set_parameter("head.weight", array![[1.0]].view().into_dyn())?;
/// let batch = Batch::new(Array3::ones((1, 1, 1)), Array3::zeros((1, 1, 1)));
/// let mut curvature = Curvature::new(&model, &batch, Mse)?;
/// // In the order W_ih, W_hh, head.weight, head.bias: ∂²L/∂v² = 2 u², ∂²L/∂v∂u = 4 u v, ∂²L/∂v∂b = 2 u.
/// assert_eq!(curvature.hessian_vector(&[1.0, 0.0, 0.0, 0.0])?, [2.0, 0.0, 4.0, 2.0]);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Curvature<L> {
    model: Model<Dual>,
    batch: Batch<Dual>,
    loss: L,
    ws: ModelWorkspace<Dual>,
}

/// The largest eigenvalue of a Hessian, as [`Curvature::largest`] finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct LargestCurvature {
    /// λ = vᵀ H v, the Rayleigh quotient of `direction`: a lower bound of the largest eigenvalue up to rounding.
    pub value: f64,
    /// v, of length 1.
    pub direction: Vec<f64>,
    /// ‖H v − λ v‖: an eigenvalue of H is at most so far from λ.
    pub residual: f64,
    /// How many products with H were made.
    pub products: usize,
}

impl LargestCurvature {
    /// 2 / λ: gradient descent with a greater learning rate moves away from a minimum along this direction. Infinite if λ ≤ 0.
    ///
    /// Near a minimum, a step of gradient descent multiplies the distance along an eigenvector by 1 − η λ, which is within ±1
    /// if 0 < η < 2 / λ. In training the largest curvature often rises until it is about 2 / η: Cohen, Kaur, Li, Kolter and
    /// Talwalkar 2021, *Gradient descent on neural networks typically occurs at the edge of stability*, ICLR,
    /// arXiv:2103.00065.
    ///
    /// ```
    /// use rnn_analysis::LargestCurvature;
    /// let found = LargestCurvature { value: 4.0, direction: vec![1.0], residual: 0.0, products: 1 };
    /// assert_eq!(found.largest_stable_rate(), 0.5);
    /// ```
    pub fn largest_stable_rate(&self) -> f64 {
        if self.value > 0.0 { 2.0 / self.value } else { f64::INFINITY }
    }
}

impl<L: Loss<Dual>> Curvature<L> {
    /// Of this loss of this model on this batch, without dropout and zoneout.
    ///
    /// # Errors
    /// [`Error::NoDualCell`] if the cell is not built in; [`with_cell`](Self::with_cell) takes one that is not.
    pub fn new<F: Real>(model: &Model<F>, batch: &Batch<F>, loss: L) -> Result<Self> {
        Self::with_cell(model, dual_cell(&model.rnn)?, batch, loss)
    }

    /// As [`new`](Self::new), for a model of any cell, which is given once more as a cell over dual numbers.
    ///
    /// # Errors
    /// If the cell is another one than the model's, so that its parameters have other shapes.
    pub fn with_cell<F: Real>(
        model: &Model<F>,
        cell: impl Into<Cell<Dual>>,
        batch: &Batch<F>,
        loss: L,
    ) -> Result<Self> {
        let dual = dual_model(model, cell.into())?;
        let counts = |count: usize| [count];
        check_shape(
            "the parameters of the cell over dual numbers",
            &counts(model.parameter_count()),
            &counts(dual.parameter_count()),
        )?;
        let ws = dual.workspace();
        Ok(Self { model: dual, batch: dual_batch(batch)?, loss, ws })
    }

    /// How many parameters there are: the size of H.
    pub fn parameters(&self) -> usize {
        self.model.parameter_count()
    }

    /// The gradient of the loss.
    ///
    /// # Errors
    /// As [`Model::loss_and_gradients`].
    pub fn gradient(&mut self) -> Result<Vec<f64>> {
        self.pass(|_| 0.0)?;
        Ok(self.gradients().map(|g| g.value).collect())
    }

    /// H v.
    ///
    /// # Errors
    /// [`rnn_core::Error::Shape`] if `v` has another size than H; as [`Model::loss_and_gradients`]; [`Error::NonFiniteDerivative`]
    /// if an entry of the product is not finite.
    pub fn hessian_vector(&mut self, v: &[f64]) -> Result<Vec<f64>> {
        check_shape("v (parameters)", &[self.parameters()], &[v.len()])?;
        self.pass(|k| v[k])?;
        let product: Vec<f64> = self.gradients().map(|g| g.tangent).collect();
        match product.iter().position(|x| !x.is_finite()) {
            None => Ok(product),
            Some(index) => {
                let (what, value) = ("the product with the Hessian", product[index]);
                Err(Error::NonFiniteDerivative { what, index, value })
            }
        }
    }

    /// The largest eigenvalue of H, by at most `products` products with H: Lanczos's method, which finds the largest Rayleigh
    /// quotient in the space of v, H v, H² v, … that power iteration walks through. It ends early when the residual is at most
    /// `tolerance` |λ|. v is drawn, the same at each call.
    ///
    /// # Errors
    /// [`rnn_core::Error::ZeroSize`] if `products` is 0; as [`hessian_vector`](Self::hessian_vector);
    /// [`Error::NoConvergence`] if the eigenvalues of the small tridiagonal matrix cannot be computed.
    ///
    /// # Reference
    /// Paige 1980, *Accuracy and effectiveness of the Lanczos algorithm for the symmetric eigenproblem*, Linear Algebra and its
    /// Applications 34. All vectors are kept orthogonal explicitly.
    pub fn largest(&mut self, products: usize, tolerance: f64) -> Result<LargestCurvature> {
        let mut lanczos = Lanczos::new(start(self.parameters()), products)?;
        loop {
            let product = self.hessian_vector(lanczos.direction())?;
            if let Some(mut found) = lanczos.extend(product, tolerance)? {
                // The residual of the recursion is an estimate; this one is computed.
                let product = self.hessian_vector(&found.direction)?;
                found.value = dot(&product, &found.direction);
                let off = product.iter().zip(&found.direction).map(|(h, v)| h - found.value * v);
                found.residual = off.map(|x| x * x).sum::<f64>().sqrt();
                found.products += 1;
                return Ok(found);
            }
        }
    }

    /// A pass forward and back with these tangents of the parameters.
    fn pass(&mut self, tangent: impl Fn(usize) -> f64) -> Result<()> {
        let Self { model, batch, loss, ws } = self;
        let all = model.blocks_mut().flat_map(Params::as_mut_slice);
        all.enumerate().for_each(|(k, theta)| theta.tangent = tangent(k));
        model.loss_and_gradients(batch.run(), batch.target(), loss, ws)?;
        Ok(())
    }

    fn gradients(&self) -> impl Iterator<Item = &Dual> {
        self.ws.blocks().flat_map(Params::as_slice)
    }
}

/// H v, of a loss of a model on a batch: [`Curvature`] keeps the memory for several products.
///
/// # Errors
/// As [`Curvature::new`] and [`Curvature::hessian_vector`].
pub fn hessian_vector<F: Real>(
    model: &Model<F>,
    batch: &Batch<F>,
    loss: impl Loss<Dual>,
    v: &[f64],
) -> Result<Vec<f64>> {
    Curvature::new(model, batch, loss)?.hessian_vector(v)
}

/// The largest eigenvalue of the Hessian of a loss of a model on a batch, with at most 100 products and a residual of at most
/// 1e-6 of it if that is enough: [`Curvature::largest`].
///
/// # Errors
/// As [`Curvature::new`] and [`Curvature::largest`].
pub fn largest_curvature<F: Real>(
    model: &Model<F>,
    batch: &Batch<F>,
    loss: impl Loss<Dual>,
) -> Result<LargestCurvature> {
    Curvature::new(model, batch, loss)?.largest(100, 1e-6)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The same batch over dual numbers.
fn dual_batch<F: Real>(batch: &Batch<F>) -> Result<Batch<Dual>> {
    let constant = |&x: &F| Dual::constant(number(x));
    let y: Targets<Dual> = match &batch.y {
        Targets::Values(y) => Targets::Values(y.map(constant)),
        Targets::Classes(classes) => Targets::Classes(classes.clone()),
        Targets::SequenceValues(y) => Targets::SequenceValues(y.map(constant)),
        Targets::SequenceClasses(classes) => Targets::SequenceClasses(classes.clone()),
        _ => return Err(Error::UnknownTargets),
    };
    let mut dual = Batch::new(batch.x.map(constant), y).counting(batch.over);
    (dual.lengths, dual.mask) = (batch.lengths.clone(), batch.mask.clone());
    Ok(dual)
}
