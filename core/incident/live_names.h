#pragma once

#include "core/content/library.h"
#include "core/content/pattern.h"
#include "core/incident/world_probe.h"

namespace core::incident {

/// Brings the placeholders that follow from the world up to date, for the incident's service:
///   {pod}          its pods                        {healthy_pod}   the ready ones
///   {failing_pod}  pods that cannot start: waiting with an error, or not ready for 30 s; errors first
///   {failing_node} the nodes of these              {healthy_node}  all other nodes, those with ready pods first
///   {release_pod}  pods of the image {image}       {release_ready_pod}  the ready ones
/// {image} itself is the fault's to tell. Once nothing fails any more, {failing_pod} and {failing_node} keep
/// their last values: what was broken is where one looks to verify.
void updateLiveNames(content::Placeholders& values, const content::Incident& incident, const WorldProbe& world);

/// Adds what an image reference under `name` consists of: {NAME_repository} and {NAME_tag}.
void addImageParts(content::Placeholders& values, const std::string& name);

} // namespace core::incident
