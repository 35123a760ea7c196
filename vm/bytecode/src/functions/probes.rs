//! Questions to the node. They have no examples, because the answer depends on it.

/// Appends this family to those before it, and goes on with the next.
macro_rules! probes {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Probes "Probes" "Questions to the node. They have no examples, because the answer depends on it." {
                200 FsExists "fs.exists" (path: "path") -> "bool" [Read] "Whether anything is at the path; a dangling link counts as something." "" "";
                201 FsIsFile "fs.is_file" (path: "path") -> "bool" [Read] "Whether a regular file is at the path; links are followed." "" "";
                202 FsIsDir "fs.is_dir" (path: "path") -> "bool" [Read] "Whether a directory is at the path; links are followed." "" "";
                203 FsIsLink "fs.is_link" (path: "path") -> "bool" [Read] "Whether a symbolic link is at the path." "" "";
                204 FsContains "fs.contains" (path: "path", text: "str") -> "bool" [Read] "Whether the file at the path holds the text; false if there is no file." "" "";
                205 UserExists "user.exists" (name: "str") -> "bool" [Read] "Whether the node knows a user of this name." "" "";
                206 GroupExists "group.exists" (name: "str") -> "bool" [Read] "Whether the node knows a group of this name." "" "";
                207 CommandExists "command.exists" (name: "str") -> "bool" [Read] "Whether a program of this name is on the search path." "" "";
                208 NetListens "net.listens" (host: "str", port: "int") -> "bool" [Read] "Whether a TCP connection to the port succeeds." "" "";
                209 FsMatches "fs.matches" (path: "path", pattern: "regex") -> "bool" [Read] "Whether a line of the file at the path matches; false if there is no file." "" "";
            }
        }
    };
}
