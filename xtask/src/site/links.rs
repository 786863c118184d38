//! Where the links of a document lead, in the repository and in the site.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// What a link of a document leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// Another site, or an address of mail.
    Elsewhere,
    /// A heading of a document, by the document's path in the repository.
    Document { path: String, heading: Option<String> },
    /// A file of the repository that is no document, by its path.
    File(String),
    /// Nothing.
    Nowhere,
}

/// Where `link` leads from the document at `from`, both as in the repository at `root`.
pub(super) fn goal(root: &Path, from: &str, link: &str) -> Goal {
    if link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:") {
        return Goal::Elsewhere;
    }
    let (path, heading) = match link.split_once('#') {
        Some((path, heading)) => (path, Some(heading.to_owned())),
        None => (link, None),
    };
    if path.is_empty() {
        return Goal::Document { path: from.to_owned(), heading };
    }
    let Some(path) = normal(&Path::new(from).parent().unwrap_or(Path::new("")).join(path)) else {
        return Goal::Nowhere;
    };
    if Path::new(&path).extension().is_some_and(|extension| extension == "md") && root.join(&path).is_file() {
        Goal::Document { path, heading }
    } else if root.join(&path).exists() {
        Goal::File(path)
    } else {
        Goal::Nowhere
    }
}

/// The path without `.` and `..`; `None` if it leads out of the repository.
fn normal(path: &Path) -> Option<String> {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir if parts.pop() => {}
            _ => return None,
        }
    }
    Some(parts.to_str()?.replace('\\', "/"))
}

/// Names of headings as GitHub makes them: lower case, hyphens for spaces, no other punctuation, and a number for a second one
/// of the same words.
#[derive(Debug, Default)]
pub(super) struct Headings(BTreeMap<String, usize>);

impl Headings {
    pub(super) fn name(&mut self, words: &str) -> String {
        let kept = |c: char| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        };
        let name: String = words.to_lowercase().chars().filter_map(kept).collect();
        let count = self.0.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}-{}", *count - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch: a link that leads elsewhere than on GitHub.
    #[test]
    fn links_lead_where_they_lead_in_the_repository() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let document = |path: &str, heading: Option<&str>| Goal::Document {
            path: path.into(),
            heading: heading.map(Into::into),
        };
        for (from, link, want) in [
            ("docs/explorer.md", "https://example.com/a.md", Goal::Elsewhere),
            ("docs/explorer.md", "#how-fast", document("docs/explorer.md", Some("how-fast"))),
            ("docs/explorer.md", "../README.md", document("README.md", None)),
            (
                "README.md",
                "docs/promises.md#the-same-bits",
                document("docs/promises.md", Some("the-same-bits")),
            ),
            ("docs/explorer.md", "../crates/rnn-core", Goal::File("crates/rnn-core".into())),
            ("docs/explorer.md", "nothing.md", Goal::Nowhere),
            ("docs/explorer.md", "../../etc/passwd", Goal::Nowhere),
        ] {
            assert_eq!(goal(root, from, link), want, "{link} in {from}");
        }
    }

    #[test]
    fn headings_have_the_names_that_github_gives_them() {
        let mut headings = Headings::default();
        for (words, name) in [
            ("How it is made", "how-it-is-made"),
            ("`dL/dh_t`, and W_hh!", "dldh_t-and-w_hh"),
            ("How it is made", "how-it-is-made-1"),
        ] {
            assert_eq!(headings.name(words), name);
        }
    }
}
