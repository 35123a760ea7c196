//! The tools on the language: graph, schema, doc, init, eval, repl.

use super::{BAD, GOOD, folder, json, run, with_input};
use ipcmm_spec::schema::violations;
use std::fs;

const CHAIN: &str = "ipcmm: 1\nmodule: web\nconf: {ipcmm.nop: }\ncheck: {ipcmm.nop: , requires: conf}\nrestart: {ipcmm.nop: , watch: check}\nother: {ipcmm.nop: }\n";

#[test]
fn graphs_are_drawn_in_every_notation() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("chain.ipcmm.yaml"), CHAIN).expect("written");
    let dot = run(at, &["graph", "chain.ipcmm.yaml"]);
    assert!(
        dot.code == Some(0) && dot.out.starts_with("digraph ipcmm {") && dot.out.contains("n0 -> n1"),
        "{}",
        dot.out
    );
    let shown = json(&run(at, &["graph", "chain.ipcmm.yaml", "--as", "json"]));
    assert_eq!(violations("graph.schema.json", &shown), Vec::<String>::new());
    assert_eq!(shown["edges"][1]["keyword"], "watch");
    assert!(run(at, &["graph", "chain.ipcmm.yaml", "--as", "svg"]).out.starts_with("<svg "));
    let written = run(at, &["graph", "chain.ipcmm.yaml", "--as", "html", "-o", "graph.html"]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""));
    let page = fs::read_to_string(at.join("graph.html")).expect("the page");
    assert!(page.starts_with("<!doctype html>") && !page.contains("https://"), "nothing is fetched");
    assert_eq!(run(at, &["graph", "chain.ipcmm.yaml", "-o", "no/such/x.dot"]).code, Some(4));

    let part = json(&run(at, &["graph", "chain.ipcmm.yaml", "--as", "json", "--focus", "check"]));
    let labels: Vec<_> = part["tasks"].as_array().expect("tasks").iter().map(|task| task["label"].clone()).collect();
    assert_eq!(labels, ["conf", "check", "restart"]);
    let unknown = run(at, &["graph", "chain.ipcmm.yaml", "--focus", "chek"]);
    assert!(unknown.code == Some(2) && unknown.err.contains("did you mean `check`?"), "{}", unknown.err);
}

#[test]
fn why_names_keyword_and_place_of_each_edge() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("chain.ipcmm.yaml"), CHAIN).expect("written");
    let why = run(at, &["graph", "chain.ipcmm.yaml", "--why", "conf", "restart"]);
    assert_eq!(why.code, Some(0));
    assert_eq!(
        why.out,
        "`restart` runs after `conf`:\n\nrestart\n  watch check  chain.ipcmm.yaml:5:31\n    restart: {ipcmm.nop: , watch: check}\n  \
         requires conf  chain.ipcmm.yaml:4:32\n    check: {ipcmm.nop: , requires: conf}\n"
    );
    let none = run(at, &["graph", "chain.ipcmm.yaml", "--why", "conf", "other"]);
    assert!(none.code == Some(1) && none.err.contains("neither of `conf` and `other` waits for the other"));
    assert_eq!(run(at, &["graph", "chain.ipcmm.yaml", "--why", "conf", "othr"]).code, Some(2));
    assert_eq!(run(at, &["graph", "chain.ipcmm.yaml", "--why", "conf"]).code, Some(2));
}

#[test]
fn a_build_that_fails_is_drawn_and_still_fails() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("round.ipcmm.yaml"), "a: {ipcmm.nop: , requires: b}\nb: {ipcmm.nop: , requires: a}\n")
        .expect("written");
    let drawn = run(at, &["graph", "round.ipcmm.yaml", "--as", "svg"]);
    assert!(drawn.code == Some(1) && drawn.out.contains("class=\"edge requires cyclic\""), "{}", drawn.out);
    assert!(drawn.err.contains("C4001"), "{}", drawn.err);
    assert_eq!(run(at, &["graph", "missing.ipcmm.yaml"]).code, Some(4));
}

#[test]
fn schemas_are_printed() {
    let folder = folder();
    let at = folder.path();
    for (what, _) in ipcmm_spec::cli::Described::WORDS {
        let printed = run(at, &["schema", what]);
        assert_eq!(printed.code, Some(0), "{what}");
        assert!(json(&printed)["title"].is_string(), "{what}");
    }
    assert_eq!(run(at, &["schema"]).out, run(at, &["schema", "sources"]).out);
    assert_eq!(run(at, &["schema", "surces"]).code, Some(2));
    assert_eq!(run(at, &["schema", "-o", "ipcmm.schema.json"]).out, "");
    assert!(at.join("ipcmm.schema.json").exists());
}

#[test]
fn pages_are_printed_and_written() {
    let folder = folder();
    let at = folder.path();
    for topic in ["ipcmm.run.cmd", "when", "upper", "fs.exists", "facts.os.family", "F0404", "C2003"] {
        let page = run(at, &["doc", topic]);
        assert!(page.code == Some(0) && page.out == run(at, &["explain", topic]).out, "{topic}");
        let page = run(at, &["doc", topic, "--as", "markdown"]);
        assert!(page.code == Some(0) && page.out.starts_with("# "), "{}", page.out);
        assert!(run(at, &["doc", topic, "--as", "html"]).out.starts_with("<!doctype html>"));
    }
    let unknown = run(at, &["doc", "ipcmm.run.cmnd"]);
    assert!(unknown.code == Some(2) && unknown.err.contains("did you mean `ipcmm.run.cmd`?"), "{}", unknown.err);
    assert_eq!(run(at, &["doc"]).code, Some(2));
    assert_eq!(run(at, &["doc", "--all"]).code, Some(2));

    let written = run(at, &["doc", "--all", "-o", "reference"]);
    assert!(written.code == Some(0) && written.out.ends_with("pages into reference\n"), "{}", written.out);
    for page in ["index", "keywords", "functions", "facts", "builtins/ipcmm.run.cmd", "diagnostics/C2003"] {
        let text = fs::read_to_string(at.join("reference").join(format!("{page}.html"))).expect(page);
        let links = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for link in links.filter(|link| link.ends_with(".html")) {
            let from = at.join("reference").join(page);
            assert!(from.parent().expect("a folder").join(link).exists(), "{page}: {link}");
        }
    }
    assert_eq!(run(at, &["doc", "--all", "-o", "pages", "--as", "markdown", "-q"]).out, "");
    assert!(at.join("pages/builtins/ipcmm.nop.md").exists());
}

#[test]
fn a_module_has_a_page() {
    let folder = folder();
    let at = folder.path();
    let text = "ipcmm: 1\ndoc: Keeps *the* site.\n'a|b <i>':\n  doc: First words.\n  ipcmm.filesystem.file: {args: {path: /etc/motd}}\n  when: 1 < 2\n  result: motd\nlast: {ipcmm.nop: , requires: 'a|b <i>'}\n";
    fs::write(at.join("site.ipcmm.yaml"), text).expect("written");
    let page = run(at, &["doc", "site.ipcmm.yaml", "--as", "markdown"]);
    assert_eq!(page.code, Some(0), "{}", page.err);
    for line in [
        "# Module `site`",
        "Keeps *the* site.",
        "| 1 | a\\|b \\<i\\> | `ipcmm.filesystem.file` | change | First words. |",
        "- touches `/etc/motd`",
        "- `requires` a|b \\<i\\>",
        "- its result is `motd`",
        "- `when` `1 < 2`",
    ] {
        assert!(page.out.lines().any(|found| found == line), "{line}\n{}", page.out);
    }
    let made = run(at, &["doc", "site.ipcmm.yaml", "--as", "html"]).out;
    assert!(made.contains("a|b &lt;i&gt;") && !made.contains("<i>"), "{made}");
    let bad = run(at, &["doc", "bad.ipcmm.yaml"]);
    assert!(bad.code == Some(1) && bad.out.contains("# Module") && bad.err.contains("C2003"), "{BAD}");
}

#[test]
fn a_new_project_builds_in_every_format() {
    for format in ["yaml", "json", "properties"] {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        let made = run(at, &["init", "my.site", "--format", format]);
        assert_eq!((made.code, made.err.as_str()), (Some(0), ""), "{format}");
        let source = format!("my-site.ipcmm.{format}");
        assert!(made.out.contains(&source), "{}", made.out);
        for file in ["ipcmm.yaml", &source, "README.md", ".gitignore"] {
            let text = fs::read_to_string(at.join("my.site").join(file)).expect(file);
            assert!(!text.contains('@'), "{file}: {text}");
        }
        let built = run(at, &["build", "my.site", "-o", &format!("{format}.ipcb")]);
        assert_eq!((built.code, built.err.as_str()), (Some(0), ""), "{format}");
        let tested = run(at, &["test", "my.site"]);
        assert_eq!((tested.code, tested.err.as_str()), (Some(0), ""), "{format}: {}", tested.out);
        assert_eq!(fs::read_dir(at).expect("a folder").count(), 2, "no litter");
    }
}

#[test]
fn init_replaces_nothing() {
    let folder = folder();
    let at = folder.path();
    let refused = run(at, &["init"]);
    assert!(refused.code == Some(1) && refused.err.contains("is not empty"), "{}", refused.err);
    assert!(!at.join("ipcmm.yaml").exists());
    fs::write(at.join("README.md"), "mine").expect("written");
    let refused = run(at, &["init", "--force", "--name", "web"]);
    assert!(refused.code == Some(1) && refused.err.contains("README.md is there already"), "{}", refused.err);
    assert!(
        !at.join("ipcmm.yaml").exists() && fs::read_to_string(at.join("README.md")).is_ok_and(|text| text == "mine")
    );
    fs::remove_file(at.join("README.md")).expect("it was there");
    assert_eq!(run(at, &["init", "--force", "--name", "web", "-q"]).out, "");
    assert!(
        at.join("web.ipcmm.yaml").exists() && fs::read_to_string(at.join("good.ipcmm.yaml")).is_ok_and(|t| t == GOOD)
    );
    assert_eq!(run(at, &["init", "x", "--name", "a/b"]).code, Some(2));
    assert_eq!(run(at, &["init", "good.ipcmm.yaml/x"]).code, Some(4));
}

#[test]
fn expressions_are_evaluated() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("facts.yaml"), "facts: {os: {family: debian}, cpu: {count: 4}}\n").expect("written");
    let value = run(at, &["eval", "upper('a') + str(1 + 2)"]);
    assert_eq!((value.code, value.out.as_str(), value.err.as_str()), (Some(0), "'A3'  : str\n", ""));
    let value = run(at, &["eval", "facts.cpu.count * 2", "--facts", "facts.yaml", "--explain"]);
    assert_eq!(value.out, "facts.cpu.count * 2 = 8  (computed)\n  facts.cpu.count = 4  (fact, facts.yaml:1)\n");
    let shown = run(at, &["eval", "[1, 2]", "--explain", "--format", "json"]);
    assert_eq!(violations("eval.schema.json", &json(&shown)), Vec::<String>::new());
    assert_eq!(json(&shown)["value"], serde_json::json!([1, 2]));
    assert_eq!(with_input(at, &["eval", "-"], "1 + 1\n").out, "2  : int\n");

    let wrong = run(at, &["eval", "uppr('a')"]);
    assert!(wrong.code == Some(1) && wrong.err.contains("<expression>:1:1"), "{}", wrong.err);
    assert!(wrong.err.contains("did you mean `upper`?"), "{}", wrong.err);
    let wrong = run(at, &["eval", "1 % 0", "--format", "json"]);
    assert_eq!((wrong.code, violations("eval.schema.json", &json(&wrong))), (Some(1), Vec::new()));
    assert!(json(&wrong)["value"].is_null() && json(&wrong)["diagnostics"][0]["code"] == "C3007");
    let unknown = run(at, &["eval", "node.name", "--facts", "facts.yaml"]);
    assert!(unknown.code == Some(1) && unknown.err.contains("error[C5020] `node.name` is known on a node only"));
    assert_eq!(run(at, &["eval", "1", "--facts", "missing.yaml"]).code, Some(4));
    assert_eq!(run(at, &["eval", "1", "--file", "bad.ipcmm.yaml"]).code, Some(1));
}

#[test]
fn a_session_goes_on_after_a_mistake() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("facts.yaml"), "facts.cpu.count: 4\n").expect("written");
    fs::write(at.join("m.ipcmm.yaml"), "a: {ipcmm.run.cmd: {args: {argv: [x]}}, result: ran}\n").expect("written");
    let lines = "x = 2\n\n# words\nx * 3\nnothing\n:facts facts.yaml\nx = x + facts.cpu.count\n:load m.ipcmm.yaml\n:type ran.stdout\n:names\n:doc upper\n:explain x + 1\n:tpye 1\n:quit\n1\n";
    let ran = with_input(at, &["repl"], lines);
    assert_eq!(ran.code, Some(1), "one line had a problem");
    assert_eq!(
        ran.out,
        "x = 2  : int\n6  : int\n1 fact given\nx = 6  : int\nloaded 1 task: ran\nstr\nx = 6  : int\nran  (result of a task)\n1 fact given\n\
         upper(text: str) -> str\nfunction: The text in capitals.\n\nexample\n  upper('web') is 'WEB'\n\
         x + 1 = 7  (computed)\n  x = 6  (bound to `x`)\n"
    );
    assert!(
        ran.err.contains("unknown name `nothing`") && ran.err.contains("there is no command `:tpye`"),
        "{}",
        ran.err
    );
    let clean = with_input(at, &["repl", "--facts", "facts.yaml"], "facts.cpu.count\n");
    assert_eq!((clean.code, clean.out.as_str()), (Some(0), "4  : int\n"));
}
