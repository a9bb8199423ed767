//! The AWS SDK over our own HTTP client: one TLS configuration and one connection pool per process.
//!
//! Credentials come from the environment, where Lambda puts them. That spares the crates that look for them
//! elsewhere, and their time at every cold start.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::region::Region;
use bytes::Bytes;
use http::Uri;
use reqwest::Url;

use super::env::{self, EnvError};
use ventanilla_aws::s3::Bucket;

/// How to reach AWS, or an emulator.
#[derive(Debug, Clone)]
pub struct Aws {
    /// The credentials that sign the calls.
    pub credentials: Credentials,
    /// The AWS region of all services.
    pub region: Region,
    /// Another endpoint for DynamoDB.
    pub dynamodb_endpoint: Option<String>,
    /// Another endpoint for Secrets Manager.
    pub secretsmanager_endpoint: Option<String>,
    /// Another endpoint for SQS.
    pub sqs_endpoint: Option<String>,
    /// Another endpoint for S3.
    pub s3_endpoint: Option<String>,
}

impl Aws {
    /// Reads the variables that Lambda and the AWS tools set. The region is `AWS_REGION`, else
    /// `AWS_DEFAULT_REGION`, which some of the tools use instead.
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn from_env() -> Result<Self, EnvError> {
        let everywhere = env::optional("AWS_ENDPOINT_URL");
        let endpoint = |name| env::optional(name).or_else(|| everywhere.clone());
        Ok(Self {
            credentials: Credentials::new(
                env::required("AWS_ACCESS_KEY_ID")?,
                env::required("AWS_SECRET_ACCESS_KEY")?,
                env::optional("AWS_SESSION_TOKEN"),
                None,
                "environment",
            ),
            region: Region::new(region()?),
            dynamodb_endpoint: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            secretsmanager_endpoint: endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER"),
            sqs_endpoint: endpoint("AWS_ENDPOINT_URL_SQS"),
            s3_endpoint: endpoint("AWS_ENDPOINT_URL_S3"),
        })
    }

    /// A DynamoDB client. The SDK has no time-outs of its own: without ours one stalled connection
    /// would hold a request for its whole life (facts: platform-limits.md 3).
    #[must_use]
    pub fn dynamodb(&self, http: &reqwest::Client) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .credentials_provider(self.credentials.clone())
            .region(self.region.clone())
            .http_client(SdkHttp::new(http))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(
                RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50)),
            )
            .timeout_config(timeouts(Duration::from_millis(1500), Duration::from_secs(5)));
        config.set_endpoint_url(self.dynamodb_endpoint.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// A Secrets Manager client.
    #[must_use]
    pub fn secretsmanager(&self, http: &reqwest::Client) -> aws_sdk_secretsmanager::Client {
        let mut config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
            .credentials_provider(self.credentials.clone())
            .region(self.region.clone())
            .http_client(SdkHttp::new(http))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(
                RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(50)),
            )
            .timeout_config(timeouts(Duration::from_millis(1500), Duration::from_secs(4)));
        config.set_endpoint_url(self.secretsmanager_endpoint.clone());
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }

    /// A client of the management API of the sockets' gateway, at its own URL.
    #[must_use]
    pub fn sockets(&self, http: &reqwest::Client, url: String) -> aws_sdk_apigatewaymanagement::Client {
        let config = aws_sdk_apigatewaymanagement::Config::builder()
            .behavior_version(aws_sdk_apigatewaymanagement::config::BehaviorVersion::latest())
            .credentials_provider(self.credentials.clone())
            .region(self.region.clone())
            .http_client(SdkHttp::new(http))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(
                RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50)),
            )
            .timeout_config(timeouts(Duration::from_millis(1500), Duration::from_secs(3)))
            .endpoint_url(url);
        aws_sdk_apigatewaymanagement::Client::from_conf(config.build())
    }

    /// An S3 bucket with these credentials.
    #[must_use]
    pub fn bucket(&self, name: String) -> Bucket {
        Bucket {
            name,
            region: self.region.clone(),
            endpoint: self.s3_endpoint.clone(),
            credentials: self.credentials.clone(),
        }
    }

    /// An SQS client, with short time-outs and one retry.
    #[must_use]
    pub fn sqs(&self, http: &reqwest::Client) -> aws_sdk_sqs::Client {
        let mut config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .credentials_provider(self.credentials.clone())
            .region(self.region.clone())
            .http_client(SdkHttp::new(http))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(
                RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(50)),
            )
            .timeout_config(timeouts(Duration::from_millis(1500), Duration::from_secs(4)));
        config.set_endpoint_url(self.sqs_endpoint.clone());
        aws_sdk_sqs::Client::from_conf(config.build())
    }
}

fn region() -> Result<String, EnvError> {
    let usual = env::required("AWS_REGION");
    usual.or_else(|missing| env::optional("AWS_DEFAULT_REGION").ok_or(missing))
}

fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(attempt).operation_timeout(operation).build()
}

/// Our HTTP client as an SDK connector. The client has its own connection and read limits; the SDK adds
/// those of attempts and operations. It passes whole bodies, so no stream can stall behind it.
#[derive(Debug, Clone)]
struct SdkHttp {
    http: reqwest::Client,
    /// The URL of the first call, which most services use for all calls: parsing it costs more than
    /// comparing.
    first: Arc<OnceLock<(Uri, Url)>>,
}

impl SdkHttp {
    fn new(http: &reqwest::Client) -> Self {
        Self { http: http.clone(), first: Arc::default() }
    }

    fn url(&self, uri: &Uri) -> Result<Url, ConnectorError> {
        if let Some((_, url)) = self.first.get().filter(|(known, _)| known == uri) {
            return Ok(url.clone());
        }
        let url = Url::parse(&uri.to_string()).map_err(|error| ConnectorError::user(error.into()))?;
        self.first.get_or_init(|| (uri.clone(), url.clone()));
        Ok(url)
    }

    fn request(&self, request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (parts, body) = request.into_parts();
        let bytes = body.bytes().map(Bytes::copy_from_slice);
        let bytes = bytes.ok_or_else(|| ConnectorError::user("a streaming body is not supported".into()))?;
        let mut request = reqwest::Request::new(parts.method, self.url(&parts.uri)?);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(bytes.into());
        Ok(request)
    }
}

impl HttpClient for SdkHttp {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (http, request) = (self.http.clone(), self.request(request));
        HttpConnectorFuture::new(async move {
            let mut answer = http.execute(request?).await.map_err(connector_error)?;
            let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
            let mut response =
                http::Response::new(SdkBody::from(answer.bytes().await.map_err(connector_error)?));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

fn connector_error(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) }
}
