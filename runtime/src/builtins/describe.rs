//! Differences in words: what `changes` holds. Unaware of how a difference is removed.

use crate::system::Reader;
use ipcmm_vm::host::{Change, ChangeKind};
use similar::TextDiff;
use std::fmt::Write;
use std::path::Path;

/// Texts up to this size are compared line by line.
pub(super) const DIFF_LIMIT: usize = 64 * 1024;

/// One difference at a path.
pub(super) fn change(
    kind: ChangeKind,
    path: &Path,
    property: &'static str,
    before: Option<String>,
    after: Option<String>,
) -> Change {
    Change { kind, object: path.display().to_string(), property, before, after, diff: None, may: false }
}

/// Permission bits as they are written in sources.
pub(super) fn mode_text(mode: u32) -> String {
    format!("{mode:04o}")
}

/// The name of a user, or the number of one without a name.
pub(super) fn user_text(look: &dyn Reader, uid: u32) -> String {
    look.user_by_id(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

/// The name of a group, or the number of one without a name.
pub(super) fn group_text(look: &dyn Reader, gid: u32) -> String {
    look.group_by_id(gid).ok().flatten().unwrap_or_else(|| gid.to_string())
}

/// Size and, where it is known, hash of a content.
fn summary(size: u64, hash: Option<blake3::Hash>) -> String {
    match hash {
        Some(hash) => format!("{size} bytes, blake3 {}", &hash.to_hex()[..16]),
        None => format!("{size} bytes"),
    }
}

/// A content that was there before: all of it if it is not too large, and its size.
pub(super) struct Before<'a> {
    pub content: Option<&'a [u8]>,
    pub size: u64,
}

/// The difference between two contents. The hash of the new one is at hand already.
pub(super) fn content_change(path: &Path, before: Option<Before<'_>>, after: &[u8], hash: blake3::Hash) -> Change {
    let diff = match &before {
        None => text_of(after).map(|text| new_text_diff(path, text)),
        Some(before) => before.content.and_then(text_of).zip(text_of(after)).map(|(a, b)| text_diff(path, a, b)),
    };
    let kind = if before.is_some() { ChangeKind::Update } else { ChangeKind::Create };
    let before = before.map(|b| summary(b.size, b.content.map(blake3::hash)));
    let after = summary(after.len() as u64, Some(hash));
    Change { diff, ..change(kind, path, "content", before, Some(after)) }
}

/// The difference between two contents that were not read at once.
pub(super) fn size_change(path: &Path, before: Option<u64>, after: u64) -> Change {
    let kind = if before.is_some() { ChangeKind::Update } else { ChangeKind::Create };
    change(kind, path, "content", before.map(|size| summary(size, None)), Some(summary(after, None)))
}

/// Text short enough to be shown line by line.
fn text_of(content: &[u8]) -> Option<&str> {
    if content.len() > DIFF_LIMIT || content.contains(&0) {
        return None;
    }
    std::str::from_utf8(content).ok()
}

fn text_diff(path: &Path, before: &str, after: &str) -> String {
    let name = path.display().to_string();
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(3).header(&name, &name).to_string()
}

/// The diff of a file that was not there: every line is new, no comparison needed.
fn new_text_diff(path: &Path, text: &str) -> String {
    let mut diff = String::with_capacity(text.len() + text.len() / 8 + 128);
    let lines = text.lines().count();
    // Writing to a String cannot fail.
    let _ = write!(diff, "--- /dev/null\n+++ {}\n", path.display());
    if lines > 0 {
        let _ = writeln!(diff, "@@ -0,0 +1,{lines} @@");
        for line in text.split_inclusive('\n') {
            diff.push('+');
            diff.push_str(line);
        }
        if !text.ends_with('\n') {
            diff.push_str("\n\\ No newline at end of file\n");
        }
    }
    diff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_differ_as_text_or_by_size_and_hash() {
        let path = Path::new("/f");
        let of = |before: Option<&[u8]>, after: &[u8]| {
            let before = before.map(|b| Before { content: Some(b), size: b.len() as u64 });
            content_change(path, before, after, blake3::hash(after))
        };
        let text = of(Some(b"a\nb\n"), b"a\nc\n");
        assert_eq!(text.diff.unwrap(), "--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        assert_eq!(
            of(None, b"a\nb").diff.unwrap(),
            "--- /dev/null\n+++ /f\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n"
        );
        let bytes = of(Some(&[0, 255]), b"abc");
        assert!(bytes.diff.is_none());
        assert!(bytes.before.unwrap().starts_with("2 bytes, blake3 "));
        assert!(of(Some(b"a"), &vec![b'x'; DIFF_LIMIT + 1]).diff.is_none());
    }
}
