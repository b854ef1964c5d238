#include "sim/engine/sha256.h"

#include <gtest/gtest.h>

namespace {

std::string hex(std::string_view text)
{
    std::string out;
    for (const std::uint8_t byte : sim::sha256(text)) {
        constexpr char kDigits[] = "0123456789abcdef";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

TEST(Sha256, TheStandardsExamples)
{
    EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Base32, TheStandardsExamplesWithoutPadding)
{
    const auto encoded = [](std::string_view text) {
        return sim::base32(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "MY");
    EXPECT_EQ(encoded("foo"), "MZXW6");
    EXPECT_EQ(encoded("foobar"), "MZXW6YTBOI");
}

} // namespace
