//! The pure functions of the language: a file for each family of the table, with an arm for each function.

mod addresses;
mod encodings;
mod format;
mod given;
mod hashes;
mod json;
mod lists;
mod maps;
mod numbers;
mod paths;
mod patterns;
mod random;
mod ranges;
mod sets;
mod text;
mod times;
mod values;
mod versions;
mod yaml;

pub use addresses::{check_address, check_network};
pub use patterns::{check_pattern, matches};
pub use versions::check_version;

use given::Given;
use ipcmm_bytecode::functions::Family;
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};

/// Calls a pure function. What it builds is bounded before it is built.
pub fn call(function: Function, args: &[Value]) -> Result<Value, Fault> {
    // How many there are is known, even if one of them is not.
    let counts = function == Function::Len && !matches!(args, [Value::Unknown, ..]);
    if !counts && args.iter().any(Value::has_unknown) {
        return Ok(Value::Unknown);
    }
    let given = Given { function, values: args };
    let elsewhere = |why: &str| Err(Fault::new(FaultKind::BadOp, format!("`{}` {why}", function.name())));
    match function.family() {
        Family::Values(function) => values::call(function, given),
        Family::Text(function) => text::call(function, given),
        Family::Lists(function) => lists::call(function, given),
        Family::Sets(function) => sets::call(function, given),
        Family::Maps(function) => maps::call(function, given),
        Family::Numbers(function) => numbers::call(function, given),
        Family::Patterns(function) => patterns::call(function, given),
        Family::Paths(function) => paths::call(function, given),
        Family::Addresses(function) => addresses::call(function, given),
        Family::Versions(function) => versions::call(function, given),
        Family::Times(function) => times::call(function, given),
        Family::Hashes(function) => hashes::call(function, given),
        Family::Encodings(function) => encodings::call(function, given),
        Family::Random(function) => random::call(function, given),
        Family::Loops(_) => elsewhere("is a loop and was called"),
        Family::Probes(_) => elsewhere("asks the host and was called as if pure"),
    }
}

/// The text as one word for a POSIX shell.
fn shell_quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
