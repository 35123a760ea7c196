//! What `t` and the other attributes of an element say about it, and what is wrong with them.
//!
//! Unaware of: how the value is spoken.

use super::mapping::Mapping;
use super::tree::{Attribute, Element};
use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic};
use crate::doc::Span;
use crate::doc::builder::quoted;
use ipcmm_grammar::units;

/// What an element is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forced {
    Str,
    Int,
    Float,
    Bool,
    Null,
    List,
    Map,
}

const TABLE: &[(&str, Forced, &str)] = &[
    ("str", Forced::Str, "a text"),
    ("int", Forced::Int, "a whole number"),
    ("float", Forced::Float, "a number"),
    ("bool", Forced::Bool, "`true` or `false`"),
    ("null", Forced::Null, "nothing"),
    ("list", Forced::List, "a list"),
    ("map", Forced::Map, "a map"),
];

impl Forced {
    pub fn of_name(name: &str) -> Option<Forced> {
        TABLE.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    fn what(self) -> (&'static str, &'static str) {
        TABLE.iter().find(|row| row.1 == self).map_or(("", ""), |row| (row.0, row.2))
    }
}

/// Whether a text can be the scalar that is wanted.
pub(super) fn scalar_fits(forced: Forced, text: &str) -> bool {
    match forced {
        Forced::Int => units::parse_int(text).is_some(),
        Forced::Float => units::parse_float(text).is_some() || units::parse_int(text).is_some(),
        Forced::Bool => units::parse_bool(text).is_some(),
        Forced::Null => units::is_null(text),
        Forced::Str => true,
        Forced::List | Forced::Map => false,
    }
}

impl<'t> Mapping<'t, '_, '_> {
    pub(super) fn unknown_type(&mut self, attribute: &Attribute, written: &str) {
        let names = || TABLE.iter().map(|row| row.0);
        let message = format!("there is no type {} of an element", quoted(written));
        let problem = Diagnostic::new(Code::ElementType, self.builder.file(), attribute.value, message);
        let problem = match nearest(written, names()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), near),
            None => {
                let all: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                let key = "an entry named `t` is written `<entry key=\"t\">`";
                problem.help(format!("there are {}; {key}", all.join(", ")))
            }
        };
        self.builder.report(problem);
    }

    /// Reports that an element is not what it is said to be.
    pub(super) fn unfit(&mut self, element: &'t Element, forced: Forced, place: Span, why: &str) {
        let (name, what) = forced.what();
        let message = format!("the element is said to be {what} (`t=\"{name}\"`), and {why}");
        let problem = Diagnostic::new(Code::ElementType, self.builder.file(), place, message);
        self.builder.report(problem.help("change the value, or remove the attribute `t`"));
        self.builder.poison(element.span);
    }

    pub(super) fn misplaced_key(&mut self, attribute: &Attribute, root: bool) {
        let whole = Span::new(attribute.name.start, attribute.value.end + 1);
        let what = if root { "the root element" } else { "an element of a list" };
        let message = format!("`key` names an entry of a map, and this is {what}");
        let problem = Diagnostic::new(Code::ElementType, self.builder.file(), whole, message);
        self.builder.report(problem.help("remove it; an entry named `key` is written `<entry key=\"key\">`"));
    }

    pub(super) fn prefixed(&mut self, attribute: &Attribute, name: &str) {
        let message = format!("the attribute {} belongs to a namespace", quoted(name));
        let problem = Diagnostic::new(Code::NamePrefix, self.builder.file(), attribute.name, message);
        let help =
            "remove it: namespaces mean nothing here; `xmlns` and `xsi:` may stand in the root element for editors";
        self.builder.report(problem.help(help));
    }

    /// Reports text beside entries.
    pub(super) fn mixed(&mut self, element: &'t Element, solid: Span, attribute: Option<&'t Attribute>) {
        let raw = self.text.get(solid.start as usize..solid.end as usize).unwrap_or("");
        let start = solid.start + (raw.len() - raw.trim_start().len()) as u32;
        let place = Span::new(start, start + raw.trim().len() as u32);
        let (what, other, help) = match (self.tree.element(element.first), attribute) {
            (Some(child), _) => {
                ("elements", child.name, "write the text as an element of its own, or `&lt;` where `<` begins no tag")
            }
            (None, Some(attribute)) => {
                ("attributes", attribute.name, "attributes are entries: write the text as an entry, too")
            }
            (None, None) => ("nothing else", element.name, "a list or a map has elements inside"),
        };
        let message = format!("text stands beside {what} in {}", quoted(&format!("<{}>", self.name(element))));
        let mut problem = Diagnostic::new(Code::MixedContent, self.builder.file(), place, message).help(help);
        if element.first != super::tree::NONE || attribute.is_some() {
            problem = problem.label(self.builder.file(), other, format!("one of the {what}"));
        }
        self.builder.report(problem);
        self.builder.poison(element.span);
    }

    fn name(&self, element: &Element) -> &'t str {
        self.text.get(element.name.start as usize..element.name.end as usize).unwrap_or("")
    }
}
