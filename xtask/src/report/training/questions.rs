//! What the trainings are asked, answered with their losses.

use rnn_core::Timesteps;
use rnn_data::{CumulativeAverage, Task};
use rnn_explore::{number, percent};

use super::{Run, TrainingStudy};
use crate::report::data::TIME;

/// Questions with their answers.
pub(in crate::report) fn questions(study: &TrainingStudy) -> Vec<(&'static str, String)> {
    vec![("Does a second layer help?", second_layer(study)), ("How much of the loss is left?", left(study))]
}

fn find(study: &TrainingStudy, over: Timesteps, cell: &str, layers: usize) -> Option<f64> {
    let is = |run: &&Run| (run.over, run.cell, run.layers) == (over, cell, layers);
    study.runs.iter().find(is).map(Run::final_loss)
}

fn second_layer(study: &TrainingStudy) -> String {
    let pair = |over| Some((find(study, over, "rnn", 1)?, find(study, over, "rnn", 2)?));
    let (Some(all), Some(last)) = (pair(Timesteps::All), pair(Timesteps::Last)) else { return String::new() };
    let verdict = match (all.1 < all.0, last.1 < last.0) {
        (true, true) => "Yes, under both losses.",
        (false, false) => "No, under neither loss.",
        (true, false) => "With the loss at all timesteps it does, with that at the last it does not.",
        (false, true) => "With the loss at the last timestep it does, with that at all it does not.",
    };
    let times = |(one, two): (f64, f64)| number(two / one);
    format!(
        "{verdict} The RNN of 2 layers ends with {} times the final loss of the RNN of 1 layer when all timesteps count, and with {} \
         times when the last one does. It also has more parameters, so this does not say that depth is what helps.",
        times(all),
        times(last)
    )
}

fn left(study: &TrainingStudy) -> String {
    let Ok(task) = CumulativeAverage::new(TIME) else { return String::new() };
    let share = |cell: &str, layers: usize, over| {
        let loss = find(study, over, cell, layers)?;
        Some(percent(loss / task.baseline(over)))
    };
    let said: Vec<String> = [("rnn", 1), ("rnn", 2), ("lstm", 1), ("gru", 1)]
        .into_iter()
        .filter_map(|(cell, layers)| {
            let run = study.runs.iter().find(|run| run.cell == cell && run.layers == layers)?;
            let (all, last) = (share(cell, layers, Timesteps::All)?, share(cell, layers, Timesteps::Last)?);
            Some(format!("{all} and {last} ({})", run.title()))
        })
        .collect();
    format!(
        "Of what a network pays that predicts 0, when all timesteps count and when the last one does: {}.",
        said.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::super::super::data;
    use super::super::super::flow::read::{after, same};
    use super::*;
    use crate::report::Settings;

    /// Would catch: the two losses or the two depths exchanged, and a verdict that the losses do not bear out.
    #[test]
    fn every_answer_is_true() {
        let settings = Settings::default_in(std::path::Path::new("nowhere")).unwrap();
        let evaluation = || data::draw(&settings).unwrap();
        for [a, b, c, d] in [
            [2e-3, 1e-3, 4e-4, 1e-4],
            [1e-3, 2e-3, 4e-4, 5e-4],
            [1e-3, 2e-3, 5e-4, 4e-4],
            [2e-3, 1e-3, 4e-4, 5e-4],
        ] {
            let run = |cell, layers, over, loss| Run {
                cell,
                layers,
                over,
                losses: vec![loss as f32],
                seconds: 0.0,
                predictions: Array3::zeros((4, 10, 1)),
                parameters: [Vec::new(), Vec::new()],
            };
            let (all, last) = (Timesteps::All, Timesteps::Last);
            let runs = vec![
                run("rnn", 1, all, a),
                run("rnn", 2, all, b),
                run("rnn", 1, last, c),
                run("rnn", 2, last, d),
            ];
            let study = TrainingStudy { runs, evaluation: [evaluation(), evaluation()] };
            let answers = questions(&study);
            let depth = &answers[0].1;
            same(after(depth, "2 layers ends with ").unwrap(), b / a, depth);
            same(after(depth, "timesteps count, and with ").unwrap(), d / c, depth);
            assert_eq!(depth.starts_with("Yes"), b < a && d < c, "{depth}");
            assert_eq!(depth.starts_with("No,"), b > a && d > c, "{depth}");
            assert_eq!(
                depth.contains("at all timesteps it does, with that at the last it does not"),
                b < a && d > c,
                "{depth}"
            );
            // 1/10 of the variance of a normal number, and the mean of 1, 1/2 .. 1/10 of it.
            let baseline = (1..=10).map(|t| 0.1 / f64::from(t)).sum::<f64>();
            let left = &answers[1].1;
            let two = &left[left.find("(RNN, 1 layer), ").unwrap() + "(RNN, 1 layer), ".len()..];
            assert!((after(left, "one does: ").unwrap() - a / baseline).abs() < 6e-4, "{left}");
            assert!((after(two, " and ").unwrap() - d / 0.1).abs() < 6e-4, "{left}");
        }
    }
}
