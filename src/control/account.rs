//! What the services of an account share when they launch tasks on Fargate.
//!
//! Fargate grants launches from a token bucket for each account and region, one for on-demand tasks and one for Spot
//! (AWS, "AWS Fargate throttling quotas"), and lets no more vCPUs run than the account's quota, again one for each
//! (AWS, "AWS Fargate service quotas"). Both hold for all services together, so they live here and not in a service.
//! A run is single-threaded and handles the services in one order of time, so sharing costs no determinism.
//!
//! AWS does not say how services that want more than there is share it. Here every service that waits gets an equal
//! part of the tokens up to its next tick; vCPUs go to who asks first.
//!
//! Left out: what else the account runs, the quota of the RunTask API (the scheduler does not use it), and the
//! smaller limits of accounts that are new.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::scenario::model::{CapacityProvider, Quotas};
use crate::units::{CPU_UNITS_PER_VCPU, CpuUnits, SimDuration, SimTime};

/// A bucket that gives out launches: so many at once, and so many a second in the long run.
#[derive(Clone, Copy, Debug)]
pub struct TokenBucket {
    /// Tokens that it holds when it is full, at least 1.
    size: i64,
    /// From one token to the next, more than none.
    interval: SimDuration,
    /// When it is full again.
    full_at: SimTime,
}

impl TokenBucket {
    /// A full bucket of `size` tokens (at least 1) that refills at `tokens_per_second` (above 0).
    #[must_use]
    pub fn new(size: u32, tokens_per_second: f64) -> Self {
        let interval = SimDuration::from_seconds_f64(1.0 / tokens_per_second).max(SimDuration::from_nanos(1));
        Self { size: i64::from(size.max(1)), interval, full_at: SimTime::from_nanos(i64::MIN) }
    }

    /// Tokens that there are at `now` or will be before `until`, which is later.
    #[must_use]
    pub fn available(&self, now: SimTime, until: SimTime) -> u32 {
        let behind = until - SimDuration::from_nanos(1) - self.full_at.max(now);
        let tokens = behind.as_nanos().div_euclid(self.interval.as_nanos()).saturating_add(self.size);
        u32::try_from(tokens.max(0)).unwrap_or(u32::MAX)
    }

    /// Takes a token, and says when it is there: at `now` or later.
    pub fn take(&mut self, now: SimTime) -> SimTime {
        let full_at = self.full_at.max(now);
        self.full_at = full_at + self.interval;
        now.max(full_at - self.interval * (self.size - 1))
    }
}

/// Launches that a service wants.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The service, by its number in the scenario.
    pub service: u32,
    /// Where.
    pub provider: CapacityProvider,
    /// How many.
    pub tasks: u32,
    /// What each of them takes of the vCPU quota.
    pub cpu: CpuUnits,
}

/// The launches of one capacity provider.
#[derive(Clone, Debug)]
struct Pool {
    bucket: TokenBucket,
    /// None: no limit.
    quota_cpu_units: Option<u64>,
    used_cpu_units: u64,
    /// Services that wait for tokens, and when each of them asked last.
    waiting: BTreeMap<u32, SimTime>,
}

impl Pool {
    fn within_quota(&self, wish: &Wish) -> u32 {
        let Some(quota) = self.quota_cpu_units else { return wish.tasks };
        let fitting = quota.saturating_sub(self.used_cpu_units) / u64::from(wish.cpu.0).max(1);
        wish.tasks.min(u32::try_from(fitting).unwrap_or(u32::MAX))
    }

    /// The tokens before `until` that this service may take, an equal part being left for each one that waits and
    /// has not asked yet.
    fn fair_share(&self, service: u32, now: SimTime, until: SimTime) -> u32 {
        let others = self.waiting.iter().filter(|&(&other, &asked)| other != service && asked < now).count();
        self.bucket.available(now, until).div_ceil(u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1))
    }

    fn grant(&mut self, wish: &Wish, now: SimTime, until: SimTime) -> Vec<SimTime> {
        let within_quota = self.within_quota(wish);
        let granted = within_quota.min(self.fair_share(wish.service, now, until));
        if granted < within_quota {
            self.waiting.insert(wish.service, now);
        } else if self.waiting.get(&wish.service) != Some(&now) {
            // (One that was cut short at this very instant waits, whatever else it wants.)
            self.waiting.remove(&wish.service);
        }
        self.used_cpu_units += u64::from(wish.cpu.0) * u64::from(granted);
        (0..granted).map(|_| self.bucket.take(now)).collect()
    }
}

/// The launch limits of an account in a region. Clones are handles on the same account.
#[derive(Clone, Debug)]
pub struct Account(Rc<RefCell<[Pool; 2]>>);

impl Account {
    /// An account that runs nothing, its buckets full.
    #[must_use]
    pub fn new(quotas: &Quotas) -> Self {
        let pool = |provider: CapacityProvider| Pool {
            bucket: TokenBucket::new(quotas.launch_burst_tasks, quotas.launches_per_second),
            quota_cpu_units: quotas.vcpu[provider.index()].map(|vcpu| (vcpu * f64::from(CPU_UNITS_PER_VCPU)).floor() as u64),
            used_cpu_units: 0,
            waiting: BTreeMap::new(),
        };
        Self(Rc::new(RefCell::new(CapacityProvider::FARGATE.map(pool))))
    }

    /// Grants as many of the launches as tokens before `until`, the vCPU quota and other services allow, and says
    /// when each of them happens. A service that gets fewer asks again at `until`; one that wants none says so.
    /// Instances are no part of the account's limits: nothing is granted for them.
    #[must_use]
    pub fn grant(&self, wish: &Wish, now: SimTime, until: SimTime) -> Vec<SimTime> {
        let mut pools = self.0.borrow_mut();
        pools.get_mut(wish.provider.index()).map_or_else(Vec::new, |pool| pool.grant(wish, now, until))
    }

    /// A task runs that needed no launch: it was there from the beginning.
    pub fn occupy(&self, provider: CapacityProvider, cpu: CpuUnits) {
        if let Some(pool) = self.0.borrow_mut().get_mut(provider.index()) {
            pool.used_cpu_units += u64::from(cpu.0);
        }
    }

    /// A task is gone, and its vCPUs are free.
    pub fn release(&self, provider: CapacityProvider, cpu: CpuUnits) {
        if let Some(pool) = self.0.borrow_mut().get_mut(provider.index()) {
            pool.used_cpu_units = pool.used_cpu_units.saturating_sub(u64::from(cpu.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::CapacityProvider::{Fargate, FargateSpot};

    const START: SimTime = SimTime::START;
    const CPU: CpuUnits = CpuUnits(1024);

    fn quotas(vcpu: [Option<f64>; 2]) -> Quotas {
        Quotas { vcpu, launches_per_service_per_minute: 500.0, launch_burst_tasks: 100, launches_per_second: 20.0 }
    }

    fn wish(service: u32, provider: CapacityProvider, tasks: u32) -> Wish {
        Wish { service, provider, tasks, cpu: CPU }
    }

    fn at(seconds: i64) -> SimTime {
        SimTime::from_seconds(seconds)
    }

    /// AWS, throttling quotas: 100 tokens, 20 a second. The n-th launch beyond the hundredth comes n / 20 s later.
    #[test]
    fn a_bucket_of_100_that_refills_at_20_a_second() {
        for (tasks, last_seconds) in [(100, 0), (500, 20), (3500, 170), (10_000, 495)] {
            let mut bucket = TokenBucket::new(100, 20.0);
            assert_eq!(bucket.available(START, at(last_seconds) + SimDuration::from_nanos(1)), tasks);
            let last = (0..tasks).map(|_| bucket.take(START)).last();
            assert_eq!(last, Some(at(last_seconds)), "{tasks}");
        }
    }

    /// A service that is cut short at an instant waits, also if it wants nothing more for others of its tasks at that instant.
    #[test]
    fn who_is_cut_short_waits() {
        let account = Account::new(&quotas([None, None]));
        let later = at(5);
        assert_eq!(account.grant(&wish(0, Fargate, 500), START, later).len(), 199, "100 and what comes within five seconds");
        assert!(account.grant(&wish(0, Fargate, 0), START, later).is_empty());
        // 100 tokens come until ten seconds; half of them are left for the first.
        assert_eq!(account.grant(&wish(1, Fargate, 500), later, at(10)).len(), 50);
        assert!(account.grant(&wish(0, Fargate, 0), later, at(10)).is_empty(), "it wants no more");
        assert_eq!(account.grant(&wish(1, Fargate, 500), at(10), at(15)).len(), 100 + 50);
    }

    /// Half of it used, it is full again 2.5 s later, and never fuller.
    #[test]
    fn a_bucket_fills_up_and_not_beyond() {
        let mut bucket = TokenBucket::new(100, 20.0);
        for _ in 0..50 {
            assert_eq!(bucket.take(START), START);
        }
        let now = |seconds: f64| {
            let now = START + SimDuration::from_seconds_f64(seconds);
            bucket.available(now, now + SimDuration::from_nanos(1))
        };
        assert_eq!([now(0.0), now(1.0), now(2.5), now(3600.0)], [50, 70, 100, 100]);
    }

    #[test]
    fn on_demand_and_spot_have_buckets_of_their_own() {
        let account = Account::new(&quotas([None, None]));
        let soon = START + SimDuration::from_nanos(1);
        assert_eq!(account.grant(&wish(0, Fargate, 150), START, soon).len(), 100);
        assert_eq!(account.grant(&wish(0, FargateSpot, 150), START, soon).len(), 100);
        assert_eq!(account.grant(&wish(1, Fargate, 1), START, soon).len(), 0);
    }

    /// 9.5 s bring 190 tokens: with four services that wait besides, each gets 38 of them.
    #[test]
    fn services_that_wait_share_the_tokens() {
        let account = Account::new(&quotas([None, None]));
        let tick = SimDuration::from_millis(9_500);
        let round = |now: SimTime, tasks: u32| -> Vec<usize> {
            (0..5).map(|service| account.grant(&wish(service, Fargate, tasks), now, now + tick).len()).collect()
        };
        // The burst and the tokens of one tick; nobody waited before.
        assert_eq!(round(START, 700), [289, 0, 0, 0, 0]);
        assert_eq!(round(START + tick, 700), [38; 5]);
        assert_eq!(round(START + tick * 2, 0), [0; 5]);
        // It was idle for a tick and more, so it is full.
        assert_eq!(account.grant(&wish(0, Fargate, 700), START + tick * 3, START + tick * 4).len(), 289);
    }

    /// Six vCPUs hold six tasks of one; what a task that is gone had can be used again, whoever had it.
    #[test]
    fn vcpus_beyond_the_quota_wait() {
        let account = Account::new(&quotas([Some(6.5), None]));
        account.occupy(Fargate, CPU);
        let grant = |service, tasks| account.grant(&wish(service, Fargate, tasks), START, at(10)).len();
        assert_eq!([grant(0, 4), grant(1, 4), grant(0, 1)], [4, 1, 0]);
        account.release(Fargate, CPU);
        assert_eq!([grant(1, 3), grant(0, 1)], [1, 0]);
        assert_eq!(account.grant(&wish(0, FargateSpot, 40), START, at(10)).len(), 40);
    }
}
