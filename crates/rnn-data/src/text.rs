//! Bytes of a file as text, whatever program wrote it.
//!
//! ```
//! use rnn_data::text::{Encoding, decode};
//!
//! let text = decode(b"\xef\xbb\xbfa,b\r\n1,2\r\n")?;
//! assert_eq!(text.text, "a,b\n1,2\n");
//! assert_eq!(text.encoding, Encoding::Utf8);
//! # Ok::<(), rnn_data::text::TextError>(())
//! ```

use std::fmt;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use thiserror::Error;

/// A text, and how it was encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text without a byte order mark. Every line ends with `\n` alone.
    pub text: String,
    /// How the bytes were read.
    pub encoding: Encoding,
}

/// How bytes stand for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, which begins with a byte order mark.
    Utf16,
    /// Windows-1252, which contains Latin-1: what bytes are taken for that are not UTF-8.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// Why bytes are not a text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// The bytes begin as those of another format do.
    #[error("this is {found} and not a text; {advice}")]
    Foreign {
        /// The format.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A text has no bytes of 0.
    #[error("byte {at} is 0, which no text contains")]
    Binary {
        /// Where it is, counted from 0.
        at: usize,
    },
    /// Most of the text is UTF-8, but not all of it.
    #[error(
        "line {line}: the bytes {bytes:02x?} are not UTF-8, although the rest of the text is; the file may be damaged or cut short"
    )]
    NotUtf8 {
        /// The line, counted from 1.
        line: usize,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The text says that it is UTF-16, and has a surrogate without its partner or an odd number of bytes.
    #[error(
        "the byte order mark says that the text is UTF-16, and not all of it is; the file may be damaged or cut short"
    )]
    NotUtf16,
}

/// Formats that people give in place of a text, by their first bytes.
const FOREIGN: [(&[u8], &str, &str); 5] = [
    (b"PK\x03\x04", "a zip archive, as spreadsheets are", "save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file", "save the sheet as CSV"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it first"),
    (b"PAR1", "a Parquet file", "write it as CSV"),
    (b"%PDF", "a PDF file", "copy its text into a file of its own"),
];

/// The text of a file: UTF-8 or UTF-16, or Windows-1252 if the bytes are not UTF-8 at all. A byte order mark is left out, and
/// `\r\n` and `\r` become `\n`.
///
/// # Errors
/// [`TextError`] for bytes that are no text. Nothing is replaced in silence.
pub fn decode(bytes: &[u8]) -> Result<Text, TextError> {
    if let Some(&(_, found, advice)) = FOREIGN.iter().find(|(first, ..)| bytes.starts_with(first)) {
        return Err(TextError::Foreign { found, advice });
    }
    let (encoding, text) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((utf16, _)) if utf16 == UTF_16LE || utf16 == UTF_16BE => {
            let (text, _, damaged) = utf16.decode(bytes);
            if damaged {
                return Err(TextError::NotUtf16);
            }
            (Encoding::Utf16, text)
        }
        _ if is_mostly_utf8(bytes)? => (Encoding::Utf8, UTF_8.decode(bytes).0),
        _ => (Encoding::Windows1252, WINDOWS_1252.decode(bytes).0),
    };
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        return Err(TextError::Binary { at });
    }
    let text =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.into_owned() };
    Ok(Text { text, encoding })
}

/// Whether the bytes are UTF-8. It is an error if they are not, but have more characters of UTF-8 beyond ASCII than faults.
fn is_mostly_utf8(bytes: &[u8]) -> Result<bool, TextError> {
    let (mut wide, mut faults, mut lines) = (0_usize, 0_usize, 1);
    let mut first = None;
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        if first.is_none() {
            lines += chunk.valid().matches('\n').count();
        }
        if !chunk.invalid().is_empty() {
            faults += 1;
            first.get_or_insert((lines, chunk.invalid().to_owned()));
        }
    }
    match first {
        Some((line, bytes)) if wide > faults => Err(TextError::NotUtf8 { line, bytes }),
        found => Ok(found.is_none()),
    }
}
