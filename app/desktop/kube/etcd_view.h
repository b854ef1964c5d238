#pragma once

#include "app/desktop/kube/kube_view.h"

class QLabel;
class QPlainTextEdit;
class QStackedWidget;

namespace app::desktop {

class EtcdPicture;

/// etcd: its members, what the group has agreed on, the latest entries, and a member's log.
class EtcdView : public KubeView {
    Q_OBJECT

public:
    EtcdView(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame) override;
    void ask(core::session::KubeInterest& interest) const override;
    QWidget* firstControl() override;
    const EtcdPicture& picture() const { return *m_picture; }

private:
    void retranslate();
    void showDetail();
    void chooseMember(const QString& name);
    void note();
    QString facts() const;

    Look& m_look;
    LabClient& m_client;
    std::shared_ptr<const core::session::EtcdDetail> m_detail;
    QString m_member;
    QString m_noted;                  ///< facts told to the grader already
    std::uint64_t m_shownRevision = 0;
    QStackedWidget* m_stack = nullptr;
    EtcdPicture* m_picture = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_entriesTitle = nullptr;
    QPlainTextEdit* m_entries = nullptr;
    QLabel* m_logTitle = nullptr;
    QPlainTextEdit* m_log = nullptr;
    QLabel* m_nothing = nullptr;
};

} // namespace app::desktop
