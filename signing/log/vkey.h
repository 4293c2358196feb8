#ifndef SIGNING_LOG_VKEY_H_
#define SIGNING_LOG_VKEY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ed25519.h"

namespace orrery::signing {

// Whether `name` may name a key of signed notes: not empty, UTF-8, neither
// white space nor '+'.
bool IsKeyName(absl::string_view name);

// The verifier key of a signed note (C2SP signed-note; spec: trust.md §11.3).
class Vkey {
 public:
  enum Type : uint8_t {
    kEd25519 = 0x01,      // of a log: signs a note's text
    kCosignature = 0x04,  // of a witness: cosignature v1, with a time
  };

  // "name+id+base64": the refusal trust.syntax for another form, an id that is
  // not that of the key, or a weak key. A key of an unknown type is taken as
  // it is: it never verifies anything.
  static absl::StatusOr<Vkey> Parse(absl::string_view text);
  // Requires: IsKeyName(name).
  static Vkey Of(absl::string_view name, Type type, Ed25519PublicKey key);

  const std::string& name() const { return name_; }
  // First 4 bytes, big-endian, of SHA-256(name ‖ LF ‖ type ‖ key).
  uint32_t id() const { return id_; }
  uint8_t type() const { return static_cast<uint8_t>(material_[0]); }
  // The type's byte and the key.
  const std::string& material() const { return material_; }
  // nullopt for unknown types.
  const std::optional<Ed25519PublicKey>& key() const { return key_; }
  std::string Text() const;

  bool operator==(const Vkey& other) const {
    return name_ == other.name_ && material_ == other.material_;
  }

 private:
  Vkey(absl::string_view name, std::string material,
       std::optional<Ed25519PublicKey> key);

  std::string name_;
  std::string material_;
  uint32_t id_;
  std::optional<Ed25519PublicKey> key_;
};

}  // namespace orrery::signing

#endif  // SIGNING_LOG_VKEY_H_
