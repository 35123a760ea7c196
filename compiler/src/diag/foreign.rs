//! Words of neighbouring systems, and what they are called here.
//!
//! Whoever comes from Salt, Ansible or Kubernetes writes their words first. Spelling cannot tell what they mean, so
//! this table does. Unaware of: whether a word is known here; it is asked only about those that are not.

/// Where a word was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// Where a keyword or a built-in is expected.
    Key,
    /// Where an argument of a built-in is expected.
    Argument,
    /// A name or a function in an expression.
    Name,
}

/// A word of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Where it is written.
    pub spot: Spot,
    /// The word.
    pub word: &'static str,
    /// Whose word it is.
    pub system: &'static str,
    /// What to write here.
    pub advice: &'static str,
    /// The word that can simply be put in its place.
    pub ours: Option<&'static str>,
}

macro_rules! rows {
    ($($spot:ident $system:literal { $($word:literal $advice:literal $(=> $ours:literal)?;)* })*) => {
        /// All words, by spot and system.
        pub const TABLE: &[Foreign] = &[$($(Foreign {
            spot: Spot::$spot,
            word: $word,
            system: $system,
            advice: $advice,
            ours: rows!(@ours $($ours)?),
        },)*)*];
    };
    (@ours) => { None };
    (@ours $ours:literal) => { Some($ours) };
}

rows! {
    Key "Salt" {
        "require" "write `requires`, or `depends_on` if a skipped target shall skip this task too" => "requires";
        "require_any" "write `requires_any`" => "requires_any";
        "onchanges" "write `onchange`" => "onchange";
        "onchanges_any" "write `onchange`: any change is enough" => "onchange";
        "onfail_any" "write `onfail`: any failure is enough" => "onfail";
        "watch_any" "write `watch`: any change is enough" => "watch";
        "require_in" "write `requires` in the other task, naming this one";
        "watch_in" "write `watch` in the other task, naming this one";
        "listen_in" "write `listen` in the other task, naming this one";
        "onchanges_in" "write `onchange` in the other task, naming this one";
        "prereq_in" "write `prereq` in the other task, naming this one";
        "use_in" "write `use` in the other task, naming this one";
        "onfail_in" "write `runonfail`" => "runonfail";
        "failhard" "write `stoponfail`" => "stoponfail";
        "check_cmd" "write `expect`, an expression that must hold after the task";
        "parallel" "write `modeofexec: parallel`";
        "include" "write a label with the built-in `ipcmm.include`";
        "extend" "write `use` in a task of your own, or give the other module inputs";
        "fire_event" "events belong to a later version";
        "names" "write `loop_in: [a, b]`, and `${item}` where the name stands";
        "name" "what a task works on is an argument, such as `path` or `cmd`, under `args`";
        "reload_modules" "leave it out: built-ins are part of the agent";
    }
    Key "Ansible" {
        "hosts" "write `target` in a task: which nodes it is for";
        "tasks" "leave it out: every label of a module is a task";
        "handlers" "leave it out: a task with `listen` is a handler";
        "notify" "write `listen` in the other task, naming this one; `watch` reacts at once";
        "roles" "write a label with the built-in `ipcmm.include`";
        "pre_tasks" "write labels and say with `requires` what comes first";
        "post_tasks" "write labels and say with `requires` what comes first";
        "gather_facts" "leave it out: facts that are used are gathered";
        "register" "write `result`" => "result";
        "become" "write `runas: root`";
        "become_user" "write `runas`" => "runas";
        "with_items" "write `loop_in`" => "loop_in";
        "with_dict" "write `loop_in`; `item.key` and `item.value` are the entry" => "loop_in";
        "with_fileglob" "write `loop_in` over a list that is known at build";
        "loop" "write `loop_in`" => "loop_in";
        "loop_control" "leave it out: `item`, `key` and `index` are known under `loop_in`";
        "changed_when" "write `result: {changed_if: …}`";
        "failed_when" "write `result: {failed_if: …}`";
        "ignore_errors" "name the task by `runafter` instead of `requires` where its failure does not matter";
        "any_errors_fatal" "write `stoponfail`" => "stoponfail";
        "until" "write `retry: {until: …, attempts: …, interval: …}`";
        "retries" "write `retry: {attempts: …}`, counting the first execution too";
        "delay" "write `retry: {interval: …}`";
        "delegate_to" "write `target`: which node the task is for";
        "run_once" "write `target` with the name of one node";
        "vars" "write `context`: names for the expressions of this task" => "context";
        "environment" "write `env`" => "env";
        "check_mode" "write `test: true` for a task that only looks";
        "no_log" "leave it out: a value of type `secret<T>` is never shown";
        "block" "write labels; what they have in common stands under `defaults`";
        "rescue" "write a task with `onfail`";
        "always" "write a task with `runafter`, or `postreq`";
        "async" "write `modeofexec: async`, and `timeout`";
        "poll" "leave it out: dependents wait for the end of the task";
        "serial" "leave it out: how many nodes work at once is said where a run is started";
        "throttle" "write `max`" => "max";
        "import_tasks" "write the built-in `ipcmm.include`";
        "include_tasks" "write the built-in `ipcmm.include`";
        "import_playbook" "write the built-in `ipcmm.include`";
    }
    Key "Kubernetes" {
        "apiVersion" "leave it out: a module says at most `ipcmm: 1`";
        "kind" "leave it out: what a label does is said by the built-in under it";
        "metadata" "leave it out: a label is the name of its task, `tags` are words to pick it by";
        "spec" "leave it out: arguments stand under the built-in, in `args`";
        "labels" "write `tags`, a list of words" => "tags";
        "annotations" "write `doc`" => "doc";
        "command" "write the built-in `ipcmm.run.cmd` with `args: {argv: […]}`";
        "dependsOn" "write `depends_on`" => "depends_on";
        "initContainers" "write labels and say with `requires` what comes first";
        "readinessProbe" "write the built-in `ipcmm.wait`";
        "livenessProbe" "write the built-in `ipcmm.wait`";
        "restartPolicy" "write `retry`";
    }
    Argument "Salt" {
        "name" "what a task works on has a name of its own, such as `path` or `cmd`";
        "contents" "write `content`" => "content";
        "user" "the owner of a file is `owner`; the user of a command is the keyword `runas`";
        "unless" "it is a keyword: write it beside `args`";
        "onlyif" "it is a keyword: write it beside `args`";
        "runas" "it is a keyword: write it beside `args`";
        "makedirs" "leave it out: write a task with `ipcmm.filesystem.dir`";
        "template" "leave it out: `${…}` in `content` stands for a value";
        "defaults" "leave it out: write `${…}` in `content`, and `context` for names";
        "context" "it is a keyword: write it beside `args`";
        "target" "write `path` for where the link is, and `to` for where it leads";
        "env" "it is a keyword: write it beside `args`";
        "timeout" "it is a keyword: write it beside `args`";
    }
    Argument "Ansible" {
        "dest" "write `path`" => "path";
        "src" "write `source`, a file beside this one" => "source";
        "state" "say it by the built-in: `ipcmm.filesystem.dir`, `.file`, `.link`, `.absent`";
        "chdir" "write `cwd`" => "cwd";
        "executable" "write `ipcmm.run.script` with `interpreter`";
        "_raw_params" "write `cmd`" => "cmd";
    }
    Argument "Kubernetes" {
        "command" "write `argv`, a list of words" => "argv";
        "workingDir" "write `cwd`" => "cwd";
    }
    Name "Salt" {
        "grains" "write `facts`, such as `facts.os.family`";
        "pillar" "declare an input: `declare: {in: {name: str}}`, and write its name";
        "salt" "an expression cannot call modules: use a fact, the result of an earlier task, or a function";
        "opts" "declare an input: `declare: {in: {name: str}}`, and write its name";
        "mine" "an expression sees this node only";
    }
    Name "the shell" {
        "test" "a command is written as a map: `{cmd: 'test -f /etc/x'}`; a file is asked for by `fs.exists('/etc/x')`";
        "grep" "a command is written as a map: `{cmd: 'grep -q a /etc/x'}`; a file is asked for by `fs.contains('/etc/x', 'a')`";
        "which" "a command is written as a map; a program is asked for by `command.exists('nginx')`";
        "systemctl" "a command is written as a map: `{argv: [systemctl, is-active, nginx]}`";
    }
    Name "Ansible" {
        "ansible_facts" "write `facts`, such as `facts.os.family`";
        "ansible_os_family" "write `facts.os.family`";
        "ansible_distribution" "write `facts.os.distribution`";
        "ansible_hostname" "write `node.name`";
        "inventory_hostname" "write `node.name`";
        "hostvars" "an expression sees this node only";
        "lookup" "an expression cannot read the build machine: declare an input, or name a file by `source`";
        "default" "write `value ?? other`";
        "bool" "write a comparison, such as `value == 'yes'`";
        "to_json" "write `json.encode`" => "json.encode";
        "from_json" "write `json.decode`" => "json.decode";
        "to_yaml" "write `yaml.encode`" => "yaml.encode";
        "from_yaml" "no function reads YAML: declare an input, or use `json.decode` of JSON";
        "to_nice_json" "write `json.encode(…, indent: 2)`";
        "to_nice_yaml" "write `yaml.encode`" => "yaml.encode";
        "regex_replace" "write `regex.replace`" => "regex.replace";
        "regex_search" "write `regex.find`, or the operator `matches` for a test" => "regex.find";
        "regex_findall" "write `regex.find_all`" => "regex.find_all";
        "regex_escape" "write `regex.escape`" => "regex.escape";
        "b64encode" "write `base64.encode`" => "base64.encode";
        "b64decode" "write `base64.decode`" => "base64.decode";
        "length" "write `len`" => "len";
        "sort" "write `sorted`" => "sorted";
        "reverse" "write `reversed` for a list, `reverse_text` for a text" => "reversed";
        "string" "write `str`" => "str";
        "list" "leave it out: functions give lists; `keys` and `values` make one of a map";
        "quote" "write `shell_quote`; in `cmd` every `${…}` is quoted already" => "shell_quote";
        "combine" "write `merge`, or `merge_deep` for maps within maps" => "merge";
        "dict2items" "write `to_pairs`" => "to_pairs";
        "items2dict" "write `from_pairs`" => "from_pairs";
        "selectattr" "write `filter(x => x.name == …)`";
        "rejectattr" "write `filter(x => not (x.name == …))`";
        "select" "write `filter(x => …)`";
        "reject" "write `filter(x => not (…))`";
        "ternary" "write `condition ? a : b`";
        "ipaddr" "write `ip(…)` or `cidr(…)`";
        "version_compare" "write `semver(a) < semver(b)`";
    }
    Name "Python" {
        "True" "write `true`" => "true";
        "False" "write `false`" => "false";
        "None" "write `null`" => "null";
        "set" "write `unique`: a set is a list without repetitions" => "unique";
        "dict" "write a map, `{a: 1}`, or `from_pairs`";
        "sha256" "write `hash.sha256`" => "hash.sha256";
        "sha512" "write `hash.sha512`" => "hash.sha512";
        "open" "an expression cannot read files: name one by `source`, or ask the node by `fs.contains`";
        "print" "an expression has no effects: `ipcmm.eval` keeps its value";
    }
    Name "Jinja" {
        "none" "write `null`" => "null";
        "loop" "write `item`, `key` or `index`";
    }
    Name "YAML 1.1" {
        "yes" "write `true`; a text is written in quotes: 'yes'" => "true";
        "Yes" "write `true`; a text is written in quotes: 'Yes'" => "true";
        "on" "write `true`; a text is written in quotes: 'on'" => "true";
        "On" "write `true`; a text is written in quotes: 'On'" => "true";
        "no" "write `false`; a text is written in quotes: 'no'" => "false";
        "No" "write `false`; a text is written in quotes: 'No'" => "false";
        "off" "write `false`; a text is written in quotes: 'off'" => "false";
        "Off" "write `false`; a text is written in quotes: 'Off'" => "false";
    }
    Name "JavaScript" {
        "undefined" "write `null`" => "null";
        "nil" "write `null`" => "null";
    }
    Name "OpsBro" {
        "string_upper" "write `upper`" => "upper";
        "string_lower" "write `lower`" => "lower";
        "string_split" "write `split`" => "split";
        "string_join" "write `join`" => "join";
        "shuffle" "write `random.shuffle`, with a `seed`" => "random.shuffle";
        "randomint_between" "write `random.int`, with a `seed`" => "random.int";
        "set_difference" "write `difference`" => "difference";
        "set_intersection" "write `intersection`" => "intersection";
        "path_dirname" "write `dirname`" => "dirname";
        "file_exists" "write `fs.exists`" => "fs.exists";
        "is_dir" "write `fs.is_dir`" => "fs.is_dir";
        "is_link" "write `fs.is_link`" => "fs.is_link";
        "is_plain_file" "write `fs.is_file`" => "fs.is_file";
        "grep_file" "write `fs.contains`, or `fs.matches` for a pattern" => "fs.contains";
        "parse_json_file" "write `json.decode`, of a text that a task brings";
        "system_get_os" "write `facts.os.family`";
        "system_user_exists" "write `user.exists`" => "user.exists";
        "system_group_exists" "write `group.exists`" => "group.exists";
        "has_package" "ask by a command: `{cmd: 'dpkg -s nginx'}`";
        "check_tcp" "write `net.listens`" => "net.listens";
    }
    Name "Helm" {
        "Values" "declare an input: `declare: {in: {name: str}}`, and write its name";
        "Release" "declare an input: `declare: {in: {name: str}}`, and write its name";
    }
}

/// What a word means here, if another system has it at this spot.
pub fn word(spot: Spot, word: &str) -> Option<&'static Foreign> {
    TABLE.iter().find(|row| row.spot == spot && row.word == word)
}

impl Foreign {
    /// The advice as a help text.
    pub fn help(&self) -> String {
        format!("`{}` is a word of {}: {}", self.word, self.system, self.advice)
    }
}

/// Modules of Salt and Ansible that stand where a built-in is expected, and the built-in that does the work here.
const MODULES: &[(&str, &str)] = &[
    ("file.managed", "ipcmm.filesystem.file"),
    ("file.directory", "ipcmm.filesystem.dir"),
    ("file.symlink", "ipcmm.filesystem.link"),
    ("file.absent", "ipcmm.filesystem.absent"),
    ("file.line", "ipcmm.filesystem.line"),
    ("file.append", "ipcmm.filesystem.line"),
    ("file.replace", "ipcmm.filesystem.line"),
    ("file.blockreplace", "ipcmm.filesystem.block"),
    ("file.copy", "ipcmm.filesystem.copy"),
    ("file.recurse", "ipcmm.filesystem.copy"),
    ("archive.extracted", "ipcmm.filesystem.archive"),
    ("mount.mounted", "ipcmm.filesystem.mount"),
    ("cmd.run", "ipcmm.run.cmd"),
    ("cmd.wait", "ipcmm.run.cmd"),
    ("cmd.script", "ipcmm.run.script"),
    ("test.nop", "ipcmm.nop"),
    ("pkg.installed", "ipcmm.os.package"),
    ("pkg.latest", "ipcmm.os.package"),
    ("pkg.removed", "ipcmm.os.package"),
    ("pkgrepo.managed", "ipcmm.os.repo"),
    ("service.running", "ipcmm.os.service"),
    ("service.enabled", "ipcmm.os.service"),
    ("service.dead", "ipcmm.os.service"),
    ("user.present", "ipcmm.os.user"),
    ("group.present", "ipcmm.os.group"),
    ("cron.present", "ipcmm.os.cron"),
    ("timezone.system", "ipcmm.os.timezone"),
    ("sysctl.present", "ipcmm.sys.sysctl"),
    ("copy", "ipcmm.filesystem.file"),
    ("template", "ipcmm.filesystem.file"),
    ("file", "ipcmm.filesystem.file"),
    ("lineinfile", "ipcmm.filesystem.line"),
    ("blockinfile", "ipcmm.filesystem.block"),
    ("unarchive", "ipcmm.filesystem.archive"),
    ("get_url", "ipcmm.filesystem.fetch"),
    ("mount", "ipcmm.filesystem.mount"),
    ("shell", "ipcmm.run.cmd"),
    ("raw", "ipcmm.run.cmd"),
    ("script", "ipcmm.run.script"),
    ("debug", "ipcmm.nop"),
    ("pause", "ipcmm.sleep"),
    ("wait_for", "ipcmm.wait"),
    ("set_fact", "ipcmm.eval"),
    ("assert", "ipcmm.eval"),
    ("apt", "ipcmm.os.package"),
    ("yum", "ipcmm.os.package"),
    ("dnf", "ipcmm.os.package"),
    ("package", "ipcmm.os.package"),
    ("apt_repository", "ipcmm.os.repo"),
    ("service", "ipcmm.os.service"),
    ("systemd", "ipcmm.os.service"),
    ("user", "ipcmm.os.user"),
    ("group", "ipcmm.os.group"),
    ("cron", "ipcmm.os.cron"),
    ("hostname", "ipcmm.os.hostname"),
    ("timezone", "ipcmm.os.timezone"),
    ("sysctl", "ipcmm.sys.sysctl"),
];

/// The built-in that does what a module of Salt or Ansible does.
pub fn module(written: &str) -> Option<&'static str> {
    let short = written.strip_prefix("ansible.builtin.").or_else(|| written.strip_prefix("ansible.legacy."));
    let name = short.unwrap_or(written);
    MODULES.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_bytecode::Function;
    use ipcmm_grammar::keywords::Keyword;
    use ipcmm_stdlib::{BUILTINS, PLANNED, by_name};

    #[test]
    fn words_are_foreign_and_advice_is_ours() {
        for row in TABLE {
            let double = TABLE.iter().filter(|other| other.spot == row.spot && other.word == row.word).count();
            assert_eq!(double, 1, "{} is there twice", row.word);
            if row.spot == Spot::Name {
                assert!(Function::from_name(row.word).is_none(), "{} is our own", row.word);
            }
            if row.spot == Spot::Key {
                assert_eq!(Keyword::from_name(row.word), None, "{} is our own", row.word);
            }
            match (row.spot, row.ours) {
                (Spot::Key, Some(ours)) => assert!(Keyword::from_name(ours).is_some(), "{ours}"),
                (Spot::Argument, Some(ours)) => assert!(BUILTINS.iter().any(|b| b.param(ours).is_some()), "{ours}"),
                (Spot::Name, Some(ours)) => {
                    let constant = ["true", "false", "null"].contains(&ours);
                    assert!(constant || Function::from_name(ours).is_some(), "{ours}");
                }
                (_, None) => {}
            }
        }
        for (theirs, ours) in MODULES {
            let planned = PLANNED.iter().any(|p| ours == p || ours.strip_prefix(p).is_some_and(|r| r.starts_with('.')));
            assert!(by_name(ours).is_some() || planned, "{theirs}: there is no {ours}");
        }
    }
}
