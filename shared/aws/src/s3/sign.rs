//! Presigned URLs: AWS Signature Version 4, in the query.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use aws_types::region::Region;
use http::Method;

use ventanilla_core::{domain::time::Timestamp, ports::files::FileStoreError};

/// The credentials and region of a signature.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) credentials: Credentials,
    pub(super) region: Region,
}

/// The permission of a presigned URL.
pub(super) struct Permit<'a> {
    pub(super) method: &'a Method,
    pub(super) url: String,
    /// Headers that must be sent unchanged.
    pub(super) headers: &'a [(&'static str, String)],
    pub(super) valid: Duration,
}

impl Signer {
    /// The presigned URL of a permit, valid until the permit expires.
    pub(super) fn sign(&self, permit: &Permit<'_>, now: Timestamp) -> Result<String, FileStoreError> {
        let failed = |error: &dyn std::fmt::Display| FileStoreError(format!("signing: {error}"));
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(permit.valid);
        // S3 does not normalise paths.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let identity = self.credentials.clone().into();
        let since = Duration::from_secs(u64::try_from(now.seconds()).unwrap_or_default());
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region.as_ref())
            .name("s3")
            .time(SystemTime::UNIX_EPOCH + since)
            .settings(settings)
            .build()
            .map_err(|error| failed(&error))?;
        let headers = permit.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let request = SignableRequest::new(
            permit.method.as_str(),
            permit.url.as_str(),
            headers,
            SignableBody::UnsignedPayload,
        );
        let request = request.map_err(|error| failed(&error))?;
        let signed = sign(request, &params.into()).map_err(|error| failed(&error))?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in signed.output().params() {
            query.append_pair(name, value);
        }
        let joint = if permit.url.contains('?') { '&' } else { '?' };
        Ok(format!("{}{joint}{}", permit.url, query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the S3 documents, "Authenticating Requests: Using Query Parameters".
    #[test]
    fn a_url_is_signed_as_in_the_documents() {
        let signer = Signer {
            credentials: Credentials::new(
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                None,
                None,
                "test",
            ),
            region: Region::from_static("us-east-1"),
        };
        let permit = Permit {
            method: &Method::GET,
            url: "https://examplebucket.s3.amazonaws.com/test.txt".to_owned(),
            headers: &[],
            valid: Duration::from_hours(24),
        };
        let url = signer.sign(&permit, Timestamp::from_seconds(1_369_353_600)).unwrap();
        assert!(url.starts_with(
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        ), "{url}");
        assert!(
            url.contains("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
            "{url}"
        );
    }
}
