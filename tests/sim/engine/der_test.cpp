#include "sim/engine/der.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace sim::der {

TEST(Der, LengthsAreAsShortAsCanBe)
{
    EXPECT_EQ(element(kInteger, "\x05"), std::string("\x02\x01\x05", 3));
    EXPECT_EQ(element(kOctetString, std::string(127, 'x')).substr(0, 2), std::string("\x04\x7f", 2));
    EXPECT_EQ(element(kOctetString, std::string(128, 'x')).substr(0, 3), std::string("\x04\x81\x80", 3));
    EXPECT_EQ(element(kOctetString, std::string(256, 'x')).substr(0, 4), std::string("\x04\x82\x01\x00", 4));
}

TEST(Der, TimesAreOfTheirCentury)
{
    const Instant at{std::chrono::seconds(1'772'442'366)};
    EXPECT_EQ(element(kUtcTime, "260302090606Z"), utcTime(at));
    EXPECT_EQ(readUtcTime("260302090606Z"), at);
    EXPECT_EQ(readUtcTime("700101000000Z"), Instant{});
    for (const char* text : {"", "260302090606", "261302090606Z", "260230090606Z", "260302240606Z", "2603020906x6Z"})
        EXPECT_FALSE(readUtcTime(text)) << text;
}

TEST(Der, AnotherTagStaysWhereItIs)
{
    const std::string bytes = element(kInteger, "\x01") + element(kSequence, element(kBoolean, "\xff"));
    Reader reader(bytes);
    EXPECT_FALSE(reader.take(kSequence));
    EXPECT_EQ(reader.take(kInteger), "\x01");
    EXPECT_TRUE(reader.take(kSequence));
    EXPECT_TRUE(reader.done());
    EXPECT_FALSE(reader.next());
    for (std::size_t cut = 0; cut < bytes.size() - 1; ++cut) {
        Reader half(std::string_view(bytes).substr(0, cut));
        while (half.next()) { }
        EXPECT_FALSE(half.take(kSequence)) << cut;
    }
}

RC_GTEST_PROP(Der, GivesBackAnyContent, (const std::string& content, const std::string& after))
{
    const std::string bytes = element(kOctetString, content) + element(kUtf8String, after);
    Reader reader(bytes);
    RC_ASSERT(reader.take(kOctetString) == content);
    RC_ASSERT(reader.take(kUtf8String) == after);
    const std::string text = pem("THING", bytes) + pem("OTHER", "x") + pem("THING", after);
    RC_ASSERT(pemBlocks(text, "THING") == (std::vector<std::string>{bytes, after}));
}

TEST(Pem, ABlockThatIsNoneIsEmpty)
{
    EXPECT_EQ(pemBlocks("-----BEGIN X-----\n?\n-----END X-----\n", "X"), std::vector<std::string>{""});
    EXPECT_TRUE(pemBlocks("-----BEGIN X-----\nAAAA\n", "X").empty());
}

} // namespace sim::der
