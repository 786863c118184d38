//! Building a graph.

use super::proto::{self, Attribute, Node, Tensor};
use crate::element::Element;
use crate::error::Fault;

/// A graph, to which nodes and tensors are added.
pub(super) struct GraphBuilder {
    pub(super) data_type: i32,
    pub(super) graph: proto::Graph,
}

impl GraphBuilder {
    /// An empty graph of numbers of this type.
    pub(super) fn new(data_type: i32) -> Self {
        Self { data_type, graph: proto::Graph { name: "rnn".to_owned(), ..proto::Graph::default() } }
    }

    /// Adds a node with one output and no attributes but these.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], output: &str, attribute: Vec<Attribute>) {
        self.node_of(operator, inputs, &[output.to_owned()], attribute);
    }

    /// Adds a node, whose name is made of the operator and the first output.
    pub(super) fn node_of(
        &mut self,
        operator: &str,
        inputs: &[&str],
        outputs: &[String],
        attribute: Vec<Attribute>,
    ) {
        self.graph.node.push(Node {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: outputs.to_vec(),
            name: format!("{operator}_{}", outputs[0]),
            op_type: operator.to_owned(),
            attribute,
        });
    }

    /// Adds a constant tensor. A number that is infinite in the type of the graph is an error.
    pub(super) fn tensor<F: Element>(
        &mut self,
        name: &str,
        shape: &[usize],
        numbers: impl IntoIterator<Item = F>,
    ) -> Result<(), Fault> {
        let mut raw_data = Vec::new();
        for (at, x) in numbers.into_iter().enumerate() {
            if self.data_type == proto::FLOAT {
                let single = x.exact() as f32;
                if !single.is_finite() {
                    let (tensor, index, value) = (name.to_owned(), vec![at], x.to_string());
                    return Err(Fault::NonFinite { tensor, index, value, dtype: "f32" });
                }
                single.write(&mut raw_data);
            } else {
                x.write(&mut raw_data);
            }
        }
        let dims = shape.iter().map(|&size| size as i64).collect();
        let data_type = self.data_type;
        self.graph.initializer.push(Tensor { dims, data_type, name: name.to_owned(), raw_data });
        Ok(())
    }

    /// Adds a constant vector of integers.
    pub(super) fn integers(&mut self, name: &str, numbers: &[i64]) {
        let raw_data = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let dims = vec![numbers.len() as i64];
        let tensor = Tensor { dims, data_type: proto::INT64, name: name.to_owned(), raw_data };
        self.graph.initializer.push(tensor);
    }

    /// An input or output of the graph. Sizes are numbers or names of sizes that are free.
    pub(super) fn value(&self, name: &str, sizes: [Size; 3]) -> proto::ValueInfo {
        let dim = sizes.map(|size| {
            let size = match size {
                Size::Free(name) => proto::Size::Name(name.to_owned()),
                Size::Fixed(size) => proto::Size::Value(size as i64),
            };
            proto::Dimension { size: Some(size) }
        });
        let shape = proto::Shape { dim: dim.to_vec() };
        let tensor = proto::TensorType { data_type: self.data_type, shape: Some(shape) };
        proto::ValueInfo { name: name.to_owned(), kind: Some(proto::Type { tensor: Some(tensor) }) }
    }
}

/// A size of an input or an output.
pub(super) enum Size {
    /// A size that differs from run to run, under a name.
    Free(&'static str),
    /// A size of the network.
    Fixed(usize),
}
