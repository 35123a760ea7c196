//! The functions an expression can call: pure ones (the VM computes them, at build or on the node)
//! and probes (effect `read`, answered by the host, allowed in guards).
//!
//! A parameter `(T) -> U` takes a lambda in sources. What reaches the machine is the list of its results for the
//! elements of the first argument. Functions from [`FIRST_LOOP`] on are loops: the compiler writes them out, and no
//! code calls them. A parameter that may be null may be left out.

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
            13 Min "min" (values: "list<T>") -> "T" [None] "The smallest element; a fault for an empty list." "min([3, 1, 2])" "1";
            14 Max "max" (values: "list<T>") -> "T" [None] "The greatest element; a fault for an empty list." "max([3, 1, 2])" "3";
            15 Sum "sum" (values: "list<T>") -> "T" [None] "The sum of numbers or durations; 0 for an empty list." "sum([1, 2, 3])" "6";
            16 Abs "abs" (value: "T") -> "T" [None] "The absolute value of a number." "abs(-3)" "3";
            17 Sorted "sorted" (values: "list<T>") -> "list<T>" [None] "The elements in ascending order." "sorted([2, 1])" "[1, 2]";
            18 Keys "keys" (of: "map<any>") -> "list<str>" [None] "The keys of a map, in order." "keys({b: 1, a: 2})" "['a', 'b']";
            19 Values "values" (of: "map<T>") -> "list<T>" [None] "The values of a map, in key order." "values({b: 1, a: 2})" "[2, 1]";
            20 Basename "basename" (path: "str") -> "str" [None] "The last part of a path." "basename('/etc/motd')" "'motd'";
            21 Dirname "dirname" (path: "str") -> "str" [None] "The path without its last part." "dirname('/etc/motd')" "'/etc'";
            22 Merge "merge" (first: "map<T>", second: "map<T>") -> "map<T>" [None] "Both maps; the second wins." "merge({a: 1}, {b: 2})" "{a: 1, b: 2}";
            23 Unique "unique" (values: "list<T>") -> "list<T>" [None] "The elements without repetitions, first occurrence kept." "unique([1, 1, 2])" "[1, 2]";
            24 Reversed "reversed" (values: "list<T>") -> "list<T>" [None] "The elements in opposite order." "reversed([1, 2])" "[2, 1]";
            25 Lines "lines" (text: "str") -> "list<str>" [None] "The lines of a text, without line ends." "lines('a\\nb\\n')" "['a', 'b']";

            26 ShellQuote "shell_quote" (text: "str") -> "str" [None] "The text as one word of a shell, whatever it holds." "shell_quote('a b')" "'\\'a b\\''";

            27 First "first" (values: "list<T>") -> "T?" [None] "The first element; null for an empty list." "first([3, 1])" "3";
            28 Last "last" (values: "list<T>") -> "T?" [None] "The last element; null for an empty list." "last([3, 1])" "1";
            29 Zip "zip" (first: "list<T>", second: "list<U>") -> "list<{first: T, second: U}>" [None] "Elements of both lists side by side, as many as the shorter has." "zip([1, 2], ['a', 'b'])" "[{first: 1, second: 'a'}, {first: 2, second: 'b'}]";
            30 Enumerate "enumerate" (values: "list<T>", from: "int?") -> "list<{index: int, value: T}>" [None] "Elements with their positions, counted from 0 or from `from`." "enumerate(['a', 'b'])" "[{index: 0, value: 'a'}, {index: 1, value: 'b'}]";
            31 Flatten "flatten" (lists: "list<list<T>>") -> "list<T>" [None] "The elements of all the lists, one level of lists gone." "flatten([[1], [2, 3]])" "[1, 2, 3]";
            32 FromPairs "from_pairs" (pairs: "list<{key: str, value: T}>") -> "map<T>" [None] "A map of entries; of two with one key the later wins." "from_pairs([{key: 'a', value: 1}])" "{a: 1}";
            33 ToPairs "to_pairs" (of: "map<T>") -> "list<{key: str, value: T}>" [None] "The entries of a map, in key order." "to_pairs({a: 1})" "[{key: 'a', value: 1}]";
            34 SortBy "sort_by" (values: "list<T>", by: "(T) -> any") -> "list<T>" [None] "The elements in ascending order of what `by` gives; equal ones keep their order." "sort_by(['ccc', 'a', 'bb'], x => len(x))" "['a', 'bb', 'ccc']";
            35 GroupBy "group_by" (values: "list<T>", by: "(T) -> str") -> "map<list<T>>" [None] "The elements in lists, under what `by` gives." "group_by([1, 2, 3], x => x % 2 == 0 ? 'even' : 'odd')" "{even: [2], odd: [1, 3]}";
            36 MinBy "min_by" (values: "list<T>", by: "(T) -> any") -> "T" [None] "The element for which `by` gives the least; a fault for an empty list." "min_by(['bb', 'a'], x => len(x))" "'a'";
            37 MaxBy "max_by" (values: "list<T>", by: "(T) -> any") -> "T" [None] "The element for which `by` gives the most; a fault for an empty list." "max_by(['a', 'bb'], x => len(x))" "'bb'";
            38 UniqueBy "unique_by" (values: "list<T>", by: "(T) -> any") -> "list<T>" [None] "The elements for which `by` gives something new, first occurrence kept." "unique_by([1, 3, 4], x => x % 2)" "[1, 4]";
            39 FlatMap "flat_map" (values: "list<T>", to: "(T) -> list<U>") -> "list<U>" [None] "The elements of all lists that `to` gives." "flat_map([1, 2], x => [x, x])" "[1, 1, 2, 2]";
            40 ToMap "to_map" (values: "list<T>", key: "(T) -> str", value: "(T) -> U") -> "map<U>" [None] "A map with an entry for each element; of two with one key the later wins." "to_map([1, 2], x => 'n' + str(x), x => x * x)" "{n1: 1, n2: 4}";
            41 Semver "semver" (text: "str") -> "semver" [None] "The text as a version; a fault unless it is one by Semantic Versioning 2.0.0." "semver('1.10.0') > semver('1.9.0')" "true";
            42 Ip "ip" (text: "str") -> "ip" [None] "The text as an IPv4 or IPv6 address; a fault unless it is one." "ip('::1') == ip('0:0:0:0:0:0:0:1')" "true";
            43 Cidr "cidr" (text: "str") -> "cidr" [None] "The text as a network; a fault unless it is an address, `/` and a number of bits." "'10.1.2.3' in cidr('10.0.0.0/8')" "true";
            44 SemverCompare "semver.compare" (first: "semver", second: "semver") -> "int" [None] "-1, 0 or 1: how the first version precedes the second; build metadata does not count." "semver.compare('1.0.0-rc.1', '1.0.0')" "-1";
            45 IpCompare "ip.compare" (first: "ip", second: "ip") -> "int" [None] "-1, 0 or 1: how the first address precedes the second by number; IPv4 precedes IPv6." "ip.compare('10.0.0.9', '10.0.0.10')" "-1";
            46 IpWithin "ip.within" (address: "ip", network: "cidr") -> "bool" [None] "Whether the address belongs to the network." "ip.within('10.1.2.3', '10.0.0.0/8')" "true";
            47 SemverKey "semver.key" (version: "semver") -> "list<any>" [None] "A value that is ordered as versions are." "semver.key('1.9.0') < semver.key('1.10.0')" "true";
            48 IpKey "ip.key" (address: "ip") -> "list<any>" [None] "A value that is ordered as addresses are." "ip.key('10.0.0.9') < ip.key('10.0.0.10')" "true";

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

            300 Map "map" (values: "list<T>", to: "(T) -> U") -> "list<U>" [None] "What `to` gives for each element." "map([1, 2], x => x * 10)" "[10, 20]";
            301 Filter "filter" (values: "list<T>", if: "(T) -> bool") -> "list<T>" [None] "The elements for which `if` holds." "filter([1, 2, 3], x => x > 1)" "[2, 3]";
            302 Any "any" (values: "list<T>", if: "(T) -> bool") -> "bool" [None] "Whether `if` holds for an element; it looks no further than the first." "any([1, 2, 3], x => x > 1)" "true";
            303 All "all" (values: "list<T>", if: "(T) -> bool") -> "bool" [None] "Whether `if` holds for every element; it looks no further than the first for which it does not." "all([1, 2, 3], x => x > 1)" "false";
            304 Find "find" (values: "list<T>", if: "(T) -> bool") -> "T?" [None] "The first element for which `if` holds; null if there is none." "find([1, 2, 3], x => x > 1)" "2";
            305 Count "count" (values: "list<T>", if: "(T) -> bool") -> "int" [None] "For how many elements `if` holds." "count([1, 2, 3], x => x > 1)" "2";
            306 Fold "fold" (values: "list<T>", from: "U", with: "(U, T) -> U") -> "U" [None] "What `with` makes of all elements in turn, beginning with `from`." "fold([1, 2, 3], 10, (sum, x) => sum + x)" "16";
        }
    };
}

/// The number from which on functions are loops that the compiler writes out.
pub const FIRST_LOOP: u16 = 300;

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

            /// Whether the compiler writes it out as a loop, so that no code calls it.
            pub const fn is_loop(self) -> bool { self.number() >= FIRST_LOOP }

            /// The row of this function.
            pub fn row(self) -> &'static FunctionRow {
                &TABLE[TABLE.partition_point(|row| row.function.number() < self.number())]
            }
        }
    };
}
for_each_function!(define_functions);
