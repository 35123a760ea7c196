//! Loops that the compiler writes out.

/// Appends this family to those before it, and goes on with the next.
macro_rules! loops {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Loops "Walks over lists" "Loops that the compiler writes out." {
                300 Map "map" (values: "list<T>", to: "(T) -> U") -> "list<U>" [None] "What `to` gives for each element." "map([1, 2], x => x * 10)" "[10, 20]";
                301 Filter "filter" (values: "list<T>", if: "(T) -> bool") -> "list<T>" [None] "The elements for which `if` holds." "filter([1, 2, 3], x => x > 1)" "[2, 3]";
                302 Any "any" (values: "list<T>", if: "(T) -> bool") -> "bool" [None] "Whether `if` holds for an element; it looks no further than the first." "any([1, 2, 3], x => x > 1)" "true";
                303 All "all" (values: "list<T>", if: "(T) -> bool") -> "bool" [None] "Whether `if` holds for every element; it looks no further than the first for which it does not." "all([1, 2, 3], x => x > 1)" "false";
                304 Find "find" (values: "list<T>", if: "(T) -> bool") -> "T?" [None] "The first element for which `if` holds; null if there is none." "find([1, 2, 3], x => x > 1)" "2";
                305 Count "count" (values: "list<T>", if: "(T) -> bool") -> "int" [None] "For how many elements `if` holds." "count([1, 2, 3], x => x > 1)" "2";
                306 Fold "fold" (values: "list<T>", from: "U", with: "(U, T) -> U") -> "U" [None] "What `with` makes of all elements in turn, beginning with `from`." "fold([1, 2, 3], 10, (sum, x) => sum + x)" "16";
            }
        }
    };
}
