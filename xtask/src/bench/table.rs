//! The results as a table in the terminal.

use std::fmt::Write as _;

use clap::builder::styling::Style;

use super::results::{Outcome, Results, Row};
use crate::output::{align, printable};

/// All of it.
pub(super) fn text(results: &Results, styled: bool) -> String {
    let bold = if styled { Style::new().bold() } else { Style::new() };
    let mut text = String::new();
    let machine = &results.machine;
    let _ = writeln!(
        text,
        "{}, {}, {}; {}, which can do {} GFLOP/s in f32",
        machine.processor,
        counted(machine.cores, "core"),
        machine.instruction_set,
        counted(machine.threads, "thread"),
        significant(results.peak.flops(32) / 1e9),
    );
    for peer in &results.peers {
        let threads = peer.threads.map_or(String::new(), |n| format!("; {}", counted(n as usize, "thread")));
        let _ = writeln!(text, "{} {}{threads}", printable(&peer.name), printable(&peer.version));
    }

    let mut lines = vec![header(results)];
    lines.extend(results.rows.iter().map(|row| cells(row, results)));
    text.push('\n');
    for (k, line) in align(&lines, |column| column >= 2).iter().enumerate() {
        let style = if k == 0 { bold } else { Style::new() };
        let _ = writeln!(text, "{style}{}{style:#}", line.trim_end());
    }
    let notes = notes(results);
    if !notes.is_empty() {
        let _ = write!(text, "\n{notes}");
    }
    text
}

fn header(results: &Results) -> Vec<String> {
    let own = ["", "", "median", "min", "GFLOP/s", "of peak", "products", "of time"];
    let peers = results.peers.iter().flat_map(|peer| [printable(&peer.name), String::new()]);
    own.into_iter().map(str::to_owned).chain(peers).collect()
}

fn cells(row: &Row, results: &Results) -> Vec<String> {
    let or_nothing = |text: Option<String>| text.unwrap_or_default();
    let samples = &row.ours.samples;
    let mut cells = vec![
        row.workload.id.to_owned(),
        row.workload.work.to_string(),
        duration(samples.median()),
        duration(samples.min()),
        or_nothing(row.flops().map(|flops| significant(flops / 1e9))),
        or_nothing(row.of_peak(results.peak).map(percent)),
        or_nothing(row.bound.as_ref().map(|bound| duration(bound.samples.min()))),
        or_nothing(row.of_bound().map(percent)),
    ];
    for outcome in &row.peers {
        cells.extend(match outcome {
            Outcome::Variants(_) => {
                let median = outcome.best().map_or(f64::NAN, |(_, samples)| samples.median());
                [duration(median), format!("x {}", significant(median / samples.median()))]
            }
            Outcome::Unsupported(_) => ["-".to_owned(), String::new()],
            Outcome::Failed(_) => ["error".to_owned(), String::new()],
        });
    }
    cells
}

/// Which variants the peers' numbers are, and what kept them from giving one.
fn notes(results: &Results) -> String {
    let mut text = String::new();
    for (k, peer) in results.peers.iter().enumerate() {
        let name = printable(&peer.name);
        let mut best: Vec<(&str, Vec<&str>)> = Vec::new();
        for row in &results.rows {
            let Some((variant, _)) = row.peers[k].best() else { continue };
            match best.iter_mut().find(|(known, _)| known == variant) {
                Some((_, ids)) => ids.push(row.workload.id),
                None => best.push((variant, vec![row.workload.id])),
            }
        }
        for (variant, ids) in best {
            let _ = writeln!(text, "{name} {}: {}", ids.join(", "), printable(variant));
        }
        let mut said: Vec<(String, Vec<&str>)> = Vec::new();
        for row in results.rows.iter().filter(|row| row.workload.work.has_peers()) {
            let words = match &row.peers[k] {
                Outcome::Failed(what) => format!("error: {}", printable(what)),
                Outcome::Unsupported(why) => format!("unsupported: {}", printable(why)),
                Outcome::Variants(_) => continue,
            };
            match said.iter_mut().find(|(known, _)| *known == words) {
                Some((_, ids)) => ids.push(row.workload.id),
                None => said.push((words, vec![row.workload.id])),
            }
        }
        for (words, ids) in said {
            let _ = writeln!(text, "{name} {}: {words}", ids.join(", "));
        }
    }
    text
}

/// Three digits and a unit.
fn duration(seconds: f64) -> String {
    let (factor, unit) = match seconds {
        s if s < 1e-6 => (1e9, "ns"),
        s if s < 1e-3 => (1e6, "us"),
        s if s < 1.0 => (1e3, "ms"),
        _ => (1.0, "s "),
    };
    format!("{} {unit}", significant(seconds * factor))
}

/// Three significant digits, without a power of ten.
fn significant(x: f64) -> String {
    let exponent = if x > 0.0 { x.log10().floor() } else { 0.0 };
    let decimals = (2.0 - exponent).clamp(0.0, 4.0) as usize;
    format!("{x:.decimals$}")
}

fn percent(share: f64) -> String {
    let decimals = usize::from(share < 0.0995);
    format!("{:.decimals$}%", 100.0 * share)
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::example;

    #[test]
    fn columns_align_and_peers_stand_beside_us() {
        let expected = "\
a processor, 4 cores, wide; 2 threads, which can do 1000 GFLOP/s in f32
One 1.0; 2 threads
Two 1.0; 2 threads

                                    median      min  GFLOP/s  of peak  products  of time      One            Two
W1  train RNN 1→32, head, 32 x 10  40.0 us  20.0 us     51.7     5.2%   10.0 us      50%  1.00 ms  x 25.0  error
R1  the whole report               40.0 us  20.0 us                                             -          error

One W1: fused
Two W1: error: it has ended: \u{fffd}[31mno memory
";
        assert_eq!(text(&example(), false), expected);
        assert!(text(&example(), true).contains("\u{1b}[1m"));
    }

    #[test]
    fn three_digits_and_the_unit_that_fits() {
        let times = [1.234e-7, 9.876e-7, 1.5e-6, 0.000_123_4, 0.012_34, 0.999, 12.345];
        let words = times.map(duration);
        let expected = ["123 ns", "988 ns", "1.50 us", "123 us", "12.3 ms", "999 ms", "12.3 s"];
        assert_eq!(words.each_ref().map(|word| word.trim_end()), expected);
        assert_eq!([0.005, 0.5, 1.2].map(percent), ["0.5%", "50%", "120%"]);
        assert_eq!([0.0, 0.012_34, 1234.5].map(significant), ["0.00", "0.0123", "1234"]);
    }
}
