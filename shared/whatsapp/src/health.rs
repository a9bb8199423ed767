//! Asking providers how channels stand; each channel's own is asked.

use async_trait::async_trait;

use crate::providers::Providers;
use ventanilla_core::{
    domain::channel::Access,
    ports::{
        checkup::{Inspection, Inspector, Question},
        provider::SendFailure,
    },
};

#[async_trait]
impl Inspector for Providers {
    async fn inspect(&self, question: Question<'_>) -> Inspection {
        match question.channel.access {
            Access::Meta(_) => self.meta.inspect(question).await,
            Access::Kaleyra(_) => self.kaleyra.inspect(question).await,
        }
    }

    async fn subscribe(&self, question: Question<'_>) -> Result<(), SendFailure> {
        match question.channel.access {
            Access::Meta(_) => self.meta.subscribe(question).await,
            Access::Kaleyra(_) => self.kaleyra.subscribe(question).await,
        }
    }
}
