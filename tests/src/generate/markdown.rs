//! Pages in Markdown: title, paragraphs, sections, tables, code.

/// A page in the making. Every part begins behind an empty line.
pub(super) struct Page {
    text: String,
}

impl Page {
    /// A page made from the table in the file `table`.
    pub(super) fn new(title: &str, table: &str) -> Page {
        let note = format!("<!-- Made from {table}. Do not edit: BLESS=1 cargo test -p ipcmm-tests writes it. -->");
        Page { text: format!("{note}\n\n# {title}\n") }
    }

    /// A heading below the title.
    pub(super) fn section(&mut self, title: &str) {
        self.part(&format!("## {title}"));
    }

    /// A paragraph, or whatever else stands between empty lines.
    pub(super) fn part(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// A table; nothing where there are no rows.
    pub(super) fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return;
        }
        let head = head.iter().map(|cell| (*cell).to_owned()).collect();
        let line: Vec<String> = std::iter::repeat_n("---".to_owned(), Vec::len(&head)).collect();
        let lines: Vec<String> = [head, line].into_iter().chain(rows).map(|cells| row(&cells)).collect();
        self.part(&lines.join("\n"));
    }

    /// A block of code.
    pub(super) fn fence(&mut self, language: &str, code: &str) {
        self.part(&format!("```{language}\n{}\n```", code.trim_end()));
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// A bar divides cells even inside of code, and a line end divides rows.
fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    format!("| {} |", cells.join(" | "))
}

/// Text as code in a line; nothing where there is none.
pub(super) fn code(text: &str) -> String {
    match (text.is_empty(), text.contains('`')) {
        (true, _) => String::new(),
        (_, true) => format!("`` {text} ``"),
        (_, false) => format!("`{text}`"),
    }
}
