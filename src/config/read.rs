//! Reading sections out of the tree: every key that a section knows is asked for once, every fault is noted with its
//! place, and reading goes on, so that all faults are told together.
//!
//! What a section was never asked for is an unknown key. So the code that reads a section is also the list of its keys,
//! and there is no second one to keep in step.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use secrecy::SecretString;

use super::{
    errors::{Fault, Place},
    nearest,
    tree::{Node, Table},
};

/// What reading found out on its way.
#[derive(Default)]
pub(super) struct Notes {
    faults: RefCell<Vec<Fault>>,
    warnings: RefCell<Vec<Fault>>,
    /// The keys that were asked for, by the label of their section.
    known: RefCell<BTreeMap<String, BTreeSet<&'static str>>>,
    written: RefCell<Vec<Written>>,
}

/// A key that somebody wrote.
struct Written {
    section: String,
    key: String,
    place: Place,
    is_section: bool,
}

impl Notes {
    pub(super) fn fault(&self, place: &Place, problem: String) {
        self.faults.borrow_mut().push(Fault { place: place.clone(), problem });
    }

    pub(super) fn warn(&self, place: &Place, problem: String) {
        self.warnings.borrow_mut().push(Fault { place: place.clone(), problem });
    }

    /// The whole configuration as a section, whose keys are the sections.
    pub(super) fn root<'r>(&'r self, table: &'r Table, place: Place) -> Section<'r> {
        self.section(ROOT.into(), Some(table), place)
    }

    /// Faults, unknown keys among them, and warnings. To be called when everything has been read.
    pub(super) fn finish(self) -> (Vec<Fault>, Vec<Fault>) {
        let known = self.known.into_inner();
        let mut faults = self.faults.into_inner();
        for written in self.written.into_inner() {
            let keys = known.get(&written.section);
            if !keys.is_some_and(|keys| keys.contains(written.key.as_str())) {
                let problem = unknown(&written, &known);
                faults.push(Fault { place: written.place, problem });
            }
        }
        let mut warnings = self.warnings.into_inner();
        warnings.sort();
        (faults, warnings)
    }

    /// Every key that was asked for, after its section's label.
    #[cfg(test)]
    pub(super) fn known_keys(&self) -> Vec<(String, &'static str)> {
        let known = self.known.borrow();
        known
            .iter()
            .flat_map(|(label, keys)| keys.iter().map(|key| (label.clone(), *key)))
            .collect()
    }

    fn section<'r>(&'r self, label: String, table: Option<&'r Table>, place: Place) -> Section<'r> {
        if let Some(table) = table {
            self.written.borrow_mut().extend(table.iter().map(|(key, entry)| Written {
                section: label.clone(),
                key: key.clone(),
                place: entry.key.clone(),
                is_section: entry.node.is_section(),
            }));
        }
        Section { notes: self, label, table, place }
    }
}

/// The label of the whole configuration.
const ROOT: &str = "";

/// The sentence for a key that no one asked for.
fn unknown(written: &Written, known: &BTreeMap<String, BTreeSet<&'static str>>) -> String {
    let Written { section, key, .. } = written;
    let at_top = section == ROOT;
    let what = match (at_top, written.is_section) {
        (true, true) => format!("unknown section [{key}]"),
        (true, false) => format!("unknown key `{key}` outside any section"),
        (false, _) => format!("unknown key `{key}` in {section}"),
    };
    let siblings = known.get(section).into_iter().flatten().copied();
    if let Some(near) = nearest(key, siblings.clone()) {
        let near = if at_top { format!("[{near}]") } else { format!("`{near}`") };
        return format!("{what}: did you mean {near}?");
    }
    let elsewhere: Vec<&str> = known
        .iter()
        .filter(|(label, keys)| *label != section && keys.contains(key.as_str()))
        .map(|(label, _)| label.as_str())
        .collect();
    match elsewhere[..] {
        [home] if home != ROOT => format!("{what}: it belongs in {home}"),
        _ => {
            let names: Vec<String> = siblings.map(|name| format!("`{name}`")).collect();
            format!("{what}: known here are {}", names.join(", "))
        }
    }
}

/// One section of the configuration, or one element of a list of sections; present or not.
pub(super) struct Section<'r> {
    pub(super) notes: &'r Notes,
    /// As it is written in the file: `[business]`, `[[team]]`.
    label: String,
    table: Option<&'r Table>,
    /// Where it begins.
    place: Place,
}

impl<'r> Section<'r> {
    /// Whether anybody wrote it.
    pub(super) fn is_given(&self) -> bool {
        self.table.is_some()
    }

    /// The node under `key`, which from now on is a known key of this section.
    pub(super) fn node(&self, key: &'static str) -> Option<&'r Node> {
        self.notes.known.borrow_mut().entry(self.label.clone()).or_default().insert(key);
        self.table.and_then(|table| table.get(key)).map(|entry| &entry.node)
    }

    /// The value of `key` as `read` understands it; `None` when it is not given, or wrong, which is noted.
    pub(super) fn get<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&'r Node) -> Result<T, String>,
    ) -> Option<T> {
        let node = self.node(key)?;
        read(node).map_err(|problem| self.notes.fault(&node.place, problem)).ok()
    }

    /// Like [`Section::get`], but a section that is given must have the key. `example` is a right value.
    pub(super) fn require<T>(
        &self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&'r Node) -> Result<T, String>,
    ) -> Option<T> {
        if self.is_given() && self.node(key).is_none() {
            self.missing(key, example);
        }
        self.get(key, read)
    }

    /// The values of a list, each read by itself. `None` when the key is not given or holds no list.
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Node) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let nodes = self.get(key, Node::list)?;
        let item =
            |node: &Node| read(node).map_err(|problem| self.notes.fault(&node.place, problem)).ok();
        Some(nodes.iter().filter_map(item).collect())
    }

    /// A secret: given in the configuration itself as `key`, or as the content of the file that `key_file` names.
    /// Where the file gives one and the environment the other, the environment counts.
    pub(super) fn secret(&self, key: &'static str, key_file: &'static str) -> Option<SecretString> {
        let (here, there) = (self.node(key), self.node(key_file));
        let from_environment =
            |node: Option<&Node>| node.is_some_and(|node| matches!(node.place, Place::Variable(_)));
        match (here, there) {
            (Some(_), Some(_)) if from_environment(here) == from_environment(there) => {
                let problem = format!("`{key}` and `{key_file}` are both given: keep one of them");
                self.fault(key_file, problem);
                None
            }
            (Some(_), Some(_)) if from_environment(there) => self.secret_from_file(key_file),
            (Some(_), _) => self.get(key, |node| some_text(node).map(SecretString::from)),
            (None, _) => self.secret_from_file(key_file),
        }
    }

    /// Like [`Section::secret`], but a section that is given must have it.
    pub(super) fn require_secret(
        &self,
        key: &'static str,
        key_file: &'static str,
        example: &str,
    ) -> Option<SecretString> {
        if self.is_given() && self.node(key).is_none() && self.node(key_file).is_none() {
            self.missing(key, example);
        }
        self.secret(key, key_file)
    }

    fn secret_from_file(&self, key_file: &'static str) -> Option<SecretString> {
        let text = self.get(key_file, read_beside)?;
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            self.fault(key_file, "the file is empty: write the secret into it".into());
            return None;
        }
        Some(SecretString::from(secret))
    }

    /// A section inside this one.
    pub(super) fn section(&self, key: &'static str) -> Section<'r> {
        let label = match self.label.trim_matches(['[', ']']) {
            ROOT => format!("[{key}]"),
            outer if self.label.starts_with("[[") => format!("`{key}` of [[{outer}]]"),
            outer => format!("[{outer}.{key}]"),
        };
        let Some(node) = self.node(key) else {
            return self.notes.section(label, None, self.place.clone());
        };
        match node.table() {
            Ok(table) => self.notes.section(label, Some(table), self.key_place(key)),
            Err(problem) => {
                self.notes.fault(&node.place, problem);
                self.notes.section(label, None, node.place.clone())
            }
        }
    }

    /// A list of sections, `[[team]]`. `None` when it is not given.
    pub(super) fn sections(&self, key: &'static str) -> Option<Vec<Section<'r>>> {
        let label = match self.label.trim_matches(['[', ']']) {
            ROOT => format!("[[{key}]]"),
            outer => format!("[[{outer}.{key}]]"),
        };
        let node = self.node(key)?;
        let Ok(nodes) = node.list() else {
            self.notes.fault(&node.place, format!("expected a list of sections: write {label}"));
            return Some(Vec::new());
        };
        let section = |node: &'r Node| match node.table() {
            Ok(table) => Some(self.notes.section(label.clone(), Some(table), node.place.clone())),
            Err(problem) => {
                self.notes.fault(&node.place, problem);
                None
            }
        };
        Some(nodes.iter().filter_map(section).collect())
    }

    /// Notes a fault where the value of `key` stands.
    pub(super) fn fault(&self, key: &'static str, problem: String) {
        self.notes.fault(self.value_place(key), problem);
    }

    /// Notes a warning where the value of `key` stands.
    pub(super) fn warn(&self, key: &'static str, problem: String) {
        self.notes.warn(self.value_place(key), problem);
    }

    fn value_place(&self, key: &'static str) -> &Place {
        self.node(key).map_or(&self.place, |node| &node.place)
    }

    fn key_place(&self, key: &str) -> Place {
        let entry = self.table.and_then(|table| table.get(key));
        entry.map_or_else(|| self.place.clone(), |entry| entry.key.clone())
    }

    /// How many keys anybody wrote into it, known or not.
    pub(super) fn keys_given(&self) -> usize {
        self.table.map_or(0, Table::len)
    }

    /// Notes a fault where the section begins.
    pub(super) fn fault_here(&self, problem: String) {
        self.notes.fault(&self.place, problem);
    }

    /// Notes that the section lacks a key it cannot do without.
    pub(super) fn missing(&self, key: &str, example: &str) {
        let problem = format!("{} needs `{key}`: add {key} = {example}", self.label);
        self.notes.fault(&self.place, problem);
    }
}

/// Text that is not empty.
pub(super) fn some_text(node: &Node) -> Result<String, String> {
    match node.text()?.trim() {
        "" => Err("this is empty: give it a value or leave the key out".into()),
        text => Ok(text.into()),
    }
}

/// The text of the file that the node names. A relative path in the configuration file starts at that file's folder,
/// one in the environment at the working folder.
pub(super) fn read_beside(node: &Node) -> Result<String, String> {
    let path = PathBuf::from(some_text(node)?);
    let folder = match &node.place {
        Place::Position { path, .. } => path.parent().unwrap_or(Path::new("")).to_owned(),
        Place::File(_) | Place::Variable(_) => PathBuf::new(),
    };
    std::fs::read_to_string(folder.join(&path))
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
