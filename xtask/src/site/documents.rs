//! The Markdown documents as pages, every link of theirs checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::frame;
use super::links::{Goal, Headings, goal};
use crate::folder::File;

/// The documents outside `docs/`, in the order of the site.
const OTHERS: [&str; 3] = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/// All documents, rendered.
#[derive(Debug)]
pub(super) struct Documents {
    pages: Vec<Page>,
    images: BTreeMap<String, Vec<u8>>,
}

/// One document as a page.
#[derive(Debug)]
pub(super) struct Page {
    /// Its name in the site's folder of documents, as `explorer.html`.
    pub(super) name: String,
    pub(super) title: String,
    html: String,
}

/// A document before its links are known.
struct Source {
    path: String,
    name: String,
    text: String,
    title: String,
    headings: BTreeSet<String>,
}

/// Reads and renders every document of the repository at `root`.
///
/// # Errors
/// If one cannot be read, or a link of one leads nowhere.
pub(super) fn render(root: &Path) -> Result<Documents> {
    let sources = sources(root)?;
    let mut images = BTreeMap::new();
    let pages = sources
        .iter()
        .map(|source| {
            let html = source.html(root, &sources, &mut images)?;
            Ok(Page { name: source.name.clone(), title: source.title.clone(), html })
        })
        .collect::<Result<_>>()?;
    Ok(Documents { pages, images })
}

impl Documents {
    pub(super) fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The pages and their images, below `docs/`.
    pub(super) fn into_files(self) -> Vec<File> {
        let Self { pages, images } = self;
        let titles: Vec<(String, String)> =
            pages.iter().map(|page| (page.name.clone(), page.title.clone())).collect();
        let pages = pages.into_iter().map(|page| {
            let html = frame::document(&page.title, &page.name, &titles, &page.html);
            (format!("docs/{}", page.name), html.into_bytes())
        });
        pages.chain(images.into_iter().map(|(name, bytes)| (format!("docs/images/{name}"), bytes))).collect()
    }
}

fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join("docs")).context("the folder docs cannot be read")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            paths.push(format!("docs/{name}"));
        }
    }
    paths.sort();
    let mut sources: Vec<Source> = Vec::new();
    for path in OTHERS.iter().map(|&path| path.to_owned()).chain(paths) {
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("{path} cannot be read"))?;
        let stem = path.trim_start_matches("docs/").trim_end_matches(".md");
        let name = format!("{}.html", stem.to_lowercase());
        let twice = sources.iter().find(|other| other.name == name);
        ensure!(twice.is_none(), "{path} and another document would both be {name}");
        let headings = headings(&text);
        let title = headings.iter().find(|(level, ..)| *level == HeadingLevel::H1);
        let title = title.map_or_else(|| stem.to_owned(), |(_, words, _)| words.clone());
        let headings = headings.into_iter().map(|(_, _, name)| name).collect();
        sources.push(Source { path, name, text, title, headings });
    }
    Ok(sources)
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// Every heading: its level, its words and its name.
fn headings(text: &str) -> Vec<(HeadingLevel, String, String)> {
    let (mut names, mut found) = (Headings::default(), Vec::new());
    let mut open: Option<(HeadingLevel, String)> = None;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => open = Some((level, String::new())),
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, heading)) = &mut open {
                    heading.push_str(&words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, words)) = open.take() {
                    let name = names.name(&words);
                    found.push((level, words, name));
                }
            }
            _ => {}
        }
    }
    found
}

impl Source {
    /// The document as HTML. The images that it shows are read into `images`.
    fn html(&self, root: &Path, sources: &[Self], images: &mut BTreeMap<String, Vec<u8>>) -> Result<String> {
        let mut names = headings(&self.text).into_iter().map(|(_, _, name)| name);
        // What ends each open link.
        let mut ends = Vec::new();
        let mut events = Vec::new();
        for event in parser(&self.text) {
            events.push(match event {
                Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                    let id = names.next().map(CowStr::from);
                    Event::Start(Tag::Heading { level, id, classes, attrs })
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    match self.link(root, sources, &dest_url)? {
                        Link::Address(address) => {
                            ends.push(None);
                            let dest_url = address.into();
                            Event::Start(Tag::Link { link_type, dest_url, title, id })
                        }
                        Link::Source(path) => {
                            ends.push(Some("</span>"));
                            let title = frame::escaped(&path);
                            Event::InlineHtml(format!("<span class=\"source\" title=\"{title}\">").into())
                        }
                    }
                }
                Event::End(TagEnd::Link) => match ends.pop().flatten() {
                    Some(end) => Event::InlineHtml(end.into()),
                    None => Event::End(TagEnd::Link),
                },
                Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                    let dest_url = self.image(root, &dest_url, images)?.into();
                    Event::Start(Tag::Image { link_type, dest_url, title, id })
                }
                other => other,
            });
        }
        let mut text = String::new();
        html::push_html(&mut text, events.into_iter());
        // Wide tables scroll by themselves.
        Ok(text.replace("<table>", "<div class=\"wide\"><table>").replace("</table>", "</table></div>"))
    }

    fn link(&self, root: &Path, sources: &[Self], link: &str) -> Result<Link> {
        Ok(match goal(root, &self.path, link) {
            Goal::Elsewhere => Link::Address(link.to_owned()),
            Goal::File(path) => Link::Source(path),
            Goal::Document { path, heading } => {
                let Some(to) = sources.iter().find(|source| source.path == path) else {
                    return Ok(Link::Source(path));
                };
                if let Some(heading) = &heading
                    && !to.headings.contains(heading)
                {
                    bail!("{} has a link to {link}, and there is no such heading", self.path);
                }
                Link::Address(match heading {
                    Some(heading) if to.path == self.path => format!("#{heading}"),
                    Some(heading) => format!("{}#{heading}", to.name),
                    None => to.name.clone(),
                })
            }
            Goal::Nowhere => bail!("{} has a link to {link}, which is not there", self.path),
        })
    }

    fn image(&self, root: &Path, link: &str, images: &mut BTreeMap<String, Vec<u8>>) -> Result<String> {
        let Goal::File(path) = goal(root, &self.path, link) else {
            bail!("{} shows {link}, which is not a file of the repository", self.path);
        };
        let bytes = fs::read(root.join(&path)).with_context(|| format!("{path} cannot be read"))?;
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let other = images.insert(name.clone(), bytes.clone());
        ensure!(other.is_none_or(|other| other == bytes), "two images are called {name}");
        Ok(format!("images/{name}"))
    }
}

/// A link of a document in the site.
enum Link {
    Address(String),
    /// A file that the site does not have, by its path in the repository.
    Source(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(explorer: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("docs/images")).unwrap();
        for name in OTHERS {
            fs::write(root.path().join(name), format!("# {name}\n\n## Part two\n")).unwrap();
        }
        fs::write(root.path().join("docs/images/a.png"), "a picture").unwrap();
        fs::write(root.path().join("docs/explorer.md"), explorer).unwrap();
        root
    }

    /// Would catch: a document that is left out, and a link or an image that works in the repository and not in the site.
    #[test]
    fn links_and_images_lead_into_the_site() {
        let root = repository(
            "# The *explorer*\n[to](../README.md#part-two) [here](#the-explorer) ![a](images/a.png) [file](images/a.png)\n",
        );
        let documents = render(root.path()).unwrap();
        let page = documents.pages().iter().find(|page| page.name == "explorer.html").unwrap();
        assert_eq!(page.title, "The explorer");
        for part in [
            "<h1 id=\"the-explorer\">",
            "href=\"readme.html#part-two\"",
            "href=\"#the-explorer\"",
            "src=\"images/a.png\"",
            "<span class=\"source\" title=\"docs/images/a.png\">file</span>",
        ] {
            assert!(page.html.contains(part), "{part} in {}", page.html);
        }
        let files: BTreeMap<String, Vec<u8>> = documents.into_files().into_iter().collect();
        assert_eq!(files["docs/images/a.png"], b"a picture");
        assert_eq!(files.len(), 5);
    }

    /// Would catch: a broken link that nobody hears of.
    #[test]
    fn a_link_to_nothing_is_an_error_that_names_it() {
        for (link, word) in [
            ("nothing.md", "nothing.md"),
            ("#nothing", "no such heading"),
            ("../README.md#part-three", "README"),
        ] {
            let root = repository(&format!("# The explorer\n[to]({link})\n"));
            let error = render(root.path()).unwrap_err().to_string();
            assert!(error.contains("docs/explorer.md") && error.contains(word), "{error}");
        }
        let root = repository("![gone](images/b.png)");
        assert!(render(root.path()).is_err());
    }

    /// Would catch: a broken link in a document of this repository.
    #[test]
    fn every_link_of_this_repository_leads_somewhere() {
        let documents = render(&super::super::root()).unwrap();
        assert!(documents.pages().len() >= 8);
    }
}
