//! Lists and maps in brackets: in one line if they stood in one, otherwise an entry a line.
//!
//! Recursion is bounded: the parser nests brackets at most 255 deep. Unaware of: blocks around them.

use super::{Line, Print};
use crate::doc::yaml::marks::{MarkKind, Step, StepKind};

impl Print<'_> {
    /// Writes the collection that begins at a step, where a block has a place for it; gives the number of the step
    /// behind its end.
    pub(super) fn flow(&mut self, at: usize, step: &Step) -> usize {
        let end =
            self.ends.get(at).and_then(|end| self.stream.steps.get(*end)).map_or(step.span.end, |end| end.span.end);
        let flat = !self.slice(&(step.span.start..end)).contains('\n');
        let value = self.frames.last().is_some_and(|frame| frame.value && !frame.explicit);
        let indent = self.place(step, false);
        if value && !flat {
            // A bracket in the column of the key would be outside of its value.
            self.comments(indent);
            self.props(step, indent);
            self.comments(indent);
            self.fresh(indent);
        } else {
            self.reach(step, indent);
        }
        self.collection(at, indent, flat)
    }

    fn collection(&mut self, at: usize, indent: usize, flat: bool) -> usize {
        let steps = &self.stream.steps;
        let Some(start) = steps.get(at) else { return at + 1 };
        let end = self.ends.get(at).copied().unwrap_or(steps.len());
        let list = start.kind == StepKind::List(true);
        let bare = start.span.is_empty();
        let close = steps.get(end).map_or(start.span.end, |step| step.span.end);
        let flat = flat || bare || !self.slice(&(start.span.start..close)).contains('\n');
        if !bare {
            self.push(if list { "[" } else { "{" });
        }
        let inside = if bare { indent } else { indent + 2 };
        let mut next = at + 1;
        let mut first = true;
        while next < end {
            let Some(step) = self.stream.steps.get(next) else { break };
            self.take_in(step, &mut first, flat, inside);
            if list {
                next = self.value(next, inside, flat);
            } else {
                next = self.pair(next, inside, flat);
            }
            self.line = Line::Done;
        }
        if let Some(step) = self.stream.steps.get(end) {
            self.take(&step.marks);
        }
        if !bare {
            self.front(MarkKind::Comma);
            if !flat {
                self.comments(inside);
                self.fresh(indent);
            }
            self.push(if list { "]" } else { "}" });
        }
        end + 1
    }

    /// Goes to where the next element or key stands.
    fn take_in(&mut self, step: &Step, first: &mut bool, flat: bool, indent: usize) {
        self.take(&step.marks);
        if !std::mem::take(first) {
            // A comment before the comma goes behind it.
            self.push(",");
            self.line = Line::Open;
            if flat {
                self.push(" ");
            }
        }
        if !flat {
            while let Some(mark) = self.front_comment() {
                self.comment(&mark, indent);
                self.front(MarkKind::Comma);
            }
            self.front(MarkKind::Comma);
            while let Some(mark) = self.front_comment() {
                self.comment(&mark, indent);
            }
            self.fresh(indent);
        }
        self.front(MarkKind::Comma);
        self.line = Line::Ready;
    }

    /// A key and its value.
    fn pair(&mut self, at: usize, indent: usize, flat: bool) -> usize {
        if self.front(MarkKind::Question).is_some() {
            self.push("?");
            self.line = Line::Open;
        }
        let next = self.value(at, indent, flat);
        let Some(step) = self.stream.steps.get(next) else { return next };
        self.take(&step.marks);
        self.comments(indent + 2);
        if self.front(MarkKind::Colon).is_some() {
            if self.line == Line::Start {
                self.fresh(indent);
            } else if self.named {
                self.out.push(' ');
            }
            self.push(":");
            self.line = Line::Open;
        }
        let next = self.value(next, indent, flat);
        if flat && self.line == Line::Open && self.out.ends_with(':') {
            // Older readers take a colon before a bracket for text.
            self.out.push(' ');
        }
        next
    }

    /// A node; gives the number of the step behind it.
    fn value(&mut self, at: usize, indent: usize, flat: bool) -> usize {
        let Some(step) = self.stream.steps.get(at) else { return at + 1 };
        self.take(&step.marks);
        let empty = step.kind == StepKind::Plain && step.span.is_empty();
        if empty && step.props == 0 {
            return at + 1;
        }
        self.comments(indent + 2);
        if self.line == Line::Start {
            self.fresh(indent + 2);
        }
        self.props(step, indent + 2);
        self.comments(indent + 2);
        if self.line == Line::Start {
            self.fresh(indent + 2);
        }
        if empty {
            return at + 1;
        }
        if self.line == Line::Open {
            self.out.push(' ');
            self.line = Line::Ready;
        }
        match step.kind {
            StepKind::List(_) | StepKind::Map(_) => self.collection(at, indent, flat),
            _ => {
                self.scalar(step, indent + 2);
                self.line = Line::Done;
                at + 1
            }
        }
    }
}
