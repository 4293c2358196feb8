#include "registry/judge/package_tree.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "registry/format/file_mode.h"
#include "registry/format/release_path.h"
#include "registry/status/error_details.h"
#include "resolver/package_name.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Reads directories under one budget of entries.
class TreeWalk {
 public:
  TreeWalk(const GitRepository* repository, const TreeLimits& limits,
           const Interruption* interrupted)
      : repository_(*repository), limits_(limits), interrupted_(*interrupted) {}

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
  const Interruption& interrupted_;
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

// Two entries of one name, or one whose name looks like a path, would be
// confused with others. Git writes neither.
absl::Status CheckNames(const std::vector<TreeEntry>& sorted) {
  const auto twice = std::adjacent_find(
      sorted.begin(), sorted.end(),
      [](const TreeEntry& a, const TreeEntry& b) { return a.name == b.name; });
  if (twice != sorted.end()) {
    return absl::DataLossError(absl::StrCat(
        "the folder holds \"", absl::CHexEscape(twice->name), "\" twice"));
  }
  for (const TreeEntry& entry : sorted) {
    if (!absl::StrContains(entry.name, '/')) continue;
    return absl::DataLossError(absl::StrCat("the name \"",
                                            absl::CHexEscape(entry.name),
                                            "\" in the folder has a slash"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TreeEntry>> TreeWalk::SortedEntries(
    const std::string& path, const std::optional<ObjectId>& id) {
  if (!id.has_value()) return std::vector<TreeEntry>();
  ORRERY_RETURN_IF_ERROR(interrupted_());
  absl::StatusOr<std::vector<TreeEntry>> read =
      repository_.ReadTree(*id, limits_.max_tree_bytes);
  if (!read.ok()) return AtPlace(path, read.status());
  std::vector<TreeEntry> entries = *std::move(read);
  entries_ += entries.size();
  if (entries_ > limits_.max_entries) {
    return AtPlace(path, absl::ResourceExhaustedError(absl::StrCat(
                             "here the folder of packages goes beyond ",
                             limits_.max_entries, " entries")));
  }
  std::sort(
      entries.begin(), entries.end(),
      [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
  if (const absl::Status names = CheckNames(entries); !names.ok()) {
    return AtPlace(path, names);
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

absl::Status AtPlace(absl::string_view path, const absl::Status& status) {
  return WithPrefix(absl::StrCat(PrintablePath(path), ": "), status);
}

absl::StatusOr<std::optional<ObjectId>> FindTree(
    const GitRepository& repository, const ObjectId& root,
    absl::string_view path, const TreeLimits& limits) {
  ObjectId tree = root;
  std::string folder = "the root folder";
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    const absl::StatusOr<std::optional<TreeEntry>> found =
        repository.FindInTree(tree, part, limits.max_way_bytes);
    if (!found.ok()) return AtPlace(folder, found.status());
    if (!found->has_value() || (*found)->mode != kTreeMode) return std::nullopt;
    tree = (*found)->id;
    folder = std::string(path.substr(
        0, static_cast<size_t>(part.data() - path.data()) + part.size()));
  }
  return tree;
}

absl::StatusOr<std::vector<PackageTreeChange>> DiffPackageTrees(
    const GitRepository& repository, absl::string_view packages_path,
    const std::optional<ObjectId>& before, const std::optional<ObjectId>& after,
    const TreeLimits& limits, const Interruption& interrupted) {
  TreeWalk walk(&repository, limits, &interrupted);
  ORRERY_RETURN_IF_ERROR(
      walk.Compare(std::string(packages_path), 1, before, after));
  return walk.TakeChanges();
}

}  // namespace orrery::registry
