//! Values are read with the type their place wants, from their source text: where text is wanted, `no` and `1.10`
//! stay what they are; where a number is wanted, a quoted one is an error with a fix.

use super::Lowering;
use super::reading::is_source;
use crate::diag::foreign::{self, Spot};
use crate::diag::{Code, Diagnostic, Manner};
use crate::doc::{NodeId, NodeKind, Piece, Style};
use crate::ir::{self, Located, Quoting, Typed, ValueKind};
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::parse::{Parsed, parse};
use ipcmm_grammar::problem::{Problem, ProblemKind};
use ipcmm_grammar::template::{Part, Template, is_plain, parse_template};
use ipcmm_grammar::types::Type;
use ipcmm_grammar::units;
use ipcmm_vm::machine::{check_address, check_network, check_version};
use std::fmt::{self, Display};
use std::sync::Arc;

/// An element of a list, in messages.
struct Element<'a>(&'a dyn Display, usize);

impl Display for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.0, self.1)
    }
}

/// An entry of a map, in messages.
struct Member<'a>(&'a dyn Display, &'a str);

impl Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// A name in backquotes, in messages. Made into text only where a message needs it.
pub(super) struct Quoted<'a>(pub &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl Lowering<'_> {
    /// The value of a node where `wanted` is wanted.
    pub(super) fn value(&mut self, id: NodeId, wanted: &'static Type, place: &dyn Display) -> Typed {
        let span = self.span(id);
        let kind = self.value_kind(id, wanted, place);
        Typed { kind, span, wanted }
    }

    fn value_kind(&mut self, id: NodeId, wanted: &'static Type, place: &dyn Display) -> ValueKind {
        self.note(id, wanted);
        let node = self.doc.node(id);
        match &node.kind {
            NodeKind::Error => ValueKind::Error,
            NodeKind::Null if wanted.admits_null() => ValueKind::Constant(Value::Null),
            NodeKind::Null => {
                let problem = self.problem(
                    Code::TypeMismatch,
                    node.span,
                    format!("{place} takes {wanted}, and nothing is written"),
                );
                self.report(problem);
                ValueKind::Error
            }
            NodeKind::Scalar { text, style } => self.scalar(id, text, *style, wanted, place),
            NodeKind::List(items) => self.list(id, items, wanted, place),
            NodeKind::Map(_) => self.map(id, wanted, place),
        }
    }

    /// Members of a union that a list or a map can be.
    fn member(wanted: &'static Type, fits: fn(&Type) -> bool) -> Option<&'static Type> {
        match wanted {
            Type::Union(members) => members.iter().find(|m| fits(m)),
            other => fits(other).then_some(other),
        }
    }

    fn list(&mut self, id: NodeId, items: &[NodeId], wanted: &'static Type, place: &dyn Display) -> ValueKind {
        let member = Self::member(wanted, |t| matches!(t, Type::List(_) | Type::Any | Type::Error));
        let item_type = match member {
            Some(Type::List(item)) => item,
            Some(_) => &Type::Any,
            None => {
                self.wrong_shape(id, place, &wanted.to_string());
                return ValueKind::Error;
            }
        };
        let values: Vec<Typed> =
            items.iter().enumerate().map(|(i, &item)| self.value(item, item_type, &Element(place, i))).collect();
        match values.iter().map(constant).collect::<Option<Vec<Value>>>() {
            Some(constants) => ValueKind::Constant(Value::list(constants)),
            None => ValueKind::List(values),
        }
    }

    fn map(&mut self, id: NodeId, wanted: &'static Type, place: &dyn Display) -> ValueKind {
        let member = Self::member(wanted, |t| matches!(t, Type::Map(_) | Type::Record(_) | Type::Any | Type::Error));
        let Some(member) = member else {
            self.wrong_shape(id, place, &wanted.to_string());
            return ValueKind::Error;
        };
        let mut values = Vec::new();
        for entry in self.entries(id).unwrap_or(&[]) {
            let (key, span) = self.key(entry);
            let ty = match member {
                Type::Map(item) => item.as_ref(),
                Type::Record(fields) => match fields.iter().find(|(name, _)| name == key) {
                    Some((_, ty)) => ty,
                    None => {
                        self.unknown_argument(key, span, place, fields.iter().map(|(n, _)| n.as_str()));
                        continue;
                    }
                },
                _ => &Type::Any,
            };
            values.push((key.to_string(), self.value(entry.value, ty, &Member(place, key))));
        }
        if let Type::Record(fields) = member {
            for (name, ty) in fields {
                if !ty.admits_null() && !values.iter().any(|(key, _)| key == name) && !self.misspelt.contains(name) {
                    let problem = self.problem(Code::MissingArgument, self.span(id), format!("{place} lacks `{name}`"));
                    self.report(problem.help(format!("it is {ty}")));
                }
            }
        }
        let constants: Option<Vec<(String, Value)>> =
            values.iter().map(|(key, value)| Some((key.clone(), constant(value)?))).collect();
        match constants {
            Some(constants) => ValueKind::Constant(Value::map(constants)),
            None => ValueKind::Map(values),
        }
    }

    pub(super) fn unknown_argument<'n>(
        &mut self,
        key: &str,
        span: Span,
        place: &dyn Display,
        known: impl Iterator<Item = &'n str> + Clone,
    ) {
        let mut problem = self.problem(Code::UnknownArgument, span, format!("unknown `{key}` in {place}"));
        let ours =
            foreign::word(Spot::Argument, key).filter(|row| row.ours.is_none_or(|o| known.clone().any(|k| k == o)));
        if let Some(row) = ours {
            problem = problem.help(row.help());
            if let Some(ours) = row.ours {
                self.misspelt.push(ours.to_owned());
                problem = problem.mend(format!("write `{ours}`"), span, ours, Manner::Text);
            }
            self.report(problem);
            return;
        }
        match crate::diag::suggest::nearest(key, known.clone()) {
            Some(near) => {
                self.misspelt.push(near.to_string());
                problem = problem.did_you_mean(near);
            }
            None => {
                let all: Vec<_> = known.map(|n| format!("`{n}`")).collect();
                problem = problem.help(format!("there are {}", all.join(", ")));
            }
        }
        self.report(problem);
    }

    fn scalar(
        &mut self,
        id: NodeId,
        text: &str,
        style: Style,
        wanted: &'static Type,
        place: &dyn Display,
    ) -> ValueKind {
        match wanted {
            Type::Expr(_) => return self.bare_expression(id).map_or(ValueKind::Error, ValueKind::Expr),
            // The source of another language: values reach it by other ways.
            Type::Script => return ValueKind::Constant(Value::str(text)),
            Type::Union(members) => {
                if let Some(expr) = members.iter().find(|m| matches!(m, Type::Expr(_))) {
                    return self.scalar(id, text, style, expr, place);
                }
                if members.contains(&Type::Script) && !is_null(text, style, members) {
                    return ValueKind::Constant(Value::str(text));
                }
            }
            _ => {}
        }
        self.foreign_template(id, text);
        if !is_plain(text) {
            return self.template(id, text, wanted, place);
        }
        let read = read(text, style, wanted);
        match read {
            Ok(Value::Str(path)) if is_asset(wanted) => ValueKind::Asset(path.to_string()),
            Ok(value) => match refine(&value, wanted) {
                Ok(()) => ValueKind::Constant(value),
                Err((code, _)) if wanted.has_secret() => {
                    let problem =
                        self.problem(code, self.span(id), format!("{place}: this is no {}", wanted.revealed()));
                    self.report(problem);
                    ValueKind::Error
                }
                Err((code, message)) => {
                    let problem = self.problem(code, self.span(id), format!("{place}: {message}"));
                    self.report(rooted(problem, text));
                    ValueKind::Error
                }
            },
            Err(trouble) => {
                let diagnostic = self.trouble(id, style.word(text), wanted, place, trouble);
                self.report(diagnostic);
                ValueKind::Error
            }
        }
    }

    fn trouble(&self, id: NodeId, text: &str, wanted: &Type, place: &dyn Display, trouble: Trouble) -> Diagnostic {
        let span = self.span(id);
        // What may be a secret is in no message.
        if wanted.has_secret() && !matches!(trouble, Trouble::Quoted(_)) {
            let message = format!("{place} takes {wanted}, and this is none");
            return self.problem(Code::TypeMismatch, span, message);
        }
        let shown: String = text.chars().take(40).collect();
        match trouble {
            Trouble::Mode => {
                let message = format!("{place}: `{shown}` is no mode");
                let problem = self.problem(Code::BadMode, span, message).help(
                    "permissions are octal and begin with 0, such as \"0644\": a bare 644 would be a decimal number",
                );
                let octal = (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
                match octal {
                    true => problem.mend("write it as octal", span, format!("0{text}"), Manner::Text),
                    false => problem,
                }
            }
            Trouble::Quoted(bare) => {
                let message = format!("{place} takes {wanted}, and this is quoted text");
                self.problem(Code::TypeMismatch, span, message).fix("remove the quotes", bare).certain()
            }
            Trouble::Choice(choices) => {
                let mut problem =
                    self.problem(Code::BadValue, span, format!("{place}: `{shown}` is none of the choices"));
                let all: Vec<_> = choices.iter().map(|c| format!("`{c}`")).collect();
                problem = problem.help(format!("there are {}", all.join(", ")));
                match crate::diag::suggest::nearest(text, choices.iter().map(String::as_str)) {
                    Some(near) => problem.mend(format!("write `{near}`"), span, near, Manner::Text),
                    None => problem,
                }
            }
            Trouble::Unit(help) => {
                self.problem(Code::BadValue, span, format!("{place}: `{shown}` is no {wanted}")).help(help)
            }
            Trouble::Type => {
                let message = format!("{place} takes {wanted}, and `{shown}` is none");
                let problem = self.problem(Code::TypeMismatch, span, message);
                match spelling(text, wanted) {
                    Some((help, Some(ours))) => problem.help(help).fix(format!("write `{ours}`"), ours),
                    Some((help, None)) => problem.help(help),
                    None => problem,
                }
            }
        }
    }

    /// Text with `${…}` in it.
    fn template(&mut self, id: NodeId, text: &str, wanted: &Type, place: &dyn Display) -> ValueKind {
        let template = parse_template(text);
        if self.expression_problems(id, &template.problems) {
            return ValueKind::Error;
        }
        let pieces = self.pieces(id);
        let scalar = self.span(id);
        let located = |expr| Located { expr, scalar, pieces: pieces.clone() };
        if template.single().is_some() && !accepts(wanted, &Type::Shell) {
            let single = template.parts.into_iter().find_map(|part| match part {
                Part::Expr(expr) => Some(expr),
                Part::Text(_) => None,
            });
            return single.map_or(ValueKind::Error, |expr| ValueKind::Expr(located(expr)));
        }
        let Template { parts, .. } = template;
        if let [Part::Text(text)] = parts.as_slice() {
            // Only escapes were in it.
            return ValueKind::Constant(Value::str(text.as_str()));
        }
        if is_asset(wanted) {
            let message = format!("{place}: which file belongs into the bundle must be known at build");
            let problem = self.problem(Code::NotConstant, scalar, message);
            self.report(problem);
            return ValueKind::Error;
        }
        if accepts(wanted, &Type::Path)
            && let Some(Part::Text(start)) = parts.first()
            && !start.starts_with('/')
        {
            let problem = self.problem(Code::RelativePath, scalar, format!("{place}: this path is not absolute"));
            self.report(rooted(problem.help("paths on a node begin with `/`"), text));
            return ValueKind::Error;
        }
        let quoting = if accepts(wanted, &Type::Shell) { Quoting::Shell } else { Quoting::Plain };
        let parts = parts.into_iter().map(|part| match part {
            Part::Text(text) => ir::Part::Text(text),
            Part::Expr(expr) => ir::Part::Expr(located(expr)),
        });
        ValueKind::Template(parts.collect(), quoting)
    }

    /// An expression with the places of the scalar it was read from.
    pub(super) fn located(&self, id: NodeId, expr: ipcmm_grammar::ast::Expr) -> Located {
        Located { expr, scalar: self.span(id), pieces: self.pieces(id) }
    }

    /// Where the bytes of a scalar's text stand in the file.
    pub(super) fn pieces(&self, id: NodeId) -> Arc<[Piece]> {
        match self.doc.node(id).verbatim {
            true => [Piece { text: 0, file: self.doc.place_in(id, Span::new(0, 0)).start }].into(),
            false => self.doc.pieces.get(&id).map_or_else(|| [].into(), |pieces| pieces.as_ref().into()),
        }
    }

    /// A scalar that is a bare expression; one that is exactly `${…}` counts as the expression in it.
    pub(super) fn bare_expression(&mut self, id: NodeId) -> Option<Located> {
        self.note_text(id);
        let NodeKind::Scalar { text, .. } = &self.doc.node(id).kind else {
            let message = format!("this place takes an expression, and this is {}", self.what(id));
            let problem = self.problem(Code::WrongShape, self.span(id), message);
            match &self.doc.node(id).kind {
                NodeKind::Error => {}
                NodeKind::List(_) => self.report(problem.help("conditions are joined by `and` and `or`")),
                _ => self.report(problem),
            }
            return None;
        };
        let (pieces, scalar) = (self.pieces(id), self.span(id));
        let Parsed { expr, problems } = match is_plain(text) {
            true => parse(text),
            false => {
                let template = parse_template(text);
                match template.single().cloned() {
                    Some(expr) => Parsed { expr, problems: template.problems },
                    None => parse(text),
                }
            }
        };
        if self.expression_problems(id, &problems) {
            return None;
        }
        Some(Located { expr, scalar, pieces })
    }

    /// Offers to close an interpolation where the text ends if an expression ends there, else to escape its sign.
    fn closed(&self, problem: Diagnostic, id: NodeId, sign: Span) -> Diagnostic {
        let (Some(text), true) = (self.doc.text(id), self.doc.node(id).verbatim) else { return problem };
        let rest = text.get(sign.end as usize..).unwrap_or("");
        let place = self.doc.place_in(id, sign);
        if rest.contains("${") || !parse(rest).problems.is_empty() {
            return problem.mend("write `$${`", place, "$${", Manner::Source);
        }
        let end = self.doc.place_in(id, Span::new(text.len() as u32, text.len() as u32));
        problem.mend("close it with `}` at the end of the text", end, "}", Manner::Source)
    }

    /// Reports what is wrong with the spelling of an expression; true if anything is.
    pub(super) fn expression_problems(&mut self, id: NodeId, problems: &[Problem]) -> bool {
        for problem in problems {
            let code = match problem.kind {
                ProblemKind::Syntax => Code::ExprSyntax,
                ProblemKind::UnclosedInterpolation => Code::UnclosedInterpolation,
                ProblemKind::UnclosedString => Code::UnclosedString,
                ProblemKind::BadEscape => Code::BadEscape,
                ProblemKind::BadNumber => Code::BadNumber,
                ProblemKind::BadUnit => Code::BadUnit,
                ProblemKind::TooDeep => Code::ExprTooDeep,
                ProblemKind::TooLarge => Code::ExprTooLarge,
            };
            let span = self.doc.place_in(id, problem.span);
            let mut diagnostic = self.problem(code, span, problem.message.clone());
            diagnostic.help = problem.help.clone();
            if problem.kind == ProblemKind::UnclosedInterpolation {
                diagnostic = self.closed(diagnostic, id, problem.span);
            }
            self.report(diagnostic);
        }
        !problems.is_empty()
    }
}

/// What a word is here that other tools read as a truth value or a number, and what to write for it.
fn spelling(text: &str, wanted: &Type) -> Option<(String, Option<&'static str>)> {
    let plain = wanted.without_null();
    if let Type::List(_) = plain {
        let one = if text.contains(char::is_whitespace) { "its parts as a list" } else { "a list, also of one" };
        return Some((format!("write {one}: `[{}]`", text.split_whitespace().collect::<Vec<_>>().join(", ")), None))
            .filter(|_| !text.is_empty() && text.len() <= 40);
    }
    if plain == Type::Bool {
        let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        let ours = match () {
            () if is(&["yes", "on", "y", "1", "true"]) => "true",
            () if is(&["no", "off", "n", "0", "false"]) => "false",
            () => return None,
        };
        return Some(("truth is written `true` or `false`".to_owned(), Some(ours)));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let number =
        |allowed: &str| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || allowed.contains(c));
    match plain {
        Type::Int if number("") => {
            Some((format!("whole numbers have 64 bits: from {} to {}", i64::MIN, i64::MAX), None))
        }
        Type::Int | Type::Float if number("_") => Some(("write the digits without `_`".into(), None)),
        _ => None,
    }
}

/// Offers the root before a path that only lacks it.
fn rooted(problem: Diagnostic, text: &str) -> Diagnostic {
    let lacks = problem.code == Code::RelativePath && text.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    match problem.place.filter(|_| lacks) {
        Some((_, span)) => problem.mend(format!("write `/{text}`"), span, format!("/{text}"), Manner::Text),
        None => problem,
    }
}

/// The value, if it is known already.
fn constant(value: &Typed) -> Option<Value> {
    match &value.kind {
        ValueKind::Constant(value) => Some(value.clone()),
        _ => None,
    }
}

/// Whether `wanted` is `ty`, or a union that has it.
pub(super) fn accepts(wanted: &Type, ty: &Type) -> bool {
    wanted == ty || matches!(wanted, Type::Union(members) if members.contains(ty))
}

fn is_asset(wanted: &Type) -> bool {
    accepts(wanted, &Type::Asset)
}

/// What a scalar without `${…}` is read as; `None` if it is refused.
pub(super) fn read_as(text: &str, style: Style, wanted: &Type) -> Option<Value> {
    let members = if let Type::Union(members) = wanted { members.as_slice() } else { &[] };
    if is_source(wanted) && !(members.contains(&Type::Null) && is_null(text, style, members)) {
        return Some(Value::str(text));
    }
    read(text, style, wanted).ok()
}

/// Why a scalar cannot be read as the type that is wanted.
enum Trouble {
    Type,
    Mode,
    /// It is quoted, and could be read without the quotes.
    Quoted(String),
    Choice(Vec<String>),
    Unit(&'static str),
}

/// Reads a scalar as a type.
fn read(text: &str, style: Style, wanted: &Type) -> Result<Value, Trouble> {
    let textual = style == Style::Quoted;
    let text = match wanted {
        Type::Str | Type::Bytes | Type::Regex | Type::Script | Type::Shell | Type::Any | Type::Error => text,
        // Its members decide.
        Type::Union(_) => text,
        _ => style.word(text),
    };
    let number = |value: Option<Value>, trouble: Trouble| match value {
        Some(_) if textual => Err(Trouble::Quoted(text.to_string())),
        Some(value) => Ok(value),
        None => Err(trouble),
    };
    match wanted {
        Type::Any | Type::Error => Ok(core_schema(text, style)),
        Type::Null => {
            if style != Style::Quoted && units::is_null(text) {
                Ok(Value::Null)
            } else {
                Err(Trouble::Type)
            }
        }
        Type::Bool => number(units::parse_bool(text).map(Value::Bool), Trouble::Type),
        Type::Int => number(units::parse_int(text).map(Value::Int), Trouble::Type),
        Type::Float => {
            let value = units::parse_float(text).or_else(|| units::parse_int(text).map(|i| i as f64));
            number(value.map(Value::Float), Trouble::Type)
        }
        // Units make their text unmistakable, so quotes do no harm.
        Type::Duration => units::parse_duration(text).map(Value::Duration).ok_or(Trouble::Unit(
            "write it as `10s`, `1m30s`, `250ms`, by the units d h m s ms us ns; a bare number is seconds",
        )),
        Type::Size => units::parse_size(text).map(Value::Int).ok_or(Trouble::Unit(
            "write it as `512`, `64KiB`, `1GB`, by the units B kB MB GB TB KiB MiB GiB TiB; a bare number is bytes",
        )),
        Type::Mode => match units::parse_mode(text) {
            Some(_) => Ok(Value::str(text)),
            None => Err(Trouble::Mode),
        },
        Type::Str | Type::Path | Type::Regex | Type::Script | Type::Shell | Type::Asset => Ok(Value::str(text)),
        Type::Bytes | Type::Semver | Type::Ip | Type::Cidr | Type::Task => Ok(Value::str(text)),
        Type::Secret(inner) => read(text, style, inner),
        Type::Literal(choice) if choice == text => Ok(Value::str(text)),
        Type::Literal(choice) => Err(Trouble::Choice(vec![choice.clone()])),
        Type::Union(members) => {
            if members.contains(&Type::Null) && is_null(text, style, members) {
                return Ok(Value::Null);
            }
            let choices: Vec<String> = members
                .iter()
                .filter_map(|m| match m {
                    Type::Literal(choice) => Some(choice.clone()),
                    _ => None,
                })
                .collect();
            let mut first = None;
            for member in members.iter().filter(|m| **m != Type::Null) {
                match read(text, style, member) {
                    Ok(value) => return Ok(value),
                    Err(trouble) => {
                        first.get_or_insert(trouble);
                    }
                }
            }
            Err(if choices.len() > 1 { Trouble::Choice(choices) } else { first.unwrap_or(Trouble::Type) })
        }
        Type::List(_) | Type::Map(_) | Type::Record(_) | Type::Expr(_) | Type::Function(..) | Type::Var(_) => {
            Err(Trouble::Type)
        }
    }
}

/// Whether a scalar is null where one of several types is wanted. In a format that has only text, nothing between the
/// signs is the empty text wherever one can stand.
fn is_null(text: &str, style: Style, members: &[Type]) -> bool {
    let empty_is_text =
        || members.iter().any(|m| matches!(m, Type::Str | Type::Bytes | Type::Regex | Type::Script | Type::Shell));
    match style {
        Style::Bare => units::is_null(text),
        Style::Quoted => false,
        Style::Text => units::is_null(style.word(text)) && !(style.word(text).is_empty() && empty_is_text()),
    }
}

/// The YAML core schema, where nothing says which type is wanted.
pub(crate) fn core_schema(text: &str, style: Style) -> Value {
    if style == Style::Quoted {
        return Value::str(text);
    }
    let word = style.word(text);
    if units::is_null(word) {
        return Value::Null;
    }
    None.or_else(|| units::parse_bool(word).map(Value::Bool))
        .or_else(|| units::parse_int(word).map(Value::Int))
        .or_else(|| units::parse_float(word).map(Value::Float))
        .unwrap_or_else(|| Value::str(text))
}

/// What else a constant must be.
pub(crate) fn refine(value: &Value, wanted: &Type) -> Result<(), (Code, String)> {
    if let Type::Secret(inner) = wanted {
        return refine(value, inner);
    }
    let Value::Str(text) = value else { return Ok(()) };
    if accepts(wanted, &Type::Path) {
        if !text.starts_with('/') {
            return Err((Code::RelativePath, format!("`{text}` is not absolute: paths on a node begin with `/`")));
        }
        if text.split('/').any(|part| part == "..") || text.contains('\0') {
            return Err((Code::BadValue, format!("`{}` leads upwards; write where it leads to", text.escape_debug())));
        }
    }
    if accepts(wanted, &Type::Regex)
        && let Err(fault) = ipcmm_vm::machine::check_pattern(text)
    {
        return Err((Code::BadValue, fault.detail));
    }
    meaningful(text, wanted).map_err(|message| (Code::BadValue, message))?;
    if accepts(wanted, &Type::Mode) && units::parse_mode(text).is_none() {
        return Err((Code::BadMode, format!("`{text}` is no mode: permissions are octal, such as \"0644\"")));
    }
    Ok(())
}

/// Whether a text is a version, an address or a network where one is wanted; of several, one will do.
fn meaningful(text: &str, wanted: &Type) -> Result<(), String> {
    let check = |ty: &Type| match ty {
        Type::Semver => Some(check_version(text)),
        Type::Ip => Some(check_address(text)),
        Type::Cidr => Some(check_network(text)),
        Type::Str => Some(Ok(())),
        _ => None,
    };
    let members = match wanted {
        Type::Union(members) => members.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut refused = None;
    for result in members.iter().filter_map(check) {
        match result {
            Ok(()) => return Ok(()),
            Err(fault) => refused = refused.or(Some(fault.detail)),
        }
    }
    refused.map_or(Ok(()), Err)
}
