//! One conversation over any provider: the same behaviours over Meta and both APIs of Kaleyra.

mod callbacks;
mod correlation;
mod kaleyra;
mod stub;
mod suite;

use crate::harness::{Carrier, code, sources};

/// Each behaviour over each provider, as a test of its own.
macro_rules! behaviours {
    ($($name:ident),* $(,)?) => {
        mod meta {
            $(
                #[tokio::test]
                async fn $name() {
                    super::suite::$name(super::Carrier::Meta).await;
                }
            )*
        }
        mod kaleyra_v2 {
            $(
                #[tokio::test]
                async fn $name() {
                    super::suite::$name(super::Carrier::KaleyraV2).await;
                }
            )*
        }
        mod kaleyra_v1 {
            $(
                #[tokio::test]
                async fn $name() {
                    super::suite::$name(super::Carrier::KaleyraV1).await;
                }
            )*
        }
    };
}

behaviours! {
    a_reply_is_accepted_and_its_statuses_come_back,
    a_refusal_leaves_nothing_behind,
    a_throttled_message_says_when_to_try_again,
    a_call_that_takes_too_long_is_in_doubt_until_somebody_looks,
    every_doubtful_answer_is_settled_by_callbacks,
    a_quoted_reply_shows_what_it_answers,
    every_kind_of_content_arrives_or_is_refused_by_name,
    only_a_template_passes_a_closed_window,
    a_key_changed_under_us_is_read_again_once,
    a_key_that_is_still_wrong_is_the_operators_matter,
    a_customer_without_a_number_is_answered,
    a_customers_file_is_in_the_conversation,
    a_keyed_repeat_sends_once,
}

/// Who names a type of one provider, outside the providers' own folders.
fn knowing_one() -> Vec<String> {
    let types =
        ["Access::Meta", "Access::Kaleyra", "MetaAccess", "KaleyraAccess", "MetaSecret", "KaleyraSecret"];
    let all = ["shared", "functions", "local/src"].into_iter().flat_map(sources);
    let mut found: Vec<String> = all
        .filter(|(_, text)| types.iter().any(|word| code(text).contains(word)))
        .map(|(path, _)| path.to_string_lossy().into_owned())
        .filter(|path| !["whatsapp/src/meta/", "whatsapp/src/kaleyra/"].iter().any(|own| path.contains(own)))
        .collect();
    found.sort();
    found
}

#[test]
fn no_code_outside_its_folder_names_a_provider() {
    let allowed = [
        // Which numbers the simulated WhatsApp plays for.
        "local/src/sandbox_numbers.rs",
        // The rows of the first two.
        "shared/core/src/domain/channel.rs",
        "shared/core/src/domain/channel/access.rs",
    ];
    let found = knowing_one();
    assert_eq!(found.len(), allowed.len(), "{found:?}");
    assert!(found.iter().zip(allowed).all(|(path, name)| path.ends_with(name)), "{found:?}");
}
