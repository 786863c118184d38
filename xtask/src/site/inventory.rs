//! `site.json`: which files a site has. The documents change, and a later run has to know what an earlier one has written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::folder::{File, Kind};

const MARK: &str = "site.json";

/// A folder with a site.
pub(super) const SITE: Kind =
    Kind { what: "site", mark: MARK, is_mark: |file| read(file).is_some(), files: |folder| known(folder) };

#[derive(Deserialize, Serialize)]
struct Inventory {
    /// What wrote it.
    site: String,
    files: BTreeSet<String>,
}

const WRITER: &str = "cargo xtask site";

/// The list of these files and itself.
pub(super) fn of(files: &[File]) -> Result<File> {
    let files = files.iter().map(|(name, _)| name.clone()).collect();
    let mut text = serde_json::to_vec_pretty(&Inventory { site: WRITER.into(), files })?;
    text.push(b'\n');
    Ok((MARK.into(), text))
}

fn read(file: &Path) -> Option<Inventory> {
    let found: Inventory = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    (found.site == WRITER).then_some(found)
}

/// The files that the list in this folder names, and the list. A name that leads out of the folder is none of them.
fn known(folder: &Path) -> BTreeSet<String> {
    let inside = |name: &String| {
        let parts = Path::new(name).components();
        !name.is_empty()
            && !name.contains('\\')
            && parts.clone().all(|part| matches!(part, Component::Normal(_)))
    };
    let listed = read(&folder.join(MARK)).map(|found| found.files).unwrap_or_default();
    listed.into_iter().filter(inside).chain([MARK.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Place;

    fn site(names: &[&str]) -> Vec<File> {
        let mut files: Vec<File> = names.iter().map(|&name| (name.to_owned(), name.into())).collect();
        files.push(of(&files).unwrap());
        files
    }

    /// Would catch: a document of an earlier site that stays, or that makes the next one fail.
    #[test]
    fn a_site_replaces_one_with_other_files() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("site");
        Place::claim(SITE, &out).unwrap().publish(site(&["index.html", "docs/old.html"])).unwrap();
        Place::claim(SITE, &out).unwrap().publish(site(&["index.html", "docs/images/new.png"])).unwrap();
        assert!(out.join("docs/images/new.png").is_file() && !out.join("docs/old.html").exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    /// Would catch: a list that makes us remove files elsewhere; a folder of the user's that is taken for a site.
    #[test]
    fn a_list_reaches_nothing_outside_its_folder() {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("site");
        fs::write(parent.path().join("mine"), "mine").unwrap();
        fs::create_dir(&out).unwrap();
        for name in ["../mine", "/etc/passwd", "docs/../../mine", ""] {
            let list = Inventory { site: WRITER.into(), files: [name.to_owned()].into() };
            fs::write(out.join(MARK), serde_json::to_vec(&list).unwrap()).unwrap();
            assert_eq!(known(&out), [MARK.to_owned()].into());
        }
        Place::claim(SITE, &out).unwrap().publish(site(&["index.html"])).unwrap();
        assert_eq!(fs::read(parent.path().join("mine")).unwrap(), b"mine");
        fs::write(out.join("thesis.tex"), "mine").unwrap();
        assert!(Place::claim(SITE, &out).unwrap_err().to_string().contains("thesis.tex"));
        fs::remove_file(out.join("thesis.tex")).unwrap();
        fs::remove_file(out.join(MARK)).unwrap();
        assert!(Place::claim(SITE, &out).unwrap_err().to_string().contains("not part of a site"));
    }
}
