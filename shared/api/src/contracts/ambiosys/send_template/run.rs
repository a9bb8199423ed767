//! Runs a request: at once, in the background, or as a dry run.

use std::{sync::Arc, time::Duration};

use super::{
    Ended, Sender,
    background::{begin, going_on, overflowing},
    call::Call,
    results::sent_results,
};
use crate::common::Failure;
use ventanilla_core::{
    domain::template::ValidationProblem,
    ports::clock::Deadline,
    usecases::{
        broadcasts::BroadcastRequest,
        sending::{Individual, ManyCommand, OnCommonRejection, RateLimiter},
        templates::Fitting,
    },
};

/// The time reserved for storing the recipients that were not tried.
const FOR_THE_REST: Duration = Duration::from_secs(5);

impl Call {
    /// Runs it, unless an earlier request with its key did, or its template is invalid.
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
            return Ok(Ended::Each(sent_results(
                &self.entries,
                sender.use_cases.sending.try_many(&self.command).await?,
            )));
        }
        if self.later {
            return begin(&sender.use_cases.broadcasts, broadcast, self.command.deadline).await;
        }
        self.send(sender, broadcast).await
    }

    /// The faults of the template. `None` for a request that was begun before.
    async fn problems(&self, sender: &Sender) -> Result<Option<Vec<ValidationProblem>>, Failure> {
        let deadline = self.command.deadline;
        if let Fitting::Wrong(problems) =
            sender.app.core.template_validation.fitting_soon(&self.channel, &self.template, deadline).await?
            && !sender.use_cases.sending.begun_before(&self.command).await?
        {
            return Ok(Some(problems));
        }
        Ok(None)
    }

    /// Sends to all recipients; those left when the time is up continue as a broadcast.
    async fn send(self, sender: &Sender, broadcast: BroadcastRequest) -> Result<Ended, Failure> {
        let Self { entries, channel, command, .. } = self;
        let deadline = command.deadline;
        let rate_limiter = Arc::new(RateLimiter::new(channel.send_interval(), OnCommonRejection::GoOn));
        // Reserves the time for storing the rest.
        let until = sender.app.clock.now().until(deadline.0).saturating_sub(FOR_THE_REST);
        let in_time = ManyCommand { deadline: Deadline(sender.app.clock.now().plus(until)), ..command };
        let sent = sender.use_cases.sending.send_to_many(&in_time, &rate_limiter).await;
        if sent.iter().any(|one| matches!(one, Individual::NotBegun)) {
            return overflowing(&sender.use_cases.broadcasts, broadcast, deadline, sent).await;
        }
        Ok(Ended::Each(sent_results(&entries, sent)))
    }
}
