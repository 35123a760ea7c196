//! Lowered modules as JSON, for `--emit ir` and for tests.
//!
//! Names are as written: nothing is resolved yet.

use super::expr;
use super::place::{Fields, milliseconds, place, seconds, value};
use crate::expand::Program;
use crate::ir::keep::Keep;
use crate::ir::surface::Stage;
use crate::ir::{
    Arg, Binding, Control, Function, Guard, Lambda, Located, Module, Order, Param, Part, Quoting, Retry, SelectionKind,
    Step, Task, Typed, ValueKind,
};
use crate::source::{FileId, Sources};
use ipcmm_stdlib::Builtin;
use serde_json::{Value as Json, json};

/// All modules in the order they were built.
pub fn ir(program: &Program, sources: &Sources) -> Json {
    let module = |module: &Module| {
        let dump = Dump { file: module.file, sources };
        let tasks: Vec<Json> = module.tasks.iter().map(|task| dump.task(task)).collect();
        let mut fields = Fields::new();
        fields.insert("module".into(), json!(module.name));
        fields.insert("file".into(), json!(sources.file(module.file).name));
        dump.composition(module, &program.scopes, &mut fields);
        if !module.functions.is_empty() {
            fields.insert("functions".into(), module.functions.iter().map(|f| dump.function(f)).collect());
        }
        if !module.lambdas.is_empty() {
            fields.insert("lambdas".into(), module.lambdas.iter().map(|l| dump.lambda(l)).collect());
        }
        fields.insert("tasks".into(), json!(tasks));
        Json::Object(fields)
    };
    program.modules.iter().map(module).collect()
}

pub(super) struct Dump<'a> {
    pub(super) file: FileId,
    pub(super) sources: &'a Sources,
}

impl Dump<'_> {
    fn function(&self, function: &Function) -> Json {
        let Function { name, span, params, returns, body } = function;
        let param = |param: &Param| {
            let mut fields = Fields::new();
            fields.insert("name".into(), json!(param.name));
            fields.insert("type".into(), json!(param.ty.to_string()));
            if let Some(default) = &param.default {
                fields.insert("default".into(), self.expr(default));
            }
            Json::Object(fields)
        };
        json!({
            "name": name,
            "place": place(self.file, *span, self.sources),
            "params": params.iter().map(param).collect::<Vec<Json>>(),
            "returns": returns.to_string(),
            "body": body.as_ref().map(|body| self.expr(body)),
        })
    }

    fn lambda(&self, lambda: &Lambda) -> Json {
        let Lambda { name, span, located } = lambda;
        json!({ "name": name, "place": place(self.file, *span, self.sources), "lambda": self.expr(located) })
    }

    pub(super) fn task(&self, task: &Task) -> Json {
        // No `..`: a new field does not compile until it is shown.
        // Further bindings have become tasks of their own.
        let Task { label, span, steps, control, targets, order, mode, stops, result, compose, poisoned, .. } = task;
        let Task { binding, others: _, keep, .. } = task;
        let Keep { lane, max, test, moved_from } = keep;
        let mut fields = Fields::new();
        fields.insert("label".into(), json!(label));
        fields.insert("place".into(), place(self.file, *span, self.sources));
        if *poisoned {
            fields.insert("poisoned".into(), json!(true));
        }
        let target = |target: &crate::ir::Target| {
            let place = place(target.from.map_or(self.file, |(file, _)| file), target.span, self.sources);
            json!({ "kind": target.keyword.name(), "target": target.name, "place": place })
        };
        fields.insert("targets".into(), targets.iter().map(target).collect());
        match order {
            None => {}
            Some((Order::First, _)) => drop(fields.insert("order".into(), json!("first"))),
            Some((Order::Last, _)) => drop(fields.insert("order".into(), json!("last"))),
            Some((Order::At(at), _)) => drop(fields.insert("order".into(), json!(at))),
        }
        if let Some(mode) = mode {
            fields.insert("mode".into(), json!(mode.name()));
        }
        if let Some(stops) = stops {
            fields.insert("stoponfail".into(), json!(stops));
        }
        for (key, value) in [("lane", lane), ("moved_from", moved_from)] {
            if let Some((text, _)) = value {
                fields.insert(key.into(), json!(text));
            }
        }
        if let Some((max, _)) = max {
            fields.insert("max".into(), json!(max));
        }
        if let Some(test) = test {
            fields.insert("test".into(), json!(test));
        }
        if let Some((name, _)) = result {
            fields.insert("result".into(), json!(name));
        }
        if let Some(compose) = compose {
            fields.insert("builtin".into(), json!(compose.kind.builtin()));
        }
        if let Some(Binding { all, number, .. }) = binding {
            let selection = all.get(*number).map(|selection| match &selection.kind {
                SelectionKind::Expr(located) => json!({ "expr": self.expr(located) }),
                SelectionKind::Names(names) => names.iter().map(|(name, _)| json!(name)).collect(),
            });
            fields.insert("binding".into(), json!({ "number": number, "of": all.len(), "select": selection }));
        }
        self.control(control, &mut fields);
        fields.insert("steps".into(), steps.iter().map(|step| self.step(step)).collect());
        Json::Object(fields)
    }

    fn step(&self, step: &Step) -> Json {
        let mut fields = Fields::new();
        fields.insert("builtin".into(), json!(step.builtin.name));
        fields.insert("place".into(), place(self.file, step.span, self.sources));
        fields.insert("args".into(), self.args(&step.args, step.builtin));
        match &step.stage {
            Some(Stage::Static) => drop(fields.insert("stage".into(), json!("static"))),
            Some(Stage::Dynamic(shape, _)) => {
                fields.insert("stage".into(), json!("dynamic"));
                fields.insert("shape".into(), json!(shape.to_string()));
            }
            None => {}
        }
        self.control(&step.control, &mut fields);
        Json::Object(fields)
    }

    fn args(&self, args: &[Arg], builtin: &Builtin) -> Json {
        let arg = |arg: &Arg| {
            let param = builtin.params.get(usize::from(arg.param));
            (param.map_or_else(|| arg.param.to_string(), |param| param.name.to_owned()), self.typed(&arg.value))
        };
        Json::Object(args.iter().map(arg).collect())
    }

    pub(super) fn typed(&self, typed: &Typed) -> Json {
        let mut fields = Fields::new();
        fields.insert("type".into(), json!(typed.wanted.to_string()));
        match &typed.kind {
            ValueKind::Constant(known) => drop(fields.insert("value".into(), value(known))),
            ValueKind::Expr(located) => drop(fields.insert("expr".into(), self.expr(located))),
            ValueKind::Template(pieces, quoting) => {
                fields.insert("template".into(), json!(template(pieces)));
                if *quoting == Quoting::Shell {
                    fields.insert("quoting".into(), json!("shell"));
                }
            }
            ValueKind::List(items) => {
                fields.insert("items".into(), items.iter().map(|item| self.typed(item)).collect());
            }
            ValueKind::Map(entries) => {
                let entries = entries.iter().map(|(key, typed)| (key.clone(), self.typed(typed)));
                fields.insert("entries".into(), Json::Object(entries.collect()));
            }
            ValueKind::Asset(path) => drop(fields.insert("file".into(), json!(path))),
            ValueKind::Tasks(tasks) => {
                let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
                fields.insert("tasks".into(), json!(names));
            }
            ValueKind::Error => drop(fields.insert("error".into(), json!(true))),
        }
        Json::Object(fields)
    }

    pub(super) fn expr(&self, located: &Located) -> Json {
        json!(expr::source(&located.expr))
    }

    fn guard(&self, guard: &Guard) -> Json {
        match guard {
            Guard::Expr(located) => json!({ "expr": self.expr(located) }),
            Guard::Command(builtin, args) => json!({ "builtin": builtin.name, "args": self.args(args, builtin) }),
        }
    }

    pub(super) fn control(&self, control: &Control, fields: &mut Fields) {
        let Control { when, onlyif, unless, loop_in, retry, timeout, runas, env, failed_if, changed_if, .. } = control;
        let Control { loop_if, loop_until, expect, context, .. } = control;
        let set = |fields: &mut Fields, name: &str, located: &Option<Located>| {
            if let Some(located) = located {
                fields.insert(name.into(), self.expr(located));
            }
        };
        set(fields, "when", when);
        for (name, guards) in [("onlyif", onlyif), ("unless", unless)] {
            if !guards.is_empty() {
                fields.insert(name.into(), guards.iter().map(|guard| self.guard(guard)).collect());
            }
        }
        if let Some(list) = loop_in {
            fields.insert("loop_in".into(), self.typed(list));
        }
        set(fields, "loop_if", loop_if);
        set(fields, "loop_until", loop_until);
        if !expect.is_empty() {
            fields.insert("expect".into(), expect.iter().map(|located| self.expr(located)).collect());
        }
        if !context.is_empty() {
            let context = context.iter().map(|entry| (entry.name.clone(), self.typed(&entry.value)));
            fields.insert("context".into(), Json::Object(context.collect()));
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
        if let Some(user) = runas {
            fields.insert("runas".into(), self.typed(user));
        }
        if !env.is_empty() {
            let env = env.iter().map(|(name, typed)| (name.clone(), self.typed(typed)));
            fields.insert("env".into(), Json::Object(env.collect()));
        }
        set(fields, "failed_if", failed_if);
        set(fields, "changed_if", changed_if);
    }
}

/// A text as it was written.
fn template(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => expr::text_in_template(text),
        Part::Expr(located) => format!("${{{}}}", expr::source(&located.expr)),
    };
    parts.iter().map(part).collect()
}
