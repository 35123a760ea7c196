//! Functions that take lists for sets: elements count once, in the order of their first occurrence.

/// Appends this family to those before it, and goes on with the next.
macro_rules! sets {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Sets "Sets" "Functions that take lists for sets: elements count once, in the order of their first occurrence." {
                106 Union "union" (first: "list<T>", second: "list<T>") -> "list<T>" [None] "What is in one of the lists." "union([1, 2], [2, 3])" "[1, 2, 3]";
                107 Intersection "intersection" (first: "list<T>", second: "list<T>") -> "list<T>" [None] "What is in both lists." "intersection([1, 2], [2, 3])" "[2]";
                108 Difference "difference" (first: "list<T>", second: "list<T>") -> "list<T>" [None] "What is in the first list and not in the second." "difference([1, 2], [2, 3])" "[1]";
                109 SymmetricDifference "symmetric_difference" (first: "list<T>", second: "list<T>") -> "list<T>" [None] "What is in exactly one of the lists." "symmetric_difference([1, 2], [2, 3])" "[1, 3]";
                110 IsSubset "is_subset" (first: "list<T>", second: "list<T>") -> "bool" [None] "Whether all of the first list is in the second." "is_subset([1], [1, 2])" "true";
                111 IsDisjoint "is_disjoint" (first: "list<T>", second: "list<T>") -> "bool" [None] "Whether nothing is in both lists." "is_disjoint([1], [2])" "true";
                112 Duplicates "duplicates" (values: "list<T>") -> "list<T>" [None] "What is in the list more than once." "duplicates([1, 2, 1, 1])" "[1]";
            }
        }
    };
}
