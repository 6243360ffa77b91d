//! What is remembered of a request beyond its task: who sent it, its attempts and its calls.

use super::machine::Request;

/// Who waits for the answer to a request.
#[derive(Clone, Copy, Debug)]
pub enum Sender {
    /// Somebody outside.
    Outside,
    /// A user of a closed loop, who thinks and sends again.
    User(u32),
    /// A request of another service, which holds its slot until the answer comes.
    Caller(CallerPlace),
    /// A request of another service, which does not wait.
    Nobody,
    /// A worker that received a message; the number of the receive.
    Receive(u32),
}

/// Where a request that made a call stands.
#[derive(Clone, Copy, Debug)]
pub struct CallerPlace {
    /// The lane of its service.
    pub lane: u32,
    /// Its task.
    pub task: u32,
    /// Its place in the task and the generation of that place.
    pub place: u32,
    /// See `place`.
    pub generation: u32,
}

/// A request that is more than its visit to one task.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Names its draws.
    pub number: u64,
    /// As it was sent first; its deadline is that of the present attempt.
    pub request: Request,
    /// How long its client waits for an answer; `NEVER` for ever.
    pub patience: i64,
    /// When the present attempt was sent.
    pub sent: i64,
    /// Attempts before the present one.
    pub retries: u32,
    /// Who sent it.
    pub sender: Sender,
    /// Which of its service's calls it makes now, how many of these are still to be made, and how many answers
    /// are outstanding.
    pub stage: u32,
    /// See `stage`.
    pub to_make: u32,
    /// See `stage`.
    pub outstanding: u32,
}

impl Session {
    /// Names the draws of the present attempt: an error, its own or that of a call, comes and goes.
    pub const fn attempt_number(&self) -> u64 {
        self.number ^ (self.retries as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93)
    }
}

/// Sessions by their tags, which start at 1.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    all: Vec<Session>,
    free: Vec<u32>,
}

impl Sessions {
    /// Opens a session. Returns its tag.
    pub fn open(&mut self, session: Session) -> u32 {
        if let Some(tag) = self.free.pop() {
            self.all[tag as usize - 1] = session;
            return tag;
        }
        self.all.push(session);
        self.all.len() as u32
    }

    /// A session by its tag.
    pub fn get(&mut self, tag: u32) -> &mut Session {
        &mut self.all[tag as usize - 1]
    }

    /// A session by its tag, if there is one.
    pub fn look(&self, tag: u32) -> Option<&Session> {
        self.all.get((tag as usize).checked_sub(1)?)
    }

    /// The receive that the message of a session belongs to, if it is one.
    pub fn receive_of(&self, tag: u32) -> Option<u32> {
        let session = self.look(tag)?;
        if let Sender::Receive(receive) = session.sender { Some(receive) } else { None }
    }

    /// Closes a session and returns it.
    pub fn close(&mut self, tag: u32) -> Session {
        self.free.push(tag);
        self.all[tag as usize - 1]
    }
}
