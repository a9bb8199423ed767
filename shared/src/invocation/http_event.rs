//! Requests and answers as API Gateway's HTTP API writes them (payload format 2.0). Of a request only what
//! our routes look at is read.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use lambda_runtime::{Context, Error, Service};
use reqwest::Url;
use serde::{Deserialize, Serialize};

/// A request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    #[serde(default)]
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    request_context: RequestContext,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Deserialize)]
struct RequestContext {
    http: HttpContext,
}

#[derive(Debug, Deserialize)]
struct HttpContext {
    method: String,
}

/// An answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

/// Has the router answer a request of an invocation.
///
/// # Errors
/// When it is no request that HTTP allows, or the answer breaks off.
pub async fn answer(router: &Router, event: HttpEvent, context: Context) -> Result<HttpAnswer, Error> {
    let mut request = event.into_request()?;
    request.extensions_mut().insert(context);
    let Ok(response) = router.clone().call(request).await;
    HttpAnswer::of(response).await
}

impl HttpEvent {
    fn into_request(self) -> Result<Request<Body>, Error> {
        let method = Method::from_bytes(self.request_context.http.method.as_bytes())?;
        let mut target = path(&self.raw_path)?;
        if !self.raw_query_string.is_empty() {
            target.push('?');
            target.push_str(&self.raw_query_string);
        }
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded { STANDARD.decode(body)? } else { body.into_bytes() };
        let mut request = Request::builder().method(method).uri(target).body(Body::from(body))?;
        *request.headers_mut() = headers(self.headers);
        Ok(request)
    }
}

/// The gateway gives a path decoded: what may not stand in one is encoded again. Most have nothing of that.
fn path(raw: &str) -> Result<String, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_~+:@,;=!$&'()*.".contains(&byte);
    if raw.starts_with('/') && raw.bytes().all(plain) && !raw.contains("/.") {
        return Ok(raw.to_owned());
    }
    let mut url = Url::parse("https://localhost/")?;
    url.set_path(raw);
    Ok(url.path().to_owned())
}

/// What cannot be a header is none.
fn headers(given: BTreeMap<String, String>) -> HeaderMap {
    let valid = |(name, value): (String, String)| {
        let name = HeaderName::try_from(name).ok()?;
        Some((name, HeaderValue::try_from(value).ok()?))
    };
    given.into_iter().filter_map(valid).collect()
}

impl HttpAnswer {
    async fn of(response: Response) -> Result<Self, Error> {
        let (parts, body) = response.into_parts();
        let (body, is_base64_encoded) = text(to_bytes(body, usize::MAX).await?);
        let headers = joined(&parts.headers);
        Ok(Self { status_code: parts.status.as_u16(), headers, body, is_base64_encoded })
    }
}

/// A body as text, or as base64 where it is none.
fn text(bytes: Bytes) -> (Option<String>, bool) {
    match String::from_utf8(bytes.into()) {
        Ok(text) => (Some(text).filter(|text| !text.is_empty()), false),
        Err(binary) => (Some(STANDARD.encode(binary.as_bytes())), true),
    }
}

/// The gateway takes one value of each header: several stand behind one another, as HTTP allows.
fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        all.entry(name.as_str().to_owned())
            .and_modify(|earlier| *earlier = format!("{earlier}, {value}"))
            .or_insert_with(|| value.into_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use axum::{extract::RawPathParams, routing::any};
    use http::{StatusCode, header};
    use serde_json::{Value, json};

    use super::*;

    fn event(path: &str, more: &Value) -> HttpEvent {
        let mut event = json!({ "rawPath": path, "requestContext": { "http": { "method": "PUT" } } });
        for (name, value) in more.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        serde_json::from_value(event).unwrap()
    }

    async fn answered(router: Router, event: HttpEvent) -> Value {
        serde_json::to_value(answer(&router, event, Context::default()).await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_request_comes_as_it_was_sent() {
        let more = json!({
            "rawQueryString": "after=0&q=a%20b",
            "headers": { "Authorization": "Bearer vk_1", "x-strange": "ö", "no header": "x" },
            "body": "{\"a\":1}",
        });
        let request = event("/v1/things", &more).into_request().unwrap();
        assert_eq!(
            (request.method().as_str(), request.uri().to_string().as_str()),
            ("PUT", "/v1/things?after=0&q=a%20b")
        );
        assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer vk_1");
        assert_eq!(request.headers().len(), 2);
        assert_eq!(to_bytes(request.into_body(), 100).await.unwrap(), "{\"a\":1}");
        let binary = event("/", &json!({ "body": "/wA=", "isBase64Encoded": true })).into_request().unwrap();
        assert_eq!(to_bytes(binary.into_body(), 100).await.unwrap(), [0xff, 0].as_slice());
        let nothing = event("/", &json!({ "body": null })).into_request().unwrap();
        assert!(to_bytes(nothing.into_body(), 100).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_decoded_path_leads_where_the_encoded_one_did() {
        let id_of = async |params: RawPathParams| params.iter().next().unwrap().1.to_owned();
        for (raw, id) in [
            ("/things/+50212345678", "+50212345678"),
            ("/things/a b", "a b"),
            ("/things/ñandú", "ñandú"),
            ("/things/a?b#c", "a?b#c"),
            ("/things/a%20b", "a b"),
            ("/other/../things/x", "x"),
        ] {
            let router = Router::new().route("/things/{id}", any(id_of));
            let shown = answered(router, event(raw, &Value::Null)).await;
            assert_eq!((&shown["statusCode"], &shown["body"]), (&json!(200), &json!(id)), "{raw}");
        }
    }

    #[tokio::test]
    async fn an_answer_is_as_the_gateway_wants_it() {
        let several = async || ([(header::VARY, "origin"), (header::VARY, "accept")], [0xff_u8, 0].to_vec());
        let router = Router::new().route("/", any(several));
        let mut shown = answered(router, event("/", &Value::Null)).await;
        shown["headers"].as_object_mut().unwrap().retain(|name, _| name == "vary");
        let expected = json!({
            "statusCode": 200, "headers": { "vary": "accept" }, "body": "/wA=", "isBase64Encoded": true,
        });
        assert_eq!(shown, expected);
        let empty = Router::new().route("/", any(async || StatusCode::NO_CONTENT));
        let shown = answered(empty, event("/", &Value::Null)).await;
        let headers = json!({ "content-length": "0" });
        assert_eq!(shown, json!({ "statusCode": 204, "headers": headers, "isBase64Encoded": false }));
    }

    #[test]
    fn several_values_of_a_header_stand_behind_one_another() {
        let mut headers = HeaderMap::new();
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        headers.append(header::VARY, HeaderValue::from_static("accept"));
        assert_eq!(joined(&headers), BTreeMap::from([("vary".to_owned(), "origin, accept".to_owned())]));
    }

    #[test]
    fn what_is_no_request_is_an_error() {
        for wrong in [
            json!({ "requestContext": { "http": { "method": "A B" } } }),
            json!({ "rawQueryString": "a b" }),
            json!({ "body": "?", "isBase64Encoded": true }),
        ] {
            assert!(event("/", &wrong).into_request().is_err(), "{wrong}");
        }
    }
}
