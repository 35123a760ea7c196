//! Functions on points in time: text by RFC 3339. They read no clock, and know offsets from UTC but no zones by name,
//! because which rules a zone has differs from node to node.

use super::given::{Given, affordable, short};
use ipcmm_bytecode::functions::family::Times;
use ipcmm_bytecode::{Fault, Value};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};

pub fn call(function: Times, given: Given) -> Result<Value, Fault> {
    Ok(match function {
        Times::TimeUtc => shown(point(given, 0)?),
        Times::TimeParse => {
            let (text, pattern) = (given.str(0)?, given.str(1)?);
            let wrong = |_| given.bad(0, &format!("{} is not as {} says", short(given.any(0)), short(given.any(1))));
            let parts = BrokenDownTime::parse(&**pattern, &**text).map_err(wrong)?;
            // `%s` and an offset say the point itself; otherwise it is in UTC, and a day without a time begins.
            let point = parts.to_timestamp().or_else(|_| {
                let day = parts.to_date()?;
                let time = parts.to_time().unwrap_or(jiff::civil::Time::midnight());
                day.to_datetime(time).to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
            });
            shown(point.map_err(wrong)?)
        }
        Times::TimeFormat => {
            let (zoned, pattern) = (zoned(given, 2)?, given.str(1)?);
            // One directive can ask for 255 characters.
            affordable(pattern.len().checked_mul(256))?;
            let text = strtime::format(&**pattern, &zoned);
            Value::str(text.map_err(|e| given.bad(1, &format!("{}: {e}", short(given.any(1)))))?)
        }
        Times::TimeAdd => {
            let by = SignedDuration::from_nanos(given.duration(1)?);
            shown(point(given, 0)?.checked_add(by).map_err(|_| given.overflow())?)
        }
        Times::TimeBetween => {
            let span = point(given, 1)?.as_nanosecond() - point(given, 0)?.as_nanosecond();
            Value::Duration(i64::try_from(span).map_err(|_| given.overflow())?)
        }
        Times::TimeCompare => Value::Int(point(given, 0)?.cmp(&point(given, 1)?) as i64),
        Times::TimeToUnix => Value::Int(point(given, 0)?.as_nanosecond().div_euclid(1_000_000_000) as i64),
        Times::TimeFromUnix => {
            let point = Timestamp::from_second(given.int(0)?);
            shown(point.map_err(|_| given.bad(0, "it is not from the year -9999 to 9999"))?)
        }
        Times::TimeParts => {
            let zoned = zoned(given, 1)?;
            let number = |n: i64| Value::Int(n);
            Value::map([
                ("year", number(zoned.year().into())),
                ("month", number(zoned.month().into())),
                ("day", number(zoned.day().into())),
                ("hour", number(zoned.hour().into())),
                ("minute", number(zoned.minute().into())),
                ("second", number(zoned.second().into())),
                ("weekday", number(zoned.weekday().to_monday_one_offset().into())),
                ("yearday", number(zoned.day_of_year().into())),
            ])
        }
    })
}

fn shown(point: Timestamp) -> Value {
    Value::str(point.to_string())
}

fn point(given: Given, at: usize) -> Result<Timestamp, Fault> {
    let problem = || given.bad(at, &format!("{} is no time, such as 2026-03-01T12:30:00Z", short(given.any(at))));
    given.str(at)?.parse().map_err(|_| problem())
}

/// The point in the first argument, at an offset from UTC that may be left out.
fn zoned(given: Given, offset: usize) -> Result<Zoned, Fault> {
    const SECOND: i64 = 1_000_000_000;
    let zone = match given.lacks(offset) {
        true => TimeZone::UTC,
        false => {
            let span = given.duration(offset)?;
            let seconds = i32::try_from(span / SECOND).ok().filter(|_| span % SECOND == 0);
            let offset_of = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok());
            let problem = || given.bad(offset, &format!("{} is no offset from UTC", given.any(offset)));
            TimeZone::fixed(offset_of.ok_or_else(problem)?)
        }
    };
    Ok(point(given, 0)?.to_zoned(zone))
}
