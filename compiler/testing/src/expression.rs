//! Expressions that are judged after a run.
//!
//! They are checked like the expressions of a task behind all others, so that names, types and messages are those of the
//! language, and evaluated by the agent's own evaluator over the results the run left. Unaware of: other expectations.

use crate::case::Case;
use crate::run::Bench;
use crate::stage::Stage;
use ipcmm_bytecode::{Fault, FaultKind, Slot, Value};
use ipcmm_compiler::check;
use ipcmm_compiler::diag::{Code as Problem, Diagnostic, Diagnostics};
use ipcmm_compiler::doc::{Doc, Entry, Node, NodeId, NodeKind, Span, Style};
use ipcmm_compiler::emit::code::{compile, compile_function};
use ipcmm_compiler::graph::{Argument, Expr, ExprKind, Function, Graph};
use ipcmm_compiler::lower;
use ipcmm_grammar::types::Type;
use ipcmm_vm::machine::{Code, Eval, EvalStep, Scope};
use ipcmm_vm::{Host, TaskEnd};
use std::collections::HashMap;

/// The label that stands for the end of the run, and the beginning of those of expressions: nobody writes a control
/// character into a label.
const END: &str = "\u{1}end";

/// The expressions of a case, checked against the modules it is about.
pub struct Expressions {
    /// Each with the place where it stands.
    pub list: Vec<(Expr, Span)>,
    /// The tasks of the augmented graph by number: module and label.
    tasks: Vec<(String, String)>,
    /// The functions of sources.
    functions: Vec<Function>,
}

/// Checks the expressions below `holds` of a case. Problems in them are reported.
pub fn check(case: &Case, bench: &Bench<'_>, diagnostics: &mut Diagnostics) -> Expressions {
    let graph = bench.graph;
    let nodes: Vec<NodeId> = case.elements("holds");
    let mut expressions = Expressions { list: Vec::new(), tasks: Vec::new(), functions: Vec::new() };
    let texts = nodes.into_iter().filter(|id| case.doc.text(*id).is_some());
    let nodes: Vec<Node> = texts.map(|id| case.doc.node(id).clone()).collect();
    if nodes.is_empty() {
        return expressions;
    }
    let home = case.text("module").map(str::to_owned).or_else(|| graph.modules.first().cloned()).unwrap_or_default();
    if !graph.modules.contains(&home) {
        let span = crate::case::entry(&case.doc, case.node, "module").map_or(case.span, |(_, v)| case.doc.node(v).span);
        let problem =
            Diagnostic::new(Problem::UnknownTarget, case.file(), span, format!("there is no module `{home}`"));
        let names: Vec<String> = graph.modules.iter().map(|name| format!("`{name}`")).collect();
        diagnostics.push(problem.help(format!("there are {}", names.join(", "))));
        return expressions;
    }
    let doc = document(case, &home, graph, &nodes);
    let mut found = Diagnostics::default();
    let mut program = bench.program.clone();
    // The names of the module are those of its own part, which stands before what is expanded in it.
    let scope = program.modules.iter().find(|part| part.name == home).map(|part| part.scope);
    for mut part in lower::lower(&doc, &home, &mut found) {
        part.scope = scope.unwrap_or(part.scope);
        program.modules.push(part);
    }
    let augmented = check::check_with(&program, bench.inventory, &mut found);
    // What is wrong elsewhere was said when the sources were built.
    found.retain(|problem| problem.place.is_some_and(|(file, _)| file == case.file()));
    diagnostics.append(found);
    expressions.functions.clone_from(&augmented.functions);
    let module = |number: u32| augmented.modules.get(number as usize).cloned().unwrap_or_default();
    expressions.tasks = augmented.tasks.iter().map(|task| (module(task.module), task.label.clone())).collect();
    for (i, node) in nodes.iter().enumerate() {
        let label = format!("{END} {i}");
        let task = augmented.tasks.iter().find(|task| task.label == label && task.part.is_none());
        let argument = task.and_then(|task| task.body.args.first());
        let Some((_, Argument::Thunk(expr) | Argument::Value(expr))) = argument else { continue };
        if expr.ty.fits(&Type::Bool) {
            expressions.list.push((expr.clone(), node.span));
        } else {
            let message = format!("this is {}, and must be true or false", expr.ty);
            diagnostics.push(Diagnostic::new(Problem::NotBool, case.file(), expr.span, message));
        }
    }
    expressions
}

/// A module part whose labels evaluate the expressions after everything else.
fn document(case: &Case, home: &str, graph: &Graph, expressions: &[Node]) -> Doc {
    let mut doc = Doc::empty(case.file());
    let span = case.place(&["holds"]);
    let mut add = |kind: NodeKind, span: Span, verbatim: bool| {
        doc.nodes.push(Node { kind, span, verbatim });
        NodeId(doc.nodes.len() as u32 - 1)
    };
    let text = |text: &str| NodeKind::Scalar { text: text.to_owned(), style: Style::Quoted };
    let module = |number: u32| graph.modules.get(number as usize).map_or("", String::as_str);
    let own = graph.tasks.iter().filter(|task| task.part.is_none());
    let labels: Vec<String> = own.map(|task| format!("{}/{}", module(task.module), task.label)).collect();
    let targets: Vec<NodeId> = labels.iter().map(|label| add(text(label), span, false)).collect();
    let targets = add(NodeKind::List(targets), span, false);
    let mut labels = Vec::new();
    let map = |add: &mut dyn FnMut(NodeKind, Span, bool) -> NodeId, entries: &[(&str, NodeId)]| {
        let entries =
            entries.iter().map(|(key, value)| Entry { key: add(text(key), span, false), value: *value }).collect();
        add(NodeKind::Map(entries), span, false)
    };
    let nothing = add(NodeKind::Null, span, false);
    let end = map(&mut add, &[("ipcmm.nop", nothing), ("runafter", targets)]);
    labels.push((END.to_owned(), end));
    for (i, node) in expressions.iter().enumerate() {
        let expr = add(node.kind.clone(), node.span, node.verbatim);
        let args = map(&mut add, &[("expr", expr)]);
        let step = map(&mut add, &[("args", args)]);
        let before = add(text(END), span, false);
        let label = map(&mut add, &[("ipcmm.eval", step), ("runafter", before)]);
        labels.push((format!("{END} {i}"), label));
    }
    let name = add(text(home), span, false);
    labels.push(("module".to_owned(), name));
    let entries: Vec<(&str, NodeId)> = labels.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    let root = map(&mut add, &entries);
    doc.roots.push(root);
    doc
}

/// What expressions see after a run.
pub struct Afterwards<'a> {
    /// The node.
    pub stage: &'a Stage,
    /// How tasks ended, by module and label.
    pub ends: &'a HashMap<(String, String), TaskEnd>,
    /// Whose numbers the expressions use.
    pub expressions: &'a Expressions,
}

impl Scope for Afterwards<'_> {
    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.stage.fact(path)
    }

    fn result(&self, task: u32) -> Result<Value, Fault> {
        let end = self.expressions.tasks.get(task as usize).and_then(|task| self.ends.get(task));
        end.map(TaskEnd::record).ok_or_else(|| Fault::new(FaultKind::NoResult, "the task did not end"))
    }

    fn slot(&self, _: Slot) -> Value {
        Value::Null
    }
}

/// One compiled expression as chunk 0, and behind it the functions of sources.
struct Alone {
    chunks: Vec<Option<(Vec<u8>, u16)>>,
    constants: Vec<Value>,
}

impl Alone {
    /// `None` where the expression is too large for the machine.
    fn new(expr: &Expr, functions: &[Function]) -> Option<Alone> {
        let compiled = compile(expr).ok()?;
        // Most expressions call none: then there is no need to compile them all.
        let functions = if compiled.functions.is_empty() { &[] } else { functions };
        let mut alone = Alone { chunks: Vec::new(), constants: Vec::new() };
        let own = functions.iter().map(|function| compile_function(&function.body, function.params as usize).ok());
        for compiled in std::iter::once(Some(compiled)).chain(own) {
            let chunk = compiled.map(|compiled| {
                let mut number = |value: &Value| {
                    alone.constants.push(value.clone());
                    alone.constants.len() as u32 - 1
                };
                (compiled.link(&mut number, &|function| function + 1).code, compiled.registers)
            });
            alone.chunks.push(chunk);
        }
        Some(alone)
    }
}

impl Code for Alone {
    fn chunk(&self, chunk: u32) -> Option<(&[u8], u16)> {
        let (code, registers) = self.chunks.get(chunk as usize)?.as_ref()?;
        Some((code, *registers))
    }

    fn constant(&self, number: u32) -> Result<Value, Fault> {
        let constant = self.constants.get(number as usize).cloned();
        constant.ok_or_else(|| Fault::new(FaultKind::BadConstant, number.to_string()))
    }

    fn text(&self, number: u32) -> Result<&str, Fault> {
        let constant = self.constants.get(number as usize).and_then(Value::as_str);
        constant.ok_or_else(|| Fault::new(FaultKind::BadConstant, format!("{number} is not text")))
    }
}

impl Afterwards<'_> {
    /// The value of an expression; probes are answered by the node as the run left it.
    pub fn value(&self, expr: &Expr) -> Result<Value, Fault> {
        let alone = Alone::new(expr, &self.expressions.functions)
            .ok_or_else(|| Fault::new(FaultKind::TooLarge, "the expression is too large"))?;
        let mut eval = Eval::new(&alone, 0);
        loop {
            match eval.step(&alone, self)? {
                EvalStep::Done(value) => return Ok(value),
                EvalStep::Probe(function, args) => eval.resume(self.stage.probe(function, &args)?),
            }
        }
    }

    /// What is wrong with an expression, if anything is.
    pub fn complaint(&self, expr: &Expr) -> Option<String> {
        match self.value(expr) {
            Ok(Value::Bool(true)) => None,
            Ok(Value::Bool(false)) => Some(match self.sides(expr) {
                Some((left, right)) => format!("this does not hold: on the left is {left}, on the right {right}"),
                None => "this does not hold".to_owned(),
            }),
            Ok(other) => Some(format!("this is {other}, and must be true")),
            Err(fault) => Some(format!("this cannot be evaluated: {fault}")),
        }
    }

    /// The values beside an operator that compares.
    fn sides(&self, expr: &Expr) -> Option<(Value, Value)> {
        let ExprKind::Binary(operator, left, right) = &expr.kind else { return None };
        use ipcmm_grammar::ast::BinaryOp as Op;
        let compares = matches!(operator, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::In | Op::NotIn);
        let sides = compares.then(|| Some((self.value(left).ok()?, self.value(right).ok()?)));
        sides.flatten()
    }
}
