//! `cargo xtask site` as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the command as where the target is not installed.
fn site(out: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["site", "--quick", "--out", out.to_str().unwrap()]).args(args);
    command.env("RUSTC", "no-such-compiler").output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Would catch: a site without a part, or with one that its list does not name.
#[test]
fn without_the_target_the_explorer_has_its_grid_and_the_command_says_what_to_type() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("site");
    let output = site(&out, &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("rustup target add wasm32-unknown-unknown"));
    assert!(text(&output.stdout).trim_end().ends_with("index.html"));

    let list: Value = serde_json::from_slice(&fs::read(out.join("site.json")).unwrap()).unwrap();
    let files: BTreeSet<&str> = list["files"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for name in [
        "index.html",
        "style.css",
        "explorer.html",
        "report/index.html",
        "report/metrics.json",
        "report/figures/loss_all.png",
        "docs/readme.html",
        "docs/explorer.html",
        "docs/images/explorer.png",
    ] {
        assert!(files.contains(name), "{name} is missing: {files:?}");
    }
    for name in files {
        assert!(out.join(name).is_file(), "{name}");
    }
    let explorer = fs::read_to_string(out.join("explorer.html")).unwrap();
    assert!(explorer.contains("explorer-grid") && !explorer.contains("id=\"explorer-module\""));

    // The second one takes its place, with a module.
    let module = parent.path().join("explorer.wasm");
    fs::write(&module, b"\0asm\x01\0\0\0").unwrap();
    let output = site(&out, &["--module", module.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("rustup"));
    for page in ["explorer.html", "report/index.html"] {
        let page = fs::read_to_string(out.join(page)).unwrap();
        assert!(page.contains("id=\"explorer-module\"") && !page.contains("id=\"explorer-grid\""));
    }
}

/// Would catch: minutes of work before a mistake in the command line is named; a folder that is left behind.
#[test]
fn a_file_that_is_no_module_and_a_folder_that_is_no_site_are_refused() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("site");
    let page = parent.path().join("page.html");
    fs::write(&page, "<html>").unwrap();
    let output = site(&out, &["--module", page.to_str().unwrap()]);
    assert!(!output.status.success() && !out.exists());
    assert!(text(&output.stderr).contains("not a WebAssembly module"), "{}", text(&output.stderr));
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.tex"), "mine").unwrap();
    let output = site(&out, &[]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("thesis.tex"), "{}", text(&output.stderr));
    assert_eq!(fs::read(out.join("thesis.tex")).unwrap(), b"mine");
}

/// Would catch: a report with `--live` that has a grid after all.
#[test]
fn a_live_report_needs_the_target() {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["report", "--quick", "--live", "--out", out.path().to_str().unwrap()]);
    let output = command.env("RUSTC", "no-such-compiler").output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("rustup target add wasm32-unknown-unknown"));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}
