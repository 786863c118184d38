//! How far what was said lies from what came, and who was nearest.

use std::fmt;

/// What one way of guessing said about the validation and the test part, and about the rows after the last one.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) who: &'static str,
    pub(crate) validation: Vec<f64>,
    pub(crate) test: Vec<f64>,
    pub(crate) next: Vec<f64>,
}

/// Root mean squared and mean absolute error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) rmse: f64,
    pub(crate) mae: f64,
}

impl Score {
    pub(crate) fn of(said: &[f64], truth: &[f64]) -> Self {
        let n = truth.len() as f64;
        let errors = || said.iter().zip(truth).map(|(said, truth)| said - truth);
        let (squares, sizes) = (errors().map(|e| e * e).sum::<f64>(), errors().map(f64::abs).sum::<f64>());
        Self { rmse: (squares / n).sqrt(), mae: sizes / n }
    }
}

/// A row for each way of guessing, the network first.
#[derive(Clone, Debug)]
pub(crate) struct Table<'a> {
    /// Whose scores, on the validation and on the test part.
    pub(crate) rows: Vec<(&'a str, Score, Score)>,
    /// The unit of the series, or nothing.
    pub(crate) unit: &'a str,
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" ({})", self.unit) };
        writeln!(f, "{:<28}{:^22}{:^22}", format!("errors{unit}"), "validation part", "test part")?;
        writeln!(f, "{:<28}{:>11}{:>11}{:>11}{:>11}", "", "RMSE", "MAE", "RMSE", "MAE")?;
        for (who, validation, test) in &self.rows {
            let numbers = [validation.rmse, validation.mae, test.rmse, test.mae].map(significant);
            let [a, b, c, d] = numbers;
            writeln!(f, "{who:<28}{a:>11}{b:>11}{c:>11}{d:>11}")?;
        }
        Ok(())
    }
}

impl Table<'_> {
    /// Whether the network is of any use, by its root mean squared error on the test part.
    pub(crate) fn verdict(&self) -> String {
        let Some(((network, _, own), guesses)) = self.rows.split_first() else { return String::new() };
        let nearest = guesses.iter().min_by(|a, b| a.2.rmse.total_cmp(&b.2.rmse));
        let Some((other, _, best)) = nearest else { return String::new() };
        let percent = 100.0 * (own.rmse / best.rmse - 1.0);
        if best.rmse == 0.0 {
            let own = if own.rmse == 0.0 { ", and so is the network" } else { "" };
            format!(
                "\"{other}\" is always right on the test part{own}: there is nothing that a network could do better."
            )
        } else if percent < 0.0 {
            let less = -percent;
            format!(
                "The {network} wins on the test part: its RMSE is {less:.0} % below that of the best guess, \"{other}\"."
            )
        } else {
            format!(
                "The {network} does not win on the test part: \"{other}\" does, and the network's RMSE is {percent:.0} % above."
            )
        }
    }
}

/// Four digits, however large the number is.
pub(crate) fn significant(value: f64) -> String {
    if !(1e-3..1e5).contains(&value.abs()) && value != 0.0 {
        return format!("{value:.3e}");
    }
    let before = if value.abs() < 1.0 { 1 } else { value.abs().log10() as usize + 1 };
    format!("{value:.*}", 4_usize.saturating_sub(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_their_formulas() {
        let score = Score::of(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 8.0]);
        assert_eq!(score, Score { rmse: 2.0, mae: 1.0 });
    }

    #[test]
    fn the_verdict_is_on_the_test_part_and_against_the_best_guess() {
        let score = |rmse| Score { rmse, mae: 0.0 };
        let mut table = Table {
            rows: vec![
                ("network", score(9.0), score(1.5)),
                ("now", score(1.0), score(3.0)),
                ("season", score(1.0), score(2.0)),
            ],
            unit: "",
        };
        assert!(
            table.verdict().contains("wins") && table.verdict().contains("25 % below"),
            "{}",
            table.verdict()
        );
        table.rows[2].2 = score(1.2);
        let lost = table.verdict();
        assert!(
            lost.contains(r#"does not win on the test part: "season" does"#) && lost.contains("25 % above")
        );
    }

    /// A guess that is always right has an error of 0, and no percentage above it.
    #[test]
    fn a_perfect_guess_is_said_in_words() {
        let score = |rmse| Score { rmse, mae: rmse };
        let table = |own| Table {
            rows: vec![("network", score(9.0), score(own)), ("season", score(0.0), score(0.0))],
            unit: "",
        };
        let said = table(0.3).verdict();
        assert!(said.starts_with("\"season\" is always right on the test part: "), "{said}");
        assert!(table(0.0).verdict().contains("and so is the network"));
    }

    #[test]
    fn numbers_have_four_digits() {
        assert_eq!(
            [0.04321, 3.25, 432.1, 43210.9, 0.0].map(significant),
            ["0.043", "3.250", "432.1", "43211", "0.000"]
        );
        assert_eq!([1.234_56e-7, -3.25, -123_456.0].map(significant), ["1.235e-7", "-3.250", "-1.235e5"]);
    }
}
