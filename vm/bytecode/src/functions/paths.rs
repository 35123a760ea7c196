//! Functions on paths as text, with `/` between parts. They ask no file system.

/// Appends this family to those before it, and goes on with the next.
macro_rules! paths {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Paths "Paths" "Functions on paths as text, with `/` between parts. They ask no file system." {
                20 Basename "basename" (path: "str") -> "str" [None] "The last part of a path." "basename('/etc/motd')" "'motd'";
                21 Dirname "dirname" (path: "str") -> "str" [None] "The path without its last part." "dirname('/etc/motd')" "'/etc'";
                152 PathJoin "path.join" (parts: "list<str>") -> "str" [None] "The parts with one `/` between them; an absolute part drops what is before it." "path.join(['/etc', 'app/', 'app.conf'])" "'/etc/app/app.conf'";
                153 PathExtension "path.extension" (path: "str") -> "str" [None] "What follows the last dot of the last part, without the dot; empty if there is none." "path.extension('/srv/a.tar.gz')" "'gz'";
                154 PathStem "path.stem" (path: "str") -> "str" [None] "The last part without its extension." "path.stem('/srv/a.tar.gz')" "'a.tar'";
                155 PathWithExtension "path.with_extension" (path: "str", extension: "str") -> "str" [None] "The path with another extension, or none." "path.with_extension('/etc/app.conf', 'bak')" "'/etc/app.bak'";
                156 PathNormalize "path.normalize" (path: "str") -> "str" [None] "The path without `.`, `..` and repeated `/`, as far as text can say; links are not followed." "path.normalize('/etc/./app/../b//c')" "'/etc/b/c'";
                157 PathRelative "path.relative" (path: "str", from: "str") -> "str" [None] "How a path is reached from a folder; a fault unless both are absolute or both are not." "path.relative('/etc/app/a', '/etc/b')" "'../app/a'";
                158 PathIsAbsolute "path.is_absolute" (path: "str") -> "bool" [None] "Whether the path begins with `/`." "path.is_absolute('/etc')" "true";
                159 PathIsWithin "path.is_within" (path: "str", folder: "str") -> "bool" [None] "Whether a path is a folder or below it, as far as text can say." "path.is_within('/etc/app/a', '/etc')" "true";
                160 PathParts "path.parts" (path: "str") -> "list<str>" [None] "The parts of a path; `/` is the first of an absolute one." "path.parts('/etc/app')" "['/', 'etc', 'app']";
            }
        }
    };
}
