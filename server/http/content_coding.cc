#include "server/http/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace orrery::server {
namespace {

// Below this the header of the coding eats what it saves.
constexpr size_t kMinCompressedBytes = 860;
constexpr int kGzipLevel = 5;
constexpr int kZstdLevel = 3;
// 15 bits of window, plus 16 for the gzip wrapper (zlib's deflateInit2).
constexpr int kGzipWindowBits = 15 + 16;

struct Preference {
  std::string name;
  double weight = 1;
};

// "gzip;q=0.5"; nothing when it is malformed.
std::optional<Preference> ParsePreference(absl::string_view element) {
  const std::vector<absl::string_view> parts = absl::StrSplit(element, ';');
  Preference preference;
  preference.name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
  for (size_t i = 1; i < parts.size(); ++i) {
    const absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
    if (!absl::StartsWithIgnoreCase(parameter, "q=")) continue;
    if (!absl::SimpleAtod(parameter.substr(2), &preference.weight) ||
        !(preference.weight >= 0 && preference.weight <= 1)) {
      return std::nullopt;
    }
  }
  return preference;
}

std::string Gzip(absl::string_view bytes) {
  z_stream stream{};
  std::string out;
  if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindowBits,
                   MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
    return out;
  }
  out.resize(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(absl::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(),
                                    bytes.size(), kZstdLevel);
  out.resize(ZSTD_isError(size) != 0 ? 0 : size);
  return out;
}

}  // namespace

absl::string_view CodingName(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kIdentity:
      return "";
    case ContentCoding::kGzip:
      return "gzip";
    case ContentCoding::kZstd:
      return "zstd";
  }
  return "";
}

ContentCoding ChooseCoding(absl::string_view accept_encoding) {
  // Unless named, a coding weighs what `*` weighs; identity is always good
  // enough when nothing is said of it.
  double star = 0;
  std::optional<double> identity;
  std::optional<double> gzip;
  std::optional<double> zstd;
  for (const absl::string_view element :
       absl::StrSplit(accept_encoding, ',', absl::SkipWhitespace())) {
    const std::optional<Preference> preference = ParsePreference(element);
    if (!preference.has_value()) return ContentCoding::kIdentity;
    if (preference->name == "*") {
      star = preference->weight;
    } else if (preference->name == "identity") {
      identity = preference->weight;
    } else if (preference->name == "gzip" || preference->name == "x-gzip") {
      gzip = preference->weight;
    } else if (preference->name == "zstd") {
      zstd = preference->weight;
    }
  }
  const double zstd_weight = zstd.value_or(star);
  const double gzip_weight = gzip.value_or(star);
  const double identity_weight = identity.value_or(0);
  if (zstd_weight > 0 && zstd_weight >= gzip_weight &&
      zstd_weight >= identity_weight) {
    return ContentCoding::kZstd;
  }
  if (gzip_weight > 0 && gzip_weight >= identity_weight) {
    return ContentCoding::kGzip;
  }
  return ContentCoding::kIdentity;
}

bool IsCompressible(absl::string_view content_type, size_t size) {
  return size >= kMinCompressedBytes &&
         (absl::StartsWith(content_type, "text/") ||
          absl::StrContains(content_type, "json"));
}

std::string Compress(ContentCoding coding, absl::string_view bytes) {
  return coding == ContentCoding::kZstd ? Zstd(bytes) : Gzip(bytes);
}

}  // namespace orrery::server
