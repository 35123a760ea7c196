//! Labels of calls and includes: the tasks they stand for, and how those are named from outside.

use super::names::{Declared, Index};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::expand::BindingKind;
use crate::source::FileId;
use ipcmm_grammar::ast::ExprKind;

impl Index<'_> {
    /// Makes a task one of those of the scopes around it.
    pub(super) fn member(&mut self, number: u32) {
        let around: Vec<u32> = self.scopes.around(self.tasks[number as usize].scope).collect();
        around.into_iter().for_each(|scope| self.members[scope as usize].push(number));
    }

    /// Makes a task known in the scopes around its own.
    pub(super) fn compose(&mut self, number: u32, diagnostics: &mut Diagnostics) {
        let Declared { scope, file, task, .. } = self.tasks[number as usize];
        if self.scopes.get(scope).above.is_none() {
            self.member(number);
            return;
        }
        let mut label = task.label.clone();
        let around: Vec<u32> = self.scopes.around(scope).collect();
        self.member(number);
        for &inner in &around {
            let place = self.scopes.get(inner);
            let (Some(segment), Some(above)) = (&place.segment, place.above) else { continue };
            label = format!("{segment}/{label}");
            let home = self.scopes.home(above);
            let first = self.labels.get(&(home, label.as_str())).or(self.composed.get(&(home, label.clone())));
            match first.map(|&first| &self.tasks[first as usize]) {
                Some(first) => {
                    let message = format!("label `{label}` is defined twice");
                    let problem = Diagnostic::new(Code::DuplicateLabel, file, task.span, message);
                    diagnostics.push(problem.label(first.file, first.task.span, "first defined here"));
                }
                None => drop(self.composed.insert((home, label.clone()), number)),
            }
        }
    }

    /// The label of a task in its module.
    pub(super) fn label(&self, task: u32) -> String {
        let declared = &self.tasks[task as usize];
        format!("{}{}", self.scopes.get(declared.scope).prefix, declared.task.label)
    }

    fn own_label(&self, scope: u32, label: &str) -> Option<u32> {
        let plain = self.labels.get(&(scope, label)).copied();
        // Most builds have no calls, and a text need not be made to see that.
        plain.or_else(|| match self.composed.is_empty() {
            true => None,
            false => self.composed.get(&(scope, label.to_string())).copied(),
        })
    }

    /// The scope of a module as it is named in a scope: by an alias, or by its own name.
    fn module_named(&self, scope: u32, name: &str) -> Option<u32> {
        match self.scopes.lookup(scope, name).map(|(_, binding)| &binding.kind) {
            Some(BindingKind::Module(module, _)) => Some(*module),
            _ => self.scopes.modules.get(name).copied(),
        }
    }

    /// The task a name means in a scope: a label there or around, or `module/label`.
    pub fn find(&self, scope: u32, name: &str) -> Option<u32> {
        if let Some(task) = self.scopes.chain(scope).find_map(|scope| self.own_label(scope, name)) {
            return Some(task);
        }
        // A label may hold any text, a slash too: the first split that names something wins.
        name.match_indices('/').find_map(|(at, _)| {
            let other = self.module_named(scope, &name[..at])?;
            self.own_label(other, &name[at + 1..])
        })
    }

    /// The scopes a name stands for: those of a call, of an include, of an import.
    pub(super) fn group(&self, scope: u32, name: &str) -> Option<&[u32]> {
        if self.scopes.groups.is_empty() {
            return None;
        }
        let own = |scope: u32, name: &str| self.scopes.groups.get(&(scope, name.to_string())).map(Vec::as_slice);
        self.scopes.chain(scope).find_map(|scope| own(scope, name)).or_else(|| {
            name.match_indices('/').find_map(|(at, _)| own(self.module_named(scope, &name[..at])?, &name[at + 1..]))
        })
    }

    /// All tasks a target means: a task, those of a call or an include, or what an address names.
    pub fn find_all(&self, scope: u32, name: &str) -> Option<Vec<u32>> {
        if let Some(task) = self.find(scope, name) {
            return Some(self.bindings(task).collect());
        }
        if let Some(scopes) = self.group(scope, name) {
            return Some(scopes.iter().flat_map(|&scope| self.members[scope as usize].iter().copied()).collect());
        }
        let home = self.scopes.lookup(scope, name).and_then(|(home, binding)| match &binding.kind {
            BindingKind::Addr(target, _) => Some((home, target.as_str())),
            _ => None,
        });
        let (home, target) = match home {
            Some(found) => found,
            None => self.foreign_address(scope, name)?,
        };
        // An address of nothing was reported where it is declared.
        Some(self.addressed(home, target).unwrap_or_default())
    }

    /// `alias.name`, where the module declares an address of that name.
    fn foreign_address(&self, scope: u32, name: &str) -> Option<(u32, &str)> {
        let (alias, own) = name.split_once('.')?;
        let BindingKind::Module(module, only) = &self.scopes.lookup(scope, alias)?.1.kind else { return None };
        if only.as_ref().is_some_and(|only| !only.iter().any(|wanted| wanted == own)) {
            return None;
        }
        match &self.scopes.get(*module).names.get(own)?.kind {
            BindingKind::Addr(target, _) => Some((*module, target)),
            _ => None,
        }
    }

    /// The tasks an address means. Addresses do not lead to other addresses.
    pub(super) fn addressed(&self, scope: u32, target: &str) -> Option<Vec<u32>> {
        if let Some(task) = self.find(scope, target) {
            return Some(self.bindings(task).collect());
        }
        let members = |scopes: &[u32]| scopes.iter().flat_map(|&s| self.members[s as usize].iter().copied()).collect();
        if let Some(scopes) = self.group(scope, target) {
            return Some(members(scopes));
        }
        Some(members(&[self.module_named(scope, target)?]))
    }

    /// The identity of what an address names.
    pub(super) fn identity(&self, scope: u32, target: &str) -> Option<String> {
        if let Some(task) = self.find(scope, target) {
            let module = self.tasks[task as usize].module;
            return Some(format!("{}/{}", self.modules[module as usize], self.label(task)));
        }
        if self.group(scope, target).is_some() {
            let home = self.scopes.home(scope);
            let module = self.scopes.module(home);
            let name = self.scopes.modules.iter().find(|(_, scope)| **scope == module).map_or("", |(name, _)| name);
            return Some(format!("{name}/{}{target}", self.scopes.get(home).prefix));
        }
        let Some(module) = self.module_named(scope, target) else {
            return self.is_node(target).then(|| target.to_owned());
        };
        self.scopes.modules.iter().find(|(_, scope)| **scope == module).map(|(name, _)| name.clone())
    }

    /// Whether the inventory has a node of this name.
    pub(super) fn is_node(&self, name: &str) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| snapshot.index.contains_key(name))
    }

    /// The name of the node that a declared address means in a scope, if it means one.
    pub(super) fn addressed_node(&self, scope: u32, name: &str) -> Option<&str> {
        let own = self.scopes.lookup(scope, name).and_then(|(home, binding)| match &binding.kind {
            BindingKind::Addr(target, _) => Some((home, target.as_str())),
            _ => None,
        });
        let (home, target) = own.or_else(|| self.foreign_address(scope, name))?;
        (self.addressed(home, target).is_none() && self.is_node(target)).then_some(target)
    }

    /// Whether an unknown name may be compared with so many known ones.
    pub(super) fn may_guess(&self, among: usize) -> bool {
        let left = self.guesses.get();
        self.guesses.set(left.saturating_sub(among.max(1)));
        left > 0
    }

    /// The label most like a name: of the scope itself or around it, or of another module as `module/label`.
    pub fn nearest(&self, scope: u32, name: &str) -> Option<String> {
        if !self.may_guess(self.tasks.len()) {
            return None;
        }
        let chain: Vec<u32> = self.scopes.chain(scope).collect();
        let own =
            self.tasks.iter().filter(|t| chain.contains(&self.scopes.home(t.scope))).map(|t| t.task.label.as_str());
        let groups =
            self.scopes.groups.keys().filter(|(scope, _)| chain.contains(scope)).map(|(_, name)| name.as_str());
        let composed = self.composed.keys().filter(|(scope, _)| chain.contains(scope)).map(|(_, name)| name.as_str());
        let mut known: Vec<&str> = groups.chain(composed).collect();
        known.sort_unstable();
        if let Some(near) = suggest::nearest(name, own.chain(known)) {
            return Some(near.to_string());
        }
        let full = |t: u32| format!("{}/{}", self.modules[self.tasks[t as usize].module as usize], self.label(t));
        let all: Vec<String> = (0..self.tasks.len() as u32).map(full).collect();
        all.iter()
            .find(|full| full.rsplit_once('/').is_some_and(|(_, label)| label == name))
            .or_else(|| {
                suggest::nearest(name, all.iter().map(String::as_str)).and_then(|n| all.iter().find(|a| *a == n))
            })
            .cloned()
    }

    /// Who is meant in messages: the task, or the call that hands a keyword on to it.
    pub(super) fn speaker(&self, declared: &Declared<'_>, from: Option<(FileId, u32)>) -> String {
        let Some((_, written)) = from else { return declared.task.label.clone() };
        let call = self.scopes.calls(declared.scope).find(|call| call.scope == written);
        call.map_or_else(|| declared.task.label.clone(), |call| call.label.clone())
    }

    /// How a task that reads and one that is read are called where an order between them would be written: what one call
    /// holds only of one of them is named by the call.
    pub(super) fn speakers(&self, reader: u32, target: u32) -> (String, String) {
        let (reader, target) = (&self.tasks[reader as usize], &self.tasks[target as usize]);
        let name = |of: &Declared<'_>, other: &Declared<'_>| {
            let inside: Vec<u32> = self.scopes.around(other.scope).collect();
            let apart = self.scopes.around(of.scope).take_while(|scope| !inside.contains(scope)).last();
            let call = apart.and_then(|scope| self.scopes.get(scope).call.as_deref());
            let label = call.map_or_else(|| of.task.label.clone(), |call| call.label.clone());
            // Who reads is named where it reads.
            match of.module == other.module || call.is_some() || std::ptr::eq(of, reader) {
                true => label,
                false => format!("{}/{label}", self.modules[of.module as usize]),
            }
        };
        (name(reader, target), name(target, reader))
    }

    /// Where an order of a task behind another would be written: at the task, or at the call that the other is not in.
    pub(super) fn speaker_place(&self, reader: u32, target: u32) -> (FileId, crate::doc::Span) {
        let (reader, target) = (&self.tasks[reader as usize], &self.tasks[target as usize]);
        let inside: Vec<u32> = self.scopes.around(target.scope).collect();
        let apart = self.scopes.around(reader.scope).take_while(|scope| !inside.contains(scope)).last();
        let call = apart.and_then(|scope| self.scopes.get(scope).call.as_deref());
        call.map_or((reader.file, reader.task.span), |call| (call.file, call.span))
    }

    /// Whether the conditions of a task depend on what was given from outside, so that they may be otherwise in another
    /// build or in another call.
    pub(super) fn depends_on_given(&self, task: u32) -> bool {
        let declared = &self.tasks[task as usize];
        let given = |located: &crate::ir::Located| {
            let mut open = vec![&located.expr];
            while let Some(expr) = open.pop() {
                if let ExprKind::Name(name) = &expr.kind
                    && self.scopes.lookup(declared.scope, name).is_some()
                {
                    return true;
                }
                expr.kind.children(&mut |child| open.push(child));
            }
            false
        };
        let control = &declared.task.control;
        let guards = control.onlyif.iter().chain(&control.unless).filter_map(|guard| guard.expr());
        self.scopes.calls(declared.scope).next().is_some() || control.when.iter().chain(guards).any(given)
    }

    /// Says of problems from `before` on where the procedure was called they are in.
    pub(super) fn called_from(&self, scope: u32, before: usize, diagnostics: &mut Diagnostics) {
        if diagnostics.len() == before || self.scopes.get(scope).above.is_none() {
            return;
        }
        let calls: Vec<(FileId, crate::doc::Span)> = self
            .scopes
            .around(scope)
            .map(|scope| self.scopes.get(scope))
            .filter(|scope| scope.segment.is_some())
            .filter_map(|scope| scope.call.as_deref())
            .map(|call| (call.file, call.span))
            .collect();
        diagnostics.change_from(before, |problem| {
            for &(file, span) in calls.iter().take(3) {
                // A problem of the call itself is told where it is.
                if problem.place.is_some_and(|(f, s)| f == file && s.start <= span.start && span.start < s.end) {
                    continue;
                }
                problem.labels.push(crate::diag::Label { file, span, text: "called from here".into() });
            }
        });
    }
}
