//! Turns `src/expr.lalrpop` into the parser of expressions.

fn main() {
    println!("cargo::rerun-if-changed=src/expr.lalrpop");
    if let Err(problem) =
        lalrpop::Configuration::new().use_cargo_dir_conventions().emit_rerun_directives(true).process()
    {
        panic!("src/expr.lalrpop: {problem}");
    }
}
