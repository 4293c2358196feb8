// The stored form of contents: one zstd frame each.

#ifndef REGISTRY_JUDGE_CONTENT_PACKER_H_
#define REGISTRY_JUDGE_CONTENT_PACKER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct ZSTD_CCtx_s;

namespace orrery::registry {

// Not thread-safe: one for each thread.
class ContentPacker {
 public:
  ContentPacker();

  std::string Pack(absl::string_view bytes);

 private:
  struct Deleter {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Deleter> context_;
  // Room for the largest that was packed.
  std::string room_;
};

// kDataLoss unless `packed` is a frame of exactly `size` bytes.
absl::StatusOr<std::string> UnpackContent(absl::string_view packed,
                                          uint64_t size);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_CONTENT_PACKER_H_
