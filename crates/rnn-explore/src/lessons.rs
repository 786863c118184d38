//! Lessons: a question, a prediction, what the network does, and why.
//!
//! Each lesson is one file. Its texts cite their numbers by name, as `{left}`, and beside the texts stands how each number is
//! computed from views. A lesson that is shown takes the numbers as they are written there; the tests compute every one of them
//! again and compare.

mod by_hand;
pub(crate) mod confusions;
mod edge;
mod eigenvalue;
mod every_loss;
pub(crate) mod glossary;
mod lstm;
mod non_normal;
pub(crate) mod numbers;
mod relu;
mod start;
mod text;

use serde::Serialize;

pub use numbers::Number;
pub use text::{Piece, Text};

/// One lesson. The reader predicts first; then the charts are shown, and the explanation.
#[derive(Clone, Debug, Serialize)]
pub struct Lesson {
    /// The name in addresses, as in `lesson=eigenvalue`.
    pub id: &'static str,
    /// The title.
    pub title: &'static str,
    /// The query of the settings that the question is about.
    pub query: &'static str,
    /// What the reader is asked, in one or several paragraphs.
    pub question: Vec<Text>,
    /// How the reader answers.
    pub prediction: Ask,
    /// What the charts show, in a sentence or two.
    pub reveal: Text,
    /// Why, in short paragraphs.
    pub explanation: Vec<Text>,
    /// A small table that belongs to the explanation.
    pub table: Option<Table>,
    /// What to try next.
    pub tries: Vec<Text>,
    /// Where the facts come from that no view can show.
    pub references: Vec<&'static str>,
    /// How the numbers in the texts are computed.
    #[serde(skip)]
    pub numbers: &'static [Number],
}

/// How a reader answers the question of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// By one of several answers.
    Choice {
        /// The answers.
        options: Vec<Text>,
        /// The index of the right one.
        right: usize,
    },
    /// By a curve: the logarithm to base 10 of ‖dL_T/dh_t‖ / ‖dL_T/dh_T‖ over t = 1 .. T, which is 0 at T.
    Curve {
        /// The least power of ten on the axis.
        least: i32,
        /// The greatest.
        most: i32,
    },
}

/// Rows of cells under a header.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// The names of the columns.
    pub header: Vec<&'static str>,
    /// The rows; the first cell of each is its name.
    pub rows: Vec<Vec<String>>,
}

/// Every lesson, in the order of the page.
///
/// ```
/// let lessons = rnn_explore::lessons();
/// assert_eq!(lessons[0].id, "by-hand");
/// ```
pub fn lessons() -> Vec<Lesson> {
    [
        by_hand::LESSON,
        eigenvalue::LESSON,
        non_normal::LESSON,
        relu::LESSON,
        every_loss::LESSON,
        lstm::LESSON,
        start::LESSON,
        edge::LESSON,
    ]
    .iter()
    .map(Source::lesson)
    .collect()
}

/// A lesson as its file writes it. Texts are in the notation of [`text::parse`].
struct Source {
    id: &'static str,
    title: &'static str,
    query: &'static str,
    question: &'static [&'static str],
    prediction: Form,
    reveal: &'static str,
    explanation: &'static [&'static str],
    table: Option<Rows>,
    tries: &'static [&'static str],
    references: &'static [&'static str],
    numbers: &'static [Number],
}

/// A prediction as the file of a lesson writes it.
enum Form {
    Choice { options: &'static [&'static str], right: usize },
    Curve { least: i32, most: i32 },
}

/// A table as the file of a lesson writes it.
struct Rows {
    caption: &'static str,
    header: &'static [&'static str],
    rows: &'static [&'static [&'static str]],
}

impl Source {
    fn lesson(&self) -> Lesson {
        let text = |source: &&'static str| text::parse(source, self.numbers);
        let texts = |sources: &'static [&'static str]| sources.iter().map(text).collect();
        let table = |rows: &Rows| Table {
            caption: text::cited(rows.caption, self.numbers),
            header: rows.header.to_vec(),
            rows: rows
                .rows
                .iter()
                .map(|row| row.iter().map(|cell| text::cited(cell, self.numbers)).collect())
                .collect(),
        };
        Lesson {
            id: self.id,
            title: self.title,
            query: self.query,
            question: texts(self.question),
            prediction: match self.prediction {
                Form::Choice { options, right } => Ask::Choice { options: texts(options), right },
                Form::Curve { least, most } => Ask::Curve { least, most },
            },
            reveal: text(&self.reveal),
            explanation: texts(self.explanation),
            table: self.table.as_ref().map(table),
            tries: texts(self.tries),
            references: self.references.to_vec(),
            numbers: self.numbers,
        }
    }
}
