//! Runs every case of a folder, in the format of `shared/corpora/salt-requisites`: a line for each, and how many hold.
//!
//! It ends with 0 if all hold, 1 if one does not, and 2 if there is nothing to run: a folder without cases holds
//! nothing, and whoever runs it has mistaken it for another.

use ipcmm_tests::salt::judge;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut given = std::env::args_os().skip(1);
    let (Some(folder), None) = (given.next(), given.next()) else {
        eprintln!("usage: salt-cases DIR");
        return ExitCode::from(2);
    };
    let cases = match judge::cases(Path::new(&folder)) {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            println!("0 passed, 0 failed");
            return ExitCode::from(2);
        }
    };
    if cases.is_empty() {
        eprintln!("{}: there are no cases, which are files that end in .yml", folder.display());
        println!("0 passed, 0 failed");
        return ExitCode::from(2);
    }
    // A case that makes something panic fails in its line, and the others go on.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut passed, mut failed) = (0, 0);
    for (name, text) in cases {
        let wrong = match text {
            Ok(text) => std::panic::catch_unwind(|| judge::differences(&text)).unwrap_or_else(|panic| {
                let said = panic.downcast_ref::<String>().map(String::as_str);
                let said = said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("something panicked");
                vec![format!("a panic: {said}")]
            }),
            Err(error) => vec![format!("the case cannot be read: {error}")],
        };
        match wrong.is_empty() {
            true => {
                passed += 1;
                println!("pass {name}");
            }
            false => {
                failed += 1;
                // One line for a case, whatever its texts hold.
                println!("FAIL {name}: {}", wrong.join("; ").replace(['\n', '\r'], " "));
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
