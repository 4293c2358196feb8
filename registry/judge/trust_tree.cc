#include "registry/judge/trust_tree.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "registry/format/file_mode.h"
#include "signing/field.h"
#include "signing/record/statement_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

struct Folder {
  ObjectId id;
  uint32_t mode = 0;

  bool operator==(const Folder&) const = default;
};

// Links in the places of folders are among them.
using Folders = std::map<std::string, Folder>;

bool IsLink(uint32_t mode) {
  return mode == kLinkMode || mode == kSubmoduleMode;
}

absl::StatusOr<Folders> FoldersIn(const GitRepository& repository,
                                  const std::optional<ObjectId>& tree,
                                  const TreeLimits& limits) {
  Folders folders;
  if (!tree.has_value()) return folders;
  ORRERY_ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries,
                          repository.ReadTree(*tree, limits.max_tree_bytes));
  for (const TreeEntry& entry : entries) {
    if (entry.mode == kTreeMode || IsLink(entry.mode)) {
      folders[entry.name] = {entry.id, entry.mode};
    }
  }
  return folders;
}

// Names that are not the same in both.
struct Difference {
  std::optional<Folder> before;
  std::optional<Folder> after;
};

std::optional<ObjectId> TreeOf(const std::optional<Folder>& folder) {
  if (!folder.has_value() || folder->mode != kTreeMode) return std::nullopt;
  return folder->id;
}

std::map<std::string, Difference> Differences(const Folders& before,
                                              const Folders& after) {
  std::map<std::string, Difference> differences;
  for (const auto& [name, folder] : before) differences[name].before = folder;
  for (const auto& [name, folder] : after) differences[name].after = folder;
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
    ORRERY_ASSIGN_OR_RETURN(const auto scoped,
                            Compare(repository, TreeOf(difference.before),
                                    TreeOf(difference.after), limits));
    for (const auto& [base, unused] : scoped) {
      const std::string package = absl::StrCat(name, "/", base);
      if (signing::CheckPackageName(package).ok()) changed.insert(package);
    }
  }
  return changed;
}

absl::StatusOr<std::string> FindLink(const GitRepository& repository,
                                     const ObjectId& root,
                                     absl::string_view path,
                                     const TreeLimits& limits) {
  ObjectId tree = root;
  std::string way;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    absl::StrAppend(&way, way.empty() ? "" : "/", part);
    ORRERY_ASSIGN_OR_RETURN(
        const std::optional<TreeEntry> entry,
        repository.FindInTree(tree, part, limits.max_way_bytes));
    if (entry.has_value() && IsLink(entry->mode)) return way;
    if (!entry.has_value() || entry->mode != kTreeMode) break;
    tree = entry->id;
  }
  return std::string();
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
