//! States as inputs and outputs of a graph.

use super::graph::{GraphBuilder, Size};
use super::proto::Attribute;

/// The states of one kind, h or c, of all levels.
pub(super) struct States {
    letter: char,
    directions: usize,
    /// The number of units of each level.
    widths: Vec<usize>,
}

impl States {
    /// Adds the inputs: h_0 of shape (levels · directions, batch, hidden) if all levels have the same size, and otherwise
    /// one input a level, h_0_l0 and so on.
    pub(super) fn enter(
        letter: char,
        directions: usize,
        widths: Vec<usize>,
        graph: &mut GraphBuilder,
    ) -> Self {
        let states = Self { letter, directions, widths };
        if states.joined() {
            let input = states.value(graph, &format!("{letter}_0"), states.widths.len(), states.widths[0]);
            graph.graph.input.push(input);
            if states.widths.len() > 1 {
                let rows = format!("{letter}_0_rows");
                graph.integers(&rows, &vec![directions as i64; states.widths.len()]);
                let outputs: Vec<_> = (0..states.widths.len()).map(|level| states.initial(level)).collect();
                let axis = vec![Attribute::int("axis", 0)];
                graph.node_of("Split", &[&format!("{letter}_0"), &rows], &outputs, axis);
            }
        } else {
            for (level, &width) in states.widths.iter().enumerate() {
                let input = states.value(graph, &states.initial(level), 1, width);
                graph.graph.input.push(input);
            }
        }
        states
    }

    /// Adds the outputs: h_n or h_n_l0 and so on, as the inputs.
    pub(super) fn leave(&self, graph: &mut GraphBuilder) {
        let letter = self.letter;
        if self.joined() {
            let output = self.value(graph, &format!("{letter}_n"), self.widths.len(), self.widths[0]);
            graph.graph.output.push(output);
            if self.widths.len() > 1 {
                let inputs: Vec<_> = (0..self.widths.len()).map(|level| self.last(level)).collect();
                let inputs: Vec<_> = inputs.iter().map(String::as_str).collect();
                let axis = vec![Attribute::int("axis", 0)];
                graph.node("Concat", &inputs, &format!("{letter}_n"), axis);
            }
        } else {
            for (level, &width) in self.widths.iter().enumerate() {
                let output = self.value(graph, &self.last(level), 1, width);
                graph.graph.output.push(output);
            }
        }
    }

    /// The name of the initial state of a level.
    pub(super) fn initial(&self, level: usize) -> String {
        self.name(level, '0')
    }

    /// The name of the final state of a level.
    pub(super) fn last(&self, level: usize) -> String {
        self.name(level, 'n')
    }

    fn name(&self, level: usize, when: char) -> String {
        let letter = self.letter;
        if self.widths.len() == 1 { format!("{letter}_{when}") } else { format!("{letter}_{when}_l{level}") }
    }

    /// Whether all levels share one input.
    fn joined(&self) -> bool {
        self.widths.iter().all(|width| *width == self.widths[0])
    }

    fn value(
        &self,
        graph: &GraphBuilder,
        name: &str,
        levels: usize,
        width: usize,
    ) -> super::proto::ValueInfo {
        graph.value(name, [Size::Fixed(levels * self.directions), Size::Free("batch"), Size::Fixed(width)])
    }
}
