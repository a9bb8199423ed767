//! Carries a request out: at once, later, or only to tell what would be.

use std::{sync::Arc, time::Duration};

use super::{
    Ended,
    background::{begin, going_on, overflowing},
    call::Call,
    results::told,
};
use crate::app::App;
use crate::common::Failure;
use ventanilla_core::{
    domain::template::Problem,
    ports::clock::Deadline,
    usecases::{
        broadcasts::Wish,
        sending::{Common, Individual, ManyCommand, Pace},
        templates::Fitting,
    },
};

/// What is kept of the time of a call for writing down whom there was no time left for.
const FOR_THE_REST: Duration = Duration::from_secs(5);

impl Call {
    /// Carries it out, unless an earlier request under its key did, or its template is wrong.
    pub(super) async fn run(self, app: &App) -> Result<Ended, Failure> {
        let broadcast = self.broadcast();
        if !self.dry_run
            && let Some(earlier) = app.core.broadcasts.begun_broadcast(&broadcast).await?
        {
            return going_on(app, earlier).await;
        }
        if let Some(problems) = self.problems(app).await? {
            return Ok(Ended::WrongTemplate(problems));
        }
        if self.dry_run {
            return Ok(Ended::Each(told(&self.entries, app.core.sending.try_many(&self.command).await?)));
        }
        if self.later {
            return begin(app, broadcast, self.command.deadline).await;
        }
        self.send(app, broadcast).await
    }

    /// What is wrong with the template for everybody. Of a request that was begun before, nothing any more.
    async fn problems(&self, app: &App) -> Result<Option<Vec<Problem>>, Failure> {
        let deadline = self.command.deadline;
        if let Fitting::Wrong(problems) =
            app.core.template_validation.fitting_soon(&self.channel, &self.template, deadline).await?
            && !app.core.sending.begun_before(&self.command).await?
        {
            return Ok(Some(problems));
        }
        Ok(None)
    }

    /// Sends to all recipients; whom there is no time left for goes on as a broadcast.
    async fn send(self, app: &App, broadcast: Wish) -> Result<Ended, Failure> {
        let Self { entries, channel, command, .. } = self;
        let deadline = command.deadline;
        let pace = Arc::new(Pace::new(channel.pace(), Common::GoOn));
        // Time is kept for putting on record whom there is none left for.
        let until = app.clock.now().until(deadline.0).saturating_sub(FOR_THE_REST);
        let in_time = ManyCommand { deadline: Deadline(app.clock.now().plus(until)), ..command };
        let sent = app.core.sending.send_to_many(&in_time, &pace).await;
        if sent.iter().any(|one| matches!(one, Individual::NotBegun)) {
            return overflowing(app, broadcast, deadline, sent).await;
        }
        Ok(Ended::Each(told(&entries, sent)))
    }
}
