//! Progress of long commands: a bar on the terminal, and nothing anywhere else.

use std::{
    io::{self, IsTerminal, Stderr, Write, stderr},
    sync::LazyLock,
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::OutputFormat;

/// The bars of this process, on standard error. Other output there suspends them.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The progress of a long command.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Progress of so many steps. It is visible if standard error is a terminal, and never with JSON.
    #[must_use]
    pub fn new(parts: usize, format: OutputFormat) -> Self {
        let drawn = format == OutputFormat::Text && stderr().is_terminal();
        Self::within(&BARS, parts, drawn)
    }

    fn within(bars: &MultiProgress, parts: usize, drawn: bool) -> Self {
        let bar = ProgressBar::with_draw_target(u64::try_from(parts).ok(), ProgressDrawTarget::hidden());
        let bar = if drawn { bars.add(bar) } else { bar };
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}");
        Self(match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// Sets the text beside the bar.
    pub fn set_message(&self, what: String) {
        self.0.set_message(what);
    }

    /// Advances by one step.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Whether the bar is drawn.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        !self.0.is_hidden()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A writer of whole lines that suspends the bars for each line.
#[derive(Debug)]
pub struct BarAwareWriter<W> {
    bars: MultiProgress,
    lines: W,
}

/// Standard error, suspending the bars.
#[must_use]
pub fn stderr_beside_bars() -> BarAwareWriter<Stderr> {
    BarAwareWriter { bars: BARS.clone(), lines: stderr() }
}

impl<W: Write> Write for BarAwareWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self { bars, lines } = self;
        bars.suspend(|| lines.write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that writes down what is done to it: `<` for a line that is cleared.
    #[derive(Debug, Clone, Default)]
    struct Terminal(Arc<Mutex<String>>);

    impl Terminal {
        fn put(&self, text: &str) {
            self.0.lock().unwrap().push_str(text);
        }
    }

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.put(&format!("{text}\n"));
            Ok(())
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.put(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.put("<");
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.put(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_is_drawn_beside_json() {
        let progress = Progress::new(3, OutputFormat::Json);
        progress.set_message("one".to_owned());
        progress.step();
        assert!(!progress.is_visible());
    }

    #[test]
    fn a_log_line_stands_on_a_line_of_its_own_above_the_bar() {
        let terminal = Terminal::default();
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bars = MultiProgress::with_draw_target(target);
        let progress = Progress::within(&bars, 3, true);
        progress.set_message("channel 1".to_owned());
        progress.step();
        let mut lines = BarAwareWriter { bars, lines: terminal.clone() };
        lines.write_all(b"WARN trouble\n").unwrap();
        let drawn = terminal.0.lock().unwrap().clone();
        let (before, after) = drawn.split_once("WARN trouble\n").unwrap();
        assert!(before.contains("channel 1") && before.ends_with('<'), "the bar is in its way: {drawn:?}");
        assert!(after.contains("1/3 channel 1"), "the bar is gone: {drawn:?}");
    }
}
