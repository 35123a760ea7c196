//! Functions on text. Positions and widths are in characters (Unicode scalar values), never in bytes.

/// Appends this family to those before it, and goes on with the next.
macro_rules! text {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Text "Text" "Functions on text. Positions and widths are in characters (Unicode scalar values), never in bytes." {
                5 Upper "upper" (text: "str") -> "str" [None] "The text in capitals." "upper('web')" "'WEB'";
                6 Lower "lower" (text: "str") -> "str" [None] "The text in small letters." "lower('WEB')" "'web'";
                7 Trim "trim" (text: "str", chars: "str?") -> "str" [None] "The text without white space, or these characters, at both ends." "trim('  a ')" "'a'";
                8 Split "split" (text: "str", separator: "str", limit: "int?") -> "list<str>" [None] "The parts between separators; with a limit at most so many, the rest in the last." "split('a,b', ',')" "['a', 'b']";
                9 Join "join" (parts: "list<any>", separator: "str") -> "str" [None] "The parts with separators between them." "join(['a', 'b'], '-')" "'a-b'";
                10 Replace "replace" (text: "str", from: "str", to: "str", limit: "int?") -> "str" [None] "Every occurrence replaced, or the first few." "replace('a.b.c', '.', '/')" "'a/b/c'";
                11 StartsWith "starts_with" (text: "str", prefix: "str") -> "bool" [None] "Whether the text begins so." "starts_with('web01', 'web')" "true";
                12 EndsWith "ends_with" (text: "str", suffix: "str") -> "bool" [None] "Whether the text ends so." "ends_with('a.conf', '.conf')" "true";
                25 Lines "lines" (text: "str") -> "list<str>" [None] "The lines of a text, without line ends." "lines('a\\nb\\n')" "['a', 'b']";
                26 ShellQuote "shell_quote" (text: "str") -> "str" [None] "The text as one word of a shell, whatever it holds." "shell_quote('a b')" "'\\'a b\\''";
                60 Capitalize "capitalize" (text: "str") -> "str" [None] "The text with its first letter in capitals and the rest as it is." "capitalize('web server')" "'Web server'";
                61 Title "title" (text: "str") -> "str" [None] "The text with the first letter of each word in capitals and the rest as it is." "title('web server')" "'Web Server'";
                62 TrimStart "trim_start" (text: "str", chars: "str?") -> "str" [None] "The text without white space, or these characters, at its beginning." "trim_start('007', '0')" "'7'";
                63 TrimEnd "trim_end" (text: "str", chars: "str?") -> "str" [None] "The text without white space, or these characters, at its end." "trim_end('/srv/', '/')" "'/srv'";
                64 TrimPrefix "trim_prefix" (text: "str", prefix: "str") -> "str" [None] "The text without this beginning, if it has it." "trim_prefix('v1.2', 'v')" "'1.2'";
                65 TrimSuffix "trim_suffix" (text: "str", suffix: "str") -> "str" [None] "The text without this end, if it has it." "trim_suffix('a.conf', '.conf')" "'a'";
                66 PadStart "pad_start" (text: "str", width: "int", with: "str?") -> "str" [None] "The text with spaces, or another character, before it up to a width." "pad_start('7', 3, '0')" "'007'";
                67 PadEnd "pad_end" (text: "str", width: "int", with: "str?") -> "str" [None] "The text with spaces, or another character, behind it up to a width." "pad_end('ab', 4, '.')" "'ab..'";
                68 Repeat "repeat" (text: "str", times: "int") -> "str" [None] "The text so many times." "repeat('ab', 3)" "'ababab'";
                69 ReverseText "reverse_text" (text: "str") -> "str" [None] "The characters in opposite order." "reverse_text('abc')" "'cba'";
                70 Position "position" (text: "str", part: "str") -> "int?" [None] "Where a part begins for the first time, counted from 0; null if it is not there." "position('key=value', '=')" "3";
                71 Occurrences "occurrences" (text: "str", part: "str") -> "int" [None] "How often a part is in a text, without overlaps." "occurrences('a.b.c', '.')" "2";
                72 Chars "chars" (text: "str") -> "list<str>" [None] "The characters of a text." "chars('héé')" "['h', 'é', 'é']";
                73 Substring "substring" (text: "str", from: "int", behind: "int?") -> "str" [None] "The characters from one position to before another; negative positions count from the end." "substring('server', 1, 3)" "'er'";
                74 Words "words" (text: "str") -> "list<str>" [None] "The parts between white space." "words(' a  b ')" "['a', 'b']";
                75 Indent "indent" (text: "str", width: "int") -> "str" [None] "The text with so many spaces before each line that is not empty." "indent('a\\nb', 2)" "'  a\\n  b'";
                76 Dedent "dedent" (text: "str") -> "str" [None] "The text without the white space that all its lines begin with; lines of white space become empty." "dedent('  a\\n    b')" "'a\\n  b'";
                77 Wrap "wrap" (text: "str", width: "int") -> "list<str>" [None] "The words of a text in lines of at most so many characters; a longer word has a line of its own." "wrap('one two three', 7)" "['one two', 'three']";
                78 Truncate "truncate" (text: "str", width: "int", end: "str?") -> "str" [None] "The text cut to at most so many characters, with `…` or another end where something was cut." "truncate('configuration', 7)" "'config…'";
                79 SplitOnce "split_once" (text: "str", separator: "str") -> "{before: str, behind: str}?" [None] "The text before and behind the first separator; null if there is none." "split_once('a=b=c', '=')" "{before: 'a', behind: 'b=c'}";
                80 SnakeCase "snake_case" (text: "str") -> "str" [None] "The words of a name in small letters with `_` between them." "snake_case('maxOpenFiles')" "'max_open_files'";
                81 KebabCase "kebab_case" (text: "str") -> "str" [None] "The words of a name in small letters with `-` between them." "kebab_case('HTTPServer name')" "'http-server-name'";
                82 CamelCase "camel_case" (text: "str") -> "str" [None] "The words of a name written together, capitals where a word begins, except the first." "camel_case('max_open_files')" "'maxOpenFiles'";
                83 PascalCase "pascal_case" (text: "str") -> "str" [None] "The words of a name written together, capitals where a word begins." "pascal_case('max-open-files')" "'MaxOpenFiles'";
                84 Format "format" (pattern: "str", values: "any") -> "str" [None] "The pattern with values of a list in the place of `{}` or `{0}`, or of a map in the place of `{name}`. Behind `:` stand fill and alignment `<>^`, `+`, `#`, `0`, width, `,`, `.precision` and one of `dxXobfe%s`." "format('{:>5}|{:04d}', ['ab', 7])" "'   ab|0007'";
            }
        }
    };
}
