#include "app/desktop/serving/attention_panel.h"
#include "app/desktop/serving/attention_picture.h"
#include "app/desktop/serving/batch_picture.h"
#include "app/desktop/serving/cache_picture.h"
#include "app/desktop/serving/router_picture.h"
#include "app/desktop/serving/serving_view.h"
#include "app/desktop/serving/what_if_panel.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_serving.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QtTest>

namespace app::desktop::testing {

namespace {

using ServingPart = ServingView::Part;
using core::session::CacheCell;
using core::session::CacheMap;
using core::session::ServingDetail;

struct ServingStage {
    Look look{Preferences{}};
    FakeLab lab;
    ServingView view{look, lab};

    explicit ServingStage(std::shared_ptr<const ServingDetail> detail = sketchServing())
    {
        lab.servingDetail = std::move(detail);
        QObject::connect(&lab, &LabClient::frameReady, &view, &ServingView::setFrame);
        view.resize(700, 460);
        publish();
        view.show();
        [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(&view);
        QEvent leave(QEvent::Leave); // the pointer may rest where another test has left it
        QCoreApplication::sendEvent(&view.cache(), &leave);
    }
    void publish()
    {
        core::session::Frame frame;
        frame.world = sketchWorld();
        lab.publish(frame);
    }
    bool saw(const char* read) const { return lab.observed.contains(QLatin1String("serving/") + QLatin1String(read)); }
    bool says(const char* words) const
    {
        const auto labels = view.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->isVisible() && label->text().contains(QString::fromUtf8(words)); });
    }
};

int cellWith(const CacheMap& map, const std::function<bool(const CacheCell&)>& is)
{
    const auto found = std::find_if(map.cells.begin(), map.cells.end(), is);
    return found == map.cells.end() ? -1 : static_cast<int>(found - map.cells.begin());
}

} // namespace

class ServingViewTest : public QObject {
    Q_OBJECT

private slots:
    void anOpenPageAsksForWhatItShows()
    {
        ServingStage stage;
        const core::session::ServingInterest& asked = stage.lab.servingInterest;
        QVERIFY(asked.fleet && asked.cache && !asked.twin && !asked.batch && !asked.samples);
        stage.view.showTwin(true);
        QVERIFY(asked.twin);
        stage.view.openPart(ServingPart::Batch);
        QVERIFY(asked.batch && !asked.cache && !asked.twin);
        stage.view.openPart(ServingPart::Signals);
        QVERIFY(asked.samples && !asked.batch);
        stage.view.chooseReplica(QStringLiteral("chat-6d4f9c7b5-9dwlz"));
        QCOMPARE(asked.replica, std::string("chat-6d4f9c7b5-9dwlz"));
        stage.view.hide();
        QVERIFY(asked == core::session::ServingInterest());
    }

    void everyCellHasItsSentence()
    {
        ServingStage stage;
        CachePicture& picture = stage.view.cache();
        const CacheMap& map = *picture.map();
        QCOMPARE(picture.cellsPerSpot(), 1);
        for (int i = 0; i < static_cast<int>(map.cells.size()); ++i) {
            QVERIFY(!picture.sentence(i).isEmpty());
            QCOMPARE(picture.cellAt(picture.cellBox(i).center()), i);
        }
        const int shared = cellWith(map, [](const CacheCell& cell) { return cell.holders > 1; });
        QVERIFY(shared >= 0);
        QVERIFY2(picture.sentence(shared).contains(QStringLiteral("shared by %1").arg(map.cells[static_cast<std::size_t>(shared)].holders)), qPrintable(picture.sentence(shared)));
        const int partly = cellWith(map, [](const CacheCell& cell) { return cell.use == CacheCell::Use::Held && cell.written > 0 && cell.written < 16; });
        QVERIFY(partly >= 0);
        QVERIFY(picture.sentence(partly).contains(QLatin1String("of 16 slots written")));
        QVERIFY(!picture.grab().isNull());
    }

    void aRequestThatIsLitStandsOut()
    {
        ServingStage stage;
        CachePicture& picture = stage.view.cache();
        picture.setFocus(Qt::TabFocusReason);
        const int held = cellWith(*picture.map(), [](const CacheCell& cell) { return cell.use == CacheCell::Use::Held; });
        picture.choose(held);
        QVERIFY(stage.view.readOut().contains(QLatin1String("request")));
        QTest::keyClick(&picture, Qt::Key_Return);
        QVERIFY(picture.lit().has_value());
        QCOMPARE(stage.view.twin().lit(), picture.lit());
        QTest::keyClick(&picture, Qt::Key_Escape);
        QVERIFY(!picture.lit());
        const int before = picture.chosen();
        QTest::keyClick(&picture, Qt::Key_Right);
        QCOMPARE(picture.chosen(), before + 1);
        QTest::mouseClick(&picture, Qt::LeftButton, {}, picture.cellBox(held).center().toPoint());
        QVERIFY(picture.lit().has_value());
    }

    void largeCachesArePackedAndCanBeZoomed()
    {
        ServingSketch sketch;
        sketch.blocks = 0;
        sketch.seconds = 4;
        ServingStage stage(sketchServing(sketch));
        CachePicture& picture = stage.view.cache();
        QVERIFY(picture.map()->cells.size() > 20'000);
        QVERIFY(picture.cellBox(static_cast<int>(picture.map()->cells.size()) - 1).bottom() <= picture.height() + 1);
        QVERIFY(!picture.sentence(0).isEmpty());
        picture.setZoom(3);
        QCOMPARE(stage.view.twin().zoom(), 3);
        QCOMPARE(picture.cellsPerSpot(), 1);
        QVERIFY(picture.cellBox(0).width() >= 6);
    }

    void theTwinStandsBesideIt()
    {
        ServingSketch sketch;
        sketch.twin = true;
        ServingStage stage(sketchServing(sketch));
        QVERIFY(!stage.view.twin().isVisible());
        stage.view.showTwin(true);
        QVERIFY(stage.view.twin().isVisible());
        QCOMPARE(stage.view.twin().map()->cells.size(), stage.view.cache().map()->cells.size());
        QVERIFY(stage.says("reserved\u00a0in\u00a0vain"));
    }

    void aContiguousServerIsDrawnAsItIs()
    {
        ServingSketch sketch;
        sketch.contiguous = true;
        ServingStage stage(sketchServing(sketch));
        const int held = cellWith(*stage.view.cache().map(), [](const CacheCell& cell) { return cell.use == CacheCell::Use::Held && cell.written == 0; });
        QVERIFY(held >= 0); // reserved for tokens that have not come
        QVERIFY(stage.view.cache().sentence(held).contains(QLatin1String("0 of 16 slots written")));
        stage.view.showTwin(true);
        QVERIFY(!stage.view.twin().isVisible());
    }

    void lanesAreReadStepByStep()
    {
        ServingStage stage;
        stage.view.openPart(ServingPart::Batch);
        BatchPicture& picture = stage.view.batch();
        QCOMPARE(picture.lanes()->steps.size(), std::size_t{48});
        for (int step = 0; step < 48; ++step)
            for (const int row : picture.rowsShown()) {
                QVERIFY(!picture.sentence(step, row).isEmpty());
                QVERIFY(QRectF(picture.rect()).contains(picture.cellBox(step, row)));
            }
        picture.setFocus(Qt::TabFocusReason);
        QCOMPARE(picture.step(), 47);
        QTest::keyClick(&picture, Qt::Key_Left);
        QTest::keyClick(&picture, Qt::Key_Down);
        QCOMPARE(picture.step(), 46);
        QCOMPARE(picture.row(), picture.rowsShown().front());
        QVERIFY(stage.view.readOut().contains(QLatin1String("prefill + ")));
        const std::uint64_t number = picture.lanes()->steps[46].number;
        stage.lab.servingDetail = sketchServing(); // the same steps anew: the cursor stays
        stage.publish();
        QCOMPARE(picture.lanes()->steps[static_cast<std::size_t>(picture.step())].number, number);
        QVERIFY(!picture.grab().isNull());
    }

    void chartsShareACursorAndKnowWhatWasAgreed()
    {
        ServingStage stage;
        stage.view.openPart(ServingPart::Signals);
        ServingChart& chart = stage.view.chart(ServingCurve::TimePerToken);
        QVERIFY(chart.kept() >= 0 && chart.kept() <= 1);
        chart.setFocus(Qt::TabFocusReason);
        QTest::keyClick(&chart, Qt::Key_Home);
        for (const ServingCurve curve : kServingCurves) {
            QVERIFY(!stage.view.chart(curve).readOut(0).isEmpty());
            QVERIFY(!stage.view.chart(curve).grab().isNull());
        }
        QVERIFY(stage.saw("samples"));
    }

    void theRouterTellsWhoGetsNothingAndWhy()
    {
        ServingStage stage;
        stage.view.openPart(ServingPart::Router);
        RouterPicture& picture = stage.view.router();
        QCOMPARE(picture.spots(), 4 + 2 + 5);
        QStringList all;
        for (int i = 0; i < picture.spots(); ++i)
            all += picture.sentence(i);
        const QString text = all.join(QLatin1Char('\n'));
        for (const char* words : {"web asks 6.2/s", "0.3/s fail", "Prefix-affine", "llm/docs: no router", "CrashLoopBackOff", "gets 4.3/s", "14 running"})
            QVERIFY2(text.contains(QLatin1String(words)), words);
        picture.choose(7);
        emit picture.spotOpened(7);
        QCOMPARE(stage.lab.servingInterest.replica, std::string("chat-6d4f9c7b5-9dwlz"));
    }

    void tablesSayTheSame()
    {
        ServingStage stage;
        stage.view.showTable(true);
        for (int part = 0; part < ServingView::kTables; ++part) {
            const QAbstractItemModelTester tester(&stage.view.table(static_cast<ServingPart>(part)));
            stage.view.openPart(static_cast<ServingPart>(part));
            QVERIFY(stage.view.table(static_cast<ServingPart>(part)).rowCount() > 0);
        }
        QCOMPARE(stage.view.table(ServingPart::Cache).rowCount(), static_cast<int>(stage.lab.servingDetail->inside->cache->owners.size()));
        QCOMPARE(stage.view.table(ServingPart::Router).index(3, 2).data().toString(), QStringLiteral("CrashLoopBackOff"));
        const RowModel& signalTable = stage.view.table(ServingPart::Signals);
        for (int column = 0; column < signalTable.columnCount(); ++column)
            QVERIFY(!signalTable.index(0, column).data().toString().isEmpty());
    }

    void whatIfBeginsAsTheServerAndGivesTheCommand()
    {
        ServingStage stage;
        stage.view.openPart(ServingPart::WhatIf);
        WhatIfPanel& panel = stage.view.whatIf();
        QTRY_VERIFY(panel.answer().has_value());
        QCOMPARE(panel.question().settings.deployment.device.name, std::string("A100-80"));
        QVERIFY(panel.command().isEmpty()); // it is so already
        core::session::WhatIf question = panel.question();
        question.settings.maxNumSeqs = 32;
        question.settings.deployment.cache = sim::serving::Precision::Float8;
        panel.ask(question);
        QTRY_VERIFY(panel.answer().has_value());
        QVERIFY(panel.answer()->tokensPerSecond > 0);
        QVERIFY(panel.factsWords().contains(QLatin1String("tok/s")));
        QVERIFY2(panel.command().startsWith(QLatin1String("kubectl -n llm patch deployment chat -p '")), qPrintable(panel.command()));
        QVERIFY(panel.command().contains(QLatin1String("\"--max-num-seqs=32\"")));
        QSignalSpy wanted(&stage.view, &ServingView::commandWanted);
        for (QPushButton* button : panel.findChildren<QPushButton*>())
            if (button->isEnabled() && button->text() == QLatin1String("Apply"))
                button->click();
        QCOMPARE(wanted.size(), 1);
        // A frame that comes meanwhile does not undo what was chosen.
        stage.lab.servingDetail = sketchServing();
        stage.publish();
        QCOMPARE(panel.question().settings.maxNumSeqs, 32u);
        question.settings.deployment.model = *sim::serving::modelNamed("Llama-3.1-70B");
        panel.ask(question);
        QTRY_VERIFY(panel.answer().has_value() && !panel.answer()->error.empty());
        QVERIFY(stage.says("CUDA out of memory"));
    }

    void aControlOfWhatIfChangesNothingElse()
    {
        ServingStage stage;
        stage.view.openPart(ServingPart::WhatIf);
        WhatIfPanel& panel = stage.view.whatIf();
        core::session::WhatIf question = panel.question();
        question.settings.maxNumSeqs = 2048; // controls cannot show these two
        question.settings.memoryUtilization = 0.905;
        panel.ask(question);
        for (QSpinBox* box : panel.findChildren<QSpinBox*>())
            if (box->accessibleName() == QLatin1String("Prompt tokens"))
                box->setValue(200);
        question.promptTokens = 200;
        QVERIFY(panel.question() == question);
    }

    void theExplainerStepsAndPlays()
    {
        ServingStage stage;
        stage.view.openPart(ServingPart::Explainer);
        AttentionPicture& picture = stage.view.explainer().picture();
        picture.setFocus();
        QTest::keyClick(&picture, Qt::Key_Right);
        QCOMPARE(picture.step(), 1);
        QTest::keyClick(&picture, Qt::Key_End);
        QVERIFY(picture.story().contains(QLatin1String("Why is Q not kept")));
        QTest::keyClick(&picture, Qt::Key_Left);
        QTest::keyClick(&picture, Qt::Key_Space);
        QVERIFY(stage.view.explainer().isPlaying());
        stage.view.openPart(ServingPart::Cache);
        QVERIFY(!stage.view.explainer().isPlaying()); // nobody looks
        for (int step = 0; step < picture.steps().count(); ++step) {
            picture.goTo(step);
            QVERIFY(!picture.story().isEmpty() && !picture.sentence().isEmpty());
        }
    }

    void withACacheOnlyTheNewTokenIsComputed()
    {
        using Matrix = AttentionSteps::Matrix;
        using Phase = AttentionSteps::Phase;
        using Row = AttentionSteps::Row;
        const AttentionSteps steps(5, 4);
        QCOMPARE(steps.count(), 21);
        const AttentionSteps::Step prompt{0, Phase::Score}, later{2, Phase::Score};
        for (const bool cached : {false, true})
            for (int token = 0; token < 5; ++token)
                QCOMPARE(steps.row(cached, Matrix::Q, token, prompt), Row::Computed);
        QCOMPARE(steps.row(true, Matrix::Q, 3, later), Row::Gone);
        QCOMPARE(steps.row(true, Matrix::K, 3, later), Row::Read);
        QCOMPARE(steps.row(false, Matrix::K, 3, later), Row::Again);
        QCOMPARE(steps.row(true, Matrix::V, 6, later), Row::Computed);
        QCOMPARE(steps.row(true, Matrix::V, 7, later), Row::Absent);
        QCOMPARE(steps.score(true, 6, 0, later), Row::Computed);
        QCOMPARE(steps.score(true, 5, 0, later), Row::Gone);
        QCOMPARE(steps.score(false, 5, 0, later), Row::Again);
        QCOMPARE(steps.score(false, 5, 6, later), Row::Absent);

        const sim::serving::ModelShape& model = *sim::serving::modelNamed("Llama-3.1-8B");
        const double perToken = sim::serving::kvBytesPerToken(model, sim::serving::Precision::Bfloat16);
        QCOMPARE(perToken, 131072.0);
        QCOMPARE(steps.pass(true, later, model).cacheRead, 6 * perToken);
        QCOMPARE(steps.pass(true, later, model).cacheWritten, perToken);
        QCOMPARE(steps.pass(false, later, model).cacheRead, 0.0);
        // Both make the same of the prompt; later the one computes 1 token, the other 7.
        QCOMPARE(steps.pass(true, prompt, model).multiplyAdds, steps.pass(false, prompt, model).multiplyAdds);
        const double ratio = steps.pass(false, later, model).multiplyAdds / steps.pass(true, later, model).multiplyAdds;
        QVERIFY(ratio > 6.9 && ratio < 7.1);
        QCOMPARE(AttentionSteps::nextToken(true, 8191, model).cacheRead, 8191 * perToken);
    }

    void onlyWhatIsOnTheScreenHasBeenSeen()
    {
        ServingStage stage;
        QVERIFY(!stage.saw("fleet"));
        stage.view.openPart(ServingPart::Router);
        QVERIFY(stage.saw("fleet") && stage.saw("state") && !stage.saw("samples"));
        const qsizetype before = stage.lab.observed.size();
        stage.publish();
        QCOMPARE(stage.lab.observed.size(), before);
    }

    void withoutAnEngineThePageSaysSo()
    {
        ServingStage stage(sketchDownServing());
        QVERIFY(stage.says("no engine now"));
        QVERIFY(stage.view.summary().contains(QLatin1String("CrashLoopBackOff")));
        stage.view.openPart(ServingPart::Router);
        QVERIFY(stage.view.router().isVisible());
    }

    void withoutAServerTheRestStillWorks()
    {
        ServingStage stage(std::make_shared<const ServingDetail>());
        QVERIFY(stage.says("Nothing in this data centre serves"));
        stage.view.openPart(ServingPart::Explainer);
        QVERIFY(stage.view.explainer().picture().isVisible());
        stage.view.openPart(ServingPart::WhatIf);
        QTRY_VERIFY(stage.view.whatIf().answer().has_value());
        QVERIFY(stage.view.whatIf().command().isEmpty());
    }

    void largeTextStaysInItsPlace()
    {
        ServingStage stage;
        Preferences preferences;
        preferences.fontScale = 2;
        preferences.theme = ThemeId::Light;
        preferences.language = core::content::Language::Chinese;
        stage.look.apply(preferences);
        for (int part = 0; part < ServingView::kPartCount; ++part) {
            stage.view.openPart(static_cast<ServingPart>(part));
            QVERIFY(!stage.view.grab().isNull());
        }
        const RouterPicture& picture = stage.view.router();
        for (int i = 0; i < picture.spots(); ++i)
            QVERIFY(QRectF(picture.rect()).adjusted(-0.5, -0.5, 0.5, 0.5).contains(picture.spotBox(i)));
    }

    void anotherLabBeginsAnew()
    {
        ServingStage stage;
        stage.view.showTwin(true);
        stage.view.openPart(ServingPart::Router);
        stage.view.openPart(ServingPart::Signals);
        stage.view.chooseReplica(QStringLiteral("chat-6d4f9c7b5-9dwlz"));
        stage.lab.observed.clear();
        stage.view.restart();
        QCOMPARE(stage.view.part(), ServingPart::Cache);
        QVERIFY(stage.lab.servingInterest.replica.empty() && !stage.lab.servingInterest.twin);
        stage.view.openPart(ServingPart::Router);
        stage.publish();
        QVERIFY(stage.saw("fleet")); // told again
    }
};

std::unique_ptr<QObject> makeServingViewTest()
{
    return std::make_unique<ServingViewTest>();
}

} // namespace app::desktop::testing

#include "serving_view_test.moc"
