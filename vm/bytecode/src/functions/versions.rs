//! Functions on versions by Semantic Versioning 2.0.0.

/// Appends this family to those before it, and goes on with the next.
macro_rules! versions {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Versions "Versions" "Functions on versions by Semantic Versioning 2.0.0." {
                41 Semver "semver" (text: "str") -> "semver" [None] "The text as a version; a fault unless it is one by Semantic Versioning 2.0.0." "semver('1.10.0') > semver('1.9.0')" "true";
                44 SemverCompare "semver.compare" (first: "semver", second: "semver") -> "int" [None] "-1, 0 or 1: how the first version precedes the second; build metadata does not count." "semver.compare('1.0.0-rc.1', '1.0.0')" "-1";
                47 SemverKey "semver.key" (version: "semver") -> "list<any>" [None] "A value that is ordered as versions are." "semver.key('1.9.0') < semver.key('1.10.0')" "true";
                180 IsSemver "is_semver" (text: "str") -> "bool" [None] "Whether `semver` makes a version of the text." "is_semver('1.2.3') and not is_semver('1.2')" "true";
                181 SemverParts "semver.parts" (version: "semver") -> "{major: int, minor: int, patch: int, pre: str, build: str}" [None] "The numbers of a version, its pre-release and its build metadata." "semver.parts('1.2.3-rc.1+x')" "{major: 1, minor: 2, patch: 3, pre: 'rc.1', build: 'x'}";
                182 SemverSatisfies "semver.satisfies" (version: "semver", range: "str") -> "bool" [None] "Whether a version is in a range such as `>=1.2 <2`, `^1.2`, `~1.2.3`, `1.x` or `1 || 3`. A pre-release is in one that names a pre-release of the same numbers." "semver.satisfies('1.4.0', '^1.2')" "true";
                183 SemverBump "semver.bump" (version: "semver", part: "'major' | 'minor' | 'patch'") -> "semver" [None] "The next version; a pre-release of it gives the release." "semver.bump('1.2.3', 'minor')" "'1.3.0'";
            }
        }
    };
}
