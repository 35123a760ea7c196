//! Ranges of versions: alternatives between `||`, each of comparators that all must hold, with `,` or spaces between.

use super::versions::{Release, Version, number};
use std::cmp::Ordering;

/// Bounds of a comparator: from the first, before the second.
struct Comparator<'t> {
    least: Option<(Version<'t>, bool)>,
    most: Option<(Version<'t>, bool)>,
}

/// Whether a version is in a range; `None` if the range is malformed.
pub fn satisfies(version: &Version, range: &str) -> Option<bool> {
    // Every alternative is read, so that a mistake behind the one that fits is told as well.
    range.split("||").try_fold(false, |found, part| Some(alternative(version, part)? || found))
}

fn alternative(version: &Version, text: &str) -> Option<bool> {
    let (mut fits, mut pre) = (true, version.release == Release::Full);
    let mut any = false;
    let mut parts = text.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|part| !part.is_empty());
    while let Some(part) = parts.next() {
        let operator = part.len() - part.trim_start_matches(['<', '>', '=', '^', '~']).len();
        // A space may stand behind an operator.
        let (operator, operand) = match part.split_at(operator) {
            (operator, "") => (operator, parts.next()?),
            both => both,
        };
        let comparator = comparator(operator, operand)?;
        for (bound, _) in comparator.least.iter().chain(&comparator.most) {
            pre |= bound.core == version.core && matches!(&bound.release, Release::Pre(ids) if !ids.is_empty());
        }
        fits &= comparator.holds(version);
        any = true;
    }
    any.then_some(fits && pre)
}

impl Comparator<'_> {
    fn holds(&self, version: &Version) -> bool {
        let beyond = |bound: &Option<(Version, bool)>, outside: Ordering| {
            bound.as_ref().is_some_and(|(bound, included)| match version.cmp(bound) {
                Ordering::Equal => !included,
                side => side == outside,
            })
        };
        !beyond(&self.least, Ordering::Less) && !beyond(&self.most, Ordering::Greater)
    }
}

fn full(core: [u64; 3]) -> Version<'static> {
    Version { core, release: Release::Full }
}

/// What precedes every pre-release of a version: the end of a range before it.
fn before(core: [u64; 3]) -> Version<'static> {
    Version { core, release: Release::Pre(Vec::new()) }
}

/// The version before which a range ends that keeps the first `kept` numbers; none if that is beyond all numbers.
fn behind(core: [u64; 3], kept: usize) -> Option<Version<'static>> {
    let mut next = [0; 3];
    next[..kept].copy_from_slice(&core[..kept]);
    next[kept - 1] = next[kept - 1].checked_add(1)?;
    Some(before(next))
}

fn comparator<'t>(operator: &str, text: &'t str) -> Option<Comparator<'t>> {
    // How many numbers are given: `1.x` has one. All three may have a pre-release behind them.
    let (given, version) = match Version::parse(text) {
        Some(version) => (3, version),
        None => partial(text)?,
    };
    let core = version.core;
    let end = |kept: usize| behind(core, kept).map(|end| (end, false));
    let (least, most) = match (operator, given) {
        ("" | "=" | "^" | "~" | ">=" | "<=", 0) => (None, None),
        ("<" | ">", 0) => (Some((full([u64::MAX; 3]), false)), Some((before([0; 3]), false))),
        ("" | "=", 3) => (Some((version.clone(), true)), Some((version, true))),
        ("" | "=", kept) => (Some((version, true)), end(kept)),
        (">", 3) => (Some((version, false)), None),
        (">", kept) => (Some((behind(core, kept).unwrap_or_else(|| full([u64::MAX; 3])), true)), None),
        (">=", _) => (Some((version, true)), None),
        ("<", 3) => (None, Some((version, false))),
        ("<", _) => (None, Some((before(core), false))),
        ("<=", 3) => (None, Some((version, true))),
        ("<=", kept) => (None, end(kept)),
        ("~", kept) => (Some((version, true)), end(kept.min(2))),
        ("^", kept) => {
            // The first number that is not 0 stays, or the last one that is given.
            let first = core.iter().position(|n| *n != 0).map_or(kept, |at| at + 1);
            (Some((version, true)), end(first.min(kept)))
        }
        _ => return None,
    };
    Some(Comparator { least, most })
}

/// A version with numbers left out, or `x`, `X` or `*` for them, and how many are given.
fn partial(text: &str) -> Option<(usize, Version<'static>)> {
    let mut core = [0; 3];
    let mut given = 0;
    let mut open = false;
    for (at, part) in text.split('.').enumerate() {
        let slot = core.get_mut(at)?;
        open |= matches!(part, "x" | "X" | "*");
        match (open, part) {
            (true, "x" | "X" | "*") => {}
            (true, _) => return None,
            (false, part) => {
                *slot = number(part)?.parse().ok()?;
                given = at + 1;
            }
        }
    }
    Some((given, full(core)))
}
