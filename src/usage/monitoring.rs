//! What CloudWatch watches and keeps: alarms, metrics that are charged for, and logs.
//!
//! Alarms exist through the whole window. Metrics of a service are published in the hours in which a task of it runs (AWS,
//! `available-metrics`: a resource without a running task has no metrics), those of a task while it runs. So this holds how
//! many there are, and the hours follow from the metered tasks.

/// What is watched and kept, whatever runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitoring {
    /// By service, in the order of the scenario.
    pub services: Vec<ServiceMonitoring>,
    /// Container Insights of the cluster; none: it is switched off.
    pub container_insights: Option<ContainerInsightsUsage>,
}

/// What is watched of one service, and what is kept of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceMonitoring {
    /// The service.
    pub service: String,
    /// Metrics that its alarms of standard resolution watch, a metric as often as an alarm watches it.
    pub standard_alarm_metrics: u32,
    /// The same of alarms of high resolution.
    pub high_resolution_alarm_metrics: u32,
    /// Metrics of the service that are published every 20 seconds.
    pub high_resolution_metrics: u32,
    /// Custom metrics that it publishes.
    pub custom_metrics: u32,
    /// The containers of each task.
    pub containers: u32,
    /// How its logs are kept.
    pub log_storage: LogStorage,
}

/// How many metrics Container Insights publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerInsightsUsage {
    /// Whether tasks and containers have metrics of their own, at the price of enhanced observability.
    pub is_enhanced: bool,
    /// Of the cluster.
    pub cluster_metrics: u32,
    /// Of each service and of its task definition together.
    pub service_metrics: u32,
    /// Of each task, where it is enhanced.
    pub task_metrics: u32,
    /// Of each container of a task, where it is enhanced.
    pub container_metrics: u32,
}

/// How logs are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogStorage {
    /// The size of stored logs as a fraction of what was ingested.
    pub compressed_share: f64,
    /// The hours for which what was ingested is stored; none: it never expires.
    pub stored_hours: Option<f64>,
}
