//! Links of documents lead somewhere: to a file of the repository, and to a heading that it has.

use ipcmm_tests::suite::root;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Every Markdown file below a folder, except in hidden folders and `target`.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository can be listed").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !name.starts_with('.') && name != "target" => documents(&path, found),
            Ok(kind) if kind.is_file() && name.ends_with(".md") => found.push(path),
            _ => {}
        }
    }
}

/// The lines that are no code, with their numbers.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fence = 0;
    let mut lines = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let ticks = line.trim_start().chars().take_while(|c| *c == '`').count();
        match (fence, ticks) {
            (0, 3..) => fence = ticks,
            (0, _) => lines.push((i + 1, line.split('`').step_by(2).collect())),
            _ if ticks >= fence && line.trim().chars().all(|c| c == '`') => fence = 0,
            _ => {}
        }
    }
    lines
}

/// The anchors of a document: its headings in small letters, blanks as hyphens, other signs left out.
fn anchors(text: &str) -> Vec<String> {
    let plain = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let words = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    words.map(|heading| heading.chars().filter(plain).collect::<String>().replace(' ', "-")).collect()
}

/// A path without `.` and `..`.
fn resolved(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[test]
fn links_of_documents_lead_somewhere() {
    let mut paths = Vec::new();
    documents(&root(), &mut paths);
    let read = |path: &PathBuf| (resolved(path), fs::read_to_string(path).unwrap_or_default());
    let texts: BTreeMap<PathBuf, String> = paths.iter().map(read).collect();
    let mut dead = Vec::new();
    let mut links = 0;
    for (path, text) in &texts {
        for (line, words) in prose(text) {
            for target in words.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target) {
                // A template of `ipcmmc init` has names to be filled in.
                if target.contains(':') || target.starts_with('@') {
                    continue;
                }
                links += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let file = match file {
                    "" => path.clone(),
                    file => resolved(&path.parent().unwrap_or(Path::new("")).join(file)),
                };
                let leads = match texts.get(&file) {
                    Some(text) => anchor.is_empty() || anchors(text).iter().any(|have| have == anchor),
                    None => anchor.is_empty() && file.exists(),
                };
                if !leads {
                    dead.push(format!("{}:{line}: {target}", path.display()));
                }
            }
        }
    }
    assert!(links > 100, "only {links} links were seen");
    assert!(dead.is_empty(), "these links lead nowhere:\n{}", dead.join("\n"));
}
