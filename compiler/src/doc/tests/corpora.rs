//! The same over files of public projects, where the corpora are at hand: what a place spells, read on its own, is the
//! text of its key or scalar.

use super::super::{Doc, Format, Node, NodeKind, Style, decode, parse};
use crate::diag::Diagnostics;
use crate::source::FileId;
use crate::world::disk::Disk;
use crate::world::{Kind, World};
use std::path::Path;

fn read(text: &str, format: Format) -> Doc {
    parse(FileId(0), text, format, &mut Diagnostics::default())
}

/// The first scalar of a text that is read on its own.
fn first(text: &str, format: Format, skip: usize) -> Option<String> {
    let scalar = |node: &Node| match &node.kind {
        NodeKind::Scalar { text, .. } => Some(text.clone()),
        _ => None,
    };
    read(text, format).nodes.iter().filter_map(scalar).nth(skip)
}

/// What the bytes of a place say; `None` if they cannot be read without what is around them.
fn said(file: &str, node: &Node, style: Style, format: Format) -> Option<String> {
    let range = node.span.start as usize..node.span.end as usize;
    let raw = file.get(range.clone()).expect("a place in the file");
    let around = (file.as_bytes().get(range.start.wrapping_sub(1)), file.as_bytes().get(range.end));
    match format {
        Format::Json => first(raw, format, 0),
        Format::Xml => match around {
            (Some(b'"'), Some(b'"')) | (Some(b'\''), Some(b'\'')) => {
                let quote = if around.0 == Some(&b'"') { '"' } else { '\'' };
                first(&format!("<ipcmm v={quote}{raw}{quote}/>"), format, 1)
            }
            _ => first(&format!("<ipcmm><v t='str'>{raw}</v></ipcmm>"), format, 1),
        },
        // A key may stand before white space or a sign, a value at the end of its line.
        Format::Properties if matches!(around.1, None | Some(b'\n' | b'\r')) && around.0 != Some(&b'.') => {
            first(&format!("v={raw}"), format, 1)
        }
        Format::Properties => first(&format!("{raw}="), format, 0),
        Format::Yaml if raw.starts_with(['"', '\'']) && style == Style::Quoted => first(raw, format, 0),
        Format::Yaml => None,
    }
}

fn check(path: &Path, format: Format) -> usize {
    let Ok(text) = decode("f", Disk.read(path).expect("a file")) else { return 0 };
    // Projects of Maven have the wrong root; what is inside is mapped all the same.
    let text = text.replacen("<project", "<ipcmm", 1).replace("</project>", "</ipcmm>");
    let mut checked = 0;
    for node in &read(&text, format).nodes {
        let NodeKind::Scalar { text: decoded, style } = &node.kind else { continue };
        checked += 1;
        assert!(decoded.is_empty() || node.span.end > node.span.start, "{}: {node:?}", path.display());
        let raw = text.get(node.span.start as usize..node.span.end as usize).expect("a place in the file");
        let place = || format!("{} {:?} {raw:?} is not {decoded:?}", path.display(), node.span);
        if node.verbatim {
            let inner = if raw.len() == decoded.len() { raw } else { &raw[1..raw.len() - 1] };
            assert_eq!(inner, decoded, "{}", place());
        } else if let Some(said) = said(&text, node, *style, format) {
            assert_eq!(&said, decoded, "{}", place());
        } else if !raw.starts_with('*') && !decoded.contains('\\') && !raw.contains('\\') {
            // A text of several lines: its words.
            assert!(raw.split_whitespace().eq(decoded.split_whitespace()), "{}", place());
        }
    }
    checked
}

#[test]
fn places_in_files_of_public_projects() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    for (folder, extensions, format) in [
        ("ansible", &[".yml", ".yaml"][..], Format::Yaml),
        ("kubernetes", &[".yml", ".yaml"], Format::Yaml),
        ("json-large", &[".json"], Format::Json),
        ("java-properties", &[".properties"], Format::Properties),
        ("xml-config", &[".xml"], Format::Xml),
        ("maven-poms", &[".xml"], Format::Xml),
    ] {
        if !Disk.is_dir(&root.join(folder)) {
            println!("skipped: {folder} is not there");
            continue;
        }
        let (mut open, mut checked, mut left) = (vec![root.join(folder)], 0, 300);
        while let Some(folder) = open.pop() {
            for entry in Disk.list(&folder).unwrap_or_default() {
                match entry.kind {
                    Kind::Folder => open.push(entry.path),
                    Kind::File if left > 0 && extensions.iter().any(|e| entry.name.ends_with(e)) => {
                        left -= 1;
                        checked += check(&entry.path, format);
                    }
                    _ => {}
                }
            }
        }
        println!("{folder}: {checked} keys and scalars");
        assert!(checked > 0 || folder == "xml-config", "{folder}");
    }
}
