//! Scopes: where names and labels are looked up, and what each of them stands for. A module is a scope, and so is each
//! call of a procedure and each file that is included.
//!
//! Unaware of: the types of what is bound, and of tasks.

use crate::ir::surface::{Input, Output};
use crate::ir::{self, Control, Located, Order, Target, Typed};
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// All scopes of a build. Modules come first, in the order of the build.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// The scopes by number.
    pub list: Vec<Scope>,
    /// Modules by name.
    pub modules: FxHashMap<String, u32>,
    /// What a label stands for that is no task: scopes whose tasks it means, all of them together.
    pub groups: FxHashMap<(u32, String), Vec<u32>>,
    /// Outputs that a call assigns: scope and name to the call's scope and the name there.
    pub assigned: FxHashMap<(u32, String), (u32, String)>,
}

/// A scope.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Where its names and labels are kept: itself, but for a file that is included without a name of its own.
    pub home: u32,
    /// Where names are looked up that it does not have: the module a procedure stands in.
    pub outer: Option<u32>,
    /// The scope it stands in: that of the call or the include.
    pub above: Option<u32>,
    /// What goes before its labels in `above`, without the `/`.
    pub segment: Option<String>,
    /// What goes before its labels in the module.
    pub prefix: String,
    /// Whether it is that of a call; otherwise its inputs are those of a module.
    pub is_call: bool,
    /// It is there for a procedure that nothing calls.
    pub trial: bool,
    /// What its names stand for.
    pub names: BTreeMap<String, Binding>,
    /// The call or include it comes from; a module comes from nowhere.
    pub call: Option<Box<Call>>,
}

/// The call or include that a scope comes from.
#[derive(Clone, Debug)]
pub struct Call {
    /// The scope it is written in.
    pub scope: u32,
    /// The file it is written in.
    pub file: FileId,
    /// Where its label stands.
    pub span: Span,
    /// Its label.
    pub label: String,
    /// Keywords that hold for each of the tasks.
    pub control: Control,
    /// Targets of each of the tasks.
    pub targets: Vec<Target>,
    /// The nodes its tasks are for.
    pub binding: Option<ir::Binding>,
    /// The rank of tasks that have none.
    pub order: Option<(Order, Span)>,
    /// How tasks run that do not say it.
    pub mode: Option<ExecMode>,
    /// Whether the failure of a task stops the run.
    pub stops: Option<bool>,
    /// The element of `loop_in` it is for.
    pub iteration: Option<Iteration>,
}

/// An element of a loop around a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Iteration {
    /// `item`
    pub item: Value,
    /// `key`
    pub key: Value,
    /// `index`
    pub index: i64,
    /// The types of `item` and `key`.
    pub types: (Type, Type),
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The file it is declared in.
    pub file: FileId,
    /// Where its name stands.
    pub span: Span,
    /// What it is.
    pub kind: BindingKind,
}

/// The kinds of bindings.
#[derive(Clone, Debug)]
pub enum BindingKind {
    /// `in`
    In(Incoming),
    /// `out`
    Out(Output),
    /// `inout`
    InOut(Incoming, Output),
    /// `ref`
    Ref(Located),
    /// `ptr`
    Ptr(Located, Option<&'static Type>),
    /// `addr`
    Addr(String, Span),
    /// A module, and the names of it that were asked for.
    Module(u32, Option<Vec<String>>),
    /// The result of a call: its scopes; of a loop there is a list.
    Result(Vec<u32>, bool),
}

impl BindingKind {
    /// What comes in by the name.
    pub const fn incoming(&self) -> Option<&Incoming> {
        match self {
            BindingKind::In(incoming) | BindingKind::InOut(incoming, _) => Some(incoming),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub const fn incoming_mut(&mut self) -> Option<&mut Incoming> {
        match self {
            BindingKind::In(incoming) | BindingKind::InOut(incoming, _) => Some(incoming),
            _ => None,
        }
    }

    /// Whether it can be assigned.
    pub const fn is_variable(&self) -> bool {
        matches!(self, BindingKind::Out(_) | BindingKind::InOut(..))
    }
}

/// What comes in by a name.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What is declared.
    pub input: Input,
    /// Its value, and the file and the scope it is written in. Without one, that was reported.
    pub value: Option<(Typed, FileId, u32)>,
}

impl Scopes {
    /// The scope of a number.
    pub fn get(&self, scope: u32) -> &Scope {
        &self.list[scope as usize]
    }

    /// Where the names and labels of a scope are kept.
    pub fn home(&self, scope: u32) -> u32 {
        self.get(scope).home
    }

    /// Adds a scope.
    pub fn add(&mut self, scope: Scope) -> u32 {
        self.list.push(scope);
        self.list.len() as u32 - 1
    }

    /// The homes in which a name is looked up, innermost first.
    pub fn chain(&self, scope: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(self.home(scope)), |&scope| self.get(scope).outer.map(|outer| self.home(outer)))
    }

    /// What a name stands for, and the scope that has it.
    pub fn lookup(&self, scope: u32, name: &str) -> Option<(u32, &Binding)> {
        self.chain(scope).find_map(|scope| Some((scope, self.get(scope).names.get(name)?)))
    }

    /// A scope and those it stands in, innermost first.
    pub fn around(&self, scope: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(scope), |&scope| self.get(scope).above)
    }

    /// The calls and includes that a scope comes from, innermost first.
    pub fn calls(&self, scope: u32) -> impl Iterator<Item = &Call> + '_ {
        self.around(scope).filter_map(|scope| self.get(scope).call.as_deref())
    }

    /// The module of a scope.
    pub fn module(&self, scope: u32) -> u32 {
        self.around(scope).last().unwrap_or(scope)
    }
}
