/* Places an order on a simulated exchange over a plain socket, and reads an event.
 *
 *   main PORT API_KEY SECRET
 */
#include "binance.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct binance_text text(const char *start) {
    return (struct binance_text){start, strlen(start)};
}

static int failed(const char *what) {
    fprintf(stderr, "%s\n", what);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 4) return failed("usage: main PORT API_KEY SECRET");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(socket_, (struct sockaddr *)&address, sizeof address) != 0) return failed("cannot connect");

    char base[64];
    snprintf(base, sizeof base, "http://127.0.0.1:%s", arguments[1]);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t millis = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;

    struct binance_limit_order order = {text("BTCUSDT"), text("0.010"), text("20000.0"), false};
    uint8_t buffer[4096];
    ptrdiff_t len = binance_limit_order(text(base), text(arguments[2]), text(arguments[3]), &order, millis, buffer,
                                        sizeof buffer);
    if (len < 0) return failed("the order cannot be written");
    if (write(socket_, buffer, (size_t)len) != len) return failed("the order was not sent");

    uint64_t id = 0;
    uint8_t reply[4096], copy[4096];
    size_t filled = 0;
    do {
        ssize_t came = read(socket_, reply + filled, sizeof reply - filled);
        if (came <= 0) return failed("no reply: whether the order is there is not known");
        filled += (size_t)came;
        memcpy(copy, reply, filled);
    } while (binance_read_order(copy, filled, &id) != 0 && filled < sizeof reply);
    if (id == 0) return failed("the reply tells of no order");
    printf("order %llu is placed\n", (unsigned long long)id);
    close(socket_);

    struct binance_best best;
    const char *event = "{\"e\":\"bookTicker\",\"u\":1,\"s\":\"BTCUSDT\",\"b\":\"63997.10\",\"B\":\"1\",\"a\":\"63997.20\",\"A\":\"2\"}";
    if (binance_read_book_ticker(text(event), &best) != 0 || best.bid != 6399710 || best.ask_scale != 2)
        return failed("the event was not read");
    printf("bid %lld with %d decimals\n", (long long)best.bid, best.bid_scale);
    if (binance_read_book_ticker(text("{\"e\":"), &best) != BINANCE_BAD_REPLY) return failed("half an event was read");
    return 0;
}
