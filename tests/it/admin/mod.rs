//! What an operator does: the commands, what a check finds, and what a disabled channel does.

mod aws;
mod commands;
mod connected;
mod disabled;
mod findings;
mod ownership;
mod rotation;
mod settings;

use std::{
    io::Cursor,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::Value;
use ventanilla_local::admin::{Admin, CommandError, Environment, ExitStatus, Output};

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let path = std::env::temp_dir().join(format!("ventanilla-admin-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a command said, and how it ended.
struct Said {
    ended: Result<ExitStatus, CommandError>,
    text: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{:?} {}", self.ended, self.text))
    }
}

/// Carries a command line out, with this on standard input.
async fn command(desk: &Environment, line: &str, input: &str) -> Said {
    command_of(desk, &line.split_whitespace().collect::<Vec<_>>(), input).await
}

/// The same with words that hold spaces.
async fn command_of(desk: &Environment, words: &[&str], input: &str) -> Said {
    let admin = match Admin::parse(words.iter().copied()) {
        Ok(admin) => admin,
        Err(failed) => return Said { ended: Err(failed), text: String::new() },
    };
    let (mut input, mut output) = (Cursor::new(input.to_owned()), Vec::new());
    let mut out = Output { format: admin.common().format(), input: &mut input, output: &mut output };
    let ended = Box::pin(admin.run(desk, &mut out)).await;
    Said { ended, text: String::from_utf8(output).unwrap() }
}

/// Carries a command line out that succeeds; gives what it said as JSON.
async fn done(desk: &Environment, line: &str, input: &str) -> Value {
    let said = command(desk, &format!("{line} --json"), input).await;
    assert_eq!(
        said.ended.as_ref().ok(),
        Some(&ExitStatus::Success),
        "{line}: {:?} {}",
        said.ended,
        said.text
    );
    said.json()
}

/// Carries a command line out that fails; gives its exit code and what it said.
async fn refused(desk: &Environment, line: &str, input: &str) -> (u8, String) {
    let said = command(desk, line, input).await;
    let failed = said.ended.err().unwrap_or_else(|| panic!("{line} succeeded: {}", said.text));
    (failed.exit_code(), failed.to_string())
}
