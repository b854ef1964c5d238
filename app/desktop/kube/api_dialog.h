#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QDialog>

#include <optional>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace app::desktop {

/// The switch that opens the lab's API on a loopback port, with the kubeconfig and how to use it.
class ApiDialog : public QDialog {
    Q_OBJECT

public:
    ApiDialog(Look& look, LabClient& client, QWidget* parent = nullptr);

    /// Where the kubeconfig is written: a folder that ends with the user's session.
    static QString kubeconfigFile();

protected:
    bool event(QEvent* event) override;

private:
    enum class State { Closed, Opening, Open, Failed };

    void retranslate();
    void toggle(bool open);
    void take(const sim::Result<ApiAccess>& result);
    void showState();
    QString commands() const;

    Look& m_look;
    LabClient& m_client;
    State m_state = State::Closed;
    std::optional<ApiAccess> m_access;
    QString m_problem;
    QLabel* m_intro = nullptr;
    QCheckBox* m_switch = nullptr;
    QLabel* m_status = nullptr;
    QLabel* m_fileLabel = nullptr;
    QLineEdit* m_file = nullptr;
    QToolButton* m_copyFile = nullptr;
    QLabel* m_useLabel = nullptr;
    QLabel* m_commands = nullptr;
    QToolButton* m_copyCommands = nullptr;
    QLabel* m_notes = nullptr;
    QPushButton* m_done = nullptr;
};

} // namespace app::desktop
