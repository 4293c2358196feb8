#include "registry/judge/signed_release.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/file_mode.h"
#include "registry/format/finding.h"
#include "registry/format/pin_agreement.h"
#include "registry/format/release_files.h"
#include "registry/judge/content_packer.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/release.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::RefusalCode;
using signing::Refuse;

constexpr char kRecordAnew[] =
    "remove the record and its signatures, which are not logged yet, and "
    "record the release again";

bool IsRegular(const ReleaseContent& file) {
  return file.mode == kFileMode || file.mode == kExecutableMode;
}

// The files of the directory against the lines of the record. `is_missing` is
// set when what is wrong is that a file is not there yet.
absl::Status CompareFiles(const signing::RevisionContent& content,
                          const Release& release, bool& is_missing) {
  for (const signing::ContentFile& file : content.files) {
    const ReleaseContent* const found = FindFile(release, file.path);
    if (found == nullptr) {
      is_missing = true;
      return Refuse(RefusalCode::kContentUnlisted,
                    absl::StrCat(release.directory, " has no ", file.path,
                                 ", which the record lists"));
    }
    if (!IsRegular(*found)) {
      return Refuse(RefusalCode::kContentPath,
                    absl::StrCat(release.directory, "/", file.path,
                                 " is no regular file"));
    }
    if (found->digest != file.digest) {
      return Refuse(
          RefusalCode::kContentDigest,
          absl::StrCat(release.directory, "/", file.path,
                       " is not the file "
                       "that was signed: the record has sha256:",
                       file.digest.Hex(), ", the commit has ",
                       found->digest.has_value()
                           ? absl::StrCat("sha256:", found->digest->Hex())
                           : "one that is too large",
                       "; put the signed file back, or ", kRecordAnew));
    }
    // Clients look at the length first.
    if (static_cast<int64_t>(found->size) != file.bytes) {
      return Refuse(RefusalCode::kContentSize,
                    absl::StrCat(release.directory, "/", file.path, " has ",
                                 found->size, " bytes, not ", file.bytes,
                                 " as the record says: ", kRecordAnew));
    }
  }
  for (const ReleaseContent& file : release.files) {
    const bool is_listed = std::any_of(
        content.files.begin(), content.files.end(),
        [&](const signing::ContentFile& f) { return f.path == file.name; });
    if (is_listed) continue;
    return Refuse(
        RefusalCode::kContentUnlisted,
        absl::StrCat(release.directory, "/", file.name,
                     " is not in the record: take it away, or ", kRecordAnew));
  }
  return absl::OkStatus();
}

// What the registry's own rules say of it.
absl::Status CheckVerdict(const IndexEntry& entry) {
  if (entry.verdict == Verdict::kServed) return absl::OkStatus();
  for (const Finding& finding : entry.release->findings) {
    if (!finding.refuses) continue;
    return Refuse(
        signing::ParseRefusalName(finding.rule)
            .value_or(RefusalCode::kContentIdentity),
        absl::StrCat(
            finding.path,
            finding.line.has_value() ? absl::StrCat(":", *finding.line) : "",
            ": ", finding.text, " (", finding.rule, ")"));
  }
  return Refuse(RefusalCode::kContentIdentity,
                absl::StrCat(entry.release->directory, " is no release"));
}

// That the record says of the release what its files say.
absl::Status CheckSameAs(const signing::RevisionContent& content,
                         const IndexEntry& entry) {
  if (content.version != entry.release->version) {
    return Refuse(RefusalCode::kContentIdentity,
                  absl::StrCat("the record has version ", content.version,
                               ", package.json has ", entry.release->version));
  }
  if (content.requirements != entry.facts.requirements) {
    return Refuse(
        RefusalCode::kContentIdentity,
        absl::StrCat("the record requires [",
                     absl::StrJoin(content.requirements, ", "),
                     "], relations.json [",
                     absl::StrJoin(entry.facts.requirements, ", "), "]"));
  }
  return absl::OkStatus();
}

// Against artifacts.json; what is no refusal could not be read.
absl::Status CheckPinsIn(const GitRepository& repository,
                         const ObjectId& directory,
                         const signing::RevisionContent& content,
                         const TreeLimits& limits) {
  if (content.assets.empty() && content.images.empty()) {
    return absl::OkStatus();
  }
  const auto read = [&](absl::string_view name) -> absl::StatusOr<std::string> {
    ORRERY_ASSIGN_OR_RETURN(
        const std::optional<TreeEntry> file,
        repository.FindInTree(directory, name, limits.max_tree_bytes));
    if (!file.has_value()) return "";
    return repository.ReadBlob(file->id);
  };
  ORRERY_ASSIGN_OR_RETURN(const std::string artifacts, read(kArtifactsFile));
  if (artifacts.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const std::string resource, read(kResourceFile));
  return CheckPins(content, artifacts, resource);
}

}  // namespace

absl::StatusOr<SignedReleaseVerdict> JudgeSignedRelease(
    const GitRepository& repository, const ObjectId& root,
    const std::string& directory, const JudgedSource& source,
    const signing::RevisionContent& content, const TreeLimits& limits) {
  SignedReleaseVerdict result;
  StatementVerdict& verdict = result.verdict;
  ORRERY_ASSIGN_OR_RETURN(const std::optional<ObjectId> tree,
                          FindTree(repository, root, directory, limits));
  if (!tree.has_value()) {
    verdict = {Refuse(RefusalCode::kContentUnlisted,
                      absl::StrCat("there is no release directory ", directory,
                                   " yet")),
               true};
    return result;
  }
  ContentClaims claims;
  ContentPacker packer;
  ORRERY_ASSIGN_OR_RETURN(
      JudgedEntry judged,
      JudgeTreeEntry(repository, {directory, 3, kTreeMode, *tree}, source,
                     claims, packer));
  if (!judged.entry.has_value()) {
    verdict.status =
        Refuse(RefusalCode::kContentPath,
               absl::StrCat(directory, " is no release directory"));
    return result;
  }
  verdict.status =
      CompareFiles(content, *judged.entry->release, verdict.is_pending);
  if (verdict.status.ok()) verdict.status = CheckVerdict(*judged.entry);
  if (verdict.status.ok()) verdict.status = CheckSameAs(content, *judged.entry);
  if (verdict.status.ok()) {
    verdict.status = CheckPinsIn(repository, *tree, content, limits);
    const bool is_unread =
        !verdict.status.ok() && !signing::RefusalOf(verdict.status).has_value();
    if (is_unread) return verdict.status;
  }
  result.release = {directory, std::move(judged)};
  return result;
}

}  // namespace orrery::registry
