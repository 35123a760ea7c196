//! Functions on maps. A lambda gets an entry, `{key, value}`.

/// Appends this family to those before it, and goes on with the next.
macro_rules! maps {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Maps "Maps" "Functions on maps. A lambda gets an entry, `{key, value}`." {
                18 Keys "keys" (of: "map<any>") -> "list<str>" [None] "The keys of a map, in order." "keys({b: 1, a: 2})" "['a', 'b']";
                19 Values "values" (of: "map<T>") -> "list<T>" [None] "The values of a map, in key order." "values({b: 1, a: 2})" "[2, 1]";
                22 Merge "merge" (first: "map<T>", second: "map<T>") -> "map<T>" [None] "Both maps; the second wins." "merge({a: 1}, {b: 2})" "{a: 1, b: 2}";
                32 FromPairs "from_pairs" (pairs: "list<{key: str, value: T}>") -> "map<T>" [None] "A map of entries; of two with one key the later wins." "from_pairs([{key: 'a', value: 1}])" "{a: 1}";
                33 ToPairs "to_pairs" (of: "map<T>") -> "list<{key: str, value: T}>" [None] "The entries of a map, in key order." "to_pairs({a: 1})" "[{key: 'a', value: 1}]";
                113 Get "get" (of: "map<T>", key: "str", default: "T") -> "T" [None] "The value of a key, or the default if there is none." "get({a: 1}, 'b', 0)" "0";
                114 Pick "pick" (of: "map<T>", keys: "list<str>") -> "map<T>" [None] "The entries with these keys." "pick({a: 1, b: 2}, ['a', 'c'])" "{a: 1}";
                115 Omit "omit" (of: "map<T>", keys: "list<str>") -> "map<T>" [None] "The entries without these keys." "omit({a: 1, b: 2}, ['a'])" "{b: 2}";
                116 RenameKeys "rename_keys" (of: "map<T>", names: "map<str>") -> "map<T>" [None] "The entries with keys exchanged for others; a fault where two would have one key." "rename_keys({a: 1, b: 2}, {a: 'c'})" "{b: 2, c: 1}";
                117 MergeDeep "merge_deep" (first: "map<any>", second: "map<any>") -> "map<any>" [None] "Both maps, maps within them merged as well; elsewhere the second wins." "merge_deep({a: {b: 1}}, {a: {c: 2}})" "{a: {b: 1, c: 2}}";
                118 MergeAll "merge_all" (maps: "list<map<T>>") -> "map<T>" [None] "All maps in one; of two entries with one key the later wins." "merge_all([{a: 1}, {b: 2}, {a: 3}])" "{a: 3, b: 2}";
                119 Invert "invert" (of: "map<str>") -> "map<str>" [None] "Values made keys; a fault where two would have one key." "invert({a: 'x'})" "{x: 'a'}";
                120 WithoutNulls "without_nulls" (of: "map<T?>") -> "map<T>" [None] "The entries that are not null." "without_nulls({a: 1, b: null})" "{a: 1}";
                121 MapValues "map_values" (of: "map<T>", to: "({key: str, value: T}) -> U") -> "map<U>" [None] "What `to` gives for each entry, under its key." "map_values({a: 1}, e => e.value + 1)" "{a: 2}";
                122 MapKeys "map_keys" (of: "map<T>", to: "({key: str, value: T}) -> str") -> "map<T>" [None] "The values under the keys that `to` gives for each entry; a fault where two would have one key." "map_keys({a: 1}, e => upper(e.key))" "{A: 1}";
                123 PickBy "pick_by" (of: "map<T>", if: "({key: str, value: T}) -> bool") -> "map<T>" [None] "The entries for which `if` holds." "pick_by({a: 1, b: 2}, e => e.value > 1)" "{b: 2}";
                124 GetPath "get_path" (of: "any", path: "list<any>") -> "any" [None] "What stands at a path of keys and positions; null where it leads nowhere." "get_path({a: [{b: 7}]}, ['a', 0, 'b'])" "7";
                125 SetPath "set_path" (of: "map<any>", path: "list<str>", value: "any") -> "map<any>" [None] "The map with a value at a path of keys; maps on the way are made." "set_path({a: {b: 1}}, ['a', 'c'], 2)" "{a: {b: 1, c: 2}}";
                126 FlattenKeys "flatten_keys" (of: "map<any>", separator: "str") -> "map<any>" [None] "Entries of maps within maps, under keys joined by a separator." "flatten_keys({a: {b: 1}, c: 2}, '.')" "{'a.b': 1, c: 2}";
            }
        }
    };
}
