//! A test that passes, for projects that are just begun. Unaware of: what else a new project holds.

/// A test document for a module whose label makes a file: it is made, has its content, and stays as it is.
pub fn template(label: &str, path: &str, content: &str) -> String {
    let quoted = |text: &str| ipcmm_bytecode::Value::str(text).to_string();
    let lines: String = content.lines().map(|line| format!("        {line}\n")).collect();
    format!(
        "# `ipcmmc test` runs this on a pretended node: no root, no container, no waiting.\n\
         makes the file:\n  \
           doc: On a node that has nothing yet, the file is made; a second run changes nothing.\n  \
           twice: true\n  \
           expect:\n    \
             outcomes: {{{}: changed}}\n    \
             files:\n      \
               {}: |\n{lines}",
        quoted(label),
        quoted(path),
    )
}

#[cfg(test)]
mod tests {
    use super::template;
    use crate::{Options, test};
    use ipcmm_compiler::world::memory::MemoryWorld;
    use std::path::PathBuf;

    #[test]
    fn the_template_passes() {
        let module =
            "make it:\n  ipcmm.filesystem.file: {args: {path: /etc/greeting, content: \"Hello.\\nBye.\\n\"}}\n";
        let files = [
            ("hello.ipcmm.yaml", module.to_owned()),
            ("hello.test.yaml", template("make it", "/etc/greeting", "Hello.\nBye.\n")),
        ];
        let world: MemoryWorld =
            files.into_iter().map(|(name, text)| (PathBuf::from(name), text.into_bytes())).collect();
        let report = test(&world, &[PathBuf::from("hello.ipcmm.yaml")], &Options::default());
        assert!(report.is_good() && report.cases.len() == 1, "{report:?}");
    }
}
