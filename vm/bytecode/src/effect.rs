//! What a piece of work may do to the host.

/// The effect class of an op, a function or a built-in. Ordered: a later class includes the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Computes only.
    None,
    /// Looks at the host and leaves it as it is.
    Read,
    /// May change the host. A dry run never executes it.
    Change,
}

impl Effect {
    /// The word used in tables, dumps and documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::None => "none",
            Effect::Read => "read",
            Effect::Change => "change",
        }
    }
}
