//! The status webhooks that follow an accepted message.

use std::time::Duration;

use super::{Webhook, deliver};
use crate::{
    Sandbox,
    fault::WebhookShape,
    kaleyra::Refs,
    phone::{FinalStatus, Status},
    usage::Billing,
};

/// Everything that the status webhooks of one message contain.
#[derive(Debug)]
pub(crate) struct StatusSeries {
    pub(crate) phone_number_id: String,
    pub(crate) wamid: String,
    /// The message type, such as `text`.
    pub(crate) kind: String,
    /// The category of the template; `None` for other messages.
    pub(crate) category: Option<String>,
    pub(crate) billing: Billing,
    pub(crate) correlation: Correlation,
    /// The `wa_id`; absent when the message was addressed to a BSUID.
    pub(crate) recipient_id: Option<String>,
    pub(crate) recipient_user_id: String,
    /// Whether another responder sent the message, so that the business is on standby.
    pub(crate) standby: bool,
    /// The entry of `contacts`.
    pub(crate) contact: serde_json::Value,
    pub(crate) final_status: FinalStatus,
    pub(crate) failure: Option<DeliveryFailure>,
    /// Set if Kaleyra never passes the message to Meta; takes precedence over `failure`.
    pub(crate) not_sent: Option<NotSent>,
    pub(crate) shape: WebhookShape,
    /// When the message was accepted, in Unix seconds.
    pub(crate) accepted_at: i64,
}

/// What links the status webhooks of a message to the call that sent it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Correlation {
    /// The id in the statuses, where it differs from the one on the phone.
    pub(crate) id: Option<String>,
    /// The callback data at Meta, `biz_opaque_callback_data`.
    pub(crate) callback_data: Option<String>,
    /// The callback data of Kaleyra's V2.
    pub(crate) refs: Refs,
    /// The URL for the statuses on Kaleyra's V1, if the request named one.
    pub(crate) callback_url: Option<String>,
}

/// A message that Kaleyra accepted and never passed to Meta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotSent {
    /// Kaleyra's error code, such as `WAV2101`.
    pub(crate) code: String,
    /// The reason in words.
    pub(crate) reason: String,
}

/// A message that was accepted and then fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeliveryFailure {
    /// Meta's error code in the `failed` status.
    pub(crate) code: u32,
    /// Whether a `sent` status comes first.
    pub(crate) after_sent: bool,
}

/// Sends the status webhooks one after the other; retries continue in the background.
pub(crate) async fn send_statuses(sandbox: &Sandbox, series: &StatusSeries) {
    if !series.shape.before_answer {
        sandbox.status_gate_opened().await;
    }
    tokio::time::sleep(Duration::from_millis(series.shape.delay_ms)).await;
    for status in series.statuses() {
        tokio::time::sleep(sandbox.status_delay()).await;
        // The status is true from here on, whether or not a webhook is sent.
        if let Some(phone) = sandbox.state().phones.phone_with_message(&series.wamid) {
            phone.record(&series.wamid, status);
        }
        if !series.shape.drop.contains(&status) {
            send_status(sandbox, series, status).await;
        }
    }
}

async fn send_status(sandbox: &Sandbox, series: &StatusSeries, status: Status) {
    let Some(number) = sandbox.number(&series.phone_number_id) else {
        return;
    };
    let at = if status == Status::Sent { series.accepted_at } else { sandbox.clock().unix_now() };
    let webhook = Webhook::status(&number, series, status, at);
    for _ in 0..=series.shape.duplicate {
        deliver(sandbox, webhook.clone()).await;
    }
}

impl StatusSeries {
    /// Whether this status comes without callback data.
    pub(super) fn omits_callback_data(&self, status: Status) -> bool {
        self.shape.bare.contains(&status)
    }

    /// The statuses in the order they are sent.
    fn statuses(&self) -> Vec<Status> {
        let natural: &[Status] = match self.failure {
            _ if self.not_sent.is_some() => &[Status::Failed],
            Some(DeliveryFailure { after_sent: true, .. }) => &[Status::Sent, Status::Failed],
            Some(_) => &[Status::Failed],
            // Meta never reports more than this for a reaction.
            None if self.kind == "reaction" && self.final_status != FinalStatus::None => &[Status::Sent],
            None => self.final_status.statuses(),
        };
        let first = self.shape.order.iter().filter(|status| natural.contains(status));
        let rest = natural.iter().filter(|status| !self.shape.order.contains(status));
        first.chain(rest).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Correlation, DeliveryFailure, NotSent, StatusSeries};
    use crate::{
        fault::WebhookShape,
        phone::{FinalStatus, Status},
        usage::Billing,
    };

    fn series(
        kind: &str,
        final_status: FinalStatus,
        failure: Option<DeliveryFailure>,
        order: &[Status],
    ) -> StatusSeries {
        StatusSeries {
            phone_number_id: "1".into(),
            wamid: "wamid.1".into(),
            kind: kind.into(),
            category: None,
            billing: Billing::default(),
            correlation: Correlation::default(),
            recipient_id: None,
            recipient_user_id: "US.1".into(),
            standby: false,
            contact: serde_json::Value::Null,
            final_status,
            failure,
            not_sent: None,
            shape: WebhookShape { order: order.to_vec(), ..WebhookShape::default() },
            accepted_at: 0,
        }
    }

    #[test]
    fn the_reach_of_the_phone_ends_the_series() {
        use Status::{Delivered, Read, Sent};
        assert_eq!(series("text", FinalStatus::Read, None, &[]).statuses(), [Sent, Delivered, Read]);
        assert_eq!(series("text", FinalStatus::Delivered, None, &[]).statuses(), [Sent, Delivered]);
        assert_eq!(series("text", FinalStatus::None, None, &[]).statuses(), []);
        assert_eq!(series("reaction", FinalStatus::Read, None, &[]).statuses(), [Sent]);
    }

    #[test]
    fn a_scripted_order_comes_first_and_never_adds_a_status() {
        use Status::{Delivered, Failed, Read, Sent};
        let shuffled = series("text", FinalStatus::Read, None, &[Read, Sent]);
        assert_eq!(shuffled.statuses(), [Read, Sent, Delivered]);
        let unread = series("text", FinalStatus::Delivered, None, &[Read, Delivered]);
        assert_eq!(unread.statuses(), [Delivered, Sent]);
        let failure = Some(DeliveryFailure { code: 131_047, after_sent: true });
        assert_eq!(series("text", FinalStatus::Read, failure, &[]).statuses(), [Sent, Failed]);
    }

    #[test]
    fn a_message_never_passed_to_meta_only_fails() {
        let failure = Some(DeliveryFailure { code: 131_047, after_sent: true });
        let not_sent = Some(NotSent { code: "WAV2101".into(), reason: "full".into() });
        let withheld = StatusSeries { not_sent, ..series("text", FinalStatus::None, failure, &[]) };
        assert_eq!(withheld.statuses(), [Status::Failed]);
    }
}
