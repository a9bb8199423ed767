//! Progress of long work: a bar on the terminal, and nothing anywhere else.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Form;

/// How far long work is.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// For work of so many parts. It is drawn on standard error if that is a terminal, and never beside JSON.
    #[must_use]
    pub fn of(parts: usize, form: Form) -> Self {
        let drawn = form == Form::Text && stderr().is_terminal();
        let target = if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(u64::try_from(parts).ok(), target);
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}");
        Self(match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// Says what is being done.
    pub fn at(&self, what: String) {
        self.0.set_message(what);
    }

    /// One part is done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Whether somebody sees it.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        !self.0.is_hidden()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_beside_json() {
        let progress = Progress::of(3, Form::Json);
        progress.at("one".to_owned());
        progress.step();
        assert!(!progress.is_drawn());
    }
}
