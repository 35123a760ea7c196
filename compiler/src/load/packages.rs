//! Modules of packages: `package/module`, or the name of a package that has one module.
//!
//! A module of a package is called `package/module` in the whole build. What stands in a package sees the modules of
//! that package by their own names, and the packages that its manifest depends on; never the project.

use super::{Asked, Loader, shown};
use crate::diag::{Code, Diagnostic, suggest};
use crate::doc::Span;
use crate::project::packages::{Package, Packages};
use crate::project::range::{Range, Version};
use crate::source::FileId;
use std::path::{Path, PathBuf};

/// The package whose folder this is.
pub(super) fn at<'p>(packages: &'p Packages, root: &Path) -> Option<(&'p str, &'p Package)> {
    let root = super::plain(root);
    packages.iter().find(|(_, package)| super::plain(&package.folder) == root)
}

/// The name of a source in its package: its path without extensions.
fn module_of(package: &Package, path: &Path) -> String {
    let path = super::plain(path);
    let short = path.strip_prefix(super::plain(&package.folder)).unwrap_or(&path);
    short.with_file_name(crate::stem(short)).to_string_lossy().replace('\\', "/")
}

/// The sources of a package that a name means: the last parts of their paths.
fn sources(package: &Package, name: &str) -> Vec<PathBuf> {
    let full = |source: &&PathBuf| module_of(package, source) == name;
    let fits =
        |source: &&PathBuf| module_of(package, source).strip_suffix(name).is_some_and(|rest| rest.ends_with('/'));
    match package.sources.iter().find(full) {
        Some(source) => vec![source.clone()],
        None => package.sources.iter().filter(fits).cloned().collect(),
    }
}

/// Why a name means nothing: a sentence, and what to do.
type Refused = (String, Option<String>);

/// The source that a name means among packages, if any.
fn meaning<'p>(
    packages: &'p Packages,
    name: &str,
    home: Option<(&'p str, &'p Package)>,
) -> Result<Option<(&'p Package, PathBuf)>, Refused> {
    if let Some((_, own)) = home
        && let [source] = sources(own, name).as_slice()
    {
        return Ok(Some((own, source.clone())));
    }
    let (first, rest) = name.split_once('/').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let allowed = |package: &str| home.is_none_or(|(_, own)| own.dependencies.iter().any(|name| name == package));
    let Some(package) = packages.get(first).filter(|_| allowed(first)) else {
        // A name with a slash can only be that of a package.
        let near = suggest::nearest(first, packages.iter().map(|(name, _)| name).filter(|name| allowed(name)));
        return match (rest, near) {
            (Some(_), near) => {
                let help = match near {
                    Some(near) => format!("did you mean the package `{near}`?"),
                    None => {
                        "packages are named under `dependencies` of the manifest; the path of a file has its extension"
                            .into()
                    }
                };
                Err((format!("there is no package `{first}`"), Some(help)))
            }
            (None, Some(near)) if home.is_some() => {
                Err((format!("there is no module `{name}`"), Some(format!("did you mean the package `{near}`?"))))
            }
            _ => Ok(None),
        };
    };
    let found = match (rest, package.sources.as_slice()) {
        (Some(rest), _) => sources(package, rest),
        (None, [only]) => vec![only.clone()],
        (None, _) => sources(package, first),
    };
    if let [source] = found.as_slice() {
        return Ok(Some((package, source.clone())));
    }
    let mut known: Vec<String> = package.sources.iter().map(|source| module_of(package, source)).collect();
    known.sort();
    let list = || match known.as_slice() {
        [] => format!("the package `{first}` has no modules"),
        _ => format!("there are `{first}/{}`", known.join(&format!("`, `{first}/"))),
    };
    Err(match (rest, found.len()) {
        (Some(rest), 0) => {
            let near = suggest::nearest(rest, known.iter().map(String::as_str));
            let help = near.map_or_else(list, |near| format!("did you mean `{first}/{near}`?"));
            (format!("the package `{first}` has no module `{rest}`"), Some(help))
        }
        (Some(rest), _) => (format!("`{first}/{rest}` may be any of several modules"), Some(list())),
        (None, _) => (format!("the package `{first}` has several modules, and this names none of them"), Some(list())),
    })
}

impl Loader<'_> {
    /// Follows an import by name. What no package has is left to `expand`, where it may be a module of the project.
    pub(super) fn import_by_name(
        &mut self,
        name: &str,
        version: Option<&(String, Span)>,
        asked: Asked<'_>,
        root: &Path,
    ) {
        let packages = self.packages;
        let home = at(packages, root);
        if home.is_none() && self.own.contains(name) {
            self.unversioned(name, version, asked.file);
            return;
        }
        match meaning(packages, name, home) {
            Ok(Some((package, path))) => {
                let foreign = home.is_none_or(|(_, own)| own.folder != package.folder);
                match version {
                    Some(range) if foreign => self.held_against(name, package, range, asked.file),
                    _ => self.unversioned(name, version, asked.file),
                }
                self.loaded.imports.insert(asked.site, None);
                self.import(path, asked, &package.folder);
            }
            Err((message, help)) => {
                let mut problem = Diagnostic::new(Code::UnknownModule, asked.file, asked.span, message);
                problem.help = help;
                self.build.diagnostics.push(problem);
                self.loaded.imports.insert(asked.site, None);
            }
            Ok(None) if home.is_some() => {
                let message = format!("there is no module `{name}` in the package, nor in one it depends on");
                let problem = Diagnostic::new(Code::UnknownModule, asked.file, asked.span, message);
                self.build.diagnostics.push(problem.help("a package does not see the project that is built upon it"));
                self.loaded.imports.insert(asked.site, None);
            }
            Ok(None) => self.unversioned(name, version, asked.file),
        }
    }

    /// Reports a version that is wanted of what has none of its own.
    pub(super) fn unversioned(&mut self, name: &str, version: Option<&(String, Span)>, file: FileId) {
        let Some((_, span)) = version else { return };
        let message = format!("`{name}` belongs to no package, so it has no version of its own");
        let problem = Diagnostic::new(Code::WrongVersion, file, *span, message);
        self.build.diagnostics.push(problem.help("leave `version` out"));
    }

    /// Holds the version of a package against the range that is wanted.
    fn held_against(&mut self, name: &str, package: &Package, (range, span): &(String, Span), file: FileId) {
        let mut report = |code, message: String, help: String| {
            self.build.diagnostics.push(Diagnostic::new(code, file, *span, message).help(help));
        };
        let Some(wanted) = Range::parse(range) else {
            let message = format!("`{}` is no range of versions", range.escape_debug());
            report(Code::BadValue, message, "write `^1.2`, `~1.2.3`, `>=1.0, <3` or `*`".into());
            return;
        };
        let folder = shown(&package.folder);
        match package.version.as_deref().map(|version| (version, Version::parse(version))) {
            None => {
                let message = format!("`{name}` is wanted in `{range}`, and its package says no version");
                report(Code::WrongVersion, message, format!("write `version` into the manifest in `{folder}`"));
            }
            Some((version, None)) => {
                let message = format!("`{name}` is wanted in `{range}`, and its package says `{version}`");
                report(Code::WrongVersion, message, "a version is three numbers, such as `1.4.0`".into());
            }
            Some((version, Some(there))) if !wanted.has(&there) => {
                let message = format!("`{name}` is wanted in `{range}`, and its package is version {version}");
                report(
                    Code::WrongVersion,
                    message,
                    format!("the package is what is in `{folder}`; take another, or change the range"),
                );
            }
            Some(_) => {}
        }
    }
}
