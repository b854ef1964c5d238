#pragma once

#include "core/content/pattern.h"
#include "core/incident/world_probe.h"

#include <nlohmann/json.hpp>

namespace core::incident {

/// Whether a predicate of an incident file (healed, healthy, intact) is true now: an object with one key.
///   all [..] · any [..] · not {..}
///   deployment_available {namespace, name, replicas?}   wants and has at least so many (default 1)
///   no_waiting_pods {namespace, app}                    each pod of the app that stays is ready
///   pods_steady {namespace, app, seconds?}              ready, and running for so long (default 90)
///   pods_scheduled {namespace, name, image?}            each pod that the Deployment wants exists and has a node
///   rollout_complete {namespace, name, image?}          all pods are of the newest template (with this image)
///   object_exists {resource, namespace?, name} · pod_admitted {namespace, image}
///   image_exists {reference | deployment}               the registry has it, reachable or not
///   pull_authorized {deployment}                        its pull secrets may pull its image
///   sli_at_least {success} · alerts_silent {} · nodes_schedulable {}
///   node_ready {node} · nodes_ready {}                  the Ready condition is True
///   disk_free {machine, path, percent?}                 at least so much is free (default 15), bytes and inodes
///   memory_free {machine, mebibytes?}                   programs could get so much more (default 256)
///   memory_steady {machine, mebibytesPerMinute?}        programs and kernel take less than that for good (default 1)
///   active_below {machine, perCpu?}                     so many tasks for a processor run, could run or wait for the disk
///                                                       (default 1)
///   unit_steady {machine, unit, seconds?}               active for so long without a restart (default 60)
///   container_steady {machine, image, seconds?}         a container of docker runs the image (or part of its name) for so
///                                                       long (default 60)
///   containers_bounded {machine, mebibytes}             all that docker's containers may come to take: their limits, and
///                                                       what those without one and without growth have
///   unit_active {machine, unit} · machine_up {machine}
///   boots_by_itself {machine, unit}                     a reboot that nobody watches would start the unit
///   program_runs {machine, program, without?, collectorBelow?}   none of its processes there takes the variant, or gives
///                                                       so much of its CPU to the collector (share, 0..1)
///   http_ok {from, url, below?}                         answered, with a status under `below` (default 500)
///   pods_resolve {namespace, app, name, address?}       each pod of the app finds the name (at that address)
///   file_contains {machine, path, text}
///   reach {from, host, port} · resolves {from, name, address} · all_nodes_reach {host, port}
///   etcd {members?, takesWrites?, syncBelow?, quotaBelow?, compacts?}   so many members in step, commits work, no disk
///                                                       flushes slower (s), no quota fuller (0..1), compaction is on
///   gpus {machine, working?, hardwareSound?, linksUp?, powerLimitAtMost?, powerLimitAtLeast?, clocksFree?, nvlinksUp?, below?, freeOfHeat?}
///                                                       at least so many work; W; no clock is locked; all cooler than that (°C); no clock is held down by heat
///   cooling_runs {}                                     every cooling unit
///   training {job, learns?, stepOfSound?, rateAtMost?, warmupAtLeast?, clips?, scalesLoss?, cleanData?, soundCheckpoint?, namesInterface?,
///             saveAtMost?, pauseShareAtMost?, parallelSave?, soundProgram?}   it makes steps; seconds of its last checkpoint; 0..1
///   models {namespace, deployment, serving?, continuous?, paged?, chunked?, prefixCaching?, lru?, fastAttention?, eightBitCache?, seesDisconnects?,
///           byPriority?, clocksFree?, board?, blockTokensAtMost?, sequencesAtMost?, preemptionsPerMinuteAtMost?, waitingAtMost?, cacheUseBelow?,
///           hitRateAtLeast?}                             so many replicas serve (default 1), all of them so; of the last minute
///   model_client {name, shareAtLeast?, stablePrefix?, requestsPerSecondAtMost?}   of its latest requests, 0..1
///   model_router {namespace, deployment, policy}
///   interface_down {machine, interface}                 or not there
///   ceph {healthy?, monitors?, osdsUp?, clean?, serves?, usedBelow?, slowOpsAtMost?, drivesSound?, linksSound?}   so many monitors agree;
///                                                       the fullest OSD is below (0..1)
///   roce {trusts?, pauses?, marks?, receiversDrain?, jobLossless?}   all ports of the compute network are as designed; no adapter
///                                                       hangs; jobs send in a lossless class
/// Texts are filled from `values`. A predicate about the state, so whichever way the learner took counts.
/// An unknown or malformed predicate is false (the schema refuses it at load).
bool holds(const nlohmann::json& predicate, const WorldProbe& world, const content::Placeholders& values);

} // namespace core::incident
