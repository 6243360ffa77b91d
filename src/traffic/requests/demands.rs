//! What each request asks of its task.
//!
//! Requests from outside draw in the order of their arrival, so the thousandth customer is the same one in
//! every variant of a scenario. A request that another one caused (a call, a user's next request) draws by a
//! number of its own, whenever it comes.

use rand_xoshiro::Xoshiro256PlusPlus;

use super::machine::{NEVER, Request};
use crate::random::{KeyedStream, Stream, open_unit};
use crate::sampler::Sampler;
use crate::scenario::model::{Distribution, Workload};
use crate::units::NANOS_PER_SECOND;

/// One figure of the requests of a block.
#[derive(Clone, Debug)]
struct Column {
    sampler: Sampler,
    constant: Option<f64>,
    drawn: Vec<f64>,
    generator: Xoshiro256PlusPlus,
    keyed: KeyedStream,
}

impl Column {
    fn new(distribution: &Distribution, keyed: KeyedStream) -> Self {
        let sampler = Sampler::new(distribution, NANOS_PER_SECOND as f64);
        Self { constant: sampler.constant(), sampler, drawn: Vec::new(), generator: keyed.generator(0), keyed }
    }

    fn draw(&mut self, count: usize) {
        if self.constant.is_none() {
            self.drawn.resize(count, 0.0);
            self.sampler.fill(&mut self.generator, &mut self.drawn);
        }
    }

    #[inline]
    fn at(&self, index: usize) -> f64 {
        match self.constant {
            Some(value) => value,
            None => self.drawn[index],
        }
    }

    fn of_number(&self, number: u64) -> f64 {
        // (Number 0 is the sequence of the requests from outside.)
        self.constant.unwrap_or_else(|| self.sampler.draw(&mut self.keyed.generator(number.wrapping_add(1))))
    }
}

/// The demands of one service's requests.
#[derive(Clone, Debug)]
pub struct Demands {
    cpu: Column,
    wait: Column,
    timeout: Option<Column>,
    error_rate: f64,
    errors: Vec<bool>,
    error_draws: (Xoshiro256PlusPlus, KeyedStream),
}

impl Demands {
    /// The demands that a workload describes.
    #[must_use]
    pub fn new(workload: &Workload, seed: u64, service_key: u64) -> Self {
        let stream = |stream| KeyedStream::new(seed, stream, service_key);
        let errors = stream(Stream::Error);
        Self {
            cpu: Column::new(&workload.cpu_time, stream(Stream::CpuTime)),
            wait: Column::new(&workload.wait_time, stream(Stream::WaitTime)),
            timeout: workload.timeout.as_ref().map(|timeout| Column::new(timeout, stream(Stream::Timeout))),
            error_rate: workload.error_rate,
            errors: Vec::new(),
            error_draws: (errors.generator(0), errors),
        }
    }

    /// Draws the demands of the next requests from outside.
    pub fn draw(&mut self, count: usize) {
        self.cpu.draw(count);
        self.wait.draw(count);
        if let Some(timeout) = &mut self.timeout {
            timeout.draw(count);
        }
        if self.error_rate > 0.0 {
            self.errors.clear();
            let (rate, generator) = (self.error_rate, &mut self.error_draws.0);
            self.errors.extend((0..count).map(|_| open_unit(generator) < rate));
        }
    }

    /// One of the requests that were drawn last, arriving at a time.
    #[inline]
    pub fn request(&self, index: usize, arrival: i64) -> Request {
        Request {
            arrival,
            deadline: self.timeout.as_ref().map_or(NEVER, |timeout| deadline(arrival, timeout.at(index))),
            cpu: self.cpu.at(index),
            wait: nanos(self.wait.at(index)),
            fails: self.error_rate > 0.0 && self.errors[index],
            tag: 0,
        }
    }

    /// Whether the request of a number is answered with an error.
    #[must_use]
    pub fn fails(&self, number: u64) -> bool {
        self.error_rate > 0.0 && open_unit(&mut self.error_draws.1.generator(number.wrapping_add(1))) < self.error_rate
    }

    /// The request of a number, arriving at a time.
    #[must_use]
    pub fn request_of_number(&self, number: u64, arrival: i64) -> Request {
        let fails = self.fails(number);
        Request {
            arrival,
            deadline: self.timeout.as_ref().map_or(NEVER, |timeout| deadline(arrival, timeout.of_number(number))),
            cpu: self.cpu.of_number(number),
            wait: nanos(self.wait.of_number(number)),
            fails,
            tag: 0,
        }
    }
}

/// Rounded to a nanosecond; what is longer than a century is for ever.
#[inline]
fn nanos(value: f64) -> i64 {
    (value + 0.5).min(3.2e18) as i64
}

#[inline]
fn deadline(arrival: i64, timeout: f64) -> i64 {
    arrival.saturating_add(nanos(timeout))
}
