//! A bucket in a folder: the part of S3 that we use, with the same signed URLs. It verifies them with an implementation
//! of its own.

mod objects;
mod signature;

use std::{path::PathBuf, sync::Arc};

use aws_credential_types::Credentials;
use aws_types::region::Region;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderName, Method, StatusCode, header};
use ventanilla::{
    aws::s3::Bucket,
    ports::clock::{Clock, Entropy},
};

use objects::Objects;
use signature::verify_signature;

/// The bucket's name, the first part of its paths.
const NAME: &str = "bucket";

/// The local replacement for an S3 bucket. Clones share one state.
#[derive(Clone)]
pub struct LocalBucket {
    objects: Arc<Objects>,
    secret: String,
    clock: Arc<dyn Clock>,
}

impl LocalBucket {
    /// A bucket in this folder; without one, it is deleted with the process.
    #[must_use]
    pub fn new(folder: Option<PathBuf>, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let secret = format!("{:016x}{:016x}", entropy.next_u64(), entropy.next_u64());
        let objects = match folder {
            Some(folder) => Objects::persistent(folder.join("files")),
            None => Objects::temporary(&format!("ventanilla-{:016x}", entropy.next_u64())),
        };
        Self { objects: Arc::new(objects), secret, clock }
    }

    /// How to connect to it, when the server answers at `base`.
    #[must_use]
    pub fn at(&self, base: &str) -> Bucket {
        Bucket {
            name: NAME.to_owned(),
            region: Region::from_static("us-east-1"),
            endpoint: Some(base.to_owned()),
            credentials: Credentials::new("local", self.secret.as_str(), None, None, "local"),
        }
    }

    /// The routes of the bucket, for any signed call.
    pub fn router(&self) -> Router {
        Router::new().route(&format!("/{NAME}/{{*key}}"), any(answer)).with_state(self.clone())
    }

    /// The size of the largest request so far, in bytes.
    #[must_use]
    pub fn largest_request(&self) -> u64 {
        self.objects.largest_request()
    }
}

async fn answer(State(bucket): State<LocalBucket>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(why) = verify_signature(&parts, &bucket.secret, bucket.clock.now()) {
        return (StatusCode::FORBIDDEN, format!("<Error><Code>{why}</Code></Error>")).into_response();
    }
    let key = parts.uri.path().trim_start_matches(&format!("/{NAME}/")).to_owned();
    let query: Vec<(String, String)> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let parameter =
        |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let objects = &bucket.objects;
    let answered = match (&parts.method, parameter("uploads"), parameter("uploadId"), parameter("partNumber"))
    {
        (&Method::POST, Some(_), None, None) => objects.open_upload().await.map(|id| {
            let body = format!(
                "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            );
            body.into_response()
        }),
        (&Method::PUT, None, Some(id), Some(number)) => {
            objects.put_part(id, number, body).await.map(|name| [(header::ETAG, name)].into_response())
        }
        (&Method::POST, None, Some(id), None) => objects
            .complete_upload(id, &key)
            .await
            .map(|()| "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>".into_response()),
        (&Method::DELETE, None, Some(id), None) => {
            objects.abort_upload(id).await.map(|()| StatusCode::NO_CONTENT.into_response())
        }
        (&Method::PUT, None, None, None) => {
            let put = match parts.headers.get(header::IF_NONE_MATCH) {
                Some(_) => objects.put_new(&key, body).await,
                None => objects.put(&key, body).await,
            };
            put.map(|()| StatusCode::OK.into_response())
        }
        (&Method::GET | &Method::HEAD, None, None, None) => {
            objects.get(&key).await.map(|(size, stream)| object_response(&parts.method, size, stream, &query))
        }
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    answered.unwrap_or_else(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response();
        }
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            let body = "<Error><Code>PreconditionFailed</Code></Error>";
            return (StatusCode::PRECONDITION_FAILED, body).into_response();
        }
        tracing::error!(%error, "the folder of files cannot be read or written");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

/// Keep an object from running as a page of this origin, which other pages may share.
const SAFE_HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_DISPOSITION, "attachment"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
];

/// An object, with the headers that its URL requests. An object without a file name is an attachment as well.
fn object_response(method: &Method, size: u64, stream: Body, query: &[(String, String)]) -> Response {
    let body = if method == Method::HEAD { Body::empty() } else { stream };
    let mut response = ([(header::CONTENT_LENGTH, size.to_string())], SAFE_HEADERS, body).into_response();
    for (name, value) in query {
        let header = match name.as_str() {
            "response-content-type" => header::CONTENT_TYPE,
            "response-content-disposition" => header::CONTENT_DISPOSITION,
            _ => continue,
        };
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(header, value);
        }
    }
    response
}
