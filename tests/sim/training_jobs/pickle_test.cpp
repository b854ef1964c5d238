#include "sim/training/jobs/pickle.h"

#include <gtest/gtest.h>

namespace sim::training {

TEST(Pickle, ComesBackAsItWas)
{
    const nlohmann::json value{
        {"version", "2.10"},
        {"entries",
         {{{"op_id", 3}, {"at", 1'783'000'000'000'000'000}, {"retired", false}, {"left", nullptr}, {"share", -0.5}}, nlohmann::json::object()}}};
    EXPECT_EQ(unpickled(pickled(value)), value);
    // pickle.dumps({'a': 1}, 2) but for memoisation
    EXPECT_EQ(pickled({{"a", 1}}),
              std::string("\x80\x02}(X\x01\x00\x00\x00"
                          "aJ\x01\x00\x00\x00u.",
                          17));
}

TEST(Pickle, RefusesWhatIsNone)
{
    EXPECT_FALSE(unpickled(""));
    EXPECT_FALSE(unpickled("hello"));
    const std::string whole = pickled({{"a", {1, 2, 3}}});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(unpickled(whole.substr(0, size)));
    EXPECT_FALSE(unpickled("u."));
    EXPECT_FALSE(unpickled("}(NNu."));
}

} // namespace sim::training
