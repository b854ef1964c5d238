#pragma once

#include "core/shell/commands/kubectl/change.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

Verb createBudgetVerb();
Verb createClusterRoleBindingVerb();
Verb createClusterRoleVerb();
Verb createConfigMapVerb();
Verb createCronJobVerb();
Verb createDeploymentVerb();
Verb createIngressVerb();
Verb createJobVerb();
Verb createNamespaceVerb();
Verb createPriorityClassVerb();
Verb createQuotaVerb();
Verb createRoleBindingVerb();
Verb createRoleVerb();
Verb createSecretVerb();
Verb createServiceVerb();
Verb createServiceAccountVerb();
Verb createTokenVerb();

/// The flags of every generator, with the verb's own before them.
std::vector<FlagSpec> generatorFlags(std::vector<FlagSpec> own);
/// The single NAME a generator takes. Complains and returns nothing when there are more or none.
std::optional<std::string> oneName(Call& call);
/// Complains and returns false when a flag that must be given is not.
bool requireFlag(Call& call, std::string_view name);
/// apiVersion, kind and metadata as the typed clients write them, with the creation time null.
Json newObject(const ResourceKind& kind, const std::string& name, Json labels = {});

} // namespace core::shell::kubectl
