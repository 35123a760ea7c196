//! Walks over lists: comprehensions, and functions that take lambdas. A lambda is the body of a loop.

use super::Compiler;
use crate::graph::Expr;
use crate::signatures;
use ipcmm_bytecode::operand::{Reg, Span as Registers, Target};
use ipcmm_bytecode::{Function, Op, Value};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;

/// A loop under way.
struct Loop {
    /// The element at hand.
    element: Reg,
    /// Where the next element is taken.
    again: Target,
    /// The op that takes it, whose end is set last.
    next: usize,
}

impl Compiler {
    /// Begins a loop over the list in `source`.
    fn begin(&mut self, source: Reg, span: Span) -> Result<Loop, Span> {
        let (i, element) = (self.reserve(span)?, self.reserve(span)?);
        let k = self.constant(Value::Int(0));
        self.op(Op::Load { dst: i, k }, span);
        let again = self.here();
        let next = self.jump(Op::Next { dst: element, list: source, i, done: Target(0) }, span);
        Ok(Loop { element, again, next })
    }

    /// Ends a loop: what comes next is done when no element is left.
    fn end(&mut self, begun: &Loop, span: Span) {
        self.op(Op::Jump { to: begun.again }, span);
        self.land(begun.next);
    }

    /// A register with an empty list in it.
    fn empty(&mut self, span: Span) -> Result<Reg, Span> {
        let list = self.reserve(span)?;
        let k = self.constant(Value::list(Vec::new()));
        self.op(Op::Load { dst: list, k }, span);
        Ok(list)
    }

    fn load(&mut self, dst: Reg, value: Value, span: Span) {
        let k = self.constant(value);
        self.op(Op::Load { dst, k }, span);
    }

    /// Compiles the body of a lambda into `dst`, with its parameters in registers.
    fn body(&mut self, body: &Expr, params: &[Reg], dst: Reg) -> Result<(), Span> {
        let bound = self.locals.len();
        self.locals.extend_from_slice(params);
        self.expr(body, dst)?;
        self.locals.truncate(bound);
        Ok(())
    }

    /// What a lambda gives for each element of the list in `source`, as a list in `out`.
    fn results(&mut self, source: Reg, lambda: &Expr, out: Reg, span: Span) -> Result<(), Span> {
        let used = self.used;
        self.load(out, Value::list(Vec::new()), span);
        let walk = self.begin(source, span)?;
        let item = self.reserve(span)?;
        self.body(lambda, &[walk.element], item)?;
        self.op(Op::Push { list: out, item }, lambda.span);
        self.end(&walk, span);
        self.used = used;
        Ok(())
    }

    /// A function that takes lambdas. Loops are written out; others are called with the results of their lambdas.
    pub(super) fn walk(&mut self, function: Function, args: &[Expr], dst: Reg, span: Span) -> Result<(), Span> {
        let source = self.reserve(span)?;
        let (list, rest) = args.split_first().ok_or(span)?;
        self.expr(list, source)?;
        let (last, _) = rest.split_last().ok_or(span)?;
        match function {
            Function::Map => {
                let out = self.reserve(span)?;
                self.results(source, last, out, span)?;
                self.op(Op::Move { dst, src: out }, span);
            }
            Function::Filter | Function::Count => {
                let out = self.filtered(source, last, span)?;
                let args = Registers { start: out.0, count: 1 };
                self.op(
                    match function {
                        Function::Count => Op::Call { dst, func: Function::Len, args },
                        _ => Op::Move { dst, src: out },
                    },
                    span,
                );
            }
            Function::Any | Function::All | Function::Find => self.search(function, source, last, dst, span)?,
            Function::Fold => {
                let total = self.reserve(span)?;
                self.expr(&rest[0], total)?;
                let walk = self.begin(source, span)?;
                let fresh = self.reserve(span)?;
                self.body(last, &[total, walk.element], fresh)?;
                self.op(Op::Move { dst: total, src: fresh }, span);
                self.end(&walk, span);
                self.op(Op::Move { dst, src: total }, span);
            }
            _ => {
                // A map is walked as the list of its entries.
                if matches!(signatures::function(function).1, [Type::Map(_), ..]) {
                    let args = Registers { start: source.0, count: 1 };
                    self.op(Op::Call { dst: source, func: Function::ToPairs, args }, span);
                }
                // The list stands in the register before those of the results, so that all are arguments.
                let first = source.0;
                let results: Vec<Reg> = rest.iter().map(|_| self.reserve(span)).collect::<Result<_, _>>()?;
                for (lambda, out) in rest.iter().zip(results) {
                    self.results(source, lambda, out, span)?;
                }
                let args = Registers { start: first, count: args.len() as u8 };
                self.op(Op::Call { dst, func: function, args }, span);
            }
        }
        Ok(())
    }

    fn filtered(&mut self, source: Reg, condition: &Expr, span: Span) -> Result<Reg, Span> {
        let out = self.empty(span)?;
        let walk = self.begin(source, span)?;
        let holds = self.reserve(span)?;
        self.body(condition, &[walk.element], holds)?;
        self.op(Op::JumpUnless { cond: holds, to: walk.again }, condition.span);
        self.op(Op::Push { list: out, item: walk.element }, span);
        self.end(&walk, span);
        Ok(out)
    }

    /// `any`, `all` and `find`: the loop ends at the first element that decides.
    fn search(&mut self, function: Function, source: Reg, condition: &Expr, dst: Reg, span: Span) -> Result<(), Span> {
        let found = self.reserve(span)?;
        let walk = self.begin(source, span)?;
        let holds = self.reserve(span)?;
        self.body(condition, &[walk.element], holds)?;
        let (on, otherwise) = match function {
            Function::All => (Op::JumpIf { cond: holds, to: walk.again }, Value::Bool(true)),
            Function::Any => (Op::JumpUnless { cond: holds, to: walk.again }, Value::Bool(false)),
            _ => (Op::JumpUnless { cond: holds, to: walk.again }, Value::Null),
        };
        self.op(on, condition.span);
        match function {
            Function::Any | Function::All => self.load(found, Value::Bool(function == Function::Any), span),
            _ => self.op(Op::Move { dst: found, src: walk.element }, span),
        }
        let decided = self.jump(Op::Jump { to: Target(0) }, span);
        self.land(walk.next);
        self.load(found, otherwise, span);
        self.land(decided);
        self.op(Op::Move { dst, src: found }, span);
        Ok(())
    }

    pub(super) fn comprehension(
        &mut self,
        body: &Expr,
        pair: bool,
        list: &Expr,
        condition: Option<&Expr>,
        dst: Reg,
        span: Span,
    ) -> Result<(), Span> {
        let source = self.reserve(span)?;
        self.expr(list, source)?;
        let out = self.empty(span)?;
        let walk = self.begin(source, span)?;
        let bound = self.locals.len();
        if pair {
            let (key, value) = (self.reserve(span)?, self.reserve(span)?);
            let (k, v) = (self.text("key"), self.text("value"));
            self.op(Op::Field { dst: key, obj: walk.element, k }, span);
            self.op(Op::Field { dst: value, obj: walk.element, k: v }, span);
            self.locals.extend([key, value]);
        } else {
            self.locals.push(walk.element);
        }
        let item = self.reserve(span)?;
        if let Some(condition) = condition {
            self.expr(condition, item)?;
            self.op(Op::JumpUnless { cond: item, to: walk.again }, condition.span);
        }
        self.expr(body, item)?;
        self.op(Op::Push { list: out, item }, body.span);
        self.end(&walk, span);
        self.op(Op::Move { dst, src: out }, span);
        self.locals.truncate(bound);
        Ok(())
    }
}
