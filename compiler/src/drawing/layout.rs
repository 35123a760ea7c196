//! Places for the nodes of a drawing: rows from top to bottom, so that every edge of a sound graph leads downwards, and
//! a column for each module.
//!
//! The steps are those of Sugiyama, Tagawa and Toda (1981): rows by longest path, bounded in width; invisible nodes
//! where an edge passes a row; order within rows by barycentres in a few sweeps; then places within rows that are as
//! near as they can be to the middle of the neighbours. Every step is linear but for sorting, and the sweeps are
//! bounded. Unaware of: how anything looks.

mod place;
mod rows;

use super::shortened;
use super::{Drawing, Node};

/// Height of a node, in the units of the picture.
pub const HEIGHT: f64 = 44.0;
/// From the top of one row to the top of the next.
pub const PITCH: f64 = 92.0;
/// Space between neighbours of a row.
const GAP: f64 = 26.0;
/// Width of an invisible node.
const THREAD: f64 = 10.0;
/// Space between the columns of two modules, and around all.
pub const MARGIN: f64 = 36.0;
/// Space above the rows of a module, for its name.
pub const HEAD: f64 = 40.0;
/// The most characters of a label that are shown.
const LABEL: usize = 34;
/// The most invisible nodes: past them, long edges are drawn straight.
const THREADS: usize = 60_000;

/// Where everything is.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Width and height of the picture.
    pub size: (f64, f64),
    /// A box for each node.
    pub nodes: Vec<Box>,
    /// For each edge the points it goes through, from the bottom of what runs first to the top of what waits.
    pub edges: Vec<Vec<(f64, f64)>>,
    /// A box for each module that has nodes, with its number.
    pub modules: Vec<(u32, Box)>,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Box {
    /// Left end.
    pub x: f64,
    /// Upper end.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// A node of the layout: a task, or an invisible one where an edge passes a row.
#[derive(Clone, Copy, Debug)]
struct Cell {
    column: u32,
    row: u32,
    width: f64,
    /// Of its middle, within its column.
    x: f64,
    thread: bool,
}

/// Everything that is placed, and the short edges between.
struct Grid {
    /// Tasks first, then invisible nodes.
    cells: Vec<Cell>,
    /// Cells of each row, in order.
    rows: Vec<Vec<u32>>,
    /// Neighbours above and below of each cell.
    above: Vec<Vec<u32>>,
    below: Vec<Vec<u32>>,
    /// The invisible nodes of each edge, from top to bottom.
    threads: Vec<Vec<u32>>,
}

/// The text that is shown of a label.
pub fn shown(label: &str) -> String {
    let plain: String = label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shortened(&plain, LABEL)
}

/// The width a text of small letters takes, roughly: wide characters count twice.
fn text_width(text: &str, each: f64) -> f64 {
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff);
    text.chars().map(|c| if wide(c) { 2.0 } else { 1.0 }).sum::<f64>() * each
}

/// The second line of a node: what it calls.
pub fn subtitle(node: &Node) -> String {
    let bare = |name: &str| name.strip_prefix("ipcmm.").unwrap_or(name).to_owned();
    let calls = match node.builtins.as_slice() {
        [] => String::new(),
        [one] => bare(one),
        [first, rest @ ..] => format!("{} +{}", bare(first), rest.len()),
    };
    match node.part {
        Some(part) => format!("{part} · {calls}"),
        None => calls,
    }
}

/// Places everything.
pub fn layout(drawing: &Drawing) -> Layout {
    let widths: Vec<f64> = drawing
        .nodes
        .iter()
        .map(|node| {
            let number = text_width(&node.number.to_string(), 6.5);
            let title = text_width(&shown(&node.label), 7.9);
            (title.max(text_width(&subtitle(node), 6.2)) + number + 34.0).max(84.0)
        })
        .collect();
    let mut grid = rows::grid(drawing, &widths);
    place::order(&mut grid);
    let columns = place::places(&mut grid, drawing.modules.len());
    finished(drawing, &grid, &columns)
}

/// From cells to boxes and lines.
fn finished(drawing: &Drawing, grid: &Grid, columns: &[place::Column]) -> Layout {
    let mut layout = Layout::default();
    let many = columns.iter().filter(|column| column.used).count() > 1;
    let (head, side) = if many { (HEAD, MARGIN / 2.0) } else { (0.0, 0.0) };
    let left = |column: u32| columns.get(column as usize).map_or(0.0, |c| c.left) + MARGIN + side;
    let top = |row: u32| f64::from(row) * PITCH + MARGIN + head;
    for cell in grid.cells.iter().filter(|cell| !cell.thread) {
        let x = left(cell.column) + cell.x - cell.width / 2.0;
        layout.nodes.push(Box { x, y: top(cell.row), w: cell.width, h: HEIGHT });
    }
    for (edge, threads) in drawing.edges.iter().zip(&grid.threads) {
        let (first, last) = (&layout.nodes[edge.before as usize], &layout.nodes[edge.after as usize]);
        let mut points = Vec::with_capacity(threads.len() * 2 + 2);
        if last.y > first.y {
            points.push((first.x + first.w / 2.0, first.y + HEIGHT));
            for &thread in threads {
                let cell = &grid.cells[thread as usize];
                let (x, y) = (left(cell.column) + cell.x, top(cell.row));
                points.extend([(x, y), (x, y + HEIGHT)]);
            }
            points.push((last.x + last.w / 2.0, last.y));
        } else if edge.before == edge.after {
            // To itself: out of the right side and back into it.
            let x = first.x + first.w;
            points.extend([(x, first.y + HEIGHT * 0.75), (x, first.y + HEIGHT * 0.25)]);
        } else if last.y == first.y {
            // Beside each other: over the top.
            points.extend([(first.x + first.w / 2.0, first.y), (last.x + last.w / 2.0, last.y)]);
        } else {
            // Against the order: from side to side.
            points.push((first.x + first.w, first.y + HEIGHT / 2.0));
            points.push((last.x + last.w, last.y + HEIGHT / 2.0));
        }
        layout.edges.push(points);
    }
    spread(drawing, &mut layout);
    let height = top(grid.rows.len().max(1) as u32 - 1) + HEIGHT + side + MARGIN;
    let mut right: f64 = 0.0;
    for (number, column) in columns.iter().enumerate().filter(|(_, column)| column.used) {
        let own = grid.cells.iter().filter(|cell| cell.column == number as u32 && !cell.thread);
        let (first, last) = own.fold((u32::MAX, 0), |(a, b), cell| (a.min(cell.row), b.max(cell.row)));
        let y = top(first) - head;
        let w = column.width + 2.0 * side;
        right = right.max(column.left + MARGIN + w);
        layout.modules.push((number as u32, Box { x: column.left + MARGIN, y, w, h: top(last) + HEIGHT + side - y }));
    }
    // Arcs against the order go out to the right.
    let arcs = if drawing.edges.iter().any(|edge| edge.cyclic) { 80.0 } else { 0.0 };
    layout.size = (right + MARGIN + arcs, height);
    layout
}

/// Draws the ends of edges at one side of a node apart, in the order of where they lead, so that each can be followed.
fn spread(drawing: &Drawing, layout: &mut Layout) {
    const APART: f64 = 14.0;
    let mut ends: Vec<(u32, bool, f64, usize)> = Vec::new();
    for (number, (edge, points)) in drawing.edges.iter().zip(&layout.edges).enumerate() {
        if layout.nodes[edge.after as usize].y > layout.nodes[edge.before as usize].y {
            ends.push((edge.before, false, points[1].0, number));
            ends.push((edge.after, true, points[points.len() - 2].0, number));
        }
    }
    ends.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    for own in ends.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let room = layout.nodes[own[0].0 as usize].w * 0.7;
        let apart = (room / own.len() as f64).min(APART);
        for (i, (_, incoming, _, number)) in own.iter().enumerate() {
            let shift = (i as f64 - (own.len() - 1) as f64 / 2.0) * apart;
            let points = &mut layout.edges[*number];
            let at = if *incoming { points.len() - 1 } else { 0 };
            points[at].0 += shift;
        }
    }
}
