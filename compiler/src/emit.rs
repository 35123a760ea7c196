//! `emit`: a [`Graph`] becomes a bundle.
//!
//! Unaware of: files (assets are handed in), source formats, and what tasks do. Same graph, same bytes.

pub mod code;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Argument, Body, Control, Expr, ExprKind, Function, Graph, Guard, Task, Way};
use crate::source::{FileId, Sources};
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::rows::ArgKind;
use ipcmm_bytecode::bundle::writer::{Place, TaskSpec};
use ipcmm_bytecode::bundle::{Attr, BundleWriter};
use ipcmm_grammar::ast::Span;
use rustc_hash::FxHashMap;

/// Files that belong into the bundle: the file that names them and the path as written, to their bytes.
pub type Assets = FxHashMap<(FileId, String), Vec<u8>>;

/// What a bundle holds besides the graph.
#[derive(Clone, Copy, Debug)]
pub struct EmitOptions<'a> {
    /// Name of the bundle.
    pub name: &'a str,
    /// Keep places of the source.
    pub debug: bool,
    /// Names of files in the debug sections, by file.
    pub names: &'a FxHashMap<FileId, String>,
}

/// Makes a bundle of a graph without errors. `None` if the bundle would exceed a limit, which is reported.
pub fn emit(
    graph: &Graph,
    assets: &Assets,
    sources: &Sources,
    options: &EmitOptions<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<u8>> {
    let mut emitter = Emitter {
        writer: BundleWriter::new(options.name, 1, options.debug),
        sources,
        assets,
        options,
        files: FxHashMap::default(),
        diagnostics,
        file: FileId(0),
        functions: &graph.functions,
        numbers: FxHashMap::default(),
    };
    for task in &graph.tasks {
        emitter.task(task, &graph.modules[task.module as usize]);
    }
    graph.listens.iter().for_each(|(target, listener)| emitter.writer.listen(*target, *listener));
    let Emitter { writer, diagnostics, .. } = emitter;
    if let Some(over) = writer.over_limit() {
        diagnostics.push(Diagnostic::unplaced(Code::LimitExceeded, over));
    }
    (!diagnostics.has_errors()).then(|| writer.finish())
}

struct Emitter<'a, 'd> {
    writer: BundleWriter,
    sources: &'a Sources,
    assets: &'a Assets,
    options: &'a EmitOptions<'a>,
    files: FxHashMap<FileId, u32>,
    diagnostics: &'d mut Diagnostics,
    file: FileId,
    functions: &'a [Function],
    /// Chunks of functions that were written.
    numbers: FxHashMap<u32, u32>,
}

impl Emitter<'_, '_> {
    fn place(&mut self, span: Span) -> Place {
        if !self.options.debug {
            return Place { file: 0, line: 0, column: 0 };
        }
        let position = self.sources.file(self.file).position(span.start);
        let file = match self.files.get(&self.file) {
            Some(&number) => number,
            None => {
                let name = self.options.names.get(&self.file).map_or("", String::as_str);
                let number = self.writer.file(name);
                self.files.insert(self.file, number);
                number
            }
        };
        Place { file, line: position.line, column: position.column }
    }

    fn task(&mut self, task: &Task, module: &str) {
        self.file = task.file;
        let block = match task.part {
            Some((_, owner)) => owner,
            None => {
                let block = self.writer.next_block();
                self.body(&task.body, Some(task));
                block
            }
        };
        let written = task.edges.iter().filter(|e| e.way == Way::Written);
        let edges: Vec<_> = written.map(|e| (e.kind, e.target)).collect();
        let place = self.place(task.span);
        self.writer.task(&TaskSpec {
            module,
            label: &task.label,
            block,
            part: task.part.map(|(part, _)| part),
            edges: &edges,
            mode: task.mode,
            stops: task.stops,
            keeps_result: task.keeps_result,
            test: task.test,
            demand: task.demand,
            place,
        });
    }

    /// Writes a body: the block, then its children, then the commands of its guards.
    fn body(&mut self, body: &Body, task: Option<&Task>) {
        let own = self.writer.next_block();
        let children = own + 1..own + 1 + body.children.len() as u32;
        // Blocks that stand behind this one are numbered before they are written.
        let mut guards = children.end;
        let mut commands: Vec<&Body> = Vec::new();
        let args = self.args(body);
        let attrs = self.attrs(&body.control, task, &mut guards, &mut commands);
        self.writer.block(
            body.builtin.map_or(0, |b| b.number()),
            &args,
            &attrs,
            if body.children.is_empty() { 0..0 } else { children },
        );
        if let Some(builtin) = body.builtin {
            self.writer.effect(builtin.number(), builtin.effect);
        }
        // The steps' own guard commands stand behind all steps of the label.
        let mut later: Vec<&Body> = Vec::new();
        let mut step_guards = guards;
        for child in &body.children {
            let args = self.args(child);
            let mut own_commands = Vec::new();
            // Commands of the label come first, then those of the steps in order.
            let attrs = self.attrs(&child.control, None, &mut step_guards, &mut own_commands);
            self.writer.block(child.builtin.map_or(0, |b| b.number()), &args, &attrs, 0..0);
            if let Some(builtin) = child.builtin {
                self.writer.effect(builtin.number(), builtin.effect);
            }
            later.extend(own_commands);
        }
        for command in commands.into_iter().chain(later) {
            let args = self.args(command);
            self.writer.block(command.builtin.map_or(0, |b| b.number()), &args, &[], 0..0);
            if let Some(builtin) = command.builtin {
                self.writer.effect(builtin.number(), builtin.effect);
            }
        }
    }

    fn args(&mut self, body: &Body) -> Vec<(u16, ArgKind, u32)> {
        let mut rows = Vec::with_capacity(body.args.len());
        for (param, argument) in &body.args {
            match argument {
                Argument::Value(Expr { kind: ExprKind::Constant(Value::Null), .. }) => {}
                Argument::Value(Expr { kind: ExprKind::Constant(value), .. }) => {
                    rows.push((*param, ArgKind::Constant, self.writer.constant(value)));
                }
                Argument::Value(expr) => rows.push((*param, ArgKind::Chunk, self.chunk(expr))),
                Argument::Thunk(expr) => rows.push((*param, ArgKind::Thunk, self.chunk(expr))),
                // What leaves some out has done so.
                Argument::Tasks(..) if body.builtin.and_then(|b| b.param("only")) == Some(*param) => {}
                Argument::Tasks(tasks, _) => rows.push((*param, ArgKind::Tasks, self.writer.selection(tasks))),
                Argument::Asset(path, _) => {
                    if let Some(bytes) = self.assets.get(&(self.file, path.clone())) {
                        rows.push((*param, ArgKind::Asset, self.writer.asset(bytes)));
                    }
                }
            }
        }
        rows
    }

    fn attrs<'b>(
        &mut self,
        control: &'b Control,
        task: Option<&Task>,
        next_command: &mut u32,
        commands: &mut Vec<&'b Body>,
    ) -> Vec<(Attr, u32)> {
        let mut attrs: Vec<(Attr, u32)> = Vec::new();
        if let Some(when) = &control.when {
            attrs.push((Attr::When, self.chunk(when)));
        }
        let guards = control.onlyif.iter().map(|g| (g, Attr::OnlyIf, Attr::OnlyIfCommand));
        for (guard, expr_attr, command_attr) in
            guards.chain(control.unless.iter().map(|g| (g, Attr::Unless, Attr::UnlessCommand)))
        {
            match guard {
                Guard::Expr(expr) => attrs.push((expr_attr, self.chunk(expr))),
                Guard::Command(body) => {
                    attrs.push((command_attr, *next_command));
                    *next_command += 1;
                    commands.push(body);
                }
            }
        }
        if let Some(list) = &control.loop_in {
            attrs.push((Attr::LoopIn, self.chunk(list)));
        }
        if let Some(retry) = &control.retry {
            attrs.push((Attr::RetryAttempts, retry.attempts));
            attrs.push((Attr::RetryInterval, retry.interval));
            if retry.splay > 0 {
                attrs.push((Attr::RetrySplay, retry.splay));
            }
            if let Some(until) = &retry.until {
                attrs.push((Attr::RetryUntil, self.chunk(until)));
            }
        }
        if let Some(timeout) = control.timeout {
            attrs.push((Attr::Timeout, timeout));
        }
        if let Some(user) = &control.runas {
            attrs.push((Attr::RunAs, self.chunk(user)));
        }
        if !control.env.is_empty() {
            let span = control.env[0].1.span;
            let known: Option<Vec<(&str, Value)>> = control
                .env
                .iter()
                .map(|(name, value)| match &value.kind {
                    ExprKind::Constant(value) => Some((name.as_str(), value.clone())),
                    _ => None,
                })
                .collect();
            let kind = match known {
                Some(known) => ExprKind::Constant(Value::map(known)),
                None => ExprKind::Map(control.env.clone()),
            };
            attrs.push((Attr::Env, self.chunk(&Expr { kind, ty: ipcmm_grammar::types::Type::Any, span })));
        }
        if let Some(expr) = &control.failed_if {
            attrs.push((Attr::FailedIf, self.chunk(expr)));
        }
        if let Some(expr) = &control.changed_if {
            attrs.push((Attr::ChangedIf, self.chunk(expr)));
        }
        if let Some(name) = task.and_then(|task| task.result.as_ref()) {
            attrs.push((Attr::ResultName, self.writer.string(name)));
        }
        if let Some(expr) = &control.loop_if {
            attrs.push((Attr::LoopIf, self.chunk(expr)));
        }
        if let Some(expr) = &control.loop_until {
            attrs.push((Attr::LoopUntil, self.chunk(expr)));
        }
        for expr in &control.expect {
            attrs.push((Attr::Expect, self.chunk(expr)));
        }
        if let Some(task) = task {
            if let Some(lane) = &task.lane {
                attrs.push((Attr::Lane, self.writer.string(lane)));
            }
            if task.lane_max != 1 {
                attrs.push((Attr::LaneMax, task.lane_max));
            }
            if let Some(label) = &task.moved_from {
                attrs.push((Attr::MovedFrom, self.writer.string(label)));
            }
        }
        if let Some(target) = &control.target {
            attrs.push((Attr::Target, self.chunk(target)));
        }
        attrs
    }

    fn chunk(&mut self, expr: &Expr) -> u32 {
        if expr.any(&|e| matches!(e.kind, ExprKind::Secret(_))) {
            let message = "secrets are typed, but agents cannot fetch them yet";
            self.diagnostics.push(
                Diagnostic::new(Code::SyntaxNotYet, self.file, expr.span, message)
                    .help("until then leave them in files of the node, and name the files"),
            );
            return 0;
        }
        let Some(compiled) = self.compiled(code::compile(expr)) else { return 0 };
        self.called(&compiled.functions);
        let (code, places) = self.linked(&compiled);
        self.writer.chunk(&code, compiled.registers, &places)
    }

    fn compiled(&mut self, compiled: Result<code::Compiled, Span>) -> Option<code::Compiled> {
        compiled
            .map_err(|span| {
                let message =
                    format!("this expression needs more than {} registers", ipcmm_bytecode::limits::REGISTERS);
                self.diagnostics.push(
                    Diagnostic::new(Code::ExprTooLarge, self.file, span, message)
                        .help("compute a part of it in `ipcmm.eval`"),
                );
            })
            .ok()
    }

    /// Writes functions that are called for the first time, and those they call. Their numbers are given before any is
    /// written, because they may call each other.
    fn called(&mut self, functions: &[u32]) {
        let mut fresh: Vec<(u32, code::Compiled)> = Vec::new();
        let mut pending: Vec<u32> = functions.iter().rev().copied().collect();
        let file = self.file;
        while let Some(number) = pending.pop() {
            let Some(function) = self.functions.get(number as usize) else { continue };
            if self.numbers.contains_key(&number) {
                continue;
            }
            self.file = function.file;
            let Some(compiled) = self.compiled(code::compile_function(&function.body, function.params as usize)) else {
                continue;
            };
            self.numbers.insert(number, self.writer.next_chunk() + fresh.len() as u32);
            pending.extend(compiled.functions.iter().rev());
            fresh.push((number, compiled));
        }
        for (number, compiled) in fresh {
            self.file = self.functions[number as usize].file;
            let (code, places) = self.linked(&compiled);
            self.writer.own_chunk(&code, compiled.registers, &places);
        }
        self.file = file;
    }

    /// Ops with the numbers of the bundle, and where they come from.
    fn linked(&mut self, compiled: &code::Compiled) -> (Vec<u8>, Vec<(u32, Place)>) {
        let (writer, numbers) = (&mut self.writer, &self.numbers);
        let ops = compiled
            .link(&mut |value| writer.constant(value), &|function| numbers.get(&function).copied().unwrap_or(0));
        compiled.facts.iter().for_each(|path| self.writer.fact(path));
        let mut places: Vec<(u32, Place)> = Vec::new();
        if self.options.debug {
            for (pc, span) in ops.places {
                let place = self.place(span);
                if places.last().is_none_or(|(_, last)| *last != place) {
                    places.push((pc, place));
                }
            }
        }
        (ops.code, places)
    }
}
