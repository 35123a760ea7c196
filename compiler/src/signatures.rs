//! Signatures of built-ins, functions and facts with their types read once.

use ipcmm_bytecode::functions::{self, FunctionRow};
use ipcmm_bytecode::{Function, bundle::AGENT_LEVEL};
use ipcmm_grammar::type_syntax::{parse_generic, parse_type};
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::{BUILTINS, Builtin, facts};
use std::sync::OnceLock;

/// A type from the text of a table. Tables are tested to hold only types that can be read.
pub fn of_table(text: &str) -> Type {
    parse_type(text).unwrap_or(Type::Error)
}

/// Types of a built-in's parameters, in order.
pub fn params(builtin: &Builtin) -> &'static [Type] {
    static TYPES: OnceLock<Vec<(u16, Vec<Type>)>> = OnceLock::new();
    let all = TYPES.get_or_init(|| {
        BUILTINS.iter().map(|b| (b.number(), b.params.iter().map(|p| of_table(p.ty)).collect())).collect()
    });
    all.iter().find(|(number, _)| *number == builtin.number()).map_or(&[], |(_, types)| types)
}

/// The type of a built-in's result data: a record of its fields.
pub fn data(builtin: &Builtin) -> Type {
    Type::Record(builtin.data.iter().map(|f| (f.name.to_string(), of_table(f.ty))).collect())
}

/// The fields every result has.
pub fn common_fields() -> Vec<(String, Type)> {
    let fields = [
        ("outcome", "'ok' | 'changed' | 'failed' | 'skipped' | 'blocked' | 'would-change' | 'not-reached'"),
        ("result", "bool?"),
        ("changed", "bool"),
        ("comment", "str"),
        ("attempts", "int"),
        ("started", "duration"),
        ("duration", "duration"),
        ("changes", "list<{kind: str, object: str, property: str}>"),
        ("items", "list<any>"),
    ];
    fields.iter().map(|(name, ty)| (name.to_string(), of_table(ty))).collect()
}

/// A function's parameter types and result type.
pub fn function(function: Function) -> (&'static FunctionRow, &'static [Type], &'static Type) {
    static TYPES: OnceLock<Vec<(Vec<Type>, Type)>> = OnceLock::new();
    let all = TYPES.get_or_init(|| {
        let generic = |text| parse_generic(text).unwrap_or(Type::Error);
        let types = |row: &FunctionRow| (row.params.iter().map(|p| generic(p.1)).collect(), generic(row.returns));
        functions::TABLE.iter().map(types).collect()
    });
    let at = function.position();
    let (params, returns) = &all[at];
    (&functions::TABLE[at], params, returns)
}

/// The type of a variable of the environment.
pub fn env() -> &'static Type {
    static TYPE: OnceLock<Type> = OnceLock::new();
    TYPE.get_or_init(|| of_table("str | secret<str>"))
}

/// The type of a fact.
pub fn fact(path: &str) -> Option<Type> {
    facts::by_path(path).map(|fact| of_table(fact.ty))
}

/// The least agent level a bundle of this compiler needs.
pub const MIN_AGENT: u16 = AGENT_LEVEL;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_in_a_table_can_be_read() {
        let builtins = BUILTINS.iter().flat_map(|b| b.params.iter().map(|p| p.ty).chain(b.data.iter().map(|f| f.ty)));
        let functions = functions::TABLE.iter().flat_map(|f| f.params.iter().map(|p| p.1).chain([f.returns]));
        for text in functions {
            assert!(parse_generic(text).is_ok(), "{text}");
        }
        for text in builtins.chain(facts::FACTS.iter().map(|f| f.ty)) {
            assert!(parse_type(text).is_ok(), "{text}");
        }
        for row in functions::TABLE {
            let lambdas = row.params.iter().skip_while(|(_, ty)| !ty.contains("->"));
            assert!(lambdas.clone().all(|(_, ty)| ty.contains("->")), "lambdas of {} come last", row.name);
            let walks = row.params.iter().any(|(_, ty)| ty.contains("->"));
            let first = row.params.first().map_or("", |(_, ty)| ty);
            assert!(!walks || ["list<T>", "map<T>"].contains(&first), "{} walks over its first argument", row.name);
        }
        assert!(common_fields().iter().all(|(_, ty)| *ty != Type::Error));
    }
}
