//! Every expression of a body, for whoever asks what it reads.

use super::{Argument, Body, Control, Expr, Guard};

impl Body {
    /// Calls `visit` with every expression of the body, of its guards and of its steps; not with parts of expressions.
    /// As deep as sources are nested, which their readers bound.
    pub fn each_expr<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for (_, argument) in &self.args {
            match argument {
                Argument::Value(expr) | Argument::Thunk(expr) => visit(expr),
                Argument::Asset(..) | Argument::Tasks(..) => {}
            }
        }
        let Control {
            target,
            when,
            onlyif,
            unless,
            loop_in,
            loop_if,
            loop_until,
            expect,
            retry,
            timeout: _,
            runas,
            env,
            failed_if,
            changed_if,
        } = &self.control;
        let until = retry.as_ref().and_then(|retry| retry.until.as_ref());
        let single = [target, when, loop_in, loop_if, loop_until, runas, failed_if, changed_if];
        single.into_iter().flatten().chain(until).for_each(&mut *visit);
        expect.iter().chain(env.iter().map(|(_, expr)| expr)).for_each(&mut *visit);
        for guard in onlyif.iter().chain(unless) {
            match guard {
                Guard::Expr(expr) => visit(expr),
                Guard::Command(body) => body.each_expr(visit),
            }
        }
        self.children.iter().for_each(|child| child.each_expr(visit));
    }
}
