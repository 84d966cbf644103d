//! TwiML, read.

use roxmltree::{Document, Node};

/// A verb, apart from the document it stood in.
#[derive(Debug)]
pub(super) struct Verb {
    pub name: String,
    attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Verb>,
}

impl Verb {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        value(&self.attributes, name)
    }

    pub fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.parse().ok()
    }
}

pub(super) fn read_verbs(text: &str) -> Vec<Verb> {
    let document = Document::parse(text).unwrap();
    verbs_in(document.root_element())
}

fn verbs_in(node: Node<'_, '_>) -> Vec<Verb> {
    node.children()
        .filter(Node::is_element)
        .map(|node| Verb {
            name: node.tag_name().name().to_owned(),
            attributes: node
                .attributes()
                .map(|a| (a.name().to_owned(), a.value().to_owned()))
                .collect(),
            text: node.text().unwrap_or_default().trim().to_owned(),
            children: verbs_in(node),
        })
        .collect()
}

/// A relative URL counts from the document's own.
pub(super) fn absolute(base: &str, url: &str) -> String {
    reqwest::Url::parse(base)
        .and_then(|base| base.join(url))
        .map_or_else(|_| url.to_owned(), |url| url.to_string())
}

/// The first value of a name.
pub(super) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
