//! The budget against an exchange that counts by its own clock.

extern crate std;

use std::{collections::BTreeMap, vec::Vec};

use super::*;

fn weight(weight: u32) -> Cost {
    Cost { weight, ..Cost::default() }
}

fn rules(weight: u32) -> Rules {
    Rules { weight, reserve: 0, guard: 0, ..Rules::default() }
}

fn told(used: u32) -> Limits {
    Limits::read([("x-mbx-used-weight-1m", std::format!("{used}").as_bytes())])
}

fn millis(refusal: Refusal) -> Option<u128> {
    refusal.retry_in.map(|wait| wait.as_millis())
}

#[test]
fn a_window_is_full_to_the_last_and_then_new() {
    let mut budget = Budget::new(rules(10));
    for now in 0..10 {
        let ticket = budget.charge(Millis(now), weight(1)).unwrap();
        budget.settle(Millis(now), ticket, None);
    }
    let refusal = budget.charge(Millis(10), weight(1)).unwrap_err();
    assert_eq!((refusal.limit, millis(refusal)), (Limit::Weight, Some(59_990)));
    assert_eq!(budget.used(Millis(59_999), Limit::Weight), 10);
    assert_eq!(budget.used(Millis(60_000), Limit::Weight), 0);
    assert!(budget.charge(Millis(60_000), weight(10)).is_ok());
    assert_eq!(
        millis(budget.charge(Millis(60_000), weight(11)).unwrap_err()),
        None,
        "more than there ever is"
    );
}

#[test]
fn what_is_on_its_way_counts_on_both_windows() {
    let mut budget = Budget::new(rules(10));
    let early = budget.charge(Millis(59_000), weight(4)).unwrap();
    let late = budget.charge(Millis(59_999), weight(3)).unwrap();
    budget.settle(Millis(59_500), early, None);
    assert_eq!(budget.used(Millis(60_000), Limit::Weight), 3);
    // The exchange counted it before the minute was over, or after: its reply cannot tell.
    budget.settle(Millis(60_010), late, Some(&told(9)));
    assert_eq!(budget.used(Millis(60_010), Limit::Weight), 3);
    assert_eq!(budget.used(Millis(120_000), Limit::Weight), 0);
}

#[test]
fn what_nobody_waits_for_counts_on_the_next_window() {
    let mut budget = Budget::new(rules(10));
    let ticket = budget.charge(Millis(59_000), weight(4)).unwrap();
    budget.abandon(Millis(59_000), ticket);
    assert_eq!(budget.used(Millis(59_000), Limit::Weight), 4);
    assert_eq!(budget.used(Millis(60_000), Limit::Weight), 4);
    assert_eq!(budget.used(Millis(120_000), Limit::Weight), 0);
}

#[test]
fn what_was_never_sent_is_given_back() {
    let mut budget = Budget::new(rules(10));
    let ticket = budget.charge(Millis(100), weight(4)).unwrap();
    budget.refund(ticket);
    assert_eq!(budget.used(Millis(100), Limit::Weight), 0);
    let ticket = budget.charge(Millis(59_999), weight(4)).unwrap();
    assert_eq!(budget.used(Millis(60_000), Limit::Weight), 4);
    budget.refund(ticket);
    assert_eq!(budget.used(Millis(60_000), Limit::Weight), 0);
}

#[test]
fn replies_correct_upward_and_never_downward() {
    let mut budget = Budget::new(rules(100));
    let one = budget.charge(Millis(0), weight(10)).unwrap();
    let two = budget.charge(Millis(0), weight(10)).unwrap();
    budget.settle(Millis(5), one, Some(&told(70)));
    assert_eq!(budget.used(Millis(5), Limit::Weight), 70);
    budget.settle(Millis(6), two, Some(&told(5)));
    assert_eq!(budget.used(Millis(6), Limit::Weight), 70);
    assert!(budget.charge(Millis(7), weight(31)).is_err());
    let three = budget.charge(Millis(7), weight(30)).unwrap();
    // Replies that come in another order than the requests went do not make others of one's own.
    budget.settle(Millis(8), three, Some(&told(100)));
    assert_eq!(budget.used(Millis(8), Limit::Weight), 100);
    assert_eq!(budget.used(Millis(60_000), Limit::Weight), 0);
}

#[test]
fn a_share_is_kept_and_what_others_use_is_respected() {
    let mut budget = Budget::new(Rules { share: 30, ..rules(100) });
    let ticket = budget.charge(Millis(0), weight(20)).unwrap();
    assert!(budget.charge(Millis(0), weight(11)).is_err(), "more than the share");
    assert!(budget.charge(Millis(0), weight(31)).unwrap_err().retry_in.is_none());
    budget.settle(Millis(1), ticket, Some(&told(95)));
    assert!(budget.charge(Millis(1), weight(6)).is_err(), "more than all");
    assert!(budget.charge(Millis(1), weight(5)).is_ok());
}

#[test]
fn the_reserve_is_for_cancels() {
    let mut budget = Budget::new(Rules { reserve: 10, ..rules(100) });
    let _ = budget.charge(Millis(0), weight(90)).unwrap();
    assert!(budget.charge(Millis(0), weight(1)).is_err());
    let urgent = Cost { urgent: true, ..weight(10) };
    assert!(budget.charge(Millis(0), urgent).is_ok());
    assert!(budget.charge(Millis(0), Cost { urgent: true, ..weight(1) }).is_err());
}

#[test]
fn orders_have_two_windows_and_the_later_one_says_how_long() {
    let mut budget = Budget::new(Rules { orders_10s: 3, orders_1m: 4, guard: 0, ..Rules::default() });
    let order = Cost { orders_10s: 1, orders_1m: 1, ..Cost::default() };
    for _ in 0..3 {
        let _ = budget.charge(Millis(0), order).unwrap();
    }
    let refusal = budget.charge(Millis(1), order).unwrap_err();
    assert_eq!((refusal.limit, millis(refusal)), (Limit::Orders10s, Some(9_999)));
    // In flight still, all three: they count on the next ten seconds too.
    let refusal = budget.charge(Millis(10_000), order).unwrap_err();
    assert_eq!((refusal.limit, millis(refusal)), (Limit::Orders10s, Some(10_000)));

    let mut budget = Budget::new(Rules { orders_10s: 3, orders_1m: 4, guard: 0, ..Rules::default() });
    for now in [0, 0, 0, 10_000] {
        let ticket = budget.charge(Millis(now), order).unwrap();
        budget.settle(Millis(now), ticket, None);
    }
    let refusal = budget.charge(Millis(10_001), order).unwrap_err();
    assert_eq!((refusal.limit, millis(refusal)), (Limit::Orders1m, Some(49_999)));
    budget.exhaust_orders(Millis(60_000));
    assert_eq!(budget.charge(Millis(60_000), order).unwrap_err().limit, Limit::Orders10s);
    assert!(budget.charge(Millis(70_000), order).is_ok());
}

#[test]
fn a_closed_budget_lets_nothing_through() {
    let mut budget = Budget::new(Rules { guard: 0, ..Rules::default() });
    budget.close(Millis(5_000));
    budget.close(Millis(4_000));
    for cost in [weight(1), Cost { urgent: true, ..weight(1) }, Cost::default()] {
        let refusal = budget.check(Millis(1_000), cost).unwrap_err();
        assert_eq!((refusal.limit, millis(refusal)), (Limit::Closed, Some(4_000)));
    }
    assert!(budget.check(Millis(5_000), weight(1)).is_ok());
}

#[test]
fn near_the_end_of_a_window_a_request_fits_both() {
    let mut budget = Budget::new(Rules { guard: 100, ..rules(10) });
    let ticket = budget.charge(Millis(59_000), weight(8)).unwrap();
    budget.settle(Millis(59_100), ticket, None);
    let ticket = budget.charge(Millis(60_010), weight(2)).unwrap();
    budget.settle(Millis(60_020), ticket, None);
    assert_eq!(millis(budget.charge(Millis(60_030), weight(1)).unwrap_err()), Some(70));
    assert!(budget.charge(Millis(60_100), weight(8)).is_ok());
    // A full window has no room before the next is surely there.
    let mut budget = Budget::new(Rules { guard: 100, ..rules(10) });
    let ticket = budget.charge(Millis(59_000), weight(10)).unwrap();
    budget.settle(Millis(59_100), ticket, None);
    assert_eq!(millis(budget.charge(Millis(59_950), weight(1)).unwrap_err()), Some(150));
}

#[test]
fn a_clock_that_is_set_back_stops_nobody_for_long() {
    let mut budget = Budget::new(rules(10));
    let ticket = budget.charge(Millis(600_000), weight(10)).unwrap();
    budget.settle(Millis(600_000), ticket, None);
    assert_eq!(millis(budget.charge(Millis(90_000), weight(1)).unwrap_err()), Some(30_000));
    assert!(budget.charge(Millis(120_000), weight(10)).is_ok());
    let mut budget = Budget::new(rules(10));
    for now in [i64::MAX, i64::MIN, 0, i64::MAX, i64::MIN] {
        budget.settle(Millis(now), Ticket::new(weight(1), Millis(now)), Some(&told(1)));
        let _ = budget.charge(Millis(now), weight(1));
    }
}

/// A program that sends whenever it may, with replies that take their time, against an exchange whose clock is off by
/// less than the guard: the exchange never counts more than its limit.
#[test]
fn the_exchange_never_counts_more_than_its_limit() {
    let mut seed = 12_345_u64;
    let mut random = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below) as i64
    };
    for clock_error in [-99, 0, 99] {
        let mut budget = Budget::new(Rules { guard: 100, ..rules(50) });
        let mut sent: Vec<(i64, i64, Ticket)> = Vec::new();
        let mut counted: BTreeMap<i64, u32> = BTreeMap::new();
        let mut total = 0;
        for now in (0..600_000_i64).step_by(37) {
            // What arrived at the exchange by now, and what came back.
            sent.sort_by_key(|(arrives, ..)| *arrives);
            let mut on_the_way = Vec::new();
            for (arrives, returns, ticket) in sent.drain(..) {
                if returns > now {
                    on_the_way.push((arrives, returns, ticket));
                    continue;
                }
                let minute = (arrives + clock_error).div_euclid(60_000);
                let used = counted.entry(minute).or_insert(0);
                *used += ticket.cost().weight;
                assert!(*used <= 50, "{used} in minute {minute}, clock error {clock_error}");
                budget.settle(Millis(now), ticket, None);
            }
            sent = on_the_way;
            // Greedy around the end of every other minute, where the two windows meet; modest in between.
            let near = (59_700..60_700).contains(&(now % 120_000));
            let wanted = if near { random(6) } else { i64::from(random(100) == 0) };
            for _ in 0..wanted {
                if let Ok(ticket) = budget.charge(Millis(now), weight(1 + random(3) as u32)) {
                    total += ticket.cost().weight;
                    let most = if random(2) == 0 { 20 } else { 300 };
                    let arrives = now + random(most);
                    sent.push((arrives, arrives + random(20), ticket));
                }
            }
        }
        assert!(total > 5 * 60, "{total} of 500 were used: too few for a test");
    }
}

#[test]
fn calls_of_usdm_have_a_weight_of_their_own_and_its_orders_count_on_both() {
    use binance_core::{
        Contracts, Market, coinm,
        decimal::dec,
        enums::Side,
        usdm::{
            market_data::Depth,
            trade::{CancelOrder, NewOrder},
        },
    };
    let of = |cost: Cost| (cost.weight, cost.calls, cost.orders_10s, cost.orders_1m, cost.urgent);
    assert_eq!(of(Cost::of_call(&Depth::new("BTCUSDT").limit(1_000))), (0, 20, 0, 0, false));
    assert_eq!(of(Cost::of_call(&CancelOrder::by_id("BTCUSDT", 1))), (1, 1, 0, 0, true));
    let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("1"), dec!("1"));
    assert_eq!(of(Cost::of_call(&order)), (0, 0, 1, 1, false));
    let order = coinm::trade::NewOrder::limit("BTCUSD_PERP", Side::Buy, Contracts::from(1), dec!("1"));
    assert_eq!(of(Cost::of_call(&order)), (0, 0, 0, 1, false));
    assert_eq!(of(Cost::of_call(&coinm::trade::CancelOrder::by_id("BTCUSD_PERP", 1))), (1, 0, 0, 0, true));

    assert_eq!(of(Cost::of_handshake(Market::UsdM)), (0, 5, 0, 0, true));
    assert_eq!(of(Cost::of_handshake(Market::CoinM)), (5, 0, 0, 0, true));

    // One is used up without the other.
    let mut budget = Budget::new(Rules { weight: 10, calls: 5, reserve: 0, guard: 0, ..Rules::default() });
    let calls = |calls: u32| Cost { calls, ..Cost::default() };
    let _ = budget.charge(Millis(0), calls(5)).unwrap();
    assert_eq!(budget.charge(Millis(0), calls(1)).unwrap_err().limit, Limit::Calls);
    let _ = budget.charge(Millis(0), weight(10)).unwrap();
    assert_eq!((budget.used(Millis(0), Limit::Calls), budget.used(Millis(0), Limit::Weight)), (5, 10));
}
