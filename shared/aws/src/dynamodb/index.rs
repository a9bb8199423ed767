//! Selects the index for a list of conversations.

use super::{keys, records::conversation};
use ventanilla_core::domain::{
    id::TenantId,
    listing::{Assigned, Filter, Unread},
};

/// A list: an index, and a partition of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    /// The name of the index.
    pub(super) index: &'static str,
    /// The name of its partition key.
    pub(super) key: &'static str,
    /// The value of its partition key.
    pub(super) value: String,
}

impl List {
    /// A partition of the index `lists`, which holds the lists of all kinds.
    pub(super) fn of(value: String) -> Self {
        Self { index: keys::LISTS, key: keys::G1PK, value }
    }
}

/// Whether a list needs further filtering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// No condition: every entry of the index matches.
    Nothing,
    /// The entries have to be filtered.
    Something,
}

/// The narrowest list with all conversations that match.
pub(super) fn list_for(tenant: &TenantId, filter: &Filter) -> (List, Rest) {
    let (list, answered) = match (&filter.assigned, filter.unread, filter.status) {
        (Assigned::To(agent), ..) => {
            let list = List {
                index: keys::BY_ASSIGNEE,
                key: keys::G3PK,
                value: conversation::of_assignee(tenant, agent),
            };
            (list, Filter { assigned: filter.assigned.clone(), ..Filter::default() })
        }
        (_, Unread::Only, _) => {
            let list = List { index: keys::UNREAD, key: keys::G4PK, value: conversation::unread(tenant) };
            (list, Filter { unread: Unread::Only, ..Filter::default() })
        }
        (.., Some(status)) => {
            let list = List {
                index: keys::BY_STATUS,
                key: keys::G2PK,
                value: conversation::of_status(tenant, status),
            };
            (list, Filter::of_status(Some(status)))
        }
        _ => (List::of(conversation::list(tenant)), Filter::default()),
    };
    let rest = if answered == *filter { Rest::Nothing } else { Rest::Something };
    (list, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::domain::conversation::Status;

    #[test]
    fn a_filter_uses_the_narrowest_list() {
        let tenant: TenantId = "acme".parse().unwrap();
        let to = Assigned::To("ana".to_owned().try_into().unwrap());
        let of = |filter: &Filter| {
            let (list, rest) = list_for(&tenant, filter);
            (list.index, rest)
        };
        let mut filter = Filter::default();
        assert_eq!(of(&filter), (keys::LISTS, Rest::Nothing));
        filter.status = Some(Status::Closed);
        assert_eq!(of(&filter), (keys::BY_STATUS, Rest::Nothing));
        filter.unread = Unread::Only;
        assert_eq!(of(&filter), (keys::UNREAD, Rest::Something));
        filter.assigned = to.clone();
        assert_eq!(of(&filter), (keys::BY_ASSIGNEE, Rest::Something));
        assert_eq!(of(&Filter { assigned: to, ..Filter::default() }), (keys::BY_ASSIGNEE, Rest::Nothing));
        let nobody = Filter { assigned: Assigned::ToNobody, ..Filter::default() };
        assert_eq!(of(&nobody), (keys::LISTS, Rest::Something));
    }
}
