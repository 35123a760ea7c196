//! The op table. Enum, codec, verifier bounds, listing and the generated page come from it.
//!
//! Numbers are frozen: a row that is no longer emitted stays and closes the list under `retired`.
//! Notation: `R[x]` a register, `K[x]` a constant, `pc` the next op.

use crate::operand::{Bounds, Chunk, Const, Operand, Reg, Span, Target, Task};
use crate::{Effect, Fault, FaultKind, Function, Slot};
use std::fmt;

/// Calls `$m!` with every op: doc line (its equation), frozen number, mnemonic, variant, operands, effect.
#[macro_export]
macro_rules! for_each_op {
    ($m:ident) => {
        $m! {
            /// R[dst] := K[k]
            0x01 load = Load { dst: Reg, k: Const } [None];
            /// R[dst] := R[src]
            0x02 mov = Move { dst: Reg, src: Reg } [None];
            /// R[dst] := context slot (item, key, index, attempt, result)
            0x03 slot = Slot { dst: Reg, slot: Slot } [None];
            /// R[dst] := fact at path K[k]; faults if the node does not know it
            0x04 fact = Fact { dst: Reg, k: Const } [None];
            /// R[dst] := result record of task T
            0x05 result = Result { dst: Reg, task: Task } [None];
            /// R[dst] := the secret at the address K[k], fetched at most once in a run; faults if it cannot be had
            0x06 secret = Secret { dst: Reg, k: Const } [None];

            /// R[dst] := R[obj].K[k]; faults without such a key
            0x10 field = Field { dst: Reg, obj: Reg, k: Const } [None];
            /// R[dst] := R[obj]?.K[k]; null if R[obj] is null or has no such key
            0x11 field_opt = FieldOpt { dst: Reg, obj: Reg, k: Const } [None];
            /// R[dst] := R[obj][R[key]]; faults without such an element; a negative index counts from the end
            0x12 index = Index { dst: Reg, obj: Reg, key: Reg } [None];
            /// R[dst] := R[obj]?[R[key]]; null if R[obj] is null or has no such element
            0x13 index_opt = IndexOpt { dst: Reg, obj: Reg, key: Reg } [None];
            /// R[dst] := [R[items]…]
            0x14 list = List { dst: Reg, items: Span } [None];
            /// R[dst] := {R[k0]: R[v0], …}, keys and values alternate; a later key replaces an earlier one
            0x15 map = Map { dst: Reg, entries: Span } [None];
            /// R[dst] := R[lo]..R[hi], both ends included
            0x16 range = Range { dst: Reg, lo: Reg, hi: Reg } [None];
            /// R[dst] := text of all R[parts] joined
            0x17 concat = Concat { dst: Reg, parts: Span } [None];
            /// append R[item] to the list R[list]
            0x18 push = Push { list: Reg, item: Reg } [None];
            /// if R[i] is past the end of R[list] then pc := done else R[dst] := R[list][R[i]], R[i] := R[i] + 1
            0x19 next = Next { dst: Reg, list: Reg, i: Reg, done: Target } [None];

            /// pc := to
            0x20 jump = Jump { to: Target } [None];
            /// if R[cond] then pc := to; if R[cond] is unknown, the evaluation ends with unknown
            0x21 jump_if = JumpIf { cond: Reg, to: Target } [None];
            /// if not R[cond] then pc := to; if R[cond] is unknown, the evaluation ends with unknown
            0x22 jump_unless = JumpUnless { cond: Reg, to: Target } [None];
            /// if R[src] is not null then pc := to
            0x23 jump_some = JumpSome { src: Reg, to: Target } [None];
            /// the evaluation ends with R[src]
            0x24 ret = Return { src: Reg } [None];
            /// the evaluation faults: no arm of a match fits R[src]
            0x25 no_match = NoMatch { src: Reg } [None];

            /// R[dst] := R[a] + R[b]: numbers, durations, texts, lists
            0x30 add = Add { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] - R[b]
            0x31 sub = Sub { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] * R[b]
            0x32 mul = Mul { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] / R[b], exact: a float
            0x33 div = Div { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] // R[b], rounded towards minus infinity
            0x34 floordiv = FloorDiv { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] % R[b], with the sign of R[b]
            0x35 rem = Rem { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := -R[a]
            0x36 neg = Neg { dst: Reg, a: Reg } [None];
            /// R[dst] := not R[a]
            0x37 not = Not { dst: Reg, a: Reg } [None];

            /// R[dst] := R[a] == R[b]
            0x40 eq = Eq { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] != R[b]
            0x41 ne = Ne { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] < R[b]
            0x42 lt = Lt { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] <= R[b]
            0x43 le = Le { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := R[a] in R[b]: element of a list, key of a map, part of a text, member of a range
            0x44 contains = In { dst: Reg, a: Reg, b: Reg } [None];
            /// R[dst] := the regular expression R[b] is found in R[a]
            0x45 matches = Matches { dst: Reg, a: Reg, b: Reg } [None];
            /// faults unless R[a] is a bool; unknown passes
            0x46 want_bool = WantBool { a: Reg } [None];
            /// faults unless R[a] is of the shape K[k]; unknown passes
            0x47 want = Want { a: Reg, k: Const } [None];

            /// R[dst] := function(R[args]…)
            0x50 call = Call { dst: Reg, func: Function, args: Span } [None];
            /// R[dst] := what the host answers to function(R[args]…)
            0x51 probe = Probe { dst: Reg, func: Function, args: Span } [Read];
            /// R[dst] := what chunk C returns, run with registers of its own whose first are R[args]…
            0x52 invoke = Invoke { dst: Reg, chunk: Chunk, args: Span } [None];
        }
    };
}

/// One row of the op table, as data.
#[derive(Clone, Copy, Debug)]
pub struct OpRow {
    /// Frozen number: the first byte of the encoded op.
    pub number: u8,
    /// Mnemonic of the assembler.
    pub name: &'static str,
    /// Operand names and kinds in order.
    pub operands: &'static [(&'static str, &'static str)],
    /// What it may do to the host.
    pub effect: Effect,
    /// The equation.
    pub doc: &'static str,
}

macro_rules! define_ops {
    ($(#[doc = $doc:literal] $num:literal $name:ident = $variant:ident { $($arg:ident: $kind:ty),* } [$effect:ident];)*) => {
        /// A decoded op.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "operands are described by the equation of their op")]
        pub enum Op { $(#[doc = $doc] $variant { $($arg: $kind),* },)* }

        /// All rows in numeric order.
        pub const TABLE: &[OpRow] = &[$(OpRow {
            number: $num,
            name: stringify!($name),
            operands: &[$((stringify!($arg), <$kind as Operand>::KIND)),*],
            effect: Effect::$effect,
            doc: $doc.trim_ascii(),
        }),*];

        impl Op {
            /// Appends the encoded op.
            pub fn encode(self, out: &mut Vec<u8>) {
                match self { $(Op::$variant { $($arg),* } => {
                    out.push($num);
                    $($arg.encode(out);)*
                })* }
            }

            /// Reads the op at `*pos` and moves `*pos` behind it.
            pub fn decode(code: &[u8], pos: &mut usize) -> Result<Op, Fault> {
                let number = crate::operand::get_byte(code, pos)?;
                match number {
                    $($num => Ok(Op::$variant { $($arg: Operand::decode(code, pos)?),* }),)*
                    _ => Err(Fault::new(FaultKind::BadOp, format!("no op has number {number:#04x}"))),
                }
            }

            /// Whether every operand stays within `bounds`.
            pub fn check(self, bounds: &Bounds) -> bool {
                match self { $(Op::$variant { $($arg),* } => true $(&& $arg.check(bounds))*,)* }
            }

            /// Where this op may jump to.
            pub fn target(self) -> Option<u32> {
                match self { $(Op::$variant { $($arg),* } => None::<u32>$(.or($arg.target()))*,)* }
            }

            /// The row this op belongs to.
            pub fn row(self) -> &'static OpRow {
                // The discriminants of a match follow the table, so the place in TABLE is the place in the list.
                let number: u8 = match self { $(Op::$variant { .. } => $num,)* };
                &TABLE[TABLE.partition_point(|row| row.number < number)]
            }

            /// Reads assembler text: mnemonic and comma-separated operands.
            pub fn parse(name: &str, operands: &[&str]) -> Option<Op> {
                match name {
                    $(stringify!($name) => {
                        let mut rest = operands.iter();
                        let op = Op::$variant { $($arg: <$kind as Operand>::parse(rest.next()?)?),* };
                        rest.next().is_none().then_some(op)
                    })*
                    _ => None,
                }
            }
        }

        impl fmt::Display for Op {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self { $(Op::$variant { $($arg),* } => {
                    f.write_str(stringify!($name))?;
                    let mut separator = " ";
                    $(
                        f.write_str(separator)?;
                        $arg.print(f)?;
                        #[allow(unused_assignments)]
                        { separator = ", "; }
                    )*
                    let _ = separator;
                    Ok(())
                })* }
            }
        }
    };
}
for_each_op!(define_ops);

impl Op {
    /// Whether control never reaches the op behind this one.
    pub fn ends(self) -> bool {
        matches!(self, Op::Jump { .. } | Op::Return { .. } | Op::NoMatch { .. })
    }
}
