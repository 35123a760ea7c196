//! What OpenJDK reads from files of public projects, where the corpus is at hand.

use super::{KNOWN, pairs, parse};
use crate::diag::Diagnostics;
use crate::doc::FileId;
use crate::world::World;
use crate::world::disk::Disk;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn as_openjdk_reads_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/java-properties");
    if !Disk.is_dir(&folder) {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let recorded = Disk.read(&folder.join("expected.jsonl")).expect("what OpenJDK said");
    let recorded = String::from_utf8(recorded).expect("text");
    let (mut files, mut values, mut refused) = (0, 0, 0);
    for line in recorded.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let name = row["file"].as_str().expect("a name");
        let bytes = Disk.read(&folder.join(name)).expect(name);
        let latin1: String = bytes.iter().map(|b| char::from(*b)).collect();
        let utf8 = String::from_utf8(bytes);
        let mut readings = vec![(&latin1, &row["latin1"])];
        if let Ok(text) = &utf8 {
            readings.push((text, if row["utf8"].is_null() { &row["latin1"] } else { &row["utf8"] }));
        }
        files += 1;
        for (text, expected) in readings {
            let Some(expected) = expected.as_object().filter(|o| !o.contains_key("$error")) else {
                refused += 1;
                assert!(pairs(text).is_err(), "{name}");
                continue;
            };
            // The last of several equal keys wins in Java.
            let found: BTreeMap<String, String> = pairs(text).expect(name).into_iter().collect();
            let expected: BTreeMap<String, String> =
                expected.iter().map(|(k, v)| (k.clone(), v.as_str().expect("text").to_owned())).collect();
            assert_eq!(found, expected, "{name}");
            values += found.len();
            mutate(text);
        }
    }
    println!("{files} files, {values} values equal, {refused} readings refused by both");
    assert!(files > 200 && values > 5000);
}

/// Cuts and swaps: nothing but problems may come of it.
fn mutate(text: &str) {
    let read = |text: &str| parse(FileId(0), text, KNOWN, &mut Diagnostics::default());
    read(text);
    let step = text.len() / 8 + 1;
    for at in (0..text.len()).step_by(step).filter(|at| text.is_char_boundary(*at)) {
        let (before, after) = text.split_at(at);
        read(before);
        read(after);
        for middle in ["\\", "\"", "[", ".", "\\u", "\r", "=", "\\\n"] {
            read(&format!("{before}{middle}{after}"));
        }
    }
}
