// Any bytes as a pack with its index, which a repository that others write
// holds: each object is read within the bounds, or refused.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "registry/git/git_object.h"
#include "registry/git/pack_file.h"

namespace {

using orrery::registry::ObjectId;
using orrery::registry::PackFile;

constexpr size_t kMaxBytes = 1 << 20;
// An input says how long the index is before the pack.
constexpr size_t kLengthBytes = 3;
constexpr size_t kMaxObjects = 16;
constexpr size_t kIdBytes = 20;

// Not assert: the optimised build is fuzzed too.
void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Scratch() {
  const char* tests = std::getenv("TEST_TMPDIR");
  std::string pattern =
      std::string(tests != nullptr ? tests : "/tmp") + "/pack_file_fuzzXXXXXX";
  Require(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

void Write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void ReadObjects(PackFile& pack, std::string_view index) {
  // Where the second version has its names; the first has them shifted.
  constexpr size_t kNames = 8 + 256 * 4;
  for (size_t i = 0; i < kMaxObjects; ++i) {
    const size_t place = kNames + i * kIdBytes;
    if (place + kIdBytes > index.size()) return;
    ObjectId id;
    index.copy(reinterpret_cast<char*>(id.bytes.data()), kIdBytes, place);
    const auto header = pack.ReadHeader(id);
    const auto object = pack.Read(id);
    if (!object.ok()) continue;
    Require(object->bytes.size() <= kMaxBytes);
    Require(header.ok() && header->size == object->bytes.size() &&
            header->type == object->type);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kLengthBytes) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t length = static_cast<size_t>(data[0]) << 16 |
                        static_cast<size_t>(data[1]) << 8 | data[2];
  const std::string_view rest = bytes.substr(kLengthBytes);
  const std::string_view index = rest.substr(0, length);
  static const std::string folder = Scratch();
  Write(folder + "/p.idx", index);
  Write(folder + "/p.pack", rest.substr(index.size()));
  const auto pack = PackFile::Open(folder + "/p.idx", kMaxBytes);
  if (pack.ok()) ReadObjects(**pack, index);
  return 0;
}
