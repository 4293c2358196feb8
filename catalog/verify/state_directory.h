// What a client has seen of one registry, on disk (spec: trust.md §13).

#ifndef CATALOG_VERIFY_STATE_DIRECTORY_H_
#define CATALOG_VERIFY_STATE_DIRECTORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/verify/stored_file.h"
#include "signing/client/refresh.h"

namespace orrery::catalog {

// Held exclusively while it lives, over all processes. The directory appears
// whole, with its first checkpoint: one without a checkpoint is corrupt.
class StateDirectory final : public signing::ClientStateStore {
 public:
  // Makes what is above `path`, an absolute path. state.lock after `timeout`,
  // state.corrupt for what others may write to, state.write.
  static absl::StatusOr<std::unique_ptr<StateDirectory>> Lock(
      const std::string& path, absl::Duration timeout);

  absl::StatusOr<std::optional<std::string>> Read() override;
  absl::Status Write(absl::string_view bytes) override;
  absl::StatusOr<std::optional<std::string>> ReadReplayed() override;
  absl::Status WriteReplayed(absl::string_view bytes) override;
  std::optional<std::string> ReadSound() override;
  absl::Status WriteSound(absl::string_view bytes) override;
  // Requires that something was written, now or ever.
  absl::Status Keep(const signing::ForkEvidence& evidence) override;

  // How many leaves the user was told the news of; nullopt if that is not
  // known. Never goes back.
  std::optional<int64_t> ReadTold();
  absl::Status WriteTold(int64_t leaves);

 private:
  explicit StateDirectory(std::string path) : path_(std::move(path)) {}

  absl::Status WriteFirst(absl::string_view bytes);
  // nullopt if there is no such file. state.corrupt.
  absl::StatusOr<std::optional<std::string>> ReadOwn(const std::string& name);
  // Of a file that may be lost: nullopt as well for what cannot be read.
  std::optional<std::string> ReadWeightless(const std::string& name);

  const std::string path_;
  // Of the directory's own lock; before the first checkpoint of the directory
  // above, where it is to appear.
  Descriptor lock_;
  bool exists_ = false;
};

// The names of evidence in the state directory `path`, sorted, that nobody has
// acknowledged. state.corrupt if the directory cannot be read.
absl::StatusOr<std::vector<std::string>> UnacknowledgedEvidence(
    const std::string& path);

// Acknowledges one of those names; kNotFound if there is no such evidence.
// Twice is once.
absl::Status AcknowledgeEvidence(const std::string& path,
                                 absl::string_view name);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_STATE_DIRECTORY_H_
