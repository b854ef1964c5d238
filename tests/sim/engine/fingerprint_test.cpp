#include "sim/engine/fingerprint.h"
#include "sim/kube/api/core_v1.h"

#include <gtest/gtest.h>

namespace {

using namespace sim;

TEST(Fingerprint, SeesEveryFieldOfADescribedStruct)
{
    kube::Pod pod;
    const std::uint64_t empty = fingerprintOf(pod);
    pod.metadata.labels["app"] = "checkout";
    const std::uint64_t labelled = fingerprintOf(pod);
    pod.spec.containers.emplace_back();
    EXPECT_NE(empty, labelled);
    EXPECT_NE(labelled, fingerprintOf(pod));
}

TEST(Fingerprint, TellsNeighbouringTextsApart)
{
    EXPECT_NE(fingerprintOf(std::vector<std::string>{"ab", "c"}), fingerprintOf(std::vector<std::string>{"a", "bc"}));
    EXPECT_NE(fingerprintOf(std::optional<int>{}), fingerprintOf(std::optional<int>{0}));
}

TEST(Fingerprint, IsTheSameOnEveryMachine)
{
    EXPECT_EQ(fingerprintOf(std::string("faultline")), 0xb895988b9f16d64dull);
}

} // namespace
