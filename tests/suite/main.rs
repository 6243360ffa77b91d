//! One crate for all integration tests, one file for each promise.

#![allow(
    clippy::disallowed_methods,
    reason = "tests hold our functions against the standard ones, and read the clock where time is the promise"
)]
#![allow(clippy::print_stdout, reason = "tests print what they measured")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accuracy;
mod architecture;
mod baseline;
mod bill_lines;
mod bills;
mod calendar;
mod charts;
mod cli;
mod cli_bad_input;
mod cli_explain;
mod cli_outputs;
mod cli_plan;
mod cli_pricing;
mod cli_sweep;
mod command_line;
mod compare;
mod conservation;
mod control_run;
mod cpu_noise;
mod deployment_events;
mod deployment_properties;
mod deployments;
mod determinism;
mod documentation;
mod events;
mod exports;
mod fixture;
mod forecast;
mod free_tier;
mod golden;
mod health_checks;
mod html_report;
mod infracost;
mod instances;
mod launch_limits;
mod linear_time;
mod measured_scaling;
mod measured_scheduler;
mod monitoring;
mod offers;
mod offers_merged;
mod offers_refused;
mod overload;
mod plan_configuration;
mod plan_search;
mod predictive;
mod prices;
mod processor_sharing;
mod queue;
mod queue_requests;
mod queueing_golden;
mod replications;
mod report;
mod request_behaviour;
mod request_paths;
mod request_services;
mod result;
mod samples;
mod savings_hand_edited;
mod savings_plans;
mod scaling_properties;
mod scaling_runs;
mod scaling_timing;
mod scaling_vectors;
mod scenario;
mod scenario_requests;
mod schema;
mod schema_outputs;
mod spot;
mod steady_state;
mod support;
mod theory;
mod traces;
mod traffic_shift;
mod uncertainty;
mod whole_bill;
