//! Operators' commands for a deployment or a local server: tenants, API keys, channels, and checks.
//!
//! Every command prints its target on standard error, and its result on standard output as text or, with `--json`, as
//! one JSON object; an error is `{"error": {"message": …}}` there as well. The exit code is 0 for success, 1 for
//! findings or a failure, 2 for a usage error. Credentials come from standard input or a file, never from the command
//! line, where other users of the machine could read them.

mod add_channel;
mod channel;
mod check;
mod credentials;
mod doctor;
mod environment;
mod json;
mod key;
mod options;
mod output;
mod ports;
mod progress;
mod provision;
mod replay;
mod secrets;
mod tenant;

use std::fmt;

use clap::{Args, Parser, Subcommand};

pub use self::{
    environment::{CommonArgs, Environment, SecretStore},
    output::{Output, OutputFormat},
    progress::{BarAwareWriter, Progress, stderr_beside_bars},
};

/// Operators' commands, with their options.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Tenants: add one, change its settings, list them.
    Tenant(CommandGroup<tenant::TenantCommand>),
    /// API keys: create, list, revoke.
    Key(CommandGroup<key::KeyCommand>),
    /// Business numbers: add, check, list, disable and enable, change credentials, subscribe.
    Channel(CommandGroup<channel::ChannelCommand>),
    /// Check every tenant and channel, and explain why nothing arrives.
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Doctor),
    /// Write the tenants, keys and channels of a config file into the table. Others stay.
    #[command(after_help = provision::EXAMPLES)]
    Provision(provision::Provision),
    /// Ingest archived webhooks again, for instance after a fix in their parser. Items that were ingested before do not
    /// change.
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::ReplayArgs),
}

/// The command line of an operator's command.
#[derive(Debug, Parser)]
#[command(name = "ventanilla")]
struct CommandLine {
    #[command(subcommand)]
    admin: Admin,
}

/// A command with the common options.
#[derive(Debug, Args)]
pub struct CommandGroup<C: Subcommand> {
    #[command(subcommand)]
    command: C,
    #[command(flatten)]
    common: CommonArgs,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Success, and nothing was found.
    Success,
    /// The command ran, and has findings.
    Findings,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command line is invalid.
    #[error("{0}")]
    Usage(String),
    /// The command failed while it ran.
    #[error("{0}")]
    Other(String),
}

impl CommandError {
    /// The exit code of the process.
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

impl ExitStatus {
    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
        }
    }
}

impl Admin {
    /// Parses a command line without the program's name, like `tenant list --json`.
    ///
    /// # Errors
    /// [`CommandError::Usage`], with the usage text.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, CommandError> {
        let words = std::iter::once("ventanilla").chain(words);
        CommandLine::try_parse_from(words).map(|line| line.admin).map_err(CommandError::usage)
    }

    /// The common options of the command.
    #[must_use]
    pub fn common(&self) -> &CommonArgs {
        match self {
            Self::Tenant(group) => &group.common,
            Self::Key(group) => &group.common,
            Self::Channel(group) => &group.common,
            Self::Doctor(doctor) => &doctor.common,
            Self::Provision(provision) => &provision.common,
            Self::Replay(replay) => &replay.common,
        }
    }

    /// Runs the command.
    ///
    /// # Errors
    /// [`CommandError`], with a message for people.
    pub async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        match self {
            Self::Tenant(group) => group.command.run(environment, out).await,
            Self::Key(group) => group.command.run(environment, out).await,
            Self::Channel(group) => group.command.run(environment, out).await,
            Self::Doctor(doctor) => doctor.run(environment, out).await,
            Self::Provision(provision) => provision.run(environment, out).await,
            Self::Replay(replay) => replay.run(environment, out).await,
        }
    }
}
