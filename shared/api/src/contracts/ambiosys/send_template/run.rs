//! Carries a request out: at once, later, or only to tell what would be.

use std::{sync::Arc, time::Duration};

use super::{
    Ended, Sender,
    background::{begin, going_on, overflowing},
    call::Call,
    results::told,
};
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
    pub(super) async fn run(self, sender: &Sender) -> Result<Ended, Failure> {
        let broadcast = self.broadcast();
        if !self.dry_run
            && let Some(earlier) = sender.use_cases.broadcasts.begun_broadcast(&broadcast).await?
        {
            return going_on(&sender.use_cases.broadcasts, earlier).await;
        }
        if let Some(problems) = self.problems(sender).await? {
            return Ok(Ended::WrongTemplate(problems));
        }
        if self.dry_run {
            return Ok(Ended::Each(told(
                &self.entries,
                sender.use_cases.sending.try_many(&self.command).await?,
            )));
        }
        if self.later {
            return begin(&sender.use_cases.broadcasts, broadcast, self.command.deadline).await;
        }
        self.send(sender, broadcast).await
    }

    /// What is wrong with the template for everybody. Of a request that was begun before, nothing any more.
    async fn problems(&self, sender: &Sender) -> Result<Option<Vec<Problem>>, Failure> {
        let deadline = self.command.deadline;
        if let Fitting::Wrong(problems) =
            sender.app.core.template_validation.fitting_soon(&self.channel, &self.template, deadline).await?
            && !sender.use_cases.sending.begun_before(&self.command).await?
        {
            return Ok(Some(problems));
        }
        Ok(None)
    }

    /// Sends to all recipients; whom there is no time left for goes on as a broadcast.
    async fn send(self, sender: &Sender, broadcast: Wish) -> Result<Ended, Failure> {
        let Self { entries, channel, command, .. } = self;
        let deadline = command.deadline;
        let pace = Arc::new(Pace::new(channel.pace(), Common::GoOn));
        // Time is kept for putting on record whom there is none left for.
        let until = sender.app.clock.now().until(deadline.0).saturating_sub(FOR_THE_REST);
        let in_time = ManyCommand { deadline: Deadline(sender.app.clock.now().plus(until)), ..command };
        let sent = sender.use_cases.sending.send_to_many(&in_time, &pace).await;
        if sent.iter().any(|one| matches!(one, Individual::NotBegun)) {
            return overflowing(&sender.use_cases.broadcasts, broadcast, deadline, sent).await;
        }
        Ok(Ended::Each(told(&entries, sent)))
    }
}
