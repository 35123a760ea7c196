//! Which row each task stands in, and the invisible nodes where edges pass rows.

use super::{Cell, Grid, THREAD, THREADS};
use crate::drawing::Drawing;
use rustc_hash::FxHashMap;

/// Cells in rows, in order of the run.
pub(super) fn grid(drawing: &Drawing, widths: &[f64]) -> Grid {
    let row = rows(drawing);
    let cell =
        |at: usize| Cell { column: drawing.nodes[at].module, row: row[at], width: widths[at], x: 0.0, thread: false };
    let n = drawing.nodes.len();
    let mut grid = Grid {
        cells: (0..n).map(cell).collect(),
        rows: Vec::new(),
        above: vec![Vec::new(); n],
        below: vec![Vec::new(); n],
        threads: Vec::with_capacity(drawing.edges.len()),
    };
    for edge in &drawing.edges {
        let (from, to) = (row[edge.before as usize], row[edge.after as usize]);
        let mut threads = Vec::new();
        if to > from {
            let passed = (to - from - 1) as usize;
            let mut last = edge.before;
            if grid.cells.len() - n + passed <= THREADS {
                for row in from + 1..to {
                    let thread = grid.cells.len() as u32;
                    let column = grid.cells[edge.after as usize].column;
                    grid.cells.push(Cell { column, row, width: THREAD, x: 0.0, thread: true });
                    grid.above.push(Vec::new());
                    grid.below.push(Vec::new());
                    join(&mut grid, last, thread);
                    threads.push(thread);
                    last = thread;
                }
            }
            join(&mut grid, last, edge.after);
        }
        grid.threads.push(threads);
    }
    let count = grid.cells.iter().map(|cell| cell.row + 1).max().unwrap_or(0);
    grid.rows = vec![Vec::new(); count as usize];
    for (at, cell) in grid.cells.iter().enumerate() {
        grid.rows[cell.row as usize].push(at as u32);
    }
    grid
}

fn join(grid: &mut Grid, upper: u32, lower: u32) {
    grid.below[upper as usize].push(lower);
    grid.above[lower as usize].push(upper);
}

/// A row for each task: below all it waits for, as far up as it can be, but near to what waits for it. A row of a
/// module holds a bounded number of tasks; what has no room goes to the next that has.
fn rows(drawing: &Drawing) -> Vec<u32> {
    let n = drawing.nodes.len();
    let mut targets: Vec<Vec<u32>> = vec![Vec::new(); n];
    let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); n];
    // Nodes stand in run order, so edges that lead forward have no cycle; the others are drawn against the order.
    for edge in drawing.edges.iter().filter(|edge| edge.before < edge.after) {
        targets[edge.after as usize].push(edge.before);
        waiting[edge.before as usize].push(edge.after);
    }
    let mut least = vec![0u32; n];
    for at in 0..n {
        least[at] = targets[at].iter().map(|t| least[*t as usize] + 1).max().unwrap_or(0);
    }
    for at in (0..n).rev() {
        if targets[at].is_empty()
            && let Some(first) = waiting[at].iter().map(|w| least[*w as usize]).min()
        {
            least[at] = first - 1;
        }
    }
    let most = room(drawing);
    let mut full: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    // The next row that may have room, by column and row; paths are shortened when they are walked.
    let mut next: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    let mut row = vec![0u32; n];
    for at in 0..n {
        let column = drawing.nodes[at].module;
        let wanted = targets[at].iter().map(|t| row[*t as usize] + 1).max().unwrap_or(0).max(least[at]);
        let mut free = wanted;
        let mut walked = Vec::new();
        while let Some(&further) = next.get(&(column, free)) {
            walked.push(free);
            free = further;
        }
        walked.into_iter().for_each(|passed| {
            next.insert((column, passed), free);
        });
        row[at] = free;
        let held = full.entry((column, free)).or_insert(0);
        *held += 1;
        if *held >= most[column as usize] {
            next.insert((column, free), free + 1);
        }
    }
    compact(&mut row);
    row
}

/// How many tasks a row holds, for each module: so that the whole picture is somewhat wider than high.
fn room(drawing: &Drawing) -> Vec<u32> {
    let mut own = vec![0u32; drawing.modules.len().max(1)];
    drawing.nodes.iter().for_each(|node| own[node.module as usize] += 1);
    let used = own.iter().filter(|count| **count > 0).count();
    let least = if used > 1 { 3.0 } else { 7.0 };
    let all = drawing.nodes.len().max(1) as f64;
    own.iter().map(|own| (all.sqrt() * f64::from(*own) / all).ceil().max(least) as u32).collect()
}

/// Leaves out rows that nobody stands in.
fn compact(row: &mut [u32]) {
    let mut used: Vec<u32> = row.to_vec();
    used.sort_unstable();
    used.dedup();
    row.iter_mut().for_each(|row| *row = used.partition_point(|u| u < row) as u32);
}
