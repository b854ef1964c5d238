#include "core/progress/schema.h"

#include <SQLiteCpp/Transaction.h>

#include <string>

namespace core::progress {

const std::vector<SchemaStep>& schemaSteps()
{
    // Lists and maps are JSON texts: they are always read and written whole. 64-bit seeds and fingerprints
    // are kept as SQLite's signed integers of the same bits. The replay comes last because a long value makes
    // the columns behind it slow to reach.
    static const std::vector<SchemaStep> kSteps = {
        {1, R"sql(
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident TEXT NOT NULL,
    title_en TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    cause TEXT NOT NULL,
    answered_cause TEXT NOT NULL,
    seed INTEGER NOT NULL,
    topology TEXT NOT NULL,
    started_at TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('en', 'zh')),
    mode TEXT NOT NULL CHECK (mode IN ('study', 'exam')),
    finished INTEGER NOT NULL CHECK (finished IN (0, 1)),
    solved INTEGER NOT NULL CHECK (solved IN (0, 1)),
    score REAL NOT NULL,
    parts TEXT NOT NULL,
    clocks TEXT NOT NULL,
    hints_taken INTEGER NOT NULL,
    duration_seconds REAL NOT NULL,
    fingerprint INTEGER NOT NULL,
    area TEXT NOT NULL,
    direction_weights TEXT NOT NULL,
    notes TEXT NOT NULL,
    deleted_at TEXT NOT NULL DEFAULT '',
    replay TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_by_start ON attempts (started_at);
CREATE INDEX attempts_by_incident ON attempts (incident, started_at);
)sql"},
    };
    return kSteps;
}

int schemaVersion(SQLite::Database& database)
{
    return database.execAndGet("PRAGMA user_version").getInt();
}

void migrate(SQLite::Database& database, const std::vector<SchemaStep>& steps)
{
    for (const SchemaStep& step : steps) {
        if (schemaVersion(database) >= step.version)
            continue;
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        // Another process may have done the step while we waited for the lock.
        if (schemaVersion(database) >= step.version)
            continue;
        database.exec(step.sql);
        database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
        database.exec("PRAGMA user_version = " + std::to_string(step.version));
        transaction.commit();
    }
}

} // namespace core::progress
