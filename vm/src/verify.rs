//! `verify`: bundle bytes become a [`Verified`] bundle, and nothing else is executable.
//!
//! One linear pass over every section; no allocation grows with the bundle (a bit set as long as the longest chunk
//! is all). What is guaranteed afterwards is written at [`Verified`].

mod code;
mod parts;

use ipcmm_bytecode::bundle::attrs::AttrKind;
use ipcmm_bytecode::bundle::rows::{self, ArgKind, BlockRow, EDGE_TASK_BITS, Section};
use ipcmm_bytecode::bundle::{Attr, Bundle, ExecMode, constants, reader};
use ipcmm_bytecode::catalog::Runs;
use ipcmm_bytecode::{Catalog, Effect, Fault, FaultKind, limits};

/// A bundle that can be run. Guaranteed:
/// - every string is UTF-8, every constant decodes, every chunk holds whole ops whose operands exist, whose jumps lead
///   to ops and which ends in a return; calls have as many arguments as the function takes; functions that ask the
///   host stand only where the keyword admits it;
/// - every row refers to rows that exist; blocks belong to one task each, sequences hold calls;
/// - edges lead to earlier tasks, so the order of tasks is an order of execution and there is no cycle;
/// - every part belongs to one later task, which names it by its only `own` edge; `prereq` leads to dry runs, and
///   nothing else but `prepared` leads to a part; listeners and what they listen to are tasks;
/// - lists of tasks that arguments name hold earlier tasks on demand, each once, so that no task runs itself; edges and
///   listeners lead from tasks on demand to such tasks only, and from others to others;
/// - code reads results of earlier tasks only, and only facts that are listed;
/// - every built-in exists in the catalog, is listed with its effect, and has the parameters that are used.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    bundle: Bundle<'a>,
    catalog: &'a dyn Catalog,
}

impl<'a> std::ops::Deref for Verified<'a> {
    type Target = Bundle<'a>;
    fn deref(&self) -> &Bundle<'a> {
        &self.bundle
    }
}

impl std::fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified").field("name", &self.name()).field("tasks", &self.tasks().len()).finish()
    }
}

impl<'a> Verified<'a> {
    /// The built-ins the bundle was judged by.
    pub fn catalog(&self) -> &'a dyn Catalog {
        self.catalog
    }
}

/// Checks a bundle. The first problem is returned: a bundle is machine-made, so one is enough to refuse it.
pub fn verify<'a>(bytes: &'a [u8], catalog: &'a dyn Catalog) -> Result<Verified<'a>, Fault> {
    let bundle = Bundle::open(bytes)?;
    strings(&bundle)?;
    constants_of(&bundle)?;
    facts(&bundle)?;
    code::chunks(&bundle)?;
    effects(&bundle, catalog)?;
    assets(&bundle)?;
    tasks(&bundle, catalog)?;
    parts::listens(&bundle)?;
    debug(&bundle)?;
    Ok(Verified { bundle, catalog })
}

fn bad_row(what: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::BadRow, what.to_string())
}

/// Offsets ascend from 0 to the end of the bytes.
fn check_offsets(offsets: &[rows::U32], bytes: usize, kind: FaultKind) -> Result<(), Fault> {
    let ascending = offsets.windows(2).all(|w| w[0].get() <= w[1].get());
    let (first, last) = (offsets.first().map_or(0, |o| o.get()), offsets.last().map_or(0, |o| o.get()));
    match ascending && first == 0 && last as usize == bytes {
        true => Ok(()),
        false => Err(Fault::new(kind, "offsets do not ascend from the start to the end")),
    }
}

fn strings(bundle: &Bundle<'_>) -> Result<(), Fault> {
    let (offsets, bytes) = bundle.raw_strings();
    check_offsets(offsets, bytes.len(), FaultKind::BadString)?;
    let text = std::str::from_utf8(bytes).map_err(|e| Fault::new(FaultKind::BadString, e.to_string()))?;
    match offsets.iter().all(|o| text.is_char_boundary(o.get() as usize)) {
        true => Ok(()),
        false => Err(Fault::new(FaultKind::BadString, "a string begins inside a character")),
    }
}

fn constants_of(bundle: &Bundle<'_>) -> Result<(), Fault> {
    let (offsets, bytes) = bundle.raw_constants();
    check_offsets(offsets, bytes.len(), FaultKind::BadConstant)?;
    let strings = bundle.string_count();
    offsets.windows(2).try_for_each(|w| constants::check(&bytes[w[0].get() as usize..w[1].get() as usize], strings))
}

fn facts(bundle: &Bundle<'_>) -> Result<(), Fault> {
    let mut previous: Option<&str> = None;
    for row in bundle.facts() {
        let path = bundle.string(row.get()).ok_or_else(|| bad_row("a fact has no name"))?;
        if previous.is_some_and(|p| p >= path) {
            return Err(bad_row("facts are not in ascending order"));
        }
        previous = Some(path);
    }
    Ok(())
}

fn effects(bundle: &Bundle<'_>, catalog: &dyn Catalog) -> Result<(), Fault> {
    let rows = bundle.effects();
    if !rows.windows(2).all(|w| w[0].builtin.get() < w[1].builtin.get()) {
        return Err(bad_row("effects are not in ascending order"));
    }
    for row in rows {
        let number = row.builtin.get();
        let shape =
            catalog.builtin(number).ok_or_else(|| Fault::new(FaultKind::UnknownBuiltin, format!("number {number}")))?;
        if row.effect.get() != shape.effect as u16 {
            return Err(bad_row(format_args!("the effect of {} is understated", shape.name)));
        }
    }
    Ok(())
}

fn assets(bundle: &Bundle<'_>) -> Result<(), Fault> {
    let mut end = 0u64;
    for row in bundle.assets() {
        if row.offset.get() != end {
            return Err(Fault::new(FaultKind::BadAsset, "assets do not follow each other"));
        }
        end = end.checked_add(row.length.get()).ok_or_else(|| Fault::new(FaultKind::BadAsset, "impossible length"))?;
    }
    match end == bundle.sections().find(|(s, ..)| *s == Section::AssetBytes).map_or(0, |(_, _, len)| len) {
        true => Ok(()),
        false => Err(Fault::new(FaultKind::BadAsset, "assets do not fill their section")),
    }
}

/// Tasks, and with each the blocks that belong to it: those from its own up to the next task's.
fn tasks(bundle: &Bundle<'_>, catalog: &dyn Catalog) -> Result<(), Fault> {
    let rows = bundle.tasks();
    if bundle.sections().any(|(s, rows, _)| s == Section::Meta && rows != 1) {
        return Err(bad_row("the bundle says twice what it is"));
    }
    if bundle.meta().is_none_or(|m| m.name.get() >= bundle.string_count()) {
        return Err(bad_row("the bundle has no name"));
    }
    if rows.len() as u64 > u64::from(limits::TASKS) {
        return Err(Fault::new(FaultKind::LimitExceeded, format!("{} tasks, at most {}", rows.len(), limits::TASKS)));
    }
    let blocks = bundle.blocks().len() as u32;
    let mut cursor = Cursor::default();
    for (number, row) in rows.iter().enumerate() {
        let number = number as u32;
        let fail = |what: &str| bad_row(format_args!("task {number} {what}"));
        if row.label.get().max(row.module.get()) >= bundle.string_count() {
            return Err(fail("has no name"));
        }
        if ExecMode::from_number(row.mode).is_none() || !parts::known(row.flags) {
            return Err(fail("has an unknown mode or flag"));
        }
        let edges = (row.edges.get() as usize).checked_add(row.edges_len.get() as usize);
        let own = edges
            .and_then(|end| bundle.edges().get(row.edges.get() as usize..end))
            .ok_or_else(|| fail("has edges that are not there"))?;
        if row.edges.get() != cursor.edges {
            return Err(fail("shares edges"));
        }
        cursor.edges += row.edges_len.get();
        for edge in own {
            let (kind, target) = reader::unpack_edge(edge.get());
            let crosses = bundle.is_on_demand(target) != bundle.is_on_demand(number);
            if target >= number || crosses || kind.is_none_or(|kind| !parts::leads_to(bundle, kind, number, target)) {
                let detail = format!("task {number}, edge {:#x}, target {target}", edge.get() >> EDGE_TASK_BITS);
                return Err(Fault::new(FaultKind::BadEdge, detail));
            }
        }
        parts::owned(bundle, number, row, own).map_err(fail)?;
        if parts::is_part(row) {
            continue;
        }
        let end = rows[number as usize + 1..].iter().find(|next| !parts::is_part(next));
        let end = end.map_or(blocks, |next| next.block.get());
        if row.block.get() != cursor.blocks || end <= row.block.get() || end > blocks {
            return Err(fail("has no body of its own"));
        }
        cursor.blocks = end;
        blocks_of(bundle, catalog, number, row.block.get()..end, &mut cursor)?;
    }
    let complete = cursor.edges as usize == bundle.edges().len()
        && cursor.args as usize == bundle.args().len()
        && cursor.attrs as usize == bundle.attrs().len()
        && cursor.selections as usize == bundle.selections().len()
        && cursor.blocks == blocks;
    if complete { Ok(()) } else { Err(bad_row("rows are left over that belong to no task")) }
}

/// The next row of each table that a task may claim. Every row is claimed once, which keeps the pass linear.
#[derive(Default)]
struct Cursor {
    edges: u32,
    blocks: u32,
    args: u32,
    attrs: u32,
    selections: u32,
}

fn blocks_of(
    bundle: &Bundle<'_>,
    catalog: &dyn Catalog,
    task: u32,
    own: std::ops::Range<u32>,
    cursor: &mut Cursor,
) -> Result<(), Fault> {
    // Children and guard commands stand behind the block that uses them, once each, in order.
    let mut unclaimed = own.start + 1;
    for number in own.clone() {
        let Some(block) = bundle.blocks().get(number as usize) else {
            return Err(bad_row(format_args!("block {number} is not there")));
        };
        let fail = |what: &str| bad_row(format_args!("block {number} {what}"));
        if number != own.start && number >= unclaimed {
            return Err(fail("belongs to nothing"));
        }
        let mut claim = |first: u32, count: u32| {
            let fits = first == unclaimed && first.checked_add(count).is_some_and(|end| end <= own.end);
            unclaimed = unclaimed.saturating_add(count);
            fits
        };
        let builtin = block.builtin.get();
        if builtin == 0 {
            if number != own.start || block.args_len.get() != 0 || block.children_len.get() == 0 {
                return Err(fail("is a sequence where none may stand"));
            }
            if !claim(block.children.get(), block.children_len.get().into()) {
                return Err(fail("has children that are not its own"));
            }
        } else if block.children_len.get() != 0 {
            return Err(fail("is a call with children"));
        } else if bundle.effects().binary_search_by_key(&builtin, |row| row.builtin.get()).is_err() {
            return Err(fail("calls a built-in that is not listed"));
        }
        if block.args.get() != cursor.args || block.attrs.get() != cursor.attrs {
            return Err(fail("shares rows"));
        }
        cursor.args += u32::from(block.args_len.get());
        cursor.attrs += u32::from(block.attrs_len.get());
        if cursor.args as usize > bundle.args().len() || cursor.attrs as usize > bundle.attrs().len() {
            return Err(fail("has rows that are not there"));
        }
        args(bundle, catalog, task, block, &mut cursor.selections).map_err(|what| fail(&what))?;
        attrs(bundle, task, block, number == own.start, &mut claim).map_err(|what| fail(&what))?;
    }
    match unclaimed == own.end {
        true => Ok(()),
        false => Err(bad_row(format_args!("task {task} has blocks that belong to nothing"))),
    }
}

/// A chunk that exists, reads only earlier tasks, and does no more to the host than the place admits.
fn chunk(bundle: &Bundle<'_>, task: u32, number: u32, admits: Effect) -> Result<(), String> {
    let row = bundle.chunks().get(number as usize).ok_or("refers to a chunk that is not there")?;
    if row.reads.get() > task {
        return Err(format!("reads the result of task {}, which does not run earlier", row.reads.get() - 1));
    }
    if row.effect.get() > admits as u16 {
        return Err("asks the host where that is not admitted".into());
    }
    Ok(())
}

fn args(
    bundle: &Bundle<'_>,
    catalog: &dyn Catalog,
    task: u32,
    block: &BlockRow,
    selections: &mut u32,
) -> Result<(), String> {
    let shape = catalog.builtin(block.builtin.get());
    let params = shape.map_or(0, |shape| shape.params);
    let mut previous = None;
    for row in bundle.block_args(block) {
        let param = row.param.get();
        if param >= params || previous.is_some_and(|p| p >= param) {
            return Err(format!("has an argument for parameter {param}, which is unknown or given before"));
        }
        previous = Some(param);
        let value = row.value.get();
        match ArgKind::from_number(row.kind.get()) {
            Some(ArgKind::Constant) if value < bundle.constant_count() => {}
            Some(ArgKind::Chunk) => chunk(bundle, task, value, Effect::None)?,
            Some(ArgKind::Thunk) => chunk(bundle, task, value, Effect::Read)?,
            Some(ArgKind::Asset) if (value as usize) < bundle.assets().len() => {}
            Some(ArgKind::Tasks)
                if value == *selections && shape.is_some_and(|s| matches!(s.runs, Runs::Machine(_))) =>
            {
                *selections += parts::selection(bundle, task, value)?;
            }
            _ => return Err(format!("has an argument that is not there, for parameter {param}")),
        }
    }
    Ok(())
}

fn attrs(
    bundle: &Bundle<'_>,
    task: u32,
    block: &BlockRow,
    outermost: bool,
    claim: &mut dyn FnMut(u32, u32) -> bool,
) -> Result<(), String> {
    let mut previous = 0;
    for row in bundle.block_attrs(block) {
        let number = row.attr.get();
        let attr = Attr::from_number(number).ok_or_else(|| format!("has an unknown attribute {number}"))?;
        let repeats = attr.repeats();
        if attr.rank() < previous || attr.rank() == previous && !repeats {
            return Err(format!("has `{}` twice or out of order", attr.name()));
        }
        previous = attr.rank();
        let value = row.value.get();
        if attr == Attr::Target {
            target(bundle, outermost, value)?;
        }
        match attr.kind() {
            AttrKind::Chunk => {
                chunk(bundle, task, value, attr.admits())?;
            }
            AttrKind::Block => {
                if !claim(value, 1) || bundle.blocks().get(value as usize).is_none_or(|b| b.builtin.get() == 0) {
                    return Err(format!("has a `{}` that is no command of its own", attr.name()));
                }
            }
            AttrKind::Number if attr == Attr::RetryAttempts => {
                if value == 0 || value > limits::ATTEMPTS {
                    return Err(format!("asks for {value} attempts, between 1 and {} can be had", limits::ATTEMPTS));
                }
            }
            AttrKind::Number if attr == Attr::LaneMax && value == 0 => {
                return Err("lets no task of its queue run".into());
            }
            AttrKind::Number => {}
            AttrKind::String => {
                if value >= bundle.string_count() {
                    return Err(format!("has a `{}` that is not there", attr.name()));
                }
            }
        }
    }
    Ok(())
}

/// Which node a task is for does not depend on the run.
fn target(bundle: &Bundle<'_>, outermost: bool, chunk: u32) -> Result<(), String> {
    if !outermost {
        return Err("has a `target` and is not a task".into());
    }
    match bundle.chunks().get(chunk as usize).is_some_and(|row| row.reads.get() > 0) {
        true => Err("has a `target` that reads results".into()),
        false => Ok(()),
    }
}

fn debug(bundle: &Bundle<'_>) -> Result<(), Fault> {
    let (files, tasks, code) = bundle.debug();
    if tasks.len() > bundle.tasks().len() {
        return Err(bad_row("there are more places than tasks"));
    }
    let mut end = 0;
    for file in files {
        if file.offset.get() != end {
            return Err(bad_row("names of source files do not follow each other"));
        }
        end = end.saturating_add(file.length.get());
    }
    if bundle.sections().find(|(s, ..)| *s == Section::DebugText).map_or(0, |(_, rows, _)| rows) != end {
        return Err(bad_row("names of source files do not fill their section"));
    }
    if (0..files.len() as u32).any(|file| bundle.debug_file(file).is_none()) {
        return Err(bad_row("a source file has no name"));
    }
    let files = files.len() as u32;
    let places = tasks.iter().chain(code.iter().map(|row| &row.place));
    if places.into_iter().any(|place| place.file.get() >= files) {
        return Err(bad_row("a place is in no source file"));
    }
    let key = |row: &ipcmm_bytecode::bundle::rows::DebugCodeRow| (row.chunk.get(), row.pc.get());
    match code.windows(2).all(|w| key(&w[0]) < key(&w[1])) {
        true => Ok(()),
        false => Err(bad_row("places of code are not in ascending order")),
    }
}
