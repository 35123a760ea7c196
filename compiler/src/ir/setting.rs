//! Keywords whose value must be known at build: one table says what each takes, and one function puts a value where it
//! belongs, whether it is written as it is or computed from what is known at build.
//!
//! Unaware of: how a value is read or computed. Start reading at [`Said::set`].

use super::keep::Keep;
use super::{Control, Order, Retry, Task, Typed};
use crate::diag::Code;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_bytecode::{Value, limits};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::types::Type;
use std::sync::LazyLock;

static ORDER: LazyLock<Type> = LazyLock::new(|| {
    let word = |word: &str| Type::Literal(word.into());
    Type::Union(vec![word("first"), word("last"), Type::Int])
});

/// Calls `$m!` with every setting: meaning, variant, the keyword it belongs to, its name in messages, its type.
macro_rules! for_each_setting {
    ($m:ident) => {
        $m! {
            /// The time of one attempt.
            Timeout Timeout "`timeout`" &Type::Duration;
            /// Whether a failing body is tried again.
            Retry Retry "`retry`" &Type::Bool;
            /// How often it is tried.
            Attempts Retry "`attempts`" &Type::Int;
            /// The time between two attempts.
            Interval Retry "`interval`" &Type::Duration;
            /// The time that chance may add to it.
            Splay Retry "`splay`" &Type::Duration;
            /// The rank among those that may start.
            Order Order "`order`" &ORDER;
            /// Whether a failure stops the run.
            StopOnFail StopOnFail "`stoponfail`" &Type::Bool;
            /// How a task runs beside others.
            ModeOfExec ModeOfExec "`modeofexec`" &Type::Str;
            /// The queue.
            Lane Lane "`lane`" &Type::Str;
            /// The limit of the queue.
            Max Max "`max`" &Type::Int;
            /// Whether a task is always a dry run.
            Test Test "`test`" &Type::Bool;
            /// The label before.
            MovedFrom MovedFrom "`moved_from`" &Type::Str;
            /// A word by which a task can be picked.
            Tag Tags "`tags`" &Type::Str;
        }
    };
}

macro_rules! define_settings {
    ($(#[doc = $doc:literal] $variant:ident $keyword:ident $place:literal $ty:expr;)*) => {
        /// What is known at build of every task that says it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Setting { $(#[doc = $doc] $variant,)* }

        impl Setting {
            /// The keyword it is, or stands under.
            pub const fn keyword(self) -> Keyword {
                match self { $(Setting::$variant => Keyword::$keyword,)* }
            }

            /// Its name in messages.
            pub const fn place(self) -> &'static str {
                match self { $(Setting::$variant => $place,)* }
            }

            /// The type of its value.
            pub fn wanted(self) -> &'static Type {
                match self { $(Setting::$variant => $ty,)* }
            }
        }
    };
}
for_each_setting!(define_settings);

/// A setting that is computed: `expand` replaces it by its value when it is known what names stand for.
#[derive(Clone, Debug)]
pub struct Late {
    /// The setting.
    pub setting: Setting,
    /// Its value.
    pub value: Typed,
}

/// Why a value of the right type is not taken.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Its code.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Refused {
    fn value(message: String) -> Refused {
        Refused { code: Code::BadValue, message, help: None }
    }
}

/// What has been said of a label, or of a step of it, to be added to.
pub struct Said<'a> {
    /// Keywords of the block.
    pub control: &'a mut Control,
    /// `order`
    pub order: &'a mut Option<(Order, Span)>,
    /// `modeofexec`
    pub mode: &'a mut Option<ExecMode>,
    /// `stoponfail`
    pub stops: &'a mut Option<bool>,
    /// The rest.
    pub keep: &'a mut Keep,
}

impl Task {
    /// What is said of the task, or of one of its steps.
    pub fn said(&mut self, step: Option<usize>) -> Said<'_> {
        let Task { control, steps, order, mode, stops, keep, .. } = self;
        let control = match step.and_then(|at| steps.get_mut(at)) {
            Some(step) => &mut step.control,
            None => control,
        };
        Said { control, order, mode, stops, keep }
    }

    /// Everything of it that is computed, each with the step it is said of.
    pub fn late(&self) -> impl Iterator<Item = (Option<usize>, &Late)> {
        let steps = self.steps.iter().enumerate();
        let steps = steps.flat_map(|(at, step)| step.control.late.iter().map(move |late| (Some(at), late)));
        self.keep.late.iter().chain(&self.control.late).map(|late| (None, late)).chain(steps)
    }
}

impl Said<'_> {
    /// Keeps a setting for later.
    pub fn later(&mut self, setting: Setting, value: Typed) {
        let late = match setting.keyword() {
            Keyword::Timeout | Keyword::Retry => &mut self.control.late,
            _ => &mut self.keep.late,
        };
        late.push(Late { setting, value });
    }

    /// Puts a value of the setting's type where it belongs.
    pub fn set(&mut self, setting: Setting, value: &Value, span: Span) -> Result<(), Refused> {
        let place = setting.place();
        let retry = |control: &mut Control, set: &dyn Fn(&mut Retry)| set(control.retry.get_or_insert_default());
        match setting {
            Setting::Timeout => self.control.timeout = Some(milliseconds(place, value)?),
            Setting::Retry => self.control.retry = truth(place, value)?.then(Retry::default),
            Setting::Attempts => {
                let attempts = number(place, value, i64::from(limits::ATTEMPTS))?;
                retry(self.control, &|retry| retry.attempts = attempts);
            }
            Setting::Interval => {
                let interval = milliseconds(place, value)?;
                retry(self.control, &|retry| retry.interval = interval);
            }
            Setting::Splay => {
                let splay = milliseconds(place, value)?.div_ceil(1000);
                retry(self.control, &|retry| retry.splay = splay);
            }
            Setting::Order => *self.order = Some((rank(value)?, span)),
            Setting::StopOnFail => *self.stops = Some(truth(place, value)?),
            Setting::ModeOfExec => *self.mode = Some(mode(&text(place, value)?)?),
            Setting::Lane => self.keep.lane = Some((name(place, value)?, span)),
            Setting::Max => self.keep.max = Some((number(place, value, i64::from(u16::MAX))?, span)),
            Setting::Test => self.keep.test = dry(truth(place, value)?)?,
            Setting::MovedFrom => self.keep.moved_from = Some((name(place, value)?, span)),
            // They are there for people.
            Setting::Tag => drop(name(place, value)?),
        }
        Ok(())
    }
}

/// What only a value of another type can come to: that was looked at before.
fn other(place: &str, value: &Value, wanted: &str) -> Refused {
    let message = format!("{place} takes {wanted}, and this is {}", value.type_name());
    Refused { code: Code::TypeMismatch, message, help: None }
}

fn truth(place: &str, value: &Value) -> Result<bool, Refused> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        _ => Err(other(place, value, "bool")),
    }
}

fn milliseconds(place: &str, value: &Value) -> Result<u32, Refused> {
    let Value::Duration(ns) = value else { return Err(other(place, value, "duration")) };
    match *ns < 0 {
        true => Err(Refused::value(format!("{place} is less than nothing"))),
        false => u32::try_from(ns / 1_000_000).map_err(|_| Refused::value(format!("{place} is at most 49 days"))),
    }
}

fn number(place: &str, value: &Value, most: i64) -> Result<u32, Refused> {
    match value {
        Value::Int(n) if (1..=most).contains(n) => Ok(*n as u32),
        Value::Int(n) => Err(Refused::value(format!("{place} is {n}, and must be from 1 to {most}"))),
        _ => Err(other(place, value, "int")),
    }
}

fn text(place: &str, value: &Value) -> Result<String, Refused> {
    value.as_str().map(str::to_owned).ok_or_else(|| other(place, value, "str"))
}

fn name(place: &str, value: &Value) -> Result<String, Refused> {
    match text(place, value)? {
        empty if empty.is_empty() => Err(Refused::value(format!("{place} is empty"))),
        name => Ok(name),
    }
}

fn rank(value: &Value) -> Result<Order, Refused> {
    match value {
        Value::Int(at) => Ok(Order::At(*at)),
        _ => match value.as_str() {
            Some("first") => Ok(Order::First),
            Some("last") => Ok(Order::Last),
            _ => Err(Refused::value("`order` takes `first`, `last` or a whole number".into())),
        },
    }
}

fn mode(text: &str) -> Result<ExecMode, Refused> {
    ExecMode::from_name(text).ok_or_else(|| {
        let known: Vec<_> = ExecMode::TABLE.iter().map(|(_, name, _)| format!("`{name}`")).collect();
        let help = Some(format!("there are {}", known.join(", ")));
        Refused { help, ..Refused::value(format!("`{text}` is no mode of execution")) }
    })
}

fn dry(test: bool) -> Result<Option<bool>, Refused> {
    match test {
        true => Ok(Some(true)),
        false => Err(Refused {
            code: Code::NoPermission,
            message: "`test: false` would change the node in a dry run, and no run permits that".into(),
            help: Some("leave `test` out: then the task is as the run is".into()),
        }),
    }
}
