//! What the exchange says when it refuses.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{endpoint::Market, text::Text};

mod codes;

/// A code of the exchange, such as -1021. All that it documents have names here, and what programs ask of them is a
/// question here.
///
/// A few numbers mean different things on the two markets ([`ApiCode::depends_on_market`]); the questions that it
/// matters for ask for the market.
///
/// Exchange docs: [USDⓈ-M](https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code),
/// [COIN-M](https://developers.binance.com/docs/derivatives/coin-margined-futures/error-code).
///
/// ```
/// use binance_core::{ApiCode, Market};
/// assert_eq!(ApiCode(-4164), ApiCode::UM_MIN_NOTIONAL);
/// assert_eq!(ApiCode(-4178).name_on(Market::CoinM), Some("MIN_NOTIONAL"));
/// assert!(ApiCode(-4164).is_filter() && ApiCode(-4178).is_filter());
/// assert_eq!(format!("{:?}", ApiCode(-1021)), "-1021 INVALID_TIMESTAMP");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiCode(pub i32);

/// Where the exchange sorts a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// -10xx: servers, network, limits, key, clock.
    General,
    /// -11xx: the request itself, its parameters.
    Request,
    /// -20xx: what was asked for could not be done; the key.
    Processing,
    /// -4xxx: the rules of contract and account.
    Rules,
    /// -50xx: the matching of an order.
    Execution,
    /// Any other, such as the small positive numbers of stream connections.
    Other,
}

impl ApiCode {
    /// The exchange's name for the code, where this version knows one that is right on both markets or is on one
    /// only.
    pub const fn name(self) -> Option<&'static str> {
        match (self.name_on(Market::UsdM), self.name_on(Market::CoinM)) {
            (Some(_), Some(_)) if self.depends_on_market() => None,
            (Some(name), _) | (None, Some(name)) => Some(name),
            (None, None) => None,
        }
    }

    /// Whether the two markets have the code for different things.
    pub const fn depends_on_market(self) -> bool {
        matches!(
            self,
            Self::UM_REDUCE_ONLY_ORDER_PERMISSION
                | Self::UM_NO_PLACE_ORDER_PERMISSION
                | Self::UM_ADJUST_LEVERAGE_KYC_FAILED
        )
    }

    /// Where the exchange sorts it.
    pub const fn class(self) -> ErrorClass {
        match self.0 {
            -1_099..=-1_000 => ErrorClass::General,
            -1_199..=-1_100 => ErrorClass::Request,
            -2_099..=-2_000 => ErrorClass::Processing,
            -4_999..=-4_000 => ErrorClass::Rules,
            -5_099..=-5_000 => ErrorClass::Execution,
            _ => ErrorClass::Other,
        }
    }

    /// Whether the exchange itself does not know what became of the request: it may have been executed. Ask for the
    /// order before sending another.
    ///
    /// -1000 is not among them, for it says nothing about it; with the HTTP status 503 it may mean the same.
    pub const fn is_unknown_outcome(self) -> bool {
        matches!(self, Self::UNEXPECTED_RESP | Self::TIMEOUT)
    }

    /// Whether the request was surely not executed, and may succeed when it is sent again later as it is, with a new
    /// timestamp.
    ///
    /// Whoever does so waits first: for the limits until their window ends ([`ApiCode::is_rate_limit`]), for the
    /// clock until it is measured ([`ApiCode::is_clock`]), for the others longer each time, from 200 ms on.
    pub const fn is_retry_safe(self) -> bool {
        // The servers' own troubles in which the exchange says that nothing was executed: "execution failed".
        matches!(self, Self::DISCONNECTED | Self::SERVER_BUSY)
            // Limits and receive windows are looked at before anything is executed.
            || self.is_rate_limit()
            || self.is_clock()
        // Left out: -1000, -1006 and -1007, after which it may have been executed; -1016, which ends with a maintenance
        // or never; refusals by the state of book or account, for which the same order later is another decision.
    }

    /// Whether a limit on requests or orders was exceeded: no more of them until the window ends.
    pub const fn is_rate_limit(self) -> bool {
        matches!(self, Self::TOO_MANY_REQUESTS | Self::TOO_MANY_ORDERS)
    }

    /// Whether the servers are overloaded, whoever's requests they are: fewer at a time, and not executed.
    pub const fn is_overload(self) -> bool {
        matches!(self, Self::SERVER_BUSY)
    }

    /// Whether the timestamp does not fit: the clock has to be measured again, or the receive window be longer.
    pub const fn is_clock(self) -> bool {
        matches!(self, Self::INVALID_TIMESTAMP | Self::ME_INVALID_TIMESTAMP | Self::ME_RECVWINDOW_REJECT)
    }

    /// Whether the signature is wrong: another secret than the key's, or other bytes signed than sent.
    pub const fn is_signature(self) -> bool {
        matches!(self, Self::INVALID_SIGNATURE)
    }

    /// Whether the key does not exist, is locked, lacks the permission, or may not be used from this address.
    pub const fn is_key_or_permission(self) -> bool {
        matches!(
            self,
            Self::UNAUTHORIZED
                | Self::NON_WHITE_LIST
                | Self::NOT_FOUND
                | Self::BAD_API_KEY_FMT
                | Self::REJECTED_MBX_KEY
                | Self::API_KEYS_LOCKED
                | Self::INVALID_API_KEY_TYPE
                | Self::INVALID_RSA_PUBLIC_KEY
        )
    }

    /// Whether the key of the user data stream has to be made again.
    pub const fn is_listen_key(self) -> bool {
        matches!(self, Self::INVALID_LISTEN_KEY)
    }

    /// Whether a price, a quantity or their product breaks a rule of the contract: its step, its bounds, its distance
    /// from the mark price, its decimals. `exchangeInfo` has the rules.
    pub const fn is_filter(self) -> bool {
        self.is_price_filter() || self.is_quantity_filter() || matches!(self, Self::BAD_PRECISION)
    }

    /// Whether it is the price that breaks a rule of the contract, or the stop price.
    pub const fn is_price_filter(self) -> bool {
        matches!(
            self,
            Self::PRICE_LESS_THAN_ZERO
                | Self::PRICE_GREATER_THAN_MAX_PRICE
                | Self::PRICE_LESS_THAN_MIN_PRICE
                | Self::PRICE_NOT_INCREASED_BY_TICK_SIZE
                | Self::PRICE_HIGHTER_THAN_MULTIPLIER_UP
                | Self::PRICE_LOWER_THAN_MULTIPLIER_DOWN
                | Self::UM_PRICE_HIGHTER_THAN_STOP_MULTIPLIER_UP
                | Self::CM_PRICE_HIGHTER_THAN_STOP_MULTIPLIER_UP
                | Self::UM_PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN
                | Self::CM_PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN
                | Self::STOP_PRICE_LESS_THAN_ZERO
                | Self::STOP_PRICE_GREATER_THAN_MAX_PRICE
                | Self::UM_STOP_PRICE_HIGHER_THAN_PRICE_MULTIPLIER_LIMIT
                | Self::CM_STOP_PRICE_HIGHER_THAN_PRICE_MULTIPLIER_LIMIT
                | Self::UM_STOP_PRICE_LOWER_THAN_PRICE_MULTIPLIER_LIMIT
                | Self::CM_STOP_PRICE_LOWER_THAN_PRICE_MULTIPLIER_LIMIT
                | Self::UM_MARKET_ORDER_REJECT
                | Self::CM_MARKET_ORDER_REJECT
        )
    }

    /// Whether it is the quantity that breaks a rule of the contract, or its worth.
    pub const fn is_quantity_filter(self) -> bool {
        matches!(
            self,
            Self::QTY_LESS_THAN_ZERO
                | Self::QTY_LESS_THAN_MIN_QTY
                | Self::QTY_GREATER_THAN_MAX_QTY
                | Self::QTY_NOT_INCREASED_BY_STEP_SIZE
                | Self::UM_MIN_NOTIONAL
                | Self::CM_MIN_NOTIONAL
                | Self::MODIFICATION_MIN_NOTIONAL
        )
    }

    /// Whether as many orders are open as may be.
    pub const fn is_open_order_limit(self) -> bool {
        matches!(self, Self::MAX_OPEN_ORDER_EXCEEDED | Self::MAX_STOP_ORDER_EXCEEDED)
    }

    /// Whether balance or margin does not suffice.
    pub const fn is_margin(self) -> bool {
        matches!(
            self,
            Self::BALANCE_NOT_SUFFICIENT
                | Self::MARGIN_NOT_SUFFICIEN
                | Self::MIN_LEVERAGE_RATIO
                | Self::CROSS_BALANCE_INSUFFICIENT
                | Self::ISOLATED_BALANCE_INSUFFICIENT
                | Self::UM_REDUCE_ONLY_MARGIN_CHECK_FAILED
                | Self::CM_REDUCE_ONLY_MARGIN_CHECK_FAILED
                | Self::JOINT_MARGIN_REJECT_WITH_MB
                | Self::JOINT_MARGIN_REJECT_WITH_NEGATIVE_BALANCE
        )
    }

    /// Whether there is no such open order to cancel, change or show: it is filled, canceled, forgotten or never was.
    pub const fn is_order_gone(self) -> bool {
        matches!(self, Self::CANCEL_REJECTED | Self::NO_SUCH_ORDER)
    }

    /// Whether the client's id is in use: after a request whose reply was lost, that it had been taken.
    pub const fn is_duplicate_id(self) -> bool {
        matches!(
            self,
            Self::DUPLICATED_CLIENT_ORDER_ID
                | Self::UM_DUPLICATED_CLIENT_TRAN_ID
                | Self::CM_DUPLICATED_CLIENT_TRAN_ID
        )
    }

    /// Whether nothing was done because it is so already: a setting, or an order's price and quantity.
    pub const fn is_no_change(self) -> bool {
        matches!(
            self,
            Self::NO_NEED_TO_CHANGE_MARGIN_TYPE
                | Self::NO_NEED_TO_CHANGE_AUTO_ADD_MARGIN
                | Self::NO_NEED_TO_CHANGE_POSITION_SIDE
                | Self::NO_NEED_TO_CHANGE_JOINT_MARGIN
                | Self::UM_SAME_ORDER
                | Self::CM_SAME_ORDER
        )
    }

    /// Whether it is about the position mode: the order is of the other one, or the mode cannot change now.
    pub const fn is_position_mode(self) -> bool {
        matches!(
            self,
            Self::NO_NEED_TO_CHANGE_POSITION_SIDE
                | Self::INVALID_POSITION_SIDE
                | Self::POSITION_SIDE_NOT_MATCH
                | Self::POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS
                | Self::POSITION_SIDE_CHANGE_EXISTS_QUANTITY
                | Self::CANNOT_CHANGE_DUAL_SIDE
                | Self::POSITION_MODE_NOT_IN_SYNC
        )
    }

    /// Whether the order has to go to the algo endpoint instead: all conditional ones.
    pub const fn is_algo_only(self) -> bool {
        matches!(self, Self::STOP_ORDER_SWITCH_ALGO)
    }

    /// Whether account or contract may not trade freely now: not at all, or to close positions only.
    pub const fn is_restricted(self, market: Market) -> bool {
        match market {
            Market::UsdM if self.0 == Self::UM_REDUCE_ONLY_ORDER_PERMISSION.0 => true,
            Market::UsdM if self.0 == Self::UM_NO_PLACE_ORDER_PERMISSION.0 => true,
            _ => matches!(
                self,
                Self::USER_IN_LIQUIDATION
                    | Self::CM_REDUCE_ONLY_ORDER_PERMISSION
                    | Self::CM_NO_PLACE_ORDER_PERMISSION
                    | Self::SYMBOL_REDUCE_ONLY
                    | Self::SYMBOL_REDUCE_ONLY_BUY
                    | Self::SYMBOL_REDUCE_ONLY_SELL
                    | Self::INACTIVE_ACCOUNT
                    | Self::INVALID_OPENING_POSITION_STATUS
                    | Self::SYMBOL_ALREADY_CLOSED
                    | Self::UM_MOVE_ORDER_NOT_ALLOWED_SYMBOL_REASON
                    | Self::CM_MOVE_ORDER_NOT_ALLOWED_SYMBOL_REASON
                    | Self::ACCOUNT_REDUCE_ONLY
                    | Self::COOLING_OFF_PERIOD
                    | Self::TRADING_QUANTITATIVE_RULE
                    | Self::LARGE_POSITION_SYM_RULE
                    | Self::COMPLIANCE_BLACK_SYMBOL_RESTRICTION
            ),
        }
    }
}

impl fmt::Debug for ApiCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} {name}", self.0),
            None => self.0.fmt(f),
        }
    }
}

impl fmt::Display for ApiCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A refusal: code and message, as the exchange words them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The code.
    pub code: ApiCode,
    /// The message, cut to 239 bytes.
    pub message: Text<239>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}: {}", self.code, self.message)
    }
}

impl core::error::Error for ApiError {}

impl<'de> Deserialize<'de> for ApiError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The message, cut to its room: a long one is no reason to lose the code.
        struct Cut(Text<239>);
        impl<'de> Deserialize<'de> for Cut {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Message;
                impl de::Visitor<'_> for Message {
                    type Value = Cut;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a message")
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cut, E> {
                        Ok(Cut(Text::truncated(text)))
                    }
                }
                deserializer.deserialize_str(Message)
            }
        }

        struct Fields;
        impl<'de> de::Visitor<'de> for Fields {
            type Value = ApiError;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a code and a message")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<ApiError, A::Error> {
                use crate::wire::FieldIndex;
                let (mut code, mut message) = (None, None);
                while let Some(index) =
                    map.next_key_seed(FieldIndex { names: ApiError::FIELDS, likely: 0 })?
                {
                    match index {
                        0 => code = Some(ApiCode(map.next_value()?)),
                        1 => message = map.next_value::<Option<Cut>>()?,
                        _ => drop(map.next_value::<de::IgnoredAny>()?),
                    }
                }
                Ok(ApiError {
                    code: code.ok_or_else(|| de::Error::missing_field("code"))?,
                    message: message.map_or_else(Text::default, |Cut(text)| text),
                })
            }
        }
        deserializer.deserialize_struct("ApiError", Self::FIELDS, Fields)
    }
}

impl Serialize for ApiError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("ApiError", 2)?;
        fields.serialize_field("code", &self.code.0)?;
        fields.serialize_field("msg", &self.message)?;
        fields.end()
    }
}

impl ApiError {
    /// The names of the fields on the wire.
    pub const FIELDS: &'static [&'static str] = &["code", "msg"];
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{
        collections::BTreeMap,
        path::PathBuf,
        string::{String, ToString},
        vec::Vec,
    };

    use super::*;

    /// The codes of one market with their names and messages, where the checkout has the facts beside it.
    fn documented(market: &str) -> Option<BTreeMap<i32, (Option<String>, String)>> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/api/errors.json");
        let facts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap();
        let rows = facts[market].as_array().unwrap().iter().map(|row| {
            let code = i32::try_from(row["code"].as_i64().unwrap()).unwrap();
            (code, (row["name"].as_str().map(String::from), row["messages"].to_string()))
        });
        Some(rows.collect())
    }

    #[test]
    fn every_documented_code_has_its_name_and_no_other_has_one() {
        /// Where the exchange's page has no name, none that could be one, or another code's.
        const OTHERWISE: [i32; 6] = [-1008, -4183, -4531, -5026, -5043, -5047];
        for (market, key, count) in [(Market::UsdM, "um", 207), (Market::CoinM, "cm", 155)] {
            let Some(documented) = documented(key) else { return };
            assert_eq!(documented.len(), count);
            for code in -10_000..10_000 {
                let ours = ApiCode(code).name_on(market);
                match documented.get(&code) {
                    None => assert_eq!(ours, None, "{key} {code}"),
                    Some(_) if OTHERWISE.contains(&code) => assert!(ours.is_some(), "{key} {code}"),
                    Some((name, _)) => assert_eq!(ours, name.as_deref(), "{key} {code}"),
                }
            }
        }
    }

    #[test]
    fn a_code_depends_on_the_market_where_its_names_differ() {
        for code in (-6_000..0).map(ApiCode) {
            let (um, cm) = (code.name_on(Market::UsdM), code.name_on(Market::CoinM));
            let differ = um.is_some() && cm.is_some() && um != cm;
            assert_eq!(code.depends_on_market(), differ, "{code}");
            assert_eq!(code.name(), if differ { None } else { um.or(cm) }, "{code}");
        }
    }

    #[test]
    fn every_name_has_a_class() {
        for code in (-6_000..0).map(ApiCode) {
            if code.name_on(Market::UsdM).or(code.name_on(Market::CoinM)).is_some() {
                assert_ne!(code.class(), ErrorClass::Other, "{code}");
            }
        }
        assert_eq!(ApiCode(2).class(), ErrorClass::Other);
        assert_eq!(ApiCode(-3_000).class(), ErrorClass::Other);
    }

    /// The questions whose codes can be told by their words, so that none is forgotten when a code is added.
    #[test]
    fn the_questions_hold_for_all_codes_whose_words_say_so() {
        type Question = fn(ApiCode) -> bool;
        let questions: [(&str, Question, &[&str], &[i32]); 8] = [
            ("is_rate_limit", ApiCode::is_rate_limit, &["TOO_MANY_REQUESTS", "TOO_MANY_ORDERS"], &[]),
            ("is_unknown_outcome", ApiCode::is_unknown_outcome, &["status unknown"], &[]),
            ("is_clock", ApiCode::is_clock, &["recvWindow"], &[]),
            // -4061 is about the position side of an order, -4059 to -4068 about changing the mode.
            (
                "is_position_mode",
                ApiCode::is_position_mode,
                &["osition side", "osition mode", "dual-side"],
                &[],
            ),
            ("is_no_change", ApiCode::is_no_change, &["No need to", "does not need to be adjusted"], &[]),
            (
                "is_duplicate_id",
                ApiCode::is_duplicate_id,
                &["clientTranId is dup", "clientOrderId is dup"],
                &[],
            ),
            // -4112, -4118 and -4161 say it in other words; -2024 is about a position, -4169 and -4172 about a mode.
            (
                "is_margin",
                ApiCode::is_margin,
                &[
                    "alance is insufficient",
                    "argin is insufficient",
                    "alance insufficient",
                    "insufficient margin",
                ],
                &[-4172],
            ),
            (
                "is_filter",
                ApiCode::is_filter,
                &[
                    "Price less",
                    "Price greater",
                    "Price not",
                    "Price is",
                    "Quantity less",
                    "Quantity greater",
                    "Qty not",
                    "Stop price",
                    "notional must",
                    "Precision is over",
                    "PERCENT_PRICE",
                ],
                &[],
            ),
        ];
        for market in ["um", "cm"] {
            let Some(documented) = documented(market) else { return };
            for (name, question, words, others) in questions {
                let yes = |(_, (name, messages)): &(&i32, &(Option<String>, String))| {
                    words.iter().any(|word| messages.contains(word) || name.as_deref() == Some(*word))
                };
                let told: Vec<i32> = documented.iter().filter(yes).map(|(code, _)| *code).collect();
                let ours: Vec<i32> = documented
                    .keys()
                    .copied()
                    .filter(|code| question(ApiCode(*code)) && !others.contains(code))
                    .collect();
                assert_eq!(ours, told, "{market} {name}");
            }
        }
    }

    #[test]
    fn what_may_be_sent_again_was_surely_not_executed() {
        for code in (-6_000..0).map(ApiCode) {
            assert!(!(code.is_retry_safe() && code.is_unknown_outcome()), "{code}");
        }
        let safe: Vec<i32> = (-6_000..0).filter(|code| ApiCode(*code).is_retry_safe()).collect();
        assert_eq!(safe, [-5028, -4188, -1021, -1015, -1008, -1003, -1001]);
    }

    #[test]
    fn a_restriction_is_asked_for_by_market() {
        assert!(ApiCode(-4087).is_restricted(Market::UsdM) && !ApiCode(-4087).is_restricted(Market::CoinM));
        assert!(ApiCode(-4088).is_restricted(Market::UsdM) && !ApiCode(-4088).is_restricted(Market::CoinM));
        assert!(ApiCode(-4089).is_restricted(Market::CoinM));
    }
}
