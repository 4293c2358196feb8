#include "signing/log/vkey.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "signing/digest.h"
#include "signing/encoding.h"
#include "signing/refusal.h"
#include "signing/utf8.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

// The property White_Space of Unicode.
bool IsSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

uint32_t KeyId(absl::string_view name, absl::string_view material) {
  const Digest digest = Digest::Of(absl::StrCat(name, "\n", material));
  uint32_t id = 0;
  for (const char c : digest.bytes().substr(0, 4)) {
    id = id << 8 | static_cast<unsigned char>(c);
  }
  return id;
}

std::string HexId(uint32_t id) { return absl::StrFormat("%08x", id); }

absl::Status NoVkey(absl::string_view text, absl::string_view why) {
  return Refuse(RefusalCode::kTrustSyntax,
                absl::StrCat("'", absl::CHexEscape(text.substr(0, 80)),
                             "' is no verifier key: ", why));
}

}  // namespace

bool IsKeyName(absl::string_view name) {
  return !name.empty() &&
         IsUtf8Of(name, [](char32_t c) { return c != U'+' && !IsSpace(c); });
}

Vkey::Vkey(absl::string_view name, std::string material,
           std::optional<Ed25519PublicKey> key)
    : name_(name),
      material_(std::move(material)),
      id_(KeyId(name_, material_)),
      key_(std::move(key)) {}

absl::StatusOr<Vkey> Vkey::Parse(absl::string_view text) {
  // Base64 may hold '+', the name and the id do not.
  const size_t first = text.find('+');
  const size_t second = text.find('+', first + 1);
  if (first == absl::string_view::npos || second == absl::string_view::npos) {
    return NoVkey(text, "'name+id+key' is wanted");
  }
  const absl::string_view name = text.substr(0, first);
  const absl::string_view id = text.substr(first + 1, second - first - 1);
  if (!IsKeyName(name)) return NoVkey(text, "its name is not allowed");
  absl::StatusOr<std::string> material = DecodeBase64(text.substr(second + 1));
  if (!material.ok()) return NoVkey(text, material.status().message());
  if (material->size() < 2) return NoVkey(text, "the key is missing");
  const char type = (*material)[0];
  std::optional<Ed25519PublicKey> key;
  if (type == kEd25519 || type == kCosignature) {
    absl::StatusOr<Ed25519PublicKey> parsed =
        Ed25519PublicKey::Parse(absl::string_view(*material).substr(1));
    if (!parsed.ok()) return NoVkey(text, parsed.status().message());
    key = *std::move(parsed);
  }
  Vkey vkey(name, *std::move(material), std::move(key));
  if (id != HexId(vkey.id_)) {
    return NoVkey(text, absl::StrCat("its id should be ", HexId(vkey.id_)));
  }
  return vkey;
}

Vkey Vkey::Of(absl::string_view name, Type type, Ed25519PublicKey key) {
  std::string material =
      absl::StrCat(std::string(1, static_cast<char>(type)), key.bytes());
  return Vkey(name, std::move(material), std::move(key));
}

std::string Vkey::Text() const {
  return absl::StrCat(name_, "+", HexId(id_), "+",
                      absl::Base64Escape(material_));
}

}  // namespace orrery::signing
