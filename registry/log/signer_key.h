#ifndef REGISTRY_LOG_SIGNER_KEY_H_
#define REGISTRY_LOG_SIGNER_KEY_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ed25519.h"
#include "signing/log/vkey.h"

namespace orrery::registry {

// A private key of signed notes with its name. Its text is the one of Go's
// x/mod/sumdb/note: `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>`.
class SignerKey {
 public:
  using Namer = std::function<std::string(const signing::Ed25519PublicKey&)>;

  // A new one from the system's randomness, named by `name`.
  static absl::StatusOr<SignerKey> Make(signing::Vkey::Type type,
                                        const Namer& name);
  // kInvalidArgument, which says nothing of the text.
  static absl::StatusOr<SignerKey> Parse(absl::string_view text,
                                         signing::Vkey::Type type);

  const std::string& name() const { return vkey_.name(); }
  const signing::Vkey& vkey() const { return vkey_; }
  const signing::Ed25519PrivateKey& key() const { return key_; }
  // The secret.
  std::string Text() const;

 private:
  SignerKey(signing::Vkey vkey, signing::Ed25519PrivateKey key,
            std::string seed)
      : vkey_(std::move(vkey)), key_(std::move(key)), seed_(std::move(seed)) {}

  signing::Vkey vkey_;
  signing::Ed25519PrivateKey key_;
  std::string seed_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_SIGNER_KEY_H_
