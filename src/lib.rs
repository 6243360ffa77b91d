//! ecsim: a cost and autoscaling simulator and planner for Amazon ECS.
//!
//! Before anything is deployed, ecsim replays traffic against a modelled service and answers what it will
//! cost by the month and whether it meets its latency and availability.
//!
//! ```text
//!  trace file ──► Trace ──► Arrivals ──┐                        pricing/ ──► PriceBook ──┐
//!                                      ├─► simulate ─► Outcome ──────────────────────────┴─► Bill ─► result ─► report
//!  scenario file ─► Scenario ──────────┘
//! ```
//!
//! Each arrow is a plain value that can be built by hand, printed and compared. A run is a pure function
//! of scenario, traces and seed.
//!
//! ```
//! use ecsim::files::Files;
//! use ecsim::plan::{RunOptions, run};
//! use ecsim::scenario::{Request, load};
//!
//! struct NoFiles;
//! impl Files for NoFiles {
//!     fn read(&self, name: &str) -> std::io::Result<Vec<u8>> {
//!         Err(std::io::Error::new(std::io::ErrorKind::NotFound, name.to_owned()))
//!     }
//! }
//!
//! let text = br#"
//! version: 1
//! services:
//!   app:
//!     task_definition: {cpu: 256, memory: 512}
//!     desired_count: 2
//!     traffic: {constant: 1}
//!     workload: {cpu_time: 50ms}
//! "#;
//! let loaded = load(&Request { name: "app.yaml", text, sets: &[], variant: None }, &NoFiles)?;
//! let run = run(&loaded, &NoFiles, &RunOptions::default())?;
//! assert_eq!(run.bill.monthly.to_string(), "18.02");
//! # Ok::<(), ecsim::error::Error>(())
//! ```
//!
//! # Glossary
//!
//! One word for each idea, AWS's own where AWS has one.
//!
//! | word | meaning |
//! | --- | --- |
//! | task | a running copy of a task definition; what Fargate bills |
//! | desired count | the tasks that a service should have |
//! | running count | the tasks whose container runs and that are not told to stop |
//! | healthy | registered with the target group and past a first good health check: it receives requests |
//! | draining | deregistered; it finishes the requests it has |
//! | lazy loading | a container starts before its whole image is there; SOCI on Fargate |
//! | capacity provider | where a task runs: `FARGATE`, `FARGATE_SPOT`, or a group of instances |
//! | instance | a virtual machine of EC2 on which tasks run |
//! | group | an Auto Scaling group of instances, as a capacity provider |
//! | reservation | the instances that a capacity provider needs over those that it has, in percent |
//! | strategy | base and weights that divide tasks over capacity providers |
//! | blue, green | the old and the new revision of a deployment that moves traffic |
//! | target group | the targets of one revision; a balancer gives each group its share of the requests |
//! | bake time | how long a deployment waits and watches its alarms before it goes on |
//! | datapoint | the value of a metric for one minute, visible after its publication delay |
//! | event | something that a scenario lets happen besides traffic: a deployment, a crash, an outage |
//! | revision | what a deployment brings: the service with other times, errors or starts |
//! | activity | one attempt of Application Auto Scaling to change the desired count |
//! | forecast | the load that predictive scaling expects in each of the next 48 hours, and the capacity for it |
//! | cooldown | the time after an activity in which another is held back |
//! | cohort | tasks that became healthy together and hold equally many requests |
//! | burst | the part of a request that uses CPU |
//! | slot | a place for one request that a task works on; `concurrency` of them |
//! | backlog | requests that wait at a task for a slot |
//! | load | arrivals over what a task completes when it is never idle |
//! | window | the span of time whose figures count |
//! | usage | what was consumed, by UTC hour, without a price |
//! | line | one item of a bill: quantity, unit price, cost |
//! | commitment | US dollars an hour that are paid to a Savings Plan, used or not |
//! | coverage | the share of the usage that plans can cover, in prices on demand, which they do cover |
//! | utilization of a plan | the share of its commitment that usage takes up |
//! | future | what one replication takes for true of what nobody knows: traffic, growth, CPU time, Spot prices |
//! | fluid | the fidelity in which requests are flows |
//! | request | the fidelity in which each request is an event; also the request itself |
//! | plane | what serves the traffic of a service, or of several that call each other, between two changes of the fleet |
//! | lane, site | a service within such a plane: its tasks and figures; with what one request causes elsewhere |
//! | fate | how a request ended: served, error, timed out, lost, rejected |
//! | replication | one of several runs of a scenario that differ in their seeds alone |
//! | baseline | the result, or the run of a comparison, that others are compared with |
//! | half-width | half of the 95 % confidence interval of a mean over replications |
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests hold our functions against the standard ones"))]
pub mod calendar;
pub mod control;
pub mod cost;
pub mod distribution;
pub mod error;
pub mod events;
pub mod files;
pub mod fleet;
pub mod forecast;
pub mod math;
pub mod meter;
pub mod metric_math;
pub mod metrics;
pub mod money;
pub mod names;
pub mod offers;
pub mod outcome;
pub mod plan;
pub mod queueing;
pub mod random;
pub mod regions;
pub mod report;
pub mod result;
pub mod sampler;
pub mod scenario;
pub mod simulate;
pub mod trace;
pub mod traffic;
pub mod units;
pub mod usage;
