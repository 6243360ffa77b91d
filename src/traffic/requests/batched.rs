//! Tasks that run one after the other: nothing connects them between two changes of the fleet.
//!
//! Arrivals come in blocks. Each block is dealt out to the targets, and every target serves its part of it in one
//! go, so what it holds stays in the processor's cache.

use super::lane::{Lane, LaneSetting};
use super::machine::Machine;
use super::router::Spread;
use crate::fleet::{FleetChange, TaskId};
use crate::traffic::gauges::{RowFigures, Sample};
use crate::traffic::plane::{DataPlane, Killed, ObjectiveWindow, PlaneFigures};
use crate::traffic::task_model::TaskModel;
use crate::units::{SimDuration, SimTime};

/// Arrivals that are dealt out together: their figures fit into a processor's second cache.
const BLOCK: usize = 4096;

/// One service.
#[derive(Clone, Debug)]
pub struct BatchedPlane<M> {
    lane: Lane<M>,
    arrived: u64,
    /// Requests that came before the block.
    before_block: u64,
    block: Vec<i64>,
    /// Requests of the block by target, and where those of each target begin.
    dealt: Vec<u32>,
    first_of: Vec<u32>,
}

impl<M: Machine> BatchedPlane<M> {
    /// A service without tasks.
    #[must_use]
    pub fn new(setting: LaneSetting) -> Self {
        Self { lane: Lane::new(setting, false), arrived: 0, before_block: 0, block: Vec::new(), dealt: Vec::new(), first_of: Vec::new() }
    }

    /// Serves what arrives before `until`, which lies in the present sample and row.
    fn serve_until(&mut self, until: i64) {
        while self.lane.arrivals.next_nanos() < until {
            self.block.clear();
            self.lane.arrivals.take_before(until, BLOCK, &mut self.block);
            self.lane.demands.draw(self.block.len());
            self.lane.recorder.offered(&self.block);
            self.serve_block(until);
            self.before_block += self.block.len() as u64;
        }
        let lane = &mut self.lane;
        for &task in &lane.present {
            lane.machines[task as usize].run(until, &lane.model, &mut lane.recorder);
        }
        lane.cut(until, 0);
    }

    fn serve_block(&mut self, until: i64) {
        match self.lane.router.spread(self.block.len(), self.block[0]) {
            Spread::Nobody => self.serve_nobody(),
            Spread::InTurn(first) => self.serve_in_turn(first, until),
            Spread::OneByOne => self.serve_one_by_one(until),
            Spread::ByGroup => self.serve_by_group(until),
        }
    }

    fn serve_nobody(&mut self) {
        let lane = &mut self.lane;
        for (index, &arrival) in self.block.iter().enumerate() {
            lane.recorder.rejected(arrival, &lane.demands.request(index, arrival));
        }
    }

    fn serve_in_turn(&mut self, first: usize, until: i64) {
        let (lane, before_block) = (&mut self.lane, self.before_block);
        let targets = lane.router.len();
        for offset in 0..targets.min(self.block.len()) {
            let task = lane.router.task((first + offset) % targets);
            let machine = &mut lane.machines[task as usize];
            let mut index = offset;
            while index < self.block.len() {
                let arrival = self.block[index];
                let number = before_block + index as u64;
                let request = lane.revisions.at(task, lane.demands.request(index, arrival), || (number, number));
                machine.serve(arrival, request, &lane.model, until, &mut lane.recorder);
                index += targets;
            }
        }
    }

    /// Serves requests whose groups are drawn, in the order in which they come.
    fn serve_by_group(&mut self, until: i64) {
        let (lane, before_block) = (&mut self.lane, self.before_block);
        for (index, &arrival) in self.block.iter().enumerate() {
            let number = before_block + index as u64;
            let Some(task) = lane.router.next_by_group(number, arrival) else {
                lane.recorder.rejected(arrival, &lane.demands.request(index, arrival));
                continue;
            };
            let request = lane.revisions.at(task, lane.demands.request(index, arrival), || (number, number));
            lane.machines[task as usize].serve(arrival, request, &lane.model, until, &mut lane.recorder);
        }
    }

    /// Deals out requests whose targets are chosen one by one, then serves those of each target together.
    fn serve_one_by_one(&mut self, until: i64) {
        let (lane, before_block) = (&mut self.lane, self.before_block);
        let targets = lane.router.len();
        let chosen: Vec<u32> = self.block.iter().map(|&arrival| lane.router.next(arrival) as u32).collect();
        self.first_of.clear();
        self.first_of.resize(targets + 1, 0);
        chosen.iter().for_each(|&target| self.first_of[target as usize + 1] += 1);
        for target in 0..targets {
            self.first_of[target + 1] += self.first_of[target];
        }
        self.dealt.resize(self.block.len(), 0);
        let mut next = self.first_of.clone();
        for (index, &target) in chosen.iter().enumerate() {
            self.dealt[next[target as usize] as usize] = index as u32;
            next[target as usize] += 1;
        }
        for target in 0..targets {
            let task = lane.router.task(target);
            let machine = &mut lane.machines[task as usize];
            for &index in &self.dealt[self.first_of[target] as usize..self.first_of[target + 1] as usize] {
                let arrival = self.block[index as usize];
                let number = before_block + u64::from(index);
                let request = lane.revisions.at(task, lane.demands.request(index as usize, arrival), || (number, number));
                machine.serve(arrival, request, &lane.model, until, &mut lane.recorder);
            }
        }
    }
}

impl<M: Machine> DataPlane for BatchedPlane<M> {
    fn task(&self, _service: usize) -> &TaskModel {
        &self.lane.task
    }

    fn advance(&mut self, until: SimTime) -> Option<Killed> {
        let until = until.as_nanos();
        while self.lane.now < until {
            let piece_end = self.lane.next_cut().min(until);
            self.serve_until(piece_end);
        }
        None
    }

    fn depends_on_stops(&self) -> bool {
        false
    }

    fn take_arrived(&mut self, _service: usize) -> f64 {
        let before = std::mem::replace(&mut self.arrived, self.lane.recorder.arrived());
        (self.arrived - before) as f64
    }

    fn apply(&mut self, _service: usize, change: FleetChange) {
        self.lane.apply(change);
    }

    fn set_wait_factor(&mut self, _service: usize, factor: f64) {
        self.lane.model.wait_factor = factor;
    }

    fn time_to_drain(&self, _service: usize, task: TaskId) -> SimDuration {
        self.lane.time_to_drain(task)
    }

    fn probe_answered(&mut self, _service: usize, task: TaskId) -> bool {
        self.lane.probe_answered(task)
    }

    fn close_minute(&mut self, _service: usize, _minute_number: u64) -> Sample {
        self.lane.close()
    }

    fn close_sample(&mut self, _service: usize, _minute_number: u64, _sample_of_minute: u32) -> Sample {
        self.lane.close()
    }

    fn finished_row(&mut self, _service: usize, by: SimTime) -> Option<RowFigures> {
        self.lane.finished_row(by)
    }

    fn close_window(&mut self, _service: usize) {}

    fn finished_window(&mut self, _service: usize, by: SimTime) -> Option<ObjectiveWindow> {
        self.lane.finished_window(by)
    }

    fn reset_statistics(&mut self, _service: usize) {
        self.lane.restart();
    }

    fn finish(&mut self) {
        self.lane.finish();
    }

    fn figures(&self, _service: usize) -> PlaneFigures {
        self.lane.figures(self.lane.in_flight(|_| true))
    }
}
