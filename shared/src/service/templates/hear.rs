//! What webhooks tell of templates: it is in our copy within the same call (facts: meta.md 4.7).

use crate::{
    domain::{
        channel::Channel,
        event::EventKind,
        inbound::{Disposition, TemplateNews},
        template::{Category, TemplateStatus},
    },
    port::book::{Applied, Change, StoreError},
    service::{Core, backoff::Rounds},
};

impl Core {
    /// Writes down what a webhook tells of a template, in the copy of each channel's tenant that has it. One
    /// that no copy has is left to the next sync.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::service) async fn hear_of_template(
        &self,
        channels: &[Channel],
        news: &TemplateNews,
    ) -> Result<Disposition, StoreError> {
        let mut heard = Disposition::Kept;
        let mut told: Vec<&Channel> = Vec::new();
        for channel in channels {
            // Channels of one tenant share a copy.
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
        let mut rounds = Rounds::default();
        loop {
            let Some(mut template) = self.catalogues.template(&channel.tenant, id, &news.key).await? else {
                return Ok(Disposition::Kept);
            };
            let before = template.told.clone();
            if let Some(status) = &news.status {
                template.told.status = TemplateStatus::from(status.as_str());
            }
            if let Some(category) = &news.category {
                template.told.category = Category::from(category.as_str());
            }
            if let Some(quality) = &news.quality {
                template.told.quality = Some(quality.clone());
            }
            for part in news.components.iter().flatten() {
                template.told.merge(part);
            }
            if (template.told == before && template.vanished_at.is_none()) || news.at < template.as_of {
                return Ok(Disposition::Duplicate);
            }
            template.as_of = news.at;
            template.vanished_at = None;
            let kind = EventKind::TemplateChanged {
                channel: channel.id,
                name: template.key.name.clone(),
                language: template.key.language.clone(),
                status: template.told.status.as_str().to_owned(),
            };
            let changes = vec![Change::Event(self.event(&channel.tenant, kind)), Change::Template(template)];
            if self.book.apply(changes).await? == Applied::Done {
                return Ok(Disposition::Stored);
            }
            rounds.again(self).await?;
        }
    }
}
