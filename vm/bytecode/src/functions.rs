//! The functions an expression can call: pure ones (the VM computes them, at build or on the node)
//! and probes (effect `read`, answered by the host, allowed in guards).
//!
//! A parameter `(T) -> U` takes a lambda in sources. What reaches the machine is the list of its results for the
//! elements of the first argument, or for the entries of a map. Those of the family [`Family::Loops`] are loops: the compiler writes them out, and no
//! code calls them. A parameter that may be null may be left out.

#[macro_use]
mod values;
#[macro_use]
mod text;
#[macro_use]
mod lists;
#[macro_use]
mod sets;
#[macro_use]
mod maps;
#[macro_use]
mod numbers;
#[macro_use]
mod patterns;
#[macro_use]
mod paths;
#[macro_use]
mod addresses;
#[macro_use]
mod versions;
#[macro_use]
mod times;
#[macro_use]
mod hashes;
#[macro_use]
mod encodings;
#[macro_use]
mod random;
#[macro_use]
mod loops;
#[macro_use]
mod probes;

use crate::Effect;

/// Calls `$m!` with every family: its name, title, doc, and rows of frozen number, variant, name, parameters, result
/// type, effect, doc and an example `call => value` that runs as a test (probes have none: their answer depends on
/// the host). Each family stands in its file and hands all rows so far on to the next.
macro_rules! for_each_function {
    ($m:ident) => {
        values! { $m [
            text lists sets maps numbers patterns paths addresses versions
            times hashes encodings random loops probes
            end
        ] }
    };
}

/// Ends the chain of families.
macro_rules! end {
    ($m:ident [] $($families:tt)*) => { $m! { $($families)* } };
}

/// One row of the function table, as data. Types are written in the type language of sources.
#[derive(Clone, Copy, Debug)]
pub struct FunctionRow {
    /// The function.
    pub function: Function,
    /// Name in sources.
    pub name: &'static str,
    /// Parameter names and types.
    pub params: &'static [(&'static str, &'static str)],
    /// Type of the result.
    pub returns: &'static str,
    /// `None` or `Read`.
    pub effect: Effect,
    /// One sentence.
    pub doc: &'static str,
    /// An example and what it evaluates to, both as expressions; empty for probes.
    pub example: (&'static str, &'static str),
}

/// Functions that belong together.
#[derive(Clone, Copy, Debug)]
pub struct FamilyRow {
    /// Heading.
    pub title: &'static str,
    /// One sentence or two.
    pub doc: &'static str,
    /// How many rows of [`TABLE`] it has; families follow each other there.
    pub count: usize,
}

macro_rules! define_functions {
    ($($family:ident $title:literal $about:literal {
        $($num:literal $variant:ident $name:literal ($($param:ident: $ty:literal),*) -> $ret:literal [$effect:ident] $doc:literal $example:literal $value:literal;)*
    })*) => {
        /// A function of the expression language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Function { $($(#[doc = $doc] $variant = $num,)*)* }

        /// The functions of each family, so that who carries out a family has an arm for each of its functions.
        pub mod family {
            $(
                #[doc = $about]
                #[derive(Clone, Copy, Debug, PartialEq, Eq)]
                pub enum $family { $(#[doc = $doc] $variant,)* }
            )*
        }

        /// A function as one of its family.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Family { $(#[doc = $title] $family(family::$family),)* }

        /// All rows, family by family.
        pub const TABLE: &[FunctionRow] = &[$($(FunctionRow {
            function: Function::$variant,
            name: $name,
            params: &[$((stringify!($param), $ty)),*],
            returns: $ret,
            effect: Effect::$effect,
            doc: $doc,
            example: ($example, $value),
        }),*),*];

        /// All families in the order of [`TABLE`].
        pub const FAMILIES: &[FamilyRow] = &[$(FamilyRow {
            title: $title,
            doc: $about,
            count: [$($num),*].len(),
        }),*];

        /// Where a function stands in [`TABLE`].
        enum Row { $($($variant,)*)* }

        impl Function {
            /// Frozen number.
            pub const fn number(self) -> u16 { self as u16 }

            /// The function of a frozen number.
            pub const fn from_number(number: u16) -> Option<Function> {
                match number { $($($num => Some(Function::$variant),)*)* _ => None }
            }

            /// Name in sources.
            pub fn name(self) -> &'static str { self.row().name }

            /// The function of a source name.
            pub fn from_name(name: &str) -> Option<Function> {
                match name { $($($name => Some(Function::$variant),)*)* _ => None }
            }

            /// What it may do to the host.
            pub fn effect(self) -> Effect { self.row().effect }

            /// The function as one of its family.
            pub const fn family(self) -> Family {
                match self { $($(Function::$variant => Family::$family(family::$family::$variant),)*)* }
            }

            /// Whether the compiler writes it out as a loop, so that no code calls it.
            pub const fn is_loop(self) -> bool { matches!(self.family(), Family::Loops(_)) }

            /// Where it stands in [`TABLE`].
            pub const fn position(self) -> usize {
                match self { $($(Function::$variant => Row::$variant as usize,)*)* }
            }

            /// The row of this function.
            pub fn row(self) -> &'static FunctionRow { &TABLE[self.position()] }
        }
    };
}
for_each_function!(define_functions);
