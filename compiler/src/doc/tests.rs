//! What holds for every reader: each key and each scalar has its exact place. A tree is written in each format by a
//! writer that notes where it puts what; a reader that keeps less, or another place, fails.

mod corpora;

use super::{Doc, Format, NodeKind, Style, parse};
use crate::diag::Diagnostics;
use crate::source::FileId;
use proptest::prelude::*;

/// A tree of texts.
#[derive(Clone, Debug)]
enum Tree {
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// A place and the text there.
type Mark = (usize, usize, String);

#[derive(Default)]
struct Writer {
    out: String,
    marks: Vec<Mark>,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn mark(&mut self, spelled: &str, text: &str) {
        let start = self.out.len();
        self.put(spelled);
        self.marks.push((start, self.out.len(), text.to_owned()));
    }

    fn json(&mut self, tree: &Tree) {
        match tree {
            Tree::Text(text) => self.mark(&serde_json::to_string(text).expect("a text"), text),
            Tree::List(items) => {
                self.put("[ ");
                for (i, item) in items.iter().enumerate() {
                    self.put(if i > 0 { ",\n" } else { "" });
                    self.json(item);
                }
                self.put("]");
            }
            Tree::Map(entries) => {
                self.put("{\t");
                for (i, (key, value)) in entries.iter().enumerate() {
                    self.put(if i > 0 { " , " } else { "" });
                    self.mark(&serde_json::to_string(key).expect("a text"), key);
                    self.put(" : ");
                    self.json(value);
                }
                self.put("}");
            }
        }
    }

    /// Plain where that is possible, otherwise in quotes, which YAML has as JSON has them.
    fn yaml_text(&mut self, text: &str) {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase()) {
            self.mark(text, text);
        } else {
            self.mark(&serde_json::to_string(text).expect("a text"), text);
        }
    }

    fn yaml(&mut self, tree: &Tree, indent: usize) {
        let line = format!("\n{}", " ".repeat(indent));
        match tree {
            Tree::Text(text) => self.yaml_text(text),
            Tree::List(items) if items.is_empty() => self.put("[]"),
            Tree::Map(entries) if entries.is_empty() => self.put("{}"),
            Tree::List(items) => {
                for item in items {
                    self.put(&line);
                    self.put("- ");
                    self.yaml(item, indent + 2);
                }
            }
            Tree::Map(entries) => {
                for (key, value) in entries {
                    self.put(&line);
                    self.yaml_text(key);
                    self.put(": ");
                    self.yaml(value, indent + 1);
                }
            }
        }
    }

    fn xml(&mut self, tree: &Tree, open: &str, name: &str) {
        match tree {
            Tree::Text(text) => {
                self.put(open);
                self.put(" t='str'>");
                let spelled: String = text
                    .chars()
                    .map(|c| match c {
                        '<' => "&lt;".to_owned(),
                        '&' => "&amp;".to_owned(),
                        '>' => "&gt;".to_owned(),
                        'é' => "&#233;".to_owned(),
                        '=' => "<![CDATA[=]]>".to_owned(),
                        c => c.to_string(),
                    })
                    .collect();
                self.mark(&spelled, text);
            }
            Tree::List(items) => {
                self.put(open);
                self.put(" t='list'>\n");
                for item in items {
                    self.xml(item, "<item", "item");
                }
            }
            Tree::Map(entries) => {
                self.put(open);
                self.put(" t='map'");
                let mut rest = Vec::new();
                for (key, value) in entries {
                    match value {
                        Tree::Text(text) if is_tag(key) => {
                            self.put("\n");
                            self.mark(key, key);
                            self.put(" = \"");
                            self.mark(&quoted(text), text);
                            self.put("\"");
                        }
                        _ => rest.push((key, value)),
                    }
                }
                self.put(">");
                for (key, value) in rest {
                    if is_tag(key) {
                        self.put("<");
                        self.mark(key, key);
                        self.xml(value, "", key);
                    } else {
                        self.put("<e key=\"");
                        self.mark(&quoted(key), key);
                        self.xml(value, "\"", "e");
                    }
                }
            }
        }
        self.put(&format!("</{name}>\n"));
    }

    fn properties(&mut self, tree: &Tree, path: &mut Vec<(String, Option<String>)>) {
        match tree {
            Tree::Text(text) => {
                for (at, (spelled, name)) in path.iter().enumerate() {
                    match name {
                        Some(name) => {
                            self.put(if at > 0 { "." } else { "" });
                            self.mark(spelled, name);
                        }
                        None => self.put(spelled),
                    }
                }
                self.put(" = ");
                self.mark(&escaped(text, |c| c == '\\'), text);
                self.put("\n");
            }
            Tree::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    path.push((format!("[{i}]"), None));
                    self.properties(item, path);
                    path.pop();
                }
            }
            Tree::Map(entries) => {
                for (key, value) in entries {
                    let spelled = match key.as_str() {
                        "" => "\"\"".to_owned(),
                        key => escaped(key, |c| " \\.[]=:\"#!".contains(c)),
                    };
                    path.push((spelled, Some(key.clone())));
                    self.properties(value, path);
                    path.pop();
                }
            }
        }
    }
}

fn is_tag(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase()) && !matches!(key, "key" | "t" | "item")
}

fn quoted(text: &str) -> String {
    let escape = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\n' | '\t' => format!("&#x{:x};", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

fn escaped(text: &str, must: impl Fn(char) -> bool) -> String {
    let escape = |(i, c): (usize, char)| match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        'é' => "\\u00e9".to_owned(),
        ' ' if i == 0 => "\\ ".to_owned(),
        c if must(c) => format!("\\{c}"),
        c => c.to_string(),
    };
    text.chars().enumerate().map(escape).collect()
}

fn any_tree(least: usize) -> impl Strategy<Value = Tree> {
    let text = || "[a-z]{0,4}|(key|t|item)|[a-cé .\\[\\]=:\"'#!<&>\\\\\n\t]{0,6}";
    let leaf = text().prop_map(Tree::Text);
    let inner = leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), least..5).prop_map(Tree::List),
            prop::collection::btree_map(text(), inner, least..5).prop_map(|map| Tree::Map(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map(text(), inner, 1..5).prop_map(|map| Tree::Map(map.into_iter().collect()))
}

/// All keys and scalars with their places, in order of place.
fn marks(doc: &Doc) -> Vec<Mark> {
    let mark = |node: &super::Node| match &node.kind {
        NodeKind::Scalar { text, .. } => Some((node.span.start as usize, node.span.end as usize, text.clone())),
        _ => None,
    };
    let mut marks: Vec<Mark> = doc.nodes.iter().filter_map(mark).collect();
    marks.sort();
    marks
}

/// That each byte of a text is found in the file where the document says.
fn places_inside(text: &str, doc: &Doc) {
    for (at, node) in doc.nodes.iter().enumerate() {
        let NodeKind::Scalar { text: decoded, style } = &node.kind else { continue };
        let id = super::NodeId(at as u32);
        for (i, c) in decoded.char_indices() {
            let place = doc.place_in(id, super::Span::new(i as u32, (i + c.len_utf8()) as u32));
            assert!(node.span.start <= place.start && place.start <= node.span.end, "{text}: {decoded:?} at {i}");
            if node.verbatim {
                let found = text.get(place.start as usize..place.end as usize);
                assert_eq!(found, Some(c.to_string().as_str()), "{style:?}");
            }
        }
    }
}

fn holds(tree: &Tree, format: Format) {
    let mut writer = Writer::default();
    match format {
        Format::Json => writer.json(tree),
        Format::Yaml => writer.yaml(tree, 0),
        Format::Xml => writer.xml(tree, "<ipcmm", "ipcmm"),
        Format::Properties => writer.properties(tree, &mut Vec::new()),
    }
    let Writer { out, marks: mut expected } = writer;
    let mut diagnostics = Diagnostics::default();
    let doc = parse(FileId(0), &out, format, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{out}\n{diagnostics:?}");
    if format == Format::Properties {
        // A key that stands in several lines is one key, with its first place.
        let found = marks(&doc);
        assert!(found.iter().all(|mark| expected.contains(mark)), "{out}\n{found:?}\n{expected:?}");
        assert_eq!(found.len(), count(tree), "{out}");
    } else {
        expected.sort();
        assert_eq!(marks(&doc), expected, "{out}");
    }
    places_inside(&out, &doc);
}

/// How many keys and scalars a tree has.
fn count(tree: &Tree) -> usize {
    match tree {
        Tree::Text(_) => 1,
        Tree::List(items) => items.iter().map(count).sum(),
        Tree::Map(entries) => entries.iter().map(|(_, value)| 1 + count(value)).sum(),
    }
}

proptest! {
    #[test]
    fn every_key_and_scalar_has_its_exact_place(tree in any_tree(0)) {
        for format in [Format::Yaml, Format::Json, Format::Xml] {
            holds(&tree, format);
        }
    }

    /// Properties have no empty lists and maps.
    #[test]
    fn every_key_and_scalar_has_its_exact_place_in_properties(tree in any_tree(1)) {
        holds(&tree, Format::Properties);
    }
}

#[test]
fn words_lose_white_space_in_formats_that_have_only_text() {
    assert_eq!(Style::Text.word(" \n7\t"), "7");
    assert_eq!(Style::Bare.word(" 7"), " 7");
    assert_eq!(Style::Quoted.word(" 7"), " 7");
}
