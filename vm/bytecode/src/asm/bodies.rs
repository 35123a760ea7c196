//! Listing to rows: chunks of code, blocks and tasks.

use super::AsmError;
use super::draft::reach;
use super::line::{Line, number, reference};
use super::read::{Part, Reader, effect};
use crate::Op;
use crate::bundle::rows::*;
use crate::bundle::{Attr, EdgeKind, ExecMode};

impl Reader<'_> {
    pub(super) fn chunk(&mut self, part: Part<'_>) -> Result<(), AsmError> {
        let Part { mut head, rows } = part;
        head.own_number('C', self.draft.chunks.len())?;
        let mut code = Vec::new();
        for row in rows {
            op(row, &mut code)?;
        }
        let reach = reach(&code);
        let mut chunk = ChunkRow {
            offset: U32::new(self.draft.code.len() as u32),
            length: U32::new(code.len() as u32),
            registers: U16::new(reach.registers),
            effect: U16::new(reach.effect as u16),
            reads: U32::new(reach.reads),
        };
        while !head.is_over() {
            let option = head;
            match head.word().unwrap_or("") {
                "registers" => chunk.registers = U16::new(head.number()?),
                "effect" => chunk.effect = U16::new(effect(&mut head)?),
                "reads" => chunk.reads = U32::new(head.number()?),
                "offset" => chunk.offset = U32::new(head.number()?),
                "length" => chunk.length = U32::new(head.number()?),
                _ => {
                    return Err(
                        option.expected("`registers`, `effect`, `reads`, `offset`, `length` or the end of the line")
                    );
                }
            }
        }
        self.draft.code.extend(code);
        self.draft.chunks.push(chunk);
        Ok(())
    }

    pub(super) fn block(&mut self, part: Part<'_>) -> Result<(), AsmError> {
        let Part { mut head, rows } = part;
        head.own_number('B', self.draft.blocks.len())?;
        let builtin = if head.takes("sequence") { 0 } else { self.builtin(&mut head)? };
        let (args, attrs) = (self.draft.args.len(), self.draft.attrs.len());
        for mut row in rows {
            let start = row;
            match row.word().unwrap_or("") {
                "arg" => self.arg(&mut row)?,
                "attr" => self.attr(&mut row)?,
                _ => return Err(start.expected("`arg` or `attr`")),
            }
            row.end()?;
        }
        let count = |end: usize, start: usize| {
            u16::try_from(end - start)
                .map_err(|_| head.error(format!("a block has at most {} rows of a kind", u16::MAX)))
        };
        let mut block = BlockRow {
            builtin: U16::new(builtin),
            args_len: U16::new(count(self.draft.args.len(), args)?),
            args: U32::new(args as u32),
            attrs: U32::new(attrs as u32),
            attrs_len: U16::new(count(self.draft.attrs.len(), attrs)?),
            children_len: U16::ZERO,
            children: U32::ZERO,
        };
        while !head.is_over() {
            let option = head;
            let (first, length) = match head.word().unwrap_or("") {
                "children" => (&mut block.children, &mut block.children_len),
                "args" => (&mut block.args, &mut block.args_len),
                "attrs" => (&mut block.attrs, &mut block.attrs_len),
                _ => return Err(option.expected("`children`, `args`, `attrs` or the end of the line")),
            };
            let prefix = if option.peek() == Some("children") { "B" } else { "" };
            let (start, count) = head.span::<u16>(prefix)?;
            (*first, *length) = (U32::new(start), U16::new(count));
        }
        self.draft.blocks.push(block);
        Ok(())
    }

    fn arg(&mut self, row: &mut Line<'_>) -> Result<(), AsmError> {
        let param = row.number()?;
        let start = *row;
        let (kind, value) = match row.word().unwrap_or("") {
            "constant" => (ArgKind::Constant as u16, row.reference('K')?),
            "chunk" => (ArgKind::Chunk as u16, row.reference('C')?),
            "thunk" => (ArgKind::Thunk as u16, row.reference('C')?),
            "asset" => (ArgKind::Asset as u16, row.reference('A')?),
            "tasks" => (ArgKind::Tasks as u16, self.selection(row)?),
            "kind" => (row.number()?, row.number()?),
            _ => return Err(start.expected("`constant`, `chunk`, `thunk`, `asset`, `tasks` or `kind`")),
        };
        self.draft.args.push(ArgRow { param: U16::new(param), kind: U16::new(kind), value: U32::new(value) });
        Ok(())
    }

    /// The tasks up to the end of the line, as a list of their own.
    fn selection(&mut self, row: &mut Line<'_>) -> Result<u32, AsmError> {
        let start = self.draft.selections.len();
        self.draft.selections.push(U32::ZERO);
        while !row.is_over() {
            let task = row.reference('T')?;
            self.draft.selections.push(U32::new(task));
        }
        self.draft.selections[start] = U32::new((self.draft.selections.len() - start - 1) as u32);
        Ok(start as u32)
    }

    fn attr(&mut self, row: &mut Line<'_>) -> Result<(), AsmError> {
        let by_name = |word: &str| Attr::from_name(word).map(|attr| attr as u16);
        let attr =
            row.read_as("the name of an attribute, or a number", |word| by_name(word).or_else(|| number(word)))?;
        let value = match row.text()? {
            Some(text) => self.draft.string(&text),
            None => row.read_as("`C0`, `B0`, `S0`, a number or a text", |word| {
                number(word).or_else(|| ['C', 'B', 'S'].iter().find_map(|prefix| reference(word, *prefix)))
            })?,
        };
        self.draft.attrs.push(AttrRow { attr: U16::new(attr), reserved: U16::ZERO, value: U32::new(value) });
        Ok(())
    }

    pub(super) fn task(&mut self, part: Part<'_>) -> Result<(), AsmError> {
        let Part { mut head, rows } = part;
        head.own_number('T', self.draft.tasks.len())?;
        let label = self.string(&mut head)?;
        if !head.takes("in") {
            return Err(head.expected("`in` and the module"));
        }
        let module = self.string(&mut head)?;
        let (block, part) = match () {
            () if head.takes("block") => (head.reference('B')?, 0),
            () if head.takes("dry") => (head.reference('T')?, TASK_DRY),
            () if head.takes("before") => (head.reference('T')?, TASK_BEFORE),
            () => return Err(head.expected("`block`, `dry` or `before`, and its number")),
        };
        let first = self.draft.edges.len();
        for row in rows {
            self.edge(row)?;
        }
        let mut task = TaskRow {
            module: U32::new(module),
            label: U32::new(label),
            block: U32::new(block),
            edges: U32::new(first as u32),
            edges_len: U32::new((self.draft.edges.len() - first) as u32),
            mode: ExecMode::Sync as u8,
            flags: part,
            reserved: U16::ZERO,
        };
        while !head.is_over() {
            let option = head;
            match head.word().unwrap_or("") {
                "mode" => {
                    let by_name = |word: &str| ExecMode::from_name(word).map(|mode| mode as u8);
                    let what = "a mode, such as sync or parallel, or a number";
                    task.mode = head.read_as(what, |word| by_name(word).or_else(|| number(word)))?;
                }
                "stops" => task.flags |= TASK_STOPS,
                "keeps_result" => task.flags |= TASK_KEEPS_RESULT,
                "test" => task.flags |= TASK_TEST,
                "demand" => task.flags |= TASK_DEMAND,
                "flags" => task.flags = head.number()?,
                "edges" => {
                    let (start, count) = head.span::<u32>("")?;
                    (task.edges, task.edges_len) = (U32::new(start), U32::new(count));
                }
                _ => {
                    return Err(option.expected(
                        "`mode`, `stops`, `keeps_result`, `test`, `demand`, `flags`, `edges` or the end of the line",
                    ));
                }
            }
        }
        self.draft.tasks.push(task);
        Ok(())
    }

    fn edge(&mut self, mut row: Line<'_>) -> Result<(), AsmError> {
        let start = row;
        let kind: u32 = match row.word().map(|word| (word, EdgeKind::from_name(word))) {
            Some((_, Some(kind))) => kind as u32,
            Some(("edge", None)) => row.number()?,
            _ => {
                let names: Vec<String> = EdgeKind::TABLE.iter().map(|(_, name, _)| format!("`{name}`")).collect();
                return Err(start.expected(&format!("{} or `edge`", names.join(", "))));
            }
        };
        let target = row.reference('T')?;
        if kind >= 1 << (u32::BITS - EDGE_TASK_BITS) || target >= 1 << EDGE_TASK_BITS {
            return Err(
                start.error(format!("an edge has {EDGE_TASK_BITS} bits for the task and the rest for its kind"))
            );
        }
        self.draft.edges.push(U32::new(kind << EDGE_TASK_BITS | target));
        row.end()
    }
}

/// Appends an op, or bytes as they are.
fn op(mut row: Line<'_>, code: &mut Vec<u8>) -> Result<(), AsmError> {
    if row.peek().is_some_and(|word| word.starts_with('@')) {
        let start = row;
        let offset = row.reference('@')?;
        if offset as usize != code.len() {
            return Err(start.error(format!("this op is at @{}, not at @{offset}", code.len())));
        }
    }
    if row.takes("bytes") {
        code.extend(row.bytes()?);
        return Ok(());
    }
    let start = row;
    let text = row.remainder();
    let (name, operands) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let operands: Vec<&str> = match operands.trim() {
        "" => Vec::new(),
        operands => operands.split(',').map(str::trim).collect(),
    };
    if let Some(op) = Op::parse(name, &operands) {
        op.encode(code);
        return Ok(());
    }
    match crate::ops::TABLE.iter().find(|op| op.name == name) {
        Some(op) => {
            let wanted: Vec<String> = op.operands.iter().map(|(name, kind)| format!("{name} (a {kind})")).collect();
            Err(start.error(format!("`{name}` takes {}, found `{}`", wanted.join(", "), operands.join(", "))))
        }
        None => Err(start.expected("the mnemonic of an op, or `bytes`")),
    }
}
