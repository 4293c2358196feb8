#include "cli-plugin/command/terminal.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/text/printable.h"

#include "registry/format/json_value.h"

namespace orrery::cli {
namespace {

bool Coloured(ColourMode mode, bool is_terminal) {
  if (mode == ColourMode::kAuto) return is_terminal;
  return mode == ColourMode::kAlways;
}

std::string Painted(Colour colour, absl::string_view text) {
  switch (colour) {
    case Colour::kNone:
      return std::string(text);
    case Colour::kBold:
      return absl::StrCat("\x1b[1m", text, "\x1b[0m");
    case Colour::kDim:
      return absl::StrCat("\x1b[2m", text, "\x1b[0m");
    case Colour::kGreen:
      return absl::StrCat("\x1b[32m", text, "\x1b[0m");
    case Colour::kYellow:
      return absl::StrCat("\x1b[33m", text, "\x1b[0m");
    case Colour::kRed:
      return absl::StrCat("\x1b[31m", text, "\x1b[0m");
  }
  return std::string(text);
}

std::string WithoutNumbers(absl::string_view text) {
  std::string rest;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) rest += c;
  }
  return rest;
}

}  // namespace

Terminal::Terminal(const Streams* streams, const Settings& settings)
    : streams_(streams),
      writes_json_(settings.output == OutputFormat::kJson ||
                   settings.output == OutputFormat::kJsonl),
      quiet_(settings.quiet),
      verbose_(settings.verbosity > 0),
      may_ask_(streams->in_is_terminal && !settings.no_input),
      colour_out_(Coloured(settings.colour, streams->out_is_terminal)),
      colour_err_(Coloured(settings.colour, streams->err_is_terminal)) {}

void Terminal::Data(absl::string_view text) {
  streams_->out->write(text.data(), static_cast<std::streamsize>(text.size()));
}

bool Terminal::FlushData() {
  streams_->out->flush();
  return streams_->out->good();
}

void Terminal::Note(absl::string_view line) {
  if (quiet_ || writes_json_) return;
  EndProgress();
  *streams_->err << line << '\n' << std::flush;
}

void Terminal::Detail(absl::string_view line) {
  if (verbose_) Note(line);
}

void Terminal::Warn(absl::string_view text) {
  EndProgress();
  if (writes_json_) {
    registry::JsonValue warning = registry::JsonValue::Object();
    warning.Set("warning", registry::JsonValue::String(std::string(text)));
    *streams_->err << registry::WriteJson(warning) << '\n' << std::flush;
    return;
  }
  *streams_->err << OnErr(Colour::kYellow, "warning:") << ' ' << OneLine(text)
                 << '\n'
                 << std::flush;
}

void Terminal::Progress(absl::string_view text) {
  if (quiet_ || writes_json_ || text == progress_) return;
  const bool only_counts = WithoutNumbers(text) == WithoutNumbers(progress_);
  progress_ = std::string(text);
  if (!streams_->err_is_terminal) {
    // Lines stay there: one for each thing, not for each try of it.
    if (!only_counts) *streams_->err << OneLine(text) << '\n' << std::flush;
    return;
  }
  const auto width = static_cast<size_t>(std::max(streams_->width - 1, 10));
  *streams_->err << "\r\x1b[K" << Shortened(OneLine(text), width) << std::flush;
}

void Terminal::EndProgress() {
  if (progress_.empty()) return;
  progress_.clear();
  if (streams_->err_is_terminal) *streams_->err << "\r\x1b[K" << std::flush;
}

bool Terminal::CanAsk() const { return may_ask_; }

absl::Status Terminal::Confirm(absl::string_view question) {
  EndProgress();
  *streams_->err << Printable(question) << " [y/N] " << std::flush;
  const absl::StatusOr<std::string> answer = streams_->read_line();
  if (!answer.ok()) {
    *streams_->err << '\n' << std::flush;
    return absl::CancelledError("interrupted; nothing was changed");
  }
  const std::string word =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(*answer));
  if (word == "y" || word == "yes") return absl::OkStatus();
  return absl::UnknownError("not confirmed; nothing was changed");
}

std::string Terminal::OnOut(Colour colour, absl::string_view text) const {
  return colour_out_ && !text.empty() ? Painted(colour, text)
                                      : std::string(text);
}

std::string Terminal::OnErr(Colour colour, absl::string_view text) const {
  return colour_err_ ? Painted(colour, text) : std::string(text);
}

std::optional<int> Terminal::DataWidth() const {
  if (!streams_->out_is_terminal) return std::nullopt;
  return streams_->width;
}

}  // namespace orrery::cli
