/* Orders signed, replies and events read; nothing is sent, kept or allocated. Pointers are valid and not null, texts are
 * UTF-8, and nobody changes them during a call. A result below zero says what is wrong. */
#ifndef BINANCE_H
#define BINANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BINANCE_BAD_ARGUMENT (-1)
#define BINANCE_NO_ROOM (-2)
#define BINANCE_BAD_REPLY (-3)

struct binance_text {
    const char *start;
    size_t len;
};

struct binance_limit_order {
    struct binance_text symbol, quantity, price;
    bool is_sell;
};

/* 63997.10 is 6399710 with a scale of 2. */
struct binance_best {
    int64_t bid;
    uint8_t bid_scale;
    int64_t ask;
    uint8_t ask_scale;
};

/* The bytes of a signed request, stamped with `now` (milliseconds since 1970): how many they are. */
ptrdiff_t binance_limit_order(struct binance_text base, struct binance_text api_key, struct binance_text secret,
                              const struct binance_limit_order *order, int64_t now, uint8_t *out, size_t room);

/* The id of the order that a whole reply tells of. The reply is unchunked in place. */
ptrdiff_t binance_read_order(uint8_t *reply, size_t len, uint64_t *id);

/* The best prices that the text of an event has. */
ptrdiff_t binance_read_book_ticker(struct binance_text event, struct binance_best *best);

#endif
