//! Running a command to its end: what it gets, what is kept of what it says, and how it is stopped.
//!
//! A command is a process group. When its time is up the group is asked to end and, two seconds later, made
//! to; what left the group by a session of its own is out of reach. Unaware of what the exit status means.

use super::Real;
use super::errno::text;
use super::spawn::{self, Birth, Identity, Step};
use super::users;
use crate::system::{Candidate, Command, Ended, Finished, Program, Reader, Runner, SEARCH_PATH, User};
use ipcmm_bytecode::{Fault, FaultKind};
use ipcmm_vm::host::Cancel;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, pidfd_open, waitid, waitpid,
};
use rustix::time::Timespec;
use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long a stopped command may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);
/// How long what a command left behind may keep its output open.
const LINGER: Duration = Duration::from_millis(200);
/// How long at most between two looks whether anybody still waits for the command.
const LOOK: Duration = Duration::from_millis(100);

/// A program that runs, with our ends of its streams.
struct Started {
    pid: Pid,
    streams: [Option<OwnedFd>; 2],
}

impl Runner for Real {
    fn run(&self, command: &Command<'_>, cancel: &Cancel) -> Result<Finished, Fault> {
        let begun = Instant::now();
        let deadline = command.timeout.and_then(|t| begun.checked_add(t));
        let started = self.start(command)?;
        Attendance::new(started, command, deadline, cancel).attend(begun)
    }

    fn candidate(&self, content: &[u8], suffix: &OsStr) -> Result<Box<dyn Candidate>, Fault> {
        self.lend(content, suffix)
    }
}

fn not_startable(detail: impl Into<String>) -> Fault {
    Fault::new(FaultKind::NotStartable, detail)
}

/// A failure of our own preparations, which is not the command's.
fn unprepared(errno: Errno) -> Fault {
    Fault::new(super::errno::kind(errno), format!("cannot prepare a command: {}", text(errno)))
}

impl Real {
    /// The fixed environment of `user` with the given variables on top. Later entries win.
    fn environment(&self, command: &Command<'_>) -> Result<Vec<(String, String)>, Fault> {
        let own;
        let user: &User = match command.user {
            Some(user) => user,
            None => {
                let uid = rustix::process::geteuid().as_raw();
                own = self.user_by_id(uid)?.unwrap_or_else(|| User {
                    name: uid.to_string(),
                    uid,
                    gid: rustix::process::getegid().as_raw(),
                    home: "/".to_owned(),
                });
                &own
            }
        };
        let fixed = [
            ("PATH", SEARCH_PATH),
            ("LANG", "C.UTF-8"),
            ("HOME", user.home.as_str()),
            ("USER", user.name.as_str()),
            ("LOGNAME", user.name.as_str()),
        ];
        let zone = self.time_zone.as_deref().map(|tz| ("TZ", tz));
        let given = |name: &str| command.env.iter().any(|(n, _)| &**n == name);
        let mut env: Vec<(String, String)> = fixed
            .into_iter()
            .chain(zone)
            .filter(|(name, _)| !given(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (i, (name, value)) in command.env.iter().enumerate() {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                return Err(Fault::new(FaultKind::BadArgument, format!("`{name}` cannot be an environment variable")));
            }
            if !command.env[i + 1..].iter().any(|(later, _)| later == name) {
                env.push((name.to_string(), value.to_string()));
            }
        }
        Ok(env)
    }

    fn start(&self, command: &Command<'_>) -> Result<Started, Fault> {
        let env = self.environment(command)?;
        let search = env.iter().find(|(name, _)| name == "PATH").map_or("", |(_, value)| value.as_str());
        let program = resolve(command.program.name(), search)?;
        let stdin = match command.stdin {
            Some(bytes) => Some(memory_file(bytes).map_err(unprepared)?),
            None => None,
        };
        match (command.program, command.user) {
            (Program::Argv(argv), None) => start_plain(command, &program, argv, &env, stdin),
            _ => start_special(command, &program, &env, stdin),
        }
    }
}

/// By the standard library: `posix_spawn`, as long as nothing is asked that needs a fork.
fn start_plain(
    command: &Command<'_>,
    program: &str,
    argv: &[String],
    env: &[(String, String)],
    stdin: Option<OwnedFd>,
) -> Result<Started, Fault> {
    let cwd = command.cwd.unwrap_or(Path::new("/"));
    let output = || if command.keep.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = std::process::Command::new(program)
        .arg0(command.program.name())
        .args(&argv[1..])
        .env_clear()
        .envs(env.iter().map(|(name, value)| (name, value)))
        .current_dir(cwd)
        .process_group(0)
        .stdin(stdin.map_or_else(Stdio::null, Stdio::from))
        .stdout(output())
        .stderr(output())
        .spawn()
        .map_err(|e| match Path::new(cwd).is_dir() {
            false => not_startable(format!("`{}`: cannot run in `{}`: no such directory", argv[0], cwd.display())),
            true => {
                let words = e.raw_os_error().map_or_else(|| e.to_string(), |c| text(Errno::from_raw_os_error(c)));
                not_startable(format!("`{program}`: {words}"))
            }
        })?;
    let streams = [child.stdout.take().map(OwnedFd::from), child.stderr.take().map(OwnedFd::from)];
    let pid = Pid::from_child(&child);
    // Dropping the handle neither ends nor awaits the child: that is done below, by its number.
    Ok(Started { pid, streams })
}

/// By our own spawn: another user, or a script that is passed on as an open file.
fn start_special(
    command: &Command<'_>,
    program: &str,
    env: &[(String, String)],
    stdin: Option<OwnedFd>,
) -> Result<Started, Fault> {
    let script;
    let (words, inherit): (Vec<String>, Option<i32>) = match command.program {
        Program::Argv(argv) => (argv.to_vec(), None),
        Program::Script { interpreter, text, args } => {
            script = memory_file(text).map_err(unprepared)?;
            let path = format!("/proc/self/fd/{}", script.as_raw_fd());
            (interpreter.iter().cloned().chain([path]).chain(args.iter().cloned()).collect(), Some(script.as_raw_fd()))
        }
    };
    let c_text = |bytes: &[u8]| {
        CString::new(bytes).map_err(|_| Fault::new(FaultKind::BadArgument, "an argument holds a NUL character"))
    };
    let argv = words.iter().map(|w| c_text(w.as_bytes())).collect::<Result<Vec<_>, _>>()?;
    let env = env.iter().map(|(n, v)| c_text(format!("{n}={v}").as_bytes())).collect::<Result<Vec<_>, _>>()?;
    let cwd = command.cwd.unwrap_or(Path::new("/"));
    let null = || File::options().read(true).write(true).open("/dev/null").map(OwnedFd::from);
    let null = null().map_err(|e| super::errno::from_io(Path::new("/dev/null"), &e))?;
    let pipe = || match command.keep {
        Some(_) => pipe_with(PipeFlags::CLOEXEC).map(|(ours, theirs)| (Some(ours), Some(theirs))),
        None => Ok((None, None)),
    };
    let (out, out_theirs) = pipe().map_err(unprepared)?;
    let (err, err_theirs) = pipe().map_err(unprepared)?;
    let raw = |fd: &Option<OwnedFd>| fd.as_ref().unwrap_or(&null).as_raw_fd();
    let birth = Birth {
        program: &c_text(program.as_bytes())?,
        argv: &argv,
        env: &env,
        cwd: &c_text(cwd.as_os_str().as_bytes())?,
        streams: [raw(&stdin), raw(&out_theirs), raw(&err_theirs)],
        inherit,
        identity: command.user.map(|u| Identity { uid: u.uid, gid: u.gid, groups: users::groups_of(u) }),
    };
    let pid = spawn::start(&birth).map_err(|(step, e)| match step {
        Step::Prepare => unprepared(e),
        Step::Identity => {
            let name = command.user.map_or("", |u| u.name.as_str());
            Fault::new(FaultKind::PermissionDenied, format!("cannot become user `{name}`: {}", text(e)))
        }
        Step::Directory => not_startable(format!("`{program}`: cannot run in `{}`: {}", cwd.display(), text(e))),
        Step::Execute => not_startable(format!("`{program}`: {}", text(e))),
    })?;
    Ok(Started { pid, streams: [out, err] })
}

/// The path of a program: as it is if it holds a slash, else the first match on the search path.
fn resolve(name: &str, search: &str) -> Result<String, Fault> {
    if name.contains('/') {
        return Ok(name.to_owned());
    }
    let mut refused = None;
    for dir in search.split(':').filter(|d| !d.is_empty() && !name.is_empty()) {
        let path = format!("{dir}/{name}");
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_file() && meta.permissions().mode() & 0o111 != 0 => return Ok(path),
            Ok(meta) if meta.is_file() => refused = Some(path),
            _ => {}
        }
    }
    Err(match refused {
        Some(path) => not_startable(format!("`{path}` is not executable")),
        None => not_startable(format!("there is no program `{name}` on the search path {search}")),
    })
}

/// An open file that exists nowhere but in memory, positioned at its start. Its name is the same for all, for
/// the process table shows it.
fn memory_file(bytes: &[u8]) -> rustix::io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Kernels before 6.3 do not know the flag, newer ones may insist on it.
    let fd = memfd_create("ipcmm", flags | MemfdFlags::NOEXEC_SEAL).or_else(|_| memfd_create("ipcmm", flags))?;
    let mut file = File::from(fd);
    file.write_all(bytes).and_then(|()| file.rewind()).map_err(|e| Errno::from_io_error(&e).unwrap_or(Errno::IO))?;
    fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(file.into())
}

/// A running command that is being attended.
struct Attendance<'a> {
    pid: Pid,
    /// Readable when the leader has ended; without it (old kernels) it is asked again and again.
    pidfd: Option<OwnedFd>,
    streams: [Option<OwnedFd>; 2],
    kept: [Vec<u8>; 2],
    limit: usize,
    truncated: bool,
    deadline: Option<Instant>,
    cancel: &'a Cancel,
    /// When the leader was seen to have ended. It stays a zombie till the end, so that the number of the
    /// group cannot become another one's while signals are sent to it.
    ended: Option<Instant>,
    /// Why it is being stopped, and when it is made to.
    stopping: Option<(Fault, Instant)>,
}

impl<'a> Attendance<'a> {
    fn new(started: Started, command: &Command<'_>, deadline: Option<Instant>, cancel: &'a Cancel) -> Attendance<'a> {
        Attendance {
            pid: started.pid,
            pidfd: pidfd_open(started.pid, PidfdFlags::empty()).ok(),
            streams: started.streams,
            kept: [Vec::new(), Vec::new()],
            limit: command.keep.unwrap_or(0),
            truncated: false,
            deadline,
            cancel,
            ended: None,
            stopping: None,
        }
    }

    fn attend(mut self, begun: Instant) -> Result<Finished, Fault> {
        let mut buffer = vec![0; 32 * 1024];
        loop {
            self.look(&mut buffer);
            let now = Instant::now();
            if let Some(ended) = self.ended {
                if self.stopping.is_some() {
                    // What the leader started and did not take along.
                    let _ = kill_process_group(self.pid, Signal::KILL);
                }
                if self.streams.iter().all(Option::is_none) || now >= ended + LINGER {
                    break;
                }
            } else if let Some((_, kill_at)) = &self.stopping {
                if now >= *kill_at {
                    let _ = kill_process_group(self.pid, Signal::KILL);
                }
            } else if let Some(reason) = self.reason_to_stop(now, begun) {
                let _ = kill_process_group(self.pid, Signal::TERM);
                self.stopping = Some((reason, now + GRACE));
            }
        }
        let took = begun.elapsed();
        let status = loop {
            match waitpid(Some(self.pid), WaitOptions::empty()) {
                Ok(Some((_, status))) => break status,
                Ok(None) | Err(Errno::INTR) => {}
                Err(e) => return Err(unprepared(e)),
            }
        };
        if let Some((fault, _)) = self.stopping {
            return Err(fault);
        }
        let ended = match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ended::Status(code),
            (None, signal) => Ended::Signal(signal.unwrap_or(0)),
        };
        let [stdout, stderr] = self.kept;
        Ok(Finished { ended, stdout, stderr, truncated: self.truncated, took })
    }

    fn reason_to_stop(&self, now: Instant, begun: Instant) -> Option<Fault> {
        if self.cancel.is_cancelled() {
            return Some(Fault::new(FaultKind::Cancelled, "the command was ended"));
        }
        let late = self.deadline.is_some_and(|d| now >= d);
        late.then(|| Fault::new(FaultKind::TimedOut, format!("the command was ended after {:.1?}", now - begun)))
    }

    /// Waits for output, the end, or the next thing that is due, and takes what there is.
    fn look(&mut self, buffer: &mut [u8]) {
        let wait = self.patience();
        let mut ready = [false; 3];
        let mut polled = Vec::with_capacity(3);
        let mut which = Vec::with_capacity(3);
        let pidfd = self.pidfd.as_ref().filter(|_| self.ended.is_none());
        for (i, fd) in self.streams.iter().map(Option::as_ref).chain([pidfd]).enumerate() {
            if let Some(fd) = fd {
                polled.push(PollFd::new(fd, PollFlags::IN));
                which.push(i);
            }
        }
        // An interrupted wait is one that found nothing.
        if poll(&mut polled, Some(&wait)).is_ok() {
            for (fd, &i) in polled.iter().zip(&which) {
                ready[i] = !fd.revents().is_empty();
            }
        }
        let [out, err, end] = ready;
        for (stream, _) in [out, err].into_iter().enumerate().filter(|(_, ready)| *ready) {
            self.take(stream, buffer);
        }
        if self.ended.is_none() && (end || self.pidfd.is_none()) {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
            if !matches!(waitid(WaitId::Pid(self.pid), options), Ok(None)) {
                self.ended = Some(Instant::now());
            }
        }
    }

    /// How long nothing needs to be looked at.
    fn patience(&self) -> Timespec {
        let now = Instant::now();
        let due = match (self.ended, &self.stopping) {
            (Some(ended), _) => Some(ended + LINGER),
            (None, Some((_, kill_at))) => Some(*kill_at).filter(|at| *at > now),
            (None, None) => self.deadline,
        };
        let longest = if self.pidfd.is_none() { Duration::from_millis(5) } else { LOOK };
        let wait = due.map_or(longest, |due| due.saturating_duration_since(now).min(longest));
        Timespec { tv_sec: 0, tv_nsec: i64::from(wait.subsec_nanos()) }
    }

    /// Reads what one stream holds and keeps as much as there is room for.
    fn take(&mut self, stream: usize, buffer: &mut [u8]) {
        let Some(fd) = &self.streams[stream] else { return };
        match rustix::io::read(fd.as_fd(), &mut *buffer) {
            Ok(0) => self.streams[stream] = None,
            Ok(read) => {
                let room = self.limit.saturating_sub(self.kept[stream].len());
                self.kept[stream].extend_from_slice(&buffer[..read.min(room)]);
                self.truncated |= read > room;
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => self.streams[stream] = None,
        }
    }
}
