fn main(){ for f in std::env::args().skip(1) { let t = std::fs::read_to_string(&f).unwrap(); println!("=== {f}\n{t}---->\n{}", ipcmm_compiler::fmt::yaml::format(&t).unwrap_or("NONE".into())); } }
