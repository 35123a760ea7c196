//! Keywords whose value must be known at build. One that is written as it is, is read at once; one with `${…}` in it is
//! kept as the value it is, and becomes known when names stand for something.
//!
//! Unaware of: what the values mean; [`crate::ir::setting`] has the table.

use super::Lowering;
use super::control::Keywords;
use crate::diag::{Code, Diagnostic};
use crate::doc::{NodeId, NodeKind, Style};
use crate::ir::ValueKind;
use crate::ir::setting::{Refused, Said, Setting};
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::template::is_plain;
use ipcmm_grammar::types::Type;
use ipcmm_grammar::units;

impl Refused {
    /// The problem at a place.
    pub(crate) fn at(self, file: FileId, span: Span) -> Diagnostic {
        let problem = Diagnostic::new(self.code, file, span, self.message);
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

/// A text put together of expressions, read as a scalar of the type that is wanted.
pub(crate) fn reread(setting: Setting, value: Value) -> Result<Value, Refused> {
    let (Value::Str(text), false) = (&value, *setting.wanted() == Type::Str) else { return Ok(value) };
    let read = super::scalar::read_as(text, Style::Bare, setting.wanted());
    if setting == Setting::Order {
        return Ok(read.unwrap_or(value));
    }
    read.ok_or_else(|| Refused {
        code: Code::BadValue,
        message: format!("{}: `{text}` is no {}", setting.place(), setting.wanted()),
        help: None,
    })
}

impl Keywords {
    fn said(&mut self) -> Said<'_> {
        let Keywords { control, order, mode, stops, keep, .. } = self;
        Said { control, order, mode, stops, keep }
    }
}

impl Lowering<'_> {
    /// Reads a setting, or keeps it for later.
    pub(super) fn setting(&mut self, setting: Setting, id: NodeId, into: &mut Keywords) {
        let span = self.span(id);
        let value = match &self.doc.node(id).kind {
            NodeKind::Scalar { text, .. } if !is_plain(text) => {
                let value = self.value(id, setting.wanted(), &setting.place());
                match value.kind {
                    ValueKind::Constant(value) => Some(value),
                    ValueKind::Error => None,
                    _ => {
                        into.said().later(setting, value);
                        None
                    }
                }
            }
            _ => self.as_written(setting, id),
        };
        if let Some(value) = value
            && let Err(refused) = reread(setting, value).and_then(|value| into.said().set(setting, &value, span))
        {
            self.report(refused.at(self.file(), span));
        }
    }

    /// A setting that is written as it is.
    fn as_written(&mut self, setting: Setting, id: NodeId) -> Option<Value> {
        let place = setting.place();
        match setting {
            Setting::Order => self.rank(id),
            Setting::ModeOfExec | Setting::Lane | Setting::MovedFrom => self.plain_text(id, &place).map(Value::str),
            Setting::Tag => match &self.doc.node(id).kind {
                NodeKind::Scalar { text, .. } => Some(Value::str(text.as_str())),
                _ => {
                    self.wrong_shape(id, &place, "names");
                    None
                }
            },
            Setting::Timeout
            | Setting::Retry
            | Setting::Attempts
            | Setting::Interval
            | Setting::Splay
            | Setting::StopOnFail
            | Setting::Max
            | Setting::Test => match self.value(id, setting.wanted(), &place).kind {
                ValueKind::Constant(value) => Some(value),
                _ => None,
            },
        }
    }

    fn rank(&mut self, id: NodeId) -> Option<Value> {
        self.note(id, &Type::Int);
        match &self.doc.node(id).kind {
            NodeKind::Scalar { text, style } if matches!(style.word(text), "first" | "last") => {
                Some(Value::str(style.word(text)))
            }
            NodeKind::Scalar { text, style } if *style != Style::Quoted => {
                // What is no number is refused as what it is.
                Some(units::parse_int(style.word(text)).map_or_else(|| Value::str(text.as_str()), Value::Int))
            }
            NodeKind::Error => None,
            _ => Some(Value::Null),
        }
    }

    /// `tags`: a name or several.
    pub(super) fn tags(&mut self, id: NodeId, into: &mut Keywords) {
        let doc = self.doc;
        match &doc.node(id).kind {
            NodeKind::List(items) => items.iter().for_each(|item| self.setting(Setting::Tag, *item, into)),
            _ if self.is_null(id) => {}
            _ => self.setting(Setting::Tag, id, into),
        }
    }
}
