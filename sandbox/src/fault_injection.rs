//! Which scripted fault applies to a call.

use crate::{Fault, FaultRule};

/// Takes one use of the first rule that applies to a send, and returns its fault.
///
/// `by_kaleyra` says whether Kaleyra is the provider of the number: faults of Kaleyra's skip Meta's numbers.
/// `is_recipient` says whether a rule's `to` is the recipient of this call.
pub(crate) fn take_call_fault(
    rules: &mut Vec<FaultRule>,
    phone_number_id: &str,
    by_kaleyra: bool,
    is_recipient: impl Fn(&str) -> bool,
) -> Option<Fault> {
    take_matching(rules, |rule| {
        !rule.fault.is_of_lists()
            && rule.phone_number_id.as_deref().is_none_or(|id| id == phone_number_id)
            && (by_kaleyra || !rule.fault.is_of_kaleyra_only())
            && rule.to.as_deref().is_none_or(&is_recipient)
    })
}

/// Takes one use of the first rule that applies to this page of a list of templates, and returns its error code.
///
/// `is_listed` says whether the templates of a rule's business number are in the list.
pub(crate) fn take_list_fault(
    rules: &mut Vec<FaultRule>,
    page: u32,
    is_listed: impl Fn(&str) -> bool,
) -> Option<u32> {
    let fault = take_matching(rules, |rule| {
        matches!(rule.fault, Fault::TemplateList { page: due, .. } if due == page)
            && rule.phone_number_id.as_deref().is_none_or(&is_listed)
    });
    match fault {
        Some(Fault::TemplateList { code, .. }) => Some(code),
        _ => None,
    }
}

/// Takes one use of the first matching rule that has no calls left to skip.
fn take_matching(rules: &mut Vec<FaultRule>, fits: impl Fn(&FaultRule) -> bool) -> Option<Fault> {
    let mut fault = None;
    for rule in rules.iter_mut().filter(|rule| rule.times > 0 && fits(rule)) {
        if rule.skip > 0 {
            rule.skip -= 1;
            continue;
        }
        rule.times -= 1;
        fault = Some(rule.fault.clone());
        break;
    }
    rules.retain(|rule| rule.times > 0);
    fault
}

#[cfg(test)]
mod tests {
    use super::{take_call_fault, take_list_fault};
    use crate::{Fault, FaultRule};

    #[test]
    fn a_rule_skips_then_strikes_then_is_gone() {
        let mut rules = vec![FaultRule::new(Fault::NoId).skip(1).times(2)];
        let mut call = || take_call_fault(&mut rules, "1", false, |_| true).is_some();
        assert_eq!([call(), call(), call(), call()], [false, true, true, false]);
        assert!(rules.is_empty());
    }

    #[test]
    fn a_rule_strikes_only_its_recipient_and_number() {
        let rule = FaultRule::new(Fault::NoId).to("52555").from_number("1");
        let mut rules = vec![rule];
        assert_eq!(take_call_fault(&mut rules, "2", false, |to| to == "52555"), None);
        assert_eq!(take_call_fault(&mut rules, "1", false, |_| false), None);
        assert_eq!(take_call_fault(&mut rules, "1", false, |to| to == "52555"), Some(Fault::NoId));
    }

    #[test]
    fn what_only_kaleyra_does_wrong_is_not_used_up_by_a_number_of_metas() {
        let fault = Fault::Kaleyra { code: "E110".to_owned(), http_status: None };
        let mut rules = vec![FaultRule::new(fault.clone())];
        assert_eq!(take_call_fault(&mut rules, "1", false, |_| true), None);
        assert_eq!(take_call_fault(&mut rules, "2", true, |_| true), Some(fault));
        assert!(rules.is_empty());
    }

    #[test]
    fn a_fault_of_a_list_strikes_its_page_and_no_send() {
        let rule = FaultRule::new(Fault::TemplateList { page: 1, code: 4 }).from_number("1");
        let mut rules = vec![rule];
        assert_eq!(take_call_fault(&mut rules, "1", false, |_| true), None);
        assert_eq!(take_list_fault(&mut rules, 0, |_| true), None);
        assert_eq!(take_list_fault(&mut rules, 1, |id| id == "2"), None);
        assert_eq!(take_list_fault(&mut rules, 1, |id| id == "1"), Some(4));
        assert!(rules.is_empty());
    }
}
