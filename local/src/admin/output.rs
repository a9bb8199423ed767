//! The output of commands.

use std::io::{Read, Write};

use serde_json::Value;

use super::CommandError;

/// The output format of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// Plain text, for people.
    Text,
    /// One JSON object for programs.
    Json,
}

/// The input and output of a command.
pub struct Output<'a> {
    /// The requested output format.
    pub format: OutputFormat,
    /// Standard input, for credentials.
    pub input: &'a mut (dyn Read + Send),
    /// Standard output, for the result.
    pub output: &'a mut (dyn Write + Send),
}

impl Output<'_> {
    /// Writes the text or the JSON, in the requested format. One write, because a reader may close the output after the
    /// first line (`| head -1`).
    ///
    /// # Errors
    /// When the output is closed.
    pub fn write(&mut self, text: &str, json: &Value) -> Result<(), CommandError> {
        let said = match self.format {
            OutputFormat::Text => format!("{}\n", text.trim_end()),
            OutputFormat::Json => format!("{json}\n"),
        };
        self.output.write_all(said.as_bytes()).map_err(CommandError::other)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, empty};

    use serde_json::json;

    use super::*;

    /// A reader that closes after the first write.
    struct Head(Vec<u8>);

    impl Write for Head {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.0.is_empty() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.0.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_may_go_after_the_first_line() {
        for (format, wanted) in
            [(OutputFormat::Text, "vk_1\nkept\n"), (OutputFormat::Json, "{\"key\":\"vk_1\"}\n")]
        {
            let mut head = Head(Vec::new());
            let mut out = Output { format, input: &mut empty(), output: &mut head };
            out.write("vk_1\nkept\n\n", &json!({ "key": "vk_1" })).unwrap();
            assert_eq!(String::from_utf8(head.0).unwrap(), wanted);
        }
    }
}
