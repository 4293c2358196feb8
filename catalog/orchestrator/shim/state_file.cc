#include "catalog/orchestrator/shim/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace orrery::catalog {
namespace {

int64_t MicrosecondsSinceEpoch() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      // Paths may hold any byte; those outside ASCII are shown as '?'.
      out += '?';
    } else {
      out += c;
    }
  }
  return out + '"';
}

// Of the file system; an exit is shorter, unless its words are long.
constexpr off_t kBlock = 4096;

int OpenTemporary(const std::string& name) {
  return open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

bool WriteAndRename(const char* name, const std::string& text) {
  const std::string temporary = std::string(name) + ".tmp";
  const int file = OpenTemporary(temporary);
  if (file < 0) return false;
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(file, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    written += static_cast<size_t>(n);
  }
  // Not truncated before: what is reserved must not be given back.
  const bool whole = written == text.size() &&
                     ftruncate(file, static_cast<off_t>(written)) == 0;
  const int error = errno;
  close(file);
  errno = error;
  return whole && rename(temporary.c_str(), name) == 0;
}

std::string NumberOrNull(const std::optional<int>& value) {
  return value.has_value() ? std::to_string(*value) : "null";
}

}  // namespace

bool WriteIdentityFile(const char* name, const ProcessIdentity& identity) {
  return WriteAndRename(
      name, "{\"pid\":" + std::to_string(identity.pid) +
                ",\"start_time\":" + std::to_string(identity.start_time) +
                ",\"boot_id\":" + Quoted(identity.boot_id) + ",\"time_us\":" +
                std::to_string(MicrosecondsSinceEpoch()) + "}\n");
}

bool ReserveExitFile(const char* name) {
  const int file = OpenTemporary(std::string(name) + ".tmp");
  if (file < 0) return false;
  const int error = posix_fallocate(file, 0, kBlock);
  close(file);
  errno = error;
  // Where it is not known how to reserve, it is done without.
  return error == 0 || error == EOPNOTSUPP || error == EINVAL;
}

bool WriteExitFile(const char* name, const TaskExit& exit) {
  return WriteAndRename(
      name,
      std::string("{\"started\":") + (exit.started ? "true" : "false") +
          ",\"code\":" + NumberOrNull(exit.code) +
          ",\"signal\":" + NumberOrNull(exit.signal) +
          ",\"out_of_memory\":" + (exit.out_of_memory ? "true" : "false") +
          ",\"error\":" + Quoted(exit.error) +
          ",\"time_us\":" + std::to_string(MicrosecondsSinceEpoch()) + "}\n");
}

}  // namespace orrery::catalog
