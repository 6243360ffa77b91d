//! What every shipped scenario looks like on a screen: the table of a run and of an estimate, word for
//! word. A change shows in the difference of a snapshot, to be read before it is accepted;
//! `INSTA_UPDATE=always cargo test golden` rewrites them.

use super::command_line::{at_root, shipped_scenarios};

fn name_of(scenario: &str) -> &str {
    scenario.trim_start_matches("scenarios/").trim_end_matches(".yaml")
}

#[test]
fn every_scenario_is_shown_as_a_table() {
    for scenario in shipped_scenarios() {
        let ended = at_root(&["run", &scenario, "--fail-on", "none"]).code(0);
        assert!(ended.out.lines().all(|line| line.chars().count() <= 100), "{}", ended.out);
        insta::assert_snapshot!(format!("run-{}", name_of(&scenario)), ended.out);
    }
}

/// The example whose point is its comparison: what 20-second metrics buy and cost.
#[test]
fn fast_metrics_are_compared_as_a_table() {
    let ended = at_root(&["compare", "scenarios/fast-metrics.yaml"]).code(0);
    assert!(ended.out.lines().all(|line| line.chars().count() <= 100), "{}", ended.out);
    insta::assert_snapshot!("compare-fast-metrics", ended.out);
}

#[test]
fn every_scenario_is_estimated_as_a_table() {
    for scenario in shipped_scenarios() {
        let ended = at_root(&["estimate", &scenario]).code(0);
        assert!(ended.out.lines().all(|line| line.chars().count() <= 100), "{}", ended.out);
        insta::assert_snapshot!(format!("estimate-{}", name_of(&scenario)), ended.out);
    }
}
