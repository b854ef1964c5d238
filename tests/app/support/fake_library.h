#pragma once

#include "app/desktop/pages/progress_source.h"
#include "core/content/library.h"

#include <memory>

namespace app::desktop::testing {

/// Two incidents and six modules, one with a lesson.
std::shared_ptr<const core::content::Library> sketchLibrary();

/// A learner with five attempts.
class FakeProgress : public ProgressSource {
public:
    bool empty = false;

    std::vector<AttemptRow> attempts() const override;
    std::vector<SkillRow> skills() const override;
    QStringList exportFormats() const override;
    QString exportReport(const QString& format, const QString& path) override;
};

} // namespace app::desktop::testing
