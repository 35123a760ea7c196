//! The public JSON test suite and large files, where the corpora are at hand.

use super::{problems, read};
use crate::diag::Diagnostics;
use crate::doc::decode;
use crate::world::disk::Disk;
use crate::world::{Kind, World};
use std::path::{Path, PathBuf};

/// The cases that a reader may take or refuse, and what this one does: numbers of any size are taken, because they are
/// read by the type of their place; texts that are not Unicode are refused; depth has a limit; a mark of byte order is
/// tolerated.
const DECIDED: &[(&str, bool)] = &[
    ("i_number_double_huge_neg_exp.json", true),
    ("i_number_huge_exp.json", true),
    ("i_number_neg_int_huge_exp.json", true),
    ("i_number_pos_double_huge_exp.json", true),
    ("i_number_real_neg_overflow.json", true),
    ("i_number_real_pos_overflow.json", true),
    ("i_number_real_underflow.json", true),
    ("i_number_too_big_neg_int.json", true),
    ("i_number_too_big_pos_int.json", true),
    ("i_number_very_big_negative_int.json", true),
    ("i_object_key_lone_2nd_surrogate.json", false),
    ("i_string_1st_surrogate_but_2nd_missing.json", false),
    ("i_string_1st_valid_surrogate_2nd_invalid.json", false),
    ("i_string_UTF-16LE_with_BOM.json", false),
    ("i_string_UTF-8_invalid_sequence.json", false),
    ("i_string_UTF8_surrogate_U+D800.json", false),
    ("i_string_incomplete_surrogate_and_escape_valid.json", false),
    ("i_string_incomplete_surrogate_pair.json", false),
    ("i_string_incomplete_surrogates_escape_valid.json", false),
    ("i_string_invalid_lonely_surrogate.json", false),
    ("i_string_invalid_surrogate.json", false),
    ("i_string_invalid_utf-8.json", false),
    ("i_string_inverted_surrogates_U+1D11E.json", false),
    ("i_string_iso_latin_1.json", false),
    ("i_string_lone_second_surrogate.json", false),
    ("i_string_lone_utf8_continuation_byte.json", false),
    ("i_string_not_in_unicode_range.json", false),
    ("i_string_overlong_sequence_2_bytes.json", false),
    ("i_string_overlong_sequence_6_bytes.json", false),
    ("i_string_overlong_sequence_6_bytes_null.json", false),
    ("i_string_truncated-utf-8.json", false),
    ("i_string_utf16BE_no_BOM.json", false),
    ("i_string_utf16LE_no_BOM.json", false),
    ("i_structure_500_nested_arrays.json", false),
    ("i_structure_UTF-8_BOM_empty_object.json", true),
];

fn corpora(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora").join(name);
    if !Disk.is_dir(&folder) {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in Disk.list(&folder).unwrap_or_default() {
            match entry.kind {
                Kind::Folder => open.push(entry.path),
                Kind::File if entry.name.ends_with(".json") => found.push(entry.path),
                _ => {}
            }
        }
    }
    found
}

/// What is wrong with a file; bytes that are no text count as one problem.
fn verdict(path: &Path) -> (Diagnostics, usize) {
    let bytes = Disk.read(path).expect("a file");
    let length = bytes.len();
    match decode("t.json", bytes) {
        Ok(text) => {
            let (doc, mut diagnostics) = read(&text);
            // Nothing is no value of JSON, although a file may be empty here.
            if doc.roots.is_empty() && !diagnostics.has_errors() {
                println!("{}: nothing is written", path.display());
                diagnostics.push(crate::diag::Diagnostic::unplaced(crate::diag::Code::NoSources, "nothing"));
            }
            (diagnostics, length)
        }
        Err(problem) => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(*problem);
            (diagnostics, length)
        }
    }
}

#[test]
fn json_test_suite() {
    let Some(folder) = corpora("json-test-suite") else { return };
    let (mut taken, mut refused, mut decided) = (0, 0, 0);
    let mut wrong = Vec::new();
    for path in files(&folder.join("test_parsing")) {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("").to_owned();
        let (diagnostics, _) = verdict(&path);
        let right = match name.get(..2) {
            Some("y_") => {
                taken += 1;
                // The suite has two cases with a key that comes twice. They are sound for the grammar.
                diagnostics.iter().all(|d| d.code == crate::diag::Code::DuplicateKey)
            }
            Some("n_") => {
                refused += 1;
                diagnostics.has_errors()
            }
            _ => {
                decided += 1;
                DECIDED.iter().find(|(case, _)| *case == name).is_some_and(|(_, ok)| *ok != diagnostics.has_errors())
            }
        };
        if !right {
            wrong.push(format!("{name}: {:?}", problems(&diagnostics)));
        }
    }
    println!("{taken} taken, {refused} refused, {decided} decided, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((taken, refused, decided), (95, 188, DECIDED.len()));
}

#[test]
fn transformations_are_read_without_a_panic() {
    let Some(folder) = corpora("json-test-suite") else { return };
    for path in files(&folder.join("test_transform")) {
        let (diagnostics, _) = verdict(&path);
        println!("{}: {:?}", path.display(), problems(&diagnostics));
    }
}

#[test]
fn files_of_public_projects() {
    let Some(folder) = corpora("json-large") else { return };
    let (mut clean, mut failed, mut bytes) = (0, 0, 0);
    for path in files(&folder) {
        let (diagnostics, length) = verdict(&path);
        let sound = Disk.read(&path).is_ok_and(|b| serde_json::from_slice::<serde_json::Value>(&b).is_ok());
        let refused = diagnostics.iter().any(|d| d.code != crate::diag::Code::DuplicateKey);
        assert_ne!(sound, refused, "{}: {:?}", path.display(), problems(&diagnostics));
        (clean, failed) = if refused { (clean, failed + 1) } else { (clean + 1, failed) };
        bytes += length;
    }
    println!("{clean} clean, {failed} with diagnostics, {bytes} bytes");
}
