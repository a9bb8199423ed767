//! Fault plans: everything that can go wrong on the way of a message, alone and together, and the state once
//! everything has come to rest.
//!
//! A plan is a way (a reply, a send, a customer's message …) and up to three faults on it: at a call to the
//! store by the sending, the webhook or the sweeping function, at the provider, or with the webhooks. An
//! honest client retries where that is safe, webhooks are delivered, the clock passes lease and grace, and
//! then the provider's own log is compared with what we show.

mod card;
mod controls;
mod gate;
mod judge;
mod pool;
mod rig;
mod trouble;
mod way;

use card::Card;
use controls::Path;
use gate::Manner;
use judge::{Note, Wrong};
use pool::{Plan, Pool};
use rig::Run;
use trouble::{Detail, Trouble, provider_faults};
use ventanilla::{ports::clock::Entropy, system::SystemEntropy};
use way::{Key, WAYS, Way};

use crate::harness::Carrier;

/// What the sampled plans of an ordinary test run are drawn with; the long run draws a new one.
const SEED: u64 = 20_261_121;

/// A small generator (xorshift64*): plans must come again from their seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(mixed).unwrap() % sides
    }
}

/// The plans with one trouble more than these, as these runs showed what there is to trouble.
fn deeper(runs: &[(Plan, Run)], detail: Detail) -> Vec<Plan> {
    let longer = |((way, plan), run): &(Plan, Run)| {
        let add = |trouble| (*way, plan.iter().cloned().chain([trouble]).collect());
        run.seen.more(plan, detail).into_iter().map(add).collect::<Vec<Plan>>()
    };
    runs.iter().flat_map(longer).collect()
}

/// Some of them, drawn by lot.
fn sample(mut plans: Vec<Plan>, count: usize, dice: &mut Dice) -> Vec<Plan> {
    let mut drawn = Vec::new();
    while drawn.len() < count && !plans.is_empty() {
        drawn.push(plans.swap_remove(dice.roll(plans.len())));
    }
    drawn
}

async fn run(pool: &Pool, plans: Vec<Plan>, card: &mut Card) -> Vec<(Plan, Run)> {
    let runs = pool.run(plans).await;
    for ((way, plan), run) in &runs {
        card.add(*way, plan, &run.verdict);
    }
    runs
}

fn holds(name: &str, card: &Card) {
    tell(&format!("{name}: {card}"));
    assert!(card.bad.is_empty(), "{name}: {card}\n{}", card.worst());
}

#[expect(clippy::print_stdout, reason = "the report card is for people, with --nocapture")]
fn tell(line: &str) {
    println!("{line}");
}

/// Runs each way without any trouble: what does not even work then proves nothing.
async fn undisturbed(pool: &Pool, ways: &[Way], card: &mut Card) -> Vec<(Plan, Run)> {
    let runs = run(pool, without_trouble(ways), card).await;
    for ((way, _), run) in &runs {
        let arrived = run.verdict.notes.contains(&Note::Arrived);
        assert_eq!(arrived, *way != Way::AbandonedUnsent, "{way:?} {:?}", run.verdict);
    }
    runs
}

fn without_trouble(ways: &[Way]) -> Vec<Plan> {
    ways.iter().map(|way| (*way, Vec::new())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trouble_anywhere_and_some_pairs_and_triples_keep_the_promise() {
    tell(&format!("seed {SEED}"));
    let (pool, mut dice) = (Pool::new(Path::Real), Dice(SEED));
    let mut cards = [Card::default(), Card::default(), Card::default(), Card::default()];
    let [none, one, two, three] = &mut cards;
    let base = undisturbed(&pool, &WAYS, none).await;
    // Beyond its own words our contract takes the ways of the others.
    let (own, others): (Vec<_>, Vec<_>) = base.into_iter().partition(|((way, _), _)| way.is_of_v1());
    let singles = [deeper(&others, Detail::All), deeper(&own, Detail::Alike)].concat();
    let ones = run(&pool, singles, one).await;
    let pairs = deeper(&ones, Detail::All);
    tell(&format!("{} pairs to draw from", pairs.len()));
    let pairs = run(&pool, sample(pairs, 300, &mut dice), two).await;
    let triples = sample(deeper(&pairs, Detail::All), 100, &mut dice);
    run(&pool, triples, three).await;
    for (name, card) in ["no trouble", "one trouble, all", "two, some", "three, some"].iter().zip(&cards) {
        holds(name, card);
    }
    assert!(cards[1].plans > 800 && cards[1].noted(Note::Flagged) > 0, "{}", cards[1]);
}

/// The ways that differ by provider: content, rejections, webhooks.
const CARRIED: [Way; 6] = [
    Way::Reply(Key::Without),
    Way::Reply(Key::With),
    Way::SendNew(Key::With),
    Way::Abandoned,
    Way::FirstMessage,
    Way::NextMessage,
];

async fn keeps_the_promise_at(carrier: Carrier) {
    let (pool, mut dice) = (Pool::at(carrier), Dice(SEED));
    let (mut one, mut two) = (Card::default(), Card::default());
    let base = undisturbed(&pool, &CARRIED, &mut Card::default()).await;
    let ones = run(&pool, deeper(&base, Detail::Alike), &mut one).await;
    let pairs = sample(deeper(&ones, Detail::Alike), 100, &mut dice);
    run(&pool, pairs, &mut two).await;
    holds(&format!("{carrier:?}, one trouble"), &one);
    holds(&format!("{carrier:?}, two, some"), &two);
    assert!(one.plans > 300 && one.noted(Note::Flagged) > 0, "{one}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_promise_is_kept_at_kaleyra_v2() {
    keeps_the_promise_at(Carrier::KaleyraV2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_promise_is_kept_at_kaleyra_v1() {
    keeps_the_promise_at(Carrier::KaleyraV1).await;
}

/// Unknown outcomes that no webhook resolves in time: the subject of the policy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_webhooks_a_policy_decides_and_only_the_caller_who_asked_may_get_more_than_one() {
    let ways = [Way::Reply(Key::With), Way::Reply(Key::Without), Way::SendNew(Key::With)];
    let often = [Way::ReplyAtLeastOnce(Key::With), Way::ReplyAtLeastOnce(Key::Without)];
    let pool = Pool::new(Path::Real);
    let (mut once, mut again) = (Card::default(), Card::default());
    run(&pool, doubts(&ways), &mut once).await;
    run(&pool, doubts(&often), &mut again).await;
    holds("at most once, callbacks late or never", &once);
    holds("at least once, callbacks late or never", &again);
    assert!(once.noted(Note::Repeated) == 0 && again.noted(Note::Repeated) > 5, "{once}\n{again}");
}

/// Every response that leaves the outcome unknown, with webhooks that arrive late or never.
fn doubts(ways: &[Way]) -> Vec<Plan> {
    let mut plans = Vec::new();
    for way in ways {
        for fault in provider_faults() {
            for manner in [Manner::Late, Manner::Never] {
                plans.push((*way, vec![Trouble::Provider(fault.clone()), Trouble::Callbacks(manner)]));
            }
        }
    }
    plans
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long: `just plans`"]
async fn all_pairs_of_troubles_and_many_triples_keep_the_promise() {
    let seed = SystemEntropy.next_u64() | 1;
    tell(&format!("seed {seed}"));
    let (pool, mut dice) = (Pool::new(Path::Real), Dice(seed));
    let (mut two, mut three) = (Card::default(), Card::default());
    for way in WAYS {
        let base = undisturbed(&pool, &[way], &mut Card::default()).await;
        let ones = run(&pool, deeper(&base, Detail::Alike), &mut Card::default()).await;
        let pairs = run(&pool, deeper(&ones, Detail::Alike), &mut two).await;
        let triples = sample(deeper(&pairs, Detail::All), 300, &mut dice);
        run(&pool, triples, &mut three).await;
        tell(&format!("{way:?} is done: {} pairs and {} triples so far", two.plans, three.plans));
    }
    tell(&format!("two troubles, all: {two}"));
    holds("three troubles, some", &three);
    holds("two troubles, all", &two);
}

/// All plans of one trouble on a wrong way of sending.
async fn found_out(path: Path) -> Card {
    let (pool, mut card) = (Pool::new(path), Card::default());
    let ways = [Way::Reply(Key::With), Way::Reply(Key::Without)];
    let base = undisturbed(&pool, &ways, &mut card).await;
    assert!(card.bad.is_empty(), "it works while nothing goes wrong: {}", card.worst());
    run(&pool, deeper(&base, Detail::All), &mut card).await;
    tell(&format!("{path:?}: {card}"));
    card
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_before_saving_is_found_out() {
    let card = found_out(Path::SendThenSave).await;
    assert!(card.count(Wrong::Duplicate) > 5 && card.count(Wrong::Ghost) > 0, "{card}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_given_back_on_errors_is_found_out() {
    let card = found_out(Path::LockDeletedOnError).await;
    assert!(card.count(Wrong::Duplicate) > 5, "{card}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calling_again_without_an_answer_is_found_out() {
    let card = found_out(Path::BlindRetry).await;
    assert!(card.count(Wrong::Duplicate) >= 3, "{card}");
}
