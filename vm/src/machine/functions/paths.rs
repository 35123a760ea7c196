//! Functions on paths as text. They ask no file system, so links are not followed.

use super::given::{Given, affordable, affordable_parts};
use ipcmm_bytecode::functions::family::Paths;
use ipcmm_bytecode::{Fault, Value};

pub fn call(function: Paths, given: Given) -> Result<Value, Fault> {
    if function == Paths::PathJoin {
        return join(given);
    }
    let path = &**given.str(0)?;
    Ok(match function {
        Paths::Basename => Value::str(basename(path)),
        Paths::Dirname => {
            let trimmed = path.trim_end_matches('/');
            Value::str(match trimmed.rfind('/') {
                Some(at) => match trimmed[..at].trim_end_matches('/') {
                    "" => "/",
                    folder => folder,
                },
                None if path.starts_with('/') => "/",
                None => ".",
            })
        }
        Paths::PathExtension => Value::str(extended(basename(path)).map_or("", |(_, extension)| extension)),
        Paths::PathStem => Value::str(extended(basename(path)).map_or(basename(path), |(stem, _)| stem)),
        Paths::PathWithExtension => {
            let (trimmed, extension) = (path.trim_end_matches('/'), given.str(1)?.trim_start_matches('.'));
            let name = basename(path);
            if matches!(name, "" | "." | "..") {
                return Err(given.bad(0, &format!("'{path}' names no file")));
            }
            if extension.contains('/') {
                return Err(given.bad(1, "it has a `/`"));
            }
            let stem = extended(name).map_or(name, |(stem, _)| stem);
            let kept = &trimmed[..trimmed.len() - name.len()];
            let dot = if extension.is_empty() { "" } else { "." };
            Value::str(format!("{kept}{stem}{dot}{extension}"))
        }
        Paths::PathNormalize => Value::str(shown(path.starts_with('/'), &normal(path)?)),
        Paths::PathRelative => {
            let from = given.str(1)?;
            if path.starts_with('/') != from.starts_with('/') {
                return Err(given.bad(0, "one path is absolute and the other is not"));
            }
            let (to, from) = (normal(path)?, normal(from)?);
            let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
            if from[common..].contains(&"..") {
                return Err(given.bad(1, "it leads above where both begin, so the way back is not known"));
            }
            let parts: Vec<_> = from[common..].iter().map(|_| "..").chain(to[common..].iter().copied()).collect();
            affordable(Some(parts.len() * 3 + path.len()))?;
            Value::str(shown(false, &parts))
        }
        Paths::PathIsAbsolute => Value::Bool(path.starts_with('/')),
        Paths::PathIsWithin => {
            let folder = given.str(1)?;
            let (below, above) = (normal(path)?, normal(folder)?);
            let open = below.iter().skip(above.len()).any(|part| *part == "..");
            Value::Bool(path.starts_with('/') == folder.starts_with('/') && below.starts_with(&above) && !open)
        }
        Paths::PathParts => {
            let root = path.starts_with('/').then_some("/");
            let parts = path.split('/').filter(|part| !part.is_empty());
            affordable_parts(parts.clone().count() + 1)?;
            Value::list(root.into_iter().chain(parts).map(Value::str).collect())
        }
        Paths::PathJoin => return join(given),
    })
}

fn join(given: Given) -> Result<Value, Fault> {
    let parts = given.strs(0)?;
    let mut joined = String::new();
    let begin = parts.iter().rposition(|part| part.starts_with('/')).unwrap_or(0);
    for part in parts[begin..].iter().filter(|part| !part.is_empty()) {
        affordable(joined.len().checked_add(part.len() + 1))?;
        if !joined.is_empty() {
            joined.truncate(joined.trim_end_matches('/').len());
            joined.push('/');
        }
        joined.push_str(part);
    }
    Ok(Value::str(joined))
}

/// The last part.
fn basename(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or("")
}

/// A name before and behind its last dot; a dot at its beginning hides a file and begins no extension.
fn extended(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty() && name != "..")
}

/// The parts without `.`, and without `..` where what it leaves is known.
fn normal(path: &str) -> Result<Vec<&str>, Fault> {
    let absolute = path.starts_with('/');
    affordable_parts(path.len() / 2)?;
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") => parts.push(part),
                Some(_) => drop(parts.pop()),
                None if absolute => {}
                None => parts.push(part),
            },
            part => parts.push(part),
        }
    }
    Ok(parts)
}

fn shown(absolute: bool, parts: &[&str]) -> String {
    match (absolute, parts) {
        (true, parts) => format!("/{}", parts.join("/")),
        (false, []) => ".".into(),
        (false, parts) => parts.join("/"),
    }
}
