//! Functions on lists. Where a row has lambdas, its function gets the lists of their results.

/// Appends this family to those before it, and goes on with the next.
macro_rules! lists {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Lists "Lists" "Functions on lists. Where a row has lambdas, its function gets the lists of their results." {
                13 Min "min" (values: "list<T>") -> "T" [None] "The smallest element; a fault for an empty list." "min([3, 1, 2])" "1";
                14 Max "max" (values: "list<T>") -> "T" [None] "The greatest element; a fault for an empty list." "max([3, 1, 2])" "3";
                15 Sum "sum" (values: "list<T>") -> "T" [None] "The sum of numbers or durations; 0 for an empty list." "sum([1, 2, 3])" "6";
                17 Sorted "sorted" (values: "list<T>") -> "list<T>" [None] "The elements in ascending order." "sorted([2, 1])" "[1, 2]";
                23 Unique "unique" (values: "list<T>") -> "list<T>" [None] "The elements without repetitions, first occurrence kept." "unique([1, 1, 2])" "[1, 2]";
                24 Reversed "reversed" (values: "list<T>") -> "list<T>" [None] "The elements in opposite order." "reversed([1, 2])" "[2, 1]";
                27 First "first" (values: "list<T>") -> "T?" [None] "The first element; null for an empty list." "first([3, 1])" "3";
                28 Last "last" (values: "list<T>") -> "T?" [None] "The last element; null for an empty list." "last([3, 1])" "1";
                29 Zip "zip" (first: "list<T>", second: "list<U>") -> "list<{first: T, second: U}>" [None] "Elements of both lists side by side, as many as the shorter has." "zip([1, 2], ['a', 'b'])" "[{first: 1, second: 'a'}, {first: 2, second: 'b'}]";
                30 Enumerate "enumerate" (values: "list<T>", from: "int?") -> "list<{index: int, value: T}>" [None] "Elements with their positions, counted from 0 or from `from`." "enumerate(['a', 'b'])" "[{index: 0, value: 'a'}, {index: 1, value: 'b'}]";
                31 Flatten "flatten" (lists: "list<list<T>>") -> "list<T>" [None] "The elements of all the lists, one level of lists gone." "flatten([[1], [2, 3]])" "[1, 2, 3]";
                34 SortBy "sort_by" (values: "list<T>", by: "(T) -> any") -> "list<T>" [None] "The elements in ascending order of what `by` gives; equal ones keep their order." "sort_by(['ccc', 'a', 'bb'], x => len(x))" "['a', 'bb', 'ccc']";
                35 GroupBy "group_by" (values: "list<T>", by: "(T) -> str") -> "map<list<T>>" [None] "The elements in lists, under what `by` gives." "group_by([1, 2, 3], x => x % 2 == 0 ? 'even' : 'odd')" "{even: [2], odd: [1, 3]}";
                36 MinBy "min_by" (values: "list<T>", by: "(T) -> any") -> "T" [None] "The element for which `by` gives the least; a fault for an empty list." "min_by(['bb', 'a'], x => len(x))" "'a'";
                37 MaxBy "max_by" (values: "list<T>", by: "(T) -> any") -> "T" [None] "The element for which `by` gives the most; a fault for an empty list." "max_by(['a', 'bb'], x => len(x))" "'bb'";
                38 UniqueBy "unique_by" (values: "list<T>", by: "(T) -> any") -> "list<T>" [None] "The elements for which `by` gives something new, first occurrence kept." "unique_by([1, 3, 4], x => x % 2)" "[1, 4]";
                39 FlatMap "flat_map" (values: "list<T>", to: "(T) -> list<U>") -> "list<U>" [None] "The elements of all lists that `to` gives." "flat_map([1, 2], x => [x, x])" "[1, 1, 2, 2]";
                40 ToMap "to_map" (values: "list<T>", key: "(T) -> str", value: "(T) -> U") -> "map<U>" [None] "A map with an entry for each element; of two with one key the later wins." "to_map([1, 2], x => 'n' + str(x), x => x * x)" "{n1: 1, n2: 4}";
                85 Nth "nth" (values: "list<T>", at: "int") -> "T?" [None] "The element at a position; negative positions count from the end, and past it null is given." "nth([3, 1], -1)" "1";
                86 Slice "slice" (values: "list<T>", from: "int", behind: "int?") -> "list<T>" [None] "The elements from one position to before another; negative positions count from the end." "slice([1, 2, 3, 4], 1, -1)" "[2, 3]";
                87 Take "take" (values: "list<T>", count: "int") -> "list<T>" [None] "The first few elements." "take([1, 2, 3], 2)" "[1, 2]";
                88 Drop "drop" (values: "list<T>", count: "int") -> "list<T>" [None] "All but the first few elements." "drop([1, 2, 3], 2)" "[3]";
                89 Chunk "chunk" (values: "list<T>", size: "int") -> "list<list<T>>" [None] "The elements in lists of so many; the last may have fewer." "chunk([1, 2, 3], 2)" "[[1, 2], [3]]";
                90 Windows "windows" (values: "list<T>", size: "int") -> "list<list<T>>" [None] "All runs of so many neighbours." "windows([1, 2, 3], 2)" "[[1, 2], [2, 3]]";
                91 IndexOf "index_of" (values: "list<T>", value: "T") -> "int?" [None] "The position of the first element that is equal; null if there is none." "index_of(['a', 'b'], 'b')" "1";
                92 Tally "tally" (values: "list<str>") -> "map<int>" [None] "How often each text is in the list." "tally(['a', 'b', 'a'])" "{a: 2, b: 1}";
                93 Compact "compact" (values: "list<T?>") -> "list<T>" [None] "The elements that are not null." "compact([1, null, 2])" "[1, 2]";
                94 Intersperse "intersperse" (values: "list<T>", between: "T") -> "list<T>" [None] "The elements with a value between each two." "intersperse([1, 2, 3], 0)" "[1, 0, 2, 0, 3]";
                95 Fill "fill" (value: "T", times: "int") -> "list<T>" [None] "A list of the value so many times." "fill('a', 2)" "['a', 'a']";
                96 Range "range" (from: "int", to: "int", step: "int") -> "list<int>" [None] "The numbers from one to another, both included, in steps; a negative step counts down." "range(10, 0, -5)" "[10, 5, 0]";
                97 Product "product" (values: "list<T>") -> "T" [None] "The product of numbers; 1 for an empty list." "product([2, 3, 4])" "24";
                98 Mean "mean" (values: "list<float>") -> "float" [None] "The mean of numbers; a fault for an empty list." "mean([1, 2, 6])" "3.0";
                99 Median "median" (values: "list<float>") -> "float" [None] "The number in the middle of the sorted list, or the mean of the two; a fault for an empty list." "median([9, 1, 2, 4])" "3.0";
                100 Transpose "transpose" (rows: "list<list<T>>") -> "list<list<T>>" [None] "Columns made rows; a fault unless all rows are equally long." "transpose([[1, 2], [3, 4]])" "[[1, 3], [2, 4]]";
                101 Cross "cross" (first: "list<T>", second: "list<U>") -> "list<{first: T, second: U}>" [None] "Each element of one list with each of the other." "cross([1, 2], ['a'])" "[{first: 1, second: 'a'}, {first: 2, second: 'a'}]";
                102 Partition "partition" (values: "list<T>", if: "(T) -> bool") -> "{yes: list<T>, no: list<T>}" [None] "The elements for which `if` holds, and the others." "partition([1, 2, 3], x => x > 1)" "{yes: [2, 3], no: [1]}";
                103 IndexBy "index_by" (values: "list<T>", by: "(T) -> str") -> "map<T>" [None] "A map of the elements under what `by` gives; of two with one key the later wins." "index_by([{n: 'a'}], x => x.n)" "{a: {n: 'a'}}";
                104 TakeWhile "take_while" (values: "list<T>", if: "(T) -> bool") -> "list<T>" [None] "The elements before the first for which `if` does not hold." "take_while([1, 5, 2], x => x < 3)" "[1]";
                105 DropWhile "drop_while" (values: "list<T>", if: "(T) -> bool") -> "list<T>" [None] "The elements from the first for which `if` does not hold." "drop_while([1, 5, 2], x => x < 3)" "[5, 2]";
            }
        }
    };
}
