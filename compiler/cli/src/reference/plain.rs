//! A page as text for a terminal: headings stand out, tables have columns, lines are as long as the terminal is wide.
//!
//! Unaware of: what a page is about. Control characters of sources are made visible. Start reading at [`render`].

use ipcmm_spec::terminal::{Terminal, visible};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

const BOLD: &str = "\x1b[1m";
const CYAN: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[0m";

/// The narrowest a column becomes.
const NARROW: usize = 8;
/// The widest a line of text becomes: longer ones are hard to read.
const WIDE: usize = 110;

/// A page of Markdown as text.
pub fn render(markdown: &str, to: &Terminal) -> String {
    let mut page = Page { to, out: String::new(), line: String::new(), indent: 0, table: Vec::new() };
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        page.event(event);
    }
    page.flush();
    page.out
}

struct Page<'t> {
    to: &'t Terminal,
    out: String,
    /// The words of the paragraph or cell that is being read.
    line: String,
    indent: usize,
    table: Vec<Vec<String>>,
}

impl Page<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { .. }) => self.gap(),
            Event::End(TagEnd::Heading(level)) => self.heading(level),
            Event::Start(Tag::Paragraph) if self.indent == 0 => self.gap(),
            Event::Start(Tag::List(_)) => {
                self.flush();
                if self.indent == 0 {
                    self.gap();
                }
                self.indent += 2;
            }
            Event::End(TagEnd::List(_)) => {
                self.flush();
                self.indent = self.indent.saturating_sub(2);
            }
            Event::Start(Tag::CodeBlock(_)) => self.gap(),
            Event::End(TagEnd::CodeBlock) => {
                let block = std::mem::take(&mut self.line);
                for line in block.lines() {
                    self.out.push_str(&format!("    {}\n", visible(line, self.to.unicode)));
                }
            }
            Event::Start(Tag::Table(_)) => self.gap(),
            Event::Start(Tag::TableHead | Tag::TableRow) => self.table.push(Vec::new()),
            Event::End(TagEnd::TableCell) => {
                let cell = std::mem::take(&mut self.line);
                self.table.last_mut().into_iter().for_each(|row| row.push(cell.trim().to_owned()));
            }
            Event::End(TagEnd::Table) => self.rows(),
            Event::End(TagEnd::Paragraph | TagEnd::Item) => self.flush(),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.line.push_str(&text);
            }
            Event::SoftBreak => self.line.push(' '),
            Event::HardBreak => self.line.push('\n'),
            _ => {}
        }
    }

    /// An empty line, unless there is one.
    fn gap(&mut self) {
        self.flush();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn width(&self) -> usize {
        self.to.columns().clamp(40, 400)
    }

    fn styled(&self, style: &str, text: &str) -> String {
        if self.to.color { format!("{style}{text}{PLAIN}") } else { text.to_owned() }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let text = visible(std::mem::take(&mut self.line).trim(), self.to.unicode);
        let rule = match (level, self.to.unicode) {
            (HeadingLevel::H1, true) => "━",
            (HeadingLevel::H1, false) => "=",
            (HeadingLevel::H2, true) => "─",
            (HeadingLevel::H2, false) => "-",
            _ => "",
        };
        let rule = rule.repeat(text.chars().count().min(self.width()));
        self.out.push_str(&format!("{}\n", self.styled(BOLD, &text)));
        if !rule.is_empty() {
            self.out.push_str(&format!("{rule}\n"));
        }
    }

    /// Writes the words that were read, wrapped.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.line);
        if words.trim().is_empty() {
            return;
        }
        let dot = if self.to.unicode { "•" } else { "*" };
        let (first, rest) = match self.indent {
            0 => (String::new(), String::new()),
            indent => (format!("{}{dot} ", " ".repeat(indent - 2)), " ".repeat(indent)),
        };
        let width = self.width().min(WIDE).saturating_sub(self.indent).max(20);
        for (i, line) in words.split('\n').flat_map(|part| wrapped(part, width)).enumerate() {
            self.out.push_str(if i == 0 { &first } else { &rest });
            self.out.push_str(&visible(&line, self.to.unicode));
            self.out.push('\n');
        }
    }

    /// Writes the table that was read. Columns nothing stands in are left out; the widest give way first.
    fn rows(&mut self) {
        let mut table = std::mem::take(&mut self.table);
        let count = table.iter().map(Vec::len).max().unwrap_or(0);
        table.iter_mut().for_each(|row| row.resize(count, String::new()));
        let used: Vec<usize> = (0..count).filter(|c| table.iter().skip(1).any(|row| !row[*c].is_empty())).collect();
        let mut widths: Vec<usize> =
            used.iter().map(|c| table.iter().map(|row| row[*c].chars().count()).max().unwrap_or(0)).collect();
        let room = self.width().saturating_sub(2 * used.len().saturating_sub(1));
        while widths.iter().sum::<usize>() > room {
            let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > NARROW) else { break };
            *widest -= 1;
        }
        for (i, row) in table.iter().enumerate() {
            let cells: Vec<Vec<String>> =
                used.iter().zip(&widths).map(|(c, width)| wrapped(&row[*c], *width)).collect();
            for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let mut written = String::new();
                for (n, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                    let part = visible(cell.get(line).map_or("", String::as_str), self.to.unicode);
                    let pad = if n + 1 == cells.len() { 0 } else { width.saturating_sub(part.chars().count()) + 2 };
                    let part = match (i, n) {
                        (0, _) => self.styled(BOLD, &part),
                        (_, 0) => self.styled(CYAN, &part),
                        _ => part,
                    };
                    written.push_str(&part);
                    written.push_str(&" ".repeat(pad));
                }
                self.out.push_str(written.trim_end());
                self.out.push('\n');
            }
        }
    }
}

/// A text in lines of at most so many characters; a longer word is divided.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut long = 0;
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width.max(1)) {
            if long > 0 && long + 1 + piece.len() > width {
                lines.push(std::mem::take(&mut line));
                long = 0;
            }
            if long > 0 {
                line.push(' ');
                long += 1;
            }
            line.extend(piece);
            long += piece.len();
        }
    }
    if long > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(markdown: &str, width: usize) -> String {
        render(markdown, &Terminal { interactive: false, color: false, unicode: true, width: Some(width) })
    }

    #[test]
    fn a_table_fits_the_terminal_and_empty_columns_are_left_out() {
        let table = "# T\n\nSome *words*.\n\n| a | b | c |\n| --- | --- | --- |\n| `x\\|y` |  | one two three four five six seven |\n| z |  | w |\n";
        assert_eq!(shown(table, 40), "T\n━\n\nSome words.\n\na    c\nx|y  one two three four five six seven\nz    w\n");
        let long = format!("| a | b |\n| --- | --- |\n| {0} | {0} |\n", "word ".repeat(20));
        assert!(shown(&long, 50).lines().all(|line| line.chars().count() <= 50), "{}", shown(&long, 50));
    }

    #[test]
    fn lists_are_indented_and_nothing_drives_the_terminal() {
        assert_eq!(shown("- one\n- two `x`\n  - three\n", 40), "• one\n• two x\n  • three\n");
        assert!(!shown("a \u{1b}[2J\n\n    \u{7}\n", 40).contains(['\u{1b}', '\u{7}']));
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
    }
}
