#include "cli-plugin/command/settings.h"

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

constexpr std::array<std::pair<absl::string_view, OutputFormat>, 6> kFormats = {
    {{"table", OutputFormat::kTable},
     {"wide", OutputFormat::kWide},
     {"json", OutputFormat::kJson},
     {"yaml", OutputFormat::kYaml},
     {"jsonl", OutputFormat::kJsonl},
     {"name", OutputFormat::kName}}};

absl::StatusOr<OutputFormat> ParseFormat(absl::string_view text) {
  // `-o=json`, as other tools of clusters take it.
  absl::ConsumePrefix(&text, "=");
  for (const auto& [name, format] : kFormats) {
    if (name == text) return format;
  }
  return UsageError(
      absl::StrCat("-o \"", text,
                   "\" is no format; say table, wide, json, yaml, jsonl or "
                   "name"));
}

// The last word counts, whichever of the two flags it came by.
absl::StatusOr<OutputFormat> ReadFormat(const Invocation& invocation) {
  OutputFormat format = OutputFormat::kTable;
  for (const Invocation::Given& flag : invocation.flags()) {
    if (flag.name == "json" && flag.value == "true") {
      format = OutputFormat::kJson;
    } else if (flag.name == "output") {
      ORRERY_ASSIGN_OR_RETURN(format, ParseFormat(flag.value));
    }
  }
  return format;
}

absl::StatusOr<ColourMode> ParseColour(absl::string_view text) {
  if (text == "auto") return ColourMode::kAuto;
  if (text == "always") return ColourMode::kAlways;
  if (text == "never") return ColourMode::kNever;
  return UsageError(
      absl::StrCat("--color \"", text, "\" is not auto, always or never"));
}

absl::StatusOr<std::string> ParseServer(absl::string_view text,
                                        absl::string_view origin) {
  absl::string_view rest = text;
  const bool has_scheme = absl::ConsumePrefix(&rest, "http://") ||
                          absl::ConsumePrefix(&rest, "https://");
  if (!has_scheme || rest.empty() || rest.front() == '/') {
    return UsageError(
        absl::StrCat(origin, " \"", text,
                     "\" is no address; it looks like http://127.0.0.1:7070"));
  }
  while (absl::ConsumeSuffix(&text, "/")) {
  }
  return std::string(text);
}

absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text) {
  absl::Duration timeout;
  if (!absl::ParseDuration(text, &timeout) || timeout <= absl::ZeroDuration()) {
    return UsageError(absl::StrCat("--timeout \"", text,
                                   "\" is no length of time; it looks like "
                                   "30s, 10m or 1h30m"));
  }
  return timeout;
}

absl::StatusOr<ColourMode> ReadColour(const Invocation& invocation,
                                      const Environment& environment) {
  if (invocation.Has("color")) return ParseColour(invocation.Text("color"));
  if (invocation.Has("no-color")) return ColourMode::kNever;
  if (!environment("NO_COLOR").empty()) return ColourMode::kNever;
  const std::string force = environment("FORCE_COLOR");
  if (!force.empty() && force != "0") return ColourMode::kAlways;
  if (environment("TERM") == "dumb") return ColourMode::kNever;
  return ColourMode::kAuto;
}

// The folder that `variable` names, else `fallback` below the home.
std::string OwnDirectory(absl::string_view variable, absl::string_view fallback,
                         const Environment& environment) {
  // The XDG specification wants relative paths ignored.
  const std::string xdg = environment(variable);
  if (absl::StartsWith(xdg, "/")) return absl::StrCat(xdg, "/orrery");
  const std::string home = environment("HOME");
  return home.empty() ? "" : absl::StrCat(home, "/", fallback, "/orrery");
}

}  // namespace

std::vector<Flag> GlobalFlags() {
  return {
      {.name = "server",
       .value = "URL",
       .help = "orreryd to talk to (else $ORRERY_SERVER, else "
               "http://127.0.0.1:7070)"},
      {.name = "output",
       .short_name = 'o',
       .value = "FORMAT",
       .help = "table, wide, json, yaml, jsonl or name",
       .kind = ValueKind::kChoice,
       .choices = {"table", "wide", "json", "yaml", "jsonl", "name"}},
      {.name = "json", .help = "the same as -o json"},
      {.name = "color",
       .value = "WHEN",
       .help = "auto, always or never",
       .kind = ValueKind::kChoice,
       .choices = {"auto", "always", "never"}},
      {.name = "no-color", .help = "the same as --color never"},
      {.name = "quiet",
       .short_name = 'q',
       .help = "no progress and no remarks on standard error"},
      {.name = "verbose",
       .short_name = 'v',
       .help = "say more on standard error; may be repeated",
       .repeatable = true},
      {.name = "no-input", .help = "never ask"},
      {.name = "yes",
       .short_name = 'y',
       .help = "answer every question with yes"},
      {.name = "timeout",
       .value = "TIME",
       .help = "how long to wait, for example 10m"},
      {.name = "help", .short_name = 'h', .help = "show help and stop"},
      {.name = "version", .help = "show the version and stop"},
  };
}

absl::StatusOr<Settings> ReadSettings(const Invocation& invocation,
                                      const Environment& environment) {
  Settings settings;
  if (invocation.Has("server")) {
    ORRERY_ASSIGN_OR_RETURN(settings.server,
                            ParseServer(invocation.Text("server"), "--server"));
  } else if (const std::string server = environment("ORRERY_SERVER");
             !server.empty()) {
    ORRERY_ASSIGN_OR_RETURN(settings.server,
                            ParseServer(server, "ORRERY_SERVER"));
  }
  ORRERY_ASSIGN_OR_RETURN(settings.output, ReadFormat(invocation));
  ORRERY_ASSIGN_OR_RETURN(settings.colour, ReadColour(invocation, environment));
  if (invocation.Has("timeout")) {
    ORRERY_ASSIGN_OR_RETURN(settings.timeout,
                            ParseTimeout(invocation.Text("timeout")));
  }
  settings.quiet = invocation.Has("quiet");
  settings.verbosity = invocation.Count("verbose");
  settings.no_input = invocation.Has("no-input");
  settings.assume_yes = invocation.Has("yes");
  settings.cache_dir = OwnDirectory("XDG_CACHE_HOME", ".cache", environment);
  settings.config_dir = OwnDirectory("XDG_CONFIG_HOME", ".config", environment);
  settings.state_dir =
      OwnDirectory("XDG_STATE_HOME", ".local/state", environment);
  settings.policy = environment("ORRERY_POLICY");
  return settings;
}

bool WantsJson(std::span<const std::string> words) {
  const auto is_json = [](absl::string_view format) {
    absl::ConsumePrefix(&format, "=");
    return format == "json" || format == "jsonl";
  };
  bool json = false;
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    absl::string_view word = words[i];
    if (word == "--json") json = true;
    if (absl::ConsumePrefix(&word, "--output=") ||
        (word.size() > 2 && absl::ConsumePrefix(&word, "-o"))) {
      json = is_json(word);
    } else if ((word == "-o" || word == "--output") && i + 1 < words.size()) {
      json = is_json(words[i + 1]);
    }
  }
  return json;
}

}  // namespace orrery::cli
