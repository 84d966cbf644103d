//! From a theme's file, and those it inherits from, to a [`Theme`].

use std::collections::HashMap;

use ratatui::style::{Color, Modifier, Style};
use toml::{Spanned, de::DeValue};

use super::{DEFAULT, Meaning, Theme, ThemeError, Themes, colour};
use crate::console::toml_file::{Fault, Source, Table};

/// How many themes may stand behind one another: more is a circle.
const GENERATIONS: usize = 8;

/// The words of a meaning's table, each with the modifier it sets.
const MODIFIERS: [(&str, Modifier); 6] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
    ("blink", Modifier::SLOW_BLINK),
];
const STYLE_WORDS: [&str; 8] =
    ["fg", "bg", "bold", "dim", "italic", "underline", "reverse", "blink"];
const FILE_WORDS: [&str; 3] = ["inherits", "palette", "meanings"];

/// One theme's file, colours still as words: a child's palette also recolours what it inherits.
#[derive(Default)]
struct File {
    inherits: Option<String>,
    palette: HashMap<String, Color>,
    meanings: Vec<(Meaning, Look)>,
}

/// How a meaning looks, as written.
#[derive(Clone, Default)]
struct Look {
    fg: Option<Word>,
    bg: Option<Word>,
    modifiers: Modifier,
}

/// A colour's word and the fault to tell if it turns out to name nothing.
#[derive(Clone)]
struct Word {
    text: String,
    unknown: Fault,
}

pub(super) fn theme(themes: &Themes, name: &str) -> Result<Theme, ThemeError> {
    let family = family(themes, name)?;
    let mut palette = HashMap::new();
    let mut looks: [Option<Look>; Meaning::COUNT] = std::array::from_fn(|_| None);
    for file in family.into_iter().rev() {
        palette.extend(file.palette);
        for (meaning, look) in file.meanings {
            looks[meaning as usize] = Some(look);
        }
    }
    let mut faults = Vec::new();
    let styles = looks.map(|look| resolve(look.unwrap_or_default(), &palette, &mut faults));
    if faults.is_empty() {
        Ok(Theme { name: name.to_owned(), styles })
    } else {
        Err(ThemeError::Faulty(faults))
    }
}

/// A theme's file and those it inherits from, itself first.
fn family(themes: &Themes, name: &str) -> Result<Vec<File>, ThemeError> {
    let mut family = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(name) = next {
        let (path, text) = themes.text(&name)?;
        let source = Source { file: &path, text: &text };
        if family.len() == GENERATIONS {
            let what = format!("more than {GENERATIONS} themes inherit from one another");
            return Err(ThemeError::Faulty(vec![source.fault(0..0, what)]));
        }
        let file = read(source).map_err(ThemeError::Faulty)?;
        next = match &file.inherits {
            Some(parent) => Some(parent.clone()),
            // A user's file that says little is completed from the default; ours say all.
            None if name != DEFAULT && file.meanings.len() < Meaning::COUNT => Some(DEFAULT.into()),
            None => None,
        };
        family.push(file);
    }
    Ok(family)
}

fn read(source: Source<'_>) -> Result<File, Vec<Fault>> {
    let table = source.parse()?;
    let mut reader = Reader { source, faults: Vec::new() };
    let mut file = File::default();
    for (key, value) in &table {
        match key.get_ref().as_ref() {
            "inherits" => file.inherits = reader.text(value, "the name of a theme"),
            "palette" => file.palette = reader.palette(value),
            "meanings" => file.meanings = reader.meanings(value),
            _ => reader.faults.push(source.unknown(key, "key", &FILE_WORDS)),
        }
    }
    let mut faults = reader.faults;
    faults.sort_by_key(|fault| (fault.line, fault.column));
    if faults.is_empty() { Ok(file) } else { Err(faults) }
}

struct Reader<'a> {
    source: Source<'a>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn text(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            let what = format!("this must be {wanted}, in quotes");
            self.faults.push(self.source.fault(value.span(), what));
        }
        text
    }

    fn table<'t, 'i>(&mut self, value: &'t Spanned<DeValue<'i>>) -> Option<&'t Table<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.faults.push(self.source.fault(value.span(), "this must be a table"));
        }
        table
    }

    fn palette(&mut self, value: &Spanned<DeValue<'_>>) -> HashMap<String, Color> {
        let mut palette = HashMap::new();
        for (name, value) in self.table(value).into_iter().flatten() {
            let Some(word) = self.text(value, "a colour") else { continue };
            match colour::read(&word) {
                Some(colour) => {
                    palette.insert(name.get_ref().to_string(), colour);
                }
                None => self.faults.push(self.source.fault(value.span(), no_colour(&word))),
            }
        }
        palette
    }

    fn meanings(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Meaning, Look)> {
        let mut meanings = Vec::new();
        for (word, value) in self.table(value).into_iter().flatten() {
            match Meaning::read(word.get_ref()) {
                Some(meaning) => meanings.push((meaning, self.look(value))),
                None => {
                    self.faults.push(self.source.unknown(word, "meaning", Meaning::WORDS));
                }
            }
        }
        meanings
    }

    /// A colour's word alone is the colour of the text; a table says more.
    fn look(&mut self, value: &Spanned<DeValue<'_>>) -> Look {
        let mut look = Look::default();
        if value.get_ref().is_str() {
            look.fg = self.word(value);
            return look;
        }
        let Some(table) = value.get_ref().as_table() else {
            let what =
                "this must be a colour in quotes, or a table like { fg = \"red\", bold = true }";
            self.faults.push(self.source.fault(value.span(), what));
            return look;
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "fg" => look.fg = self.word(value),
                "bg" => look.bg = self.word(value),
                word => match MODIFIERS.iter().find(|(known, _)| *known == word) {
                    Some((_, modifier)) => self.modifier(value, *modifier, &mut look.modifiers),
                    None => self.faults.push(self.source.unknown(key, "key", &STYLE_WORDS)),
                },
            }
        }
        look
    }

    fn modifier(&mut self, value: &Spanned<DeValue<'_>>, modifier: Modifier, set: &mut Modifier) {
        match value.get_ref().as_bool() {
            Some(on) => set.set(modifier, on),
            None => self.faults.push(self.source.fault(value.span(), "this must be true or false")),
        }
    }

    fn word(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Word> {
        let text = self.text(value, "a colour")?;
        let unknown = self.source.fault(value.span(), no_colour(&text));
        Some(Word { text, unknown })
    }
}

fn no_colour(word: &str) -> String {
    format!(
        "`{word}` is no colour; write #rrggbb, a name of [palette], a number from 0 to 255, or one of default, black, red, \
         green, yellow, blue, magenta, cyan, white, light-grey, dark-grey and light-red to light-cyan"
    )
}

fn resolve(look: Look, palette: &HashMap<String, Color>, faults: &mut Vec<Fault>) -> Style {
    let mut colour = |word: Option<Word>| {
        let word = word?;
        let found = palette.get(&word.text).copied().or_else(|| colour::read(&word.text));
        if found.is_none() {
            faults.push(word.unknown);
        }
        found
    };
    let (fg, bg) = (colour(look.fg), colour(look.bg));
    Style { fg, bg, add_modifier: look.modifiers, ..Style::new() }
}
