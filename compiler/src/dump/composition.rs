//! What modules and procedures declare and where expanded tasks come from, as JSON.

use super::ir::Dump;
use super::place::{Fields, place};
use crate::expand::Scopes;
use crate::ir::Module;
use crate::ir::surface::{Declared, DeclaredKind, Input, Output, Procedure, Surface};
use serde_json::{Value as Json, json};

impl Dump<'_> {
    /// Adds what a part of a module has besides its tasks.
    pub(super) fn composition(&self, module: &Module, scopes: &Scopes, fields: &mut Fields) {
        let scope = scopes.list.get(module.scope as usize);
        if let Some(call) = scope.and_then(|scope| scope.call.as_deref()) {
            let mut from = Fields::new();
            from.insert("label".into(), json!(call.label));
            from.insert("place".into(), place(call.file, call.span, self.sources));
            self.control(&call.control, &mut from);
            fields.insert("from".into(), Json::Object(from));
        }
        if let Some(scope) = scope.filter(|scope| !scope.prefix.is_empty()) {
            fields.insert("prefix".into(), json!(scope.prefix));
        }
        if !module.surface.names.is_empty() {
            fields.insert("declare".into(), self.surface(&module.surface));
        }
        if !module.procedures.is_empty() {
            let procedures = module.procedures.iter().map(|p| (p.name.clone(), self.procedure(p)));
            fields.insert("procedures".into(), Json::Object(procedures.collect()));
        }
    }

    fn procedure(&self, procedure: &Procedure) -> Json {
        let Procedure { name: _, span, surface, tasks } = procedure;
        json!({
            "place": place(self.file, *span, self.sources),
            "declare": self.surface(surface),
            "do": tasks.iter().map(|task| self.task(task)).collect::<Vec<Json>>(),
        })
    }

    fn surface(&self, surface: &Surface) -> Json {
        Json::Object(surface.names.iter().map(|declared| (declared.name.clone(), self.declared(declared))).collect())
    }

    fn declared(&self, declared: &Declared) -> Json {
        let mut fields = Fields::new();
        fields.insert("kind".into(), json!(declared.kind.word()));
        fields.insert("place".into(), place(self.file, declared.span, self.sources));
        match &declared.kind {
            DeclaredKind::In(input) => self.input(input, &mut fields),
            DeclaredKind::Out(output) => self.output(output, &mut fields),
            DeclaredKind::InOut(input, output) => {
                self.input(input, &mut fields);
                self.output(output, &mut fields);
            }
            DeclaredKind::Ref(to) => drop(fields.insert("to".into(), self.expr(to))),
            DeclaredKind::Ptr(to, ty) => {
                fields.insert("to".into(), self.expr(to));
                if let Some(ty) = ty {
                    fields.insert("type".into(), json!(ty.to_string()));
                }
            }
            DeclaredKind::Addr(target, _) => drop(fields.insert("to".into(), json!(target))),
        }
        Json::Object(fields)
    }

    fn input(&self, input: &Input, fields: &mut Fields) {
        let Input { ty, default, check, doc } = input;
        fields.insert("type".into(), json!(ty.to_string()));
        if let Some(default) = default {
            fields.insert("default".into(), self.typed(default));
        }
        if let Some(check) = check {
            fields.insert("check".into(), self.expr(check));
        }
        if let Some(doc) = doc {
            fields.insert("doc".into(), json!(doc));
        }
    }

    fn output(&self, output: &Output, fields: &mut Fields) {
        let Output { ty, value } = output;
        if let Some(ty) = ty {
            fields.insert("type".into(), json!(ty.to_string()));
        }
        if let Some(value) = value {
            fields.insert("value".into(), self.typed(value));
        }
    }
}
