//! Times on the wall: patterns of cron in a time zone, intervals, and single moments.
//!
//! Unaware of: what happens at those times. A time that a change of the clock leaves out comes right after the gap; of
//! one that comes twice the first counts; patterns that run every hour or minute follow the clock on the wall.

use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The times of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum Calendar {
    /// By a pattern.
    Cron {
        /// Minute, hour, day, month, weekday, and perhaps the second in front.
        pattern: Box<Cron>,
        /// Whose clock is meant.
        zone: TimeZone,
    },
    /// Again and again after this time.
    Every(SignedDuration),
    /// Once.
    At(Timestamp),
}

impl Calendar {
    /// Times by a pattern of five fields, six with seconds, or a nickname such as `@daily`.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn cron(pattern: &str, zone: &str) -> Result<Calendar, String> {
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let cron = parser.parse(pattern).map_err(|error| format!("`{pattern}` is no pattern of times: {error}"))?;
        let calendar = Calendar::Cron { pattern: Box::new(cron), zone: zone_of(zone)? };
        match calendar.after(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH) {
            Some(_) => Ok(calendar),
            None => Err(format!("`{pattern}` never comes")),
        }
    }

    /// The first time after `than`; intervals are counted from `since`.
    pub fn after(&self, since: Timestamp, than: Timestamp) -> Option<Timestamp> {
        match self {
            Calendar::Cron { pattern, zone } => {
                let from = than.to_zoned(zone.clone());
                pattern.find_next_occurrence(&from, false).ok().map(|time| time.timestamp())
            }
            Calendar::Every(step) => {
                let step = step.as_nanos().max(1);
                let steps = than.duration_since(since).as_nanos().max(0) / step + 1;
                let nanos = i64::try_from(steps.checked_mul(step)?).ok()?;
                since.checked_add(SignedDuration::from_nanos(nanos)).ok()
            }
            Calendar::At(at) => Some(*at).filter(|at| *at > than),
        }
    }
}

/// A zone by its name; `local` is that of the node.
///
/// # Errors
/// If there is none of that name.
pub fn zone_of(name: &str) -> Result<TimeZone, String> {
    match name {
        "local" => Ok(TimeZone::system()),
        "UTC" | "utc" => Ok(TimeZone::UTC),
        name => TimeZone::get(name)
            .map_err(|_| format!("there is no time zone `{name}`; names are such as `Europe/Berlin`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(pattern: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let calendar = Calendar::cron(pattern, zone).expect("a pattern");
        let mut at: Timestamp = from.parse().expect("a time");
        let mut all = Vec::new();
        for _ in 0..count {
            at = calendar.after(at, at).expect("there is always a next one");
            all.push(at.to_string());
        }
        all
    }

    #[test]
    fn a_time_that_the_clock_leaves_out_comes_after_the_gap() {
        // Berlin goes from 02:00 to 03:00 on 2027-03-28, which is 01:00 in UTC.
        let all = times("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 3);
        assert_eq!(all, ["2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]);
    }

    #[test]
    fn a_time_that_comes_twice_counts_once() {
        // Berlin goes from 03:00 back to 02:00 on 2027-10-31, which is 01:00 in UTC.
        let all = times("30 2 * * *", "Europe/Berlin", "2027-10-30T12:00:00Z", 2);
        assert_eq!(all, ["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]);
    }

    #[test]
    fn every_quarter_of_an_hour_goes_on_through_both_changes() {
        let all = times("*/15 * * * *", "Europe/Berlin", "2027-03-28T00:30:00Z", 4);
        assert_eq!(
            all,
            ["2027-03-28T00:45:00Z", "2027-03-28T01:00:00Z", "2027-03-28T01:15:00Z", "2027-03-28T01:30:00Z"]
        );
        let all = times("*/30 * * * *", "Europe/Berlin", "2027-10-31T00:00:00Z", 4);
        assert_eq!(
            all,
            ["2027-10-31T00:30:00Z", "2027-10-31T01:00:00Z", "2027-10-31T01:30:00Z", "2027-10-31T02:00:00Z"]
        );
    }

    #[test]
    fn zones_at_the_edge_of_the_world_are_known() {
        assert_eq!(times("0 0 * * *", "Pacific/Kiritimati", "2026-12-31T00:00:00Z", 1), ["2026-12-31T10:00:00Z"]);
        assert_eq!(times("0 0 29 2 *", "UTC", "2025-01-01T00:00:00Z", 1), ["2028-02-29T00:00:00Z"]);
    }

    #[test]
    fn what_is_no_pattern_or_never_comes_says_so() {
        assert!(
            Calendar::cron("61 * * * *", "UTC")
                .is_err_and(|why| why.starts_with("`61 * * * *` is no pattern of times"))
        );
        assert!(Calendar::cron("", "UTC").is_err());
        assert_eq!(Calendar::cron("0 0 31 2 *", "UTC"), Err("`0 0 31 2 *` never comes".to_owned()));
        assert!(Calendar::cron("* * * * *", "Berlin").is_err_and(|why| why.contains("no time zone `Berlin`")));
    }

    #[test]
    fn intervals_keep_their_beat_over_what_was_missed() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let late: Timestamp = "2026-01-01T00:01:05Z".parse().expect("a time");
        let every = Calendar::Every(SignedDuration::from_secs(10));
        assert_eq!(every.after(start, late).map(|t| t.to_string()), Some("2026-01-01T00:01:10Z".to_owned()));
    }
}
