//! Random draws that are keyed, not queued.
//!
//! Every draw is named by (seed, stream, service, index) and has a generator of its own, seeded by a hash
//! of that name. Nothing shares a position in a sequence, so a new draw in one place, another service or
//! another policy changes no draw elsewhere, and variants of a scenario meet the same customers and the
//! same interruptions. The generator is pinned to Xoshiro256++ by name: rand's default ones may change
//! with a version of that crate.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a draw is for. The numbers are part of every seed's meaning: never renumber, only add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// Rounds the fraction of a scaled trace count; index: the slot.
    TraceRounding = 1,
    /// The noise of the three CPU samples of a minute; index: the minute since the Unix epoch.
    CpuNoise = 2,
    /// How long a Spot task runs before it is interrupted; index: the task.
    SpotInterruption = 3,
    /// How long the network of a task takes; index: the task.
    Provisioning = 4,
    /// From container start to ready; index: the task.
    StartUp = 5,
    /// Identifiers of alarms and activities; index: the identifier.
    Identifier = 6,
    /// When requests arrive; index: the slot.
    Arrivals = 7,
    /// Varies the rate of bursty arrivals; index: the second.
    Burst = 8,
    /// The CPU time of requests, in the order of their arrival; of a request that another caused: its number.
    CpuTime = 9,
    /// The wait of requests, as their CPU time.
    WaitTime = 10,
    /// How long requests are waited for, as their CPU time.
    Timeout = 11,
    /// Whether requests are answered with an error, as their CPU time.
    Error = 12,
    /// Which task a request goes to.
    Routing = 13,
    /// The pauses of a user; index: the user and the request.
    ThinkTime = 14,
    /// The pause before a retry; index: the request and the attempt.
    Backoff = 15,
    /// How many calls a request makes; index: the request.
    Calls = 16,
    /// What a replication takes for true of what is uncertain; index: the figure.
    Uncertainty = 17,
    /// Whether a task of a revision that fails to start does; index: the task.
    StartFailure = 24,
    /// Which target group a request goes to while traffic moves; index: the request and the attempt.
    TargetGroup = 41,
    /// Which points of a sweep are run; the axis stands in the place of the service.
    Sample = 60,
    /// When a zone takes its Spot capacity back; index: the zone and the number of the time.
    SpotZone = 30,
    /// When Spot capacity runs short; index: the number of the shortage.
    SpotShortage = 31,
    /// Which tasks an interruption of some takes; index: its number and the task.
    SpotChoice = 32,
    /// Which instance a task is placed on at random; index: the number of the draw. The group stands in the place of the service.
    Placement = 33,
    /// Which configurations a search begins with; index: the dimension.
    Search = 61,
}

/// The draws of one stream of a service, still without their index.
#[derive(Clone, Copy, Debug)]
pub struct KeyedStream(u64);

impl KeyedStream {
    /// The draws of this name.
    #[must_use]
    pub const fn new(seed: u64, stream: Stream, service: u64) -> Self {
        let key = mix(seed ^ 0x9E37_79B9_7F4A_7C15);
        Self(with_part(with_part(key, stream as u64), service))
    }

    /// The generator of one draw (or of a few that belong together).
    #[must_use]
    pub fn generator(self, index: u64) -> Xoshiro256PlusPlus {
        let mut key = with_part(self.0, index);
        // The state is filled by SplitMix64, as the authors of Xoshiro advise.
        let mut seed = [0; 32];
        let (words, _) = seed.as_chunks_mut::<8>();
        for word in words {
            key = key.wrapping_add(0x9E37_79B9_7F4A_7C15);
            *word = mix(key).to_le_bytes();
        }
        Xoshiro256PlusPlus::from_seed(seed)
    }
}

/// The generator of one keyed draw (or of a few that belong together).
#[must_use]
pub fn generator(seed: u64, stream: Stream, service: u64, index: u64) -> Xoshiro256PlusPlus {
    KeyedStream::new(seed, stream, service).generator(index)
}

/// A uniform draw strictly between 0 and 1, keyed.
#[must_use]
pub fn uniform(seed: u64, stream: Stream, service: u64, index: u64) -> f64 {
    open_unit(&mut generator(seed, stream, service, index))
}

/// The generator's next number, strictly between 0 and 1: 52 bits and half a step, so that neither end
/// occurs and a quantile function is always finite.
pub fn open_unit(generator: &mut impl Rng) -> f64 {
    // (52 bits fit a signed number too, which is cheaper to convert.)
    ((generator.next_u64() >> 12) as i64 as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
}

/// A key with one more part.
const fn with_part(key: u64, part: u64) -> u64 {
    mix(key ^ part.wrapping_mul(0xD1B5_4A32_D192_ED03))
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every input bit reaches every output bit.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
