#include "sim/kube/api/quantity.h"

#include <gtest/gtest.h>

#include <limits>

using namespace sim::kube;

TEST(Quantity, IsWrittenInCanonicalForm)
{
    const struct {
        const char* text;
        const char* canonical;
    } cases[] = {
        {"0", "0"},         {"0.5", "500m"},     {"1000m", "1"},      {"1500m", "1500m"},   {"2", "2"},
        {"100000", "100k"}, {"128Mi", "128Mi"},  {"1024Mi", "1Gi"},   {"1000Mi", "1000Mi"}, {"1.5Gi", "1536Mi"},
        {"0.5Ki", "512"},   {"1.5Ki", "1536"},   {"1e3", "1e3"},      {"12e2", "1200"},     {"1E", "1E"},
        {"-1", "-1"},       {"+5", "5"},         {".5", "500m"},      {"1.", "1"},          {"0.0001n", "1n"},
        {"100m", "100m"},   {"0.1", "100m"},     {"1k", "1k"},        {"1024Ki", "1Mi"},    {"16Gi", "16Gi"},
        {"65964096Ki", "65964096Ki"},
    };
    for (const auto& c : cases) {
        const ParsedQuantity parsed = parseQuantity(c.text);
        EXPECT_EQ(parsed.error, "") << c.text;
        EXPECT_EQ(parsed.quantity.text, c.canonical) << c.text;
    }
}

TEST(Quantity, SaysWhatIsWrong)
{
    const std::string format =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    EXPECT_EQ(parseQuantity("abc").error, format);
    EXPECT_EQ(parseQuantity("").error, format);
    EXPECT_EQ(parseQuantity("1 Gi").error, format);
    EXPECT_EQ(parseQuantity("1mm").error, "unable to parse quantity's suffix");
    EXPECT_EQ(parseQuantity("1iK").error, "unable to parse quantity's suffix");
    EXPECT_EQ(parseQuantity(".").error, "unable to parse numeric part of quantity");
}

TEST(Quantity, ValuesAreRoundedUp)
{
    EXPECT_EQ(Quantity{"500m"}.milliValue(), 500);
    EXPECT_EQ(Quantity{"500m"}.value(), 1);
    EXPECT_EQ(Quantity{"1500m"}.value(), 2);
    EXPECT_EQ(Quantity{"2"}.milliValue(), 2000);
    EXPECT_EQ(Quantity{"128Mi"}.value(), 134217728);
    EXPECT_EQ(Quantity{"2Gi"}.milliValue(), 2147483648000);
    EXPECT_EQ(Quantity{"1n"}.milliValue(), 1);
    EXPECT_EQ(Quantity{"-1500m"}.value(), -2);
    EXPECT_EQ(Quantity{"100E"}.value(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(Quantity{""}.value(), 0);
    EXPECT_EQ(Quantity{"65964096Ki"}.value(), 67547234304);
}

TEST(Quantity, IsMadeFromNumbers)
{
    EXPECT_EQ(Quantity::ofMilli(1500).text, "1500m");
    EXPECT_EQ(Quantity::ofMilli(2000).text, "2");
    EXPECT_EQ(Quantity::ofMilli(0).text, "0");
    EXPECT_EQ(Quantity::ofBytes(1073741824).text, "1Gi");
    EXPECT_EQ(Quantity::ofBytes(1536).text, "1536");
    EXPECT_EQ(Quantity::ofBytes(100).text, "100");
    EXPECT_EQ(addMilli(std::numeric_limits<std::int64_t>::max(), 1), std::numeric_limits<std::int64_t>::max());
}
