#include "registry/index/index_settlement.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "registry/format/repository_check.h"
#include "registry/index/entry_rows.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr int64_t kMaxCompared = 100;

// What a release names, that others may name too: the key by which they are
// found, where, and what it says of it.
struct Reference {
  int64_t key = 0;
  std::string directory;
  std::string said;

  auto operator<=>(const Reference&) const = default;
};

// Stored, so it must stay the same from run to run.
int64_t KeyOf(absl::string_view kind, absl::string_view name) {
  const signing::Digest digest =
      signing::Digest::Of(absl::StrCat(kind, ":", name));
  int64_t key = 0;
  std::memcpy(&key, digest.bytes().data(), sizeof(key));
  return key;
}

int64_t ManagerKey(absl::string_view package) {
  return KeyOf("manager", package);
}

int64_t ProgramKey(absl::string_view url) { return KeyOf("program", url); }

std::set<Reference> ReferencesOf(const std::vector<IndexEntry>& entries) {
  std::set<Reference> references;
  for (const IndexEntry& entry : entries) {
    const std::string& directory = entry.release->directory;
    if (entry.facts.manager.has_value()) {
      references.insert({ManagerKey(*entry.facts.manager), directory, ""});
    }
    for (const CliBinary& binary : entry.facts.cli_binaries) {
      references.insert({ProgramKey(binary.url), directory, binary.sha256});
    }
  }
  return references;
}

class Settlement {
 public:
  Settlement(SqliteDatabase* database, const SourceVersion& before,
             const SourceVersion& after, SourceCounts* counts)
      : database_(*database),
        before_(before),
        after_(after),
        counts_(*counts) {}

  // Notes what a changed package names now, and settles it when that is
  // nothing: it depends on no other then.
  absl::Status Refer(const std::string& package);
  // Compares a package anew and counts it.
  absl::Status Settle(const std::string& package);

  // Packages that are still to be settled.
  absl::StatusOr<std::set<std::string>> Unsettled();

 private:
  absl::StatusOr<std::vector<std::string>> Directories(int64_t key);
  absl::Status Write(const char* sql, const Reference& reference);
  absl::StatusOr<std::map<std::string, std::vector<Finding>>> Compare(
      const std::vector<IndexEntry>& entries);
  absl::Status SettleEntries(const std::vector<IndexEntry>& old_entries,
                             std::vector<IndexEntry> new_entries);
  void Count(const std::vector<IndexEntry>& entries, int64_t sign);

  SqliteDatabase& database_;
  const SourceVersion& before_;
  const SourceVersion& after_;
  SourceCounts& counts_;
  // Keys about which something new is said.
  std::set<int64_t> touched_;
  // Changed packages that name something.
  std::set<std::string> referring_;
};

absl::Status Settlement::Write(const char* sql, const Reference& reference) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement write, database_.Prepare(sql));
  return write.Bind(1, after_.source)
      .Bind(2, reference.key)
      .BindBlob(3, reference.directory)
      .Run();
}

absl::Status Settlement::Refer(const std::string& package) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<IndexEntry> old_entries,
                          ReadPackage(database_, before_, package));
  ORRERY_ASSIGN_OR_RETURN(std::vector<IndexEntry> new_entries,
                          ReadPackage(database_, after_, package));
  if (old_entries.empty() != new_entries.empty()) {
    touched_.insert(ManagerKey(package));
  }
  const std::set<Reference> gone = ReferencesOf(old_entries);
  const std::set<Reference> here = ReferencesOf(new_entries);
  if (gone.empty() && here.empty()) {
    return SettleEntries(old_entries, std::move(new_entries));
  }
  referring_.insert(package);
  std::vector<Reference> differ;
  std::set_symmetric_difference(gone.begin(), gone.end(), here.begin(),
                                here.end(), std::back_inserter(differ));
  for (const Reference& reference : differ) touched_.insert(reference.key);
  for (const Reference& reference : differ) {
    if (here.contains(reference)) continue;
    ORRERY_RETURN_IF_ERROR(
        Write("DELETE FROM reference "
              "WHERE source = ?1 AND key = ?2 AND directory = ?3",
              reference));
  }
  for (const Reference& reference : differ) {
    if (!here.contains(reference)) continue;
    ORRERY_RETURN_IF_ERROR(Write(
        "INSERT OR IGNORE INTO reference VALUES (?1, ?2, ?3)", reference));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Settlement::Directories(int64_t key) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database_.Prepare("SELECT directory FROM reference WHERE source = ?1 "
                        "AND key = ?2 ORDER BY directory LIMIT ?3"));
  query.Bind(1, after_.source).Bind(2, key).Bind(3, kMaxCompared);
  std::vector<std::string> directories;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return directories;
    directories.emplace_back(query.Blob(0));
  }
}

absl::StatusOr<std::set<std::string>> Settlement::Unsettled() {
  std::set<std::string> packages = std::move(referring_);
  for (const int64_t key : touched_) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> directories,
                            Directories(key));
    for (const absl::string_view directory : directories) {
      const absl::string_view folder =
          directory.substr(0, directory.rfind('/'));
      std::string package(folder.substr(folder.rfind('/') + 1));
      packages.insert(std::move(package));
    }
  }
  return packages;
}

// Findings of `entries`, those of one package, by directory.
absl::StatusOr<std::map<std::string, std::vector<Finding>>> Settlement::Compare(
    const std::vector<IndexEntry>& entries) {
  std::vector<const ReleaseFacts*> facts;
  std::map<std::string, std::vector<Finding>> findings;
  for (const IndexEntry& entry : entries) {
    facts.push_back(&entry.facts);
    findings[entry.release->directory];
  }
  std::set<int64_t> programs;
  std::set<std::string> managers;
  for (const IndexEntry& entry : entries) {
    for (const CliBinary& binary : entry.facts.cli_binaries) {
      programs.insert(ProgramKey(binary.url));
    }
    if (entry.facts.manager.has_value()) managers.insert(*entry.facts.manager);
  }
  std::map<std::string, IndexEntry> others;
  for (const int64_t key : programs) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> directories,
                            Directories(key));
    for (const std::string& directory : directories) {
      if (findings.contains(directory) || others.contains(directory)) continue;
      ORRERY_ASSIGN_OR_RETURN(std::optional<IndexEntry> other,
                              ReadEntry(database_, after_, directory));
      if (other.has_value()) others[directory] = *std::move(other);
    }
  }
  for (const std::string& manager : managers) {
    ORRERY_ASSIGN_OR_RETURN(std::vector<IndexEntry> releases,
                            ReadPackage(database_, after_, manager));
    if (releases.empty()) continue;
    const std::string directory = releases.front().release->directory;
    if (!findings.contains(directory)) {
      others.emplace(directory, std::move(releases.front()));
    }
  }
  for (const auto& [directory, other] : others) facts.push_back(&other.facts);
  for (Finding& finding : CheckRepository(facts, Profile::kImport)) {
    const auto mine = findings.find(finding.path);
    if (mine != findings.end()) mine->second.push_back(std::move(finding));
  }
  return findings;
}

void Settlement::Count(const std::vector<IndexEntry>& entries, int64_t sign) {
  if (entries.empty()) return;
  counts_.packages += sign;
  const bool visible = std::any_of(
      entries.begin(), entries.end(),
      [](const IndexEntry& entry) { return !entry.release->hidden; });
  if (!visible) counts_.hidden += sign;
  for (const IndexEntry& entry : entries) {
    for (const auto* findings : {&entry.release->findings, &entry.compared}) {
      for (const Finding& finding : *findings) {
        if ((counts_.findings[finding.rule] += sign) == 0) {
          counts_.findings.erase(finding.rule);
        }
      }
    }
  }
}

absl::Status Settlement::Settle(const std::string& package) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<IndexEntry> old_entries,
                          ReadPackage(database_, before_, package));
  ORRERY_ASSIGN_OR_RETURN(std::vector<IndexEntry> new_entries,
                          ReadPackage(database_, after_, package));
  return SettleEntries(old_entries, std::move(new_entries));
}

absl::Status Settlement::SettleEntries(
    const std::vector<IndexEntry>& old_entries,
    std::vector<IndexEntry> new_entries) {
  ORRERY_ASSIGN_OR_RETURN(auto findings, Compare(new_entries));
  for (IndexEntry& entry : new_entries) {
    std::vector<Finding>& compared = findings[entry.release->directory];
    if (entry.compared == compared) continue;
    entry.compared = std::move(compared);
    ORRERY_RETURN_IF_ERROR(PutEntry(database_, after_, entry));
  }
  Count(old_entries, -1);
  Count(new_entries, 1);
  return absl::OkStatus();
}

}  // namespace

absl::Status SettleIndex(SqliteDatabase& database, const SourceVersion& before,
                         const SourceVersion& after,
                         const std::set<std::string>& changed,
                         SourceCounts& counts) {
  Settlement settlement(&database, before, after, &counts);
  for (const std::string& package : changed) {
    ORRERY_RETURN_IF_ERROR(settlement.Refer(package));
  }
  ORRERY_ASSIGN_OR_RETURN(const std::set<std::string> packages,
                          settlement.Unsettled());
  for (const std::string& package : packages) {
    ORRERY_RETURN_IF_ERROR(settlement.Settle(package));
  }
  return absl::OkStatus();
}

}  // namespace orrery::registry
