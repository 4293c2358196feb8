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

// So many keys have their witnesses at hand.
constexpr size_t kMaxWitnessed = 10000;
// So many packages of a change are read once.
constexpr size_t kMaxAtHand = 100;

// What a release names, that others may name too: the key by which they are
// found, where, and what it says of it, if anything.
struct Reference {
  int64_t key = 0;
  std::string directory;
  std::optional<std::string> said;

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
      references.insert(
          {ManagerKey(*entry.facts.manager), directory, std::nullopt});
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
  using Entries = std::map<std::string, IndexEntry>;

  absl::Status InsertPackages(int64_t key, std::set<std::string>* packages);
  absl::StatusOr<std::vector<std::string>> Witnesses(
      const std::string& url, const std::vector<IndexEntry>& mine);
  absl::Status AddWitnesses(const std::vector<IndexEntry>& mine,
                            Entries* others);
  absl::Status AddManagers(const std::vector<IndexEntry>& mine,
                           Entries* others);
  absl::Status Write(const char* sql, const Reference& reference);
  absl::StatusOr<std::map<std::string, std::vector<Finding>>> Compare(
      const std::vector<IndexEntry>& entries);
  absl::Status SettleEntries(PackageVersions entries);
  void Count(const std::vector<IndexEntry>& entries, int64_t sign);

  SqliteDatabase& database_;
  const SourceVersion& before_;
  const SourceVersion& after_;
  SourceCounts& counts_;
  // Keys about which something new is said.
  std::set<int64_t> touched_;
  // Changed packages that name something.
  std::set<std::string> referring_;
  // Some of them as they were read: nobody changes them before they are
  // settled.
  std::map<std::string, PackageVersions> at_hand_;
  // By key, where other packages had to be read to know them.
  std::map<int64_t, std::vector<std::string>> witnesses_;
};

absl::Status Settlement::Write(const char* sql, const Reference& reference) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement write, database_.Prepare(sql));
  return write.Bind(1, after_.source)
      .Bind(2, reference.key)
      .BindBlob(3, reference.directory)
      .Run();
}

absl::Status Settlement::Refer(const std::string& package) {
  ORRERY_ASSIGN_OR_RETURN(
      PackageVersions entries,
      ReadPackageVersions(database_, before_, after_, package));
  if (entries.before.empty() != entries.after.empty()) {
    touched_.insert(ManagerKey(package));
  }
  const std::set<Reference> gone = ReferencesOf(entries.before);
  const std::set<Reference> here = ReferencesOf(entries.after);
  if (gone.empty() && here.empty()) return SettleEntries(std::move(entries));
  referring_.insert(package);
  if (at_hand_.size() < kMaxAtHand) {
    at_hand_.emplace(package, std::move(entries));
  }
  std::vector<Reference> differ;
  std::set_symmetric_difference(gone.begin(), gone.end(), here.begin(),
                                here.end(), std::back_inserter(differ));
  for (const Reference& reference : differ) {
    if (reference.said.has_value()) touched_.insert(reference.key);
  }
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

absl::Status Settlement::InsertPackages(int64_t key,
                                        std::set<std::string>* packages) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement query,
                          database_.Prepare("SELECT directory FROM reference "
                                            "WHERE source = ?1 AND key = ?2"));
  query.Bind(1, after_.source).Bind(2, key);
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::OkStatus();
    const absl::string_view directory = query.Blob(0);
    const absl::string_view folder = directory.substr(0, directory.rfind('/'));
    packages->insert(std::string(folder.substr(folder.rfind('/') + 1)));
  }
}

absl::StatusOr<std::set<std::string>> Settlement::Unsettled() {
  std::set<std::string> packages = std::move(referring_);
  for (const int64_t key : touched_) {
    ORRERY_RETURN_IF_ERROR(InsertPackages(key, &packages));
  }
  return packages;
}

// The first releases, by path, that say two things of the program at `url`, or
// the first alone: all that the findings of any release about it rest on.
absl::StatusOr<std::vector<std::string>> Settlement::Witnesses(
    const std::string& url, const std::vector<IndexEntry>& mine) {
  const int64_t key = ProgramKey(url);
  const auto known = witnesses_.find(key);
  if (known != witnesses_.end()) return known->second;
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database_.Prepare("SELECT directory FROM reference WHERE source = ?1 "
                        "AND key = ?2 ORDER BY directory"));
  query.Bind(1, after_.source).Bind(2, key);
  std::vector<std::string> witnesses;
  std::optional<std::string> first;
  bool has_read = false;
  for (bool differ = false; !differ;) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) break;
    const std::string directory(query.Blob(0));
    const auto own = std::find_if(
        mine.begin(), mine.end(), [&directory](const IndexEntry& entry) {
          return entry.release->directory == directory;
        });
    std::optional<IndexEntry> other;
    if (own == mine.end()) {
      has_read = true;
      ORRERY_ASSIGN_OR_RETURN(other, ReadEntry(database_, after_, directory));
      if (!other.has_value()) continue;
    }
    const IndexEntry& entry = other.has_value() ? *other : *own;
    for (const CliBinary& binary : entry.facts.cli_binaries) {
      if (binary.url != url) continue;
      differ = first.has_value() && *first != binary.sha256;
      if (differ || !first.has_value()) witnesses.push_back(directory);
      if (!first.has_value()) first = binary.sha256;
      if (differ) break;
    }
  }
  if (has_read) {
    if (witnesses_.size() >= kMaxWitnessed) witnesses_.clear();
    witnesses_[key] = witnesses;
  }
  return witnesses;
}

absl::Status Settlement::AddWitnesses(const std::vector<IndexEntry>& mine,
                                      Entries* others) {
  std::set<std::string> urls;
  std::set<absl::string_view> own;
  for (const IndexEntry& entry : mine) {
    own.insert(entry.release->directory);
    for (const CliBinary& binary : entry.facts.cli_binaries) {
      urls.insert(binary.url);
    }
  }
  for (const std::string& url : urls) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> directories,
                            Witnesses(url, mine));
    for (const std::string& directory : directories) {
      if (own.contains(directory)) continue;
      ORRERY_ASSIGN_OR_RETURN(std::optional<IndexEntry> other,
                              ReadEntry(database_, after_, directory));
      if (other.has_value()) others->emplace(directory, *std::move(other));
    }
  }
  return absl::OkStatus();
}

absl::Status Settlement::AddManagers(const std::vector<IndexEntry>& mine,
                                     Entries* others) {
  std::set<std::string> managers;
  for (const IndexEntry& entry : mine) {
    if (entry.facts.manager.has_value()) managers.insert(*entry.facts.manager);
  }
  for (const std::string& manager : managers) {
    ORRERY_ASSIGN_OR_RETURN(std::vector<IndexEntry> releases,
                            ReadPackage(database_, after_, manager));
    if (releases.empty()) continue;
    std::string directory = releases.front().release->directory;
    others->emplace(std::move(directory), std::move(releases.front()));
  }
  return absl::OkStatus();
}

// Findings of `entries`, those of one package, by directory.
absl::StatusOr<std::map<std::string, std::vector<Finding>>> Settlement::Compare(
    const std::vector<IndexEntry>& entries) {
  std::map<std::string, std::vector<Finding>> findings;
  std::vector<const ReleaseFacts*> facts;
  for (const IndexEntry& entry : entries) {
    facts.push_back(&entry.facts);
    findings[entry.release->directory];
  }
  Entries others;
  ORRERY_RETURN_IF_ERROR(AddWitnesses(entries, &others));
  ORRERY_RETURN_IF_ERROR(AddManagers(entries, &others));
  for (const auto& [directory, other] : others) {
    if (!findings.contains(directory)) facts.push_back(&other.facts);
  }
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
  auto at_hand = at_hand_.extract(package);
  if (!at_hand.empty()) return SettleEntries(std::move(at_hand.mapped()));
  ORRERY_ASSIGN_OR_RETURN(
      PackageVersions entries,
      ReadPackageVersions(database_, before_, after_, package));
  return SettleEntries(std::move(entries));
}

absl::Status Settlement::SettleEntries(PackageVersions entries) {
  ORRERY_ASSIGN_OR_RETURN(auto findings, Compare(entries.after));
  for (IndexEntry& entry : entries.after) {
    std::vector<Finding>& compared = findings[entry.release->directory];
    if (entry.compared == compared) continue;
    entry.compared = std::move(compared);
    ORRERY_RETURN_IF_ERROR(PutCompared(database_, after_, entry));
  }
  Count(entries.before, -1);
  Count(entries.after, 1);
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
