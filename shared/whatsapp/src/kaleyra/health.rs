//! The checks of a number at Kaleyra. It documents one call, `phone_number_details`, and none of the
//! response's fields (facts: kaleyra.md 2.6): only whether the number exists and the key is accepted is
//! read.

use async_trait::async_trait;

use super::{
    answer,
    send::{Account, Kaleyra, key, redacted, refused},
};
use crate::call;
use ventanilla_core::{
    domain::{channel::KaleyraApi, rejection::Reason},
    ports::{
        health_check::{Inspection, InspectionAnswer, Inspector, NumberFacts, Question},
        provider::SendFailure,
    },
};

#[async_trait]
impl Inspector for Kaleyra {
    async fn inspect(&self, question: Question<'_>) -> Inspection {
        Inspection {
            token: Ok(None),
            number: self.number(&question).await,
            health: Ok(None),
            listeners: Ok(None),
            webhook: Ok(None),
            handshake: None,
        }
    }

    async fn subscribe(&self, _: Question<'_>) -> Result<(), SendFailure> {
        let reason = "Kaleyra's webhooks are set up in its console";
        Err(refused(Reason::Unsupported.because(reason)))
    }
}

impl Kaleyra {
    async fn number(&self, question: &Question<'_>) -> InspectionAnswer<NumberFacts> {
        let account = Account::of(question.channel, question.secret)?;
        let (base, sid) = (&account.access.base_url, &account.secret.sid);
        let version = match account.access.api {
            KaleyraApi::V1 => "v1",
            KaleyraApi::V2 => "v2",
        };
        let number = account.access.numbers.of(&account.channel.number);
        let url = format!("{base}/{version}/{sid}/whatsapp/{number}/phone_number_details");
        let request = self.http.get(url).header("api-key", key(&account.secret.api_key));
        let answer = call::call(request.timeout(question.timeout)).await?;
        let receipt = answer::receipt(&answer).map_err(|failure| redacted(failure, account.secret));
        receipt.map(|()| Some(NumberFacts::default()))
    }
}
