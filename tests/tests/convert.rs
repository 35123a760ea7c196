//! One meaning in four formats: whatever builds makes the same bundle after every conversion, except for the debug
//! section; and a tree that goes through all formats comes back.

use ipcmm_compiler::convert::{Role, convert, same_tree};
use ipcmm_compiler::diag::{Code, Diagnostics};
use ipcmm_compiler::doc::{Doc, Format, parse};
use ipcmm_compiler::source::FileId;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build, fmt};
use ipcmm_tests::document::Document;
use ipcmm_tests::graphs::{self, Rng};
use ipcmm_tests::runner::build_files;
use ipcmm_tests::suite::{documents, files, root};
use ipcmm_tests::values::quoted;
use std::fmt::Write;

type File = (String, Vec<u8>);
/// Files, and the old and new names of those that changed theirs.
type Renamed = (Vec<File>, Vec<(String, String)>);

const FORMATS: [(Format, &str); 4] =
    [(Format::Yaml, "yaml"), (Format::Json, "json"), (Format::Xml, "xml"), (Format::Properties, "properties")];

fn read(text: &str, format: Format) -> (Doc, Diagnostics) {
    let mut problems = Diagnostics::default();
    (parse(FileId(0), text, format, &mut problems), problems)
}

/// The text of a document in another format; `None` if that has no room for it.
fn converted(text: &str, from: Format, to: Format, role: Role, what: &str) -> Option<String> {
    let (doc, _) = read(text, from);
    let mut problems = Diagnostics::default();
    let result = convert(&doc, text, from, to, role, &mut problems);
    let known = |code| matches!(code, Code::SeveralDocuments | Code::CannotCarry | Code::SpellingChanged);
    assert!(problems.iter().all(|p| known(p.code)), "{what}: {problems:?}");
    assert!(result.is_some() || problems.has_errors(), "{what}");
    Some(result?.text).filter(|_| problems.is_empty())
}

fn format_of(name: &str) -> Option<Format> {
    Format::of_name(name).filter(|_| name.contains('.'))
}

/// A configuration with all its sources in one format, as far as they can be.
fn all_in(given: &[File], to: (Format, &str), what: &str) -> Option<Renamed> {
    let mut renamed = Vec::new();
    let mut converted_files = Vec::new();
    for (name, bytes) in given {
        let text = std::str::from_utf8(bytes).ok();
        let text = text.zip(format_of(name)).filter(|_| name.contains(".ipcmm.") || !name.contains('/'));
        match text.and_then(|(text, from)| converted(text, from, to.0, Role::Source, what)) {
            None => converted_files.push((name.clone(), bytes.clone())),
            Some(text) => {
                let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
                let new = format!("{stem}.{}", to.1);
                renamed.push((name.clone(), new.clone()));
                converted_files.push((new, text.into_bytes()));
            }
        }
    }
    // A conversion changes no words: what names a file by its old name would not find it.
    let named = |old: &str| {
        let base = old.rsplit('/').next().unwrap_or(old);
        given.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(base))
    };
    if renamed.iter().any(|(old, _)| named(old)) {
        return None;
    }
    let mut names: Vec<&String> = converted_files.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    (names.len() == converted_files.len()).then_some((converted_files, renamed))
}

/// Compares the bundles of a configuration in all formats; whether it builds at all.
fn same_bundles(given: &[File], inputs: &[String], what: &str) -> bool {
    let original = build_files(given, inputs, false);
    let Some(bundle) = original.bundle else { return false };
    for to in FORMATS {
        let Some((converted, renamed)) = all_in(given, to, what) else { continue };
        let new = |name: &String| renamed.iter().find(|(old, _)| old == name).map_or(name, |(_, new)| new).clone();
        let inputs: Vec<String> = inputs.iter().map(new).collect();
        let build = build_files(&converted, &inputs, false);
        let shown = || {
            let texts = converted.iter().map(|(name, text)| format!("--- {name}\n{}", String::from_utf8_lossy(text)));
            texts.collect::<Vec<_>>().join("\n")
        };
        assert!(build.bundle.is_some(), "{what} in {}: {:#?}\n{}", to.1, build.diagnostics, shown());
        assert!(build.bundle.as_ref() == Some(&bundle), "{what} in {}: another bundle\n{}", to.1, shown());
    }
    true
}

/// Through all formats and back.
fn round(text: &str, from: Format, what: &str) {
    let (first, problems) = read(text, from);
    if problems.has_errors() {
        return;
    }
    let (mut text, mut format) = (text.to_owned(), from);
    for (to, name) in [FORMATS[1], FORMATS[2], FORMATS[3], FORMATS[0], FORMATS[2], FORMATS[1], FORMATS[0]] {
        // Without types, JSON may lack a spelling; then it is left out.
        let Some(next) = converted(&text, format, to, Role::Data, what) else { continue };
        let (doc, problems) = read(&next, to);
        assert!(!problems.has_errors(), "{what} in {name}: {problems:?}\n{next}");
        assert!(same_tree(&first, &doc), "{what} in {name}: another tree\n{text}\n--- became\n{next}");
        let mut refused = Diagnostics::default();
        let laid = fmt::format(&doc, &next, to, &mut refused);
        assert!(laid.is_some(), "{what} in {name}: cannot be laid out\n{next}");
        (text, format) = (next, to);
    }
}

#[test]
fn every_suite_means_the_same_in_all_formats() {
    let (mut built, mut cases) = (0, 0);
    for folder in ["tests/suite", "spec/diagnostics"] {
        for path in documents(folder) {
            for case in &Document::read(&path).cases {
                let (given, inputs) = files(case);
                let what = format!("{} line {}: {}", path.display(), case.line, case.title);
                cases += 1;
                built += usize::from(same_bundles(&given, &inputs, &what));
                for (name, bytes) in &given {
                    if let (Some(format), Ok(text)) = (format_of(name), std::str::from_utf8(bytes)) {
                        round(text, format, &what);
                    }
                }
            }
        }
    }
    println!("{built} of {cases} cases build");
    assert!(built > 200, "{built} of {cases}");
}

#[test]
fn every_built_in_means_the_same_in_all_formats() {
    for builtin in ipcmm_stdlib::BUILTINS {
        let name = "case.ipcmm.yaml".to_owned();
        let given = [(name.clone(), builtin.example.as_bytes().to_vec()), ("files/motd".into(), Vec::new())];
        same_bundles(&given, &[name], builtin.name);
        round(builtin.example, Format::Yaml, builtin.name);
    }
}

#[test]
fn every_example_means_the_same_in_all_formats() {
    for example in ["security", "sudoers", "linux-pack", "simplecm", "compliance", "webserver"] {
        let folder = root().join("examples").join(example);
        let options = BuildOptions { debug: false, check_only: false };
        let original = build(&Disk, std::slice::from_ref(&folder), options);
        let mut given: Vec<File> = Vec::new();
        let mut pending = vec![folder.clone()];
        while let Some(at) = pending.pop() {
            for entry in std::fs::read_dir(&at).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    pending.push(path);
                } else {
                    let name = path.strip_prefix(&folder).expect("inside").to_string_lossy().into_owned();
                    given.push((format!("x/{name}"), std::fs::read(&path).expect("a file")));
                }
            }
        }
        let again = build_files(&given, &["x".to_owned()], false);
        assert!(original.bundle.is_some() && original.bundle == again.bundle, "{example}");
        assert!(same_bundles(&given, &["x".to_owned()], example), "{example}");
    }
}

/// Scalars whose meaning hangs on how they are written, and texts that formats have trouble with.
const SCALARS: &[&str] = &[
    "web",
    "no",
    "yes",
    "True",
    "TRUE",
    "true",
    "'true'",
    "~",
    "null",
    "Null",
    "''",
    "\"\"",
    "0644",
    "'0644'",
    "1.10",
    "'1.10'",
    "0x1F",
    "0o17",
    "'0x1F'",
    "+5",
    "-0",
    ".5",
    "1.",
    "1e3",
    "10s",
    "1m30s",
    "64KiB",
    "8080",
    "'8080'",
    "''' x'",
    "\" lead\"",
    "\"trail \"",
    "\"a\\nb\\n\"",
    "\"a\\n\\n  b\\n\\n\"",
    "\" a\\nb\"",
    "\"\\n\"",
    "\"\\n\\na\"",
    "\"\\t\"",
    "\"a\\tb\"",
    "\"a: b\"",
    "\"a #b\"",
    "'#'",
    "'- a'",
    "'[a]'",
    "'{a}'",
    "'a,b'",
    "'&a'",
    "'*a'",
    "'!a'",
    "'|'",
    "'>'",
    "'%a'",
    "'@a'",
    "'`a`'",
    "\"'\"",
    "'\"'",
    "'a\\b'",
    "'\\'",
    "'\\n'",
    "'\\u0041'",
    "é",
    "\"😀\"",
    "\"a\\u0085b\"",
    "\"a\\u2028b\"",
    "'<a>&amp;</a>'",
    "']]>'",
    "'a=b'",
    "'a:b'",
    "'!a=b'",
    "'--'",
    "'---'",
    "'...'",
    "'<<'",
    "'='",
    "2001-12-14",
    "12:30:45",
    "1_000",
    "'.'",
    "'a.b'",
    "\"a\\r\\nb\"",
    "\"x\\\\\"",
    "'${1 + 1}'",
    "'$${x}'",
    "\"\\\\\\n\"",
    "'# a'",
    "\"a\\n# b\\n\"",
    "\"\\\\ a\"",
    "http://x/y?z#q",
];

/// Names of labels and of keys where any may stand.
const KEYS: &[&str] = &[
    "a",
    "b c",
    "'x.y'",
    "'x[0]'",
    "'\"q\"'",
    "item",
    "key",
    "t",
    "entry",
    "'true'",
    "'1'",
    "'a=b'",
    "'a:b'",
    "'#a'",
    "'!a'",
    "'ipcmm.run'",
    "xml",
    "é",
    "'a\\b'",
    "''",
    "'-'",
    "'<a>'",
    "'a&b'",
    "\"a\\tb\"",
    "' a '",
    "'null'",
    "'a/b'",
    "'run'",
];

/// A value that fits anywhere, as YAML in one line.
fn any(rng: &mut Rng, depth: u64, out: &mut String) {
    match rng.below(if depth == 0 { 6 } else { 9 }) {
        0..=5 => out.push_str(rng.pick::<&str>(SCALARS)),
        6 => {
            let count = rng.below(4);
            out.push('[');
            for at in 0..count {
                out.push_str(if at > 0 { ", " } else { "" });
                any(rng, depth - 1, out);
            }
            out.push(']');
        }
        _ => {
            let first = rng.below(KEYS.len() as u64);
            let count = rng.below(4);
            out.push('{');
            for at in 0..count {
                let key = KEYS[((first + at) % KEYS.len() as u64) as usize];
                let _ = write!(out, "{}? {key} : ", if at > 0 { ", " } else { "" });
                any(rng, depth - 1, out);
            }
            out.push('}');
        }
    }
}

/// A module with a task for each label; which of them build is found out by building them.
fn task(rng: &mut Rng, label: &str) -> String {
    let mut out = format!("? {label}\n:\n  doc: {}\n", rng.pick(SCALARS));
    match rng.below(5) {
        0 => {
            let mut value = String::new();
            any(rng, 3, &mut value);
            let _ = write!(out, "  ipcmm.nop:\n    args: {{comment: {}}}\n  loop_in: {value}\n", rng.pick(SCALARS));
            if !value.starts_with('[') && !value.starts_with('{') {
                out.truncate(out.len() - value.len() - "  loop_in: \n".len());
            }
        }
        1 => {
            let _ = write!(
                out,
                "  ipcmm.run.cmd:\n    args: {{argv: [ls, {}, {}], creates: /x, shell: {}}}\n    env: {{A: {}, B: {}}}\n",
                rng.pick(SCALARS),
                rng.pick(SCALARS),
                rng.pick(&["true", "True", "FALSE", "false"]),
                rng.pick(SCALARS),
                rng.pick(SCALARS),
            );
            out = out.replace(", shell: True", "").replace(", shell: true", "");
        }
        2 => {
            let _ = write!(
                out,
                "  ipcmm.filesystem.file:\n    args: {{path: /a, content: {}, mode: {}}}\n  timeout: {}\n  retry: {{attempts: {}, interval: {}}}\n",
                rng.pick(SCALARS),
                rng.pick(&["0644", "'0644'", "\"0600\""]),
                rng.pick(&["10", "10s", "0x1F", "'10s'", "1.5"]),
                rng.pick(&["3", "0x3", "+3", "0o3"]),
                rng.pick(&["1", "'1s'", "250ms"]),
            );
        }
        3 => {
            let _ = write!(
                out,
                "  ipcmm.nop:\n  when: {}\n  order: {}\n",
                rng.pick(&["true", "1 < 2", "'a' == \"a\"", "'''a'' == ''b'''"]),
                rng.pick(&["first", "5", "0x5", "+1"])
            );
        }
        _ => {
            let _ = write!(
                out,
                "  ipcmm.wait:\n    args: {{port: {}, host: {}}}\n",
                rng.pick(&["8080", "0x1F90", "+80"]),
                rng.pick(SCALARS)
            );
        }
    }
    out
}

#[test]
fn generated_modules_mean_the_same_in_all_formats() {
    let (mut built, mut tried) = (0, 0);
    for seed in 0..400 {
        let mut rng = Rng::new(seed);
        let label = if rng.percent(50) { quoted(&format!("t{seed}")) } else { (*rng.pick(KEYS)).to_owned() };
        let text = task(&mut rng, &label);
        let name = "case.ipcmm.yaml".to_owned();
        tried += 1;
        built += usize::from(same_bundles(
            &[(name.clone(), text.clone().into_bytes())],
            &[name],
            &format!("seed {seed}\n{text}"),
        ));
        round(&text, Format::Yaml, &format!("seed {seed}"));
    }
    println!("{built} of {tried} build");
    assert!(built * 3 > tried, "{built} of {tried}");
    for seed in 0..60 {
        let text = graphs::text(&graphs::random(seed, graphs::ALL));
        let name = "case.ipcmm.yaml".to_owned();
        assert!(same_bundles(&[(name.clone(), text.into_bytes())], &[name], &format!("graph {seed}")), "graph {seed}");
    }
}

#[test]
fn generated_trees_go_through_all_formats_and_back() {
    for seed in 0..2000 {
        let mut rng = Rng::new(seed);
        let mut text = String::new();
        any(&mut rng, 4, &mut text);
        text.push('\n');
        round(&text, Format::Yaml, &format!("seed {seed}\n{text}"));
    }
}
