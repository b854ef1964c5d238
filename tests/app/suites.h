#pragma once

#include <QObject>

#include <memory>

namespace app::desktop::testing {

// One per file; main.cpp runs them in this order.
std::unique_ptr<QObject> makeThemeTest();
std::unique_ptr<QObject> makeModelsTest();
std::unique_ptr<QObject> makeTerminalTest();
std::unique_ptr<QObject> makeTopologyTest();
std::unique_ptr<QObject> makeTimelineTest();
std::unique_ptr<QObject> makeKubeViewsTest();
std::unique_ptr<QObject> makeHostViewsTest();
std::unique_ptr<QObject> makeGpuViewsTest();
std::unique_ptr<QObject> makeTrainingViewsTest();
std::unique_ptr<QObject> makeStorageViewTest();
std::unique_ptr<QObject> makeServingViewTest();
std::unique_ptr<QObject> makeServedApiTest();
std::unique_ptr<QObject> makeWindowTest();
std::unique_ptr<QObject> makeWholeIncidentTest();

} // namespace app::desktop::testing
