//! Verifies signed URLs: AWS's Signature Version 4 in the query, implemented from its documents.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use http::request::Parts;
use sha2::{Digest, Sha256};
use ventanilla::domain::{caller::hex, time::Timestamp};

/// The parameter with the signature, which covers all others.
const SIGNATURE: &str = "X-Amz-Signature";

/// Verifies a signed request. The error is the code of S3's.
pub(super) fn verify_signature(parts: &Parts, secret: &str, now: Timestamp) -> Result<(), &'static str> {
    let query = parts.uri.query().unwrap_or_default();
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let given = |name: &str| {
        let found = pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).ok_or("AccessDenied")
    };
    let (date, credential, signature) = (given("X-Amz-Date")?, given("X-Amz-Credential")?, given(SIGNATURE)?);
    let (seconds, signed_headers) = (given("X-Amz-Expires")?, given("X-Amz-SignedHeaders")?);
    let made = parse_date(&date).ok_or("AuthorizationQueryParametersError")?;
    let seconds: i64 = seconds.parse().map_err(|_| "AuthorizationQueryParametersError")?;
    // S3 allows a week at most.
    if !(1..=604_800).contains(&seconds) || now.seconds() > made + seconds {
        return Err("AccessDenied");
    }
    pairs.retain(|(name, _)| name != SIGNATURE);
    let mut escaped: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| (escape(name), escape(value))).collect();
    escaped.sort_unstable();
    let line = |(name, value): &(String, String)| format!("{name}={value}");
    let query: Vec<String> = escaped.iter().map(line).collect();
    let mut request = format!("{}\n{}\n{}\n", parts.method, parts.uri.path(), query.join("&"));
    for name in signed_headers.split(';') {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(request, "{name}:{}", value.trim());
    }
    let _ = write!(request, "\n{signed_headers}\nUNSIGNED-PAYLOAD");
    let (_, scope) = credential.split_once('/').ok_or("AuthorizationQueryParametersError")?;
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
    if hex(&mac(&key, &text)) == signature { Ok(()) } else { Err("SignatureDoesNotMatch") }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The Unix seconds of a time such as `20260303T103000Z`.
fn parse_date(date: &str) -> Option<i64> {
    let part = |from: usize, to: usize| date.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(9, 11)?, part(11, 13)?, part(13, 15)?);
    let time: Timestamp = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()?;
    Some(time.seconds())
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
