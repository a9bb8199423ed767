//! The bytes of a webhook, and the request that carries them.

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use super::encode;
use crate::WebhookMethod;

/// One flat field: its name and its value.
pub(super) type Field = (&'static str, String);

/// The body or query of a webhook, encoded for its provider.
#[derive(Debug, Clone)]
pub(super) enum WebhookBody {
    /// Meta's: JSON that is posted with a signature.
    Signed { body: Bytes, signature: String },
    /// Kaleyra's V2: JSON that is posted without a signature.
    Json(Bytes),
    /// Fields of a GET, appended to the query of the URL.
    Query(String),
    /// Fields of a form that is posted.
    Form(Bytes),
}

impl WebhookBody {
    pub(super) fn signed(payload: &Value, app_secret: &str) -> Self {
        let body = encode::meta_json(payload);
        let signature = encode::signature(app_secret.as_bytes(), body.as_bytes());
        Self::Signed { body: body.into(), signature }
    }

    pub(super) fn json(payload: &Value) -> Self {
        Self::Json(payload.to_string().into())
    }

    pub(super) fn fields(fields: &[Field], method: WebhookMethod) -> Self {
        match method {
            WebhookMethod::Get => Self::query(fields),
            WebhookMethod::Post => Self::Form(encoded(fields).into()),
        }
    }

    pub(super) fn query(fields: &[Field]) -> Self {
        Self::Query(encoded(fields))
    }

    /// Builds the request to this URL.
    pub(super) fn request(&self, client: &Client, url: &str) -> RequestBuilder {
        match self {
            Self::Signed { body, signature } => client
                .post(url)
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::USER_AGENT, "facebookexternalua")
                .header("x-hub-signature-256", signature)
                .body(body.clone()),
            Self::Json(body) => {
                client.post(url).header(header::CONTENT_TYPE, "application/json").body(body.clone())
            }
            Self::Query(query) => client.get(joined(url, query)),
            Self::Form(body) => client
                .post(url)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.clone()),
        }
    }
}

fn encoded(fields: &[Field]) -> String {
    let mut text = Serializer::new(String::new());
    for (name, value) in fields {
        text.append_pair(name, value);
    }
    text.finish()
}

fn joined(url: &str, query: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::{encoded, joined};

    #[test]
    fn the_query_of_a_url_stays_in_front_of_the_fields() {
        let query = encoded(&[("body", "a b&ñ".to_owned())]);
        assert_eq!(joined("http://x/y", &query), "http://x/y?body=a+b%26%C3%B1");
        assert_eq!(joined("http://x/y?key=1%2F2", &query), "http://x/y?key=1%2F2&body=a+b%26%C3%B1");
    }
}
