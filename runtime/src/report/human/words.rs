//! Changes, reasons and times in a few words.
//!
//! Unaware of: colours and lines.

use crate::report::ChangeReport;
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_vm::host::ChangeKind;
use ipcmm_vm::outcome::Reason;

/// Objects of one phrase that are named; the rest is counted.
const NAMED: usize = 2;
/// Values longer than this are not shown in a line.
const SHORT: usize = 40;

/// What changes come to: `create /etc/motd`, `/etc/motd: mode 0644 → 0600`, `remove /a, /b and 3 more`.
pub(super) fn phrase(changes: &[ChangeReport], unicode: bool) -> String {
    // Each object once, in the order of its first change.
    let mut objects: Vec<(&str, Vec<&ChangeReport>)> = Vec::new();
    for change in changes {
        match objects.iter_mut().rev().take(8).find(|(object, _)| *object == change.object) {
            Some((_, of_it)) => of_it.push(change),
            None => objects.push((&change.object, vec![change])),
        }
    }
    // Directories made on the way to something are not worth naming.
    let mut position = 0;
    objects.retain({
        let names: Vec<String> = objects.iter().map(|(object, _)| (*object).to_owned()).collect();
        move |(object, of_it)| {
            position += 1;
            let next = names.get(position).and_then(|next| next.strip_prefix(*object));
            !(next.is_some_and(|rest| rest.starts_with('/')) && of_it.iter().all(|change| is_new_directory(change)))
        }
    });
    let mut said = String::new();
    let mut verb = String::new();
    for (object, of_it) in objects.iter().take(NAMED) {
        let (next, text) = about(object, of_it, unicode);
        match (said.is_empty(), !next.is_empty() && next == verb) {
            (true, _) => {}
            (false, _) => said.push_str(", "),
        }
        if !next.is_empty() && next != verb {
            said.push_str(&next);
            said.push(' ');
        }
        said.push_str(&text);
        verb = next;
    }
    if objects.len() > NAMED {
        said.push_str(&format!(" and {} more", objects.len() - NAMED));
    }
    said
}

pub(super) fn is_new_directory(change: &ChangeReport) -> bool {
    change.kind == ChangeKind::Create && change.diff.is_none() && change.property != "content"
}

/// Verb and object of the changes of one object.
fn about(object: &str, changes: &[&ChangeReport], unicode: bool) -> (String, String) {
    let has = |kind: ChangeKind| changes.iter().find(|change| change.kind == kind);
    let arrow = if unicode { "→" } else { "->" };
    let kind_word = |text: &Option<String>| match text.as_deref() {
        Some(word @ ("directory" | "file" | "link" | "symbolic link")) => format!(" {word}"),
        _ => String::new(),
    };
    if has(ChangeKind::Run).is_some() {
        return ("run".to_owned(), object.to_owned());
    }
    let target = |change: &&&ChangeReport| match (&*change.property, &change.after) {
        ("target", Some(after)) => format!("{object} {arrow} {after}"),
        _ => object.to_owned(),
    };
    match (has(ChangeKind::Create), has(ChangeKind::Remove)) {
        (Some(_), Some(_)) => return ("replace".to_owned(), object.to_owned()),
        (Some(made), None) => {
            let word = if made.property.is_empty() { kind_word(&made.after) } else { String::new() };
            return (format!("create{word}"), target(&made));
        }
        (None, Some(gone)) => return (format!("remove{}", kind_word(&gone.before)), object.to_owned()),
        (None, None) => {}
    }
    let mut details = Vec::new();
    let mut content = false;
    for change in changes {
        let short = |text: &Option<String>| text.clone().filter(|t| t.chars().count() <= SHORT && !t.contains('\n'));
        match (&*change.property, short(&change.before), short(&change.after)) {
            ("" | "content", ..) => content = true,
            (property, Some(before), Some(after)) => details.push(format!("{property} {before} {arrow} {after}")),
            (property, ..) => details.push(property.to_owned()),
        }
    }
    match (content, details.is_empty()) {
        (true, true) => ("update".to_owned(), object.to_owned()),
        (true, false) => ("update".to_owned(), format!("{object}, {}", details.join(", "))),
        (false, _) => (String::new(), format!("{object}: {}", details.join(", "))),
    }
}

/// The meaning of a reason as part of a sentence.
pub(super) fn reason(reason: Reason) -> String {
    let doc = Reason::TABLE.iter().find(|(row, ..)| *row == reason).map_or(reason.name(), |(_, _, doc)| *doc);
    let doc = doc.trim_end_matches('.');
    let mut chars = doc.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// Why a keyword that names a task holds another back.
pub(super) fn unmet(keyword: &str, label: &str) -> String {
    match EdgeKind::from_name(keyword) {
        Some(EdgeKind::OnFail) => format!("{label} did not fail"),
        Some(EdgeKind::OnChange) => format!("{label} did not change"),
        Some(EdgeKind::OnSuccess) => format!("{label} did not succeed"),
        Some(EdgeKind::RequiresNone) => format!("{label} succeeded"),
        Some(EdgeKind::Prereq) => format!("{label} needs no change"),
        Some(EdgeKind::PostReq) => format!("{label} was not worked on"),
        _ => format!("{label} was skipped"),
    }
}

/// Seconds for people: `45 ms`, `1.2 s`, `2 min 5 s`.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.000_95 => "<1 ms".to_owned(),
        s if s < 0.999_5 => format!("{:.0} ms", s * 1e3),
        s if s < 59.95 => format!("{s:.1} s"),
        s => {
            let whole = s.round() as u64;
            match (whole / 3600, whole / 60 % 60, whole % 60) {
                (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
                (hours, minutes, _) => format!("{hours} h {minutes} min"),
            }
        }
    }
}

/// What must become of a task so that a keyword that names it does not hold another back.
pub(super) fn unless(keyword: &str, label: &str) -> String {
    match EdgeKind::from_name(keyword) {
        Some(EdgeKind::OnFail) => format!("{label} fails"),
        Some(EdgeKind::OnChange | EdgeKind::Prereq) => format!("{label} changes"),
        Some(EdgeKind::RequiresNone) => format!("{label} does not succeed"),
        Some(EdgeKind::PostReq) => format!("{label} is worked on"),
        _ => format!("{label} succeeds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: ChangeKind, object: &str, property: &'static str, values: [Option<&str>; 2]) -> ChangeReport {
        let [before, after] = values.map(|v| v.map(str::to_owned));
        ChangeReport {
            kind,
            object: object.to_owned(),
            property: property.into(),
            before,
            after,
            diff: None,
            forecast: None,
        }
    }

    #[test]
    fn changes_are_said_in_few_words() {
        use ChangeKind::{Create, Remove, Run, Update};
        let cases: [(&[ChangeReport], &str); 8] = [
            (&[], ""),
            (
                &[
                    change(Create, "/a", "content", [None, Some("3 bytes")]),
                    change(Create, "/a", "mode", [None, Some("0644")]),
                ],
                "create /a",
            ),
            (&[change(Create, "/d", "", [None, Some("directory")])], "create directory /d"),
            (&[change(Create, "/l", "target", [None, Some("x")])], "create /l → x"),
            (&[change(Update, "/a", "mode", [Some("0644"), Some("0600")])], "/a: mode 0644 → 0600"),
            (
                &[
                    change(Update, "/a", "content", [Some("1"), Some("2")]),
                    change(Update, "/a", "owner", [Some("x"), Some("y")]),
                ],
                "update /a, owner x → y",
            ),
            (
                &[
                    change(Remove, "/a", "", [Some("file"), None]),
                    change(Remove, "/b", "", [Some("file"), None]),
                    change(Remove, "/c", "", [Some("file"), None]),
                ],
                "remove file /a, /b and 1 more",
            ),
            (
                &[change(Create, "/a", "content", [None, None]), change(Run, "ls -l", "", [None, None])],
                "create /a, run ls -l",
            ),
        ];
        for (changes, said) in cases {
            assert_eq!(phrase(changes, true), said);
        }
    }

    #[test]
    fn times_are_short() {
        let cases = [
            (0.0, "<1 ms"),
            (0.045, "45 ms"),
            (0.9996, "1.0 s"),
            (1.24, "1.2 s"),
            (125.0, "2 min 5 s"),
            (7300.0, "2 h 1 min"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }
}
