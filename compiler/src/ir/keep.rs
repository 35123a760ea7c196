//! Keywords of a task that neither order it nor belong to its body, and names of `context`.

use super::{Control, Typed};
use ipcmm_grammar::ast::Span;

/// What a task says of itself.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// `lane`, and where it is written.
    pub lane: Option<(String, Span)>,
    /// `max`, and where it is written.
    pub max: Option<(u32, Span)>,
    /// `test`: it is a dry run, whatever the run is.
    pub test: Option<bool>,
    /// `moved_from`, and where it is written.
    pub moved_from: Option<(String, Span)>,
    /// Keywords of the label that are computed: known when `expand` is done.
    pub late: Vec<super::setting::Late>,
}

/// A name of `context`.
#[derive(Clone, Debug)]
pub struct ContextName {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What it stands for.
    pub value: Typed,
}

impl Control {
    /// Whether the body is done several times, so that the data of the result are a list.
    pub const fn is_looped(&self) -> bool {
        self.loop_in.is_some() || self.loop_if.is_some() || self.loop_until.is_some()
    }

    /// Whether a condition or a loop decides if the body is done at all.
    pub const fn is_guarded(&self) -> bool {
        self.when.is_some()
            || !self.onlyif.is_empty()
            || !self.unless.is_empty()
            || self.loop_in.is_some()
            || self.loop_if.is_some()
    }
}
