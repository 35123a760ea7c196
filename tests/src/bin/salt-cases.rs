//! Runs every case of a folder, in the format of `shared/corpora/salt-requisites`: a line for each, and how many hold.

use ipcmm_tests::salt::{Case, judge};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: salt-cases DIR");
        return ExitCode::from(2);
    };
    let cases = match judge::cases(Path::new(&folder)) {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::from(2);
        }
    };
    // What a case does wrong is told in its line, not by the machinery of panics.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut passed, mut failed) = (0, 0);
    for (name, text) in cases {
        let wrong = std::panic::catch_unwind(|| judge::differences(&Case::read(&text)))
            .unwrap_or_else(|_| vec!["the case cannot be read, or something panicked".to_owned()]);
        match wrong.is_empty() {
            true => {
                passed += 1;
                println!("pass {name}");
            }
            false => {
                failed += 1;
                println!("FAIL {name}: {}", wrong.join("; "));
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
