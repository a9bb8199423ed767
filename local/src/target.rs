//! The target of a command: a deployment in AWS, or the data of a local server.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use ventanilla::config::{
    aws::Aws,
    env::{self, EnvError},
};

/// The environment variable with the table of a deployment.
const TABLE: &str = "VENTANILLA_TABLE";

/// The deployment or data folder that a command works on.
#[derive(Debug, Clone)]
pub enum AdminTarget {
    /// A deployment: its table, and Secrets Manager in the same account and region.
    Aws {
        /// Region, credentials and endpoints of AWS.
        aws: Box<Aws>,
        /// The name of the table.
        table: String,
    },
    /// The data folder of a local server.
    Folder(PathBuf),
}

/// Why there is no usable target.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// No target is given.
    #[error(
        "no target: set VENTANILLA_TABLE to the stack's output TableName, or give the data folder of a local server \
         with --data"
    )]
    None,
    /// The environment lacks an AWS setting.
    #[error("table {table} cannot be reached: {problem}")]
    Aws {
        /// The name of the table.
        table: String,
        /// The missing environment variable.
        problem: EnvError,
    },
}

impl AdminTarget {
    /// The given folder, else the table in `VENTANILLA_TABLE`.
    ///
    /// # Errors
    /// When neither is given, or credentials or the region are missing from the environment.
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

impl fmt::Display for AdminTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(formatter, "folder {}", folder.display()),
            Self::Aws { aws, table } => {
                write!(formatter, "table {table} in {}", aws.region)?;
                // A leftover endpoint would silently send commands elsewhere.
                match &aws.dynamodb_endpoint {
                    Some(url) => write!(formatter, " at {url}"),
                    None => Ok(()),
                }
            }
        }
    }
}
