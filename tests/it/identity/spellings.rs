//! What must hold of any number that can be written in two ways.

use proptest::prelude::*;
use ventanilla::domain::{
    contact::{Address, in_all_spellings},
    phone::Phone,
};

fn digits() -> impl Strategy<Value = String> {
    prop_oneof!["[1-9][0-9]{7,14}", "5[245][0-9]{10,11}", "(521|549|55[1-9]{2}9)[0-9]{8,10}"]
}

fn phone(digits: &str) -> Phone {
    Phone::parse(digits).unwrap()
}

proptest! {
    #[test]
    fn spellings_are_mutual_and_agree_on_one(digits in digits()) {
        let number = phone(&digits);
        prop_assert!(number.is_same_number(&number));
        prop_assert_eq!(number.canonical().canonical(), number.canonical());
        if let Some(other) = number.other_spelling() {
            prop_assert_ne!(&other, &number);
            prop_assert_eq!(other.other_spelling(), Some(number.clone()));
            prop_assert_eq!(other.canonical(), number.canonical());
            prop_assert_eq!(Phone::parse(other.digits()), Ok(other.clone()));
        }
    }

    #[test]
    fn two_numbers_are_equal_when_their_canonical_spelling_is(one in digits(), two in digits()) {
        let (one, two) = (phone(&one), phone(&two));
        prop_assert_eq!(one.is_same_number(&two), one.canonical() == two.canonical());
    }

    #[test]
    fn all_spellings_hold_each_address_once_and_those_given_first(all in prop::collection::vec(digits(), 0..6)) {
        let given: Vec<Address> = all.iter().map(|digits| Address::Number(phone(digits))).collect();
        let spelled = in_all_spellings(&given);
        prop_assert_eq!(&spelled[..given.len()], given.as_slice());
        for address in &given {
            for spelling in address.spellings() {
                prop_assert!(spelled.contains(&spelling));
            }
        }
    }
}
