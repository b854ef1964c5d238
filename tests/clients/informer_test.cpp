#include "tests/clients/served_lab.h"

#include <gtest/gtest.h>

namespace {

TEST(JavaScriptClient, InformerSeesAPodComeAndGo)
{
    const std::string find = "node -e \"require('module').createRequire((process.env.CLIENT_NODE_FROM || '.') + '/')"
                             ".resolve('@kubernetes/client-node')\"";
    if (tests::runShell(find).status != 0)
        GTEST_SKIP() << "no node with @kubernetes/client-node here; CLIENT_NODE_FROM can name the folder it is installed in";
    const tests::ServedLab lab;
    ASSERT_FALSE(lab.url.empty()) << "faultctl serve did not come up";
    const auto outcome = tests::runShell(lab.environment() + "timeout 60 node '" FAULTLINE_INFORMER "' shop registry.lab:5000/shop/cart:3.1.0");
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.text, "ok\n");
}

} // namespace
