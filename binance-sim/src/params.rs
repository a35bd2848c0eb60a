//! Parameters of a request: query and body, decoded and read by kind.

use binance_core::{
    decimal::Decimal,
    endpoint::{Meta, Security},
    param::Kind,
};

use serde_json::Value;

use crate::{num::Num, reject::Reject};

/// The most parameters that are looked at.
const MAX_PARAMS: usize = 64;

/// What is legal in whole numbers, in the words of the exchange.
const INT_RANGE: &str = "^[0-9]{1,20}$";
/// What is legal in decimals, in the words of the exchange.
const DECIMAL_RANGE: &str = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
/// What is legal in a client order id, in the words of the exchange.
pub(crate) const CLIENT_ID_RANGE: &str = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$";

/// The parameters of a request. Of those in both query and body, the query's count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads query and body.
    pub(crate) fn parse(query: &str, body: &str) -> Result<Self, Reject> {
        let mut params = read(query)?;
        for (name, value) in read(body)? {
            if !params.iter().any(|(known, _)| *known == name) {
                params.push((name, value));
            }
        }
        Ok(Self(params))
    }

    /// These names and values.
    pub(crate) const fn of(params: Vec<(String, String)>) -> Self {
        Self(params)
    }

    /// Takes a parameter out.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    /// The text of a parameter, if it was sent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The text of a parameter that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Reject> {
        self.get(name).ok_or_else(|| Reject::missing(name))
    }

    /// A time, an id, a count: at most 20 digits that fit 63 bits.
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>, Reject> {
        let Some(text) = self.get(name) else { return Ok(None) };
        if text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Reject::illegal_chars(name, INT_RANGE));
        }
        text.parse().map(Some).map_err(|_| Reject::invalid(name))
    }

    /// A price or a quantity.
    pub(crate) fn decimal(&self, name: &str) -> Result<Option<Num>, Reject> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return Err(Reject::illegal_chars(name, DECIMAL_RANGE));
        }
        let value = Decimal::parse(text.as_bytes()).ok().and_then(Num::from_decimal);
        value
            .map(Some)
            .ok_or_else(|| Reject::new(-1111, "Precision is over the maximum defined for this asset."))
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Reject> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Reject::invalid(name)),
        }
    }

    /// How many rows are asked for, 1 to `max`: `default` when it is not said.
    pub(crate) fn limit(&self, default: usize, max: usize) -> Result<usize, Reject> {
        let Some(limit) = self.int("limit")? else { return Ok(default) };
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=max).contains(limit));
        limit.ok_or_else(|| Reject::invalid("limit"))
    }

    /// Checks the parameters against the facts of an endpoint: mandatory ones there, each of its kind, none unknown.
    pub(crate) fn check(&self, meta: &Meta) -> Result<(), Reject> {
        for param in meta.params.iter().filter(|param| param.mandatory) {
            if self.get(param.name).is_none_or(str::is_empty) {
                return Err(Reject::missing(param.name));
            }
        }
        if let Some((name, _)) = self.0.iter().find(|(_, value)| value.is_empty()) {
            return Err(Reject::empty(name));
        }
        let signed = match meta.security {
            Security::UserData | Security::Trade => &["timestamp", "recvWindow", "signature"][..],
            // The exchange's own Python connector sends the key along, which is not documented and does no harm.
            Security::UserStream => &["listenKey"],
            _ => &[],
        };
        let known = |name: &str| signed.contains(&name) || meta.params.iter().any(|param| param.name == name);
        let read = self.0.iter().filter(|(name, _)| known(name)).count();
        if read < self.0.len() {
            return Err(Reject::unread(read, self.0.len()));
        }
        for param in meta.params {
            let Some(value) = self.get(param.name) else { continue };
            match param.kind {
                Kind::Int => self.int(param.name).map(drop)?,
                Kind::Decimal => self.decimal(param.name).map(drop)?,
                Kind::Flag => self.flag(param.name).map(drop)?,
                Kind::Enum(words) if !words.contains(&value) => return Err(bad_word(param.name)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The refusal of a value that is none of an enum's.
fn bad_word(name: &str) -> Reject {
    match name {
        "timeInForce" => Reject::new(-1115, "Invalid timeInForce."),
        "type" => Reject::new(-1116, "Invalid orderType."),
        "side" => Reject::new(-1117, "Invalid side."),
        "interval" => Reject::new(-1120, "Invalid interval."),
        "newOrderRespType" => Reject::new(-1136, "Invalid newOrderRespType."),
        "workingType" => Reject::new(-4031, "Invalid parameter working type"),
        "positionSide" => Reject::new(-4060, "Invalid position side."),
        "contractType" => Reject::new(-4104, "Invalid contract type."),
        "priceMatch" => Reject::new(-5037, "Invalid price match"),
        "selfTradePreventionMode" => Reject::new(-5039, "Invalid self trade prevention mode"),
        _ => Reject::invalid(name),
    }
}

/// The elements of a JSON array of objects, each as parameters of its own; `None` when it is no such array.
pub(crate) fn objects(text: &str) -> Option<Vec<Result<Params, Reject>>> {
    let elements: Vec<serde_json::Map<String, Value>> = serde_json::from_str(text).ok()?;
    let params = |element: serde_json::Map<String, Value>| {
        if element.len() > MAX_PARAMS {
            return Err(Reject::new(-1101, "Too many parameters sent for this endpoint."));
        }
        let fields = element.into_iter().map(|(name, value)| match scalar(&value) {
            Some(value) => Ok((name, value)),
            None => Err(Reject::invalid(&name)),
        });
        Ok(Params(fields.collect::<Result<_, _>>()?))
    };
    Some(elements.into_iter().map(params).collect())
}

/// The elements of a JSON array of texts or numbers; `None` when it is no such array.
pub(crate) fn words(text: &str) -> Option<Vec<String>> {
    let elements: Vec<Value> = serde_json::from_str(text).ok()?;
    elements.iter().map(scalar).collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Decodes `name=value&name=value`.
fn read(text: &str) -> Result<Vec<(String, String)>, Reject> {
    let mut params: Vec<(String, String)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let illegal = || Reject::new(-1100, "Illegal characters found in a parameter.");
        let (name, value) = (decode(name).ok_or_else(illegal)?, decode(value).ok_or_else(illegal)?);
        if params.iter().any(|(known, _)| *known == name) {
            return Err(Reject::duplicate());
        }
        if params.len() == MAX_PARAMS {
            return Err(Reject::new(-1101, "Too many parameters sent for this endpoint."));
        }
        params.push((name, value));
    }
    Ok(params)
}

/// Undoes percent-encoding, and `+` for a blank; `None` when it is malformed or no UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit()?, digit()?);
                (high << 4 | low) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &str, body: &str) -> i32 {
        Params::parse(query, body).unwrap_err().code
    }

    #[test]
    fn query_and_body_are_read_and_the_query_counts() {
        let params =
            Params::parse("symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&a=1+2", "a=9&b=%2B").unwrap();
        assert_eq!(params.get("symbol"), Some("币安人生USDT"));
        assert_eq!((params.get("a"), params.get("b"), params.get("c")), (Some("1 2"), Some("+"), None));
        assert_eq!(params.need("c").unwrap_err().code, -1102);
        assert_eq!(code("a=1&a=1", ""), -1101);
        assert_eq!(code("a=%", ""), -1100);
        assert_eq!(code("a=%zz", ""), -1100);
        assert_eq!(code("", "a=%ff"), -1100);
        let many: Vec<_> = (0..65).map(|index| format!("p{index}=1")).collect();
        assert_eq!(code(&many.join("&"), ""), -1101);
    }

    #[test]
    fn numbers_are_digits() {
        let params = Params::parse(
            "i=5&big=99999999999999999999&neg=-1&d=1.50&e=1e5&dot=.5&long=0.0000000000000000001",
            "",
        )
        .unwrap();
        assert_eq!(params.int("i"), Ok(Some(5)));
        assert_eq!(params.int("none"), Ok(None));
        assert_eq!(params.int("big").unwrap_err().code, -1130);
        assert_eq!(params.int("neg").unwrap_err().code, -1100);
        assert_eq!(params.decimal("d").unwrap(), Some(Num::scaled(15, 1)));
        assert_eq!(params.decimal("e").unwrap_err().code, -1100);
        assert_eq!(params.decimal("dot").unwrap_err().code, -1100);
        assert_eq!(params.decimal("long").unwrap_err().code, -1111);
    }
}
