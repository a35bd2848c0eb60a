//! A budget never lets more through than the exchange counts in a window of its own clock.

use std::collections::BTreeMap;

use binance_core::Millis;
use binance_http::{
    Limits,
    budget::{Budget, Cost, Limit, Rules, Ticket},

};

use crate::input::Input;

const WEIGHT: u32 = 50;
const GUARD: i64 = 100;

/// What the budget's window and the exchange's are told of one request.
struct Sent {
    arrives: i64,
    returns: i64,
    ticket: Ticket,
}

/// Takes the input as steps of time and requests, each with how long it takes on its way.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    let clock_error = i64::from(input.byte()) * 2 * GUARD / 256 - GUARD;
    let mut now = i64::from(input.below(60_000));
    let rules = Rules { weight: WEIGHT, reserve: input.byte() % 100, guard: GUARD as u16, ..Rules::default() };
    let mut budget = Budget::new(rules);
    let mut sent: Vec<Sent> = Vec::new();
    let mut counted: BTreeMap<i64, u32> = BTreeMap::new();
    while !input.is_empty() {
        let step = input.byte();
        match step % 4 {
            0 => now += i64::from(input.below(30_000)),
            1 => now += i64::from(input.byte()),
            _ => {
                let cost = Cost { weight: u32::from(input.byte() % 64), urgent: step > 127, ..Cost::default() };
                let checked = budget.check(Millis(now), cost);
                let charged = budget.charge(Millis(now), cost);
                assert_eq!(checked.err(), charged.as_ref().err().copied());
                match charged {
                    Ok(ticket) => {
                        let arrives = now + i64::from(input.below(500));
                        sent.push(Sent { arrives, returns: arrives + i64::from(input.byte()), ticket });
                    }
                    Err(refusal) => assert_eq!(
                        refusal.retry_in.is_none(),
                        cost.weight > WEIGHT || (!cost.urgent && never(cost.weight, rules.reserve)),
                        "{refusal:?} for {cost:?}"
                    ),
                }
            }
        }
        // What arrived at the exchange by now, in its order, and what came back.
        sent.sort_by_key(|sent| sent.arrives);
        sent.retain(|sent| {
            if sent.returns > now {
                return true;
            }
            let minute = (sent.arrives + clock_error).div_euclid(60_000);
            let used = counted.entry(minute).or_insert(0);
            *used += sent.ticket.cost().weight;
            assert!(*used <= WEIGHT, "{used} in minute {minute}, the clock is off by {clock_error}");
            // The reply may tell what the exchange has counted, or not.
            let text = used.to_string();
            let told = Limits::read([("x-mbx-used-weight-1m", text.as_bytes())]);
            let tells = sent.ticket.cost().weight % 2 == 0;
            budget.settle(Millis(now), sent.ticket, tells.then_some(&told));
            false
        });
        assert!(budget.used(Millis(now), Limit::Weight) <= WEIGHT);
    }
}

/// Whether there is never so much, with a part kept for cancels.
fn never(weight: u32, reserve: u8) -> bool {
    weight > WEIGHT - WEIGHT * u32::from(reserve) / 100
}
