//! `GET /v1/contacts`: all contacts, those with a name prefix, or the one with an address.

use axum::response::Response;
use http::Uri;

use super::{
    contact::contact,
    errors::{Reader, answered},
    read::{List, order},
};
use crate::common::{InputError, access::Authorized, paging, query::Params};
use ventanilla_core::domain::{
    contact::Address,
    id::ContactId,
    listing::NameSearch,
    phone::{Bsuid, Phone},
};

/// The contacts that a query selects.
enum Asked {
    /// The contact with this address.
    At(Address),
    /// The contacts with this name prefix.
    Named(NameSearch),
    /// All contacts of the company.
    All,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let named = match asked(&query)? {
            Asked::At(address) => {
                let found = app.core.contacts.contact_at(&caller.tenant, &address).await?;
                return Ok(List::new(found.iter().map(contact).collect(), None::<&ContactId>));
            }
            Asked::Named(search) => Some(search),
            Asked::All => None,
        };
        let page = app.inbox.contacts(&caller.tenant, named.as_ref(), after, order(&query)?, limit).await?;
        Ok(List::new(page.items.iter().map(contact).collect(), page.next.as_ref()))
    };
    answered(found.await)
}

fn asked(query: &Params) -> Result<Asked, InputError> {
    match (query.get("phone"), query.get("user_id"), query.get("q")) {
        (None, None, None) => Ok(Asked::All),
        (Some(phone), None, None) => phone_number(phone).map(Asked::At),
        (None, Some(id), None) => {
            let id = Bsuid::parse(id).map_err(|error| InputError::field("user_id", error))?;
            Ok(Asked::At(Address::Bsuid(id)))
        }
        (None, None, Some(name)) => {
            let search = NameSearch::try_from(name).map_err(|error| InputError::field("q", error))?;
            Ok(Asked::Named(search))
        }
        (_, Some(_), Some(_)) | (Some(_), _, Some(_)) => {
            Err(InputError::field("q", "cannot be asked for together with an address"))
        }
        (Some(_), Some(_), None) => {
            Err(InputError::field("user_id", "cannot be asked for together with phone"))
        }
    }
}

/// Reads the parameter `phone`.
pub(super) fn phone_number(text: &str) -> Result<Address, InputError> {
    Phone::parse(text).map(Address::Number).map_err(|error| InputError::field("phone", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Asked, String> {
        let params = Params::read(&format!("/x?{query}").parse().unwrap());
        asked(&params).map_err(|error| error.place().to_owned())
    }

    #[test]
    fn only_one_filter_is_accepted() {
        let ana = Phone::parse("+50212345678").unwrap();
        // An unescaped plus is a space.
        for query in ["phone=%2B50212345678", "phone=+50212345678", "phone=502%201234-5678"] {
            assert!(matches!(read(query), Ok(Asked::At(Address::Number(phone))) if phone == ana), "{query}");
        }
        assert!(matches!(read("user_id=GT.1"), Ok(Asked::At(Address::Bsuid(_)))));
        assert!(matches!((read("q=an"), read("")), (Ok(Asked::Named(_)), Ok(Asked::All))));
        for (query, place) in [
            ("phone=call+me", "phone"),
            ("user_id=a%0Ab", "user_id"),
            ("q=", "q"),
            ("q=a&phone=50212345678", "q"),
            ("phone=50212345678&user_id=GT.1", "user_id"),
        ] {
            assert!(read(query).is_err_and(|wrong| wrong == place), "{query}");
        }
    }
}
