//! The noise of a CPU sample.
//!
//! A one-minute CPU average is the mean of three samples of 20 seconds, and the work that arrives in a
//! sample varies: `Var(work in T) = rate x T x (I x E[D]^2 + Var D)`, with D the CPU time of a request and
//! I the index of dispersion of the arrivals (1 for Poisson, 0 where recorded counts are replayed). The
//! noise is drawn on the work that arrives, before the cap: work that a sample cannot do is done in the
//! next. A service exactly on its target therefore breaches three in a row now and then, as a real one
//! does; without the noise that flapping would be invisible.
//!
//! What is done in a minute is what arrives in it, less what is unfinished at its end, plus what was
//! unfinished at its start: [`smoothed_variance`] takes that into account for tasks in a steady state.

use crate::distribution::{Moments, standard_normal_quantile};
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

/// Less than this share of the variance never remains: beyond it, the work unfinished at the two ends of a
/// minute is not independent and the formula says too much.
const LEAST_REMAINING: f64 = 0.5;

/// The variance of the CPU time that one task spends on requests over a span, of which `arriving_variance`
/// is the variance of the work that arrives.
///
/// Work done is B = A - (V(T) - V(0)), with A the work that arrives and V the unfinished work, so
/// `Var B = Var A + 2 Var V - 2 Cov(A, V(T))` for a span T much longer than V remembers. For M/G/1 of speed
/// c, rate l and `m2 = l E[D^2]`, `m3 = l E[D^3]`, slack `s = c - l E[D]`: `E V = m2/2s` and
/// `Var V = m3/3s + m2^2/4s^2` (Takacs); the covariance is the derivative of E V along the size-biased
/// arrivals, `Cov = (m3 - (1 - I) E[D] m2)/2s + m2 v/2s^2` with v the variance of A per second and I the
/// dispersion in it. Round robin over n tasks makes the arrivals of each smoother, which enters as
/// `m2 = l (Var D + E[D]^2/n)`.
#[must_use]
pub fn smoothed_variance(arriving_variance: f64, seconds: f64, rate_rps: f64, cpu_time: Moments, cores: f64, tasks: f64) -> f64 {
    let Moments { mean, variance, third } = cpu_time;
    let slack = cores - rate_rps * mean;
    let third = rate_rps * third;
    if slack <= 0.0 || seconds <= 0.0 || rate_rps <= 0.0 || mean <= 0.0 || !third.is_finite() {
        return arriving_variance;
    }
    let second = rate_rps * (variance + mean * mean / tasks.max(1.0));
    let per_second = arriving_variance / seconds;
    let without_dispersion = (variance + mean * mean - per_second / rate_rps) / mean;
    let unfinished = third / (3.0 * slack) + second * second / (4.0 * slack * slack);
    let covariance = (third - without_dispersion * second) / (2.0 * slack) + second * per_second / (2.0 * slack * slack);
    (arriving_variance + 2.0 * unfinished - 2.0 * covariance).clamp(LEAST_REMAINING * arriving_variance, arriving_variance)
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

    /// By hand for M/M/1 at half load, one vCPU and bursts of 1 s: m2 = 0.5 x 2 = 1, m3 = 0.5 x 6 = 3, s = 0.5,
    /// v = 1; Var V = 3/1.5 + 1/1 = 3, Cov = 3/1 + 1/0.5 = 5. Over 60 s: 60 + 6 - 10 = 56.
    #[test]
    fn unfinished_work_smooths_the_minute() {
        let demand = crate::distribution::Distribution::Exponential { mean: 1.0 }.moments();
        let smoothed = smoothed_variance(60.0, 60.0, 0.5, demand, 1.0, 1.0);
        assert!((smoothed - 56.0).abs() < 1e-9, "{smoothed}");
        let crowded = smoothed_variance(60.0, 60.0, 0.99, demand, 1.0, 1.0);
        assert!((crowded - 30.0).abs() < 1e-9, "{crowded}");
        let overloaded = smoothed_variance(60.0, 60.0, 1.5, demand, 1.0, 1.0);
        assert!((overloaded - 60.0).abs() < 1e-9, "{overloaded}");
    }
}
