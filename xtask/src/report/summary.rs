//! What the terminal shows at the end.

use super::Report;
use super::data::target_name;

/// A table of the trainings, and whether the checks and the agreement hold.
pub(super) fn text(report: &Report, seconds: f64) -> String {
    let passed = report.checks.iter().filter(|check| check.passed()).count();
    let mut lines = vec![
        format!("{passed} of {} known values met", report.checks.len()),
        String::new(),
        format!(
            "{:<16}{:<7}{:>11}{:>12}{:>9}{:>12}",
            "model", "target", "first loss", "final loss", "time", "a batch"
        ),
    ];
    for run in &report.training.runs {
        let target = target_name(run.over);
        lines.push(format!(
            "{:<16}{target:<7}{:>11.6}{:>12.6}{:>7.2} s{:>9.1} us",
            run.title(),
            run.first_loss(),
            run.final_loss(),
            run.seconds,
            run.microseconds_per_batch(),
        ));
    }
    lines.push(String::new());
    lines.push(match &report.agreement {
        Some(agreement) => format!(
            "PyTorch: {} losses differ by at most {:.1e} of their value{}",
            agreement.batches(),
            agreement.max_relative_loss_difference(),
            if agreement.passed() { "" } else { ": MORE THAN ROUNDING EXPLAINS" },
        ),
        None => "PyTorch: not compared, the settings are not those of its trace (all defaults)".to_owned(),
    });
    lines.push(format!("{seconds:.1} s in all"));
    lines.push(String::new());
    lines.join("\n")
}
