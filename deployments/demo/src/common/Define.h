#ifndef TRINITY_DEFINE_H
#define TRINITY_DEFINE_H

#include <chrono>
#include <cstdint>

using int32 = std::int32_t;
using uint64 = std::uint64_t;
using uint32 = std::uint32_t;
using uint16 = std::uint16_t;
using uint8 = std::uint8_t;
using ObjectGuid = uint64;
using Milliseconds = std::chrono::milliseconds;
using namespace std::chrono_literals;

#endif
