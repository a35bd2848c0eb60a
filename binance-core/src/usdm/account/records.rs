//! What account replies show.

use crate::{
    decimal::Decimal,
    enums::{IncomeType, MarginType, PositionSide},
    json::{List, Map},
    open::Open,
    record::Quoted,
    text::{Asset, Symbol, Text},
    time::Millis,
};

record! {
    /// The account. Sums are in USD in multi-assets mode, else of USDT alone.
    pub struct AccountInfo<'r> {
        /// Margin to open what is open and ordered, at the current mark prices.
        "totalInitialMargin" ? total_initial_margin: Decimal,
        /// Margin to keep what is open.
        "totalMaintMargin" ? total_maint_margin: Decimal,
        /// The wallet.
        "totalWalletBalance" ? total_wallet_balance: Decimal,
        /// Profit of what is open.
        "totalUnrealizedProfit" ? total_unrealized_profit: Decimal,
        /// Wallet and profit.
        "totalMarginBalance" ? total_margin_balance: Decimal,
        /// Margin of the positions.
        "totalPositionInitialMargin" ? total_position_initial_margin: Decimal,
        /// Margin of the open orders.
        "totalOpenOrderInitialMargin" ? total_open_order_initial_margin: Decimal,
        /// The wallet for crossed positions.
        "totalCrossWalletBalance" ? total_cross_wallet_balance: Decimal,
        /// Profit of the crossed positions.
        "totalCrossUnPnl" ? total_cross_un_pnl: Decimal,
        /// What is free.
        "availableBalance" ? available_balance: Decimal,
        /// What could be withdrawn.
        "maxWithdrawAmount" ? max_withdraw_amount: Decimal,
        /// Each asset.
        "assets" ? assets: List<'r, AccountAsset>,
        /// Each position that is open or has orders.
        "positions" ? positions: List<'r, AccountPosition>,
    }

    /// The account, as the second version shows it. Sums are in USD in multi-assets mode, else of USDT alone.
    pub struct AccountInfoV2<'r> {
        /// Its step of fees.
        "feeTier" ? fee_tier: u32,
        /// Whether fees are paid in BNB.
        "feeBurn" ? fee_burn: bool,
        /// Whether it may trade.
        "canTrade" ? can_trade: bool,
        /// Whether it may deposit.
        "canDeposit" ? can_deposit: bool,
        /// Whether it may withdraw.
        "canWithdraw" ? can_withdraw: bool,
        /// Not to be used.
        "updateTime" ? update_time: Millis,
        /// Whether it is in multi-assets mode.
        "multiAssetsMargin" ? multi_assets_margin: bool,
        /// The group of accounts that it is not to trade with, -1 where it is in none.
        "tradeGroupId" ? trade_group_id: i64,
        /// Margin to open what is open and ordered, at the current mark prices.
        "totalInitialMargin" ? total_initial_margin: Decimal,
        /// Margin to keep what is open.
        "totalMaintMargin" ? total_maint_margin: Decimal,
        /// The wallet.
        "totalWalletBalance" ? total_wallet_balance: Decimal,
        /// Profit of what is open.
        "totalUnrealizedProfit" ? total_unrealized_profit: Decimal,
        /// Wallet and profit.
        "totalMarginBalance" ? total_margin_balance: Decimal,
        /// Margin of the positions.
        "totalPositionInitialMargin" ? total_position_initial_margin: Decimal,
        /// Margin of the open orders.
        "totalOpenOrderInitialMargin" ? total_open_order_initial_margin: Decimal,
        /// The wallet for crossed positions.
        "totalCrossWalletBalance" ? total_cross_wallet_balance: Decimal,
        /// Profit of the crossed positions.
        "totalCrossUnPnl" ? total_cross_un_pnl: Decimal,
        /// What is free.
        "availableBalance" ? available_balance: Decimal,
        /// What could be withdrawn.
        "maxWithdrawAmount" ? max_withdraw_amount: Decimal,
        /// Each asset.
        "assets" ? assets: List<'r, AccountAsset>,
        /// A position or two of every contract, open or not.
        "positions" ? positions: List<'r, AccountPositionV2>,
    }

    /// An asset of the account.
    pub struct AccountAsset {
        /// Its name.
        "asset" => asset: Asset,
        /// The wallet.
        "walletBalance" ? wallet_balance: Decimal,
        /// Profit of what is open.
        "unrealizedProfit" ? unrealized_profit: Decimal,
        /// Wallet and profit.
        "marginBalance" ? margin_balance: Decimal,
        /// Margin to keep what is open.
        "maintMargin" ? maint_margin: Decimal,
        /// Margin to open what is open and ordered.
        "initialMargin" ? initial_margin: Decimal,
        /// Margin of the positions.
        "positionInitialMargin" ? position_initial_margin: Decimal,
        /// Margin of the open orders.
        "openOrderInitialMargin" ? open_order_initial_margin: Decimal,
        /// The wallet for crossed positions.
        "crossWalletBalance" ? cross_wallet_balance: Decimal,
        /// Profit of the crossed positions.
        "crossUnPnl" ? cross_un_pnl: Decimal,
        /// What is free.
        "availableBalance" ? available_balance: Decimal,
        /// What could be withdrawn.
        "maxWithdrawAmount" ? max_withdraw_amount: Decimal,
        /// Whether it can be margin in multi-assets mode.
        "marginAvailable" ? margin_available: bool,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// A position of the account.
    pub struct AccountPosition {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Which of its positions.
        "positionSide" => position_side: Open<PositionSide>,
        /// How much, in the base asset; negative when short.
        "positionAmt" ? position_amt: Decimal,
        /// Profit.
        "unrealizedProfit" ? unrealized_profit: Decimal,
        /// Margin of its own, of an isolated one.
        "isolatedMargin" ? isolated_margin: Decimal,
        /// Worth at the mark price.
        "notional" ? notional: Decimal,
        /// The wallet of its own, of an isolated one.
        "isolatedWallet" ? isolated_wallet: Decimal,
        /// Margin to open it.
        "initialMargin" ? initial_margin: Decimal,
        /// Margin to keep it.
        "maintMargin" ? maint_margin: Decimal,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// A position of the account, as the second version shows it.
    pub struct AccountPositionV2 {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Margin to open it and its orders.
        "initialMargin" ? initial_margin: Decimal,
        /// Margin to keep it.
        "maintMargin" ? maint_margin: Decimal,
        /// Profit.
        "unrealizedProfit" ? unrealized_profit: Decimal,
        /// Margin of the position.
        "positionInitialMargin" ? position_initial_margin: Decimal,
        /// Margin of its open orders.
        "openOrderInitialMargin" ? open_order_initial_margin: Decimal,
        /// The leverage.
        "leverage" ? leverage: Quoted<u32>,
        /// Whether it is margined by itself.
        "isolated" ? isolated: bool,
        /// The mean price at which it was opened.
        "entryPrice" ? entry_price: Decimal,
        /// The price at which it makes neither profit nor loss, fees included; the WebSocket API tells it.
        "breakEvenPrice" ? break_even_price: Decimal,
        /// The largest notional with that leverage.
        "maxNotional" ? max_notional: Decimal,
        /// Worth of the open buys.
        "bidNotional" ? bid_notional: Decimal,
        /// Worth of the open sells.
        "askNotional" ? ask_notional: Decimal,
        /// Which of its positions.
        "positionSide" => position_side: Open<PositionSide>,
        /// How much, in the base asset; negative when short.
        "positionAmt" ? position_amt: Decimal,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// The balance of one asset.
    pub struct AssetBalance {
        /// A name of the account.
        "accountAlias" ? account_alias: Text<15>,
        /// The asset.
        "asset" => asset: Asset,
        /// The wallet.
        "balance" ? balance: Decimal,
        /// The wallet for crossed positions.
        "crossWalletBalance" ? cross_wallet_balance: Decimal,
        /// Profit of the crossed positions.
        "crossUnPnl" ? cross_un_pnl: Decimal,
        /// What is free.
        "availableBalance" ? available_balance: Decimal,
        /// What could be withdrawn.
        "maxWithdrawAmount" ? max_withdraw_amount: Decimal,
        /// Whether it can be margin in multi-assets mode.
        "marginAvailable" ? margin_available: bool,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// What the account is set to.
    pub struct AccountConfiguration {
        /// Its step of fees.
        "feeTier" ? fee_tier: u32,
        /// Whether it may trade.
        "canTrade" ? can_trade: bool,
        /// Whether it may deposit.
        "canDeposit" ? can_deposit: bool,
        /// Whether it may withdraw.
        "canWithdraw" ? can_withdraw: bool,
        /// Whether it is in hedge mode, with a long and a short position of each contract; one-way mode otherwise.
        "dualSidePosition" ? dual_side_position: bool,
        /// Not to be used.
        "updateTime" ? update_time: Millis,
        /// Whether it is in multi-assets mode.
        "multiAssetsMargin" ? multi_assets_margin: bool,
        /// The group of accounts that it is not to trade with, -1 where it is in none.
        "tradeGroupId" ? trade_group_id: i64,
    }

    /// What one contract is set to.
    pub struct SymbolSettings {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// How its positions are margined.
        "marginType" ? margin_type: Open<MarginType>,
        /// Whether margin is added to isolated positions automatically.
        "isAutoAddMargin" ? is_auto_add_margin: Quoted<bool>,
        /// The leverage.
        "leverage" ? leverage: u32,
        /// The largest notional with that leverage.
        "maxNotionalValue" ? max_notional_value: Decimal,
    }

    /// Which rules of quantitative trading an account has come close to or broken.
    pub struct TradingStatus<'r> {
        /// The indicators of each contract that is watched, and of the whole account under `ACCOUNT`.
        "indicators" => indicators: Map<'r, List<'r, TradingIndicator>>,
        /// When they changed last.
        "updateTime" ? update_time: Millis,
    }

    /// One thing that the rules of quantitative trading watch.
    pub struct TradingIndicator {
        /// Whether trading is locked because of it.
        "isLocked" ? is_locked: bool,
        /// When trading is unlocked.
        "plannedRecoverTime" ? planned_recover_time: Millis,
        /// What it is: `UFR` unfilled orders, `IFER` canceled immediate-or-cancel and fill-or-kill orders, `GCR`
        /// canceled orders, `DR` dust orders, `TMV` too many violations.
        "indicator" => indicator: Text<15>,
        /// Its value.
        "value" ? value: Decimal,
        /// The value at which trading is locked.
        "triggerValue" ? trigger_value: Decimal,
    }

    /// Whether fees are paid in BNB.
    pub struct FeeBurn {
        /// Whether they are.
        "feeBurn" => fee_burn: bool,
    }

    /// Whether all assets are margin for all contracts.
    pub struct MultiAssetsMargin {
        /// Whether it is multi-assets mode; single-asset mode otherwise.
        "multiAssetsMargin" => multi_assets_margin: bool,
    }

    /// What changed a balance.
    pub struct IncomeEntry {
        /// The contract; empty where it is about none.
        "symbol" ? symbol: Symbol,
        /// Why.
        "incomeType" => income_type: Open<IncomeType>,
        /// By how much.
        "income" => income: Decimal,
        /// The asset.
        "asset" => asset: Asset,
        /// More about it.
        "info" ? info: Text<127>,
        /// When it was.
        "time" ? time: Millis,
        /// Its id, one for each user and type.
        "tranId" ? tran_id: Quoted<u64>,
        /// The id of the trade, where there is one.
        "tradeId" ? trade_id: Quoted<u64>,
    }

    /// The steps of leverage and margin of one contract.
    pub struct Brackets<'r> {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// By how much the account's caps are larger than those of the table, where they are.
        "notionalCoef" ? notional_coef: Decimal,
        /// The steps, from the smallest position on.
        "brackets" => brackets: List<'r, Bracket>,
    }

    /// The leverage and margin of positions of some size.
    pub struct Bracket {
        /// Its number, from 1.
        "bracket" => bracket: u32,
        /// The highest leverage.
        "initialLeverage" ? initial_leverage: u32,
        /// The largest notional.
        "notionalCap" ? notional_cap: Decimal,
        /// The smallest notional.
        "notionalFloor" ? notional_floor: Decimal,
        /// Margin to keep the position, as a part of its worth.
        "maintMarginRatio" ? maint_margin_ratio: Decimal,
        /// What to take off that margin, so that the steps meet.
        "cum" ? cum: Decimal,
    }

    /// The fees of one contract, as parts of what is traded.
    pub struct Commission {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// For makers; negative where they are paid.
        "makerCommissionRate" ? maker_commission_rate: Decimal,
        /// For takers.
        "takerCommissionRate" ? taker_commission_rate: Decimal,
        /// For orders with retail price improvement.
        "rpiCommissionRate" ? rpi_commission_rate: Decimal,
    }
}
