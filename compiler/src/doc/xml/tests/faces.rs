//! The same module in YAML and in XML makes the same bundle, and fixes are spelled as XML.

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

const YAML: &str = r#"
ipcmm: 1
module: base
doc: What it is for.
write a.b [1]:
  ipcmm.filesystem.file:
    args: {path: /etc/a, content: "x = 1 < 2\n", mode: '0644'}
    tags: [one, two]
  result: conf
run:
  ipcmm.run.cmd:
    - args: {argv: ['true', no, 1.10, '', ' ']}
    - requires: ['write a.b [1]']
      timeout: 1m30s
  when: conf.changed and 1 < 2
  retry: {attempts: 3, interval: 10s}
  env: {LANG: C, EMPTY: ''}
each:
  ipcmm.run.cmd:
    args: {argv: [echo, "${item.name}: ${item.port + 1}"]}
  loop_in: [{name: é, port: 80}, {name: b, port: 443}]
nothing: {ipcmm.nop: , order: 7}
"#;

const XML: &str = r#"<?xml version="1.0"?>
<ipcmm ipcmm="1" module="base">
  <doc>What it is for.</doc>
  <label key="write a.b [1]" result="conf">
    <ipcmm.filesystem.file>
      <args path="/etc/a" mode="0644">
        <content>x = 1 &lt; 2
</content>
      </args>
      <tags>one</tags>
      <tags>two</tags>
    </ipcmm.filesystem.file>
  </label>
  <run>
    <ipcmm.run.cmd>
      <item><args><argv><item>true</item><item>no</item><item>1.10</item><item t="str"/><item t="str"> </item></argv><cmd/></args></item>
      <item timeout="1m30s"><requires><item>write a.b [1]</item></requires></item>
    </ipcmm.run.cmd>
    <when>
      <![CDATA[conf.changed and 1 < 2]]>
    </when>
    <retry>
      <attempts> 3 </attempts>
      <interval>
        10s
      </interval>
    </retry>
    <env LANG="C" EMPTY=""/>
  </run>
  <each>
    <ipcmm.run.cmd><args><argv t="list"><word>echo</word><word>${item.name}: ${item.port + 1}</word></argv></args></ipcmm.run.cmd>
    <loop_in><item name="&#xe9;" port="80"/><item><name>b</name><port t="int">443</port></item></loop_in>
  </each>
  <nothing order="7"><ipcmm.nop/></nothing>
</ipcmm>
"#;

#[test]
fn bundles_are_equal() {
    assert!(bundle("m.yaml", YAML) == bundle("m.xml", XML));
    assert!(bundle("m.yaml", "{}") == bundle("m.xml", "<ipcmm/>"));
}

#[test]
fn fixes_of_later_stages_are_xml() {
    for (text, mended) in [
        ("<ipcmm><a><ipcmm.wiat/></a></ipcmm>", Some("<ipcmm><a><ipcmm.wait/></a></ipcmm>")),
        (
            "<ipcmm><a><ipcmm.nop/><requiers>b</requiers></a></ipcmm>",
            Some("<ipcmm><a><ipcmm.nop/><requires>b</requires></a></ipcmm>"),
        ),
        (
            "<ipcmm><a requiers=\"b\"><ipcmm.nop/></a></ipcmm>",
            Some("<ipcmm><a requires=\"b\"><ipcmm.nop/></a></ipcmm>"),
        ),
        (
            "<ipcmm><l key=\"a &amp; b\"><ipcmm.nop/></l><c requires=\"a &amp; c\"><ipcmm.nop/></c></ipcmm>",
            Some("<ipcmm><l key=\"a &amp; b\"><ipcmm.nop/></l><c requires=\"a &amp; b\"><ipcmm.nop/></c></ipcmm>"),
        ),
        (
            "<ipcmm><l key=\"a &amp; b\"><ipcmm.nop/></l><c><ipcmm.nop/><requires>a &amp; c</requires></c></ipcmm>",
            Some(
                "<ipcmm><l key=\"a &amp; b\"><ipcmm.nop/></l><c><ipcmm.nop/><requires>a &amp; b</requires></c></ipcmm>",
            ),
        ),
        (
            "<ipcmm><a><ipcmm.nop/><when>1 &lt; 2 and facts.os.famly == 'x'</when></a></ipcmm>",
            Some("<ipcmm><a><ipcmm.nop/><when>1 &lt; 2 and facts.os.family == 'x'</when></a></ipcmm>"),
        ),
        // Nothing would change: there are no quotes to remove.
        ("<ipcmm><a><ipcmm.wait><args><port t=\"str\">80</port></args></ipcmm.wait></a></ipcmm>", None),
    ] {
        let path = PathBuf::from("t.xml");
        let world: MemoryWorld = [(path.clone(), text.as_bytes().to_vec())].into_iter().collect();
        let build = build(&world, &[path], BuildOptions { debug: false, check_only: true });
        let found = build.diagnostics.iter().find_map(|d| d.fix.clone()).map(|fix| {
            let mut mended = text.to_owned();
            mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            mended
        });
        assert!(build.diagnostics.has_errors(), "{text}");
        assert_eq!(found.as_deref(), mended, "{text}\n{:#?}", build.diagnostics);
    }
}
