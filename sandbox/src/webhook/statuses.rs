//! The series of status callbacks that follows an accepted message.

use std::time::Duration;

use super::{Callback, deliver};
use crate::{
    Sandbox,
    fault::CallbackShape,
    kaleyra::Refs,
    phone::{Reach, Status},
};

/// Everything the status callbacks of one message need.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) phone_number_id: String,
    pub(crate) wamid: String,
    /// The message type.
    pub(crate) kind: String,
    /// The category of a template.
    pub(crate) category: Option<String>,
    pub(crate) trail: Trail,
    /// The `wa_id`; absent when the message was addressed to a BSUID.
    pub(crate) recipient_id: Option<String>,
    pub(crate) recipient_user_id: String,
    /// Whether another responder of the number sent it, so that the business only listens.
    pub(crate) standby: bool,
    /// The entry of `contacts`.
    pub(crate) contact: serde_json::Value,
    pub(crate) reach: Reach,
    pub(crate) failure: Option<Failure>,
    /// Set if Kaleyra keeps the message to itself, which comes before any failure at Meta.
    pub(crate) not_sent: Option<NotSent>,
    pub(crate) shape: CallbackShape,
    /// Unix seconds.
    pub(crate) accepted_at: i64,
}

/// What leads the status callbacks of a message back to the call that sent it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    /// The id in the statuses, where it is another than the one on the phone.
    pub(crate) id: Option<String>,
    /// Meta's `biz_opaque_callback_data`.
    pub(crate) callback_data: Option<String>,
    /// What Kaleyra's V2 gives back.
    pub(crate) refs: Refs,
    /// Where Kaleyra's V1 sends the statuses, if not where the number has them sent.
    pub(crate) callback_url: Option<String>,
}

/// A message that Kaleyra accepted and never passed to Meta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotSent {
    /// Kaleyra's code.
    pub(crate) code: String,
    /// Its sentence.
    pub(crate) reason: String,
}

/// A message that was accepted and then fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Meta's error code.
    pub(crate) code: u32,
    /// Whether a `sent` status comes first.
    pub(crate) after_sent: bool,
}

/// Plays the series to its end; retries of refused callbacks go on in the background.
pub(crate) async fn play(sandbox: &Sandbox, series: &Series) {
    if !series.shape.before_answer {
        sandbox.statuses_may_come().await;
    }
    tokio::time::sleep(Duration::from_millis(series.shape.delay_ms)).await;
    for status in series.statuses() {
        tokio::time::sleep(sandbox.pace()).await;
        // The status is true from here on, whether or not anybody is told.
        if let Some(phone) = sandbox.state().phones.holder_of(&series.wamid) {
            phone.record(&series.wamid, status);
        }
        if !series.shape.drop.contains(&status) {
            tell(sandbox, series, status).await;
        }
    }
}

async fn tell(sandbox: &Sandbox, series: &Series, status: Status) {
    let Some(number) = sandbox.number(&series.phone_number_id) else {
        return;
    };
    let at = if status == Status::Sent { series.accepted_at } else { sandbox.clock().unix_now() };
    let callback = Callback::status(&number, series, status, at);
    for _ in 0..=series.shape.duplicate {
        deliver(sandbox, callback.clone()).await;
    }
}

impl Series {
    /// Whether this status is told without the data of the business.
    pub(super) fn is_bare(&self, status: Status) -> bool {
        self.shape.bare.contains(&status)
    }

    /// The statuses in the order they are played.
    fn statuses(&self) -> Vec<Status> {
        let natural: &[Status] = match self.failure {
            _ if self.not_sent.is_some() => &[Status::Failed],
            Some(Failure { after_sent: true, .. }) => &[Status::Sent, Status::Failed],
            Some(_) => &[Status::Failed],
            // Meta never reports more than this for a reaction.
            None if self.kind == "reaction" && self.reach != Reach::None => &[Status::Sent],
            None => self.reach.statuses(),
        };
        let first = self.shape.order.iter().filter(|status| natural.contains(status));
        let rest = natural.iter().filter(|status| !self.shape.order.contains(status));
        first.chain(rest).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, NotSent, Series, Trail};
    use crate::{
        fault::CallbackShape,
        phone::{Reach, Status},
    };

    fn series(kind: &str, reach: Reach, failure: Option<Failure>, order: &[Status]) -> Series {
        Series {
            phone_number_id: "1".into(),
            wamid: "wamid.1".into(),
            kind: kind.into(),
            category: None,
            trail: Trail::default(),
            recipient_id: None,
            recipient_user_id: "US.1".into(),
            standby: false,
            contact: serde_json::Value::Null,
            reach,
            failure,
            not_sent: None,
            shape: CallbackShape { order: order.to_vec(), ..CallbackShape::default() },
            accepted_at: 0,
        }
    }

    #[test]
    fn the_reach_of_the_phone_ends_the_series() {
        use Status::{Delivered, Read, Sent};
        assert_eq!(series("text", Reach::Read, None, &[]).statuses(), [Sent, Delivered, Read]);
        assert_eq!(series("text", Reach::Delivered, None, &[]).statuses(), [Sent, Delivered]);
        assert_eq!(series("text", Reach::None, None, &[]).statuses(), []);
        assert_eq!(series("reaction", Reach::Read, None, &[]).statuses(), [Sent]);
    }

    #[test]
    fn a_scripted_order_comes_first_and_never_adds_a_status() {
        use Status::{Delivered, Failed, Read, Sent};
        let shuffled = series("text", Reach::Read, None, &[Read, Sent]);
        assert_eq!(shuffled.statuses(), [Read, Sent, Delivered]);
        let unread = series("text", Reach::Delivered, None, &[Read, Delivered]);
        assert_eq!(unread.statuses(), [Delivered, Sent]);
        let failure = Some(Failure { code: 131_047, after_sent: true });
        assert_eq!(series("text", Reach::Read, failure, &[]).statuses(), [Sent, Failed]);
    }

    #[test]
    fn what_kaleyra_keeps_to_itself_only_fails() {
        let failure = Some(Failure { code: 131_047, after_sent: true });
        let not_sent = Some(NotSent { code: "WAV2101".into(), reason: "full".into() });
        let kept = Series { not_sent, ..series("text", Reach::None, failure, &[]) };
        assert_eq!(kept.statuses(), [Status::Failed]);
    }
}
