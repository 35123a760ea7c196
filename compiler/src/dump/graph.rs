//! A [`Graph`] as JSON, for `--emit graph` and for tests.
//!
//! Of every expression it says when its value is known: `constant` at build, `node` once the node is known, `run`
//! while the tasks run.

use super::expr;
use super::place::{Fields, milliseconds, place, seconds, value};
use crate::graph::{Argument, Body, Control, Edge, Expr, ExprKind, Function, Graph, Guard, Retry, Task, Way};
use crate::source::Sources;
use ipcmm_bytecode::Effect;
use ipcmm_bytecode::bundle::writer::Part;
use serde_json::{Value as Json, json};

/// All tasks in run order.
pub fn graph(graph: &Graph, sources: &Sources) -> Json {
    let dump = Dump { graph, sources };
    let tasks: Vec<Json> = graph.tasks.iter().map(|task| dump.task(task)).collect();
    let label = |task: u32| graph.tasks.get(task as usize).map(|task| &task.label);
    let listens =
        graph.listens.iter().map(|(target, who)| json!({ "target": label(*target), "listener": label(*who) }));
    let listens: Vec<Json> = listens.collect();
    let mut fields = Fields::new();
    fields.insert("modules".into(), json!(graph.modules));
    fields.insert("tasks".into(), json!(tasks));
    fields.insert("listens".into(), json!(listens));
    if !graph.functions.is_empty() {
        fields.insert("functions".into(), graph.functions.iter().map(|function| dump.function(function)).collect());
    }
    Json::Object(fields)
}

struct Dump<'a> {
    graph: &'a Graph,
    sources: &'a Sources,
}

/// When the value of an expression is known.
fn stage(expr: &Expr) -> &'static str {
    if expr.any(&|e| matches!(e.kind, ExprKind::Result(_) | ExprKind::Slot(_))) {
        return "run";
    }
    let asks = |e: &Expr| match &e.kind {
        ExprKind::Fact(_) | ExprKind::Secret(_) => true,
        ExprKind::Call(function, _) => function.effect() != Effect::None,
        _ => false,
    };
    if expr.any(&asks) { "node" } else { "constant" }
}

impl Dump<'_> {
    fn function(&self, function: &Function) -> Json {
        let Function { module, name, file, span, params, body } = function;
        json!({
            "name": name,
            "module": self.graph.modules.get(*module as usize),
            "place": place(*file, *span, self.sources),
            "params": params,
            "type": body.ty.to_string(),
            "body": self.written(body),
        })
    }

    fn task(&self, task: &Task) -> Json {
        let mut fields = Fields::new();
        fields.insert("label".into(), json!(task.label));
        fields.insert("module".into(), json!(self.graph.modules.get(task.module as usize)));
        fields.insert("place".into(), place(task.file, task.span, self.sources));
        if let Some((part, owner)) = task.part {
            let part = if part == Part::Dry { "dry run" } else { "first phase" };
            fields.insert("part".into(), json!({ "which": part, "of": owner }));
        }
        let edge = |edge: &Edge| {
            json!({
                "kind": edge.kind.name(),
                "target": self.graph.tasks.get(edge.target as usize).map(|target| &target.label),
                "place": place(edge.file, edge.span, self.sources),
            })
        };
        fields.insert("edges".into(), task.edges.iter().filter(|e| e.way == Way::Written).map(edge).collect());
        if task.demand {
            fields.insert("on_demand".into(), json!(true));
        }
        fields.insert("mode".into(), json!(task.mode.name()));
        if task.stops {
            fields.insert("stoponfail".into(), json!(true));
        }
        for (key, value) in [("lane", &task.lane), ("moved_from", &task.moved_from)] {
            if let Some(text) = value {
                fields.insert(key.into(), json!(text));
            }
        }
        if task.lane_max != 1 {
            fields.insert("max".into(), json!(task.lane_max));
        }
        if task.test {
            fields.insert("test".into(), json!(true));
        }
        if let Some(name) = &task.result {
            fields.insert("result".into(), json!(name));
        }
        if task.keeps_result {
            fields.insert("keeps_result".into(), json!(true));
        }
        fields.insert("body".into(), self.body(&task.body));
        Json::Object(fields)
    }

    fn body(&self, body: &Body) -> Json {
        let mut fields = Fields::new();
        if let Some(builtin) = body.builtin {
            fields.insert("builtin".into(), json!(builtin.name));
        }
        if !body.args.is_empty() {
            let arg = |(number, argument): &(u16, Argument)| {
                let param = body.builtin.and_then(|builtin| builtin.params.get(usize::from(*number)));
                (param.map_or_else(|| number.to_string(), |param| param.name.to_owned()), self.argument(argument))
            };
            fields.insert("args".into(), Json::Object(body.args.iter().map(arg).collect()));
        }
        self.control(&body.control, &mut fields);
        if !body.children.is_empty() {
            fields.insert("steps".into(), body.children.iter().map(|child| self.body(child)).collect());
        }
        Json::Object(fields)
    }

    fn argument(&self, argument: &Argument) -> Json {
        match argument {
            Argument::Value(expr) => self.expr(expr),
            Argument::Thunk(expr) => {
                let mut fields = self.fields(expr);
                fields.insert("evaluated_by".into(), json!("builtin"));
                Json::Object(fields)
            }
            Argument::Tasks(tasks, _) => {
                let label = |task: &u32| self.graph.tasks.get(*task as usize).map(|task| &task.label);
                json!({ "type": "tasks", "stage": "constant", "tasks": tasks.iter().map(label).collect::<Vec<_>>() })
            }
            Argument::Asset(path, _) => json!({ "type": "asset", "stage": "constant", "file": path }),
        }
    }

    fn expr(&self, expr: &Expr) -> Json {
        Json::Object(self.fields(expr))
    }

    fn fields(&self, expr: &Expr) -> Fields {
        let mut fields = Fields::new();
        fields.insert("type".into(), json!(expr.ty.to_string()));
        fields.insert("stage".into(), json!(stage(expr)));
        match &expr.kind {
            ExprKind::Constant(known) => fields.insert("value".into(), value(known)),
            _ => fields.insert("expr".into(), json!(self.written(expr))),
        };
        fields
    }

    fn written(&self, expr: &Expr) -> String {
        let function = |number: u32| match self.graph.functions.get(number as usize) {
            Some(function) => function.name.clone(),
            None => format!("function {number}"),
        };
        expr::checked(expr, &|task| self.result(task), &function)
    }

    /// The result of a task, by its name if it has one.
    fn result(&self, task: u32) -> String {
        match self.graph.tasks.get(task as usize) {
            Some(Task { result: Some(name), .. }) => name.clone(),
            Some(task) if expr::is_name(&task.label) => format!("results.{}", task.label),
            Some(task) => format!("results[{}]", ipcmm_bytecode::Value::str(task.label.as_str())),
            None => format!("results[{task}]"),
        }
    }

    fn guard(&self, guard: &Guard) -> Json {
        match guard {
            Guard::Expr(expr) => self.expr(expr),
            Guard::Command(body) => self.body(body),
        }
    }

    fn control(&self, control: &Control, fields: &mut Fields) {
        // No `..`: a new keyword does not compile until it is shown.
        let Control {
            target, when, onlyif, unless, loop_in, retry, timeout, runas, env, failed_if, changed_if, ..
        } = control;
        let Control { loop_if, loop_until, expect, .. } = control;
        let set = |fields: &mut Fields, name: &str, expr: &Option<Expr>| {
            if let Some(expr) = expr {
                fields.insert(name.into(), self.expr(expr));
            }
        };
        set(fields, "target", target);
        set(fields, "when", when);
        for (name, guards) in [("onlyif", onlyif), ("unless", unless)] {
            if !guards.is_empty() {
                fields.insert(name.into(), guards.iter().map(|guard| self.guard(guard)).collect());
            }
        }
        set(fields, "loop_in", loop_in);
        set(fields, "loop_if", loop_if);
        set(fields, "loop_until", loop_until);
        if !expect.is_empty() {
            fields.insert("expect".into(), expect.iter().map(|expr| self.expr(expr)).collect());
        }
        if let Some(Retry { attempts, interval, splay, until }) = retry {
            let mut retry = Fields::new();
            retry.insert("attempts".into(), json!(attempts));
            retry.insert("interval".into(), milliseconds(*interval));
            retry.insert("splay".into(), seconds(*splay));
            set(&mut retry, "until", until);
            fields.insert("retry".into(), Json::Object(retry));
        }
        if let Some(timeout) = timeout {
            fields.insert("timeout".into(), milliseconds(*timeout));
        }
        set(fields, "runas", runas);
        if !env.is_empty() {
            let env = env.iter().map(|(name, expr)| (name.clone(), self.expr(expr)));
            fields.insert("env".into(), Json::Object(env.collect()));
        }
        set(fields, "failed_if", failed_if);
        set(fields, "changed_if", changed_if);
    }
}
