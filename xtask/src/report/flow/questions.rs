//! What the notebook's sliders ask of whoever moves them, answered with the numbers of the studies.

mod answers;

use super::{FAMILY, FlowStudy, SLIDER, ratio};
use answers::{bias, gates, losses, nonlinearities, radius, scales};

/// A question, what the numbers say, and settings of the explorer that show it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Question {
    pub(in crate::report) asked: &'static str,
    pub(in crate::report) answer: String,
    /// The query of the page's explorer, and what the link to it says.
    pub(in crate::report) look: (&'static str, &'static str),
}

/// Every question.
pub(in crate::report) fn all(studies: &[FlowStudy]) -> Vec<Question> {
    let studies: Vec<Network<'_>> = studies.iter().map(Network).collect();
    let question = |asked, answer, look| Question { asked, answer, look };
    vec![
        question(
            "Which weight scales make the gradient vanish, and which make it explode?",
            scales(&studies),
            ("v=1&a=identity&w=2", "the linear network at s = 2"),
        ),
        question(
            "Does the largest eigenvalue say where one turns into the other?",
            radius(&studies),
            ("v=1&a=identity&w=1.5", "the linear network at s = 1.5"),
        ),
        question(
            "What does the bias do?",
            bias(&studies),
            ("v=1&w=3&b=5", "tanh at s = 3 and a bias scale of 5"),
        ),
        question(
            "Which nonlinearity explodes, relu or tanh?",
            nonlinearities(&studies),
            ("v=1&a=relu&w=3", "relu at s = 3"),
        ),
        question(
            "Does a loss at every timestep cure the vanishing?",
            losses(&studies),
            ("v=1&o=all", "the RNN with tanh and a loss at every timestep"),
        ),
        question("What do gates change?", gates(&studies), ("v=1&c=gru", "the GRU")),
    ]
}

/// A study, asked for single numbers.
#[derive(Clone, Copy)]
struct Network<'a>(&'a FlowStudy);

impl Network<'_> {
    fn name(self) -> String {
        match self.0.nonlinearity {
            Some(nonlinearity) => format!("the RNN with {nonlinearity}"),
            None => format!("the {}", self.0.title),
        }
    }

    /// The smallest weight scale at which the first gradient is longer than the last.
    fn crossing(self) -> Option<f64> {
        self.0.line.iter().find(|(_, ratio)| *ratio > 1.0).map(|(scale, _)| *scale)
    }

    /// The ratio at one of [`FAMILY`].
    fn at(self, scale: f64) -> f64 {
        let k = FAMILY.iter().position(|&known| known == scale);
        k.map_or(f64::NAN, |k| ratio(&self.0.losses[1].family[k]))
    }

    /// The ratio at the weight scale of the line that is next to this one.
    fn near(self, scale: f64) -> (f64, f64) {
        let nearer = |a: &&(f64, f64), b: &&(f64, f64)| (a.0 - scale).abs().total_cmp(&(b.0 - scale).abs());
        self.0.line.iter().min_by(nearer).copied().unwrap_or((f64::NAN, f64::NAN))
    }

    /// The least and the greatest ratio over all bias scales at weight scale 1.
    fn over_bias(self) -> (f64, f64) {
        let side = self.0.map.len().isqrt();
        let (low, high) = SLIDER;
        let column = ((1.0 - low) / (high - low) * (side - 1) as f64).round() as usize;
        let ratios = self.0.map.iter().skip(column).step_by(side).copied().filter(|ratio| !ratio.is_nan());
        ratios.fold((f64::INFINITY, 0.0), |(least, most), ratio| (least.min(ratio), most.max(ratio)))
    }

    /// The share of the sliders' settings, of those in which there is a ratio, where it exceeds 1.
    fn longer(self) -> f64 {
        let known = self.0.map.iter().filter(|ratio| !ratio.is_nan());
        let longer = known.clone().filter(|ratio| **ratio > 1.0).count();
        longer as f64 / known.count() as f64
    }
}

/// "a, b and c".
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests;
