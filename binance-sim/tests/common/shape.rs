//! Holding replies against the documented shapes and the declared types.

use std::{fmt::Debug, path::PathBuf};

use binance_core::{CATALOG, Market, ReplyVisitor, json};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The facts that lie beside the repository, if they do.
pub fn facts(file: &str) -> Option<Vec<Value>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/api").join(file);
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// What differs between a value and its schema.
fn differences(value: &Value, schema: &Value, path: &str, out: &mut Vec<String>) {
    match schema {
        Value::String(kind) => {
            let fits = match kind.as_str() {
                "string" => value.is_string(),
                "integer" => value.is_i64() || value.is_u64(),
                "boolean" => value.is_boolean(),
                "number" | "decimal" => value.is_number(),
                _ => true,
            };
            if !fits {
                out.push(format!("{path}: {value} is no {kind}"));
            }
        }
        Value::Array(of) => match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    differences(item, &of[0], &format!("{path}[{index}]"), out);
                }
            }
            _ => out.push(format!("{path}: {value} is no list")),
        },
        Value::Object(fields) if fields.contains_key("oneOf") => {
            let shapes = fields["oneOf"].as_array().unwrap();
            let best = shapes.iter().map(|shape| {
                let mut inside = Vec::new();
                differences(value, shape, path, &mut inside);
                inside
            });
            out.extend(best.min_by_key(Vec::len).unwrap());
        }
        Value::Object(fields) if fields.contains_key("enum") => {
            let known = fields["enum"].as_array().unwrap().contains(value);
            out.extend((!known).then(|| format!("{path}: {value} is none of the known values")));
        }
        Value::Object(fields) => {
            let empty = Map::new();
            let has = value.as_object().unwrap_or(&empty);
            for (name, schema) in fields {
                match has.get(name) {
                    Some(value) => differences(value, schema, &format!("{path}.{name}"), out),
                    None => out.push(format!("{path}.{name} is missing")),
                }
            }
            for name in has.keys().filter(|name| !fields.contains_key(*name)) {
                out.push(format!("{path}.{name} is not documented"));
            }
        }
        _ => {}
    }
}

/// Differences that are right: where the SDK's models and the exchange are known not to agree, where a field
/// belongs to another kind of order, and where a filter does not have every field of all filters.
fn is_known(path: &str) -> bool {
    let of_other_orders = ["activatePrice", "priceRate", ".modifyId", "goodTillDate"];
    let undocumented = ["marginAvailable is not documented"];
    let missing = path.ends_with("is missing");
    // Elements of a batch are orders or refusals, and a quantile is that of one of the two modes.
    let one_of_two = path.contains("/batchOrders[") && (path.contains("].code ") || path.contains("].msg "))
        || path.contains("adlQuantile.HEDGE ")
        || path.contains("adlQuantile.BOTH ");
    if missing && one_of_two {
        return true;
    }
    (missing && (of_other_orders.iter().any(|field| path.contains(field)) || path.contains(".filters[")))
        || undocumented.iter().any(|known| path.contains(known)) && !missing
}

/// The differences between a value and its schema, without those that are known to be right.
pub fn compare(name: &str, value: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differences(value, schema, name, &mut found);
    found.retain(|difference| !is_known(difference));
    found
}

/// Reads a reply with the type that `binance_core` has for it.
pub fn read_declared(market: Market, method: &str, path: &str, body: &str) -> Result<String, String> {
    let of = |meta: &&_| {
        let meta: &binance_core::endpoint::Meta = meta;
        meta.market == market && meta.method.as_str() == method && meta.path == path
    };
    let meta = CATALOG.iter().find(of).ok_or("it is not declared")?;
    CATALOG.visit_reply(market, meta.method, path, Read(body)).ok_or("it has no reply")?
}

struct Read<'r>(&'r str);

impl<'r> ReplyVisitor<'r> for Read<'r> {
    type Output = Result<String, String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + Debug + 'r,
    {
        let value = read(self.0.as_bytes()).map_err(|error| error.to_string())?;
        serde_json::to_string(&value).map_err(|error| error.to_string())
    }
}

/// What is wrong with a reply: by the type that is declared for it, and by the facts if they are there.
pub fn read_declared_and_compare(market: Market, method: &str, path: &str, body: &str) -> Vec<String> {
    let name = format!("{method} {path}");
    let mut found = Vec::new();
    if let Err(error) = read_declared(market, method, path, body) {
        found.push(format!("{name}: {error}: {body}"));
    }
    let file = if market == Market::UsdM { "um-rest.json" } else { "cm-rest.json" };
    // The one reply that is a bare word.
    if let (Some(facts), true) = (facts(file), body != "SUCCESS") {
        let known = facts.iter().find(|known| known["method"] == method && known["path"] == path).unwrap();
        let value = serde_json::from_str(body).unwrap();
        found.extend(compare(&name, &value, &known["response_schema"]));
    }
    found
}
