//! The units of a result's figures. No figure has its unit beside it: the path that names it tells.

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// US dollars.
    Dollars,
    /// Seconds.
    Seconds {
        /// Whether the name says so.
        is_named: bool,
    },
    /// A part of one.
    Fraction,
    /// Hundredths, as of a processor.
    Percent,
    /// Tasks, requests, activities ...
    Count,
}

impl Unit {
    /// The unit that a path tells, whole or below its service. The name of the service, which may be any word, is not looked at.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let mut parts: Vec<&str> = path.split('.').collect();
        let last = parts.last().copied().unwrap_or_default();
        if parts.first() == Some(&"monthly_cost") || parts.first() == Some(&"cost") {
            return match last {
                "utilization" | "coverage" | "discount" => Self::Fraction,
                "quantity" => Self::Count,
                _ => Self::Dollars,
            };
        }
        if parts.first() == Some(&"services") {
            parts.drain(..parts.len().min(2));
        }
        let any = |is: fn(&str) -> bool| parts.iter().any(|part| is(part));
        let first = parts.first().copied().unwrap_or_default();
        if any(|part| part.contains("seconds")) {
            Self::Seconds { is_named: true }
        } else if first.starts_with("latency_") || first.starts_with("queue_") {
            Self::Seconds { is_named: false }
        } else if any(|part| part.ends_with("_utilization") || part.ends_with("_percent"))
            || first.starts_with("cpu_")
            || first.starts_with("memory_")
        {
            Self::Percent
        } else if any(|part| part == "availability") {
            Self::Fraction
        } else if last == "extra_cost" {
            Self::Dollars
        } else {
            Self::Count
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_service_tells_no_unit() {
        for (path, unit) in [
            ("monthly_cost.p90", Unit::Dollars),
            ("cost.savings_plan.coverage", Unit::Fraction),
            ("services.availability-checker.latency_p99", Unit::Seconds { is_named: false }),
            ("services.availability.running_tasks.mean", Unit::Count),
            ("services.latency.requests.availability", Unit::Fraction),
            ("services.web.cpu_max", Unit::Percent),
            ("requests.availability", Unit::Fraction),
            ("latency_seconds.p99", Unit::Seconds { is_named: true }),
        ] {
            assert_eq!(Unit::of(path), unit, "{path}");
        }
    }
}
