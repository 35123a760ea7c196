//! Choices (`? :`, `match`) and walks (`[… for … in …]`).

use super::{Walk, tainted};
use crate::check::fold;
use crate::check::narrow::{self, Known};
use crate::check::operators::{comparable, item_types, widened};
use crate::check::scope::Local;
use crate::check::types::common;
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::{Expr, ExprKind};
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::{self, Span};
use ipcmm_grammar::types::Type;

/// All values of a type, if they can be counted.
fn values_of(ty: &Type) -> Option<Vec<Value>> {
    Some(match ty {
        Type::Null => vec![Value::Null],
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Literal(text) => vec![Value::str(text.as_str())],
        Type::Secret(inner) => return values_of(inner),
        Type::Union(members) => members.iter().map(values_of).collect::<Option<Vec<_>>>()?.concat(),
        _ => return None,
    })
}

impl Walk<'_, '_, '_> {
    pub(super) fn conditional(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        span: Span,
    ) -> Expr {
        let (yes, no) = (narrow::present(condition, true), narrow::present(condition, false));
        let condition = self.expr(condition);
        let fits = self.typing.want_bool(&condition, "the condition of `? :`");
        let (then, otherwise) = (self.where_known(then, yes), self.where_known(otherwise, no));
        if !fits {
            return Expr::error(self.place(span));
        }
        let ty = tainted(common(&then.ty, &otherwise.ty), &[&condition]);
        self.node(ExprKind::Conditional(Box::new(condition), Box::new(then), Box::new(otherwise)), ty, span)
    }

    pub(super) fn match_(&mut self, subject: &ast::Expr, arms: &[ast::Arm], span: Span) -> Expr {
        let written = subject;
        let subject = self.expr(subject);
        let mut coverage = Coverage::new(&subject.ty);
        let mut typed = Vec::with_capacity(arms.len());
        let mut ty: Option<Type> = None;
        // What is known in an arm because those before it did not fit.
        let mut otherwise: Vec<Known> = Vec::new();
        for arm in arms {
            let mut patterns = Vec::with_capacity(arm.patterns.len());
            if arm.patterns.is_empty() {
                self.wildcard(&mut coverage, arm);
            }
            let mut known = otherwise.clone();
            for pattern in &arm.patterns {
                otherwise.extend(narrow::compared(written, pattern, false));
                if arm.patterns.len() == 1 {
                    known.extend(narrow::compared(written, pattern, true));
                }
                let pattern = self.expr(pattern);
                if !comparable(&subject.ty, &pattern.ty) {
                    let message = format!("this pattern is {}, and what is matched is {}", pattern.ty, subject.ty);
                    self.typing.report(
                        Diagnostic::new(Code::BadOperands, self.typing.file, pattern.span, message).label(
                            self.typing.file,
                            subject.span,
                            format!("this is {}", subject.ty),
                        ),
                    );
                    coverage.broken = true;
                }
                match fold::literal(&pattern) {
                    Some(value) => {
                        self.pattern(&mut coverage, &value, pattern.span);
                        patterns.push(value);
                    }
                    None => ty = Some(Type::Error),
                }
            }
            let value = self.where_known(&arm.value, known);
            ty = Some(match ty {
                Some(ty) => common(&ty, &value.ty),
                None => value.ty.clone(),
            });
            typed.push((patterns, value));
        }
        if !self.complete(&coverage, span) {
            return Expr::error(self.place(span));
        }
        let ty = tainted(ty.unwrap_or(Type::Error), &[&subject]);
        self.node(ExprKind::Match(Box::new(subject), typed), ty, span)
    }

    /// Takes note of `_`; one that nothing is left for is reported.
    fn wildcard(&mut self, coverage: &mut Coverage, arm: &ast::Arm) {
        let useless = coverage.rest || coverage.missing().is_some_and(|missing| missing.is_empty());
        if useless && !coverage.single {
            let message = "this arm is never reached: those before it say what every value comes to";
            let problem = self.problem(Code::UnreachableArm, arm.value.span, message);
            self.typing.report(problem.help("leave it out: then a value that is added later is told to you"));
        }
        coverage.rest = true;
    }

    /// Takes note of a pattern; one that can never fit is reported.
    fn pattern(&mut self, coverage: &mut Coverage, value: &Value, span: Span) {
        let problem = |message: String| Diagnostic::new(Code::UnreachableArm, self.typing.file, span, message);
        let unreachable = if coverage.rest || coverage.seen.contains(value) {
            Some(problem(format!("{value} is never reached: an arm before it takes it")))
        } else if let Some(all) = coverage.all.as_ref().filter(|all| !all.contains(value) && !coverage.single) {
            let names: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            let near = value.as_str().and_then(|text| suggest::nearest(text, names.iter().copied()));
            let unreachable = problem(format!("what is matched is never {value}"));
            Some(match near {
                Some(near) => unreachable.help(format!("did you mean '{near}'?")),
                None => unreachable.help(format!("it is {}", listed(all))),
            })
        } else {
            None
        };
        if let Some(unreachable) = unreachable
            && !coverage.broken
        {
            self.typing.report(unreachable);
        }
        coverage.seen.push(value.clone());
    }

    /// Reports values that no arm is for.
    fn complete(&mut self, coverage: &Coverage, span: Span) -> bool {
        if coverage.rest || coverage.broken {
            return true;
        }
        let problem = match coverage.missing() {
            Some(missing) if missing.is_empty() => return true,
            Some(missing) => {
                let message = format!("this `match` has no arm for {}", listed(&missing));
                self.problem(Code::MissingArm, span, message).help("add the arm, or `_ => …` for all that is left")
            }
            None => self
                .problem(Code::MissingArm, span, "this `match` has no arm for other values")
                .help("add `_ => …` for all that is left"),
        };
        self.typing.report(problem);
        false
    }

    pub(super) fn comprehension(
        &mut self,
        body: &ast::Expr,
        names: &[ast::Ident],
        list: &ast::Expr,
        condition: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        let list = self.expr(list);
        let Some((item, key)) = item_types(&list.ty) else {
            let problem = Diagnostic::new(
                Code::BadOperands,
                self.typing.file,
                list.span,
                format!("{} cannot be walked over", list.ty),
            );
            return self.fail(span, problem);
        };
        let local = self.scope.locals.len() as u32;
        let pair = names.len() == 2;
        let types = match (&item, pair) {
            (Type::Record(fields), true) if fields.len() == 2 && fields[0].0 == "key" => vec![key, fields[1].1.clone()],
            (_, true) => vec![Type::Int, item],
            (_, false) => vec![item],
        };
        if pair && !matches!(list.ty.revealed(), Type::Map(_) | Type::Record(_) | Type::Any | Type::Error) {
            let problem = Diagnostic::new(
                Code::BadOperands,
                self.typing.file,
                list.span,
                format!("two names walk over a map, and this is {}", list.ty),
            );
            return self.fail(span, problem);
        }
        let origin = |ty: &Type| format!("it is {ty}, as its elements are");
        let bound = names.iter().zip(types).map(|(name, ty)| {
            let origin = Some((self.typing.file, list.span, origin(&ty)));
            Local { name: name.name.clone(), ty, origin }
        });
        let bound: Vec<Local> = bound.collect();
        let known = condition.map(|c| narrow::present(c, true)).unwrap_or_default();
        let (condition, body) = self.bound(bound, |walk| {
            let condition = condition.map(|condition| {
                let condition = walk.expr(condition);
                match walk.typing.want_bool(&condition, "the condition of a comprehension") {
                    true => Box::new(condition),
                    false => Box::new(Expr::error(condition.span)),
                }
            });
            (condition, walk.where_known(body, known))
        });
        let secret = matches!(list.ty, Type::Secret(_)) || condition.as_ref().is_some_and(|c| c.ty.has_secret());
        let ty = Type::List(Box::new(widened(&body.ty)));
        let ty = if secret { ty.secret() } else { ty };
        let kind = ExprKind::Comprehension { body: Box::new(body), local, pair, list: Box::new(list), condition };
        self.node(kind, ty, span)
    }
}

/// Which values the arms of a match are for.
struct Coverage {
    /// All values of what is matched, if they can be counted.
    all: Option<Vec<Value>>,
    /// What is matched is a constant: then most arms are for other values, and that is meant.
    single: bool,
    /// Patterns of the arms so far.
    seen: Vec<Value>,
    /// There was a `_`.
    rest: bool,
    /// Something is wrong with it already.
    broken: bool,
}

impl Coverage {
    fn new(ty: &Type) -> Coverage {
        Coverage {
            all: values_of(ty),
            single: matches!(ty, Type::Literal(_) | Type::Null),
            seen: Vec::new(),
            rest: false,
            broken: *ty == Type::Error,
        }
    }

    /// Values without an arm, if they can be counted.
    fn missing(&self) -> Option<Vec<Value>> {
        let all = self.all.as_ref()?;
        Some(all.iter().filter(|value| !self.seen.contains(value)).cloned().collect())
    }
}

/// The first few values in words.
fn listed(values: &[Value]) -> String {
    let mut words: Vec<String> = values.iter().take(8).map(Value::to_string).collect();
    if values.len() > 8 {
        words.push(format!("{} more", values.len() - 8));
    }
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
        None => String::new(),
    }
}
