#ifndef CATALOG_VERIFY_BUNDLE_BUNDLE_WRITER_H_
#define CATALOG_VERIFY_BUNDLE_BUNDLE_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/file_tree.h"
#include "catalog/verify/stored_file.h"

namespace orrery::catalog {

// Writes a ustar archive beside its path, and puts it there when it is whole:
// who looks at the path sees nothing, or what was there, or all of it. Failures
// of the disk are kUnavailable and begin with the path.
class BundleWriter {
 public:
  static absl::StatusOr<std::unique_ptr<BundleWriter>> Create(
      const std::string& path);
  // Without Finish nothing is left.
  ~BundleWriter();
  BundleWriter(const BundleWriter&) = delete;
  BundleWriter& operator=(const BundleWriter&) = delete;

  absl::Status Add(absl::string_view path, absl::string_view bytes);
  // A file whose size is known at its end: `give` hands its pieces on. If it
  // fails, the file is not in the archive.
  absl::Status AddPieces(absl::string_view path,
                         absl::FunctionRef<absl::Status(TakePiece take)> give);
  // Ends the archive; durable when it returns.
  absl::Status Finish();

  // Written so far.
  int64_t bytes() const { return bytes_; }

 private:
  BundleWriter(std::string path, std::string draft, Descriptor file)
      : path_(std::move(path)),
        draft_(std::move(draft)),
        file_(std::move(file)) {}

  absl::Status Append(absl::string_view bytes);
  // Down to `bytes`.
  absl::Status TakeBack(int64_t bytes);

  const std::string path_;
  // Empty once it is in its place.
  std::string draft_;
  Descriptor file_;
  int64_t bytes_ = 0;
};

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_BUNDLE_WRITER_H_
