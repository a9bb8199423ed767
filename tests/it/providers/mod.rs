//! One conversation over any provider: the same behaviours over Meta and both APIs of Kaleyra.

mod callbacks;
mod correlation;
mod kaleyra;
mod suite;

use crate::harness::Carrier;

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
