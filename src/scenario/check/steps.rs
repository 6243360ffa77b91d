//! The validity of step adjustments.
//!
//! Source: docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html: no gap
//! and no overlap; at most one open lower and one open upper end; a negative lower bound needs a step
//! with an open lower end, a positive upper bound one with an open upper end; no step is open at both
//! ends; at most 20 steps.

/// The most steps of a policy.
const MOST_STEPS: usize = 20;

/// One step's bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The lower; none: minus infinity.
    pub lower: Option<f64>,
    /// The upper; none: infinity.
    pub upper: Option<f64>,
}

impl Bounds {
    fn low(self) -> f64 {
        self.lower.unwrap_or(f64::NEG_INFINITY)
    }

    fn high(self) -> f64 {
        self.upper.unwrap_or(f64::INFINITY)
    }
}

/// What is wrong with the steps: the index of a step, where one is to blame, and why.
#[must_use]
pub fn faults_of(steps: &[Bounds]) -> Vec<(Option<usize>, String)> {
    let mut faults = Vec::new();
    if steps.is_empty() || steps.len() > MOST_STEPS {
        faults.push((None, format!("found {} step adjustments, allowed are 1 to {MOST_STEPS}", steps.len())));
        return faults;
    }
    for (index, step) in steps.iter().enumerate() {
        if step.lower.is_none() && step.upper.is_none() {
            faults.push((Some(index), "the step is open at both ends".to_owned()));
        } else if step.low() >= step.high() {
            faults.push((Some(index), format!("the step's lower bound {} is not below its upper bound {}", step.low(), step.high())));
        }
    }
    let open_lower = steps.iter().filter(|step| step.lower.is_none()).count();
    let open_upper = steps.iter().filter(|step| step.upper.is_none()).count();
    if open_lower > 1 || open_upper > 1 {
        faults.push((None, "more than one step is open at the same end".to_owned()));
    }
    if open_lower == 0 && steps.iter().any(|step| step.low() < 0.0) {
        faults.push((None, "a step has a negative lower bound, so one step must have no lower bound".to_owned()));
    }
    if open_upper == 0 && steps.iter().any(|step| step.high() > 0.0) {
        faults.push((None, "a step has a positive upper bound, so one step must have no upper bound".to_owned()));
    }
    if faults.is_empty() {
        faults.extend(gaps_and_overlaps(steps));
    }
    faults
}

fn gaps_and_overlaps(steps: &[Bounds]) -> Vec<(Option<usize>, String)> {
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by(|a, b| steps[*a].low().total_cmp(&steps[*b].low()));
    let mut faults = Vec::new();
    for pair in order.windows(2) {
        let (end, begin) = (steps[pair[0]].high(), steps[pair[1]].low());
        if end > begin {
            faults.push((Some(pair[1]), format!("the step begins at {begin}, inside another step, which ends at {end}: steps overlap")));
        } else if end < begin {
            faults.push((Some(pair[1]), format!("the step begins at {begin}, but the step before it ends at {end}: a gap")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lower and upper bound.
    type Pair = (Option<f64>, Option<f64>);

    fn steps(bounds: &[Pair]) -> Vec<Bounds> {
        bounds.iter().map(|(lower, upper)| Bounds { lower: *lower, upper: *upper }).collect()
    }

    /// The steps of the guide's own example, and one breach of each of its rules.
    #[test]
    fn the_rules_of_the_guide() {
        let right = steps(&[(Some(0.0), Some(10.0)), (Some(10.0), Some(20.0)), (Some(20.0), None)]);
        assert_eq!(faults_of(&right), []);
        let both_ways = steps(&[(None, Some(-10.0)), (Some(-10.0), Some(0.0)), (Some(0.0), None)]);
        assert_eq!(faults_of(&both_ways), []);
        let cases: [(&[Pair], &str); 7] = [
            (&[(Some(0.0), Some(20.0)), (Some(10.0), None)], "overlap"),
            (&[(Some(0.0), Some(10.0)), (Some(20.0), None)], "gap"),
            (&[(Some(0.0), Some(10.0))], "no upper bound"),
            (&[(Some(-10.0), Some(0.0))], "no lower bound"),
            (&[(Some(0.0), None), (Some(10.0), None)], "same end"),
            (&[(None, None), (Some(10.0), None)], "both ends"),
            (&[(Some(10.0), Some(10.0)), (Some(10.0), None)], "not below"),
        ];
        for (bounds, word) in cases {
            let faults = faults_of(&steps(bounds));
            assert!(faults.iter().any(|(_, message)| message.contains(word)), "{word}: {faults:?}");
        }
        assert_eq!(faults_of(&[]).len(), 1);
    }
}
