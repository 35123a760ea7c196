//! Makes the table of `benches/RESULTS.md`: what ipcmm takes, beside the bare parse of the same bytes and the floor of
//! the same system calls, measured in turns in one run. Only ratios of one run mean anything.
//!
//! ```text
//! cargo build --release -p ipcmmc -p ipcmm-agent && cargo run --release -p ipcmm-benches --bin figures [N…]
//! ```

use ipcmm_benches::{bundle, content, files, nops, schedule};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::{PolicyKind, verify};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, rest @ ..] = args.as_slice()
        && let Some(code) = part(mode, rest)
    {
        std::process::exit(code);
    }
    let sizes: Vec<usize> = args.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100, 1_000, 10_000] } else { sizes };
    let folder = Folder::new();
    println!("| what | N | ipcmm | beside it | ratio |\n|---|---|---|---|---|");
    for n in sizes {
        build(&folder.0, n);
        load(n);
        graph(n);
        apply(&folder.0, n);
    }
}

/// Work that is measured as a process of its own: the bare parse, and the floors.
fn part(mode: &str, rest: &[String]) -> Option<i32> {
    let done = match (mode, rest) {
        ("bare", [file]) => {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&text).is_ok()
        }
        ("check", [folder, n]) => floor_check(Path::new(folder), n.parse().ok()?),
        ("write", [folder, n]) => floor_write(Path::new(folder), n.parse().ok()?, false),
        ("write-sync", [folder, n]) => floor_write(Path::new(folder), n.parse().ok()?, true),
        _ => return None,
    };
    Some(i32::from(!done))
}

/// Opens, reads and compares every file, as little as can be done.
fn floor_check(folder: &Path, n: usize) -> bool {
    use std::io::Read;
    use std::os::unix::fs::MetadataExt;
    (0..n).all(|i| {
        let wanted = content(i);
        let Ok(mut file) = std::fs::File::open(folder.join(format!("f{i:05}.conf"))) else { return false };
        let mode = file.metadata().map_or(0, |m| m.mode() & 0o7777);
        let mut have = Vec::with_capacity(wanted.len() + 1);
        file.read_to_end(&mut have).is_ok() && mode == 0o644 && have == wanted.as_bytes()
    })
}

/// Writes every file beside its place and renames it; with `sync`, file and folder reach the disk.
fn floor_write(folder: &Path, n: usize, sync: bool) -> bool {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    let Ok(parent) = std::fs::File::open(folder) else { return false };
    (0..n).all(|i| {
        let (temp, path) = (folder.join(format!(".t{i}")), folder.join(format!("f{i:05}.conf")));
        let Ok(mut file) = std::fs::File::create(&temp) else { return false };
        file.write_all(content(i).as_bytes()).is_ok()
            && file.set_permissions(std::fs::Permissions::from_mode(0o644)).is_ok()
            && (!sync || file.sync_all().is_ok())
            && std::fs::rename(&temp, &path).is_ok()
            && (!sync || parent.sync_all().is_ok())
    })
}

struct Folder(PathBuf);

impl Folder {
    /// A folder in memory where there is one, so that the disk is not what is measured.
    fn new() -> Folder {
        let base = if Path::new("/dev/shm").is_dir() { PathBuf::from("/dev/shm") } else { std::env::temp_dir() };
        let path = base.join(format!("ipcmm-figures-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn tool(name: &str) -> PathBuf {
    std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join(name))).unwrap_or_else(|| name.into())
}

fn command(program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    command
}

/// Times both in turns and gives the medians. `before` prepares each run and is not timed.
fn in_turns(runs: usize, mut a: impl FnMut() -> Duration, mut b: impl FnMut() -> Duration) -> (Duration, Duration) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    a();
    b();
    for _ in 0..runs {
        left.push(a());
        right.push(b());
    }
    (median(left), median(right))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed(mut command: Command) -> Duration {
    let start = Instant::now();
    let status = command.status().unwrap_or_else(|e| panic!("{command:?}: {e}; build the binaries first"));
    assert!(status.success(), "{command:?} failed");
    start.elapsed()
}

fn row(what: &str, n: usize, own: Duration, beside: &str, other: Duration) {
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!(
        "| {what} | {n} | {:.2} ms | {beside} {:.2} ms | {:.2} |",
        ms(own),
        ms(other),
        ms(own) / ms(other).max(1e-9)
    );
}

/// P1: from YAML to a bundle on disk, beside the bare parse.
fn build(folder: &Path, n: usize) {
    let source = folder.join("w1.ipcmm.yaml");
    let target = folder.join("w1.ipcb");
    let out = folder.join("out");
    std::fs::write(&source, files(n, &out.to_string_lossy())).expect("the source");
    let (source, target) = (source.to_string_lossy().into_owned(), target.to_string_lossy().into_owned());
    let me = std::env::current_exe().expect("own path");
    let (own, bare) = in_turns(
        9,
        || timed(command(&tool("ipcmmc"), &["build", &source, "-o", &target])),
        || timed(command(&me, &["bare", &source])),
    );
    row("P1 cold build of W1, whole process", n, own, "bare parse", bare);
    let size = |path: &str| std::fs::metadata(path).map_or(0, |m| m.len()) as f64;
    println!(
        "| P5 bundle of W1 with debug section | {n} | {:.0} KiB | source {:.0} KiB | {:.2} |",
        size(&target) / 1024.0,
        size(&source) / 1024.0,
        size(&target) / size(&source)
    );
}

/// P6: hash and full verification of a bundle in memory, beside hashing it.
fn load(n: usize) {
    let bytes = bundle(&files(n, "/srv"));
    let time = |work: &dyn Fn() -> bool| {
        let start = Instant::now();
        assert!(std::hint::black_box(work()));
        start.elapsed()
    };
    let (own, hash) = in_turns(
        51,
        || time(&|| verify(&bytes, &Stdlib).is_ok()),
        || time(&|| ipcmm_bytecode::bundle::reader::content_hash(&bytes)[0] < 255 || !bytes.is_empty()),
    );
    row("P6 hash and verify W1, in process", n, own, "hash alone", hash);
}

/// P7: the graph alone.
fn graph(n: usize) {
    let bytes = bundle(&nops(n));
    let verified = verify(&bytes, &Stdlib).expect("generated work verifies");
    let time = |policy| {
        let start = Instant::now();
        std::hint::black_box(schedule(&verified, policy));
        start.elapsed()
    };
    let (sequential, parallel) = in_turns(21, || time(PolicyKind::Sequential), || time(PolicyKind::Parallel));
    row("P7 G sequential, in process", n, sequential, "parallel", parallel);
}

/// P8 and P9: applying W1 when nothing is to be done and when everything is, beside the floor of one thread.
fn apply(folder: &Path, n: usize) {
    let (bundle, out) = (folder.join("w1.ipcb"), folder.join("out"));
    let (bundle, out_text) = (bundle.to_string_lossy().into_owned(), out.to_string_lossy().into_owned());
    let me = std::env::current_exe().expect("own path");
    let count = n.to_string();
    let agent = |scheduler: &str| {
        timed(command(&tool("ipcmm-agent"), &["apply", &bundle, "--scheduler", scheduler, "--quiet"]))
    };
    let fresh = || {
        let _ = std::fs::remove_dir_all(&out);
        std::fs::create_dir_all(&out).expect("a folder for the files");
    };
    for scheduler in ["sequential", "parallel"] {
        let (own, floor) = in_turns(
            7,
            || {
                fresh();
                agent(scheduler)
            },
            || {
                fresh();
                timed(command(&me, &["write-sync", &out_text, &count]))
            },
        );
        row(&format!("P9 first apply of W1, {scheduler}"), n, own, "floor with fsync, 1 thread", floor);
    }
    fresh();
    agent("sequential");
    for scheduler in ["sequential", "parallel"] {
        let (own, floor) = in_turns(9, || agent(scheduler), || timed(command(&me, &["check", &out_text, &count])));
        row(&format!("P8 second apply of W1, {scheduler}"), n, own, "floor, 1 thread", floor);
    }
}
