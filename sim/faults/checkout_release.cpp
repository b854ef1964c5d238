#include "sim/faults/checkout_release.h"

#include <fmt/format.h>

namespace sim::faults {

namespace {

/// The old release with a fresh upper layer; null when the registry does not hold it.
std::shared_ptr<container::Image> newCheckoutImage(Context& context, const container::Registry& registry, std::int64_t extraBytes)
{
    const auto& files = context.parts.hosts.at(registry.host).files;
    const auto link = files.find(registry.root + "/docker/registry/v2/repositories/" + kCheckoutRepository + "/_manifests/tags/"
                                 + kOldTag + "/current/link");
    if (link == files.end() || registry.images.count(link->second->content) == 0)
        return nullptr;
    auto image = std::make_shared<container::Image>(*registry.images.at(link->second->content));
    RandomStream& random = context.parts.engine.random("faults/release");
    const auto digest = [&] {
        return fmt::format("sha256:{:016x}{:016x}{:016x}{:016x}", random.next(), random.next(), random.next(), random.next());
    };
    image->digest = digest();
    image->configDigest = digest();
    container::Layer& top = image->layers.back();
    top.digest = digest();
    top.compressedBytes += extraBytes;
    top.bytes += extraBytes * 3 / 2;
    return image;
}

} // namespace

std::string checkoutImage(const std::string& tag) { return fmt::format("{}/{}:{}", kLabRegistry, kCheckoutRepository, tag); }

Result<container::Registry*> checkoutRegistry(Context& context)
{
    container::Registry* registry = context.parts.registries.find(kLabRegistry);
    if (registry == nullptr)
        return Error{"this topology has no registry " + std::string(kLabRegistry) + "; use the topology mini", {}};
    if (!context.cluster.store().get<kube::Deployment>({kShop, kCheckout}))
        return Error{"this topology runs no deployment shop/checkout; use the topology mini", {}};
    return registry;
}

Result<Done> pushCheckout(Context& context, container::Registry& registry, const std::string& tag, std::int64_t extraBytes,
                          const std::function<void(programs::Program&)>& change)
{
    const auto image = newCheckoutImage(context, registry, extraBytes);
    if (image == nullptr)
        return Error{"the registry does not hold shop/checkout:" + std::string(kOldTag), registry.name};
    if (change)
        change(image->program);
    context.parts.registries.push(context.parts.engine, context.parts.hosts, registry, kCheckoutRepository, tag, image);
    return Done{};
}

Result<Choice> chooseAndPush(Context& context, const Variants& variants, const nlohmann::json& parameters,
                             const std::function<void(const Choice&, programs::Program&)>& change)
{
    const auto choice = choose(context, variants, parameters);
    if (!choice)
        return choice.error();
    const auto registry = checkoutRegistry(context);
    if (!registry)
        return registry.error();
    const auto changed = [&](programs::Program& program) {
        if (change)
            change(*choice, program);
    };
    if (const auto pushed = pushCheckout(context, **registry, kNewTag, 0, changed); !pushed)
        return pushed.error();
    return choice;
}

nlohmann::json toldOfRelease(const Choice& choice)
{
    return {{"cause", choice.cause}, {"variant", choice.variant}, {"namespace", kShop}, {"deployment", kCheckout},
            {"image", checkoutImage(kNewTag)}, {"old_image", checkoutImage(kOldTag)}};
}

void releaseCheckout(Context& context, const std::string& image, nlohmann::json spec)
{
    nlohmann::json& containers = spec["template"]["spec"]["containers"];
    if (containers.empty())
        containers.push_back({{"name", kCheckout}});
    containers.front()["image"] = image;
    kube::Request request;
    request.verb = kube::Verb::Patch;
    request.resource = "deployments.apps";
    request.namespace_ = kShop;
    request.name = kCheckout;
    request.user = "system:serviceaccount:ci:deployer";
    request.body = {{"metadata", {{"annotations", {{"kubernetes.io/change-cause", "ci: release checkout " + std::string(kNewTag)}}}}},
                    {"spec", std::move(spec)}};
    call(context, request);
}

} // namespace sim::faults
