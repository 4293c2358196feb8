// A registry's log as clients see it, signed by the keys of the worked example
// (spec: trust.md §26).

#ifndef SIGNING_REPLAY_PUBLISHED_LOG_TESTING_H_
#define SIGNING_REPLAY_PUBLISHED_LOG_TESTING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/log/tile_reader.h"
#include "signing/replay/replay.h"

namespace orrery::signing {

class PublishedLog final : public TileSource {
 public:
  explicit PublishedLog(absl::string_view origin = "registry.example/main")
      : replay_(origin) {}

  void Append(absl::string_view leaf);
  // An index leaf with the catalog so far.
  void AppendIndex(int64_t unix_seconds);

  // The checkpoint of what is there, cosigned by the timestamper at a time.
  std::string CheckpointNote(int64_t unix_seconds) const;
  const std::vector<std::string>& leaves() const { return leaves_; }

  // Of all sizes so far.
  absl::StatusOr<std::string> ReadTile(const TileId& id) override;

 private:
  Replay replay_;
  std::vector<std::string> leaves_;
};

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_PUBLISHED_LOG_TESTING_H_
