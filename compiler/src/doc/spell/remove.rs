//! Taking an entry out of a map.
//!
//! Unaware of: which entry, and why.

use super::Speller;
use crate::doc::{Entry, Format, NodeId, NodeKind};
use ipcmm_grammar::ast::Span;

impl Speller<'_> {
    /// The bytes of an entry with the sign that separates it from its neighbours. None where it is the only one, or
    /// where it cannot be told what belongs to it.
    pub(super) fn whole_entry(&self, entry: Entry, map: NodeId) -> Option<Span> {
        let doc = self.doc?;
        let NodeKind::Map(entries) = &doc.node(map).kind else { return None };
        if !matches!(self.format, Format::Json | Format::Yaml) || matches!(doc.node(entry.value).kind, NodeKind::Null) {
            return None;
        }
        let span = |entry: &Entry| Span::new(doc.node(entry.key).span.start, doc.node(entry.value).span.end);
        let at = entries.iter().position(|other| other.key == entry.key)?;
        let own = span(&entry);
        let before = at.checked_sub(1).and_then(|at| entries.get(at)).map(span);
        let after = entries.get(at + 1).map(span);
        if let Some(before) = before
            && self.slice(Span::new(before.end, own.start))?.trim() == ","
        {
            return Some(Span::new(before.end, own.end));
        }
        if let Some(after) = after
            && self.slice(Span::new(own.end, after.start))?.trim() == ","
        {
            return Some(Span::new(own.start, after.start));
        }
        // In a block: whole lines. The last entry of a map goes only with the map.
        before.or(after)?;
        let line = self.line_of(own.start)?;
        let body = self.slice(Span::new(own.start, own.end))?;
        let end = own.start as usize + body.trim_end().len();
        let rest = self.text.get(end..)?;
        let behind = rest.find('\n').map_or(rest.len(), |at| at + 1);
        rest.get(..behind)?.trim().is_empty().then(|| Span::new(line, (end + behind) as u32))
    }

    /// Where the line begins that has nothing but white space before a place.
    fn line_of(&self, at: u32) -> Option<u32> {
        let line = self.text.get(..at as usize)?.rfind('\n').map_or(0, |at| at + 1);
        self.text.get(line..at as usize)?.trim().is_empty().then_some(line as u32)
    }
}
