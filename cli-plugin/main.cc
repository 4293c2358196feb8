// The `orrery` command: connects the commands to a terminal and a network.

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "cli-plugin/command/interrupt.h"
#include "cli-plugin/curl_http_client.h"
#include "cli-plugin/run.h"

namespace {

std::string ReadVariable(absl::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? "" : value;
}

int TerminalWidth() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
}

// Bytes of standard input, until its end or until `is_enough`. Not by std::cin,
// which does not let go of a read when Ctrl-C comes.
absl::StatusOr<std::string> ReadInput(const orrery::cli::Interrupts& interrupts,
                                      bool (*is_enough)(const std::string&)) {
  std::string text;
  while (!is_enough(text)) {
    pollfd entries[] = {{STDIN_FILENO, POLLIN, 0},
                        {interrupts.descriptor(), POLLIN, 0}};
    poll(entries, 2, -1);
    if (interrupts.raised()) return absl::CancelledError("interrupted");
    char byte = 0;
    const ssize_t count = read(STDIN_FILENO, &byte, 1);
    if (count == 0 || (count < 0 && errno != EINTR)) break;
    if (count > 0) text.push_back(byte);
  }
  return text;
}

bool IsLine(const std::string& text) {
  return !text.empty() && text.back() == '\n';
}

// One byte more than any options may have.
bool IsTooMuch(const std::string& text) { return text.size() > (1 << 20); }

orrery::cli::Streams StandardStreams(
    const orrery::cli::Interrupts* interrupts) {
  orrery::cli::Streams streams;
  streams.out = &std::cout;
  streams.err = &std::cerr;
  streams.read_all = [interrupts] { return ReadInput(*interrupts, IsTooMuch); };
  streams.read_line = [interrupts] { return ReadInput(*interrupts, IsLine); };
  streams.in_is_terminal = isatty(STDIN_FILENO) == 1;
  streams.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  streams.err_is_terminal = isatty(STDERR_FILENO) == 1;
  streams.width = TerminalWidth();
  return streams;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  orrery::cli::Interrupts interrupts;
  orrery::cli::CurlHttpClient http(&interrupts, ReadVariable);
  std::error_code no_directory;
  const orrery::cli::Process process{
      StandardStreams(&interrupts), ReadVariable, &http, &interrupts,
      std::filesystem::current_path(no_directory).string()};
  const std::vector<std::string> words(argv + 1, argv + argc);
  return orrery::cli::RunOrrery(orrery::cli::OrreryCommand(), words, process);
}
