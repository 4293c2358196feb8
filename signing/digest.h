#ifndef SIGNING_DIGEST_H_
#define SIGNING_DIGEST_H_

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// A SHA-256 (FIPS 180-4).
class Digest {
 public:
  static constexpr size_t kSize = 32;

  static Digest Of(absl::string_view bytes);
  // 64 lower-case hex digits; kInvalidArgument otherwise.
  static absl::StatusOr<Digest> ParseHex(absl::string_view hex);
  // 32 raw bytes; kInvalidArgument otherwise.
  static absl::StatusOr<Digest> FromBytes(absl::string_view bytes);

  std::string Hex() const;
  absl::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

  bool operator==(const Digest&) const = default;
  auto operator<=>(const Digest&) const = default;

 private:
  friend class DigestBuilder;

  std::array<uint8_t, kSize> bytes_{};
};

// The digest of bytes that come piece by piece.
class DigestBuilder {
 public:
  DigestBuilder();
  ~DigestBuilder();
  DigestBuilder(DigestBuilder&&) noexcept;
  DigestBuilder& operator=(DigestBuilder&&) noexcept;

  void Add(absl::string_view bytes);
  // Ends the builder: nothing may be added afterwards.
  Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace orrery::signing

#endif  // SIGNING_DIGEST_H_
