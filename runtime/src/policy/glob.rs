//! Patterns of policies. `*` stands for any characters and `?` for one; in paths neither stands for `/`, and a part that
//! is `**` stands for any number of parts, none included.
//!
//! Unaware of: what the texts are. The cost is at most the product of both lengths.

/// Whether a whole text fits a pattern.
pub fn word(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // The last `*`, and how far the text was when it was met: one step back is always enough.
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, done)) => {
                    star = Some((at, done + 1));
                    (p, t) = (at + 1, done + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether a normal path fits a pattern.
pub fn path(pattern: &str, path: &str) -> bool {
    let parts = |text| -> Vec<String> { str::split(text, '/').filter(|p| !p.is_empty()).map(str::to_owned).collect() };
    let (pattern, path) = (parts(pattern), parts(path));
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < path.len() {
        match pattern.get(p) {
            Some(part) if part == "**" => {
                star = Some((p, t));
                p += 1;
            }
            Some(part) if word(part, &path[t]) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, done)) => {
                    star = Some((at, done + 1));
                    (p, t) = (at + 1, done + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|part| part == "**")
}

/// Whether everything below a path fits a pattern: it ends with `**`, and the path fits already.
pub fn tree(pattern: &str, below: &str) -> bool {
    (pattern == "/**" || pattern.ends_with("/**")) && path(pattern, below)
}

/// Whether the address of a secret fits a pattern. What stands behind `file:` is a path.
pub fn address(pattern: &str, text: &str) -> bool {
    match (pattern.strip_prefix("file:"), text.strip_prefix("file:")) {
        (Some(pattern), Some(file)) => path(pattern, &super::demand::normal(file)),
        (None, None) => word(pattern, text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_as_a_whole() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*.conf", "a.conf.conf", true),
            ("a?c", "aüc", true),
            ("a?c", "ac", false),
            ("***a*b", "xxaxxb", true),
        ] {
            assert_eq!(word(pattern, text), fits, "{pattern} {text}");
        }
        let (pattern, text) = ("*a".repeat(200), "a".repeat(20_000) + "b");
        assert!(!word(&pattern, &text));
    }

    #[test]
    fn paths_fit_part_by_part() {
        for (pattern, text, fits) in [
            ("/etc/nginx/**", "/etc/nginx", true),
            ("/etc/nginx/**", "/etc/nginx/a/b", true),
            ("/etc/nginx/**", "/etc/nginxx", false),
            ("/etc/*/a", "/etc/x/a", true),
            ("/etc/*/a", "/etc/x/y/a", false),
            ("/**/a/*", "/x/y/a/b", true),
            ("/**/a/*", "/a/a/a/b/c", false),
            ("/", "/", true),
            ("/**", "/", true),
            ("/etc/*", "/etc", false),
        ] {
            assert_eq!(path(pattern, text), fits, "{pattern} {text}");
        }
        assert!(tree("/srv/**", "/srv/a") && !tree("/srv/*", "/srv/a") && !tree("/srv/**", "/etc"));
        assert!(address("env:APP_*", "env:APP_KEY") && !address("env:*", "file:/x") && !address("*", "file:/x"));
        assert!(address("file:/run/**", "file:/run//x") && !address("file:/run/*", "file:/run/a/b"));
    }
}
