//! The session against a made-up exchange, in made-up time.

mod world;

use core::time::Duration;
use std::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use binance_core::stream::RawStream;

use self::world::{World, names, quiet, stream};
use super::*;

#[test]
fn what_is_wanted_is_asked_for_and_acknowledged() {
    let mut world = World::new(quiet());
    world.want(&["btcusdt@depth", "btcusdt@bookTicker"]);
    world.want(&["btcusdt@depth"]);
    world.session.start(Tick(world.now));
    world.run(100);
    assert_eq!(world.sent.len(), 1, "one command for both");
    let command: serde_json::Value = serde_json::from_str(&world.sent[0].2).unwrap();
    assert_eq!((command["method"].as_str(), command["id"].as_u64()), (Some("SUBSCRIBE"), Some(1)));
    assert_eq!(command["params"].as_array().unwrap().len(), 2);
    let expected = [Notice::Connected, Notice::Settled];
    assert!(world.notices.iter().map(|(_, notice)| notice).eq(&expected), "{:?}", world.notices);
    assert!(world.session.streams().all(|stream| stream.is_subscribed && stream.last_event.is_none()));

    world.unwant(&["btcusdt@depth", "never@wanted"]);
    world.run(1_100);
    assert_eq!(world.sent.len(), 2);
    assert!(world.sent[1].2.contains("UNSUBSCRIBE") && world.sent[1].2.contains("btcusdt@depth"));
    assert!(world.session.streams().map(|stream| stream.name).eq(["btcusdt@bookTicker"]));
    assert_eq!(world.told(|notice| *notice == Notice::Settled), 2);

    // Wanted and unwanted before anything could be sent: nothing is.
    world.want(&["ethusdt@depth"]);
    world.unwant(&["ethusdt@depth"]);
    world.run(1_100);
    assert_eq!(world.sent.len(), 2);
}

#[test]
fn commands_of_the_caller_are_answered_by_id_in_any_order() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.deaf = true;
    let first = world.session.request(Command::Subscribe, &[&stream("a@depth")], Some(77.into())).unwrap();
    let text = RequestId::text("mine").unwrap();
    let second =
        world.session.request(Command::Unsubscribe, &[&stream("btcusdt@depth")], Some(text)).unwrap();
    let third = world.session.request(Command::List, &[], None).unwrap();
    let taken = world.session.request(Command::List, &[], Some(77.into()));
    assert_eq!(taken, Err(RequestError::Id));
    world.run(2_000);
    assert_eq!(world.sent.len(), 4);
    let link = LinkId::new(world.open()[0]).unwrap();
    for answer in [
        r#"{"result":null,"id":"77"}"#,
        r#"{"result":null,"id":999}"#,
        r#"{"error":{"code":2,"msg":"Invalid request"},"id":null}"#,
        &format!(r#"{{"result":["a@depth"],"id":{third}}}"#),
        r#"{"result":null,"id":"mine"}"#,
        r#"{"id":77,"result":null}"#,
        r#"{"id":77,"result":null}"#,
        "hello",
    ] {
        world.take(link, answer);
    }
    assert_eq!(world.unmatched, 5);
    let ids: Vec<_> = world.replies.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, [third, second, first]);
    assert_eq!(world.replies[0].1.as_deref(), Ok(r#"["a@depth"]"#));
    assert!(world.session.is_settled());
    assert!(world.session.streams().map(|stream| stream.name).eq(["a@depth"]));
}

#[test]
fn a_refused_command_of_the_caller_is_told_and_its_streams_are_not_wanted() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.bad = "bad@depth";
    let id = world.session.request(Command::Subscribe, &[&stream("bad@depth")], None).unwrap();
    world.run(1_100);
    assert_eq!(world.replies.len(), 1);
    assert_eq!(world.replies[0].0, id);
    assert_eq!(world.replies[0].1.as_ref().unwrap_err().message, "bad");
    assert!(world.session.is_settled());
    assert!(world.session.streams().map(|stream| stream.name).eq(["btcusdt@depth"]));
}

#[test]
fn one_bad_stream_does_not_lose_the_others() {
    let mut world = World::new(quiet());
    world.bad = "bad@depth";
    let all = names(20);
    world.want(&all.iter().map(String::as_str).chain(["bad@depth"]).collect::<Vec<_>>());
    world.session.start(Tick(world.now));
    world.run(10_000);
    assert!(world.session.is_settled());
    assert_eq!(world.session.streams().count(), 20);
    assert_eq!(
        world.told(|notice| matches!(notice, Notice::Refused { name, .. } if *name == "bad@depth")),
        1
    );
    world.check_ceiling();
}

#[test]
fn a_thousand_streams_go_in_batches_under_the_ceiling() {
    let mut world = World::new(quiet());
    let all = names(1_024);
    world.want(&all.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(world.session.want(&stream("one@more")), Err(RequestError::Streams));
    assert_eq!(
        world.session.request(Command::Subscribe, &[&stream("one@more")], None),
        Err(RequestError::Streams)
    );
    world.session.start(Tick(world.now));
    world.run(3_000);
    assert!(world.session.is_settled());
    assert_eq!(world.sockets[0].as_ref().unwrap().subscribed.len(), 1_024);
    assert!(world.sent.len() <= 12, "{} commands", world.sent.len());
    world.check_ceiling();
    for first in 0..world.sent.len() {
        let within =
            world.sent[first..].iter().take_while(|sent| sent.0 - world.sent[first].0 < 1_000).count();
        assert!(within <= 5);
    }
}

#[test]
fn bounds_of_commands_are_told_and_change_nothing() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    let all = names(101);
    let raw: Vec<RawStream<'_>> = all.iter().map(|name| stream(name)).collect();
    let all: Vec<&dyn Subscription> = raw.iter().map(|raw| raw as &dyn Subscription).collect();
    assert_eq!(world.session.request(Command::Subscribe, &all, None), Err(RequestError::Batch));
    assert_eq!(world.session.request(Command::Subscribe, &[], None), Err(RequestError::Batch));
    let wrong = RawStream { name: "btcusdt@aggTrade", market: Market::UsdM, route: Some(Route::Market) };
    assert!(matches!(
        world.session.request(Command::Subscribe, &[&wrong], None),
        Err(RequestError::Name(NameError::Route { .. }))
    ));
    assert!(matches!(world.session.want(&wrong), Err(RequestError::Name(NameError::Route { .. }))));
    assert_eq!(world.session.len(), 1);
    world.deaf = true;
    for _ in 0..MAX_REQUESTS {
        world.session.request(Command::List, &[], None).unwrap();
    }
    assert_eq!(world.session.request(Command::List, &[], None), Err(RequestError::Busy));
}

#[test]
fn a_table_without_room_says_so_and_keeps_what_it_has() {
    let table = heapless::Vec::<Slot, 3>::new();
    let mut session = Session::new(Market::UsdM, Some(Route::Public), Mode::Combined, table, quiet(), 1);
    session.want(&stream("a@depth")).unwrap();
    session.want(&stream("b@depth")).unwrap();
    let two: [&dyn Subscription; 2] = [&stream("c@depth"), &stream("d@depth")];
    assert_eq!(session.request(Command::Subscribe, &two, None), Err(RequestError::Streams));
    assert_eq!(session.len(), 2);
    session.want(&stream("c@depth")).unwrap();
    assert_eq!(session.want(&stream("d@depth")), Err(RequestError::Streams));
    assert_eq!(session.len(), 3);
}

#[test]
fn a_ping_is_answered_before_anything_else_with_its_payload() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.run(2_000);
    world.frames.clear();
    let all = names(800);
    world.want(&all.iter().map(String::as_str).collect::<Vec<_>>());
    world.session.ping(LinkId::new(0).unwrap(), Tick(world.now), b"older");
    world.session.ping(LinkId::new(0).unwrap(), Tick(world.now), b"payload 7");
    world.run(300);
    assert_eq!(world.frames[0].2, "pong");
    assert_eq!(world.frames[1].2, "text");
    // Also when the commands have used up their part of the limit.
    world.session.ping(LinkId::new(0).unwrap(), Tick(world.now), b"payload 7");
    world.follow();
    assert_eq!(world.frames.last().unwrap().2, "pong");
    // But not over the exchange's limit.
    for _ in 0..30 {
        world.session.ping(LinkId::new(0).unwrap(), Tick(world.now), b"payload 7");
        world.run(20);
    }
    world.run(2_000);
    world.check_ceiling();
    assert!(world.session.is_settled());
}

#[test]
fn a_quiet_connection_is_pinged_and_one_without_pongs_is_lost() {
    let mut world = World::live(Config::default(), &["btcusdt@forceOrder"]);
    world.sleep(60_000);
    let pings = world.frames.iter().filter(|frame| frame.2 == "ping").count();
    assert!((5..=6).contains(&pings), "{pings}");
    assert_eq!(world.connects, 1);
    world.no_pongs = true;
    let before = world.now;
    world.sleep(40_000);
    let lost = world.notices.iter().find(|(_, notice)| {
        matches!(notice, Notice::Lost { reason: Reason::PongTimeout, retry_in: Some(_) })
    });
    assert!((before + 10_000..=before + 20_001).contains(&lost.unwrap().0));
    world.no_pongs = false;
    world.sleep(10_000);
    assert!(world.session.is_settled() && world.connects > 1);
}

#[test]
fn every_wait_has_a_deadline() {
    // Connecting.
    let mut session = Session::new(Market::UsdM, None, Mode::Raw, Vec::new(), quiet(), 1);
    session.start(Tick(5));
    assert!(matches!(session.poll_action(), Some(Action::Connect(_))));
    assert_eq!(session.poll_timeout(), Some(Tick(10_005)));
    session.elapsed(Tick(10_005));
    assert!(matches!(session.poll_action(), Some(Action::Abandon(_))));
    assert!(matches!(session.poll_notice(), Some(Notice::Lost { reason: Reason::ConnectTimeout, .. })));
    // A late word of the abandoned socket is nobody's.
    session.opened(LinkId::new(0).unwrap(), Tick(10_006));
    assert!(!session.is_connected());

    // An answer.
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.deaf = true;
    let id = world.session.request(Command::List, &[], None).unwrap();
    world.want(&["ethusdt@depth"]);
    world.sleep(10_001);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Lost { reason: Reason::AckTimeout, .. })), 1);
    assert_eq!(world.told(|notice| *notice == Notice::Unanswered { id: id.clone() }), 1);
    world.deaf = false;
    world.sleep(20_000);
    assert!(world.session.is_settled());

    // The closing handshake.
    world.latency = [60_000, 60_000];
    world.session.close(Tick(world.now));
    world.sleep(5_001);
    assert_eq!(world.notices.last().unwrap().1, Notice::Ended);
    assert_eq!(world.session.poll_timeout(), None);
}

#[test]
fn closing_is_a_handshake_and_then_the_end() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.session.close(Tick(world.now));
    assert_eq!(world.session.want(&stream("ethusdt@depth")), Err(RequestError::Ended));
    assert_eq!(world.session.request(Command::List, &[], None), Err(RequestError::Ended));
    world.run(100);
    assert_eq!(world.frames.last().unwrap().2, "close");
    assert_eq!(world.notices.last().unwrap().1, Notice::Ended);
    assert!(world.open().is_empty());
    assert_eq!(world.told(|notice| matches!(notice, Notice::Lost { .. })), 0);

    // While connecting, and before the start.
    let mut world = World::new(quiet());
    world.session.start(Tick(world.now));
    assert!(world.session.poll_action().is_some());
    world.session.close(Tick(world.now));
    assert!(matches!(world.session.poll_action(), Some(Action::Abandon(_))));
    assert_eq!(world.session.poll_notice(), Some(Notice::Ended));
    let mut world = World::new(quiet());
    world.session.close(Tick(world.now));
    assert_eq!(world.session.poll_notice(), Some(Notice::Ended));
    world.session.start(Tick(world.now));
    assert_eq!(world.session.poll_action(), None);
}

#[test]
fn without_reconnect_a_loss_is_the_end() {
    for reason in [Reason::Connect, Reason::Dropped] {
        let mut world = World::new(Config { reconnect: false, ..quiet() });
        world.down = reason == Reason::Connect;
        world.session.start(Tick(world.now));
        world.run(10);
        if reason == Reason::Dropped {
            world.cut(0, reason);
        }
        let told: Vec<_> = world.notices.iter().rev().take(2).map(|(_, notice)| notice.clone()).collect();
        assert_eq!(told, [Notice::Ended, Notice::Lost { reason, retry_in: None }]);
    }
}

#[test]
fn a_long_outage_is_outlived_and_its_span_is_told() {
    let mut world = World::live(quiet(), &["btcusdt@depth", "ethusdt@depth"]);
    world.sleep(20_000);
    world.emit("btcusdt@depth", 1);
    world.run(10);
    let heard = world.now - 9;
    world.down = true;
    world.cut(0, Reason::Closed(1_006));
    world.sleep(600_000);
    // Full jitter with a limit of 30 s: 15 s on average, far under 300 attempts in five minutes.
    assert!((20..100).contains(&world.connects), "{}", world.connects);
    world.down = false;
    world.sleep(31_000);
    assert!(world.session.is_settled());
    let gaps: Vec<_> = world
        .notices
        .iter()
        .filter_map(|(at, notice)| match notice {
            Notice::Gap { from, to } => Some((*from, *to, *at)),
            _ => None,
        })
        .collect();
    assert_eq!(gaps.len(), 1, "one gap, however many attempts");
    assert_eq!(gaps[0].0, Tick(heard));
    assert_eq!(gaps[0].1, Tick(gaps[0].2));
    world.emit("btcusdt@depth", 9);
    world.run(5);
    assert_eq!(world.events.last().unwrap().2, 9);
}

#[test]
fn a_clock_that_jumps_costs_a_ping_at_most() {
    let mut world = World::live(Config::default(), &["btcusdt@forceOrder"]);
    // Asleep for hours: the connection may have lived on, so it is asked.
    world.now += 6 * 3_600_000;
    world.run(10);
    assert_eq!(world.frames.last().unwrap().2, "ping");
    assert_eq!((world.connects, world.told(|notice| matches!(notice, Notice::Lost { .. }))), (1, 0));
    // Back again, which no clock of the session's kind does: time stands still until it is made up for.
    let ahead = world.now;
    world.now -= 3_600_000;
    world.emit("btcusdt@forceOrder", 1);
    world.run(10);
    assert_eq!(world.events.len(), 1);
    assert_eq!(world.session.streams().next().unwrap().last_event, Some(Tick(ahead)));
    world.now = ahead;
    world.sleep(60_000);
    assert_eq!((world.connects, world.told(|notice| matches!(notice, Notice::Lost { .. }))), (1, 0));
    // Asleep for longer than the exchange keeps a connection: another takes its place.
    world.now += 24 * 3_600_000;
    world.sleep(10_000);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Replacing { cause: Cause::Age })), 1);
    assert!(world.session.is_settled());
}

#[test]
fn an_attempt_waits_as_long_as_the_exchange_says() {
    let mut world = World::new(quiet());
    world.session.start(Tick(world.now));
    let Some(Action::Connect(link)) = world.session.poll_action() else { panic!() };
    world.session.lost(link, Tick(world.now), Reason::Connect);
    world.session.defer(link, Tick(world.now), Duration::from_secs(120));
    world.sleep(119_000);
    assert_eq!(world.connects, 0);
    world.sleep(1_500);
    assert_eq!(world.connects, 1);
    // In place of connecting, it is no failure.
    let mut world = World::new(quiet());
    world.session.start(Tick(world.now));
    let Some(Action::Connect(link)) = world.session.poll_action() else { panic!() };
    world.session.defer(link, Tick(world.now), Duration::from_secs(3));
    world.sleep(2_999);
    assert_eq!((world.connects, world.session.failures()), (0, 0));
    world.sleep(2);
    assert_eq!(world.connects, 1);
}

#[test]
fn a_connection_is_replaced_before_its_24_hours_and_nothing_is_missed_or_doubled() {
    let mut world = World::live(quiet(), &["btcusdt@depth", "ethusdt@depth"]);
    world.latency = [7, 31];
    world.sleep(22 * 3_600_000 + 1_700_000);
    assert_eq!(world.connects, 1);
    let mut number = 0;
    let end = world.now + 2_000_000;
    // Events all the time, by the hundred while both connections are there.
    while world.now < end && world.told(|notice| *notice == Notice::Replaced) == 0 {
        number += 1;
        world.emit("btcusdt@depth", number);
        world.emit("ethusdt@depth", number * 3);
        if world.open().len() == 2 { world.run(5) } else { world.sleep(1_000) }
    }
    for _ in 0..2_000 {
        number += 1;
        world.emit("btcusdt@depth", number);
        world.emit("ethusdt@depth", number * 3);
        world.run(5);
    }
    world.run(100);
    assert_eq!(world.told(|notice| *notice == Notice::Replacing { cause: Cause::Age }), 1);
    assert_eq!(world.told(|notice| *notice == Notice::Replaced), 1);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Gap { .. } | Notice::Lost { .. })), 0);
    assert_eq!((world.connects, world.open()), (2, vec![1]));
    let both = world.frames.iter().filter(|frame| frame.2 == "close").count();
    assert_eq!(both, 1, "the old one is closed");
    for (name, factor) in [("btcusdt@depth", 1), ("ethusdt@depth", 3)] {
        let numbers: Vec<u64> =
            world.events.iter().filter(|event| event.1 == name).map(|event| event.2).collect();
        let expected: Vec<u64> = (1..=number).map(|number| number * factor).collect();
        assert!(numbers == expected, "{} of {}", numbers.len(), expected.len());
    }
}

#[test]
fn a_shutdown_notice_replaces_the_connection_at_once() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.take(LinkId::new(0).unwrap(), r#"{"e":"serverShutdown","E":1}"#);
    world.run(5_000);
    assert_eq!(world.told(|notice| *notice == Notice::Replacing { cause: Cause::Shutdown }), 1);
    assert_eq!(world.told(|notice| *notice == Notice::Replaced), 1);
    assert_eq!(world.open(), [1]);
    // And back again.
    world.take(LinkId::new(1).unwrap(), r#"{"e":"serverShutdown","E":2}"#);
    world.run(5_000);
    assert_eq!(world.open(), [0]);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Lost { .. } | Notice::Gap { .. })), 0);
}

#[test]
fn what_both_connections_send_at_one_moment_is_given_out_once() {
    // The new one is level, behind, and ahead.
    for latency in [[3, 3], [1, 9], [9, 1]] {
        let mut world = World::live(quiet(), &["btcusdt@depth"]);
        world.latency = latency;
        let replaced = |world: &World| world.told(|notice| *notice == Notice::Replaced);
        let mut number = 0;
        // Read after the old one, and then, on the way back, before it.
        for (old, notice) in
            [r#"{"e":"serverShutdown","E":1}"#, r#"{"e":"serverShutdown","E":2}"#].iter().enumerate()
        {
            world.take(LinkId::new(old).unwrap(), notice);
            // Each millisecond, so that the last of one comes with one of the other, wherever the change falls.
            while replaced(&world) == old {
                number += 1;
                world.emit("btcusdt@depth", number);
                world.run(1);
            }
        }
        world.run(100);
        let numbers: Vec<u64> =
            world.events.iter().filter(|event| event.1 == "btcusdt@depth").map(|event| event.2).collect();
        assert!(numbers.iter().copied().eq(1..=number), "{latency:?}: {} of {number}", numbers.len());
        assert_eq!(world.told(|notice| matches!(notice, Notice::Gap { .. } | Notice::Lost { .. })), 0);
    }
}

#[test]
fn a_replacement_that_fails_is_tried_again_and_one_that_is_needed_earlier_takes_over() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.down = true;
    world.take(LinkId::new(0).unwrap(), r#"{"e":"serverShutdown","E":1}"#);
    world.run(2_000);
    assert!(world.told(|notice| matches!(notice, Notice::NotReplaced { reason: Reason::Connect, .. })) > 1);
    assert_eq!(world.open(), [0]);
    // The old one goes before there is another.
    world.cut(0, Reason::Closed(1_001));
    assert_eq!(world.told(|notice| matches!(notice, Notice::Lost { .. })), 1);
    world.down = false;
    world.sleep(31_000);
    assert!(world.session.is_settled());
    assert_eq!(world.open(), [1]);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Gap { .. })), 1);

    // The old one goes while the other has everything already: the gap is short.
    world.take(LinkId::new(1).unwrap(), r#"{"e":"serverShutdown","E":1}"#);
    world.run(1_500);
    assert_eq!(world.open(), [0, 1]);
    world.cut(1, Reason::Dropped);
    assert_eq!(world.told(|notice| *notice == Notice::Replaced), 0);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Lost { .. })), 2);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Gap { .. })), 2);
    assert!(world.session.is_settled());
    world.emit("btcusdt@depth", 5);
    world.run(5);
    assert_eq!(world.events.last().unwrap().2, 5);
}

#[test]
fn a_change_of_mind_while_one_connection_replaces_another_costs_nothing() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    world.latency = [3, 20];
    world.take(LinkId::new(0).unwrap(), r#"{"e":"serverShutdown","E":1}"#);
    let mut number = 0;
    let mut feed = |world: &mut World, millis: u64| {
        for _ in 0..millis / 10 {
            number += 1;
            world.emit("btcusdt@depth", number);
            world.run(10);
        }
    };
    // In the middle of the last half second, when the new one is not read.
    feed(&mut world, 2_800);
    assert!(!world.session.may_read(LinkId::new(1).unwrap()));
    world.want(&["ethusdt@depth"]);
    let id = world.session.request(Command::List, &[], None).unwrap();
    feed(&mut world, 8_000);
    assert_eq!(world.replies[0].0, id);
    assert_eq!(world.open(), [1]);
    assert!(world.session.is_settled());
    assert_eq!(world.told(|notice| *notice == Notice::Replaced), 1);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Lost { .. } | Notice::Unanswered { .. })), 0);
    world.run(100);
    assert!(world.events.iter().skip(1).map(|event| event.2).eq(1..=1_080));
}

#[test]
fn a_command_is_answered_on_the_connection_that_it_was_sent_on_before_that_is_replaced() {
    let mut world = World::live(quiet(), &["btcusdt@depth"]);
    // Once each way, since the links are not alike.
    for (old, new) in [(0, 1), (1, 0)] {
        world.take(LinkId::new(old).unwrap(), &format!(r#"{{"e":"serverShutdown","E":{old}}}"#));
        world.run(500);
        assert_eq!(world.open(), [0, 1]);
        world.deaf = true;
        let id = world.session.request(Command::List, &[], None).unwrap();
        world.run(6_000);
        assert_eq!(world.sent.last().unwrap().1, old);
        assert_eq!(world.open(), [0, 1], "it waits for the answer");
        world.deaf = false;
        world.take(LinkId::new(old).unwrap(), &format!(r#"{{"result":[],"id":{id}}}"#));
        assert_eq!(world.replies.last().unwrap().0, id);
        world.run(1_000);
        assert_eq!(world.open(), [new]);
    }
    assert_eq!(world.told(|notice| matches!(notice, Notice::Unanswered { .. } | Notice::Lost { .. })), 0);
}

#[test]
fn a_connection_that_does_not_reconnect_outlives_its_day() {
    let mut world = World::live(Config { reconnect: false, ..quiet() }, &["btcusdt@markPrice"]);
    world.take(LinkId::new(0).unwrap(), r#"{"e":"serverShutdown","E":1}"#);
    world.sleep(48 * 3_600_000);
    assert_eq!((world.connects, world.open()), (1, vec![0]));
}

#[test]
fn without_overlap_an_old_connection_is_closed_and_opened_again() {
    let mut world = World::live(Config { overlap: false, ..quiet() }, &["btcusdt@depth"]);
    world.take(LinkId::new(0).unwrap(), r#"{"e":"serverShutdown","E":1}"#);
    world.run(2_000);
    assert_eq!((world.connects, world.open()), (2, vec![0]));
    assert!(world.session.is_settled());
    assert_eq!(world.told(|notice| matches!(notice, Notice::Gap { .. })), 1);
}

#[test]
fn user_events_come_once_while_two_connections_overlap() {
    let key = Text::new("pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1").unwrap();
    let mut world = World::of(Mode::User(key.clone()), quiet(), 1);
    world.session.start(Tick(world.now));
    world.run(10);
    let mut path = String::new();
    world.session.write_path(&mut path).unwrap();
    assert_eq!(path, format!("/private/ws?listenKey={key}"));
    assert!(!format!("{:?}", world.session).contains("pqia91ma19"));
    let order = |number: u64| {
        format!(r#"{{"e":"ORDER_TRADE_UPDATE","E":1,"T":1,"o":{{"i":{number}}},"u":{number}}}"#)
    };
    world.take(LinkId::ALL[0], &order(1));
    world.session.set_listen_key(Tick(world.now), Text::new("another").unwrap());
    world.run(100);
    assert_eq!(world.open(), [0, 1]);
    // Both send everything, the new one earlier, and each event twice, which is two events.
    for (socket, delay) in [(0, 40), (1, 10)] {
        for number in 2..600 {
            let socket = world.sockets[socket].as_mut().unwrap();
            socket.inbox.push_back((world.now + delay + number * 10, order(number / 2 * 2)));
        }
    }
    world.run(8_000);
    assert_eq!(world.open(), [1]);
    assert_eq!(world.told(|notice| *notice == Notice::Replaced), 1);
    let expected = [1].into_iter().chain((2..600).map(|number| number / 2 * 2));
    assert!(world.events.iter().map(|event| event.2).eq(expected), "{} events", world.events.len());
    let mut path = String::new();
    world.session.write_path(&mut path).unwrap();
    assert_eq!(path, "/private/ws?listenKey=another");
}

#[test]
fn a_stream_that_falls_silent_is_told_and_renewed_and_its_return_is_told() {
    let mut world =
        World::live(quiet(), &["btcusdt@markPrice@1s", "btcusdt@bookTicker", "btcusdt@forceOrder"]);
    for number in 0..120 {
        world.emit("btcusdt@bookTicker", number);
        if number < 40 {
            world.emit("btcusdt@markPrice@1s", number);
        }
        world.run(500);
    }
    let silent: Vec<_> = world
        .notices
        .iter()
        .filter_map(|(at, notice)| match notice {
            Notice::Silent { name, since, ever } => Some((*at - since.0, name.as_str(), *ever)),
            _ => None,
        })
        .collect();
    assert_eq!(silent, [(15_000, "btcusdt@markPrice@1s", true)]);
    let renewed: Vec<_> = world.sent.iter().filter(|sent| sent.2.contains("markPrice")).skip(1).collect();
    assert!(renewed.len() == 2 && renewed[0].2.contains("UNSUBSCRIBE"), "{renewed:?}");
    assert_eq!(world.connects, 1, "others are not silent");
    world.emit("btcusdt@markPrice@1s", 1_000);
    world.run(10);
    let last = world.events.iter().rev().filter(|event| event.1 == "btcusdt@markPrice@1s").nth(1).unwrap().0;
    let from_the_last =
        |notice: &Notice| matches!(notice, Notice::Resumed { from, .. } if *from == Tick(last));
    assert_eq!(world.told(from_the_last), 1);
    assert_eq!(
        world
            .told(|notice| matches!(notice, Notice::Resumed { name, .. } if *name == "btcusdt@markPrice@1s")),
        1
    );
    // And again.
    world.sleep(15_001);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Silent { .. })), 2);
}

#[test]
fn a_stream_that_is_acknowledged_and_never_sends_is_told() {
    let mut world = World::live(quiet(), &["typousdt@bookTicker", "btcusdt@forceOrder"]);
    world.sleep(120_000);
    let silent = |notice: &Notice| matches!(notice, Notice::Silent { name, ever: false, .. } if *name == "typousdt@bookTicker");
    assert_eq!(world.told(silent), 1);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Silent { .. })), 1);
    assert_eq!(world.connects, 1);
}

#[test]
fn a_connection_that_is_open_and_silent_is_replaced_but_not_again_and_again() {
    let mut world = World::live(quiet(), &["btcusdt@markPrice", "ethusdt@markPrice"]);
    world.sleep(16_000);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Silent { .. })), 2);
    assert_eq!(world.told(|notice| *notice == Notice::Replacing { cause: Cause::Silence }), 1);
    world.sleep(600_000);
    assert!((5..=12).contains(&world.connects), "{} in ten minutes", world.connects);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Silent { .. })), 2, "told once");
    let connects = world.connects;
    for number in 0..1_000 {
        world.emit("btcusdt@markPrice", number);
        world.emit("ethusdt@markPrice", number);
        world.sleep(3_000);
    }
    assert!(world.connects <= connects + 1);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Resumed { .. })), 2);
}

#[test]
fn streams_that_fall_silent_one_after_the_other_replace_the_connection_once() {
    let mut world = World::live(quiet(), &["btcusdt@markPrice", "!bookTicker"]);
    world.sleep(50_000);
    assert_eq!(world.told(|notice| matches!(notice, Notice::Silent { .. })), 2);
    assert_eq!(world.connects, 2);
}

#[test]
fn paths_hold_what_is_wanted_in_them() {
    let path = |session: &Session<Vec<Slot>>| {
        let mut path = String::new();
        session.write_path(&mut path).unwrap();
        path
    };
    let new = |market, mode| Session::new(market, Some(Route::Market), mode, Vec::new(), quiet(), 1);
    let mut combined = new(Market::UsdM, Mode::Combined);
    assert_eq!(path(&combined), "/market/stream");
    let one = RawStream { name: "!markPrice@arr", market: Market::UsdM, route: Some(Route::Market) };
    let two = RawStream { name: "币usdt@aggTrade", ..one };
    combined.want_in_url(&[&one]).unwrap();
    assert_eq!(path(&combined), "/market/stream?streams=!markPrice@arr");
    combined.want_in_url(&[&two]).unwrap();
    let both = path(&combined);
    assert!(
        both.contains("%E5%B8%81usdt@aggTrade")
            && both.contains("!markPrice@arr")
            && both.matches('/').count() == 3
    );
    combined.unwant(&two).unwrap();
    assert_eq!(path(&combined), "/market/stream?streams=!markPrice@arr");
    let mut raw = new(Market::CoinM, Mode::Raw);
    raw.want_in_url(&[&RawStream { name: "btcusd_perp@depth", market: Market::CoinM, route: None }]).unwrap();
    assert_eq!(path(&raw), "/ws/btcusd_perp@depth");
    let mut user = new(Market::CoinM, Mode::User(Text::new("key").unwrap()));
    assert_eq!(path(&user), "/ws/key");
    assert_eq!(user.want_in_url(&[&one]), Err(RequestError::Name(NameError::Single)));
    let long = names(100);
    let raw: Vec<RawStream<'_>> = long.iter().map(|name| RawStream { name, ..one }).collect();
    let long: Vec<&dyn Subscription> = raw.iter().map(|raw| raw as &dyn Subscription).collect();
    assert_eq!(combined.want_in_url(&long), Err(RequestError::Batch));

    // They need no command, and are there again after a loss.
    let mut world = World::new(quiet());
    world.session.want_in_url(&[&stream("btcusdt@depth")]).unwrap();
    world.session.start(Tick(world.now));
    world.run(10);
    world.cut(0, Reason::Dropped);
    world.run(1_000);
    assert!(world.session.is_settled() && world.sent.is_empty());
    assert_eq!(world.told(|notice| *notice == Notice::Settled), 2);
}

/// Random events in random order; then quiet; then the exchange must have exactly what is wanted, and whatever was
/// missed must lie in a gap that was told.
#[test]
fn whatever_happens_no_subscription_is_lost_or_doubled_and_no_gap_untold() {
    for seed in 1..=60_u64 {
        let mut random = seed;
        let mut random = |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        let config = Config {
            rotate_after: Duration::from_secs(40),
            rotate_spread: Duration::from_secs(20),
            ping_after: Duration::from_secs(3),
            backoff_most: Duration::from_secs(4),
            max_streams: 40,
            overlap: seed % 4 != 0,
            ..Config::default()
        };
        let mut world = World::of(Mode::Combined, config, seed);
        // Always wanted, never disturbed by the caller; the rest comes and goes.
        let steady = ["steady0@forceOrder_x", "steady1@depth"];
        world.want(&steady);
        let mut wanted: BTreeSet<String> = steady.iter().map(ToString::to_string).collect();
        world.session.start(Tick(world.now));
        let all = names(30);
        // When event `number` of the second steady stream would arrive.
        let mut arrivals: BTreeMap<u64, u64> = BTreeMap::new();
        let mut number = 0;
        let mut numbered = |world: &mut World| {
            number += 1;
            arrivals.insert(number, world.emit(steady[1], number));
        };
        for _ in 0..2_000 {
            match random(100) {
                0..10 => {
                    let name = &all[random(30) as usize];
                    wanted.insert(name.clone());
                    world.want(&[name]);
                }
                10..18 => {
                    let name = &all[random(30) as usize];
                    wanted.remove(name);
                    world.unwant(&[name]);
                }
                18..20 => {
                    for link in world.open() {
                        if random(2) == 0 {
                            world.cut(
                                link,
                                if random(2) == 0 { Reason::Dropped } else { Reason::Closed(1_001) },
                            );
                        }
                    }
                }
                20 => world.down = !world.down,
                21 => world.deaf = random(4) == 0,
                22 => world.no_pongs = random(4) == 0,
                23 => world.latency = [random(60) + 1, random(60) + 1],
                24 => {
                    if let Some(link) = world.open().first() {
                        world.take(LinkId::new(*link).unwrap(), r#"{"e":"serverShutdown","E":1}"#);
                    }
                }
                25 => {
                    let _ = world.session.request(Command::List, &[], None);
                }
                26..30 => world.sleep(random(8_000)),
                _ => numbered(&mut world),
            }
            world.run(random(20));
        }
        (world.down, world.deaf, world.no_pongs) = (false, false, false);
        // Quiet, but for the clock: no rotation is left hanging either.
        world.sleep(30_000);
        for _ in 0..200 {
            if world.session.is_settled() && world.open().len() == 1 {
                break;
            }
            world.sleep(500);
        }
        assert!(world.session.is_settled(), "seed {seed}: {:?}", world.session);
        let [link] = world.open()[..] else { panic!("seed {seed}: two connections") };
        assert_eq!(world.sockets[link].as_ref().unwrap().subscribed, wanted, "seed {seed}");
        world.check_ceiling();

        let steadily: Vec<_> = world.events.iter().filter(|event| event.1 == steady[1]).collect();
        for pair in steadily.windows(2) {
            let near = || -> Vec<_> {
                world.notices.iter().filter(|(at, _)| at.abs_diff(pair[1].0) < 15_000).collect()
            };
            assert!(pair[0].2 < pair[1].2, "seed {seed}: {pair:?} are doubled or out of order: {:?}", near());
        }
        let got: Vec<u64> = steadily.into_iter().map(|event| event.2).collect();
        let gaps: Vec<(u64, u64)> = world
            .notices
            .iter()
            .filter_map(|(_, notice)| match notice {
                Notice::Gap { from, to } => Some((from.0, to.0)),
                _ => None,
            })
            .collect();
        let first = world.notices.iter().find(|(_, notice)| *notice == Notice::Settled).unwrap().0;
        let got: BTreeSet<u64> = got.into_iter().collect();
        for (number, arrival) in &arrivals {
            let told = gaps.iter().any(|(from, to)| (*from..=to + 60).contains(arrival));
            let near = || -> Vec<_> {
                world.notices.iter().filter(|(at, _)| at.abs_diff(*arrival) < 15_000).collect()
            };
            assert!(
                got.contains(number) || told || *arrival <= first,
                "seed {seed}: {number} at {arrival} {:?}",
                near()
            );
        }
        assert!(got.len() > 100, "seed {seed}: only {} events", got.len());
    }
}
