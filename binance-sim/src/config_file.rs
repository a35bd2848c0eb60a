//! How an exchange shall be, as a file of JSON.

use std::{error::Error, fmt, net::IpAddr, time::Duration};

use binance_core::{decimal::Decimal, endpoint::Market};
use serde_json::{Map, Value};

use crate::{
    config::{DemoAccount, SimBuilder},
    faults::{Fault, FaultError},
    keys::{DemoKey, KeyKind},
};

/// What is wrong with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is no JSON object.
    NoObject,
    /// It has a field that means nothing here.
    UnknownField,
    /// A field, or one inside of it, has a value of the wrong kind or out of range.
    Invalid(&'static str),
    /// One of the faults cannot be read.
    Fault(FaultError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObject => f.write_str("a configuration is a JSON object"),
            Self::UnknownField => f.write_str("there is a field that means nothing here"),
            Self::Invalid(field) => write!(f, "\"{field}\" has a value that is out of range"),
            Self::Fault(_) => f.write_str("one of the faults cannot be read"),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Fault(error) => Some(error),
            _ => None,
        }
    }
}

impl SimBuilder {
    /// Takes over what a configuration says, as the README shows one and `--config FILE` reads it. What it does not
    /// name stays as it is.
    ///
    /// # Errors
    /// When it is no JSON object, or has a field that is unknown or out of range.
    pub fn config(mut self, json: &str) -> Result<Self, ConfigError> {
        let fields: Map<String, Value> = serde_json::from_str(json).map_err(|_| ConfigError::NoObject)?;
        for (name, value) in &fields {
            self = self.field(name, value)?;
        }
        Ok(self)
    }

    fn field(self, name: &str, value: &Value) -> Result<Self, ConfigError> {
        Ok(match name {
            "comment" => self,
            "port" => self.port(number("port", value)?),
            "listen" => self.listen(text("listen", value)?.parse::<IpAddr>().map_err(|_| Invalid("listen"))?),
            #[cfg(feature = "tls")]
            "tls" if flag("tls", value)? => self.tls(),
            #[cfg(feature = "tls")]
            "tls" => self,
            "seed" => self.seed(value.as_u64().ok_or(Invalid("seed"))?),
            "speed" => {
                let speed = value.as_f64().filter(|speed| (0.001..=1_000.0).contains(speed));
                self.speed(speed.ok_or(Invalid("speed"))?)
            }
            "manual" if flag("manual", value)? => self.manual_time(),
            "manual" => self,
            "startTime" => self.start_time(value.as_i64().ok_or(Invalid("startTime"))?),
            "clockSkew" => self.clock_skew(value.as_i64().ok_or(Invalid("clockSkew"))?),
            "quiet" if flag("quiet", value)? => self.quiet(),
            "quiet" => self,
            "hedgeMode" if flag("hedgeMode", value)? => self.hedge_mode(),
            "hedgeMode" => self,
            "limits" => {
                let limits = value.as_object().ok_or(Invalid("limits"))?;
                limits.iter().try_fold(self, |builder, (name, value)| builder.limit(name, value))?
            }
            "balances" => {
                let balances = balances(value)?.into_iter();
                balances
                    .fold(self, |builder, (market, asset, amount)| builder.balance(market, &asset, amount))
            }
            "keys" => keys(value)?.into_iter().fold(self, Self::key),
            "accounts" => {
                let accounts = value.as_array().ok_or(Invalid("accounts"))?;
                accounts.iter().try_fold(self, |builder, value| Ok(builder.account(account(value)?)))?
            }
            "symbols" => {
                let symbols = value.as_array().ok_or(Invalid("symbols"))?;
                symbols.iter().try_fold(self, |builder, value| {
                    let (symbol, price) = match value {
                        Value::String(symbol) => (symbol.as_str(), None),
                        _ => {
                            let symbol =
                                value.get("symbol").and_then(Value::as_str).ok_or(Invalid("symbols"))?;
                            (symbol, value.get("price").map(|price| decimal("symbols", price)).transpose()?)
                        }
                    };
                    Ok(builder.symbol(symbol, price))
                })?
            }
            "faults" => {
                let faults = Fault::from_json(&value.to_string()).map_err(ConfigError::Fault)?;
                faults.into_iter().fold(self, Self::fault)
            }
            _ => return Err(ConfigError::UnknownField),
        })
    }

    fn limit(mut self, name: &str, value: &Value) -> Result<Self, ConfigError> {
        let duration = || value.as_u64().map(Duration::from_millis).ok_or(Invalid("limits"));
        match name {
            "weightPerMinute" => self.weight_limit = number("limits", value)?,
            "ordersPer10s" => self.orders_per_10s = number("limits", value)?,
            "ordersPerMinute" => self.orders_per_minute = number("limits", value)?,
            "connections" => return Ok(self.connections(number("limits", value)?)),
            "messagesPerSecond" => self.message_ceiling = number("limits", value)?,
            "pingIntervalMillis" => return Ok(self.ping_interval(duration()?)),
            "pongTimeoutMillis" => return Ok(self.pong_timeout(duration()?)),
            "listenKeyLifeMillis" => return Ok(self.listen_key_life(duration()?)),
            _ => return Err(ConfigError::UnknownField),
        }
        Ok(self)
    }
}

use ConfigError::Invalid;

fn number<T: TryFrom<u64>>(name: &'static str, value: &Value) -> Result<T, ConfigError> {
    value.as_u64().and_then(|number| T::try_from(number).ok()).ok_or(Invalid(name))
}

fn flag(name: &'static str, value: &Value) -> Result<bool, ConfigError> {
    value.as_bool().ok_or(Invalid(name))
}

fn text<'v>(name: &'static str, value: &'v Value) -> Result<&'v str, ConfigError> {
    value.as_str().ok_or(Invalid(name))
}

/// An amount, as text: a number of JSON would be a float to many who write it.
fn decimal(name: &'static str, value: &Value) -> Result<Decimal, ConfigError> {
    text(name, value)?.parse().map_err(|_| Invalid(name))
}

fn balances(value: &Value) -> Result<Vec<(Market, String, Decimal)>, ConfigError> {
    let wrong = Invalid("balances");
    let balance = |value: &Value| {
        let market = match value.get("market").and_then(Value::as_str) {
            Some("usdm") => Market::UsdM,
            Some("coinm") => Market::CoinM,
            _ => return Err(wrong),
        };
        let asset = value.get("asset").and_then(Value::as_str).ok_or(wrong)?;
        Ok((market, asset.to_owned(), decimal("balances", value.get("amount").ok_or(wrong)?)?))
    };
    value.as_array().ok_or(wrong)?.iter().map(balance).collect()
}

fn keys(value: &Value) -> Result<Vec<DemoKey>, ConfigError> {
    let wrong = Invalid("keys");
    let key = |value: &Value| {
        let field = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let kind = match field("kind").as_deref() {
            Some("HMAC") => KeyKind::Hmac,
            Some("RSA") => KeyKind::Rsa,
            Some("Ed25519") => KeyKind::Ed25519,
            _ => return Err(wrong),
        };
        let secret = field(if kind == KeyKind::Hmac { "secret" } else { "privateKey" }).ok_or(wrong)?;
        Ok(DemoKey { api_key: field("apiKey").ok_or(wrong)?, kind, secret })
    };
    value.as_array().ok_or(wrong)?.iter().map(key).collect()
}

fn account(value: &Value) -> Result<DemoAccount, ConfigError> {
    let mut account = DemoAccount::default();
    for (name, value) in value.as_object().ok_or(Invalid("accounts"))? {
        match name.as_str() {
            "comment" => {}
            "keys" => account.keys = keys(value)?,
            "balances" => account.balances = balances(value)?,
            "hedgeMode" => account.hedge_mode = flag("hedgeMode", value)?,
            _ => return Err(ConfigError::UnknownField),
        }
    }
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_taken_over_and_the_rest_stays() {
        let json = r#"{
            "port": 8080, "seed": 7, "speed": 2.5, "hedgeMode": true, "quiet": false,
            "limits": { "weightPerMinute": 6000, "pingIntervalMillis": 20000 },
            "balances": [{ "market": "usdm", "asset": "USDT", "amount": "12.50" }],
            "keys": [{ "apiKey": "k", "kind": "HMAC", "secret": "s" }],
            "accounts": [{ "keys": [{ "apiKey": "l", "kind": "HMAC", "secret": "t" }], "hedgeMode": false }],
            "symbols": ["ETHUSDT", { "symbol": "BTCUSDT", "price": "50000" }],
            "faults": [{ "what": "badGateway" }]
        }"#;
        let config = SimBuilder::new().config(json).unwrap();
        assert_eq!((config.port, config.seed, config.speed, config.weight_limit), (8_080, 7, 2.5, 6_000));
        assert_eq!((config.ping_interval, config.orders_per_10s, config.faults.len()), (20_000, 300, 1));
        let accounts: Vec<_> = config.accounts().collect();
        let of = |asset: &str| accounts[0].balances.iter().find(|(_, known, _)| known == asset).unwrap().2;
        assert_eq!((of("USDT").to_string(), of("BTC").to_string()), ("12.50".to_owned(), "10".to_owned()));
        assert_eq!((accounts[0].keys.len(), accounts[1].keys.len()), (4, 1));
        let contracts: Vec<_> = crate::contracts::Contract::all(0)
            .into_iter()
            .filter_map(|contract| config.traded(contract))
            .map(|contract| (contract.symbol.clone(), contract.price(contract.start_ticks).to_string()))
            .collect();
        let expected = [("BTCUSDT", "50000.00"), ("ETHUSDT", "3200.00")];
        assert_eq!(contracts, expected.map(|(symbol, price)| (symbol.to_owned(), price.to_owned())));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, error) in [
            ("", ConfigError::NoObject),
            ("[]", ConfigError::NoObject),
            (r#"{"colour":1}"#, ConfigError::UnknownField),
            (r#"{"limits":{"colour":1}}"#, ConfigError::UnknownField),
            (r#"{"port":70000}"#, Invalid("port")),
            (r#"{"listen":"here"}"#, Invalid("listen")),
            (r#"{"speed":0}"#, Invalid("speed")),
            (r#"{"balances":[{"market":"usdm","asset":"USDT","amount":1.5}]}"#, Invalid("balances")),
            (r#"{"keys":[{"apiKey":"k","kind":"HMAC"}]}"#, Invalid("keys")),
            (r#"{"faults":[{"what":"no"}]}"#, ConfigError::Fault(FaultError::NoSuchFault)),
        ] {
            assert_eq!(SimBuilder::new().config(json).unwrap_err(), error, "{json}");
        }
    }
}
