//! Calls: of functions of the library, whose signatures may have type variables, and of functions of sources.

use super::Walk;
use crate::check::fold;
use crate::check::functions::Named;
use crate::check::generic::Bindings;
use crate::check::operators::{loosened, result_type};
use crate::check::types::{needs_look, shape};
use crate::diag::foreign::{self, Spot};
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::{Expr, ExprKind};
use crate::signatures;
use ipcmm_bytecode::{Function, Value, functions};
use ipcmm_grammar::ast::{self, Span};
use ipcmm_grammar::types::Type;

/// The function that names a secret. It is no function of the machine: its value is fetched, never computed.
const SECRET: &str = "secret";

impl Walk<'_, '_, '_> {
    pub(super) fn call(&mut self, name: &ast::Ident, args: &[ast::Arg], span: Span) -> Expr {
        if name.name == "static" {
            return self.static_value(args, span);
        }
        match self.typing.functions.resolve(self.typing.index, self.typing.module, &name.name) {
            Some(Named::Function(number)) => return self.call_function(number, name, args, span),
            Some(Named::Lambda(number)) => return self.call_lambda(number, name, args, span),
            None => {}
        }
        if name.name == SECRET {
            return self.secret(args, span);
        }
        if name.name == "nodes" {
            return self.typing.nodes(self.located, self.scope, args, span);
        }
        match Function::from_name(&name.name) {
            Some(function) => self.call_library(function, args, span),
            None => {
                args.iter()
                    .filter(|arg| !matches!(arg.value.kind, ast::ExprKind::Lambda { .. }))
                    .for_each(|arg| drop(self.expr(&arg.value)));
                self.unknown_function(name, span)
            }
        }
    }

    /// `secret('uri')`: the agent fetches it.
    fn secret(&mut self, args: &[ast::Arg], span: Span) -> Expr {
        if self.scope.function {
            return self.impure("a secret", span);
        }
        let Some(given) = self.placed(SECRET, &["uri"], args) else { return Expr::error(self.place(span)) };
        let Some(uri) = given.into_iter().next().flatten() else { return self.lacks(SECRET, "uri", span) };
        let (at, uri) = (uri.span, self.expr(uri));
        if !self.typing.want(&uri, &Type::Str, "`uri` of `secret`") {
            return Expr::error(self.place(span));
        }
        match fold::literal(&uri) {
            Some(Value::Str(text)) => {
                let known =
                    ["env:", "file:"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|s| !s.is_empty()));
                if !known {
                    let message = format!("'{text}' says not where the secret is");
                    let problem = self.problem(Code::BadValue, at, message);
                    return self.fail(span, problem.help("write `env:NAME` or `file:/path`"));
                }
                let ty = Type::Str.secret();
                self.node(ExprKind::Secret(text.to_string()), ty, span)
            }
            _ if uri.ty == Type::Error => Expr::error(self.place(span)),
            _ if uri.any(&|e| matches!(e.kind, ExprKind::Unknown)) => {
                self.node(ExprKind::Unknown, Type::Str.secret(), span)
            }
            _ => {
                let problem = self.problem(Code::NotConstant, at, "where a secret is must be known at build");
                self.fail(span, problem)
            }
        }
    }

    fn unknown_function(&mut self, name: &ast::Ident, span: Span) -> Expr {
        const LATER: &[&str] = &["env"];
        if LATER.contains(&name.name.as_str()) {
            let problem = self.problem(Code::SyntaxNotYet, name.span, format!("`{}` is not there yet", name.name));
            return self.fail(span, problem);
        }
        let mut problem = self.problem(Code::UnknownFunction, name.span, format!("unknown function `{}`", name.name));
        let own = self.typing.functions.names(self.typing.index, self.typing.module);
        let near =
            suggest::nearest(&name.name, own.chain(functions::TABLE.iter().map(|f| f.name)).chain([SECRET, "static"]))
                .map(str::to_owned);
        // `pillar.get` is of a system by its first part.
        let root = name.name.split('.').next().unwrap_or("");
        if let Some(row) = foreign::word(Spot::Name, &name.name) {
            problem = self.foreign(problem, row);
        } else if let Some(near) = near {
            problem = self.rename(problem, &near);
        } else if let Some(row) = foreign::word(Spot::Name, root).filter(|_| root.len() < name.name.len()) {
            problem = problem.help(row.help());
        }
        self.fail(span, problem)
    }

    /// Puts arguments into the places of parameters; `None` where one is missing. Reports those that have no place.
    pub(super) fn placed<'e>(
        &mut self,
        function: &str,
        params: &[&str],
        args: &'e [ast::Arg],
    ) -> Option<Vec<Option<&'e ast::Expr>>> {
        let mut given: Vec<Option<&ast::Expr>> = vec![None; params.len()];
        let mut failed = false;
        for (i, arg) in args.iter().enumerate() {
            let at = match &arg.name {
                None => Some(i).filter(|i| *i < params.len()),
                Some(ident) => params.iter().position(|name| *name == ident.name),
            };
            let problem = match (at, &arg.name) {
                (Some(at), _) if given[at].is_some() => {
                    let message = format!("`{}` is given twice", params[at]);
                    self.problem(Code::ConflictingArguments, arg.value.span, message)
                }
                (Some(at), _) => {
                    given[at] = Some(&arg.value);
                    continue;
                }
                (None, Some(ident)) => {
                    let message = format!("`{function}` has no parameter `{}`", ident.name);
                    let problem = self.problem(Code::UnknownArgument, ident.span, message);
                    match suggest::nearest(&ident.name, params.iter().copied()) {
                        Some(near) => self.rename(problem, near),
                        None if params.is_empty() => problem,
                        None => problem.help(format!("there are `{}`", params.join("`, `"))),
                    }
                }
                (None, None) => {
                    let message = match params {
                        [] => format!("`{function}` takes no arguments"),
                        [_] => format!("`{function}` takes one argument"),
                        more => format!("`{function}` takes {} arguments", more.len()),
                    };
                    let problem = self.problem(Code::UnknownArgument, arg.value.span, message);
                    match (Function::from_name(function), params) {
                        (Some(Function::Min | Function::Max | Function::Sum), _) => {
                            problem.help(format!("it takes a list: `{function}([a, b])`"))
                        }
                        (_, []) => problem,
                        (_, names) => problem.help(format!("there are `{}`", names.join("`, `"))),
                    }
                }
            };
            self.typing.report(problem);
            failed = true;
        }
        (!failed).then_some(given)
    }

    fn lacks(&mut self, function: &str, param: &str, span: Span) -> Expr {
        let problem = self.problem(Code::MissingArgument, span, format!("`{function}` lacks `{param}`"));
        self.fail(span, problem)
    }

    fn call_library(&mut self, function: Function, args: &[ast::Arg], span: Span) -> Expr {
        let (row, params, returns) = signatures::function(function);
        if function.effect() > self.scope.admits {
            let message =
                format!("{}: `{}` asks the node, and this place is judged without it", self.scope.place, row.name);
            let problem = self.problem(Code::EffectNotAllowed, span, message);
            return self.fail(
                span,
                problem.help("`onlyif`, `unless`, `expect`, `loop_if`, `loop_until` and `ipcmm.wait` may ask the node"),
            );
        }
        let names: Vec<&str> = row.params.iter().map(|(name, _)| *name).collect();
        let Some(given) = self.placed(row.name, &names, args) else { return Expr::error(self.place(span)) };
        let missing = given.iter().zip(params).position(|(arg, ty)| arg.is_none() && !ty.admits_null());
        if let Some(at) = missing {
            return self.lacks(row.name, names[at], span);
        }
        let mut bindings = Bindings::default();
        let mut typed: Vec<Expr> = Vec::with_capacity(params.len());
        let mut fits = true;
        // Lambdas come after what their parameters are; the tables keep that order.
        for ((arg, param), name) in given.into_iter().zip(params).zip(&names) {
            let place = format!("`{name}` of `{}`", row.name);
            let expr = match (arg, param) {
                (None, _) => self.constant(Value::Null, Type::Null, span),
                (Some(arg), Type::Function(takes, gives)) => {
                    let bound: Vec<Type> = takes.iter().map(|ty| bindings.fill(ty)).collect();
                    let origin = typed.first().map(|list: &Expr| list.span);
                    match self.lambda(arg, bound, origin, &place) {
                        Some(body) => {
                            // What is wrong in the body was reported there.
                            fits &= body.ty != Type::Error && self.gives(&body, gives, &mut bindings, &place);
                            body
                        }
                        None => {
                            fits = false;
                            Expr::error(self.place(arg.span))
                        }
                    }
                }
                (Some(arg), param) => {
                    let expr = self.expr(arg);
                    // A list that is a secret as a whole is looked into; one that holds secrets keeps them.
                    let seen = if matches!(expr.ty, Type::Secret(_)) { expr.ty.revealed() } else { expr.ty.clone() };
                    // What is carried from element to element is of no single choice.
                    bindings.learn(param, &if function == Function::Fold { loosened(&seen) } else { seen });
                    let wanted = bindings.fill(param);
                    fits &= self.takes(&expr, &wanted, &place) && self.refined(&expr, &wanted, &place);
                    expr
                }
            };
            typed.push(expr);
        }
        if !fits || !self.asked(function, row.name, &names, &typed) {
            return Expr::error(self.place(span));
        }
        let secret = typed.iter().any(|arg| arg.ty.has_secret());
        let ty = result_type(function, &typed, bindings.fill(returns));
        let ty = if secret && !ty.has_secret() { ty.secret() } else { ty };
        let takes_lambda = params.iter().any(|param| matches!(param, Type::Function(..)));
        let local = self.scope.locals.len() as u32;
        let kind = match ordered(function, typed, local) {
            (function, args) if takes_lambda || function.number() != row.function.number() => {
                ExprKind::Walk { function, local, args }
            }
            (function, args) => ExprKind::Call(function, args),
        };
        self.node(kind, ty, span)
    }

    /// Holds what a lambda gives against what its function wants of it.
    fn gives(&mut self, body: &Expr, gives: &Type, bindings: &mut Bindings, place: &str) -> bool {
        if let Type::Var(_) = gives {
            let before = bindings.fill(gives);
            // What is carried from one element to the next must stay of one type.
            if before != Type::Any && !body.ty.revealed().fits(&before.revealed()) {
                let message = format!("{place} gives {}, and what it begins with is {before}", body.ty);
                let problem = Diagnostic::new(Code::TypeMismatch, self.typing.file, body.span, message);
                self.typing.report(problem.help("what is carried from element to element keeps its type"));
                return false;
            }
            bindings.learn(gives, &body.ty);
            return true;
        }
        bindings.learn(gives, &body.ty);
        let wanted = bindings.fill(gives);
        let fits = self.takes(body, &wanted, &format!("what {place} gives"));
        fits && self.refined(body, &wanted, place)
    }

    fn call_function(&mut self, number: u32, name: &ast::Ident, args: &[ast::Arg], span: Span) -> Expr {
        let all = self.typing.functions;
        let function = all.function(number);
        let names: Vec<&str> = function.params.iter().map(|p| p.name.as_str()).collect();
        let Some(given) = self.placed(&name.name, &names, args) else { return Expr::error(self.place(span)) };
        let mut typed = Vec::with_capacity(names.len());
        let mut fits = true;
        for (at, (arg, param)) in given.into_iter().zip(&function.params).enumerate() {
            let place = format!("`{}` of `{}`", param.name, name.name);
            let expr = match arg {
                Some(arg) => self.expr(arg),
                None => match all.default(number, at) {
                    Some(mut default) => {
                        default.move_to(self.place(span));
                        default
                    }
                    None => return self.lacks(&name.name, &param.name, span),
                },
            };
            fits &= self.takes(&expr, &param.ty, &place) && self.refined(&expr, &param.ty, &place);
            typed.push(self.looked_at(expr, &param.ty));
        }
        if !fits {
            return Expr::error(self.place(span));
        }
        // What a parameter hides, the function hides itself.
        let hidden = |(arg, ty): (&Expr, &Type)| arg.ty.has_secret() && !ty.has_secret();
        let secret = typed.iter().zip(function.params.iter().map(|p| &p.ty)).any(hidden);
        let ty = if secret { function.returns.clone().secret() } else { function.returns.clone() };
        let known = typed.iter().all(|arg| matches!(arg.kind, ExprKind::Constant(_)));
        let call = self.node(ExprKind::Invoke(number, typed), ty, span);
        // A call that is known is a value, wherever it stands. One that faults may never be reached.
        match known.then(|| fold::value(&call, &all.library)).flatten() {
            Some(Ok(value)) if !call.ty.has_secret() => Expr { kind: ExprKind::Constant(value), ..call },
            _ => call,
        }
    }

    /// A value that is only known to be of some type is looked at before it counts as one of `wanted`.
    pub(super) fn looked_at(&self, expr: Expr, wanted: &Type) -> Expr {
        if !needs_look(&expr.ty, wanted) {
            return expr;
        }
        let (span, secret) = (expr.span, expr.ty.has_secret());
        let ty = if secret { wanted.clone().secret() } else { wanted.clone() };
        Expr { kind: ExprKind::Want(Box::new(expr), shape(wanted)), ty, span }
    }

    /// Like [`Typing::refined`](super::Typing::refined).
    pub(super) fn refined(&mut self, value: &Expr, wanted: &Type, place: &str) -> bool {
        self.typing.refined(value, wanted, place)
    }
}

/// Versions and addresses are put in order by what they mean: by the key of each.
fn ordered(function: Function, mut args: Vec<Expr>, local: u32) -> (Function, Vec<Expr>) {
    let key = |ty: &Type| match ty.revealed() {
        Type::Semver => Some(Function::SemverKey),
        Type::Ip => Some(Function::IpKey),
        _ => None,
    };
    let call = |key: Function, of: Expr| Expr {
        span: of.span,
        ty: Type::List(Box::new(Type::Any)),
        kind: ExprKind::Call(key, vec![of]),
    };
    let by = match function {
        Function::Sorted => Function::SortBy,
        Function::Min => Function::MinBy,
        Function::Max => Function::MaxBy,
        Function::SortBy | Function::MinBy | Function::MaxBy => {
            if let Some(found) = args.last().and_then(|body| key(&body.ty))
                && let Some(body) = args.pop()
            {
                args.push(call(found, body));
            }
            return (function, args);
        }
        _ => return (function, args),
    };
    let item = match args.first().map(|list| list.ty.revealed()) {
        Some(Type::List(item)) => *item,
        _ => return (function, args),
    };
    match key(&item) {
        Some(found) => {
            let span = args[0].span;
            args.push(call(found, Expr { kind: ExprKind::Local(local), ty: item, span }));
            (by, args)
        }
        None => (function, args),
    }
}
