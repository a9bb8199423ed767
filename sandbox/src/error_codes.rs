//! Meta's error codes, with the HTTP status and title of each.

use http::StatusCode;

/// The `href` of an error in a webhook.
pub(crate) const HREF: &str = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";

/// Each error code with its HTTP status and title (facts: meta.md 3.3).
const CODES: [(u32, u16, &str); 65] = [
    (0, 401, "AuthException"),
    (1, 400, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 400, "API Too Many Calls"),
    (10, 403, "Permission Denied"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (190, 401, "Access token has expired"),
    (200, 403, "API Permission"),
    (368, 403, "Temporarily blocked for policies violations"),
    (613, 429, "Calls to this api have exceeded the rate limit"),
    (2500, 400, "Unknown path components"),
    (80007, 400, "Rate limit issues"),
    (130_403, 400, "Business has blocked this user"),
    (130_429, 400, "Rate limit hit"),
    (130_472, 400, "User's number is part of an experiment"),
    (130_497, 403, "Business account is restricted from messaging users in this country"),
    (131_000, 500, "Something went wrong"),
    (131_005, 403, "Access denied"),
    (131_008, 400, "Required parameter is missing"),
    (131_009, 400, "Parameter value is not valid"),
    (131_016, 500, "Service unavailable"),
    (131_021, 400, "Recipient cannot be sender"),
    (131_026, 400, "Message undeliverable"),
    (131_030, 400, "Recipient phone number not in allowed list"),
    (131_031, 403, "Account has been locked"),
    (131_037, 400, "WhatsApp provided number needs display name approval"),
    (131_042, 400, "Business eligibility payment issue"),
    (131_045, 500, "Incorrect certificate"),
    (131_047, 400, "Re-engagement message"),
    (131_048, 400, "Spam rate limit hit"),
    (131_049, 400, "Meta chose not to deliver"),
    (131_050, 400, "User has stopped receiving marketing messages from this business"),
    (131_051, 400, "Unsupported message type"),
    (131_052, 400, "Media download error"),
    (131_053, 400, "Media upload error"),
    (131_056, 400, "(Business Account, Consumer Account) pair rate limit hit"),
    (131_057, 500, "Account in maintenance mode"),
    (131_062, 400, "Recipient user id is not supported for this message"),
    (131_063, 400, "Marketing templates are disabled on Cloud API"),
    (131_064, 400, "Messaging limit after template misclassification"),
    (132_000, 400, "Template param count mismatch"),
    (132_001, 404, "Template does not exist"),
    (132_005, 400, "Template hydrated text too long"),
    (132_007, 400, "Template format character policy violated"),
    (132_012, 400, "Template parameter format mismatch"),
    (132_015, 400, "Template is paused"),
    (132_016, 400, "Template is disabled"),
    (132_018, 400, "Template validation error"),
    (132_068, 400, "Flow is blocked"),
    (132_069, 400, "Flow is throttled"),
    (133_000, 500, "Incomplete deregistration"),
    (133_004, 503, "Server temporarily unavailable"),
    (133_005, 400, "Two step verification PIN mismatch"),
    (133_006, 400, "Phone number re-verification needed"),
    (133_008, 400, "Too many two step verification PIN guesses"),
    (133_009, 400, "Two step verification PIN guessed too fast"),
    (133_010, 400, "Phone number not registered"),
    (133_016, 400, "Account register deregister rate limit exceeded"),
    (134_011, 400, "Payments terms have not been accepted"),
    (135_000, 400, "Generic user error"),
    (137_000, 400, "Recipient identity key hash mismatch"),
    (139_200, 400, "Direct Send is blocked"),
    // Only the code and its meaning are documented.
    (2_494_191, 400, "Only the escalation partner can take control of the thread"),
];

/// The HTTP status a code comes with; 400 for a code not in the table.
pub(crate) fn http_status(code: u32) -> StatusCode {
    let status = find(code).map_or(400, |(status, _)| status);
    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// The title of a code.
pub(crate) fn title(code: u32) -> &'static str {
    find(code).map_or("Unknown error", |(_, title)| title)
}

/// Like [`title`], with the code in front, as the Graph API and webhooks write it.
pub(crate) fn message(code: u32) -> String {
    format!("(#{code}) {}", title(code))
}

/// The text of `error_data` in a webhook: Meta's own where it is known, else the title.
pub(crate) fn details(code: u32) -> String {
    match code {
        131_047 => "Message failed to send because more than 24 hours have passed since the customer last \
                    replied to this number."
            .to_owned(),
        _ => message(code),
    }
}

fn find(code: u32) -> Option<(u16, &'static str)> {
    CODES.iter().find(|(known, ..)| *known == code).map(|(_, status, title)| (*status, *title))
}

#[cfg(test)]
mod tests {
    use super::{CODES, http_status, message};

    #[test]
    fn the_table_is_sorted_and_its_statuses_are_errors() {
        let ascending = |pair: &[(u32, u16, &str)]| match pair {
            [(first, ..), (second, ..)] => first < second,
            _ => true,
        };
        assert!(CODES.windows(2).all(ascending));
        assert!(CODES.iter().all(|(_, status, _)| (400..600).contains(status)));
    }

    #[test]
    fn an_unknown_code_still_makes_an_error() {
        assert_eq!(http_status(424_242), http::StatusCode::BAD_REQUEST);
        assert_eq!(message(424_242), "(#424242) Unknown error");
        assert_eq!(message(131_047), "(#131047) Re-engagement message");
    }
}
