#pragma once

#include <cstddef>
#include <cstdint>

/// What libFuzzer and our own driver call with one input; aborts when something does not hold. Each program has one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
