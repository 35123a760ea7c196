//! The table of keywords and outcomes in the specification, and what the state machine does: the same, both ways.

use ipcmm_tests::generate::{Truth, truth};
use ipcmm_tests::suite::root;

/// The heading under which the table stands in `spec/semantics.md`.
const HEADING: &str = "### As a table";
/// Edges that nobody writes.
const UNWRITTEN: [&str; 2] = ["prepared", "own"];
/// Keywords that order and judge nothing: their rows say so.
const SILENT: [&str; 2] = ["listen", "use"];

/// The cells of a row of Markdown, without code marks.
fn cells(line: &str) -> Vec<String> {
    let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
    inside.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
}

fn written() -> Truth {
    let text = std::fs::read_to_string(root().join("spec/semantics.md")).expect("the chapter");
    let from = text.find(HEADING).unwrap_or_else(|| panic!("spec/semantics.md has no `{HEADING}`"));
    let mut table =
        text[from..].lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let head = cells(table.next().expect("a head"));
    table.next();
    Truth { head, rows: table.map(cells).collect() }
}

#[test]
fn the_table_of_the_specification_is_that_of_the_state_machine() {
    let (written, made) = (written(), truth());
    assert_eq!(written.head, made.head);
    let names: Vec<&str> = written.rows.iter().map(|row| row[0].as_str()).collect();
    for row in &written.rows {
        if SILENT.contains(&row[0].as_str()) {
            assert!(row[1..].iter().all(|cell| cell == "-"), "`{}` judges nothing: {row:?}", row[0]);
            continue;
        }
        let same = made.rows.iter().find(|other| other[0] == row[0]);
        assert_eq!(Some(row), same, "written, and what the machine does");
    }
    for row in made.rows.iter().filter(|row| !UNWRITTEN.contains(&row[0].as_str())) {
        assert!(names.contains(&row[0].as_str()), "`{}` has no row in spec/semantics.md", row[0]);
    }
    assert_eq!(names.len(), made.rows.len() - UNWRITTEN.len() + SILENT.len(), "a keyword has two rows: {names:?}");
}
