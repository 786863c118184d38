//! Whole runs.

use std::path::Path;

use clap::Parser;

use super::*;

/// A short training with these options, whose files go into `folder`.
fn run_in(folder: &Path, options: &[&str]) -> Result<String, String> {
    let mut line = vec!["char_lm".to_owned()];
    line.extend(options.iter().map(|option| option.replace("DIR", &folder.display().to_string())));
    if !line.iter().any(|option| option == "--load") {
        let small =
            ["--figure", "DIR/figure.png", "--hidden", "6", "--steps", "3", "--batch", "4", "--unroll", "8"];
        for pair in small.chunks(2).filter(|pair| !options.contains(&pair[0])) {
            line.extend(pair.iter().map(|option| option.replace("DIR", &folder.display().to_string())));
        }
    }
    let args = Args::try_parse_from(line).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    run(&args, &mut Printer::new(&mut out), |_| Progress::hidden()).map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn a_byte_order_mark_is_no_character_of_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bom.txt");
    let said = run_in(folder.path(), &["--file", file]).unwrap();
    assert!(
        said.contains("2997 characters, 29 different ones") || said.contains(", 29 different ones"),
        "{said}"
    );
    assert!(!said.contains('\u{feff}') && folder.path().join("figure.png").exists());
}

#[test]
fn a_saved_network_writes_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let write = ["--sample", "60", "--seed", "3", "--prompt", "Thou "];
    let trained = run_in(folder.path(), &[&write[..], &["--save", "DIR/net"]].concat()).unwrap();
    let loaded = run_in(folder.path(), &[&write[..], &["--load", "DIR/net"]].concat()).unwrap();
    assert!(loaded.contains("What it writes") && trained.contains(&loaded), "{trained}\n{loaded}");
    let file = run_in(folder.path(), &["--load", "DIR/net", "--file", "DIR/net"]).unwrap_err();
    assert!(file.contains("cannot be used with"), "{file}");
    let unknown = run_in(folder.path(), &["--load", "DIR/net", "--prompt", "ж"]).unwrap_err();
    assert_eq!(
        unknown,
        "--prompt cannot be read: 'ж' is not in the text, so that the network cannot read it"
    );
}

#[test]
fn absurd_sizes_are_refused_with_what_is_right() {
    let folder = tempfile::tempdir().unwrap();
    for option in ["--sample", "--hidden", "--layers", "--batch", "--unroll"] {
        for value in ["18446744073709551615", "9223372036854775807", "-1", "10000001"] {
            let said = run_in(folder.path(), &[&format!("{option}={value}")]).unwrap_err();
            assert!(said.contains("it must be a whole number from "), "{option} {value}: {said}");
        }
    }
    let long = run_in(folder.path(), &["--unroll", "1000000"]).unwrap_err();
    assert!(long.contains("bring a longer text, or lower these"), "{long}");
    let wide = run_in(folder.path(), &["--hidden", "4096", "--layers", "32"]).unwrap_err();
    assert!(wide.contains("GB of memory"), "{wide}");
}

#[test]
fn places_are_checked_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let long = ["--steps", "1000000", "--hidden", "512"];
    for option in ["--save", "--figure"] {
        let said = run_in(folder.path(), &[&long[..], &[option, "DIR/no/where"]].concat()).unwrap_err();
        assert!(said.contains(option) && said.contains("cannot be written"), "{said}");
    }
}

#[test]
fn a_text_with_thousands_of_different_characters_is_learned() {
    let folder = tempfile::tempdir().unwrap();
    let character =
        |k: u64| char::from_u32(0x4e00 + (k.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as u32).unwrap();
    let text: String = (0..12_000).map(character).collect();
    std::fs::write(folder.path().join("long.txt"), text).unwrap();
    let said =
        run_in(folder.path(), &["--file", "DIR/long.txt", "--hidden", "2", "--steps", "1", "--sample", "5"])
            .unwrap();
    assert!(said.contains("12000 characters, 4096 different ones"), "{said}");
}
