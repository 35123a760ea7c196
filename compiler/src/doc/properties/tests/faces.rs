//! The same module in YAML and in properties makes the same bundle.

use crate::world::memory::MemoryWorld;
use crate::{BuildOptions, build};
use std::path::PathBuf;

fn bundle(name: &str, text: &str) -> Vec<u8> {
    let path = PathBuf::from(name);
    let world: MemoryWorld = [(path.clone(), text.as_bytes().to_vec())].into_iter().collect();
    let build = build(&world, &[path], BuildOptions { debug: false, check_only: false });
    assert!(!build.diagnostics.has_errors(), "{name}\n{text}\n{:#?}", build.diagnostics);
    build.bundle.expect("a bundle")
}

const NOTHING: [&str; 2] = ["a: {ipcmm.nop: }\n", "a.ipcmm.nop=\n"];

const NO_ARGUMENTS: [&str; 2] = ["a: {ipcmm.nop: {args: }}\n", "a.ipcmm.nop.args=\n"];

const RESERVED: [&str; 2] = [
    "
ipcmm: 1
module: base
doc: What it is for.
web:
  ipcmm.run.cmd:
    args: {argv: [ls, -l, '8080']}
",
    r"
ipcmm=1
module=base
doc=What it is for.
web.ipcmm.run.cmd.args.argv[0]=ls
web.ipcmm.run.cmd.args.argv[2]=8080
web.ipcmm.run.cmd.args.argv[1]=-l
",
];

const LABELS: [&str; 2] = [
    r#"
write a.b [1]:
  ipcmm.filesystem.file:
    args: {path: /etc/a, content: "x = 1\n", mode: '0644'}
    tags: [one, two]
  result: conf
next:
  ipcmm.run:
    args: {do: cmd, argv: ['true', no, 1.10]}
  requires: write a.b [1]
  when: conf.changed
  retry: {attempts: 3, interval: 10s}
  timeout: 1m30s
"#,
    r#"
"write\ a.b\ [1]".ipcmm.filesystem.file.args.path=/etc/a
write\ a\.b\ \[1].ipcmm.filesystem.file.args.content = x = 1\n
write\ a\.b\ \[1].ipcmm.filesystem.file.args.mode : 0644
write\ a\.b\ \[1].ipcmm.filesystem.file.tags[0]=one
write\ a\.b\ \[1].ipcmm.filesystem.file.tags[1]=two
write\ a\.b\ \[1].result=conf
next.ipcmm.run.args.do=cmd
next.ipcmm.run.args.argv[0]=true
next.ipcmm.run.args.argv[1]=no
next.ipcmm.run.args.argv[2]=1.10
next.requires=write a.b [1]
next.when=conf.changed
next.retry.attempts=3
next.retry.interval=10s
next.timeout=1m30s
"#,
];

const LISTS_OF_MAPS: [&str; 2] = [
    r#"
each:
  ipcmm.run.cmd:
    args: {argv: [echo, "${item.name}: ${item.port + 1}"]}
  loop_in: [{name: é, port: 80}, {name: b, port: 443}]
  env: {LANG: C, EMPTY: ''}
all:
  ipcmm.nop:
    depends_on: [each]
"#,
    r"
each.ipcmm.run.cmd.args.argv[0]=echo
each.ipcmm.run.cmd.args.argv[1]=${item.name}: \
    ${item.port + 1}
each.loop_in[0].name=\u00e9
each.loop_in[0].port=80
each.loop_in[1].name=b
each.loop_in[1].port=443
each.env.LANG=C
each.env.EMPTY=
all.ipcmm.nop.depends_on[0]=each
",
];

#[test]
fn bundles_are_equal() {
    for [yaml, properties] in [NOTHING, NO_ARGUMENTS, RESERVED, LABELS, LISTS_OF_MAPS] {
        assert!(bundle("m.yaml", yaml) == bundle("m.properties", properties), "{yaml}\n{properties}");
    }
}

#[test]
fn fixes_of_later_stages_are_properties() {
    for (text, mended) in [
        ("a.ipcmm.nop.requiers=b\n", "a.ipcmm.nop.requires=b\n"),
        ("b\\\\x.ipcmm.nop=\na.ipcmm.nop.requires=b\\\\y\n", "b\\\\x.ipcmm.nop=\na.ipcmm.nop.requires=b\\\\x\n"),
    ] {
        let path = PathBuf::from("t.properties");
        let world: MemoryWorld = [(path.clone(), text.as_bytes().to_vec())].into_iter().collect();
        let build = build(&world, &[path], BuildOptions { debug: false, check_only: true });
        let fix = build.diagnostics.iter().find_map(|d| d.fix.clone()).unwrap_or_else(|| panic!("{text}: no fix"));
        let mut found = text.to_owned();
        found.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        assert_eq!(found, mended, "{text}");
    }
}

/// What an empty value and the words for null are, by what is wanted.
#[test]
fn null_and_empty() {
    for (yaml, properties) in [
        // No empty text can be a mode; one can be content.
        (
            "a: {ipcmm.filesystem.file: {args: {path: /a, mode: null, content: ''}}}",
            "a.ipcmm.filesystem.file.args.path=/a\na.ipcmm.filesystem.file.args.mode=\n\
             a.ipcmm.filesystem.file.args.content=",
        ),
        (
            "a: {ipcmm.filesystem.file: {args: {path: /a, content: null}}}",
            "a.ipcmm.filesystem.file.args.path=/a\na.ipcmm.filesystem.file.args.content=null",
        ),
    ] {
        assert!(bundle("m.yaml", yaml) == bundle("m.properties", properties), "{yaml}\n{properties}");
    }
}
