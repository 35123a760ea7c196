//! Lists the pages of diagnostics, so that a new page needs no second mention.

#![allow(clippy::disallowed_methods, reason = "the ban is for the crate; reading the pages is the work of this script")]

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("diagnostics");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut codes: Vec<String> = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            codes.extend(name.strip_suffix(".md").filter(|stem| stem.starts_with('C')).map(str::to_owned));
        }
    }
    codes.sort();
    let mut arms = String::new();
    for code in &codes {
        let path = folder.join(format!("{code}.md"));
        let _ = writeln!(arms, "        {code:?} => Some(include_str!({:?})),", path.display().to_string());
    }
    let source = format!(
        "/// Codes of the diagnostics that have a page, in order.\n\
         pub const DIAGNOSTIC_PAGES: &[&str] = &{codes:?};\n\n\
         /// The page of a diagnostic, by its code such as `C2003`.\n\
         pub fn diagnostic_page(code: &str) -> Option<&'static str> {{\n    match code {{\n{arms}        _ => None,\n    }}\n}}\n"
    );
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("pages.rs"), source)
}
