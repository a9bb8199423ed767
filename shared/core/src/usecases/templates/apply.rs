//! Applies an update to one cached template, with its event, in one commit.

use crate::{
    domain::{
        channel::Channel,
        event::EventKind,
        template::{Learned, Template, TemplateKey},
    },
    ports::store::{Record, StoreError, Write},
    usecases::{Templates, until_committed::Decision},
};

impl Templates {
    /// Applies `learn` to a template in the cache of a channel's tenant, and commits the result. Returns
    /// what changed; `None` where the template is not cached.
    pub(crate) async fn learn_of_template(
        &self,
        channel: &Channel,
        key: &TemplateKey,
        learn: impl Fn(&mut Template) -> Learned,
    ) -> Result<Option<Learned>, StoreError> {
        let Some(id) = &channel.catalogue else { return Ok(None) };
        self.ctx
            .until_committed(|| async {
                let Some(mut template) = self.catalogues.template(&channel.tenant, id, key).await? else {
                    return Ok(Decision::Done(None));
                };
                let learned = learn(&mut template);
                if learned == Learned::Nothing {
                    return Ok(Decision::Done(Some(learned)));
                }
                Ok(Decision::Commit(self.learned(channel, template, learned), Some(learned)))
            })
            .await
    }

    /// The writes of an update: with an event if the content changed.
    pub(crate) fn learned(&self, channel: &Channel, template: Template, learned: Learned) -> Vec<Write> {
        let mut changes = Vec::with_capacity(2);
        if learned == Learned::Content {
            changes.push(Write::Put(Record::Event(
                self.ctx.event(&channel.tenant, changed(channel, &template)),
            )));
        }
        changes.push(Write::Put(Record::Template(template)));
        changes
    }
}

fn changed(channel: &Channel, template: &Template) -> EventKind {
    let status = if template.vanished_at.is_some() { "GONE" } else { template.told.status.as_str() };
    EventKind::TemplateChanged {
        channel: channel.id,
        name: template.key.name.clone(),
        language: template.key.language.clone(),
        status: status.to_owned(),
    }
}
