//! Globs over names of nodes and over paths: `*` any characters, `?` one, and in paths `**` any folders.
//!
//! No backtracking beyond the last star, so a match takes at most pattern times text.

/// Whether a text is a pattern and not a plain name.
pub fn is_glob(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether a pattern matches a whole name.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    wild(&pattern, &name, |p| *p == '*', |p, c| *p == '?' || p == c)
}

/// Whether a pattern matches a whole path with `/` between its parts.
pub fn matches_path(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (parts(pattern), parts(path));
    wild(&pattern, &path, |p| *p == "**", |p, part| matches(p, part))
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect()
}

/// Matches where some elements of the pattern stand for any run of elements. Only the last such element is ever tried
/// again: a longer run of an earlier one could not match more.
fn wild<P, T>(pattern: &[P], text: &[T], any: impl Fn(&P) -> bool, one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && any(&pattern[p]) {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && one(&pattern[p], &text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (pattern, name, expected) in [
            ("web*", "web1", true),
            ("web*", "db1", false),
            ("*", "", true),
            ("web?", "web", false),
            ("*.eu", "a.b.eu", true),
            ("a*b*c", "aXXbYYbc", true),
            ("a*b*c", "aXXbYY", false),
            ("db1", "db1", true),
            ("**", "x", true),
            ("ü?", "üß", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        let (stars, text) = ("*a".repeat(2000), "a".repeat(4000));
        assert!(matches(&stars, &text) && !matches(&stars, &(text + "b")));
    }

    #[test]
    fn paths() {
        for (pattern, path, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "x/a.yaml", false),
            ("**/*.yaml", "x/y/a.yaml", true),
            ("**/*.yaml", "a.yaml", true),
            ("./x/*", "x/a", true),
            ("x/**", "x/a/b", true),
            ("x/**/b", "x/b", true),
            ("x", "x/b", false),
        ] {
            assert_eq!(matches_path(pattern, path), expected, "{pattern} {path}");
        }
    }
}
