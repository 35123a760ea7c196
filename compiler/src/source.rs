//! The files of a build: their names, texts and line starts.

use std::sync::{Arc, OnceLock};

/// A file of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A file that was read.
#[derive(Debug)]
pub struct SourceFile {
    /// Name as the user wrote it or as the search found it; `<stdin>` for standard input.
    pub name: String,
    /// The text.
    pub text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
    /// Characters before each block of the text, so that a place in a very long line is found without walking it.
    blocks: OnceLock<Vec<u32>>,
}

/// Bytes of a block.
const BLOCK: usize = 4096;

/// Characters that begin in some bytes of UTF-8.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u32
}

impl SourceFile {
    /// Byte offsets at which lines start; computed when first asked for.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
            starts
        })
    }

    /// The position of a byte offset. Offsets past the end are the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = (offset as usize).min(self.text.len());
        let starts = self.line_starts();
        let line = starts.partition_point(|&s| s as usize <= offset) - 1;
        let column = self.characters_before(offset) - self.characters_before(starts[line] as usize);
        Position { line: line as u32 + 1, column: column + 1 }
    }

    fn characters_before(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let blocks = self.blocks.get_or_init(|| {
            let mut before = 0;
            let count = |block| {
                let here = before;
                before += characters(block);
                here
            };
            bytes.chunks(BLOCK).map(count).collect()
        });
        let block = offset / BLOCK;
        match blocks.get(block) {
            Some(before) => before + characters(&bytes[block * BLOCK..offset]),
            // The end of a text of whole blocks.
            None => blocks.last().map_or(0, |before| before + characters(&bytes[(block - 1) * BLOCK..])),
        }
    }
}

/// All files of a build.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(SourceFile {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
            blocks: OnceLock::new(),
        });
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of an id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_in_lines_of_any_length() {
        for text in
            ["", "a", "ä\nöü", &"ä".repeat(5_000), &"x".repeat(BLOCK * 2), &format!("{}\n日本", "é\n".repeat(3_000))]
        {
            let mut sources = Sources::default();
            let file = sources.add("a", text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
                let expected = Position {
                    line: text[..offset].matches('\n').count() as u32 + 1,
                    column: text[start..offset].chars().count() as u32 + 1,
                };
                if offset % 7 == 0 || offset + 2 > text.len() {
                    assert_eq!(sources.file(file).position(offset as u32), expected);
                }
            }
        }
    }
}
