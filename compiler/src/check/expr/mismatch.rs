//! What does not fit its place is told with the part that is to blame, and where its type comes from.

use super::{Typing, Walk};
use crate::check::types::is_text;
use crate::diag::{Code, Diagnostic};
use crate::graph::{Expr, ExprKind};
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;

/// Where secrets may go, for messages.
const SECRET_PLACES: &str = "`env` and `stdin` of a command and `content` of a file take secrets and hide them";

/// A place with what is to be said about it.
pub(in crate::check) type Note = (FileId, Span, String);

impl Typing<'_, '_> {
    /// Reports a condition that is not true or false. True if it is one.
    pub(super) fn want_bool(&mut self, expr: &Expr, place: &str) -> bool {
        let ty = expr.ty.revealed();
        let fits = ty.fits(&Type::Bool);
        if !fits {
            let diagnostic = match ty.without_null().fits(&Type::Bool) && ty != Type::Null {
                true => Diagnostic::new(Code::PossiblyNull, self.file, expr.span, format!("{place}: this may be null"))
                    .help("say what holds then: `… ?? false`"),
                false => {
                    let message = format!("{place}: this is {}, and must be true or false", expr.ty);
                    Diagnostic::new(Code::NotBool, self.file, expr.span, message)
                }
            };
            self.report(diagnostic);
        }
        fits
    }

    /// Reports a secret where everybody can see what came of it. True if it is none.
    pub fn want_open(&mut self, expr: &Expr, place: &str) -> bool {
        let open = !expr.ty.has_secret();
        if !open {
            let message = format!("{place}: what comes of this is reported, and it depends on a secret");
            self.report(
                Diagnostic::new(Code::SecretLeak, self.file, expr.span, message)
                    .help(format!("decide by something that may be known; {SECRET_PLACES}")),
            );
        }
        open
    }

    /// Reports an expression whose type does not fit its place. True if it fits.
    pub fn want(&mut self, expr: &Expr, wanted: &Type, place: &str) -> bool {
        self.demand(expr, wanted, &format!("{place} takes"), Vec::new())
    }

    /// The same for who says it in other words, such as "`f` returns", and knows where the type comes from.
    pub fn demand(&mut self, expr: &Expr, wanted: &Type, who: &str, notes: Vec<Note>) -> bool {
        if expr.ty.fits(wanted) {
            return true;
        }
        if expr.ty.has_secret() && expr.ty.revealed().fits(wanted) {
            let place = who.strip_suffix(" takes").unwrap_or(who);
            let message = format!("{place} would show a secret");
            let problem = Diagnostic::new(Code::SecretLeak, self.file, expr.span, message);
            let words = ["`argv`", "`cmd`", "`args`", "`shell`"];
            self.report(match words.contains(&place.split('[').next().unwrap_or(place)) {
                true => problem.help(
                    "every user of the node can read the words of a command; give the secret by `stdin` or `env`",
                ),
                false => problem.help(SECRET_PLACES),
            });
            return false;
        }
        let may_be_null = expr.ty != Type::Null && expr.ty.without_null().fits(wanted);
        let mut diagnostic = match may_be_null {
            true => {
                let message = format!("{who} {wanted}, and this may be null");
                Diagnostic::new(Code::PossiblyNull, self.file, expr.span, message)
                    .help("say what holds then: `… ?? something`")
            }
            false => {
                let message = format!("{who} {}, and this is {}", brief(wanted), brief(&expr.ty));
                let problem = Diagnostic::new(Code::TypeMismatch, self.file, expr.span, message);
                let plain = [Type::Str, Type::Str.secret()];
                let text = match wanted {
                    Type::Union(members) => members.iter().any(|member| plain.contains(member)),
                    one => plain.contains(one),
                };
                match (wanted, expr.ty.revealed()) {
                    (_, Type::Record(fields)) if text => match fields.first() {
                        Some((name, _)) => problem.help(format!("name one of its fields, as in `….{name}`")),
                        None => problem,
                    },
                    (_, Type::List(_)) if text => problem.help("`join(…, ' ')` puts its elements together"),
                    _ if text => problem.help("`str(…)` makes a text of it"),
                    (Type::Int, ty) if is_text(&ty) => problem.help("`int(…)` makes a number of it"),
                    (Type::Semver | Type::Ip | Type::Cidr, ty) if is_text(&ty) => {
                        problem.help(format!("`{wanted}(…)` makes one of a text, and checks it"))
                    }
                    _ => problem,
                }
            }
        };
        let blamed = culprit(expr, wanted).map(|(span, text)| (self.file, span, text));
        for (file, span, text) in blamed.into_iter().chain(notes) {
            diagnostic = diagnostic.label(file, span, text);
        }
        self.report(diagnostic);
        false
    }
}

impl Typing<'_, '_> {
    /// Reports a constant that no value of the wanted type looks like, such as a text where a path is wanted: most
    /// often two arguments stand in each other's place.
    pub fn refined(&mut self, value: &Expr, wanted: &Type, place: &str) -> bool {
        let ExprKind::Constant(constant) = &value.kind else { return true };
        match crate::lower::refine(constant, wanted) {
            Ok(()) => true,
            Err((code, message)) => {
                self.report(Diagnostic::new(code, self.file, value.span, format!("{place}: {message}")));
                false
            }
        }
    }
}

impl Walk<'_, '_, '_> {
    /// Like [`Typing::want`]; a secret may stand here, because what comes of it will be one.
    pub(super) fn takes(&mut self, expr: &Expr, wanted: &Type, place: &str) -> bool {
        if expr.ty.has_secret() && expr.ty.revealed().fits(wanted) {
            return true;
        }
        let notes = self.origin(expr);
        self.typing.demand(expr, wanted, &format!("{place} takes"), notes)
    }

    /// Why an expression has its type, if that is told somewhere else.
    pub(super) fn origin(&self, expr: &Expr) -> Vec<Note> {
        match &expr.kind {
            ExprKind::Local(number) => {
                self.scope.locals.get(*number as usize).and_then(|local| local.origin.clone()).into_iter().collect()
            }
            ExprKind::Field(object, ..) | ExprKind::Index(object, ..) => self.origin(object),
            ExprKind::Invoke(function, _) => self.typing.functions.declared(*function).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// A type in a message: of a long record only the names of its fields, and of many of these only the first.
fn brief(ty: &Type) -> String {
    const LONG: usize = 120;
    const FIELDS: usize = 8;
    let whole = ty.to_string();
    match ty {
        Type::Record(fields) if whole.len() > LONG => {
            let names: Vec<&str> = fields.iter().take(FIELDS).map(|(name, _)| name.as_str()).collect();
            let more = if fields.len() > FIELDS { ", …" } else { "" };
            format!("a record of {}{more}", names.join(", "))
        }
        Type::List(item) if whole.len() > LONG => format!("a list, each of it {}", brief(item)),
        _ => whole,
    }
}

/// The innermost part that is to blame for a type, and its own type.
fn culprit(expr: &Expr, wanted: &Type) -> Option<(Span, String)> {
    let part = match (&expr.kind, wanted) {
        (ExprKind::Conditional(_, then, otherwise), _) => blame([then.as_ref(), otherwise.as_ref()], wanted),
        (ExprKind::Match(_, arms), _) => blame(arms.iter().map(|(_, value)| value), wanted),
        (ExprKind::List(items), Type::List(item)) => blame(items.iter(), item),
        (ExprKind::Comprehension { body, .. }, Type::List(item)) => blame([body.as_ref()], item),
        _ => None,
    };
    part.map(|(part, wanted)| culprit(part, wanted).unwrap_or_else(|| (part.span, format!("this is {}", part.ty))))
}

/// The first part that does not fit, with what it should.
fn blame<'e, 'w>(parts: impl IntoIterator<Item = &'e Expr>, wanted: &'w Type) -> Option<(&'e Expr, &'w Type)> {
    parts.into_iter().find(|part| !part.ty.fits(wanted)).map(|part| (part, wanted))
}
