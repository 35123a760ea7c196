//! Names of built-ins to their numbers: the catalog backwards.

use crate::Catalog;
use std::collections::HashMap;

/// Words that stand where the name of a built-in may stand.
const TAKEN: [&str; 2] = ["sequence", "builtin"];

/// The built-ins that can be written by name.
pub(super) struct Names {
    numbers: HashMap<&'static str, u16>,
}

impl Names {
    /// Asks the catalog for every number there is: a few milliseconds, once for a listing.
    pub(super) fn new(catalog: &dyn Catalog) -> Names {
        let mut numbers = HashMap::new();
        for number in 1..=u16::MAX {
            let Some(shape) = catalog.builtin(number) else { continue };
            let word = shape.name.chars().all(|c| !c.is_whitespace() && !matches!(c, ';' | '\'' | ','));
            if word && !shape.name.is_empty() && !TAKEN.contains(&shape.name) {
                numbers.entry(shape.name).or_insert(number);
            }
        }
        Names { numbers }
    }

    /// The number of a name.
    pub(super) fn number(&self, name: &str) -> Option<u16> {
        self.numbers.get(name).copied()
    }

    /// How a built-in is written in a listing.
    pub(super) fn written(&self, number: u16, catalog: &dyn Catalog) -> String {
        match catalog.builtin(number).map(|shape| shape.name) {
            Some(name) if self.number(name) == Some(number) => name.to_owned(),
            _ => format!("builtin {number}"),
        }
    }
}
