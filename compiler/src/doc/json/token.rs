//! Tokens of JSON, and of what people write in its place, so that a mistake is one token and one problem.
//!
//! Unaware of: which token may follow which, and what the mistakes are called.

use logos::{Lexer, Logos};

/// How far the end of a text that its line does not close is looked for in the lines below.
const LOOK_AHEAD: usize = 4096;
/// How often that is done in vain: a file may hold any number of quotes without a partner.
const MAX_LOOKS: usize = 100;

/// A token. White space is no token.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n]+", extras = usize)]
pub(super) enum Token {
    /// `{`
    #[token("{")]
    OpenMap,
    /// `}`
    #[token("}")]
    CloseMap,
    /// `[`
    #[token("[")]
    OpenList,
    /// `]`
    #[token("]")]
    CloseList,
    /// `:`
    #[token(":")]
    Colon,
    /// `,`
    #[token(",")]
    Comma,
    /// A number, `true`, `false` or `null`.
    #[token("true", priority = 20)]
    #[token("false", priority = 20)]
    #[token("null", priority = 20)]
    #[regex(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", priority = 20)]
    Bare,
    /// A text that is its own spelling.
    #[regex(r#""[^"\\\x00-\x1F]*""#, priority = 20)]
    Plain,
    /// A text with backslashes or control characters, which may be in order or not.
    #[regex(r#""([^"\\\n\r]|\\[^\n\r])*""#, priority = 10)]
    Escaped,
    /// A text that is not closed in its line.
    #[token("\"", open_text)]
    Open(Opened),
    /// A text in single quotes.
    #[regex(r"'([^'\\\n\r]|\\[^\n\r])*'", priority = 10)]
    Single,
    /// A comment of another language.
    #[regex(r"//[^\n]*", allow_greedy = true)]
    #[regex(r"/\*([^*]|\*+[^*/])*\*+/")]
    #[token("/*", |lexer| lexer.bump(lexer.remainder().len()))]
    #[regex(r"#[^\n]*", allow_greedy = true)]
    Comment,
    /// Letters, digits and signs that are nothing: `NaN`, `01`, `+1`, a text without quotes.
    #[regex(r#"[^\x00-\x20\x7F-\u{A0}\u{FEFF}{}\[\]:,"'/#]+"#, priority = 5)]
    Word,
}

/// What became of a text that is not closed in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// It goes on below, and is closed there.
    Lines,
    /// The quote at its end is missing.
    Never,
}

/// Reads to the end of a text that is not closed in its line: to its quote below if it seems to go on there, otherwise
/// to the end of the line.
fn open_text(lexer: &mut Lexer<'_, Token>) -> Opened {
    let rest = lexer.remainder();
    let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let below = rest.get(line..).unwrap_or("").trim_start();
    // What begins like JSON is no rest of a text: then a quote was forgotten.
    if lexer.extras < MAX_LOOKS && !below.is_empty() && !below.starts_with(['"', '{', '}', '[', ']']) {
        let mut escaped = false;
        for (at, byte) in rest.bytes().enumerate().take(LOOK_AHEAD) {
            match byte {
                b'"' if !escaped => {
                    lexer.bump(at + 1);
                    return Opened::Lines;
                }
                b'\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        lexer.extras += 1;
    }
    // A comma or bracket at the end of the line belongs to what is around the text.
    let text = rest.get(..line).unwrap_or("").trim_end().trim_end_matches([',', ' ', '\t', '}', ']']);
    lexer.bump(text.len());
    Opened::Never
}
