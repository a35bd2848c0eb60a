//! The exchange's lists of values. Requests take them as they are; replies hold them as [`Open`].

use crate::open::Open;

wire_enum! {
    /// Which way an order goes.
    pub enum Side {
        /// Buys.
        Buy = "BUY",
        /// Sells.
        Sell = "SELL",
    }

    /// What kind of order it is.
    pub enum OrderType {
        /// At a price or better.
        Limit = "LIMIT",
        /// At once, at whatever price.
        Market = "MARKET",
        /// A limit order once the stop price is reached.
        Stop = "STOP",
        /// A market order once the stop price is reached.
        StopMarket = "STOP_MARKET",
        /// A limit order once the profit price is reached.
        TakeProfit = "TAKE_PROFIT",
        /// A market order once the profit price is reached.
        TakeProfitMarket = "TAKE_PROFIT_MARKET",
        /// A market order once the price turns by a rate.
        TrailingStopMarket = "TRAILING_STOP_MARKET",
    }

    /// How long an order stays.
    pub enum TimeInForce {
        /// Until it is canceled.
        Gtc = "GTC",
        /// What cannot be filled at once is canceled.
        Ioc = "IOC",
        /// All at once or nothing.
        Fok = "FOK",
        /// Only as a maker: it expires if it would be filled at once.
        Gtx = "GTX",
        /// Until a date (USDⓈ-M).
        Gtd = "GTD",
        /// Retail price improvement (USDⓈ-M).
        Rpi = "RPI",
    }

    /// Which position an order or a position is of.
    pub enum PositionSide {
        /// The only one, in one-way mode.
        Both = "BOTH",
        /// The long one, in hedge mode.
        Long = "LONG",
        /// The short one, in hedge mode.
        Short = "SHORT",
    }

    /// Which price triggers a conditional order.
    pub enum WorkingType {
        /// The mark price.
        MarkPrice = "MARK_PRICE",
        /// The last price.
        ContractPrice = "CONTRACT_PRICE",
    }

    /// How much the reply to an order tells.
    pub enum NewOrderRespType {
        /// That it was taken.
        Ack = "ACK",
        /// What became of it: orders that are filled or expire at once are answered when they have.
        Result = "RESULT",
    }

    /// What happens to an order that would trade with another of the same account.
    pub enum SelfTradePreventionMode {
        /// Nothing is prevented.
        None = "NONE",
        /// The taker expires.
        ExpireTaker = "EXPIRE_TAKER",
        /// Both expire.
        ExpireBoth = "EXPIRE_BOTH",
        /// The maker expires.
        ExpireMaker = "EXPIRE_MAKER",
    }

    /// An order's price taken from the book. Replies say `NONE`, which is no value here, where there is none.
    pub enum PriceMatch {
        /// The best price of the other side.
        Opponent = "OPPONENT",
        /// The fifth of the other side.
        Opponent5 = "OPPONENT_5",
        /// The tenth of the other side.
        Opponent10 = "OPPONENT_10",
        /// The twentieth of the other side.
        Opponent20 = "OPPONENT_20",
        /// The best price of the same side.
        Queue = "QUEUE",
        /// The fifth of the same side.
        Queue5 = "QUEUE_5",
        /// The tenth of the same side.
        Queue10 = "QUEUE_10",
        /// The twentieth of the same side.
        Queue20 = "QUEUE_20",
    }

    /// Where an order stands.
    pub enum OrderStatus {
        /// Taken, nothing filled.
        New = "NEW",
        /// A part is filled.
        PartiallyFilled = "PARTIALLY_FILLED",
        /// All is filled.
        Filled = "FILLED",
        /// Canceled by the user.
        Canceled = "CANCELED",
        /// Refused.
        Rejected = "REJECTED",
        /// Ended by its own rules.
        Expired = "EXPIRED",
        /// Ended by self-trade prevention.
        ExpiredInMatch = "EXPIRED_IN_MATCH",
    }

    /// What happened to an order.
    pub enum ExecutionType {
        /// It was taken.
        New = "NEW",
        /// It was canceled.
        Canceled = "CANCELED",
        /// A liquidation or an auto-deleveraging was executed.
        Calculated = "CALCULATED",
        /// It ended by its own rules.
        Expired = "EXPIRED",
        /// It traded.
        Trade = "TRADE",
        /// It was changed.
        Amendment = "AMENDMENT",
    }

    /// The length of a candlestick.
    pub enum Interval {
        /// One second (not on COIN-M).
        S1 = "1s",
        /// One minute.
        M1 = "1m",
        /// Three minutes.
        M3 = "3m",
        /// Five minutes.
        M5 = "5m",
        /// A quarter of an hour.
        M15 = "15m",
        /// Half an hour.
        M30 = "30m",
        /// One hour.
        H1 = "1h",
        /// Two hours.
        H2 = "2h",
        /// Four hours.
        H4 = "4h",
        /// Six hours.
        H6 = "6h",
        /// Eight hours.
        H8 = "8h",
        /// Twelve hours.
        H12 = "12h",
        /// One day.
        D1 = "1d",
        /// Three days.
        D3 = "3d",
        /// One week.
        W1 = "1w",
        /// One month.
        Month1 = "1M",
    }

    /// How long a time one row of the trading statistics is of.
    pub enum Period {
        /// Five minutes.
        M5 = "5m",
        /// A quarter of an hour.
        M15 = "15m",
        /// Half an hour.
        M30 = "30m",
        /// One hour.
        H1 = "1h",
        /// Two hours.
        H2 = "2h",
        /// Four hours.
        H4 = "4h",
        /// Six hours.
        H6 = "6h",
        /// Twelve hours.
        H12 = "12h",
        /// One day.
        D1 = "1d",
    }

    /// What kind of contract it is.
    pub enum ContractType {
        /// Without an end.
        Perpetual = "PERPETUAL",
        /// Ends this month.
        CurrentMonth = "CURRENT_MONTH",
        /// Ends next month.
        NextMonth = "NEXT_MONTH",
        /// Ends this quarter.
        CurrentQuarter = "CURRENT_QUARTER",
        /// Ends next quarter.
        NextQuarter = "NEXT_QUARTER",
        /// The one of this quarter, being delivered.
        CurrentQuarterDelivering = "CURRENT_QUARTER_DELIVERING",
        /// The one of next quarter, being delivered.
        NextQuarterDelivering = "NEXT_QUARTER_DELIVERING",
        /// A perpetual one, being delivered.
        PerpetualDelivering = "PERPETUAL_DELIVERING",
        /// A perpetual one on a stock or a commodity.
        TradifiPerpetual = "TRADIFI_PERPETUAL",
    }

    /// Where a contract stands.
    pub enum ContractStatus {
        /// Not open yet.
        PendingTrading = "PENDING_TRADING",
        /// Trades.
        Trading = "TRADING",
        /// About to be delivered.
        PreDelivering = "PRE_DELIVERING",
        /// Being delivered.
        Delivering = "DELIVERING",
        /// Delivered.
        Delivered = "DELIVERED",
        /// About to be settled.
        PreSettle = "PRE_SETTLE",
        /// Being settled.
        Settling = "SETTLING",
        /// Closed.
        Close = "CLOSE",
    }

    /// How a position is margined, in every spelling that the exchange has for it.
    pub enum MarginType {
        /// By itself.
        Isolated = "ISOLATED",
        /// With the whole account.
        Crossed = "CROSSED",
        /// By itself, as positions and events spell it.
        IsolatedLower = "isolated",
        /// With the whole account, as positions and events spell it.
        CrossLower = "cross",
    }

    /// Why a balance changed. COIN-M takes the first seven only.
    pub enum IncomeType {
        /// A transfer from or to another wallet.
        Transfer = "TRANSFER",
        /// A gift to a new user.
        WelcomeBonus = "WELCOME_BONUS",
        /// Profit or loss of what was closed.
        RealizedPnl = "REALIZED_PNL",
        /// Funding.
        FundingFee = "FUNDING_FEE",
        /// The fee of a trade.
        Commission = "COMMISSION",
        /// The insurance fund.
        InsuranceClear = "INSURANCE_CLEAR",
        /// A settlement at delivery, spelt so by the exchange.
        DeliveredSettlement = "DELIVERED_SETTELMENT",
        /// A part of the fees of referred users.
        ReferralKickback = "REFERRAL_KICKBACK",
        /// A part of the fees of referring users.
        CommissionRebate = "COMMISSION_REBATE",
        /// A part of the fees for a broker.
        ApiRebate = "API_REBATE",
        /// A prize.
        ContestReward = "CONTEST_REWARD",
        /// A transfer of cross collateral.
        CrossCollateralTransfer = "CROSS_COLLATERAL_TRANSFER",
        /// An option's premium.
        OptionsPremiumFee = "OPTIONS_PREMIUM_FEE",
        /// An option's settlement.
        OptionsSettleProfit = "OPTIONS_SETTLE_PROFIT",
        /// A transfer inside of the account.
        InternalTransfer = "INTERNAL_TRANSFER",
        /// An automatic exchange of assets.
        AutoExchange = "AUTO_EXCHANGE",
        /// A coin swap's deposit.
        CoinSwapDeposit = "COIN_SWAP_DEPOSIT",
        /// A coin swap's withdrawal.
        CoinSwapWithdraw = "COIN_SWAP_WITHDRAW",
        /// The fee of a higher position limit.
        PositionLimitIncreaseFee = "POSITION_LIMIT_INCREASE_FEE",
        /// A transfer of a strategy.
        StrategyUmfuturesTransfer = "STRATEGY_UMFUTURES_TRANSFER",
        /// A fee that was given back.
        FeeReturn = "FEE_RETURN",
        /// A reward for holding BFUSD.
        BfusdReward = "BFUSD_REWARD",
        /// Funding beside the usual, such as for a dividend.
        SpecialFundingFee = "SPECIAL_FUNDING_FEE",
    }

    /// How far a download is.
    pub enum DownloadStatus {
        /// It is being made.
        Processing = "processing",
        /// It is made.
        Completed = "completed",
    }

    /// How a position is to be margined, as requests spell it.
    pub enum MarginMode {
        /// By itself.
        Isolated = "ISOLATED",
        /// With the whole account.
        Crossed = "CROSSED",
    }

    /// What becomes of an isolated position's margin.
    pub enum PositionMarginAction {
        /// It is added to.
        Add = "1",
        /// Some is taken away.
        Reduce = "2",
    }

    /// Why the exchange closed a position.
    pub enum AutoCloseType {
        /// Its margin did not suffice.
        Liquidation = "LIQUIDATION",
        /// It was the other side of one whose margin did not suffice.
        Adl = "ADL",
    }

    /// What kind of algo order it is.
    pub enum AlgoType {
        /// One that waits for a price.
        Conditional = "CONDITIONAL",
    }

    /// Where an algo order stands.
    pub enum AlgoStatus {
        /// It waits.
        New = "NEW",
        /// Canceled by the user before it was triggered.
        Canceled = "CANCELED",
        /// Triggered and on its way to the matching engine.
        Triggering = "TRIGGERING",
        /// In the matching engine, as an order of its own.
        Triggered = "TRIGGERED",
        /// The order that came of it is filled or canceled.
        Finished = "FINISHED",
        /// The matching engine refused the order that came of it.
        Rejected = "REJECTED",
        /// Ended by its own rules.
        Expired = "EXPIRED",
    }

    /// How likely auto-deleveraging is for a contract.
    pub enum AdlRiskRating {
        /// Not.
        Low = "low",
        /// Somewhat.
        Medium = "medium",
        /// Very.
        High = "high",
    }

    /// What a stock's or a commodity's exchange does at a time.
    pub enum TradingSessionType {
        /// Trades before the regular hours.
        PreMarket = "PRE_MARKET",
        /// Trades.
        Regular = "REGULAR",
        /// Trades after the regular hours.
        AfterMarket = "AFTER_MARKET",
        /// Trades at night.
        Overnight = "OVERNIGHT",
        /// Is closed.
        NoTrading = "NO_TRADING",
    }

    /// Where a conversion of one asset into another stands.
    pub enum ConvertOrderStatus {
        /// Under way.
        Process = "PROCESS",
        /// Accepted.
        AcceptSuccess = "ACCEPT_SUCCESS",
        /// Done.
        Success = "SUCCESS",
        /// Failed.
        Fail = "FAIL",
    }

    /// What kind of funding it was.
    pub enum FundingRateType {
        /// The usual one.
        Regular = "Regular",
        /// One beside the usual, from a stock's dividend.
        Special = "Special",
    }

    /// What a rate limit counts.
    pub enum RateLimitType {
        /// The weight of requests.
        RequestWeight = "REQUEST_WEIGHT",
        /// Orders.
        Orders = "ORDERS",
        /// Requests.
        RawRequests = "RAW_REQUESTS",
    }

    /// The unit of a rate limit's window.
    pub enum RateLimitInterval {
        /// Seconds.
        Second = "SECOND",
        /// Minutes.
        Minute = "MINUTE",
        /// Days.
        Day = "DAY",
    }

    /// Why an account changed.
    pub enum AccountUpdateReason {
        /// A deposit.
        Deposit = "DEPOSIT",
        /// A withdrawal.
        Withdraw = "WITHDRAW",
        /// An order.
        Order = "ORDER",
        /// A funding fee.
        FundingFee = "FUNDING_FEE",
        /// A withdrawal that was refused.
        WithdrawReject = "WITHDRAW_REJECT",
        /// An adjustment.
        Adjustment = "ADJUSTMENT",
        /// The insurance fund.
        InsuranceClear = "INSURANCE_CLEAR",
        /// A deposit by the exchange.
        AdminDeposit = "ADMIN_DEPOSIT",
        /// A withdrawal by the exchange.
        AdminWithdraw = "ADMIN_WITHDRAW",
        /// A transfer of margin.
        MarginTransfer = "MARGIN_TRANSFER",
        /// A change of the margin type.
        MarginTypeChange = "MARGIN_TYPE_CHANGE",
        /// A transfer of an asset.
        AssetTransfer = "ASSET_TRANSFER",
        /// An option's premium.
        OptionsPremiumFee = "OPTIONS_PREMIUM_FEE",
        /// An option's settlement.
        OptionsSettleProfit = "OPTIONS_SETTLE_PROFIT",
        /// An automatic exchange of assets.
        AutoExchange = "AUTO_EXCHANGE",
        /// A coin swap's deposit.
        CoinSwapDeposit = "COIN_SWAP_DEPOSIT",
        /// A coin swap's withdrawal.
        CoinSwapWithdraw = "COIN_SWAP_WITHDRAW",
    }

    /// Where a strategy stands.
    pub enum StrategyStatus {
        /// Taken, not begun.
        New = "NEW",
        /// Under way.
        Working = "WORKING",
        /// Ended by the user.
        Cancelled = "CANCELLED",
        /// Ended by its own rules.
        Expired = "EXPIRED",
    }

    /// What an event tells: its tag `e`.
    pub enum EventType {
        /// Trades that one order made, as one.
        AggTrade = "aggTrade",
        /// Best bid and ask.
        BookTicker = "bookTicker",
        /// A change of a book, or its best levels.
        DepthUpdate = "depthUpdate",
        /// A candlestick.
        Kline = "kline",
        /// A candlestick of whatever contract is the one of its type.
        ContinuousKline = "continuous_kline",
        /// A candlestick of an index price (COIN-M).
        IndexPriceKline = "indexPrice_kline",
        /// A candlestick of a mark price (COIN-M).
        MarkPriceKline = "markPrice_kline",
        /// Mark price and funding.
        MarkPriceUpdate = "markPriceUpdate",
        /// An index price (COIN-M).
        IndexPriceUpdate = "indexPriceUpdate",
        /// Price and volume of 24 hours, in short.
        MiniTicker = "24hrMiniTicker",
        /// Price and volume of 24 hours.
        Ticker = "24hrTicker",
        /// A liquidation.
        ForceOrder = "forceOrder",
        /// What a composite index is made of (USDⓈ-M).
        CompositeIndex = "compositeIndex",
        /// A contract is listed, settled, or has other brackets.
        ContractInfo = "contractInfo",
        /// The worth of an asset as margin (USDⓈ-M).
        AssetIndexUpdate = "assetIndexUpdate",
        /// What the exchanges of US stocks do (USDⓈ-M).
        EquityUpdate = "EquityUpdate",
        /// What the exchanges of commodities do (USDⓈ-M).
        CommodityUpdate = "CommodityUpdate",
        /// What the exchanges of Korean stocks do (USDⓈ-M).
        KrEquityUpdate = "KR_EquityUpdate",
        /// What the exchanges of Hong Kong stocks do (USDⓈ-M).
        HkEquityUpdate = "HK_EquityUpdate",
        /// What the exchanges of mainland Chinese stocks do (USDⓈ-M).
        CnEquityUpdate = "CN_EquityUpdate",
        /// What the markets of currencies do (USDⓈ-M).
        FxUpdate = "FXUpdate",
        /// An order changed.
        OrderTradeUpdate = "ORDER_TRADE_UPDATE",
        /// A fill, told early and in short (USDⓈ-M).
        TradeLite = "TRADE_LITE",
        /// An algo order changed (USDⓈ-M).
        AlgoUpdate = "ALGO_UPDATE",
        /// A triggered order was refused (USDⓈ-M, no longer sent).
        ConditionalOrderTriggerReject = "CONDITIONAL_ORDER_TRIGGER_REJECT",
        /// Balances or positions changed.
        AccountUpdate = "ACCOUNT_UPDATE",
        /// Leverage or margin mode changed.
        AccountConfigUpdate = "ACCOUNT_CONFIG_UPDATE",
        /// Positions are near their liquidation.
        MarginCall = "MARGIN_CALL",
        /// A strategy changed.
        StrategyUpdate = "STRATEGY_UPDATE",
        /// A grid changed.
        GridUpdate = "GRID_UPDATE",
        /// The key of the user data stream ended.
        ListenKeyExpired = "listenKeyExpired",
    }
}

impl OrderStatus {
    /// Whether nothing can happen to the order any more.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Filled | Self::Canceled | Self::Rejected | Self::Expired | Self::ExpiredInMatch)
    }
}

impl Open<OrderStatus> {
    /// Whether nothing can happen to the order any more; not with a status that this version does not know.
    ///
    /// ```
    /// use binance_core::{Open, enums::OrderStatus};
    ///
    /// assert!(Open::from(OrderStatus::Filled).has_ended());
    /// assert!(!Open::from(OrderStatus::PartiallyFilled).has_ended());
    /// ```
    pub fn has_ended(&self) -> bool {
        self.known().is_some_and(OrderStatus::has_ended)
    }
}

impl AlgoStatus {
    /// Whether nothing can happen to the algo order any more. What came of it is an order of its own.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Canceled | Self::Finished | Self::Rejected | Self::Expired)
    }
}

impl Open<AlgoStatus> {
    /// Whether nothing can happen to the algo order any more; not with a status that this version does not know.
    pub fn has_ended(&self) -> bool {
        self.known().is_some_and(AlgoStatus::has_ended)
    }
}
