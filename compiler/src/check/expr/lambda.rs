//! Lambdas: arguments of functions that walk over lists, and lambdas with a name, which are typed where they are used.
//!
//! A lambda is never a value: its body is written out where it is used.

use super::{Inlined, Walk};
use crate::check::functions::{Named, Room};
use crate::check::narrow;
use crate::check::scope::Local;
use crate::diag::Code;
use crate::graph::{Expr, ExprKind};
use ipcmm_bytecode::Function;
use ipcmm_grammar::ast::{self, MAX_DEPTH, Span};
use ipcmm_grammar::types::Type;

/// Most text of lambdas with a name that is written out in one build, in bytes: some use each other twice.
const MAX_INLINED: u32 = 1 << 20;

impl Walk<'_, '_, '_> {
    /// The body of a lambda whose parameters are of the given types. Besides `x => …` it may be the name of a lambda or
    /// of a function.
    pub(super) fn lambda(
        &mut self,
        lambda: &ast::Expr,
        types: Vec<Type>,
        origin: Option<Span>,
        place: &str,
    ) -> Option<Expr> {
        let file = self.typing.file;
        let why = |ty: &Type| origin.map(|span| (file, span, format!("it is {ty}, as the elements of this are")));
        let locals = |names: Vec<String>| -> Vec<Local> {
            let bound = names.into_iter().zip(types.iter());
            bound.map(|(name, ty)| Local { name, ty: ty.clone(), origin: why(ty) }).collect()
        };
        match &lambda.kind {
            ast::ExprKind::Lambda { params, body } => {
                if params.len() != types.len() {
                    self.arity(lambda.span, place, types.len(), params.len());
                    return None;
                }
                let bound = locals(params.iter().map(|p| p.name.clone()).collect());
                Some(self.bound(bound, |walk| walk.expr(body)))
            }
            ast::ExprKind::Name(name) if self.local(name).is_none() => {
                match self.typing.functions.resolve(self.typing.index, self.typing.module, name) {
                    Some(Named::Lambda(number)) => {
                        let names = self.typing.functions.lambda(number).params();
                        if names.len() != types.len() {
                            self.arity(lambda.span, place, types.len(), names.len());
                            return None;
                        }
                        let bound = locals(names.iter().map(|p| p.name.clone()).collect());
                        return Some(self.named(number, bound, lambda.span));
                    }
                    None if Function::from_name(name).is_none() => {
                        self.expr(lambda);
                        return None;
                    }
                    Some(Named::Function(_)) | None => {}
                }
                // `upper` in the place of a lambda is `x => upper(x)`.
                let names: Vec<String> = (0..types.len()).map(|i| format!("x{i}")).collect();
                let arg = |name: &String| ast::Arg {
                    name: None,
                    value: ast::Expr::new(ast::ExprKind::Name(name.clone()), lambda.span),
                };
                let function = ast::Ident { name: name.clone(), span: lambda.span };
                let args: Vec<ast::Arg> = names.iter().map(arg).collect();
                Some(self.bound(locals(names), |walk| walk.call(&function, &args, lambda.span)))
            }
            ast::ExprKind::Error => None,
            _ => {
                let message = format!("{place} takes a lambda, such as `x => …`");
                let problem = self.problem(Code::TypeMismatch, lambda.span, message);
                self.typing.report(problem);
                None
            }
        }
    }

    fn arity(&mut self, span: Span, place: &str, wanted: usize, given: usize) {
        let count = |n: usize| if n == 1 { "one parameter".to_owned() } else { format!("{n} parameters") };
        let message = format!("{place} takes a lambda with {}, and this has {given}", count(wanted));
        let problem = self.problem(Code::LambdaArity, span, message);
        self.typing.report(problem);
    }

    /// Types something where more names are bound. What is known of a name outside is not known of the one that hides
    /// it.
    pub(super) fn bound<T>(&mut self, bound: Vec<Local>, typed: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.scope.present.clone();
        self.scope.present.retain(|known| !bound.iter().any(|local| local.name == narrow::root(known)));
        let before = self.scope.locals.len();
        self.scope.locals.extend(bound);
        let result = typed(self);
        self.scope.locals.truncate(before);
        self.scope.present = outside;
        result
    }

    /// A call of a lambda with a name: its parameters are bound to the arguments, and its body stands here.
    pub(super) fn call_lambda(&mut self, number: u32, name: &ast::Ident, args: &[ast::Arg], span: Span) -> Expr {
        let names = self.typing.functions.lambda(number).params();
        let params: Vec<&str> = names.iter().map(|p| p.name.as_str()).collect();
        let Some(given) = self.placed(&name.name, &params, args) else { return Expr::error(self.place(span)) };
        if let Some(at) = given.iter().position(Option::is_none) {
            let message = format!("`{}` lacks `{}`", name.name, params[at]);
            let problem = self.problem(Code::MissingArgument, span, message);
            return self.fail(span, problem);
        }
        // Each argument has a number of its own before the next is typed, as it will have a register.
        let first = self.scope.locals.len() as u32;
        let mut values = Vec::with_capacity(params.len());
        let mut bound: Vec<Local> = Vec::with_capacity(params.len());
        let outside = self.scope.locals.len();
        for (arg, param) in given.into_iter().flatten().zip(&params) {
            let value = self.expr(arg);
            let origin = Some((self.typing.file, value.span, format!("it is {}, as this is", value.ty)));
            let local = Local { name: (*param).to_owned(), ty: value.ty.clone(), origin };
            // Takes up the number; no other argument can see it.
            self.scope.locals.push(Local { name: String::new(), ..local.clone() });
            bound.push(local);
            values.push(value);
        }
        self.scope.locals.truncate(outside);
        let body = self.named(number, bound, span);
        let place = self.place(span);
        values.into_iter().enumerate().rev().fold(body, |body, (at, value)| {
            let (ty, local) = (body.ty.clone(), first + at as u32);
            Expr { kind: ExprKind::Let { local, value: Box::new(value), body: Box::new(body) }, ty, span: place }
        })
    }

    /// The body of a lambda with a name, typed with its parameters bound.
    fn named(&mut self, number: u32, bound: Vec<Local>, span: Span) -> Expr {
        let all = self.typing.functions;
        let lambda = all.lambda(number);
        if self.typing.inlined.iter().any(|used| used.lambda == number) {
            let message = format!("the lambda `{}` uses itself", lambda.name);
            let problem = self.problem(Code::RecursiveLambda, span, message);
            return self.fail(span, problem.help("a function under `define: func:` may call itself"));
        }
        let Some(body) = lambda.body() else { return Expr::error(self.place(span)) };
        let params = u16::try_from(bound.len()).unwrap_or(MAX_DEPTH);
        if self.depth.saturating_add(body.depth).saturating_add(params) > MAX_DEPTH {
            let message = format!("with the lambda `{}` in it, this expression is nested too deeply", lambda.name);
            let problem = self.problem(Code::ExprTooDeep, span, message);
            return self.fail(span, problem);
        }
        match all.may_inline(body.span.end - body.span.start, MAX_INLINED) {
            Room::Enough => {}
            Room::Spent => {
                let message = "lambdas come to more than 1 MiB when they are written out where they are used";
                let problem = self.problem(Code::ExprTooLarge, span, message);
                return self.fail(span, problem.help("make functions of them, under `define: func:`"));
            }
            Room::None => return Expr::error(self.place(span)),
        }
        let place = self.place(span);
        let file = std::mem::replace(&mut self.typing.file, lambda.file);
        self.typing.inlined.push(Inlined { lambda: number, file, span: place });
        // A lambda sees its parameters, and none of the names around who uses it.
        let hidden = std::mem::replace(&mut self.scope.hidden, self.scope.locals.len());
        let known = std::mem::take(&mut self.scope.present);
        let mut inner = Walk { typing: self.typing, located: lambda.located, scope: self.scope, depth: self.depth };
        let mut typed = inner.bound(bound, |walk| walk.expr(body));
        self.scope.present = known;
        self.scope.hidden = hidden;
        self.typing.inlined.pop();
        self.typing.file = file;
        // It is code of the place where it is used.
        typed.move_to(place);
        typed
    }
}
