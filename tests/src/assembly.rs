//! Bundles written by hand: an assembly text becomes bytes, sound or deliberately not.
//!
//! One directive a line, `;` begins a comment. First the parts are declared, in order of their numbers; then the
//! finished bytes can be tampered with, which is what verifier cases are for:
//!
//! ```text
//! name 'demo'                        constant 42              fact facts.os.family
//! chunk 1                            a chunk with one register; its ops follow, indented, or `bytes 24 00`
//! block ipcmm.nop arg.outcome=constant:0 attr.when=chunk:0 children=1..3
//! task a block=0 edges=requires:0,watch:1 mode=parallel stops keeps
//! task b dry=2                       a part: the dry run of task 2; or before=2, its first phase
//! listen 0 2                         task 2 reacts to changes of task 0
//! poke chunks 8 00 02                bytes of a section, from an offset; hashes are made right afterwards
//! poke header 4 09                   bytes of the header; poke file 100 ff: bytes of the whole, hashes left wrong
//! drop effects · repeat tasks · rename code 99 · truncate 10 · append 00
//! ```

use ipcmm_bytecode::bundle::rows::{ArgKind, Header, Section, SectionRow};
use ipcmm_bytecode::bundle::writer::{Part, Place, TaskSpec, assemble as lay_out};
use ipcmm_bytecode::bundle::{Attr, BundleWriter, EdgeKind, ExecMode};
use ipcmm_bytecode::{Op, Value};
use ipcmm_stdlib::by_name;

/// The bytes of a bundle.
///
/// # Panics
/// Names the line that makes no sense: assembly is written by hand.
pub fn assemble(text: &str) -> Vec<u8> {
    let mut assembly = Assembly { writer: BundleWriter::new("case", 1, false), chunk: None, debug: false };
    let mut late = Vec::new();
    for line in text.lines() {
        let code = line.split(';').next().unwrap_or("").trim_end();
        if code.trim().is_empty() {
            continue;
        }
        let done = match code.starts_with(' ') {
            true => assembly.op(code.trim()),
            false => {
                assembly.close_chunk();
                let (word, rest) = code.split_once(' ').unwrap_or((code, ""));
                match word {
                    "poke" | "drop" | "repeat" | "rename" | "truncate" | "append" => {
                        late.push((word, rest.trim()));
                        Some(())
                    }
                    _ => assembly.directive(word, rest.trim()),
                }
            }
        };
        done.unwrap_or_else(|| panic!("no assembly: `{line}`"));
    }
    assembly.close_chunk();
    let mut tampered = Tampered::new(&assembly.writer.finish());
    for (word, rest) in late {
        tampered.apply(word, rest).unwrap_or_else(|| panic!("cannot `{word} {rest}`"));
    }
    tampered.bytes()
}

struct Assembly {
    writer: BundleWriter,
    chunk: Option<(u16, Vec<u8>)>,
    debug: bool,
}

impl Assembly {
    fn close_chunk(&mut self) {
        if let Some((registers, code)) = self.chunk.take() {
            self.writer.chunk(&code, registers, &[]);
        }
    }

    /// An op, or raw bytes.
    fn op(&mut self, text: &str) -> Option<()> {
        let (_, code) = self.chunk.as_mut()?;
        let (name, operands) = text.split_once(' ').unwrap_or((text, ""));
        if name == "bytes" {
            code.extend(hex(operands)?);
            return Some(());
        }
        let operands: Vec<&str> = operands.split(',').map(str::trim).filter(|o| !o.is_empty()).collect();
        Op::parse(name, &operands)?.encode(code);
        Some(())
    }

    fn directive(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            "debug" => {
                self.debug = true;
                self.writer = BundleWriter::new("case", 1, true);
                self.writer.file("case.ipcmm.yaml");
            }
            "name" => self.writer = BundleWriter::new(rest.trim_matches('\''), 1, self.debug),
            "constant" => drop(self.writer.constant(&constant(rest)?)),
            "fact" => self.writer.fact(rest),
            "asset" => drop(self.writer.asset(rest.as_bytes())),
            "chunk" => self.chunk = Some((rest.parse().ok()?, Vec::new())),
            "effect" => {
                let builtin = by_name(rest)?;
                self.writer.effect(builtin.number(), builtin.effect);
            }
            "block" => return self.block(rest),
            "task" => return self.task(rest),
            "listen" => {
                let (target, listener) = rest.split_once(' ')?;
                self.writer.listen(target.parse().ok()?, listener.parse().ok()?);
            }
            _ => return None,
        }
        Some(())
    }

    fn block(&mut self, rest: &str) -> Option<()> {
        let mut words = rest.split_whitespace();
        let name = words.next()?;
        let builtin = by_name(name);
        let (mut args, mut attrs, mut children) = (Vec::new(), Vec::new(), 0..0);
        for word in words {
            let (key, value) = word.split_once('=')?;
            let number = |text: &str| text.parse::<u32>().ok();
            let plain = value.rsplit(':').next().and_then(number);
            match key.split_once('.') {
                Some(("arg", param)) => {
                    let param = builtin.and_then(|b| b.param(param)).or_else(|| param.parse().ok())?;
                    if let Some(list) = value.strip_prefix("tasks:") {
                        let tasks: Option<Vec<u32>> = list.split('+').filter(|t| !t.is_empty()).map(number).collect();
                        args.push((param, ArgKind::Tasks, self.writer.selection(&tasks?)));
                        continue;
                    }
                    let kind = match value.split(':').next()? {
                        "constant" => ArgKind::Constant,
                        "chunk" => ArgKind::Chunk,
                        "thunk" => ArgKind::Thunk,
                        "asset" => ArgKind::Asset,
                        _ => return None,
                    };
                    args.push((param, kind, plain?));
                }
                Some(("attr", attr)) => attrs.push((Attr::from_name(attr)?, plain?)),
                None if key == "children" => {
                    let (start, end) = value.split_once("..")?;
                    children = number(start)?..number(end)?;
                }
                _ => return None,
            }
        }
        if let Some(builtin) = builtin {
            self.writer.effect(builtin.number(), builtin.effect);
        } else if name != "sequence" {
            return None;
        }
        self.writer.block(builtin.map_or(0, |b| b.number()), &args, &attrs, children);
        Some(())
    }

    fn task(&mut self, rest: &str) -> Option<()> {
        let mut words = rest.split_whitespace();
        let label = words.next()?;
        let (mut block, mut edges, mut mode) = (0, Vec::new(), ExecMode::Sync);
        let (mut stops, mut keeps_result, mut part, mut demand) = (false, false, None, false);
        for word in words {
            match word.split_once('=').unwrap_or((word, "")) {
                ("block", number) => block = number.parse().ok()?,
                ("dry", number) => (block, part) = (number.parse().ok()?, Some(Part::Dry)),
                ("before", number) => (block, part) = (number.parse().ok()?, Some(Part::Before)),
                ("mode", name) => mode = ExecMode::from_name(name)?,
                ("stops", _) => stops = true,
                ("keeps", _) => keeps_result = true,
                ("demand", _) => demand = true,
                ("edges", list) => {
                    for edge in list.split(',') {
                        let (kind, target) = edge.split_once(':')?;
                        edges.push((EdgeKind::from_name(kind)?, target.parse().ok()?));
                    }
                }
                _ => return None,
            }
        }
        let place = Place { file: 0, line: 1, column: 1 };
        let module = "case";
        self.writer.task(&TaskSpec {
            module,
            label,
            block,
            part,
            edges: &edges,
            mode,
            stops,
            keeps_result,
            test: false,
            demand,
            place,
        });
        Some(())
    }
}

/// `42`, or `nested 3` for a list in a list in a list.
fn constant(text: &str) -> Option<Value> {
    match text.strip_prefix("nested ") {
        Some(depth) => Some((0..depth.parse().ok()?).fold(Value::Null, |inner, _: u32| Value::list(vec![inner]))),
        None => Some(crate::values::constant(text)),
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}

/// A bundle taken apart, to be put together again with hashes that are right for what is in it.
struct Tampered {
    header: Vec<(usize, Vec<u8>)>,
    file: Vec<(usize, Vec<u8>)>,
    sections: Vec<(u32, Vec<u8>)>,
    table: Vec<(usize, Vec<u8>)>,
    truncate: usize,
    append: Vec<u8>,
}

/// Bytes of the header, of a row of the section table, and the place of the root in the header.
const HEADER: usize = size_of::<Header>();
const ROW: usize = size_of::<SectionRow>();
const ROOT: usize = HEADER - 32;

fn section_number(name: &str) -> Option<u32> {
    Section::TABLE.iter().find(|(_, n, ..)| *n == name).map(|(s, ..)| *s as u32)
}

impl Tampered {
    fn new(bytes: &[u8]) -> Tampered {
        let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")) as usize;
        let count = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes")) as usize;
        let sections = (0..count).map(|i| {
            let row = HEADER + i * ROW;
            let kind = u32::from_le_bytes(bytes[row..row + 4].try_into().expect("four bytes"));
            (kind, bytes[word(row + 8)..word(row + 8) + word(row + 16)].to_vec())
        });
        Tampered {
            sections: sections.collect(),
            header: Vec::new(),
            file: Vec::new(),
            table: Vec::new(),
            truncate: 0,
            append: Vec::new(),
        }
    }

    fn apply(&mut self, word: &str, rest: &str) -> Option<()> {
        let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
        let at = |name: &str, sections: &[(u32, Vec<u8>)]| {
            let number = section_number(name)?;
            sections.iter().position(|(kind, _)| *kind == number)
        };
        match word {
            "poke" => {
                let (offset, bytes) = more.split_once(' ')?;
                let (offset, bytes) = (offset.parse().ok()?, hex(bytes)?);
                match first {
                    "header" => self.header.push((offset, bytes)),
                    "table" => self.table.push((offset, bytes)),
                    "file" => self.file.push((offset, bytes)),
                    name => {
                        let at = at(name, &self.sections)?;
                        let section = &mut self.sections[at].1;
                        section.resize(section.len().max(offset + bytes.len()), 0);
                        section[offset..offset + bytes.len()].copy_from_slice(&bytes);
                    }
                }
            }
            "drop" => drop(self.sections.remove(at(first, &self.sections)?)),
            "repeat" => {
                let at = at(first, &self.sections)?;
                let copy = self.sections[at].clone();
                self.sections.insert(at, copy);
            }
            "rename" => {
                let at = at(first, &self.sections)?;
                self.sections[at].0 = more.parse().ok()?;
            }
            "truncate" => self.truncate = first.parse().ok()?,
            "append" => self.append = hex(rest)?,
            _ => return None,
        }
        Some(())
    }

    fn bytes(self) -> Vec<u8> {
        // Laid out under a number that exists, then given the number that is wanted.
        let known = |kind: u32| Section::from_number(kind).unwrap_or(Section::Strings);
        let sections: Vec<(Section, &[u8])> = self.sections.iter().map(|(k, b)| (known(*k), b.as_slice())).collect();
        let mut bytes = lay_out(&sections);
        for (i, (kind, _)) in self.sections.iter().enumerate() {
            bytes[HEADER + i * ROW..HEADER + i * ROW + 4].copy_from_slice(&kind.to_le_bytes());
        }
        let table = HEADER..HEADER + self.sections.len() * ROW;
        for (offset, poked) in &self.table {
            bytes[table.start + offset..table.start + offset + poked.len()].copy_from_slice(poked);
        }
        for (offset, poked) in &self.header {
            bytes[*offset..offset + poked.len()].copy_from_slice(poked);
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&bytes[..ROOT]);
        hasher.update(&bytes[table]);
        bytes[ROOT..HEADER].copy_from_slice(hasher.finalize().as_bytes());
        for (offset, poked) in &self.file {
            bytes[*offset..offset + poked.len()].copy_from_slice(poked);
        }
        bytes.truncate(bytes.len() - self.truncate);
        bytes.extend(self.append);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_stdlib::Stdlib;

    #[test]
    fn what_is_not_tampered_with_is_laid_out_as_the_writer_does() {
        let text = "constant 42\nchunk 1\n  load R0, K0\n  ret R0\nblock ipcmm.eval arg.expr=thunk:0\ntask a block=0\n";
        let bytes = assemble(text);
        assert!(ipcmm_vm::verify(&bytes, &Stdlib).is_ok());
        assert!(ipcmm_vm::verify(&assemble(&format!("{text}poke file 60 ff\n")), &Stdlib).is_err());
    }
}
