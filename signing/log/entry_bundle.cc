#include "signing/log/entry_bundle.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/refusal.h"

namespace orrery::signing {

void AppendEntry(absl::string_view entry, std::string& bundle) {
  bundle.push_back(static_cast<char>(entry.size() >> 8));
  bundle.push_back(static_cast<char>(entry.size() & 0xff));
  absl::StrAppend(&bundle, entry);
}

absl::StatusOr<std::vector<absl::string_view>> SplitEntries(
    absl::string_view bundle, int width) {
  constexpr size_t kLengthBytes = 2;
  std::vector<absl::string_view> entries;
  for (int i = 0; i < width; ++i) {
    if (bundle.size() < kLengthBytes) {
      return Refuse(
          RefusalCode::kLogTile,
          absl::StrCat("the bundle ends before entry ", i, " of ", width));
    }
    const size_t size = static_cast<unsigned char>(bundle[0]) << 8 |
                        static_cast<unsigned char>(bundle[1]);
    bundle.remove_prefix(kLengthBytes);
    if (size == 0 || size > bundle.size()) {
      return Refuse(RefusalCode::kLogTile,
                    absl::StrCat("entry ", i, " of the bundle has ", size,
                                 " bytes, ", bundle.size(), " are left"));
    }
    entries.push_back(bundle.substr(0, size));
    bundle.remove_prefix(size);
  }
  if (!bundle.empty()) {
    return Refuse(RefusalCode::kLogTile,
                  absl::StrCat(bundle.size(),
                               " bytes follow the last entry of the bundle"));
  }
  return entries;
}

}  // namespace orrery::signing
