//! ONNX operators for the cells of a level.

use rnn_core::cell::Name;

use super::proto::Attribute;
use super::unsupported;
use crate::error::Fault;

/// An ONNX operator that computes what the cells of one level compute, for one direction or two.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) kind: Kind,
    pub(super) attributes: Vec<Attribute>,
}

/// The operator of a cell, without its activations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// For each gate of ONNX, the block of rows that holds it here; `None` for a gate that the cell does not have.
    pub(super) gates: &'static [Option<usize>],
    /// The names of the peephole weights, in ONNX' order.
    pub(super) peepholes: &'static [&'static str],
    /// An attribute that is 1.
    flag: Option<&'static str>,
}

/// An activation of ONNX, whose argument is first cut off at ± the limit, if there is one.
#[derive(Clone, Debug, PartialEq)]
struct Activation {
    function: &'static str,
    alpha: Option<f32>,
    beta: Option<f32>,
    limit: Option<f32>,
}

impl Operator {
    /// The operator for the built-in cells of a level's directions, which may have different activations.
    pub(super) fn of(cells: &[Name]) -> Result<Self, Fault> {
        let kinds = cells.iter().map(kind).collect::<Result<Vec<_>, _>>()?;
        let activations = cells.iter().map(activations).collect::<Result<Vec<_>, _>>()?.concat();
        let kind = kinds[0];
        if kinds.iter().any(|other| *other != kind) {
            return Err(unsupported(format!("a level with the cells {} and {}", cells[0], cells[1])));
        }
        let limit = activations[0].limit;
        if activations.iter().any(|activation| activation.limit != limit) {
            let cells = cells.iter().map(Name::to_string).collect::<Vec<_>>().join(" and ");
            return Err(unsupported(format!(
                "the activations of {cells}, because only some of them cut off their argument, or at different limits"
            )));
        }

        let functions: Vec<_> = activations.iter().map(|activation| activation.function).collect();
        let numbers =
            |of: fn(&Activation) -> Option<f32>| activations.iter().filter_map(of).collect::<Vec<_>>();
        let mut attributes = vec![Attribute::strings("activations", &functions)];
        for (name, numbers) in
            [("activation_alpha", numbers(|a| a.alpha)), ("activation_beta", numbers(|a| a.beta))]
        {
            if !numbers.is_empty() {
                attributes.push(Attribute::floats(name, numbers));
            }
        }
        attributes.extend(limit.map(|limit| Attribute::float("clip", limit)));
        attributes.extend(kind.flag.map(|flag| Attribute::int(flag, 1)));
        Ok(Self { kind, attributes })
    }
}

/// The operator of a cell.
fn kind(cell: &Name) -> Result<Kind, Fault> {
    let rnn = Kind { name: "RNN", gates: &[Some(0)], peepholes: &[], flag: None };
    // Here: i, f, g, o. In ONNX: i, o, f, c.
    let lstm = Kind { name: "LSTM", gates: &[Some(0), Some(3), Some(1), Some(2)], ..rnn };
    // Here: r, z, n. In ONNX: z, r, h.
    let gru = Kind { name: "GRU", gates: &[Some(1), Some(0), Some(2)], ..rnn };
    Ok(match cell.base() {
        "rnn" | "rnn-tanh" | "rnn-relu" | "rnn-sigmoid" | "rnn-identity" => rnn,
        "lstm" => lstm,
        "lstm-peephole" => Kind { peepholes: &["weight_ci", "weight_co", "weight_cf"], ..lstm },
        // Here: i, g, o, and f = 1 − i.
        "lstm-coupled" => {
            Kind { gates: &[Some(0), Some(2), None, Some(1)], flag: Some("input_forget"), ..lstm }
        }
        "gru" => Kind { flag: Some("linear_before_reset"), ..gru },
        "gru-reset-before" => gru,
        _ => return Err(unsupported(format!("the cell {cell}"))),
    })
}

/// The activations of a built-in cell, in ONNX' order.
fn activations(cell: &Name) -> Result<Vec<Activation>, Fault> {
    let of = |key, usual| activation(cell, cell.get(key).unwrap_or(usual));
    if let Some(usual) = cell.base().strip_prefix("rnn") {
        return Ok(vec![of("activation", usual.trim_start_matches('-'))?]);
    }
    let (gate, candidate) = (of("gate", "sigmoid")?, of("candidate", "tanh")?);
    if !cell.base().starts_with("lstm") {
        return Ok(vec![gate, candidate]);
    }
    // By the text of ONNX, `clip` also acts on the way from c to h; in onnxruntime it does not.
    if gate.limit.or(candidate.limit).is_some() {
        return Err(unsupported(format!(
            "a limit in the cell {cell}, because runtimes differ on whether it acts on the way from c to h"
        )));
    }
    // f of the gates, g of the candidate, h on the way from c to h.
    Ok(vec![gate, candidate.clone(), candidate])
}

/// The activation of this name.
fn activation(cell: &Name, text: &str) -> Result<Activation, Fault> {
    let plain = |function| Activation { function, alpha: None, beta: None, limit: None };
    let affine = Activation { alpha: Some(1.0), beta: Some(0.0), ..plain("Affine") };
    let unknown = || unsupported(format!("the activation {text} of the cell {cell}"));
    let name: Name = text.parse().map_err(|_| unknown())?;
    Ok(match (name.base(), name.settings().count()) {
        ("tanh", 0) => plain("Tanh"),
        ("sigmoid", 0) => plain("Sigmoid"),
        ("relu", 0) => plain("Relu"),
        ("softsign", 0) => plain("Softsign"),
        ("identity", 0) => affine,
        ("hard-sigmoid", 0) => Activation { alpha: Some(1.0 / 6.0), beta: Some(0.5), ..plain("HardSigmoid") },
        // The identity, cut off at ± 1.
        ("hard-tanh", 0) => Activation { limit: Some(1.0), ..affine },
        ("clip", 2) => {
            let of = activation(cell, name.get("of").ok_or_else(unknown)?)?;
            let limit = name.number("limit").map_err(|_| unknown())? as f32;
            // Cutting off twice, as around `hard-tanh`, is cutting off at the smaller limit.
            Activation { limit: Some(of.limit.map_or(limit, |inner| inner.min(limit))), ..of }
        }
        _ => return Err(unknown()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str]) -> Result<Operator, String> {
        let names: Vec<Name> = cells.iter().map(|cell| cell.parse().expect("a name")).collect();
        Operator::of(&names).map_err(|fault| fault.to_string())
    }

    fn strings(operator: &Operator, name: &str) -> Vec<String> {
        let found = operator.attributes.iter().find(|attribute| attribute.name == name);
        found.map_or(Vec::new(), |attribute| {
            attribute.strings.iter().map(|s| String::from_utf8_lossy(s).into_owned()).collect()
        })
    }

    fn floats(operator: &Operator, name: &str) -> Vec<f32> {
        let found = operator.attributes.iter().find(|attribute| attribute.name == name);
        found.map_or(Vec::new(), |attribute| attribute.floats.clone())
    }

    /// ONNX assigns the numbers in order to those activations that take any, and the functions to gates by position.
    #[test]
    fn activations_stand_in_the_order_of_onnx() {
        let lstm = of(&["lstm(gate=hard-sigmoid, candidate=softsign)"]).expect("an LSTM node");
        assert_eq!(strings(&lstm, "activations"), ["HardSigmoid", "Softsign", "Softsign"]);
        assert_eq!(floats(&lstm, "activation_alpha"), [1.0 / 6.0]);
        assert_eq!(floats(&lstm, "activation_beta"), [0.5]);
        let both = of(&["gru", "gru(gate=sigmoid, candidate=identity)"]).expect("a GRU node");
        assert_eq!(strings(&both, "activations"), ["Sigmoid", "Tanh", "Sigmoid", "Affine"]);
        assert_eq!(floats(&both, "activation_alpha"), [1.0]);
        let rnn = of(&["rnn-tanh", "rnn-relu"]).expect("an RNN node");
        assert_eq!(strings(&rnn, "activations"), ["Tanh", "Relu"]);
    }

    /// A reset before the product is the default of ONNX, the one after it is not.
    #[test]
    fn the_place_of_the_reset_is_a_flag() {
        let flag = |cell| {
            let operator = of(&[cell]).expect("a GRU node");
            operator.attributes.iter().any(|attribute| attribute.name == "linear_before_reset")
        };
        assert!(flag("gru"));
        assert!(!flag("gru-reset-before"));
    }

    /// ONNX has one limit for all activations of a node, so different limits must not become one.
    #[test]
    fn limits_are_exported_only_if_they_agree() {
        let clip = |cell| {
            of(&[cell]).map(|operator| {
                let clip = operator.attributes.iter().find(|attribute| attribute.name == "clip");
                clip.and_then(|attribute| attribute.f)
            })
        };
        assert_eq!(clip("rnn-tanh"), Ok(None));
        assert_eq!(clip("rnn(activation=hard-tanh)"), Ok(Some(1.0)));
        assert_eq!(clip("rnn(activation=clip(of=hard-tanh, limit=0.5))"), Ok(Some(0.5)));
        let three = "gru(gate=clip(of=sigmoid, limit=3), candidate=clip(of=tanh, limit=3))";
        assert_eq!(clip(three), Ok(Some(3.0)));
        for lstm in [
            "lstm(gate=clip(of=sigmoid, limit=3), candidate=clip(of=tanh, limit=3))",
            "lstm-peephole(gate=sigmoid, candidate=clip(of=tanh, limit=3))",
            "lstm(gate=sigmoid, candidate=hard-tanh)",
        ] {
            let error = clip(lstm).expect_err("not the same function in every runtime");
            assert!(error.contains("from c to h"), "{error}");
        }
        let uneven = "gru(gate=clip(of=sigmoid, limit=2), candidate=clip(of=tanh, limit=3))";
        let error = clip(uneven).expect_err("different limits");
        assert!(error.contains("different limits"), "{error}");
    }

    #[test]
    fn other_cells_are_named() {
        for (cells, says) in [
            (&["leaky(alpha=0.5)"] as &[&str], "the cell leaky(alpha=0.5)"),
            (&["rnn(activation=swish)"], "the activation swish"),
            (&["rnn-swish"], "the cell rnn-swish"),
            (&["lstm", "lstm-peephole"], "lstm and lstm-peephole"),
            (&["lstm", "gru"], "lstm and gru"),
        ] {
            let error = of(cells).expect_err("no operator");
            assert!(error.contains(says), "{error}");
        }
    }
}
