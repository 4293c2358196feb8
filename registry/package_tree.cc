#include "registry/package_tree.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "resolver/package_name.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Reads directories under one budget of entries.
class TreeWalk {
 public:
  TreeWalk(const GitRepository* repository, const TreeLimits& limits)
      : repository_(*repository), limits_(limits) {}

  absl::Status Compare(const std::string& path, int depth,
                       const std::optional<ObjectId>& before,
                       const std::optional<ObjectId>& after);

  std::vector<PackageTreeChange> TakeChanges() { return std::move(changes_); }

 private:
  absl::StatusOr<std::vector<TreeEntry>> SortedEntries(
      const std::string& path, const std::optional<ObjectId>& id);
  absl::Status CompareEntries(const std::string& path, int depth,
                              const TreeEntry* before, const TreeEntry* after);

  const GitRepository& repository_;
  const TreeLimits limits_;
  size_t entries_ = 0;
  std::vector<PackageTreeChange> changes_;
};

absl::string_view LastPart(absl::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// Whether the layout goes on below an entry: `<L>` at depth 1, `<name>` of that
// letter at depth 2.
bool Descends(const std::string& parent, int depth, const TreeEntry& entry) {
  if (entry.mode != kTreeMode) return false;
  if (depth == 1) {
    return entry.name.size() == 1 && absl::ascii_isupper(entry.name[0]);
  }
  return depth == 2 && resolver::PackageName::Parse(entry.name).ok() &&
         LastPart(parent)[0] == absl::ascii_toupper(entry.name[0]);
}

absl::StatusOr<std::vector<TreeEntry>> TreeWalk::SortedEntries(
    const std::string& path, const std::optional<ObjectId>& id) {
  if (!id.has_value()) return std::vector<TreeEntry>();
  ORRERY_ASSIGN_OR_RETURN(std::vector<TreeEntry> entries,
                          repository_.ReadTree(*id, limits_.max_tree_bytes));
  entries_ += entries.size();
  if (entries_ > limits_.max_entries) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the folder of packages has more than ",
                     limits_.max_entries, " entries (reached in ", path, ")"));
  }
  std::sort(
      entries.begin(), entries.end(),
      [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(
      entries.begin(), entries.end(),
      [](const TreeEntry& a, const TreeEntry& b) { return a.name == b.name; });
  if (twice != entries.end()) {
    return absl::DataLossError(
        absl::StrCat("tree ", id->Hex(), " at ", path, " holds \"",
                     absl::CHexEscape(twice->name), "\" twice"));
  }
  return entries;
}

absl::Status TreeWalk::Compare(const std::string& path, int depth,
                               const std::optional<ObjectId>& before,
                               const std::optional<ObjectId>& after) {
  if (before == after) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const std::vector<TreeEntry> old_entries,
                          SortedEntries(path, before));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<TreeEntry> new_entries,
                          SortedEntries(path, after));
  auto old_entry = old_entries.begin();
  auto new_entry = new_entries.begin();
  while (old_entry != old_entries.end() || new_entry != new_entries.end()) {
    const bool take_old =
        new_entry == new_entries.end() ||
        (old_entry != old_entries.end() && old_entry->name <= new_entry->name);
    const bool take_new =
        old_entry == old_entries.end() ||
        (new_entry != new_entries.end() && new_entry->name <= old_entry->name);
    ORRERY_RETURN_IF_ERROR(CompareEntries(path, depth,
                                          take_old ? &*old_entry : nullptr,
                                          take_new ? &*new_entry : nullptr));
    if (take_old) ++old_entry;
    if (take_new) ++new_entry;
  }
  return absl::OkStatus();
}

absl::Status TreeWalk::CompareEntries(const std::string& path, int depth,
                                      const TreeEntry* before,
                                      const TreeEntry* after) {
  if (before != nullptr && after != nullptr && *before == *after) {
    return absl::OkStatus();
  }
  const std::string child =
      absl::StrCat(path, "/", (after != nullptr ? after : before)->name);
  std::optional<ObjectId> old_folder;
  std::optional<ObjectId> new_folder;
  PackageTreeChange change;
  if (before != nullptr && Descends(path, depth, *before)) {
    old_folder = before->id;
  } else if (before != nullptr) {
    change.before = {child, depth, before->mode, before->id};
  }
  if (after != nullptr && Descends(path, depth, *after)) {
    new_folder = after->id;
  } else if (after != nullptr) {
    change.after = {child, depth, after->mode, after->id};
  }
  if (change.before.has_value() || change.after.has_value()) {
    changes_.push_back(std::move(change));
  }
  return Compare(child, depth + 1, old_folder, new_folder);
}

}  // namespace

std::string PackagesPath(absl::string_view subdir) {
  return subdir.empty() ? "repo/packages"
                        : absl::StrCat(subdir, "/repo/packages");
}

absl::StatusOr<std::optional<ObjectId>> FindTree(
    const GitRepository& repository, const ObjectId& root,
    absl::string_view path, const TreeLimits& limits) {
  ObjectId tree = root;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries,
                            repository.ReadTree(tree, limits.max_tree_bytes));
    const auto found = std::find_if(
        entries.begin(), entries.end(), [&](const TreeEntry& entry) {
          return entry.name == part && entry.mode == kTreeMode;
        });
    if (found == entries.end()) return std::nullopt;
    tree = found->id;
  }
  return tree;
}

absl::StatusOr<std::vector<PackageTreeChange>> DiffPackageTrees(
    const GitRepository& repository, absl::string_view packages_path,
    const std::optional<ObjectId>& before, const std::optional<ObjectId>& after,
    const TreeLimits& limits) {
  TreeWalk walk(&repository, limits);
  ORRERY_RETURN_IF_ERROR(
      walk.Compare(std::string(packages_path), 1, before, after));
  return walk.TakeChanges();
}

}  // namespace orrery::registry
