//! Keywords that are computed become known: their values by the one evaluator, refused as if they had been written.
//!
//! Unaware of: tasks as things that run. It is done once names stand for something, so that nothing behind `expand`
//! can tell a computed keyword from a written one.

use super::constants::{Known, early, known};
use super::scope::{Given, Scope};
use crate::diag::Diagnostics;
use crate::ir::setting::Setting;
use crate::ir::{Module, Task};
use crate::lower::reread;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;

/// A value, and what it is the value of: the step of a task, the setting, the place.
type Settled = (Option<usize>, Setting, Span, Option<Value>);

/// Makes known what is computed in the tasks of parts from one on.
pub(crate) fn settle(names: Known<'_>, parts: &mut [Module], from: usize, diagnostics: &mut Diagnostics) {
    let computed = |task: &Task| task.late().next().is_some();
    let tasks = (from..parts.len()).flat_map(|part| (0..parts[part].tasks.len()).map(move |task| (part, task)));
    let open: Vec<(usize, usize)> = tasks.filter(|&(part, task)| computed(&parts[part].tasks[task])).collect();
    let alone = parts.iter().all(|part| part.name.is_empty());
    let Some(&(first, _)) = open.first() else { return };
    let (scope, file) = (parts[first].scope, parts[first].file);
    // With the tasks that there are, names of results are known as such.
    let names = Known { labels: if alone { &[] } else { parts }, ..names };
    let settled: Vec<(Vec<Settled>, bool)> = early(names, scope, file, diagnostics, |typing| {
        let each = |&(part, task): &(usize, usize)| {
            (typing.module, typing.file) = (parts[part].scope, parts[part].file);
            let (before, errors) = (typing.diagnostics.len(), typing.diagnostics.errors());
            let values = parts[part].tasks[task].late().map(|(step, late)| {
                let place = late.setting.place();
                let looped = parts[part].tasks[task].control.loop_in.is_some();
                let given = Given { item: looped.then_some((Type::Any, Type::Any)), ..Given::default() };
                let expr = typing.typed(&late.value, &mut Scope::new(place, &given), place);
                (step, late.setting, late.value.span, known(typing, &expr, place))
            });
            let values: Vec<Settled> = values.collect();
            typing.index.called_from(parts[part].scope, before, typing.diagnostics);
            (values, typing.diagnostics.errors() > errors)
        };
        open.iter().map(each).collect()
    });
    for ((part, task), (settled, refused)) in open.into_iter().zip(settled) {
        let Module { file, tasks, .. } = &mut parts[part];
        put(&mut tasks[task], *file, settled, diagnostics);
        tasks[task].poisoned |= refused;
    }
}

/// The same for one task in a scope.
pub(crate) fn settled(
    names: Known<'_>,
    (scope, file): (u32, FileId),
    task: &Task,
    diagnostics: &mut Diagnostics,
) -> Option<Task> {
    task.late().next()?;
    let mut part = [Module { scope, tasks: vec![task.clone()], ..Module::new("", file) }];
    settle(names, &mut part, 0, diagnostics);
    part[0].tasks.pop()
}

/// Puts values where they belong.
fn put(task: &mut Task, file: FileId, settled: Vec<Settled>, diagnostics: &mut Diagnostics) {
    let errors = diagnostics.errors();
    // One that is not known is reported, or stands in a procedure that nothing calls.
    for (step, setting, span, value) in settled.into_iter().filter_map(|(step, what, at, v)| Some((step, what, at, v?)))
    {
        if let Err(refused) = reread(setting, value).and_then(|value| task.said(step).set(setting, &value, span)) {
            diagnostics.push(refused.at(file, span));
        }
    }
    task.keep.late.clear();
    let controls = std::iter::once(&mut task.control).chain(task.steps.iter_mut().map(|step| &mut step.control));
    controls.for_each(|control| control.late.clear());
    task.poisoned |= diagnostics.errors() > errors;
}
