//! The dimensions of a scenario: around what each service says, what could reasonably be in its place.

use super::Space;
use super::sizes::sizes;
use crate::plan::search::dimension::{Dimension, DimensionKind, Level};
use crate::plan::search::options::PlanOptions;
use crate::plan::sweep::Axis;
use crate::scenario::model::{CapacityProvider, Platform, Policy, Scaling, Scenario, Service, TargetTracking, TrackedMetric};

/// Counts of tasks that are tried, and on by doubling.
const COUNTS: [u32; 16] = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48];
/// Multiples of the scenario's maximum that are tried, in quarters.
const MAXIMA_IN_QUARTERS: [u32; 6] = [2, 3, 4, 6, 8, 16];
/// Multiples of a target that is no percentage.
const TARGETS: [f64; 8] = [0.5, 0.65, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0];
/// Cooldowns after scaling out, in seconds.
const OUT_SECONDS: [f64; 5] = [0.0, 30.0, 60.0, 120.0, 300.0];
/// Cooldowns after scaling in, in seconds.
const IN_SECONDS: [f64; 5] = [60.0, 120.0, 300.0, 600.0, 900.0];
/// Shares of Spot in percent.
const SPOT_PERCENTS: [f64; 5] = [0.0, 25.0, 50.0, 75.0, 100.0];
/// Of more policies, not every subset is tried, but each alone and all but one.
const POLICIES_FOR_ALL_SUBSETS: usize = 4;

/// The space of a scenario.
#[must_use]
pub fn derive(scenario: &Scenario, options: &PlanOptions) -> Space {
    let mut space = Space {
        arm_cpu_time: options.arm_cpu_time,
        on_arm: scenario.services.iter().map(|service| service.task.platform == Platform::LinuxArm).collect(),
        ..Space::default()
    };
    for (index, service) in scenario.services.iter().enumerate() {
        let of = Dimensions { index, service, options };
        of.task(&mut space);
        of.capacity(&mut space);
        of.strategy(&mut space);
    }
    let held = |dimension: &Dimension| options.hold.contains(&dimension.kind);
    for kind in
        DimensionKind::ALL.into_iter().filter(|kind| space.dimensions.iter().any(|dimension| dimension.kind == *kind && held(dimension)))
    {
        space.held.push(format!("{} is held by --hold", kind.word()));
    }
    hold(&mut space, options);
    for varied in &options.vary {
        vary(&mut space, varied);
    }
    space
}

/// Takes away what is held. Base and share of Spot are one strategy: where only one of them is held, it stays as a dimension of a single level.
fn hold(space: &mut Space, options: &PlanOptions) {
    let is_held = |kind: DimensionKind| options.hold.contains(&kind);
    let one_of_two = is_held(DimensionKind::Base) != is_held(DimensionKind::Spot);
    space.dimensions.retain_mut(|dimension| {
        if !is_held(dimension.kind) {
            return true;
        }
        let current = dimension.current.filter(|_| one_of_two && matches!(dimension.kind, DimensionKind::Base | DimensionKind::Spot));
        let Some(current) = current else { return false };
        dimension.levels = vec![dimension.levels.swap_remove(current)];
        dimension.current = Some(0);
        true
    });
    // What has no level of its own cannot be held apart from its partner.
    if one_of_two {
        let services: Vec<Option<usize>> =
            space.dimensions.iter().filter(|dimension| dimension.kind == DimensionKind::Base).map(|dimension| dimension.service).collect();
        let has_both = |dimension: &Dimension, all: &[Dimension]| {
            all.iter()
                .filter(|other| other.service == dimension.service && matches!(other.kind, DimensionKind::Base | DimensionKind::Spot))
                .count()
                == 2
        };
        let all = space.dimensions.clone();
        space.dimensions.retain(|dimension| {
            !matches!(dimension.kind, DimensionKind::Base | DimensionKind::Spot)
                || (services.contains(&dimension.service) && has_both(dimension, &all))
        });
    }
}

/// Replaces the levels of the dimension that sets these paths, or adds one. A dimension that sets a part of them gives way.
fn vary(space: &mut Space, varied: &Axis) {
    let levels: Vec<Level> = varied.values.iter().map(|values| level_of_texts(values)).collect();
    let shares = |dimension: &Dimension| {
        dimension.paths.iter().any(|path| varied.paths.iter().any(|other| is_within(path, other) || is_within(other, path)))
    };
    let replaced = space
        .dimensions
        .iter()
        .position(|dimension| dimension.paths == varied.paths && !matches!(dimension.kind, DimensionKind::Base | DimensionKind::Spot));
    if let Some(place) = replaced {
        let dimension = &mut space.dimensions[place];
        let current = dimension.current.map(|level| dimension.levels[level].values.clone());
        dimension.current = current.and_then(|values| levels.iter().position(|level| level.values == values));
        dimension.levels = levels;
        return;
    }
    space.dimensions.retain(|dimension| !shares(dimension));
    let title = varied.paths.join(", ");
    let (kind, paths) = (DimensionKind::Vary, varied.paths.clone());
    space.dimensions.push(Dimension { kind, service: None, policy: None, title, paths, levels, current: None });
}

fn is_within(path: &str, outer: &str) -> bool {
    path == outer || path.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

fn level_of_texts(values: &[String]) -> Level {
    let number = values.first().and_then(|value| value.trim().parse().ok()).unwrap_or(f64::NAN);
    Level { shown: values.join("/"), values: values.to_vec(), number }
}

/// The dimensions of one service.
struct Dimensions<'a> {
    index: usize,
    service: &'a Service,
    options: &'a PlanOptions,
}

impl Dimensions<'_> {
    fn path(&self, rest: &str) -> String {
        format!("services.{}.{rest}", self.service.name)
    }

    fn dimension(
        &self,
        kind: DimensionKind,
        title: &str,
        paths: Vec<String>,
        levels: Vec<Level>,
        is_current: impl Fn(&Level) -> bool,
    ) -> Dimension {
        let current = levels.iter().position(is_current);
        let title = format!("{}: {title}", self.service.name);
        Dimension { kind, service: Some(self.index), policy: None, title, paths, levels, current }
    }

    /// A dimension of numbers, the current one among them.
    fn numbers(&self, kind: DimensionKind, title: &str, path: &str, numbers: impl IntoIterator<Item = f64>, current: f64) -> Dimension {
        let levels = numbers.into_iter().chain([current]);
        self.dimension(kind, title, vec![self.path(path)], ascending(levels), |level| level.number == current)
    }

    fn task(&self, space: &mut Space) {
        let task = &self.service.task;
        let level = |(cpu, memory): &(crate::units::CpuUnits, crate::units::Mebibytes)| Level {
            shown: format!("{} CPU units, {} MiB", cpu.0, memory.0),
            values: vec![cpu.0.to_string(), memory.0.to_string()],
            number: f64::from(cpu.0),
        };
        let levels: Vec<Level> = sizes(self.service).iter().map(level).collect();
        let own = [task.cpu.0.to_string(), task.memory.0.to_string()];
        let paths = vec![self.path("task_definition.cpu"), self.path("task_definition.memory")];
        space.dimensions.push(self.dimension(DimensionKind::Size, "task size", paths, levels, |level| level.values == own));
        let name = &self.service.name;
        match (task.platform, self.options.arm_cpu_time) {
            (Platform::WindowsX86, _) => space.held.push(format!("{name} stays on x86: Windows tasks run on nothing else")),
            (_, Some(_)) => {
                let path = self.path("task_definition.runtime_platform.cpu_architecture");
                let level = |(number, name): (f64, &str)| Level { shown: name.to_owned(), values: vec![name.to_owned()], number };
                let own = if task.platform == Platform::LinuxArm { "ARM64" } else { "X86_64" };
                let levels = [(0.0, "X86_64"), (1.0, "ARM64")].map(level).to_vec();
                space.dimensions.push(self.dimension(DimensionKind::Architecture, "architecture", vec![path], levels, |level| level.shown == own));
            }
            (_, None) => space.held.push(format!(
                "{name} stays on its architecture: what a request costs on another is not known; --arm 0.9 would let ARM compete at 0.9 times the CPU time"
            )),
        }
    }

    fn capacity(&self, space: &mut Space) {
        let Some(scaling) = &self.service.scaling else {
            let count = self.service.desired_count;
            let counts = counts(least_count(count), count.saturating_mul(4));
            space.dimensions.push(self.numbers(DimensionKind::DesiredCount, "desired count", "desired_count", counts, f64::from(count)));
            space.held.push(format!("{} has no scaling, so only its desired count is varied", self.service.name));
            return;
        };
        let (min, max) = (scaling.min_capacity, scaling.max_capacity);
        space.dimensions.push(self.numbers(
            DimensionKind::MinCapacity,
            "min capacity",
            "scaling.min_capacity",
            counts(least_count(min), max),
            f64::from(min),
        ));
        let maxima = MAXIMA_IN_QUARTERS.map(|quarters| f64::from(max.saturating_mul(quarters).div_ceil(4).max(1)));
        space.dimensions.push(self.numbers(DimensionKind::MaxCapacity, "max capacity", "scaling.max_capacity", maxima, f64::from(max)));
        self.policies(scaling, space);
        if !scaling.scheduled_actions.is_empty() {
            space.held.push(format!("{}: scheduled actions keep their times and bounds", self.service.name));
        }
    }

    fn policies(&self, scaling: &Scaling, space: &mut Space) {
        let name = &self.service.name;
        if scaling.policies.len() > 1 {
            let all: Vec<usize> = (0..scaling.policies.len()).collect();
            let level = |subset: &Vec<usize>| Level {
                shown: subset.iter().map(|&policy| scaling.policies[policy].name()).collect::<Vec<_>>().join(" + "),
                values: subset.iter().map(ToString::to_string).collect(),
                number: subset.len() as f64,
            };
            let levels: Vec<Level> = subsets(&all).iter().map(level).collect();
            space
                .dimensions
                .push(self.dimension(DimensionKind::Policies, "policies", Vec::new(), levels, |level| level.values.len() == all.len()));
        }
        for (place, policy) in scaling.policies.iter().enumerate() {
            match policy {
                Policy::TargetTracking(policy) => self.target_tracking(place, policy, space),
                Policy::Step(_) | Policy::Predictive(_) => {
                    space.held.push(format!("{name}: policy {} keeps its settings; only target tracking is varied", policy.name()));
                }
            }
        }
    }

    fn target_tracking(&self, place: usize, policy: &TargetTracking, space: &mut Space) {
        // A name that holds a dot would be several parts of a path.
        let item = if policy.name.contains('.') || policy.name.trim() != policy.name { place.to_string() } else { policy.name.clone() };
        let path = |key: &str| format!("scaling.policies.{item}.{key}");
        let is_percentage = matches!(policy.metric, TrackedMetric::CpuUtilization { .. } | TrackedMetric::MemoryUtilization { .. });
        let targets: Vec<f64> = if is_percentage {
            (6..=18).map(|step| f64::from(step) * 5.0).collect()
        } else {
            TARGETS.iter().map(|multiple| two_digits(multiple * policy.target_value)).collect()
        };
        let mut push = |kind, what: &str, key: &str, numbers: Vec<f64>, current: f64| {
            let title = format!("{} of policy {}", what, policy.name);
            let dimension = self.numbers(kind, &title, &path(key), numbers, current);
            space.dimensions.push(Dimension { policy: Some(place), ..dimension });
        };
        push(DimensionKind::Target, "target", "target_value", targets, policy.target_value);
        push(
            DimensionKind::Cooldowns,
            "scale-out cooldown",
            "scale_out_cooldown",
            OUT_SECONDS.to_vec(),
            policy.scale_out_cooldown.as_seconds_f64(),
        );
        if !policy.disable_scale_in {
            push(
                DimensionKind::Cooldowns,
                "scale-in cooldown",
                "scale_in_cooldown",
                IN_SECONDS.to_vec(),
                policy.scale_in_cooldown.as_seconds_f64(),
            );
        }
    }

    fn strategy(&self, space: &mut Space) {
        let name = &self.service.name;
        if self.service.task.platform == Platform::WindowsX86 {
            space.held.push(format!("{name} stays on demand: Fargate Spot has no Windows tasks"));
            return;
        }
        let of = |provider| self.service.strategy.iter().find(|item| item.capacity_provider == provider);
        let weight = |provider| of(provider).map_or(0, |item| item.weight);
        let (on_demand, spot) = (weight(CapacityProvider::Fargate), weight(CapacityProvider::FargateSpot));
        if of(CapacityProvider::FargateSpot).is_some_and(|item| item.base > 0) {
            space.held.push(format!("{name} keeps its capacity provider strategy, whose base is on Spot"));
            return;
        }
        let share = 100.0 * f64::from(spot) / f64::from(on_demand + spot).max(1.0);
        let base = of(CapacityProvider::Fargate).map_or(0, |item| item.base);
        let path = "capacity_provider_strategy";
        // Without Spot there is nothing that a base would be kept from.
        let base = if spot == 0 { 0 } else { base };
        let most = self.service.scaling.as_ref().map_or(self.service.desired_count, |scaling| scaling.min_capacity).max(base).max(2);
        let mut bases = self.numbers(DimensionKind::Base, "tasks on demand first (base)", path, counts(0, most), f64::from(base));
        let mut shares = self.numbers(DimensionKind::Spot, "share of Spot beyond the base", path, SPOT_PERCENTS, share.round());
        for level in &mut shares.levels {
            level.shown = format!("{} %", level.shown);
        }
        // Shares are whole percents: one that is not cannot be told apart from its neighbour, and is not the scenario's own.
        if share.fract() != 0.0 {
            (bases.current, shares.current) = (None, None);
        }
        space.dimensions.extend([bases, shares]);
    }
}

/// One task is no redundancy: who has two is offered no fewer.
fn least_count(current: u32) -> u32 {
    current.min(2)
}

/// Counts of tasks from `least` to `most`.
fn counts(least: u32, most: u32) -> Vec<f64> {
    let doubled = std::iter::successors(Some(64_u32), |count| count.checked_mul(2));
    let fine = COUNTS.into_iter().chain(doubled.flat_map(|count| [count, count.saturating_add(count / 2)]));
    fine.skip_while(|count| *count < least).take_while(|count| *count <= most).map(f64::from).collect()
}

/// Levels of these numbers, each once.
fn ascending(numbers: impl IntoIterator<Item = f64>) -> Vec<Level> {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.dedup();
    numbers.into_iter().map(Level::of).collect()
}

/// A number rounded to two significant digits.
fn two_digits(number: f64) -> f64 {
    format!("{number:.1e}").parse().unwrap_or(number)
}

/// Subsets with at least one member, the whole first: all of them, or where that is many each alone and all but one.
fn subsets(all: &[usize]) -> Vec<Vec<usize>> {
    let chosen = |bits: u32| all.iter().copied().filter(|&member| bits >> member & 1 == 1).collect::<Vec<_>>();
    let mut subsets: Vec<Vec<usize>> = if all.len() <= POLICIES_FOR_ALL_SUBSETS {
        (1..1_u32 << all.len()).map(chosen).collect()
    } else {
        let alone = all.iter().map(|&member| vec![member]);
        let without = all.iter().map(|&left| all.iter().copied().filter(|&member| member != left).collect());
        alone.chain(without).chain([all.to_vec()]).collect()
    };
    subsets.sort_by_key(|subset| (std::cmp::Reverse(subset.len()), subset.clone()));
    subsets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_rise_in_steps_that_matter() {
        assert_eq!(counts(2, 12), [2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0]);
        assert_eq!(counts(40, 200), [40.0, 48.0, 64.0, 96.0, 128.0, 192.0]);
        assert_eq!(counts(0, u32::MAX).len(), 16 + 2 * 26, "ends where counts end");
    }

    #[test]
    fn all_subsets_of_few_policies_and_some_of_many() {
        assert_eq!(subsets(&[0, 1]), [vec![0, 1], vec![0], vec![1]]);
        assert_eq!(subsets(&[0, 1, 2, 3]).len(), 15);
        assert_eq!(subsets(&[0, 1, 2, 3, 4]).len(), 11);
    }
}
