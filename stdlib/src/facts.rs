//! The schema of facts: every path an expression may read under `facts.` and `node.`, its type, and its source.

/// One fact.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Path as written in sources.
    pub path: &'static str,
    /// Type, in the type language of sources.
    pub ty: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

/// Calls `$m!` with every fact: path, type, doc. Rows are in path order.
#[macro_export]
macro_rules! for_each_fact {
    ($m:ident) => {
        $m! {
            "facts.cpu.arch" "str" "Machine architecture as the kernel names it, such as `x86_64`.";
            "facts.cpu.count" "int" "Processors this process may use.";
            "facts.cpu.model" "str" "Model name of the first processor; empty where the kernel gives none.";
            "facts.memory.available" "size" "Memory that can be had without swapping, in bytes.";
            "facts.memory.swap" "size" "Size of all swap areas, in bytes.";
            "facts.memory.total" "size" "Usable memory, in bytes.";
            "facts.os.codename" "str" "Release code name, such as `bookworm`; empty where there is none.";
            "facts.os.distribution" "str" "Identifier of the distribution, such as `debian`.";
            "facts.os.family" "str" "The distribution it descends from (`debian`, `rhel`, `suse`, …), or the distribution itself.";
            "facts.os.kernel" "str" "Kernel name, such as `Linux`.";
            "facts.os.kernel_release" "str" "Kernel release.";
            "facts.os.name" "str" "Name of the distribution with its version, for people.";
            "facts.os.version" "str" "Version of the distribution, such as `12`; empty for rolling ones.";
            "node.address" "str" "The address this node reaches others from; loopback where it has no route.";
            "node.fqdn" "str" "Fully qualified host name; the plain one where there is no domain.";
            "node.id" "str" "Stable identity of the machine.";
            "node.name" "str" "Host name.";
            "node.root" "str" "What every path of the run is put behind: empty for the machine itself, a folder for a trial.";
        }
    };
}

macro_rules! define_facts {
    ($($path:literal $ty:literal $doc:literal;)*) => {
        /// All facts in path order.
        pub const FACTS: &[Fact] = &[$(Fact { path: $path, ty: $ty, doc: $doc }),*];
    };
}
for_each_fact!(define_facts);

/// The fact at `path`.
pub fn by_path(path: &str) -> Option<&'static Fact> {
    FACTS.binary_search_by_key(&path, |f| f.path).ok().map(|i| &FACTS[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_path_order() {
        assert!(FACTS.windows(2).all(|w| w[0].path < w[1].path));
        assert!(by_path("node.name").is_some() && by_path("node").is_none());
    }
}
