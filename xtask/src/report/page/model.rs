//! The layers, the task, the known values.

use anyhow::Result;
use maud::{PreEscaped, html};
use rnn_core::Timesteps;
use rnn_data::{CumulativeAverage, Task};

use super::html::{Figures, cite, display, inline, next, number, scientific, whole, work};
use super::{diagrams, heading};
use crate::report::Report;
use crate::report::checks::Check;
use crate::report::data::TIME;

pub(super) fn sections(report: &Report, figures: &Figures<'_>) -> Result<PreEscaped<String>> {
    let task = CumulativeAverage::new(TIME)?;
    let passed = report.checks.iter().filter(|check| check.passed()).count();
    let checks = html! {
        section {
            (heading("checks"))
            p {
                "Networks small enough to be worked out by hand, with all parameters equal, against the values that the \
                 notebook gives (to four decimals, hence the tolerance). " (passed) " of " (report.checks.len()) " are met."
            }
            div.wide tabindex="0" {
                table {
                    thead { tr { th { "what" } th { "expected" } th { "got" } th.n { "largest error" } th { "verdict" } } }
                    tbody { @for check in &report.checks { (row(check)) } }
                }
            }
            (next("A state that is carried along is a memory. What is there to remember?"))
        }
    };
    Ok(html! {
        section {
            (heading("layers"))
            p {
                "A recurrent layer reads a sequence " (inline(r"x_1, \dots, x_T")?) " and keeps a hidden state "
                (inline("h_t")?) ". With the two products "
                (inline(r"a_t = W_{ih} x_t + b_{ih}")?) " and " (inline(r"u_t = W_{hh} h_{t-1} + b_{hh}")?)
                ", the Elman cell " (cite("elman")) " is a function " (inline(r"\varphi")?) " of their sum,"
            }
            (display(r"h_t = \varphi(a_t + u_t), \qquad h_0 = 0.")?)
            (diagrams::unrolled())
            p {
                "The LSTM " (cite("hochreiter")) ", here with the forget gate of " (work("gers")) ", protects a second state "
                (inline("c_t")?) " behind gates,"
            }
            (display(
                r"\begin{aligned} i, f, o &= \sigma(a + u), & g &= \tanh(a_g + u_g), \\ c_t &= f \circ c_{t-1} + i \circ g, & h_t &= o \circ \tanh c_t, \end{aligned}"
            )?)
            p {
                "and the GRU " (cite("cho")) " mixes the old state with a new one, its reset gate after the product, as PyTorch has it:"
            }
            (display(
                r"r, z = \sigma(a + u), \qquad n = \tanh(a_n + r \circ u_n), \qquad h_t = (1 - z) \circ n + z \circ h_{t-1}."
            )?)
            p {
                "Layers stack: the hidden states of one are the inputs of the next. A linear head "
                (inline(r"\hat y_t = V h_t + d")?) " on the last layer makes predictions. " (work("olah"))
                " draws the LSTM gate by gate."
            }
            (next("Do the programs behind this page compute what these formulas say?"))
        }
        (checks)
        section {
            (heading("task"))
            p {
                "A network may read a sequence and answer once, or at every timestep, or write many answers to one input "
                (cite("karpathy")) ":"
            }
            (diagrams::kinds())
            p {
                "The task is to follow the cumulative average of standard normal noise,"
            }
            (display(r"x_t \sim \mathcal N(0, 1), \qquad y_t = \frac 1 t \sum_{k=1}^{t} x_k, \qquad t = 1, \dots, 10,")?)
            p {
                "under the mean squared error over all timesteps or over the last one only:"
            }
            (display(
                r"L_{\text{all}} = \frac{1}{BT} \sum_{b,t} (\hat y_t^{(b)} - y_t^{(b)})^2, \qquad L_{\text{last}} = \frac{1}{B} \sum_{b} (\hat y_T^{(b)} - y_T^{(b)})^2."
            )?)
            p {
                "A network that has learned nothing and predicts 0 pays "
                (inline(r"\sum_t 1/(t\,T)")?) " = " (number(task.baseline(Timesteps::All), 5)) " under the first and "
                (inline(r"1/T")?) " = " (number(task.baseline(Timesteps::Last), 1)) " under the second."
            }
            (figures.show(2, &[whole("data_all")])?)
            p {
                "For the last prediction each input counts the same, one part in " (TIME) ", the first as much as the latest. A \
                 network that is to learn that has to hear of its error at the first timestep too."
            }
            (next("The error is known at the end of the sequence. How much of it gets back to the start?"))
        }
    })
}

/// One line of the table of known values.
fn row(check: &Check) -> PreEscaped<String> {
    let decimals = if check.tolerance == 0.0 { 0 } else { 4 };
    let list = |values: &[f64]| {
        // Units of a layer whose parameters are all equal are equal: once is enough.
        let mut values: Vec<String> = values.iter().map(|&x| number(x, decimals)).collect();
        values.dedup();
        values.join("  ")
    };
    html! {
        tr {
            td { (check.name) }
            td.values { (list(&check.expected)) }
            td.values { (list(&check.got)) }
            td.n { (scientific(check.max_abs_error())) }
            td { @if check.passed() { span.pass { "✓ pass" } } @else { span.fail { "✗ FAIL" } } }
        }
    }
}
