#include "tests/core/kubectl/kubectl_lab.h"

#include <gtest/gtest.h>

namespace {

TEST(KubectlRun, aShellForALookAroundIsGoneAfterwards)
{
    test::KubectlLab lab("bastion", "ops", true);
    lab.start("kubectl run tmp -n shop -it --rm --restart=Never --image=registry.lab:5000/infra/postgres:16.4 -- sh");
    EXPECT_NE(lab.takeOutput().find("If you don't see a command prompt, try pressing enter.\n"), std::string::npos);
    EXPECT_NE(lab.run("hostname").find("tmp\n"), std::string::npos);
    EXPECT_NE(lab.run("exit").find("pod \"tmp\" deleted\n"), std::string::npos);
    EXPECT_NE(lab.run("hostname").find("bastion"), std::string::npos);
    EXPECT_NE(lab.run("kubectl get pods -n shop -l run=tmp").find("No resources found"), std::string::npos);
}

} // namespace
