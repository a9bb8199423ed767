//! Applies what webhooks report of templates (facts: meta.md 4.7).

use crate::{
    domain::{
        channel::Channel,
        inbound::{Disposition, TemplateNews},
        template::Learned,
    },
    ports::store::StoreError,
    usecases::Templates,
};

impl Templates {
    /// Applies a webhook about a template, in the cache of each channel's tenant that has it. A template
    /// that is not cached is left to the next sync.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn hear_of_template(
        &self,
        channels: &[Channel],
        news: &TemplateNews,
    ) -> Result<Disposition, StoreError> {
        let mut heard = Disposition::Kept;
        let mut told: Vec<&Channel> = Vec::new();
        for channel in channels {
            // Channels of one tenant share a cache.
            if told.iter().any(|other| other.tenant == channel.tenant) {
                continue;
            }
            told.push(channel);
            heard = match self.hear_in_copy(channel, news).await? {
                Disposition::Stored => Disposition::Stored,
                Disposition::Duplicate if heard != Disposition::Stored => Disposition::Duplicate,
                _ => heard,
            };
        }
        Ok(heard)
    }

    async fn hear_in_copy(&self, channel: &Channel, news: &TemplateNews) -> Result<Disposition, StoreError> {
        let Some(id) = &channel.catalogue else { return Ok(Disposition::Kept) };
        let synced_at =
            self.catalogues.catalogue(&channel.tenant, id).await?.and_then(|known| known.synced_at);
        let learned =
            self.learn_of_template(channel, &news.key, |template| template.hear(news, synced_at)).await?;
        Ok(match learned {
            None => Disposition::Kept,
            Some(Learned::Content) => Disposition::Stored,
            Some(Learned::Certainty | Learned::Time | Learned::Nothing) => Disposition::Duplicate,
        })
    }
}
