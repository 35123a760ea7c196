//! Expressions as text one could have written, with no more parentheses than needed.
//!
//! Both kinds of expressions, as parsed and as checked, are put together by the same functions. Of checked ones the
//! names of a comprehension are gone: they are `x0`, `x1` and so on.

use crate::graph;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::{self, BinaryOp, UnaryOp};

/// How tightly the outermost operator of a text binds, weakest first: the levels of the grammar.
type Strength = u8;
const LAMBDA: Strength = 0;
const CONDITIONAL: Strength = 1;
const PIPE: Strength = 2;
const OR: Strength = 3;
const AND: Strength = 4;
const NOT: Strength = 5;
const COALESCE: Strength = 6;
const COMPARISON: Strength = 7;
const RANGE: Strength = 8;
const SUM: Strength = 9;
const PRODUCT: Strength = 10;
const NEGATION: Strength = 11;
const POSTFIX: Strength = 12;
const PRIMARY: Strength = 13;

/// What stands for something that was reported.
const ERROR: &str = "<error>";

/// An expression as text.
struct Written {
    text: String,
    strength: Strength,
}

impl Written {
    fn new(text: impl Into<String>, strength: Strength) -> Written {
        Written { text: text.into(), strength }
    }

    /// The text for a place that takes `strength` or more.
    fn within(self, strength: Strength) -> String {
        if self.strength >= strength { self.text } else { format!("({})", self.text) }
    }

    /// The text for a place that takes any expression.
    fn whole(self) -> String {
        self.within(LAMBDA)
    }
}

/// A parsed expression.
pub(crate) fn source(expr: &ast::Expr) -> String {
    parsed(expr).whole()
}

/// A checked expression that reads no results and calls no functions of sources: two that are written alike mean the same.
pub(crate) fn expression(expr: &graph::Expr) -> String {
    checked(expr, &|task| format!("results[{task}]"), &|function| format!("function {function}"))
}

/// A checked expression. `result` is how the result of a task is written, `function` a function of a source.
pub(super) fn checked(expr: &graph::Expr, result: &dyn Fn(u32) -> String, function: &dyn Fn(u32) -> String) -> String {
    Checked { result, function }.write(expr).whole()
}

/// A text with expressions in it: `text` is put in as it is, `expression` in braces.
pub(super) fn text_in_template(text: &str) -> String {
    text.replace("${", "$${")
}

/// Whether a text can stand where the language wants a name.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && text != "_" && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn quoted(text: &str) -> String {
    Value::str(text).to_string()
}

fn key(text: &str) -> String {
    if is_name(text) { text.to_owned() } else { quoted(text) }
}

fn parsed(expr: &ast::Expr) -> Written {
    use ast::ExprKind;
    match &expr.kind {
        ExprKind::Null => constant(&Value::Null),
        ExprKind::Bool(b) => constant(&Value::Bool(*b)),
        ExprKind::Int(i) => constant(&Value::Int(*i)),
        ExprKind::Float(x) => constant(&Value::Float(*x)),
        ExprKind::Str(text) => constant(&Value::str(text.as_str())),
        ExprKind::Duration(ns) => constant(&Value::Duration(*ns)),
        ExprKind::Size(bytes) => size(*bytes),
        ExprKind::List(items) => list(items.iter().map(parsed)),
        ExprKind::Map(entries) => map(entries.iter().map(|(name, value)| (name.name.as_str(), parsed(value)))),
        ExprKind::Range(first, last) => range(parsed(first), parsed(last)),
        ExprKind::Name(name) => Written::new(name.as_str(), PRIMARY),
        ExprKind::Field { object, field: name, optional } => field(parsed(object), &name.name, *optional),
        ExprKind::Index { object, key, optional } => index(parsed(object), parsed(key), *optional),
        ExprKind::Call { function, args } => {
            let arg = |arg: &ast::Arg| match &arg.name {
                Some(name) => format!("{}: {}", name.name, parsed(&arg.value).whole()),
                None => parsed(&arg.value).whole(),
            };
            call(&function.name, args.iter().map(arg))
        }
        ExprKind::Lambda { params, body } => {
            let names: Vec<&str> = params.iter().map(|p| p.name.as_str()).collect();
            let body = parsed(body).whole();
            match names.as_slice() {
                [one] => Written::new(format!("{one} => {body}"), LAMBDA),
                names => Written::new(format!("({}) => {body}", names.join(", ")), LAMBDA),
            }
        }
        ExprKind::Unary(op, operand) => unary(*op, parsed(operand)),
        ExprKind::Binary(op, a, b) => binary(*op, parsed(a), parsed(b)),
        ExprKind::Conditional { condition, then, otherwise } => {
            conditional(parsed(condition), parsed(then), parsed(otherwise))
        }
        ExprKind::Match { subject, arms } => {
            let arm = |arm: &ast::Arm| (arm.patterns.iter().map(|p| parsed(p).whole()).collect(), parsed(&arm.value));
            match_(parsed(subject), arms.iter().map(arm))
        }
        ExprKind::Comprehension { body, names, list, condition } => {
            let names: Vec<&str> = names.iter().map(|n| n.name.as_str()).collect();
            comprehension(parsed(body), &names.join(", "), parsed(list), condition.as_deref().map(parsed))
        }
        ExprKind::Error => Written::new(ERROR, PRIMARY),
    }
}

struct Checked<'a> {
    result: &'a dyn Fn(u32) -> String,
    function: &'a dyn Fn(u32) -> String,
}

impl Checked<'_> {
    fn write(&self, expr: &graph::Expr) -> Written {
        use graph::ExprKind;
        match &expr.kind {
            ExprKind::Constant(value) => constant(value),
            ExprKind::Fact(path) => Written::new(*path, POSTFIX),
            ExprKind::Result(task) => Written::new((self.result)(*task), POSTFIX),
            ExprKind::Slot(slot) => Written::new(slot.name(), PRIMARY),
            ExprKind::Local(number) => Written::new(format!("x{number}"), PRIMARY),
            ExprKind::Field(object, name, optional) => field(self.write(object), name, *optional),
            ExprKind::Index(object, key, optional) => index(self.write(object), self.write(key), *optional),
            ExprKind::List(items) => list(items.iter().map(|item| self.write(item))),
            ExprKind::Map(entries) => map(entries.iter().map(|(key, value)| (key.as_str(), self.write(value)))),
            ExprKind::Range(first, last) => range(self.write(first), self.write(last)),
            ExprKind::Concat(parts) => self.template(parts),
            ExprKind::Unary(op, operand) => unary(*op, self.write(operand)),
            ExprKind::Binary(op, a, b) => binary(*op, self.write(a), self.write(b)),
            ExprKind::Conditional(condition, then, otherwise) => {
                conditional(self.write(condition), self.write(then), self.write(otherwise))
            }
            ExprKind::Match(subject, arms) => {
                let arm = |(patterns, value): &(Vec<Value>, graph::Expr)| {
                    (patterns.iter().map(Value::to_string).collect(), self.write(value))
                };
                match_(self.write(subject), arms.iter().map(arm))
            }
            ExprKind::Comprehension { body, local, pair, list, condition } => {
                let names = if *pair { format!("x{local}, x{}", local + 1) } else { format!("x{local}") };
                let condition = condition.as_deref().map(|condition| self.write(condition));
                comprehension(self.write(body), &names, self.write(list), condition)
            }
            ExprKind::Call(function, args) => call(function.name(), args.iter().map(|arg| self.write(arg).whole())),
            ExprKind::Walk { function, local, args } => {
                let args = args.iter().zip(function.row().params).map(|(arg, (_, ty))| {
                    let written = self.write(arg).whole();
                    // How many parameters a lambda has stands in its type: `(T, U) -> V`.
                    match ty.split_once(") -> ") {
                        Some((params, _)) if params.contains(',') => {
                            format!("(x{local}, x{}) => {written}", local + 1)
                        }
                        Some(_) => format!("x{local} => {written}"),
                        None => written,
                    }
                });
                call(function.name(), args)
            }
            ExprKind::Invoke(function, args) => {
                call(&(self.function)(*function), args.iter().map(|arg| self.write(arg).whole()))
            }
            ExprKind::Let { local, value, body } => {
                let body = self.write(body).whole();
                Written::new(format!("(x{local} => {body})({})", self.write(value).whole()), POSTFIX)
            }
            ExprKind::Secret(uri) => call("secret", [quoted(uri)].into_iter()),
            ExprKind::Want(value, _) => self.write(value),
            ExprKind::Unknown | ExprKind::Error => Written::new(ERROR, PRIMARY),
        }
    }

    /// Texts joined, as the text with `${…}` it was written as, in double quotes.
    fn template(&self, parts: &[graph::Expr]) -> Written {
        let mut text = String::from("\"");
        for part in parts {
            match &part.kind {
                graph::ExprKind::Constant(Value::Str(part)) => {
                    // The escapes of single quotes, but for the quotes themselves.
                    let escaped = quoted(&text_in_template(part));
                    let inner = escaped.get(1..escaped.len().saturating_sub(1)).unwrap_or("");
                    text.push_str(&inner.replace("\\'", "'").replace('"', "\\\""));
                }
                _ => {
                    text.push_str("${");
                    text.push_str(&self.write(part).whole());
                    text.push('}');
                }
            }
        }
        text.push('"');
        Written::new(text, PRIMARY)
    }
}

fn constant(value: &Value) -> Written {
    let strength = match value {
        Value::Int(i) | Value::Duration(i) if *i < 0 => NEGATION,
        Value::Float(x) if x.is_sign_negative() => NEGATION,
        Value::Range(..) => RANGE,
        _ => PRIMARY,
    };
    Written::new(value.to_string(), strength)
}

/// Bytes in the largest unit that divides them.
fn size(bytes: i64) -> Written {
    const UNITS: [(&str, i64); 8] = [
        ("TiB", 1 << 40),
        ("TB", 1_000_000_000_000),
        ("GiB", 1 << 30),
        ("GB", 1_000_000_000),
        ("MiB", 1 << 20),
        ("MB", 1_000_000),
        ("KiB", 1 << 10),
        ("kB", 1_000),
    ];
    let unit = UNITS.iter().find(|(_, unit)| bytes != 0 && bytes % unit == 0);
    let (name, unit) = unit.copied().unwrap_or(("B", 1));
    Written::new(format!("{}{name}", bytes / unit), PRIMARY)
}

fn list(items: impl Iterator<Item = Written>) -> Written {
    Written::new(format!("[{}]", joined(items.map(Written::whole))), PRIMARY)
}

fn map<'a>(entries: impl Iterator<Item = (&'a str, Written)>) -> Written {
    Written::new(
        format!("{{{}}}", joined(entries.map(|(name, value)| format!("{}: {}", key(name), value.whole())))),
        PRIMARY,
    )
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn range(first: Written, last: Written) -> Written {
    Written::new(format!("{}..{}", first.within(SUM), last.within(SUM)), RANGE)
}

fn field(object: Written, name: &str, optional: bool) -> Written {
    if !is_name(name) {
        return index(object, Written::new(quoted(name), PRIMARY), optional);
    }
    let dot = if optional { "?." } else { "." };
    Written::new(format!("{}{dot}{name}", object.within(POSTFIX)), POSTFIX)
}

fn index(object: Written, key: Written, optional: bool) -> Written {
    let dot = if optional { "?." } else { "" };
    Written::new(format!("{}{dot}[{}]", object.within(POSTFIX), key.whole()), POSTFIX)
}

fn call(function: &str, args: impl Iterator<Item = String>) -> Written {
    Written::new(format!("{function}({})", joined(args)), POSTFIX)
}

fn unary(op: UnaryOp, operand: Written) -> Written {
    match op {
        UnaryOp::Not => Written::new(format!("not {}", operand.within(NOT)), NOT),
        UnaryOp::Neg => Written::new(format!("-{}", operand.within(NEGATION)), NEGATION),
    }
}

fn binary(op: BinaryOp, a: Written, b: Written) -> Written {
    let (own, left, right) = match op {
        BinaryOp::Or => (OR, OR, AND),
        BinaryOp::And => (AND, AND, NOT),
        BinaryOp::Coalesce => (COALESCE, COMPARISON, COALESCE),
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge
        | BinaryOp::In
        | BinaryOp::NotIn
        | BinaryOp::Matches => (COMPARISON, RANGE, RANGE),
        BinaryOp::Add | BinaryOp::Sub => (SUM, SUM, PRODUCT),
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Rem => (PRODUCT, PRODUCT, NEGATION),
    };
    Written::new(format!("{} {} {}", a.within(left), op.symbol(), b.within(right)), own)
}

fn conditional(condition: Written, then: Written, otherwise: Written) -> Written {
    Written::new(format!("{} ? {} : {}", condition.within(PIPE), then.whole(), otherwise.whole()), CONDITIONAL)
}

fn match_(subject: Written, arms: impl Iterator<Item = (Vec<String>, Written)>) -> Written {
    let arm = |(patterns, value): (Vec<String>, Written)| {
        let patterns = if patterns.is_empty() { "_".to_owned() } else { patterns.join(" | ") };
        format!("{patterns} => {}", value.whole())
    };
    Written::new(format!("match {} {{ {} }}", subject.whole(), joined(arms.map(arm))), PRIMARY)
}

fn comprehension(body: Written, names: &str, list: Written, condition: Option<Written>) -> Written {
    let condition = condition.map_or_else(String::new, |condition| format!(" if {}", condition.whole()));
    Written::new(format!("[{} for {names} in {}{condition}]", body.whole(), list.whole()), PRIMARY)
}
