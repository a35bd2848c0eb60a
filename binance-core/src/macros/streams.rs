//! The tables of streams, and of the events of a market.

/// Declares the streams of a market, and `STREAMS`, its rows of the catalog.
///
/// One block a stream: the pattern of its name, its route where the market has routes, the method of the Python
/// connector where it has one, the exchange's page, the events; then the parts of the name, mandatory first.
macro_rules! streams {
    (
        $market:ident, $page:literal;
        $(
            $(#[$meta:meta])+
            $pattern:literal $(on $route:ident)?, $(python: $python:literal,)? docs: $anchor:literal -> $event:ty;
            pub struct $name:ident $(<$lt:lifetime>)? {
                $( $(#[$mmeta:meta])* $mandatory:ident : $mtype:ty ),* $(,)?
            } $(optional {
                $( $(#[$ometa:meta])* $optional:ident : $otype:ty ),* $(,)?
            })?
        )*
    ) => {
        /// These streams' rows of the catalog.
        pub const STREAMS: &[crate::stream::StreamMeta] = &[$($name::META),*];

        /// Shows `visitor` the events of the stream with this pattern; `Err` gives it back where there is none.
        pub(crate) fn visit_stream<'r, V: crate::endpoint::ReplyVisitor<'r>>(
            pattern: &str,
            visitor: V,
        ) -> Result<V::Output, V> {
            match pattern {
                $( $pattern => Ok(visitor.visit::<$event>(crate::stream::read)), )*
                _ => Err(visitor),
            }
        }

        $(
            $(#[$meta])+
            #[doc = ""]
            #[doc = concat!("Named `", $pattern, "`", $(" on `", stringify!($route), "`",)? ", [exchange docs](", $page, $anchor, ").")]
            $(#[doc = concat!("The Python connector's `", $python, "`.")] #[doc(alias = $python)])?
            #[doc(alias = $pattern)]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name $(<$lt>)? {
                $( $mandatory: $mtype, )*
                $( $( $optional: Option<$otype>, )* )?
            }

            impl $(<$lt>)? $name $(<$lt>)? {
                /// The facts of this stream.
                pub const META: crate::stream::StreamMeta = crate::stream::StreamMeta {
                    market: crate::endpoint::Market::$market,
                    route: endpoints!(@or $(Some(crate::stream::Route::$route))?, None),
                    pattern: $pattern,
                    parts: &[
                        $( crate::stream::PartMeta {
                            name: stringify!($mandatory),
                            form: <$mtype as crate::stream::Part>::FORM,
                        }, )*
                        $( $( crate::stream::PartMeta {
                            name: stringify!($optional),
                            form: <$otype as crate::stream::Part>::FORM,
                        }, )* )?
                    ],
                    name: stringify!($name),
                    event: stringify!($event),
                    python_name: endpoints!(@or $($python)?, ""),
                    docs: concat!($page, $anchor),
                };

                /// The stream with these parts in its name.
                $( #[doc = concat!("\n`", stringify!($mandatory), "`:")] $(#[$mmeta])* )*
                #[allow(clippy::new_without_default, reason = "as the exchange has it")]
                pub const fn new($( $mandatory: $mtype ),*) -> Self {
                    Self { $( $mandatory, )* $( $( $optional: None, )* )? }
                }

                $( $(
                    $(#[$ometa])*
                    pub const fn $optional(mut self, $optional: $otype) -> Self {
                        self.$optional = Some($optional);
                        self
                    }
                )* )?
            }

            impl $(<$lt>)? crate::stream::Subscription for $name $(<$lt>)? {
                fn market(&self) -> crate::endpoint::Market {
                    crate::endpoint::Market::$market
                }

                fn route(&self) -> Option<crate::stream::Route> {
                    Self::META.route
                }

                fn write_name(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
                    write!(
                        out,
                        $pattern,
                        $( $mandatory = crate::stream::Shown(&self.$mandatory), )*
                        $( $( $optional = crate::stream::Shown(&self.$optional), )* )?
                    )
                }
            }

            impl $(<$lt>)? crate::stream::Stream for $name $(<$lt>)? {
                const META: crate::stream::StreamMeta = Self::META;

                type Event<'r> = $event;
            }
        )*
    };
}

/// Declares the enum of events, and `EVENTS`, its rows of the catalog.
///
/// For each its variant, its type, its tag (or tags) and the exchange's page; `many` for what streams of all contracts
/// send as an array.
macro_rules! any_event {
    (
        $market:ident;
        market data at $page:literal {$(
            $(#[$meta:meta])*
            $variant:ident($type:ty) = $tag:literal $(| $more:literal)* $(many $many:ident)?, docs: $anchor:literal;
        )*}
        user data at $upage:literal {$(
            $(#[$umeta:meta])*
            $uvariant:ident($utype:ty) = $utag:literal, docs: $uanchor:literal;
        )*}
    ) => {
        /// The rows of this market's events in the catalog.
        pub const EVENTS: &[crate::stream::EventMeta] = &[
            $( crate::stream::EventMeta {
                market: crate::endpoint::Market::$market,
                tags: &[$tag $(, $more)*],
                name: stringify!($type),
                is_user: false,
                docs: concat!($page, $anchor),
            }, )*
            $( crate::stream::EventMeta {
                market: crate::endpoint::Market::$market,
                tags: &[$utag],
                name: stringify!($utype),
                is_user: true,
                docs: concat!($upage, $uanchor),
            }, )*
        ];

        /// Shows `visitor` the type of the event with this tag; `Err` gives it back where there is none.
        pub(crate) fn visit_event<'r, V: crate::endpoint::ReplyVisitor<'r>>(
            tag: &str,
            visitor: V,
        ) -> Result<V::Output, V> {
            match tag {
                $( $tag $(| $more)* => Ok(visitor.visit::<$type>(crate::stream::read)), )*
                $( $utag => Ok(visitor.visit::<$utype>(crate::stream::read)), )*
                _ => Err(visitor),
            }
        }

        /// Any event of this market.
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "plain values without a heap; the largest is what is waited for")]
        pub enum Event<'r> {
            $(
                $(#[$meta])*
                #[doc(alias = $tag)]
                $variant($type),
                $(
                    #[doc = concat!("Many of them: `", $tag, "` in an array.")]
                    $many(crate::json::List<'r, $type>),
                )?
            )*
            $(
                $(#[$umeta])*
                #[doc(alias = $utag)]
                $uvariant($utype),
            )*
            /// An event that this version does not know, as it came.
            Other {
                /// Its tag `e`, empty where it has none.
                tag: &'r str,
                /// Its text.
                data: &'r str,
            },
        }

        impl<'r> Event<'r> {
            /// Reads an event: the object or array alone, not the envelope of combined connections.
            ///
            /// # Errors
            /// [`crate::json::Error`] when the text is not JSON, or an event that this version knows has another shape.
            pub fn decode(data: &'r str) -> Result<Self, crate::json::Error> {
                if data.starts_with('[') {
                    return Self::decode_many(data);
                }
                match crate::stream::tag(data)? {
                    $( $tag $(| $more)* => <$type>::decode(data).map(Self::$variant), )*
                    $( $utag => <$utype>::decode(data).map(Self::$uvariant), )*
                    tag => {
                        crate::json::from_str::<crate::json::Raw<'_>>(data)?;
                        Ok(Self::Other { tag, data })
                    }
                }
            }

            fn decode_many(data: &'r str) -> Result<Self, crate::json::Error> {
                let first = crate::json::from_str::<crate::json::List<'r, crate::json::Raw<'r>>>(data)?.first();
                match first.and_then(|first| crate::stream::tag(first.as_str()).ok()) {
                    $($(Some($tag) => crate::json::from_str(data).map(Self::$many),)?)*
                    tag => Ok(Self::Other { tag: tag.unwrap_or_default(), data }),
                }
            }
        }

        impl<'r> crate::stream::Event<'r> for Event<'r> {
            fn decode(text: &'r str) -> Result<Self, crate::json::Error> {
                Self::decode(text)
            }
        }

        impl<'de: 'r, 'r> serde::Deserialize<'de> for Event<'r> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw: crate::json::Raw<'r> = serde::Deserialize::deserialize(deserializer)?;
                Self::decode(raw.as_str()).map_err(serde::de::Error::custom)
            }
        }

        impl core::fmt::Debug for Event<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    $(
                        Self::$variant(event) => event.fmt(f),
                        $(Self::$many(events) => events.fmt(f),)?
                    )*
                    $( Self::$uvariant(event) => event.fmt(f), )*
                    Self::Other { data, .. } => f.write_str(data),
                }
            }
        }

        impl serde::Serialize for Event<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(
                        Self::$variant(event) => event.serialize(serializer),
                        $(Self::$many(events) => events.serialize(serializer),)?
                    )*
                    $( Self::$uvariant(event) => event.serialize(serializer), )*
                    Self::Other { data, .. } => {
                        crate::json::from_str::<crate::json::Raw<'_>>(data)
                            .map_err(serde::ser::Error::custom)?
                            .serialize(serializer)
                    }
                }
            }
        }
    };
}
