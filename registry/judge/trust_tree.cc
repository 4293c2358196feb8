#include "registry/judge/trust_tree.h"

#include "absl/strings/str_cat.h"

#include "registry/format/file_mode.h"
#include "signing/field.h"
#include "signing/record/statement_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using Folders = std::map<std::string, ObjectId>;

absl::StatusOr<Folders> FoldersIn(const GitRepository& repository,
                                  const std::optional<ObjectId>& tree,
                                  const TreeLimits& limits) {
  Folders folders;
  if (!tree.has_value()) return folders;
  ORRERY_ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries,
                          repository.ReadTree(*tree, limits.max_tree_bytes));
  for (const TreeEntry& entry : entries) {
    if (entry.mode == kTreeMode) folders[entry.name] = entry.id;
  }
  return folders;
}

// Names that are not the same in both, with their trees.
struct Difference {
  std::optional<ObjectId> before;
  std::optional<ObjectId> after;
};

std::map<std::string, Difference> Differences(const Folders& before,
                                              const Folders& after) {
  std::map<std::string, Difference> differences;
  for (const auto& [name, id] : before) differences[name].before = id;
  for (const auto& [name, id] : after) differences[name].after = id;
  std::erase_if(differences, [](const auto& entry) {
    return entry.second.before == entry.second.after;
  });
  return differences;
}

absl::StatusOr<std::map<std::string, Difference>> Compare(
    const GitRepository& repository, const std::optional<ObjectId>& before,
    const std::optional<ObjectId>& after, const TreeLimits& limits) {
  ORRERY_ASSIGN_OR_RETURN(const Folders old,
                          FoldersIn(repository, before, limits));
  ORRERY_ASSIGN_OR_RETURN(const Folders now,
                          FoldersIn(repository, after, limits));
  return Differences(old, now);
}

bool IsFile(const TreeEntry& entry) {
  return entry.mode == kFileMode || entry.mode == kExecutableMode;
}

}  // namespace

std::string TrustPath(absl::string_view subdir) {
  return absl::StrCat(subdir, subdir.empty() ? "" : "/", "trust");
}

absl::StatusOr<std::set<std::string>> ChangedStatements(
    const GitRepository& repository, const std::optional<ObjectId>& before,
    const std::optional<ObjectId>& after, const TreeLimits& limits) {
  std::set<std::string> changed;
  if (before == after) return changed;
  ORRERY_ASSIGN_OR_RETURN(const auto names,
                          Compare(repository, before, after, limits));
  for (const auto& [name, difference] : names) {
    if (!signing::CheckPackageName(name).ok()) continue;
    changed.insert(name);
    // It may be a scope, too.
    ORRERY_ASSIGN_OR_RETURN(
        const auto scoped,
        Compare(repository, difference.before, difference.after, limits));
    for (const auto& [base, unused] : scoped) {
      const std::string package = absl::StrCat(name, "/", base);
      if (signing::CheckPackageName(package).ok()) changed.insert(package);
    }
  }
  return changed;
}

absl::StatusOr<std::map<int64_t, StatementBlobs>> ReadStatements(
    const GitRepository& repository, const std::optional<ObjectId>& trust,
    absl::string_view package, const TreeLimits& limits) {
  std::map<int64_t, StatementBlobs> statements;
  if (!trust.has_value()) return statements;
  ORRERY_ASSIGN_OR_RETURN(const std::optional<ObjectId> folder,
                          FindTree(repository, *trust, package, limits));
  if (!folder.has_value()) return statements;
  ORRERY_ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries,
                          repository.ReadTree(*folder, limits.max_tree_bytes));
  for (const TreeEntry& entry : entries) {
    const auto file = signing::ParseStatementFileName(entry.name);
    if (!file.has_value()) continue;
    StatementBlobs& blobs = statements[file->seq];
    if (!IsFile(entry)) {
      blobs.irregular = entry.name;
    } else if (!file->is_signature) {
      blobs.statement = entry.id;
    } else if (blobs.signatures.size() <= signing::kMaxSignatureFiles) {
      blobs.signatures.emplace_back(entry.name, entry.id);
    }
  }
  return statements;
}

}  // namespace orrery::registry
