//! The conformance suite of the W3C and files of public projects, where the corpora are at hand.

use super::{parsed, problems, well_formed};
use crate::diag::{Code, Diagnostics};
use crate::doc::decode;
use crate::world::World;
use crate::world::disk::Disk;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn corpora(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora").join(name);
    if !Disk.is_dir(&folder) {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// What is wrong with the bytes of a file as XML.
fn verdict(bytes: Vec<u8>) -> Diagnostics {
    match decode("t.xml", bytes) {
        Ok(text) => well_formed(&text),
        Err(problem) => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(*problem);
            diagnostics
        }
    }
}

/// Documents without a document type that are judged otherwise than in the suite, and why.
const DECIDED: &[(&str, Option<Code>, &str)] = &[
    ("valid-sa-050", Some(Code::NotUtf8), "UTF-16: sources are UTF-8"),
    ("valid-sa-051", Some(Code::NotUtf8), "UTF-16: sources are UTF-8"),
    ("pr-xml-utf-16", Some(Code::NotUtf8), "UTF-16: sources are UTF-8"),
    ("weekly-little", Some(Code::NotUtf8), "UTF-16: sources are UTF-8"),
    ("weekly-utf-16", Some(Code::NotUtf8), "UTF-16: sources are UTF-8"),
    // Well-formed XML, and wrong only by the recommendation on namespaces, which mean nothing here: as a key or entry
    // such a name is refused by its prefix (C0017).
    ("rmt-ns10-013", None, "two colons in a name"),
    ("rmt-ns10-030", None, "another prefix for the namespace of `xml`"),
    ("rmt-ns10-031", None, "a declaration of the prefix `xmlns`"),
    ("rmt-ns10-033", None, "another prefix for the namespace of `xmlns`"),
    ("rmt-ns10-036", None, "two prefixes for one namespace"),
];

/// Whether a document has a document type: `<!DOCTYPE` in a comment is none.
fn is_typed(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut rest = &*text;
    while let Some((before, behind)) = rest.split_once("<!--") {
        if before.contains("<!DOCTYPE") {
            return true;
        }
        rest = behind.split_once("-->").map_or("", |(_, rest)| rest);
    }
    rest.contains("<!DOCTYPE")
}

#[test]
fn w3c_suite() {
    let Some(folder) = corpora("xml-w3c") else { return };
    let list = Disk.read(&folder.join("tests.json")).expect("the list");
    let list: Value = serde_json::from_slice(&list).expect("a list");
    let (mut taken, mut refused, mut typed) = (0, 0, 0);
    let mut wrong = Vec::new();
    for case in list.as_array().expect("a list") {
        let word = |name: &str| case[name].as_str().unwrap_or("");
        let bytes = Disk.read(&folder.join("xmlconf").join(word("file"))).expect("a case");
        let is_typed = is_typed(&bytes);
        let diagnostics = verdict(bytes);
        let sound = matches!(word("type"), "valid" | "invalid") && !word("edition").starts_with("1 2 3 4");
        let right = match (is_typed, sound) {
            (true, true) => diagnostics.iter().any(|d| matches!(d.code, Code::Doctype | Code::NotUtf8)),
            (true, false) => diagnostics.has_errors(),
            _ => match DECIDED.iter().find(|(id, ..)| *id == word("id")) {
                Some((_, code, _)) => diagnostics.iter().map(|d| d.code).eq(*code),
                None => diagnostics.is_empty() == sound,
            },
        };
        match (is_typed, sound) {
            (true, _) => typed += 1,
            (false, true) => taken += 1,
            (false, false) => refused += 1,
        }
        if !right {
            wrong.push(format!("{} {}: {:?} {}", word("id"), word("file"), problems(&diagnostics), word("text")));
        }
    }
    println!("{taken} taken, {refused} refused, {typed} with a document type, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((taken, refused, typed), (39, 135, 1018));
}

/// Server configuration and project files: nothing but problems may come of them, whole and cut, and every place is one
/// of the file.
#[test]
fn files_of_public_projects() {
    for (name, least) in [("xml-config", 300), ("maven-poms", 300)] {
        let Some(folder) = corpora(name) else { continue };
        let list = Disk.read(&folder.join("INDEX.tsv")).expect("the list");
        let list = String::from_utf8(list).expect("text");
        let (mut sound, mut refused, mut nodes) = (0, 0, 0);
        for line in list.lines().filter(|line| line.split('\t').nth(2) == Some("xml")) {
            let path = line.split('\t').next().unwrap_or("");
            let Ok(text) = Disk.read(&folder.join(path)).map_err(|_| ()).and_then(|b| decode(path, b).map_err(|_| ()))
            else {
                refused += 1;
                continue;
            };
            let diagnostics = well_formed(&text);
            // What expat said; a document type leaves open what an entity is.
            if !diagnostics.iter().any(|d| matches!(d.code, Code::Doctype | Code::NotUtf8)) {
                let expected = line.ends_with("\tok");
                assert_eq!(diagnostics.is_empty(), expected, "{path}: {:?}", problems(&diagnostics));
            }
            if diagnostics.is_empty() {
                sound += 1
            } else {
                refused += 1
            }
            // As a source it has the wrong root, and with the right one it is mapped.
            let root = text.replacen("<project", "<ipcmm", 1).replace("</project>", "</ipcmm>");
            for text in [&text, &root, &text[..text.floor_char_boundary(text.len() / 2)]] {
                let (doc, diagnostics) = parsed(text);
                nodes += doc.nodes.len();
                let places =
                    doc.nodes.iter().map(|n| n.span).chain(diagnostics.iter().filter_map(|d| Some(d.place?.1)));
                for span in places {
                    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{path} {span:?}");
                }
            }
        }
        println!("{name}: {sound} sound, {refused} refused, {nodes} nodes");
        assert!(sound + refused > least);
    }
}
