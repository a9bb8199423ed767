//! A decoded request of a template to many.

use axum::body::Body;
use http::request::Parts;

use super::{
    Sender,
    request::{TemplateRequest, template_request},
};
use crate::{
    common::{
        Failure,
        access::Authorized,
        body::{self, MANY_LIMIT},
        idempotency,
        policy::{self, Choice},
        prefer::{self, Wait},
        query::{Flag, Params, dry_run},
        request, sent_by,
    },
    contracts::ambiosys::near_misses::TEMPLATE,
};
use ventanilla_core::{
    domain::{
        broadcast::{EntryRecipient, MOST_AT_ONCE, Own, RecipientEntry},
        channel::Channel,
        content::{Content, TemplateContent},
    },
    usecases::{
        broadcasts::{BroadcastRequest, SEND_TEMPLATE},
        sending::ManyCommand,
    },
};

/// The template, its recipients, the channel, and how to send.
pub(super) struct Call {
    pub(super) template: TemplateContent,
    /// All recipients of the request; the invalid ones are marked.
    pub(super) entries: Vec<RecipientEntry>,
    /// The selected channel, or the default one.
    pub(super) channel: Channel,
    /// The send request for the valid recipients.
    pub(super) command: ManyCommand,
    /// Whether it is a dry run.
    pub(super) dry_run: bool,
    /// Whether it is answered before anything is sent.
    pub(super) later: bool,
}

impl Call {
    /// Reads and validates a request.
    pub(super) async fn read(
        Authorized { app, caller, use_cases, .. }: &Sender,
        parts: &Parts,
        body: Body,
    ) -> Result<Self, Failure> {
        let deadline = request::deadline(parts, app.clock.as_ref());
        let key = idempotency::key(&parts.headers)?;
        policy::policy(&parts.headers, Choice::AtMostOnce)?;
        let bytes = body::read(body, MANY_LIMIT).await?;
        let sent_by = caller.sender(sent_by::of_body(&bytes)?);
        TEMPLATE.check_query(&parts.uri)?;
        let TemplateRequest { template, recipients: mut entries, channel: chosen, dry_run: dry } =
            template_request(&bytes)?;
        let dry_run = dry || dry_run(&Params::read(&parts.uri))? == Flag::On;
        use_cases.broadcasts.mark_duplicates(&caller.tenant, key.as_ref(), &mut entries).await?;
        let channel = match &chosen {
            Some((field, id)) => app.own_channel(&caller.tenant, field, *id).await?,
            None => app.core.channels.default_channel(&caller.tenant).await?,
        };
        let command = ManyCommand {
            tenant: caller.tenant.clone(),
            content: Content::Template(template.clone()),
            recipients: open(&entries),
            channel: chosen.map(|(_, id)| id),
            sent_by,
            broadcast: None,
            key,
            deadline,
        };
        let later = entries.len() > MOST_AT_ONCE || prefer::wait(&parts.headers) == Wait::ForNothing;
        Ok(Self {
            template,
            later: later && !command.recipients.is_empty(),
            entries,
            channel,
            command,
            dry_run,
        })
    }

    /// The same request as a broadcast.
    pub(super) fn broadcast(&self) -> BroadcastRequest {
        let command = &self.command;
        BroadcastRequest {
            operation: SEND_TEMPLATE,
            tenant: command.tenant.clone(),
            content: command.content.clone(),
            channel: command.channel,
            entries: self.entries.clone(),
            sent_by: command.sent_by.clone(),
            key: command.key.clone(),
        }
    }
}

/// The recipients that can be tried.
fn open(entries: &[RecipientEntry]) -> Vec<(EntryRecipient, Own)> {
    let open = entries.iter().filter(|entry| entry.outcome.is_open());
    open.filter_map(|entry| Some((entry.recipient()?, entry.own()))).collect()
}
