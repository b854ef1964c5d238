#pragma once

#include "core/content/library.h"

#include <memory>

namespace tests {

/// The content of this tree, loaded once.
inline std::shared_ptr<const core::content::Library> library()
{
    static const auto kLibrary
        = std::make_shared<const core::content::Library>(core::content::load({FAULTLINE_CONTENT}));
    return kLibrary;
}

} // namespace tests
