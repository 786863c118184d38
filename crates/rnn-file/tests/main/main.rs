//! What becomes of the file that is written to.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rnn_file::{Error, check, write};
use tempfile::tempdir;

#[test]
fn a_link_stays_a_link_to_the_new_file() {
    let folder = tempdir().unwrap();
    let [file, link, chain] = ["file", "link", "chain"].map(|name| folder.path().join(name));
    symlink("file", &link).unwrap();
    symlink(&link, &chain).unwrap();
    check(&chain).unwrap();
    assert!(!file.exists(), "a check changes nothing");
    for bytes in [b"first".as_slice(), b"second"] {
        write(&chain, bytes).unwrap();
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }
    for link in [link, chain] {
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
    let ring = folder.path().join("ring");
    symlink("ring", &ring).unwrap();
    assert!(write(&ring, b"").unwrap_err().to_string().contains("symbolic links"));
}

#[test]
fn an_existing_file_keeps_its_mode() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    write(&path, b"").unwrap();
    for mode in [0o600, 0o640, 0o664, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, mode);
    }
}

/// A rename over `/dev/null`, which the administrator may do, breaks the system.
#[test]
fn only_regular_files_are_written() {
    let folder = tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let link = folder.path().join("link");
    symlink(&pipe, &link).unwrap();
    for path in [Path::new("/dev/null"), folder.path(), &pipe, &link, Path::new("/"), Path::new("..")] {
        assert!(matches!(check(path), Err(Error::NotRegular)), "{}", path.display());
        assert!(matches!(write(path, b"new"), Err(Error::NotRegular)), "{}", path.display());
    }
    assert!(!fs::symlink_metadata(&pipe).unwrap().is_file());
    for path in ["", "no/such/folder/file"] {
        assert!(matches!(check(path), Err(Error::Io(_))), "{path}");
        assert!(matches!(write(path, b"new"), Err(Error::Io(_))), "{path}");
    }
}

/// 255 bytes are the longest name on most file systems, so a longer temporary name would fail.
#[test]
fn long_names_can_be_written_by_many_at_once() {
    let folder = tempdir().unwrap();
    let names: Vec<String> =
        [200, 247, 248, 255].iter().flat_map(|&len| [7, 8].map(|k| format!("{k}").repeat(len))).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let path = folder.path().join(name);
            scope.spawn(move || {
                for _ in 0..20 {
                    write(&path, name.as_bytes()).unwrap();
                    assert_eq!(fs::read(&path).unwrap(), name.as_bytes());
                }
            });
        }
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), names.len(), "nothing else is left");
    assert!(write(folder.path().join("m".repeat(256)), b"").is_err());
}

/// Would catch: writers that remove each other's file and fail, or a mixture of both.
#[test]
fn one_file_can_be_written_by_many_at_once() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    std::thread::scope(|scope| {
        for k in 0..4u8 {
            let path = &path;
            scope.spawn(move || (0..50).for_each(|_| write(path, &[k; 10_000]).unwrap()));
        }
    });
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes, [bytes[0]; 10_000]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

const FOLDER: &str = "RNN_FILE_TEST_WRITES_INTO";

/// Writes again and again in the process that the test below starts; does nothing otherwise.
#[test]
fn writes_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    loop {
        write(Path::new(&folder).join("file"), &vec![1; 200_000]).unwrap();
    }
}

/// Would catch: temporary names that are in use while the bytes are written to the disk, and names that no later write
/// removes. With either, 100 kills leave 25 to 50 files.
#[test]
#[cfg(target_os = "linux")]
fn kills_leave_whole_files_and_nothing_else() {
    let folder = tempdir().unwrap();
    for kill in 0..50 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(30 + kill % 17));
        child.kill().unwrap();
        child.wait().unwrap();
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() <= 2, "{files:?}");
        for file in files {
            assert_eq!(fs::read(file).unwrap(), vec![1; 200_000]);
        }
    }
    // A file that a kill left between the two last system calls is gone after the next write.
    let path = folder.path().join("file");
    write(&path, b"last").unwrap();
    write(&path, b"last").unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
