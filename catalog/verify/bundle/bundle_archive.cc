#include "catalog/verify/bundle/bundle_archive.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/verify/bundle/bundle_signature.h"
#include "catalog/verify/bundle/ustar.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::At;

constexpr int64_t kPiece = int64_t{1} << 20;
// Longer than any line that names a file of a mirror.
constexpr int64_t kMaxLine = 256;
constexpr int64_t kMaxManifestBytes =
    kMaxLine * static_cast<int64_t>(kMaxBundleMembers);
constexpr int64_t kMaxSignatureBytes = int64_t{64} << 10;

absl::Status Bad(absl::string_view why) {
  return signing::Refuse(signing::RefusalCode::kBundleManifest, why);
}

bool IsZero(absl::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char byte) { return byte == '\0'; });
}

class ArchiveReader {
 public:
  ArchiveReader(int64_t size, ReadArchive read,
                std::span<const signing::SshKey> exporters)
      : size_(size), read_(read), exporters_(exporters) {}

  absl::StatusOr<std::vector<ArchivedFile>> Run() {
    ORRERY_ASSIGN_OR_RETURN(const std::string manifest, ReadManifest());
    ORRERY_ASSIGN_OR_RETURN(std::optional<UstarMember> header, ReadHeader());
    std::optional<std::string> signature;
    if (header.has_value() && header->path == kBundleSignature) {
      ORRERY_ASSIGN_OR_RETURN(signature,
                              ReadSmall(*header, kMaxSignatureBytes));
      ORRERY_ASSIGN_OR_RETURN(header, ReadHeader());
    }
    if (!exporters_.empty()) {
      ORRERY_RETURN_IF_ERROR(
          CheckBundleSignature(manifest, signature, exporters_));
    }
    ORRERY_ASSIGN_OR_RETURN(const std::vector<BundleMember> members,
                            ParseBundleManifest(manifest));
    std::vector<ArchivedFile> files;
    for (const BundleMember& member : members) {
      ORRERY_RETURN_IF_ERROR(CheckIsNext(header, member));
      ORRERY_ASSIGN_OR_RETURN(ArchivedFile file, TakeFile(*header, member));
      files.push_back(std::move(file));
      ORRERY_ASSIGN_OR_RETURN(header, ReadHeader());
    }
    if (header.has_value()) {
      return Bad(absl::StrCat(header->path, " is not listed"));
    }
    ORRERY_RETURN_IF_ERROR(CheckEnd());
    return files;
  }

 private:
  absl::StatusOr<std::string> ReadManifest() {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<UstarMember> header,
                            ReadHeader());
    if (!header.has_value() || header->path != kBundleManifest) {
      return Bad(absl::StrCat("the first member is not ", kBundleManifest));
    }
    return ReadSmall(*header, kMaxManifestBytes);
  }

  // The next bytes.
  absl::StatusOr<std::string> Take(int64_t bytes) {
    if (bytes > size_ - offset_) {
      return Bad(absl::StrCat("ends after ", size_,
                              " bytes, in the middle of a member"));
    }
    ORRERY_ASSIGN_OR_RETURN(std::string taken, read_(offset_, bytes));
    offset_ += bytes;
    return taken;
  }

  absl::StatusOr<std::optional<UstarMember>> ReadHeader() {
    ORRERY_ASSIGN_OR_RETURN(const std::string block, Take(kUstarBlock));
    auto header = ParseUstarHeader(block);
    if (header.ok()) return header;
    return Bad(absl::StrCat("the member at byte ", offset_ - kUstarBlock, " ",
                            header.status().message()));
  }

  absl::Status SkipPadding(int64_t bytes) {
    ORRERY_ASSIGN_OR_RETURN(const std::string padding,
                            Take(static_cast<int64_t>(UstarPadding(bytes))));
    if (IsZero(padding)) return absl::OkStatus();
    return Bad("a member is filled up with other bytes than zeros");
  }

  absl::StatusOr<std::string> ReadSmall(const UstarMember& header,
                                        int64_t max_bytes) {
    if (header.bytes > max_bytes) {
      return Bad(absl::StrCat(header.path, " has ", header.bytes,
                              " bytes, more than the ", max_bytes,
                              " that it may"));
    }
    ORRERY_ASSIGN_OR_RETURN(std::string bytes, Take(header.bytes));
    ORRERY_RETURN_IF_ERROR(SkipPadding(header.bytes));
    return bytes;
  }

  // What comes twice, is not listed or stands elsewhere is not the next.
  static absl::Status CheckIsNext(const std::optional<UstarMember>& header,
                                  const BundleMember& member) {
    if (!header.has_value()) {
      return Bad(absl::StrCat(member.path, " is listed and not there"));
    }
    if (header->path == member.path) return absl::OkStatus();
    return Bad(absl::StrCat("where the list has ", member.path, " there is \"",
                            header->path, "\""));
  }

  absl::StatusOr<ArchivedFile> TakeFile(const UstarMember& header,
                                        const BundleMember& member) {
    ArchivedFile file{member, offset_, header.bytes};
    signing::DigestBuilder digest;
    for (int64_t left = header.bytes; left > 0;) {
      const int64_t piece = std::min(left, kPiece);
      ORRERY_ASSIGN_OR_RETURN(const std::string bytes, Take(piece));
      digest.Add(bytes);
      left -= piece;
    }
    if (digest.Finish() != member.digest) {
      return Bad(
          absl::StrCat(member.path, " has another digest than is ", "listed"));
    }
    ORRERY_RETURN_IF_ERROR(SkipPadding(header.bytes));
    return file;
  }

  // A second block of zeros; writers may fill up with more.
  absl::Status CheckEnd() {
    if (size_ - offset_ < static_cast<int64_t>(kUstarBlock)) {
      return Bad("has no end of an archive");
    }
    while (offset_ < size_) {
      ORRERY_ASSIGN_OR_RETURN(const std::string rest,
                              Take(std::min(size_ - offset_, kPiece)));
      if (!IsZero(rest)) return Bad("has more after its end");
    }
    return absl::OkStatus();
  }

  const int64_t size_;
  const ReadArchive read_;
  const std::span<const signing::SshKey> exporters_;
  int64_t offset_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<ArchivedFile>> ReadBundleArchive(
    int64_t size, ReadArchive read,
    std::span<const signing::SshKey> exporters) {
  return ArchiveReader(size, read, exporters).Run();
}

}  // namespace orrery::catalog
