#include "catalog/verify/bundle/bundle_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/verify/bundle/ustar.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr mode_t kMode = 0644;

}  // namespace

absl::StatusOr<std::unique_ptr<BundleWriter>> BundleWriter::Create(
    const std::string& path) {
  std::string draft = absl::StrCat(path, ".XXXXXX");
  Descriptor file(mkostemp(draft.data(), O_CLOEXEC));
  if (!file.is_open()) {
    return absl::UnavailableError(FileFailure(path, errno).message());
  }
  return std::unique_ptr<BundleWriter>(
      new BundleWriter(path, std::move(draft), std::move(file)));
}

BundleWriter::~BundleWriter() {
  if (!draft_.empty()) unlink(draft_.c_str());
}

absl::Status BundleWriter::Append(absl::string_view bytes) {
  ORRERY_RETURN_IF_ERROR(WriteAll(file_.number(), path_, bytes));
  bytes_ += static_cast<int64_t>(bytes.size());
  return absl::OkStatus();
}

absl::Status BundleWriter::TakeBack(int64_t bytes) {
  if (ftruncate(file_.number(), bytes) != 0 ||
      lseek(file_.number(), bytes, SEEK_SET) != bytes) {
    return absl::UnavailableError(FileFailure(path_, errno).message());
  }
  bytes_ = bytes;
  return absl::OkStatus();
}

absl::Status BundleWriter::Add(absl::string_view path,
                               absl::string_view bytes) {
  return AddPieces(path, [&](TakePiece take) { return take(bytes); });
}

absl::Status BundleWriter::AddPieces(
    absl::string_view path,
    absl::FunctionRef<absl::Status(TakePiece take)> give) {
  const int64_t start = bytes_;
  ORRERY_RETURN_IF_ERROR(Append(std::string(kUstarBlock, '\0')));
  const absl::Status given =
      give([&](absl::string_view piece) { return Append(piece); });
  if (!given.ok()) {
    ORRERY_RETURN_IF_ERROR(TakeBack(start));
    return given;
  }
  const int64_t size = bytes_ - start - static_cast<int64_t>(kUstarBlock);
  if (size > kMaxUstarBytes) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " has ", size, " bytes, more than a bundle holds"));
  }
  ORRERY_RETURN_IF_ERROR(Append(std::string(UstarPadding(size), '\0')));
  const std::string header = FormatUstarHeader({std::string(path), size});
  if (pwrite(file_.number(), header.data(), header.size(), start) !=
      static_cast<ssize_t>(header.size())) {
    return absl::UnavailableError(FileFailure(path_, errno).message());
  }
  return absl::OkStatus();
}

absl::Status BundleWriter::Finish() {
  ORRERY_RETURN_IF_ERROR(Append(std::string(kUstarEnd, '\0')));
  if (fchmod(file_.number(), kMode) != 0 || fsync(file_.number()) != 0 ||
      std::rename(draft_.c_str(), path_.c_str()) != 0) {
    return absl::UnavailableError(FileFailure(path_, errno).message());
  }
  draft_.clear();
  return SyncDirectory(ParentOf(path_));
}

}  // namespace orrery::catalog
