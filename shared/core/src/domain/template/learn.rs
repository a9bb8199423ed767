//! Updates of a cached template: from lists, webhooks and rejections, each as of its time.

use super::{AsOf, Certainty, Template, TemplateDetails};
use crate::domain::{
    inbound::{ComponentsUpdate, TemplateUpdate},
    time::Timestamp,
};

/// How an update changed a cached template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateEffect {
    /// The provider changed its components.
    Content,
    /// Its content is the same, but its certainty changed.
    Certainty,
    /// Only the time as of which it is known changed.
    Time,
    /// The cache held all of it already.
    Nothing,
}

/// A template's state, as the rejection of a message implies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Paused: too many customers disliked it; it may come back.
    Paused,
    /// Disabled: the same, for good.
    Disabled,
    /// Missing: there is none with this name and language.
    Missing,
}

impl Template {
    /// Applies a webhook: each part that it reports, unless that part is known as of later. `synced_at` is
    /// when the last list was requested: what that list confirmed is known as of then, though nothing was
    /// written.
    pub fn apply_update(&mut self, update: &TemplateUpdate, synced_at: Option<Timestamp>) -> TemplateEffect {
        if synced_at.is_some_and(|at| at > update.at) {
            return TemplateEffect::Nothing;
        }
        let before = self.clone();
        if let Some(status) = &update.status
            && is_new(&mut self.as_of.status, update.at)
        {
            self.details.status = status.as_str().into();
        }
        if let Some(category) = &update.category
            && is_new(&mut self.as_of.category, update.at)
        {
            self.details.category = category.as_str().into();
        }
        if let Some(quality) = &update.quality
            && is_new(&mut self.as_of.quality, update.at)
        {
            self.details.quality = Some(quality.clone());
        }
        if let Some(components) = &update.components
            && is_new(&mut self.as_of.components, update.at)
        {
            self.apply_components(components);
        }
        // For a deleted template no part is reported.
        self.vanished_at = self.vanished_at.filter(|gone| update.at < *gone);
        self.effect_since(&before)
    }

    /// Webhooks report texts and the buttons with a link or number, and name a part only if there is one
    /// (facts: meta.md 4.7 has no more). A part that is not named may be gone, be of a kind that is never
    /// reported, or be unchanged: it stays, and the components are doubtful until the next list.
    fn apply_components(&mut self, update: &ComponentsUpdate) {
        match update {
            ComponentsUpdate::Whole(components) => {
                self.details.components.clone_from(components);
                self.certainty = Certainty::Certain;
            }
            ComponentsUpdate::Parts(parts) => {
                for part in parts {
                    self.details.merge(part);
                }
                self.certainty = Certainty::Doubtful;
            }
        }
    }

    /// Applies its entry of a list that was requested at `asked_at`: each part that is not known as of
    /// later.
    pub fn apply_listed(&mut self, details: &TemplateDetails, asked_at: Timestamp) -> TemplateEffect {
        let before = self.clone();
        if is_new(&mut self.as_of.status, asked_at) {
            self.details.status = details.status.clone();
        }
        if is_new(&mut self.as_of.category, asked_at) {
            self.details.category = details.category.clone();
        }
        if is_new(&mut self.as_of.quality, asked_at) {
            self.details.quality.clone_from(&details.quality);
        }
        if is_new(&mut self.as_of.components, asked_at) {
            self.details.format = details.format;
            self.details.components.clone_from(&details.components);
            self.certainty = Certainty::Certain;
        }
        if before.as_of.latest() <= asked_at {
            self.vanished_at = None;
        }
        self.effect_since(&before)
    }

    /// Marks it as deleted at the provider as of `at`, unless any part of it is known as of later.
    pub fn mark_deleted(&mut self, at: Timestamp) -> TemplateEffect {
        if self.vanished_at.is_some() || self.as_of.latest() > at {
            return TemplateEffect::Nothing;
        }
        self.vanished_at = Some(at);
        self.as_of = AsOf::all(at);
        TemplateEffect::Content
    }

    /// Applies the rejection of a message with it. That overrides reports of a clock ahead of ours. A state
    /// that is known already is no change, because many may be rejected at a time.
    pub fn apply_rejection(&mut self, why: Refusal, now: Timestamp) -> TemplateEffect {
        let before = self.clone();
        match why {
            Refusal::Paused => self.stand("PAUSED", now),
            Refusal::Disabled => self.stand("DISABLED", now),
            Refusal::Missing => return self.mark_deleted(now.max(self.as_of.latest())),
        }
        match self.effect_since(&before) {
            TemplateEffect::Content => TemplateEffect::Content,
            TemplateEffect::Certainty | TemplateEffect::Time | TemplateEffect::Nothing => {
                TemplateEffect::Nothing
            }
        }
    }

    fn stand(&mut self, status: &str, now: Timestamp) {
        self.details.status = status.into();
        self.as_of.status = now.max(self.as_of.status);
        self.vanished_at = None;
    }

    fn effect_since(&self, before: &Self) -> TemplateEffect {
        if self.details != before.details || self.vanished_at != before.vanished_at {
            TemplateEffect::Content
        } else if self.certainty != before.certainty {
            TemplateEffect::Certainty
        } else if self.as_of != before.as_of {
            TemplateEffect::Time
        } else {
            TemplateEffect::Nothing
        }
    }
}

/// Whether a report of this time is newer than the part, which then is known as of it.
fn is_new(known: &mut Timestamp, at: Timestamp) -> bool {
    let new = at >= *known;
    if new {
        *known = at;
    }
    new
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::template::{ParameterFormat, TemplateKey};

    fn second(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn details(status: &str, quality: &str, body: &str) -> TemplateDetails {
        TemplateDetails {
            status: status.into(),
            category: "UTILITY".into(),
            format: ParameterFormat::Positional,
            components: vec![json!({ "type": "BODY", "text": body })],
            quality: Some(quality.to_owned()),
        }
    }

    /// A template that a list of second 100 contained.
    fn known() -> Template {
        let key = TemplateKey::of("visit", "es").unwrap();
        let (tenant, account) = ("demo".parse().unwrap(), "2001".to_owned().try_into().unwrap());
        Template::listed(tenant, account, key, details("APPROVED", "GREEN", "a"), second(100))
    }

    fn news(at: i64) -> TemplateUpdate {
        TemplateUpdate {
            account: "2001".to_owned().try_into().unwrap(),
            key: TemplateKey::of("visit", "es").unwrap(),
            at: second(at),
            status: None,
            category: None,
            quality: None,
            components: None,
        }
    }

    fn status(at: i64, word: &str) -> TemplateUpdate {
        TemplateUpdate { status: Some(word.to_owned()), ..news(at) }
    }

    fn quality(at: i64, word: &str) -> TemplateUpdate {
        TemplateUpdate { quality: Some(word.to_owned()), ..news(at) }
    }

    fn parts(at: i64, parts: Vec<Value>) -> TemplateUpdate {
        TemplateUpdate { components: Some(ComponentsUpdate::Parts(parts)), ..news(at) }
    }

    fn shown(template: &Template) -> (&str, &str, bool) {
        let quality = template.details.quality.as_deref().unwrap_or_default();
        (template.details.status.as_str(), quality, template.vanished_at.is_none())
    }

    #[test]
    fn a_late_report_of_one_part_counts_though_another_is_newer() {
        let mut template = known();
        assert_eq!(template.apply_update(&quality(130, "RED"), None), TemplateEffect::Content);
        assert_eq!(template.apply_update(&status(120, "PAUSED"), None), TemplateEffect::Content);
        assert_eq!(shown(&template), ("PAUSED", "RED", true));
        assert_eq!(template.apply_update(&status(110, "APPROVED"), None), TemplateEffect::Nothing);
        // A list that was requested since has the same, though nothing had to be written for that.
        assert_eq!(
            template.apply_update(&status(125, "APPROVED"), Some(second(126))),
            TemplateEffect::Nothing
        );
        assert_eq!(template.apply_update(&status(90, "APPROVED"), None), TemplateEffect::Nothing);
        assert_eq!(shown(&template), ("PAUSED", "RED", true));
        // At the same time the last report counts.
        assert_eq!(template.apply_update(&status(120, "APPROVED"), None), TemplateEffect::Content);
    }

    #[test]
    fn a_duplicate_report_is_no_change_but_sets_the_time() {
        let mut template = known();
        assert_eq!(template.apply_update(&status(130, "APPROVED"), None), TemplateEffect::Time);
        assert_eq!(template.apply_update(&status(130, "APPROVED"), None), TemplateEffect::Nothing);
        assert_eq!(template.apply_update(&status(120, "PAUSED"), None), TemplateEffect::Nothing);
        assert_eq!(template.apply_update(&news(140), None), TemplateEffect::Nothing);
    }

    #[test]
    fn a_list_changes_each_part_that_is_not_newer() {
        let mut template = known();
        template.apply_update(&status(130, "PAUSED"), None);
        assert_eq!(
            template.apply_listed(&details("APPROVED", "YELLOW", "b"), second(120)),
            TemplateEffect::Content
        );
        assert_eq!(shown(&template), ("PAUSED", "YELLOW", true));
        assert_eq!(template.details.components, details("", "", "b").components);
        assert_eq!(template.as_of, AsOf { status: second(130), ..AsOf::all(second(120)) });
        // Requested earlier, and answered later.
        assert_eq!(
            template.apply_listed(&details("APPROVED", "GREEN", "a"), second(110)),
            TemplateEffect::Nothing
        );
        assert_eq!(
            template.apply_listed(&details("APPROVED", "YELLOW", "b"), second(130)),
            TemplateEffect::Content
        );
        assert_eq!(
            template.apply_listed(&details("APPROVED", "YELLOW", "b"), second(140)),
            TemplateEffect::Time
        );
    }

    #[test]
    fn only_a_list_newer_than_every_part_can_delete_it() {
        let mut template = known();
        template.apply_update(&quality(130, "RED"), None);
        assert_eq!(template.mark_deleted(second(120)), TemplateEffect::Nothing);
        assert_eq!(template.mark_deleted(second(140)), TemplateEffect::Content);
        assert_eq!(template.mark_deleted(second(150)), TemplateEffect::Nothing);
        assert_eq!(shown(&template), ("APPROVED", "RED", false));
        // What is earlier than that does not bring it back.
        assert_eq!(
            template.apply_listed(&details("APPROVED", "GREEN", "a"), second(135)),
            TemplateEffect::Nothing
        );
        assert_eq!(template.apply_update(&status(135, "PAUSED"), None), TemplateEffect::Nothing);
        assert_eq!(template.apply_update(&status(145, "APPROVED"), None), TemplateEffect::Content);
        assert_eq!(shown(&template), ("APPROVED", "RED", true));
        assert_eq!(template.mark_deleted(second(150)), TemplateEffect::Content);
        assert_eq!(
            template.apply_listed(&details("APPROVED", "RED", "a"), second(160)),
            TemplateEffect::Content
        );
        assert_eq!(shown(&template), ("APPROVED", "RED", true));
    }

    #[test]
    fn partial_components_are_doubtful_until_a_list_has_them() {
        let body = |text: &str| json!({ "type": "BODY", "text": text });
        let mut template = known();
        assert_eq!(template.apply_update(&parts(120, vec![body("b")]), None), TemplateEffect::Content);
        assert_eq!(template.certainty, Certainty::Doubtful);
        // An earlier list, and one that has the very same.
        assert_eq!(
            template.apply_listed(&details("APPROVED", "GREEN", "a"), second(110)),
            TemplateEffect::Time
        );
        assert_eq!(
            (&template.details.components, template.certainty),
            (&vec![body("b")], Certainty::Doubtful)
        );
        assert_eq!(
            template.apply_listed(&details("APPROVED", "GREEN", "b"), second(130)),
            TemplateEffect::Certainty
        );
        assert_eq!(template.certainty, Certainty::Certain);
        // A webhook with nothing new, or nothing readable, still reports a change.
        assert_eq!(template.apply_update(&parts(140, vec![body("b")]), None), TemplateEffect::Certainty);
        let whole = Some(ComponentsUpdate::Whole(vec![body("c")]));
        assert_eq!(
            template.apply_update(&TemplateUpdate { components: whole, ..news(150) }, None),
            TemplateEffect::Content
        );
        assert_eq!(
            (&template.details.components, template.certainty),
            (&vec![body("c")], Certainty::Certain)
        );
        assert_eq!(template.apply_update(&parts(160, Vec::new()), None), TemplateEffect::Certainty);
        assert_eq!(template.certainty, Certainty::Doubtful);
    }

    #[test]
    fn a_rejection_counts_at_once_even_against_a_clock_that_is_ahead() {
        let mut template = known();
        template.apply_update(&status(130, "APPROVED"), None);
        assert_eq!(template.apply_rejection(Refusal::Paused, second(120)), TemplateEffect::Content);
        assert_eq!(template.apply_rejection(Refusal::Paused, second(125)), TemplateEffect::Nothing);
        assert_eq!(shown(&template), ("PAUSED", "GREEN", true));
        assert_eq!(
            template.apply_listed(&details("APPROVED", "GREEN", "a"), second(125)),
            TemplateEffect::Time
        );
        assert_eq!(template.apply_rejection(Refusal::Disabled, second(140)), TemplateEffect::Content);
        assert_eq!(template.apply_rejection(Refusal::Missing, second(135)), TemplateEffect::Content);
        assert_eq!(template.apply_rejection(Refusal::Missing, second(150)), TemplateEffect::Nothing);
        assert_eq!(
            (shown(&template), template.as_of),
            (("DISABLED", "GREEN", false), AsOf::all(second(140)))
        );
        assert_eq!(
            template.apply_listed(&details("APPROVED", "GREEN", "a"), second(150)),
            TemplateEffect::Content
        );
        assert_eq!(shown(&template), ("APPROVED", "GREEN", true));
    }
}
