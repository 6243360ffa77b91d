//! What a request costs a task, and what a task can do.

use crate::scenario::check;
use crate::scenario::shape::{choice, shape};
use crate::scenario::values::distribution::DurationDistribution;
use crate::scenario::values::duration::{DAY, SECOND, Span, YEAR};
use crate::scenario::values::number::{Fraction, Limit, Whole};
use crate::scenario::values::size::{Bytes, BytesPerSecond};
use crate::scenario::values::text::Switch;

choice! {
    /// What the service works on.
    WorkloadKind {
        /// Requests that go to a task.
        Http = "http",
        /// Messages that wait in a shared queue until a task is free.
        Queue = "queue",
    }
}

choice! {
    /// What a server does with a request whose client gave up.
    OnTimeout {
        /// It stops.
        Abandon = "abandon",
        /// It finishes, for nobody.
        Finish = "finish",
    }
}

choice! {
    /// How a fractional vCPU is shared.
    CpuLimit {
        /// Always its fraction.
        Smooth = "smooth",
        /// The kernel's quota: whole until it is used up.
        Quota = "quota",
    }
}

shape! {
    /// What a request costs a task, and what a task can do.
    Workload {
        /// What the service works on.
        default kind: WorkloadKind = "http";
        /// CPU-seconds of a request on one full vCPU, in one burst.
        required cpu_time: DurationDistribution;
        /// After the burst and the calls: the slot is held without CPU.
        default wait_time: DurationDistribution = "0ms";
        /// Requests that one task works on at once.
        default concurrency: Whole<1, 1_000_000> = "64";
        /// Requests that wait at one task; the next one fails with 503. none: no limit.
        default backlog: Limit<Whole<0, 1_000_000_000>> = "128";
        /// From arrival; a request not finished by then fails with 504. none: no limit.
        default timeout: Limit<DurationDistribution> = "60s";
        /// What a server does with a request whose client gave up.
        default on_timeout: OnTimeout = "abandon";
        /// How a fractional vCPU is shared.
        default cpu_limit: CpuLimit = "smooth";
        /// Requests that the application answers with 5xx.
        default error_rate: Fraction<0, 100> = "0%";
        /// What clients do after a failure.
        default retries: Retries = "{}";
        /// Memory of a task.
        default memory: MemoryUse = "{}";
        /// CPU that a task uses whatever the traffic, of its own.
        default idle_cpu: Fraction<0, 100> = "0%";
        /// From launch to ready.
        default start_up: StartUp = "{}";
        /// Data of a request.
        default request_size: Bytes = "0kB";
        /// Data of a response.
        default response_size: Bytes = "0kB";
        /// Data that a request sends to the internet, through NAT where tasks are private.
        default outbound_per_request: Bytes = "0kB";
        /// Logs that a request writes.
        default logs_per_request: Bytes = "0kB";
        /// Days for which CloudWatch Logs keeps them, of the numbers of days that it allows; 0: they never expire.
        default logs_retention_in_days: Whole<0, 3_653> = "0", also "retention_in_days";
        /// Custom CloudWatch metrics that the service publishes while a task of it runs, a name with other dimensions being another one.
        default custom_metrics: Whole<0, 1_000_000> = "0";
        /// Of a queue: how long a received message is hidden from others.
        default visibility_timeout: Span<0, { DAY / 2 }> = "30s";
        /// Of a queue: receives before a message goes to the dead-letter queue.
        default max_receive_count: Limit<Whole<1, 1_000>> = "unlimited";
        /// Of a queue: how long a message is kept.
        default message_retention_period: Span<{ 60 * SECOND }, { 14 * DAY }> = "4d";
        /// Of a queue: how a task receives.
        default receive: Receive = "{}";
    }
    check check::traffic::workload;
}

shape! {
    /// What clients do after a failure.
    Retries {
        /// Attempts after the first.
        default max: Whole<0, 100> = "0";
        /// The pause before the first retry.
        default backoff: DurationDistribution = "200ms";
    }
}

shape! {
    /// Memory of a task.
    MemoryUse {
        /// Without a request.
        default base: Bytes = "0MiB";
        /// Of each request in progress.
        default per_request: Bytes = "0MiB";
    }
}

shape! {
    /// From launch to ready.
    StartUp {
        /// Network and placement; not billed.
        default provisioning: DurationDistribution = "15s";
        /// The compressed image.
        default image_size: Bytes = "80MB";
        /// How fast it is pulled and unpacked; the pull is billed.
        default pull_rate: BytesPerSecond = "9.6MB";
        /// Whether the container starts before the image is there (Seekable OCI; Linux).
        default soci: Switch = "false";
        /// With soci: how much of the image must be there before the container starts, in the time that it takes.
        default soci_share: Fraction<0, 100> = "33%";
        /// From container start to ready.
        default time: DurationDistribution = "{distribution: lognormal, median: 10s, cv: 0.06}";
        /// CPU while starting, of the task's.
        default cpu: Fraction<0, 100> = "80%";
    }
}

shape! {
    /// How a task receives messages.
    Receive {
        /// Messages that one call receives.
        default batch_size: Whole<1, 10> = "1";
        /// How long a call waits for one.
        default wait_time: Span<0, { 20 * SECOND }> = "20s";
    }
}

shape! {
    /// The service level that windows are judged by.
    Slo {
        /// A window is over when its p99 is above this.
        optional latency: Span<1, YEAR>;
        /// A window is over when a smaller share of its requests is served.
        optional availability: Fraction<0, 100>;
        /// The length of a window.
        default window: Span<SECOND, DAY> = "60s";
    }
    check check::traffic::slo;
}
