#include "core/endpoint/spdy_dictionary.h"
#include "core/endpoint/spdy_frames.h"
#include "sim/engine/random.h"

#include <gtest/gtest.h>

namespace {

using core::endpoint::SpdyFrame;
using core::endpoint::SpdyFramer;
using Type = SpdyFrame::Type;

SpdyFrame frame(Type type, std::uint32_t stream, std::map<std::string, std::string> headers = {})
{
    SpdyFrame made;
    made.type = type;
    made.stream = stream;
    made.headers = std::move(headers);
    return made;
}

TEST(SpdyDictionary, IsTheDrafts)
{
    EXPECT_EQ(core::endpoint::spdyDictionary().size(), 1423u);
    EXPECT_EQ(core::endpoint::spdyDictionary().substr(0, 11), std::string("\0\0\0\7options", 11));
}

TEST(SpdyFramer, ReadsWhatItWrites)
{
    SpdyFramer here;
    SpdyFramer there;
    std::string bytes = here.write(frame(Type::SynStream, 1, {{"streamtype", "error"}, {"port", "8080"}}));
    bytes += here.write(frame(Type::SynStream, 3, {{"streamtype", "data"}}));
    SpdyFrame data;
    data.stream = 3;
    data.data = "hello";
    data.fin = true;
    bytes += here.write(data) + here.write(frame(Type::Ping, 7)) + here.write(frame(Type::GoAway, 0));
    std::vector<SpdyFrame> frames;
    for (const char byte : bytes) { // in the smallest pieces
        const auto some = there.read(std::string_view(&byte, 1));
        ASSERT_TRUE(some);
        frames.insert(frames.end(), some->begin(), some->end());
    }
    ASSERT_EQ(frames.size(), 5u);
    EXPECT_EQ(frames[0].headers.at("port"), "8080");
    EXPECT_EQ(frames[1].headers.at("streamtype"), "data");
    EXPECT_EQ(frames[2].data, "hello");
    EXPECT_TRUE(frames[2].fin);
    EXPECT_EQ(frames[3].stream, 7u);
    EXPECT_EQ(frames[4].type, Type::GoAway);
}

TEST(SpdyFramer, RefusesOtherVersionsAndEndlessFrames)
{
    EXPECT_FALSE(SpdyFramer().read(std::string("\x80\x02\x00\x01\x00\x00\x00\x00", 8)));
    EXPECT_FALSE(SpdyFramer().read(std::string("\x00\x00\x00\x01\x00\xff\xff\xff", 8)));
}

TEST(SpdyFramer, SurvivesDamage)
{
    sim::RandomStream random(1, "spdy");
    for (int i = 0; i < 3000; ++i) {
        SpdyFramer writer;
        std::string bytes = writer.write(frame(Type::SynStream, 1, {{"streamtype", "stdin"}, {"a", std::string(random.below(300), 'x')}}))
            + writer.write(frame(Type::SynStream, 3, {{"streamtype", "stdout"}}));
        for (int k = 0; k < 4; ++k)
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        SpdyFramer reader;
        (void)reader.read(bytes);
        (void)reader.read(bytes);
    }
}

} // namespace
