//! Fuzzy finding: leads by name, company or number, and actions by their name.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{action::Action, prompt::Found, row::Row};

/// Words to look for in rows.
pub struct Needle {
    pattern: Pattern,
    /// The digits typed, without leading zeros, if nothing else was typed.
    digits: Option<String>,
    /// Letters that a text must have: looked at first, for it is quick.
    letters: Vec<u8>,
    matcher: Matcher,
    buffer: Vec<char>,
    text: String,
}

impl std::fmt::Debug for Needle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Needle").finish_non_exhaustive()
    }
}

impl Needle {
    /// `None` where nothing was typed.
    pub fn new(typed: &str) -> Option<Needle> {
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let is_number = typed.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0').to_owned();
        let plain = typed.is_ascii() && !typed.contains(['\\', '!', '^', '$', '\'']);
        Some(Needle {
            pattern: Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart),
            digits: (is_number && !digits.is_empty()).then_some(digits),
            letters: if plain { typed.to_ascii_lowercase().into_bytes() } else { Vec::new() },
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
            text: String::new(),
        })
    }

    /// How well a row fits; `None` where it does not.
    pub fn score(&mut self, row: &Row) -> Option<u32> {
        if let Some(digits) = &self.digits {
            let number = row.phone_digits()?.to_string();
            return number.contains(digits.as_str()).then_some(1);
        }
        self.text.clear();
        self.text.push_str(row.called());
        if !row.company.is_empty() && !row.name.is_empty() {
            self.text.push(' ');
            self.text.push_str(&row.company);
        }
        if !self.may_fit() {
            return None;
        }
        let haystack = Utf32Str::new(&self.text, &mut self.buffer);
        self.pattern.score(haystack, &mut self.matcher)
    }

    /// Whether the letters stand in the text in their order, word for word. Only said of plain ASCII: the matcher knows more
    /// about the rest.
    fn may_fit(&self) -> bool {
        if !self.text.is_ascii() {
            return true;
        }
        self.letters.split(|byte| *byte == b' ').all(|word| {
            let mut text = self.text.bytes().map(|byte| byte.to_ascii_lowercase());
            word.iter().all(|letter| text.any(|byte| byte == *letter))
        })
    }
}

/// The place of the row that fits best; of several equal ones the first that comes.
pub fn best<'a>(needle: &str, rows: impl Iterator<Item = (usize, &'a Row)>) -> Option<usize> {
    let mut needle = Needle::new(needle)?;
    let mut best: Option<(u32, usize)> = None;
    for (place, row) in rows {
        if let Some(score) = needle.score(row)
            && best.is_none_or(|(highest, _)| score > highest)
        {
            best = Some((score, place));
        }
    }
    best.map(|(_, place)| place)
}

/// The place of the first row that fits.
pub fn first<'a>(needle: &str, mut rows: impl Iterator<Item = (usize, &'a Row)>) -> Option<usize> {
    let mut needle = Needle::new(needle)?;
    rows.find(|(_, row)| needle.score(row).is_some()).map(|(place, _)| place)
}

/// The actions that what was typed may mean, the best first; all of them where nothing was typed.
pub fn actions(typed: &str, refused: impl Fn(Action) -> Option<&'static str>) -> Vec<Found> {
    let found =
        |action: Action, matched: Vec<u32>| Found { action, matched, refused: refused(action) };
    let typed = typed.trim();
    if typed.is_empty() {
        return Action::ALL.iter().map(|action| found(*action, Vec::new())).collect();
    }
    // As in every editor.
    let typed = match typed {
        "q" | "q!" | "qa" | "wq" | "x" => Action::Quit.name(),
        other => other,
    };
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, Found)> = Vec::new();
    for action in Action::ALL {
        let mut matched = Vec::new();
        let name = Utf32Str::new(action.name(), &mut buffer);
        let by_name = pattern.indices(name, &mut matcher, &mut matched);
        let score = match by_name {
            // A name says more than a word somewhere in the sentence.
            Some(score) => Some(score + 1_000),
            None => {
                let mut buffer = Vec::new();
                matched.clear();
                let sentence = action.sentence().to_lowercase();
                let whole =
                    typed.split_whitespace().all(|word| sentence.contains(&word.to_lowercase()));
                whole
                    .then(|| pattern.score(Utf32Str::new(&sentence, &mut buffer), &mut matcher))
                    .flatten()
            }
        };
        if let Some(score) = score {
            matched.sort_unstable();
            matched.dedup();
            scored.push((score, found(*action, matched)));
        }
    }
    // Stable: what fits equally well stays in the order of help.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_found(typed: &str) -> Option<Action> {
        actions(typed, |_| None).first().map(|found| found.action)
    }

    #[test]
    fn the_palette_finds_every_action_by_its_name_and_q_leaves() {
        for action in Action::ALL {
            assert_eq!(first_found(action.name()), Some(*action), "{action:?}");
        }
        assert_eq!(first_found("q"), Some(Action::Quit));
        assert_eq!(first_found("clm"), Some(Action::Claim));
        assert_eq!(first_found("callback tomorrow"), Some(Action::Schedule));
        assert_eq!(first_found("zzz"), None);
        assert_eq!(actions("", |_| None).len(), Action::ALL.len());
    }
}
