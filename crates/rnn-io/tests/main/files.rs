//! What becomes of the file that is written to. `rnn-file` has tests of everything else that concerns it.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rnn_core::{Bias, Gru, Model};
use rnn_io::{export_onnx, load, save};
use tempfile::tempdir;

use crate::{assert_names, flat};

fn model() -> Model<f32> {
    crate::model(Gru, Bias::Double)
}

#[track_caller]
fn holds(path: &Path, model: &Model<f32>) {
    assert_eq!(flat(&load::<f32>(path).unwrap()), flat(model));
}

#[test]
fn a_link_stays_a_link_to_the_new_file() {
    let folder = tempdir().unwrap();
    let [file, link, chain] = ["file", "link", "chain"].map(|name| folder.path().join(name));
    symlink("file", &link).unwrap();
    symlink(&link, &chain).unwrap();
    // The file does not exist yet.
    save(&chain, &model()).unwrap();
    assert!(fs::symlink_metadata(&file).unwrap().is_file());
    fs::write(&file, "old").unwrap();
    save(&link, &model()).unwrap();
    holds(&file, &model());
    for link in [link, chain] {
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
    let ring = folder.path().join("ring");
    symlink("ring", &ring).unwrap();
    assert_names(save(&ring, &model()), &["levels of symbolic links"]);
}

#[test]
fn an_existing_file_keeps_its_mode() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    save(&path, &model()).unwrap();
    for mode in [0o600, 0o640, 0o664] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        save(&path, &model()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, mode);
    }
}

#[test]
fn only_regular_files_are_written() {
    let folder = tempdir().unwrap();
    let says = ["not a regular file"];
    assert_names(save("/dev/null", &model()), &says);
    assert_names(save(folder.path(), &model()), &says);
    assert_names(export_onnx("/dev/null", &model()), &says);
    let pipe = folder.path().join("pipe");
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        assert_names(save(&pipe, &model()), &says);
        assert!(!fs::symlink_metadata(&pipe).unwrap().is_file());
        assert_names(load::<f32>(&pipe), &says);
    }
}

/// 255 bytes are the longest name on most file systems, so a longer temporary name would fail.
#[test]
fn long_names_can_be_written() {
    let folder = tempdir().unwrap();
    for bytes in [200, 247, 248, 255] {
        let path = folder.path().join("m".repeat(bytes));
        for mode in [0o644, 0o600] {
            save(&path, &model()).unwrap();
            holds(&path, &model());
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        save(&path, &model()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    }
    assert!(save(folder.path().join("m".repeat(256)), &model()).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "nothing else is left");
}
