//! Listing to rows: the parts of a listing and those that are plain tables. Code, blocks and tasks are in `bodies`.

use super::draft::Draft;
use super::line::{Line, number, reference};
use super::names::Names;
use super::{AsmError, line};
use crate::bundle::rows::*;
use crate::{Catalog, Effect};
use std::cell::OnceCell;

/// A line that is not indented, and the rows under it.
pub(super) struct Part<'t> {
    pub(super) head: Line<'t>,
    pub(super) rows: Vec<Line<'t>>,
}

/// Reads a listing.
pub(super) fn read(text: &str, catalog: &dyn Catalog) -> Result<Draft, AsmError> {
    let mut reader = Reader { draft: Draft::default(), catalog, names: OnceCell::new() };
    let (strings, others): (Vec<Part>, Vec<Part>) =
        parts(text)?.into_iter().partition(|part| part.head.peek() == Some("strings"));
    // The given strings come first: texts written elsewhere are added behind them.
    for part in strings.into_iter().chain(others) {
        reader.part(part)?;
    }
    Ok(reader.draft)
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, AsmError> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (at, text) in text.lines().enumerate() {
        let line = Line::new(at as u32 + 1, text);
        if line.is_over() {
            continue;
        }
        if !text.starts_with(char::is_whitespace) {
            parts.push(Part { head: line, rows: Vec::new() });
            continue;
        }
        match parts.last_mut() {
            Some(part) => part.rows.push(line),
            None => return Err(line.error("an indented line belongs to the part above it, and there is none")),
        }
    }
    Ok(parts)
}

pub(super) struct Reader<'c> {
    pub(super) draft: Draft,
    catalog: &'c dyn Catalog,
    names: OnceCell<Names>,
}

impl Reader<'_> {
    fn part(&mut self, part: Part<'_>) -> Result<(), AsmError> {
        let Part { mut head, rows } = part;
        let start = head;
        match head.word().unwrap_or("") {
            "bundle" => self.bundle(head, &rows),
            "agent" => {
                self.draft.agent = Some(head.number()?);
                head.end().and_then(|()| no_rows(&rows))
            }
            "strings" => table(head, rows, |row| self.string_row(row)),
            "constants" => table(head, rows, |row| self.constant_row(row)),
            "chunk" => self.chunk(Part { head, rows }),
            "asset" => self.asset(Part { head, rows }),
            "block" => self.block(Part { head, rows }),
            "task" => self.task(Part { head, rows }),
            "facts" => table(head, rows, |row| {
                let fact = self.string(row)?;
                self.draft.facts.push(U32::new(fact));
                Ok(())
            }),
            "effects" => table(head, rows, |row| self.effect_row(row)),
            "listens" => table(head, rows, |row| {
                let target = row.reference('T')?;
                let listener = row.reference('T')?;
                self.draft.listens.push(ListenRow { target: U32::new(target), listener: U32::new(listener) });
                Ok(())
            }),
            "debug" => table(head, rows, |row| self.debug_row(row)),
            "section" => self.section(Part { head, rows }),
            _ => Err(start.expected(
                "`bundle`, `agent`, `strings`, `constants`, `chunk`, `asset`, `block`, `task`, `facts`, `effects`, \
                 `listens`, `debug` or `section`",
            )),
        }
    }

    fn bundle(&mut self, mut head: Line<'_>, rows: &[Line<'_>]) -> Result<(), AsmError> {
        let name = self.string(&mut head)?;
        let mut edition = 1;
        if head.takes("edition") {
            edition = head.number()?;
        }
        self.draft.meta.push(MetaRow { name: U32::new(name), edition: U32::new(edition) });
        head.end().and_then(|()| no_rows(rows))
    }

    /// A text, or a string by number.
    pub(super) fn string(&mut self, line: &mut Line<'_>) -> Result<u32, AsmError> {
        match line.text()? {
            Some(text) => Ok(self.draft.string(&text)),
            None => line.read_as("a text in quotes or `S` with a number", |word| reference(word, 'S')),
        }
    }

    /// A built-in: its name, or `builtin` and a number.
    pub(super) fn builtin(&mut self, line: &mut Line<'_>) -> Result<u16, AsmError> {
        if line.takes("builtin") {
            return line.number();
        }
        let names = self.names.get_or_init(|| Names::new(self.catalog));
        line.read_as("the name of a built-in, or `builtin` and a number", |word| names.number(word))
    }

    fn string_row(&mut self, row: &mut Line<'_>) -> Result<(), AsmError> {
        row.own_number('S', self.draft.string_count())?;
        let text = row.text()?.ok_or_else(|| row.expected("a text in quotes"))?;
        self.draft.add_string(&text);
        Ok(())
    }

    fn constant_row(&mut self, row: &mut Line<'_>) -> Result<(), AsmError> {
        row.own_number('K', self.draft.constant_count())?;
        if row.takes("bytes") {
            let bytes = row.bytes()?;
            self.draft.constant_bytes(&bytes);
        } else {
            let value = row.value()?;
            self.draft.constant(&value);
        }
        Ok(())
    }

    fn effect_row(&mut self, row: &mut Line<'_>) -> Result<(), AsmError> {
        let builtin = self.builtin(row)?;
        let effect = effect(row)?;
        self.draft.effects.push(EffectRow { builtin: U16::new(builtin), effect: U16::new(effect) });
        Ok(())
    }

    fn asset(&mut self, part: Part<'_>) -> Result<(), AsmError> {
        let Part { mut head, rows } = part;
        head.own_number('A', self.draft.assets.len())?;
        let mut bytes = Vec::new();
        for mut row in rows {
            match row.text()? {
                Some(text) => bytes.extend_from_slice(text.as_bytes()),
                None => bytes.extend(row.bytes()?),
            }
            row.end()?;
        }
        let mut asset = AssetRow {
            hash: *blake3::hash(&bytes).as_bytes(),
            offset: U64::new(self.draft.asset_bytes.len() as u64),
            length: U64::new(bytes.len() as u64),
        };
        while !head.is_over() {
            let option = head;
            match head.word().unwrap_or("") {
                "offset" => asset.offset = U64::new(head.number()?),
                "length" => asset.length = U64::new(head.number()?),
                "hash" => {
                    let what = "a hash of 64 hexadecimal digits";
                    let digits = head.read_as(what, Some)?;
                    let hash = Line::new(head.number, digits).bytes()?;
                    asset.hash = hash.try_into().map_err(|_| option.error(format!("expected {what}")))?;
                }
                _ => return Err(option.expected("`hash`, `offset`, `length` or the end of the line")),
            }
        }
        self.draft.asset_bytes.extend(bytes);
        self.draft.assets.push(asset);
        Ok(())
    }

    fn section(&mut self, part: Part<'_>) -> Result<(), AsmError> {
        let Part { mut head, rows } = part;
        let by_name = |word: &str| Section::TABLE.iter().find(|row| row.1 == word).map(|row| row.0);
        let section = head.read_as("the name of a section", by_name)?;
        head.end()?;
        let mut bytes = Vec::new();
        for mut row in rows {
            bytes.extend(row.bytes()?);
        }
        self.draft.given.insert(section as u32, bytes);
        Ok(())
    }

    fn debug_row(&mut self, row: &mut Line<'_>) -> Result<(), AsmError> {
        match row.peek().and_then(|word| word.chars().next()) {
            Some('F') => {
                row.own_number('F', self.draft.debug_files.len())?;
                let name = row.text()?.ok_or_else(|| row.expected("a text in quotes"))?;
                self.draft.debug_files.push(DebugFileRow {
                    offset: U32::new(self.draft.debug_text.len() as u32),
                    length: U32::new(name.len() as u32),
                });
                self.draft.debug_text.extend_from_slice(name.as_bytes());
            }
            Some('T') => {
                row.own_number('T', self.draft.debug_tasks.len())?;
                self.draft.debug_tasks.push(row.read_as(PLACE, place)?);
            }
            Some('C') => {
                let chunk = row.reference('C')?;
                while !row.is_over() {
                    let pc = row.reference('@')?;
                    let place = row.read_as(PLACE, |word| place(word.strip_suffix(',').unwrap_or(word)))?;
                    self.draft.debug_code.push(DebugCodeRow { chunk: U32::new(chunk), pc: U32::new(pc), place });
                }
            }
            _ => return Err(row.expected("a file `F0`, a task `T0` or a chunk `C0`")),
        }
        Ok(())
    }
}

const PLACE: &str = "a place, such as `F0:12:3`";

fn place(word: &str) -> Option<PlaceRow> {
    let mut parts = word.split(':');
    let (file, line, column) = (parts.next()?, parts.next()?, parts.next()?);
    let row = PlaceRow {
        file: U32::new(reference(file, 'F')?),
        line: U32::new(number(line)?),
        column: U32::new(number(column)?),
    };
    parts.next().is_none().then_some(row)
}

/// `none`, `read`, `change`, or a number.
pub(super) fn effect(line: &mut Line<'_>) -> Result<u16, AsmError> {
    const ALL: [Effect; 3] = [Effect::None, Effect::Read, Effect::Change];
    let named = |word: &str| ALL.iter().find(|e| e.name() == word).map(|e| *e as u16);
    line.read_as("an effect: none, read, change or a number", |word| named(word).or_else(|| line::number(word)))
}

fn no_rows(rows: &[Line<'_>]) -> Result<(), AsmError> {
    rows.first().map_or(Ok(()), |row| Err(row.error("this part has no rows")))
}

/// Reads every row to its end.
fn table<'t>(
    head: Line<'t>,
    rows: Vec<Line<'t>>,
    mut read: impl FnMut(&mut Line<'t>) -> Result<(), AsmError>,
) -> Result<(), AsmError> {
    head.end()?;
    rows.into_iter().try_for_each(|mut row| {
        read(&mut row)?;
        row.end()
    })
}
