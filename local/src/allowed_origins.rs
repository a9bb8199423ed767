//! Which browsers may call the local server. It answers on this machine only, but every page that is open in a browser
//! here could reach it, and a domain of the page's own may resolve to it. So the host and the origin of a request must
//! be this machine's, or listed in the config file. Allowed pages get CORS headers.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, uri::Authority};

use crate::problem::problem;

/// The methods and headers that CORS allows, as in template.yaml.
const METHODS: &str = "DELETE, GET, PATCH, POST, PUT, OPTIONS";
const HEADERS: &str = "authorization, content-type, delivery-policy, idempotency-key, if-none-match, prefer";

/// The response headers that CORS exposes to pages.
const EXPOSED: &str = "age, idempotent-replayed, location, preference-applied, retry-after, x-request-id";

/// How long browsers cache a preflight response, in seconds.
const MAX_AGE: &str = "600";

/// The origins that may call, besides this machine's.
#[derive(Debug, Clone)]
pub(crate) struct AllowedOrigins(Arc<[String]>);

impl AllowedOrigins {
    /// Allows this machine's origins, and these.
    pub(crate) fn new(origins: &[String]) -> Self {
        Self(origins.into())
    }

    fn allows_origin(&self, origin: &str) -> bool {
        let own = || {
            let uri: Uri = origin.parse().ok()?;
            let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme))?;
            let authority = uri.authority()?;
            // In the format of browsers: no path, no user.
            Some(is_loopback(authority.host()) && origin == format!("{scheme}://{authority}"))
        };
        self.0.iter().any(|known| known == origin) || own() == Some(true)
    }

    fn allows_host(&self, named: &str) -> bool {
        let Ok(authority) = named.parse::<Authority>() else { return false };
        let plain = !named.contains('@');
        let configured = self.0.iter().filter_map(|origin| origin.split_once("://"));
        plain
            && (is_loopback(authority.host())
                || configured.into_iter().any(|(_, known)| known.eq_ignore_ascii_case(named)))
    }
}

/// Rejects requests with another host or origin.
pub(crate) async fn check_request(
    State(allowed): State<AllowedOrigins>,
    request: Request,
    next: Next,
) -> Response {
    let named = request.uri().authority().map(Authority::as_str);
    let host = single_value(request.headers(), &header::HOST);
    let known = |host: Result<Option<&str>, ()>| {
        host.is_ok_and(|host| host.is_some_and(|it| allowed.allows_host(it)))
    };
    if !known(host) || !named.is_none_or(|named| allowed.allows_host(named)) {
        let title = "Unknown host; add its origin to local.origins in the config file.";
        return problem(StatusCode::FORBIDDEN, "unknown_host", title);
    }
    let origin = match single_value(request.headers(), &header::ORIGIN) {
        Ok(None) => return next.run(request).await,
        Ok(Some(origin)) if allowed.allows_origin(origin) => HeaderValue::from_str(origin).ok(),
        _ => None,
    };
    let Some(origin) = origin else {
        let title = "Origin not allowed; add it to local.origins in the config file.";
        return problem(StatusCode::FORBIDDEN, "unknown_origin", title);
    };
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks { preflight_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

fn preflight_response() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// The value of a header that is given at most once; an error for several values.
fn single_value<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Result<Option<&'a str>, ()> {
    let mut given = headers.get_all(name).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_and_what_is_configured_are_known_and_nothing_else() {
        let allowed = AllowedOrigins::new(&["https://inbox.example.com".to_owned()]);
        for host in ["127.0.0.1:3000", "localhost:3000", "[::1]:3000", "127.0.0.1", "inbox.example.com"] {
            assert!(allowed.allows_host(host), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:3000",
            "inbox.example.com.evil",
            "a@localhost",
            "",
            "10.0.0.1",
        ] {
            assert!(!allowed.allows_host(host), "{host}");
        }
        for origin in
            ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:80", "https://inbox.example.com"]
        {
            assert!(allowed.allows_origin(origin), "{origin}");
        }
        for origin in [
            "null",
            "https://evil.example",
            "http://localhost.evil",
            "http://inbox.example.com",
            "file://",
            "",
        ] {
            assert!(!allowed.allows_origin(origin), "{origin}");
        }
    }
}
