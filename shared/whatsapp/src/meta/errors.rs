//! Meta's error codes (facts: meta.md 3.3, with Meta's own page and public clients as its sources).

use ventanilla_core::domain::rejection::Reason;

/// The meaning of an error code of the Cloud API. Unknown codes count as permanent rejections.
#[must_use]
pub fn reason(code: i64) -> Reason {
    match code {
        0 | 3 | 10 | 190 | 200..=299 | 131_005 => Reason::ProviderAuth,
        4 | 613 | 80_007 | 130_429 | 131_048 | 131_056 | 132_069 | 133_016 => Reason::RateLimited,
        131_057 | 133_004 => Reason::ProviderDown,
        1 | 2 | 131_000 | 131_016 => Reason::ProviderFault,
        131_047 => Reason::WindowClosed,
        132_000..=132_016 | 132_018 | 132_068 | 131_063 => Reason::TemplateProblem,
        33 | 368 | 130_497 | 131_031 | 131_037 | 131_042 | 131_045 | 131_064 | 133_010 | 134_011 => {
            Reason::AccountBlocked
        }
        130_403 | 130_472 | 131_021 | 131_026 | 131_030 | 131_049 | 131_050 | 131_062 | 137_000 => {
            Reason::RecipientUnreachable
        }
        100 | 131_008 | 131_009 | 131_051 | 131_052 | 131_053 => Reason::InvalidInput,
        _ => Reason::ProviderRejected,
    }
}

/// The seconds to wait after this code where Meta names none; `None` where a short wait is enough. 131048 lasts for
/// hours.
#[must_use]
pub fn retry_after(code: i64) -> Option<u64> {
    (code == 131_048).then_some(3600)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::domain::rejection::Retry;

    /// The codes that Meta documents, each with its reason (facts: meta.md 3.3).
    const DOCUMENTED: &[(Reason, &[i64])] = &[
        (Reason::ProviderAuth, &[0, 3, 10, 190, 200, 299, 131_005]),
        (Reason::RateLimited, &[4, 613, 80_007, 130_429, 131_048, 131_056, 132_069, 133_016]),
        (Reason::ProviderDown, &[131_057, 133_004]),
        (Reason::ProviderFault, &[1, 2, 131_000, 131_016]),
        (Reason::WindowClosed, &[131_047]),
        (Reason::TemplateProblem, &[131_063, 132_000, 132_001, 132_005, 132_007, 132_012, 132_015, 132_016]),
        (Reason::TemplateProblem, &[132_018, 132_068]),
        (Reason::AccountBlocked, &[33, 368, 130_497, 131_031, 131_037, 131_042, 131_045, 131_064, 133_010]),
        (Reason::AccountBlocked, &[134_011]),
        (Reason::RecipientUnreachable, &[130_403, 130_472, 131_021, 131_026, 131_030, 131_049, 131_050]),
        (Reason::RecipientUnreachable, &[131_062, 137_000]),
        (Reason::InvalidInput, &[100, 131_008, 131_009, 131_051, 131_052, 131_053]),
        (Reason::ProviderRejected, &[139_200, 999_999]),
    ];

    #[test]
    fn each_documented_code_has_its_reason() {
        for (expected, codes) in DOCUMENTED {
            for code in *codes {
                assert_eq!(reason(*code), *expected, "{code}");
            }
        }
    }

    #[test]
    fn codes_that_pass_by_themselves_may_be_tried_again_and_no_others() {
        for code in [0, 4, 190, 368, 613, 80_007, 130_429, 131_047, 131_048, 131_056, 131_057] {
            assert_eq!(reason(code).retry(), Retry::Later, "{code}");
        }
        for code in [
            1, 2, 131_000, 131_016, 100, 131_008, 131_009, 131_021, 131_026, 131_050, 131_051, 132_000,
            132_001, 132_012, 999_999,
        ] {
            assert_eq!(reason(code).retry(), Retry::Never, "{code}");
        }
    }
}
