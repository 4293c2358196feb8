#ifndef TESTS_TESTING_LOG_DIRECTORY_H_
#define TESTS_TESTING_LOG_DIRECTORY_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/log/tile.h"
#include "signing/log/tile_reader.h"

namespace orrery::tests {

// A log as files below one directory, in the tree of trust.md §16. What cannot
// be written ends the test.
class LogDirectory final : public signing::TileSource {
 public:
  explicit LogDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }

  void Write(const std::string& name, absl::string_view bytes) const;
  absl::StatusOr<std::string> Read(const std::string& name) const;
  absl::StatusOr<std::string> ReadTile(const signing::TileId& id) override;

  // Writes the tiles and entry bundles of one publication of the log of
  // `size` leaves; gives its root.
  signing::Digest WriteTiles(
      uint64_t size, absl::FunctionRef<std::string(uint64_t)> leaf) const;

 private:
  void WriteTile(const signing::TileId& id, absl::string_view bytes) const;

  std::filesystem::path path_;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_LOG_DIRECTORY_H_
