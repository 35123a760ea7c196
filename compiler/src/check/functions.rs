//! Functions and lambdas of sources: who is called what, bodies typed and compiled.

use super::expr::Typing;
use super::fold::{self, Library};
use super::inline::Inlining;
use super::names::Index;
use super::scope::{Given, Local, Scope};
use super::types::{needs_look, shape};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::expand::BindingKind;
use crate::graph::{self, Expr, ExprKind};
use crate::ir::{self, Located, Module};
use crate::source::FileId;
use ipcmm_bytecode::Function;
use ipcmm_grammar::ast::{self, Span};
use ipcmm_grammar::types::Type;
use rustc_hash::FxHashMap;
use std::cell::Cell;

/// What a name means that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A function, by its number.
    Function(u32),
    /// A lambda, by its number.
    Lambda(u32),
}

/// Whether one more lambda can be written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It can.
    Enough,
    /// It is the first that cannot, and this is to be told.
    Spent,
    /// It cannot, and that was told.
    None,
}

/// A lambda and the file it stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lambda<'a> {
    pub name: &'a str,
    pub file: FileId,
    pub located: &'a Located,
}

impl<'a> Lambda<'a> {
    /// Its parameters.
    pub fn params(&self) -> &'a [ast::Ident] {
        match &self.located.expr.kind {
            ast::ExprKind::Lambda { params, .. } => params,
            _ => &[],
        }
    }

    /// Its body; `None` if it is no lambda, which was reported.
    pub fn body(&self) -> Option<&'a ast::Expr> {
        match &self.located.expr.kind {
            ast::ExprKind::Lambda { body, .. } => Some(body),
            _ => None,
        }
    }
}

/// A function and where it is defined: its module, the scope of its names, its file.
#[derive(Clone, Copy, Debug)]
struct Defined<'a> {
    module: u32,
    scope: u32,
    file: FileId,
    function: &'a ir::Function,
}

/// All functions and lambdas of a build.
pub(super) struct Functions<'a> {
    functions: Vec<Defined<'a>>,
    lambdas: Vec<Lambda<'a>>,
    names: FxHashMap<(u32, &'a str), Named>,
    /// For each function, for each parameter, its default.
    defaults: Vec<Vec<Option<Expr>>>,
    bodies: Vec<Expr>,
    /// The functions as code, to fold calls with.
    pub library: Library,
    inlined: Cell<u32>,
}

impl<'a> Functions<'a> {
    /// Collects and types everything that is defined.
    pub fn new(modules: &'a [Module], index: &Index<'a>, diagnostics: &mut Diagnostics) -> Functions<'a> {
        let mut all = Functions {
            functions: Vec::new(),
            lambdas: Vec::new(),
            names: FxHashMap::default(),
            defaults: Vec::new(),
            bodies: Vec::new(),
            library: Library::default(),
            inlined: Cell::new(0),
        };
        all.collect(modules, index, diagnostics);
        let defaults = (0..all.functions.len()).map(|n| all.typed_defaults(n, index, diagnostics)).collect();
        all.defaults = defaults;
        let bodies = (0..all.functions.len()).map(|n| all.typed_body(n, index, diagnostics)).collect();
        all.bodies = bodies;
        all.library = Library::new(&all.compiled());
        all
    }

    fn collect(&mut self, modules: &'a [Module], index: &Index<'a>, diagnostics: &mut Diagnostics) {
        let mut places: FxHashMap<(u32, &str), (FileId, Span)> = FxHashMap::default();
        let numbers: FxHashMap<&str, u32> = index.modules.iter().map(String::as_str).zip(0..).collect();
        for part in modules {
            let Some(&module) = numbers.get(part.name.as_str()) else { continue };
            let scope = index.scopes.home(part.scope);
            let mut add = |name: &'a str, span: Span, named: Named, names: &mut FxHashMap<(u32, &'a str), Named>| {
                if Function::from_name(name).is_some() || name == "secret" {
                    let message = format!("`{name}` is a function of the library");
                    diagnostics.push(
                        Diagnostic::new(Code::ShadowedFunction, part.file, span, message).help("give it another name"),
                    );
                } else if let Some((file, first)) = places.insert((scope, name), (part.file, span)) {
                    let message = format!("`{name}` is defined twice");
                    diagnostics.push(Diagnostic::new(Code::DuplicateFunction, part.file, span, message).label(
                        file,
                        first,
                        "first defined here",
                    ));
                } else {
                    names.insert((scope, name), named);
                }
            };
            for function in &part.functions {
                let number = Named::Function(self.functions.len() as u32);
                add(&function.name, function.span, number, &mut self.names);
                self.functions.push(Defined { module, scope, file: part.file, function });
            }
            for lambda in &part.lambdas {
                let number = Named::Lambda(self.lambdas.len() as u32);
                add(&lambda.name, lambda.span, number, &mut self.names);
                self.lambdas.push(Lambda { name: &lambda.name, file: part.file, located: &lambda.located });
            }
        }
    }

    /// What a name means in a scope when it is called: one of the scope or around it, or `alias.name`.
    pub fn resolve(&self, index: &Index<'_>, scope: u32, name: &str) -> Option<Named> {
        if self.names.is_empty() {
            return None;
        }
        let own = |scope: u32, name: &str| self.names.get(&(scope, name)).copied();
        index.scopes.chain(scope).find_map(|scope| own(scope, name)).or_else(|| {
            let (alias, name) = name.split_once('.')?;
            match &index.scopes.lookup(scope, alias)?.1.kind {
                BindingKind::Module(module, only) => {
                    let wanted = only.as_ref().is_none_or(|only| only.iter().any(|n| n == name));
                    own(*module, name).filter(|_| wanted)
                }
                BindingKind::Result(scopes, false) => own(index.scopes.home(*scopes.first()?), name),
                _ => None,
            }
        })
    }

    /// Names that can be called in a scope, for suggestions.
    pub fn names(&self, index: &Index<'_>, scope: u32) -> impl Iterator<Item = &'a str> + '_ {
        let chain: Vec<u32> = index.scopes.chain(scope).collect();
        self.names.keys().filter(move |(scope, _)| chain.contains(scope)).map(|(_, name)| *name)
    }

    /// A function.
    pub fn function(&self, number: u32) -> &'a ir::Function {
        self.functions[number as usize].function
    }

    /// A lambda.
    pub fn lambda(&self, number: u32) -> Lambda<'a> {
        self.lambdas[number as usize]
    }

    /// The default of a parameter.
    pub fn default(&self, function: u32, param: usize) -> Option<Expr> {
        let known = self.defaults.get(function as usize).and_then(|params| params.get(param)).cloned().flatten();
        // While defaults are being typed they do not know each other.
        let declared = self.function(function).params.get(param).and_then(|p| p.default.as_ref());
        known.or_else(|| declared.map(|located| Expr::error(located.scalar)))
    }

    /// Where a function says what it returns, for messages.
    pub fn declared(&self, number: u32) -> Option<(FileId, Span, String)> {
        let Defined { file, function, .. } = self.functions.get(number as usize)?;
        Some((*file, function.span, format!("`{}` returns {}", function.name, function.returns)))
    }

    /// Takes note of a lambda that is written out, of which there can be `most` bytes of text.
    pub fn may_inline(&self, bytes: u32, most: u32) -> Room {
        // Even the shortest costs something.
        let before = self.inlined.get();
        self.inlined.set(before.saturating_add(bytes).saturating_add(16));
        match (before > most, self.inlined.get() > most) {
            (_, false) => Room::Enough,
            (false, true) => Room::Spent,
            (true, _) => Room::None,
        }
    }

    fn typing<'d>(
        &'d self,
        number: usize,
        index: &'d Index<'d>,
        diagnostics: &'d mut Diagnostics,
        read_result: &'d mut super::expr::ReadResult<'d>,
    ) -> Typing<'d, 'd>
    where
        'a: 'd,
    {
        let Defined { scope, file, .. } = self.functions[number];
        Typing {
            index,
            module: scope,
            inlining: Inlining::default(),
            file,
            diagnostics,
            context: Vec::new(),
            own_result: None,
            phases: false,
            read_result,
            functions: self,
            inlined: Vec::new(),
            demand: None,
        }
    }

    fn scope(&self, place: String) -> Scope {
        let mut scope = Scope::new(place, &Given::default());
        scope.function = true;
        scope
    }

    fn typed_defaults(&self, number: usize, index: &Index<'a>, diagnostics: &mut Diagnostics) -> Vec<Option<Expr>> {
        let function = self.functions[number].function;
        let mut nothing = |_: u32, _: FileId, _: Span, _: &mut Diagnostics| None;
        let mut typing = self.typing(number, index, diagnostics, &mut nothing);
        let default = |param: &ir::Param| {
            let located = param.default.as_ref()?;
            let place = format!("the default of `{}`", param.name);
            let expr = typing.located(located, &mut self.scope(place.clone()));
            let fits = typing.want(&expr, &param.ty, &place) && typing.refined(&expr, &param.ty, &place);
            Some(if fits { known(expr, &place, &mut typing) } else { Expr::error(located.scalar) })
        };
        function.params.iter().map(default).collect()
    }

    fn typed_body(&self, number: usize, index: &Index<'a>, diagnostics: &mut Diagnostics) -> Expr {
        let Defined { file, function, .. } = self.functions[number];
        let Some(located) = &function.body else { return Expr::error(function.span) };
        let mut nothing = |_: u32, _: FileId, _: Span, _: &mut Diagnostics| None;
        let mut typing = self.typing(number, index, diagnostics, &mut nothing);
        let place = format!("the body of `{}`", function.name);
        let mut scope = self.scope(place.clone());
        scope.locals.extend(function.params.iter().map(|param| Local {
            name: param.name.clone(),
            ty: param.ty.clone(),
            origin: Some((file, param.span, format!("it is {}, as it says here", param.ty))),
        }));
        let expr = typing.located(located, &mut scope);
        let returns = format!("`{}` returns", function.name);
        let origin = match expr.kind {
            ExprKind::Local(at) => scope.locals.get(at as usize).and_then(|local| local.origin.clone()),
            _ => None,
        };
        let fits = typing.demand(&expr, &function.returns, &returns, origin.into_iter().collect())
            && typing.refined(&expr, &function.returns, &place);
        match fits {
            true if needs_look(&expr.ty, &function.returns) => {
                let span = expr.span;
                let shape = shape(&function.returns);
                Expr { kind: ExprKind::Want(Box::new(expr), shape), ty: function.returns.clone(), span }
            }
            true => expr,
            false => Expr::error(function.span),
        }
    }

    fn compiled(&self) -> Vec<Option<crate::emit::code::Compiled>> {
        self.functions.iter().zip(&self.bodies).map(|(f, body)| fold::function(body, f.function.params.len())).collect()
    }

    /// The functions as the graph holds them.
    pub fn into_graph(self) -> Vec<graph::Function> {
        let functions = self.functions.into_iter().zip(self.bodies);
        let function = |(Defined { module, file, function, .. }, body): (Defined<'_>, Expr)| graph::Function {
            module,
            name: function.name.clone(),
            file,
            span: function.span,
            params: function.params.len() as u32,
            body,
        };
        functions.map(function).collect()
    }
}

/// A default as a constant: it is known before any function is.
fn known(expr: Expr, place: &str, typing: &mut Typing<'_, '_>) -> Expr {
    let (code, message) = match fold::value(&expr, &Library::default()) {
        Some(Ok(value)) => return Expr::constant(value, expr.ty, expr.span),
        _ if expr.ty == Type::Error => return Expr::error(expr.span),
        Some(Err(fault)) => (Code::ConstantFault, format!("{place} cannot be computed: {fault}")),
        None => (Code::NotConstant, format!("{place} must be a constant, without functions of sources")),
    };
    typing.report(Diagnostic::new(code, typing.file, expr.span, message));
    Expr::error(expr.span)
}
