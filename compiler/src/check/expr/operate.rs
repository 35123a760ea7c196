//! Operators.

use super::{Walk, tainted};
use crate::check::narrow;
use crate::check::operators::{comparable, comparison, operation, widened};
use crate::check::types::{common, is_number, is_open, is_text};
use crate::diag::{Code, Diagnostic};
use crate::graph::{Expr, ExprKind};
use ipcmm_bytecode::{Function, Value};
use ipcmm_grammar::ast::{self, BinaryOp, Span, UnaryOp};
use ipcmm_grammar::types::Type;

impl Walk<'_, '_, '_> {
    pub(super) fn unary(&mut self, op: UnaryOp, a: &ast::Expr, span: Span) -> Expr {
        let a = self.expr(a);
        let plain = a.ty.revealed();
        let ty = match op {
            UnaryOp::Not if self.typing.want_bool(&a, "`not`") => a.ty.clone(),
            UnaryOp::Not => return Expr::error(self.place(span)),
            UnaryOp::Neg if is_number(&plain) || plain == Type::Duration || is_open(&plain) => a.ty.clone(),
            UnaryOp::Neg => {
                let problem = self.problem(Code::BadOperands, span, format!("`-` does not work on {}", a.ty));
                return self.fail(span, problem);
            }
        };
        self.node(ExprKind::Unary(op, Box::new(a)), ty, span)
    }

    pub(super) fn binary(&mut self, op: BinaryOp, a: &ast::Expr, b: &ast::Expr, span: Span) -> Expr {
        let known = match op {
            BinaryOp::And => narrow::present(a, true),
            BinaryOp::Or => narrow::present(a, false),
            _ => Vec::new(),
        };
        let (a, b) = (self.expr(a), self.where_known(b, known));
        let (left, right) = (a.ty.revealed(), b.ty.revealed());
        let ty = match op {
            BinaryOp::And | BinaryOp::Or => {
                let place = format!("`{}`", op.symbol());
                let fits = self.typing.want_bool(&a, &place);
                if !self.typing.want_bool(&b, &place) || !fits {
                    return Expr::error(self.place(span));
                }
                Some(Type::Bool)
            }
            BinaryOp::Coalesce => Some(match a.ty {
                Type::Null => b.ty.clone(),
                _ => common(&widened(&a.ty.without_null()), &widened(&b.ty)),
            }),
            BinaryOp::Eq | BinaryOp::Ne => {
                if let Some(compared) = self.by_meaning(op, &a, &b, span) {
                    return compared;
                }
                comparable(&left, &right).then_some(Type::Bool)
            }
            _ => {
                for side in [&a, &b] {
                    if side.ty.admits_null() && !is_open(&side.ty) {
                        let message = format!("`{}`: this may be null", op.symbol());
                        let problem = Diagnostic::new(Code::PossiblyNull, self.typing.file, side.span, message);
                        return self.fail(span, problem.help("give a default with `??`"));
                    }
                }
                if op == BinaryOp::Matches && !self.refined(&b, &Type::Regex, "`matches`") {
                    return Expr::error(self.place(span));
                }
                if let Some(compared) = self.by_meaning(op, &a, &b, span) {
                    return compared;
                }
                operation(op, &left, &right)
            }
        };
        match ty {
            Some(ty) => {
                let ty = tainted(ty, &[&a, &b]);
                self.node(ExprKind::Binary(op, Box::new(a), Box::new(b)), ty, span)
            }
            None => self.bad_operands(op, &a, &b, span),
        }
    }

    /// Versions and addresses are compared by what they mean, and an address is looked for in a network. `None` if the
    /// operator works on the texts.
    fn by_meaning(&mut self, op: BinaryOp, a: &Expr, b: &Expr, span: Span) -> Option<Expr> {
        let (left, right) = (a.ty.revealed(), b.ty.revealed());
        if let (BinaryOp::In | BinaryOp::NotIn, Type::Cidr) = (op, &right) {
            if !left.fits(&Type::Ip) || is_open(&left) {
                return (!is_open(&left)).then(|| self.bad_operands(op, a, b, span));
            }
            if !self.refined(a, &Type::Ip, "`in`") {
                return Some(Expr::error(self.place(span)));
            }
            let ty = tainted(Type::Bool, &[a, b]);
            let within = self.node(ExprKind::Call(Function::IpWithin, vec![a.clone(), b.clone()]), ty.clone(), span);
            return Some(match op {
                BinaryOp::NotIn => self.node(ExprKind::Unary(UnaryOp::Not, Box::new(within)), ty, span),
                _ => within,
            });
        }
        let compares =
            matches!(op, BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge);
        let has_meaning = |ty: &Type| matches!(ty, Type::Semver | Type::Ip);
        if !compares || !has_meaning(&left) && !has_meaning(&right) || is_open(&left) || is_open(&right) {
            return None;
        }
        let Some(function) = comparison(&left, &right) else {
            let null = left.admits_null() || right.admits_null();
            return (!null).then(|| self.bad_operands(op, a, b, span));
        };
        let wanted = if function == Function::SemverCompare { Type::Semver } else { Type::Ip };
        let place = format!("`{}`", op.symbol());
        if !self.refined(a, &wanted, &place) || !self.refined(b, &wanted, &place) {
            return Some(Expr::error(self.place(span)));
        }
        let order = self.node(ExprKind::Call(function, vec![a.clone(), b.clone()]), Type::Int, span);
        let zero = self.constant(Value::Int(0), Type::Int, span);
        let ty = tainted(Type::Bool, &[a, b]);
        Some(self.node(ExprKind::Binary(op, Box::new(order), Box::new(zero)), ty, span))
    }

    fn bad_operands(&mut self, op: BinaryOp, a: &Expr, b: &Expr, span: Span) -> Expr {
        let message = format!("`{}` does not work on {} and {}", op.symbol(), a.ty, b.ty);
        let mut problem = self.problem(Code::BadOperands, span, message);
        for side in [a, b] {
            for (file, place, why) in self.origin(side) {
                problem = problem.label(file, place, why);
            }
        }
        let meaning = |ty: &Type| matches!(ty, Type::Semver | Type::Ip | Type::Cidr);
        if let Some(ty) = [&a.ty, &b.ty].into_iter().find(|ty| meaning(ty)) {
            let ty = if op == BinaryOp::In || op == BinaryOp::NotIn { &Type::Ip } else { ty };
            problem = problem.help(format!("`{ty}(…)` makes one of a text"));
        } else if op == BinaryOp::Add && (is_text(&a.ty) || is_text(&b.ty)) {
            problem = problem.help("`str(…)` makes a text of a value");
        } else if is_text(&a.ty) && is_number(&b.ty) || is_number(&a.ty) && is_text(&b.ty) {
            problem = problem.help("a number in quotes is a text; `int(…)` or `float(…)` makes a number of one");
        }
        self.fail(span, problem)
    }
}
