//! Watches files by inotify and tells what happened to them. A file is watched by the directory it is in, so one that is
//! moved away, made anew or not there yet is seen; one whose directory is missing by the nearest that exists.
//!
//! Unaware of: who listens, and bursts: each change is told, and channels calm them.

use crate::reactor::door::Sources;
use ipcmm_bytecode::Value;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Takes the name of an event and its payload; false if nobody listens any more.
pub(super) type Tell = Box<dyn Fn(&str, Value) -> bool + Send>;

#[derive(Default)]
struct Watched {
    /// Events by the file they are of: as it is named, and where it is.
    files: Vec<(Arc<str>, PathBuf, PathBuf)>,
    /// Directories by the number of their watch.
    folders: HashMap<i32, PathBuf>,
}

/// Watches what the sources say.
pub(super) struct Watcher {
    sources: Sources,
    root: Option<PathBuf>,
    complain: fn(&str),
    known: Vec<(Arc<str>, PathBuf)>,
    inotify: Arc<OwnedFd>,
    watched: Arc<Mutex<Watched>>,
}

impl Watcher {
    /// Begins with nothing. Paths are those below `root`, if there is one; `complain` is told of what cannot be watched.
    pub fn start(sources: Sources, root: Option<PathBuf>, complain: fn(&str), tell: Tell) -> std::io::Result<Watcher> {
        let inotify = Arc::new(inotify::init(CreateFlags::CLOEXEC)?);
        let watched = Arc::new(Mutex::new(Watched::default()));
        let (fd, shared) = (inotify.clone(), watched.clone());
        std::thread::Builder::new().name("files".into()).spawn(move || listen(&fd, &shared, &tell))?;
        Ok(Watcher { sources, root, complain, known: Vec::new(), inotify, watched })
    }

    /// Watches what was added since.
    pub fn sync(&mut self) {
        let sources = self.sources.borrow();
        if *sources == self.known {
            return;
        }
        self.known.clone_from(&sources);
        let place = |path: &Path| match &self.root {
            Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
            None => path.to_owned(),
        };
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.files = self.known.iter().map(|(name, path)| (name.clone(), path.clone(), place(path))).collect();
        arm(&self.inotify, &mut watched).iter().for_each(|problem| (self.complain)(problem));
    }
}

/// Has the directories of all files watched, as they are now.
fn arm(inotify: &OwnedFd, watched: &mut Watched) -> Vec<String> {
    let flags = WatchFlags::CREATE
        | WatchFlags::CLOSE_WRITE
        | WatchFlags::MOVED_TO
        | WatchFlags::MOVED_FROM
        | WatchFlags::DELETE
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR;
    let mut problems = Vec::new();
    let places: Vec<PathBuf> = watched.files.iter().map(|(_, _, place)| place.clone()).collect();
    for place in places {
        let above = place.parent().into_iter().flat_map(Path::ancestors).find(|folder| folder.is_dir());
        let own = Some(place.as_path()).filter(|place| place.is_dir());
        for folder in above.into_iter().chain(own) {
            match inotify::add_watch(inotify, folder, flags) {
                Ok(number) => drop(watched.folders.insert(number, folder.to_owned())),
                Err(error) => problems.push(format!("cannot watch {}: {error}", folder.display())),
            }
        }
    }
    problems
}

fn listen(inotify: &OwnedFd, shared: &Mutex<Watched>, tell: &Tell) {
    let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
    let mut reader = inotify::Reader::new(inotify, &mut buffer);
    loop {
        let Ok(event) = reader.next() else { return };
        let (number, flags) = (event.wd(), event.events());
        let entry = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()).to_owned());
        let mut watched = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told: Vec<(Arc<str>, Value)> = Vec::new();
        let payload = |path: &Path, what: &str| {
            Value::map([("path", Value::str(path.to_string_lossy())), ("change", Value::str(what))])
        };
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            // Nobody knows what was lost, so every file may have changed.
            arm(inotify, &mut watched);
            told.extend(watched.files.iter().map(|(name, path, _)| (name.clone(), payload(path, "unknown"))));
        } else if flags.intersects(ReadFlags::IGNORED | ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF) {
            watched.folders.remove(&number);
            arm(inotify, &mut watched);
        } else if let (Some(folder), Some(entry)) = (watched.folders.get(&number).cloned(), entry) {
            let changed = folder.join(&entry);
            let what = match () {
                () if flags.intersects(ReadFlags::DELETE | ReadFlags::MOVED_FROM) => "removed",
                () if flags.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) => "created",
                () => "written",
            };
            let mut appeared = false;
            for (name, path, place) in &watched.files {
                if changed == *place {
                    told.push((name.clone(), payload(path, what)));
                    appeared |= what == "created";
                } else if changed.parent() == Some(place) {
                    told.push((name.clone(), payload(&path.join(&entry), what)));
                } else if place.starts_with(&changed) && what == "created" {
                    appeared = true;
                    if place.exists() {
                        told.push((name.clone(), payload(path, what)));
                    }
                }
            }
            if appeared {
                arm(inotify, &mut watched);
            }
        }
        drop(watched);
        if !told.into_iter().all(|(name, payload)| tell(&name, payload)) {
            return;
        }
    }
}
