//! Functions on regular expressions, in time that is linear in the text.

/// Appends this family to those before it, and goes on with the next.
macro_rules! patterns {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Patterns "Regular expressions" "Functions on regular expressions, in time that is linear in the text." {
                146 RegexFind "regex.find" (text: "str", pattern: "regex") -> "str?" [None] "The first match; null if there is none." "regex.find('web01 web02', '[0-9]+')" "'01'";
                147 RegexFindAll "regex.find_all" (text: "str", pattern: "regex") -> "list<str>" [None] "All matches, without overlaps." "regex.find_all('web01 web02', '[0-9]+')" "['01', '02']";
                148 RegexGroups "regex.groups" (text: "str", pattern: "regex") -> "map<str>?" [None] "The groups of the first match that took part in it, under their names, or numbers where they have none; `0` is all of it. Null if nothing matches." "regex.groups('eth0:10', '(?<name>[a-z]+)([0-9])')" "{'0': 'eth0', '2': '0', name: 'eth'}";
                149 RegexReplace "regex.replace" (text: "str", pattern: "regex", to: "str", limit: "int?") -> "str" [None] "Every match replaced, or the first few; `$1` and `${name}` are groups and `$$` is `$`." "regex.replace('a=1', '([a-z])=([0-9])', '$2=$1')" "'1=a'";
                150 RegexSplit "regex.split" (text: "str", pattern: "regex", limit: "int?") -> "list<str>" [None] "The parts between matches; with a limit at most so many, the rest in the last." "regex.split('a, b;c', '[,;] *')" "['a', 'b', 'c']";
                151 RegexEscape "regex.escape" (text: "str") -> "str" [None] "A pattern that matches just this text." "regex.escape('a.b')" "'a\\\\.b'";
            }
        }
    };
}
