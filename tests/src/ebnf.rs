//! Grammars as data: read from a page in EBNF, or from the grammar of the parser, and compared.
//!
//! The notation is that of the XML recommendation: `Rule ::= …`, `|`, `( )`, `?`, `*`, `+`, and terminals in double
//! quotes. A name that no rule defines is a terminal too, described in words. Unaware of what a sentence means.

pub mod lalrpop;

use crate::graphs::Rng;
use std::collections::BTreeMap;
use std::fmt;

/// The right side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// These characters.
    Terminal(String),
    /// A rule, or a terminal described in words.
    Name(String),
    /// One after the other; empty for nothing.
    Sequence(Vec<Form>),
    /// One of them.
    Choice(Vec<Form>),
    /// Once or not at all.
    Optional(Box<Form>),
    /// Any number of times.
    Repeated(Box<Form>),
}

/// Rules by name.
pub type Grammar = BTreeMap<String, Form>;

impl Form {
    /// A sequence without needless nesting.
    pub fn sequence(forms: Vec<Form>) -> Form {
        let mut flat = Vec::with_capacity(forms.len());
        for form in forms {
            match form {
                Form::Sequence(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Form::Sequence(flat) }
    }

    /// A choice without needless nesting, whose order does not matter.
    pub fn choice(forms: Vec<Form>) -> Form {
        let mut flat = Vec::with_capacity(forms.len());
        for form in forms {
            match form {
                Form::Choice(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        flat.sort();
        flat.dedup();
        if flat.len() == 1 { flat.remove(0) } else { Form::Choice(flat) }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Terminal(text) => write!(f, "\"{text}\""),
            Form::Name(name) => f.write_str(name),
            Form::Sequence(forms) => {
                for (i, form) in forms.iter().enumerate() {
                    let space = if i == 0 { "" } else { " " };
                    match form {
                        Form::Choice(_) => write!(f, "{space}({form})")?,
                        form => write!(f, "{space}{form}")?,
                    }
                }
                Ok(())
            }
            Form::Choice(forms) => {
                for (i, form) in forms.iter().enumerate() {
                    write!(f, "{}{form}", if i == 0 { "" } else { " | " })?;
                }
                Ok(())
            }
            Form::Optional(form) | Form::Repeated(form) => {
                let sign = if matches!(self, Form::Optional(_)) { '?' } else { '*' };
                match form.as_ref() {
                    Form::Terminal(_) | Form::Name(_) => write!(f, "{form}{sign}"),
                    form => write!(f, "({form}){sign}"),
                }
            }
        }
    }
}

/// Reads rules; a rule ends where the next one begins.
pub fn read(text: &str) -> Result<Grammar, String> {
    let words = words(text)?;
    let mut starts: Vec<usize> = (1..words.len()).filter(|&i| words[i] == "::=").map(|i| i - 1).collect();
    starts.push(words.len());
    let mut grammar = Grammar::new();
    for pair in starts.windows(2) {
        let name = &words[pair[0]];
        let mut reader = Reader { words: &words[pair[0] + 2..pair[1]], at: 0 };
        let form = reader.choice()?;
        if reader.at < reader.words.len() {
            return Err(format!("`{name}`: `{}` does not belong here", reader.words[reader.at]));
        }
        if grammar.insert(name.clone(), form).is_some() {
            return Err(format!("`{name}` is defined twice"));
        }
    }
    Ok(grammar)
}

fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => 2 + rest[1..].find('"').ok_or("a terminal is not closed")?,
            ':' if rest.starts_with("::=") => 3,
            '|' | '(' | ')' | '?' | '*' | '+' => 1,
            c if c.is_alphanumeric() => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
            c => return Err(format!("`{c}` has no meaning in a grammar")),
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

struct Reader<'w> {
    words: &'w [String],
    at: usize,
}

impl Reader<'_> {
    fn next_is(&mut self, word: &str) -> bool {
        let is = self.words.get(self.at).is_some_and(|w| w == word);
        self.at += usize::from(is);
        is
    }

    fn choice(&mut self) -> Result<Form, String> {
        let mut forms = vec![self.sequence()?];
        while self.next_is("|") {
            forms.push(self.sequence()?);
        }
        Ok(Form::choice(forms))
    }

    fn sequence(&mut self) -> Result<Form, String> {
        let mut forms = Vec::new();
        while let Some(word) = self.words.get(self.at) {
            let form = match word.as_str() {
                "|" | ")" => break,
                "(" => {
                    self.at += 1;
                    let inner = self.choice()?;
                    if !self.next_is(")") {
                        return Err("a parenthesis is not closed".to_owned());
                    }
                    inner
                }
                word => {
                    self.at += 1;
                    match word.strip_prefix('"') {
                        Some(text) => Form::Terminal(text[..text.len() - 1].to_owned()),
                        None => Form::Name(word.to_owned()),
                    }
                }
            };
            forms.push(if self.next_is("?") {
                Form::Optional(Box::new(form))
            } else if self.next_is("*") {
                Form::Repeated(Box::new(form))
            } else if self.next_is("+") {
                Form::sequence(vec![form.clone(), Form::Repeated(Box::new(form))])
            } else {
                form
            });
        }
        Ok(Form::sequence(forms))
    }
}

/// A sentence by chance. `samples` gives texts for the terminals that are described in words; below `depth` zero the
/// shortest choice is taken.
pub fn sentence(grammar: &Grammar, form: &Form, samples: &[(&str, &[&str])], depth: u32, rng: &mut Rng) -> String {
    let below = |form: &Form, rng: &mut Rng| sentence(grammar, form, samples, depth.saturating_sub(1), rng);
    match form {
        Form::Terminal(text) => text.clone(),
        Form::Name(name) => match grammar.get(name) {
            Some(rule) => below(rule, rng),
            None => {
                let texts = samples.iter().find(|(sample, _)| sample == name).map(|(_, texts)| *texts);
                (*rng.pick(texts.unwrap_or_else(|| panic!("`{name}` is neither a rule nor a known terminal"))))
                    .to_owned()
            }
        },
        Form::Sequence(forms) => forms.iter().map(|form| below(form, rng)).collect(),
        Form::Choice(forms) => {
            let plain = |form: &&Form| match form {
                Form::Terminal(_) => true,
                Form::Name(name) => !grammar.contains_key(name),
                _ => false,
            };
            let end = if depth == 0 { forms.iter().find(plain) } else { None };
            below(end.unwrap_or_else(|| rng.pick(forms)), rng)
        }
        Form::Optional(form) => {
            if depth > 0 && rng.percent(50) {
                below(form, rng)
            } else {
                String::new()
            }
        }
        Form::Repeated(form) => {
            let times = if depth > 0 { rng.below(3) } else { 0 };
            (0..times).map(|_| below(form, rng)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_grammar::type_syntax::parse_type;
    use ipcmm_grammar::units::{parse_duration, parse_mode, parse_size};

    /// The rules of a section of the page.
    fn rules(title: &str) -> Grammar {
        let document = crate::document::Document::read(&crate::suite::root().join("spec/grammar.md"));
        let case = document.cases.iter().find(|case| case.title == title).expect("a section of this title");
        let text: String =
            case.fences.iter().filter(|fence| fence.kind == "ebnf").map(|fence| fence.text.as_str()).collect();
        read(&text).expect("rules that can be read")
    }

    #[test]
    fn the_page_and_the_parser_have_the_same_expressions() {
        let source =
            std::fs::read_to_string(crate::suite::root().join("grammar/src/expr.lalrpop")).expect("the grammar");
        let parser = lalrpop::read(&source).expect("a grammar that can be read");
        let page = rules("Expressions");
        let print = |grammar: &Grammar| -> String {
            grammar.iter().map(|(name, form)| format!("{name} ::= {form}\n")).collect()
        };
        let differ = crate::suite::diff(&print(&page), &print(&parser));
        assert!(page == parser, "\n{differ}");
    }

    #[test]
    fn every_sentence_of_the_page_is_read() {
        let samples: &[(&str, &[&str])] = &[
            ("name", &["a", "port", "größe", "_x1"]),
            ("characters", &["a", "a b", "", "x-1"]),
            ("digits", &["0", "7", "12", "007"]),
        ];
        type Reads = fn(&str) -> bool;
        let cases: [(&str, &str, Reads); 4] = [
            ("Types", "Type", |text| parse_type(text).is_ok()),
            ("Durations, sizes and modes", "Duration", |text| parse_duration(text).is_some()),
            ("Durations, sizes and modes", "Size", |text| parse_size(text).is_some()),
            ("Durations, sizes and modes", "Mode", |text| parse_mode(text).is_some()),
        ];
        for (title, start, reads) in cases {
            let grammar = rules(title);
            let form = grammar.get(start).expect("the rule to start with");
            for seed in 0..400 {
                let text = sentence(&grammar, form, samples, 6, &mut Rng::new(seed));
                assert!(reads(&text), "{start}: `{text}`");
            }
        }
    }

    #[test]
    fn what_is_no_grammar_is_refused() {
        for text in ["A ::= \"b", "A ::= (b", "A ::= b)", "A ::= ; b", "A ::= b\nA ::= c"] {
            assert!(read(text).is_err(), "{text}");
        }
        let grammar = read("A ::= b+ (\"c\" | d)?\nB ::= A").expect("a grammar");
        assert_eq!(grammar["A"].to_string(), "b b* (\"c\" | d)?");
    }
}
