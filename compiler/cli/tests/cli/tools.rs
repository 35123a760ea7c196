//! The tools on the language: graph, schema, doc, init, eval, repl.

use super::{BAD, GOOD, folder, json, program, ran, run, with_input};
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
    assert!(bad.code == Some(1) && bad.out.starts_with("Module bad\n━━━") && bad.err.contains("C2003"), "{BAD}");
}

const SITE: &str = r#"declare:
  in:
    port: {type: int, default: 80, check: "port in 1..65535", doc: Where it listens.}
    tld: str
  out:
    url: {type: str, value: "http://example.${tld}:${port}"}
  ptr:
    daemon: {to: "facts.os.family == 'debian' ? 'apache2' : null", type: str?}
define:
  func: {twice: {params: {text: str, times: {type: int, default: "2"}}, returns: str, body: "repeat(text, times)", doc: Says it again.}}
  proc:
    restart:
      doc: Starts a service again.
      declare: {in: {name: {type: str, doc: The service.}}}
      do: {now: {ipcmm.run.cmd: {args: {argv: [systemctl, restart, "${name}"]}}}}
page:
  ipcmm.filesystem.file: {args: {path: "/srv/${node.name}/index", content: "${twice(text: 'x')}${facts.cpu.count}"}}
motd: {ipcmm.filesystem.file: {args: {path: /etc/motd, content: "it's"}}}
told: {ipcmm.run.cmd: {args: {argv: [mail, -s, "it is", root]}}, requires: [page, motd], when: daemon != null}
again: {ipcmm.call: {args: {callee: restart, args: {name: web}}}, requires: told}
"#;

#[test]
fn the_page_of_a_module_tells_what_it_declares_reads_and_touches() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("site.ipcmm.yaml"), SITE).expect("written");
    let page = run(at, &["doc", "site.ipcmm.yaml", "--set", "tld=org", "--as", "markdown"]);
    assert_eq!((page.code, page.err.as_str()), (Some(0), ""));
    for line in [
        "| `port` | `int` | `80` | `port in 1..65535` | Where it listens. |",
        "| `tld` | `str` | required |  |  |",
        "| `url` | `str` | `http://example.${tld}:${port}` |",
        "| `daemon` | ptr | `facts.os.family == 'debian' ? 'apache2' : null` |",
        "| `twice(text: str, times: int = 2) -> str` | `repeat(text, times)` | Says it again. |",
        "### Procedure `restart`",
        "Starts a service again.",
        "Tasks: `now`",
        "| `name` | `str` | required | The service. |",
        "| `facts.cpu.count` | `int` | Processors this process may use. | page |",
        "| `/srv/${node.name}/index` | change | page |",
        "| `/etc/motd` | change | motd |",
        "| `mail -s 'it is' root` | change | told |",
        "| `systemctl restart web` | change | again/now |",
    ] {
        assert!(page.out.lines().any(|found| found == line), "{line}\n{}", page.out);
    }
    let html = run(at, &["doc", "site.ipcmm.yaml", "--set", "tld=org", "--as", "html"]).out;
    assert!(html.contains("<h2 id=\"inputs\">") && html.contains("<a href=\"#inputs\">Inputs</a>"), "{html}");
    let text = run(at, &["doc", "site.ipcmm.yaml", "--set", "tld=org"]).out;
    assert!(text.contains("\ninput  type  default   must hold         meaning\n"), "{text}");
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_reason() {
    let folder = folder();
    let at = folder.path();
    for (line, code, words) in [
        (&["init", "web.ipcmm.yaml"][..], 2, "a project is a folder"),
        (&["test", "-"], 2, "standard input is none"),
        (&["dump", "."], 4, "it is a folder"),
        (&["eval", "1", "--facts", "."], 4, "it is a folder"),
        (&["graph", "good.ipcmm.yaml", "--focus", "mtod"], 2, "there is no task `mtod`"),
    ] {
        let refused = run(at, line);
        assert!(
            refused.code == Some(code) && refused.err.contains(words),
            "{line:?}: {:?} {}",
            refused.code,
            refused.err
        );
    }
    assert!(!at.join("web.ipcmm.yaml").exists());
}

#[test]
fn a_full_disk_is_told_by_every_command() {
    let folder = folder();
    let at = folder.path();
    for line in [
        &["check", "good.ipcmm.yaml"][..],
        &["graph", "good.ipcmm.yaml"],
        &["doc", "ipcmm.nop"],
        &["doc", "good.ipcmm.yaml"],
        &["fmt", "--check", "good.ipcmm.yaml"],
        &["convert", "--to", "json", "good.ipcmm.yaml"],
        &["schema"],
        &["explain", "C2003"],
        &["completions", "bash"],
        &["eval", "1"],
        &["--help"],
        &["--version"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
        let told = ran(program(at).args(line).stdout(full).output().expect("the program starts"));
        assert_eq!(told.code, Some(4), "{line:?}");
        assert!(told.err.starts_with("error: cannot write to standard output: "), "{line:?}: {}", told.err);
    }
}

#[test]
fn a_new_project_builds_in_every_format() {
    for format in ["yaml", "json", "xml", "properties"] {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        let made = run(at, &["init", "my.site", "--format", format]);
        assert_eq!((made.code, made.err.as_str()), (Some(0), ""), "{format}");
        let source = format!("my-site.ipcmm.{format}");
        assert!(made.out.contains(&source), "{}", made.out);
        let (manifest, test) = (format!("ipcmm.{format}"), format!("my-site.test.{format}"));
        for file in [&manifest, &source, &test, "README.md", ".gitignore"] {
            let text = fs::read_to_string(at.join("my.site").join(file)).expect(file);
            assert!(!text.contains('@'), "{file}: {text}");
        }
        let laid_out = run(at, &["fmt", "--check", "my.site"]);
        assert_eq!((laid_out.code, laid_out.out.as_str()), (Some(0), "3 files as they should be\n"), "{format}");
        let linted = run(at, &["lint", "my.site"]);
        assert_eq!((linted.code, linted.err.as_str()), (Some(0), ""), "{format}");
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
fn expressions_see_the_project_around_their_module() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::create_dir_all(at.join("site/roles")).expect("a folder");
    fs::create_dir(at.join("elsewhere")).expect("a folder");
    let manifest = "inputs: {port: 80, base/tld: org}\nenvironments: {test: {inputs: {port: 8080}}}\n";
    fs::write(at.join("site/ipcmm.yaml"), manifest).expect("written");
    let base = "declare: {in: {tld: str}, out: {domain: {type: str, value: \"example.${tld}\"}}}\nb: {ipcmm.nop: }\n";
    fs::write(at.join("site/base.ipcmm.yaml"), base).expect("written");
    let web = "b: {ipcmm.import: {args: {module: base}}}\ndeclare: {in: {port: int}}\n\
               define: {func: {shout: {params: {text: str}, returns: str, body: \"upper(text)\"}}}\n\
               a: {ipcmm.nop: , when: \"port > 1 and shout(text: base.domain) != ''\"}\n";
    // What is above a folder belongs to it up to the root of the repository.
    fs::create_dir(at.join("site/.git")).expect("a folder");
    fs::write(at.join("site/roles/web.ipcmm.yaml"), web).expect("written");
    let file = "../site/roles/web.ipcmm.yaml";
    let asked = |more: &[&str]| {
        run(
            &at.join("elsewhere"),
            &[&["eval", "shout(text: base.domain) + ' ' + str(port)", "--file", file], more].concat(),
        )
    };
    let plain = asked(&[]);
    assert_eq!((plain.code, plain.out.as_str(), plain.err.as_str()), (Some(0), "'EXAMPLE.ORG 80'  : str\n", ""));
    assert_eq!(asked(&["--env", "test"]).out, "'EXAMPLE.ORG 8080'  : str\n");
    assert_eq!(asked(&["--env", "test", "--set", "port=9"]).out, "'EXAMPLE.ORG 9'  : str\n");
    fs::write(at.join("elsewhere/i.properties"), "port=10\n").expect("written");
    assert_eq!(asked(&["--inputs", "i.properties"]).out, "'EXAMPLE.ORG 10'  : str\n");
    let wrong = asked(&["--env", "tset"]);
    assert!(wrong.code == Some(1) && wrong.err.contains("did you mean `test`?"), "{}", wrong.err);
}

#[test]
fn facts_are_read_in_every_format_and_mistakes_are_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let files = [
        ("yaml", "facts: {cpu: {count: 4}, os.version: 1.10}\n", "facts.cpu.count: many\nfacts.os.famly: x\n"),
        (
            "json",
            "{\"facts.cpu.count\": 4, \"facts\": {\"os.version\": \"1.10\"}}",
            "{\"facts.cpu.count\": \"many\", \"facts.os.famly\": \"x\"}",
        ),
        (
            "xml",
            "<ipcmm><facts><cpu count='4'/><os.version>1.10</os.version></facts></ipcmm>",
            "<ipcmm><facts><cpu count='many'/><os famly='x'/></facts></ipcmm>",
        ),
        ("properties", "facts.cpu.count=4\nfacts.os.version=1.10\n", "facts.cpu.count=many\nfacts.os.famly=x\n"),
    ];
    for (format, good, bad) in files {
        let (right, wrong) = (format!("good.{format}"), format!("bad.{format}"));
        fs::write(at.join(&right), good).expect("written");
        fs::write(at.join(&wrong), bad).expect("written");
        let value = run(at, &["eval", "str(facts.cpu.count) + ' ' + facts.os.version", "--facts", &right]);
        assert_eq!((value.out.as_str(), value.err.as_str()), ("'4 1.10'  : str\n", ""), "{format}");
        let told = run(at, &["eval", "1", "--facts", &wrong]).err;
        for line in [
            "error[C3001] `facts.cpu.count` takes int, and `many` is none",
            "error[C2009] unknown fact `facts.os.famly`",
            "did you mean `facts.os.family`?",
        ] {
            assert!(told.contains(line), "{format}: {told}");
        }
    }
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
