//! What happens to the files that figures are written to.

use std::fs;

use rnn_plot::{Error, Figure};

use crate::pictures::{axes, good};

#[test]
fn files_are_replaced_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("figure.png");
    fs::write(&path, "an older file").expect("it can be written");
    let figure = Figure::untitled().panel(good());
    figure.write_png(&path).expect("it can be written");
    assert_eq!(fs::read(&path).expect("it is there"), figure.png().expect("a good figure"));

    let wrong = Figure::untitled().panel(axes());
    assert!(wrong.write_png(&path).is_err());
    assert_eq!(fs::read(&path).expect("it is there").len(), figure.png().expect("a good figure").len());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no temporary file is left");
}

#[test]
fn a_path_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("missing").join("figure.png");
    let error = Figure::untitled().panel(good()).write_png(&path).expect_err("the folder is missing");
    assert!(matches!(&error, Error::Write { path: named, .. } if *named == path));
    assert!(error.to_string().contains("figure.png"));
}

/// Would catch: a link that is replaced by a file, a file whose mode changes, a file that may not be written replaced by one that
/// may.
#[cfg(unix)]
#[test]
fn links_and_modes_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("inner")).expect("a folder");
    fs::write(at("inner/real.png"), "an older file").expect("it can be written");
    fs::set_permissions(at("inner/real.png"), fs::Permissions::from_mode(0o640)).expect("it is ours");
    symlink("inner/real.png", at("first.png")).expect("a link");
    symlink("first.png", at("second.png")).expect("a link");
    symlink("new.png", at("inner/dangling.png")).expect("a link");
    symlink("inner/dangling.png", at("twice.png")).expect("a link");
    let figure = Figure::untitled().panel(good());
    let png = figure.png().expect("a good figure");
    for (path, target) in [("second.png", "inner/real.png"), ("twice.png", "inner/new.png")] {
        figure.write_png(at(path)).expect("it can be written");
        assert!(at(path).is_symlink() && at("first.png").is_symlink(), "{path}");
        assert!(!at(target).is_symlink() && fs::read(at(target)).expect("it is there") == png, "{target}");
    }
    let mode = |name: &str| fs::metadata(at(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode("inner/real.png"), 0o640);

    symlink("loop.png", at("loop.png")).expect("a link");
    let error = figure.write_png(at("loop.png")).expect_err("a loop");
    assert!(matches!(&error, Error::Write { path, .. } if *path == at("loop.png")), "{error:?}");
}

/// Would catch: a device, a pipe or a folder that is replaced by a picture.
#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::path::Path;

    let folder = tempfile::tempdir().expect("a folder");
    let [socket, link] = ["socket", "link.png"].map(|name| folder.path().join(name));
    let _listener = UnixListener::bind(&socket).expect("a socket");
    symlink(&socket, &link).expect("a link");
    let figure = Figure::untitled().panel(good());
    for path in [Path::new("/dev/null"), folder.path(), &socket, &link] {
        let error = figure.write_png(path).expect_err("no regular file");
        assert!(matches!(&error, Error::NotAFile { path: named } if named == path), "{error:?}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    assert!(fs::metadata(&socket).expect("it is there").file_type().is_socket());
}

/// Would catch: a name that the file system allows, and the name of the temporary file does not.
#[test]
fn the_longest_names_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let figure = Figure::untitled().panel(good());
    let png = figure.png().expect("a good figure");
    for length in [240, 248, 255] {
        let path = folder.path().join("n".repeat(length));
        for _ in 0..2 {
            figure.write_png(&path).unwrap_or_else(|error| panic!("{length}: {error:?}"));
            assert_eq!(fs::read(&path).expect("it is there"), png);
        }
    }
    let too_long = folder.path().join("n".repeat(256));
    assert!(matches!(figure.write_png(&too_long), Err(Error::Write { path, .. }) if path == too_long));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 3, "no temporary file is left");
}
