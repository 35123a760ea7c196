//! Procedures that nothing calls are expanded once for themselves, with inputs of which nothing but the type is known:
//! so a library is checked although nobody uses it. The tasks belong to no build.

use super::{Expander, Program, Scope};
use crate::ir::Module;
use crate::ir::surface::Procedure;
use crate::source::FileId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most calls that are expanded for procedures nobody calls: what is deeper is checked by what is called.
const MAX_INSTANCES: usize = 1 << 12;

impl Expander<'_> {
    /// The build, and beside it procedures that nothing calls.
    pub(super) fn finish(mut self) -> Program {
        self.settle(0);
        let mut idle: Vec<(u32, Arc<Procedure>, FileId)> = self
            .procedures
            .iter()
            .filter(|((home, _), (procedure, _))| !self.called.contains(&(*home, procedure.name.clone())))
            .map(|((home, _), (procedure, file))| (*home, procedure.clone(), *file))
            .collect();
        if idle.is_empty() || self.full {
            return Program { modules: self.out, scopes: self.scopes, trial: None };
        }
        idle.sort_by_key(|(_, procedure, file)| (file.0, procedure.span.start));
        let (modules, scopes) = (self.out.clone(), self.scopes.clone());
        self.most = Some(self.instances.saturating_add(MAX_INSTANCES));
        for (home, procedure, file) in idle {
            self.trial(home, &procedure, file);
        }
        self.settle(modules.len());
        let trial = Program { modules: self.out, scopes: self.scopes, trial: None };
        Program { modules, scopes, trial: Some(Box::new(trial)) }
    }

    fn trial(&mut self, home: u32, procedure: &Arc<Procedure>, file: FileId) {
        let module = self.scopes.module(home);
        let Some(name) = self.scopes.modules.iter().find(|(_, scope)| **scope == module).map(|(name, _)| name.clone())
        else {
            return;
        };
        let own = self.scopes.add(Scope {
            outer: Some(home),
            above: Some(home),
            prefix: format!("{}/", procedure.name),
            is_call: true,
            trial: true,
            ..Scope::default()
        });
        self.scopes.list[own as usize].home = own;
        self.declare(own, file, &procedure.surface, &mut BTreeMap::new(), None);
        // Where a value is not known it counts for nothing what it would be if none were given.
        for binding in self.scopes.list[own as usize].names.values_mut() {
            if let Some(incoming) = binding.kind.incoming_mut() {
                incoming.value = None;
            }
        }
        let tasks = procedure.tasks.clone();
        let body = Module { named: true, scope: own, tasks, ..Module::new(&name, file) };
        self.active.push((home, procedure.name.clone(), file, procedure.span));
        self.part(body);
        self.active.pop();
    }
}
