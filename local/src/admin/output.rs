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
    /// Says the same in the form that was asked for, in one write: a reader that needs only the first line may go after it
    /// (`| head -1`).
    ///
    /// # Errors
    /// When the output is closed.
    pub fn say(&mut self, text: &str, json: &Value) -> Result<(), Failed> {
        let said = match self.form {
            Form::Text => format!("{}\n", text.trim_end()),
            Form::Json => format!("{json}\n"),
        };
        self.output.write_all(said.as_bytes()).map_err(Failed::other)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, empty};

    use serde_json::json;

    use super::*;

    /// A reader that goes after the first write.
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
        for (form, wanted) in [(Form::Text, "vk_1\nkept\n"), (Form::Json, "{\"key\":\"vk_1\"}\n")] {
            let mut head = Head(Vec::new());
            let mut out = Out { form, input: &mut empty(), output: &mut head };
            out.say("vk_1\nkept\n\n", &json!({ "key": "vk_1" })).unwrap();
            assert_eq!(String::from_utf8(head.0).unwrap(), wanted);
        }
    }
}
