//! What a module or a procedure declares, and the tasks that the compiler replaces: calls, includes and imports.
//!
//! Unaware of: values given from outside, and of what a name in another module means.

use super::{Located, Task, Typed};
use crate::doc::NodeId;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use rustc_hash::FxHashSet;
use std::sync::{Mutex, OnceLock};

/// Names that are declared, in source order.
#[derive(Clone, Debug, Default)]
pub struct Surface {
    /// All of them, of every kind.
    pub names: Vec<Declared>,
}

/// A declared name.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: DeclaredKind,
}

/// The kinds of declared names.
#[derive(Clone, Debug)]
pub enum DeclaredKind {
    /// `in`
    In(Input),
    /// `out`
    Out(Output),
    /// `inout`: what comes in, and what goes out.
    InOut(Input, Output),
    /// `ref`: another name for what an expression gives; never null.
    Ref(Located),
    /// `ptr`: the same, and it may be null.
    Ptr(Located, Option<&'static Type>),
    /// `addr`: the identity of a task or a module, by its name.
    Addr(String, Span),
}

impl DeclaredKind {
    /// The word under `declare`.
    pub const fn word(&self) -> &'static str {
        match self {
            DeclaredKind::In(_) => "in",
            DeclaredKind::Out(_) => "out",
            DeclaredKind::InOut(..) => "inout",
            DeclaredKind::Ref(_) => "ref",
            DeclaredKind::Ptr(..) => "ptr",
            DeclaredKind::Addr(..) => "addr",
        }
    }

    /// What comes in by the name.
    pub const fn input(&self) -> Option<&Input> {
        match self {
            DeclaredKind::In(input) | DeclaredKind::InOut(input, _) => Some(input),
            _ => None,
        }
    }

    /// What goes out by the name.
    pub const fn output(&self) -> Option<&Output> {
        match self {
            DeclaredKind::Out(output) | DeclaredKind::InOut(_, output) => Some(output),
            _ => None,
        }
    }
}

/// What comes in by a name.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its type.
    pub ty: &'static Type,
    /// Its value where none is given.
    pub default: Option<Typed>,
    /// What must hold of it.
    pub check: Option<Located>,
    /// What it is, for people.
    pub doc: Option<String>,
}

/// What goes out by a name.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its type, if it is written.
    pub ty: Option<&'static Type>,
    /// Its value. Without one it is assigned by a task's `result`, or by a call it is given to.
    pub value: Option<Typed>,
}

/// A procedure.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What it declares.
    pub surface: Surface,
    /// Its tasks.
    pub tasks: Vec<Task>,
}

/// What stands in the place of a task and is replaced at build.
#[derive(Clone, Debug)]
pub struct Compose {
    /// Where the name of the built-in stands.
    pub span: Span,
    /// What is composed.
    pub kind: ComposeKind,
}

/// A name with its place.
pub type Name = (String, Span);

/// The kinds of composition.
#[derive(Clone, Debug)]
pub enum ComposeKind {
    /// `ipcmm.call`
    Call {
        /// The procedure or the function.
        callee: Name,
        /// Its arguments, to be read with its types.
        args: Option<NodeId>,
        /// Those of the block of `target` it is for, which win.
        over: Option<NodeId>,
    },
    /// `ipcmm.include`
    Include {
        /// The file, or a pattern.
        source: Name,
        /// What goes before its labels.
        alias: Option<Name>,
        /// Values for its inputs, to be read with their types.
        with: Option<NodeId>,
        /// Whether it is taken at all.
        when: Option<Located>,
    },
    /// `ipcmm.import`
    Import {
        /// The module, by name or by path.
        module: Name,
        /// Its name here.
        alias: Option<Name>,
        /// The names that are wanted.
        only: Option<Vec<Name>>,
        /// The versions of its package that are wanted.
        version: Option<Name>,
    },
}

impl ComposeKind {
    /// The name of the built-in.
    pub const fn builtin(&self) -> &'static str {
        match self {
            ComposeKind::Call { .. } => "ipcmm.call",
            ComposeKind::Include { .. } => "ipcmm.include",
            ComposeKind::Import { .. } => "ipcmm.import",
        }
    }
}

/// When a value is known, as the source demands it.
#[derive(Clone, Debug)]
pub enum Stage {
    /// At build, or it is an error.
    Static,
    /// On the node, with this type, and with this condition that it is too large.
    Dynamic(&'static Type, Option<Located>),
}

/// The type as one that outlives the build. Each different type is kept once, for as long as the process runs.
pub fn kept(ty: Type) -> &'static Type {
    static KEPT: OnceLock<Mutex<FxHashSet<&'static Type>>> = OnceLock::new();
    let mut kept = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match kept.get(&ty) {
        Some(known) => known,
        None => {
            let new: &'static Type = Box::leak(Box::new(ty));
            kept.insert(new);
            new
        }
    }
}
