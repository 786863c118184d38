//! Promises about the code itself, and that the tests of `docs/promises.md` exist.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below these folders.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The file of a test, `rnn-core/stream` for instance.
fn file(module: &str) -> String {
    let (package, module) = module.split_once('/').unwrap_or_else(|| panic!("{module} has no package"));
    let own = module.starts_with("src/");
    let folder = match package {
        "rnn-core" if !own => "tests/core".to_owned(),
        "rnn-tests" => "tests".to_owned(),
        "xtask" => "xtask".to_owned(),
        package => format!("crates/{package}"),
    };
    let inside = if own || module.starts_with("tests/") { "" } else { "tests/main/" };
    format!("{folder}/{inside}{module}.rs")
}

/// Would catch: a promise whose test was renamed or removed.
#[test]
fn every_test_that_is_named_exists() {
    let page = read("docs/promises.md");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise"));
    let mut named = 0;
    for row in rows {
        let tests = row.trim_end_matches('|').rsplit_once(" | ").unwrap_or_else(|| panic!("{row}")).1;
        for test in tests.split('`').skip(1).step_by(2) {
            named += 1;
            if test.rsplit('.').next() == Some("mjs") {
                read(test);
                continue;
            }
            let (module, name) = test.split_once("::").unwrap_or_else(|| panic!("{test} is no test"));
            let text = read(file(module));
            let there =
                if name == "*" { text.contains("#[test]") } else { text.contains(&format!("fn {name}(")) };
            assert!(there, "{test}");
        }
        assert!(tests.contains('`'), "no test: {row}");
    }
    assert!(named > 100, "{named}");
}

#[test]
fn unsafe_code_is_in_two_files() {
    let mut found: Vec<String> = sources(&["crates", "xtask/src", "tests/src"])
        .into_iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            let code = text.lines().map(|line| line.split("//").next().unwrap_or(line));
            code.into_iter().any(|line| line.contains("unsafe {") || line.contains("unsafe fn"))
        })
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, ["cast.rs", "tile.rs"]);
}

#[test]
fn the_figures_know_no_other_crate_but_the_one_that_writes_files() {
    let manifest = read("crates/rnn-plot/Cargo.toml");
    let dependencies = manifest.split_once("[dependencies]").unwrap().1;
    let ours: Vec<_> = dependencies.lines().filter(|line| line.starts_with("rnn-")).collect();
    assert_eq!(ours, ["rnn-file.workspace = true"]);
}

#[test]
fn the_explorer_asks_nothing_of_the_machine() {
    for path in sources(&["crates/rnn-explore/src"]) {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["std::time", "std::fs", "std::thread", "std::env", "std::net", "rayon", "spawn"] {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
}
