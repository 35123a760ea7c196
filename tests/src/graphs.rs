//! Random graphs: modules of `ipcmm.nop` tasks with targets, guards, loops, retries, modes and ranks, all from a seed.
//!
//! A graph is data first, so that [`crate::model`] can predict it without the compiler, and text second.

use std::fmt::Write;

/// A small generator of numbers; the same seed gives the same numbers for ever.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def0)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.bits() % n.max(1)
    }

    /// True in `n` of a hundred cases.
    pub fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// What a keyword that names a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// `depends_on`
    DependsOn,
    /// `requires`
    Requires,
    /// `watch`
    Watch,
    /// `requires_any`
    RequiresAny,
    /// `requires_none`
    RequiresNone,
    /// `runafter`
    RunAfter,
    /// `onfail`
    OnFail,
    /// `onsuccess`
    OnSuccess,
    /// `onchange`
    OnChange,
    /// `prereq`
    Prereq,
    /// `postreq`
    PostReq,
    /// `runaround`
    RunAround,
    /// `listen`, which may lead anywhere
    Listen,
}

impl Keyword {
    /// All keywords with their names in sources, and the push form that means the same at the other end.
    pub const ALL: [(Keyword, &'static str, Option<&'static str>); 13] = [
        (Keyword::DependsOn, "depends_on", None),
        (Keyword::Requires, "requires", None),
        (Keyword::Watch, "watch", None),
        (Keyword::RequiresAny, "requires_any", None),
        (Keyword::RequiresNone, "requires_none", None),
        (Keyword::RunAfter, "runafter", Some("runbefore")),
        (Keyword::OnFail, "onfail", Some("runonfail")),
        (Keyword::OnSuccess, "onsuccess", Some("runonsuccess")),
        (Keyword::OnChange, "onchange", None),
        (Keyword::Prereq, "prereq", None),
        (Keyword::PostReq, "postreq", None),
        (Keyword::RunAround, "runaround", None),
        (Keyword::Listen, "listen", None),
    ];
}

/// What a body or reaction is told to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing to do.
    Ok,
    /// Something changed.
    Changed,
    /// It fails.
    Failed,
}

/// The `order` keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// `first`
    First,
    /// A number.
    At(i64),
    /// `last`
    Last,
}

/// The `retry` keyword; `until` is the attempt from which on it holds.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// Executions at most.
    pub attempts: u32,
    /// `until: attempt >= n`
    pub until: Option<u32>,
    /// Seconds.
    pub interval: u32,
    /// Seconds.
    pub splay: u32,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its targets.
    pub edges: Vec<(Keyword, usize)>,
    /// Its rank.
    pub rank: Option<Rank>,
    /// `parallel` or `seq`.
    pub mode: Option<&'static str>,
    /// `stoponfail`
    pub stops: bool,
    /// What its body comes to.
    pub body: Wanted,
    /// What its reaction comes to.
    pub reaction: Wanted,
    /// Seconds its body and its reaction take.
    pub seconds: u64,
    /// Its attempts.
    pub retry: Option<Retry>,
    /// How many items; `None` without a loop.
    pub items: Option<u32>,
    /// `when: item > n` in a loop, else `when: 0 >= n`.
    pub when: Option<u32>,
    /// `onlyif: item > n` in a loop, else `onlyif: 0 >= n`.
    pub onlyif: Option<u32>,
    /// `loop_until: round >= n`, instead of items.
    pub rounds: Option<u32>,
    /// Its queue by number, if it waits in one.
    pub lane: Option<u32>,
    /// What hangs on the output of a command, which no dry run knows.
    pub unknown: Option<Unknown>,
}

/// A part of a task that hangs on the output of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// `when`
    When,
    /// `onlyif`
    OnlyIf,
    /// `unless`
    Unless,
    /// `loop_in`
    LoopIn,
    /// `loop_if`
    LoopIf,
    /// `changed_if`
    ChangedIf,
    /// `failed_if`
    FailedIf,
    /// An argument.
    Argument,
}

impl Unknown {
    const ALL: [Unknown; 8] = [
        Unknown::When,
        Unknown::OnlyIf,
        Unknown::Unless,
        Unknown::LoopIn,
        Unknown::LoopIf,
        Unknown::ChangedIf,
        Unknown::FailedIf,
        Unknown::Argument,
    ];
}

/// What kinds of tasks a graph may hold.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// Some tasks stop the run.
    pub stops: bool,
    /// Retries with `until`, which a dry run does not judge.
    pub until: bool,
    /// Reactions other than a change, which a dry run cannot know.
    pub reactions: bool,
    /// Keywords beyond needs: triggers, dry runs, phases, listeners.
    pub all_keywords: bool,
    /// Conditions that no dry run knows.
    pub unknown: bool,
}

/// Everything.
pub const ALL: Features = Features { stops: true, until: true, reactions: true, all_keywords: true, unknown: false };
/// Everything but `stoponfail`.
pub const UNSTOPPED: Features =
    Features { stops: false, until: true, reactions: true, all_keywords: true, unknown: false };
/// What a dry run predicts exactly.
pub const PREDICTABLE: Features =
    Features { stops: false, until: false, reactions: false, all_keywords: true, unknown: false };
/// The same with conditions, items and arguments that are found out by a run.
pub const UNKNOWN: Features = Features { unknown: true, ..PREDICTABLE };

/// The graph of a seed. Most targets follow a hidden order; a graph that turns out to be a circle is drawn again.
pub fn random(seed: u64, features: Features) -> Vec<Node> {
    let rng = &mut Rng::new(seed);
    loop {
        let n = 1 + rng.below(14) as usize;
        let mut hidden: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            hidden.swap(i, rng.below(i as u64 + 1) as usize);
        }
        let nodes: Vec<Node> = (0..n).map(|i| node(rng, i, &hidden, features)).collect();
        if crate::model::order(&nodes).is_some() {
            return nodes;
        }
    }
}

fn node(rng: &mut Rng, i: usize, hidden: &[usize], features: Features) -> Node {
    let mut edges: Vec<(Keyword, usize)> = Vec::new();
    for _ in 0..rng.below(4) {
        let target = rng.below(hidden.len() as u64) as usize;
        let choice = if features.all_keywords { Keyword::ALL.len() as u64 } else { 3 };
        let keyword = Keyword::ALL[rng.below(choice) as usize].0;
        let leads = match keyword {
            Keyword::Listen => target != i,
            // These tasks come before their targets, at least for a part.
            Keyword::Prereq => hidden[target] > hidden[i],
            _ => hidden[target] < hidden[i],
        };
        if leads && !edges.contains(&(keyword, target)) {
            edges.push((keyword, target));
        }
    }
    let wanted = [Wanted::Ok, Wanted::Ok, Wanted::Changed, Wanted::Changed, Wanted::Failed];
    let reaction = if features.reactions { *rng.pick(&wanted) } else { Wanted::Changed };
    let rank = rng.percent(30).then(|| match rng.below(4) {
        0 => Rank::First,
        1 => Rank::Last,
        _ => Rank::At(rng.below(7) as i64 - 3),
    });
    let retry = rng.percent(30).then(|| Retry {
        attempts: 1 + rng.below(4) as u32,
        until: (features.until && rng.percent(50)).then(|| 1 + rng.below(5) as u32),
        interval: rng.below(4) as u32,
        splay: rng.below(3) as u32,
    });
    let mut node = Node {
        edges,
        rank,
        mode: *rng.pick(&[
            None,
            None,
            Some("parallel"),
            Some("concurrent"),
            Some("queue"),
            Some("async"),
            Some("seq"),
            Some("sync"),
        ]),
        stops: features.stops && rng.percent(20),
        body: *rng.pick(&wanted),
        reaction,
        seconds: rng.below(6),
        retry,
        items: rng.percent(20).then(|| rng.below(4) as u32),
        when: rng.percent(20).then(|| rng.below(4) as u32),
        onlyif: rng.percent(20).then(|| rng.below(4) as u32),
        rounds: None,
        lane: None,
        unknown: None,
    };
    // Drawn last, so that the seeds of graphs without them mean what they meant.
    if node.items.is_none() && rng.percent(12) {
        node.rounds = Some(1 + rng.below(3) as u32);
    }
    if node.mode == Some("queue") && rng.percent(70) {
        node.lane = Some(rng.below(3) as u32);
    }
    if features.unknown && rng.percent(35) {
        let loops = node.items.is_some() || node.rounds.is_some();
        let fits = |part: &Unknown| !(loops && matches!(part, Unknown::LoopIn | Unknown::LoopIf));
        node.unknown = Some(*rng.pick(&Unknown::ALL)).filter(fits);
    }
    node
}

fn word(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Ok => "ok",
        Wanted::Changed => "changed",
        Wanted::Failed => "failed",
    }
}

/// The graph as a module.
pub fn text(nodes: &[Node]) -> String {
    let mut out = String::new();
    if nodes.iter().any(|node| node.unknown.is_some()) {
        out.push_str("u: {ipcmm.run.cmd: {args: {argv: [u]}}, result: u}\n");
    }
    for (i, node) in nodes.iter().enumerate() {
        let (reaction, seconds) = (word(node.reaction), node.seconds);
        let asks = |part| node.unknown == Some(part);
        let outcome = match asks(Unknown::Argument) {
            true => "\"${u.stdout == 'yes' ? 'changed' : 'ok'}\"",
            false => word(node.body),
        };
        let _ = writeln!(
            out,
            "t{i}:\n  ipcmm.nop: {{args: {{outcome: {outcome}, reaction: {reaction}, for: {seconds}s}}}}"
        );
        for (keyword, name, push) in Keyword::ALL {
            // Where there is a push form, every other target is written at the other end, and some at both.
            let pushed = |task: usize, target: usize| push.is_some() && (task + target) % 2 == 1;
            let own = node.edges.iter().filter(|(k, t)| *k == keyword && (!pushed(i, *t) || (i + t) % 3 == 0));
            let mut targets: Vec<String> = own.map(|(_, t)| format!("t{t}")).collect();
            if keyword == Keyword::RunAfter && node.unknown.is_some() {
                targets.push("u".to_owned());
            }
            if !targets.is_empty() {
                let _ = writeln!(out, "  {name}: [{}]", targets.join(", "));
            }
            let Some(push) = push else { continue };
            let others = nodes.iter().enumerate().filter(|(d, _)| pushed(*d, i));
            let named = others.filter(|(_, other)| other.edges.contains(&(keyword, i)));
            let named: Vec<String> = named.map(|(d, _)| format!("t{d}")).collect();
            if !named.is_empty() {
                let _ = writeln!(out, "  {push}: [{}]", named.join(", "));
            }
        }
        match node.rank {
            Some(Rank::First) => out.push_str("  order: first\n"),
            Some(Rank::Last) => out.push_str("  order: last\n"),
            Some(Rank::At(n)) => drop(writeln!(out, "  order: {n}")),
            None => {}
        }
        if let Some(mode) = node.mode {
            let _ = writeln!(out, "  modeofexec: {mode}");
        }
        if let (Some("queue"), Some(lane)) = (node.mode, node.lane) {
            // Of queue 0 one runs at a time, of queue 1 two, and so on.
            let _ = writeln!(out, "  lane: q{lane}\n  max: {}", lane + 1);
        }
        if node.stops {
            out.push_str("  stoponfail: true\n");
        }
        if let Some(Retry { attempts, until, interval, splay }) = node.retry {
            let until = until.map_or(String::new(), |n| format!(", until: attempt >= {n}"));
            let _ = writeln!(out, "  retry: {{attempts: {attempts}, interval: {interval}s, splay: {splay}s{until}}}");
        }
        let item = match node.items {
            Some(n) => {
                let _ = writeln!(out, "  loop_in: 1..{n}");
                "item"
            }
            None => "0",
        };
        for (name, from, part) in [("when", node.when, Unknown::When), ("onlyif", node.onlyif, Unknown::OnlyIf)] {
            let op = if node.items.is_some() { ">" } else { ">=" };
            let _ = match (from, asks(part)) {
                (None, false) => Ok(()),
                (Some(from), false) => writeln!(out, "  {name}: {item} {op} {from}"),
                (None, true) => writeln!(out, "  {name}: u.stdout == 'yes'"),
                (Some(from), true) => writeln!(out, "  {name}: u.stdout == 'yes' and {item} {op} {from}"),
            };
        }
        if let Some(rounds) = node.rounds {
            let _ = writeln!(out, "  loop_until: round >= {rounds}");
        }
        match node.unknown {
            Some(Unknown::Unless) => out.push_str("  unless: u.stdout == 'yes'\n"),
            Some(Unknown::LoopIn) => out.push_str("  loop_in: \"u.stdout == 'yes' ? [1, 2] : []\"\n"),
            Some(Unknown::LoopIf) => out.push_str("  loop_if: u.stdout == 'yes' and round < 3\n"),
            Some(Unknown::ChangedIf) => out.push_str("  result: {changed_if: \"u.stdout == 'yes'\"}\n"),
            Some(Unknown::FailedIf) => out.push_str("  result: {failed_if: \"u.stdout == 'yes'\"}\n"),
            Some(Unknown::When | Unknown::OnlyIf | Unknown::Argument) | None => {}
        }
    }
    out
}
