//! The order within rows, and the places that follow from it.

use super::{GAP, Grid, MARGIN};

/// Sweeps over all rows for the order; fewer for large graphs.
const SWEEPS: usize = 12;
/// Sweeps for the places.
const MOVES: usize = 10;

/// How strongly a task, and an invisible node, is drawn to the middle of its column.
const PULL: f64 = 0.02;
const THREAD_PULL: f64 = 0.01;

/// The column of a module.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Column {
    pub left: f64,
    pub width: f64,
    pub used: bool,
}

/// Orders each row by column, and within a column by the middle of the neighbours in the row before.
pub(super) fn order(grid: &mut Grid) {
    let sweeps = if grid.cells.len() > 5_000 { 4 } else { SWEEPS };
    let mut at = vec![0.0f64; grid.cells.len()];
    for row in &grid.rows {
        row.iter().enumerate().for_each(|(i, cell)| at[*cell as usize] = i as f64);
    }
    let mut best: Option<(u64, Vec<Vec<u32>>)> = None;
    for sweep in 0..=sweeps {
        let down = sweep % 2 == 0;
        let rows = grid.rows.len();
        for step in 0..rows {
            let row = if down { step } else { rows - 1 - step };
            let near = if down { &grid.above } else { &grid.below };
            let mut keyed: Vec<(u32, f64, u32)> = grid.rows[row]
                .iter()
                .map(|&cell| {
                    let own = &near[cell as usize];
                    let sum: f64 = own.iter().map(|n| at[*n as usize]).sum();
                    let middle = if own.is_empty() { at[cell as usize] } else { sum / own.len() as f64 };
                    (grid.cells[cell as usize].column, middle, cell)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let count = keyed.len().max(1) as f64;
            for (i, (.., cell)) in keyed.iter().enumerate() {
                // Rows of different lengths are compared by their middles.
                at[*cell as usize] = i as f64 - count / 2.0;
            }
            grid.rows[row] = keyed.into_iter().map(|(.., cell)| cell).collect();
        }
        let crossed = crossings(grid, &at);
        if best.as_ref().is_none_or(|(least, _)| crossed < *least) {
            best = Some((crossed, grid.rows.clone()));
        }
        if crossed == 0 {
            break;
        }
    }
    if let Some((_, rows)) = best {
        grid.rows = rows;
    }
}

/// How many pairs of short edges cross, counted by inversions.
fn crossings(grid: &Grid, at: &[f64]) -> u64 {
    let mut place = vec![0u32; grid.cells.len()];
    for row in &grid.rows {
        row.iter().enumerate().for_each(|(i, cell)| place[*cell as usize] = i as u32);
    }
    let mut total = 0;
    for row in &grid.rows {
        let mut ends: Vec<u32> = Vec::new();
        let mut most = 0;
        for &cell in row {
            let mut own: Vec<u32> = grid.below[cell as usize].iter().map(|to| place[*to as usize]).collect();
            own.sort_unstable();
            most = own.iter().copied().max().map_or(most, |m| most.max(m));
            ends.extend(own);
        }
        // A tree of counts by place: those behind an end that came earlier are crossed.
        let mut tree = vec![0u64; most as usize + 2];
        for (seen, &end) in ends.iter().enumerate() {
            let mut up_to = 0;
            let mut i = end as usize + 1;
            while i > 0 {
                up_to += tree[i];
                i &= i - 1;
            }
            total += seen as u64 - up_to;
            let mut i = end as usize + 1;
            while i < tree.len() {
                tree[i] += 1;
                i += i & i.wrapping_neg();
            }
        }
    }
    debug_assert_eq!(at.len(), place.len());
    total
}

/// Gives every cell its place within its column, and every column its place.
pub(super) fn places(grid: &mut Grid, modules: usize) -> Vec<Column> {
    // Each column moves by itself: parts of rows that belong to one column.
    let mut parts: Vec<Vec<u32>> = Vec::new();
    for row in &grid.rows {
        for part in row.chunk_by(|a, b| grid.cells[*a as usize].column == grid.cells[*b as usize].column) {
            parts.push(part.to_vec());
        }
    }
    for part in &parts {
        let mut x = 0.0;
        for &cell in part {
            let width = grid.cells[cell as usize].width;
            grid.cells[cell as usize].x = x + width / 2.0;
            x += width + GAP;
        }
        let middle = (x - GAP) / 2.0;
        part.iter().for_each(|cell| grid.cells[*cell as usize].x -= middle);
    }
    let moves = if grid.cells.len() > 20_000 { 4 } else { MOVES };
    for step in 0..moves {
        let order: Vec<usize> =
            if step % 2 == 0 { (0..parts.len()).collect() } else { (0..parts.len()).rev().collect() };
        for part in order {
            settle(grid, &parts[part], step, moves);
        }
    }
    let mut columns = vec![Column::default(); modules];
    let mut ends = vec![(f64::MAX, f64::MIN); modules];
    for cell in &grid.cells {
        let Some((low, high)) = ends.get_mut(cell.column as usize) else { continue };
        *low = low.min(cell.x - cell.width / 2.0);
        *high = high.max(cell.x + cell.width / 2.0);
        columns[cell.column as usize].used |= !cell.thread;
    }
    let many = columns.iter().filter(|column| column.used).count() > 1;
    let mut left = 0.0;
    for (column, (low, high)) in columns.iter_mut().zip(&ends) {
        if low <= high {
            column.left = left;
            column.width = high - low;
            left += column.width + if many { 2.0 * MARGIN } else { 0.0 };
        }
    }
    for cell in &mut grid.cells {
        cell.x -= ends.get(cell.column as usize).map_or(0.0, |(low, _)| *low);
    }
    columns
}

/// Moves the cells of a part of a row as near as possible to the middle of their neighbours without changing their
/// order or overlapping: the least squares under that constraint, by pooling neighbours that would overlap.
fn settle(grid: &mut Grid, part: &[u32], step: usize, moves: usize) {
    struct Pool {
        weight: f64,
        wanted: f64,
        cells: usize,
    }
    let mut pools: Vec<Pool> = Vec::with_capacity(part.len());
    let mut shift = 0.0;
    let mut shifts = Vec::with_capacity(part.len());
    for (i, &cell) in part.iter().enumerate() {
        let own = &grid.cells[cell as usize];
        if let Some(previous) = i.checked_sub(1).map(|i| &grid.cells[part[i] as usize]) {
            let gap = if previous.thread && own.thread { GAP / 2.0 } else { GAP };
            shift += previous.width / 2.0 + own.width / 2.0 + gap;
        }
        shifts.push(shift);
        let (mut sum, mut weight) = (0.0, 0.0);
        let mut near = |cells: &[u32]| {
            for &other in cells {
                let other = &grid.cells[other as usize];
                if other.column == own.column {
                    // Long edges are kept straight first.
                    let force = if other.thread && own.thread { 4.0 } else { 1.0 };
                    sum += other.x * force;
                    weight += force;
                }
            }
        };
        // First from one side, in the end from both.
        let both = step * 2 >= moves;
        if both || step.is_multiple_of(2) {
            near(&grid.above[cell as usize]);
        }
        if both || !step.is_multiple_of(2) {
            near(&grid.below[cell as usize]);
        }
        // All that is not tied is drawn a little to the middle, so that nothing drifts away.
        weight += if own.thread { THREAD_PULL } else { PULL };
        let wanted = sum / weight;
        let mut pool = Pool { weight, wanted: wanted - shift, cells: 1 };
        while let Some(last) = pools.pop_if(|last| last.wanted > pool.wanted) {
            let weight = last.weight + pool.weight;
            pool.wanted = (last.wanted * last.weight + pool.wanted * pool.weight) / weight;
            pool = Pool { weight, cells: pool.cells + last.cells, ..pool };
        }
        pools.push(pool);
    }
    let mut i = 0;
    for pool in pools {
        for _ in 0..pool.cells {
            grid.cells[part[i] as usize].x = pool.wanted + shifts[i];
            i += 1;
        }
    }
}
