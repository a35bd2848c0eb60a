//! The tables: endpoints, records, enums. One declaration for each thing on the wire, everything else derived.

#[macro_use]
mod methods;
#[macro_use]
mod streams;

/// Declares enums of the wire.
macro_rules! wire_enum {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident = $wire:literal ),* $(,)?
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$vmeta])* #[doc = concat!("On the wire `", $wire, "`.")] $variant, )*
        }

        impl $name {
            /// All values that this version knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),* }
            }
        }

        impl crate::open::WireEnum for $name {
            const NAMES: &'static [&'static str] = &[$($wire),*];
            const ALL: &'static [Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                Self::as_str(self)
            }

            #[inline(always)]
            fn from_words(first: u64, second: u64, len: usize) -> Option<Self> {
                struct Word;
                #[allow(non_upper_case_globals, reason = "one constant a variant")]
                impl Word {
                    $( const $variant: u64 = crate::open::name_word($wire.as_bytes()); )*
                }
                match crate::open::word_of(first, second, len) {
                    $( Word::$variant => ((first, second)
                        == const { crate::word::sixteen_bytes($wire.as_bytes()) })
                        .then_some(Self::$variant), )*
                    _ => None,
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl crate::param::Param for $name {
            const KIND: crate::param::Kind =
                crate::param::Kind::Enum(<Self as crate::open::WireEnum>::NAMES);

            fn value(&self) -> crate::param::Value<'_> {
                crate::param::Value::Text(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// Names that this version does not know are an error; replies hold [`crate::Open`] instead.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::open::closed(deserializer)
            }
        }

        impl<'de> crate::wire::Wire<'de> for $name {}

        impl<'r> crate::hot::Hot<'r> for $name {
            #[inline(always)]
            fn hot(cursor: &mut crate::hot::Cursor<'r>) -> Option<Self> {
                crate::hot::closed(cursor)
            }
        }
    )*};
}

/// The type of a record's field: `=>` marks one that identifies the thing and must be there, `?` any other.
macro_rules! field_type {
    (=> $type:ty) => { $type };
    (? $type:ty) => { Option<$type> };
}

/// Reads a field's value from a map.
macro_rules! read_field {
    (=> $map:ident, $field:ident) => {
        crate::wire::Wire::read_mandatory(&mut $map, &mut $field)
    };
    (? $map:ident, $field:ident) => {
        crate::wire::Wire::read_optional(&mut $map, &mut $field)
    };
}

/// The value of a field once all are read.
macro_rules! take_field {
    (=> $field:ident, $wire:literal) => {
        match $field {
            Some(value) => value,
            None => return Err(serde::de::Error::missing_field($wire)),
        }
    };
    (? $field:ident, $wire:literal) => {
        $field
    };
}

/// Reads a field where fields have no names.
macro_rules! next_field {
    (=> $seq:ident, $type:ty, $wire:literal) => {
        match $seq.next_element::<$type>()? {
            Some(value) => value,
            None => return Err(serde::de::Error::missing_field($wire)),
        }
    };
    (? $seq:ident, $type:ty, $wire:literal) => {
        $seq.next_element::<Option<$type>>()?.flatten()
    };
}

/// Writes a field; one that is not there is left out, where fields have names.
macro_rules! write_field {
    (=> $out:ident, $named:ident, $wire:literal, $value:expr) => {
        $out.serialize_field($wire, $value)?
    };
    (? $out:ident, $named:ident, $wire:literal, $value:expr) => {
        match $value {
            None if $named => $out.skip_field($wire)?,
            value => $out.serialize_field($wire, value)?,
        }
    };
}

/// Declares records: what the exchange sends, as plain values.
///
/// `"wireName" => field: Type` is a field without which the thing cannot be told or means nothing; `"wireName" ?
/// field: Type` is any other, an `Option` that is `None` when the exchange leaves it out or sends `null`.
macro_rules! record {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident $(<$lt:lifetime>)? {
            $( $(#[$fmeta:meta])* $wire:literal $mark:tt $field:ident : $type:ty ),* $(,)?
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $name $(<$lt>)? {
            $(
                $(#[$fmeta])*
                #[doc = concat!("On the wire `", $wire, "`.")]
                pub $field: field_type!($mark $type),
            )*
        }

        impl $(<$lt>)? $name $(<$lt>)? {
            /// The names of the fields on the wire, in the order of the declaration.
            pub const FIELDS: &'static [&'static str] = &[$($wire),*];
        }

        const _: () = {
            #[allow(non_camel_case_types, dead_code, reason = "the fields' names, to count them")]
            enum Field { $($field),* }

            impl<'de $(: $lt, $lt)?> serde::de::Visitor<'de> for crate::wire::Fields<$name $(<$lt>)?> {
                type Value = $name $(<$lt>)?;

                fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                    f.write_str("an object")
                }

                fn visit_enum<A: serde::de::EnumAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
                    crate::wire::ahead(access)
                }

                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    $( let mut $field: Option<$type> = None; )*
                    let mut likely = 0;
                    while let Some(index) = map
                        .next_key_seed(crate::wire::FieldIndex { names: <Self::Value>::FIELDS, likely })?
                    {
                        if index != crate::wire::UNKNOWN {
                            likely = index + 1;
                        }
                        let read = $(
                            if index == Field::$field as usize {
                                read_field!($mark map, $field)
                            } else
                        )*
                        {
                            map.next_value::<serde::de::IgnoredAny>().map(|_| ())
                        };
                        read?;
                    }
                    Ok($name { $( $field: take_field!($mark $field, $wire), )* })
                }

                #[allow(unused_mut, unused_variables, reason = "a record may have no fields")]
                fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                    Ok($name { $( $field: next_field!($mark seq, $type, $wire), )* })
                }
            }

            impl<'de $(: $lt, $lt)?> serde::Deserialize<'de> for $name $(<$lt>)? {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let fields = crate::wire::Fields::<Self>(core::marker::PhantomData);
                    // Formats of text go by the names, and this crate's reader by the one more; others by their number.
                    let names = match deserializer.is_human_readable() {
                        true => const { &[$($wire,)* crate::json::AHEAD] },
                        false => Self::FIELDS,
                    };
                    deserializer.deserialize_struct(stringify!($name), names, fields)
                }
            }

            impl<'de $(: $lt, $lt)?> crate::wire::Wire<'de> for $name $(<$lt>)? {}

            impl<'de $(: $lt, $lt)?> crate::hot::Hot<'de> for $name $(<$lt>)? {
                    #[inline(always)]
                fn hot(cursor: &mut crate::hot::Cursor<'de>) -> Option<Self> {
                    crate::wire::Ahead::ahead(cursor, false).ok()
                }
            }

            impl<'de $(: $lt, $lt)?> crate::wire::Ahead<'de> for $name $(<$lt>)? {
                fn ahead(
                    cursor: &mut crate::hot::Cursor<'de>,
                    whole: bool,
                ) -> Result<Self, crate::json::Error> {
                    let mut at = *cursor;
                    $( let mut $field: Option<$type> = None; )*
                    if at.eat(b'{').is_none() {
                        return crate::hot::surprise(*cursor, whole);
                    }
                    // Until a brace ends the object, which may have no fields.
                    if at.eat(b'}').is_none() {
                        'fields: loop {
                            let _before = at.left();
                            // In the order of the table, which is the exchange's: each is one comparison.
                            $(
                                if at.literal(concat!("\"", $wire, "\":")) {
                                    $field = hot_field!($mark at, $type, crate::hot::surprise(*cursor, whole));
                                    match at.goes_on() {
                                        Some(true) => {}
                                        Some(false) => break 'fields,
                                        None => return crate::hot::surprise(*cursor, whole),
                                    }
                                }
                            )*
                            // Those that stand elsewhere are found next time; what is found at no time, no table has.
                            if at.left() == _before {
                                match at.other_field().and_then(|()| at.goes_on()) {
                                    Some(true) => {}
                                    Some(false) => break 'fields,
                                    None => return crate::hot::surprise(*cursor, whole),
                                }
                            }
                        }
                    }
                    if whole && at.left() > 0 {
                        return crate::hot::surprise(*cursor, whole);
                    }
                    let record = $name {
                        $( $field: take_hot!($mark $field, crate::hot::surprise(*cursor, whole)), )*
                    };
                    *cursor = at;
                    Ok(record)
                }
            }

            impl $(<$lt>)? serde::Serialize for $name $(<$lt>)? {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    use serde::ser::SerializeStruct;
                    let _named = serializer.is_human_readable();
                    let mut _out = serializer.serialize_struct(stringify!($name), Self::FIELDS.len())?;
                    $( write_field!($mark _out, _named, $wire, &self.$field); )*
                    _out.end()
                }
            }
        };
    )*};
}

/// Reads the value of a field by the fast decoder.
macro_rules! hot_field {
    (=> $cursor:ident, $type:ty, $surprise:expr) => {
        match <$type as crate::hot::Hot<'_>>::hot(&mut $cursor) {
            None => return $surprise,
            value => value,
        }
    };
    (? $cursor:ident, $type:ty, $surprise:expr) => {
        match <$type as crate::hot::Hot<'_>>::hot_optional(&mut $cursor) {
            None => return $surprise,
            Some(value) => value,
        }
    };
}

/// The value of a field once all are read by the fast decoder; one that is missing is a surprise.
macro_rules! take_hot {
    (=> $field:ident, $surprise:expr) => {
        match $field {
            Some(value) => value,
            None => return $surprise,
        }
    };
    (? $field:ident, $surprise:expr) => {
        $field
    };
}

/// Declares what streams send: [`record!`]s that can be decoded by themselves.
macro_rules! event {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident $(<$lt:lifetime>)? {
            $( $(#[$fmeta:meta])* $wire:literal $mark:tt $field:ident : $type:ty ),* $(,)?
        }
    )*) => {
        record! {$(
            $(#[$meta])*
            pub struct $name $(<$lt>)? {
                $( $(#[$fmeta])* $wire $mark $field: $type ),*
            }
        )*}

        $(
            const _: () = {
                impl<'text $(: $lt, $lt)?> crate::stream::Event<'text> for $name $(<$lt>)? {
                    fn decode(text: &'text str) -> Result<Self, crate::json::Error> {
                        crate::wire::decode(text)
                    }
                }
            };
        )*
    };
}

/// Declares rows: records that the exchange sends as an array of values in a fixed order. Values past the last
/// declared one are skipped.
macro_rules! row {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$fmeta:meta])* $field:ident : $type:ty ),* $(,)?
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$fmeta])* pub $field: $type, )*
        }

        const _: () = {
            impl<'de> serde::de::Visitor<'de> for crate::wire::Fields<$name> {
                type Value = $name;

                fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                    f.write_str("an array of values in a fixed order")
                }

                fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<$name, A::Error> {
                    if seq.size_hint() == Some(0) {
                        // This crate's reader, or an array without elements.
                        return match seq.next_element_seed(crate::wire::Inside(core::marker::PhantomData))? {
                            Some(row) => Ok(row),
                            None => Err(serde::de::Error::invalid_length(0, &self)),
                        };
                    }
                    let row = $name {
                        $( $field: match seq.next_element()? {
                            Some(value) => value,
                            None => return Err(serde::de::Error::missing_field(stringify!($field))),
                        }, )*
                    };
                    while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                    Ok(row)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_seq(crate::wire::Fields::<Self>(core::marker::PhantomData))
                }
            }

            impl<'de> crate::wire::Ahead<'de> for $name {
                #[inline(always)]
                fn ahead(
                    cursor: &mut crate::hot::Cursor<'de>,
                    whole: bool,
                ) -> Result<Self, crate::json::Error> {
                    let start = *cursor;
                    match values(cursor) {
                        Some(row) => Ok(row),
                        None => crate::hot::surprise(start, whole),
                    }
                }
            }

            /// The values of a row, without its brackets.
            #[inline(always)]
            fn values(cursor: &mut crate::hot::Cursor<'_>) -> Option<$name> {
                let mut _first = true;
                let row = $name {
                    $( $field: {
                        if !core::mem::take(&mut _first) {
                            cursor.eat(b',')?;
                        }
                        <$type as crate::hot::Hot<'_>>::hot_inlined(cursor)?
                    }, )*
                };
                cursor.rest_of_row()?;
                Some(row)
            }

            impl<'text> crate::json::Row<'text> for $name {
                #[inline(always)]
                fn read(text: &'text str, rest: &'text [u8]) -> Option<(Self, &'text [u8])> {
                    let mut cursor = crate::hot::Cursor::at(text, rest);
                    cursor.eat(b'[')?;
                    let row = values(&mut cursor)?;
                    cursor.eat(b']')?;
                    Some((row, cursor.rest()))
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    use serde::ser::SerializeSeq;
                    let mut out = serializer.serialize_seq(None)?;
                    $( out.serialize_element(&self.$field)?; )*
                    out.end()
                }
            }
        };
    )*};
}

/// The verb of an endpoint.
macro_rules! verb {
    (GET) => {
        crate::endpoint::Method::Get
    };
    (POST) => {
        crate::endpoint::Method::Post
    };
    (PUT) => {
        crate::endpoint::Method::Put
    };
    (DELETE) => {
        crate::endpoint::Method::Delete
    };
}

/// The constructor of an endpoint. Private where other constructors see to it that only what can be sent is built.
macro_rules! endpoint_new {
    ([] $($rest:tt)*) => { endpoint_new! { @with pub, $($rest)* } };
    ([private] $($rest:tt)*) => { endpoint_new! { @with pub(crate), $($rest)* } };
    (
        @with $vis:vis, $(#[$meta:meta])*;
        [$( $mandatory:ident: $mtype:ty ),*] [$( $optional:ident ),*]
    ) => {
        /// A request with all that is mandatory.
        $(#[$meta])*
        #[allow(clippy::new_without_default, clippy::too_many_arguments, reason = "as the exchange has it")]
        $vis const fn new($( $mandatory: $mtype ),*) -> Self {
            Self { $( $mandatory, )* $( $optional: None, )* }
        }
    };
}

/// The setter of an optional parameter. Private where only the constructors beside the table may set it.
macro_rules! endpoint_setter {
    ([] $($rest:tt)*) => { endpoint_setter! { @with pub, $($rest)* } };
    ([private] $($rest:tt)*) => {
        endpoint_setter! {
            @with pub(crate),
            #[allow(dead_code, clippy::wrong_self_convention, reason = "the exchange's name; the field may be set itself")]
            $($rest)*
        }
    };
    (@with $vis:vis, $(#[$meta:meta])* $wire:literal => $name:ident: $type:ty) => {
        $(#[$meta])*
        #[doc = concat!("\nOn the wire `", $wire, "`.")]
        $vis const fn $name(mut self, $name: $type) -> Self {
            self.$name = Some($name);
            self
        }
    };
}

/// Declares the endpoints of one section of the exchange's menu, and `ENDPOINTS`, the section's rows of the catalog.
///
/// After the market and the address of the section's page, one block for each endpoint, which reads like the
/// exchange's own: verb, path, security, weight, what it counts on the order limits where it does, the method of the
/// Python connector where it has one, the anchor on the page, the reply; then the parameters, mandatory first.
/// `new is private;` where other constructors beside the table see to it that only what can be sent is built;
/// `"wireName" => field: Type [private]` for optional parameters that only those set, since they exclude or need others.
/// `reads with` names a function that reads the body where the reply may be something else than JSON.
macro_rules! endpoints {
    (
        $market:ident, $page:literal;
        $(
            $(#[$meta:meta])+
            $verb:ident $path:literal $security:ident, weight: $weight:expr, $(orders: $orders:expr,)?
            $(python: $python:literal,)? docs: $anchor:literal -> $reply:ty $(, reads with $reads:path)?;
            $(new is $private:ident;)?
            pub struct $name:ident $(<$lt:lifetime>)? {
                $( $(#[$mmeta:meta])* $mwire:literal => $mandatory:ident : $mtype:ty ),* $(,)?
            } $(optional {
                $( $(#[$ometa:meta])* $owire:literal => $optional:ident : $otype:ty $([$hidden:ident])? ),* $(,)?
            })?
        )*
    ) => {
        /// The rows of this section in the catalog.
        #[allow(deprecated, reason = "what the exchange still answers is still listed")]
        pub const ENDPOINTS: &[crate::endpoint::Meta] = &[$($name::META),*];

        /// Shows `visitor` the reply type of the endpoint with this verb and path; `Err` gives it back where there is none.
        pub(crate) fn visit_reply<'r, V: crate::endpoint::ReplyVisitor<'r>>(
            method: crate::endpoint::Method,
            path: &str,
            visitor: V,
        ) -> Result<V::Output, V> {
            match (method, path) {
                $( (verb!($verb), $path) => {
                    Ok(visitor.visit::<$reply>(endpoints!(@or $($reads)?, crate::json::from_slice)))
                } )*
                _ => Err(visitor),
            }
        }

        $(
            $(#[$meta])+
            #[doc = ""]
            #[doc = concat!("`", stringify!($verb), " ", $path, "`, [exchange docs](", $page, $anchor, ").")]
            $(#[doc = concat!("The Python connector's `", $python, "`.")] #[doc(alias = $python)])?
            #[doc(alias = $path)]
            #[derive(Clone, Copy, Debug, PartialEq)]
            #[must_use = "a request does nothing until it is sent"]
            pub struct $name $(<$lt>)? {
                $( $mandatory: $mtype, )*
                $( $( $optional: Option<$otype>, )* )?
            }

            #[allow(deprecated, reason = "its own declaration")]
            impl $(<$lt>)? $name $(<$lt>)? {
                /// The facts of this endpoint.
                pub const META: crate::endpoint::Meta = crate::endpoint::Meta {
                    market: crate::endpoint::Market::$market,
                    method: verb!($verb),
                    path: $path,
                    name: stringify!($name),
                    security: crate::endpoint::Security::$security,
                    weight: $weight,
                    orders: endpoints!(@or $($orders)?, crate::endpoint::Orders::NONE),
                    params: &[
                        $( crate::endpoint::ParamMeta {
                            name: $mwire,
                            mandatory: true,
                            kind: <$mtype as crate::param::Param>::KIND,
                        }, )*
                        $( $( crate::endpoint::ParamMeta {
                            name: $owire,
                            mandatory: false,
                            kind: <$otype as crate::param::Param>::KIND,
                        }, )* )?
                    ],
                    reply: stringify!($reply),
                    python_name: endpoints!(@or $($python)?, ""),
                    docs: concat!($page, $anchor),
                };

                endpoint_new! {
                    [$($private)?]
                    $( #[doc = concat!("\n`", stringify!($mandatory), "` (`", $mwire, "`):")] $(#[$mmeta])* )*;
                    [$( $mandatory: $mtype ),*] [$( $( $optional ),* )?]
                }

                $( $(
                    endpoint_setter! { [$($hidden)?] $(#[$ometa])* $owire => $optional: $otype }
                )* )?
            }

            #[allow(deprecated, reason = "its own declaration")]
            impl $(<$lt>)? crate::param::Params for $name $(<$lt>)? {
                fn visit<'visit>(
                    &'visit self,
                    _sink: &mut dyn crate::param::Sink<'visit>,
                ) -> Result<(), crate::param::Full> {
                    $( _sink.put($mwire, crate::param::Param::value(&self.$mandatory))?; )*
                    $( $(
                        if let Some(value) = &self.$optional {
                            _sink.put($owire, crate::param::Param::value(value))?;
                        }
                    )* )?
                    Ok(())
                }
            }

            #[allow(deprecated, reason = "its own declaration")]
            impl $(<$lt>)? crate::endpoint::Request for $name $(<$lt>)? {
                fn meta(&self) -> &crate::endpoint::Meta {
                    const { &Self::META }
                }

                fn weight(&self) -> u32 {
                    Self::META.weight.of(self)
                }
            }

            #[allow(deprecated, reason = "its own declaration")]
            impl $(<$lt>)? crate::endpoint::Endpoint for $name $(<$lt>)? {
                type Reply<'r> = $reply;

                $(
                    #[allow(clippy::needless_lifetimes, reason = "the reply may borrow")]
                    fn decode<'r>(&self, body: &'r [u8]) -> Result<$reply, crate::json::Error> {
                        $reads(body)
                    }
                )?
            }
        )*
    };
    (@or $given:expr, $default:expr) => { $given };
    (@or , $default:expr) => { $default };
}
