//! A request, as it is made and as it is kept.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Map, Value, json};

use crate::harness::{Answer, Client, DEMO_KEY, OTHER_KEY};

/// May read, and nothing else.
pub(super) const READER: &str = "vk_cmVhZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE";
/// May send, and nothing else.
pub(super) const SENDER: &str = "vk_c2VuZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE";
/// An API key that no tenant has.
pub(super) const UNKNOWN: &str = "vk_bm9ib2R5LWhhcy10aGlzLWtleS1hbnl3aGVyZS1ub3c";

/// What a key is called where it is kept.
fn name_of(key: &str) -> &str {
    match key {
        DEMO_KEY => "<demo>",
        OTHER_KEY => "<other>",
        READER => "<demo, read only>",
        SENDER => "<demo, send only>",
        UNKNOWN => "<unknown>",
        other => other,
    }
}

/// How a caller says who they are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Auth {
    Nobody,
    Bearer(&'static str),
    /// As the password of a user of this name.
    Basic(&'static str, &'static str),
    /// In Kaleyra's own header.
    ApiKey(&'static str),
    /// An authorization header as it is given.
    Other(&'static str),
}

impl Auth {
    /// The same way with another key.
    pub(super) fn with_key(self, key: &'static str) -> Self {
        match self {
            Self::ApiKey(_) => Self::ApiKey(key),
            Self::Basic(user, _) => Self::Basic(user, key),
            Self::Nobody | Self::Bearer(_) | Self::Other(_) => Self::Bearer(key),
        }
    }

    /// The header, with what `shown` makes of the key.
    fn header(self, shown: fn(&str) -> &str, basic: fn(String) -> String) -> Option<(&'static str, String)> {
        match self {
            Self::Nobody => None,
            Self::Bearer(key) => Some(("authorization", format!("Bearer {}", shown(key)))),
            Self::Basic(user, key) => {
                Some(("authorization", format!("Basic {}", basic(format!("{user}:{}", shown(key))))))
            }
            Self::ApiKey(key) => Some(("api-key", shown(key).to_owned())),
            Self::Other(text) => Some(("authorization", text.to_owned())),
        }
    }
}

#[derive(Debug, Clone)]
enum Body {
    Nothing,
    Json(Value),
    Text(String),
    Bytes(Vec<u8>),
    /// A body of this many spaces.
    Blank(usize),
}

/// A request of a golden scene.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) auth: Auth,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

impl Call {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        let (auth, headers) = (Auth::Bearer(DEMO_KEY), Vec::new());
        Self { method, path: path.into(), auth, headers, body: Body::Nothing }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Body::Json(body), ..Self::new(Method::POST, path) }
    }

    /// The same with another method.
    pub(super) fn method(&self, method: Method) -> Self {
        Self { method, ..self.clone() }
    }

    /// The same at another path.
    pub(super) fn at(&self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self.clone() }
    }

    /// The same with this in its query.
    pub(super) fn query(&self, query: &str) -> Self {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        self.at(format!("{}{mark}{query}", self.path))
    }

    /// The same by another caller.
    pub(super) fn by(&self, auth: Auth) -> Self {
        Self { auth, ..self.clone() }
    }

    /// The same call with this key.
    pub(super) fn key(&self, key: &'static str) -> Self {
        self.by(self.auth.with_key(key))
    }

    /// The same with one more header.
    pub(super) fn header(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut call = self.clone();
        call.headers.push((name, value.into()));
        call
    }

    /// The same with another body.
    pub(super) fn json(&self, body: Value) -> Self {
        Self { body: Body::Json(body), ..self.clone() }
    }

    /// The same with a body that may be no JSON.
    pub(super) fn text(&self, body: impl Into<String>) -> Self {
        Self { body: Body::Text(body.into()), ..self.clone() }
    }

    /// The same with a body that may be no text.
    pub(super) fn bytes(&self, body: &[u8]) -> Self {
        Self { body: Body::Bytes(body.to_vec()), ..self.clone() }
    }

    /// The same with so many spaces for a body.
    pub(super) fn blank(&self, length: usize) -> Self {
        Self { body: Body::Blank(length), ..self.clone() }
    }

    /// The same with this in that place of its body.
    pub(super) fn with(&self, pointer: &str, value: Value) -> Self {
        self.changed(pointer, |place, name| match place {
            Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
            Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
            other => panic!("nothing can be put into {other}"),
        })
    }

    /// The same without this field of its body.
    pub(super) fn without(&self, pointer: &str) -> Self {
        self.changed(pointer, |place, name| {
            place.as_object_mut().unwrap().retain(|field, _| field != name);
        })
    }

    fn changed(&self, pointer: &str, change: impl FnOnce(&mut Value, &str)) -> Self {
        let Body::Json(mut body) = self.body.clone() else { panic!("no JSON: {self:?}") };
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        change(body.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer}")), name);
        self.json(body)
    }

    /// Its body as JSON.
    pub(super) fn body(&self) -> &Value {
        match &self.body {
            Body::Json(body) => body,
            _ => panic!("no JSON: {self:?}"),
        }
    }

    /// The headers, the caller's among them.
    fn headers(&self, shown: fn(&str) -> &str, basic: fn(String) -> String) -> Vec<(&'static str, String)> {
        self.auth.header(shown, basic).into_iter().chain(self.headers.iter().cloned()).collect()
    }

    /// Makes the request and returns its answer.
    pub(super) async fn make(&self, client: &Client) -> Answer {
        let headers = self.headers(|key| key, |pair| STANDARD.encode(pair));
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = match &self.body {
            Body::Nothing => Vec::new(),
            Body::Json(body) => body.to_string().into_bytes(),
            Body::Text(text) => text.clone().into_bytes(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Blank(length) => vec![b' '; *length],
        };
        client.with_key(None).call(self.method.clone(), &self.path, &headers, body).await
    }

    /// As it is kept: keys by their names, and what is long cut.
    pub(super) fn shown(&self) -> Value {
        let headers = self.headers(name_of, |pair| format!("<{pair} in Base64>"));
        let headers: Map<String, Value> =
            headers.into_iter().map(|(name, value)| (name.to_owned(), short(&json!(value)))).collect();
        let body = match &self.body {
            Body::Nothing => Value::Null,
            Body::Json(body) => short(body),
            Body::Text(text) => short(&json!(text)),
            Body::Bytes(bytes) => json!(format!("<bytes {bytes:02x?}>")),
            Body::Blank(length) => json!(format!("<{length} spaces>")),
        };
        let call = format!("{} {}", self.method, cut(&self.path));
        json!({ "call": call, "headers": headers, "body": body })
    }
}

/// Longest text of a request that is kept whole, in characters.
const LONGEST: usize = 120;

/// Longest list of a request that is kept whole.
const MOST: usize = 12;

fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    format!("{}… ({length} characters)", text.chars().take(20).collect::<String>())
}

/// A value with long texts and lists cut.
pub(super) fn short(value: &Value) -> Value {
    match value {
        Value::String(text) => cut(text).into(),
        Value::Array(list) if list.len() > MOST => {
            let more = format!("… ({} entries)", list.len());
            list.iter().take(2).map(short).chain([json!(more)]).collect()
        }
        Value::Array(list) => list.iter().map(short).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), short(value))).collect(),
        other => other.clone(),
    }
}
