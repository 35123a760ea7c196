//! What an expression can see in its place.

use super::narrow::Known;
use crate::source::FileId;
use ipcmm_bytecode::Effect;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use std::borrow::Cow;

/// What a task gives all its places.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// Types of `item` and `key`, inside a loop.
    pub item: Option<(Type, Type)>,
    /// Whether the body is done in rounds.
    pub round: bool,
    /// What `when` says.
    pub present: Vec<Known>,
}

/// A name bound by the expression around: of a comprehension, a lambda, or a parameter.
#[derive(Clone, Debug)]
pub(super) struct Local {
    /// The name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Why it has the type, for messages: a place and what is there.
    pub origin: Option<(FileId, Span, String)>,
}

/// The names of a place.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The keyword or argument, for messages.
    pub place: Cow<'static, str>,
    /// The most the expression may do to the host.
    pub admits: Effect,
    /// Type of `item` and `key`, inside a loop.
    pub item: Option<(Type, Type)>,
    /// Whether `round` is known.
    pub round: bool,
    /// Whether `attempt` is known.
    pub attempt: bool,
    /// Whether this is a condition over `event`.
    pub event: bool,
    /// Type of `result`, where a body has just returned.
    pub result: Option<Type>,
    /// Names bound around, outermost first.
    pub locals: Vec<Local>,
    /// How many of them cannot be seen here: a lambda with a name sees none of who uses it.
    pub hidden: usize,
    /// Whether this is the body of a function, which sees its parameters only.
    pub function: bool,
    /// What conditions around say.
    pub present: Vec<Known>,
}

impl Scope {
    /// A place with no names of its own.
    pub fn new(place: impl Into<Cow<'static, str>>, given: &Given) -> Scope {
        Scope {
            place: place.into(),
            admits: Effect::None,
            item: given.item.clone(),
            round: given.round,
            attempt: false,
            event: false,
            result: None,
            locals: Vec::new(),
            hidden: 0,
            function: false,
            present: given.present.clone(),
        }
    }

    /// The same place where the host may be asked.
    pub fn reading(mut self) -> Scope {
        self.admits = Effect::Read;
        self
    }

    /// The same place during an attempt.
    pub fn in_attempt(mut self) -> Scope {
        self.attempt = true;
        self
    }

    /// The same place after the body returned.
    pub fn with_result(mut self, ty: Type) -> Scope {
        self.result = Some(ty);
        self
    }
}
