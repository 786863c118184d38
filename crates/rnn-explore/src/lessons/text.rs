//! Texts with links, terms and numbers.

use serde::Serialize;

use super::numbers::Number;

/// A paragraph.
pub type Text = Vec<Piece>;

/// A piece of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Piece {
    /// Words.
    Plain {
        /// The words.
        text: String,
    },
    /// Words that set the controls.
    Link {
        /// The words.
        link: String,
        /// The query of the settings.
        query: String,
    },
    /// Words that the glossary explains.
    Term {
        /// The words.
        term: String,
        /// The entry of the glossary.
        entry: String,
    },
}

/// Reads a text. `{name}` stands for a number, `[words](query)` is a link, and `[[words|entry]]` a term of the glossary; where
/// the words are the entry, `[[entry]]` is enough.
pub(super) fn parse(source: &str, numbers: &[Number]) -> Text {
    let source = cited(source, numbers);
    let mut pieces = Vec::new();
    let mut rest = source.as_str();
    while let Some((before, after, piece)) = next(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Plain { text: before.to_owned() });
        }
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain { text: rest.to_owned() });
    }
    pieces
}

/// The text before the first link or term, the text after it, and that piece.
fn next(text: &str) -> Option<(&str, &str, Piece)> {
    let (before, inside) = text.split_once('[')?;
    if let Some(inside) = inside.strip_prefix('[') {
        let (words, after) = inside.split_once("]]")?;
        let (term, entry) = words.split_once('|').unwrap_or((words, words));
        return Some((before, after, Piece::Term { term: term.to_owned(), entry: entry.to_owned() }));
    }
    let (link, inside) = inside.split_once("](")?;
    let (query, after) = inside.split_once(')')?;
    Some((before, after, Piece::Link { link: link.to_owned(), query: query.to_owned() }))
}

/// The text with its numbers in place.
pub(super) fn cited(source: &str, numbers: &[Number]) -> String {
    numbers
        .iter()
        .fold(source.to_owned(), |text, number| text.replace(&format!("{{{}}}", number.name), number.said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_terms_and_numbers_are_pieces() {
        const NUMBERS: &[Number] = &[Number { name: "left", said: "11%", of: |_| Ok(String::new()) }];
        let pieces = parse("Here {left} is [left](t=60) of [[ρ|rho]], [[lag]].", NUMBERS);
        let plain = |text: &str| Piece::Plain { text: text.to_owned() };
        let term = |term: &str, entry: &str| Piece::Term { term: term.to_owned(), entry: entry.to_owned() };
        let link = Piece::Link { link: "left".to_owned(), query: "t=60".to_owned() };
        assert_eq!(
            pieces,
            [
                plain("Here 11% is "),
                link,
                plain(" of "),
                term("ρ", "rho"),
                plain(", "),
                term("lag", "lag"),
                plain(".")
            ]
        );
    }
}
