//! What `inspect` tells of a bundle: its parts, its tasks and what they could touch.
//!
//! The shape of the JSON is described by `schema/inspect.schema.json`. Unaware of: whether the bundle would be
//! accepted; whoever verified it says so. Every text comes from the bundle and is shown without control characters.

use crate::terminal::visible;
use ipcmm_bytecode::bundle::rows::{TASK_BEFORE, TASK_DRY};
use ipcmm_bytecode::bundle::{Bundle, FORMAT};
use ipcmm_bytecode::{Catalog, Effect, Fault};
use serde::Serialize;
use std::fmt::Write;

/// Version of the shape.
pub const VERSION: u32 = 1;

/// A bundle as it is told of.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Inspection {
    pub version: u32,
    pub name: String,
    /// Hash that names the bundle, in hexadecimal.
    pub root: String,
    pub format: u16,
    pub bytes: u64,
    /// Why this program would not run it.
    pub problem: Option<Problem>,
    pub sections: Vec<Section>,
    pub tasks: Vec<Task>,
    pub effects: Vec<CalledEffect>,
    pub facts: Vec<String>,
    pub assets: Vec<Asset>,
}

/// A fault by its code.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Problem {
    pub code: String,
    pub name: &'static str,
    pub message: String,
}

impl Problem {
    /// A fault as machines read it.
    pub fn of(fault: &Fault) -> Problem {
        let message = match fault.detail.as_str() {
            "" => fault.kind.summary().to_owned(),
            detail => format!("{}: {detail}", fault.kind.summary()),
        };
        Problem { code: fault.kind.to_string(), name: fault.kind.name(), message }
    }
}

/// A section.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Section {
    pub name: &'static str,
    pub rows: u32,
    pub bytes: u64,
}

/// A task.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Task {
    pub module: String,
    pub label: String,
    /// Which part of the task of this name the row is, if it is one.
    pub part: Option<&'static str>,
    pub place: Option<Place>,
}

/// A place in a source.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// A built-in that is called, and the most it can do.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct CalledEffect {
    pub builtin: String,
    pub effect: &'static str,
}

/// A file that is carried along.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Asset {
    pub blake3: String,
    pub bytes: u64,
}

/// Looks into a bundle whose container is sound. `problem` is what a verifier has against it.
pub fn inspect(bundle: &Bundle<'_>, bytes: u64, catalog: &dyn Catalog, problem: Option<&Fault>) -> Inspection {
    let place = |task| {
        let (file, line, column) = bundle.task_place(task)?;
        Some(Place { file: file.to_owned(), line, column })
    };
    let task = |task| Task {
        module: bundle.module(task).to_owned(),
        label: bundle.label(task).to_owned(),
        part: bundle.tasks().get(task as usize).and_then(|row| match row.flags {
            flags if flags & TASK_DRY != 0 => Some("dry run"),
            flags if flags & TASK_BEFORE != 0 => Some("first phase"),
            _ => None,
        }),
        place: place(task),
    };
    let effect = |row: &ipcmm_bytecode::bundle::rows::EffectRow| {
        let number = row.builtin.get();
        let shape = catalog.builtin(number);
        CalledEffect {
            builtin: shape.map_or_else(|| format!("built-in {number}"), |shape| shape.name.to_owned()),
            effect: match row.effect.get() {
                0 => Effect::None.name(),
                1 => Effect::Read.name(),
                _ => Effect::Change.name(),
            },
        }
    };
    let section = |(section, rows, bytes): (ipcmm_bytecode::bundle::rows::Section, u32, u64)| Section {
        name: section.name(),
        rows,
        bytes,
    };
    Inspection {
        version: VERSION,
        name: bundle.name().to_owned(),
        root: hex(&bundle.root()),
        format: FORMAT,
        bytes,
        problem: problem.map(Problem::of),
        sections: bundle.sections().map(section).collect(),
        tasks: (0..bundle.tasks().len() as u32).map(task).collect(),
        effects: bundle.effects().iter().map(effect).collect(),
        facts: bundle.facts().iter().filter_map(|row| bundle.string(row.get())).map(str::to_owned).collect(),
        assets: bundle.assets().iter().map(|row| Asset { blake3: hex(&row.hash), bytes: row.length.get() }).collect(),
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail; so too below.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A number of bytes for people: `980 B`, `3.4 KiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut rest = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        if rest < 1024.0 {
            break;
        }
        rest /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{rest:.1} {unit}") }
}

impl Inspection {
    /// For people. Long lists of tasks are shown whole: whoever inspects wants to see them.
    pub fn human(&self, color: bool, unicode: bool) -> String {
        let show = |text: &str| visible(text, unicode);
        let (bold, dim, off) = if color { ("\x1b[1m", "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
        let dot = if unicode { "·" } else { "-" };
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{bold}{}{off} {dot} {} {dot} format {} {dot} {} tasks",
            show(&self.name),
            size(self.bytes),
            self.format,
            self.tasks.len()
        );
        let _ = writeln!(out, "{dim}root {}{off}", self.root);
        let mut part = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                let _ = writeln!(out, "\n{bold}{title}{off}");
                for line in lines {
                    let _ = writeln!(out, "  {line}");
                }
            }
        };
        let several = self.tasks.windows(2).any(|pair| pair[0].module != pair[1].module);
        let label = |task: &Task| {
            let part = task.part.map_or(String::new(), |part| format!(" ({part})"));
            match several {
                true => show(&format!("{}/{}{part}", task.module, task.label)),
                false => show(&format!("{}{part}", task.label)),
            }
        };
        let wide = self.tasks.iter().map(|task| label(task).chars().count()).max().unwrap_or(0).min(40);
        let task = |task: &Task| match &task.place {
            Some(place) => {
                format!("{:<wide$}  {dim}{}:{}:{}{off}", label(task), show(&place.file), place.line, place.column)
            }
            None => label(task),
        };
        part("tasks", self.tasks.iter().map(task).collect());
        let wide = self.effects.iter().map(|called| called.builtin.len()).max().unwrap_or(0);
        part("built-ins", self.effects.iter().map(|c| format!("{:<wide$}  {}", show(&c.builtin), c.effect)).collect());
        part("facts it asks for", self.facts.iter().map(|fact| show(fact)).collect());
        let asset = |asset: &Asset| format!("{}  {dim}{}{off}", size(asset.bytes), asset.blake3);
        part("files it carries", self.assets.iter().map(asset).collect());
        let section = |s: &Section| format!("{:<16} {dim}{:>9} {:>9}{off}", s.name, s.rows, size(s.bytes));
        part("sections", self.sections.iter().map(section).collect());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in
            [(0, "0 B"), (1023, "1023 B"), (3482, "3.4 KiB"), (1 << 20, "1.0 MiB"), (u64::MAX, "16777216.0 TiB")]
        {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(hex(&[0, 171]), "00ab");
    }
}
