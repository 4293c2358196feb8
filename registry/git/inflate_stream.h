#ifndef REGISTRY_GIT_INFLATE_STREAM_H_
#define REGISTRY_GIT_INFLATE_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/git/regular_file.h"

struct z_stream_s;

namespace orrery::registry {

// What zlib made small, read from a file piece by piece. Memory and time are
// bounded by what is asked for. Not thread-safe.
class InflateStream {
 public:
  InflateStream();
  ~InflateStream();
  InflateStream(InflateStream&&) noexcept;
  InflateStream& operator=(InflateStream&&) noexcept;

  // Starts at `offset` of `file`, which must outlive the reading.
  absl::Status Begin(RegularFile* file, uint64_t offset);
  // Fills `out` as far as the stream goes; how much there was. kDataLoss when
  // it is damaged or cut off.
  absl::StatusOr<size_t> Read(char* out, size_t size);
  // `begun`, which was read already, and the rest; kDataLoss unless it is
  // `size` bytes altogether, whose checksum is right.
  absl::StatusOr<std::string> ReadToEnd(std::string begun, uint64_t size);

 private:
  struct Deleter {
    void operator()(z_stream_s* stream) const;
  };

  RegularFile* file_ = nullptr;
  // Of what has not gone into the stream.
  uint64_t offset_ = 0;
  bool ended_ = false;
  std::unique_ptr<z_stream_s, Deleter> stream_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_INFLATE_STREAM_H_
