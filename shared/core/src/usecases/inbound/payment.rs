//! Payments that webhooks report: stored on the message with the order. They say nothing about the message's
//! delivery.

use crate::{
    domain::{
        channel::Channel,
        delivery::{Facts, Noted},
        id::Wamid,
        inbound::{Disposition, PaymentReport},
    },
    ports::store::{Commit, Record, StoreError, Write},
    usecases::{
        StatusUpdates,
        backoff::Rounds,
        inbound::status::{Place, received},
        sending::outcome::paid,
    },
};

impl StatusUpdates {
    /// Stores a payment, regardless of order and repetition. A payment for an unknown message is parked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn record_payment(
        &self,
        channel: &Channel,
        report: &PaymentReport,
        raw: &str,
    ) -> Result<Disposition, StoreError> {
        let ids: Vec<Wamid> = std::iter::once(&report.wamid).chain(&report.aliases).cloned().collect();
        let mut rounds = Rounds::default();
        loop {
            let (changes, disposition) = match self.place_of_status(channel, report.echo, &ids).await? {
                Place::Message(mut message) => {
                    if message.facts.note_payment(&report.payment) == Noted::Known {
                        return self.keep_known(&message.tenant, message.address.id, raw).await;
                    }
                    let event = Write::Put(Record::Event(self.ctx.event(&message.tenant, paid(&message))));
                    let mut changes: Vec<Write> =
                        received(&message.tenant, message.address.id, raw).collect();
                    changes.extend([event, Write::Put(Record::Message(*message))]);
                    (changes, Disposition::Stored)
                }
                Place::Attempt(mut attempt) => {
                    if attempt.parked.note_payment(&report.payment) == Noted::Known {
                        return self.keep_known(&attempt.tenant, attempt.address.id, raw).await;
                    }
                    let mut changes: Vec<Write> =
                        received(&attempt.tenant, attempt.address.id, raw).collect();
                    changes.push(Write::Put(Record::Attempt(*attempt)));
                    (changes, Disposition::Parked)
                }
                Place::Pointers(pointers) => {
                    let note = |parked: &mut Facts| parked.note_payment(&report.payment);
                    match self.park(pointers, &ids, raw, note).await? {
                        Some(disposition) => return Ok(disposition),
                        None => (Vec::new(), Disposition::Parked),
                    }
                }
            };
            if !changes.is_empty() && self.ctx.store.commit(changes).await? == Commit::Committed {
                return Ok(disposition);
            }
            rounds.again(&self.ctx).await?;
        }
    }
}
