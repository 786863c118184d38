//! A layer's parameters: their names, shapes and places in the block.

use crate::cell::{Form, InputProduct};
use crate::network::layer::{Layer, Widths};
use crate::{Bias, Real};

/// A layer's parameters, or their gradients: slices of one block, in PyTorch's order. One that the layer lacks is empty.
#[derive(Clone, Copy)]
pub(crate) struct Split<S> {
    pub(crate) w_ih: S,
    pub(crate) w_hh: S,
    pub(crate) b_ih: S,
    pub(crate) b_hh: S,
    /// The unit's own parameters, (own, hidden).
    pub(crate) own: S,
    /// The projection, (projected, hidden).
    pub(crate) w_hr: S,
    /// Gains and offsets of normalization.
    pub(crate) gain_a: S,
    pub(crate) offset_a: S,
    pub(crate) gain_u: S,
    pub(crate) offset_u: S,
    pub(crate) gain_c: S,
    pub(crate) offset_c: S,
    /// h_0 and c_0, if they are learned.
    pub(crate) h_0: S,
    pub(crate) c_0: S,
}

/// How many numbers each part of [`Split`] has, and all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    parts: [usize; 14],
    all: usize,
}

impl Sizes {
    pub(crate) fn new(form: &Form, widths: &Widths, bias: Bias, learned_initial: bool) -> Self {
        let Widths { gates, gates_u, output, cell, norm_a, norm_u, norm_c, raw, projected, own, .. } =
            *widths;
        let input = if form.input == InputProduct::Full { widths.input } else { 0 };
        let with = |on: bool, size: usize| if on { size } else { 0 };
        let parts = [
            gates * input,
            gates_u * output,
            with(bias != Bias::None && input > 0, gates),
            with(bias == Bias::Double, gates_u),
            own,
            projected * raw,
            norm_a,
            norm_a,
            norm_u,
            norm_u,
            norm_c,
            norm_c,
            with(learned_initial, output),
            with(learned_initial, cell),
        ];
        Self { parts, all: parts.iter().sum() }
    }
}

impl<F: Real> Layer<F> {
    /// Names and shapes of the parameters of this layer on a level; `suffix` tells the direction.
    pub(crate) fn parameters(&self, level: usize, suffix: &'static str) -> Vec<(String, Vec<usize>)> {
        let Widths { output, gates, raw, projected, .. } = self.widths;
        let single = self.bias == Bias::Single;
        let names = [
            ("weight_ih", vec![gates, self.input]),
            ("weight_hh", vec![gates, output]),
            (if single { "bias" } else { "bias_ih" }, vec![]),
            ("bias_hh", vec![]),
        ];
        let own = self.form.own.iter().map(|own| (own.name, vec![self.hidden]));
        let rest = [
            ("weight_hr", vec![projected, raw]),
            ("gain_ih", vec![]),
            ("offset_ih", vec![]),
            ("gain_hh", vec![]),
            ("offset_hh", vec![]),
            ("gain_c", vec![]),
            ("offset_c", vec![]),
            ("initial_h", vec![]),
            ("initial_c", vec![]),
        ];
        let sizes = self.sizes.parts;
        let parts = names.into_iter().zip(&sizes[..4]).chain(rest.into_iter().zip(&sizes[5..]));
        // A part without a shape of its own is one vector.
        let mut shapes: Vec<(&str, Vec<usize>)> = Vec::new();
        for (k, ((name, shape), &size)) in parts.enumerate() {
            if k == 4 {
                shapes.extend(own.clone());
            }
            if size > 0 {
                shapes.push((name, if shape.is_empty() { vec![size] } else { shape }));
            }
        }
        shapes.into_iter().map(|(name, shape)| (format!("{name}_l{level}{suffix}"), shape)).collect()
    }

    /// How many parameters there are.
    pub fn parameter_count(&self) -> usize {
        self.sizes.all
    }

    pub(crate) fn split<'p>(&self, theta: &'p [F]) -> Split<&'p [F]> {
        let mut rest = theta;
        let parts = self.sizes.parts.map(|size| {
            let (part, others) = rest.split_at(size);
            rest = others;
            part
        });
        assert!(rest.is_empty(), "parameters of this layer");
        Split::of(parts)
    }

    pub(crate) fn split_mut<'p>(&self, d_theta: &'p mut [F]) -> Split<&'p mut [F]> {
        let mut rest = d_theta;
        let parts = self.sizes.parts.map(|size| {
            let (part, others) = std::mem::take(&mut rest).split_at_mut(size);
            rest = others;
            part
        });
        assert!(rest.is_empty(), "gradients of this layer");
        Split::of(parts)
    }
}

impl<S> Split<S> {
    fn of(parts: [S; 14]) -> Self {
        let [
            w_ih,
            w_hh,
            b_ih,
            b_hh,
            own,
            w_hr,
            gain_a,
            offset_a,
            gain_u,
            offset_u,
            gain_c,
            offset_c,
            h_0,
            c_0,
        ] = parts;
        Self {
            w_ih,
            w_hh,
            b_ih,
            b_hh,
            own,
            w_hr,
            gain_a,
            offset_a,
            gain_u,
            offset_u,
            gain_c,
            offset_c,
            h_0,
            c_0,
        }
    }
}
