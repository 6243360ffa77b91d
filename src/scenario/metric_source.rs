//! The metric that a policy of one's own follows: one series, or metric math over several.
//!
//! The names and namespaces are those under which Amazon ECS, Elastic Load Balancing, Container Insights and
//! Amazon SQS publish their metrics, so that a policy is taken over as it is written for AWS.
//! A metric that the simulator does not publish is refused by name. Dimensions must be those that name a
//! service, its balancer or its queue; their values are not compared, because a scenario has no other
//! cluster, service or queue to which they could lead.

use super::check::require;
use super::shape::Reading;
use super::shape::{nearest, normal_form};
use super::written::deployment::Statistic as WrittenStatistic;
use super::written::scaling::{CustomizedMetric, Dimension, MetricQuery, MetricStat};
use crate::error::{Fault, Place};
use crate::metric_math::{Field, MathError, MetricMath, Part, Source};

/// A metric that the simulator can publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// CPU in use, in percent of what the service's tasks have.
    CpuUtilization,
    /// Memory in use, in percent of what the service's tasks have.
    MemoryUtilization,
    /// Requests per healthy target.
    RequestCountPerTarget,
    /// Requests for which the balancer found a target.
    RequestCount,
    /// Seconds from the balancer to a target's first answer.
    TargetResponseTime,
    /// Errors that targets answered.
    HttpCodeTarget5xxCount,
    /// Errors that the balancer answered itself.
    HttpCodeElb5xxCount,
    /// Targets that the balancer considers healthy.
    HealthyHostCount,
    /// Tasks that run.
    RunningTaskCount,
    /// Tasks that should run.
    DesiredTaskCount,
    /// Tasks that are being started.
    PendingTaskCount,
    /// Messages that wait in the queue.
    MessagesVisible,
    /// Messages that were received and not yet deleted.
    MessagesNotVisible,
    /// Seconds for which the oldest message waits.
    AgeOfOldestMessage,
    /// Messages that wait by tasks that run, one at least: ecsim's own short form.
    BacklogPerTask,
}

/// How the samples of a period become one datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// The mean.
    Average,
    /// The total.
    Sum,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// The number of samples.
    SampleCount,
}

/// A metric with its statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The metric.
    pub metric: Metric,
    /// The statistic.
    pub statistic: Statistic,
}

/// What a policy follows.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricSource {
    /// One series as it is.
    One(Series),
    /// An expression over several series.
    Math {
        /// The series, in the order in which the evaluator takes their datapoints.
        series: Vec<Series>,
        /// The expression.
        math: MetricMath,
    },
}

const ECS: &str = "AWS/ECS";
const BALANCER: &str = "AWS/ApplicationELB";
const CONTAINER_INSIGHTS: &str = "ECS/ContainerInsights";
const QUEUE: &str = "AWS/SQS";

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 15] = [
        Self::CpuUtilization,
        Self::MemoryUtilization,
        Self::RequestCountPerTarget,
        Self::RequestCount,
        Self::TargetResponseTime,
        Self::HttpCodeTarget5xxCount,
        Self::HttpCodeElb5xxCount,
        Self::HealthyHostCount,
        Self::RunningTaskCount,
        Self::DesiredTaskCount,
        Self::PendingTaskCount,
        Self::MessagesVisible,
        Self::MessagesNotVisible,
        Self::AgeOfOldestMessage,
        Self::BacklogPerTask,
    ];

    /// The name under which CloudWatch knows it.
    #[must_use]
    pub const fn aws_name(self) -> &'static str {
        match self {
            Self::CpuUtilization => "CPUUtilization",
            Self::MemoryUtilization => "MemoryUtilization",
            Self::RequestCountPerTarget => "RequestCountPerTarget",
            Self::RequestCount => "RequestCount",
            Self::TargetResponseTime => "TargetResponseTime",
            Self::HttpCodeTarget5xxCount => "HTTPCode_Target_5XX_Count",
            Self::HttpCodeElb5xxCount => "HTTPCode_ELB_5XX_Count",
            Self::HealthyHostCount => "HealthyHostCount",
            Self::RunningTaskCount => "RunningTaskCount",
            Self::DesiredTaskCount => "DesiredTaskCount",
            Self::PendingTaskCount => "PendingTaskCount",
            Self::MessagesVisible => "ApproximateNumberOfMessagesVisible",
            Self::MessagesNotVisible => "ApproximateNumberOfMessagesNotVisible",
            Self::AgeOfOldestMessage => "ApproximateAgeOfOldestMessage",
            Self::BacklogPerTask => "BacklogPerTask",
        }
    }

    /// The namespace in which CloudWatch keeps it; none for ecsim's own.
    #[must_use]
    pub const fn namespace(self) -> Option<&'static str> {
        match self {
            Self::CpuUtilization | Self::MemoryUtilization => Some(ECS),
            Self::RequestCountPerTarget
            | Self::RequestCount
            | Self::TargetResponseTime
            | Self::HttpCodeTarget5xxCount
            | Self::HttpCodeElb5xxCount
            | Self::HealthyHostCount => Some(BALANCER),
            Self::RunningTaskCount | Self::DesiredTaskCount | Self::PendingTaskCount => Some(CONTAINER_INSIGHTS),
            Self::MessagesVisible | Self::MessagesNotVisible | Self::AgeOfOldestMessage => Some(QUEUE),
            Self::BacklogPerTask => None,
        }
    }

    /// The dimensions by which a policy names the service's own cluster, service, balancer or queue.
    #[must_use]
    pub fn dimensions(self) -> &'static [&'static str] {
        match self.namespace() {
            Some(ECS | CONTAINER_INSIGHTS) => &["ClusterName", "ServiceName"],
            Some(BALANCER) => &["LoadBalancer", "TargetGroup"],
            Some(QUEUE) => &["QueueName"],
            _ => &[],
        }
    }

    /// Whether datapoints appear while the service has no task. A balancer that finds no target counts no
    /// request and measures no response, but answers 503 itself; counts of tasks and queues go on.
    #[must_use]
    pub const fn has_data_without_tasks(self) -> bool {
        match self {
            Self::CpuUtilization
            | Self::MemoryUtilization
            | Self::RequestCountPerTarget
            | Self::RequestCount
            | Self::TargetResponseTime
            | Self::HttpCodeTarget5xxCount
            | Self::HealthyHostCount => false,
            Self::HttpCodeElb5xxCount
            | Self::RunningTaskCount
            | Self::DesiredTaskCount
            | Self::PendingTaskCount
            | Self::MessagesVisible
            | Self::MessagesNotVisible
            | Self::AgeOfOldestMessage
            | Self::BacklogPerTask => true,
        }
    }

    /// The metric of this name, in any casing. Without a namespace the name decides; with one, both must fit.
    ///
    /// # Errors
    /// What was found and which metrics there are, when none fits.
    pub fn from_aws(namespace: Option<&str>, name: &str) -> Result<Self, String> {
        let form = normal_form(name);
        let Some(metric) = Self::ALL.into_iter().find(|metric| normal_form(metric.aws_name()) == form) else {
            let names = Self::ALL.map(Self::aws_name);
            let near = nearest(name, names).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("found `{name}`{near}; the metrics that are simulated are {}", names.join(", ")));
        };
        match (namespace, metric.namespace()) {
            (Some(found), Some(own)) if normal_form(found) != normal_form(own) => {
                Err(format!("found `{name}` in the namespace `{found}`, it belongs to {own}"))
            }
            (Some(found), None) => Err(format!("found `{name}` in the namespace `{found}`, it is ecsim's own and has none")),
            _ => Ok(metric),
        }
    }
}

impl From<WrittenStatistic> for Statistic {
    fn from(written: WrittenStatistic) -> Self {
        match written {
            WrittenStatistic::Average => Self::Average,
            WrittenStatistic::Sum => Self::Sum,
            WrittenStatistic::Minimum => Self::Minimum,
            WrittenStatistic::Maximum => Self::Maximum,
            WrittenStatistic::SampleCount => Self::SampleCount,
        }
    }
}

/// The statistics by the word that AWS uses.
const STATISTICS: [(&str, Statistic); 5] = [
    ("Average", Statistic::Average),
    ("Sum", Statistic::Sum),
    ("Minimum", Statistic::Minimum),
    ("Maximum", Statistic::Maximum),
    ("SampleCount", Statistic::SampleCount),
];

/// Percentile, trimmed mean, count and sum, winsorized mean, percentile rank: each with its bounds behind it, as in
/// `p99` or `TM(10%:90%)`.
const STATISTICS_WITH_BOUNDS: [&str; 6] = ["p", "tm", "tc", "ts", "wm", "pr"];

/// Whether CloudWatch has the statistic and the simulator has not.
fn is_of_a_distribution(written: &str) -> bool {
    let word = written.to_ascii_lowercase();
    let has_bounds =
        |name: &&str| word.strip_prefix(*name).is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit() || next == '('));
    word == "iqm" || STATISTICS_WITH_BOUNDS.iter().any(has_bounds)
}

/// The statistic of a word, in any casing.
fn statistic(written: &str, place: &Place, reading: &mut Reading) -> Option<Statistic> {
    let form = normal_form(written);
    let found = STATISTICS.into_iter().find(|(word, _)| normal_form(word) == form).map(|(_, statistic)| statistic);
    if found.is_none() {
        let words = STATISTICS.map(|(word, _)| word);
        let allowed = words.join(", ");
        if is_of_a_distribution(written) {
            reading.not_modelled(place, format!("the statistic {written} in a policy's metric"), format!("use one of {allowed}"));
        } else {
            let near = nearest(written, words).map(|near| format!(", did you mean {near}?")).unwrap_or_default();
            reading.fault(place, format!("found `{written}`{near}; allowed are {allowed}"));
        }
    }
    found
}

/// What a policy's customised metric follows.
///
/// # Errors
/// All that is wrong with it, each at its place.
pub fn metric_source(written: &CustomizedMetric) -> Result<MetricSource, Vec<Fault>> {
    let mut reading = Reading::default();
    let source = if written.metrics.is_empty() { one(written, &mut reading) } else { math(&written.metrics, &mut reading) };
    match source {
        Some(source) if reading.faults.is_empty() => Ok(source),
        _ => Err(reading.faults),
    }
}

/// One metric, named by the keys of the specification itself.
fn one(written: &CustomizedMetric, reading: &mut Reading) -> Option<MetricSource> {
    require(&written.places, &["metric_name", "namespace", "statistic"], "a metric of one's own", reading);
    let (name, statistic) = (written.metric_name.as_ref()?, written.statistic?);
    let namespace = written.namespace.as_ref().map(|namespace| namespace.0.as_str());
    let metric = metric(namespace, &name.0, &written.places.of("metric_name"), &written.dimensions, reading)?;
    Some(MetricSource::One(Series { metric, statistic: statistic.into() }))
}

/// The metric of a name and what names it.
fn metric(namespace: Option<&str>, name: &str, place: &Place, dimensions: &[Dimension], reading: &mut Reading) -> Option<Metric> {
    let metric = Metric::from_aws(namespace, name).map_err(|message| reading.fault(place, message)).ok()?;
    let allowed = metric.dimensions();
    for dimension in dimensions.iter().filter(|dimension| !allowed.contains(&dimension.name.0.as_str())) {
        let which = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        let message = format!("found the dimension `{}`; those of the service's own {name} are {which}", dimension.name.0);
        reading.fault(&dimension.places.of("name"), message);
    }
    Some(metric)
}

/// Metric math; when the result is a metric as it is, that one metric.
fn math(queries: &[MetricQuery], reading: &mut Reading) -> Option<MetricSource> {
    let series: Vec<Option<Series>> = queries.iter().filter(|query| is_metric(query)).map(|query| series(query, reading)).collect();
    let math = MetricMath::parse(&queries.iter().map(part).collect::<Vec<_>>());
    let math = math.map_err(|errors| errors.into_iter().for_each(|error| told(error, queries, reading))).ok()?;
    let series: Vec<Series> = series.into_iter().collect::<Option<_>>()?;
    let result = queries.iter().filter(|query| is_metric(query)).position(|query| query.return_data.0);
    Some(match result.and_then(|index| series.get(index)) {
        Some(only) => MetricSource::One(*only),
        None => MetricSource::Math { series, math },
    })
}

/// Whether a part counts as a metric; one without a meaning does, so that what refers to it is not complained of as well.
const fn is_metric(query: &MetricQuery) -> bool {
    query.metric_stat.is_some() || query.expression.is_none()
}

fn part(query: &MetricQuery) -> Part {
    let source = match &query.expression {
        Some(expression) if !is_metric(query) => Source::Expression(expression.0.clone()),
        _ => Source::Series,
    };
    Part { id: query.id.0.clone(), source, return_data: query.return_data.0 }
}

/// The series of a part that is a metric; a part that is a metric and an expression, or neither, is a fault.
fn series(query: &MetricQuery, reading: &mut Reading) -> Option<Series> {
    if query.metric_stat.is_some() == query.expression.is_some() {
        reading.fault(query.places.own(), "a part of metric math has either metric_stat or expression");
    }
    let MetricStat { metric: written, stat, places, .. } = query.metric_stat.as_ref()?;
    let namespace = written.namespace.as_ref().map(|namespace| namespace.0.as_str());
    let metric = metric(namespace, &written.metric_name.0, &written.places.of("metric_name"), &written.dimensions, reading);
    let statistic = statistic(&stat.0, &places.of("stat"), reading);
    Some(Series { metric: metric?, statistic: statistic? })
}

/// Records a fault of metric math where the scenario wrote it.
fn told(error: MathError, queries: &[MetricQuery], reading: &mut Reading) {
    let Some(query) = queries.get(error.part) else { return };
    let place = query.places.of(match error.field {
        Field::Id => "id",
        Field::Expression => "expression",
        Field::ReturnData => "return_data",
    });
    let fault = Fault::input(place, error.to_string());
    reading.faults.push(match error.remedy {
        Some(remedy) => fault.remedy(remedy),
        None => fault,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::metric_math::Evaluator;
    use crate::scenario::document::parse_value;
    use crate::scenario::shape::Decode;
    use crate::units::SimDuration;

    /// The specification, read with all its rules, and the faults.
    fn read(text: &str) -> (Option<CustomizedMetric>, Vec<Fault>) {
        let mut reading = Reading::default();
        let mut node = parse_value(text, &Place::default()).unwrap();
        node.set_paths("m");
        (CustomizedMetric::decode(&node, &mut reading), reading.faults)
    }

    fn source(text: &str) -> MetricSource {
        let (written, faults) = read(text);
        assert_eq!(faults, []);
        metric_source(&written.unwrap()).unwrap()
    }

    /// Each fault as its path, its message and its remedy.
    fn faults(text: &str) -> Vec<(String, String)> {
        let told =
            |fault: Fault| (fault.place.path.unwrap_or_default(), format!("{}; {}", fault.message, fault.remedy.unwrap_or_default()));
        read(text).1.into_iter().map(told).collect()
    }

    const MESSAGES: &str = "{id: m1, return_data: false, metric_stat: {stat: Sum, metric: {namespace: AWS/SQS, \
        metric_name: ApproximateNumberOfMessagesVisible, dimensions: [{name: QueueName, value: my-queue}]}}}";
    const TASKS: &str = "{id: m2, return_data: false, metric_stat: {stat: Average, metric: {namespace: ECS/ContainerInsights, \
        metric_name: RunningTaskCount, dimensions: [{name: ClusterName, value: my-cluster}, {name: ServiceName, value: my-service}]}}}";

    /// Application Auto Scaling User Guide, "Example: Amazon SQS queue backlog per task".
    #[test]
    fn the_backlog_per_task_of_the_user_guide_is_read() {
        let MetricSource::Math { series, math } = source(&format!("{{metrics: [{MESSAGES}, {TASKS}, {{id: e1, expression: m1 / m2}}]}}"))
        else {
            panic!("metric math")
        };
        let expected = [
            Series { metric: Metric::MessagesVisible, statistic: Statistic::Sum },
            Series { metric: Metric::RunningTaskCount, statistic: Statistic::Average },
        ];
        assert_eq!(series, expected);
        let found = Evaluator::new(&math, SimDuration::from_seconds(60)).next(&[Some(1500.0), Some(10.0)]);
        assert_eq!(found, Some(150.0));
    }

    #[test]
    fn one_metric_needs_no_mathematics() {
        let expected = MetricSource::One(Series { metric: Metric::CpuUtilization, statistic: Statistic::Maximum });
        assert_eq!(source("{metric_name: CPUUtilization, namespace: AWS/ECS, statistic: Maximum}"), expected);
        let stat = "{stat: Maximum, metric: {namespace: AWS/ECS, metric_name: CPUUtilization}}";
        assert_eq!(source(&format!("{{metrics: [{MESSAGES}, {{id: cpu, metric_stat: {stat}}}]}}")), expected);
    }

    #[test]
    fn a_wrong_expression_is_told_where_it_stands() {
        let found = faults(&format!("{{metrics: [{MESSAGES}, {TASKS}, {{id: e1, expression: m1 / (m2}}]}}"));
        let [(path, message)] = found.as_slice() else { panic!("{found:?}") };
        assert!(path.ends_with("expression"), "{path}");
        assert!(message.starts_with("expression \"m1 / (m2\", character 9: expected `)`"), "{message}");
    }

    #[test]
    fn every_fault_of_the_parts_is_told_at_its_key() {
        let one = |name: &str, namespace: &str, stat: &str| {
            format!("{{metrics: [{{id: m1, metric_stat: {{stat: {stat}, metric: {{namespace: {namespace}, metric_name: {name}}}}}}}]}}")
        };
        let cases = [
            (one("CPUUtilisation", "AWS/ECS", "Average"), "metric_name", "did you mean `CPUUtilization`?"),
            (one("RequestCount", "AWS/ECS", "Sum"), "metric_name", "it belongs to AWS/ApplicationELB"),
            (one("CPUUtilization", "AWS/ECS", "p99"), "stat", "the statistic p99"),
            (one("CPUUtilization", "AWS/ECS", "TM(10%:90%)"), "stat", "the statistic TM(10%:90%)"),
            (one("CPUUtilization", "AWS/ECS", "Avrage"), "stat", "did you mean Average?"),
            (format!("{{metrics: [{MESSAGES}]}}"), "return_data", "found 0 parts"),
            (format!("{{metrics: [{MESSAGES}, {{id: e1}}]}}"), "", "either metric_stat or expression"),
            (format!("{{metrics: [{MESSAGES}, {{id: E1, expression: m1 * 2}}]}}"), "id", "found the id `E1`"),
            ("{metric_name: CPUUtilization, statistic: Average}".to_owned(), "namespace", "must be given"),
            (
                "{metric_name: CPUUtilization, namespace: AWS/ECS, statistic: Average, dimensions: [{name: Pod, value: a}]}".to_owned(),
                "name",
                "ClusterName, ServiceName",
            ),
        ];
        for (text, key, message) in cases {
            let found = faults(&text);
            let [(path, told)] = found.as_slice() else { panic!("{text}: {found:?}") };
            assert!(path.ends_with(key) && told.contains(message), "{text}: {path}: {told}");
        }
        let (_, faults) = read(&one("CPUUtilization", "AWS/ECS", "p99"));
        assert_eq!(faults[0].kind, ErrorKind::NotModelled);
    }

    #[test]
    fn every_metric_is_found_by_its_name_and_namespace() {
        for metric in Metric::ALL {
            assert_eq!(Metric::from_aws(metric.namespace(), metric.aws_name()), Ok(metric));
            assert_eq!(Metric::from_aws(None, metric.aws_name()), Ok(metric));
        }
        assert_eq!(Metric::from_aws(None, "cpu_utilization"), Ok(Metric::CpuUtilization));
        assert!(Metric::from_aws(Some("My/Namespace"), "BacklogPerTask").unwrap_err().contains("has none"));
        assert!(Metric::from_aws(None, "Zzz").unwrap_err().contains("ApproximateAgeOfOldestMessage"));
    }
}
