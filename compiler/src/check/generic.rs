//! Signatures with type variables: a call decides what they stand for.

use super::operators::widened;
use super::types::common;
use ipcmm_grammar::types::Type;

/// What the variables of a signature stand for in one call.
#[derive(Debug, Default)]
pub(super) struct Bindings(Vec<(char, Type)>);

impl Bindings {
    /// Learns from an argument of the type `given` where the signature says `pattern`. A variable that stands in two
    /// places is what both have in common.
    pub fn learn(&mut self, pattern: &Type, given: &Type) {
        match (pattern, given) {
            (Type::Var(name), given) => {
                let given = widened(given);
                match self.0.iter_mut().find(|(known, _)| known == name) {
                    Some((_, known)) => *known = common(known, &given),
                    None => self.0.push((*name, given)),
                }
            }
            (pattern, Type::Error) => variables(pattern, &mut |name| self.learn(&Type::Var(name), &Type::Error)),
            (Type::List(pattern), Type::List(given)) | (Type::Map(pattern), Type::Map(given)) => {
                self.learn(pattern, given);
            }
            (Type::Map(pattern), Type::Record(fields)) => fields.iter().for_each(|(_, ty)| self.learn(pattern, ty)),
            (Type::Record(pattern), Type::Record(given)) => {
                for (name, ty) in pattern {
                    if let Some((_, given)) = given.iter().find(|(known, _)| known == name) {
                        self.learn(ty, given);
                    }
                }
            }
            (Type::Union(_), _) => self.learn_optional(pattern, given),
            _ => {}
        }
    }

    /// `T?` learns from what is not null.
    fn learn_optional(&mut self, pattern: &Type, given: &Type) {
        let (plain, given) = (pattern.without_null(), given.without_null());
        if !matches!(plain, Type::Union(_)) {
            self.learn(&plain, &given);
        }
    }

    /// The type of a place of the signature. Variables of which nothing is known are `any`.
    pub fn fill(&self, pattern: &Type) -> Type {
        let boxed = |inner: &Type| Box::new(self.fill(inner));
        match pattern {
            Type::Var(name) => self.0.iter().find(|(known, _)| known == name).map_or(Type::Any, |(_, ty)| ty.clone()),
            Type::List(item) => Type::List(boxed(item)),
            Type::Map(item) => Type::Map(boxed(item)),
            Type::Secret(item) => Type::Secret(boxed(item)),
            Type::Expr(item) => Type::Expr(boxed(item)),
            Type::Record(fields) => {
                Type::Record(fields.iter().map(|(name, ty)| (name.clone(), self.fill(ty))).collect())
            }
            Type::Union(members) => match members.as_slice() {
                // `T?` of something that may be null already is that.
                [single, Type::Null] => self.fill(single).optional(),
                members => Type::union(members.iter().map(|m| self.fill(m))),
            },
            Type::Function(params, returns) => {
                Type::Function(params.iter().map(|p| self.fill(p)).collect(), boxed(returns))
            }
            other => other.clone(),
        }
    }
}

fn variables(pattern: &Type, visit: &mut dyn FnMut(char)) {
    match pattern {
        Type::Var(name) => visit(*name),
        Type::List(item) | Type::Map(item) | Type::Secret(item) | Type::Expr(item) => variables(item, visit),
        Type::Record(fields) => fields.iter().for_each(|(_, ty)| variables(ty, visit)),
        Type::Union(members) => members.iter().for_each(|m| variables(m, visit)),
        Type::Function(params, returns) => {
            params.iter().for_each(|p| variables(p, visit));
            variables(returns, visit);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_grammar::type_syntax::{parse_generic, parse_type};

    #[test]
    fn calls_decide_what_variables_are() {
        for (pattern, given, wanted, expected) in [
            ("list<T>", "list<int>", "T?", "int?"),
            ("list<T>", "list<'a'>", "T", "str"),
            ("list<T>", "list<int?>", "T?", "int?"),
            ("map<T>", "{a: int, b: float}", "list<T>", "list<float>"),
            ("map<T>", "map<str>", "map<T>", "map<str>"),
            ("list<{key: str, value: T}>", "list<{key: str, value: int}>", "map<T>", "map<int>"),
            ("list<T>", "any", "list<T>", "list<any>"),
            ("T?", "int?", "T", "int"),
            ("list<T>", "list<secret<str>>", "T", "secret<str>"),
        ] {
            let read = |text| parse_generic(text).expect("it is a type");
            let mut bindings = Bindings::default();
            bindings.learn(&read(pattern), &parse_type(given).expect("it is a type"));
            assert_eq!(bindings.fill(&read(wanted)).to_string(), expected, "{pattern} given {given}");
        }
    }
}
