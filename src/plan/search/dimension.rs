//! One dimension of a search: what it changes and the levels that it may take.

use crate::error::{Fault, Place, Result};

/// The kind of a dimension: what it changes. The names are the words of `--hold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DimensionKind {
    /// CPU and memory of a task.
    Size,
    /// The processor of a task.
    Architecture,
    /// The count of a service that does not scale.
    DesiredCount,
    /// The least desired count.
    MinCapacity,
    /// The largest desired count.
    MaxCapacity,
    /// The value that a policy keeps.
    Target,
    /// A policy's pauses after scaling out and in.
    Cooldowns,
    /// Which of the policies are used.
    Policies,
    /// Tasks on demand before weights count.
    Base,
    /// The share of Spot among the others.
    Spot,
    /// A path that the user named.
    Vary,
}

impl DimensionKind {
    /// All that can be held, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Size,
        Self::Architecture,
        Self::DesiredCount,
        Self::MinCapacity,
        Self::MaxCapacity,
        Self::Target,
        Self::Cooldowns,
        Self::Policies,
        Self::Base,
        Self::Spot,
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Architecture => "architecture",
            Self::DesiredCount => "desired-count",
            Self::MinCapacity => "min-capacity",
            Self::MaxCapacity => "max-capacity",
            Self::Target => "target",
            Self::Cooldowns => "cooldowns",
            Self::Policies => "policies",
            Self::Base => "base",
            Self::Spot => "spot",
            Self::Vary => "vary",
        }
    }

    /// The kind of a word.
    ///
    /// # Errors
    /// A word that is none.
    pub fn of_word(word: &str) -> Result<Self> {
        let words = Self::ALL.map(Self::word).join(", ");
        let fault = || {
            Fault::input(Place::file(format!("--hold {word}")), "is no dimension of the search").remedy(format!("dimensions are {words}"))
        };
        Self::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| fault().into())
    }

    /// Whether a configuration that differs in it is of another kind, and not the same one tuned.
    #[must_use]
    pub const fn is_structure(self) -> bool {
        matches!(self, Self::Size | Self::Architecture | Self::Spot)
    }
}

/// One dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// What it changes.
    pub kind: DimensionKind,
    /// The service, by its place in the scenario; none for a path that the user named.
    pub service: Option<usize>,
    /// The policy, by its place in the service, of a target or a cooldown.
    pub policy: Option<usize>,
    /// What it is, in words.
    pub title: String,
    /// The paths that a level sets. Base and Spot set one path between them; policies none.
    pub paths: Vec<String>,
    /// What it may be, at least one; numbers rise.
    pub levels: Vec<Level>,
    /// The scenario's level, if it is one of them.
    pub current: Option<usize>,
}

impl Dimension {
    /// The level from which a search begins.
    #[must_use]
    pub fn start(&self) -> usize {
        self.current.unwrap_or(self.levels.len() / 2)
    }
}

/// One level.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// It in words.
    pub shown: String,
    /// A value for each path; of base, Spot and policies what the space makes of it.
    pub values: Vec<String>,
    /// Its number, where it is one.
    pub number: f64,
}

impl Level {
    /// A level that is a number.
    #[must_use]
    pub fn of(number: f64) -> Self {
        let shown = number.to_string();
        Self { values: vec![shown.clone()], shown, number }
    }
}
