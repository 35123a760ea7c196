//! Which node a comment belongs to.
//!
//! Unaware of: how comments are found.

use super::{Comment, Trivia};
use crate::doc::{Doc, Format, NodeId, NodeKind};

/// A place that comments can stand at: an entry of a map, an element, or a root.
struct Point {
    at: usize,
    id: NodeId,
    /// Its value, if that is a list or map.
    opens: Option<NodeId>,
    /// The point of the list or map it stands in.
    parent: Option<usize>,
}

pub(super) fn attach(doc: &Doc, text: &str, format: Format, comments: Vec<Comment>) -> Trivia {
    let mut trivia = Trivia { count: comments.len(), ..Trivia::default() };
    let points = points(doc, format);
    let lines = Lines::new(text);
    let mut comments = comments.into_iter().peekable();
    // Comments on lines of their own that wait for what follows them.
    let mut waiting: Vec<Comment> = Vec::new();
    let mut last_line = usize::MAX;
    for (number, point) in points.iter().enumerate() {
        while let Some(comment) = comments.next_if(|comment| comment.at < point.at) {
            take(comment, number.checked_sub(1), &points, &lines, &mut waiting, &mut trivia);
        }
        let line = lines.of(point.at);
        let first_in_line = line != last_line;
        last_line = line;
        let mut before = Vec::new();
        for comment in waiting.drain(..) {
            match number
                .checked_sub(1)
                .and_then(|last| home(&comment, last, Some(number), &points, doc, &lines, format))
            {
                Some(container) => append(trivia.end.entry(container).or_default(), comment, &lines),
                None => append(&mut before, comment, &lines),
            }
        }
        if first_in_line && line > 0 && lines.is_blank(line - 1) && (number > 0 || !before.is_empty()) {
            before.push(None);
        }
        if !before.is_empty() {
            trivia.before.insert(point.id, before);
        }
    }
    for comment in comments {
        take(comment, points.len().checked_sub(1), &points, &lines, &mut waiting, &mut trivia);
    }
    for comment in waiting {
        let Some(last) = points.len().checked_sub(1) else {
            append(&mut trivia.alone, comment, &lines);
            continue;
        };
        let container = home(&comment, last, None, &points, doc, &lines, format);
        match container.or_else(|| points.first().map(|root| root.id)) {
            Some(container) => append(trivia.end.entry(container).or_default(), comment, &lines),
            None => append(&mut trivia.alone, comment, &lines),
        }
    }
    trivia
}

/// Takes a comment: behind the point that began in its line, or to be given to what follows.
fn take(
    comment: Comment,
    last: Option<usize>,
    points: &[Point],
    lines: &Lines<'_>,
    waiting: &mut Vec<Comment>,
    trivia: &mut Trivia,
) {
    let Some(mut last) = last.filter(|_| !comment.own_line) else {
        waiting.push(comment);
        return;
    };
    // The first point of the line: `a: {b: c}  # about a`.
    let line = points.get(last).map(|point| lines.of(point.at));
    while let Some(before) = last.checked_sub(1)
        && points.get(before).map(|point| lines.of(point.at)) == line
        && points.get(before).is_some_and(|point| point.parent.is_some())
    {
        last = before;
    }
    let Some(id) = points.get(last).map(|point| point.id) else { return };
    let text = comment.lines.join(" ");
    match trivia.trailing.get_mut(&id) {
        None => drop(trivia.trailing.insert(id, text)),
        Some(there) => {
            there.push_str(" #");
            there.push_str(&text);
        }
    }
}

fn append(to: &mut Vec<Option<String>>, comment: Comment, lines: &Lines<'_>) {
    let line = lines.of(comment.at);
    if line > 0 && lines.is_blank(line - 1) {
        to.push(None);
    }
    to.extend(comment.lines.into_iter().map(Some));
}

/// The list or map at whose end a comment stands, if it belongs to nothing that follows it.
fn home(
    comment: &Comment,
    last: usize,
    next: Option<usize>,
    points: &[Point],
    doc: &Doc,
    lines: &Lines<'_>,
    format: Format,
) -> Option<NodeId> {
    let holds_next = |container: usize| {
        let mut at = next.and_then(|next| points.get(next)).and_then(|point| point.parent);
        while let Some(parent) = at {
            if parent <= container {
                return parent == container;
            }
            at = points.get(parent).and_then(|point| point.parent);
        }
        false
    };
    let mut at = Some(last);
    while let Some(number) = at {
        let point = points.get(number)?;
        if let Some(container) = point.opens {
            if holds_next(number) {
                return None;
            }
            let span = doc.node(container).span;
            let inside = (span.start as usize..span.end as usize).contains(&comment.at);
            let column = || lines.column(span.start as usize) <= lines.column(comment.at);
            if inside || (format == Format::Yaml && column()) {
                return Some(container);
            }
        }
        at = point.parent;
    }
    None
}

/// All points in the order of the file. Copies made by aliases are left out.
fn points(doc: &Doc, format: Format) -> Vec<Point> {
    let mut points = Vec::new();
    for root in &doc.roots {
        walk(doc, format, *root, *root, None, &mut points);
    }
    if format == Format::Properties {
        // Lines come in any order there, the tree in its own.
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by_key(|number| (points.get(*number).map(|point| point.at), *number));
        let mut place = vec![0; points.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(place) = place.get_mut(*old) {
                *place = new;
            }
        }
        let mut sorted: Vec<Option<Point>> = points.into_iter().map(Some).collect();
        return order
            .into_iter()
            .filter_map(|old| {
                let mut point = sorted.get_mut(old)?.take()?;
                point.parent = point.parent.and_then(|parent| place.get(parent).copied());
                Some(point)
            })
            .collect();
    }
    points
}

fn walk(doc: &Doc, format: Format, id: NodeId, value: NodeId, parent: Option<usize>, points: &mut Vec<Point>) {
    let node = doc.node(value);
    let (at, span) = (doc.node(id).span.start as usize, node.span);
    // Of an alias, what is inside stands elsewhere.
    let inside = |child: NodeId| {
        let child = doc.node(child).span;
        format != Format::Yaml || (span.start <= child.start && child.end <= span.end)
    };
    let opens = matches!(node.kind, NodeKind::List(_) | NodeKind::Map(_)).then_some(value);
    let number = points.len();
    points.push(Point { at, id, opens, parent });
    match &node.kind {
        NodeKind::List(items) => {
            for item in items.iter().filter(|item| inside(**item)) {
                walk(doc, format, *item, *item, Some(number), points);
            }
        }
        NodeKind::Map(entries) => {
            for entry in entries.iter().filter(|entry| inside(entry.key)) {
                walk(doc, format, entry.key, entry.value, Some(number), points);
            }
        }
        NodeKind::Null | NodeKind::Scalar { .. } | NodeKind::Error => {}
    }
}

/// The lines of a text.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Lines<'t> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Lines { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    fn of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn column(&self, at: usize) -> usize {
        at - self.starts.get(self.of(at)).copied().unwrap_or(0)
    }

    fn is_blank(&self, line: usize) -> bool {
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        self.text.get(start..end).is_some_and(|line| line.trim().is_empty())
    }
}
