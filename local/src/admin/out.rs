//! Where a command says what it did.

use std::io::{Read, Write};

use serde_json::Value;

use super::Failed;

/// In which form a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// What a command reads from and writes to.
pub struct Out<'a> {
    /// In which form.
    pub form: Form,
    /// Standard input, for credentials.
    pub input: &'a mut (dyn Read + Send),
    /// Standard output.
    pub output: &'a mut (dyn Write + Send),
}

impl Out<'_> {
    /// Says the same in the form that was asked for.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn say(&mut self, text: &str, json: &Value) -> Result<(), Failed> {
        match self.form {
            Form::Text => writeln!(self.output, "{}", text.trim_end()),
            Form::Json => writeln!(self.output, "{json}"),
        }
        .map_err(Failed::other)
    }
}
