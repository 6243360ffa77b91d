//! What the control plane of a service counts.

use std::collections::VecDeque;

use crate::units::SimTime;

/// What the control plane counted in the window.
#[derive(Clone, Debug, Default)]
pub struct ControlCounts {
    /// Tasks launched by provider.
    pub launched: Vec<u64>,
    /// Spot tasks interrupted.
    pub interrupted: u64,
    /// The most of them within two minutes.
    pub largest_simultaneous_loss: u64,
    /// Tasks that ran out of memory.
    pub out_of_memory: u64,
    /// Tasks that crashed.
    pub crashed: u64,
    /// Tasks that hung.
    pub hung: u64,
    /// Tasks that were lost with their zone.
    pub lost_with_zone: u64,
    /// Tasks that were lost with their instance, which was scaled in.
    pub lost_with_instance: u64,
    pub(super) recent_losses: VecDeque<SimTime>,
}

impl ControlCounts {
    /// Nothing yet, of so many capacity providers.
    pub(super) fn of(providers: usize) -> Self {
        Self { launched: vec![0; providers], ..Self::default() }
    }

    /// Tasks that events have cost, by the kind of event; those that cost none are missing.
    #[must_use]
    pub fn lost_by_event(&self) -> Vec<(&'static str, u64)> {
        let all = [
            ("task_failure", self.crashed),
            ("task_hang", self.hung),
            ("zone_outage", self.lost_with_zone),
            ("instance_scale_in", self.lost_with_instance),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}
