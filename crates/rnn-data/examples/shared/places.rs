//! The files that a run writes, checked before it trains.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// An error if one of the files could not be written in the end, or if two files, or a file and one of those that are read,
/// have the same place. `files` and `read` have the names of the options.
pub(crate) fn check(files: &[(&str, Option<&Path>)], read: &[(&str, Option<&Path>)]) -> Result<()> {
    let mut places: Vec<(&str, PathBuf)> = Vec::new();
    for &(option, path) in read {
        if let Some(path) = path {
            places.push((option, std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())));
        }
    }
    for &(option, path) in files {
        let Some(path) = path else { continue };
        let place =
            check_one(path).with_context(|| format!("{option} {} cannot be written", path.display()))?;
        if let Some((other, _)) = places.iter().find(|(_, known)| *known == place) {
            anyhow::bail!("{option} and {other} are the same file, {}; name another", path.display());
        }
        places.push((option, place));
    }
    Ok(())
}

/// Where the file will be, without links.
fn check_one(path: &Path) -> Result<PathBuf> {
    rnn_file::check(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(folder).with_context(|| format!("the folder {}", folder.display()))?;
    let name = path.file_name().context("it has no name")?;
    Ok(std::fs::canonicalize(path).unwrap_or_else(|_| folder.join(name)))
}

/// Writes a whole file, or nothing. A link stays one, and what it leads to is written.
pub(crate) fn write(path: &Path, contents: &[u8]) -> Result<()> {
    rnn_file::write(path, contents).with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_cannot_be_written_are_named_before_anything_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let one = |path: &Path| check(&[("--figure", Some(path))], &[]).map_err(|error| format!("{error:#}"));
        assert_eq!(one(&at("new.png")), Ok(()));
        assert!(!at("new.png").exists(), "nothing is written yet");
        std::fs::write(at("old.png"), "old").unwrap();
        assert_eq!(one(&at("old.png")), Ok(()));
        assert_eq!(std::fs::read(at("old.png")).unwrap(), b"old");
        let said = one(&at("nowhere/new.png")).unwrap_err();
        assert!(
            said.contains("--figure") && said.contains("cannot be written") && said.contains("nowhere"),
            "{said}"
        );
        assert!(one(folder.path()).unwrap_err().ends_with("not a regular file"));

        let (figure, save) = (at("a"), folder.path().join("./a"));
        let same = check(&[("--figure", Some(&figure)), ("--save", Some(&save))], &[]).unwrap_err();
        assert!(same.to_string().starts_with("--save and --figure are the same file"), "{same}");
        let input =
            check(&[("--figure", Some(&at("old.png")))], &[("--file", Some(&at("old.png")))]).unwrap_err();
        assert!(input.to_string().starts_with("--figure and --file are the same file"), "{input}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, b"new").unwrap();
        assert!(link.is_symlink() && std::fs::read(&file).unwrap() == b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced_by_a_file() {
        let said = format!("{:#}", check(&[("--figure", Some(Path::new("/dev/null")))], &[]).unwrap_err());
        assert!(said.ends_with("not a regular file"), "{said}");
    }
}
