// An H200 under a matrix product, second by second, against the real one of tests/golden/nvidia/h200/heat_and_power.txt.
#include "tests/sim/gpu/gpu_lab.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace sim::gpu {
namespace {

struct Sample {
    double seconds = 0;
    double dieC = 0, memoryC = 0, powerW = 0, smMHz = 0;
    bool busy = false;
    bool context = false;
};

std::vector<Sample> captured()
{
    std::ifstream in(FAULTLINE_GOLDEN "/nvidia/h200/heat_and_power.txt");
    std::vector<Sample> samples;
    for (std::string line; std::getline(in, line);) {
        Sample s;
        double utilisation = 0;
        if (std::sscanf(line.c_str(), "(%lf, '%*d/%*d/%*d %*d:%*d:%*f, %lf, %lf, %lf, %lf, %*d, %lf", &s.seconds, &s.dieC, &s.memoryC, &s.powerW, &s.smMHz, &utilisation) != 6)
            continue;
        s.busy = utilisation > 0;
        s.context = s.busy || s.smMHz > 1000; // clocks stay up as long as the program holds the device
        samples.push_back(s);
    }
    return samples;
}

struct Errors {
    double dieK = 0, memoryK = 0, powerShare = 0, clockShare = 0;
    int busy = 0;
};

/// Mean differences of model and capture; of power and clock only while kernels run.
Errors followed(const std::vector<Sample>& samples, const HeatPath& path, double airC)
{
    constexpr double kFlow = 1;
    const Board& board = *boardNamed("H200");
    Heat heat;
    heatUp(heat, path, board.idleW, 0, airC, kFlow, 600); // the machine had stood idle
    Errors errors;
    double at = samples.front().seconds;
    for (const Sample& s : samples) {
        const Activity activity = s.busy ? GpuLab::kProduct : Activity{};
        const OperatingPoint point = operatingPoint(board, activity, {.powerW = board.defaultLimitW, .context = s.context});
        if (s.seconds > at)
            heatUp(heat, path, point.powerW, activity.dram, airC, kFlow, s.seconds - at);
        at = s.seconds;
        errors.dieK += std::abs(heat.dieC - s.dieC) / static_cast<double>(samples.size());
        errors.memoryK += std::abs(heat.memoryC - s.memoryC) / static_cast<double>(samples.size());
        if (s.busy) {
            ++errors.busy;
            errors.powerShare += std::abs(point.powerW - s.powerW) / s.powerW;
            errors.clockShare += std::abs(point.smMHz - s.smMHz) / s.smMHz;
        }
    }
    errors.powerShare /= errors.busy;
    errors.clockShare /= errors.busy;
    return errors;
}

// Of the captured machine: its air and heat sink, which are not those of the lab's chassis.
constexpr HeatPath kCapturedPath{.dieOhms = 0.031, .sinkOhms = 0.0055};
constexpr double kCapturedAirC = 34.2;

TEST(Heat, AnH200UnderAMatrixProductFollowsTheRealOne)
{
    const std::vector<Sample> samples = captured();
    ASSERT_EQ(samples.size(), 74u);
    const Errors errors = followed(samples, kCapturedPath, kCapturedAirC);
    EXPECT_EQ(errors.busy, 40);
    std::printf("mean error: chip %.2f K, memory %.2f K, power %.1f %%, clock %.1f %%\n", errors.dieK, errors.memoryK, 100 * errors.powerShare, 100 * errors.clockShare);
    EXPECT_LT(errors.dieK, 1.0);
    EXPECT_LT(errors.memoryK, 1.2);
    EXPECT_LT(errors.powerShare, 0.04);
    EXPECT_LT(errors.clockShare, 0.015);
}

TEST(Heat, AWorsePathIsToldFromTheCapturedOne)
{
    // Half as much resistance again from chip to sink is eight degrees at 690 W: the capture would not pass for it.
    HeatPath dried = kCapturedPath;
    dried.dieOhms *= 1.5;
    EXPECT_GT(followed(captured(), dried, kCapturedAirC).dieK, 4.0);
}

TEST(Heat, ClocksThatAContextHoldsUpCostWhatTheyDid)
{
    const Board& board = *boardNamed("H200");
    const OperatingPoint held = operatingPoint(board, {}, {.powerW = board.defaultLimitW, .context = true});
    EXPECT_EQ(held.smMHz, 1980);
    EXPECT_NEAR(held.powerW, 125.8, 2); // the capture's seconds 52 to 73
    EXPECT_NEAR(operatingPoint(board, {}, {.powerW = board.defaultLimitW}).powerW, 80.2, 1);
}

TEST(Heat, WhatGoesInComesOutOrStays)
{
    Heat heat{.dieC = 40, .sinkC = 35};
    const double before = storedJoules(heat, kCapturedPath);
    double given = 0;
    double put = 0;
    for (int second = 0; second < 300; ++second) {
        const double watts = second % 7 < 4 ? 700 : 80;
        given += heatUp(heat, kCapturedPath, watts, 0.3, 25, 0.6, 1);
        put += watts;
    }
    EXPECT_NEAR(put, given + storedJoules(heat, kCapturedPath) - before, 1e-6 * put);
}

} // namespace
} // namespace sim::gpu
