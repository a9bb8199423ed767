//! Payments that webhooks report: stored on the message with the order. They say nothing about the message's
//! delivery.

use crate::{
    domain::{
        channel::Channel,
        delivery::Facts,
        id::Wamid,
        inbound::{Disposition, PaymentReport},
        written::Written,
    },
    ports::store::{Record, StoreError, Write},
    usecases::{
        StatusUpdates,
        inbound::status::{StatusTarget, park_status, received},
        sending::outcome::paid,
        until_committed::Decision,
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
        let ids = &ids;
        self.ctx
            .until_committed(|| async {
                match self.place_of_status(channel, report.echo, ids).await? {
                    StatusTarget::Message(mut message) => {
                        if message.facts.merge_payment(&report.payment) == Written::Unchanged {
                            return self
                                .keep_known(&message.tenant, message.address.id, raw)
                                .await
                                .map(Decision::Done);
                        }
                        let event =
                            Write::Put(Record::Event(self.ctx.event(&message.tenant, paid(&message))));
                        let mut changes: Vec<Write> =
                            received(&message.tenant, message.address.id, raw).collect();
                        changes.extend([event, Write::Put(Record::Message(*message))]);
                        Ok(Decision::Commit(changes, Disposition::Stored))
                    }
                    StatusTarget::Attempt(mut attempt) => {
                        if attempt.parked.merge_payment(&report.payment) == Written::Unchanged {
                            return self
                                .keep_known(&attempt.tenant, attempt.address.id, raw)
                                .await
                                .map(Decision::Done);
                        }
                        let mut changes: Vec<Write> =
                            received(&attempt.tenant, attempt.address.id, raw).collect();
                        changes.push(Write::Put(Record::Attempt(*attempt)));
                        Ok(Decision::Commit(changes, Disposition::Parked))
                    }
                    StatusTarget::Pointers(lookups) => {
                        let note = |parked: &mut Facts| parked.merge_payment(&report.payment);
                        Ok(park_status(lookups, ids, raw, note))
                    }
                }
            })
            .await
    }
}
