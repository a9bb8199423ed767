//! The identifiers that Meta and Kaleyra issue.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::{Engine as _, engine::general_purpose};
use sha2::{Digest as _, Sha256};

/// Calling codes with their country, longest first; enough for realistic BSUIDs.
const COUNTRIES: [(&str, &str); 13] = [
    ("593", "EC"),
    ("502", "GT"),
    ("52", "MX"),
    ("55", "BR"),
    ("54", "AR"),
    ("57", "CO"),
    ("56", "CL"),
    ("51", "PE"),
    ("34", "ES"),
    ("44", "GB"),
    ("49", "DE"),
    ("91", "IN"),
    ("1", "US"),
];

/// A new message id: `wamid.` and base64 of a short frame around the number, as the real ones.
pub(crate) fn wamid(number: &str) -> String {
    let unique = hex(&random::<10>()).to_uppercase();
    let mut frame = vec![0x1d, 0x18, u8::try_from(number.len()).unwrap_or(0)];
    frame.extend_from_slice(number.as_bytes());
    frame.extend_from_slice(&[0x15, 0x02, 0x00, 0x11, 0x18, 0x14]);
    frame.extend_from_slice(unique.as_bytes());
    frame.push(0x00);
    format!("wamid.{}", general_purpose::STANDARD.encode(frame))
}

/// A new media id: digits, as Meta's are.
pub(crate) fn media_id() -> String {
    format!("{:016}", u64::from_be_bytes(random()) % 10_000_000_000_000_000)
}

/// A new trace id for an error body.
pub(crate) fn trace_id() -> String {
    format!("A{}", general_purpose::URL_SAFE_NO_PAD.encode(random::<16>()))
}

/// A new id for a message on Kaleyra's V2: `A` and 19 letters or digits.
pub(crate) fn kaleyra_id() -> String {
    let mut rest = u128::from_be_bytes(random());
    let digit = |_| {
        let digit = u32::try_from(rest % 36).ok()?;
        rest /= 36;
        char::from_digit(digit, 36)
    };
    let tail: String = (0..19).filter_map(digit).collect();
    format!("A{}", tail.to_ascii_uppercase())
}

/// A new id of 32 hexadecimal digits, as Kaleyra's V2 puts into statuses.
pub(crate) fn status_id() -> String {
    hex(&random::<16>())
}

/// A new UUID, the form of message ids on Kaleyra's V1.
pub(crate) fn uuid() -> String {
    const FIXED: u128 = (0xf << 76) | (0x3 << 62);
    const RANDOM_UUID: u128 = (0x4 << 76) | (0x2 << 62);
    let bits = (u128::from_be_bytes(random()) & !FIXED) | RANDOM_UUID;
    let groups = [bits >> 96, (bits >> 80) & 0xffff, (bits >> 64) & 0xffff, (bits >> 48) & 0xffff];
    let [first, second, third, fourth] = groups;
    format!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{:012x}", bits & 0xffff_ffff_ffff)
}

/// The BSUID of a number: always the same one for the same number.
pub(crate) fn user_id(number: &str) -> String {
    let country =
        COUNTRIES.iter().find(|(code, _)| number.starts_with(code)).map_or("ZZ", |(_, country)| country);
    let digest = Sha256::digest(number.as_bytes());
    let tail = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    format!("{country}.{tail:020}")
}

/// Encodes bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Random bytes that are unique within a run even if the system has no randomness.
fn random<const N: usize>() -> [u8; N] {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        let count = COUNTER.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().rev().zip(count.iter().rev()).for_each(|(byte, count)| *byte = *count);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn message_ids_do_not_repeat() {
        let ids: HashSet<String> = (0..1000).map(|_| super::wamid("525512345678")).collect();
        assert_eq!(ids.len(), 1000);
        assert!(
            ids.iter().all(|id| id.starts_with("wamid.HRgM")),
            "the frame opens with its type and length"
        );
    }

    #[test]
    fn the_ids_of_kaleyra_have_their_forms_and_do_not_repeat() {
        let ids: HashSet<String> = (0..1000).map(|_| super::kaleyra_id()).collect();
        assert_eq!(ids.len(), 1000);
        let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        assert!(ids.iter().all(|id| id.len() == 20 && id.starts_with('A') && id.bytes().all(fits)));
        assert_eq!(super::status_id().len(), 32);
        let uuid = super::uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
        assert!(uuid.split('-').nth(2).is_some_and(|group| group.starts_with('4')), "{uuid}");
    }

    #[test]
    fn a_number_keeps_its_user_id() {
        assert_eq!(super::user_id("525512345678"), super::user_id("525512345678"));
        assert_ne!(super::user_id("525512345678"), super::user_id("525512345679"));
        assert!(super::user_id("525512345678").starts_with("MX."));
        assert!(crate::address::Address::user_id(&super::user_id("99912345")).is_some());
    }

    #[test]
    fn hex_is_lower_case_and_padded() {
        assert_eq!(super::hex(&[0x00, 0x0f, 0xab]), "000fab");
    }
}
