//! XML: elements indented by two; an element without children keeps its text as it is.
//!
//! Unaware of: which elements are lists; only that white space between elements says nothing.

use crate::trivia::xml::tag as tag_length;
use crate::write::WIDTH;

/// Widest tag that stays in one line.
const TAG: usize = WIDTH + 20;

/// A piece of markup or the text between two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Empty,
    /// A comment or an instruction.
    Aside,
    Text,
}

struct Piece<'t> {
    kind: Kind,
    text: &'t str,
}

/// Lays out a text that is well-formed.
pub(super) fn format(text: &str) -> String {
    let pieces = pieces(text);
    let leaves = leaves(&pieces);
    let mut print = Print { out: String::with_capacity(text.len()), depth: 0, blank: false, fresh: true };
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        match piece.kind {
            Kind::Text => print.text(piece.text),
            Kind::Aside => print.aside(piece.text),
            Kind::Empty => {
                print.start(piece.text);
            }
            Kind::Open => {
                if let Some(close) = leaves.get(at).copied().flatten() {
                    print.leaf(&pieces, at, close);
                    at = close;
                } else {
                    print.start(piece.text);
                    print.depth += 1;
                    print.blank = false;
                }
            }
            Kind::Close => {
                print.depth = print.depth.saturating_sub(1);
                print.blank = false;
                print.line();
                print.out.push_str(&closing(piece.text));
            }
        }
        at += 1;
    }
    print.out.push('\n');
    print.out
}

struct Print {
    out: String,
    depth: usize,
    /// A blank line stands before what comes.
    blank: bool,
    /// A line end stands before what comes.
    fresh: bool,
}

impl Print {
    /// Begins a line.
    fn line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
            if self.blank {
                self.out.push('\n');
            }
        }
        self.blank = false;
        self.fresh = false;
        self.out.push_str(&"  ".repeat(self.depth));
    }

    /// White space between elements; of anything else nothing is lost.
    fn text(&mut self, text: &str) {
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        self.blank |= lines > 1;
        self.fresh |= lines > 0;
        let solid = text.trim_matches([' ', '\t', '\n', '\r']);
        if !solid.is_empty() {
            self.line();
            self.out.push_str(solid);
        }
    }

    fn aside(&mut self, text: &str) {
        if self.fresh || self.out.is_empty() {
            self.line();
        } else {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }

    fn start(&mut self, text: &str) {
        self.line();
        let tag = tag(text, self.depth * 2);
        self.out.push_str(&tag);
    }

    /// An element without elements inside. Its text is carried over; white space alone is none, unless it is said to
    /// be text.
    fn leaf(&mut self, pieces: &[Piece<'_>], open: usize, close: usize) {
        let inside = pieces.get(open + 1..close).unwrap_or(&[]);
        let Some(start) = pieces.get(open) else { return };
        let said = start.text.contains("t=") || start.text.contains("xml:space");
        let blank =
            |piece: &Piece<'_>| piece.kind == Kind::Text && piece.text.trim_matches([' ', '\t', '\n', '\r']).is_empty();
        if inside.iter().all(blank) && (!said || inside.is_empty()) {
            let empty = format!("{}/>", start.text.trim_end_matches('>').trim_end());
            return self.start(&empty);
        }
        self.start(start.text);
        for piece in inside {
            self.out.push_str(piece.text);
        }
        self.out.push_str(&pieces.get(close).map(|piece| closing(piece.text)).unwrap_or_default());
    }
}

/// A start tag with one space between attributes, or an attribute a line if it is long.
fn tag(text: &str, before: usize) -> String {
    let (inner, end) = match text.strip_suffix("/>") {
        Some(inner) => (inner, "/>"),
        None => (text.strip_suffix('>').unwrap_or(text), ">"),
    };
    let words = words(inner);
    let width: usize = words.iter().map(|word| word.len() + 1).sum();
    let short = before + width + end.len() <= TAG || words.len() < 3;
    let space = if short { " ".to_owned() } else { format!("\n{:1$}", "", before + 4) };
    format!("{}{end}", words.join(&space))
}

/// The name and the attributes of a tag, each as one text without white space around `=`.
fn words(inner: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    // White space before `=` belongs to nothing.
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            Some(open) => {
                word.push(c);
                if c == open {
                    quote = None;
                    words.push(std::mem::take(&mut word));
                }
            }
            None if c.is_ascii_whitespace() => {
                while chars.peek().is_some_and(char::is_ascii_whitespace) {
                    chars.next();
                }
                if chars.peek() != Some(&'=') && !word.is_empty() && !word.ends_with('=') {
                    words.push(std::mem::take(&mut word));
                }
            }
            None => {
                if matches!(c, '"' | '\'') {
                    quote = Some(c);
                }
                word.push(c);
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn closing(text: &str) -> String {
    format!("{}>", text.trim_end_matches('>').trim_end())
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let past = |open: &str, close: &str| {
            let inner = rest.get(open.len()..).unwrap_or("");
            inner.find(close).map_or(rest.len(), |i| open.len() + i + close.len())
        };
        let (kind, length) = if !rest.starts_with('<') {
            (Kind::Text, rest.find('<').unwrap_or(rest.len()))
        } else if rest.starts_with("<!--") {
            (Kind::Aside, past("<!--", "-->"))
        } else if rest.starts_with("<![CDATA[") {
            (Kind::Text, past("<![CDATA[", "]]>"))
        } else if rest.starts_with("<?") {
            (Kind::Aside, past("<?", "?>"))
        } else if rest.starts_with("</") {
            (Kind::Close, past("</", ">"))
        } else {
            let length = tag_length(rest);
            let empty = rest.get(..length).is_some_and(|tag| tag.ends_with("/>"));
            (if empty { Kind::Empty } else { Kind::Open }, length)
        };
        pieces.push(Piece { kind, text: rest.get(..length).unwrap_or("") });
        at += length.max(1);
    }
    pieces
}

/// For each start tag of an element without elements inside, the number of its end tag.
fn leaves(pieces: &[Piece<'_>]) -> Vec<Option<usize>> {
    let mut leaves = vec![None; pieces.len()];
    let mut last = None;
    for (number, piece) in pieces.iter().enumerate() {
        match piece.kind {
            Kind::Open => last = Some(number),
            Kind::Empty => last = None,
            Kind::Close => {
                if let Some(place) = last.take().and_then(|open: usize| leaves.get_mut(open)) {
                    *place = Some(number);
                }
            }
            Kind::Aside | Kind::Text => {}
        }
    }
    leaves
}
