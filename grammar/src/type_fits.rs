//! Which type may stand where another is expected.

use crate::types::Type;

impl Type {
    /// Whether a value of this type may stand where `expected` is.
    ///
    /// `any` fits everywhere and is looked at when it is there; so is dynamic text where a path, a mode or the like
    /// is expected, because the built-in checks it.
    pub fn fits(&self, expected: &Type) -> bool {
        use Type::*;
        match (self, expected) {
            (Error, _) | (_, Error) => true,
            // What is of no known type could be shown anywhere.
            (given, Any) => !given.has_secret(),
            (Any, _) => true,
            (given, wanted) if given == wanted => true,
            (Secret(given), Secret(wanted)) => given.fits(wanted),
            (Union(members), wanted) => members.iter().all(|m| m.fits(wanted)),
            (given, Union(members)) => members.iter().any(|m| given.fits(m)),
            // What need not be hidden may be.
            (given, Secret(wanted)) => given.fits(wanted),
            (Expr(given), Expr(wanted)) => given.fits(wanted),
            (given, Expr(wanted)) => given.fits(wanted),
            (Int, Float | Size) | (Size, Int) => true,
            (Literal(_) | Path | Regex | Shell | Script | Mode | Semver | Ip | Cidr | Task, Str) => true,
            // Constants are looked at; other texts become one by `semver(…)`, `ip(…)`, `cidr(…)`.
            (Literal(_), Semver | Ip | Cidr) => true,
            (Literal(_) | Str, Path | Regex | Mode | Shell | Script | Asset) => true,
            (List(given), List(wanted)) | (Map(given), Map(wanted)) => given.fits(wanted),
            (Record(fields), Map(wanted)) => fields.iter().all(|(_, ty)| ty.fits(wanted)),
            (Record(given), Record(wanted)) => {
                let all_known = given
                    .iter()
                    .all(|(name, ty)| wanted.iter().any(|(known, expected)| known == name && ty.fits(expected)));
                let none_missing = wanted
                    .iter()
                    .all(|(name, ty)| ty.admits_null() || given.iter().any(|(present, _)| present == name));
                all_known && none_missing
            }
            _ => false,
        }
    }
}
