//! Whole runs, on the files of `tests/data`.

use std::path::{Path, PathBuf};

use clap::Parser;
use tempfile::TempDir;

use super::*;

struct Ran {
    folder: TempDir,
    result: Result<String, String>,
}

impl Ran {
    fn said(&self) -> &str {
        self.result.as_ref().unwrap()
    }

    fn error(&self) -> &str {
        self.result.as_ref().unwrap_err()
    }
}

fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A short training with these options, whose files go into `folder`.
fn run_in(folder: &Path, options: &[&str]) -> Result<String, String> {
    let path = |option: &str| option.replace("DIR", &folder.display().to_string());
    let mut line = vec!["time_series".to_owned()];
    line.extend(options.iter().map(|option| path(option)));
    let small = ["--figure", "DIR/figure.png", "--steps", "40", "--hidden", "4"];
    let loads = options.contains(&"--load");
    for pair in
        small.chunks(2).filter(|pair| !options.contains(&pair[0]) && (!loads || pair[0] == "--figure"))
    {
        line.extend(pair.iter().map(|option| path(option)));
    }
    let args = Args::try_parse_from(line).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    run(&args, &mut Printer::new(&mut out), |_| Progress::hidden()).map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).unwrap())
}

fn ran(options: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let result = run_in(folder.path(), options);
    Ran { folder, result }
}

/// The lines of a file of predictions, field by field.
fn predictions(path: PathBuf) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn the_rows_after_the_last_one_are_forecast_printed_and_written_with_intervals() {
    let ran = ran(&["--file", &data("semi_comma.csv"), "--horizon", "3", "--predictions", "DIR/said.csv"]);
    let said = ran.said();
    assert!(said.contains("columns separated by ';', decimal comma"), "{said}");
    for month in ["2020-01", "2020-02", "2020-03"] {
        assert!(said.lines().any(|line| line.starts_with(month)), "{said}");
    }
    let rows = predictions(ran.folder.path().join("said.csv"));
    assert_eq!(rows[0][..6], ["part", "time", "truth", "network", "low", "high"]);
    let of = |part: &str| rows.iter().filter(|row| row[0] == part).cloned().collect::<Vec<_>>();
    let (validation, test, next) = (of("validation"), of("test"), of("forecast"));
    assert_eq!((validation.len(), test.len(), next.len()), (27, 27, 3));
    assert_eq!((next[0][1].as_str(), next[2][1].as_str(), next[0][2].as_str()), ("2020-01", "2020-03", ""));
    let number = |row: &Vec<String>, column: usize| row[column].parse::<f64>().unwrap();
    let kept = |row: &&Vec<String>| (number(row, 4)..=number(row, 5)).contains(&number(row, 2));
    assert!(validation.iter().filter(kept).count() >= 25, "nine tenths of 27, rounded up");
    assert!(next.iter().all(|row| number(row, 4) < number(row, 3) && number(row, 3) < number(row, 5)));
    // The truth is that of the file, and what is "same as now" is the row three before.
    assert_eq!((test[26][1].as_str(), number(&test[26], 2)), ("2019-12", 17.61));
    let now = rows[0].iter().position(|name| name == "same as now").unwrap();
    assert_eq!(number(&next[2], now), 17.61);
    assert!(ran.folder.path().join("figure.png").exists());
}

#[test]
fn a_file_in_falling_order_gives_the_forecasts_of_the_one_in_rising_order() {
    let options = |file| ["--file", file, "--season", "0", "--trend", "--predictions", "DIR/said.csv"];
    let (oldest, newest) = (ran(&options(&data("walk_oldest.csv"))), ran(&options(&data("walk_newest.csv"))));
    let said = |ran: &Ran| std::fs::read_to_string(ran.folder.path().join("said.csv")).unwrap();
    assert_eq!(said(&oldest), said(&newest));
    assert!(said(&newest).lines().last().unwrap().starts_with("forecast,2020-10-27,,"));
}

#[test]
fn a_saved_network_says_the_same_again_and_goes_on_with_more_rows() {
    let folder = tempfile::tempdir().unwrap();
    let file = data("walk_oldest.csv");
    let trained =
        ["--file", &file, "--season", "0", "--trend", "--save", "DIR/net", "--predictions", "DIR/a.csv"];
    run_in(folder.path(), &trained).unwrap();
    let loaded =
        run_in(folder.path(), &["--file", &file, "--load", "DIR/net", "--predictions", "DIR/b.csv"]).unwrap();
    assert!(loaded.contains("nothing was trained"), "{loaded}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("a.csv"), read("b.csv"));

    // With more rows the parts are others, and the units of the network are not.
    let mut longer = std::fs::read_to_string(&file).unwrap();
    longer.push_str("2020-10-27,1650\n2020-10-28,1655.5\n");
    std::fs::write(folder.path().join("longer.csv"), longer).unwrap();
    let said = run_in(folder.path(), &["--file", "DIR/longer.csv", "--load", "DIR/net"]).unwrap();
    assert!(said.lines().any(|line| line.starts_with("2020-10-29")), "{said}");

    let both = run_in(folder.path(), &["--load", "DIR/net", "--horizon", "2"]).unwrap_err();
    assert!(both.contains("cannot be used with"), "{both}");
    let none = run_in(folder.path(), &["--load", "DIR/longer.csv"]).unwrap_err();
    assert!(none.starts_with("the network cannot be loaded"), "{none}");
    run_in(folder.path(), &["--file", &file, "--season", "0", "--seed", "1", "--save", "DIR/other"]).unwrap();
    std::fs::copy(folder.path().join("other.json"), folder.path().join("net.json")).unwrap();
    let mixed = run_in(folder.path(), &["--file", &file, "--load", "DIR/net"]).unwrap_err();
    assert!(mixed.contains("the settings of another network"), "{mixed}");
}

#[test]
fn absurd_sizes_are_refused_with_what_is_right() {
    for option in ["--horizon", "--season", "--history", "--batch", "--hidden"] {
        for value in ["18446744073709551615", "9223372036854775807", "4611686018427387904", "1000001"] {
            let ran = ran(&[option, value]);
            assert!(
                ran.error().contains("it must be a whole number from "),
                "{option} {value}: {}",
                ran.error()
            );
        }
    }
    for option in ["--horizon", "--season", "--history"] {
        let ran = ran(&[option, "1000000"]);
        assert!(ran.error().contains("bring more rows or lower one of these"), "{}", ran.error());
    }
    let ran = ran(&["--hidden", "4096", "--batch", "65536"]);
    assert!(ran.error().starts_with("--hidden, --batch and --history need about"), "{}", ran.error());
}

#[test]
fn places_are_checked_before_training() {
    let started = std::time::Instant::now();
    for option in ["--predictions", "--save", "--figure"] {
        let ran = ran(&[option, "DIR/no/where", "--steps", "1000000", "--hidden", "64"]);
        let said = ran.error();
        assert!(said.contains(option) && said.contains("cannot be written"), "{said}");
    }
    let file = data("semi_comma.csv");
    let same = ran(&["--file", &file, "--predictions", &file]);
    assert!(same.error().starts_with("--predictions and --file are the same file"), "{}", same.error());
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn every_file_is_forecast_or_named_with_what_is_wrong() {
    for file in ["bom_crlf.csv", "thousands.csv", "sentinel.csv", "newest_first.csv", "dup_header.csv"] {
        assert!(
            ran(&["--file", &data(file), "--steps", "20"]).said().contains("after the last row"),
            "{file}"
        );
    }
    assert!(ran(&["--file", &data("comments.csv"), "--column", "average", "--steps", "20"]).result.is_ok());
    let unchanging = ran(&["--file", &data("comments.csv")]);
    assert!(
        unchanging.error().contains(r#"comments.csv, column "unc": the change of the series never changes"#)
    );
    let periodic = ran(&["--file", &data("periodic.csv"), "--steps", "20"]);
    assert!(periodic.said().contains(r#""same as last season" is always right"#), "{}", periodic.said());
    assert!(!periodic.said().contains("inf"), "{}", periodic.said());
    let header = ran(&["--file", &data("header_only.csv")]);
    assert!(
        header.error().contains("header_only.csv")
            && header.error().contains("there is no row below the header")
    );
    let huge = ran(&["--file", &data("huge.csv")]);
    assert!(huge.error().contains("line 2") && !huge.error().contains("--figure"), "{}", huge.error());
    let question = ran(&["--file", &data("missing_question.csv")]);
    assert!(
        question.error().contains("line 57") && question.error().contains("--fill"),
        "{}",
        question.error()
    );
    assert!(ran(&["--file", &data("missing_question.csv"), "--fill"]).result.is_ok());
}

/// What takes time in proportion to the square of the rows would not end here.
#[test]
fn a_hundred_thousand_rows_are_forecast() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..100_000).map(|k: u64| ((k * k) % 1009).to_string()).collect();
    std::fs::write(folder.path().join("long.csv"), format!("x\n{}\n", rows.join("\n"))).unwrap();
    let options =
        ["--file", "DIR/long.csv", "--season", "24", "--steps", "2", "--hidden", "2", "--batch", "2"];
    let said = run_in(folder.path(), &options).unwrap();
    assert!(said.contains("70000 rows train") && said.contains("row 100001"), "{said}");
}
