#pragma once
#include <cstddef>
#include <map>
#include <vector>

#define APART __attribute__((noinline))

namespace town {
struct Item {
    int price;
    char name[16];
    Item* next;
    virtual ~Item();
    virtual int worth(int by);
};

struct Coin {
    int* value;
    int operator+(Coin const& other) const;
};

Item* find(std::map<int, Item*>& all, int key);
int length(Item* item);
void spoil(char* name, std::size_t length);
void fail(char const* why);
}
