//! A report as one HTML page that needs nothing else: the run as a timeline by lane with its critical path, what failed,
//! what changed, and every task to search.
//!
//! The page carries the JSON of the report; its script draws from that. Nothing of a configuration or a node becomes
//! markup or script: the JSON holds no `<`, and the script only sets text. Unaware of: where the page goes.

use super::timeline::Timeline;
use super::{Report, RunOutcome};

/// The page.
pub fn render(report: &Report) -> String {
    let mut data = report.json();
    data["timeline"] = serde_json::to_value(Timeline::new(report)).unwrap_or_default();
    // Within a script element only `<` can do harm.
    let data = data.to_string().replace('<', "\\u003c");
    let outcome = match report.outcome {
        RunOutcome::Ok => "ok",
        RunOutcome::Failed => "failed",
        RunOutcome::Interrupted => "interrupted",
    };
    let title = format!("{} {} of {}", report.mode, outcome, report.bundle.name);
    let mut page = String::with_capacity(data.len() + 32 * 1024);
    let mut rest = include_str!("page.html");
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, behind)| Some((before, behind.split_once("}}")?)))
    {
        page.push_str(before);
        match name {
            "title" => page.push_str(&escaped(&title)),
            "style" => page.push_str(include_str!("page.css")),
            "script" => page.push_str(include_str!("page.js")),
            "data" => page.push_str(&data),
            _ => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
