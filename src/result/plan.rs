//! The document of `ecsim plan`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Figure;

/// The cheapest configuration that meets the thresholds of a scenario, and how sure that is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanResult {
    /// The version of ecsim.
    pub ecsim_version: String,
    /// The scenario.
    pub scenario: String,
    /// The variant that was the start; null for the scenario itself.
    pub variant: Option<String>,
    /// The region whose prices apply.
    pub region: String,
    /// The seed of the search and of every run.
    pub seed: u64,
    /// The share of replications, 0 to 1, in which the thresholds have to hold.
    pub confidence: Figure,
    /// Whether a configuration was found and confirmed that meets every threshold. If not, `chosen` is the one that comes nearest.
    pub meets: bool,
    /// The scenario as it stands.
    pub current: PlanConfiguration,
    /// The answer.
    pub chosen: PlanConfiguration,
    /// The cheapest with another task size, architecture or share of Spot; null where none met the thresholds.
    pub runner_up: Option<PlanConfiguration>,
    /// The threshold with the least slack in the answer; null where none has a distance.
    pub binding: Option<PlanBinding>,
    /// Dimensions in which the answer lies at the end of its range, so that a wider range might give a cheaper one.
    pub at_the_edge: Vec<String>,
    /// What the next step of availability costs; null where no service has one.
    pub more_availability: Option<MoreAvailability>,
    /// What was varied.
    pub space: Vec<PlanDimension>,
    /// What was not varied, and why, in sentences.
    pub held: Vec<String>,
    /// The busiest stretch of the window, by which the services were judged first; null where the window is short or cannot be cut, and was run whole.
    pub stretch: Option<PlanStretch>,
    /// What each replication that confirms a configuration runs, with one seed.
    pub confirmed_by: Vec<PlanLeg>,
    /// What the search did.
    pub effort: PlanEffort,
    /// The cluster that the services run in.
    pub cluster: String,
    /// The services as the answer configures them.
    pub services: Vec<ServiceConfiguration>,
    /// Settings of the answer that no block of configuration can hold, as `PATH=VALUE`.
    pub by_hand: Vec<String>,
    /// What a reader of the figures must know.
    pub warnings: Vec<String>,
}

/// A configuration and what it does.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanConfiguration {
    /// What differs from the scenario.
    pub changes: Vec<PlanSetting>,
    /// US dollars a month of 730 hours, from the whole window.
    pub monthly_cost: String,
    /// The figures of its services over the whole window.
    pub services: Vec<PlanService>,
    /// The thresholds.
    pub thresholds: Vec<PlanThreshold>,
    /// How likely a threshold fails; null where it was not confirmed.
    pub risk: Option<PlanRisk>,
}

/// A value at a path of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanSetting {
    /// What it is, in words.
    pub title: String,
    /// The value in the scenario; null where it is none of those tried.
    pub old: Option<String>,
    /// The value.
    pub new: String,
    /// The same as `--set` takes it; empty where it is not a value at a path (which policies act).
    pub settings: Vec<String>,
}

/// What a service does in a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanService {
    /// The service.
    pub service: String,
    /// Served requests over those that ended; null without any.
    pub availability: Option<Figure>,
    /// The 99th percentile of its response times in seconds; null without any.
    pub latency_p99_seconds: Option<Figure>,
    /// The mean number of running tasks.
    pub running_tasks: Option<Figure>,
}

/// A threshold in a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanThreshold {
    /// The threshold.
    pub expression: String,
    /// The path of its figure.
    pub path: String,
    /// The figure over the whole window, in the unit of the result document; null without data.
    pub value: Option<Figure>,
    /// The figure over the busiest stretch; null where the threshold is not judged by it.
    pub value_when_busiest: Option<Figure>,
    /// Whether both meet it.
    pub ok: bool,
    /// How far the worse of both is from the bound, as a fraction of the bound (of an availability: of the unavailability that is allowed); negative when it fails. Null where there is no such distance.
    pub slack: Option<Figure>,
}

/// How likely a threshold fails, from runs with other seeds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanRisk {
    /// Replications, each of which runs what `confirmed_by` says.
    pub replications: u32,
    /// Runs in which a threshold failed.
    pub failed: u32,
    /// The share of runs that failed, 0 to 1.
    pub probability: Figure,
    /// The lower end of its 95 % confidence interval (Clopper-Pearson).
    pub low: Figure,
    /// The upper end.
    pub high: Figure,
    /// Whether so few failures in so many replications show the confidence.
    pub shows_confidence: bool,
    /// The thresholds that failed and in how many runs.
    pub by_threshold: Vec<PlanFailures>,
    /// What a month costs over the replications; null where the whole window was not run in them.
    pub monthly_cost: Option<PlanMonths>,
}

/// What a month costs over replications, in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanMonths {
    /// The mean.
    pub mean: String,
    /// One in ten costs less.
    pub p10: Option<String>,
    /// One in ten costs more.
    pub p90: Option<String>,
}

/// In how many runs a threshold failed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanFailures {
    /// The threshold.
    pub expression: String,
    /// Runs that failed it.
    pub failed: u32,
    /// The worst figure of all runs; null without data.
    pub worst: Option<Figure>,
}

/// What holds the cost up.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanBinding {
    /// The threshold.
    pub expression: String,
    /// The path of its figure.
    pub path: String,
    /// Its slack in the answer, as in `thresholds`.
    pub slack: Figure,
    /// Whether it is the figure of the busiest stretch that is so near.
    pub when_busiest: bool,
}

/// The price of the next step of availability.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MoreAvailability {
    /// The service.
    pub service: String,
    /// The availability that the answer was held to, or reaches where no threshold names one.
    pub from: Figure,
    /// The next step: of 99, 99.5, 99.9, 99.95, ... percent the first above.
    pub to: Figure,
    /// What the cheapest configuration found for it costs a month, by flows; null where none was found.
    pub monthly_cost: Option<String>,
    /// How much more that is than the answer.
    pub monthly_change: Option<String>,
    /// What of the scenario it changes.
    pub changes: Vec<PlanSetting>,
}

/// A dimension of the search.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanDimension {
    /// What it is, in words.
    pub title: String,
    /// The word by which `--hold` fixes it.
    pub word: String,
    /// The paths that it sets; empty where it is not a value at a path.
    pub paths: Vec<String>,
    /// The values that were allowed.
    pub values: Vec<String>,
    /// That of the scenario; null where it is none of them.
    pub current: Option<String>,
    /// That of the answer.
    pub chosen: String,
}

/// The busiest stretch of the window.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanStretch {
    /// When it begins, RFC 3339 in UTC.
    pub start: String,
    /// Its length in hours.
    pub hours: Figure,
}

/// What is run of a window to confirm a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanLeg {
    /// `window`: all of it; `busiest`: its busiest hours, fewer than `stretch` where a day has too many requests for all replications.
    pub part: String,
    /// How many hours that is.
    pub hours: Figure,
    /// How requests are simulated: `fluid` or `request`.
    pub fidelity: String,
}

/// What a search did.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanEffort {
    /// Configurations that were looked at.
    pub configurations: u64,
    /// Of these, such as are no valid scenario.
    pub impossible: u64,
    /// Configurations that the space holds; null when more than 2^53.
    pub of: Option<u64>,
    /// Runs of the busiest stretch.
    pub stretch_runs: u64,
    /// Runs of the whole window.
    pub window_runs: u64,
    /// Configurations whose confirmation was tried.
    pub confirmations: u64,
    /// Whether the search ended because `--max-runs` was reached.
    pub ended_early: bool,
}

/// What of a service a person has to set.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ServiceConfiguration {
    /// The service.
    pub service: String,
    /// CPU units of the task.
    pub cpu: u32,
    /// Memory of the task in MiB.
    pub memory: u32,
    /// `X86_64` or `ARM64`.
    pub cpu_architecture: String,
    /// `LINUX` or a Windows family.
    pub operating_system_family: String,
    /// The desired count.
    pub desired_count: u32,
    /// Whether size, processor or operating system differ from the scenario, so that it takes a new task definition.
    pub new_task_definition: bool,
    /// Whether it begins to use Spot, with which the cluster has to be associated.
    pub adds_spot: bool,
    /// The capacity provider strategy.
    pub capacity_provider_strategy: Vec<StrategyConfiguration>,
    /// The bounds of scaling; null for a service that does not scale.
    pub scalable_target: Option<TargetConfiguration>,
    /// Target tracking policies with a predefined metric that are used.
    pub policies: Vec<PolicyConfiguration>,
    /// Policies that the answer does not use.
    pub removed_policies: Vec<String>,
    /// Policies that stay as they are.
    pub kept_policies: Vec<String>,
}

/// An item of a capacity provider strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StrategyConfiguration {
    /// The provider.
    pub capacity_provider: String,
    /// Tasks that it gets first.
    pub base: u32,
    /// Its share of the others.
    pub weight: u32,
}

/// The bounds of scaling.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TargetConfiguration {
    /// The least desired count.
    pub min_capacity: u32,
    /// The largest desired count.
    pub max_capacity: u32,
}

/// A target tracking policy with a predefined metric.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PolicyConfiguration {
    /// The policy's name.
    pub name: String,
    /// The predefined metric.
    pub predefined_metric_type: String,
    /// The value that it keeps.
    pub target_value: Figure,
    /// Seconds after a scale-out.
    pub scale_out_cooldown: u64,
    /// Seconds after a scale-in.
    pub scale_in_cooldown: u64,
    /// Whether it never scales in.
    pub disable_scale_in: bool,
}
