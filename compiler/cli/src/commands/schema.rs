//! `ipcmmc schema`: JSON Schemas of what people write and of what the programs print.

use super::graph::put;
use crate::console;
use clap::ArgMatches;
use ipcmm_compiler::schema;
use ipcmm_spec::cli::{Described, Exit, Flag, path};
use ipcmm_spec::schema::text;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let made = |schema: serde_json::Value| format!("{schema:#}\n");
    let text = match Described::of(matches) {
        Described::Sources => made(schema::sources()),
        Described::Manifest => made(schema::manifest()),
        Described::Result => made(schema::results()),
        Described::Report => text("report.schema.json").to_owned(),
        Described::Diagnostics => text("diagnostics.schema.json").to_owned(),
        Described::Graph => text("graph.schema.json").to_owned(),
    };
    put(&console, path(matches, Flag::OutputFile).as_deref(), &text, Exit::Ok)
}
