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

use crate::distribution::{Moments, standard_normal_quantile, standard_normal_quantiles};
use crate::random::{KeyedStream, Stream, open_unit};

/// Samples in a minute.
pub const SAMPLES_PER_MINUTE: u32 = 3;

/// The work of one or more samples, in vCPU-seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// That of the sample with the least.
    pub least: f64,
    /// That of all of them.
    pub vcpu_seconds: f64,
    /// That of the sample with the most.
    pub most: f64,
}

/// The noise of one service, the samples of each minute keyed by its number.
#[derive(Clone, Debug)]
pub struct CpuNoise {
    enabled: bool,
    draws: KeyedStream,
    carried_vcpu_seconds: f64,
}

impl CpuNoise {
    /// Noise for one service; without `enabled` a measurement is its expectation.
    #[must_use]
    pub const fn new(enabled: bool, seed: u64, service_key: u64) -> Self {
        Self { enabled, draws: KeyedStream::new(seed, Stream::CpuNoise, service_key), carried_vcpu_seconds: 0.0 }
    }

    /// The work done in the three samples of a minute, of which `expected` arrives on average with this
    /// standard deviation over the minute, under a capacity for it; all in vCPU-seconds. `minute` is counted
    /// from the Unix epoch.
    pub fn minute(&mut self, minute: u64, expected: f64, deviation: f64, capacity: f64) -> Measured {
        let samples = f64::from(SAMPLES_PER_MINUTE);
        if self.is_silent(deviation) {
            return Measured { vcpu_seconds: expected, least: expected / samples, most: expected / samples };
        }
        let (mean, spread, capacity) = (expected / samples, deviation / samples.sqrt(), capacity / samples);
        let mut random = self.draws.generator(minute);
        let normals = standard_normal_quantiles([(); SAMPLES_PER_MINUTE as usize].map(|()| open_unit(&mut random)));
        let mut measured = Measured { vcpu_seconds: 0.0, least: f64::INFINITY, most: 0.0 };
        for normal in normals {
            let used = self.done(mean + spread * normal, capacity);
            measured.vcpu_seconds += used;
            // (Comparisons are cheaper than `min` and `max`, which look for what is no number.)
            measured.least = if used < measured.least { used } else { measured.least };
            measured.most = if used > measured.most { used } else { measured.most };
        }
        measured
    }

    /// The work done in one sample, named by its minute and its place in it (0 to 2); the figures are those
    /// of the sample. Its draw is the one that [`CpuNoise::minute`] makes for it.
    pub fn sample(&mut self, (minute, place): (u64, u32), expected: f64, deviation: f64, capacity: f64) -> Measured {
        if self.is_silent(deviation) {
            return Measured { vcpu_seconds: expected, least: expected, most: expected };
        }
        let mut random = self.draws.generator(minute);
        for _ in 0..place {
            open_unit(&mut random);
        }
        let used = self.done(expected + deviation * standard_normal_quantile(open_unit(&mut random)), capacity);
        Measured { vcpu_seconds: used, least: used, most: used }
    }

    /// Whether a span has no noise; then it leaves nothing to the next one.
    fn is_silent(&mut self, deviation: f64) -> bool {
        let silent = !self.enabled || deviation <= 0.0;
        if silent {
            self.carried_vcpu_seconds = 0.0;
        }
        silent
    }

    /// What a sample does of the work that arrives in it and of what the one before it left.
    fn done(&mut self, arriving: f64, capacity: f64) -> f64 {
        let waiting = arriving.max(0.0) + self.carried_vcpu_seconds;
        let used = if capacity < waiting { capacity } else { waiting };
        self.carried_vcpu_seconds = waiting - used;
        used
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
            let done = noise.minute(u64::from(minute), 15.0, 1.0, 30.0).vcpu_seconds;
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
        let total: f64 = (0..20_000).map(|minute| noise.minute(minute, 9.5, 1.0, 10.0).vcpu_seconds).sum();
        assert!((total / 20_000.0 - 9.5).abs() < 0.03, "{total}");
        let mut silent = CpuNoise::new(false, 1, 7);
        assert!((silent.minute(0, 9.5, 1.0, 10.0).vcpu_seconds - 9.5).abs() < 1e-12);
    }

    #[test]
    fn a_sample_alone_is_the_one_in_its_minute() {
        let (mut whole, mut apart) = (CpuNoise::new(true, 3, 9), CpuNoise::new(true, 3, 9));
        for minute in 0..500 {
            let measured = whole.minute(minute, 27.0, 2.0, 30.0);
            let samples = [0, 1, 2].map(|place| apart.sample((minute, place), 9.0, 2.0 / 3.0_f64.sqrt(), 10.0).vcpu_seconds);
            let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-9, "minute {minute}: {got} is not {expected}");
            close(samples.iter().sum(), measured.vcpu_seconds);
            close(samples.into_iter().fold(f64::INFINITY, f64::min), measured.least);
            close(samples.into_iter().fold(0.0, f64::max), measured.most);
        }
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
