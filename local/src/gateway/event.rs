//! Lambda events in the format of API Gateway.

use std::collections::HashMap;

use aws_lambda_events::{
    apigw::{
        ApiGatewayRequestIdentity, ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext,
    },
    query_map::QueryMap,
};
use base64::{Engine, prelude::BASE64_URL_SAFE};
use http::{HeaderMap, header};
use ventanilla::{domain::time::Timestamp, ports::clock::Entropy, system::SystemEntropy};

/// The id of the API, its stage and its domain on this machine.
const LOCAL: &str = "local";

/// The random bytes in an id.
const ID: usize = 11;

/// The properties of a connection, fixed by its handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConnectionInfo {
    pub(super) id: String,
    pub(super) connected_at: Timestamp,
    pub(super) user_agent: Option<String>,
}

impl ConnectionInfo {
    /// The properties of the connection that this request opens.
    pub(super) fn new(connected_at: Timestamp, headers: &HeaderMap) -> Self {
        let user_agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Self { id: fresh_id(), connected_at, user_agent: user_agent.map(str::to_owned) }
    }

    /// The `$connect` event of the handshake.
    pub(super) fn connect(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> ApiGatewayWebsocketProxyRequest {
        let mut event = self.event("$connect", "CONNECT", self.connected_at);
        event.headers = headers.clone();
        event.multi_value_headers = headers.clone();
        let Ok(all) = query.unwrap_or_default().parse::<QueryMap>();
        // API Gateway passes the last of several values.
        let last: HashMap<String, String> =
            all.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        event.query_string_parameters = last.into();
        event.multi_value_query_string_parameters = all;
        event
    }

    /// The `$default` event of a frame that arrived at `came_at`.
    pub(super) fn message(&self, came_at: Timestamp, body: &str) -> ApiGatewayWebsocketProxyRequest {
        let mut event = self.event("$default", "MESSAGE", came_at);
        event.request_context.message_id = Some(fresh_id());
        event.body = Some(body.to_owned());
        event
    }

    /// The `$disconnect` event, with close code and reason.
    pub(super) fn disconnect(
        &self,
        ended_at: Timestamp,
        code: u16,
        reason: &str,
    ) -> ApiGatewayWebsocketProxyRequest {
        let mut event = self.event("$disconnect", "DISCONNECT", ended_at);
        event.request_context.disconnect_status_code = Some(i64::from(code));
        event.request_context.disconnect_reason = Some(reason.to_owned());
        event
    }

    fn event(&self, route: &str, kind: &str, at: Timestamp) -> ApiGatewayWebsocketProxyRequest {
        let mut context = ApiGatewayWebsocketProxyRequestContext::default();
        let request = fresh_id();
        context.request_id = Some(request.clone());
        context.extended_request_id = Some(request);
        context.route_key = Some(route.to_owned());
        context.event_type = Some(kind.to_owned());
        context.message_direction = Some("IN".to_owned());
        context.connection_id = Some(self.id.clone());
        context.connected_at = self.connected_at.millis();
        context.request_time_epoch = at.millis();
        context.apiid = Some(LOCAL.to_owned());
        context.stage = Some(LOCAL.to_owned());
        context.domain_name = Some(LOCAL.to_owned());
        context.identity = self.identity();
        let mut event = ApiGatewayWebsocketProxyRequest::default();
        event.request_context = context;
        event
    }

    fn identity(&self) -> ApiGatewayRequestIdentity {
        let mut identity = ApiGatewayRequestIdentity::default();
        identity.source_ip = Some("127.0.0.1".to_owned());
        identity.user_agent.clone_from(&self.user_agent);
        identity
    }
}

/// A random id. Like API Gateway's it ends with `=`, so that it must be escaped in a path.
fn fresh_id() -> String {
    let chance =
        SystemEntropy.next_u64().to_be_bytes().into_iter().chain(SystemEntropy.next_u64().to_be_bytes());
    BASE64_URL_SAFE.encode(chance.take(ID).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn connection() -> ConnectionInfo {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static("browser"));
        ConnectionInfo::new(Timestamp::from_millis(1_700_000_000_123), &headers)
    }

    #[test]
    fn an_id_looks_like_api_gateways() {
        let (one, other) = (fresh_id(), fresh_id());
        assert_ne!(one, other);
        assert_eq!(one.len(), 16, "{one}");
        assert!(one.ends_with('='), "{one}");
    }

    #[test]
    fn a_connect_event_has_headers_and_query_in_both_forms() {
        let mut headers = HeaderMap::new();
        headers.append("x-key", HeaderValue::from_static("one"));
        headers.append("x-key", HeaderValue::from_static("two"));
        let connection = connection();
        let event = connection.connect(&headers, Some("ticket=a%2Fb&since=1&since=2"));
        assert_eq!(event.query_string_parameters.all("since"), Some(vec!["2"]));
        assert_eq!(event.multi_value_query_string_parameters.all("since"), Some(vec!["1", "2"]));
        assert_eq!(event.query_string_parameters.first("ticket"), Some("a/b"));
        assert_eq!(event.multi_value_headers.get_all("x-key").iter().count(), 2);
        let event = serde_json::to_value(event).unwrap();
        let context = &event["requestContext"];
        assert_eq!(context["routeKey"], "$connect");
        assert_eq!(context["eventType"], "CONNECT");
        assert_eq!(context["connectionId"], json!(connection.id));
        assert_eq!(context["connectedAt"], json!(1_700_000_000_123_i64));
        assert_eq!(context["requestTimeEpoch"], json!(1_700_000_000_123_i64));
        assert_eq!(context["identity"]["userAgent"], "browser");
    }

    #[test]
    fn a_message_event_has_the_frame_and_the_time_it_came() {
        let connection = connection();
        let came_at = Timestamp::from_millis(1_700_000_009_000);
        let (one, other) = (connection.message(came_at, "{}"), connection.message(came_at, "{}"));
        assert_ne!(one.request_context.message_id, other.request_context.message_id);
        let event = serde_json::to_value(one).unwrap();
        assert_eq!(event["body"], "{}");
        assert_eq!(event["isBase64Encoded"], json!(false));
        assert_eq!(event["requestContext"]["routeKey"], "$default");
        assert_eq!(event["requestContext"]["eventType"], "MESSAGE");
        assert_eq!(event["requestContext"]["requestTimeEpoch"], json!(1_700_000_009_000_i64));
        assert_eq!(event["requestContext"]["connectedAt"], json!(1_700_000_000_123_i64));
    }

    #[test]
    fn a_disconnect_event_says_how_it_ended() {
        let event = connection().disconnect(Timestamp::from_millis(1_700_000_010_000), 1001, "Going away");
        let event = serde_json::to_value(event).unwrap();
        assert_eq!(event["requestContext"]["eventType"], "DISCONNECT");
        assert_eq!(event["requestContext"]["routeKey"], "$disconnect");
        assert_eq!(event["requestContext"]["disconnectStatusCode"], json!(1001));
        assert_eq!(event["requestContext"]["disconnectReason"], "Going away");
    }
}
