//! By what an expression divides.

use super::MetricMath;
use super::evaluate::{Node, Operator};

impl MetricMath {
    /// Whether somewhere in the expression a divisor holds one of these series, which are named by their index.
    #[must_use]
    pub fn divides_by(&self, is_wanted: impl Fn(usize) -> bool) -> bool {
        // Operands stand before their operator.
        let mut holds: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let has = |slot: usize| holds.get(slot).copied().unwrap_or(false);
            if matches!(*node, Node::Combine { operator: Operator::Divide, right, .. } if has(right)) {
                return true;
            }
            let found = match node {
                Node::Series(index) => is_wanted(*index),
                Node::Number(_) | Node::Period => false,
                Node::Apply(_, slot) | Node::Repeat(slot) | Node::Change(_, slot) => has(*slot),
                Node::Combine { left, right, .. } => has(*left) || has(*right),
                Node::Aggregate(_, slots) => slots.iter().any(|slot| has(*slot)),
                Node::If { condition: _, then, otherwise, .. } => has(*then) || otherwise.is_some_and(has),
                Node::Fill { series, filler } => has(*series) || has(*filler),
            };
            holds.push(found);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Part, Source};
    use super::*;

    fn math(expression: &str) -> MetricMath {
        let part = |id: &str, source: Source, return_data: bool| Part { id: id.into(), source, return_data };
        let parts =
            [part("m1", Source::Series, false), part("m2", Source::Series, false), part("e1", Source::Expression(expression.into()), true)];
        MetricMath::parse(&parts).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    #[test]
    fn divisors_are_found_wherever_they_stand() {
        for (expression, expected) in [
            ("m1 / m2", true),
            ("m1 / (m2 + 1)", true),
            ("m1 / IF(m2 > 0, m2, 1)", true),
            ("m1 / FILL(m2, 1)", true),
            ("100 * (m1 / m2)", true),
            ("m2 / m1", false),
            ("m1 + m2", false),
            ("m1 / 10 * m2", false),
            ("m1 / IF(m2 > 0, 2, 1)", false),
        ] {
            assert_eq!(math(expression).divides_by(|index| index == 1), expected, "{expression}");
        }
    }
}
