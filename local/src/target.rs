//! What a command works on: a deployment in AWS, or the data of a local server.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use ventanilla::config::{
    aws::Aws,
    env::{self, EnvError},
};

/// The variable that names the table of a deployment.
const TABLE: &str = "VENTANILLA_TABLE";

/// What a command works on.
#[derive(Debug, Clone)]
pub enum Target {
    /// A deployment: its table, and Secrets Manager in the same account and region.
    Aws {
        /// How AWS is reached.
        aws: Box<Aws>,
        /// The name of the table.
        table: String,
    },
    /// The data folder of a local server.
    Folder(PathBuf),
}

/// No target, or one that cannot be reached with what the environment holds.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// None is named.
    #[error(
        "no target is named: set VENTANILLA_TABLE to the stack's output TableName, or name the data folder of a \
         local server with --data"
    )]
    None,
    /// The environment lacks something of AWS.
    #[error("table {table} cannot be reached: {problem}")]
    Aws {
        /// The table that is named.
        table: String,
        /// What is missing.
        problem: EnvError,
    },
}

impl Target {
    /// The folder where one is named, else the table that `VENTANILLA_TABLE` names.
    ///
    /// # Errors
    /// When neither is named, or credentials or the region are missing from the environment.
    pub fn of(folder: Option<&Path>) -> Result<Self, TargetError> {
        if let Some(folder) = folder {
            return Ok(Self::Folder(folder.to_owned()));
        }
        let table = env::optional(TABLE).ok_or(TargetError::None)?;
        match Aws::from_env() {
            Ok(aws) => Ok(Self::Aws { aws: Box::new(aws), table }),
            Err(problem) => Err(TargetError::Aws { table, problem }),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(formatter, "folder {}", folder.display()),
            Self::Aws { aws, table } => {
                write!(formatter, "table {table} in {}", aws.region)?;
                // An endpoint that was left over from a trial leads elsewhere than it seems.
                match &aws.dynamodb_endpoint {
                    Some(url) => write!(formatter, " at {url}"),
                    None => Ok(()),
                }
            }
        }
    }
}
