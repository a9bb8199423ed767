//! Files at URLs that others name. A caller who can make us open a URL must not reach what only we can
//! reach: so it must be https on the open internet, checked after its name was resolved; the connection goes
//! to exactly the checked address; and each redirect is checked again.

mod guard;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use http::header;
use reqwest::Url;

use crate::{
    http::pinned,
    source::{Answered, ask},
};
use ventanilla_core::ports::files::{DownloadError, FileReader, Web};

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 3;

/// A resolver of host names.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses of a name; empty where it has none.
    async fn resolve(&self, name: &str, port: u16) -> Vec<SocketAddr>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str, port: u16) -> Vec<SocketAddr> {
        tokio::net::lookup_host((name, port)).await.map(Iterator::collect).unwrap_or_default()
    }
}

/// Downloads from the open internet, and nothing else.
#[derive(Clone)]
pub struct Internet {
    resolver: Arc<dyn Resolver>,
    /// The URLs that may be opened anyway: the files of simulated providers.
    besides: Vec<Url>,
}

/// A checked URL, with its addresses.
struct CheckedUrl {
    url: Url,
    host: String,
    addresses: Vec<SocketAddr>,
}

impl Internet {
    /// Downloads from the open internet, with the machine's own resolver.
    #[must_use]
    pub fn open() -> Self {
        Self::through(Arc::new(SystemResolver))
    }

    /// Downloads from the open internet, with this resolver.
    #[must_use]
    pub fn through(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, besides: Vec::new() }
    }

    /// Also allows what is below this URL, like `http://127.0.0.1:3000/media/`. Never for a server that
    /// others can reach.
    #[must_use]
    pub fn and(mut self, place: &str) -> Self {
        self.besides.extend(Url::parse(place));
        self
    }

    fn is_besides(&self, url: &Url) -> bool {
        let below = |place: &Url| url.origin() == place.origin() && url.path().starts_with(place.path());
        self.besides.iter().any(below)
    }

    async fn check_url(&self, url: Url) -> Result<CheckedUrl, DownloadError> {
        let besides = self.is_besides(&url);
        if !besides && url.scheme() != "https" {
            return Err(DownloadError::Forbidden("must be an https address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DownloadError::Forbidden("must not hold a user name"));
        }
        let none = DownloadError::Forbidden("must be an https address");
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(none);
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => self.resolver.resolve(host, port).await,
        };
        if addresses.is_empty() {
            return Err(DownloadError::Unavailable("its name leads nowhere".to_owned()));
        }
        // Of several addresses the connection may use any.
        if !besides && !addresses.iter().all(|address| guard::is_public(address.ip())) {
            return Err(DownloadError::Forbidden("must be on the open internet"));
        }
        Ok(CheckedUrl { host: host.to_owned(), addresses, url })
    }
}

#[async_trait]
impl Web for Internet {
    async fn open(&self, url: &str, timeout: Duration) -> Result<Box<dyn FileReader>, DownloadError> {
        let ends = tokio::time::Instant::now() + timeout;
        let mut url = Url::parse(url).map_err(|_| DownloadError::Forbidden("must be an https address"))?;
        for _ in 0..=MOST_REDIRECTS {
            let late = DownloadError::Unavailable("no answer in time".to_owned());
            let checked = tokio::time::timeout_at(ends, self.check_url(url)).await.map_err(|_| late)??;
            let http = pinned(&checked.host, &checked.addresses)
                .map_err(|error| DownloadError::Unavailable(error.to_string()))?;
            let left = ends.saturating_duration_since(tokio::time::Instant::now());
            let answer = ask(http.get(checked.url.clone()), left).await?;
            if answer.status().is_success() {
                return Ok(Box::new(Answered::new(answer)));
            }
            let next = answer.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
            let next = next.and_then(|place| checked.url.join(place).ok());
            url = next.ok_or_else(|| DownloadError::Refused("a redirect to nowhere".to_owned()))?;
        }
        Err(DownloadError::Refused("too many redirects".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says of every name what a test wants.
    struct Names(Vec<&'static str>);

    #[async_trait]
    impl Resolver for Names {
        async fn resolve(&self, _: &str, port: u16) -> Vec<SocketAddr> {
            self.0.iter().map(|address| SocketAddr::new(address.parse().unwrap(), port)).collect()
        }
    }

    async fn judged(url: &str, names: &[&'static str]) -> Result<Vec<SocketAddr>, DownloadError> {
        let internet = Internet::through(Arc::new(Names(names.to_vec())));
        internet.check_url(Url::parse(url).unwrap()).await.map(|checked| checked.addresses)
    }

    #[tokio::test]
    async fn a_name_is_checked_by_its_addresses_and_pinned_to_them() {
        let there = judged("https://files.example/a", &["93.184.216.34"]).await;
        assert_eq!(there, Ok(vec!["93.184.216.34:443".parse().unwrap()]));
        for inside in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1"] {
            // One of several is enough.
            for names in [vec![inside], vec!["93.184.216.34", inside]] {
                let refused = judged("https://files.example/a", &names).await;
                assert_eq!(
                    refused,
                    Err(DownloadError::Forbidden("must be on the open internet")),
                    "{names:?}"
                );
            }
        }
    }

    #[tokio::test]
    async fn addresses_in_any_spelling_are_checked() {
        for url in [
            "https://127.0.0.1/a",
            "https://2130706433/a",
            "https://0x7f.1/a",
            "https://0177.0.0.1/a",
            "https://[::1]/a",
            "https://[::ffff:169.254.169.254]/a",
            "https://[fe80::1]:8443/a",
        ] {
            let refused = judged(url, &[]).await;
            assert_eq!(refused, Err(DownloadError::Forbidden("must be on the open internet")), "{url}");
        }
        for url in
            ["http://files.example/a", "ftp://files.example/a", "file:///etc/passwd", "data:text/plain,x"]
        {
            let refused = judged(url, &["93.184.216.34"]).await;
            assert_eq!(refused, Err(DownloadError::Forbidden("must be an https address")), "{url}");
        }
        assert!(judged("https://user:word@files.example/a", &["93.184.216.34"]).await.is_err());
    }

    /// Answers every call with a redirect.
    async fn redirecting(to: &'static str) -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let answer = move || async move { (::http::StatusCode::FOUND, [(header::LOCATION, to)]) };
        let router = axum::Router::new().fallback(answer);
        tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        origin
    }

    #[tokio::test]
    async fn a_redirect_is_checked_like_the_url_itself() {
        for (to, why) in [
            ("https://127.0.0.1/secret", "must be on the open internet"),
            ("https://169.254.169.254/latest/meta-data", "must be on the open internet"),
            ("https://[::ffff:10.0.0.1]/", "must be on the open internet"),
            ("http://files.example/", "must be an https address"),
            ("//127.0.0.2/x", "must be an https address"),
        ] {
            let origin = redirecting(to).await;
            let internet = Internet::through(Arc::new(Names(vec!["10.0.0.1"]))).and(&origin);
            let opened = internet.open(&format!("{origin}/a"), Duration::from_secs(5)).await;
            assert_eq!(opened.err(), Some(DownloadError::Forbidden(why)), "{to}");
        }
    }

    #[tokio::test]
    async fn only_urls_below_a_named_one_are_allowed_besides() {
        let internet = Internet::through(Arc::new(Names(vec!["127.0.0.1"])))
            .and("http://127.0.0.1:3000/one/media/")
            .and("http://127.0.0.1:3000/two/media/");
        let may = async |url: &str| internet.check_url(Url::parse(url).unwrap()).await.is_ok();
        assert!(may("http://127.0.0.1:3000/one/media/1").await);
        assert!(may("http://127.0.0.1:3000/two/media/1?x=1").await);
        for other in [
            "http://127.0.0.1:3001/one/media/1",
            "https://127.0.0.1:3000/one/media/1",
            "http://localhost:3000/one/media/1",
            "http://127.0.0.1:3000/",
            "http://127.0.0.1:3000/bucket/1",
            "http://127.0.0.1:3000/one/media/../../bucket/1",
            "http://127.0.0.1:3000/one/media/%2e%2e/%2e%2e/bucket/1",
        ] {
            assert!(!may(other).await, "{other}");
        }
    }
}
