//! Updates of a cached template: from lists, webhooks and rejections, each as of its time.

use super::{AsOf, Certainty, Template, Told};
use crate::domain::{
    inbound::{TemplateNews, ToldComponents},
    time::Timestamp,
};

/// How an update changed a cached template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// Its content changed.
    Content,
    /// Its content is the same, but its certainty changed.
    Certainty,
    /// Only the time as of which it is known changed.
    Time,
    /// Nothing changed.
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
    pub fn hear(&mut self, news: &TemplateNews, synced_at: Option<Timestamp>) -> Learned {
        if synced_at.is_some_and(|at| at > news.at) {
            return Learned::Nothing;
        }
        let before = self.clone();
        if let Some(status) = &news.status
            && is_new(&mut self.as_of.status, news.at)
        {
            self.told.status = status.as_str().into();
        }
        if let Some(category) = &news.category
            && is_new(&mut self.as_of.category, news.at)
        {
            self.told.category = category.as_str().into();
        }
        if let Some(quality) = &news.quality
            && is_new(&mut self.as_of.quality, news.at)
        {
            self.told.quality = Some(quality.clone());
        }
        if let Some(components) = &news.components
            && is_new(&mut self.as_of.components, news.at)
        {
            self.hear_components(components);
        }
        // For a deleted template no part is reported.
        self.vanished_at = self.vanished_at.filter(|gone| news.at < *gone);
        self.learned_since(&before)
    }

    /// Webhooks report texts and the buttons with a link or number, and name a part only if there is one
    /// (facts: meta.md 4.7 has no more). A part that is not named may be gone, be of a kind that is never
    /// reported, or be unchanged: it stays, and the components are doubtful until the next list.
    fn hear_components(&mut self, told: &ToldComponents) {
        match told {
            ToldComponents::Whole(components) => {
                self.told.components.clone_from(components);
                self.certainty = Certainty::Certain;
            }
            ToldComponents::Parts(parts) => {
                for part in parts {
                    self.told.merge(part);
                }
                self.certainty = Certainty::Doubtful;
            }
        }
    }

    /// Applies its entry of a list that was requested at `asked_at`: each part that is not known as of
    /// later.
    pub fn take_over(&mut self, told: &Told, asked_at: Timestamp) -> Learned {
        let before = self.clone();
        if is_new(&mut self.as_of.status, asked_at) {
            self.told.status = told.status.clone();
        }
        if is_new(&mut self.as_of.category, asked_at) {
            self.told.category = told.category.clone();
        }
        if is_new(&mut self.as_of.quality, asked_at) {
            self.told.quality.clone_from(&told.quality);
        }
        if is_new(&mut self.as_of.components, asked_at) {
            self.told.format = told.format;
            self.told.components.clone_from(&told.components);
            self.certainty = Certainty::Certain;
        }
        if before.as_of.latest() <= asked_at {
            self.vanished_at = None;
        }
        self.learned_since(&before)
    }

    /// Marks it as deleted at the provider as of `at`, unless any part of it is known as of later.
    pub fn vanish(&mut self, at: Timestamp) -> Learned {
        if self.vanished_at.is_some() || self.as_of.latest() > at {
            return Learned::Nothing;
        }
        self.vanished_at = Some(at);
        self.as_of = AsOf::all(at);
        Learned::Content
    }

    /// Applies the rejection of a message with it. That overrides reports of a clock ahead of ours. A state
    /// that is known already is no change, because many may be rejected at a time.
    pub fn refused(&mut self, why: Refusal, now: Timestamp) -> Learned {
        let before = self.clone();
        match why {
            Refusal::Paused => self.stand("PAUSED", now),
            Refusal::Disabled => self.stand("DISABLED", now),
            Refusal::Missing => return self.vanish(now.max(self.as_of.latest())),
        }
        match self.learned_since(&before) {
            Learned::Content => Learned::Content,
            Learned::Certainty | Learned::Time | Learned::Nothing => Learned::Nothing,
        }
    }

    fn stand(&mut self, status: &str, now: Timestamp) {
        self.told.status = status.into();
        self.as_of.status = now.max(self.as_of.status);
        self.vanished_at = None;
    }

    fn learned_since(&self, before: &Self) -> Learned {
        if self.told != before.told || self.vanished_at != before.vanished_at {
            Learned::Content
        } else if self.certainty != before.certainty {
            Learned::Certainty
        } else if self.as_of != before.as_of {
            Learned::Time
        } else {
            Learned::Nothing
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

    fn told(status: &str, quality: &str, body: &str) -> Told {
        Told {
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
        let (tenant, catalogue) = ("demo".parse().unwrap(), "2001".to_owned().try_into().unwrap());
        Template::listed(tenant, catalogue, key, told("APPROVED", "GREEN", "a"), second(100))
    }

    fn news(at: i64) -> TemplateNews {
        TemplateNews {
            account: "2001".to_owned().try_into().unwrap(),
            key: TemplateKey::of("visit", "es").unwrap(),
            at: second(at),
            status: None,
            category: None,
            quality: None,
            components: None,
        }
    }

    fn status(at: i64, word: &str) -> TemplateNews {
        TemplateNews { status: Some(word.to_owned()), ..news(at) }
    }

    fn quality(at: i64, word: &str) -> TemplateNews {
        TemplateNews { quality: Some(word.to_owned()), ..news(at) }
    }

    fn parts(at: i64, parts: Vec<Value>) -> TemplateNews {
        TemplateNews { components: Some(ToldComponents::Parts(parts)), ..news(at) }
    }

    fn shown(template: &Template) -> (&str, &str, bool) {
        let quality = template.told.quality.as_deref().unwrap_or_default();
        (template.told.status.as_str(), quality, template.vanished_at.is_none())
    }

    #[test]
    fn a_late_report_of_one_part_counts_though_another_is_newer() {
        let mut template = known();
        assert_eq!(template.hear(&quality(130, "RED"), None), Learned::Content);
        assert_eq!(template.hear(&status(120, "PAUSED"), None), Learned::Content);
        assert_eq!(shown(&template), ("PAUSED", "RED", true));
        assert_eq!(template.hear(&status(110, "APPROVED"), None), Learned::Nothing);
        // A list that was requested since has the same, though nothing had to be written for that.
        assert_eq!(template.hear(&status(125, "APPROVED"), Some(second(126))), Learned::Nothing);
        assert_eq!(template.hear(&status(90, "APPROVED"), None), Learned::Nothing);
        assert_eq!(shown(&template), ("PAUSED", "RED", true));
        // At the same time the last report counts.
        assert_eq!(template.hear(&status(120, "APPROVED"), None), Learned::Content);
    }

    #[test]
    fn a_duplicate_report_is_no_change_but_sets_the_time() {
        let mut template = known();
        assert_eq!(template.hear(&status(130, "APPROVED"), None), Learned::Time);
        assert_eq!(template.hear(&status(130, "APPROVED"), None), Learned::Nothing);
        assert_eq!(template.hear(&status(120, "PAUSED"), None), Learned::Nothing);
        assert_eq!(template.hear(&news(140), None), Learned::Nothing);
    }

    #[test]
    fn a_list_changes_each_part_that_is_not_newer() {
        let mut template = known();
        template.hear(&status(130, "PAUSED"), None);
        assert_eq!(template.take_over(&told("APPROVED", "YELLOW", "b"), second(120)), Learned::Content);
        assert_eq!(shown(&template), ("PAUSED", "YELLOW", true));
        assert_eq!(template.told.components, told("", "", "b").components);
        assert_eq!(template.as_of, AsOf { status: second(130), ..AsOf::all(second(120)) });
        // Requested earlier, and answered later.
        assert_eq!(template.take_over(&told("APPROVED", "GREEN", "a"), second(110)), Learned::Nothing);
        assert_eq!(template.take_over(&told("APPROVED", "YELLOW", "b"), second(130)), Learned::Content);
        assert_eq!(template.take_over(&told("APPROVED", "YELLOW", "b"), second(140)), Learned::Time);
    }

    #[test]
    fn only_a_list_newer_than_every_part_can_delete_it() {
        let mut template = known();
        template.hear(&quality(130, "RED"), None);
        assert_eq!(template.vanish(second(120)), Learned::Nothing);
        assert_eq!(template.vanish(second(140)), Learned::Content);
        assert_eq!(template.vanish(second(150)), Learned::Nothing);
        assert_eq!(shown(&template), ("APPROVED", "RED", false));
        // What is earlier than that does not bring it back.
        assert_eq!(template.take_over(&told("APPROVED", "GREEN", "a"), second(135)), Learned::Nothing);
        assert_eq!(template.hear(&status(135, "PAUSED"), None), Learned::Nothing);
        assert_eq!(template.hear(&status(145, "APPROVED"), None), Learned::Content);
        assert_eq!(shown(&template), ("APPROVED", "RED", true));
        assert_eq!(template.vanish(second(150)), Learned::Content);
        assert_eq!(template.take_over(&told("APPROVED", "RED", "a"), second(160)), Learned::Content);
        assert_eq!(shown(&template), ("APPROVED", "RED", true));
    }

    #[test]
    fn partial_components_are_doubtful_until_a_list_has_them() {
        let body = |text: &str| json!({ "type": "BODY", "text": text });
        let mut template = known();
        assert_eq!(template.hear(&parts(120, vec![body("b")]), None), Learned::Content);
        assert_eq!(template.certainty, Certainty::Doubtful);
        // An earlier list, and one that has the very same.
        assert_eq!(template.take_over(&told("APPROVED", "GREEN", "a"), second(110)), Learned::Time);
        assert_eq!((&template.told.components, template.certainty), (&vec![body("b")], Certainty::Doubtful));
        assert_eq!(template.take_over(&told("APPROVED", "GREEN", "b"), second(130)), Learned::Certainty);
        assert_eq!(template.certainty, Certainty::Certain);
        // A webhook with nothing new, or nothing readable, still reports a change.
        assert_eq!(template.hear(&parts(140, vec![body("b")]), None), Learned::Certainty);
        let whole = Some(ToldComponents::Whole(vec![body("c")]));
        assert_eq!(template.hear(&TemplateNews { components: whole, ..news(150) }, None), Learned::Content);
        assert_eq!((&template.told.components, template.certainty), (&vec![body("c")], Certainty::Certain));
        assert_eq!(template.hear(&parts(160, Vec::new()), None), Learned::Certainty);
        assert_eq!(template.certainty, Certainty::Doubtful);
    }

    #[test]
    fn a_rejection_counts_at_once_even_against_a_clock_that_is_ahead() {
        let mut template = known();
        template.hear(&status(130, "APPROVED"), None);
        assert_eq!(template.refused(Refusal::Paused, second(120)), Learned::Content);
        assert_eq!(template.refused(Refusal::Paused, second(125)), Learned::Nothing);
        assert_eq!(shown(&template), ("PAUSED", "GREEN", true));
        assert_eq!(template.take_over(&told("APPROVED", "GREEN", "a"), second(125)), Learned::Time);
        assert_eq!(template.refused(Refusal::Disabled, second(140)), Learned::Content);
        assert_eq!(template.refused(Refusal::Missing, second(135)), Learned::Content);
        assert_eq!(template.refused(Refusal::Missing, second(150)), Learned::Nothing);
        assert_eq!(
            (shown(&template), template.as_of),
            (("DISABLED", "GREEN", false), AsOf::all(second(140)))
        );
        assert_eq!(template.take_over(&told("APPROVED", "GREEN", "a"), second(150)), Learned::Content);
        assert_eq!(shown(&template), ("APPROVED", "GREEN", true));
    }
}
