//! The noise of a CPU sample.
//!
//! A one-minute CPU average is the mean of three samples of 20 seconds, and the work that arrives in a
//! sample varies: `Var(work in T) = rate x T x (I x E[D]^2 + Var D)`, with D the CPU time of a request and
//! I the index of dispersion of the arrivals (1 for Poisson, 0 where recorded counts are replayed). The
//! noise is drawn on the work that arrives, before the cap: work that a sample cannot do is done in the
//! next. A service exactly on its target therefore breaches three in a row now and then, as a real one
//! does; without the noise that flapping would be invisible.

use crate::distribution::standard_normal_quantile;
use crate::random::{Stream, generator, open_unit};

/// Samples in a minute.
const SAMPLES_PER_MINUTE: u32 = 3;

/// The noise of one service, the samples of each minute keyed by its number.
#[derive(Clone, Debug)]
pub struct CpuNoise {
    enabled: bool,
    seed: u64,
    service_key: u64,
    carried_vcpu_seconds: f64,
}

impl CpuNoise {
    /// Noise for one service; without `enabled` a measurement is its expectation.
    #[must_use]
    pub const fn new(enabled: bool, seed: u64, service_key: u64) -> Self {
        Self { enabled, seed, service_key, carried_vcpu_seconds: 0.0 }
    }

    /// The work done in one minute, in vCPU-seconds, of which `expected` arrives on average with this
    /// standard deviation over the minute, under a capacity for it. `minute` is counted from the Unix epoch.
    pub fn measured(&mut self, minute: u64, expected: f64, deviation: f64, capacity: f64) -> f64 {
        if !self.enabled || deviation <= 0.0 {
            self.carried_vcpu_seconds = 0.0;
            return expected;
        }
        let samples = f64::from(SAMPLES_PER_MINUTE);
        let (mean, spread, most) = (expected / samples, deviation / samples.sqrt(), capacity / samples);
        let mut random = generator(self.seed, Stream::CpuNoise, self.service_key, minute);
        let mut done = 0.0;
        for _ in 0..SAMPLES_PER_MINUTE {
            let normal = standard_normal_quantile(open_unit(&mut random));
            let waiting = (mean + spread * normal).max(0.0) + self.carried_vcpu_seconds;
            let used = waiting.min(most);
            self.carried_vcpu_seconds = waiting - used;
            done += used;
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_scatter_with_the_stated_deviation_and_lose_no_work() {
        let mut noise = CpuNoise::new(true, 1, 7);
        let minutes = 20_000_u32;
        let (mut sum, mut squares) = (0.0, 0.0);
        for minute in 0..minutes {
            let done = noise.measured(u64::from(minute), 15.0, 1.0, 30.0);
            sum += done;
            squares += done * done;
        }
        let mean = sum / f64::from(minutes);
        let deviation = (squares / f64::from(minutes) - mean * mean).sqrt();
        assert!((mean - 15.0).abs() < 0.03 && (deviation - 1.0).abs() < 0.03, "{mean} {deviation}");
    }

    #[test]
    fn a_full_sample_hands_its_surplus_on() {
        let mut noise = CpuNoise::new(true, 1, 7);
        let total: f64 = (0..20_000).map(|minute| noise.measured(minute, 9.5, 1.0, 10.0)).sum();
        assert!((total / 20_000.0 - 9.5).abs() < 0.03, "{total}");
        let mut silent = CpuNoise::new(false, 1, 7);
        assert!((silent.measured(0, 9.5, 1.0, 10.0) - 9.5).abs() < 1e-12);
    }
}
