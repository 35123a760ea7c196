//! The file tree of a pretended node: paths to nodes, with the rules for links that the real one has.

use super::script::Access;
use super::{Fake, State};
use crate::system::path::split;
use crate::system::{Attributes, Content, Entry, Found, Kind, NewFile, Reader, Staged, Stat, Uname, User, Writer};
use ipcmm_bytecode::{Fault, FaultKind};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// One file, directory or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// What a file holds, or where a link points.
    pub content: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
    /// Owning user.
    pub uid: u32,
    /// Owning group.
    pub gid: u32,
}

impl Node {
    /// A file of root.
    pub fn file(content: &str, mode: u32) -> Node {
        Node { kind: Kind::File, content: content.as_bytes().to_vec(), mode, uid: 0, gid: 0 }
    }

    /// A directory of root.
    pub fn dir(mode: u32) -> Node {
        Node { kind: Kind::Dir, content: Vec::new(), mode, uid: 0, gid: 0 }
    }

    /// A link of root.
    pub fn link(target: &str) -> Node {
        Node { kind: Kind::Link, content: target.as_bytes().to_vec(), mode: 0o777, uid: 0, gid: 0 }
    }

    /// The same with another owner.
    pub fn owned_by(mut self, uid: u32, gid: u32) -> Node {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    fn stat(&self) -> Stat {
        Stat { kind: self.kind, mode: self.mode, uid: self.uid, gid: self.gid, size: self.content.len() as u64 }
    }

    fn target(&self) -> PathBuf {
        PathBuf::from(String::from_utf8_lossy(&self.content).into_owned())
    }
}

/// All nodes by their full path.
#[derive(Debug)]
pub(super) struct Tree(BTreeMap<PathBuf, Node>);

fn fault(kind: FaultKind, path: &Path, text: &str) -> Fault {
    Fault::new(kind, format!("`{}`: {text}", path.display()))
}

fn wrong_kind(path: &Path, kind: Kind) -> Fault {
    Fault::new(FaultKind::WrongKind, format!("`{}` is a {}", path.display(), kind.name()))
}

impl Tree {
    pub(super) fn new() -> Tree {
        Tree(BTreeMap::from([(PathBuf::from("/"), Node::dir(0o755))]))
    }

    pub(super) fn nodes(&self) -> &BTreeMap<PathBuf, Node> {
        &self.0
    }

    pub(super) fn put(&mut self, path: &Path, node: Node) {
        for dir in path.ancestors().skip(1) {
            self.0.entry(dir.to_owned()).or_insert_with(|| Node::dir(0o755));
        }
        self.0.insert(path.to_owned(), node);
    }

    /// Takes away what is at `path` and below.
    pub(super) fn clear(&mut self, path: &Path) {
        self.0.retain(|at, _| at == Path::new("/") || !at.starts_with(path));
    }

    /// Where `path` really is; `guarded` refuses links that root did not make.
    fn resolve(&self, path: &Path, follow_last: bool, guarded: bool) -> Result<PathBuf, Fault> {
        let mut todo: Vec<PathBuf> = parts(path);
        let (mut at, mut links) = (PathBuf::from("/"), 0);
        while let Some(part) = todo.pop() {
            if part == Path::new("..") {
                at.pop();
                continue;
            }
            let next = at.join(&part);
            let last = todo.is_empty();
            match self.0.get(&next) {
                Some(node) if node.kind == Kind::Link && (!last || follow_last) => {
                    links += 1;
                    if links > 40 {
                        return Err(fault(FaultKind::UnsafePath, path, "Too many levels of symbolic links"));
                    }
                    if guarded && node.uid != 0 {
                        return Err(fault(FaultKind::UnsafePath, path, "a symbolic link on the way is not root's"));
                    }
                    let target = node.target();
                    if target.is_absolute() {
                        at = PathBuf::from("/");
                    }
                    todo.extend(parts(&target));
                }
                Some(node) if !last && node.kind != Kind::Dir => {
                    return Err(fault(FaultKind::WrongKind, path, "Not a directory"));
                }
                None if !last => return Err(fault(FaultKind::NotFound, path, "No such file or directory")),
                _ => at = next,
            }
        }
        Ok(at)
    }

    fn get(&self, path: &Path) -> Result<&Node, Fault> {
        self.0.get(path).ok_or_else(|| fault(FaultKind::NotFound, path, "No such file or directory"))
    }

    fn children<'a>(&'a self, dir: &'a Path) -> impl Iterator<Item = (&'a PathBuf, &'a Node)> {
        self.0.iter().filter(move |(path, _)| path.parent() == Some(dir))
    }
}

/// The parts of a path, the first one last.
fn parts(path: &Path) -> Vec<PathBuf> {
    let kept = path.components().filter(|c| !matches!(c, Component::RootDir | Component::CurDir));
    let mut parts: Vec<PathBuf> = kept.map(|c| PathBuf::from(c.as_os_str())).collect();
    parts.reverse();
    parts
}

impl State {
    /// The place of `path`, which need not hold anything.
    fn place(&self, path: &Path) -> Result<PathBuf, Fault> {
        let (parent, _) = split(path)?;
        let place = self.tree.resolve(path, false, self.acting_uid == 0)?;
        // Resolving looks at what is on the way only; a directory that is missing must be noticed, too.
        self.tree.resolve(&parent.join("x"), false, self.acting_uid == 0)?;
        if place != Path::new("/")
            && let Some(dir) = place.parent()
            && self.tree.get(dir)?.kind != Kind::Dir
        {
            return Err(fault(FaultKind::WrongKind, path, "Not a directory"));
        }
        Ok(place)
    }

    fn found(&self, path: &Path) -> Result<Option<(PathBuf, Node)>, Fault> {
        match self.place(path) {
            Ok(place) => Ok(self.tree.0.get(&place).map(|node| (place.clone(), node.clone()))),
            Err(f) if f.kind == FaultKind::NotFound => Ok(None),
            Err(f) => Err(f),
        }
    }

    fn file(&self, path: &Path) -> Result<Node, Fault> {
        match self.found(path)? {
            Some((_, node)) if node.kind == Kind::File => Ok(node),
            Some((_, node)) => Err(wrong_kind(path, node.kind)),
            None => Err(fault(FaultKind::NotFound, path, "No such file or directory")),
        }
    }

    /// A new node in an existing directory.
    fn make(&mut self, path: &Path, node: Node) -> Result<(), Fault> {
        let place = self.place(path)?;
        if self.tree.0.contains_key(&place) {
            return Err(fault(FaultKind::WrongKind, path, "File exists"));
        }
        self.tree.0.insert(place, node);
        Ok(())
    }
}

impl Reader for Fake {
    fn lstat(&self, path: &Path) -> Result<Option<Stat>, Fault> {
        Ok(self.state().found(path)?.map(|(_, node)| node.stat()))
    }

    fn load(&self, path: &Path, limit: u64) -> Result<Option<Found>, Fault> {
        let mut state = self.state();
        state.venture(path, Access::Read)?;
        Ok(state.found(path)?.map(|(_, node)| Found {
            stat: node.stat(),
            target: (node.kind == Kind::Link).then(|| node.target()),
            content: (node.kind == Kind::File && node.content.len() as u64 <= limit).then_some(node.content),
        }))
    }

    fn digest(&self, path: &Path) -> Result<blake3::Hash, Fault> {
        let mut state = self.state();
        state.venture(path, Access::Read)?;
        Ok(blake3::hash(&state.file(path)?.content))
    }

    fn same_content(&self, one: &Path, other: &Path) -> Result<bool, Fault> {
        let state = self.state();
        Ok(state.file(one)?.content == state.file(other)?.content)
    }

    fn list(&self, path: &Path) -> Result<Vec<Entry>, Fault> {
        let mut state = self.state();
        state.venture(path, Access::Read)?;
        let Some((place, node)) = state.found(path)? else {
            return Err(fault(FaultKind::NotFound, path, "No such file or directory"));
        };
        if node.kind != Kind::Dir {
            return Err(fault(FaultKind::WrongKind, path, "Not a directory"));
        }
        let entries = state.tree.children(&place);
        Ok(entries
            .filter_map(|(path, node)| Some(Entry { name: path.file_name()?.to_owned(), stat: node.stat() }))
            .collect())
    }

    fn mounts_below(&self, _path: &Path) -> Result<Vec<PathBuf>, Fault> {
        Ok(Vec::new())
    }

    fn peek(&self, path: &Path, follow: bool) -> Result<Option<Stat>, Fault> {
        split(path)?;
        let state = self.state();
        let place = state.tree.resolve(path, follow, false).ok();
        Ok(place.and_then(|p| state.tree.0.get(&p)).map(Node::stat))
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
        split(path)?;
        let mut state = self.state();
        state.venture(path, Access::Read)?;
        let place = state.tree.resolve(path, true, false).ok();
        match place.and_then(|p| state.tree.0.get(&p)).filter(|n| n.kind == Kind::File) {
            Some(node) if node.content.len() as u64 > limit => {
                Err(Fault::new(FaultKind::TooLarge, format!("`{}` is larger than {limit} bytes", path.display())))
            }
            node => Ok(node.map(|n| n.content.clone())),
        }
    }

    fn kernel_file(&self, path: &str) -> Option<String> {
        self.state().kernel_files.get(path).cloned()
    }

    fn is_program(&self, path: &Path) -> bool {
        matches!(self.peek(path, true), Ok(Some(stat)) if stat.kind == Kind::File && stat.mode & 0o111 != 0)
    }

    fn user(&self, name: &str) -> Result<Option<User>, Fault> {
        Ok(self.state().users.iter().find(|u| u.name == name).cloned())
    }

    fn user_by_id(&self, uid: u32) -> Result<Option<User>, Fault> {
        Ok(self.state().users.iter().find(|u| u.uid == uid).cloned())
    }

    fn group(&self, name: &str) -> Result<Option<u32>, Fault> {
        Ok(self.state().groups.iter().find(|g| g.0 == name).map(|g| g.1))
    }

    fn group_by_id(&self, gid: u32) -> Result<Option<String>, Fault> {
        Ok(self.state().groups.iter().find(|g| g.1 == gid).map(|g| g.0.clone()))
    }

    fn acting_uid(&self) -> u32 {
        self.state().acting_uid
    }

    fn root(&self) -> Option<&Path> {
        None
    }

    fn uname(&self) -> Uname {
        self.state().uname.clone()
    }

    fn processors(&self) -> usize {
        self.state().processors
    }

    fn source_address(&self) -> Option<IpAddr> {
        self.state().address
    }

    fn connects(&self, _host: &str, port: u16, _within: Duration) -> bool {
        self.state().listening.contains(&port)
    }
}

/// A file that waits to take its place.
struct Waiting {
    system: Fake,
    place: PathBuf,
    node: Node,
}

impl Staged for Waiting {
    fn path(&self) -> Result<PathBuf, Fault> {
        Ok(self.place.with_file_name(".ipcmm-staged"))
    }

    fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.system.state().tree.0.insert(self.place.clone(), self.node.clone());
        Ok(())
    }
}

impl Writer for Fake {
    fn stage<'a>(&'a self, path: &'a Path, file: &NewFile<'_>) -> Result<Box<dyn Staged + 'a>, Fault> {
        let mut state = self.state();
        state.venture(path, Access::Write)?;
        let place = state.place(path)?;
        let content = match file.content {
            Content::Bytes(bytes) => bytes.to_vec(),
            Content::File(source) => state.file(source)?.content,
        };
        let uid = state.acting_uid;
        let fresh = Node { kind: Kind::File, content: Vec::new(), mode: file.fresh_mode, uid, gid: uid };
        let mut node = match state.tree.0.get(&place) {
            Some(old) if old.kind == Kind::File => old.clone(),
            Some(old) if old.kind == Kind::Dir => return Err(wrong_kind(path, Kind::Dir)),
            _ => fresh,
        };
        node.content = content;
        give(&mut node, file.attributes);
        Ok(Box::new(Waiting { system: self.clone(), place, node }))
    }

    fn make_dir(&self, path: &Path, attributes: Attributes) -> Result<(), Fault> {
        let mut state = self.state();
        state.venture(path, Access::Write)?;
        let mut node = Node::dir(0o755).owned_by(state.acting_uid, state.acting_uid);
        give(&mut node, attributes);
        state.make(path, node)
    }

    fn make_link(&self, path: &Path, target: &Path) -> Result<(), Fault> {
        let mut state = self.state();
        state.venture(path, Access::Write)?;
        let place = state.place(path)?;
        if let Some(node) = state.tree.0.get(&place).filter(|n| matches!(n.kind, Kind::Dir | Kind::Special)) {
            return Err(wrong_kind(path, node.kind));
        }
        let node = Node::link(&target.to_string_lossy()).owned_by(state.acting_uid, state.acting_uid);
        state.tree.0.insert(place, node);
        Ok(())
    }

    fn set(&self, path: &Path, attributes: Attributes) -> Result<(), Fault> {
        let mut state = self.state();
        state.venture(path, Access::Write)?;
        let place = state.place(path)?;
        match state.tree.0.get_mut(&place) {
            Some(node) => {
                give(node, attributes);
                Ok(())
            }
            None => Err(fault(FaultKind::NotFound, path, "No such file or directory")),
        }
    }

    fn remove_file(&self, path: &Path) -> Result<(), Fault> {
        let mut state = self.state();
        state.venture(path, Access::Write)?;
        let place = state.place(path)?;
        match state.tree.get(&place)?.kind {
            Kind::Dir => Err(wrong_kind(path, Kind::Dir)),
            _ => {
                state.tree.0.remove(&place);
                Ok(())
            }
        }
    }

    fn remove_dir(&self, path: &Path) -> Result<(), Fault> {
        let mut state = self.state();
        state.venture(path, Access::Write)?;
        let place = state.place(path)?;
        match state.tree.get(&place)?.kind {
            Kind::Dir if state.tree.children(&place).next().is_none() => {
                state.tree.0.remove(&place);
                Ok(())
            }
            Kind::Dir => Err(fault(FaultKind::WrongKind, path, "Directory not empty")),
            kind => Err(wrong_kind(path, kind)),
        }
    }
}

fn give(node: &mut Node, attributes: Attributes) {
    node.uid = attributes.uid.unwrap_or(node.uid);
    node.gid = attributes.gid.unwrap_or(node.gid);
    if node.kind != Kind::Link {
        node.mode = attributes.mode.unwrap_or(node.mode);
    }
}
