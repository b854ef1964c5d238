#pragma once

#include "app/desktop/host/host_view.h"
#include "app/desktop/host/row_model.h"

class QComboBox;
class QLabel;
class QScrollArea;
class QStackedWidget;

namespace app::desktop {

class ElidedLabel;
class LayerPicture;
class RowTree;

/// The images of a machine: the stack of layers of one, what each layer adds and hides, and who shares it.
class LayerView : public HostView {
    Q_OBJECT

public:
    LayerView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::HostDetail& detail, sim::Instant now) override;
    void ask(core::session::HostInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    void chooseImage(const QString& reference);
    LayerPicture& picture() { return *m_picture; }
    RowModel& files() { return m_files; }
    QString nothing() const;

private:
    void retranslate();
    void fillImages();
    void showDetail();
    void showFacts();
    void showFiles();

    std::shared_ptr<const core::session::ImagesDetail> m_detail;
    sim::Instant m_now{};
    QString m_image;
    QString m_machine;
    RowModel m_files;
    QLabel* m_imageLabel = nullptr;
    QComboBox* m_images = nullptr;
    QLabel* m_facts = nullptr;
    QStackedWidget* m_stack = nullptr;
    QScrollArea* m_scroll = nullptr;
    LayerPicture* m_picture = nullptr;
    RowTree* m_fileTable = nullptr;
    ElidedLabel* m_mount = nullptr;
    QLabel* m_nothing = nullptr;
};

} // namespace app::desktop
