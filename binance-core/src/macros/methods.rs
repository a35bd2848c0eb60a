//! The tables of the WebSocket API.

/// Declares the methods of a market's WebSocket API, and `METHODS`, its rows of the catalog.
///
/// One line each: the method, the anchor on the exchange's page, and the REST request that has the same parameters and
/// the same reply; `weight` and `orders` only where they are other than REST's.
macro_rules! methods {
    (
        $market:ident, $page:literal;
        $(
            $method:literal, $(weight: $weight:expr,)? docs: $anchor:literal => $request:ty;
        )*
        session at $session:literal {$(
            $(#[$meta:meta])+
            $smethod:literal $security:ident -> $reply:ty;
            pub struct $name:ident;
        )*}
    ) => {
        /// The methods of this market.
        pub const METHODS: &[crate::ws_api::MethodMeta] = &[
            $( <$request>::METHOD, )*
            $( <$name>::METHOD, )*
        ];

        /// Shows `visitor` the type of a method's result; `Err` gives it back where there is no such method.
        pub(crate) fn visit_result<'r, V: crate::endpoint::ReplyVisitor<'r>>(
            method: &str,
            visitor: V,
        ) -> Result<V::Output, V> {
            match method {
                $( $method => {
                    Ok(visitor.visit::<<$request as crate::ws_api::TypedCall>::Answer<'r>>(crate::json::from_slice))
                } )*
                $( $smethod => Ok(visitor.visit::<$reply>(crate::json::from_slice)), )*
                _ => Err(visitor),
            }
        }

        $( call! {
            $request, $method, concat!($page, $anchor), <Self as crate::endpoint::Endpoint>::Reply<'r>;
            crate::ws_api::MethodMeta {
                $( weight: $weight, )?
                ..crate::ws_api::MethodMeta::of(const { &Self::META }, $method, concat!($page, $anchor))
            }
        } )*

        $(
            $(#[$meta])+
            #[doc = ""]
            #[doc = concat!("`", $smethod, "`, [exchange docs](", $session, ").")]
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            #[must_use = "a call does nothing until it is sent"]
            pub struct $name;

            impl crate::param::Params for $name {
                fn visit<'visit>(
                    &'visit self,
                    _: &mut dyn crate::param::Sink<'visit>,
                ) -> Result<(), crate::param::Full> {
                    Ok(())
                }
            }

            call! {
                $name, $smethod, $session, $reply;
                crate::ws_api::MethodMeta {
                    name: stringify!($name),
                    weight: crate::endpoint::Weight::Fixed(2),
                    reply: stringify!($reply),
                    ..crate::ws_api::MethodMeta::raw(
                        crate::endpoint::Market::$market,
                        $smethod,
                        crate::endpoint::Security::$security,
                        $session,
                    )
                }
            }
        )*
    };
}

/// Makes a request a call of the WebSocket API.
macro_rules! call {
    ($request:ty, $method:literal, $docs:expr, $reply:ty; $meta:expr) => {
        impl $request {
            #[doc = concat!("The facts of the WebSocket API's method that takes it: `", $method, "`, [exchange docs](", $docs, ").")]
            #[doc(alias = $method)]
            pub const METHOD: crate::ws_api::MethodMeta = $meta;
        }

        impl crate::ws_api::Call for $request {
            fn method(&self) -> &crate::ws_api::MethodMeta {
                const { &Self::METHOD }
            }

            fn call_weight(&self) -> u32 {
                Self::METHOD.weight.of(self)
            }
        }

        impl crate::ws_api::TypedCall for $request {
            const METHOD: crate::ws_api::MethodMeta = Self::METHOD;

            type Answer<'r> = $reply;
        }
    };
}
