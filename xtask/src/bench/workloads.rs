//! The workloads, by name.

use std::fmt;

use super::variants::Variant;
use crate::measure::network::{Kind, Network};
use crate::measure::products::{self, Product};

/// A workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Workload {
    pub(crate) id: &'static str,
    pub(crate) work: Work,
}

/// What it computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A training step on a fresh batch.
    Training(Network),
    /// A training step with one thing changed.
    Variant(Variant, Network),
    /// One timestep of one sequence; the state is carried, and the next input is the output.
    Streaming(Network),
    /// A forward pass.
    Forward(Network),
    /// Gradients of one sequence at every point of a grid of weight and bias scales, this many along each side, in f64.
    Sweep(Network, usize),
    /// `cargo xtask report`.
    Report,
}

const SMALL: Network =
    Network { cell: Kind::Rnn, input: 1, hidden: 32, layers: 1, head: true, batch: 32, time: 10 };
const STREAM: Network = Network { batch: 1, time: 1, ..SMALL };
const LSTM_256: Network =
    Network { cell: Kind::Lstm, input: 64, hidden: 256, layers: 1, head: true, batch: 32, time: 100 };

/// What cells and options are tried on.
const LSTM_2: Network = Network { cell: Kind::Lstm, layers: 2, time: 50, ..SMALL };

/// Every workload, in the order of the table.
pub(crate) const WORKLOADS: [Workload; 26] = [
    training("W1", SMALL),
    training("W2", Network { layers: 2, ..SMALL }),
    training("W3", Network { cell: Kind::Lstm, ..SMALL }),
    training("W4", Network { cell: Kind::Gru, ..SMALL }),
    training("W5", LSTM_256),
    training("W6", Network { input: 64, hidden: 512, layers: 2, batch: 64, time: 100, ..SMALL }),
    training(
        "W7",
        Network { cell: Kind::Lstm, input: 128, hidden: 512, layers: 2, batch: 64, time: 50, ..SMALL },
    ),
    streaming("I1", STREAM),
    streaming("I2", Network { cell: Kind::Lstm, ..STREAM }),
    streaming("I3", Network { cell: Kind::Gru, ..STREAM }),
    streaming("I4", Network { cell: Kind::Lstm, hidden: 16, head: false, ..STREAM }),
    streaming("I5", Network { cell: Kind::Lstm, input: 64, hidden: 128, head: false, ..STREAM }),
    Workload { id: "B1", work: Work::Forward(Network { head: false, ..LSTM_256 }) },
    variant("O1", Variant::Plain),
    variant("O2", Variant::LayerNorm),
    variant("O3", Variant::Projected),
    variant("O4", Variant::Peephole),
    variant("O5", Variant::ResetBefore),
    variant("O6", Variant::MinimalGated),
    variant("O7", Variant::Bidirectional),
    variant("O8", Variant::Dropout),
    variant("O9", Variant::Zoneout),
    variant("O10", Variant::Packed),
    variant("O11", Variant::Padded),
    Workload { id: "S1", work: Work::Sweep(Network { hidden: 16, batch: 1, ..SMALL }, 201) },
    Workload { id: "R1", work: Work::Report },
];

const fn training(id: &'static str, network: Network) -> Workload {
    Workload { id, work: Work::Training(network) }
}

const fn variant(id: &'static str, variant: Variant) -> Workload {
    Workload { id, work: Work::Variant(variant, LSTM_2) }
}

const fn streaming(id: &'static str, network: Network) -> Workload {
    Workload { id, work: Work::Streaming(network) }
}

impl Work {
    /// The matrix products of one call, in order; of one point, for a sweep. The report's are not counted.
    pub(crate) fn products(&self) -> Vec<Product> {
        match self {
            Self::Training(network) => products::training(network),
            Self::Streaming(network) | Self::Forward(network) => products::forward(network),
            Self::Sweep(network, _) => {
                [products::forward(network), products::backward(network, true)].concat()
            }
            // Each of these has products of its own.
            Self::Variant(..) | Self::Report => Vec::new(),
        }
    }

    /// How often a call runs [`products`](Self::products), independently of each other.
    pub(crate) fn points(&self) -> usize {
        if let Self::Sweep(_, side) = self { side * side } else { 1 }
    }

    /// Floating-point operations of all products of one call; `None` where they are not counted.
    pub(crate) fn flops(&self) -> Option<f64> {
        let products = self.products();
        (!products.is_empty()).then(|| self.points() as f64 * products::flops(&products))
    }

    /// Bits of its numbers.
    pub(crate) fn bits(&self) -> u32 {
        if matches!(self, Self::Sweep(..)) { 64 } else { 32 }
    }

    /// Whether the programs that it is compared with have it too.
    pub(crate) fn has_peers(&self) -> bool {
        !matches!(self, Self::Variant(..) | Self::Sweep(..) | Self::Report)
    }
}

/// "train LSTM 64→256, head, 32 x 100".
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Training(network) => write!(f, "train {network}, {} x {}", network.batch, network.time),
            Self::Variant(variant, network) => {
                write!(f, "train {network}, {} x {}: {variant}", network.batch, network.time)
            }
            Self::Streaming(network) => write!(f, "stream {network}"),
            Self::Forward(network) => write!(f, "forward {network}, {} x {}", network.batch, network.time),
            Self::Sweep(network, side) => {
                write!(f, "sweep {side} x {side}, {network}, {} steps", network.time)
            }
            Self::Report => write!(f, "the whole report"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_that_of_the_documentation() {
        let row = |id: &str| WORKLOADS.iter().find(|w| w.id == id).unwrap().work;
        assert_eq!(row("W1").to_string(), "train RNN 1→32, head, 32 x 10");
        assert_eq!(row("W2").to_string(), "train RNN 1→32, 2 layers, head, 32 x 10");
        assert_eq!(row("W6").to_string(), "train RNN 64→512, 2 layers, head, 64 x 100");
        assert_eq!(row("W7").to_string(), "train LSTM 128→512, 2 layers, head, 64 x 50");
        assert_eq!(row("I3").to_string(), "stream GRU 1→32, head");
        assert_eq!(row("I5").to_string(), "stream LSTM 64→128");
        assert_eq!(row("B1").to_string(), "forward LSTM 64→256, 32 x 100");
        assert_eq!(row("O7").to_string(), "train LSTM 1→32, 2 layers, head, 32 x 50: bidirectional");
        let ids: std::collections::BTreeSet<_> = WORKLOADS.iter().map(|w| w.id).collect();
        assert_eq!(ids.len(), WORKLOADS.len());
    }

    #[test]
    fn operations_by_hand() {
        let row = |id: &str| WORKLOADS.iter().find(|w| w.id == id).unwrap().work;
        assert_eq!(row("I2").flops(), Some(2.0 * (128.0 + 32.0 * 128.0 + 32.0)));
        assert_eq!(row("B1").flops(), Some(2.0 * 3200.0 * (64.0 * 1024.0 + 256.0 * 1024.0)));
        // Ten rows, 1→16→1: three products of W_hh's shape, three of W_ih's, as dL/dx is computed, three of the head's.
        assert_eq!(row("S1").flops(), Some(201.0 * 201.0 * 2.0 * 10.0 * 3.0 * (16.0 + 256.0 + 16.0)));
        assert_eq!(row("R1").flops(), None);
    }
}
