#include "sim/net/address.h"

#include <gtest/gtest.h>

using namespace sim::net;

TEST(Address, ParsesAndPrints)
{
    EXPECT_EQ(Ipv4::parse("10.0.0.30")->text(), "10.0.0.30");
    EXPECT_EQ(Ipv4::parse("255.255.255.255")->value, 0xffffffffU);
    for (const char* bad :
         {"", "10.0.0", "10.0.0.0.1", "10.0.0.256", "a.b.c.d", "10.0.0.1 ", "10..0.1", "0010.0.0.1"})
        EXPECT_FALSE(Ipv4::parse(bad)) << bad;
}

TEST(Address, PrefixContains)
{
    const Prefix p = *Prefix::parse("10.0.0.77/26");
    EXPECT_TRUE(p.contains(*Ipv4::parse("10.0.0.64")));
    EXPECT_TRUE(p.contains(*Ipv4::parse("10.0.0.127")));
    EXPECT_FALSE(p.contains(*Ipv4::parse("10.0.0.128")));
    EXPECT_TRUE(Prefix::parse("0.0.0.0/0")->contains(*Ipv4::parse("203.0.113.1")));
    EXPECT_EQ(Prefix::parse("10.1.2.3")->length, 32);
    EXPECT_FALSE(Prefix::parse("10.0.0.0/33"));
    EXPECT_FALSE(Prefix::parse("10.0.0.0/"));
    EXPECT_EQ(p.network().text(), "10.0.0.64");
}
