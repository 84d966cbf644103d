//! Who decides, by name: "decision maker is Jane Smith", "Lorraine Tasker signs it off".

use super::tokens::{Gap, Tokens};

const MOST_DECIDERS: usize = 5;
const MOST_NAME_WORDS: usize = 4;
/// Longest title kept in brackets behind a name, in bytes.
const LONGEST_TITLE: usize = 40;

/// Names that the notes give as deciding. Only what is written like a name counts: somebody who is
/// "the owner" or "my wife" is not named.
pub(super) fn read(tokens: &Tokens<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        let found = match tokens.word(at).as_bytes() {
            b"decider" | b"deciders" | b"maker" | b"makers" | b"approver" => {
                around_role(tokens, at)
            }
            b"holder" if tokens.before(at, 1) == "budget" => around_role(tokens, at),
            b"off" if signs(tokens.before(at, 1)) || signs(tokens.before(at, 2)) => {
                around_signing(tokens, at)
            }
            b"decides" | b"approves" => names_before(tokens, at),
            b"decide" if tokens.before(at, 1) == "will" => names_before(tokens, at - 1),
            b"decision"
                if matches!(tokens.word(at + 1), "is" | "lies" | "rests" | "sits")
                    && tokens.word(at + 2) == "with" =>
            {
                names_from(tokens, at + 3)
            }
            b"say" if tokens.before(at, 1) == "final" => names_before(tokens, at - 1),
            _ => continue,
        };
        for name in found {
            if names.len() < MOST_DECIDERS && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn signs(word: &str) -> bool {
    matches!(word, "sign" | "signs" | "signed")
}

/// "decision maker: …", "decision makers are …", "… is the decision maker".
fn around_role(tokens: &Tokens<'_>, at: usize) -> Vec<String> {
    if matches!(tokens.word(at), "maker" | "makers") && tokens.before(at, 1) != "decision" {
        return Vec::new();
    }
    let is_verb = |at: usize| matches!(tokens.word(at), "is" | "are" | "was" | "will" | "be");
    let mut from = at + 1;
    while is_verb(from) {
        from += 1;
    }
    if from > at + 1 || tokens.gap(from) == Gap::Colon {
        return names_from(tokens, from);
    }
    names_before(tokens, at)
}

/// "signed off by …", "… signs it off".
fn around_signing(tokens: &Tokens<'_>, at: usize) -> Vec<String> {
    if tokens.word(at + 1) == "by" {
        return names_from(tokens, at + 2);
    }
    let verb = if signs(tokens.before(at, 1)) { at - 1 } else { at - 2 };
    names_before(tokens, verb)
}

/// Names one after another: "Jane Smith (MD), Tom and Priya".
fn names_from(tokens: &Tokens<'_>, mut at: usize) -> Vec<String> {
    let mut names = Vec::new();
    while names.len() < MOST_DECIDERS {
        let skip =
            usize::from(matches!(tokens.word(at), "and" | "our" | "the" | "their" | "his" | "her"));
        at += skip;
        let mut from = at;
        while is_title(tokens.word(from)) && tokens.is_close(from + 1) {
            from += 1;
        }
        let Some(end) = name_end(tokens, from) else { break };
        let title = bracketed(tokens.rest_after(end - 1));
        names.push(format!("{}{}", tokens.original(from, end), title.unwrap_or("")));
        at = end + title.map_or(0, |title| title.split_whitespace().count());
        if tokens.gap(at) == Gap::Sentence {
            break;
        }
    }
    names
}

/// The names that end just before `at`, past "is the", "and", commas.
fn names_before(tokens: &Tokens<'_>, at: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut end = at;
    while end > 0 && names.len() < MOST_DECIDERS && tokens.gap(end) != Gap::Sentence {
        let is_small = matches!(
            tokens.word(end - 1),
            "is" | "are"
                | "the"
                | "a"
                | "our"
                | "their"
                | "final"
                | "main"
                | "sole"
                | "joint"
                | "will"
                | "be"
                | "and"
                | "has"
                | "have"
                | "decision"
                | "both"
                | "who"
                | "also"
                | "budget"
        );
        if is_small {
            end -= 1;
            continue;
        }
        let mut from = end;
        while from > 0
            && end - from < MOST_NAME_WORDS
            && is_name_word(tokens, from - 1)
            && (from == end || tokens.is_close(from))
        {
            from -= 1;
        }
        if from == end {
            break;
        }
        names.insert(0, tokens.original(from, end).to_owned());
        end = from;
    }
    names
}

fn name_end(tokens: &Tokens<'_>, from: usize) -> Option<usize> {
    let mut end = from;
    while end - from < MOST_NAME_WORDS
        && is_name_word(tokens, end)
        && (end == from || tokens.is_close(end))
    {
        end += 1;
    }
    (end > from).then_some(end)
}

/// Written like a name: a capital, then small letters somewhere, and no title or pronoun.
fn is_name_word(tokens: &Tokens<'_>, at: usize) -> bool {
    let original = tokens.original(at, at + 1);
    original.chars().next().is_some_and(char::is_uppercase)
        && (original.chars().any(char::is_lowercase) || original.chars().count() == 1)
        && !is_title(tokens.word(at))
        && !matches!(
            tokens.word(at),
            "he" | "she"
                | "they"
                | "i"
                | "we"
                | "it"
                | "the"
                | "our"
                | "their"
                | "his"
                | "her"
                | "my"
                | "this"
                | "nobody"
                | "everyone"
                | "someone"
                | "himself"
                | "herself"
                | "just"
                | "only"
                | "both"
                | "yes"
                | "no"
                | "who"
                | "timeline"
                | "budget"
                | "decision"
                | "decider"
                | "deciders"
                | "wants"
                | "needs"
                | "tbc"
                | "unknown"
                | "caller"
                | "and"
                | "a"
                | "not"
        )
}

fn is_title(word: &str) -> bool {
    matches!(
        word,
        "managing"
            | "director"
            | "owner"
            | "board"
            | "partner"
            | "partners"
            | "manager"
            | "husband"
            | "wife"
            | "boss"
            | "head"
            | "chief"
            | "executive"
            | "officer"
            | "finance"
            | "financial"
            | "operations"
            | "md"
            | "ceo"
            | "cfo"
            | "coo"
            | "cto"
            | "fd"
            | "hr"
            | "founder"
            | "chair"
            | "chairman"
            | "committee"
            | "directors"
            | "owners"
            | "uncle"
            | "aunt"
            | "brother"
            | "sister"
            | "dad"
            | "mum"
            | "father"
            | "mother"
    )
}

/// " (managing director)" at the beginning of the text.
fn bracketed(rest: &str) -> Option<&str> {
    let end = rest.strip_prefix(" (")?.find(')')? + 3;
    let title = &rest[..end];
    (end <= LONGEST_TITLE && !title.contains('\n') && !title[2..].contains('(')).then_some(title)
}
