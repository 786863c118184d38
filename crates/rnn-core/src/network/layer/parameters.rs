//! A layer's parameters: their names, shapes and places in the block.

use crate::cell::{OwnParameter, Widths};
use crate::network::layer::Layer;
use crate::{Bias, Real};

/// A layer's parameters, or their gradients: slices of one block, in PyTorch's order. One that the layer lacks is empty.
pub(crate) struct Split<S> {
    pub(crate) w_ih: S,
    pub(crate) w_hh: S,
    pub(crate) b_ih: S,
    pub(crate) b_hh: S,
    /// The cell's own.
    pub(crate) own: S,
    /// h_0 and c_0, if they are learned.
    pub(crate) h_0: S,
    pub(crate) c_0: S,
}

impl<F: Real> Layer<F> {
    /// Names and shapes of the parameters of this layer as number `index` of a stack; `suffix` tells the direction.
    pub(crate) fn parameters(
        &self,
        index: usize,
        suffix: &'static str,
    ) -> impl Iterator<Item = (String, Vec<usize>)> {
        let Widths { gates, hidden, cell, .. } = self.widths();
        let biases: &[&str] = match self.bias {
            Bias::None => &[],
            Bias::Single => &["bias"],
            Bias::Double => &["bias_ih", "bias_hh"],
        };
        let own = self.cell.steps.own_parameters(self.hidden).into_iter();
        let initial = [("initial_h", hidden), ("initial_c", cell)].into_iter();
        [("weight_ih", vec![gates, self.input]), ("weight_hh", vec![gates, hidden])]
            .into_iter()
            .chain(biases.iter().map(move |&name| (name, vec![gates])))
            .chain(own.map(|OwnParameter { name, shape, .. }| (name, shape)))
            .chain(
                initial
                    .filter(move |(_, width)| self.learned_initial && *width > 0)
                    .map(|(name, width)| (name, vec![width])),
            )
            .map(move |(name, shape)| (format!("{name}_l{index}{suffix}"), shape))
    }

    /// How many parameters there are.
    pub fn parameter_count(&self) -> usize {
        self.lengths().iter().sum()
    }

    /// Lengths of the parts of [`Split`].
    fn lengths(&self) -> [usize; 7] {
        let Widths { gates, hidden, cell, .. } = self.widths();
        let (b_ih, b_hh) = match self.bias {
            Bias::None => (0, 0),
            Bias::Single => (gates, 0),
            Bias::Double => (gates, gates),
        };
        let (h_0, c_0) = if self.learned_initial { (hidden, cell) } else { (0, 0) };
        [gates * self.input, gates * hidden, b_ih, b_hh, self.own, h_0, c_0]
    }

    pub(crate) fn split<'p>(&self, theta: &'p [F]) -> Split<&'p [F]> {
        let mut rest = theta;
        let [w_ih, w_hh, b_ih, b_hh, own, h_0, c_0] = self.lengths().map(|length| {
            let (part, others) = rest.split_at(length);
            rest = others;
            part
        });
        assert!(rest.is_empty(), "parameters of this layer");
        Split { w_ih, w_hh, b_ih, b_hh, own, h_0, c_0 }
    }

    pub(crate) fn split_mut<'p>(&self, d_theta: &'p mut [F]) -> Split<&'p mut [F]> {
        let mut rest = d_theta;
        let [w_ih, w_hh, b_ih, b_hh, own, h_0, c_0] = self.lengths().map(|length| {
            let (part, others) = std::mem::take(&mut rest).split_at_mut(length);
            rest = others;
            part
        });
        assert!(rest.is_empty(), "gradients of this layer");
        Split { w_ih, w_hh, b_ih, b_hh, own, h_0, c_0 }
    }
}
