//! The matrix products of a pass, and how many floating-point operations they are.
//!
//! Only products count as useful work: (m x k) times (k x n) is m n k multiplications and as many additions. Activations,
//! biases, loss and optimizer do not.

use super::network::Network;

/// `times` products of a (m x k) and a (k x n) matrix, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) role: Role,
    pub(crate) m: usize,
    pub(crate) k: usize,
    pub(crate) n: usize,
    pub(crate) times: usize,
}

/// Which factor is what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Rows times a weight, which all of the `times` products share.
    Weight,
    /// The gradient of a weight: the left factor is the transpose of what lies in memory.
    Gradient,
}

impl Product {
    fn weight(m: usize, k: usize, n: usize, times: usize) -> Self {
        Self { role: Role::Weight, m, k, n, times }
    }

    fn gradient(m: usize, k: usize, n: usize) -> Self {
        Self { role: Role::Gradient, m, k, n, times: 1 }
    }

    fn flops(&self) -> f64 {
        2.0 * [self.m, self.k, self.n, self.times].iter().map(|&x| x as f64).product::<f64>()
    }
}

/// Floating-point operations of `products`.
pub(crate) fn flops(products: &[Product]) -> f64 {
    products.iter().map(Product::flops).sum()
}

/// Of a forward pass: for each layer and timestep x W_ihᵀ and h W_hhᵀ; the head.
pub(crate) fn forward(network: &Network) -> Vec<Product> {
    let &Network { cell, hidden, layers, head, batch, time, .. } = network;
    let (rows, gates) = (time * batch, cell.gates() * hidden);
    let mut products = Vec::new();
    for layer in 0..layers {
        products.push(Product::weight(batch, network.below(layer), gates, time));
        products.push(Product::weight(batch, hidden, gates, time));
    }
    if head {
        products.push(Product::weight(rows, hidden, 1, 1));
    }
    products
}

/// Of a backward pass: the head's dW and dL/dh; then for each layer, from the top, dL/du W_hh of each timestep, dW_ih,
/// dW_hh and dL/dx. No step needs dL/dx of the lowest layer: `d_input` says whether it is computed all the same.
pub(crate) fn backward(network: &Network, d_input: bool) -> Vec<Product> {
    let &Network { cell, hidden, layers, head, batch, time, .. } = network;
    let (rows, gates) = (time * batch, cell.gates() * hidden);
    let mut products = Vec::new();
    if head {
        products.push(Product::gradient(1, rows, hidden));
        products.push(Product::weight(rows, 1, hidden, 1));
    }
    for layer in (0..layers).rev() {
        let below = network.below(layer);
        products.push(Product::weight(batch, gates, hidden, time));
        products.push(Product::gradient(gates, rows, below));
        products.push(Product::gradient(gates, rows, hidden));
        if layer > 0 || d_input {
            products.push(Product::weight(rows, gates, below, 1));
        }
    }
    products
}

/// Of a training step.
pub(crate) fn training(network: &Network) -> Vec<Product> {
    [forward(network), backward(network, false)].concat()
}

#[cfg(test)]
mod tests {
    use super::super::network::Kind;
    use super::*;

    const SMALL: Network =
        Network { cell: Kind::Rnn, input: 1, hidden: 32, layers: 1, head: true, batch: 32, time: 10 };

    #[test]
    fn a_training_step_of_one_layer_by_hand() {
        // 320 rows. Forward 1→32, 32→32, 32→1; backward through W_hh, dW_hh, dW_ih, and both of the head.
        let forward = 320 * (32 + 32 * 32 + 32);
        let backward = 320 * (32 * 32 + 32 * 32 + 32 + 32 + 32);
        assert_eq!(flops(&training(&SMALL)), 2.0 * f64::from(forward + backward));
    }

    #[test]
    fn gates_layers_and_heads_by_hand() {
        let two =
            Network { cell: Kind::Lstm, input: 128, hidden: 512, layers: 2, batch: 64, time: 50, head: true };
        let rows = 3200.0;
        let (input, hidden) = (128.0 * 2048.0, 512.0 * 2048.0);
        // Layer 0 has no dL/dx; layer 1 reads 512 features.
        let layer_0 = 2.0 * input + 3.0 * hidden;
        let layer_1 = 3.0 * hidden + 3.0 * hidden;
        let head = 3.0 * 512.0;
        assert_eq!(flops(&training(&two)), 2.0 * rows * (layer_0 + layer_1 + head));

        let stream = Network { cell: Kind::Gru, batch: 1, time: 1, ..SMALL };
        assert_eq!(flops(&forward(&stream)), 2.0 * (96.0 + 32.0 * 96.0 + 32.0));
        let headless = Network { head: false, ..stream };
        assert_eq!(flops(&forward(&headless)), 2.0 * (96.0 + 32.0 * 96.0));
        let with_d_input = flops(&backward(&SMALL, true)) - flops(&backward(&SMALL, false));
        assert_eq!(with_d_input, 2.0 * 320.0 * 32.0);
    }

    #[test]
    fn the_products_come_in_the_order_of_the_passes() {
        let two = Network { layers: 2, ..SMALL };
        let shapes: Vec<_> = training(&two).iter().map(|p| (p.m, p.k, p.n, p.times)).collect();
        let expected = [
            (32, 1, 32, 10),  // a of layer 0
            (32, 32, 32, 10), // u
            (32, 32, 32, 10), // a of layer 1
            (32, 32, 32, 10), // u
            (320, 32, 1, 1),  // predictions
            (1, 320, 32, 1),  // dW of the head
            (320, 1, 32, 1),  // dL/dh
            (32, 32, 32, 10), // back in time, layer 1
            (32, 320, 32, 1), // dW_ih
            (32, 320, 32, 1), // dW_hh
            (320, 32, 32, 1), // dL/dx
            (32, 32, 32, 10), // layer 0
            (32, 320, 1, 1),
            (32, 320, 32, 1),
        ];
        assert_eq!(shapes, expected);
    }
}
