//! What an operator does with a deployment, or with a local server: tenants, API keys, channels, and the question
//! whether all of it works.
//!
//! Every command names its target on standard error, and says what it did in text or, with `--json`, as one JSON object on standard output; an error is
//! `{"error": {"message": …}}` there as well. It ends with 0 when all is well, 1 when something was found or
//! failed, 2 when it was asked for in a wrong way. Credentials come from standard input or a file, never from
//! the command line, where other users of the machine could read them.

mod add;
mod channel;
mod check;
mod credentials;
mod desk;
mod doctor;
mod keep;
mod key;
mod options;
mod out;
mod progress;
mod provision;
mod replay;
mod tenant;
mod view;

use std::fmt;

use clap::{Args, Parser, Subcommand};

pub use self::{
    desk::{Desk, Place, SecretStore},
    out::{Form, Out},
    progress::{BesideBars, Progress, beside_bars},
};

/// The commands of an operator.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Companies: add one, change its settings, list them.
    Tenant(Group<tenant::Tenant>),
    /// API keys: create, list, revoke.
    Key(Group<key::Key>),
    /// Business numbers: add, check, list, disable and enable, change credentials, subscribe.
    Channel(Group<channel::Channel>),
    /// Check every tenant and channel, and say why nothing arrives where nothing does.
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Doctor),
    /// Write the tenants, keys and channels of a config file into the table. What the file does not name stays.
    #[command(after_help = provision::EXAMPLES)]
    Provision(provision::Provision),
    /// Take kept callbacks in again, for instance after a mistake in reading them was mended. What was taken in
    /// rightly stays as it is.
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::Replay),
}

/// A command line that holds nothing else.
#[derive(Debug, Parser)]
#[command(name = "ventanilla")]
struct Line {
    #[command(subcommand)]
    admin: Admin,
}

/// A command with what all of its kind share.
#[derive(Debug, Args)]
pub struct Group<C: Subcommand> {
    #[command(subcommand)]
    command: C,
    #[command(flatten)]
    place: Place,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All is well.
    Fine,
    /// It was carried out, and found something.
    Findings,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was asked for in a wrong way.
    #[error("{0}")]
    Usage(String),
    /// It failed.
    #[error("{0}")]
    Other(String),
}

impl Failed {
    /// What the process ends with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Other(_) => 1,
        }
    }

    fn usage(problem: impl fmt::Display) -> Self {
        Self::Usage(format!("{problem}"))
    }

    fn other(problem: impl fmt::Display) -> Self {
        Self::Other(format!("{problem}"))
    }
}

impl Ended {
    /// What the process ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
        }
    }
}

impl Admin {
    /// Reads a command line without the program's name, like `tenant list --json`.
    ///
    /// # Errors
    /// [`Failed::Usage`], with what is wrong and how it should be.
    pub fn read<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, Failed> {
        let words = std::iter::once("ventanilla").chain(words);
        Line::try_parse_from(words).map(|line| line.admin).map_err(Failed::usage)
    }

    /// Where it works and how it answers.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Tenant(group) => &group.place,
            Self::Key(group) => &group.place,
            Self::Channel(group) => &group.place,
            Self::Doctor(doctor) => &doctor.place,
            Self::Provision(provision) => &provision.place,
            Self::Replay(replay) => &replay.place,
        }
    }

    /// Carries it out.
    ///
    /// # Errors
    /// [`Failed`], in words for people.
    pub async fn run(&self, desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
        match self {
            Self::Tenant(group) => group.command.run(desk, out).await,
            Self::Key(group) => group.command.run(desk, out).await,
            Self::Channel(group) => group.command.run(desk, out).await,
            Self::Doctor(doctor) => doctor.run(desk, out).await,
            Self::Provision(provision) => provision.run(desk, out).await,
            Self::Replay(replay) => replay.run(desk, out).await,
        }
    }
}
