//! Which workloads to run.

use super::workloads::{WORKLOADS, Workload};

/// Workloads that were asked for, in the order of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Vec<Workload>);

impl Filter {
    /// All of them.
    pub(super) fn all() -> Self {
        Self(WORKLOADS.to_vec())
    }

    pub(super) fn workloads(&self) -> &[Workload] {
        &self.0
    }
}

/// Ids and beginnings of ids, separated by commas: `W`, `I2,I3`.
pub(super) fn parse(text: &str) -> Result<Filter, String> {
    let parts: Vec<String> = text.split(',').map(|part| part.trim().to_uppercase()).collect();
    for part in &parts {
        if part.is_empty() || !WORKLOADS.iter().any(|workload| matches(workload, part)) {
            let ids: Vec<&str> = WORKLOADS.iter().map(|workload| workload.id).collect();
            return Err(format!("there is no workload {part:?}; there are {}", ids.join(", ")));
        }
    }
    let wanted = |workload: &&Workload| parts.iter().any(|part| matches(workload, part));
    Ok(Filter(WORKLOADS.iter().filter(wanted).copied().collect()))
}

fn matches(workload: &Workload, part: &str) -> bool {
    workload.id.starts_with(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        parse(text).unwrap().workloads().iter().map(|workload| workload.id).collect()
    }

    #[test]
    fn ids_and_beginnings_in_the_order_of_the_table() {
        assert_eq!(ids("W1"), ["W1"]);
        assert_eq!(ids("I3,I2"), ["I2", "I3"]);
        assert_eq!(ids(" b1 , i,I4"), ["I1", "I2", "I3", "I4", "I5", "B1"]);
        assert_eq!(ids("W").len(), 7);
        assert_eq!(Filter::all().workloads().len(), WORKLOADS.len());
    }

    #[test]
    fn what_is_unknown_is_named_beside_what_is_known() {
        for text in ["X", "W8", "W1,", "", "W1,W11", "1"] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("W1, W2") && error.contains("R1"), "{error}");
        }
        assert!(parse("W1,nonsense").unwrap_err().contains("NONSENSE"));
    }
}
