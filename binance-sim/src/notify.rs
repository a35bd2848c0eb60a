//! Who is told what happened to an account.

use binance_core::endpoint::Market;

use crate::{
    events::{self, Execution, ToldAlgo},
    exchange::Exchange,
    json::Json,
    liquidation::Watched,
    num::Num,
    order::PositionSide,
};

/// What changed in an account, and why.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change<'a> {
    pub(crate) reason: &'static str,
    /// The assets that changed, each with what moved apart from trading.
    pub(crate) assets: &'a [(&'static str, Num)],
    pub(crate) positions: &'a [(usize, PositionSide)],
    /// The contract of a funding.
    pub(crate) symbol: Option<&'a str>,
}

impl Exchange {
    /// `ORDER_TRADE_UPDATE`, with `TRADE_LITE` before it where there is one.
    pub(crate) fn tell_order(&mut self, id: u64, execution: Execution) {
        let time = self.server_time();
        let Some(order) = self.orders.get(id) else { return };
        let (state, account) = (&self.venues[order.venue], &self.accounts[order.account]);
        let (number, market) = (order.account, state.contract.market);
        if self.listen_keys.of(number, market).next().is_none() {
            return;
        }
        let exposure = self.exposure(number, order.venue);
        let event = events::order_trade_update(order, account, &state.contract, &execution, &exposure, time);
        if let Some(lite) = events::trade_lite(order, &state.contract, &execution, time) {
            self.tell_user(number, market, "TRADE_LITE", &lite);
        }
        self.tell_user(number, market, "ORDER_TRADE_UPDATE", &event);
    }

    /// `ACCOUNT_UPDATE`
    pub(crate) fn tell_account(&mut self, account: usize, market: Market, change: &Change<'_>) {
        let owner = &self.accounts[account];
        let balances = change.assets.iter().map(|(asset, moved)| {
            let cross = self.cross_wallet(account, market, asset);
            events::balance(asset, owner.balance(market, asset), cross, *moved)
        });
        let positions = change.positions.iter().map(|(venue, side)| {
            let state = &self.venues[*venue];
            let position = owner.positions.get(&(*venue, *side)).cloned().unwrap_or_default();
            let isolated = owner.isolated.contains(venue);
            events::position(&state.contract, &position, state.prices.mark_num(), isolated, *side)
        });
        let lists = (Json::array(balances), Json::array(positions));
        let time = self.server_time();
        let event = events::account_update(owner, market, change.reason, lists, change.symbol, time);
        self.tell_user(account, market, "ACCOUNT_UPDATE", &event);
    }

    /// `ACCOUNT_CONFIG_UPDATE`: the leverage of a contract.
    pub(crate) fn tell_leverage(&mut self, account: usize, venue: usize) {
        let contract = &self.venues[venue].contract;
        let leverage = self.accounts[account].leverage(venue);
        let event = events::leverage_update(&contract.symbol, leverage, self.server_time());
        self.tell_user(account, contract.market, "ACCOUNT_CONFIG_UPDATE", &event);
    }

    /// `ACCOUNT_CONFIG_UPDATE`: multi-assets mode, which only USDⓈ-M has.
    pub(crate) fn tell_mode(&mut self, account: usize) {
        let event = events::mode_update(self.accounts[account].multi_assets, self.server_time());
        self.tell_user(account, Market::UsdM, "ACCOUNT_CONFIG_UPDATE", &event);
    }

    /// `MARGIN_CALL`
    pub(crate) fn tell_margin_call(&mut self, account: usize, watched: &Watched) {
        let owner = &self.accounts[account];
        let positions = self.together(account, watched).into_iter().filter_map(|(venue, side)| {
            let (state, position) = (&self.venues[venue], owner.positions.get(&(venue, side))?);
            let isolated = owner.isolated.contains(&venue);
            Some(events::called_position(&state.contract, position, state.prices.mark_num(), isolated, side))
        });
        let positions = Json::array(positions);
        let (market, wallet) = match watched {
            Watched::Position(venue, _) => (self.venues[*venue].contract.market, None),
            Watched::Wallet(market, asset) => (*market, Some(self.cross_wallet(account, *market, asset))),
        };
        let event = events::margin_call(owner, market, wallet, positions, self.server_time());
        self.tell_user(account, market, "MARGIN_CALL", &event);
    }

    /// `ALGO_UPDATE`, which COIN-M is not documented to have.
    pub(crate) fn tell_algo(&mut self, id: u64, refusal: &str) {
        let Some(algo) = self.algos.get(id) else { return };
        let (account, contract) = (algo.new.account, &self.venues[algo.new.venue].contract);
        if contract.market == Market::CoinM {
            return;
        }
        let (average, executed) = self.algo_fills(algo);
        let status = self.algo_status(algo);
        let told = ToldAlgo { algo, contract, status, average, executed, refusal };
        let event = events::algo_update(&told, self.server_time());
        self.tell_user(account, contract.market, "ALGO_UPDATE", &event);
    }

    /// An event that nothing here causes; `false` for a name that is no such event's.
    pub(crate) fn tell_made_up(&mut self, account: usize, name: &str, venue: usize) -> bool {
        let contract = &self.venues[venue].contract;
        let Some(event) = events::made_up(name, contract, self.server_time()) else { return false };
        self.tell_user(account, contract.market, name, &event);
        true
    }

    fn tell_user(&mut self, account: usize, market: Market, name: &str, event: &Json) {
        let time = self.server_time();
        for key in self.listen_keys.of(account, market) {
            self.hub.publish_user(key, name, event, &mut self.faults, time);
        }
    }
}
