//! The functions an expression can call: pure ones (the VM computes them, at build or on the node)
//! and probes (effect `read`, answered by the host, allowed in guards).

use crate::Effect;

/// Calls `$m!` with every function: frozen number, variant, name, parameters, result type, effect, doc
/// and an example `call => value` that runs as a test (probes have none: their answer depends on the host).
#[macro_export]
macro_rules! for_each_function {
    ($m:ident) => {
        $m! {
            1 Str "str" (value: "any") -> "str" [None] "The text of a value, as interpolation writes it." "str(80)" "'80'";
            2 Int "int" (value: "any") -> "int" [None] "A number from text or a float; a fault where it is not a whole number." "int('42')" "42";
            3 Float "float" (value: "any") -> "float" [None] "A float from text or an integer." "float('1.5')" "1.5";
            4 Len "len" (value: "any") -> "int" [None] "How many characters, elements or entries." "len([1, 2, 3])" "3";
            5 Upper "upper" (text: "str") -> "str" [None] "The text in capitals." "upper('web')" "'WEB'";
            6 Lower "lower" (text: "str") -> "str" [None] "The text in small letters." "lower('WEB')" "'web'";
            7 Trim "trim" (text: "str") -> "str" [None] "The text without white space at both ends." "trim('  a ')" "'a'";
            8 Split "split" (text: "str", separator: "str") -> "list<str>" [None] "The parts between separators." "split('a,b', ',')" "['a', 'b']";
            9 Join "join" (parts: "list<any>", separator: "str") -> "str" [None] "The parts with separators between them." "join(['a', 'b'], '-')" "'a-b'";
            10 Replace "replace" (text: "str", from: "str", to: "str") -> "str" [None] "Every occurrence replaced." "replace('a.b.c', '.', '/')" "'a/b/c'";
            11 StartsWith "starts_with" (text: "str", prefix: "str") -> "bool" [None] "Whether the text begins so." "starts_with('web01', 'web')" "true";
            12 EndsWith "ends_with" (text: "str", suffix: "str") -> "bool" [None] "Whether the text ends so." "ends_with('a.conf', '.conf')" "true";
            13 Min "min" (values: "list<any>") -> "any" [None] "The smallest element; a fault for an empty list." "min([3, 1, 2])" "1";
            14 Max "max" (values: "list<any>") -> "any" [None] "The greatest element; a fault for an empty list." "max([3, 1, 2])" "3";
            15 Sum "sum" (values: "list<any>") -> "any" [None] "The sum of numbers or durations; 0 for an empty list." "sum([1, 2, 3])" "6";
            16 Abs "abs" (value: "any") -> "any" [None] "The absolute value of a number." "abs(-3)" "3";
            17 Sorted "sorted" (values: "list<any>") -> "list<any>" [None] "The elements in ascending order." "sorted([2, 1])" "[1, 2]";
            18 Keys "keys" (of: "map<any>") -> "list<str>" [None] "The keys of a map, in order." "keys({b: 1, a: 2})" "['a', 'b']";
            19 Values "values" (of: "map<any>") -> "list<any>" [None] "The values of a map, in key order." "values({b: 1, a: 2})" "[2, 1]";
            20 Basename "basename" (path: "str") -> "str" [None] "The last part of a path." "basename('/etc/motd')" "'motd'";
            21 Dirname "dirname" (path: "str") -> "str" [None] "The path without its last part." "dirname('/etc/motd')" "'/etc'";
            22 Merge "merge" (first: "map<any>", second: "map<any>") -> "map<any>" [None] "Both maps; the second wins." "merge({a: 1}, {b: 2})" "{a: 1, b: 2}";
            23 Unique "unique" (values: "list<any>") -> "list<any>" [None] "The elements without repetitions, first occurrence kept." "unique([1, 1, 2])" "[1, 2]";
            24 Reversed "reversed" (values: "list<any>") -> "list<any>" [None] "The elements in opposite order." "reversed([1, 2])" "[2, 1]";
            25 Lines "lines" (text: "str") -> "list<str>" [None] "The lines of a text, without line ends." "lines('a\\nb\\n')" "['a', 'b']";

            26 ShellQuote "shell_quote" (text: "str") -> "str" [None] "The text as one word of a shell, whatever it holds." "shell_quote('a b')" "'\\'a b\\''";

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
    };
}

/// One row of the function table, as data. Types are written in the type language of sources.
#[derive(Clone, Copy, Debug)]
pub struct FunctionRow {
    /// The function.
    pub function: Function,
    /// Name in sources.
    pub name: &'static str,
    /// Parameter names and types.
    pub params: &'static [(&'static str, &'static str)],
    /// Type of the result.
    pub returns: &'static str,
    /// `None` or `Read`.
    pub effect: Effect,
    /// One sentence.
    pub doc: &'static str,
    /// An example and what it evaluates to, both as expressions; empty for probes.
    pub example: (&'static str, &'static str),
}

macro_rules! define_functions {
    ($($num:literal $variant:ident $name:literal ($($param:ident: $ty:literal),*) -> $ret:literal [$effect:ident] $doc:literal $example:literal $value:literal;)*) => {
        /// A function of the expression language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Function { $(#[doc = $doc] $variant = $num,)* }

        /// All rows in numeric order.
        pub const TABLE: &[FunctionRow] = &[$(FunctionRow {
            function: Function::$variant,
            name: $name,
            params: &[$((stringify!($param), $ty)),*],
            returns: $ret,
            effect: Effect::$effect,
            doc: $doc,
            example: ($example, $value),
        }),*];

        impl Function {
            /// Frozen number.
            pub const fn number(self) -> u16 { self as u16 }

            /// The function of a frozen number.
            pub const fn from_number(number: u16) -> Option<Function> {
                match number { $($num => Some(Function::$variant),)* _ => None }
            }

            /// Name in sources.
            pub const fn name(self) -> &'static str {
                match self { $(Function::$variant => $name,)* }
            }

            /// The function of a source name.
            pub fn from_name(name: &str) -> Option<Function> {
                match name { $($name => Some(Function::$variant),)* _ => None }
            }

            /// What it may do to the host.
            pub const fn effect(self) -> Effect {
                match self { $(Function::$variant => Effect::$effect,)* }
            }

            /// The row of this function.
            pub fn row(self) -> &'static FunctionRow {
                &TABLE[TABLE.partition_point(|row| row.function.number() < self.number())]
            }
        }
    };
}
for_each_function!(define_functions);
