//! "Did you mean …?": the known word nearest to a written one.
//!
//! Unaware of: what the words name. The answer does not depend on the order of the candidates.

/// Words longer than this are not compared: nobody mistypes them, and the comparison is quadratic.
const MAX_CHARS: usize = 64;

/// The candidate nearest to `word` by insertions, deletions, replacements and swaps of neighbours, if it is near
/// enough: at most one change for every three characters. Upper and lower case do not count.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = lower(word)?;
    if wanted.is_empty() {
        return None;
    }
    let mut limit = wanted.len() / 3;
    let mut best: Option<(usize, usize, &str)> = None;
    let mut rows = Rows::default();
    for candidate in candidates {
        // Bytes bound characters from above, and at most four bytes make one.
        if candidate.len() > MAX_CHARS * 4 || candidate.len() * 4 < wanted.len() || candidate == word {
            continue;
        }
        let Some(other) = lower(candidate) else { continue };
        if other.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        if let Some(distance) = rows.distance(&wanted, &other, limit)
            // Of equally near ones, the one with the same letters in the same size.
            && let found = (distance, strangers(word, candidate), candidate)
            && best.is_none_or(|b| found < b)
        {
            best = Some(found);
            limit = distance;
        }
    }
    best.map(|(.., candidate)| candidate)
}

/// How many characters of a candidate are not in the word as they are written.
fn strangers(word: &str, candidate: &str) -> usize {
    candidate.chars().filter(|c| !word.contains(*c)).count()
}

fn lower(word: &str) -> Option<Vec<char>> {
    if word.len() > MAX_CHARS * 4 {
        return None;
    }
    let chars: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    (chars.len() <= MAX_CHARS).then_some(chars)
}

/// Three rows of the table of distances, kept between comparisons.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    previous: Vec<usize>,
    current: Vec<usize>,
}

impl Rows {
    /// The distance of two words, unless it is above `limit`.
    fn distance(&mut self, a: &[char], b: &[char], limit: usize) -> Option<usize> {
        self.previous.clear();
        self.previous.extend(0..=b.len());
        self.before.clone_from(&self.previous);
        self.current.clone_from(&self.previous);
        for (i, ca) in a.iter().enumerate() {
            self.current[0] = i + 1;
            let mut least = i + 1;
            for (j, cb) in b.iter().enumerate() {
                let replaced = self.previous[j] + usize::from(ca != cb);
                let mut cost = replaced.min(self.previous[j + 1] + 1).min(self.current[j] + 1);
                if i > 0 && j > 0 && *ca == b[j - 1] && a[i - 1] == *cb {
                    cost = cost.min(self.before[j - 1] + 1);
                }
                self.current[j + 1] = cost;
                least = least.min(cost);
            }
            // Every later cell grows out of this row or, by a swap, out of the one before.
            if least > limit + 1 {
                return None;
            }
            std::mem::swap(&mut self.before, &mut self.previous);
            std::mem::swap(&mut self.previous, &mut self.current);
        }
        self.previous.last().copied().filter(|d| *d <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_nearest_word() {
        let words = ["depends_on", "requires", "requires_any", "onfail", "args", "ARGV", "x"];
        for (word, expected) in [
            ("depend_on", Some("depends_on")),
            ("dpeends_on", Some("depends_on")),
            ("require", Some("requires")),
            ("Args", Some("args")),
            ("argv", Some("ARGV")),
            ("onfial", Some("onfail")),
            ("xy", None),
            ("X", Some("x")),
            ("", None),
            ("completely else", None),
        ] {
            assert_eq!(nearest(word, words.into_iter()), expected, "{word}");
            assert_eq!(nearest(word, words.into_iter().rev()), expected, "{word}, reversed");
        }
    }

    #[test]
    fn long_words_and_many_candidates_are_cheap() {
        let long = "a".repeat(1 << 20);
        assert_eq!(nearest(&long, [long.as_str(), "a"].into_iter()), None);
        let many: Vec<String> = (0..100_000).map(|i| format!("label number {i:06}")).collect();
        assert_eq!(nearest("label numbr 099999", many.iter().map(String::as_str)), Some("label number 099999"));
    }
}
