//! Command lines as words and back. Quoting as in a POSIX shell, and nothing else of a shell: no variables,
//! no patterns, no operators.

use ipcmm_bytecode::{Fault, FaultKind};

/// Splits a line into words.
pub fn split(line: &str) -> Result<Vec<String>, Fault> {
    let unfinished = |what: &str| Fault::new(FaultKind::BadArgument, format!("{what} in the command `{line}`"));
    let mut words = Vec::new();
    // `None` between words: an empty pair of quotes is a word, too.
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err(unfinished("a `'` is not closed")),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some('\n') => {}
                            Some(c @ ('$' | '`' | '"' | '\\')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                            None => return Err(unfinished("a `\"` is not closed")),
                        },
                        Some(c) => word.push(c),
                        None => return Err(unfinished("a `\"` is not closed")),
                    }
                }
            }
            '\\' => match chars.next() {
                Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err(unfinished("nothing follows the last `\\`")),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// The word as a shell would need it to read the same.
pub fn quote(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"%+,-./:=@_^".contains(&b);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_like_in_a_shell_without_expansion() {
        for (line, words) in [
            ("", &[][..]),
            ("  ls   -l\t/x ", &["ls", "-l", "/x"]),
            ("a 'b c' d", &["a", "b c", "d"]),
            ("a'b'\"c\"d", &["abcd"]),
            ("'' \"\"", &["", ""]),
            (r#""a\"b\\c\d\$e""#, &[r#"a"b\c\d$e"#]),
            (r"a\ b \'", &["a b", "'"]),
            ("a\\\nb", &["ab"]),
            ("'it'\\''s'", &["it's"]),
            (
                "echo $HOME `id` $(id) *.c ; rm -rf / # x",
                &["echo", "$HOME", "`id`", "$(id)", "*.c", ";", "rm", "-rf", "/", "#", "x"],
            ),
            ("grüße 'ä ö'", &["grüße", "ä ö"]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
            let again = words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" ");
            assert_eq!(split(&again).unwrap(), words, "quoted: {again}");
        }
        for line in ["'a", "\"a", "\"a\\", "a\\"] {
            assert_eq!(split(line).unwrap_err().kind, FaultKind::BadArgument, "{line}");
        }
    }
}
