//! Functions on numbers. What is no finite number, or no whole number of 64 bits, is a fault.

/// Appends this family to those before it, and goes on with the next.
macro_rules! numbers {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Numbers "Numbers" "Functions on numbers. What is no finite number, or no whole number of 64 bits, is a fault." {
                16 Abs "abs" (value: "T") -> "T" [None] "The absolute value of a number." "abs(-3)" "3";
                127 Floor "floor" (value: "float") -> "int" [None] "The greatest whole number that is not greater." "floor(-1.5)" "-2";
                128 Ceil "ceil" (value: "float") -> "int" [None] "The least whole number that is not less." "ceil(1.2)" "2";
                129 Trunc "trunc" (value: "float") -> "int" [None] "The whole number without what stands behind the point." "trunc(-1.5)" "-1";
                130 Round "round" (value: "float") -> "int" [None] "The nearest whole number; of two the even one." "round(2.5)" "2";
                131 RoundTo "round_to" (value: "float", digits: "int") -> "float" [None] "The nearest number with so many digits behind the point, from 0 to 15." "round_to(3.14159, 2)" "3.14";
                132 Sqrt "sqrt" (value: "float") -> "float" [None] "The square root." "sqrt(2.25)" "1.5";
                133 Pow "pow" (base: "T", exponent: "int") -> "T" [None] "The base to the power of a whole number; a whole base takes no negative exponent." "pow(2, 10)" "1024";
                134 Exp "exp" (value: "float") -> "float" [None] "e to the power of a number." "exp(0)" "1.0";
                135 Log "log" (value: "float", base: "float?") -> "float" [None] "The logarithm, natural or to a base." "log(1024, 2)" "10.0";
                136 Clamp "clamp" (value: "T", least: "T", most: "T") -> "T" [None] "The value, or the bound it is beyond." "clamp(12, 1, 10)" "10";
                137 Sign "sign" (value: "T") -> "int" [None] "-1, 0 or 1: whether a number or span is negative, zero or positive." "sign(-2.5)" "-1";
                138 Gcd "gcd" (first: "int", second: "int") -> "int" [None] "The greatest common divisor." "gcd(12, 18)" "6";
                139 Lcm "lcm" (first: "int", second: "int") -> "int" [None] "The least common multiple." "lcm(4, 6)" "12";
                140 BitAnd "bit_and" (first: "int", second: "int") -> "int" [None] "The bits that both have." "bit_and(12, 10)" "8";
                141 BitOr "bit_or" (first: "int", second: "int") -> "int" [None] "The bits that one of them has." "bit_or(12, 10)" "14";
                142 BitXor "bit_xor" (first: "int", second: "int") -> "int" [None] "The bits that exactly one of them has." "bit_xor(12, 10)" "6";
                143 BitNot "bit_not" (value: "int") -> "int" [None] "All bits the other way round." "bit_not(0)" "-1";
                144 ShiftLeft "shift_left" (value: "int", bits: "int") -> "int" [None] "The number times 2 for each bit; a fault where that is too large." "shift_left(1, 10)" "1024";
                145 ShiftRight "shift_right" (value: "int", bits: "int") -> "int" [None] "The number divided by 2 for each bit, rounded down." "shift_right(1024, 3)" "128";
            }
        }
    };
}
