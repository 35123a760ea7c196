//! Drawings of builds: what is in them, where it is put, and that nothing of a source becomes markup.

use super::*;
use crate::world::memory::MemoryWorld;
use crate::{BuildOptions, build};
use std::path::PathBuf;

fn drawn(files: &[(&str, &str)]) -> Drawing {
    let world: MemoryWorld = files.iter().map(|(n, t)| (PathBuf::from(n), t.as_bytes().to_vec())).collect();
    let names: Vec<PathBuf> = files.iter().map(|(name, _)| PathBuf::from(name)).collect();
    draw(&build(&world, &names, BuildOptions { debug: true, check_only: true }))
}

const WEB: &str = "conf:\n  ipcmm.filesystem.file: {args: {path: /etc/a}}\nold:\n  ipcmm.nop:\nrestart:\n  ipcmm.run.cmd:\n    args: {argv: [x]}\n  watch: [conf]\n  requires: old\n";

#[test]
fn an_edge_says_where_and_by_which_keyword() {
    let drawing = drawn(&[("web.ipcmm.yaml", WEB)]);
    let labels: Vec<_> = drawing.nodes.iter().map(|n| (n.number, n.label.as_str(), n.effect.name())).collect();
    assert_eq!(labels, [(1, "conf", "change"), (2, "old", "none"), (3, "restart", "change")]);
    let edges: Vec<_> = drawing.edges.iter().map(|e| (e.before, e.after, e.keyword, e.place.to_string())).collect();
    assert_eq!(
        edges,
        [(0, 2, "watch", "web.ipcmm.yaml:8:11".into()), (1, 2, "requires", "web.ipcmm.yaml:9:13".into())]
    );
    assert_eq!(drawing.edges[1].excerpt, "requires: old");
    let said: Vec<_> = drawing.nodes[2].said.iter().map(|s| (s.keyword, s.text.as_str())).collect();
    assert_eq!(said, [("args", "{argv: [x]}"), ("watch", "[conf]"), ("requires", "old")]);
}

#[test]
fn a_cycle_is_drawn_although_the_build_fails() {
    let text = "a: {ipcmm.nop: , requires: b}\nb: {ipcmm.nop: , depends_on: a}\nc: {ipcmm.nop: , requires: a}\n";
    let drawing = drawn(&[("a.ipcmm.yaml", text)]);
    let cyclic: Vec<_> = drawing.edges.iter().map(|e| (e.after, e.before, e.cyclic)).collect();
    assert_eq!(cyclic, [(0, 1, true), (1, 0, true), (2, 0, false)]);
    assert!(svg::svg(&drawing).contains("class=\"edge requires cyclic\""));
    assert!(html::html(&drawing).contains("2 tasks wait for each other"));
    assert!(dot::dot(&drawing).contains("n1 -> n0 [label=\"requires\", tooltip=\"a.ipcmm.yaml:1:28"));
}

#[test]
fn a_task_that_names_itself_is_drawn_with_the_line_that_says_so() {
    let drawing = drawn(&[("a.ipcmm.yaml", "a: {ipcmm.nop: , requires: [a, b]}\nb: {ipcmm.nop: }\n")]);
    let edges: Vec<_> =
        drawing.edges.iter().map(|e| (e.after, e.before, e.keyword, e.cyclic, e.place.to_string())).collect();
    assert_eq!(
        edges,
        [(1, 1, "requires", true, "a.ipcmm.yaml:1:29".into()), (1, 0, "requires", false, "a.ipcmm.yaml:1:32".into())]
    );
    assert!(drawing.nodes[1].cyclic && !drawing.nodes[0].cyclic);
    assert!(html::html(&drawing).contains("1 task waits for itself"));
    assert!(svg::svg(&drawing).contains("class=\"edge requires cyclic\""));
}

#[test]
fn a_task_with_a_problem_is_drawn_as_it_is_written() {
    let drawing = drawn(&[("a.ipcmm.yaml", "a:\n  ipcmm.run.cmd: {args: {nothing: 1}}\n")]);
    assert_eq!(drawing.nodes[0].builtins, ["ipcmm.run.cmd"]);
}

#[test]
fn names_that_look_like_markup_stay_text() {
    let evil = "</script><script>alert(1)</script>\\\"'&";
    let text = format!("{}: {{ipcmm.nop: }}\n", serde_json::json!(evil));
    let drawing = drawn(&[("a.ipcmm.yaml", &text)]);
    assert_eq!(drawing.nodes[0].label, evil);
    for page in [html::html(&drawing), svg::svg(&drawing)] {
        assert!(!page.contains("<script>alert") && !page.contains("</script><script"), "{page}");
    }
    let page = html::html(&drawing);
    let data = page.split("type=\"application/json\">").nth(1).and_then(|rest| rest.split("</script>").next());
    let data: serde_json::Value = serde_json::from_str(data.expect("data")).expect("JSON");
    assert_eq!(data["tasks"][0]["label"], evil);
    assert!(dot::dot(&drawing).contains("\\\\\\\"'&\""), "{}", dot::dot(&drawing));
}

#[test]
fn every_edge_leads_downwards_and_no_node_covers_another() {
    // Forty tasks in three modules, each waiting for some earlier ones.
    let mut files: Vec<(String, String)> = Vec::new();
    let mut seed = 7u32;
    let mut below = |n: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % n
    };
    for module in 0..3 {
        let mut text = String::new();
        for i in 0..40 {
            text.push_str(&format!("t{i}:\n  ipcmm.nop:\n"));
            let mut targets: Vec<String> = (0..below(3)).filter(|_| i > 0).map(|_| format!("t{}", below(i))).collect();
            if module > 0 && below(4) == 0 {
                targets.push(format!("m0/t{}", below(40)));
            }
            targets.sort();
            targets.dedup();
            text.push_str(&format!("  requires: {targets:?}\n"));
        }
        files.push((format!("m{module}.ipcmm.yaml"), text));
    }
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let drawing = drawn(&files);
    assert!(drawing.nodes.len() == 120 && drawing.edges.len() > 60);
    let layout = layout::layout(&drawing);
    for edge in &drawing.edges {
        assert!(layout.nodes[edge.before as usize].y < layout.nodes[edge.after as usize].y);
    }
    for (i, a) in layout.nodes.iter().enumerate() {
        assert!(a.x >= 0.0 && a.y >= 0.0 && a.x + a.w <= layout.size.0 && a.y + a.h <= layout.size.1);
        for b in &layout.nodes[i + 1..] {
            assert!(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, "{a:?} {b:?}");
        }
    }
    for (module, place) in &layout.modules {
        for (node, own) in drawing.nodes.iter().zip(&layout.nodes) {
            let apart = own.x + own.w <= place.x || place.x + place.w <= own.x;
            let inside = own.x >= place.x && own.y >= place.y && own.x + own.w <= place.x + place.w;
            assert!(if node.module == *module {
                inside
            } else {
                apart || own.y + own.h <= place.y || own.y >= place.y + place.h
            });
        }
    }
}

#[test]
fn large_and_odd_graphs_are_placed() {
    let mut drawing = drawn(&[("a.ipcmm.yaml", "a: {ipcmm.nop: }\n")]);
    let node = drawing.nodes[0].clone();
    let edge = |before: u32, after: u32| Edge {
        before,
        after,
        keyword: "requires",
        place: node.place.clone(),
        excerpt: String::new(),
        cyclic: false,
    };
    drawing.nodes = vec![node.clone(); 10_000];
    // A chain, a star, and edges that pass thousands of rows.
    drawing.edges = (1..4_000).map(|i| edge(i - 1, i)).collect();
    drawing.edges.extend((4_000..9_000).map(|i| edge(3, i)));
    drawing.edges.extend((0..900).map(|i| edge(i, i + 3_000)));
    let layout = layout::layout(&drawing);
    assert_eq!((layout.nodes.len(), layout.edges.len()), (10_000, drawing.edges.len()));
    assert!(layout.nodes.iter().all(|n| n.x.is_finite() && n.y.is_finite()));
    assert_eq!(layout::layout(&Drawing::default()).nodes.len(), 0);
}

#[test]
fn why_finds_paths_shortest_first_and_gives_up_in_time() {
    let text =
        "a: {ipcmm.nop: }\nb: {ipcmm.nop: , requires: a}\nc: {ipcmm.nop: , requires: [a, b]}\nd: {ipcmm.nop: }\n";
    let drawing = drawn(&[("m.ipcmm.yaml", text)]);
    let found = why::why(&drawing, 0, 2).expect("c waits for a");
    assert_eq!((found.after, found.before, found.more), (2, 0, false));
    assert_eq!(found.paths.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    assert!(why::why(&drawing, 0, 3).is_none() && why::why(&drawing, 1, 1).is_none());
    assert_eq!(
        why::told(&drawing, &found),
        "`c` runs after `a`:\n\nc\n  requires a  m.ipcmm.yaml:3:29\n    c: {ipcmm.nop: , requires: [a, b]}\n\nc\n  requires b  m.ipcmm.yaml:3:32\n    c: {ipcmm.nop: , requires: [a, b]}\n  requires a  m.ipcmm.yaml:2:28\n    b: {ipcmm.nop: , requires: a}\n"
    );
    // Two ways at each of forty steps.
    let mut text = String::from("s0: {ipcmm.nop: }\n");
    for i in 1..40 {
        text.push_str(&format!("l{i}: {{ipcmm.nop: , requires: s{0}}}\nr{i}: {{ipcmm.nop: , requires: s{0}}}\ns{i}: {{ipcmm.nop: , requires: [l{i}, r{i}]}}\n", i - 1));
    }
    let drawing = drawn(&[("m.ipcmm.yaml", &text)]);
    let (first, last) =
        (select::find(&drawing, "s0").expect("a task"), select::find(&drawing, "m/s39").expect("a task"));
    let found = why::why(&drawing, last, first).expect("a path");
    assert_eq!((found.paths.len(), found.more), (why::PATHS, true));
}

#[test]
fn a_part_keeps_its_numbers() {
    let drawing = drawn(&[("m.ipcmm.yaml", WEB), ("n.ipcmm.yaml", "x: {ipcmm.nop: }\nconf: {ipcmm.nop: }\n")]);
    let on = select::find(&drawing, "restart").expect("a task");
    let part = select::focus(&drawing, on);
    let numbers: Vec<_> = part.nodes.iter().map(|node| node.number).collect();
    assert_eq!((numbers.as_slice(), part.edges.len()), ([1, 2, 3].as_slice(), 2));
    assert!(select::find(&drawing, "conf").is_err_and(|said| said.contains("`m/conf`, `n/conf`")));
    assert!(select::find(&drawing, "restrat").is_err_and(|said| said.contains("did you mean `restart`?")));
    assert!(select::find(&drawing, "n/conf").is_ok());
}

#[test]
fn a_part_of_a_task_is_a_node_of_its_own() {
    let text = "stop: {ipcmm.nop: , prereq: conf}\nconf: {ipcmm.filesystem.file: {args: {path: /etc/a}}}\n";
    let drawing = drawn(&[("m.ipcmm.yaml", text)]);
    let nodes: Vec<_> = drawing.nodes.iter().map(|node| (node.label.as_str(), node.part)).collect();
    assert_eq!(nodes, [("conf", Some("dry run")), ("stop", None), ("conf", None)]);
    assert_eq!(select::find(&drawing, "conf"), Ok(2));
    let found = why::why(&drawing, 1, 2).expect("conf waits for stop");
    let told = why::told(&drawing, &found);
    assert!(told.starts_with("`conf` runs after `stop`:\n\nconf\n  prereq stop  m.ipcmm.yaml:1:"), "{told}");
}
