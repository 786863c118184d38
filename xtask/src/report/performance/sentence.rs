//! How the cost grows, in words, from the times.

use super::{Curve, Variable};

/// How far from 1 an exponent may be that still counts as linear.
const ABOUT: f64 = 0.15;

/// One or two sentences: the exponents over the last doublings, and where they come from.
pub(super) fn describe(variable: Variable, curves: &[Curve]) -> String {
    let exponents: Vec<f64> = curves.iter().map(Curve::exponent).collect();
    let listed: Vec<String> =
        curves.iter().zip(&exponents).map(|(curve, p)| format!("{p:.2} ({})", curve.cell.name())).collect();
    let listed = listed.join(", ");
    let (symbol, work) = match variable {
        Variable::Hidden => return squares(&listed, &exponents),
        Variable::Time => ("T", "every timestep is the same work, once forward and once back"),
        Variable::Batch => ("B", "every sequence is the same work, and none waits for another"),
        Variable::Layers => ("L", "every layer above the first is the same work again"),
    };
    let all = |holds: fn(f64) -> bool| exponents.iter().all(|&p| holds(p));
    if all(|p| (p - 1.0).abs() <= ABOUT) {
        return format!(
            "In {symbol} the cost is close to linear, since {work}: over the last doublings it grows like {symbol} to the power of \
             {listed}."
        );
    }
    let reason = if all(|p| p <= 1.0 + ABOUT) {
        "A power below 1 comes from what a step costs at any size, from larger products, which are done at a higher speed, or from \
         more threads."
    } else {
        "A power above 1 comes from the machine: states outgrow its caches, threads cost more than they gain, or another program \
         ran."
    };
    format!(
        "In {symbol} the operations are linear, since {work}; the time grows over the last doublings like {symbol} to the \
         power of {listed}. {reason}"
    )
}

/// What is said of H, in which the operations are not linear.
fn squares(listed: &str, exponents: &[f64]) -> String {
    let between = exponents.iter().all(|p| (1.0..=2.0).contains(p));
    let where_to = if between {
        "which makes a power between 1 and 2 that nears 2 as the products take over"
    } else {
        "which by itself makes a power between 1 and 2; the speed of the products changes with H too"
    };
    format!(
        "In H the cost grows over the last doublings like H to the power of {listed}: the products with the recurrent weights \
         are H² operations for each timestep and sequence, activations and gates are H, {where_to}."
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Kind;
    use super::*;

    fn curves(power: f64) -> Vec<Curve> {
        let sizes = vec![32.0, 64.0, 128.0];
        let seconds: Vec<f64> = sizes.iter().map(|size: &f64| 1e-6 * size.powf(power)).collect();
        vec![Curve { cell: Kind::Gru, sizes, seconds }]
    }

    #[test]
    fn words_follow_the_numbers() {
        let linear = describe(Variable::Time, &curves(1.02));
        assert!(linear.contains("close to linear") && linear.contains("1.02 (GRU)"), "{linear}");
        assert!(describe(Variable::Batch, &curves(0.6)).contains("below 1"));
        assert!(describe(Variable::Layers, &curves(1.3)).contains("above 1"));
        assert!(describe(Variable::Hidden, &curves(1.6)).contains("nears 2"));
        assert!(!describe(Variable::Hidden, &curves(2.3)).contains("nears 2"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Would catch: a claim that the exponents do not bear out.
        #[test]
        fn every_claim_holds_for_the_powers_in_the_sentence(powers in prop::collection::vec(0.2..3.3, 1..4)) {
            let all: Vec<Curve> = powers.iter().flat_map(|&power| curves(power)).collect();
            let every = |holds: fn(f64) -> bool| powers.iter().all(|&power| holds(power));
            for variable in [Variable::Time, Variable::Hidden, Variable::Batch, Variable::Layers] {
                let text = describe(variable, &all);
                let said: Vec<f64> = text
                    .match_indices(" (GRU)")
                    .map(|(at, _)| text[..at].rsplit([' ', '(']).next().unwrap().parse().unwrap())
                    .collect();
                prop_assert_eq!(said.len(), powers.len());
                for (said, power) in said.iter().zip(&powers) {
                    prop_assert!((said - power).abs() <= 0.0051, "{} is not {}", said, power);
                }
                if variable == Variable::Hidden {
                    prop_assert_eq!(text.contains("that nears 2"), every(|p| (1.0..=2.0).contains(&p)));
                } else {
                    prop_assert_eq!(text.contains("close to linear"), every(|p| (p - 1.0).abs() <= ABOUT));
                    prop_assert_eq!(text.contains("power above 1"), !every(|p| p <= 1.0 + ABOUT));
                }
            }
        }
    }
}
