#include "registry/git/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxBytes = 4096;

absl::Status Unusable(absl::string_view what, const std::string& file,
                      absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("the ", what, " \"", file, "\" ", why));
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& file,
                                           absl::string_view what) {
  // A pipe must not hold us up.
  const int descriptor =
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    return Unusable(what, file,
                    absl::StrCat("cannot be read: ", std::strerror(errno)));
  }
  struct stat facts {};
  std::array<char, kMaxBytes + 1> bytes;
  ssize_t size = -1;
  if (::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode)) {
    size = ::read(descriptor, bytes.data(), bytes.size());
  }
  ::close(descriptor);
  if (size < 0) return Unusable(what, file, "is no file that can be read");
  if (static_cast<size_t>(size) > kMaxBytes) {
    return Unusable(what, file, "has more than 4096 bytes");
  }
  const absl::string_view secret = absl::StripAsciiWhitespace(
      absl::string_view(bytes.data(), static_cast<size_t>(size)));
  if (secret.empty() || secret.find_first_of("\r\n") != secret.npos) {
    return Unusable(what, file, "is not one line");
  }
  return std::string(secret);
}

}  // namespace orrery::registry
