//! The table of built-ins. A row lands with its implementation, its page and its tests.

use crate::{Builtin, Default, Field, Param, Prediction};
use ipcmm_bytecode::Effect;
use ipcmm_bytecode::catalog::{Intrinsic, Reaction, Runs};

/// Calls `$m!` with every built-in. A row reads: number, variant, name, effect, who runs it, prediction, reaction,
/// parameters `name "type" = default "doc"`, groups of which exactly one is given, result fields, doc, example.
#[macro_export]
macro_rules! for_each_builtin {
    ($m:ident) => {
        $m! {
            1 RunCmd "ipcmm.run.cmd" [Change Runs::Host, Guards Covered]
            (
                argv "list<str>?" = Absent, "Program and arguments, each one word; nothing is split or expanded.";
                cmd "shell?" = Absent, "The command as one line: split into words like a shell would, or given to one if `shell` is true.";
                shell "bool" = Bool(false), "Run `cmd` by `/bin/sh -c`. Values put into it are quoted.";
                cwd "path?" = Absent, "Directory to run in.";
                stdin "str? | secret<str>" = Absent, "Text for its standard input, which is otherwise empty.";
                timeout "duration" = Seconds(300), "After this time the command and everything it started is killed.";
                creates "path?" = Absent, "Do not run if this exists.";
                removes "path?" = Absent, "Do not run if this does not exist.";
                ok_rc "list<int>" = Ints(&[0]), "Exit statuses that mean success.";
                changed_if "expr<bool>?" = Absent, "Whether the run changed something, judged from `result`; without it every run counts as a change.";
                output "'capture' | 'discard'" = Str("capture"), "Keep what it prints, or throw it away.";
                max_output "size" = Int(1_048_576), "How much of each stream is kept; the rest is read and dropped.";
                probe "bool" = Bool(false), "It only looks: it is run in dry runs too, and never counts as a change.";
            )
            one_of [&["argv", "cmd"]]
            {
                rc "int?" "Exit status; null if a signal ended it or it was not run.";
                signal "int?" "The signal that ended it.";
                stdout "str" "What it printed, as text.";
                stderr "str" "What it printed as errors, as text.";
                truncated "bool" "Whether output was dropped.";
                run_time "duration" "How long it ran.";
            }
            "Runs a command.\n\nWithout a shell unless asked; the environment is a small fixed one plus `env`. A time-out kills the whole process group, grandchildren included."
            "ipcmm: 1\nrefresh:\n  ipcmm.run.cmd:\n    args: {argv: [touch, /tmp/refreshed], creates: /tmp/refreshed}\n";

            2 RunScript "ipcmm.run.script" [Change Runs::Host, Guards Covered]
            (
                script "script?" = Absent, "The script itself. Nothing is interpolated: values reach it by `args` and `env`.";
                source "asset?" = Absent, "A script file, read at build and carried in the bundle by its hash.";
                args "list<any>" = EmptyList, "Arguments, each one word.";
                interpreter "str" = Str("/bin/sh"), "The program that reads the script; a `#!` line wins.";
                sha256 "str?" = Absent, "Refuse the script unless it has this SHA-256.";
                cwd "path?" = Absent, "Directory to run in.";
                stdin "str? | secret<str>" = Absent, "Text for its standard input, which is otherwise empty.";
                timeout "duration" = Seconds(300), "After this time the script and everything it started is killed.";
                creates "path?" = Absent, "Do not run if this exists.";
                removes "path?" = Absent, "Do not run if this does not exist.";
                ok_rc "list<int>" = Ints(&[0]), "Exit statuses that mean success.";
                changed_if "expr<bool>?" = Absent, "Whether the run changed something, judged from `result`; without it every run counts as a change.";
                output "'capture' | 'discard'" = Str("capture"), "Keep what it prints, or throw it away.";
                max_output "size" = Int(1_048_576), "How much of each stream is kept; the rest is read and dropped.";
                probe "bool" = Bool(false), "It only looks: it is run in dry runs too, and never counts as a change.";
            )
            one_of [&["script", "source"]]
            {
                rc "int?" "Exit status; null if a signal ended it or it was not run.";
                signal "int?" "The signal that ended it.";
                stdout "str" "What it printed, as text.";
                stderr "str" "What it printed as errors, as text.";
                truncated "bool" "Whether output was dropped.";
                run_time "duration" "How long it ran.";
                script_sha256 "str" "SHA-256 of the script.";
            }
            "Runs a script.\n\nThe script never touches the disk of the node: it is handed to its interpreter through memory."
            "ipcmm: 1\ncount:\n  ipcmm.run.script:\n    args:\n      script: |\n        test \"$1\" -gt 0 && echo \"$HOME has $1\"\n      args: [3]\n";

            10 FilesystemFile "ipcmm.filesystem.file" [Change Runs::Host, Exact None]
            (
                path "path" = Required, "Absolute path of the file.";
                content "str? | secret<str>" = Absent, "What the file holds.";
                source "asset?" = Absent, "A file, read at build and carried in the bundle by its hash.";
                owner "str?" = Absent, "User that owns it, by name or number.";
                group "str?" = Absent, "Group that owns it, by name or number.";
                mode "mode?" = Absent, "Permissions, such as `0644`. A new file without it gets 0644.";
                backup "bool" = Bool(false), "Keep the previous file beside the new one, with the suffix `.bak`.";
                validate "list<str>?" = Absent, "A command that must accept the new content before it replaces the old; `{}` stands for the path of the candidate.";
                parents "bool" = Bool(false), "Make missing parent directories.";
            )
            one_of []
            {
                path "str" "Its path.";
                created "bool" "Whether it was not there before.";
                size "size" "Bytes it holds.";
                blake3 "str" "BLAKE3 hash of its content.";
                mode "str" "Its permissions.";
            }
            "Makes sure a file holds exactly this content and has these properties.\n\nWritten beside its place and renamed, so that at every moment it is either the old or the new file. Without content and source only the properties are kept, and a missing file is made empty."
            "ipcmm: 1\nmotd:\n  ipcmm.filesystem.file:\n    args: {path: /etc/motd, content: \"welcome\\n\", mode: \"0644\"}\n";

            11 FilesystemDir "ipcmm.filesystem.dir" [Change Runs::Host, Exact None]
            (
                path "path" = Required, "Absolute path of the directory.";
                owner "str?" = Absent, "User that owns it, by name or number.";
                group "str?" = Absent, "Group that owns it, by name or number.";
                mode "mode?" = Absent, "Permissions, such as `0755`. A new directory without it gets 0755.";
                parents "bool" = Bool(false), "Make missing parent directories.";
                recurse "bool" = Bool(false), "Give owner and group to everything inside as well.";
                purge "bool" = Bool(false), "Remove every entry whose name is not in `keep`.";
                keep "list<str>" = EmptyList, "Names that `purge` leaves alone.";
            )
            one_of []
            {
                path "str" "Its path.";
                created "bool" "Whether it was not there before.";
                removed "list<str>" "Names that `purge` removed.";
            }
            "Makes sure a directory exists with these properties."
            "ipcmm: 1\nsites:\n  ipcmm.filesystem.dir:\n    args: {path: /srv/sites, mode: \"0755\", parents: true}\n";

            12 FilesystemLink "ipcmm.filesystem.link" [Change Runs::Host, Exact None]
            (
                path "path" = Required, "Absolute path of the symbolic link.";
                to "str" = Required, "What it points to, as written into the link.";
                force "bool" = Bool(false), "Replace a regular file that stands in the way.";
                parents "bool" = Bool(false), "Make missing parent directories.";
            )
            one_of []
            {
                path "str" "Its path.";
                created "bool" "Whether it was not there before.";
                before "str?" "What it pointed to before.";
            }
            "Makes sure a symbolic link points to this target.\n\nA link that points elsewhere is replaced in one step. The target need not exist."
            "ipcmm: 1\nenable:\n  ipcmm.filesystem.link:\n    args: {path: /etc/app/current, to: releases/42}\n";

            13 FilesystemLine "ipcmm.filesystem.line" [Change Runs::Host, Exact None]
            (
                path "path" = Required, "Absolute path of the file.";
                line "str?" = Absent, "The line, without its end.";
                match "regex?" = Absent, "Lines this matches are the ones meant; without it the line itself.";
                state "'present' | 'absent'" = Str("present"), "Whether the line must be there or must not.";
                after "regex?" = Absent, "Put a new line behind the last line this matches, instead of at the end.";
                create "bool" = Bool(false), "Make the file if it does not exist.";
            )
            one_of []
            {
                path "str" "Its path.";
                added "int" "Lines added.";
                replaced "int" "Lines replaced.";
                removed "int" "Lines removed.";
            }
            "Makes sure a line is in a file, or is not.\n\nWith `match`, the last matching line becomes `line`; if none matches, `line` is added. Absent removes every matching line."
            "ipcmm: 1\nno root login:\n  ipcmm.filesystem.line:\n    args: {path: /etc/ssh/sshd_config, match: '^#?PermitRootLogin', line: PermitRootLogin no}\n";

            14 FilesystemAbsent "ipcmm.filesystem.absent" [Change Runs::Host, Exact None]
            (
                path "path" = Required, "Absolute path of what must not exist.";
                recurse "bool" = Bool(false), "Remove a directory with all it holds; without it only an empty one.";
            )
            one_of []
            {
                path "str" "Its path.";
                existed "bool" "Whether it was there.";
            }
            "Makes sure nothing is at a path.\n\nA symbolic link is removed itself, never what it points to."
            "ipcmm: 1\nno default site:\n  ipcmm.filesystem.absent:\n    args: {path: /etc/nginx/sites-enabled/default}\n";

            15 FilesystemCopy "ipcmm.filesystem.copy" [Change Runs::Host, Exact None]
            (
                source "path" = Required, "Absolute path, on the node, of the file or directory to copy.";
                path "path" = Required, "Absolute path of the copy.";
                owner "str?" = Absent, "User that owns the copy, by name or number.";
                group "str?" = Absent, "Group that owns the copy, by name or number.";
                mode "mode?" = Absent, "Permissions of copied files; without it those of the source.";
                recurse "bool" = Bool(false), "Copy a directory with all it holds.";
                parents "bool" = Bool(false), "Make missing parent directories.";
            )
            one_of []
            {
                path "str" "Its path.";
                files "int" "Files that were written.";
                bytes "size" "Bytes that were written.";
            }
            "Makes sure a path holds the same content as another path of the node."
            "ipcmm: 1\nkeep:\n  ipcmm.filesystem.copy:\n    args: {source: /etc/hosts, path: /var/backups/hosts}\n";

            26 Nop "ipcmm.nop" [None Runs::Machine(Intrinsic::Nop), Exact React]
            (
                comment "str?" = Absent, "A text for the report.";
                outcome "'ok' | 'changed' | 'failed'" = Str("ok"), "The outcome it reports.";
                check "'ok' | 'changed' | 'failed' | null" = Absent, "The outcome a dry run predicts; without it that of `outcome`.";
                reaction "'ok' | 'changed' | 'failed'" = Str("changed"), "The outcome of its reaction to a watched change.";
                for "duration" = Seconds(0), "How long it takes.";
            )
            one_of []
            {
                comment "str" "The text it was given.";
            }
            "Does nothing and reports what it is told to.\n\nAn anchor for ordering, and the stand-in with which graphs are tried and tested."
            "ipcmm: 1\nanchor:\n  ipcmm.nop: {args: {comment: everything is prepared}}\n";

            27 Sleep "ipcmm.sleep" [None Runs::Machine(Intrinsic::Sleep), Same None]
            (
                for "duration" = Required, "How long.";
                jitter "duration" = Seconds(0), "A random time up to this is added.";
            )
            one_of []
            {
                slept "duration" "How long it slept.";
            }
            "Lets time pass. A dry run does not wait."
            "ipcmm: 1\npause:\n  ipcmm.sleep: {args: {for: 250ms}}\n";

            28 Wait "ipcmm.wait" [Read Runs::Machine(Intrinsic::Wait), Same None]
            (
                until "expr<bool>?" = Absent, "The condition; it may ask the node.";
                port "int?" = Absent, "A TCP port that must accept connections.";
                host "str" = Str("127.0.0.1"), "The host of `port`.";
                file "path?" = Absent, "A file that must exist.";
                regex "regex?" = Absent, "What a line of `file` must match.";
                every "duration" = Seconds(1), "How long between two looks.";
                timeout "duration" = Seconds(300), "How long before it fails.";
            )
            one_of [&["until", "port", "file"]]
            {
                waited "duration" "How long it waited.";
                looks "int" "How often it looked.";
            }
            "Waits until a condition holds.\n\nA dry run looks once and reports whether it would have to wait."
            "ipcmm: 1\nup:\n  ipcmm.wait: {args: {port: 8080, timeout: 30s}}\n";

            29 Eval "ipcmm.eval" [None Runs::Machine(Intrinsic::Eval), Same None]
            (
                expr "expr<any>" = Required, "The expression.";
            )
            one_of []
            {
                value "any" "Its value.";
            }
            "Evaluates an expression and keeps its value as result."
            "ipcmm: 1\nport:\n  ipcmm.eval: {args: {expr: 8000 + 80}}\n  result: port\nsay:\n  ipcmm.nop: {args: {comment: \"port ${port.value}\"}}\n  requires: port\n";

            30 Parallel "ipcmm.parallel" [None Runs::Machine(Intrinsic::Parallel), Body None]
            (
                body "tasks" = Required, "Steps, and names of labels; each is carried out by a worker of its own.";
                max "int?" = Absent, "How many run at once; without it as many as the run admits.";
                fail "'fast' | 'collect'" = Str("fast"), "`fast`: the first failure gives up the others. `collect`: all are carried out.";
            )
            one_of []
            {
                outcomes "list<{label: str, outcome: str, changed: bool, data: any}>" "What came of each task, in run order.";
                totals "{ok: int, changed: int, failed: int, skipped: int, blocked: int, would_change: int, not_reached: int}" "How many ended how.";
            }
            "Runs tasks beside each other, and ends when all have ended.\n\nIt fails if one of them fails. What is named by a label runs here and not in the main sequence; keywords between tasks of the body hold inside of it."
            "ipcmm: 1\nwarm up:\n  ipcmm.parallel:\n    args:\n      body:\n        - ipcmm.filesystem.dir: {args: {path: /srv/a}}\n        - ipcmm.filesystem.dir: {args: {path: /srv/b}}\n";

            31 Concurrent "ipcmm.concurrent" [None Runs::Machine(Intrinsic::Concurrent), Body None]
            (
                body "tasks" = Required, "Steps, and names of labels.";
                max "int?" = Absent, "How many are under way at once; without it all.";
                fail "'fast' | 'collect'" = Str("fast"), "`fast`: the first failure gives up the others. `collect`: all are carried out.";
            )
            one_of []
            {
                outcomes "list<{label: str, outcome: str, changed: bool, data: any}>" "What came of each task, in run order.";
                totals "{ok: int, changed: int, failed: int, skipped: int, blocked: int, would_change: int, not_reached: int}" "How many ended how.";
            }
            "Runs tasks that mostly wait, all by one worker.\n\nThey are interleaved where they wait: pauses, attempts and looks go on together, calls are made one after the other."
            "ipcmm: 1\nall up:\n  ipcmm.concurrent:\n    args:\n      body:\n        - ipcmm.wait: {args: {port: 8080}}\n        - ipcmm.wait: {args: {port: 8081}}\n";

            32 Fork "ipcmm.fork" [None Runs::Machine(Intrinsic::Fork), Body None]
            (
                body "tasks" = Required, "Steps, and names of labels, one after the other; the first failure ends it.";
                vars "map<any>?" = Absent, "Values that the body sees as `vars.name`.";
            )
            one_of []
            {
                handle "handle" "What `ipcmm.join` takes.";
            }
            "Puts tasks into the background, with values of their own.\n\nThe body sees the results and the loop element that the task sees, and nothing outside sees what happens in it but by its handle. It is awaited at the end of the run if nobody joins it; then its failure is one of the run."
            "ipcmm: 1\nfetch:\n  ipcmm.fork:\n    args:\n      vars: {name: db}\n      body:\n        - ipcmm.run.cmd: {args: {argv: [touch, '/tmp/${vars.name}']}}\n  result: fetch\ndone:\n  ipcmm.join: {args: {handles: ['${fetch.handle}']}}\n  depends_on: fetch\n";

            33 Async "ipcmm.async" [None Runs::Machine(Intrinsic::Async), Body None]
            (
                body "tasks" = Required, "Steps, and names of labels, one after the other; the first failure ends it.";
                detach "bool" = Bool(false), "Nobody will join it: it is given up at the end of the run, and how it ends says nothing of the run.";
            )
            one_of []
            {
                handle "handle" "What `ipcmm.join` takes. What is detached cannot be joined.";
            }
            "Puts tasks into the background and goes on."
            "ipcmm: 1\nindex:\n  ipcmm.async:\n    args:\n      body:\n        - ipcmm.run.cmd: {args: {argv: [updatedb]}}\n  result: built\nindexed:\n  ipcmm.join: {args: {handles: ['${built.handle}'], timeout: 10m}}\n  depends_on: index\n";

            34 Join "ipcmm.join" [None Runs::Machine(Intrinsic::Join), Body None]
            (
                handles "list<handle?>" = Required, "Handles of `ipcmm.fork`, `ipcmm.async` and `ipcmm.invoke`; each can be joined once.";
                policy "'all' | 'any' | int" = Str("all"), "How many must end well.";
                timeout "duration?" = Absent, "How long it waits at most.";
                cancel_rest "bool" = Bool(true), "Give up those that are not needed any more, and those that take too long; otherwise they go on.";
            )
            one_of []
            {
                results "list<{outcome: str, changed: bool, outcomes: list<{label: str, outcome: str, changed: bool, data: any}>, totals: {ok: int, changed: int, failed: int, skipped: int, blocked: int, would_change: int, not_reached: int}}>" "What came of each, in the order of the handles. The outcome of one that was given up is `not-reached`, of one that still runs `running`.";
            }
            "Waits for what was put into the background.\n\nIt fails as soon as `policy` cannot be met any more; with `cancel_rest: false`, when all have ended. What is given up takes with it what it had started itself."
            "ipcmm: 1\nleft:\n  ipcmm.fork: {args: {body: [{ipcmm.sleep: {args: {for: 1s}}}]}}\n  result: left\nright:\n  ipcmm.fork: {args: {body: [{ipcmm.sleep: {args: {for: 2s}}}]}}\n  result: right\nfirst:\n  ipcmm.join: {args: {handles: ['${left.handle}', '${right.handle}'], policy: any}}\n  depends_on: [left, right]\n";

            35 Apply "ipcmm.apply" [None Runs::Machine(Intrinsic::Apply), Body None]
            (
                what "tasks" = Required, "Labels, of tasks, calls, includes and imports, with what they depend on; or steps.";
                on "str" = Str("self"), "The nodes; only `self` in this version.";
                check "bool" = Bool(false), "Only predict what they would change, also inside of a real run.";
                only "tasks?" = Absent, "Those of `what` that are wanted.";
                max "int?" = Absent, "How many of them run in the background at once.";
            )
            one_of []
            {
                outcomes "list<{label: str, outcome: str, changed: bool, data: any}>" "What came of each task, in run order.";
                totals "{ok: int, changed: int, failed: int, skipped: int, blocked: int, would_change: int, not_reached: int}" "How many ended how.";
            }
            "Runs labels as a run of their own, as they are written.\n\nThey run here and not in the main sequence; order, needs, modes and `stoponfail` hold among them. It fails if one of them fails."
            "ipcmm: 1\nuser:\n  ipcmm.filesystem.dir: {args: {path: /srv/app}}\nsite:\n  ipcmm.filesystem.file: {args: {path: /srv/app/index, content: hello}}\n  depends_on: user\nwould it change:\n  ipcmm.apply: {args: {what: site, check: true}}\n  result: plan\nsay:\n  ipcmm.nop: {args: {comment: '${plan.totals.would_change} would change'}}\n  depends_on: would it change\n";

            36 Invoke "ipcmm.invoke" [None Runs::Machine(Intrinsic::Invoke), Body None]
            (
                callee "tasks" = Required, "The label that is run.";
                on "str" = Str("self"), "The nodes; only `self` in this version.";
                args "map<any>?" = Absent, "Values that it sees as `vars.name`.";
                timeout "duration?" = Absent, "After this time it is given up.";
                mode "'sync' | 'async'" = Str("sync"), "Wait for its end, or put it into the background.";
            )
            one_of []
            {
                outcomes "list<{label: str, outcome: str, changed: bool, data: any}>" "What came of each task, in run order.";
                totals "{ok: int, changed: int, failed: int, skipped: int, blocked: int, would_change: int, not_reached: int}" "How many ended how.";
                handle "handle?" "With `mode: async`, what `ipcmm.join` takes.";
            }
            "Runs a label by its name, with arguments.\n\nA label can be invoked from many places, and in a loop; each time it runs anew."
            "ipcmm: 1\ngreet:\n  ipcmm.filesystem.file: {args: {path: '/tmp/${vars.who}', content: hello}}\neach:\n  ipcmm.invoke: {args: {callee: greet, args: {who: '${item}'}}}\n  loop_in: [anna, ben]\n";

            40 Event "ipcmm.event" [None Runs::Machine(Intrinsic::Event), Exact None]
            (
                name "str" = Required, "The name of the events.";
                source "{file: path}?" = Absent, "Where they come from besides `ipcmm.fire`: changes of a file or of what a directory holds. Watched by `ipcmm-agent serve`.";
                filter "expr<bool>?" = Absent, "Which of them count, judged from `event`.";
                debounce "duration?" = Absent, "Only the last of a burst counts, once it has been quiet for so long.";
            )
            one_of []
            {
                channel "str" "The name.";
                created "bool" "Whether nothing was said of these events before.";
            }
            "Says what holds for all events of a name: where they come from, which count, and how bursts are calmed.\n\nEvents of which nothing is said are handed on as they are fired."
            "ipcmm: 1\nedited:\n  ipcmm.event: {args: {name: config.changed, source: {file: /etc/app.conf}, debounce: 500ms}}\nreload:\n  ipcmm.run.cmd: {args: {argv: [systemctl, reload, app]}}\nwhen edited:\n  ipcmm.bind: {args: {pattern: config.changed, to: reload}}\n  requires: edited\n";

            41 Fire "ipcmm.fire" [None Runs::Machine(Intrinsic::Fire), Same None]
            (
                event "str" = Required, "The name of the event: segments joined by dots.";
                payload "any" = Absent, "What it carries; handlers and conditions read it as `event.payload`.";
                to "str" = Str("self"), "The nodes; only `self` in this version.";
            )
            one_of []
            {
                event_id "str" "The number of the event.";
                deliveries "int" "How many handlers it starts at once; those that wait for their turn or for calm are not counted.";
            }
            "Says that something happened.\n\nHandlers run beside the tasks that follow; the run ends when all of them have ended. A dry run fires nothing."
            "ipcmm: 1\nannounce:\n  ipcmm.fire: {args: {event: deploy.done, payload: {version: 3}}}\n";

            42 Bind "ipcmm.bind" [None Runs::Machine(Intrinsic::Bind), Exact None]
            (
                pattern "str" = Required, "Names of events; `*` stands for anything inside of a segment, `**` for any number of segments.";
                to "tasks" = Required, "Labels that run for each of them, with what they depend on; or steps.";
                when "expr<bool>?" = Absent, "Which events count, judged from `event`.";
                once "bool" = Bool(false), "Only the first one that counts.";
                concurrency "'parallel' | 'queue' | 'drop' | 'replace'" = Str("queue"), "What happens to an event while the handler is busy with another one of the same key: both run, it waits, it is dropped, or it takes the place of the other.";
                key "expr<any>?" = Absent, "Events of different keys do not wait for each other; computed from `event`.";
            )
            one_of []
            {
                binding_id "str" "What `ipcmm.unbind` takes.";
                created "bool" "Whether it was not there before.";
            }
            "Runs labels whenever an event of a pattern comes.\n\nThe labels run on demand and read the event as `event`. A task has one binding, and one for each element of its loop: running it again replaces what it bound before."
            "ipcmm: 1\nnote:\n  ipcmm.filesystem.file: {args: {path: /tmp/last, content: '${event.name}'}}\nlisten to deploys:\n  ipcmm.bind: {args: {pattern: deploy.*, to: note}}\nannounce:\n  ipcmm.fire: {args: {event: deploy.done}}\n  requires: listen to deploys\n";

            43 Unbind "ipcmm.unbind" [None Runs::Machine(Intrinsic::Unbind), Exact None]
            (
                binding "str?" = Absent, "The `binding_id` of a binding.";
                pattern "str?" = Absent, "Instead, the pattern of the bindings that are meant.";
                to "tasks?" = Absent, "With `pattern`, the labels that they run.";
                drain "bool" = Bool(true), "Deliver what waits before the binding is gone; otherwise it is dropped.";
            )
            one_of [&["binding", "pattern"]]
            {
                existed "bool" "Whether there was a binding.";
                drained "int" "How many deliveries waited and are still made.";
            }
            "Takes bindings away.\n\nHandlers that run go on to their end."
            "ipcmm: 1\nnote:\n  ipcmm.nop:\nlisten to deploys:\n  ipcmm.bind: {args: {pattern: deploy.*, to: note}}\n  result: listening\nno more:\n  ipcmm.unbind: {args: {binding: '${listening.binding_id}'}}\n  depends_on: listen to deploys\n";

            44 React "ipcmm.react" [None Runs::Machine(Intrinsic::React), Exact None]
            (
                on "str?" = Absent, "The pattern of events that are counted.";
                sequence "list<str>?" = Absent, "Instead, patterns of events that follow each other.";
                count "int" = Int(1), "With `on`, how many make the workflow complete.";
                within "duration?" = Absent, "All of them within this time, by the times that the events carry.";
                where "expr<bool>?" = Absent, "Which events count, judged from `event`.";
                throttle "duration?" = Absent, "Once it was complete it is deaf for so long.";
                do "tasks" = Required, "Labels that run when it is complete; `event` is the last of the events.";
            )
            one_of [&["on", "sequence"]]
            {
                workflow_id "str" "Its name.";
                created "bool" "Whether it was not there before.";
            }
            "Runs labels when several events have come: so many of one pattern, or one of each of several in order.\n\nA task has one workflow, and one for each element of its loop."
            "ipcmm: 1\nalarm:\n  ipcmm.run.cmd: {args: {argv: [logger, too many failures]}}\nthree failures:\n  ipcmm.react: {args: {on: login.failed, count: 3, within: 1m, throttle: 10m, do: alarm}}\n";

            45 Schedule "ipcmm.schedule" [None Runs::Machine(Intrinsic::Schedule), Exact None]
            (
                name "str" = Required, "Its name.";
                cron "str?" = Absent, "Minute, hour, day, month and weekday, perhaps a second in front; or `@daily` and the like.";
                every "duration?" = Absent, "Again and again after this time.";
                at "str?" = Absent, "Once, at this time: `2027-01-31T12:00:00Z`.";
                tz "str" = Str("UTC"), "The time zone of `cron`, such as `Europe/Berlin`; `local` is that of the node.";
                splay "duration" = Seconds(0), "This node is late by a time of its own up to this, the same every time.";
                catchup "'none' | 'one' | 'all'" = Str("one"), "What is done about times that were missed.";
                overlap "'skip' | 'queue' | 'kill'" = Str("skip"), "What happens when a time comes and the run before is under way.";
                run "tasks" = Required, "Labels that run; `event.payload.due` is the time.";
            )
            one_of [&["cron", "every", "at"]]
            {
                next "str?" "The next time.";
                created "bool" "Whether it was not there before.";
            }
            "Runs labels at times.\n\nSchedules are kept by `ipcmm-agent serve`; an `apply` installs them, says when the next time would be, and keeps none."
            "ipcmm: 1\nrotate:\n  ipcmm.run.cmd: {args: {argv: [logrotate, /etc/logrotate.conf]}}\nnightly:\n  ipcmm.schedule: {args: {name: rotate, cron: '30 2 * * *', tz: Europe/Berlin, run: rotate}}\n";

            90 Include "ipcmm.include" [None Runs::Build, Same None]
            (
                source "str" = Required, "The file, relative to the one that includes it, or a pattern with `*` and `?` in its last part.";
                as "str?" = Absent, "A name that goes before the labels of the file, with a `/`; the names inside are then its own.";
                with "map<any>?" = Absent, "Values for the inputs that the file declares; values from outside win over them.";
                when "expr<bool>?" = Absent, "Whether the file is taken at all; known at build.";
            )
            one_of []
            {}
            "Brings the labels of a file into this module, once.\n\nThe tasks of the file come before those of the file that includes it. The label of the include stands for all of them, and its keywords hold for each. The file must be inside of the project and may have any of the formats."
            "ipcmm: 1\nbase:\n  ipcmm.include: {args: {source: part.yaml}}\nready:\n  ipcmm.nop:\n  requires: base\n";

            91 Import "ipcmm.import" [None Runs::Build, Same None]
            (
                module "str" = Required, "The name of a module of the project, the path of its file, relative to the one that imports it, or `package/module`; the name of a package that has one module is enough.";
                as "str?" = Absent, "The name it gets here; by default its own.";
                only "list<str>?" = Absent, "The declared names that are wanted; by default all.";
                version "str?" = Absent, "The versions of the package that are wanted, such as `^1.2` or `>=1, <3`.";
            )
            one_of []
            {}
            "Makes what another module declares visible here under a name.\n\nVisible are what the module gives (`out`, `inout`), its addresses and its procedures. The label of the import stands for all tasks of the module."
            "module: db\ndeclare: {out: {url: {type: str, value: 'postgres://db'}}}\n---\nmodule: web\ndb:\n  ipcmm.import: {args: {module: db}}\ntell:\n  ipcmm.eval: {args: {expr: db.url}}\n";

            92 Call "ipcmm.call" [None Runs::Build, Same None]
            (
                callee "str" = Required, "The procedure: a name of this module, or `alias.name` of an imported one.";
                args "map<any> | list<any> | null" = Absent, "Its arguments, by name or in the order of its declaration.";
            )
            one_of []
            {}
            "Puts the tasks of a procedure in its place.\n\nTheir labels get the label of the call and a `/` before them. The keywords of the call hold for each of the tasks, and a requisite on the call means all of them. What the procedure gives is the result of the call."
            "define:\n  proc:\n    greet:\n      declare: {in: {name: str}}\n      do:\n        write:\n          ipcmm.filesystem.file: {args: {path: '/tmp/greeting', content: 'hello ${name}'}}\nweb:\n  ipcmm.call: {args: {callee: greet, args: {name: world}}}\n";

            93 Dynamic "ipcmm.dynamic" [None Runs::Build, Same None]
            (
                expr "expr<any>?" = Absent, "The expression.";
                value "any" = Absent, "A value with expressions in it, instead of one expression.";
                shape "any" = Required, "The type that the value must have.";
                bound "int?" = Absent, "The most elements, entries or characters it may have.";
            )
            one_of [&["expr", "value"]]
            {
                value "any" "The value; its type is `shape`.";
            }
            "Computes a value on the node whose type is only known there, and gives it one.\n\nWhat can be judged at build is judged there. A value of another type, or with more than `bound` elements, makes the task fail."
            "ipcmm: 1\nports:\n  ipcmm.dynamic: {args: {expr: '[8000 + i for i in 0..facts.cpu.count]', shape: list<int>, bound: 4096}}\n  result: ports\nsay:\n  ipcmm.nop: {args: {comment: \"port ${ports.value[0]}\"}}\n  requires: ports\n";

            94 Static "ipcmm.static" [None Runs::Build, Same None]
            (
                expr "expr<any>?" = Absent, "The expression.";
                value "any" = Absent, "A value with expressions in it, instead of one expression.";
            )
            one_of [&["expr", "value"]]
            {
                value "any" "The value.";
            }
            "Computes a value at build, and keeps it as result.\n\nIf it is not known at build, the error names what it depends on. In expressions `static(…)` does the same."
            "ipcmm: 1\nport:\n  ipcmm.static: {args: {expr: 8000 + 80}}\n  result: port\nsay:\n  ipcmm.nop: {args: {comment: \"port ${port.value}\"}}\n  requires: port\n";
        }
    };
}

macro_rules! define_builtins {
    ($($num:literal $id:ident $name:literal [$effect:ident $runs:expr, $pred:ident $react:ident]
        ($($param:ident $ty:literal = $default:expr, $pdoc:literal;)*)
        one_of [$($group:expr),*]
        { $($field:ident $fty:literal $fdoc:literal;)* }
        $doc:literal $example:literal;)*) => {
        /// A built-in by name; its discriminant is its frozen number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum BuiltinId { $(#[doc = $name] $id = $num,)* }

        /// All built-ins in numeric order.
        pub const BUILTINS: &[Builtin] = &[$(Builtin {
            id: BuiltinId::$id,
            name: $name,
            effect: Effect::$effect,
            runs: $runs,
            prediction: Prediction::$pred,
            reaction: Reaction::$react,
            params: &[$(Param { name: stringify!($param), ty: $ty, default: $default, doc: $pdoc }),*],
            one_of: &[$($group),*],
            data: &[$(Field { name: stringify!($field), ty: $fty, doc: $fdoc }),*],
            doc: $doc,
            example: $example,
        }),*];
    };
}
#[allow(unused_imports, reason = "rows name the variants of Default bare")]
use Default::{Absent, Bool, EmptyList, Int, Ints, Required, Seconds, Str};
for_each_builtin!(define_builtins);
