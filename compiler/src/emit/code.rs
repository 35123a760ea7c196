//! Expressions become ops. Registers are handed out like a stack: an expression leaves its value in the register it
//! is told, and everything above is free again. Walks over lists are in `walk`.

mod walk;

use crate::graph::{Expr, ExprKind};
use ipcmm_bytecode::operand::{Chunk, Const, Reg, Span as Registers, Target, Task};
use ipcmm_bytecode::{Effect, Function, Op, Value, limits};
use ipcmm_grammar::ast::{BinaryOp, Span, UnaryOp};

/// An expression as ops over its own constants.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Encoded ops, with the numbers of `constants`.
    pub code: Vec<u8>,
    /// Registers they use.
    pub registers: u16,
    /// Their constants.
    pub constants: Vec<Value>,
    /// Facts they read.
    pub facts: Vec<&'static str>,
    /// Functions of sources they call.
    pub functions: Vec<u32>,
    ops: Vec<(Op, Span)>,
}

/// Ops with the constants of a bundle.
#[derive(Clone, Debug)]
pub struct Linked {
    /// Encoded ops.
    pub code: Vec<u8>,
    /// Where each op comes from.
    pub places: Vec<(u32, Span)>,
}

impl Compiled {
    /// The same ops with constants numbered by `number`, and `chunk` saying which chunk a function is.
    pub fn link(&self, number: &mut dyn FnMut(&Value) -> u32, chunk: &dyn Fn(u32) -> u32) -> Linked {
        let numbers: Vec<u32> = self.constants.iter().map(number).collect();
        let renumber = |k: Const| Const(numbers[k.0 as usize]);
        let ops: Vec<Op> = self
            .ops
            .iter()
            .map(|(op, _)| match *op {
                Op::Load { dst, k } => Op::Load { dst, k: renumber(k) },
                Op::Want { a, k } => Op::Want { a, k: renumber(k) },
                Op::Invoke { dst, chunk: function, args } => Op::Invoke { dst, chunk: Chunk(chunk(function.0)), args },
                Op::Fact { dst, k } => Op::Fact { dst, k: renumber(k) },
                Op::Secret { dst, k } => Op::Secret { dst, k: renumber(k) },
                Op::Field { dst, obj, k } => Op::Field { dst, obj, k: renumber(k) },
                Op::FieldOpt { dst, obj, k } => Op::FieldOpt { dst, obj, k: renumber(k) },
                other => other,
            })
            .collect();
        let (code, starts) = assemble(&ops);
        let places = starts.iter().copied().zip(self.ops.iter().map(|(_, span)| *span)).collect();
        Linked { code, places }
    }
}

/// Encodes ops whose targets are op numbers; gives the bytes and where each op starts. Lengths of jumps depend on the
/// places they jump to and the other way round, so places grow until they fit.
fn assemble(ops: &[Op]) -> (Vec<u8>, Vec<u32>) {
    let mut starts: Vec<u32> = vec![0; ops.len() + 1];
    loop {
        let mut code = Vec::with_capacity(ops.len() * 4);
        let mut fresh = Vec::with_capacity(ops.len() + 1);
        for op in ops {
            fresh.push(code.len() as u32);
            retarget(*op, &|to| starts[to as usize]).encode(&mut code);
        }
        fresh.push(code.len() as u32);
        if fresh == starts {
            fresh.pop();
            return (code, fresh);
        }
        starts = fresh;
    }
}

fn retarget(op: Op, place: &dyn Fn(u32) -> u32) -> Op {
    let at = |to: Target| Target(place(to.0));
    match op {
        Op::Jump { to } => Op::Jump { to: at(to) },
        Op::JumpIf { cond, to } => Op::JumpIf { cond, to: at(to) },
        Op::JumpUnless { cond, to } => Op::JumpUnless { cond, to: at(to) },
        Op::JumpSome { src, to } => Op::JumpSome { src, to: at(to) },
        Op::Next { dst, list, i, done } => Op::Next { dst, list, i, done: at(done) },
        other => other,
    }
}

/// Compiles an expression. The error is the place where it needs too many registers.
pub fn compile(expr: &Expr) -> Result<Compiled, Span> {
    compile_function(expr, 0)
}

/// Compiles the body of a function, whose parameters are its first registers.
pub fn compile_function(expr: &Expr, params: usize) -> Result<Compiled, Span> {
    let mut compiler = Compiler::default();
    for _ in 0..params {
        let register = compiler.reserve(expr.span)?;
        compiler.locals.push(register);
    }
    let result = compiler.reserve(expr.span)?;
    compiler.expr(expr, result)?;
    compiler.op(Op::Return { src: result }, expr.span);
    let Compiler { ops, constants, facts, mut functions, most, .. } = compiler;
    functions.sort_unstable();
    functions.dedup();
    let (code, _) = assemble(&ops.iter().map(|(op, _)| *op).collect::<Vec<_>>());
    Ok(Compiled { code, registers: most, constants, facts, functions, ops })
}

#[derive(Default)]
struct Compiler {
    /// Ops with targets as op numbers.
    ops: Vec<(Op, Span)>,
    constants: Vec<Value>,
    facts: Vec<&'static str>,
    functions: Vec<u32>,
    /// Registers of names bound around, outermost first.
    locals: Vec<Reg>,
    /// Registers in use.
    used: u16,
    /// Most registers in use at once.
    most: u16,
}

impl Compiler {
    fn op(&mut self, op: Op, span: Span) {
        self.ops.push((op, span));
    }

    /// Adds a jump whose target is set later; gives its place.
    fn jump(&mut self, op: Op, span: Span) -> usize {
        self.op(op, span);
        self.ops.len() - 1
    }

    /// Lets a jump lead to the next op.
    fn land(&mut self, jump: usize) {
        let here = self.ops.len() as u32;
        self.ops[jump].0 = retarget(self.ops[jump].0, &|_| here);
    }

    fn here(&self) -> Target {
        Target(self.ops.len() as u32)
    }

    fn reserve(&mut self, span: Span) -> Result<Reg, Span> {
        if u32::from(self.used) >= limits::REGISTERS {
            return Err(span);
        }
        let register = Reg(self.used as u8);
        self.used += 1;
        self.most = self.most.max(self.used);
        Ok(register)
    }

    fn constant(&mut self, value: Value) -> Const {
        let number = self.constants.len() as u32;
        self.constants.push(value);
        Const(number)
    }

    fn text(&mut self, text: &str) -> Const {
        self.constant(Value::str(text))
    }

    /// Compiles expressions into consecutive registers.
    fn many<'e>(&mut self, exprs: impl Iterator<Item = &'e Expr>, span: Span) -> Result<Registers, Span> {
        let start = self.used;
        let mut count = 0u16;
        for expr in exprs {
            let register = self.reserve(span)?;
            self.expr(expr, register)?;
            count += 1;
        }
        Ok(Registers { start: start as u8, count: count as u8 })
    }

    fn two(&mut self, a: &Expr, b: &Expr) -> Result<(Reg, Reg), Span> {
        let first = self.reserve(a.span)?;
        self.expr(a, first)?;
        let second = self.reserve(b.span)?;
        self.expr(b, second)?;
        Ok((first, second))
    }

    /// Compiles `expr` so that its value is in `dst`. Registers reserved meanwhile are free again afterwards.
    fn expr(&mut self, expr: &Expr, dst: Reg) -> Result<(), Span> {
        let used = self.used;
        self.expr_inner(expr, dst)?;
        self.used = used;
        Ok(())
    }

    fn expr_inner(&mut self, expr: &Expr, dst: Reg) -> Result<(), Span> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Constant(value) => {
                let k = self.constant(value.clone());
                self.op(Op::Load { dst, k }, span);
            }
            // None of them is ever part of a bundle.
            ExprKind::Error | ExprKind::Unknown => {
                let k = self.constant(Value::Null);
                self.op(Op::Load { dst, k }, span);
            }
            ExprKind::Secret(address) => {
                let k = self.text(address);
                self.op(Op::Secret { dst, k }, span);
            }
            ExprKind::Fact(path) => {
                self.facts.push(path);
                let k = self.text(path);
                self.op(Op::Fact { dst, k }, span);
            }
            ExprKind::Result(task) => self.op(Op::Result { dst, task: Task(*task) }, span),
            ExprKind::Slot(slot) => self.op(Op::Slot { dst, slot: *slot }, span),
            ExprKind::Local(number) => {
                let src = self.locals[*number as usize];
                self.op(Op::Move { dst, src }, span);
            }
            ExprKind::Field(object, name, soft) => {
                self.expr(object, dst)?;
                let k = self.text(name);
                self.op(if *soft { Op::FieldOpt { dst, obj: dst, k } } else { Op::Field { dst, obj: dst, k } }, span);
            }
            ExprKind::Index(object, key, soft) => {
                self.expr(object, dst)?;
                let index = self.reserve(span)?;
                self.expr(key, index)?;
                self.op(
                    if *soft {
                        Op::IndexOpt { dst, obj: dst, key: index }
                    } else {
                        Op::Index { dst, obj: dst, key: index }
                    },
                    span,
                );
            }
            ExprKind::List(items) => self.list(items, dst, span)?,
            ExprKind::Map(entries) => self.map(entries, dst, span)?,
            ExprKind::Range(a, b) => {
                let (lo, hi) = self.two(a, b)?;
                self.op(Op::Range { dst, lo, hi }, span);
            }
            ExprKind::Concat(parts) => {
                let parts = self.many(parts.iter(), span)?;
                self.op(Op::Concat { dst, parts }, span);
            }
            ExprKind::Unary(op, a) => {
                self.expr(a, dst)?;
                self.op(
                    match op {
                        UnaryOp::Not => Op::Not { dst, a: dst },
                        UnaryOp::Neg => Op::Neg { dst, a: dst },
                    },
                    span,
                );
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, dst, span)?,
            ExprKind::Conditional(condition, then, otherwise) => {
                self.expr(condition, dst)?;
                let to_else = self.jump(Op::JumpUnless { cond: dst, to: Target(0) }, span);
                self.expr(then, dst)?;
                let to_end = self.jump(Op::Jump { to: Target(0) }, span);
                self.land(to_else);
                self.expr(otherwise, dst)?;
                self.land(to_end);
            }
            ExprKind::Match(subject, arms) => self.match_(subject, arms, dst, span)?,
            ExprKind::Comprehension { body, pair, list, condition, .. } => {
                self.comprehension(body, *pair, list, condition.as_deref(), dst, span)?;
            }
            ExprKind::Call(function, args) => self.call(*function, args, dst, span)?,
            ExprKind::Walk { function, args, .. } => self.walk(*function, args, dst, span)?,
            ExprKind::Invoke(function, args) => {
                self.functions.push(*function);
                let args = self.many(args.iter(), span)?;
                self.op(Op::Invoke { dst, chunk: Chunk(*function), args }, span);
            }
            ExprKind::Let { value, body, .. } => {
                let register = self.reserve(span)?;
                self.expr(value, register)?;
                self.locals.push(register);
                self.expr(body, dst)?;
                self.locals.pop();
            }
            ExprKind::Want(value, shape) => {
                self.expr(value, dst)?;
                let k = self.constant(shape.clone());
                self.op(Op::Want { a: dst, k }, span);
            }
        }
        Ok(())
    }

    /// Short lists in registers at once, long ones element by element.
    fn list(&mut self, items: &[Expr], dst: Reg, span: Span) -> Result<(), Span> {
        if items.len() <= 16 {
            let items = self.many(items.iter(), span)?;
            self.op(Op::List { dst, items }, span);
            return Ok(());
        }
        let k = self.constant(Value::list(Vec::new()));
        let list = self.reserve(span)?;
        self.op(Op::Load { dst: list, k }, span);
        for item in items {
            let register = self.reserve(span)?;
            self.expr(item, register)?;
            self.op(Op::Push { list, item: register }, item.span);
            self.used -= 1;
        }
        self.op(Op::Move { dst, src: list }, span);
        Ok(())
    }

    /// Short maps in registers at once, long ones part by part.
    fn map(&mut self, entries: &[(String, Expr)], dst: Reg, span: Span) -> Result<(), Span> {
        const PART: usize = 16;
        let merged = Registers { start: self.used as u8, count: 2 };
        let (all, part) = (self.reserve(span)?, self.reserve(span)?);
        let mut parts = entries.chunks(PART);
        self.part(parts.next().unwrap_or(&[]), all, span)?;
        for entries in parts {
            self.part(entries, part, span)?;
            self.op(Op::Call { dst: all, func: Function::Merge, args: merged }, span);
        }
        self.op(Op::Move { dst, src: all }, span);
        Ok(())
    }

    fn part(&mut self, entries: &[(String, Expr)], dst: Reg, span: Span) -> Result<(), Span> {
        let used = self.used;
        for (key, value) in entries {
            let name = self.reserve(span)?;
            let k = self.text(key);
            self.op(Op::Load { dst: name, k }, span);
            let register = self.reserve(span)?;
            self.expr(value, register)?;
        }
        let entries = Registers { start: used as u8, count: (self.used - used) as u8 };
        self.op(Op::Map { dst, entries }, span);
        self.used = used;
        Ok(())
    }

    fn call(&mut self, function: Function, args: &[Expr], dst: Reg, span: Span) -> Result<(), Span> {
        let args = self.many(args.iter(), span)?;
        self.op(
            match function.effect() {
                Effect::None => Op::Call { dst, func: function, args },
                Effect::Read | Effect::Change => Op::Probe { dst, func: function, args },
            },
            span,
        );
        Ok(())
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, dst: Reg, span: Span) -> Result<(), Span> {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                self.expr(a, dst)?;
                let end = match op {
                    BinaryOp::And => self.jump(Op::JumpUnless { cond: dst, to: Target(0) }, span),
                    _ => self.jump(Op::JumpIf { cond: dst, to: Target(0) }, span),
                };
                self.expr(b, dst)?;
                self.op(Op::WantBool { a: dst }, b.span);
                self.land(end);
                return Ok(());
            }
            BinaryOp::Coalesce => {
                self.expr(a, dst)?;
                let end = self.jump(Op::JumpSome { src: dst, to: Target(0) }, span);
                self.expr(b, dst)?;
                self.land(end);
                return Ok(());
            }
            _ => {}
        }
        let (a, b) = self.two(a, b)?;
        self.op(
            match op {
                BinaryOp::Eq => Op::Eq { dst, a, b },
                BinaryOp::Ne => Op::Ne { dst, a, b },
                BinaryOp::Lt => Op::Lt { dst, a, b },
                BinaryOp::Le => Op::Le { dst, a, b },
                BinaryOp::Gt => Op::Lt { dst, a: b, b: a },
                BinaryOp::Ge => Op::Le { dst, a: b, b: a },
                BinaryOp::In | BinaryOp::NotIn => Op::In { dst, a, b },
                BinaryOp::Matches => Op::Matches { dst, a, b },
                BinaryOp::Add => Op::Add { dst, a, b },
                BinaryOp::Sub => Op::Sub { dst, a, b },
                BinaryOp::Mul => Op::Mul { dst, a, b },
                BinaryOp::Div => Op::Div { dst, a, b },
                BinaryOp::FloorDiv => Op::FloorDiv { dst, a, b },
                BinaryOp::Rem => Op::Rem { dst, a, b },
                // Both were compiled above, with jumps.
                BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce => Op::Move { dst, src: a },
            },
            span,
        );
        if op == BinaryOp::NotIn {
            self.op(Op::Not { dst, a: dst }, span);
        }
        Ok(())
    }

    fn match_(&mut self, subject: &Expr, arms: &[(Vec<Value>, Expr)], dst: Reg, span: Span) -> Result<(), Span> {
        let value = self.reserve(span)?;
        self.expr(subject, value)?;
        let mut ends = Vec::new();
        let mut complete = false;
        for (patterns, body) in arms {
            let fits = self.reserve(span)?;
            let pattern = self.reserve(span)?;
            let mut hits = Vec::new();
            for wanted in patterns {
                let k = self.constant(wanted.clone());
                self.op(Op::Load { dst: pattern, k }, body.span);
                self.op(Op::Eq { dst: fits, a: value, b: pattern }, body.span);
                hits.push(self.jump(Op::JumpIf { cond: fits, to: Target(0) }, body.span));
            }
            self.used -= 2;
            let next = (!patterns.is_empty()).then(|| self.jump(Op::Jump { to: Target(0) }, body.span));
            hits.into_iter().for_each(|hit| self.land(hit));
            self.expr(body, dst)?;
            ends.push(self.jump(Op::Jump { to: Target(0) }, body.span));
            match next {
                Some(next) => self.land(next),
                None => {
                    complete = true;
                    break;
                }
            }
        }
        if !complete {
            self.op(Op::NoMatch { src: value }, span);
        }
        ends.into_iter().for_each(|end| self.land(end));
        Ok(())
    }
}
