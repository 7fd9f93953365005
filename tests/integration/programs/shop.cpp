// Defects that share their helpers and differ in the place: each mode is one.
#include "town.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>

using namespace town;

namespace {
APART int sell(std::map<int, Item*>& all, int key) { return length(find(all, key)) + 1; }
APART int lend(std::map<int, Item*>& all, int key) { return length(find(all, key)) - 1; }
APART int recurse(volatile int depth);
APART int again(volatile int depth) {
    volatile char room[256];
    room[0] = static_cast<char>(depth);
    return recurse(depth + 1) + room[0];
}
APART int recurse(volatile int depth) {
    volatile char room[512];
    room[0] = static_cast<char>(depth);
    return again(depth + 1) + room[0];
}
}

template <typename T> struct Bag {
    std::vector<T*> things;
    APART int first() { return things.front()->price; }
    APART void drop() { delete things.back(); }
};

struct Sign : Item {
    int* light = nullptr;
    APART ~Sign() override { *light = 3; }
};

static APART int read_header(Item* item) { return item->price * 2; }

struct Shop {
    std::map<int, Item*> shelf;
    Bag<Item> bag;
    APART int buy() { return sell(shelf, 3) * 2; }
    APART int rent() { return lend(shelf, 3) * 2; }
    APART int open() { return read_header(find(shelf, 4)) + 1; }
    APART void paint() { spoil(reinterpret_cast<char*>(8), 100000); }
    APART void reach() { bag.things.at(shelf.size() + 7) = nullptr; }
    APART void check() { assert(shelf.size() > 3); }
    APART void count() { assert(bag.things.size() > 9); }
    APART int sort() {
        std::sort(bag.things.begin(), bag.things.end(), [](Item* one, Item* other) { return one->price < other->price; });
        return bag.things.front()->price;
    }
    APART int call() {
        std::function<int(int)> price = [this](int key) { return length(shelf[key]); };
        return price(4) + 1;
    }
    APART void twice() {
        void* room = std::malloc(40);
        asm volatile("" : "+r"(room));
        std::free(room);
        asm volatile("" : "+r"(room));
        std::free(room);
    }
    APART int divide(int by) { return 7 / by; }
    APART int judge(Item* item) { return item->worth(2) + 1; }
    APART int pay() { return Coin{nullptr} + Coin{nullptr}; }
    APART void close() { fail("closed"); }
    APART void burn() { fail("burnt"); }
};

int main(int count, char** words) {
    Shop shop;
    Item plain{};
    std::string mode = count > 1 ? words[1] : "";
    shop.bag.things.resize(mode == "reach" || mode == "count" ? 0 : 20);
    if (mode == "buy") return shop.buy();
    if (mode == "rent") return shop.rent();
    if (mode == "open") return shop.open();
    if (mode == "paint") shop.paint();
    if (mode == "reach") shop.reach();
    if (mode == "check") shop.check();
    if (mode == "count") shop.count();
    if (mode == "sort") return shop.sort();
    if (mode == "call") return shop.call();
    if (mode == "twice") shop.twice();
    if (mode == "divide") return shop.divide(count - 2);
    if (mode == "judge") return shop.judge(&plain);
    if (mode == "pay") return shop.pay();
    if (mode == "close") shop.close();
    if (mode == "burn") shop.burn();
    if (mode == "first") return shop.bag.first();
    if (mode == "drop") {
        shop.bag.things.back() = new Sign;
        shop.bag.drop();
    }
    if (mode == "recurse") return recurse(0);
    return 0;
}
