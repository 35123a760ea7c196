//! Functions on values of any type, and what makes numbers and spans of text.

/// Appends this family to those before it, and goes on with the next.
macro_rules! values {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Values "Values of any type" "Functions on values of any type, and what makes numbers and spans of text." {
                1 Str "str" (value: "any") -> "str" [None] "The text of a value, as interpolation writes it." "str(80)" "'80'";
                2 Int "int" (value: "any") -> "int" [None] "A number from text or a float; a fault where it is not a whole number." "int('42')" "42";
                3 Float "float" (value: "any") -> "float" [None] "A float from text or an integer." "float('1.5')" "1.5";
                4 Len "len" (value: "any") -> "int" [None] "How many characters, elements or entries." "len([1, 2, 3])" "3";
                49 TypeOf "type_of" (value: "any") -> "str" [None] "The name of the type of a value." "type_of([1])" "'list'";
                50 IsEmpty "is_empty" (value: "any") -> "bool" [None] "Whether a text, list, map or range has nothing in it." "is_empty('') and not is_empty([1])" "true";
                51 ParseBool "parse_bool" (text: "str") -> "bool" [None] "`true`, `yes`, `on` or `1`, and `false`, `no`, `off` or `0`, in small letters or capitals; a fault for anything else." "parse_bool('Yes')" "true";
                52 ParseInt "parse_int" (text: "str", base: "int") -> "int" [None] "A whole number written in a base from 2 to 36, without a prefix such as `0x`." "parse_int('ff', 16)" "255";
                53 ToBase "to_base" (value: "int", base: "int", width: "int?") -> "str" [None] "A whole number written in a base from 2 to 36, with zeros before it up to a width." "to_base(420, 8, 4)" "'0644'";
                54 ParseDuration "parse_duration" (text: "str") -> "duration" [None] "A span of time from text, as sources write it." "parse_duration('1h30m')" "90m";
                55 ParseSize "parse_size" (text: "str") -> "size" [None] "A number of bytes from text, as sources write it." "parse_size('2KiB')" "2048";
                56 ToSeconds "to_seconds" (span: "duration") -> "float" [None] "How many seconds a span of time has." "to_seconds(1m30s)" "90.0";
                57 FromSeconds "from_seconds" (seconds: "float") -> "duration" [None] "The span of time of so many seconds, to the nearest nanosecond." "from_seconds(1.5)" "1500ms";
                58 IsInt "is_int" (text: "str") -> "bool" [None] "Whether `int` makes a number of the text." "is_int('42') and not is_int('4.2')" "true";
                59 IsFloat "is_float" (text: "str") -> "bool" [None] "Whether `float` makes a number of the text." "is_float('4.2') and not is_float('four')" "true";
            }
        }
    };
}
