//! Finding the parts of a network in a state dict.

use std::collections::BTreeMap;

use super::LoadOptions;
use crate::archive::Archive;
use crate::error::Fault;
use crate::tensors::Module;

impl LoadOptions {
    /// The recurrent modules, from the lowest to the highest.
    pub(super) fn find_modules(&self, archive: &Archive) -> Result<Vec<Module>, Fault> {
        let found: BTreeMap<&str, Module> =
            archive.names().filter_map(|name| module(archive, name)).collect();
        let missing = |prefix: &str| Fault::NoRecurrent {
            prefix: prefix.to_owned(),
            found: archive.names().map(str::to_owned).collect(),
        };
        if !self.recurrent.is_empty() {
            let named = |prefix: &String| found.get(prefix.as_str()).cloned().ok_or_else(|| missing(prefix));
            return self.recurrent.iter().map(named).collect();
        }
        match found.len() {
            0 => Err(missing("*")),
            1 => Ok(found.into_values().collect()),
            _ => Err(Fault::Ambiguous {
                what: "the recurrent module",
                found: found.keys().map(|prefix| format!("{prefix:?}")).collect(),
                advice: "name one in `LoadOptions::recurrent`, or several from the lowest to the highest, which \
                         become one stack",
            }),
        }
    }

    /// What the names of a linear layer begin with that reads the output of a network, `width` numbers. The network has
    /// `input` inputs.
    pub(super) fn find_head(&self, archive: &Archive, width: usize, input: usize) -> Result<String, Fault> {
        if let Some(head) = &self.head {
            return Ok(head.clone());
        }
        let fits = |prefix: &&str| {
            let shape = archive.shape(&format!("{prefix}weight"));
            matches!(shape, Ok([_, input]) if *input == width)
        };
        let heads: Vec<&str> =
            archive.names().filter_map(|name| name.strip_suffix("weight")).filter(fits).collect();
        match heads.as_slice() {
            [] => Err(Fault::Missing {
                tensor: format!("*.weight (outputs, {width})"),
                found: archive.names().map(str::to_owned).collect(),
            }),
            // Without a bias and with a column for each input, it may as well be an embedding, which comes before the
            // recurrent layers.
            [head] if width == input && *head != "head." && !archive.has(&format!("{head}bias")) => {
                Err(Fault::Ambiguous {
                    what: "the head",
                    found: vec![format!("{head:?}, or an embedding")],
                    advice: "name the head in `LoadOptions::head`, and an embedding in `LoadOptions::ignore`",
                })
            }
            [head] => Ok((*head).to_owned()),
            several if several.contains(&"head.") => Ok("head.".to_owned()),
            several => Err(Fault::Ambiguous {
                what: "the head",
                found: several.iter().map(|prefix| format!("{prefix:?}")).collect(),
                advice: "name it in `LoadOptions::head`",
            }),
        }
    }
}

/// The recurrent module, under its prefix, whose lowest W_ih has this name.
fn module<'a>(archive: &Archive, name: &'a str) -> Option<(&'a str, Module)> {
    if let Some(prefix) = name.strip_suffix("weight_ih_l0") {
        let has = |level: &usize| archive.has(&format!("{prefix}weight_ih_l{level}"));
        let levels = (0..usize::MAX).take_while(has).count();
        return Some((prefix, Module { prefix: prefix.to_owned(), levels: Some(levels) }));
    }
    let prefix = name.strip_suffix("weight_ih")?;
    Some((prefix, Module { prefix: prefix.to_owned(), levels: None }))
}
