#pragma once

#include "core/content/library.h"
#include "core/session/session.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace core::session {

/// One check of a piece of content by playing it.
struct Verdict {
    std::string subject;  ///< "image-pull-backoff/node-egress/firewall-drop seed 1: reference"
    bool passed = false;
    double score = 0;
    std::string detail;   ///< what fell short, or the clocks
};

struct VerifyOptions {
    std::string incident;            ///< empty: all
    std::string cause;               ///< empty: all
    std::vector<std::uint64_t> seeds{1, 2};
};

/// Content proves itself: for every cause (and every variant of it) the reference run restores health and
/// scores at least 95; a restarter, a deleter and a guesser score below 50; the two obvious commands leave at
/// least two causes standing.
std::vector<Verdict> verify(std::shared_ptr<const content::Library> library, const VerifyOptions& options,
                            const std::function<void(const Verdict&)>& onVerdict = {});

} // namespace core::session
