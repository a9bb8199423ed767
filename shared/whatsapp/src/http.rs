//! The one HTTP client of a process: providers and the AWS SDK share its connections and TLS settings.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// The time-out of every call whose caller sets none.
const TOTAL: Duration = Duration::from_secs(20);

/// How long an idle connection is kept: less than the minute after which the other side drops it.
const IDLE: Duration = Duration::from_secs(50);

/// The client could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be made: {0}")]
pub struct HttpClientError(String);

/// Builds the client: no redirects, no proxies, no retries of its own, explicit time-outs, trust anchors
/// compiled in (parsing the system's costs milliseconds at every cold start).
///
/// # Errors
/// When TLS cannot be set up.
pub fn client() -> Result<reqwest::Client, HttpClientError> {
    built(usual()?)
}

/// The same client with the addresses of one host fixed, so that it asks no name server. For one call.
pub(super) fn pinned(host: &str, addresses: &[SocketAddr]) -> Result<reqwest::Client, HttpClientError> {
    built(usual()?.resolve_to_addrs(host, addresses))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where clients are made")]
fn usual() -> Result<reqwest::ClientBuilder, HttpClientError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpClientError(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("ventanilla/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .pool_idle_timeout(IDLE))
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, HttpClientError> {
    builder.build().map_err(|error| HttpClientError(error.to_string()))
}
