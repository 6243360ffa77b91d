//! What a message queue was asked.

/// Requests to the queue of one service by hour, as Amazon SQS counts them: a call with a payload of more than 64 KiB is
/// several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueUsage {
    /// The service that works on the queue.
    pub service: String,
    /// That send a message.
    pub sends: Vec<f64>,
    /// That receive messages.
    pub receives: Vec<f64>,
    /// That wait for a message and receive none.
    pub empty_receives: Vec<f64>,
    /// That delete a message.
    pub deletes: Vec<f64>,
}
