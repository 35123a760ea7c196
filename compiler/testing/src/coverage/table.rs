//! Coverage for people: a table with a row for each module, and below it every place that no case reached. Unaware of:
//! terminals.

use super::{Coverage, Share, What};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The table and the places.
pub fn render(coverage: &Coverage) -> String {
    let modules: BTreeSet<&str> = coverage.points.keys().map(|spot| spot.module.as_str()).collect();
    let width = modules.iter().map(|name| name.chars().count()).chain(["module".len(), "all".len()]).max().unwrap_or(0);
    let mut out = format!("{:width$}", "module");
    for (_, _, several, _) in What::TABLE {
        // Writing to a String cannot fail; so too below.
        let _ = write!(out, " {several:>9}");
    }
    out.push_str("     total\n");
    let rows = modules.iter().map(|module| (Some(*module), *module));
    let all = (modules.len() > 1).then_some((None, "all"));
    for (module, name) in rows.chain(all) {
        let inside = |spot: &super::Spot| module.is_none_or(|module| spot.module == module);
        let _ = write!(out, "{name:width$}");
        for (what, ..) in What::TABLE {
            let share = coverage.share(|spot| inside(spot) && spot.what == *what);
            let _ = write!(out, " {:>9}", cell(share));
        }
        let _ = writeln!(out, " {:>8.1}%", coverage.share(inside).percent());
    }
    let mut last = "";
    for (spot, way) in coverage.uncovered() {
        if last.is_empty() {
            out.push_str("not covered:\n");
        }
        last = &spot.file;
        let never = match way {
            "does not hold" => "always holds".to_owned(),
            "is empty" => "is never empty".to_owned(),
            way => format!("never {way}"),
        };
        let _ = writeln!(out, "  {}:{}:{} {} {never}", spot.file, spot.line, spot.column, spot.text);
    }
    out
}

fn cell(share: Share) -> String {
    if share.total == 0 { "-".to_owned() } else { format!("{}/{}", share.covered, share.total) }
}
