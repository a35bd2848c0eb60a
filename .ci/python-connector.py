"""Calls every method of the exchange's Python connector on the simulated exchange, and prints what came back.

The methods are found by looking at the classes, so that none is left out: one without arguments in the tables below
fails the run. The exit code says whether all of them got what they should.
"""

import inspect
import json
import sys
import threading
import time

from binance.cm_futures import CMFutures
from binance.error import ClientError
from binance.um_futures import UMFutures
from binance.websocket.cm_futures.websocket_client import CMFuturesWebsocketClient
from binance.websocket.um_futures.websocket_client import UMFuturesWebsocketClient

# What the connector's own plumbing is, and not a method of the exchange.
PLUMBING = {"limit_request", "limited_encoded_sign_request", "query", "send_request", "sign_request"}
# How long a stream may take to say something.
PATIENCE = 20

told = json.loads(sys.argv[1])
hmac = next(key for key in told["keys"] if key["kind"] == "HMAC")
rows = []


def row(client, method, what, good):
    rows.append(good)
    print(f"{'ok  ' if good else 'FAIL'} {client:<10} {method:<42} {what}")


def shape(reply):
    if isinstance(reply, list):
        return f"{len(reply)} rows"
    if isinstance(reply, dict):
        return "object: " + ", ".join(list(reply)[:4])
    return repr(reply)[:60]


class Rest:
    """One market: the client, and what each method is called with."""

    def __init__(self, name, client, symbol, pair, quantity, price):
        self.name, self.client, self.symbol, self.pair = name, client, symbol, pair
        self.quantity, self.price = quantity, price

    def order(self):
        return self.client.new_order(
            symbol=self.symbol, side="BUY", type="LIMIT", timeInForce="GTC", quantity=self.quantity, price=self.price
        )

    def batch(self):
        order = {
            "symbol": self.symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
            "quantity": str(self.quantity), "price": str(self.price),
        }
        return [order, order]

    def listed(self, elements):
        return elements if self.name == "UMFutures" else json.dumps(elements)

    def arguments(self, method):
        """The arguments of a method."""
        symbol, pair, now = self.symbol, self.pair, int(time.time() * 1000)
        usdm = self.name == "UMFutures"
        stats = {"symbol": symbol, "period": "5m"} if usdm else {"pair": pair, "period": "5m"}
        day = {"startTime": now - 86_400_000, "endTime": now}
        special = {
            "accept_offered_quote": lambda: {"quoteId": self.client.send_quote_request("USDT", "USDC", fromAmount=100)["quoteId"]},
            "agg_trades": lambda: {"symbol": symbol},
            "async_download_order_id": lambda: {"downloadId": self.client.download_order_asyn(**day)["downloadId"]},
            "async_download_trade_id": lambda: {"downloadId": self.client.download_trade_asyn(**day)["downloadId"]},
            "aysnc_download_info": lambda: {"downloadId": self.client.download_transactions_asyn(**day)["downloadId"]},
            "basis": lambda: {"pair": pair, "contractType": "PERPETUAL", "period": "5m"},
            "blvt_kline": lambda: {"symbol": "BTCDOWN", "interval": "5m"},
            # On COIN-M the connector sends a list as it is, which is no JSON: a text goes through.
            "cancel_batch_order": lambda: {
                "symbol": symbol, "orderIdList": self.listed([self.order()["orderId"]]), "origClientOrderIdList": [],
            },
            "cancel_order": lambda: {"symbol": symbol, "orderId": self.order()["orderId"]},
            "change_leverage": lambda: {"symbol": symbol, "leverage": 10},
            "change_margin_type": lambda: {"symbol": symbol, "marginType": "ISOLATED"},
            "change_multi_asset_mode": lambda: {"multiAssetsMargin": "true"},
            "change_position_mode": lambda: {"dualSidePosition": "true"},
            "continuous_klines": lambda: {"pair": pair, "contractType": "PERPETUAL", "interval": "1m"},
            "countdown_cancel_order": lambda: {"symbol": symbol, "countdownTime": 60_000},
            "download_order_asyn": lambda: day,
            "download_trade_asyn": lambda: day,
            "download_transactions_asyn": lambda: day,
            "get_download_id_transaction_history": lambda: day,
            "get_open_orders": lambda: {"symbol": symbol, "orderId": self.order()["orderId"]},
            "get_account_trades": lambda: {"symbol": symbol},
            "get_all_orders": lambda: {"symbol": symbol},
            "index_price_constituents": lambda: {"symbol": symbol},
            "query_index_price_constituents": lambda: {"symbol": pair},
            "list_all_convert_pairs": lambda: {"fromAsset": "USDT"},
            "modify_batch_order": lambda: {"batchOrders": self.listed([{
                "symbol": symbol, "orderId": str(self.order()["orderId"]), "side": "BUY",
                "quantity": str(self.quantity), "price": str(self.price - 10),
            }])},
            "modify_isolated_position_margin": lambda: {"symbol": symbol, "amount": 1, "type": 1},
            "modify_order": lambda: {
                "symbol": symbol, "side": "BUY", "orderId": self.order()["orderId"],
                "quantity": self.quantity, "price": self.price - 10,
            },
            "new_batch_order": lambda: {"batchOrders": self.batch()},
            "new_order": lambda: {
                "symbol": symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
                "quantity": self.quantity, "price": self.price,
            },
            "new_order_test": lambda: {"symbol": symbol, "side": "BUY", "type": "MARKET", "quantity": self.quantity},
            "open_interest_hist": lambda: stats if usdm else {**stats, "contractType": "PERPETUAL"},
            "order_modify_history": lambda: {"symbol": symbol, "orderId": self.order()["orderId"]},
            "order_status": lambda: {"quoteId": "1"},
            "quarterly_contract_settlement_price": lambda: {"pair": pair},
            "query_order": lambda: {"symbol": symbol, "orderId": self.order()["orderId"]},
            "send_quote_request": lambda: {"fromAsset": "USDT", "toAsset": "USDC", "fromAmount": 100},
            "taker_long_short_ratio": lambda: stats if usdm else {**stats, "contractType": "ALL"},
            "toggle_bnb_burn": lambda: {"feeBurn": "true"},
            "close_listen_key": lambda: {"listenKey": self.client.new_listen_key()["listenKey"]},
            "renew_listen_key": lambda: {"listenKey": self.client.new_listen_key()["listenKey"]},
        }
        for name in ("long_short_account_ratio", "top_long_short_account_ratio", "top_long_short_position_ratio"):
            special[name] = lambda: stats
        if method in special:
            return special[method]()
        wanted = inspect.signature(getattr(self.client, method)).parameters
        common = {"symbol": symbol, "pair": pair, "interval": "1m", "period": "5m"}
        needed = [name for name, p in wanted.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        unknown = [name for name in needed if name not in common]
        if unknown:
            raise LookupError(f"no arguments for {unknown}")
        return {name: common[name] for name in needed}

    # Refusals that are the right answer to what is asked, by method.
    REFUSALS = {
        # The position is in cross margin, or there is none.
        "modify_isolated_position_margin": {-4049, -4054},
        # The quote was never accepted.
        "order_status": {-1102, -2013},
        # The margin was set to isolated before, with which multi-assets margin does not go together.
        "change_multi_asset_mode": {-4167},
    }
    # What the connector itself gets wrong: the answer to the address that it asks for.
    WRONG = {"list_all_convert_pairs": 404}

    def run(self):
        methods = [
            name for name, _ in inspect.getmembers(type(self.client), inspect.isfunction)
            if not name.startswith("_") and name not in PLUMBING
        ]
        # Those that change how everything else is done come last, those that end a listen key after those that use it.
        last = ["cancel_open_orders", "change_margin_type", "change_multi_asset_mode", "change_position_mode", "close_listen_key"]
        methods.sort(key=lambda name: last.index(name) if name in last else -1)
        for method in methods:
            try:
                reply = getattr(self.client, method)(**self.arguments(method))
                row(self.name, method, shape(reply), True)
            except ClientError as error:
                good = error.error_code in self.REFUSALS.get(method, ()) or error.status_code == self.WRONG.get(method)
                words = error.error_message.strip() if error.error_code else "the connector asks for a wrong address"
                row(self.name, method, f"{error.status_code} {error.error_code or ''} {words}", good)
            except Exception as error:  # Whatever it is, it is a row of the table.
                row(self.name, method, f"{type(error).__name__}: {error}", False)


class Streams:
    """One market's streams: a client, and what it heard."""

    def __init__(self, name, kind, url, symbol, pair):
        self.name, self.symbol, self.pair = name, symbol, pair
        self.heard, self.news = [], threading.Condition()
        self.client = kind(
            stream_url=url, on_message=self.hear, on_pong=lambda *_: self.hear(None, '"pong"'),
            on_error=lambda *_: None, is_combined=True,
        )

    def hear(self, _, text):
        with self.news:
            self.heard.append(json.loads(text))
            self.news.notify_all()

    def wait(self, is_it):
        end = time.monotonic() + PATIENCE
        with self.news:
            while True:
                for message in self.heard:
                    if is_it(message):
                        return message
                if time.monotonic() > end:
                    return None
                self.news.wait(0.5)

    def arguments(self, method):
        wanted = inspect.signature(getattr(self.client, method)).parameters
        values = {
            "symbol": self.symbol, "pair": self.pair, "interval": "1m", "contractType": "perpetual", "speed": 1,
            "level": 5, "listen_key": "no-such-key",
        }
        if "depth" in method or "book" in method:
            values["speed"] = 100
        if method == "composite_index":
            values["symbol"] = "DEFIUSDT"
        needed = [n for n, p in wanted.items() if n in values and (p.default is p.empty or n in ("symbol", "speed"))]
        return {name: values[name] for name in needed}

    # Only told when something happens that need not happen in a short time: the acknowledgement is enough.
    RARE = {"liquidation_order", "user_data", "contract_info"}

    def run(self, routes):
        methods = [
            name for name, _ in inspect.getmembers(type(self.client), inspect.isfunction)
            if not name.startswith("_") and name not in ("send", "send_message_to_server", "stop", "subscribe", "unsubscribe", "list_subscribe", "ping")
        ]
        for number, method in enumerate(methods, start=1):
            before = len(self.heard)
            try:
                getattr(self.client, method)(id=number, **self.arguments(method))
            except Exception as error:
                row(self.name, method, f"{type(error).__name__}: {error}", False)
                continue
            ack = self.wait(lambda message: isinstance(message, dict) and message.get("id") == number)
            self.client.list_subscribe(id=1_000 + number)
            listed = self.wait(lambda message: isinstance(message, dict) and message.get("id") == 1_000 + number)
            name = (listed or {}).get("result", ["?"])[-1]
            frame = None
            if ack and method not in self.RARE and self.serves(name, routes):
                frame = self.wait(lambda message: isinstance(message, dict) and message.get("stream") == name)
            if frame is not None:
                data = frame["data"]
                event = data[0]["e"] if isinstance(data, list) else data.get("e")
                row(self.name, method, f"{name}: {event}", True)
            else:
                good = ack == {"result": None, "id": number} and (method in self.RARE or not self.serves(name, routes))
                why = "acknowledged; told when it happens" if method in self.RARE else "acknowledged; told on another route"
                row(self.name, method, f"{name}: {why if good else 'silent'}", good)
            self.client.unsubscribe(name, id=2_000 + number)
            self.wait(lambda message: isinstance(message, dict) and message.get("id") == 2_000 + number)
            with self.news:
                del self.heard[:before]
        self.client.ping()
        row(self.name, "ping", "pong", self.wait(lambda message: message == "pong") is not None)
        self.client.stop()
        row(self.name, "stop", "closed", not self.client.socket_manager.is_alive())

    def serves(self, name, routes):
        """Whether this socket's route has the stream: public data only where there is no route."""
        if routes is None:
            return True
        is_public = "depth" in name or "bookTicker" in name
        return (routes == "public") == is_public


def user_data(name, kind, url, client, order):
    """A listen key, its stream, and the events of an order."""
    heard, news = [], threading.Event()

    def hear(_, text):
        heard.append(json.loads(text))
        if heard[-1].get("e") == "ORDER_TRADE_UPDATE":
            news.set()

    socket = kind(stream_url=url, on_message=hear, on_error=lambda *_: None)
    socket.user_data(listen_key=client.new_listen_key()["listenKey"], id=1)
    end = time.monotonic() + PATIENCE
    while not any(message.get("id") == 1 for message in heard) and time.monotonic() < end:
        time.sleep(0.01)
    order()
    news.wait(PATIENCE)
    kinds = [message["e"] for message in heard if "e" in message]
    row(name, "user_data with an order", ", ".join(kinds), "ORDER_TRADE_UPDATE" in kinds)
    socket.stop()


def guided():
    """Every method of the connector stands in the guide for those who come from it."""
    with open("docs/python.md", encoding="utf-8") as file:
        sections = file.read().split("\n## ")
    for kind in (UMFutures, CMFutures, UMFuturesWebsocketClient, CMFuturesWebsocketClient):
        table = next(section for section in sections if section.startswith(f"`{kind.__name__}`"))
        methods = [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")]
        lost = [name for name in methods if f"| `{name}` |" not in table]
        row(kind.__name__, "all of them in docs/python.md", ", ".join(lost) or f"{len(methods)} methods", not lost)


def main():
    guided()
    keys = {"key": hmac["apiKey"], "secret": hmac["secret"], "base_url": told["rest"], "timeout": 10}
    um = Rest("UMFutures", UMFutures(**keys), "BTCUSDT", "BTCUSDT", 0.01, 62000)
    cm = Rest("CMFutures", CMFutures(**keys), "BTCUSD_PERP", "BTCUSD", 1, 62000)
    usdm, coinm = told["usdmStreams"], told["coinmStreams"]
    user_data("UM streams", UMFuturesWebsocketClient, usdm + "/private", um.client, um.order)
    user_data("CM streams", CMFuturesWebsocketClient, coinm, cm.client, cm.order)
    # The position mode is that of both markets, and orders on either stand in its way.
    cm.client.cancel_open_orders(symbol=cm.symbol)
    um.run()
    um.client.change_position_mode(dualSidePosition="false")
    cm.run()
    Streams("UM public", UMFuturesWebsocketClient, usdm + "/public", "BTCUSDT", "BTCUSDT").run("public")
    Streams("UM market", UMFuturesWebsocketClient, usdm + "/market", "BTCUSDT", "BTCUSDT").run("market")
    Streams("CM streams", CMFuturesWebsocketClient, coinm, "BTCUSD_PERP", "BTCUSD").run(None)
    failed = rows.count(False)
    print(f"{len(rows)} calls, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
