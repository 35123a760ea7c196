//! Reads the grammar of the parser as [`Grammar`]: actions, places and recovery are left out, macros are put in place,
//! and a rule that begins with itself becomes a repetition.
//!
//! Knows as much of the notation as `grammar/src/expr.lalrpop` uses.

use super::{Form, Grammar};
use std::collections::BTreeMap;

/// Rules that exist to be reported, and so are no part of the language.
const REPORTED: &[&str] = &["Chained"];

/// A rule as it is written: parameters and alternatives.
struct Rule {
    params: Vec<String>,
    alternatives: Vec<String>,
}

/// The rules of a grammar file.
pub fn read(source: &str) -> Result<Grammar, String> {
    let source: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).map(|l| format!("{l}\n")).collect();
    let body = source.split_once("pub Whole").ok_or("there is no rule `Whole`")?.1;
    let mut rules = BTreeMap::new();
    let mut rest = format!("Whole{body}");
    while let Some((head, after)) = rest.split_once('=') {
        let name: String = head.trim().chars().take_while(|c| c.is_alphanumeric()).collect();
        let params = match head.trim()[name.len()..].strip_prefix('<') {
            Some(list) => list.split('>').next().unwrap_or("").split(',').map(|p| p.trim().to_owned()).collect(),
            None => Vec::new(),
        };
        let after = after.trim_start();
        let (text, tail) = match after.strip_prefix('{') {
            Some(inside) => until(inside, '}')?,
            None => until(after, ';')?,
        };
        rules.insert(name, Rule { params, alternatives: divided(text, ',') });
        rest = tail.trim_start().trim_start_matches(';').to_owned();
    }
    let mut grammar = Grammar::new();
    for (name, rule) in rules.iter().filter(|(name, rule)| rule.params.is_empty() && !REPORTED.contains(&name.as_str()))
    {
        grammar.insert(name.clone(), without_left_recursion(name, form_of(rule, &[], &rules)?));
    }
    Ok(without_aliases(grammar))
}

/// Splits at `end` outside of brackets and texts.
fn until(text: &str, end: char) -> Result<(&str, &str), String> {
    match outside(text, end) {
        Some(at) => Ok((&text[..at], &text[at + end.len_utf8()..])),
        None => Err(format!("no `{end}` behind `{}`", text.lines().next().unwrap_or(""))),
    }
}

/// The first place of a character outside of brackets and texts. Angle brackets count where they are not part of `=>`.
fn outside(text: &str, wanted: char) -> Option<usize> {
    let (mut depth, mut quoted, mut before) = (0_i32, false, ' ');
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        } else if !quoted {
            if depth == 0 && c == wanted {
                return Some(at);
            }
            depth += match c {
                '(' | '[' | '{' | '<' => 1,
                '>' if before == '=' || before == '-' => 0,
                ')' | ']' | '}' | '>' => -1,
                _ => 0,
            };
        }
        before = c;
    }
    None
}

fn divided(text: &str, by: char) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = outside(rest, by) {
        parts.push(rest[..at].trim().to_owned());
        rest = &rest[at + 1..];
    }
    if !rest.trim().is_empty() {
        parts.push(rest.trim().to_owned());
    }
    parts
}

/// The choice of a rule's alternatives, with `arguments` in the place of its parameters.
fn form_of(rule: &Rule, arguments: &[Form], rules: &BTreeMap<String, Rule>) -> Result<Form, String> {
    let mut forms = Vec::new();
    for alternative in &rule.alternatives {
        let symbols = action_at(alternative).map_or(alternative.as_str(), |at| &alternative[..at]);
        if symbols.contains(":!>")
            || symbols.contains("invalid")
            || symbols.split_whitespace().any(|s| REPORTED.contains(&s))
        {
            continue;
        }
        forms.push(symbols_of(symbols, rule, arguments, rules)?);
    }
    Ok(Form::choice(forms))
}

/// Where the action of an alternative begins.
fn action_at(alternative: &str) -> Option<usize> {
    let quoted = |at: usize| alternative[..at].matches('"').count() % 2 == 1;
    alternative.match_indices("=>").map(|(at, _)| at).find(|&at| !quoted(at))
}

fn symbols_of(text: &str, rule: &Rule, arguments: &[Form], rules: &BTreeMap<String, Rule>) -> Result<Form, String> {
    let mut forms = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (form, after) = match first {
            '"' => {
                let (terminal, after) = rest[1..].split_once('"').ok_or("a terminal is not closed")?;
                // Told apart by the lexer, the same in sources.
                let text = if terminal == "(params" { "(" } else { terminal };
                (Form::Terminal(text.to_owned()), after)
            }
            '@' => (Form::Sequence(Vec::new()), &rest[2..]),
            '<' => {
                let (inside, after) = until(&rest[1..], '>')?;
                let symbol = outside(inside, ':').map_or(inside, |at| &inside[at + 1..]);
                (symbols_of(symbol, rule, arguments, rules)?, after)
            }
            '(' => {
                let (inside, after) = until(&rest[1..], ')')?;
                (symbols_of(inside, rule, arguments, rules)?, after)
            }
            _ => {
                let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                if length == 0 {
                    return Err(format!("`{rest}` is not understood"));
                }
                let (name, after) = rest.split_at(length);
                match after.strip_prefix('<') {
                    Some(list) => {
                        let (list, after) = until(list, '>')?;
                        let inner = divided(list, ',');
                        let inner: Result<Vec<Form>, String> =
                            inner.iter().map(|text| symbols_of(text, rule, arguments, rules)).collect();
                        (applied(name, &inner?, rules)?, after)
                    }
                    None => match rule.params.iter().position(|param| param == name) {
                        Some(at) => (arguments[at].clone(), after),
                        None => (Form::Name(name.to_owned()), after),
                    },
                }
            }
        };
        let (form, after) = match after.strip_prefix('?') {
            Some(after) => (Form::Optional(Box::new(form)), after),
            None => (form, after),
        };
        forms.push(form);
        rest = after.trim_start();
    }
    Ok(Form::sequence(forms))
}

/// What a macro stands for.
fn applied(name: &str, arguments: &[Form], rules: &BTreeMap<String, Rule>) -> Result<Form, String> {
    // A list that grows to the left is a repetition.
    if name == "Elements" {
        let [element] = arguments else { return Err("`Elements` takes one element".to_owned()) };
        let more = Form::sequence(vec![Form::Terminal(",".to_owned()), element.clone()]);
        return Ok(Form::sequence(vec![element.clone(), Form::Repeated(Box::new(more))]));
    }
    let rule = rules.get(name).ok_or_else(|| format!("there is no macro `{name}`"))?;
    match form_of(rule, arguments, rules)? {
        // Nothing, or something.
        Form::Choice(forms) if forms.contains(&Form::Sequence(Vec::new())) => {
            let rest = forms.into_iter().filter(|form| *form != Form::Sequence(Vec::new())).collect();
            Ok(Form::Optional(Box::new(Form::choice(rest))))
        }
        form => Ok(form),
    }
}

/// `A ::= A b | c` as `A ::= c b*`.
fn without_left_recursion(name: &str, form: Form) -> Form {
    let alternatives = match form {
        Form::Choice(forms) => forms,
        other => vec![other],
    };
    let own = Form::Name(name.to_owned());
    let (again, first): (Vec<Form>, Vec<Form>) =
        alternatives.into_iter().partition(|form| matches!(form, Form::Sequence(forms) if forms.first() == Some(&own)));
    let tails: Vec<Form> = again
        .into_iter()
        .map(|form| match form {
            Form::Sequence(mut forms) => {
                forms.remove(0);
                Form::sequence(forms)
            }
            other => other,
        })
        .collect();
    match tails.is_empty() {
        true => Form::choice(first),
        false => Form::sequence(vec![Form::choice(first), Form::Repeated(Box::new(Form::choice(tails)))]),
    }
}

/// Puts the rules that are another name for a rule or a terminal in their places.
fn without_aliases(mut grammar: Grammar) -> Grammar {
    while let Some((alias, meant)) = grammar.iter().find_map(|(name, form)| match form {
        Form::Name(_) | Form::Terminal(_) => Some((name.clone(), form.clone())),
        _ => None,
    }) {
        grammar.remove(&alias);
        for form in grammar.values_mut() {
            *form = replaced(form, &alias, &meant);
        }
    }
    grammar
}

fn replaced(form: &Form, name: &str, by: &Form) -> Form {
    let each = |forms: &[Form]| forms.iter().map(|form| replaced(form, name, by)).collect();
    match form {
        Form::Name(other) if other == name => by.clone(),
        Form::Name(_) | Form::Terminal(_) => form.clone(),
        Form::Sequence(forms) => Form::sequence(each(forms)),
        Form::Choice(forms) => Form::choice(each(forms)),
        Form::Optional(form) => Form::Optional(Box::new(replaced(form, name, by))),
        Form::Repeated(form) => Form::Repeated(Box::new(replaced(form, name, by))),
    }
}
