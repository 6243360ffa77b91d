//! Where the assumptions come from: the table of `docs/ASSUMPTIONS.md`, which is their only source.

/// The page that lists them.
const PAGE: &str = include_str!("../../../docs/ASSUMPTIONS.md");

/// What is known of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Where its default comes from.
    pub source: String,
    /// How certain that is.
    pub confidence: String,
}

/// The evidence for a parameter below `assumptions`, or for the group that it is one of; none where the page lists neither.
pub(super) fn of(parameter: &str) -> Option<Evidence> {
    of_row(parameter).or_else(|| of_row(parameter.rsplit_once('.')?.0))
}

fn of_row(parameter: &str) -> Option<Evidence> {
    let name = format!("| `assumptions.{parameter}` |");
    let row = PAGE.lines().find(|line| line.starts_with(&name))?;
    // Parameter, default, evidence, confidence, between bars.
    let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_end_matches('|').trim()).collect();
    let [_, _, source, confidence] = cells.as_slice() else { return None };
    Some(Evidence { source: source.replace('`', ""), confidence: confidence.replace('`', "") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_has_the_evidence_of_the_page() {
        let drain = of("drain").expect("it is listed");
        assert!(drain.source.starts_with("ECS waits until the target is unused"), "{}", drain.source);
        assert_eq!(drain.confidence, "medium");
        assert_eq!(of("container_insights_metrics.cluster"), of("container_insights_metrics.task"));
        assert!(of("container_insights_metrics.cluster").is_some());
        assert_eq!(of("no_such_parameter"), None);
    }
}
