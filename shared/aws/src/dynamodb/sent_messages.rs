//! The outcomes of messages: attempts and their messages, in two reads.

use std::collections::HashMap;

use async_trait::async_trait;
use serde::Deserialize;

use super::{
    Table,
    record::read,
    records::{attempt, message},
};
use ventanilla_core::{
    domain::{
        attempt::State,
        id::{MessageId, TenantId},
        message::MessageAddress,
    },
    ports::{
        broadcasts::{BroadcastRecords, Made, Trace},
        store::StoreError,
    },
};

/// The fields of [`Tried`].
const ATTEMPT: &[&str] = &["conversation", "at", "id", "state", "lease_until", "wamid", "rejection", "since"];

/// The fields of [`Trace`].
const MESSAGE: &[&str] = &["conversation", "at", "id", "wamid", "handover", "facts"];

#[derive(Deserialize)]
struct Tried {
    #[serde(flatten)]
    address: MessageAddress,
    #[serde(flatten)]
    state: State,
}

#[async_trait]
impl BroadcastRecords for Table {
    async fn made(&self, tenant: &TenantId, ids: &[MessageId]) -> Result<Vec<Made>, StoreError> {
        let wanted = ids.iter().map(|id| attempt::key(tenant, *id)).collect();
        let rows = self.get_several(wanted, ATTEMPT).await?;
        let attempts = rows.into_iter().filter(|row| row.contains_key("state"));
        let attempts: Vec<Tried> = attempts.map(read).collect::<Result<_, _>>()?;
        let places = attempts.iter().map(|attempt| message::key(tenant, attempt.address)).collect();
        let mut messages: HashMap<MessageId, Trace> = HashMap::new();
        for row in self.get_several(places, MESSAGE).await? {
            let trace: Trace = read(row)?;
            messages.insert(trace.address.id, trace);
        }
        let pair = |Tried { address, state }| Made { address, state, message: messages.remove(&address.id) };
        Ok(attempts.into_iter().map(pair).collect())
    }
}
