//! The arguments of a call, by the names and with the defaults of the table.
//!
//! Unaware of what an argument means. The compiler has checked the types of everything it could; here
//! the rest is checked, since a value may come from the node itself.

use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_stdlib::{Builtin, Default, Param};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The given arguments of one call, together with the row that describes them.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a> {
    row: &'static Builtin,
    given: &'a [(u16, Value)],
}

impl<'a> Args<'a> {
    /// Arguments in ascending order of parameter number.
    pub fn new(row: &'static Builtin, given: &'a [(u16, Value)]) -> Args<'a> {
        Args { row, given }
    }

    /// The built-in they are for.
    pub fn row(&self) -> &'static Builtin {
        self.row
    }

    /// The names of the arguments that are not known yet, wholly or in part.
    pub fn unknown(&self) -> Vec<&'static str> {
        let unknown = self.given.iter().filter(|(_, value)| value.has_unknown());
        unknown.filter_map(|&(number, _)| self.row.params.get(usize::from(number))).map(|p| p.name).collect()
    }

    /// Refuses a call that lacks a required argument, or has not exactly one of a group.
    pub fn complete(&self) -> Result<(), Fault> {
        for param in self.row.params.iter().filter(|p| p.default == Default::Required) {
            if self.given(param.name).is_none() {
                return Err(self.missing(param.name));
            }
        }
        for group in self.row.one_of {
            let names = || group.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            match group.iter().filter(|name| self.given(name).is_some()).count() {
                1 => {}
                0 => {
                    let detail = format!("{} needs one of {}", self.row.name, names());
                    return Err(Fault::new(FaultKind::Missing, detail));
                }
                _ => {
                    let detail = format!("{} takes only one of {}", self.row.name, names());
                    return Err(Fault::new(FaultKind::BadArgument, detail));
                }
            }
        }
        Ok(())
    }

    /// Whether an argument was given and is not null.
    pub fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// The value as it was given; null counts as not given.
    pub fn given(&self, name: &str) -> Option<&'a Value> {
        let number = self.row.param(name)?;
        // A handful of entries: walking them beats a search.
        self.given.iter().find(|(n, _)| *n == number).map(|(_, value)| value).filter(|v| **v != Value::Null)
    }

    fn param(&self, name: &str) -> Result<&'static Param, Fault> {
        self.row
            .params
            .iter()
            .find(|p| p.name == name)
            .ok_or_else(|| Fault::new(FaultKind::TypeMismatch, format!("{} has no parameter `{name}`", self.row.name)))
    }

    fn missing(&self, name: &str) -> Fault {
        Fault::new(FaultKind::Missing, format!("argument `{name}` of {}", self.row.name))
    }

    /// The fault of an argument that has a value it must not have.
    pub fn bad(&self, name: &str, why: impl std::fmt::Display) -> Fault {
        Fault::new(FaultKind::BadArgument, format!("argument `{name}` of {}: {why}", self.row.name))
    }

    fn mistyped(&self, name: &str, value: &Value) -> Fault {
        let wanted = self.param(name).map_or("something else", |p| p.ty);
        let detail = format!("argument `{name}` of {} is {}, not {wanted}", self.row.name, value.type_name());
        Fault::new(FaultKind::TypeMismatch, detail)
    }

    /// A text that may be left out.
    pub fn opt_str(&self, name: &str) -> Result<Option<&'a str>, Fault> {
        match (self.given(name), self.param(name)?.default) {
            (Some(Value::Str(text)), _) => Ok(Some(text)),
            (Some(other), _) => Err(self.mistyped(name, other)),
            (None, Default::Str(text)) => Ok(Some(text)),
            (None, _) => Ok(None),
        }
    }

    /// A text.
    pub fn str(&self, name: &str) -> Result<&'a str, Fault> {
        self.opt_str(name)?.ok_or_else(|| self.missing(name))
    }

    /// A path that may be left out.
    pub fn opt_path(&self, name: &str) -> Result<Option<&'a Path>, Fault> {
        let Some(text) = self.opt_str(name)? else { return Ok(None) };
        match text.starts_with('/') {
            true => Ok(Some(Path::new(text))),
            false => Err(self.bad(name, format!("`{text}` is not an absolute path"))),
        }
    }

    /// A path.
    pub fn path(&self, name: &str) -> Result<&'a Path, Fault> {
        self.opt_path(name)?.ok_or_else(|| self.missing(name))
    }

    /// A truth value.
    pub fn bool(&self, name: &str) -> Result<bool, Fault> {
        match (self.given(name), self.param(name)?.default) {
            (Some(Value::Bool(b)), _) => Ok(*b),
            (None, Default::Bool(b)) => Ok(b),
            (Some(other), _) => Err(self.mistyped(name, other)),
            (None, _) => Err(self.missing(name)),
        }
    }

    /// A number or size.
    pub fn int(&self, name: &str) -> Result<i64, Fault> {
        match (self.given(name), self.param(name)?.default) {
            (Some(Value::Int(i)), _) => Ok(*i),
            (None, Default::Int(i)) => Ok(i),
            (Some(other), _) => Err(self.mistyped(name, other)),
            (None, _) => Err(self.missing(name)),
        }
    }

    /// A span of time; a negative one is none.
    pub fn duration(&self, name: &str) -> Result<Duration, Fault> {
        match (self.given(name), self.param(name)?.default) {
            (Some(Value::Duration(ns)), _) => Ok(Duration::from_nanos(u64::try_from(*ns).unwrap_or(0))),
            (Some(other), _) => Err(self.mistyped(name, other)),
            (None, Default::Seconds(s)) => Ok(Duration::from_secs(u64::try_from(s).unwrap_or(0))),
            (None, _) => Err(self.missing(name)),
        }
    }

    /// A list of anything, each element as the text interpolation would write.
    pub fn list_of_text(&self, name: &str) -> Result<Vec<String>, Fault> {
        match (self.given(name), self.param(name)?.default) {
            (Some(Value::List(items)), _) => Ok(items.iter().map(|v| v.to_text().to_string()).collect()),
            (Some(other), _) => Err(self.mistyped(name, other)),
            (None, Default::EmptyList) => Ok(Vec::new()),
            (None, _) => Err(self.missing(name)),
        }
    }

    /// A list of texts that may be left out.
    pub fn opt_list_of_str(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        match (self.given(name), self.param(name)?.default) {
            (Some(Value::List(items)), _) => {
                let texts = items.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(|| self.mistyped(name, v)));
                texts.collect::<Result<_, _>>().map(Some)
            }
            (Some(other), _) => Err(self.mistyped(name, other)),
            (None, Default::EmptyList) => Ok(Some(Vec::new())),
            (None, _) => Ok(None),
        }
    }

    /// A list of texts.
    pub fn list_of_str(&self, name: &str) -> Result<Vec<String>, Fault> {
        self.opt_list_of_str(name)?.ok_or_else(|| self.missing(name))
    }

    /// A list of numbers.
    pub fn list_of_int(&self, name: &str) -> Result<Vec<i64>, Fault> {
        match (self.given(name), self.param(name)?.default) {
            (Some(Value::List(items)), _) => items
                .iter()
                .map(|v| match v {
                    Value::Int(i) => Ok(*i),
                    other => Err(self.mistyped(name, other)),
                })
                .collect(),
            (None, Default::Ints(ints)) => Ok(ints.to_vec()),
            (Some(other), _) => Err(self.mistyped(name, other)),
            (None, _) => Err(self.missing(name)),
        }
    }

    /// Permission bits, as octal text or as the number they are.
    pub fn opt_mode(&self, name: &str) -> Result<Option<u32>, Fault> {
        let mode = match self.given(name) {
            None => return Ok(None),
            Some(Value::Int(bits)) => u32::try_from(*bits).ok(),
            Some(Value::Str(text)) => {
                let digits = text.strip_prefix("0o").unwrap_or(text);
                Some(digits).filter(|d| !d.starts_with('+')).and_then(|d| u32::from_str_radix(d, 8).ok())
            }
            Some(other) => return Err(self.mistyped(name, other)),
        };
        match mode.filter(|m| *m <= 0o7777) {
            Some(mode) => Ok(Some(mode)),
            None => Err(self.bad(name, "it is no mode such as `0644`")),
        }
    }

    /// Bytes that may be left out: an asset, or a text.
    pub fn opt_bytes(&self, name: &str) -> Result<Option<&'a [u8]>, Fault> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Value::Str(text)) => Ok(Some(text.as_bytes())),
            Some(other) => Err(self.mistyped(name, other)),
        }
    }
}

/// Result data: a map of the fields a row names.
pub fn data<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    Value::map(fields)
}

/// A count as a value; none is larger than the greatest.
pub fn count(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Result data of which nothing is known yet: every field of the row, unknown.
pub fn unknown_data(row: &'static Builtin) -> Value {
    Value::map(row.data.iter().map(|field| (Arc::<str>::from(field.name), Value::Unknown)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_stdlib::by_name;

    #[test]
    fn defaults_types_and_groups_are_those_of_the_table() {
        let row = by_name("ipcmm.run.cmd").unwrap();
        let number = |name| row.param(name).unwrap();
        let none = Args::new(row, &[]);
        assert!(!none.bool("shell").unwrap());
        assert_eq!(none.duration("timeout").unwrap(), Duration::from_secs(300));
        assert_eq!(none.list_of_int("ok_rc").unwrap(), [0]);
        assert_eq!(none.str("output").unwrap(), "capture");
        assert_eq!(none.int("max_output").unwrap(), 1 << 20);
        assert_eq!(none.complete().unwrap_err().kind, FaultKind::Missing);
        let given =
            [(number("argv"), Value::list(vec![])), (number("cmd"), Value::str("a")), (number("shell"), Value::Int(1))];
        let args = Args::new(row, &given);
        assert_eq!(args.complete().unwrap_err().kind, FaultKind::BadArgument);
        let fault = args.bool("shell").unwrap_err();
        assert_eq!(
            (fault.kind, fault.detail.as_str()),
            (FaultKind::TypeMismatch, "argument `shell` of ipcmm.run.cmd is int, not bool")
        );
        assert_eq!(args.path("cwd").unwrap_err().kind, FaultKind::Missing);
    }

    #[test]
    fn modes_are_octal_text_or_bits() {
        let row = by_name("ipcmm.filesystem.file").unwrap();
        for (value, mode) in [
            (Value::str("0644"), Some(0o644)),
            (Value::str("755"), Some(0o755)),
            (Value::Int(0o600), Some(0o600)),
            (Value::str("0o1777"), Some(0o1777)),
            (Value::str("u+x"), None),
            (Value::str("+644"), None),
            (Value::Int(0o10000), None),
        ] {
            let given = [(row.param("mode").unwrap(), value.clone())];
            assert_eq!(Args::new(row, &given).opt_mode("mode").ok().flatten(), mode, "{value}");
        }
    }
}
