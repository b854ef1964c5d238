#pragma once

#include "core/content/pattern.h"
#include "core/incident/world_probe.h"

#include <nlohmann/json.hpp>

namespace core::incident {

/// Whether a predicate of an incident file (healed, healthy, intact) is true now: an object with one key.
///   all [..] · any [..] · not {..}
///   deployment_available {namespace, name, replicas?}   wants and has at least so many (default 1)
///   no_waiting_pods {namespace, app}                    each pod of the app that stays is ready
///   image_exists {reference | deployment}               the registry has it, reachable or not
///   pull_authorized {deployment}                        its pull secrets may pull its image
///   sli_at_least {success} · alerts_silent {} · nodes_schedulable {}
///   unit_active {machine, unit} · machine_up {machine}
///   http_ok {from, url, below?}                         answered, with a status under `below` (default 500)
///   reach {from, host, port} · resolves {from, name, address} · all_nodes_reach {host, port}
/// Texts are filled from `values`. A predicate about the state, so whichever way the learner took counts.
/// An unknown or malformed predicate is false (the schema refuses it at load).
bool holds(const nlohmann::json& predicate, const WorldProbe& world, const content::Placeholders& values);

} // namespace core::incident
