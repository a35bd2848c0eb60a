//! What the account shows of balances, positions, fees and history.

use crate::{
    decimal::Decimal,
    enums::{IncomeType, PositionSide},
    json::List,
    open::Open,
    record::{Contracts, Quoted},
    text::{Asset, Symbol, Text},
    time::Millis,
};

record! {
    /// The account.
    pub struct AccountInfo<'r> {
        /// Each asset.
        "assets" ? assets: List<'r, AccountAsset>,
        /// Each position.
        "positions" ? positions: List<'r, AccountPosition>,
        /// Whether it may deposit.
        "canDeposit" ? can_deposit: bool,
        /// Whether it may trade.
        "canTrade" ? can_trade: bool,
        /// Whether it may withdraw.
        "canWithdraw" ? can_withdraw: bool,
        /// Its step of fees.
        "feeTier" ? fee_tier: u32,
        /// Not to be used.
        "updateTime" ? update_time: Millis,
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
        /// What could be withdrawn.
        "maxWithdrawAmount" ? max_withdraw_amount: Decimal,
        /// The wallet for crossed positions.
        "crossWalletBalance" ? cross_wallet_balance: Decimal,
        /// Profit of the crossed positions.
        "crossUnPnl" ? cross_un_pnl: Decimal,
        /// What is free.
        "availableBalance" ? available_balance: Decimal,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// A position of the account.
    pub struct AccountPosition {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Which of its positions.
        "positionSide" => position_side: Open<PositionSide>,
        /// How many contracts; negative when short.
        "positionAmt" ? position_amt: Contracts,
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
        "leverage" ? leverage: Decimal,
        /// Whether it is margined by itself.
        "isolated" ? isolated: bool,
        /// The mean price at which it was opened.
        "entryPrice" ? entry_price: Decimal,
        /// The price at which it makes neither profit nor loss, fees included.
        "breakEvenPrice" ? break_even_price: Decimal,
        /// How many of the asset can be held with that leverage.
        "maxQty" ? max_qty: Decimal,
        /// Worth, in the base asset.
        "notionalValue" ? notional_value: Decimal,
        /// The wallet of its own, of an isolated one; the WebSocket API tells it.
        "isolatedWallet" ? isolated_wallet: Decimal,
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
        /// What could be withdrawn.
        "withdrawAvailable" ? withdraw_available: Decimal,
        /// The wallet for crossed positions.
        "crossWalletBalance" ? cross_wallet_balance: Decimal,
        /// Profit of the crossed positions.
        "crossUnPnl" ? cross_un_pnl: Decimal,
        /// What is free.
        "availableBalance" ? available_balance: Decimal,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// The fees of one contract, as parts of what is traded.
    pub struct Commission {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// For makers; negative where they are paid.
        "makerCommissionRate" ? maker_commission_rate: Decimal,
        /// For takers.
        "takerCommissionRate" ? taker_commission_rate: Decimal,
    }

    /// The steps of leverage and margin of one contract or pair.
    pub struct Brackets<'r> {
        /// The contract; the older endpoint has none.
        "symbol" ? symbol: Symbol,
        /// The pair; the newer endpoint has none.
        "pair" ? pair: Symbol,
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
        /// The largest position, in the base asset.
        "qtyCap" ? qty_cap: Decimal,
        /// The smallest position, in the base asset. Spelt so by the exchange.
        "qtylFloor" ? qty_floor: Decimal,
        /// The same under the name that the pages of Portfolio Margin have. It is one or the other.
        "qtyFloor" ? qty_floor_respelt: Decimal,
        /// Margin to keep the position, as a part of its worth.
        "maintMarginRatio" ? maint_margin_ratio: Decimal,
        /// What to take off that margin, so that the steps meet.
        "cum" ? cum: Decimal,
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
}
