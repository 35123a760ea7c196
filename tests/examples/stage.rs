//! A root for one example: built from the repository, run below a temporary folder by the driver of the agent.

use ipcmm_bytecode::bundle::Bundle;
use ipcmm_compiler::diag::human::{HumanOptions, render};
use ipcmm_compiler::project::{Request, open};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build as compile, build_with};
use ipcmm_runtime::driver::drive;
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::Real;
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::observe::Observer;
use ipcmm_vm::{Mode, PolicyKind, RunOptions, TaskEnd, verify};
use std::fs::{Metadata, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A task that is over.
#[derive(Debug)]
pub struct Finished {
    pub label: String,
    /// File, line and column of its label.
    pub place: (String, u32, u32),
    /// The task it was blocked by.
    pub because: Option<String>,
    pub end: TaskEnd,
}

/// Builds an example, which must give neither errors nor warnings.
pub fn build(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    let build = compile(&Disk, &[folder], BuildOptions { debug: true, check_only: false });
    assert!(build.diagnostics.is_empty(), "{}", render(&build.diagnostics, &build.sources, HumanOptions::default()));
    build.bundle.expect("a build without errors gives a bundle")
}

/// Builds an example as its project says for one environment, which must give neither errors nor warnings.
pub fn build_for(name: &str, environment: &str) -> Vec<u8> {
    let folder = [Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)];
    let opened = open(&Disk, &folder, Request { environment: Some(environment), ..Request::default() });
    let build = build_with(&Disk, &folder, BuildOptions { debug: true, check_only: false }, opened.settings);
    assert!(build.diagnostics.is_empty(), "{}", render(&build.diagnostics, &build.sources, HumanOptions::default()));
    build.bundle.expect("a build without errors gives a bundle")
}

/// An example and its root.
pub struct Stage {
    bundle: Vec<u8>,
    root: PathBuf,
}

impl Stage {
    pub fn new(example: &str) -> Stage {
        Stage::of(example, build(example))
    }

    pub fn environment(example: &str, environment: &str) -> Stage {
        Stage::of(example, build_for(example, environment))
    }

    fn of(example: &str, bundle: Vec<u8>) -> Stage {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("ipcmm-{example}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&root).expect("the folder for temporary files can be written to");
        // nginx gives up its rights as root, and its workers must still get through.
        std::fs::set_permissions(&root, Permissions::from_mode(0o755)).expect("the folder was just made");
        Stage { bundle, root }
    }

    /// Runs the example once, in the order that is the same for every scheduler.
    pub fn run(&self, mode: Mode) -> Vec<Finished> {
        let bundle = verify(&self.bundle, &Stdlib).expect("what the compiler emits is accepted");
        let host = SystemHost::new(Real::new(Some(self.root.clone())).expect("the root is a folder"));
        let mut seen = Seen { bundle: &bundle, tasks: Vec::new() };
        let options = RunOptions { mode, policy: PolicyKind::Sequential, max_parallel: 1, seed: 0 };
        drive(&bundle, Arc::new(host), &mut seen, options).expect("the system gives threads");
        seen.tasks
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    pub fn read(&self, below: &str) -> String {
        std::fs::read_to_string(self.path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    pub fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().expect("it lies below the root")).expect("the root can be written to");
        std::fs::write(path, text).expect("the root can be written to");
    }

    pub fn allow(&self, below: &str, mode: u32) {
        std::fs::set_permissions(self.path(below), Permissions::from_mode(mode)).expect("the test made it");
    }

    pub fn metadata(&self, below: &str) -> Metadata {
        self.path(below).symlink_metadata().unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    /// Everything below the root, with the contents of files.
    pub fn files(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut todo = vec![self.root.clone()];
        while let Some(folder) = todo.pop() {
            for entry in std::fs::read_dir(folder).expect("it is a folder") {
                let path = entry.expect("the folder can be read").path();
                let below = path.strip_prefix(&self.root).expect("it lies below the root").display().to_string();
                match path.is_dir() && !path.is_symlink() {
                    true => {
                        all.push(below);
                        todo.push(path);
                    }
                    false => all.push(format!("{below}: {}", std::fs::read_to_string(&path).unwrap_or_default())),
                }
            }
        }
        all.sort();
        all
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

struct Seen<'a> {
    bundle: &'a Bundle<'a>,
    tasks: Vec<Finished>,
}

impl Observer for Seen<'_> {
    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        let place = self.bundle.task_place(task).map(|(file, line, column)| (file.to_string(), line, column));
        self.tasks.push(Finished {
            label: self.bundle.label(task).to_string(),
            place: place.expect("it was built with places"),
            because: end.because.map(|task| self.bundle.label(task).to_string()),
            end: end.clone(),
        });
    }
}

/// Paths and commands a run changed or would change, each as often as it is named, sorted; several properties of one
/// object count once.
pub fn objects(run: &[Finished]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for task in run {
        let mut own: Vec<&str> = task.end.changes.iter().map(|change| change.object.as_str()).collect();
        own.dedup();
        all.extend(own.into_iter().map(str::to_string));
    }
    all.sort();
    all
}

/// Whether nginx is on the search path of commands.
pub fn nginx() -> bool {
    ipcmm_runtime::system::SEARCH_PATH.split(':').any(|folder| Path::new(folder).join("nginx").is_file())
}

/// Whether the test runs as root.
pub fn root_user() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}

/// Says that a part was left out, which is a failure where everything must be there.
pub fn skip(why: &str) {
    assert!(std::env::var_os("IPCMM_NO_SKIP").is_none_or(|value| value != "1"), "nothing may be skipped: {why}");
    eprintln!("skipped: {why}");
}
