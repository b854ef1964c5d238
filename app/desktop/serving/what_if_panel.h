#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/serving_what_if.h"

#include <QWidget>

#include <future>
#include <optional>

class QBoxLayout;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QTimer;

namespace app::desktop {

class TrainingBar;

/// A model server that could be: what is chosen on one side, on the other where a GPU's memory goes, how much fits, how fast it is under a
/// load, and what vLLM says where it does not start. Begins as the server that is looked at, and gives the command that makes that one so.
class WhatIfPanel : public QWidget {
    Q_OBJECT

public:
    explicit WhatIfPanel(Look& look, QWidget* parent = nullptr);

    /// Whose figures stand beside. Nothing: no server is looked at.
    struct Server {
        sim::serving::EngineSettings settings;
        std::string nameSpace, deployment, container; ///< empty: there is nothing to apply to
        std::vector<std::string> arguments;
        std::string model; ///< the word among them that names it
        bool operator==(const Server&) const = default;
    };
    void setServer(std::optional<Server> server);
    /// As the server runs, under the usual load.
    void reset();
    const core::session::WhatIf& question() const { return m_question; }
    void ask(const core::session::WhatIf& question);
    /// Nothing while it is being worked out.
    const std::optional<core::session::WhatIfAnswer>& answer() const { return m_answer; }
    /// What Apply gives; empty: nothing to apply.
    QString command() const;
    QString factsWords() const;
    QWidget* firstControl();
    void retranslate();

signals:
    /// A line for a shell on the bastion.
    void commandWanted(const QString& line);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fillChoices();
    void connectChoices();
    void showQuestion();
    void takeQuestion();
    void work();
    void poll();
    void showAnswer();
    void showBars();
    QString factsTable() const;
    void arrange();

    Look& m_look;
    std::optional<Server> m_server;
    core::session::WhatIf m_question;
    std::optional<core::session::WhatIfAnswer> m_answer;
    std::optional<core::session::WhatIf> m_asItRuns; ///< the server, under the same load
    std::optional<core::session::WhatIfAnswer> m_before; ///< what is known of m_asItRuns
    std::future<std::pair<core::session::WhatIfAnswer, std::optional<core::session::WhatIfAnswer>>> m_work;
    bool m_again = false;    ///< something changed while it was worked out
    bool m_stale = false;    ///< ... or while nobody looked
    bool m_touched = false;  ///< by the learner: the server's changes do not come in any more
    bool m_showing = false;
    QTimer* m_wait = nullptr; ///< until the learner has stopped turning
    QTimer* m_poll = nullptr;
    QBoxLayout* m_row = nullptr;
    QWidget* m_form = nullptr;
    std::vector<QLabel*> m_labels;
    QComboBox* m_model = nullptr;
    QComboBox* m_device = nullptr;
    QComboBox* m_weights = nullptr;
    QComboBox* m_cache = nullptr;
    QComboBox* m_ranks = nullptr;
    QDoubleSpinBox* m_utilization = nullptr;
    QSpinBox* m_longest = nullptr;
    QSpinBox* m_sequences = nullptr;
    QSpinBox* m_clients = nullptr;
    QSpinBox* m_prompt = nullptr;
    QSpinBox* m_answerTokens = nullptr;
    QLabel* m_serverTitle = nullptr;
    QLabel* m_loadTitle = nullptr;
    QPushButton* m_reset = nullptr;
    QPushButton* m_apply = nullptr;
    TrainingBar* m_memory = nullptr;
    TrainingBar* m_step = nullptr;
    QLabel* m_error = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_command = nullptr;
    QLabel* m_note = nullptr;
};

} // namespace app::desktop
