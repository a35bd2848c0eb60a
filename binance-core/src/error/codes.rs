//! The names of the exchange's codes, in the order of its pages.

use super::ApiCode;
use crate::endpoint::Market;

/// The pattern that holds on one market or on both.
macro_rules! on {
    (both, $code:literal) => {
        (_, $code)
    };
    (um, $code:literal) => {
        (Market::UsdM, $code)
    };
    (cm, $code:literal) => {
        (Market::CoinM, $code)
    };
}

/// What is said of the market.
macro_rules! only {
    (both) => {
        ""
    };
    (um) => {
        " (USDⓈ-M)"
    };
    (cm) => {
        " (COIN-M)"
    };
}

/// Declares codes: the name, the number, the number to search for, the market that has it.
macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident = $code:literal $alias:literal $market:ident;)*) => {
        // An alias has to be a literal, and must not be that of another code.
        $( const _: () = assert!(same(stringify!($code), $alias), "a code is searched for by its number"); )*

        /// Every code of the exchange's pages. A name that the two markets have for different codes begins with `UM_`
        /// or `CM_` here.
        impl ApiCode {
            $(
                $(#[$meta])*
                #[doc = concat!("\nCode `", stringify!($code), "`", only!($market), ".")]
                #[doc(alias = $alias)]
                pub const $name: Self = Self($code);
            )*

            /// The exchange's name for the code on one market; `None` for codes that it does not document there. Where
            /// its page has no name that could be one, it is that of the constant.
            pub const fn name_on(self, market: Market) -> Option<&'static str> {
                match (market, self.0) {
                    $(on!($market, $code) => Some(without_market(stringify!($name))),)*
                    _ => None,
                }
            }
        }
    };
}

/// Whether two texts are the same.
const fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while let ([a, rest @ ..], [b, others @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (rest, others);
    }
    one.is_empty() && other.is_empty()
}

/// The name without the market before it.
const fn without_market(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'U' | b'C', b'M', b'_', ..] => name.split_at(3).1,
        _ => name,
    }
}

codes! {
    // 10xx - General Server or Network issues.
    /// Something unknown went wrong while the request was processed.
    UNKNOWN = -1000 "-1000" both;
    /// An internal error: the request was not processed, and may be sent again.
    DISCONNECTED = -1001 "-1001" both;
    /// The key may not do that.
    UNAUTHORIZED = -1002 "-1002" both;
    /// Too many requests or too much of their weight in a minute, or the address is banned until the time
    /// that the message names.
    TOO_MANY_REQUESTS = -1003 "-1003" both;
    /// The address is on the white list already.
    DUPLICATE_IP = -1004 "-1004" both;
    /// The address is not on the white list.
    NO_SUCH_IP = -1005 "-1005" both;
    /// An answer from inside was not what it should be: nobody knows whether the request was executed.
    UNEXPECTED_RESP = -1006 "-1006" both;
    /// Time-out waiting for the servers behind: nobody knows whether the request was executed.
    TIMEOUT = -1007 "-1007" both;
    /// The servers are overloaded: not executed. Orders that only close or reduce a position are let through.
    SERVER_BUSY = -1008 "-1008" both;
    /// An error was received from inside.
    ERROR_MSG_RECEIVED = -1010 "-1010" both;
    /// The address may not use this route.
    NON_WHITE_LIST = -1011 "-1011" both;
    /// The message is not valid.
    INVALID_MESSAGE = -1013 "-1013" both;
    /// The parts of the order do not go together.
    UNKNOWN_ORDER_COMPOSITION = -1014 "-1014" both;
    /// Too many new orders in ten seconds or a minute.
    TOO_MANY_ORDERS = -1015 "-1015" both;
    /// The service is gone, or under maintenance.
    SERVICE_SHUTTING_DOWN = -1016 "-1016" both;
    /// The operation is not supported.
    UNSUPPORTED_OPERATION = -1020 "-1020" both;
    /// The timestamp is older than the receive window, or a second or more ahead of the exchange's clock.
    INVALID_TIMESTAMP = -1021 "-1021" both;
    /// The signature is wrong.
    INVALID_SIGNATURE = -1022 "-1022" both;
    /// The start time is behind the end time.
    START_TIME_GREATER_THAN_END_TIME = -1023 "-1023" both;
    /// Not found, or the key may not see it.
    NOT_FOUND = -1099 "-1099" um;

    // 11xx - Request issues.
    /// A parameter has characters that it may not have.
    ILLEGAL_CHARS = -1100 "-1100" both;
    /// More parameters than the endpoint takes, or one of them twice.
    TOO_MANY_PARAMETERS = -1101 "-1101" both;
    /// A mandatory parameter is missing, empty or malformed.
    MANDATORY_PARAM_EMPTY_OR_MALFORMED = -1102 "-1102" both;
    /// A parameter that the endpoint does not know.
    UNKNOWN_PARAM = -1103 "-1103" both;
    /// Not all parameters were read.
    UNREAD_PARAMETERS = -1104 "-1104" both;
    /// A parameter is empty.
    PARAM_EMPTY = -1105 "-1105" both;
    /// A parameter that does not belong to this request, such as `reduceOnly` in hedge mode.
    PARAM_NOT_REQUIRED = -1106 "-1106" both;
    /// No such asset.
    BAD_ASSET = -1108 "-1108" both;
    /// No such account. During maintenance it is answered for accounts that exist.
    BAD_ACCOUNT = -1109 "-1109" both;
    /// No such kind of contract.
    BAD_INSTRUMENT_TYPE = -1110 "-1110" both;
    /// More decimals than the asset has.
    BAD_PRECISION = -1111 "-1111" both;
    /// The book is empty.
    NO_DEPTH = -1112 "-1112" both;
    /// The amount of a withdrawal must be negative.
    WITHDRAW_NOT_NEGATIVE = -1113 "-1113" both;
    /// `timeInForce` does not belong to this kind of order.
    TIF_NOT_REQUIRED = -1114 "-1114" both;
    /// No such `timeInForce`.
    INVALID_TIF = -1115 "-1115" both;
    /// No such kind of order.
    INVALID_ORDER_TYPE = -1116 "-1116" both;
    /// No such side.
    INVALID_SIDE = -1117 "-1117" both;
    /// The new client order id is empty.
    EMPTY_NEW_CL_ORD_ID = -1118 "-1118" both;
    /// The original client order id is empty.
    EMPTY_ORG_CL_ORD_ID = -1119 "-1119" both;
    /// No such interval.
    BAD_INTERVAL = -1120 "-1120" both;
    /// No such contract.
    BAD_SYMBOL = -1121 "-1121" both;
    /// The contract is not in a status for that.
    INVALID_SYMBOL_STATUS = -1122 "-1122" um;
    /// No such listen key: it has to be made again.
    INVALID_LISTEN_KEY = -1125 "-1125" both;
    /// The asset is not supported.
    ASSET_NOT_SUPPORTED = -1126 "-1126" um;
    /// Start and end time are too far apart.
    MORE_THAN_XX_HOURS = -1127 "-1127" both;
    /// The optional parameters do not go together.
    OPTIONAL_PARAMS_BAD_COMBO = -1128 "-1128" both;
    /// A parameter's value is not valid.
    INVALID_PARAMETER = -1130 "-1130" both;
    /// No such `newOrderRespType`.
    INVALID_NEW_ORDER_RESP_TYPE = -1136 "-1136" both;

    // 20xx - Processing Issues.
    /// The new order was refused.
    NEW_ORDER_REJECTED = -2010 "-2010" both;
    /// The cancel was refused: most often the order is not open, or there never was one.
    CANCEL_REJECTED = -2011 "-2011" both;
    /// The cancel of many orders failed.
    CANCEL_ALL_FAIL = -2012 "-2012" um;
    /// No such order.
    NO_SUCH_ORDER = -2013 "-2013" both;
    /// The form of the API key is wrong.
    BAD_API_KEY_FMT = -2014 "-2014" both;
    /// The key is wrong, its address is not on its white list, or it lacks the permission.
    REJECTED_MBX_KEY = -2015 "-2015" both;
    /// There is no trading window for the contract.
    NO_TRADING_WINDOW = -2016 "-2016" both;
    /// The account's API keys are locked.
    API_KEYS_LOCKED = -2017 "-2017" um;
    /// The balance does not suffice.
    BALANCE_NOT_SUFFICIENT = -2018 "-2018" both;
    /// The margin does not suffice. Spelt so by the exchange.
    MARGIN_NOT_SUFFICIEN = -2019 "-2019" both;
    /// The order cannot be filled.
    UNABLE_TO_FILL = -2020 "-2020" both;
    /// The conditional order would be triggered at once.
    ORDER_WOULD_IMMEDIATELY_TRIGGER = -2021 "-2021" both;
    /// The reduce-only order was refused: there is nothing to reduce, or other open orders reduce it already.
    REDUCE_ONLY_REJECT = -2022 "-2022" both;
    /// The account is being liquidated.
    USER_IN_LIQUIDATION = -2023 "-2023" both;
    /// The position does not suffice.
    POSITION_NOT_SUFFICIENT = -2024 "-2024" both;
    /// As many orders are open as may be.
    MAX_OPEN_ORDER_EXCEEDED = -2025 "-2025" both;
    /// That kind of order cannot be reduce-only.
    REDUCE_ONLY_ORDER_TYPE_NOT_SUPPORTED = -2026 "-2026" both;
    /// The position would be larger than the leverage allows.
    MAX_LEVERAGE_RATIO = -2027 "-2027" both;
    /// The leverage is lower than the margin balance allows.
    MIN_LEVERAGE_RATIO = -2028 "-2028" both;

    // 40xx - Filters and other Issues.
    /// The order is not in a status for that.
    INVALID_ORDER_STATUS = -4000 "-4000" both;
    /// The price is below 0.
    PRICE_LESS_THAN_ZERO = -4001 "-4001" both;
    /// The price is above the highest.
    PRICE_GREATER_THAN_MAX_PRICE = -4002 "-4002" both;
    /// The quantity is below 0.
    QTY_LESS_THAN_ZERO = -4003 "-4003" both;
    /// The quantity is below the smallest.
    QTY_LESS_THAN_MIN_QTY = -4004 "-4004" both;
    /// The quantity is above the largest.
    QTY_GREATER_THAN_MAX_QTY = -4005 "-4005" both;
    /// The stop price is below 0.
    STOP_PRICE_LESS_THAN_ZERO = -4006 "-4006" both;
    /// The stop price is above the highest price.
    STOP_PRICE_GREATER_THAN_MAX_PRICE = -4007 "-4007" both;
    /// The tick size is below 0.
    TICK_SIZE_LESS_THAN_ZERO = -4008 "-4008" both;
    /// The highest price is below the lowest.
    MAX_PRICE_LESS_THAN_MIN_PRICE = -4009 "-4009" both;
    /// The largest quantity is below the smallest.
    MAX_QTY_LESS_THAN_MIN_QTY = -4010 "-4010" both;
    /// The step size is below 0.
    STEP_SIZE_LESS_THAN_ZERO = -4011 "-4011" both;
    /// The number of open orders is below 0.
    MAX_NUM_ORDERS_LESS_THAN_ZERO = -4012 "-4012" both;
    /// The price is below the lowest.
    PRICE_LESS_THAN_MIN_PRICE = -4013 "-4013" both;
    /// The price is not on a tick.
    PRICE_NOT_INCREASED_BY_TICK_SIZE = -4014 "-4014" both;
    /// The client order id is not valid: 36 characters at most.
    INVALID_CL_ORD_ID_LEN = -4015 "-4015" both;
    /// The price is too far above the mark price. Spelt so by the exchange.
    PRICE_HIGHTER_THAN_MULTIPLIER_UP = -4016 "-4016" both;
    /// The upper multiplier is below 0.
    MULTIPLIER_UP_LESS_THAN_ZERO = -4017 "-4017" both;
    /// The lower multiplier is below 0.
    MULTIPLIER_DOWN_LESS_THAN_ZERO = -4018 "-4018" both;
    /// The composite scale is too large.
    COMPOSITE_SCALE_OVERFLOW = -4019 "-4019" both;
    /// The kind of order and `reduceOnly` do not go together.
    TARGET_STRATEGY_INVALID = -4020 "-4020" both;
    /// No such depth of the book.
    INVALID_DEPTH_LIMIT = -4021 "-4021" both;
    /// The status of the market is not valid.
    WRONG_MARKET_STATUS = -4022 "-4022" both;
    /// The quantity is not on a step.
    QTY_NOT_INCREASED_BY_STEP_SIZE = -4023 "-4023" both;
    /// The price is too far below the mark price.
    PRICE_LOWER_THAN_MULTIPLIER_DOWN = -4024 "-4024" both;
    /// The decimals of the multipliers are below 0.
    MULTIPLIER_DECIMAL_LESS_THAN_ZERO = -4025 "-4025" both;
    /// The commission is below 0 or too large.
    COMMISSION_INVALID = -4026 "-4026" both;
    /// No such kind of account.
    INVALID_ACCOUNT_TYPE = -4027 "-4027" both;
    /// No such leverage, or it is set already.
    INVALID_LEVERAGE = -4028 "-4028" both;
    /// The decimals of the tick size are not valid.
    INVALID_TICK_SIZE_PRECISION = -4029 "-4029" both;
    /// The decimals of the step size are not valid.
    INVALID_STEP_SIZE_PRECISION = -4030 "-4030" both;
    /// No such `workingType`.
    INVALID_WORKING_TYPE = -4031 "-4031" both;
    /// More orders to cancel than one request takes.
    EXCEED_MAX_CANCEL_ORDER_SIZE = -4032 "-4032" both;
    /// No such insurance account.
    INSURANCE_ACCOUNT_NOT_FOUND = -4033 "-4033" both;
    /// No such kind of balance.
    INVALID_BALANCE_TYPE = -4044 "-4044" both;
    /// As many conditional orders are open as may be.
    MAX_STOP_ORDER_EXCEEDED = -4045 "-4045" both;
    /// The margin type is that already.
    NO_NEED_TO_CHANGE_MARGIN_TYPE = -4046 "-4046" both;
    /// The margin type cannot change while orders are open.
    THERE_EXISTS_OPEN_ORDERS = -4047 "-4047" both;
    /// The margin type cannot change while there is a position.
    THERE_EXISTS_QUANTITY = -4048 "-4048" both;
    /// Only an isolated position can have margin of its own added.
    ADD_ISOLATED_MARGIN_REJECT = -4049 "-4049" both;
    /// The balance for crossed positions does not suffice.
    CROSS_BALANCE_INSUFFICIENT = -4050 "-4050" both;
    /// The balance of the isolated position does not suffice.
    ISOLATED_BALANCE_INSUFFICIENT = -4051 "-4051" both;
    /// The automatic addition of margin is set so already.
    NO_NEED_TO_CHANGE_AUTO_ADD_MARGIN = -4052 "-4052" both;
    /// Only an isolated position can have margin added automatically.
    AUTO_ADD_CROSSED_MARGIN_REJECT = -4053 "-4053" both;
    /// There is no position to add margin to.
    ADD_ISOLATED_MARGIN_NO_POSITION_REJECT = -4054 "-4054" both;
    /// The amount must be above 0.
    AMOUNT_MUST_BE_POSITIVE = -4055 "-4055" both;
    /// No such kind of API key.
    INVALID_API_KEY_TYPE = -4056 "-4056" both;
    /// The public key is not valid.
    INVALID_RSA_PUBLIC_KEY = -4057 "-4057" both;
    /// The highest price and its decimals are too large.
    MAX_PRICE_TOO_LARGE = -4058 "-4058" both;
    /// The position mode is that already.
    NO_NEED_TO_CHANGE_POSITION_SIDE = -4059 "-4059" both;
    /// No such position side.
    INVALID_POSITION_SIDE = -4060 "-4060" both;
    /// The order's position side is of the other mode: `BOTH` is for one-way, `LONG` and `SHORT` for hedge mode.
    POSITION_SIDE_NOT_MATCH = -4061 "-4061" both;
    /// `reduceOnly` is not valid here.
    REDUCE_ONLY_CONFLICT = -4062 "-4062" both;
    /// No such kind of request for options.
    INVALID_OPTIONS_REQUEST_TYPE = -4063 "-4063" um;
    /// No such time frame for options.
    INVALID_OPTIONS_TIME_FRAME = -4064 "-4064" um;
    /// The amount of options is not valid.
    INVALID_OPTIONS_AMOUNT = -4065 "-4065" um;
    /// No such kind of event for options.
    INVALID_OPTIONS_EVENT_TYPE = -4066 "-4066" um;
    /// The position mode cannot change while orders are open, on either market.
    POSITION_SIDE_CHANGE_EXISTS_OPEN_ORDERS = -4067 "-4067" both;
    /// The position mode cannot change while there is a position, on either market.
    POSITION_SIDE_CHANGE_EXISTS_QUANTITY = -4068 "-4068" both;
    /// The premium of the options is not valid.
    INVALID_OPTIONS_PREMIUM_FEE = -4069 "-4069" um;
    /// The client's id of the options is not valid: less than 32 characters.
    INVALID_CL_OPTIONS_ID_LEN = -4070 "-4070" um;
    /// No such direction of options.
    INVALID_OPTIONS_DIRECTION = -4071 "-4071" um;
    /// The premium of the options is out of date.
    OPTIONS_PREMIUM_NOT_UPDATE = -4072 "-4072" um;
    /// The premium that was sent is below 0.
    OPTIONS_PREMIUM_INPUT_LESS_THAN_ZERO = -4073 "-4073" um;
    /// The amount of options is too large or below 0.
    OPTIONS_AMOUNT_BIGGER_THAN_UPPER = -4074 "-4074" um;
    /// The premium that came out is not above 0.
    OPTIONS_PREMIUM_OUTPUT_ZERO = -4075 "-4075" um;
    /// The premium is much higher than the last one.
    OPTIONS_PREMIUM_TOO_DIFF = -4076 "-4076" um;
    /// The amount of options has reached its limit.
    OPTIONS_PREMIUM_REACH_LIMIT = -4077 "-4077" um;
    /// An internal error of the options.
    OPTIONS_COMMON_ERROR = -4078 "-4078" um;
    /// The id of the options is not valid, or is in use.
    INVALID_OPTIONS_ID = -4079 "-4079" um;
    /// No such user of options.
    OPTIONS_USER_NOT_FOUND = -4080 "-4080" um;
    /// No such options.
    OPTIONS_NOT_FOUND = -4081 "-4081" um;
    /// A batch has one to five orders.
    INVALID_BATCH_PLACE_ORDER_SIZE = -4082 "-4082" both;
    /// The batch of orders failed.
    PLACE_BATCH_ORDERS_FAIL = -4083 "-4083" both;
    /// The method is not there yet.
    UPCOMING_METHOD = -4084 "-4084" both;
    /// The coefficient of the notional limit is not valid.
    INVALID_NOTIONAL_LIMIT_COEF = -4085 "-4085" um;
    /// The threshold of the price spread is not valid.
    INVALID_PRICE_SPREAD_THRESHOLD = -4086 "-4086" both;
    /// The account may only place reduce-only orders. On COIN-M this code is [`Self::CM_INVALID_PAIR`].
    UM_REDUCE_ONLY_ORDER_PERMISSION = -4087 "-4087" um;
    /// No such pair. On USDⓈ-M this code is [`Self::UM_REDUCE_ONLY_ORDER_PERMISSION`].
    CM_INVALID_PAIR = -4087 "-4087" cm;
    /// The account may not place orders. On COIN-M this code is [`Self::CM_INVALID_TIME_INTERVAL`].
    UM_NO_PLACE_ORDER_PERMISSION = -4088 "-4088" um;
    /// Start and end time are too many days apart. On USDⓈ-M this code is
    /// [`Self::UM_NO_PLACE_ORDER_PERMISSION`].
    CM_INVALID_TIME_INTERVAL = -4088 "-4088" cm;
    /// The account may only place reduce-only orders.
    CM_REDUCE_ONLY_ORDER_PERMISSION = -4089 "-4089" cm;
    /// The account may not place orders.
    CM_NO_PLACE_ORDER_PERMISSION = -4090 "-4090" cm;
    /// No such type of contract.
    INVALID_CONTRACT_TYPE = -4104 "-4104" both;
    /// The contract is under risk control: it takes reduce-only orders only.
    SYMBOL_REDUCE_ONLY = -4105 "-4105" um;
    /// The contract is under risk control: a buy must be reduce-only.
    SYMBOL_REDUCE_ONLY_BUY = -4106 "-4106" um;
    /// The contract is under risk control: a sell must be reduce-only.
    SYMBOL_REDUCE_ONLY_SELL = -4107 "-4107" um;
    /// The account sleeps: a transfer of any amount to the futures wallet wakes it.
    INACTIVE_ACCOUNT = -4109 "-4109" um;
    /// The client's id of the transfer is not valid: less than 64 characters.
    CM_INVALID_CLIENT_TRAN_ID_LEN = -4110 "-4110" cm;
    /// The client's id of the transfer was used in the last 7 days.
    CM_DUPLICATED_CLIENT_TRAN_ID = -4111 "-4111" cm;
    /// The reduce-only order and an open one of the same side would turn the position around, and the margin
    /// does not suffice for that.
    CM_REDUCE_ONLY_MARGIN_CHECK_FAILED = -4112 "-4112" cm;
    /// The best price of the other side is outside of what `PERCENT_PRICE` allows.
    CM_MARKET_ORDER_REJECT = -4113 "-4113" cm;
    /// The client's id of the transfer is not valid: less than 64 characters.
    UM_INVALID_CLIENT_TRAN_ID_LEN = -4114 "-4114" um;
    /// The client's id of the transfer was used in the last 7 days.
    UM_DUPLICATED_CLIENT_TRAN_ID = -4115 "-4115" um;
    /// The client order id is in use by an open order. After a resend: the first one was taken.
    DUPLICATED_CLIENT_ORDER_ID = -4116 "-4116" um;
    /// The conditional order is being triggered.
    STOP_ORDER_TRIGGERING = -4117 "-4117" um;
    /// The reduce-only order and an open one of the same side would turn the position around, and the margin
    /// does not suffice for that.
    UM_REDUCE_ONLY_MARGIN_CHECK_FAILED = -4118 "-4118" um;
    /// That kind of order has to go to the algo endpoint.
    STOP_ORDER_SWITCH_ALGO = -4120 "-4120" both;
    /// The best price of the other side is outside of what `PERCENT_PRICE` allows.
    UM_MARKET_ORDER_REJECT = -4131 "-4131" um;
    /// The price at which a trailing stop begins to trail is not valid.
    INVALID_ACTIVATION_PRICE = -4135 "-4135" both;
    /// An order that closes the position has no quantity.
    QUANTITY_EXISTS_WITH_CLOSE_POSITION = -4137 "-4137" both;
    /// An order that closes the position is reduce-only.
    REDUCE_ONLY_MUST_BE_TRUE = -4138 "-4138" both;
    /// The order cannot be a market order where it cannot be canceled.
    ORDER_TYPE_CANNOT_BE_MKT = -4139 "-4139" both;
    /// The contract is not in a status to open positions.
    INVALID_OPENING_POSITION_STATUS = -4140 "-4140" um;
    /// The contract is closed.
    SYMBOL_ALREADY_CLOSED = -4141 "-4141" um;
    /// The take-profit or stop order would be triggered at once.
    STRATEGY_INVALID_TRIGGER_PRICE = -4142 "-4142" both;
    /// No such pair.
    UM_INVALID_PAIR = -4144 "-4144" um;
    /// The leverage of an isolated position cannot be lowered.
    CM_ISOLATED_LEVERAGE_REJECT_WITH_POSITION = -4150 "-4150" cm;
    /// The price is too far above the stop price. Spelt so by the exchange.
    CM_PRICE_HIGHTER_THAN_STOP_MULTIPLIER_UP = -4151 "-4151" cm;
    /// The price is too far below the stop price.
    CM_PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN = -4152 "-4152" cm;
    /// The stop price is above what the price multiplier allows.
    CM_STOP_PRICE_HIGHER_THAN_PRICE_MULTIPLIER_LIMIT = -4154 "-4154" cm;
    /// The stop price is below what the price multiplier allows.
    CM_STOP_PRICE_LOWER_THAN_PRICE_MULTIPLIER_LIMIT = -4155 "-4155" cm;
    /// The leverage of an isolated position cannot be lowered.
    UM_ISOLATED_LEVERAGE_REJECT_WITH_POSITION = -4161 "-4161" um;
    /// Price times quantity is too small. Reduce-only orders may be.
    UM_MIN_NOTIONAL = -4164 "-4164" um;
    /// Start and end time are too many days apart.
    UM_INVALID_TIME_INTERVAL = -4165 "-4165" um;
    /// Multi-assets mode cannot begin while a contract has isolated margin.
    ISOLATED_REJECT_WITH_JOINT_MARGIN = -4167 "-4167" um;
    /// Isolated margin cannot be set in multi-assets mode.
    JOINT_MARGIN_REJECT_WITH_ISOLATED = -4168 "-4168" um;
    /// The asset mode cannot change: the margin balance does not suffice.
    JOINT_MARGIN_REJECT_WITH_MB = -4169 "-4169" um;
    /// The asset mode cannot change while orders are open.
    JOINT_MARGIN_REJECT_WITH_OPEN_ORDER = -4170 "-4170" um;
    /// The asset mode is that already.
    NO_NEED_TO_CHANGE_JOINT_MARGIN = -4171 "-4171" um;
    /// The asset mode cannot change: an asset that can be margin has a negative balance.
    JOINT_MARGIN_REJECT_WITH_NEGATIVE_BALANCE = -4172 "-4172" um;
    /// Contracts are too few for their worth. Reduce-only orders may be.
    CM_MIN_NOTIONAL = -4178 "-4178" cm;
    /// The price is too far above the stop price. The exchange's page has the name of -4167 here.
    UM_PRICE_HIGHTER_THAN_STOP_MULTIPLIER_UP = -4183 "-4183" um;
    /// The price is too far below the stop price.
    UM_PRICE_LOWER_THAN_STOP_MULTIPLIER_DOWN = -4184 "-4184" um;
    /// The request reached the matching engine after its receive window.
    ME_INVALID_TIMESTAMP = -4188 "-4188" cm;
    /// The account may only place reduce-only orders on the contract.
    ACCOUNT_REDUCE_ONLY = -4189 "-4189" both;
    /// The account is in a cooling-off period and may not trade.
    COOLING_OFF_PERIOD = -4192 "-4192" both;
    /// A leverage above 20 needs a further verification of the person.
    CM_ADJUST_LEVERAGE_KYC_FAILED = -4194 "-4194" cm;
    /// A leverage above 20 is for accounts older than a month.
    CM_ADJUST_LEVERAGE_ONE_MONTH_FAILED = -4195 "-4195" cm;
    /// Only limit orders can be modified.
    CM_LIMIT_ORDER_ONLY = -4196 "-4196" cm;
    /// The order is so already: nothing to modify.
    CM_SAME_ORDER = -4197 "-4197" cm;
    /// The order was modified as often as may be.
    EXCEED_MAX_MODIFY_ORDER_LIMIT = -4198 "-4198" cm;
    /// The contract does not trade: its orders cannot be modified.
    CM_MOVE_ORDER_NOT_ALLOWED_SYMBOL_REASON = -4199 "-4199" cm;
    /// A leverage above 20 is for accounts older than 30 days, or what the message says.
    CM_ADJUST_LEVERAGE_X_DAYS_FAILED = -4200 "-4200" cm;
    /// The leverage is limited where the person lives.
    CM_ADJUST_LEVERAGE_KYC_LIMIT = -4201 "-4201" cm;
    /// A leverage above 20 needs a further verification of the person. On COIN-M this code is
    /// [`Self::CM_ADJUST_LEVERAGE_ACCOUNT_SYMBOL_FAILED`].
    UM_ADJUST_LEVERAGE_KYC_FAILED = -4202 "-4202" um;
    /// The contract's leverage is 20 at most while the position limit is adjusted. On USDⓈ-M this code is
    /// [`Self::UM_ADJUST_LEVERAGE_KYC_FAILED`].
    CM_ADJUST_LEVERAGE_ACCOUNT_SYMBOL_FAILED = -4202 "-4202" cm;
    /// A leverage above 20 is for accounts older than a month.
    UM_ADJUST_LEVERAGE_ONE_MONTH_FAILED = -4203 "-4203" um;
    /// A leverage above 20 is for accounts older than the days in the message.
    UM_ADJUST_LEVERAGE_X_DAYS_FAILED = -4205 "-4205" um;
    /// The leverage is limited where the person lives.
    UM_ADJUST_LEVERAGE_KYC_LIMIT = -4206 "-4206" um;
    /// The contract's leverage is 20 at most while the position limit is adjusted.
    UM_ADJUST_LEVERAGE_ACCOUNT_SYMBOL_FAILED = -4208 "-4208" um;
    /// The contract's leverage is at most what the message says.
    ADJUST_LEVERAGE_SYMBOL_FAILED = -4209 "-4209" um;
    /// The stop price is above what the price multiplier allows.
    UM_STOP_PRICE_HIGHER_THAN_PRICE_MULTIPLIER_LIMIT = -4210 "-4210" um;
    /// The stop price is below what the price multiplier allows.
    UM_STOP_PRICE_LOWER_THAN_PRICE_MULTIPLIER_LIMIT = -4211 "-4211" um;
    /// The position mode is one for both markets: this change would make them differ.
    CANNOT_CHANGE_DUAL_SIDE = -4220 "-4220" cm;
    /// The quantitative rules are violated: only reduce-only orders for a while.
    TRADING_QUANTITATIVE_RULE = -4400 "-4400" um;
    /// The position is too large: only reduce-only orders until it is smaller.
    LARGE_POSITION_SYM_RULE = -4401 "-4401" um;
    /// Not to be had where the person lives.
    COMPLIANCE_BLACK_SYMBOL_RESTRICTION = -4402 "-4402" um;
    /// The leverage is limited where the person lives.
    ADJUST_LEVERAGE_COMPLIANCE_FAILED = -4403 "-4403" um;
    /// The position mode cannot change while COIN-M has positions or orders. The exchange has no name for it.
    POSITION_MODE_NOT_IN_SYNC = -4531 "-4531" um;

    // 50xx - Order Execution Issues.
    /// The fill-or-kill order could not be filled at once.
    FOK_ORDER_REJECT = -5021 "-5021" um;
    /// The post-only order would have been filled at once.
    GTX_ORDER_REJECT = -5022 "-5022" um;
    /// The contract does not trade: its orders cannot be modified.
    UM_MOVE_ORDER_NOT_ALLOWED_SYMBOL_REASON = -5024 "-5024" um;
    /// Only limit orders can be modified.
    UM_LIMIT_ORDER_ONLY = -5025 "-5025" um;
    /// The order was modified as often as may be.
    EXCEED_MAXIMUM_MODIFY_ORDER_LIMIT = -5026 "-5026" um;
    /// The order is so already: nothing to modify.
    UM_SAME_ORDER = -5027 "-5027" um;
    /// The request reached the matching engine after its receive window.
    ME_RECVWINDOW_REJECT = -5028 "-5028" um;
    /// The modified order's price times quantity is too small.
    MODIFICATION_MIN_NOTIONAL = -5029 "-5029" um;
    /// No such `priceMatch`.
    INVALID_PRICE_MATCH = -5037 "-5037" um;
    /// `priceMatch` is for limit, stop and take-profit orders only.
    UNSUPPORTED_ORDER_TYPE_PRICE_MATCH = -5038 "-5038" um;
    /// No such `selfTradePreventionMode`.
    INVALID_SELF_TRADE_PREVENTION_MODE = -5039 "-5039" um;
    /// `goodTillDate` must be more than 600 seconds ahead and before the year 10000.
    FUTURE_GOOD_TILL_DATE = -5040 "-5040" um;
    /// The book has no price for the order's `priceMatch`.
    BBO_ORDER_REJECT = -5041 "-5041" um;
    /// The order is being modified already.
    EXISTING_PENDING_MODIFICATION = -5043 "-5043" um;
    /// The order is not reduce-only, so that the change cannot be. The exchange has no name for it.
    NOT_REDUCE_ONLY_ORDER = -5047 "-5047" um;
}
