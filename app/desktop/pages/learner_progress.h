#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/pages/progress_source.h"
#include "app/desktop/theme/look.h"
#include "core/content/library.h"
#include "core/progress/store.h"

#include <QCoreApplication>

#include <memory>
#include <optional>

namespace app::desktop {

/// The learner's own store. Without a home folder or with a damaged file the page stays empty and says
/// why when asked to write.
class LearnerProgress : public ProgressSource {
    Q_DECLARE_TR_FUNCTIONS(app::desktop::LearnerProgress)

public:
    LearnerProgress(Look& look, std::shared_ptr<const core::content::Library> library, const QString& folder);

    std::vector<AttemptRow> attempts() const override;
    std::vector<SkillRow> skills() const override;
    QStringList exportFormats() const override;
    QString exportReport(const QString& format, const QString& path) override;

    /// Stores a closed and graded incident; an error text, or empty.
    QString record(const core::session::StartRequest& request, const FramePtr& frame);

private:
    std::vector<core::progress::Attempt> all() const;
    QString causeMeans(const core::progress::Attempt& attempt) const;

    Look& m_look;
    std::shared_ptr<const core::content::Library> m_library;
    std::optional<core::progress::Store> m_store;
    QString m_problem;
};

} // namespace app::desktop
