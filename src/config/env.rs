//! The environment laid over the file: `RINGBACK_TWILIO__AUTH_TOKEN` is `auth_token` in `[twilio]`.
//!
//! Two underscores stand for each step into a section. A value is taken as the text it is where the key wants text, and
//! as TOML where it wants a list, a number, or true or false: `RINGBACK_BUSINESS__CLOSURES='["2026-12-24"]'`. A variable
//! that is set to nothing counts as not set, as container tools hand them on.

use super::{
    errors::{Fault, Place},
    file,
    tree::{Entry, Node, Table, Value},
};

const PREFIX: &str = "RINGBACK_";

/// Sections that are lists, and so can be given by one variable without a key: `RINGBACK_TEAM='[{ … }]'`. Every other
/// variable without two underscores (`RINGBACK_CONFIG`) is none of the configuration's business.
const LISTS: [&str; 3] = ["team", "escalation", "crm_webhook"];

/// Lays the variables over the tree. Returns those that cannot be laid anywhere.
pub(super) fn overlay(root: &mut Table, env: &[(String, String)]) -> Vec<Fault> {
    let mut variables: Vec<_> =
        env.iter().filter_map(|(name, value)| target(name, value)).collect();
    // `A__B` before `A__B__C`, whatever order the environment has.
    variables.sort_by(|one, other| one.path.cmp(&other.path));
    variables.into_iter().filter_map(|variable| lay(root, &variable).err()).collect()
}

struct Variable<'a> {
    place: Place,
    path: Vec<String>,
    text: &'a str,
}

fn target<'a>(name: &str, text: &'a str) -> Option<Variable<'a>> {
    let rest = name.strip_prefix(PREFIX)?.to_ascii_lowercase();
    let path: Vec<String> = rest.split("__").map(str::to_owned).collect();
    let ours = path.len() > 1 || LISTS.contains(&rest.as_str());
    (ours && !text.is_empty()).then(|| Variable { place: Place::Variable(name.into()), path, text })
}

fn lay(root: &mut Table, variable: &Variable<'_>) -> Result<(), Fault> {
    let place = &variable.place;
    let fault = |problem: String| Fault { place: place.clone(), problem };
    let Some((key, sections)) = variable.path.split_last() else { return Ok(()) };
    let mut table = root;
    for section in sections {
        let entry = table.entry(section.clone()).or_insert_with(|| Entry {
            key: place.clone(),
            node: Node { place: place.clone(), value: Value::Table(Table::new()) },
        });
        let Value::Table(inner) = &mut entry.node.value else {
            return Err(fault(format!(
                "`{section}` has no keys of its own: give it as a whole, in a variable that ends in {}",
                section.to_ascii_uppercase()
            )));
        };
        table = inner;
    }
    let toml = file::parse_value(variable.text, place).map(Box::new);
    let value = Value::Loose { text: variable.text.into(), toml };
    let entry = Entry { key: place.clone(), node: Node { place: place.clone(), value } };
    table.insert(key.clone(), entry);
    Ok(())
}
