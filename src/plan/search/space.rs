//! The configurations among which a search looks: one dimension for each thing that may change.
//!
//! By default the dimensions come from the scenario itself, around what it says; every one is told in the answer, and so is what was
//! held and why. `--vary` replaces the levels of a dimension or adds one, `--hold` fixes one.

mod derive;
mod sizes;

use std::collections::BTreeSet;

pub use self::derive::derive;
use super::dimension::{Dimension, DimensionKind};
use crate::scenario::model::{CapacityProvider, Platform, Policy, Scenario};

/// A configuration: the number of the level of each dimension.
pub type Levels = Vec<usize>;

/// What a search may change.
#[derive(Clone, Debug, Default)]
pub struct Space {
    /// The dimensions.
    pub dimensions: Vec<Dimension>,
    /// What is held and why, in sentences.
    pub held: Vec<String>,
    /// CPU time on ARM as a multiple of that on x86, where ARM is allowed.
    pub arm_cpu_time: Option<f64>,
    /// Whether each service runs on ARM as it stands.
    pub on_arm: Vec<bool>,
}

impl Space {
    /// The scenario as it stands, as near as the dimensions allow.
    #[must_use]
    pub fn start(&self) -> Levels {
        self.canonical(self.dimensions.iter().map(Dimension::start).collect())
    }

    /// The number of configurations, as a float since it may be astronomic.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.dimensions.iter().map(|dimension| dimension.levels.len() as f64).product()
    }

    /// Of all configurations that are the same the one that changes least: a base without anything to be divided, targets of
    /// policies that are not used. A maximum below the minimum is raised to it.
    #[must_use]
    pub fn canonical(&self, mut levels: Levels) -> Levels {
        for (index, dimension) in self.dimensions.iter().enumerate() {
            let has_no_effect = match dimension.kind {
                DimensionKind::Base => self.number(dimension.service, DimensionKind::Spot, &levels) == Some(0.0),
                DimensionKind::Target | DimensionKind::Cooldowns => self
                    .used_policies(dimension.service, &levels)
                    .is_some_and(|used| dimension.policy.is_some_and(|policy| !used.contains(&policy))),
                _ => false,
            };
            if has_no_effect {
                levels[index] = dimension.start();
            }
            if dimension.kind == DimensionKind::MaxCapacity
                && let Some(min) = self.number(dimension.service, DimensionKind::MinCapacity, &levels)
                && dimension.levels[levels[index]].number < min
                && let Some(enough) = dimension.levels.iter().position(|level| level.number >= min)
            {
                levels[index] = enough;
            }
        }
        levels
    }

    /// The levels of the dimensions that make a configuration another kind of it, and not the same one tuned.
    #[must_use]
    pub fn structure(&self, levels: &[usize]) -> Levels {
        let structural = self.dimensions.iter().zip(levels).filter(|(dimension, _)| dimension.kind.is_structure());
        structural.map(|(_, &level)| level).collect()
    }

    /// The place of a service's dimension.
    fn dimension_of(&self, service: Option<usize>, kind: DimensionKind) -> Option<usize> {
        self.dimensions.iter().position(|dimension| dimension.service == service && dimension.kind == kind)
    }

    fn number(&self, service: Option<usize>, kind: DimensionKind, levels: &[usize]) -> Option<f64> {
        let place = self.dimension_of(service, kind)?;
        Some(self.dimensions[place].levels[levels[place]].number)
    }

    /// The policies that are used, by their place; none where that is not varied.
    fn used_policies(&self, service: Option<usize>, levels: &[usize]) -> Option<BTreeSet<usize>> {
        let place = self.dimension_of(service, DimensionKind::Policies)?;
        Some(self.dimensions[place].levels[levels[place]].values.iter().filter_map(|number| number.parse().ok()).collect())
    }

    /// What a configuration sets, as paths and values.
    #[must_use]
    pub fn settings(&self, levels: &[usize]) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        for (index, dimension) in self.dimensions.iter().enumerate() {
            let level = &dimension.levels[levels[index]];
            match dimension.kind {
                DimensionKind::Policies => {}
                DimensionKind::Base | DimensionKind::Spot => {
                    // Both set one path, by the first of them.
                    if self.dimensions[..index].iter().all(|other| other.service != dimension.service || other.paths != dimension.paths) {
                        settings.push((dimension.paths[0].clone(), self.strategy(dimension.service, levels)));
                        // A service has a strategy or a launch type.
                        settings.push((dimension.paths[0].replace("capacity_provider_strategy", "launch_type"), "null".to_owned()));
                    }
                }
                _ => settings.extend(dimension.paths.iter().cloned().zip(level.values.iter().cloned())),
            }
        }
        settings
    }

    /// A capacity provider strategy as a scenario writes it.
    fn strategy(&self, service: Option<usize>, levels: &[usize]) -> String {
        let base = self.number(service, DimensionKind::Base, levels).unwrap_or(0.0) as u32;
        let spot_percent = self.number(service, DimensionKind::Spot, levels).unwrap_or(0.0).round() as u32;
        let (on_demand, spot) = weights(spot_percent);
        let item = |provider: CapacityProvider, base: u32, weight: u32| {
            format!("{{capacity_provider: {}, base: {base}, weight: {weight}}}", provider.name(&[]))
        };
        let mut items = Vec::new();
        if spot == 0 {
            items.push(item(CapacityProvider::Fargate, 0, 1));
        } else {
            if base > 0 || on_demand > 0 {
                items.push(item(CapacityProvider::Fargate, base, on_demand));
            }
            items.push(item(CapacityProvider::FargateSpot, 0, spot));
        }
        format!("[{}]", items.join(", "))
    }

    /// Changes of a checked scenario that are not values at paths: which policies are used, and what a request costs on ARM.
    pub fn shape(&self, levels: &[usize], scenario: &mut Scenario) {
        for (index, service) in scenario.services.iter_mut().enumerate() {
            if let (Some(used), Some(scaling)) = (self.used_policies(Some(index), levels), &mut service.scaling) {
                let mut place = 0..;
                scaling.policies.retain(|_: &Policy| place.next().is_some_and(|place| used.contains(&place)));
            }
            let was_arm = self.on_arm.get(index).copied().unwrap_or_default();
            let Some(factor) = self.arm_cpu_time else { continue };
            let factor = match (was_arm, service.task.platform == Platform::LinuxArm) {
                (false, true) => factor,
                (true, false) => 1.0 / factor,
                _ => continue,
            };
            let revised = service.revisions.iter_mut().map(|revision| &mut revision.workload);
            for workload in revised.chain([&mut service.workload]) {
                workload.cpu_time = workload.cpu_time.scaled(factor);
            }
        }
    }

    /// The dimensions in which a configuration differs from the scenario.
    #[must_use]
    pub fn changed(&self, levels: &[usize]) -> Vec<usize> {
        (0..self.dimensions.len()).filter(|&dimension| self.dimensions[dimension].current != Some(levels[dimension])).collect()
    }
}

/// Weights of FARGATE and FARGATE_SPOT for a share of Spot in percent.
fn weights(spot_percent: u32) -> (u32, u32) {
    let (on_demand, spot) = (100 - spot_percent.min(100), spot_percent.min(100));
    let divisor = greatest_common_divisor(on_demand, spot);
    (on_demand / divisor, spot / divisor)
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_the_smallest_with_the_share() {
        assert_eq!([0, 25, 50, 75, 100].map(weights), [(1, 0), (3, 1), (1, 1), (1, 3), (0, 1)]);
        assert_eq!(weights(67), (33, 67));
    }
}
