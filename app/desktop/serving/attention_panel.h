#pragma once

#include "app/desktop/theme/look.h"
#include "sim/serving/model.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QSlider;
class QTimer;
class QToolButton;

namespace app::desktop {

class AttentionPicture;
class SwatchRow;

/// The explainer of the cache: AttentionPicture with its controls, what happens in words, and what the same costs at lengths that models
/// are used at.
class AttentionPanel : public QWidget {
    Q_OBJECT

public:
    explicit AttentionPanel(Look& look, QWidget* parent = nullptr);

    /// Of the server that is looked at; the learner may choose another one.
    void suggestModel(const sim::serving::ModelShape& model);
    AttentionPicture& picture() { return *m_picture; }
    bool isPlaying() const;
    void play(bool on);
    QWidget* firstControl();
    void retranslate();

protected:
    void hideEvent(QHideEvent* event) override;

private:
    void showStep();
    void showAtLength();
    void chooseModel(int index);

    Look& m_look;
    bool m_chosen = false; ///< by the learner
    QLabel* m_modelLabel = nullptr;
    QComboBox* m_model = nullptr;
    QToolButton* m_back = nullptr;
    QToolButton* m_play = nullptr;
    QToolButton* m_forth = nullptr;
    QSlider* m_place = nullptr;
    QLabel* m_story = nullptr;
    AttentionPicture* m_picture = nullptr;
    SwatchRow* m_legend = nullptr;
    QLabel* m_atLength = nullptr;
    QTimer* m_timer = nullptr;
};

} // namespace app::desktop
