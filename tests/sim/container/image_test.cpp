#include "sim/container/image.h"

#include <gtest/gtest.h>

namespace {

using sim::container::Reference;

TEST(Reference, ParsesAsDockerDoes)
{
    struct Case {
        std::string text;
        std::string full; ///< empty: refused
    };
    const std::vector<Case> cases{
        {"nginx", "docker.io/library/nginx:latest"},
        {"nginx:1.27", "docker.io/library/nginx:1.27"},
        {"calico/node:v3", "docker.io/calico/node:v3"},
        {"registry.lab:5000/shop/checkout:1.8.3", "registry.lab:5000/shop/checkout:1.8.3"},
        {"registry.lab:5000/shop/checkout", "registry.lab:5000/shop/checkout:latest"},
        {"localhost/x:1", "localhost/x:1"},
        {"a.b/c/d@sha256:abc", "a.b/c/d@sha256:abc"},
        {"Nginx", ""},
        {"", ""},
        {"a//b", ""},
        {"a:b:c", ""},
        {"a/b:", ""},
        {"x@md5:1", ""},
    };
    for (const Case& one : cases) {
        const auto parsed = Reference::parse(one.text);
        EXPECT_EQ(parsed ? parsed->text() : std::string(), one.full) << one.text;
    }
}

} // namespace
