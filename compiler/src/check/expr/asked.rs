//! What functions of the library ask of a value that no signature can say: that its elements have an order or a sum, that
//! it can be counted, that a number can be made of it.
//!
//! Unaware of: values. What is of no known type is looked at by the machine, which faults.

use super::Walk;
use crate::check::types::{is_number, is_open, is_text};
use crate::diag::{Code, Diagnostic};
use crate::graph::Expr;
use ipcmm_bytecode::Function;
use ipcmm_grammar::types::Type;

/// What is asked of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// It can be counted.
    Length,
    /// `int` makes a number of it.
    Whole,
    /// `float` makes a number of it.
    Real,
    /// It is a number.
    Number,
    /// It is a number or a span of time.
    Amount,
    /// Its elements are all numbers.
    Numbers,
    /// Its elements are all numbers, or all spans of time.
    Amounts,
    /// Its elements are ordered among each other.
    Ordered,
    /// It is what elements are ordered by.
    Order,
}

/// Which argument of which function is asked what.
const ASKED: &[(Function, usize, Asked)] = &[
    (Function::Len, 0, Asked::Length),
    (Function::IsEmpty, 0, Asked::Length),
    (Function::Int, 0, Asked::Whole),
    (Function::Float, 0, Asked::Real),
    (Function::Pow, 0, Asked::Number),
    (Function::Abs, 0, Asked::Amount),
    (Function::Sign, 0, Asked::Amount),
    (Function::Clamp, 0, Asked::Order),
    (Function::Clamp, 1, Asked::Order),
    (Function::Clamp, 2, Asked::Order),
    (Function::Product, 0, Asked::Numbers),
    (Function::Sum, 0, Asked::Amounts),
    (Function::Min, 0, Asked::Ordered),
    (Function::Max, 0, Asked::Ordered),
    (Function::Sorted, 0, Asked::Ordered),
    (Function::SortBy, 1, Asked::Order),
    (Function::MinBy, 1, Asked::Order),
    (Function::MaxBy, 1, Asked::Order),
];

/// Values that are ordered, or added, among each other only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Number,
    Span,
    Text,
    Truth,
    List,
    /// Has neither an order nor a sum.
    Other,
}

/// What is to be said about a type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    MayBeNull,
    Wrong,
}

impl Walk<'_, '_, '_> {
    /// Reports arguments that the function could never work on. True if there are none.
    pub(super) fn asked(&mut self, function: Function, name: &str, params: &[&str], args: &[Expr]) -> bool {
        let mut fine = true;
        for (_, at, asked) in ASKED.iter().filter(|(of, _, _)| *of == function) {
            let (Some(arg), Some(param)) = (args.get(*at), params.get(*at)) else { continue };
            let verdict = verdict(*asked, &arg.ty.revealed());
            if verdict == Verdict::Fine {
                continue;
            }
            fine = false;
            let gives = matches!(function, Function::SortBy | Function::MinBy | Function::MaxBy);
            let place = match gives {
                true => format!("what `{param}` of `{name}` gives"),
                false => format!("`{param}` of `{name}`"),
            };
            let mut problem = self.unfit(*asked, verdict, &place, arg);
            for (file, span, text) in self.origin(arg) {
                problem = problem.label(file, span, text);
            }
            self.typing.report(problem);
        }
        // Each bound by itself may have an order, and none with the value.
        if fine && function == Function::Clamp {
            let all = Type::union(args.iter().map(|arg| arg.ty.revealed()));
            if verdict(Asked::Order, &all) == Verdict::Wrong {
                let message = format!("`{name}` compares what has no order among each other: {all}");
                let problem = Diagnostic::new(Code::BadOperands, self.typing.file, args[0].span, message);
                self.typing.report(problem.help(ORDER));
                fine = false;
            }
        }
        fine
    }

    fn unfit(&self, asked: Asked, verdict: Verdict, place: &str, arg: &Expr) -> Diagnostic {
        let elements = matches!(asked, Asked::Numbers | Asked::Amounts | Asked::Ordered);
        if verdict == Verdict::MayBeNull {
            let (message, help) = match elements {
                true => (format!("{place}: an element may be null"), "`compact(…)` leaves out what is null"),
                false => (format!("{place}: this may be null"), "give a default with `??`"),
            };
            return Diagnostic::new(Code::PossiblyNull, self.typing.file, arg.span, message).help(help);
        }
        let takes = match asked {
            Asked::Length => "a text, a list or a map",
            Asked::Whole => "a number, a text or a truth value",
            Asked::Real => "a number or a text",
            Asked::Number => "a number",
            Asked::Amount => "a number or a duration",
            Asked::Numbers => "a list of numbers",
            Asked::Amounts => "a list of numbers, or of durations",
            Asked::Ordered => "a list of what has an order",
            Asked::Order => "what has an order",
        };
        let message = match place.ends_with("gives") {
            true => format!("{place} must be {takes}, and this is {}", arg.ty),
            false => format!("{place} takes {takes}, and this is {}", arg.ty),
        };
        let problem = Diagnostic::new(Code::TypeMismatch, self.typing.file, arg.span, message);
        let texts = class(&element(asked, &arg.ty.revealed())) == Class::Text;
        match asked {
            Asked::Ordered | Asked::Order => problem.help(ORDER),
            Asked::Numbers | Asked::Amounts if texts => {
                problem.help("`map(x => int(x))`, or `float`, makes numbers of texts; `join` puts texts together")
            }
            Asked::Number | Asked::Amount if texts => problem.help("`int(…)` or `float(…)` makes a number of a text"),
            _ => problem,
        }
    }
}

/// What has an order, for messages.
const ORDER: &str = "numbers, durations, texts, truth values and lists have an order, each among themselves";

/// What is judged: the elements of a list, or the value itself.
fn element(asked: Asked, ty: &Type) -> Type {
    match (asked, ty) {
        (Asked::Numbers | Asked::Amounts | Asked::Ordered, Type::List(item)) => item.revealed(),
        (_, ty) => ty.clone(),
    }
}

fn verdict(asked: Asked, ty: &Type) -> Verdict {
    let ty = element(asked, ty);
    let members: &[Type] = match &ty {
        Type::Union(members) => members,
        one => std::slice::from_ref(one),
    };
    let known = || members.iter().filter(|ty| **ty != Type::Null);
    if members.iter().any(is_open) {
        return Verdict::Fine;
    }
    let first = known().next().map(class);
    let together = known().all(|ty| Some(class(ty)) == first);
    let fits = match asked {
        Asked::Length => known().all(|ty| {
            let whole = matches!(ty, Type::List(_) | Type::Map(_) | Type::Record(_) | Type::Bytes);
            whole || is_text(ty)
        }),
        Asked::Whole => known().all(|ty| matches!(class(ty), Class::Number | Class::Text | Class::Truth)),
        Asked::Real => known().all(|ty| matches!(class(ty), Class::Number | Class::Text)),
        Asked::Number | Asked::Numbers => known().all(|ty| class(ty) == Class::Number),
        Asked::Amount => known().all(|ty| matches!(class(ty), Class::Number | Class::Span)),
        Asked::Amounts => together && matches!(first, Some(Class::Number | Class::Span)),
        Asked::Ordered | Asked::Order => together && first != Some(Class::Other),
    };
    match (fits && first.is_some(), ty.admits_null()) {
        (false, _) => Verdict::Wrong,
        (true, true) => Verdict::MayBeNull,
        (true, false) => Verdict::Fine,
    }
}

fn class(ty: &Type) -> Class {
    match ty {
        ty if is_number(ty) => Class::Number,
        Type::Duration => Class::Span,
        Type::Bool => Class::Truth,
        // Of lists the first difference decides: what stands there is not known.
        Type::List(_) => Class::List,
        ty if is_text(ty) => Class::Text,
        _ => Class::Other,
    }
}
