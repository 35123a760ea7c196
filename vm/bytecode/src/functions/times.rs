//! Functions on points in time, which are text by RFC 3339. None reads a clock.

/// Appends this family to those before it, and goes on with the next.
macro_rules! times {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Times "Times" "Functions on points in time, which are text by RFC 3339. None reads a clock." {
                184 TimeUtc "time.utc" (time: "str") -> "str" [None] "The point in time in UTC." "time.utc('2026-03-01T01:30:00+02:00')" "'2026-02-28T23:30:00Z'";
                185 TimeParse "time.parse" (text: "str", pattern: "str") -> "str" [None] "The point in time that a text gives by a pattern of strptime; in UTC unless it says an offset." "time.parse('01.03.2026 12:30', '%d.%m.%Y %H:%M')" "'2026-03-01T12:30:00Z'";
                186 TimeFormat "time.format" (time: "str", pattern: "str", offset: "duration?") -> "str" [None] "The point in time by a pattern of strftime, in UTC or at an offset from it." "time.format('2026-03-01T12:30:00Z', '%d %b %Y %H:%M', 2h)" "'01 Mar 2026 14:30'";
                187 TimeAdd "time.add" (time: "str", by: "duration") -> "str" [None] "The point in time so much later, in UTC." "time.add('2026-02-28T23:30:00Z', 1h)" "'2026-03-01T00:30:00Z'";
                188 TimeBetween "time.between" (first: "str", second: "str") -> "duration" [None] "How long after the first the second is." "time.between('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')" "1d";
                189 TimeCompare "time.compare" (first: "str", second: "str") -> "int" [None] "-1, 0 or 1: how the first precedes the second." "time.compare('2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00')" "0";
                190 TimeToUnix "time.to_unix" (time: "str") -> "int" [None] "The seconds since 1970, rounded down." "time.to_unix('2026-01-01T00:00:00Z')" "1767225600";
                191 TimeFromUnix "time.from_unix" (seconds: "int") -> "str" [None] "The point in time so many seconds after 1970 began." "time.from_unix(1767225600)" "'2026-01-01T00:00:00Z'";
                192 TimeParts "time.parts" (time: "str", offset: "duration?") -> "{year: int, month: int, day: int, hour: int, minute: int, second: int, weekday: int, yearday: int}" [None] "The parts of a point in time, in UTC or at an offset; Monday is weekday 1." "time.parts('2026-03-01T12:30:00Z').weekday" "7";
            }
        }
    };
}
