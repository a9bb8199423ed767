//! The templates of every business account.

use std::collections::BTreeMap;

use super::{Template, demo};

/// The ids of templates start after this number.
const BEFORE_THE_FIRST: u64 = 1_000_000_000_000_000;

/// All templates, by account, in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    by_account: BTreeMap<String, Vec<Template>>,
    last_id: u64,
}

impl Templates {
    /// A store in which each of these accounts has the demo templates.
    pub(crate) fn new<'a>(accounts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut store = Self { by_account: BTreeMap::new(), last_id: BEFORE_THE_FIRST };
        for account in accounts {
            if store.of(account).is_empty() {
                for template in demo::templates() {
                    store.put(account, template);
                }
            }
        }
        store
    }

    /// The templates of an account.
    pub(crate) fn of(&self, account: &str) -> &[Template] {
        self.by_account.get(account).map_or(&[], Vec::as_slice)
    }

    /// The template of an account with this name in this language.
    pub(crate) fn find(&self, account: &str, name: &str, language: &str) -> Option<&Template> {
        self.of(account).iter().find(|own| own.has_name(name, language))
    }

    /// Adds a template to an account, or replaces the one with the same name and language; returns it with its id.
    pub(crate) fn put(&mut self, account: &str, template: Template) -> Template {
        let list = self.by_account.entry(account.to_owned()).or_default();
        let same = list.iter_mut().find(|own| own.has_name(&template.name, &template.language));
        if let Some(own) = same {
            *own = Template { id: own.id, ..template };
            return own.clone();
        }
        self.last_id += 1;
        let template = Template { id: self.last_id, ..template };
        list.push(template.clone());
        template
    }

    /// The template with this id, and its account.
    pub(crate) fn by_id(&self, id: u64) -> Option<(&str, &Template)> {
        let all =
            self.by_account.iter().flat_map(|(account, list)| list.iter().map(move |own| (account, own)));
        all.into_iter().find(|(_, own)| own.id == id).map(|(account, own)| (account.as_str(), own))
    }

    /// Changes the template with this id; gives its account and the result, or `None` if `change` declined or there is
    /// no such template.
    pub(crate) fn change(
        &mut self,
        id: u64,
        change: impl FnOnce(&mut Template) -> bool,
    ) -> Option<(String, Template)> {
        let (account, _) = self.by_id(id)?;
        let account = account.to_owned();
        let own = self.by_account.get_mut(&account)?.iter_mut().find(|own| own.id == id)?;
        change(own).then(|| (account, own.clone()))
    }

    /// Removes the matching templates of an account; `false` if there were none.
    pub(crate) fn remove(&mut self, account: &str, fits: impl Fn(&Template) -> bool) -> bool {
        let Some(list) = self.by_account.get_mut(account) else {
            return false;
        };
        let before = list.len();
        list.retain(|own| !fits(own));
        list.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::{Template, Templates};

    #[test]
    fn each_account_has_its_own_demonstrations_under_ids_of_their_own() {
        let store = Templates::new(["1", "2", "1"]);
        let ids: Vec<u64> =
            ["1", "2"].iter().flat_map(|account| store.of(account)).map(|own| own.id).collect();
        assert_eq!(ids.first(), Some(&1_000_000_000_000_001));
        assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?}");
        assert_eq!(store.of("1").len(), store.of("2").len());
        assert!(store.of("3").is_empty());
    }

    #[test]
    fn a_template_is_replaced_by_name_and_language_and_keeps_its_id() {
        let mut store = Templates::new(["1"]);
        let count = store.of("1").len();
        let again = Template::new("hello_world", "en_US", "MARKETING", Vec::new());
        assert_eq!(store.put("1", again).id, 1_000_000_000_000_001);
        assert_eq!(
            store.find("1", "hello_world", "en_US").map(|own| own.category.as_str()),
            Some("MARKETING")
        );
        let elsewhere = Template::new("hello_world", "es", "UTILITY", Vec::new());
        assert!(store.put("1", elsewhere).id > 1_000_000_000_000_001);
        assert_eq!(store.of("1").len(), count + 1);
        assert!(store.remove("1", |own| own.name == "hello_world"));
        assert!(!store.remove("1", |own| own.name == "hello_world"));
        assert_eq!(store.of("1").len(), count - 1);
    }
}
