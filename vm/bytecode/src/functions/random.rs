//! Functions that choose by a seed. The same seed gives the same choice on every node and in every version, so give one that differs where choices shall.

/// Appends this family to those before it, and goes on with the next.
macro_rules! random {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Random "Choices by a seed" "Functions that choose by a seed. The same seed gives the same choice on every node and in every version, so give one that differs where choices shall." {
                412 RandomInt "random.int" (least: "int", most: "int", seed: "str") -> "int" [None] "A number between bounds, both included." "random.int(7, 7, 'web1')" "7";
                413 RandomChoice "random.choice" (values: "list<T>", seed: "str") -> "T" [None] "An element; a fault for an empty list." "random.choice(['a', 'b', 'c'], 'web1') in ['a', 'b', 'c']" "true";
                414 RandomShuffle "random.shuffle" (values: "list<T>", seed: "str") -> "list<T>" [None] "The elements in another order." "sorted(random.shuffle([3, 1, 2], 'web1'))" "[1, 2, 3]";
                415 RandomSample "random.sample" (values: "list<T>", count: "int", seed: "str") -> "list<T>" [None] "So many different elements, or all if there are fewer." "len(random.sample([1, 2, 3], 2, 'web1'))" "2";
            }
        }
    };
}
