//! The series of status callbacks that follows an accepted message.

use std::time::Duration;

use super::{Callback, deliver, webhook};
use crate::{
    Sandbox, clock,
    fault::CallbackShape,
    log::About,
    phone::{Reach, Status},
};

/// Everything the status callbacks of one message need.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) phone_number_id: String,
    pub(crate) wamid: String,
    /// The message type.
    pub(crate) kind: String,
    pub(crate) callback_data: Option<String>,
    /// The `wa_id`; absent when the message was addressed to a BSUID.
    pub(crate) recipient_id: Option<String>,
    pub(crate) recipient_user_id: String,
    /// The entry of `contacts`.
    pub(crate) contact: serde_json::Value,
    pub(crate) reach: Reach,
    pub(crate) failure: Option<Failure>,
    pub(crate) shape: CallbackShape,
    /// Unix seconds.
    pub(crate) accepted_at: i64,
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
    let at = if status == Status::Sent { series.accepted_at } else { clock::unix_now() };
    let payload = webhook::status(&number, series, status, at);
    let callback = Callback::new(&number, &series.wamid, About::Status(status), &payload);
    for _ in 0..=series.shape.duplicate {
        deliver(sandbox, callback.clone()).await;
    }
}

impl Series {
    /// The statuses in the order they are played.
    fn statuses(&self) -> Vec<Status> {
        let natural: &[Status] = match self.failure {
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
    use super::{Failure, Series};
    use crate::{
        fault::CallbackShape,
        phone::{Reach, Status},
    };

    fn series(kind: &str, reach: Reach, failure: Option<Failure>, order: &[Status]) -> Series {
        Series {
            phone_number_id: "1".into(),
            wamid: "wamid.1".into(),
            kind: kind.into(),
            callback_data: None,
            recipient_id: None,
            recipient_user_id: "US.1".into(),
            contact: serde_json::Value::Null,
            reach,
            failure,
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
}
