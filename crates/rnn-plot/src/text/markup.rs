use std::iter::Peekable;
use std::str::CharIndices;

/// Height of a span relative to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Base,
    Super,
    Sub,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) script: Script,
    pub(crate) text: String,
}

/// Splits `h_t`, `W_{hh}` or `10^{-3}` into spans.
///
/// Braces take any text. Without them a script is the letters and digits that follow (with a sign
/// after `^`), and an underscore makes one only after a single letter, so that `copy_memory` stays as
/// it is. A backslash keeps the character after it from being read as markup.
pub(crate) fn parse(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut base = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let escaped = chars.next_if(|&(_, next)| matches!(next, '_' | '^' | '\\'));
                base.push(escaped.map_or(c, |(_, next)| next));
            }
            '_' | '^' => match script(text, at, c, &mut chars) {
                Some(span) => {
                    flush(&mut base, &mut spans);
                    spans.push(span);
                }
                None => base.push(c),
            },
            _ => base.push(c),
        }
    }
    flush(&mut base, &mut spans);
    spans
}

fn flush(base: &mut String, spans: &mut Vec<Span>) {
    if !base.is_empty() {
        spans.push(Span { script: Script::Base, text: std::mem::take(base) });
    }
}

/// The script that the mark `c` at byte `at` begins, its characters taken off `chars`; `None` if the
/// mark is an ordinary character.
fn script(text: &str, at: usize, c: char, chars: &mut Peekable<CharIndices<'_>>) -> Option<Span> {
    let rest = &text[at + 1..];
    let (content, taken) = if let Some(braced) = rest.strip_prefix('{') {
        let end = braced.find('}')?;
        (&braced[..end], end + 2)
    } else {
        if c == '_' && !follows_single_letter(&text[..at]) {
            return None;
        }
        let sign =
            if c == '^' && rest.starts_with(['-', '+', '−']) { rest.chars().next()?.len_utf8() } else { 0 };
        let end = rest[sign..].find(|c: char| !c.is_alphanumeric()).map_or(rest.len(), |end| sign + end);
        if end == sign {
            return None;
        }
        (&rest[..end], end)
    };
    while chars.next_if(|&(index, _)| index < at + 1 + taken).is_some() {}
    let script = if c == '_' { Script::Sub } else { Script::Super };
    Some(Span { script, text: content.replace('-', "−") })
}

fn follows_single_letter(before: &str) -> bool {
    let mut back = before.chars().rev();
    back.next().is_some_and(char::is_alphabetic)
        && !back.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<(Script, String)> {
        parse(text).into_iter().map(|span| (span.script, span.text)).collect()
    }

    fn base(text: &str) -> (Script, String) {
        (Script::Base, text.into())
    }

    fn sub(text: &str) -> (Script, String) {
        (Script::Sub, text.into())
    }

    fn sup(text: &str) -> (Script, String) {
        (Script::Super, text.into())
    }

    #[test]
    fn scripts_are_found_with_and_without_braces() {
        assert_eq!(spans("‖∂L/∂h_t‖"), [base("‖∂L/∂h"), sub("t"), base("‖")]);
        assert_eq!(spans("W_{hh}^{T}x"), [base("W"), sub("hh"), sup("T"), base("x")]);
        assert_eq!(spans("W_hh h_t-1"), [base("W"), sub("hh"), base(" h"), sub("t"), base("-1")]);
        assert_eq!(spans("10^-3, 10^{-3}"), [base("10"), sup("−3"), base(", 10"), sup("−3")]);
    }

    #[test]
    fn ordinary_underscores_and_stray_marks_are_kept() {
        for text in ["copy_memory", "a ^ b", "h_", "_x", "x_{open", "^", "W\\", "snake_case_name"] {
            assert_eq!(spans(text), [base(text)], "{text}");
        }
        assert_eq!(spans(r"h\_t"), [base("h_t")]);
        assert!(spans("").is_empty());
    }
}
