#pragma once

#include <SQLiteCpp/Database.h>

#include <vector>

namespace core::progress {

/// "FLTP" as SQLite's application_id: tells our file from someone else's database.
inline constexpr int kApplicationId = 0x464c5450;

/// A step that brings a database of the version before to `version`. Steps are only ever appended:
/// files of every released version are out there.
struct SchemaStep {
    int version = 0;
    const char* sql = nullptr;
};

/// In order, from version 1.
const std::vector<SchemaStep>& schemaSteps();

/// Runs the steps that `database` lacks, each in a transaction together with its version number, so that a
/// crash leaves a whole version behind. Safe against another process that does the same. Throws
/// SQLite::Exception; the failed step is undone.
void migrate(SQLite::Database& database, const std::vector<SchemaStep>& steps);

int schemaVersion(SQLite::Database& database);

} // namespace core::progress
