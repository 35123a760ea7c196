//! Tests of the layouts: what they make, that they lose nothing, that twice is once; on public files where they are at
//! hand.

use super::format;
use crate::diag::Diagnostics;
use crate::doc::{self, Format};
use crate::source::FileId;
use crate::world::disk::Disk;
use crate::world::{Kind, World};
use std::path::{Path, PathBuf};

/// The layout of a text; `None` if it is refused.
fn formatted(text: &str, kind: Format) -> Option<String> {
    let doc = doc::parse(FileId(0), text, kind, &mut Diagnostics::default());
    format(&doc, text, kind, &mut Diagnostics::default())
}

fn files(folder: &Path, extensions: &[&str], into: &mut Vec<PathBuf>) {
    for entry in Disk.list(folder).unwrap_or_default() {
        let path = folder.join(&entry.name);
        match Disk.kind(&path) {
            Ok(Kind::Folder) => files(&path, extensions, into),
            Ok(Kind::File) if extensions.iter().any(|e| path.to_string_lossy().ends_with(e)) => into.push(path),
            _ => {}
        }
    }
}

/// Formats all files of a corpus, and gives how many could be, and what went wrong.
fn corpus(folder: &str, extensions: &[&str], kind: Format, strict: bool) -> (usize, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora").join(folder);
    let mut paths = Vec::new();
    files(&root, extensions, &mut paths);
    paths.sort();
    let (mut good, mut bad) = (0, Vec::new());
    for path in paths {
        let Ok(text) = Disk.read(&path).map_err(|_| ()).and_then(|bytes| String::from_utf8(bytes).map_err(|_| ()))
        else {
            continue;
        };
        let text = if kind == Format::Xml { as_source(&text) } else { text };
        let mut problems = Diagnostics::default();
        doc::parse(FileId(0), &text, kind, &mut problems);
        if problems.iter().any(|p| strict || p.code == crate::diag::Code::Syntax) {
            continue;
        }
        match formatted(&text, kind) {
            None => bad.push(format!("{}: refused", path.display())),
            Some(once) if formatted(&once, kind).as_ref() != Some(&once) => {
                bad.push(format!("{}: twice is not once", path.display()));
            }
            Some(_) => good += 1,
        }
    }
    (good, bad)
}

/// An XML file with the root element of a source, so that what is in it is read.
fn as_source(text: &str) -> String {
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('<')).map(|i| at + i) {
        let rest = text.get(open + 1..).unwrap_or("");
        if rest.starts_with(|c: char| c.is_alphabetic()) {
            let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
            let name = rest.get(..length).unwrap_or("");
            let mut out = text.to_owned();
            if let Some(close) = out.rfind(&format!("</{name}")) {
                out.replace_range(close + 2..close + 2 + length, "ipcmm");
            }
            out.replace_range(open + 1..open + 1 + length, "ipcmm");
            return out;
        }
        at = open + 1 + if rest.starts_with("!--") { rest.find("-->").unwrap_or(0) } else { 0 };
    }
    text.to_owned()
}

/// What went wrong with public files; at least so many must be laid out.
fn judge(folders: &[&str], extensions: &[&str], kind: Format, strict: bool, least: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    if !Disk.is_dir(&root) {
        println!("skipped: {} is not there", root.display());
        return;
    }
    let mut total = 0;
    for folder in folders {
        let (good, bad) = corpus(folder, extensions, kind, strict);
        println!("{folder}: {good} files");
        assert!(bad.is_empty(), "{} of {good}\n{}", bad.len(), bad.join("\n"));
        total += good;
    }
    assert!(total >= least, "{total} files only");
}

#[test]
fn public_yaml_is_laid_out() {
    let folders = ["kubernetes", "github-workflows", "docker-compose", "ansible", "puppet-data", "prometheus-config"];
    judge(&folders, &[".yaml", ".yml"], Format::Yaml, false, 1500);
}

#[test]
fn what_the_suite_of_yaml_calls_valid_is_laid_out() {
    judge(&["yaml-test-suite"], &[".yaml"], Format::Yaml, false, 600);
}

#[test]
fn public_json_is_laid_out() {
    judge(&["json-large", "schemastore", "lsp-messages", "json-test-suite"], &[".json"], Format::Json, true, 280);
}

#[test]
fn public_properties_are_laid_out() {
    judge(&["java-properties", "spring-config"], &[".properties"], Format::Properties, true, 50);
}

#[test]
fn public_xml_is_laid_out() {
    judge(&["xml-config", "maven-poms", "xml-w3c"], &[".xml"], Format::Xml, true, 50);
}

#[test]
fn a_layout_that_says_something_else_is_refused() {
    let text = "# c\na: &x [1]\n";
    let doc = doc::parse(FileId(0), text, Format::Yaml, &mut Diagnostics::default());
    assert!(super::is_same(&doc, text, "# c\na: &x [ 1 ]\n", Format::Yaml));
    for other in ["# c\na: &x ['1']\n", "a: &x [1]\n", "# c\na: [1]\n", "# c\na: &x [1, 2]\n", "# c\na: &x [1\n"] {
        assert!(!super::is_same(&doc, text, other, Format::Yaml), "{other}");
    }
    let text = "#c\na=b\n";
    let doc = doc::parse(FileId(0), text, Format::Properties, &mut Diagnostics::default());
    assert!(!super::is_same(&doc, text, "a=b\n", Format::Properties));
    assert!(!super::is_same(&doc, text, "#c\na=b\\ \n", Format::Properties));
}

#[test]
fn large_files_are_laid_out_in_one_pass() {
    // Quadratic work on any of these would not end.
    let flow = format!("a: [{}]\n", vec!["{b: c, d: [1, 2]}"; 20_000].join(", "));
    let block = "key:\n  - a: 1  # c\n    b: |\n      text\n\n";
    let block: String = (0..20_000).map(|n| block.replace("key", &format!("k{n}"))).collect();
    for text in [&flow, &block] {
        assert!(formatted(text, Format::Yaml).is_some_and(|out| out.len() > 100_000));
    }
    let json = format!("[{}]", vec!["{\"a\": [1, 2, {\"b\": null}]}"; 20_000].join(","));
    assert!(formatted(&json, Format::Json).is_some());
}
