//! What a case asserts of this version: its `override` in place of what Salt does.

use super::Case;
use ipcmm_compiler::doc::NodeId;

/// The facts.
#[derive(Debug, Default)]
pub struct Asserted {
    /// `completed`, `compile-error` or `compiles`.
    pub status: String,
    /// Errors that are to be found at build.
    pub errors: Vec<Expected>,
    /// Tasks in order, if every position is asserted.
    pub order: Option<Vec<String>>,
    /// Tasks whose position among all that run is asserted.
    pub positions: Vec<(String, usize)>,
    /// Of tasks: name, field, values of which one is to be.
    pub facts: Vec<(String, String, Vec<String>)>,
    /// First and later task of every pair whose order is asserted.
    pub pairs: Vec<(String, String)>,
    /// Tasks that must not be reached.
    pub absent: Vec<String>,
    /// Paths that must not be there after the run.
    pub absent_paths: Vec<String>,
    /// Listeners, and whether their reaction runs after the last task.
    pub listeners: Vec<(String, bool)>,
    /// Whether something is to go wrong at run time.
    pub runtime_error: bool,
    /// Limits of times.
    pub timing: Vec<Timing>,
}

/// An error that is to be found at build.
#[derive(Debug)]
pub struct Expected {
    /// `unknown-target`, `malformed-requisite` or `cycle`.
    pub kind: String,
    /// Names that its text is to hold: the task, or the members of a cycle.
    pub names: Vec<String>,
}

/// A limit of a time, in nanoseconds.
#[derive(Debug)]
pub struct Timing {
    /// As in the case.
    pub kind: String,
    /// The tasks it is about.
    pub tasks: Vec<String>,
    /// The limit.
    pub nanos: u64,
}

impl Case {
    /// All that the case asserts.
    ///
    /// # Errors
    /// If a part of it has no known form: words that say what.
    pub fn asserted(&self) -> Result<Asserted, String> {
        let text = |path: &str| self.text(self.root, path).map(str::to_owned);
        let words = |node: NodeId, field: &str| self.text(node, field).unwrap_or("").to_owned();
        let mut asserted = Asserted {
            status: text("ipcmm.override.status").or(text("expect.status")).unwrap_or_default(),
            absent: self.words(self.at("expect.absent")),
            absent_paths: self.words(self.at("expect.absent_paths")),
            ..Asserted::default()
        };
        let told = |node: NodeId| self.text(node, "asserted") != Some("false");
        for error in self.items(self.errors()).into_iter().filter(|e| told(*e)) {
            let mut names = self.words(self.get(error, "members"));
            // One that is asserted in part only names nothing for sure.
            if self.text(error, "asserted") == Some("true") {
                names.extend(self.text(error, "task").map(str::to_owned));
            }
            asserted.errors.push(Expected { kind: words(error, "kind"), names });
        }
        let order = self.words(self.at("expect.order"));
        if text("expect.order_asserted").as_deref() == Some("true") {
            asserted.order = Some(order.clone());
        }
        for pair in self.items(self.at("must_precede")) {
            if let [first, later] = self.words(Some(pair)).as_slice() {
                asserted.pairs.push((first.clone(), later.clone()));
            }
        }
        self.facts(&order, &mut asserted);
        for listener in self.items(self.at("expect.listeners")) {
            if self.text(listener, "asserted") == Some("true") {
                asserted.listeners.push((words(listener, "task"), self.text(listener, "fires") == Some("true")));
            }
        }
        asserted.runtime_error =
            self.items(self.at("expect.runtime_errors")).into_iter().any(|e| self.text(e, "asserted") == Some("true"));
        for limit in self.items(self.at("expect.timing")) {
            let kind = words(limit, "kind");
            let known = ["total-less-than", "task-duration-less-than", "start-gap-less-than", "start-gap-more-than"];
            let number = |field: &str| self.text(limit, field).and_then(|t| t.parse::<f64>().ok());
            let nanos = number("seconds").map(|s| s * 1e9).or(number("milliseconds").map(|ms| ms * 1e6));
            let (true, Some(nanos)) = (known.contains(&kind.as_str()), nanos) else {
                return Err(format!("the limit `{kind}` of a time is not known"));
            };
            let tasks = ["task", "first", "second"].iter().filter_map(|f| self.text(limit, f)).map(str::to_owned);
            asserted.timing.push(Timing { kind, tasks: tasks.collect(), nanos: nanos as u64 });
        }
        Ok(asserted)
    }

    fn facts(&self, order: &[String], asserted: &mut Asserted) {
        // The fields of a row that are asserted say what is to be; in a row that overrides, all are.
        let instead = self.entries(self.at("ipcmm.override.tasks"));
        for (task, row) in &instead {
            for (field, value) in self.entries(Some(*row)).into_iter().filter(|(field, _)| *field != "asserted") {
                asserted.facts.push(((*task).to_owned(), field.to_owned(), self.value(value)));
            }
        }
        for (task, row) in self.entries(self.at("expect.tasks")) {
            let replaced = instead.iter().find(|(name, _)| *name == task).map(|(_, row)| *row);
            for field in self.words(self.get(row, "asserted")) {
                if field == "position" {
                    asserted.positions.extend(order.iter().position(|t| t == task).map(|at| (task.to_owned(), at)));
                } else if replaced.is_none_or(|row| self.get(row, &field).is_none())
                    && let Some(value) = self.get(row, &field)
                {
                    asserted.facts.push((task.to_owned(), field, self.value(value)));
                }
            }
        }
        if let (Some(all), Some(count)) = (self.at("expect.all_tasks"), self.generated()) {
            for field in self.words(self.get(all, "asserted")) {
                if let Some(value) = self.get(all, &field).map(|value| self.value(value)) {
                    let each = (0..count).map(|i| (format!("nop-{i}"), field.clone(), value.clone()));
                    asserted.facts.extend(each);
                }
            }
            asserted.pairs.extend((1..count).map(|i| (format!("nop-{}", i - 1), format!("nop-{i}"))));
        }
    }

    /// A value of a row, or the several of which one is to be. Null is a value.
    fn value(&self, node: NodeId) -> Vec<String> {
        let words = self.one_or_more(Some(node));
        if words.is_empty() { vec!["null".to_owned()] } else { words }
    }
}
