//! How a capacity provider strategy divides a number of tasks.
//!
//! The base comes first, the weights share what is beyond it (API reference, CapacityProviderStrategyItem).
//! How AWS rounds that remainder is not documented. Here tasks are dealt out one at a time to the provider
//! with the smallest (tasks beyond base + 1) / weight, the first listed among equals: never more than one
//! task from the exact ratio, and every division contains that of one task fewer, so a scale-in takes each
//! task from the provider that is most above its share.

use crate::scenario::model::StrategyItem;

/// The tasks of each item when `total` run. Items without a weight get their base and no more.
#[must_use]
pub fn divide(strategy: &[StrategyItem], total: u32) -> Vec<u32> {
    let mut counts: Vec<u32> = Vec::with_capacity(strategy.len());
    let mut rest = total;
    for item in strategy {
        let base = item.base.min(rest);
        counts.push(base);
        rest -= base;
    }
    let weights: u64 = strategy.iter().map(|item| u64::from(item.weight)).sum();
    if weights == 0 {
        return counts;
    }
    // Whole rounds give every item exactly its weight; only the last, partial round needs dealing.
    let mut beyond: Vec<u64> = strategy.iter().map(|item| u64::from(rest) / weights * u64::from(item.weight)).collect();
    for _ in 0..u64::from(rest) % weights {
        let next = (0..strategy.len()).filter(|&index| strategy[index].weight > 0).min_by(|&left, &right| {
            // Cross-multiplied, so that equal shares compare equal.
            let key = |one: usize, other: usize| (beyond[one] + 1) * u64::from(strategy[other].weight);
            key(left, right).cmp(&key(right, left)).then(left.cmp(&right))
        });
        let next = next.expect("some item has a weight");
        beyond[next] += 1;
    }
    counts.iter().zip(&beyond).map(|(&base, &extra)| base + extra as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::CapacityProvider::{Fargate, FargateSpot};

    fn split(items: [(u32, u32); 2], total: u32) -> Vec<u32> {
        let item = |capacity_provider, (base, weight)| StrategyItem { capacity_provider, base, weight };
        divide(&[item(Fargate, items[0]), item(FargateSpot, items[1])], total)
    }

    /// AWS, API_CapacityProviderStrategyItem: weights 1 and 1, 1 and 4; the rest follow from its rules.
    #[test]
    fn documented_and_derived_divisions() {
        assert_eq!(split([(0, 1), (0, 1)], 10), [5, 5]);
        assert_eq!(split([(0, 1), (0, 4)], 5), [1, 4]);
        assert_eq!(split([(2, 1), (0, 3)], 10), [4, 6]);
        assert_eq!(split([(2, 1), (0, 3)], 2), [2, 0]);
        assert_eq!(split([(1, 0), (0, 1)], 4), [1, 3]);
        assert_eq!(split([(5, 1), (0, 1)], 3), [3, 0]);
        assert_eq!(split([(0, 1), (0, 1)], 0), [0, 0]);
    }

    #[test]
    fn divisions_nest_and_stay_within_one_task_of_the_ratio() {
        for (base, left, right) in [(0, 1, 1), (2, 1, 3), (1, 1, 4), (3, 7, 5), (0, 1000, 1)] {
            let mut before = split([(base, left), (0, right)], 0);
            for total in 1..400 {
                let now = split([(base, left), (0, right)], total);
                assert_eq!(now.iter().sum::<u32>(), total);
                assert!(now.iter().zip(&before).all(|(now, before)| now >= before), "{base} {left}:{right} {total}");
                if total > base {
                    let exact = f64::from(total - base) * f64::from(right) / f64::from(left + right);
                    assert!((f64::from(now[1]) - exact).abs() <= 1.0, "{base} {left}:{right} {total}: {now:?}");
                }
                before = now;
            }
        }
    }
}
