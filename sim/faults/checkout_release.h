#pragma once

#include "sim/container/registry.h"
#include "sim/faults/requests.h"

#include <functional>
#include <memory>
#include <string>

namespace sim::faults {

inline constexpr const char* kShop = "shop";
inline constexpr const char* kCheckout = "checkout";
inline constexpr const char* kLabRegistry = "registry.lab:5000";
inline constexpr const char* kCheckoutRepository = "shop/checkout";
inline constexpr const char* kOldTag = "1.8.3";
inline constexpr const char* kNewTag = "1.8.4";

/// The registry that holds shop/checkout, in a cluster that runs it; an Error in other topologies.
Result<container::Registry*> checkoutRegistry(Context& context);

/// Pushes the new release's image: the old one with a fresh upper layer, which is `extraBytes` larger; `change` makes
/// its program another one.
Result<Done> pushCheckout(Context& context, container::Registry& registry, const std::string& tag, std::int64_t extraBytes = 0,
                          const std::function<void(programs::Program&)>& change = {});

/// What most faults begin with: chooses cause and variant, and pushes the new release.
Result<Choice> chooseAndPush(Context& context, const Variants& variants, const nlohmann::json& parameters,
                             const std::function<void(const Choice&, programs::Program&)>& change = {});
/// What they tell of it: cause, variant, namespace, deployment, image and old_image.
nlohmann::json toldOfRelease(const Choice& choice);

/// CI patches the Deployment: the new image, and whatever else the release changes in its spec (a strategic merge
/// patch; its "checkout" container gets the image).
void releaseCheckout(Context& context, const std::string& image, nlohmann::json spec = nlohmann::json::object());

/// "registry.lab:5000/shop/checkout:1.8.4"
std::string checkoutImage(const std::string& tag);

} // namespace sim::faults
