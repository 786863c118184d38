//! How the shapes of a layer's parameters follow from its sizes.

use rnn_core::{Cell, Options, Parameters, Stack};

use crate::archive::Archive;
use crate::element::Element;
use crate::error::Fault;

/// The sizes of a layer.
#[derive(Clone, Copy)]
struct Sizes {
    input: usize,
    hidden: usize,
    projection: usize,
}

/// The smallest layer that a probe builds: a projection is smaller than the number of hidden units.
const BASE: Sizes = Sizes { input: 1, hidden: 3, projection: 1 };

/// A number that depends on the sizes of a layer as c + i · input + h · hidden + p · projection.
#[derive(Clone, Copy)]
struct Linear {
    constant: i128,
    input: i128,
    hidden: i128,
    projection: i128,
}

/// The shapes of the parameters of any layer of a cell, known from small layers of that cell. So nothing is allocated in the
/// sizes that a file states before the file is known to have tensors of these sizes.
pub(crate) struct Shapes {
    /// Names as `weight_ih_l`, without the level.
    parameters: Vec<(String, Vec<Linear>)>,
    output: Linear,
    options: Options,
}

impl Shapes {
    /// The shapes for a cell and options. Sizes of 0 and impossible options are errors of the cell.
    pub(crate) fn of<F: Element>(cell: &Cell<F>, options: Options) -> Result<Self, Fault> {
        let build_with = |input: usize, sizes: Sizes| {
            let mut options = options.bidirectional(false);
            options.projection = options.projection.map(|_| sizes.projection);
            Stack::zeros(cell.clone(), input, &[sizes.hidden], options)
        };
        // A cell without W_ih has as many inputs as units; no shape depends on the inputs then.
        let square = build_with(BASE.input, BASE).is_err() && build_with(BASE.hidden, BASE).is_ok();
        let build = |sizes: Sizes| build_with(if square { sizes.hidden } else { sizes.input }, sizes);
        let [base, input, hidden, projection] = [
            build(BASE)?,
            build(Sizes { input: BASE.input + 1, ..BASE })?,
            build(Sizes { hidden: BASE.hidden + 1, ..BASE })?,
            build(Sizes { projection: BASE.projection + 1, ..BASE })?,
        ];
        let linear = |of: &dyn Fn(&Stack<F>) -> usize| {
            let [at_base, by_input, by_hidden, by_projection] =
                [&base, &input, &hidden, &projection].map(|stack| of(stack) as i128);
            let [input, hidden, projection] =
                [by_input, by_hidden, by_projection].map(|stack| stack - at_base);
            let [i, h, p] = [BASE.input, BASE.hidden, BASE.projection].map(|size| size as i128);
            let constant = at_base - input * i - hidden * h - projection * p;
            Linear { constant, input, hidden, projection }
        };
        let parameters = base.named().map(|(name, array)| {
            let size = |axis| linear(&|stack| stack.parameter(name).map_or(0, |array| array.shape()[axis]));
            (name.strip_suffix('0').unwrap_or(name).to_owned(), (0..array.ndim()).map(size).collect())
        });
        Ok(Self { parameters: parameters.collect(), output: linear(&Stack::output), options })
    }

    /// The rows of W_ih for each hidden unit.
    pub(crate) fn gates(&self) -> usize {
        let rows = self.parameters.iter().find(|(name, _)| name == "weight_ih_l");
        rows.map_or(0, |(_, shape)| shape[0].hidden as usize)
    }

    /// An error unless the file has every weight of these levels in its shape. `name` gives a parameter's name in the file
    /// from `weight_ih_l`, its level and what follows the level. A bias, which may be stored in other ways, is smaller than
    /// the weights.
    pub(crate) fn check(
        &self,
        archive: &Archive,
        input: usize,
        hidden: &[usize],
        name: impl Fn(&str, usize, &str) -> String,
    ) -> Result<(), Fault> {
        let directions: &[&str] = if self.options.bidirectional { &["", "_reverse"] } else { &[""] };
        let mut below = input;
        for (level, &units) in hidden.iter().enumerate() {
            let sizes =
                Sizes { input: below, hidden: units, projection: self.options.projection.unwrap_or(0) };
            for suffix in directions {
                let weights = self.parameters.iter().filter(|(name, _)| !name.starts_with("bias_"));
                for (parameter, shape) in weights {
                    let name = name(parameter, level, suffix);
                    let expected: Option<Vec<_>> = shape.iter().map(|size| size.at(sizes)).collect();
                    let Some(expected) = expected else {
                        let found = archive.shape(&name)?.to_vec();
                        let expected = format!("the shape for {units} units");
                        return Err(Fault::Shape { tensor: name, expected, found });
                    };
                    archive.expect_shape(&name, &expected)?;
                }
            }
            // Every output is in a shape of the file, so that this is far from the largest `usize`.
            below = self.output.at(sizes).unwrap_or(0).saturating_mul(directions.len());
        }
        Ok(())
    }
}

impl Linear {
    /// The number for a layer of these sizes, unless it is negative or too large for a `usize`.
    fn at(self, sizes: Sizes) -> Option<usize> {
        let Self { constant, input, hidden, projection } = self;
        // Coefficients are small: the sum is far from the largest `i128`.
        let number = constant
            + input * sizes.input as i128
            + hidden * sizes.hidden as i128
            + projection * sizes.projection as i128;
        usize::try_from(number).ok()
    }
}
