//! Paths of files that sources name: made plain, held inside of a folder, matched against patterns.
//!
//! Unaware of: what is in the files.

use crate::world::{Kind, World};
use std::path::{Component, Path, PathBuf};

/// A path without `.` and, as far as there is something to go up from, without `..`.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match plain.components().next_back() {
                Some(Component::Normal(_)) => drop(plain.pop()),
                _ => plain.push(".."),
            },
            other => plain.push(other),
        }
    }
    plain
}

/// The plain path, if it does not lead out of a folder.
pub fn inside(path: &Path, root: &Path) -> Option<PathBuf> {
    let (path, root) = (plain(path), plain(root));
    let below = path.strip_prefix(&root).ok()?;
    let stays = below.components().all(|part| matches!(part, Component::Normal(_)));
    (stays && below != Path::new("")).then_some(path)
}

/// Whether a text is a pattern.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The files that match a path with a pattern in its last part, by name. Hidden files match only a pattern that begins
/// with a dot. The error is a sentence.
pub fn matching(world: &dyn World, path: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = path.parent().unwrap_or(Path::new(""));
    if is_pattern(&folder.to_string_lossy()) {
        return Err("only the last part of a path may be a pattern".into());
    }
    let pattern = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let entries = world.list(folder).map_err(|error| error.diagnostic().message)?;
    let fits = |name: &str| name.starts_with('.') == pattern.starts_with('.') && matches(&pattern, name);
    let files = entries.into_iter().filter(|entry| entry.kind == Kind::File && fits(&entry.name));
    let mut files: Vec<PathBuf> = files.map(|entry| plain(&entry.path)).collect();
    files.sort();
    Ok(files)
}

/// Whether a name matches a pattern, where `*` is any text and `?` any character. Goes back to the last `*` only, so
/// that its work is at most the product of both lengths.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let inside = |path: &str, root: &str| inside(Path::new(path), Path::new(root)).map(|p| p.display().to_string());
        assert_eq!(inside("a/../b.yaml", ""), Some("b.yaml".into()));
        assert_eq!(inside("p/x/../../p/b.yaml", "p"), Some("p/b.yaml".into()));
        assert_eq!(inside("./p/b.yaml", "./p/"), Some("p/b.yaml".into()));
        assert_eq!(inside("p/../q/b.yaml", "p"), None);
        assert_eq!(inside("../b.yaml", ""), None);
        assert_eq!(inside("../../b.yaml", ".."), None);
        assert_eq!(inside("../b.yaml", ".."), Some("../b.yaml".into()));
        assert_eq!(inside("p", "p"), None);
    }

    #[test]
    fn patterns_match_names() {
        for (pattern, name, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", ".yaml", true),
            ("a?c*", "abcd", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("*", "", true),
            ("?", "", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
