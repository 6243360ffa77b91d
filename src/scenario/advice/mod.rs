//! What is allowed and yet worth a second thought: the findings of `ecsim check`.
//!
//! A finding never stops a run. Each has an id that scripts may rely on, the path of what it speaks of,
//! and a remedy. The facts behind them are AWS's documentation, named at each rule; thresholds that are a
//! judgement say so.

mod balancers;
mod capacity;
mod charges;
mod cooldowns;
mod deployments;
mod flows;
mod from_zero;
mod instances;
mod metrics;
mod network;
mod spot;
mod start_up;
mod steps;
mod targets;
#[cfg(test)]
mod tests;

use std::fmt;

use super::model::{Policy, Scenario, Service, TargetTracking};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what is wanted.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
        })
    }
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its lasting id: `spot-only`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The path inside the scenario: `services.web.capacity_provider_strategy`.
    pub path: String,
    /// What was found and what follows from it.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// The finding among the warnings of a run: its place, what is the matter and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}: {}; {}", self.path, self.message, self.remedy)
    }
}

/// All findings, in the order of the services.
#[must_use]
pub fn advise(scenario: &Scenario) -> Vec<Finding> {
    let mut findings = Vec::new();
    network::advise(scenario, &mut findings);
    instances::advise(scenario, &mut findings);
    for (number, service) in scenario.services.iter().enumerate() {
        spot::advise(scenario, service, &mut findings);
        capacity::advise(scenario, service, &mut findings);
        balancers::advise(scenario, service, &mut findings);
        from_zero::advise(service, &mut findings);
        targets::advise(service, &mut findings);
        metrics::advise(scenario, service, &mut findings);
        steps::advise(service, &mut findings);
        cooldowns::advise(scenario, service, &mut findings);
        start_up::advise(scenario, service, &mut findings);
        flows::advise(scenario, number, &mut findings);
        deployments::advise(scenario, number, &mut findings);
        charges::advise(service, &mut findings);
    }
    findings
}

/// Findings without which the figures of a run mislead: where the simulation knowingly departs from what is asked of it, and
/// protections that do nothing. `are_flows`: whether requests flow.
#[must_use]
pub fn on_figures(scenario: &Scenario, are_flows: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, service) in scenario.services.iter().enumerate() {
        if are_flows {
            findings.extend(flows::not_shown(scenario, number));
        }
        findings.extend(start_up::outlasting(&scenario.assumptions, service));
        findings.extend(deployments::without_effect(scenario, number));
    }
    findings.extend(on_instances(scenario));
    findings
}

/// Those of them about EC2 instances, which hold without a simulation too.
#[must_use]
pub fn on_instances(scenario: &Scenario) -> Vec<Finding> {
    instances::on_figures(scenario)
}

fn warning(id: &'static str, path: String, message: String, remedy: &str) -> Finding {
    Finding { id, severity: Severity::Warning, path, message, remedy: remedy.to_owned() }
}

fn note(id: &'static str, path: String, message: String, remedy: &str) -> Finding {
    Finding { severity: Severity::Note, ..warning(id, path, message, remedy) }
}

fn path(service: &Service, rest: &str) -> String {
    format!("services.{}.{rest}", service.name)
}

/// The path of a key of a policy.
fn policy_path(service: &Service, policy: &str, key: &str) -> String {
    path(service, &format!("scaling.policies.{policy}.{key}"))
}

fn policies(service: &Service) -> impl Iterator<Item = &Policy> {
    service.scaling.iter().flat_map(|scaling| &scaling.policies)
}

fn tracking_policies(service: &Service) -> impl Iterator<Item = &TargetTracking> {
    policies(service).filter_map(Policy::target_tracking)
}
