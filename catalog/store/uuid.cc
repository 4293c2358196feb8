#include "catalog/store/uuid.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace orrery::catalog {

std::string NewUuid() {
  std::random_device random;
  uint32_t words[4];
  for (uint32_t& word : words) word = random();
  words[1] = (words[1] & 0xffff0fffU) | 0x00004000U;
  words[2] = (words[2] & 0x3fffffffU) | 0x80000000U;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%04x%08x", words[0],
                         words[1] >> 16U, words[1] & 0xffffU, words[2] >> 16U,
                         words[2] & 0xffffU, words[3]);
}

}  // namespace orrery::catalog
