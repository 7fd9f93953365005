#include "town.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace town {
Item::~Item() = default;
int Item::worth(int by) { return next->price * by; }
int Coin::operator+(Coin const& other) const { return *value + *other.value; }
Item* find(std::map<int, Item*>& all, int key) { return all[key]; }
int length(Item* item) { return static_cast<int>(std::strlen(item->name)) + item->price; }
void spoil(char* name, std::size_t length) { std::memset(name, 7, length); }
void fail(char const* why) {
    std::fprintf(stderr, "%s\n", why);
    std::abort();
}
}
