//! Coverage as LCOV, which editors and CI servers show beside sources: labels are functions and lines, all other points
//! are branches. Unaware of: where the output goes.

use super::{Coverage, Spot, Ways, What};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A record for each source, in order of path.
pub fn render(coverage: &Coverage) -> String {
    let mut files: BTreeMap<&str, Vec<(&Spot, &Ways)>> = BTreeMap::new();
    for (spot, ways) in &coverage.points {
        files.entry(&spot.file).or_default().push((spot, ways));
    }
    let mut out = String::new();
    for (file, mut points) in files {
        points.sort_by_key(|(spot, _)| (spot.line, spot.column));
        // Writing to a String cannot fail; so too below.
        let _ = writeln!(out, "TN:ipcmm\nSF:{file}");
        let labels: Vec<(&Spot, u32)> = points
            .iter()
            .filter(|(spot, _)| spot.what == What::Label)
            .map(|(spot, ways)| (*spot, ways[0].unwrap_or(0)))
            .collect();
        let name = |spot: &Spot| spot.text.trim_matches('`').replace(['\n', ','], " ");
        for (spot, _) in &labels {
            let _ = writeln!(out, "FN:{},{}", spot.line, name(spot));
        }
        for (spot, hits) in &labels {
            let _ = writeln!(out, "FNDA:{hits},{}", name(spot));
        }
        let hit = labels.iter().filter(|(_, hits)| *hits > 0).count();
        let _ = writeln!(out, "FNF:{}\nFNH:{hit}", labels.len());
        let (mut found, mut taken) = (0, 0);
        for (block, (spot, ways)) in points.iter().filter(|(spot, _)| spot.what != What::Label).enumerate() {
            for (way, hits) in ways.iter().enumerate() {
                let Some(hits) = hits else { continue };
                found += 1;
                taken += usize::from(*hits > 0);
                let _ = writeln!(out, "BRDA:{},{block},{way},{hits}", spot.line);
            }
        }
        let _ = writeln!(out, "BRF:{found}\nBRH:{taken}");
        // A line is hit if any point of it is.
        let mut lines: BTreeMap<u32, u32> = BTreeMap::new();
        for (spot, ways) in &points {
            let hits = ways.iter().flatten().fold(0u32, |sum, hits| sum.saturating_add(*hits));
            let line = lines.entry(spot.line).or_default();
            *line = line.saturating_add(hits);
        }
        for (line, hits) in &lines {
            let _ = writeln!(out, "DA:{line},{hits}");
        }
        let hit = lines.values().filter(|hits| **hits > 0).count();
        let _ = writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
    }
    out
}
